"""Reddit through the real praw, against a server on 127.0.0.1 that answers as Reddit does."""

import json
import logging
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import praw.config
import prawcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.collect import _waiting, reddit
from listener.collect._platform import MalformedError, Origin
from listener.collect._reddit_client import refusal, translated
from listener.collect._reddit_options import Access
from listener.collect._reddit_things import children, read
from listener.collect._reddit_watch import RECOUNT, Listing, Watch
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
from listener.settings import validated
from listener.types import Checkpoint, Deletion, Engagement, Event, Mention, Rejection
from tests.collect.fake_reddit import CLIENT_ID, CLIENT_SECRET, NEVER, PASSWORD, TOKEN_PATH, USERNAME, FakeReddit

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "payloads" / "reddit"
ORIGIN = Origin(source="reddit", brands=(), channel="reddit")
NOW = datetime(2026, 11, 25, tzinfo=UTC)
ENOUGH = 5000


@pytest.fixture
def server() -> Iterator[FakeReddit]:
    with FakeReddit() as fake:
        yield fake


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reddit, "RETRY_DELAYS", (0.0, 0.0))
    monkeypatch.setattr(_waiting, "PULSE", 0.01)
    monkeypatch.setenv("TEST_REDDIT_SECRET", CLIENT_SECRET)
    monkeypatch.setenv("TEST_REDDIT_PASSWORD", PASSWORD)


def options(server: FakeReddit, **values: Any) -> reddit.Options:
    return reddit.Options(
        **{
            "name": "reddit",
            "kind": "reddit",
            "subreddits": ("acme",),
            "comments": False,
            "client_id": CLIENT_ID,
            "client_secret_env": "TEST_REDDIT_SECRET",
            "endpoint": server.url,
            "allow": (server.address,),
            "every": 0,
            "requests_per_minute": 6000,
            **values,
        }
    )


def rounds(events: Iterator[Event], count: int = 1) -> list[Event]:
    """What the next `count` rounds over all listings yield: each ends with a Checkpoint that has caught up."""
    seen: list[Event] = []
    for event in islice(events, ENOUGH):
        seen.append(event)
        if isinstance(event, Checkpoint) and event.caught_up:
            count -= 1
            if count == 0:
                return seen
    raise AssertionError("no round came to its end")


def only(events: list[Event], kind: type[Any]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def ids(events: list[Event]) -> list[str]:
    return [event.native_id for event in events if isinstance(event, Mention)]


def one_round(server: FakeReddit, checkpoint: Any = None, **values: Any) -> list[Event]:
    with closing(reddit.collect(options(server, **values), checkpoint)) as events:
        return rounds(events)


# ------------------------------------------------------------------ what arrives


def test_submissions_arrive_as_mentions_oldest_first(server: FakeReddit) -> None:
    first = server.submit("acme", "Parcel <late> & lost", "Third day. I'm done & gone <3", author="jane", score=12)
    second = server.submit("acme", "A link post", "", num_comments=4)
    seen = one_round(server, brand="Acme")
    mention, other = only(seen, Mention)
    at = datetime.fromtimestamp(server.things[first]["data"]["created_utc"], UTC)
    assert mention == Mention(
        source="reddit",
        native_id=first,
        title="Parcel <late> & lost",
        text="Third day. I'm done & gone <3",
        posted_at=at,
        author="jane",
        url=f"https://www.reddit.com/r/acme/comments/{first[3:]}/a_title/",
        channel="reddit",
        brands=("Acme",),
        engagement=mention.engagement,
    )
    assert (mention.engagement.likes, mention.engagement.replies) == (12, 0)
    assert (other.native_id, other.text, other.engagement.replies) == (second, "", 4)
    assert seen[-1].value == {"marks": {"r/acme/new": server.things[second]["data"]["created_utc"]}}


def test_comments_keep_their_place_in_the_thread(server: FakeReddit) -> None:
    thread = server.submit("acme", "A thread")
    top = server.comment(thread, "same here", author="joe")
    answer = server.comment(thread, "and here", parent=top, score_hidden=True)
    seen = only(one_round(server, comments=True, submissions=False), Mention)
    assert [(m.native_id, m.parent_id, m.thread_id, m.author) for m in seen] == [
        (top, thread, thread, "joe"),
        (answer, top, thread, "someone"),
    ]
    assert seen[0].title is None
    assert seen[0].url == f"https://www.reddit.com/r/acme/comments/{thread[3:]}/a_title/{top[3:]}/"
    assert seen[1].engagement is None


def test_searches_find_submissions_of_all_subreddits_newest_first(server: FakeReddit) -> None:
    found = server.submit("elsewhere", "Acme Widget broke")
    server.submit("elsewhere", "Something else")
    assert ids(one_round(server, subreddits=(), searches=("acme widget",))) == [found]
    query = server.calls_of("r/all/search")[0].query
    assert (query["q"], query["sort"], query["restrict_sr"], query["type"]) == ("acme widget", "new", "false", "link")


def test_a_crosspost_names_what_it_repeats(server: FakeReddit) -> None:
    first = server.submit("other", "Look")
    server.submit("acme", "Look", crosspost_parent=first)
    assert only(one_round(server), Mention)[0].repost_of == first


def test_new_posts_of_later_rounds_arrive_once(server: FakeReddit) -> None:
    server.submit("acme", "one")
    with closing(reddit.collect(options(server), None)) as events:
        rounds(events)
        fresh = server.submit("acme", "two")
        assert ids(rounds(events)) == [fresh]
        assert ids(rounds(events)) == []


def test_edits_and_counts_are_told_again(server: FakeReddit) -> None:
    name = server.submit("acme", "one", "before")
    with closing(reddit.collect(options(server), None)) as events:
        rounds(events)
        server.edit(name, "after")
        assert [m.text for m in only(rounds(events), Mention)] == ["after"]


def test_counts_are_told_now_and_then() -> None:
    watch = Watch(Listing("k", "r/x", "r/x/new"), ORIGIN)
    thing = {"kind": "t3", "data": {"name": "t3_a", "title": "x", "selftext": "", "created_utc": 1.7e9, "score": 1}}
    assert [type(e) for e in watch.news([thing], NOW)] == [Mention]
    thing["data"]["score"] = 50  # type: ignore[index]
    assert list(watch.news([thing], NOW + RECOUNT / 2)) == []
    (told,) = watch.news([thing], NOW + RECOUNT)
    assert isinstance(told, Engagement)
    assert told.likes == 50


def test_what_is_taken_down_within_the_page_is_looked_up_and_told(server: FakeReddit) -> None:
    server.submit("acme", "older")
    name = server.submit("acme", "hot words", "regretted")
    server.submit("acme", "newer")
    with closing(reddit.collect(options(server), None)) as events:
        rounds(events)
        server.take_down(name)
        assert [d.native_id for d in only(rounds(events), Deletion)] == [name]
        assert server.calls_of("api/info")[0].query["id"] == name
        assert only(rounds(events), Deletion) == []
    assert len(server.calls_of("api/info")) == 1


def test_what_only_left_the_listing_is_not_deleted(server: FakeReddit) -> None:
    server.submit("acme", "older")
    name = server.submit("acme", "moved", "still there")
    with closing(reddit.collect(options(server), None)) as events:
        rounds(events)
        server.hidden.add(name)
        assert only(rounds(events), Deletion) == []
        server.hidden.clear()
        assert ids(rounds(events)) == [name]


@pytest.mark.parametrize(
    ("marker", "extra"),
    [
        ("[deleted]", {}),
        ("[removed]", {}),
        ("[ Removed by Reddit ]", {}),
        ("[ Removed by reddit in response to a copyright notice. ]", {}),
        ("text that a moderator still sees", {"removed_by_category": "moderator"}),
    ],
)
def test_markers_instead_of_text_are_deletions(server: FakeReddit, marker: str, extra: dict[str, Any]) -> None:
    name = server.submit("acme", "a title", marker, **extra)
    seen = one_round(server)
    assert ids(seen) == []
    assert [d.native_id for d in only(seen, Deletion)] == [name]


def test_posts_of_a_deleted_account_stay_without_author(server: FakeReddit) -> None:
    server.submit("acme", "a title", "the text", author="[deleted]")
    (mention,) = only(one_round(server), Mention)
    assert (mention.author, mention.text) == (None, "the text")


def test_a_bad_entry_is_told_once_and_the_good_ones_arrive(server: FakeReddit) -> None:
    server.put("acme", {"kind": "t3", "data": {"name": "t3_bad", "created_utc": 1.6e9, "title": 5}})
    server.put("acme", {"kind": "t3", "data": {"name": "t3_bae", "created_utc": "soon", "title": "x"}})
    server.put("acme", {"kind": "more", "data": {"id": "x"}})
    server.put("acme", {"kind": "t3", "data": {"name": "t3_../../x", "created_utc": 1.6e9, "title": "secretword"}})
    good = server.submit("acme", "good", "lone \ud800 and \0")
    with closing(reddit.collect(options(server), None)) as events:
        seen = rounds(events, 2)
    assert ids(seen) == [good]
    assert only(seen, Mention)[0].text == "lone � and �"
    rejected = only(seen, Rejection)
    assert sorted(r.place for r in rejected) == ["r/acme: an entry", "r/acme: t3_bad", "r/acme: t3_bae"]
    assert "secretword" not in repr(rejected)


# ------------------------------------------------------------------ resume


def test_a_new_run_goes_back_page_by_page_to_the_mark(server: FakeReddit) -> None:
    old = server.submit("acme", "old")
    saved = one_round(server)[-1].value
    fresh = [server.submit("acme", f"fresh {n}") for n in range(250)]
    server.calls.clear()
    seen = ids(one_round(server, saved))
    assert [name for name in seen if name != old] == fresh
    assert len(server.calls_of("r/acme/new")) == 3


def test_the_mark_holds_though_the_post_it_came_from_is_deleted(server: FakeReddit) -> None:
    server.submit("acme", "old")
    anchor = server.submit("acme", "anchor")
    saved = one_round(server)[-1].value
    server.take_down(anchor)
    fresh = [server.submit("acme", f"fresh {n}") for n in range(150)]
    assert set(fresh) <= set(ids(one_round(server, saved)))


def test_one_page_is_enough_when_the_mark_is_on_it_and_at_the_first_start(server: FakeReddit) -> None:
    for number in range(150):
        server.submit("acme", f"old {number}")
    saved = one_round(server)[-1].value
    assert len(server.calls_of("r/acme/new")) == 1
    server.submit("acme", "fresh")
    one_round(server, saved)
    assert len(server.calls_of("r/acme/new")) == 2


def test_an_absence_longer_than_reddit_shows_is_told(server: FakeReddit) -> None:
    server.submit("acme", "old")
    saved = one_round(server)[-1].value
    for number in range(1005):
        server.submit("acme", f"fresh {number}")
    seen = one_round(server, saved)
    assert len(ids(seen)) == 1000
    assert ["missing" in r.reason for r in only(seen, Rejection)] == [True]


def test_a_post_dated_into_the_future_does_not_move_the_mark(server: FakeReddit) -> None:
    server.submit("acme", "now", created_utc=1_700_000_000.0)
    server.submit("acme", "then", created_utc=5_000_000_000.0)
    seen = one_round(server)
    assert seen[-1].value == {"marks": {"r/acme/new": 1_700_000_000.0}}
    assert all(m.posted_at <= datetime.now(UTC) for m in only(seen, Mention))


@pytest.mark.parametrize("value", [{}, {"marks": 5}, {"marks": {"r/acme/new": "x"}}, {"marks": {"r/acme/new": 1e400}}])
def test_a_checkpoint_that_makes_no_sense_is_a_first_start(server: FakeReddit, value: dict[str, Any]) -> None:
    name = server.submit("acme", "one")
    assert ids(one_round(server, value)) == [name]


def test_checkpoints_before_the_end_of_a_look_do_not_cover_it(server: FakeReddit) -> None:
    server.submit("acme", "old")
    saved = one_round(server)[-1].value
    for number in range(150):
        server.submit("acme", f"fresh {number}")
    seen = one_round(server, saved)
    first = next(n for n, event in enumerate(seen) if isinstance(event, Mention))
    last = max(n for n, event in enumerate(seen) if isinstance(event, Mention))
    for event in seen[first:last]:
        assert not isinstance(event, Checkpoint) or event.value == saved


# ------------------------------------------------------------------ trouble, as praw really meets it


@pytest.mark.parametrize("status", [302, 403, 404, 451])
def test_one_missing_subreddit_does_not_silence_the_others(server: FakeReddit, status: int) -> None:
    name = server.submit("acme", "good")
    server.submit("hidden", "bad")
    server.answer("r/hidden/new", status, headers={"location": "https://example.org/"}, times=NEVER)
    with closing(reddit.collect(options(server, subreddits=("hidden", "acme", "nowhere")), None)) as events:
        seen = rounds(events, 3)
    assert ids(seen) == [name]
    assert [r.place for r in only(seen, Rejection)] == ["r/hidden", "r/nowhere"]
    assert len(server.calls_of("r/hidden/new")) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (302, GoneError),
        (403, GoneError),
        (404, GoneError),
        (400, PayloadError),
        (413, PayloadError),
        (418, PayloadError),
    ],
)
def test_if_nothing_can_be_read_the_source_says_why(server: FakeReddit, status: int, error: type[SourceError]) -> None:
    headers = {"location": "https://example.org/subreddits/search"}
    server.answer("r/acme/new", status, headers=headers, body=b'{"message": "x", "error": 1}', times=NEVER)
    with pytest.raises(error) as caught:
        one_round(server)
    assert caught.value.hint or error is PayloadError


def test_a_wrong_secret_is_an_auth_error(server: FakeReddit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_REDDIT_SECRET", "wrong-secret")
    with pytest.raises(AuthError) as caught:
        one_round(server)
    assert caught.value.hint
    assert "wrong-secret" not in f"{caught.value!r} {caught.value.hint}"


def test_a_wrong_password_is_an_auth_error(server: FakeReddit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_REDDIT_PASSWORD", "wrong-password")
    with pytest.raises(AuthError):
        one_round(server, username=USERNAME, password_env="TEST_REDDIT_PASSWORD")


@pytest.mark.parametrize(
    ("values", "grant"),
    [
        ({}, "client_credentials"),
        ({"username": USERNAME, "password_env": "TEST_REDDIT_PASSWORD"}, "password"),
        ({"client_secret_env": None}, "https://oauth.reddit.com/grants/installed_client"),
    ],
)
def test_every_kind_of_key_gets_a_token(server: FakeReddit, values: dict[str, Any], grant: str) -> None:
    name = server.submit("acme", "one")
    assert ids(one_round(server, **values)) == [name]
    assert server.calls_of(TOKEN_PATH)[0].form["grant_type"] == grant


def test_a_token_that_is_revoked_is_renewed(server: FakeReddit) -> None:
    with closing(reddit.collect(options(server), None)) as events:
        server.submit("acme", "one")
        rounds(events)
        server.tokens.clear()
        fresh = server.submit("acme", "two")
        assert ids(rounds(events)) == [fresh]
    assert len(server.calls_of(TOKEN_PATH)) == 2


@pytest.mark.parametrize("headers", [{}, {"www-authenticate": 'Bearer realm="reddit", error="invalid_token"'}])
def test_a_401_that_stays_is_an_auth_error(server: FakeReddit, headers: dict[str, str]) -> None:
    server.answer("r/acme/new", 401, headers=headers, times=NEVER)
    with pytest.raises(AuthError, match="401"):
        one_round(server)
    assert len(server.calls_of("r/acme/new")) <= 2


@pytest.mark.parametrize(
    "challenge", ['Bearer realm="reddit", error="insufficient_scope"', 'Bearer error="surprise"', "Bearer", ""]
)
def test_a_403_with_any_challenge_is_survived(server: FakeReddit, challenge: str) -> None:
    server.answer("r/acme/new", 403, headers={"www-authenticate": challenge}, times=NEVER)
    with pytest.raises(SourceError) as caught:
        one_round(server)
    assert caught.value.permanent


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "42"}, 42.0),
        ({"retry-after": "0"}, 1.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 1.0),
        ({"retry-after": "soon", "x-ratelimit-reset": "77"}, 77.0),
        ({"retry-after": "nan", "x-ratelimit-reset": ""}, None),
    ],
)
def test_slow_down_is_passed_on_with_its_time(server: FakeReddit, headers: dict[str, str], wait: float | None) -> None:
    server.rate_headers.clear()
    server.answer("r/acme/new", 429, headers=headers)
    with pytest.raises(RateLimitedError) as caught:
        one_round(server)
    assert caught.value.retry_after == wait


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 522, 408])
def test_a_blip_is_bridged(server: FakeReddit, status: int) -> None:
    name = server.submit("acme", "one")
    server.answer("r/acme/new", status, times=2)
    assert ids(one_round(server)) == [name]


def test_trouble_that_stays_is_reported(server: FakeReddit) -> None:
    server.answer("r/acme/new", 503, times=NEVER)
    with pytest.raises(UnreachableError, match="503"):
        one_round(server)
    assert len(server.calls_of("r/acme/new")) == 3


def test_trouble_at_the_token_is_reported(server: FakeReddit) -> None:
    server.answer(TOKEN_PATH, 503, times=NEVER)
    with pytest.raises(UnreachableError, match="503"):
        one_round(server)


@pytest.mark.parametrize(
    "body", [b"", b"<html>blocked</html>", b"{}", b'{"access_token": 5}', b"[" * 100_000, b'{"error": "invalid_grant"}']
)
def test_a_token_answer_that_is_none_is_reported(server: FakeReddit, body: bytes) -> None:
    server.answer(TOKEN_PATH, 200, body=body, times=NEVER)
    with pytest.raises((PayloadError, AuthError)):
        one_round(server)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>blocked</html>",
        b"null",
        b"5",
        b"[]",
        b"{}",
        b'{"kind": "Listing", "data": {"children": 1}}',
        b"[" * 100_000,
    ],
)
def test_an_answer_that_is_no_listing_is_reported(server: FakeReddit, body: bytes) -> None:
    server.answer("r/acme/new", 200, body=body, times=NEVER)
    with pytest.raises(PayloadError):
        one_round(server)


def test_rate_headers_that_make_no_sense_are_reported(server: FakeReddit) -> None:
    server.rate_headers["x-ratelimit-used"] = "many"
    with pytest.raises(PayloadError):
        one_round(server)


def test_a_cut_connection_is_bridged(server: FakeReddit) -> None:
    name = server.submit("acme", "one")
    server.answer("r/acme/new", 0, cut=True, times=2)
    assert ids(one_round(server)) == [name]


def test_nobody_at_home_is_reported() -> None:
    with FakeReddit() as server:
        gone = options(server)
    with pytest.raises(UnreachableError), closing(reddit.collect(gone, None)) as events:
        rounds(events)


def test_the_source_beats_while_reddit_is_slow(server: FakeReddit, monkeypatch: pytest.MonkeyPatch) -> None:
    server.submit("acme", "one")
    with server.held("r/acme/new") as release, closing(reddit.collect(options(server), None)) as events:
        beats = list(islice(events, 3))
        assert all(isinstance(beat, Checkpoint) and not beat.caught_up for beat in beats)
        release()
        assert len(ids(rounds(events))) == 1


def test_it_can_be_stopped_while_reddit_is_silent(server: FakeReddit) -> None:
    with server.held("r/acme/new"):
        events = reddit.collect(options(server), None)
        next(iter(events))
        events.close()  # type: ignore[attr-defined]


def test_requests_are_spaced_by_the_budget(server: FakeReddit) -> None:
    server.submit("acme", "one")
    with closing(reddit.collect(options(server, requests_per_minute=1, comments=True), None)) as events:
        assert any(isinstance(event, Mention) for event in islice(events, ENOUGH))
        later = list(islice(events, 20))
    assert len(server.calls_of("r/acme/new")) == 1
    assert server.calls_of("r/acme/comments") == []
    assert not any(checkpoint.caught_up for checkpoint in only(later, Checkpoint))


# ------------------------------------------------------------------ nothing from the surroundings


def test_a_planted_praw_ini_and_environment_change_nothing(
    server: FakeReddit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(praw.config.Config, "CONFIG", None)  # as in a new process, where praw has read nothing yet
    name = server.submit("acme", "one")
    with FakeReddit() as thief:
        planted = (
            f"[DEFAULT]\noauth_url={thief.url}\nreddit_url={thief.url}\nclient_id=x\nclient_secret=x\nusername=x\n"
            "password=x\nrefresh_token=x\nuser_agent=planted\ncomment_kind=t9\nsubmission_kind=t9\ntimeout=x\n"
            "ratelimit_seconds=x\ncheck_for_updates=True\n[planted]\n"
        )
        (tmp_path / "praw.ini").write_text(planted)
        config = tmp_path / "config"
        config.mkdir()
        (config / "praw.ini").write_text(planted)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("XDG_CONFIG_HOME", str(config))
        monkeypatch.setenv("APPDATA", str(config))
        monkeypatch.setenv("praw_site", "planted")
        for key in (
            "client_id",
            "client_secret",
            "refresh_token",
            "username",
            "password",
            "user_agent",
            "redirect_uri",
        ):
            monkeypatch.setenv(f"praw_{key}", "planted")
        for key in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(key, thief.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        (tmp_path / ".netrc").write_text("machine 127.0.0.1\nlogin planted\npassword planted\n")
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
        assert ids(one_round(server)) == [name]
        assert thief.calls == []
    assert "planted" not in repr(server.calls)
    assert server.calls_of(TOKEN_PATH)[0].form == {"grant_type": "client_credentials"}


def test_a_broken_praw_ini_does_no_harm(server: FakeReddit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(praw.config.Config, "CONFIG", None)
    (tmp_path / "praw.ini").write_text("this is = [no ini\n]]]")
    monkeypatch.chdir(tmp_path)
    name = server.submit("acme", "one")
    assert ids(one_round(server)) == [name]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_credentials_follow_no_redirect(server: FakeReddit, status: int) -> None:
    with FakeReddit() as thief:
        server.answer(TOKEN_PATH, status, headers={"location": thief.url + TOKEN_PATH}, times=NEVER)
        with pytest.raises(SourceError):
            one_round(server, username=USERNAME, password_env="TEST_REDDIT_PASSWORD")
        assert thief.calls == []


def test_the_user_agent_is_as_reddits_rules_ask(server: FakeReddit) -> None:
    server.submit("acme", "one")
    one_round(server, username=USERNAME, password_env="TEST_REDDIT_PASSWORD")
    one_round(server, user_agent="linux:mine:1.0 (by /u/me)")
    agents = [call.headers["user-agent"] for call in server.calls_of(TOKEN_PATH)]
    assert ":listener:" in agents[0]
    assert f"(by /u/{USERNAME})" in agents[0]
    assert agents[1].startswith("linux:mine:1.0 (by /u/me)")


@pytest.mark.parametrize("key", ["endpoint", "reddit_url", "oauth_url"])
def test_private_and_unencrypted_addresses_need_to_be_allowed(server: FakeReddit, key: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        one_round(server, **{key: "https://10.0.0.1"})
    with pytest.raises(ForbiddenAddressError, match="without encryption"):
        one_round(server, **{key: "http://8.8.8.8"})
    assert server.calls == []


def test_secrets_and_texts_stay_out_of_reprs_and_logs(
    server: FakeReddit, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    file = tmp_path / "secret"
    file.write_text(f"{CLIENT_SECRET}\n")
    server.submit("acme", "secretword", "secretword")
    server.answer("r/acme/new", 503)
    key = {"client_secret_env": None, "client_secret_file": str(file)}
    account = {"username": USERNAME, "password_env": "TEST_REDDIT_PASSWORD"}
    with closing(reddit.collect(options(server, **key, **account), None)) as events:
        rounds(events)
    token = next(iter(server.tokens))
    access = Access("s", "https://a", "https://b", "agent", CLIENT_ID, CLIENT_SECRET, USERNAME, PASSWORD)
    said = caplog.text + repr(options(server, **key, **account)) + repr(access)
    assert caplog.records
    for private in (CLIENT_SECRET, PASSWORD, token, "secretword"):
        assert private not in said


# ------------------------------------------------------------------ settings


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"subreddits": ()}, "sources[0].searches"),
        ({"submissions": False}, "sources[0].searches"),
        ({"subreddits": ("r/Acme", "../x")}, "sources[0].subreddits[1]"),
        ({"endpoint": "ftp://example.org"}, "sources[0].endpoint"),
        ({"endpoint": "https://user:pass@example.org"}, "sources[0].endpoint"),
        ({"oauth_url": "https://example.org/path"}, "sources[0].oauth_url"),
        ({"username": "me"}, "sources[0].password_file"),
        ({"password_env": "X"}, "sources[0].password_file"),
        ({"user_agent": "agent\r\nX-Planted: 1"}, "sources[0].user_agent"),
        ({"client_secret": "oops"}, "sources[0].client_secret"),
    ],
)
def test_wrong_settings_name_their_key(values: dict[str, Any], place: str) -> None:
    table = {"name": "reddit", "kind": "reddit", "subreddits": ("acme",), "comments": False, "client_id": "x", **values}
    with pytest.raises(SettingsError) as caught:
        validated(reddit.Options, table, prefix="sources[0].")
    assert caught.value.key == place
    assert "pass@" not in str(caught.value)
    assert "oops" not in str(caught.value)


@pytest.mark.parametrize(
    "values",
    [
        {"client_id": None},
        {"client_id": None, "client_id_env": "TEST_NOT_SET"},
        {"client_secret_env": "TEST_NOT_SET"},
        {"client_secret_env": None, "client_secret_file": "/nowhere/at/all"},
    ],
)
def test_a_missing_secret_is_an_auth_error_with_a_remedy(server: FakeReddit, values: dict[str, Any]) -> None:
    with pytest.raises(AuthError) as caught:
        one_round(server, **values)
    assert caught.value.hint


def test_subreddit_names_are_taken_as_people_write_them() -> None:
    given = reddit.Options(name="r", kind="reddit", subreddits=("/r/Acme/", "acme", "r/japan"))
    assert [listing.key for listing in given.listings()] == [
        "r/acme/new",
        "r/acme/comments",
        "r/japan/new",
        "r/japan/comments",
    ]


# ------------------------------------------------------------------ pure reading


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
GOOD = {
    "t3": {"name": "t3_a", "title": "x", "selftext": "y", "created_utc": 1.7e9, "author": "z", "score": 1},
    "t1": {"name": "t1_a", "body": "y", "created_utc": 1.7e9, "author": "z", "link_id": "t3_a", "parent_id": "t3_a"},
}
KEYS = sorted({*GOOD["t3"], *GOOD["t1"], "permalink", "num_comments", "removed_by_category", "crosspost_parent", "id"})


@given(st.sampled_from(["t1", "t3"]), st.dictionaries(st.sampled_from(KEYS), json_values))
def test_whatever_comes_is_an_event_or_malformed(kind: str, patch: dict[str, Any]) -> None:
    thing = {"kind": kind, "data": {**GOOD[kind], **patch}}
    try:
        found = read(thing, ORIGIN, NOW)
    except MalformedError:
        return
    assert found.native_id.startswith(f"{kind}_")
    if isinstance(found, Mention):
        assert found.posted_at.tzinfo is UTC
        f"{found.title}{found.text}{found.author}{found.url}".encode()
        assert found.url is None or found.url.startswith("https://www.reddit.com/")


@given(json_values, json_values)
def test_whatever_a_page_is_it_is_a_listing_or_a_value_error(page: Any, data: Any) -> None:
    for listing in (page, {"kind": "Listing", "data": data}, {"kind": "Listing", "data": {"children": page}}):
        try:
            things, after = children(listing)
        except ValueError:
            continue
        watch = Watch(Listing("k", "r/x", "r/x/new"), ORIGIN, 1.0)
        assert isinstance(watch.reached(things), bool)
        assert all(isinstance(event, Mention | Deletion | Rejection) for event in watch.news(things, NOW))
        assert after is None or after.startswith("t")


@given(st.lists(st.integers(0, 40), min_size=1, max_size=40, unique=True), st.integers(1, 7))
def test_watching_tells_every_post_once_however_the_looks_are_cut(posted: list[int], looks: int) -> None:
    """Posts come in the order of their times; each look sees the newest ten, and pages back to the mark."""
    watch = Watch(Listing("k", "r/x", "r/x/new"), ORIGIN)
    told: list[str] = []
    shown: list[dict[str, Any]] = []
    for start in range(0, len(posted), looks):
        for number in sorted(posted)[start : start + looks]:
            data = {"name": f"t3_{number}", "title": "x", "selftext": "", "created_utc": 1.7e9 + number}
            shown.insert(0, {"kind": "t3", "data": data})
        page = 10
        while not watch.reached(shown[:page]) and page < len(shown):
            page += 10
        told += [e.native_id for e in watch.news(shown[:page], NOW) if isinstance(e, Mention)]
        assert watch.vanished(shown[:page]) == []
        watch.looked(shown[:page], NOW)
    assert told == [f"t3_{number}" for number in sorted(posted)]


def response(status: int, **headers: str) -> Any:
    return SimpleNamespace(status_code=status, headers=headers, text="", json=lambda: {})


@pytest.mark.parametrize(
    ("raised", "error"),
    [
        (prawcore.InvalidToken(response(401)), AuthError),
        (prawcore.InsufficientScope(response(403)), AuthError),
        (prawcore.OAuthException(response(200), "invalid_grant"), AuthError),
        (prawcore.Forbidden(response(403)), GoneError),
        (prawcore.NotFound(response(404)), GoneError),
        (prawcore.Redirect(response(302, location="https://x/y")), GoneError),
        (prawcore.UnavailableForLegalReasons(response(451)), GoneError),
        (prawcore.TooManyRequests(response(429)), RateLimitedError),
        (prawcore.ServerError(response(503)), UnreachableError),
        (prawcore.ResponseException(response(401)), AuthError),
        (prawcore.ResponseException(response(599)), UnreachableError),
        (prawcore.RequestException(ConnectionError("hunter2"), (), {}), UnreachableError),
        (prawcore.BadJSON(response(200)), PayloadError),
        (prawcore.BadRequest(response(400)), PayloadError),
        (KeyError(401), PayloadError),
        (ValueError("hunter2"), PayloadError),
    ],
)
def test_all_that_praw_raises_becomes_one_of_ours(raised: Exception, error: type[SourceError]) -> None:
    found = translated(raised, "reddit")
    assert type(found) is error
    assert "hunter2" not in f"{found!r}{found.hint}"


def test_good_answers_are_no_refusal() -> None:
    assert all(refusal("s", status, {}) is None for status in (200, 204, 302, 403, 404))


# ------------------------------------------------------------------ recordings of the real one


def recorded() -> list[Path]:
    return sorted(RECORDED.glob("*.json")) if RECORDED.exists() else []


def things_in(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if value.get("kind") in ("t1", "t3") and isinstance(value.get("data"), dict):
            yield value
        for inner in value.values():
            yield from things_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from things_in(inner)


@pytest.mark.skipif(not recorded(), reason="../shared/payloads/reddit is not here")
@pytest.mark.parametrize("path", recorded(), ids=lambda path: path.stem)
def test_every_recorded_submission_and_comment_is_read(path: Path) -> None:
    seen = taken_down = 0
    for interaction in json.loads(path.read_bytes())["interactions"]:
        for thing in things_in(json.loads(interaction["response"]["body"]["string"])):
            seen += 1
            data = thing["data"]
            found = read(thing, ORIGIN, NOW)
            assert found.native_id == data["name"]
            if isinstance(found, Deletion):
                taken_down += 1
                assert (data.get("body") or data.get("selftext")) in ("[deleted]", "[removed]")
                continue
            assert found.text == (data["body"] if thing["kind"] == "t1" else data["selftext"])
            assert found.author == (None if data["author"] in (None, "[deleted]") else data["author"])
            assert found.posted_at == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=data["created_utc"])
            assert found.thread_id == data.get("link_id")
    assert seen > 0
    assert taken_down == (6 if "skip_below_threshold" in path.name else 0)


@pytest.mark.skipif(not recorded(), reason="../shared/payloads/reddit is not here")
@pytest.mark.parametrize(("name", "count"), [("test_new", 100), ("test_comments", 100), ("test_search", 6)])
def test_recorded_pages_go_through_praw_whole(server: FakeReddit, name: str, count: int) -> None:
    (path,) = [path for path in recorded() if path.stem.endswith(name)]
    body = json.loads(path.read_bytes())["interactions"][1]["response"]["body"]["string"].encode()
    where = {"test_new": "r/acme/new", "test_comments": "r/acme/comments", "test_search": "r/all/search"}[name]
    server.answer(where, 200, body=body, times=NEVER)
    kinds = {"submissions": name == "test_new", "comments": name == "test_comments"}
    targets = {"subreddits": (), "searches": ("x",)} if name == "test_search" else {"subreddits": ("acme",)}
    with closing(reddit.collect(options(server, **kinds, **targets), None)) as events:
        seen = rounds(events, 2)
    assert len(set(ids(seen))) == len(ids(seen)) == count
    assert not only(seen, Rejection)


# ------------------------------------------------------------------ looking again


def test_stored_posts_are_looked_at_again(server: FakeReddit) -> None:
    kept = server.submit("acme", "kept", "words")
    gone = server.submit("acme", "gone", "words")
    server.take_down(gone)
    found = list(reddit.refresh(options(server), [kept, gone, "t3_zzzzz"]))
    assert ids(found) == [kept]
    assert [event.native_id for event in only(found, Deletion)] == [gone]
    assert len(server.calls_of("api/info")) == 1
