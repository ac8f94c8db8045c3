"""RSS, Atom and JSON feeds, polled: `kind = "feeds"`.

An entry's words become plain text: HTML is never kept. An entry without a date, or with one that cannot be true, is
dated by when it was first seen. The checkpoint keeps, for each URL, what its server needs to answer "not modified" and
which entries were seen in which wording, so that an unchanged entry is not yielded again and an edited one is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from listener.collect._feed import Entry, Feed, NotAFeedError, read_feed
from listener.collect._guard import Limits, Response, fetch
from listener.collect._poll import raise_first
from listener.errors import PayloadError, SourceError
from listener.settings import SourceOptions
from listener.types import Checkpoint, Engagement, Event, Mention, Rejection

LIMITS: Final = Limits(body=5_000_000)
BATCH: Final = 500
"""Entries between two Checkpoints."""
_EARLIEST: Final = datetime(1995, 1, 1, tzinfo=UTC)
_AHEAD: Final = timedelta(days=1)
"""How far a server's clock may be ahead."""
_ACCEPT: Final = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
)


def _one_or_many(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable or len(url) > 2000:
        raise ValueError("an address that begins with https:// or http://")
    if "@" in parts.netloc:
        raise ValueError("an address without a name and password in it")
    return url


class Options(SourceOptions):
    """`url`: the address of one feed, or a list of them."""

    url: Annotated[
        tuple[Annotated[str, AfterValidator(_address)], ...], BeforeValidator(_one_or_many), Field(min_length=1)
    ]
    channel: str | None = "rss"
    allow: tuple[str, ...] = ()


def collect(options: Options, checkpoint: Mapping[str, Any] | None) -> Iterator[Event]:
    """Ask each feed once. A feed that fails does not stop the others: its error is raised when they are done.

    Raises UnreachableError, RateLimitedError, AuthError, GoneError, ForbiddenAddressError, PayloadError (no feed).
    """
    pages = {url: _Page.restored((checkpoint or {}).get(_key(url))) for url in options.url}
    failures: list[SourceError] = []
    for url, page in pages.items():
        try:
            yield from _visit(url, page, pages, options)
        except SourceError as error:
            failures.append(error)
        yield _checkpoint(options, pages)
    raise_first(failures, len(pages), options)


@dataclass(slots=True)
class _Page:
    """What is remembered of one URL. `seen`: entry -> (wording, epoch seconds of the first sight)."""

    etag: str = ""
    modified: str = ""
    body: str = ""
    seen: dict[str, tuple[str, int]] = field(default_factory=dict)

    @classmethod
    def restored(cls, saved: Any) -> _Page:
        """From a checkpoint; anything unexpected in it only costs asking for the feed again."""
        if not isinstance(saved, Mapping):
            return cls()
        seen = saved.get("seen")
        kept = {key: (str(pair[0]), int(pair[1])) for key, pair in (seen or {}).items()}
        return cls(str(saved.get("etag", "")), str(saved.get("modified", "")), str(saved.get("body", "")), kept)

    def saved(self) -> dict[str, Any]:
        """Plain JSON."""
        seen = {key: list(pair) for key, pair in self.seen.items()}
        return {"etag": self.etag, "modified": self.modified, "body": self.body, "seen": seen}


def _visit(url: str, page: _Page, pages: Mapping[str, _Page], options: Options) -> Iterator[Event]:
    now = datetime.now(UTC)
    response = fetch(url, source=options.name, allow=options.allow, headers=_conditions(page), limits=LIMITS)
    body = hashlib.sha256(response.content).hexdigest()[:16]
    if response.status == 304 or body == page.body:
        return
    feed = _read(response, url, options)
    for number, entry in enumerate(feed.entries, 1):
        key = hashlib.sha256(entry.native_id.encode()).hexdigest()[:12]
        wording, first = page.seen.pop(key, ("", int(now.timestamp())))
        page.seen[key] = (entry.digest, first)
        if wording != entry.digest:
            yield _mention(entry, feed, options, now=now, first=datetime.fromtimestamp(first, UTC))
        if number % BATCH == 0:
            yield _checkpoint(options, pages)
    if feed.faults:
        host = urlsplit(url).hostname or "feed"
        yield Rejection(
            source=options.name, place=host, reason=f"{feed.faults} entries could not be read or say nothing"
        )
    # What left the feed long ago is forgotten; only now is the document done with.
    _forget(page.seen, keep=min(max(2 * len(feed.entries), 200), 5000))
    page.etag, page.modified, page.body = _validators(response, body)


def _read(response: Response, url: str, options: Options) -> Feed:
    host = urlsplit(response.url).hostname
    content_type = response.headers.get("content-type", "")
    try:
        return read_feed(response.content, content_type, base=response.url, name=url)
    except NotAFeedError as error:
        raise PayloadError(
            options.name,
            f"{host} does not answer with a feed ({error})",
            hint="Open the page in a browser and look for the address of its RSS or Atom feed.",
        ) from None


def _conditions(page: _Page) -> dict[str, str]:
    headers = {"Accept": _ACCEPT}
    if page.etag:
        headers["If-None-Match"] = page.etag
    if page.modified:
        headers["If-Modified-Since"] = page.modified
    return headers


def _validators(response: Response, body: str) -> tuple[str, str, str]:
    """To be sent back as they came, if they can be: a header is one line of ASCII."""
    given = (response.headers.get(name, "") for name in ("etag", "last-modified"))
    etag, modified = (value if value.isascii() and value.isprintable() and len(value) < 500 else "" for value in given)
    return etag, modified, body


def _mention(entry: Entry, feed: Feed, options: Options, *, now: datetime, first: datetime) -> Mention:
    dated = entry.posted_at
    believable = dated is not None and _EARLIEST <= dated <= now + _AHEAD
    engagement = None
    if entry.replies is not None:
        engagement = Engagement(source=options.name, native_id=entry.native_id, at=now, replies=entry.replies)
    return Mention(
        source=options.name,
        native_id=entry.native_id,
        text=entry.text,
        posted_at=dated if dated is not None and believable else first,
        author=entry.author,
        title=entry.title,
        url=entry.url,
        lang=feed.language,
        channel=options.channel,
        brands=(options.brand,) if options.brand else (),
        engagement=engagement,
    )


def _forget(seen: dict[str, tuple[str, int]], *, keep: int) -> None:
    """Drop the entries that were longest out of sight; the last of the dictionary are the latest seen."""
    for key in list(seen)[: max(0, len(seen) - keep)]:
        del seen[key]


def _key(url: str) -> str:
    """An address may hold a key: it is not written into the store."""
    return hashlib.sha256(url.encode()).hexdigest()[:16]


def _checkpoint(options: Options, pages: Mapping[str, _Page]) -> Checkpoint:
    return Checkpoint(source=options.name, value={_key(url): page.saved() for url, page in pages.items()})
