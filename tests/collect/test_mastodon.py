"""Mastodon through its real client, against a server that speaks its protocol: timelines, streams, refusals."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from listener import collect
from listener.collect._mastodon_read import read
from listener.collect._platform import MalformedError, Origin
from listener.errors import (
    AuthError,
    ForbiddenAddressError,
    GoneError,
    RateLimitedError,
    SettingsError,
    UnreachableError,
)
from listener.settings import validated
from listener.types import Checkpoint, Deletion, Event, Mention, Rejection
from tests.collect.fake_http import Answer, Asked, FakeHttp
from tests.collect.fake_platforms import as_json, at, iso, options

PAYLOADS = Path(__file__).resolve().parents[3] / "shared" / "payloads" / "mastodon"
NOW = at(0)
ORIGIN = Origin("s", ("Acme",), "mastodon")


def status(number: int, minutes: float, **more: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "created_at": iso(at(minutes)),
        "visibility": "public",
        "content": f"<p>Acme says &lt;no&gt; {number}</p>",
        "spoiler_text": "",
        "language": "en",
        "uri": f"https://m.example/users/jo/statuses/{number}",
        "url": f"https://m.example/@jo/{number}",
        "in_reply_to_id": None,
        "replies_count": 1,
        "reblogs_count": 2,
        "favourites_count": 3,
        "reblog": None,
        "account": {"id": "1", "username": "jo", "acct": "jo", "followers_count": 9},
        "media_attachments": [],
        "mentions": [],
        "tags": [],
        "emojis": [],
        **more,
    }


class Server:
    """A server with a hashtag and a public timeline, 40 statuses a page as the protocol has them."""

    def __init__(self, web: FakeHttp) -> None:
        self.web = web
        self.statuses = [status(1000 + n, 200 - n) for n in range(100)]
        for place in ("tag/acme", "public"):
            web.answer(f"/api/v1/timelines/{place}", self.page)

    def page(self, asked: Asked) -> Answer:
        newest_first = sorted(self.statuses, key=lambda one: -int(one["id"]))
        query = asked.query
        if "min_id" in query:
            after = [one for one in newest_first if int(one["id"]) > int(query["min_id"])]
            return as_json(after[-40:])
        before = [one for one in newest_first if int(one["id"]) < int(query.get("max_id", "999999"))]
        return as_json(before[:40])


@pytest.fixture
def server(web: FakeHttp) -> Server:
    return Server(web)


def source(web: FakeHttp, **values: Any) -> Any:
    return options("mastodon", web, **{"hashtags": ["#acme"], "stream": False, "every": "0s", **values})


def hear(options: Any, checkpoint: Any = None) -> tuple[list[Event], Any]:
    """The events until it is caught up, and the last checkpoint."""
    events: list[Event] = []
    listening = collect.load("mastodon").collect(options, checkpoint)
    for event in listening:
        events.append(event)
        if isinstance(event, Checkpoint) and event.caught_up:
            break
    listening.close()  # type: ignore[attr-defined]
    marks = [event.value for event in events if isinstance(event, Checkpoint)]
    return [event for event in events if not isinstance(event, Checkpoint)], marks[-1]


def ids(events: list[Event]) -> list[str]:
    return [event.native_id for event in events if isinstance(event, Mention)]


def test_the_first_pass_reaches_back_and_the_next_goes_on(server: Server) -> None:
    found, mark = hear(source(server.web, backfill="149.5min"))
    assert set(ids(found)) == {str(1000 + n) for n in range(51, 100)}
    assert len(ids(hear(source(server.web, backfill="1min"))[0])) == 40, "the newest page, whatever its age"
    server.statuses += [status(2000 + n, 1) for n in range(90)]
    found, mark = hear(source(server.web), mark)
    assert ids(found) == [str(2000 + n) for n in range(90)]
    assert ids(hear(source(server.web), mark)[0]) == []


def test_a_status(server: Server) -> None:
    found = [event for event in hear(source(server.web))[0] if isinstance(event, Mention)]
    post = next(one for one in found if one.native_id == "1099")
    assert (post.text, post.author, post.lang) == ("Acme says <no> 1099", "jo@127.0.0.1", "en")
    assert post.engagement is not None
    assert (post.engagement.replies, post.engagement.shares, post.engagement.likes) == (1, 2, 3)


def test_the_public_timeline_is_filtered(server: Server) -> None:
    values = {"hashtags": [], "public": True}
    assert len(ids(hear(source(server.web, keywords=["acme"], **values))[0])) == 100
    assert ids(hear(source(server.web, keywords=["zenith"], **values))[0]) == []


def test_what_is_not_public_is_left_alone() -> None:
    for more in ({"visibility": "private"}, {"visibility": "direct"}, {"reblog": {"id": "1"}}, {"content": ""}):
        assert read(status(1, 1, **more), host="m.example", origin=ORIGIN, now=NOW) is None
    with pytest.raises(MalformedError):
        read({"id": None}, host="m.example", origin=ORIGIN, now=NOW)


def test_words_before_the_fold_count() -> None:
    found = read(status(1, 1, spoiler_text="rant"), host="m.example", origin=ORIGIN, now=NOW)
    assert found is not None
    assert found.title == "rant"


def test_a_search(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_KEY", "k")
    answer = {"accounts": [], "statuses": [status(5, 1)], "hashtags": []}
    server.web.answer("/api/v2/search", as_json(answer))
    found, _ = hear(source(server.web, hashtags=[], searches=["acme refund"], token_env="FAKE_KEY"))
    assert ids(found) == ["5"]
    asked = next(asked for asked in server.web.asked if asked.path.startswith("/api/v2/search"))
    assert asked.headers["Authorization"] == "Bearer k"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (as_json({"error": "The access token is invalid"}, 401), AuthError),
        (as_json({"error": "This method requires an authenticated user"}, 422), AuthError),
        (as_json({"error": "Record not found"}, 404), GoneError),
        (as_json({"error": "Too many requests"}, 429), RateLimitedError),
        (as_json({"error": "oops"}, 503), UnreachableError),
        (Answer(raw=[b"nonsense"]), UnreachableError),
        (Answer(b"x" * 50, cut=10), UnreachableError),
    ],
    ids=["401", "422", "404", "429", "503", "no http", "cut"],
)
def test_trouble_is_named(web: FakeHttp, answer: Answer, error: type[Exception]) -> None:
    web.answer("/api/v1/timelines/tag/acme", answer)
    with pytest.raises(error):
        hear(source(web))


def test_one_dead_hashtag_does_not_stop_the_others(server: Server) -> None:
    server.web.answer("/api/v1/timelines/tag/dead", as_json({"error": "Record not found"}, 404))
    found, _ = hear(source(server.web, hashtags=["dead", "acme"]))
    assert len(ids(found)) == 100
    assert [event.place for event in found if isinstance(event, Rejection)] == ["tag/dead"]


def test_nothing_goes_to_private_addresses_or_after_redirects(web: FakeHttp, elsewhere: FakeHttp) -> None:
    with pytest.raises(ForbiddenAddressError):
        hear(source(web, allow=()))
    assert web.asked == []
    web.answer("/api/v1/timelines/tag/acme", Answer(status=302, headers={"Location": elsewhere.url("/")}))
    with pytest.raises(Exception, match="s: "):
        hear(source(web))
    assert elsewhere.asked == []


def test_settings_that_cannot_work_are_refused() -> None:
    for values in ({}, {"hashtags": ["a b"]}, {"hashtags": ["a"], "endpoint": "wss://x"}):
        with pytest.raises(SettingsError):
            validated(
                collect.load("mastodon").Options,
                {"name": "s", "kind": "mastodon", "endpoint": "https://m.example", **values},
            )


# ------------------------------------------------------------------ streams


def sse(event: str, data: str) -> bytes:
    return f"event: {event}\ndata: {data}\n\n".encode()


def test_streams_bring_new_edited_and_deleted_statuses(server: Server) -> None:
    sent = threading.Event()

    def stream(_: Asked) -> Answer:
        def pieces() -> Iterator[bytes]:
            yield b":)\n"
            yield sse("update", json.dumps(status(3000, 0)))
            yield sse("status.update", json.dumps(status(1001, 5, content="<p>edited")))
            yield sse("delete", "1002")
            yield sse("something.new", "{}")
            sent.set()
            yield from server.web.held()

        return Answer(pieces(), headers={"Content-Type": "text/event-stream"})

    server.web.answer("/api/v1/streaming/hashtag", stream)
    found: list[Event] = []
    listening = collect.load("mastodon").collect(source(server.web, stream=True, every="30s"), None)
    for event in listening:
        found.append(event)
        if any(isinstance(one, Deletion) for one in found):
            break
    listening.close()  # type: ignore[attr-defined]
    assert sent.is_set()
    late = [event for event in found if isinstance(event, Mention)][-2:]
    assert {(one.native_id, one.text) for one in late} == {("3000", "Acme says <no> 3000"), ("1001", "edited")}
    assert [event.native_id for event in found if isinstance(event, Deletion)] == ["1002"]


def test_a_server_without_streams_is_polled(server: Server) -> None:
    server.web.answer("/api/v1/streaming/hashtag", Answer(status=404))
    assert len(ids(hear(source(server.web, stream=True))[0])) == 100


# ------------------------------------------------------------------ recorded answers


@pytest.mark.skipif(not PAYLOADS.exists(), reason="../shared/payloads is not here")
def test_recorded_statuses_can_be_read() -> None:
    written = (PAYLOADS / "test_list_timeline.yaml").read_text(encoding="utf-8")
    bodies = [line.split("string: ", 1)[1] for line in written.splitlines() if line.strip().startswith("string: '[{")]
    found = []
    for body in bodies:
        try:
            statuses = json.loads(body.strip("'").replace("''", "'"))
        except ValueError:
            continue
        found += [read(one, host="m.example", origin=ORIGIN, now=NOW) for one in statuses if "content" in one]
    assert all(one is None or isinstance(one, Mention) for one in found)
