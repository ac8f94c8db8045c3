"""The polled platforms: what a post of each becomes, what refusals mean, and recorded answers of the real ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from listener import collect
from listener.collect import _api
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
from listener.types import Deletion, Event, Mention, Rejection
from tests.collect.fake_http import Answer, Asked, FakeHttp
from tests.collect.fake_platforms import WORLDS, as_json, at, iso, options

PAYLOADS = Path(__file__).resolve().parents[3] / "shared" / "payloads"

recorded = pytest.mark.skipif(not PAYLOADS.exists(), reason="../shared/payloads is not here")

FIRST = {
    "hackernews": "/api/v1/search_by_date",
    "lemmy": "/api/v3/post/list",
    "discourse": "/posts.json",
    "steam": "/appreviews/440",
    "youtube": "/youtube/v3/commentThreads",
    "appstore": "/jp/rss/customerreviews/page=1/id=42/sortby=mostrecent/json",
}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_api, "RETRY_DELAYS", (0.0, 0.0))
    monkeypatch.setenv("FAKE_KEY", "k")


def world(kind: str, web: FakeHttp, **values: Any) -> Any:
    return WORLDS[kind](web).model_copy(update={"requests_per_minute": 60_000, **values})


def mentions(kind: str, options: Any, checkpoint: Any = None) -> dict[str, Mention]:
    events = collect.load(kind).collect(options, checkpoint)
    return {event.native_id: event for event in events if isinstance(event, Mention)}


# ------------------------------------------------------------------ what a post becomes


def test_hacker_news(web: FakeHttp) -> None:
    found = mentions("hackernews", world("hackernews", web))
    story, comment = found["1003"], found["1001"]
    assert (story.title, story.text, story.author) == ("Acme story 3", "", "user3")
    assert story.engagement is not None
    assert (story.engagement.likes, story.engagement.replies) == (3, 2)
    assert (comment.text, comment.parent_id, comment.thread_id) == ("Acme & words 1", "999", "999")
    assert comment.url == "https://news.ycombinator.com/item?id=1001"


def test_hacker_news_takes_only_what_holds_a_keyword(web: FakeHttp) -> None:
    assert mentions("hackernews", world("hackernews", web, keywords=("zenith",))) == {}
    assert len(mentions("hackernews", world("hackernews", web, keywords=()))) == 17


def test_lemmy(web: FakeHttp) -> None:
    found = mentions("lemmy", world("lemmy", web))
    assert len(found) == 35, "all, and what is pinned above them"
    post, comment = found["post/4"], found["comment/4"]
    assert (post.title, post.text, post.author) == ("title 3", "words 3", "user3@l.example")
    assert (comment.text, comment.parent_id, comment.thread_id) == ("said 3", "comment/7", "post/3")


def test_discourse(web: FakeHttp) -> None:
    found = mentions("discourse", world("discourse", web))
    first, answer = found["200"], found["196"]
    assert (first.text, first.title, first.author) == ("words **0**", "topic 0", "user0")
    assert (answer.title, answer.parent_id, answer.thread_id) == (None, "t10/1", "t10")
    assert answer.url == web.url("/t/10/2")
    assert found["192"].engagement is not None
    assert found["192"].engagement.likes == 3


def test_steam_counts_review_bombs_in(web: FakeHttp) -> None:
    found = mentions("steam", world("steam", web))
    assert len(found) == 17
    assert found["5001"].lang == "ja"
    assert found["5001"].url == "https://steamcommunity.com/profiles/76561190000000001/recommended/440/"
    assert all(asked.query["filter_offtopic_activity"] == "0" for asked in web.asked)


def test_steam_finds_rewritten_reviews(web: FakeHttp) -> None:
    source = world("steam", web, edited=True)
    mentions("steam", source)
    assert {asked.query["filter"] for asked in web.asked} == {"recent", "updated"}


def test_youtube_with_answers(web: FakeHttp) -> None:
    found = mentions("youtube", world("youtube", web))
    assert len(found) == 18
    assert (found["T3.r"].text, found["T3.r"].parent_id) == ("answer", "T3")
    assert found["T3"].url == "https://www.youtube.com/watch?v=vid-1&lc=T3"
    assert all(asked.headers["X-Goog-Api-Key"] == "k" for asked in web.asked)
    assert all("key=" not in path for path in web.paths())


def test_the_app_itself_is_no_review(web: FakeHttp) -> None:
    found = mentions("appstore", world("appstore", web))
    assert len(found) == 17
    assert (found["9001"].title, found["9001"].text) == ("title 1", "words 1")


# ------------------------------------------------------------------ trouble


@pytest.mark.parametrize("kind", FIRST)
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(status=401), AuthError),
        (Answer(status=429, headers={"Retry-After": "70"}), RateLimitedError),
        (Answer(status=503), UnreachableError),
        (Answer(b'{"hits": [', headers={"Content-Type": "application/json"}), PayloadError),
        (Answer(b"<html>sign in</html>"), PayloadError),
        (as_json([1, 2]), SourceError),
        (Answer(b"x" * 100, cut=10), UnreachableError),
        (Answer(raw=[b"nonsense"]), UnreachableError),
    ],
    ids=["401", "429", "503", "half json", "html", "other json", "cut", "no http"],
)
def test_trouble_is_named(kind: str, answer: Answer, error: type[SourceError], web: FakeHttp) -> None:
    source = world(kind, web)
    if kind == "lemmy":
        source = source.model_copy(update={"comments": False})
    web.answer(FIRST[kind], answer)
    with pytest.raises(error) as caught:
        list(collect.load(kind).collect(source, None))
    assert caught.value.source == "s"
    if error is RateLimitedError:
        assert caught.value.retry_after == 70
    assert "127.0.0.1" in str(caught.value) or not isinstance(caught.value, UnreachableError)


@pytest.mark.parametrize("kind", FIRST)
def test_a_blip_is_asked_again(kind: str, web: FakeHttp) -> None:
    source = world(kind, web)
    script = web._scripts[FIRST[kind]][0]
    web.answer(FIRST[kind], Answer(status=502), Answer(raw=[b""]), script)
    assert len(mentions(kind, source)) >= 15


@pytest.mark.parametrize("kind", FIRST)
def test_a_private_address_is_not_opened(kind: str, web: FakeHttp) -> None:
    source = world(kind, web, allow=())
    with pytest.raises(ForbiddenAddressError):
        list(collect.load(kind).collect(source, None))
    assert web.asked == []


@pytest.mark.parametrize("kind", FIRST)
def test_a_used_up_budget_is_not_overdrawn(kind: str, web: FakeHttp) -> None:
    source = world(kind, web)
    script: Callable[[Asked], Answer] | Answer = web._scripts[FIRST[kind]][0]

    def spent(asked: Asked) -> Answer:
        given = script if isinstance(script, Answer) else script(asked)
        return Answer(given.body, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "600"})

    web.answer(FIRST[kind], spent)
    with pytest.raises(RateLimitedError) as caught:
        list(collect.load(kind).collect(source, None))
    assert 500 < (caught.value.retry_after or 0) <= 600
    assert len(web.asked) == 1


def test_youtube_says_why_it_refuses(web: FakeHttp) -> None:
    def refusal(status: int, reason: str) -> Answer:
        return as_json({"error": {"code": status, "errors": [{"reason": reason}]}}, status)

    for answer, error in (
        (refusal(403, "quotaExceeded"), RateLimitedError),
        (refusal(403, "rateLimitExceeded"), RateLimitedError),
        (refusal(403, "commentsDisabled"), GoneError),
        (refusal(404, "videoNotFound"), GoneError),
        (refusal(400, "keyInvalid"), AuthError),
        (Answer(status=403), AuthError),
    ):
        source = world("youtube", web)
        web.answer(FIRST["youtube"], answer)
        with pytest.raises(error):
            list(collect.load("youtube").collect(source, None))


def test_youtube_keeps_to_its_quota(web: FakeHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_KEY", "another")
    source = world("youtube", web, daily_units=2)
    with pytest.raises(RateLimitedError, match="quota of 2 units"):
        list(collect.load("youtube").collect(source, None))
    assert len(web.asked) == 2


def test_youtube_watches_what_a_search_finds(web: FakeHttp) -> None:
    found = {"items": [{"id": {"kind": "youtube#video", "videoId": "vid-9"}}]}
    web.answer("/youtube/v3/search", as_json(found))
    source = world("youtube", web, channels=(), searches=("acme",))
    assert len(mentions("youtube", source)) == 18
    assert any("videoId=vid-9" in path for path in web.paths())


def test_an_empty_feed_after_a_full_one_is_trouble(web: FakeHttp) -> None:
    source = world("appstore", web)
    *_, mark = collect.load("appstore").collect(source, None)
    web.answer(FIRST["appstore"], as_json({"feed": {"link": []}}))
    with pytest.raises(UnreachableError, match="is empty"):
        list(collect.load("appstore").collect(source, mark.value))  # type: ignore[union-attr]


def test_an_app_without_reviews_is_no_trouble(web: FakeHttp) -> None:
    source = world("appstore", web)
    web.answer(FIRST["appstore"], as_json({"feed": {}}))
    assert mentions("appstore", source) == {}


def test_an_app_that_steam_does_not_know(web: FakeHttp) -> None:
    source = world("steam", web)
    web.answer(FIRST["steam"], as_json({"success": 2}))
    with pytest.raises(GoneError):
        list(collect.load("steam").collect(source, None))


def test_a_community_that_lemmy_does_not_know(web: FakeHttp) -> None:
    source = world("lemmy", web, comments=False)
    web.answer(FIRST["lemmy"], as_json({"error": "couldnt_find_community"}, 400))
    with pytest.raises(GoneError):
        list(collect.load("lemmy").collect(source, None))


@pytest.mark.parametrize(
    ("kind", "values", "key"),
    [
        ("lemmy", {}, "endpoint"),
        ("discourse", {"endpoint": "ftp://x"}, "endpoint"),
        ("discourse", {"endpoint": "https://user:pw@x.example"}, "endpoint"),
        ("steam", {"apps": []}, "apps"),
        ("steam", {"apps": [1], "languages": ["klingon"]}, "languages[0]"),
        ("youtube", {}, "searches"),
        ("youtube", {"videos": ["a b"]}, "videos[0]"),
        ("appstore", {"apps": [1], "countries": ["Japan"]}, "countries[0]"),
    ],
)
def test_settings_that_cannot_work_are_refused(kind: str, values: dict[str, Any], key: str) -> None:
    with pytest.raises(SettingsError) as caught:
        validated(collect.load(kind).Options, {"name": "s", "kind": kind, **values})
    assert caught.value.key == key


def test_a_key_that_is_not_there(web: FakeHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    source = world("youtube", web)
    monkeypatch.delenv("FAKE_KEY")
    with pytest.raises(AuthError, match="FAKE_KEY is not set"):
        list(collect.load("youtube").collect(source, None))


# ------------------------------------------------------------------ looking again


def refreshed(kind: str, source: Any, ids: list[str]) -> list[Event]:
    return list(collect.load(kind).refresh(source, ids))  # type: ignore[attr-defined]


def test_looking_again_finds_edits_and_what_is_gone(web: FakeHttp) -> None:
    item = {"id": 1, "created_at_i": int(at(5).timestamp()), "author": "a", "text": "edited", "type": "comment"}
    web.answer("/api/v1/items/1", as_json(item))
    edited, gone, other = refreshed("hackernews", world("hackernews", web), ["1", "2", "../x"])
    assert isinstance(edited, Mention)
    assert edited.text == "edited"
    assert isinstance(gone, Deletion)
    assert isinstance(other, Deletion)
    assert all(".." not in path for path in web.paths())

    post = {"id": 7, "username": "a", "created_at": iso(at(5)), "raw": "edited", "post_number": 1, "topic_id": 1}
    web.answer("/posts/7.json", as_json(post))
    edited, gone = refreshed("discourse", world("discourse", web), ["7", "8"])
    assert isinstance(edited, Mention)
    assert isinstance(gone, Deletion)

    view = {"post": {"id": 7, "name": "n", "published": iso(at(5))}, "counts": {"upvotes": 9, "comments": 2}}
    web.answer("/api/v3/post?id=7", as_json({"post_view": view}))
    web.answer("/api/v3/comment?id=8", as_json({"error": "couldnt_find_comment"}, 400))
    edited, gone = refreshed("lemmy", world("lemmy", web), ["post/7", "comment/8"])
    assert isinstance(edited, Mention)
    assert edited.engagement is not None
    assert edited.engagement.likes == 9
    assert isinstance(gone, Deletion)

    snippet = {"textOriginal": "edited", "publishedAt": iso(at(5)), "likeCount": 4}
    web.answer("/youtube/v3/comments", as_json({"items": [{"id": "T1", "snippet": snippet}]}))
    edited, gone = refreshed("youtube", world("youtube", web), ["T1", "T2"])
    assert isinstance(edited, Mention)
    assert isinstance(gone, Deletion)


# ------------------------------------------------------------------ recorded answers


def heard(kind: str, source: Any) -> list[Event]:
    return list(collect.load(kind).collect(source, None))


@recorded
def test_a_recorded_search_of_hacker_news(web: FakeHttp) -> None:
    answer = (PAYLOADS / "hackernews" / "hackernews.json").read_bytes()
    web.answer("/api/v1/search_by_date", Answer(answer))
    source = options("hackernews", web, backfill="3650d", requests_per_minute=60_000)
    events = heard("hackernews", source)
    assert len([event for event in events if isinstance(event, Mention)]) == len(json.loads(answer)["hits"])
    assert not [event for event in events if isinstance(event, Rejection)]


@recorded
def test_recorded_posts_of_discourse(web: FakeHttp) -> None:
    answer = (PAYLOADS / "discourse" / "posts_latest.json").read_bytes()
    web.answer("/posts.json", Answer(answer), as_json({"latest_posts": []}))
    source = options("discourse", web, backfill="3650d", requests_per_minute=60_000)
    events = heard("discourse", source)
    posts = [post for post in json.loads(answer)["latest_posts"] if post["post_type"] == 1]
    assert len([event for event in events if isinstance(event, Mention)]) == len(posts)


@recorded
def test_recorded_comments_of_youtube(web: FakeHttp) -> None:
    pages = [(PAYLOADS / "youtube" / f"comment_threads_by_video_paged_{n}.json").read_bytes() for n in (1, 2)]
    web.answer("/youtube/v3/commentThreads", *map(Answer, pages))
    source = options("youtube", web, backfill="3650d", videos=["F1UP7wRCPH8"], key_env="FAKE_KEY")
    events = heard("youtube", source.model_copy(update={"requests_per_minute": 60_000}))
    found = {event.native_id for event in events if isinstance(event, Mention)}
    assert {thread["id"] for page in pages for thread in json.loads(page)["items"]} <= found
    assert all(event.posted_at < datetime.now(UTC) for event in events if isinstance(event, Mention))
