"""X: searches, marks and, above all, the money."""

from __future__ import annotations

from typing import Any

import pytest

from listener import collect
from listener.collect import x
from listener.errors import AuthError, RateLimitedError, SettingsError
from listener.settings import validated
from listener.types import Checkpoint, Event, Mention
from tests.collect.fake_http import Answer, Asked, FakeHttp
from tests.collect.fake_platforms import as_json, at, iso, options

COUNT = 25


def post(number: int) -> dict[str, Any]:
    return {
        "id": str(number),
        "text": f"acme {number}",
        "author_id": "7",
        "created_at": iso(at(COUNT + 100 - number)),
        "lang": "en",
        "conversation_id": "1",
        "public_metrics": {"reply_count": 1, "retweet_count": 2, "like_count": 3, "impression_count": 4},
        "referenced_tweets": [{"type": "replied_to", "id": "5"}],
    }


@pytest.fixture
def platform(web: FakeHttp, monkeypatch: pytest.MonkeyPatch) -> FakeHttp:
    """Posts 101 to 125, newest first, as many a page as asked for; `since_id` is honoured."""
    monkeypatch.setenv("FAKE_KEY", "k")
    posts = [post(100 + n) for n in range(COUNT, 0, -1)]

    def search(asked: Asked) -> Answer:
        assert asked.headers["Authorization"] == "Bearer k"
        new = [one for one in posts if int(one["id"]) > int(asked.query.get("since_id", "0"))]
        start, size = int(asked.query.get("next_token", "0")), int(asked.query["max_results"])
        page = new[start : start + size]
        meta: dict[str, Any] = {"result_count": len(page)}
        if page:
            meta |= {"newest_id": page[0]["id"], "oldest_id": page[-1]["id"]}
        if start + size < len(new):
            meta["next_token"] = str(start + size)
        user = {"id": "7", "username": "jo", "public_metrics": {"followers_count": 50}}
        return as_json({"data": page, "includes": {"users": [user]}, "meta": meta} if page else {"meta": meta})

    web.answer("/2/tweets/search/recent", search)
    return web


def source(web: FakeHttp, **values: Any) -> Any:
    given = {"token_env": "FAKE_KEY", "keywords": ["acme"], "monthly_cap": 5.0, "requests_per_minute": 60_000}
    return options("x", web, **{**given, **values})


def hear(options: Any, checkpoint: Any = None) -> tuple[list[Mention], Any, Exception | None]:
    """The posts, the last checkpoint and what was raised."""
    events: list[Event] = []
    trouble = None
    try:
        events.extend(collect.load("x").collect(options, checkpoint))
    except RateLimitedError as error:
        trouble = error
    marks = [event.value for event in events if isinstance(event, Checkpoint)]
    return [event for event in events if isinstance(event, Mention)], marks[-1] if marks else None, trouble


def test_it_is_off_unless_switched_on(web: FakeHttp) -> None:
    assert source(web).enabled is False


def test_posts_with_their_author_and_counts(platform: FakeHttp) -> None:
    found, mark, _ = hear(source(platform))
    assert len(found) == COUNT
    assert (found[0].author, found[0].parent_id, found[0].thread_id) == ("jo", "5", "1")
    counts = found[0].engagement
    assert counts is not None
    assert (counts.replies, counts.shares, counts.likes, counts.views, counts.followers) == (1, 2, 3, 4, 50)
    assert mark["spent"]["posts"] == COUNT
    assert mark["spent"]["usd"] == pytest.approx(COUNT * 0.005)


def test_only_what_is_new_is_paid_for(platform: FakeHttp) -> None:
    _, mark, _ = hear(source(platform))
    found, mark, _ = hear(source(platform), mark)
    assert found == []
    assert mark["spent"]["posts"] == COUNT


def test_the_cap_is_never_exceeded(platform: FakeHttp) -> None:
    poor = source(platform, monthly_cap=0.075)  # 15 posts
    found, mark, trouble = hear(poor)
    assert isinstance(trouble, RateLimitedError)
    assert len(found) <= 15
    assert mark["spent"]["usd"] <= 0.075
    asked = len(platform.asked)
    assert isinstance(hear(poor, mark)[2], RateLimitedError)
    assert len(platform.asked) == asked, "asked although nothing could be paid"


def test_without_a_cap_nothing_is_read(platform: FakeHttp) -> None:
    assert isinstance(hear(source(platform, monthly_cap=0.0))[2], RateLimitedError)
    assert platform.asked == []


def test_a_new_month_has_new_money(platform: FakeHttp) -> None:
    spent = {"month": "2020-01", "posts": 10_000}
    assert len(hear(source(platform), {"spent": spent})[0]) == COUNT


def test_words_are_joined_into_as_few_searches_as_fit() -> None:
    words = tuple(f"brand number {n}" for n in range(60))
    queries = x._queries(words)
    assert all(len(query) <= x.MAX_QUERY for query in queries)
    assert 1 < len(queries) < 10
    assert all(sum(f'"{word}"' in query for query in queries) == 1 for word in words)


def test_a_word_cannot_change_the_search() -> None:
    assert x._queries(('a" OR "b',)) == ['("a  OR  b") -is:retweet']


def test_settings_and_keys_that_are_missing(web: FakeHttp) -> None:
    with pytest.raises(SettingsError, match="words to search for"):
        validated(x.Options, {"name": "s", "kind": "x"})
    with pytest.raises(AuthError):
        hear(source(web, token_env=None))
