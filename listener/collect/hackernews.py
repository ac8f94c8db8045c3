"""Hacker News: stories and comments that hold a keyword, polled from Algolia's search (hn.algolia.com/api), no key.

Everything new is asked for, newest first, and the words are matched here: one request brings up to 100 items whatever
the number of brands. `queries` hands the search to Algolia instead. It shows at most 1000 hits of one search, so a
longer walk narrows the time window.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from listener.collect._api import Api, Server
from listener.collect._pace import shared
from listener.collect._platform import MalformedError, Origin
from listener.collect._poll import Page, Place, Polled, poll
from listener.collect._values import count, identity, inner, moment, name, readings, table, words
from listener.collect._words import Words
from listener.errors import GoneError, PayloadError
from listener.settings import Terms
from listener.types import Deletion, Engagement, Event, Mention, Rejection

PER_PAGE: Final = 100
MAX_PAGES: Final = 500
"""Of one pass: 50,000 items, some three days of everything."""
_ITEM: Final = "https://news.ycombinator.com/item?id="


class Options(Polled):
    """`keywords` empty: the words of all brands; none at all: everything."""

    endpoint: Server = "https://hn.algolia.com"
    keywords: Terms = ()
    queries: Terms = ()
    """Searches in Algolia's words, instead of matching `keywords` here."""
    stories: bool = True
    comments: bool = True
    channel: str | None = "forum"
    requests_per_minute: int = 60


def collect(options: Options, checkpoint: Mapping[str, Any] | None) -> Iterator[Event]:
    """One pass over all queries. Raises SourceError when one cannot be read."""
    api = _api(options)
    wanted = Words(() if options.queries else options.keywords)
    places = [
        Place(f"q/{query}", f"query {number}", partial(_pages, api, options, query, wanted))
        for number, query in enumerate(options.queries or ("",), 1)
    ]
    yield from poll(options, checkpoint, places)


def refresh(options: Options, ids: Sequence[str]) -> Iterator[Event]:
    """The items as they are now; one that is gone is a Deletion."""
    api, now = _api(options), datetime.now(UTC)
    for native_id in ids:
        try:
            item = table(api.get(f"api/v1/items/{native_id}")) if native_id.isdigit() else None
        except (GoneError, MalformedError):
            item = None
        if item is None or (item.get("author") is None and item.get("text") is None and item.get("title") is None):
            yield Deletion(source=options.name, native_id=native_id, at=now)
            continue
        asked = {**item, "objectID": native_id, "story_text": item.get("text"), "comment_text": item.get("text")}
        yield from readings([asked], partial(_read, origin=_origin(options), now=now), options.name)


def _api(options: Options) -> Api:
    pace = shared(options.endpoint, None, options.requests_per_minute)
    return Api(options.name, options.endpoint, pace, options.allow)


def _origin(options: Options) -> Origin:
    return Origin.of(options, "forum")


def _pages(api: Api, options: Options, query: str, wanted: Words, _since: datetime) -> Iterator[Page]:
    kinds = [kind for kind, on in (("story", options.stories), ("comment", options.comments)) if on]
    base = {"tags": f"({','.join(kinds)})", "hitsPerPage": str(PER_PAGE)} | ({"query": query} if query else {})
    until: int | None = None
    page = shown = 0
    for _ in range(MAX_PAGES):
        window = {"numericFilters": f"created_at_i<={until}"} if until is not None else {}
        answer = api.get("api/v1/search_by_date", {**base, **window, "page": str(page)})
        hits = inner(answer, "hits")
        if not isinstance(hits, list):
            raise PayloadError(options.name, "the search answers without hits")
        yield list(_events(hits, options, wanted))
        page, shown = page + 1, shown + len(hits)
        if page < (count(inner(answer, "nbPages")) or 0):
            continue
        # The last page of this window: what is older than its end, if Algolia did not show everything.
        oldest = min((at for hit in hits if (at := count(inner(hit, "created_at_i"))) is not None), default=None)
        if oldest is None or oldest == until or shown >= (count(inner(answer, "nbHits")) or 0):
            return
        until, page, shown = oldest, 0, 0
    yield [Rejection(source=options.name, place="search", reason="more was posted than one pass reads")]


def _events(hits: Sequence[Any], options: Options, wanted: Words) -> Iterator[Mention | Deletion | Rejection]:
    now = datetime.now(UTC)
    for found in readings(hits, partial(_read, origin=_origin(options), now=now), options.name):
        if not isinstance(found, Mention) or wanted.within(f"{found.title or ''}\n{found.text}"):
            yield found


def _read(item: Any, *, origin: Origin, now: datetime) -> Mention:
    """One hit. Raises MalformedError."""
    hit = table(item, "hit")
    native_id = identity(hit.get("objectID"), "hit")
    posted_at = moment(hit.get("created_at_i"), now) or moment(hit.get("created_at"), now)
    if posted_at is None:
        raise MalformedError("hit", "no date")
    title, text = name(hit.get("title"), 500), words(hit.get("comment_text") or hit.get("story_text"), html=True)
    if not title and not text:
        raise MalformedError("hit", "says nothing")
    parent, thread = hit.get("parent_id"), hit.get("story_id")
    counts = Engagement(
        source=origin.source,
        native_id=native_id,
        at=now,
        replies=count(hit.get("num_comments")),
        likes=count(hit.get("points")),
    )
    return Mention(
        source=origin.source,
        native_id=native_id,
        text=text,
        title=title,
        posted_at=posted_at,
        author=name(hit.get("author")),
        url=_ITEM + native_id if native_id.isdigit() else None,
        channel=origin.channel,
        parent_id=identity(parent) if parent else None,
        thread_id=identity(thread) if thread else None,
        brands=origin.brands,
        engagement=None if counts.replies is None and counts.likes is None else counts,
    )
