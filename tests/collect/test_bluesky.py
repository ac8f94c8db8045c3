"""Bluesky against a Jetstream server on 127.0.0.1 that speaks the real protocol, with the real websocket client."""

import json
import logging
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.collect import _waiting, bluesky
from listener.collect._jetstream import Filter, decode, read, subscription
from listener.collect._platform import MalformedError, Origin
from listener.errors import (
    AuthError,
    ForbiddenAddressError,
    GoneError,
    PayloadError,
    RateLimitedError,
    SettingsError,
    SourceError,
    UnreachableError,
)
from listener.settings import Brand, validated
from listener.text.brands import BrandMatcher
from listener.types import Checkpoint, Deletion, Engagement, Event, Mention, Rejection
from tests.collect.fake_http import Answer, Asked, FakeHttp
from tests.collect.fake_jetstream import FakeJetstream, account, deletion, did, now_us, post

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "payloads" / "bluesky"
ORIGIN = Origin(source="sky", brands=(), channel="bluesky")
ALL = Filter()
ENOUGH = 5000
"""Events after which a test gives up: more than a minute of heartbeats."""


@pytest.fixture
def server() -> Iterator[FakeJetstream]:
    with FakeJetstream() as fake:
        yield fake


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bluesky, "RECONNECT_DELAYS", (0.0, 0.0, 0.0))
    monkeypatch.setattr(bluesky, "PULSE", 0.01)
    monkeypatch.setattr(_waiting, "PULSE", 0.01)
    monkeypatch.setattr(bluesky, "IDLE", 0.3)


def options(server: FakeJetstream | None = None, **values: Any) -> bluesky.Options:
    if server is not None:
        values = {"endpoint": server.endpoint, "allow": (server.address,), **values}
    return bluesky.Options(**{"name": "sky", "kind": "bluesky", "keywords": ("Acme",), **values})


def until(events: Iterator[Event], wanted: type[Event] | None = None, count: int = 1) -> list[Event]:
    """Events up to the `count`-th of the type `wanted` (None: up to the first caught_up)."""
    seen: list[Event] = []
    for event in islice(events, ENOUGH):
        seen.append(event)
        if wanted is None:
            if isinstance(event, Checkpoint) and event.caught_up:
                return seen
        elif sum(isinstance(e, wanted) for e in seen) == count:
            return seen
    raise AssertionError(f"only {[type(e).__name__ for e in seen if not isinstance(e, Checkpoint)]}")


def only(events: list[Event], kind: type[Any]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def next_checkpoint(events: Iterator[Event]) -> Checkpoint:
    found = until(events, Checkpoint)[-1]
    assert isinstance(found, Checkpoint)
    return found


# ------------------------------------------------------------------ live


def test_posts_with_a_keyword_arrive_as_mentions_live(server: FakeJetstream) -> None:
    with closing(bluesky.collect(options(server, brand="Acme"), None)) as events:
        connected(server, events)
        server.publish(
            post("lovely weather", rkey="3aaa"),
            post("ACME lost my parcel", rkey="3bbb", langs=["en-GB"], author=7, createdAt="2026-01-02T03:04:05.678Z"),
            post("pineacmeapple", rkey="3ccc"),
            post("ＡＣＭＥの荷物が届かない", rkey="3ddd", langs=["ja"]),
        )
        seen = only(until(events, Mention, 2), Mention)
    first, second = seen
    assert first == Mention(
        source="sky",
        native_id=f"at://{did(7)}/app.bsky.feed.post/3bbb",
        text="ACME lost my parcel",
        posted_at=datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC),
        author=did(7),
        url=f"https://bsky.app/profile/{did(7)}/post/3bbb",
        lang="en",
        channel="bluesky",
        brands=("Acme",),
    )
    assert (second.text, second.lang) == ("ＡＣＭＥの荷物が届かない", "ja")


def connected(server: FakeJetstream, events: Iterator[Event]) -> None:
    """Run the collector until the server has its subscription."""
    for _ in islice(events, ENOUGH):
        if server.connected.acquire(blocking=False):
            return
    raise AssertionError("never connected")


def test_only_posts_of_a_bounded_size_are_asked_for(server: FakeJetstream) -> None:
    with closing(bluesky.collect(options(server, endpoint=f"{server.endpoint}?x=1&cursor=5"), None)) as events:
        connected(server, events)
    assert server.requests == [
        {"x": ["1"], "wantedCollections": ["app.bsky.feed.post"], "maxMessageSizeBytes": ["1000000"]}
    ]


def test_replies_keep_their_place_in_the_thread_and_quotes_are_posts_of_their_own(server: FakeJetstream) -> None:
    root = f"at://{did(1)}/app.bsky.feed.post/3root"
    parent = f"at://{did(2)}/app.bsky.feed.post/3parent"
    reply = {"root": {"uri": root, "cid": "x"}, "parent": {"uri": parent, "cid": "y"}}
    quote = {"$type": "app.bsky.embed.record", "record": {"uri": root, "cid": "x"}}
    with closing(bluesky.collect(options(server), None)) as events:
        connected(server, events)
        server.publish(post("acme, same here", reply=reply), post("look, acme", embed=quote))
        answer, quoting = only(until(events, Mention, 2), Mention)
    assert (answer.parent_id, answer.thread_id) == (parent, root)
    assert (quoting.parent_id, quoting.thread_id, quoting.repost_of) == (None, None, None)


def test_deletions_of_any_post_are_told(server: FakeJetstream) -> None:
    with closing(bluesky.collect(options(server), None)) as events:
        connected(server, events)
        at = now_us()
        server.publish(deletion("3gone", time_us=at, author=3))
        gone = only(until(events, Deletion), Deletion)[0]
    assert gone.native_id == f"at://{did(3)}/app.bsky.feed.post/3gone"
    assert gone.at == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)


def test_an_edit_is_the_same_mention_with_other_text(server: FakeJetstream) -> None:
    with closing(bluesky.collect(options(server), None)) as events:
        connected(server, events)
        server.publish(post("acme is slow", rkey="3e"), post("acme is very slow", rkey="3e", operation="update"))
        before, after = only(until(events, Mention, 2), Mention)
    assert before.native_id == after.native_id
    assert after.text == "acme is very slow"


def test_accounts_and_identities_pass_silently_and_what_is_unknown_is_rejected(server: FakeJetstream) -> None:
    at = now_us()
    with closing(bluesky.collect(options(server), None)) as events:
        connected(server, events)
        server.publish(account(active=False, status="deleted"), {"did": did(1), "time_us": at, "kind": "weather"})
        server.publish_raw(b'{"did": "did:plc:x", "time_us":')
        server.publish_raw(b"\xff\xfe")
        server.publish_raw(b"[" * 100_000)
        server.publish(post("acme at last"))
        seen = until(events, Mention)
    rejected = only(seen, Rejection)
    assert [r.reason for r in rejected] == ["unknown kind of event", "not JSON", "not JSON", "not JSON"]
    assert rejected[0].place == f"time_us {at}"
    assert all(r.source == "sky" for r in rejected)


def test_languages_keep_posts_that_declare_none(server: FakeJetstream) -> None:
    with closing(bluesky.collect(options(server, languages=("ja", "zh")), None)) as events:
        connected(server, events)
        server.publish(
            post("acme one", langs=["en"]),
            post("acme two", langs=["zh-Hant"]),
            post("acme three"),
            post("acme four", langs=["en", "ja"]),
        )
        seen = only(until(events, Mention, 3), Mention)
    assert [m.text for m in seen] == ["acme two", "acme three", "acme four"]


def test_everything_takes_every_post(server: FakeJetstream) -> None:
    with closing(bluesky.collect(options(server, keywords=(), everything=True), None)) as events:
        connected(server, events)
        server.publish(post("lovely weather"))
        assert only(until(events, Mention), Mention)[0].text == "lovely weather"


def test_what_no_database_keeps_is_replaced(server: FakeJetstream) -> None:
    with closing(bluesky.collect(options(server), None)) as events:
        connected(server, events)
        server.publish_raw(json.dumps(post("acme \ud800 and \0 and 🙂")).encode())
        assert only(until(events, Mention), Mention)[0].text == "acme � and � and 🙂"


# ------------------------------------------------------------------ resume


def test_a_new_run_goes_on_from_the_checkpoint(server: FakeJetstream) -> None:
    with closing(bluesky.collect(options(server), None)) as events:
        connected(server, events)
        server.publish(post("acme one", rkey="3one"))
        until(events, Mention)
        saved = next_checkpoint(events)
    server.publish(post("acme two", rkey="3two"), deletion("3one"))
    with closing(bluesky.collect(options(server), saved.value)) as events:
        seen = until(events, Deletion)
    assert "acme two" in [m.text for m in only(seen, Mention)]
    started = int(server.requests[-1]["cursor"][0])
    assert started == saved.value["cursor"] - bluesky.REWIND_US


def test_the_cursor_never_goes_back_and_never_into_the_future(server: FakeJetstream) -> None:
    now = now_us()
    with closing(bluesky.collect(options(server), None)) as events:
        connected(server, events)
        server.publish(
            post("acme", time_us=now),
            post("acme", time_us=now - 1_000_000),
            post("acme", time_us=now + 3_600_000_000),
            post("acme", time_us=now - 2_000_000),
        )
        until(events, Mention, 4)
        saved = next_checkpoint(events).value["cursor"]
    assert now <= saved <= now_us()


def test_backfill_reaches_back_at_the_first_start_only(server: FakeJetstream) -> None:
    old = now_us() - 3_600_000_000
    server.publish(post("acme old", time_us=old), post("acme older", time_us=old - 3_600_000_000), deletion("3end"))
    with closing(bluesky.collect(options(server, backfill="90min"), None)) as events:
        assert [m.text for m in only(until(events, Deletion), Mention)] == ["acme old"]
    with closing(bluesky.collect(options(server, backfill="90min"), {"cursor": now_us() - 60_000_000})) as events:
        assert only(until(events, Deletion), Mention) == []


@pytest.mark.parametrize("value", [{}, {"cursor": "soon"}, {"cursor": True}, {"cursor": -1}, {"cursor": 10**17}])
def test_a_checkpoint_that_makes_no_sense_is_a_first_start(server: FakeJetstream, value: dict[str, Any]) -> None:
    with closing(bluesky.collect(options(server), value)) as events:
        connected(server, events)
    assert "cursor" not in server.requests[0]


@pytest.mark.parametrize("code", [1000, 1001, 1008, 1011, None])
def test_a_cut_is_bridged_without_loss(server: FakeJetstream, code: int | None) -> None:
    with closing(bluesky.collect(options(server), None)) as events:
        connected(server, events)
        server.publish(post("acme before"))
        until(events, Mention)
        server.close_codes.append(code)
        server.publish(post("acme weather"))
        connected(server, events)
        server.publish(post("acme after"))
        seen = [m.text for m in only(until(events, Mention), Mention)]
        while "acme after" not in seen:
            seen += [m.text for m in only(until(events, Mention), Mention)]
    assert "cursor" in server.requests[-1]


def test_a_server_that_cuts_again_and_again_is_left_alone(server: FakeJetstream) -> None:
    server.publish(post("acme"))
    server.close_codes += [1011] * 20
    with pytest.raises(UnreachableError, match="1011"):
        until(bluesky.collect(options(server), {"cursor": now_us() - 60_000_000}), Mention, 20)
    assert len(server.requests) == 1 + len(bluesky.RECONNECT_DELAYS)


def test_the_first_reach_back_outlives_a_cut_before_the_first_message(server: FakeJetstream) -> None:
    server.close_codes.append(1011)
    with closing(bluesky.collect(options(server, backfill="1h"), None)) as events:
        connected(server, events)
        connected(server, events)
    first, second = (int(query["cursor"][0]) for query in server.requests)
    assert first == second


def test_caught_up_when_live_and_not_while_replaying(server: FakeJetstream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bluesky, "IDLE", 600.0)
    now = now_us()
    server.publish(*(post(f"acme {n}", time_us=now - 3_600_000_000 + n) for n in range(50)))
    with closing(bluesky.collect(options(server), {"cursor": now - 3_700_000_000})) as events:
        replayed = until(events, Mention, 50)
        assert not any(c.caught_up for c in only(replayed, Checkpoint))
        server.publish(post("weather"))
        assert only(until(events), Checkpoint)[-1].caught_up


def test_a_silent_server_counts_as_caught_up_and_is_heard_beating(server: FakeJetstream) -> None:
    with closing(bluesky.collect(options(server), None)) as events:
        seen = until(events)
    assert all(isinstance(event, Checkpoint) for event in seen)
    assert seen[-1].value == {}


# ------------------------------------------------------------------ trouble


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (429, {"Retry-After": "17"}, RateLimitedError),
        (401, {}, AuthError),
        (403, {}, GoneError),
        (404, {}, GoneError),
        (400, {}, PayloadError),
        (302, {"Location": "ws://127.0.0.1:1/subscribe"}, GoneError),
    ],
)
def test_a_refused_subscription_says_why(
    server: FakeJetstream, status: int, headers: dict[str, str], error: type[SourceError]
) -> None:
    server.refusals.append((status, headers))
    with pytest.raises(error) as caught:
        until(bluesky.collect(options(server), None))
    assert str(caught.value).startswith("sky: ")
    assert caught.value.retry_after == (17.0 if status == 429 else None)


def test_a_server_in_trouble_is_tried_again(server: FakeJetstream) -> None:
    server.refusals += [(503, {}), (500, {})]
    with closing(bluesky.collect(options(server), None)) as events:
        connected(server, events)
    assert len(server.requests) == 3


def test_a_server_that_stays_in_trouble_is_reported(server: FakeJetstream) -> None:
    server.refusals += [(503, {})] * 10
    with pytest.raises(UnreachableError, match="503"):
        until(bluesky.collect(options(server), None))
    assert len(server.requests) == 1 + len(bluesky.RECONNECT_DELAYS)


def test_nobody_at_home_is_reported() -> None:
    with FakeJetstream() as server:
        gone = options(server)
    with pytest.raises(UnreachableError, match="no connection"):
        until(bluesky.collect(gone, None))


def test_a_server_that_is_no_websocket_is_reported(server: FakeJetstream) -> None:
    server.refusals += [(200, {})]
    with pytest.raises(PayloadError):
        until(bluesky.collect(options(server), None))


def test_a_message_that_is_too_large_is_jumped_over(server: FakeJetstream) -> None:
    with closing(bluesky.collect(options(server), None)) as events:
        connected(server, events)
        server.publish(post("acme before"))
        until(events, Mention)
        saved = next_checkpoint(events).value["cursor"]
        server.publish_raw(b"x" * (2 << 20), time_us=saved + 1)
        rejected = only(until(events, Rejection), Rejection)[0]
        assert "larger" in rejected.reason
        connected(server, events)
        server.publish(post("acme after", time_us=now_us() + 2_000_000))
        assert only(until(events, Mention), Mention)[-1].text == "acme after"
    assert int(server.requests[-1]["cursor"][0]) == saved + bluesky.SKIP_US


@pytest.mark.parametrize("endpoint", ["ws://10.0.0.1/subscribe", "wss://127.0.0.1:9/subscribe", "ws://[::1]/subscribe"])
def test_private_addresses_need_to_be_allowed(endpoint: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        until(bluesky.collect(options(endpoint=endpoint), None))


def test_plain_text_to_the_public_internet_needs_to_be_allowed() -> None:
    with pytest.raises(ForbiddenAddressError, match="without encryption"):
        until(bluesky.collect(options(endpoint="ws://8.8.8.8/subscribe"), None))


def test_posts_do_not_get_into_the_log(server: FakeJetstream, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with closing(bluesky.collect(options(server), None)) as events:
        connected(server, events)
        server.publish(post("acme secretword"))
        server.publish_raw(b'"acme secretword')
        until(events, Mention)
        server.close_codes.append(1011)
        connected(server, events)
    ours = [record for record in caplog.records if not record.name.startswith("websockets.server")]
    assert ours
    assert not [record for record in ours if "secretword" in record.getMessage()]


# ------------------------------------------------------------------ settings


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"keywords": ()}, "sources[0].keywords"),
        ({"endpoint": "https://example.org"}, "sources[0].endpoint"),
        ({"endpoint": "wss://user:pass@example.org"}, "sources[0].endpoint"),
        ({"keyword": "acme"}, "sources[0].keyword"),
    ],
)
def test_wrong_settings_name_their_key(values: dict[str, Any], place: str) -> None:
    table = {"name": "sky", "kind": "bluesky", "keywords": ("acme",), **values}
    with pytest.raises(SettingsError) as caught:
        validated(bluesky.Options, table, prefix="sources[0].")
    assert caught.value.key == place


# ------------------------------------------------------------------ pure reading


def test_dates_that_cannot_be_true_give_way_to_the_time_of_arrival() -> None:
    at = 1_780_000_000_000_000
    arrived = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
    for created in (
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00+14:00",
        "1970-01-01T00:00:00Z",
        "yesterday",
        "",
        5,
        None,
    ):
        event = post("x", time_us=at, createdAt=created)
        found = read(event, at, ORIGIN, ALL)
        assert isinstance(found, Mention)
        assert found.posted_at == arrived
    naive = read(post("x", time_us=at, createdAt="2025-05-05T05:05:05"), at, ORIGIN, ALL)
    assert isinstance(naive, Mention)
    assert naive.posted_at == datetime(2025, 5, 5, 5, 5, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "broken",
    [
        {"did": "did:plc:a/../../x"},
        {"did": None},
        {"commit": None},
        {"commit": {"collection": "app.bsky.feed.post", "operation": "create", "rkey": "3a"}},
        {"commit": {"collection": "app.bsky.feed.post", "operation": "create", "rkey": "3a", "record": {"text": 5}}},
        {"commit": {"collection": "app.bsky.feed.post", "operation": "explode", "rkey": "3a", "record": {"text": "a"}}},
        {"commit": {"collection": "app.bsky.feed.post", "operation": "delete", "rkey": "a/b"}},
        {"kind": ["commit"]},
    ],
)
def test_broken_events_are_malformed(broken: dict[str, Any]) -> None:
    event = {**post("x"), **broken}
    with pytest.raises(MalformedError) as caught:
        read(event, event["time_us"], ORIGIN, ALL)
    assert caught.value.place


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    patch=st.dictionaries(
        st.sampled_from(["did", "kind", "commit", "text", "langs", "reply", "createdAt", "rkey", "operation"]),
        json_values,
    )
)
def test_whatever_comes_is_an_event_or_malformed(patch: dict[str, Any]) -> None:
    event = post("x", time_us=1_780_000_000_000_000)
    commit = event["commit"]
    for key, value in patch.items():
        target = event if key in ("did", "kind", "commit") else commit if key in commit else commit["record"]
        target[key] = value
    try:
        found = read(event, event["time_us"], ORIGIN, ALL)
    except MalformedError:
        return
    if isinstance(found, Mention):
        assert found.posted_at.tzinfo is UTC
        found.text.encode()
        assert found.native_id.startswith("at://did:")


@given(st.binary(max_size=40) | json_values.map(lambda value: json.dumps(value).encode()))
def test_whatever_bytes_come_are_decoded_or_malformed(raw: bytes) -> None:
    try:
        event, time_us = decode(raw, "message 1")
    except MalformedError:
        return
    assert event["time_us"] == time_us > 0


@given(st.text(max_size=60), st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=4))
def test_the_filter_lets_through_all_that_brand_matching_takes(text: str, words: list[str]) -> None:
    if any(not word.strip() for word in words):
        return
    brand = Brand.model_construct(name=words[0], aliases=tuple(words[1:]), products=(), keywords=(), exclude=())
    matcher = BrandMatcher([brand])
    assert Filter(matcher.terms).wants(text, []) == bool(matcher.match(text))


def test_a_server_without_path_gets_the_usual_one() -> None:
    assert subscription("wss://example.org", 12).startswith("wss://example.org/subscribe?")
    assert subscription("wss://example.org/other?compress=true", 12).endswith("&cursor=12")
    assert "compress" not in subscription("wss://example.org/other?compress=true", 12)


# ------------------------------------------------------------------ recordings of the real one


@pytest.mark.skipif(not RECORDED.exists(), reason="../shared/payloads/bluesky is not here")
@pytest.mark.parametrize("name", ["golden_v1.jsonl", "expected_v1.jsonl"])
def test_every_recorded_event_is_read(name: str) -> None:
    posts = deletions = 0
    for number, line in enumerate((RECORDED / name).read_bytes().splitlines()):
        raw = json.loads(line)
        event, time_us = decode(line, f"line {number}")
        found = read(event, time_us, ORIGIN, ALL)
        commit = raw.get("commit") or {}
        if commit.get("collection") != "app.bsky.feed.post":
            assert found is None
        elif commit["operation"] == "delete":
            deletions += 1
            assert isinstance(found, Deletion)
        else:
            posts += 1
            assert isinstance(found, Mention)
            record = commit["record"]
            assert found.native_id == f"at://{raw['did']}/app.bsky.feed.post/{commit['rkey']}"
            assert found.text == record["text"]
            assert found.lang == (record["langs"][0][:2] if record.get("langs") else None)
            assert found.posted_at == datetime.fromisoformat(record["createdAt"])
            assert found.parent_id == record.get("reply", {}).get("parent", {}).get("uri")
    assert (posts, deletions) == {"golden_v1.jsonl": (1, 0), "expected_v1.jsonl": (17, 1)}[name]


@pytest.mark.skipif(not RECORDED.exists(), reason="../shared/payloads/bluesky is not here")
def test_the_recording_replayed_by_a_server_gives_every_post(server: FakeJetstream) -> None:
    for line in (RECORDED / "expected_v1.jsonl").read_bytes().splitlines():
        server.publish_raw(line, time_us=json.loads(line)["time_us"])
    server.publish(deletion("3end"))
    start = {"cursor": 1_783_000_000_000_000}
    with closing(bluesky.collect(options(server, keywords=(), everything=True), start)) as events:
        seen = until(events, Deletion, 2)
    assert len({m.native_id for m in only(seen, Mention)}) == 17
    assert not only(seen, Rejection)


# ---------------------------------------------------------------- looking again


def test_stored_posts_are_looked_at_again(web: FakeHttp) -> None:
    uris = [f"at://did:plc:{n}/app.bsky.feed.post/{n}" for n in range(30)]

    def get_posts(asked: Asked) -> Answer:
        wanted = parse_qs(urlsplit(asked.path).query)["uris"]
        assert len(wanted) <= 25
        counts = {"likeCount": 3, "repostCount": 2, "quoteCount": 1, "replyCount": 0}
        posts = [{"uri": uri, **counts} for uri in wanted if not uri.endswith("/7")]
        return Answer(json.dumps({"posts": posts}).encode())

    web.answer("/xrpc/app.bsky.feed.getPosts", get_posts)
    source = options(appview=web.url("").rstrip("/"), allow=(web.address,))
    found = list(bluesky.refresh(source, uris))
    assert [event.native_id for event in found if isinstance(event, Deletion)] == [uris[7]]
    told = next(event for event in found if isinstance(event, Engagement))
    assert (told.likes, told.shares, told.replies) == (3, 3, 0)


def test_posts_of_another_network_are_not_asked_of_the_public_one(server: FakeJetstream) -> None:
    assert list(bluesky.refresh(options(server), ["at://did:plc:1/app.bsky.feed.post/1"])) == []
