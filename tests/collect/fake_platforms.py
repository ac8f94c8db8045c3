"""Small worlds of the platforms that are polled over JSON, served in their own formats by one FakeHttp.

Each function scripts a server on `web` whose listings hold COUNT posts, newest first, a minute apart, and some that
cannot be read; it returns the options of a source that hears it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from listener import collect
from listener.settings import SourceOptions
from tests.collect.fake_http import Answer, Asked, FakeHttp

COUNT = 17


def at(minutes: float) -> datetime:
    """So many minutes ago, in whole seconds."""
    return (datetime.now(UTC) - timedelta(minutes=minutes)).replace(microsecond=0)


def iso(moment: datetime) -> str:
    """As most platforms write it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def as_json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer that is JSON."""
    return Answer(json.dumps(value).encode(), status, {"Content-Type": "application/json", **(headers or {})})


def options(kind: str, web: FakeHttp, **values: Any) -> SourceOptions:
    """Options of this kind for a source called `s` whose platform is `web`."""
    given = {"name": "s", "kind": kind, "endpoint": web.url("").rstrip("/"), "allow": (web.address,), **values}
    return collect.load(kind).Options.model_validate(given)


def paged(items: Sequence[Any], asked: Asked, key: str, size: int) -> tuple[list[Any], int]:
    """The page that `key` asks for (0-based) and the number of pages."""
    page = int(asked.query.get(key, "0"))
    return list(items[page * size : (page + 1) * size]), -(-len(items) // size)


# ------------------------------------------------------------------ hacker news


def hackernews(web: FakeHttp) -> SourceOptions:
    """Algolia, five hits a page; it honours the time window, and shows no more than ten hits of one search."""
    hits: list[Any] = [
        {
            "objectID": str(1000 + n),
            "created_at_i": int(at(n).timestamp()),
            "created_at": iso(at(n)),
            "author": f"user{n}",
            "title": f"Acme story {n}" if n % 3 == 0 else None,
            "comment_text": None if n % 3 == 0 else f"<p>Acme &amp; words {n}",
            "parent_id": None if n % 3 == 0 else 999,
            "story_id": 999,
            "points": n if n % 3 == 0 else None,
            "num_comments": 2 if n % 3 == 0 else None,
        }
        for n in range(COUNT)
    ]
    hits.insert(3, {"objectID": None})

    def search(asked: Asked) -> Answer:
        found = [hit for hit in hits if _in_window(hit, asked.query.get("numericFilters", ""))]
        page, pages = paged(found[:10], asked, "page", 5)
        return as_json({"hits": page, "nbHits": len(found), "nbPages": pages, "page": 0, "hitsPerPage": 5})

    web.answer("/api/v1/search_by_date", search)
    return options("hackernews", web, keywords=["acme"])


def _in_window(hit: Mapping[str, Any], filters: str) -> bool:
    created = hit.get("created_at_i", int(at(3).timestamp()))
    for condition in filters.split(","):
        if condition.startswith("created_at_i>=") and not created >= int(condition[14:]):
            return False
        if condition.startswith("created_at_i<=") and not created <= int(condition[14:]):
            return False
    return True


# ------------------------------------------------------------------ lemmy


def lemmy(web: FakeHttp) -> SourceOptions:
    """One community of posts and comments; posts have cursors, comments page numbers; an old post is pinned."""

    def view(kind: str, n: int, **more: Any) -> dict[str, Any]:
        thing = {"id": n + 1, "published": iso(at(n)), "ap_id": f"https://l.example/{kind}/{n}", **more}
        thing |= (
            {"name": f"title {n}", "body": f"words {n}"} if kind == "post" else {"content": f"said {n}", "post_id": 3}
        )
        counts = {"upvotes": n, "comments": 1, "child_count": 0}
        return {
            kind: thing,
            "creator": {"name": f"user{n}", "actor_id": f"https://l.example/u/user{n}"},
            "counts": counts,
            **({} if kind == "post" else {"post": {"id": 3}}),
        }

    posts = [view("post", n) for n in range(COUNT)]
    posts.insert(0, view("post", 5000, featured_community=True))
    posts.insert(4, {"post": "broken"})
    posts.insert(6, view("post", 300, deleted=True))
    comments = [view("comment", n, path=f"0.7.{n + 1}") for n in range(COUNT)]

    def post_list(asked: Asked) -> Answer:
        start = int(asked.query.get("page_cursor", "P0")[1:])
        following = f"P{start + 6}" if start + 6 < len(posts) else None
        return as_json({"posts": posts[start : start + 6], "next_page": following})

    def comment_list(asked: Asked) -> Answer:
        page = int(asked.query["page"]) - 1
        return as_json({"comments": comments[page * 50 : page * 50 + 50]})

    web.answer("/api/v3/post/list", post_list)
    web.answer("/api/v3/comment/list", comment_list)
    return options("lemmy", web, communities=["acme"])


# ------------------------------------------------------------------ discourse


def discourse(web: FakeHttp) -> SourceOptions:
    """Pages cover 50 ids each; in the second one every post is gone."""
    posts: list[dict[str, Any]] = [
        {
            "id": 200 - n * 4 if n < 12 else 95 - n,
            "username": f"user{n}",
            "created_at": iso(at(n)),
            "cooked": f"<p>words <b>{n}</b></p>",
            "raw": f"words **{n}**",
            "post_number": n % 3 + 1,
            "post_type": 1,
            "topic_id": 10 + n // 3,
            "topic_slug": "t",
            "topic_title": f"topic {n // 3}",
            "reply_to_post_number": 1 if n % 3 else None,
            "reply_count": 0,
            "reads": 5,
            "actions_summary": [{"id": 2, "count": 3}] if n == 2 else [],
        }
        for n in range(COUNT)
    ]
    posts += [{**posts[0], "id": 60, "post_type": 3}, {**posts[0], "id": 59, "created_at": None}]

    def latest(asked: Asked) -> Answer:
        last = int(asked.query.get("before", "200"))
        page = [post for post in posts if last - 50 < post["id"] <= last]
        return as_json({"latest_posts": sorted(page, key=lambda post: -post["id"])})

    web.answer("/posts.json", latest)
    return options("discourse", web)


# ------------------------------------------------------------------ steam


def steam(web: FakeHttp) -> SourceOptions:
    """One app's reviews in one language, six a page; the last cursor stands still."""
    reviews: list[Any] = [
        {
            "recommendationid": str(5000 + n),
            "author": {"steamid": str(76561190000000000 + n)},
            "language": "japanese",
            "review": f"クラッシュする {n}",
            "timestamp_created": int(at(n).timestamp()),
            "timestamp_updated": int(at(n).timestamp()),
            "voted_up": False,
            "votes_up": n,
            "comment_count": 0,
        }
        for n in range(COUNT)
    ]
    reviews.insert(2, {**reviews[0], "recommendationid": "1", "review": ""})
    reviews.insert(3, "broken")

    def appreviews(asked: Asked) -> Answer:
        start = 0 if asked.query["cursor"] == "*" else int(asked.query["cursor"].removeprefix("AoJ/+="))
        some = reviews[start : start + 6]
        return as_json({"success": 1, "query_summary": {}, "reviews": some, "cursor": f"AoJ/+={start + len(some)}"})

    web.answer("/appreviews/440", appreviews)
    return options("steam", web, apps=[440], languages=["japanese"], edited=False)


# ------------------------------------------------------------------ youtube


def youtube(web: FakeHttp) -> SourceOptions:
    """A channel's threads, four a page, one with answers; the key is in the environment."""

    def comment(name: str, n: int, text: str, **more: Any) -> dict[str, Any]:
        snippet = {
            "textDisplay": f"<b>{text}</b>",
            "textOriginal": text,
            "authorDisplayName": f"@user{n}",
            "likeCount": n,
            "publishedAt": iso(at(n)),
            "updatedAt": iso(at(n)),
            **more,
        }
        return {"kind": "youtube#comment", "id": name, "snippet": snippet}

    threads: list[Any] = [
        {
            "id": f"T{n}",
            "snippet": {
                "videoId": "vid-1",
                "totalReplyCount": 1,
                "topLevelComment": comment(f"T{n}", n, f"words {n}"),
            },
            "replies": {"comments": [comment("T3.r", 2, "answer", parentId="T3")] if n == 3 else []},
        }
        for n in range(COUNT)
    ]
    threads.insert(1, {"id": "X", "snippet": {"topLevelComment": {"id": "X"}}})

    def comment_threads(asked: Asked) -> Answer:
        start = int(asked.query.get("pageToken", "0"))
        more = {"nextPageToken": str(start + 4)} if start + 4 < len(threads) else {}
        return as_json({"kind": "youtube#commentThreadListResponse", "items": threads[start : start + 4], **more})

    web.answer("/youtube/v3/commentThreads", comment_threads)
    return options("youtube", web, channels=["UCabcdefghijk"], key_env="FAKE_KEY")


# ------------------------------------------------------------------ app store


def appstore(web: FakeHttp) -> SourceOptions:
    """Apple's feed in one country: three pages, the first entry of the first is the app itself."""

    def entry(n: int) -> dict[str, Any]:
        return {
            "id": {"label": str(9000 + n)},
            "author": {"name": {"label": f"user{n}"}},
            "im:rating": {"label": "1"},
            "title": {"label": f"title {n}"},
            "content": {"label": f"words {n}", "attributes": {"type": "text"}},
            "updated": {"label": at(n).astimezone().isoformat()},
            "im:voteCount": {"label": "2"},
        }

    pages = [[entry(n) for n in range(COUNT)][start : start + 6] for start in range(0, COUNT, 6)]
    pages[0].insert(0, {"im:name": {"label": "The App"}, "id": {"label": "1"}})
    pages[1].insert(2, {"id": {"label": "7"}, "im:rating": {"label": "1"}})
    last = {
        "attributes": {"rel": "last", "href": f"https://itunes.example/jp/rss/customerreviews/page={len(pages)}/id=1"}
    }
    for number, page in enumerate(pages, 1):
        feed = {"feed": {"entry": page, "link": [last]}}
        web.answer(f"/jp/rss/customerreviews/page={number}/id=42/sortby=mostrecent/json", as_json(feed))
    return options("appstore", web, apps=[42], countries=["jp"])


WORLDS: Mapping[str, Callable[[FakeHttp], SourceOptions]] = {
    "hackernews": hackernews,
    "lemmy": lemmy,
    "discourse": discourse,
    "steam": steam,
    "youtube": youtube,
    "appstore": appstore,
}
