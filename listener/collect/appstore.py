"""App Store: customers' reviews of apps, by country, polled from Apple's public feed; no key.

`itunes.apple.com/COUNTRY/rss/customerreviews/page=N/id=APP/sortby=mostrecent/json`, at most 10 pages of 50. Apple's
feed is at times empty for hours: an empty page after a full one says nothing, and is told as trouble, not as silence.
For own apps with an App Store Connect key there is `appstoreconnect`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any, Final

from pydantic import Field

from listener.collect._api import Api, Server
from listener.collect._pace import shared
from listener.collect._platform import MalformedError, Origin
from listener.collect._poll import Page, Place, Polled, poll
from listener.collect._values import count, identity, inner, moment, name, readings, table, words
from listener.errors import PayloadError, UnreachableError
from listener.settings import Duration
from listener.types import Engagement, Event, Mention

MAX_PAGES: Final = 10
"""Apple's limit."""

Country = Annotated[str, Field(pattern=r"^[a-z]{2}$")]


class Options(Polled):
    """`apps`: the numbers in the store's addresses (apps.apple.com/…/idNUMBER); `countries`: storefronts."""

    endpoint: Server = "https://itunes.apple.com"
    apps: Annotated[tuple[Annotated[int, Field(ge=1, lt=1 << 53)], ...], Field(min_length=1)]
    countries: Annotated[tuple[Country, ...], Field(min_length=1)] = ("jp", "cn", "tw", "hk", "us", "gb")
    every: Duration = timedelta(minutes=30)
    backfill: Duration = timedelta(days=30)
    channel: str | None = "appstore"
    requests_per_minute: int = 20


def collect(options: Options, checkpoint: Mapping[str, Any] | None) -> Iterator[Event]:
    """One pass over every app and country. Raises UnreachableError where a feed that was full is empty."""
    api = Api(
        options.name, options.endpoint, shared(options.endpoint, None, options.requests_per_minute), options.allow
    )
    saved = inner(checkpoint, "full")
    full: set[str] = {key for key in saved if isinstance(key, str)} if isinstance(saved, list) else set()
    places = [
        Place(f"{app}/{country}", f"app {app} in {country}", partial(_pages, api, options, app, country, full))
        for app in dict.fromkeys(options.apps)
        for country in dict.fromkeys(options.countries)
    ]
    yield from poll(options, checkpoint, places, beside=lambda: {"full": sorted(full)})


def _pages(api: Api, options: Options, app: int, country: str, full: set[str], _since: datetime) -> Iterator[Page]:
    read = partial(_read, country=country, origin=Origin.of(options, "appstore"))
    for page in range(1, MAX_PAGES + 1):
        answer = api.get(f"{country}/rss/customerreviews/page={page}/id={app}/sortby=mostrecent/json")
        if not isinstance(inner(answer, "feed"), Mapping):
            raise PayloadError(options.name, "Apple answers without a feed")
        reviews = _reviews(answer)
        if page == 1 and not reviews and f"{app}/{country}" in full:
            hint = "Apple's feed is at times empty for hours; it is asked again."
            raise UnreachableError(
                options.name, f"the feed of app {app} in {country}, full before, is empty", hint=hint
            )
        if reviews:
            full.add(f"{app}/{country}")
        yield list(readings(reviews, partial(read, now=datetime.now(UTC)), options.name))
        if not reviews or page >= _last_page(answer):
            return


def _reviews(answer: Any) -> Sequence[Any]:
    """The reviews of a page: a feed of one entry has no list, and the first entry may be the app itself."""
    given = inner(answer, "feed", "entry")
    found = given if isinstance(given, list) else [given] if given is not None else []
    return [entry for entry in found if inner(entry, "im:name") is None or inner(entry, "im:rating") is not None]


def _last_page(answer: Any) -> int:
    """Apple names the last page by a link; without one, as many as it ever shows."""
    links = inner(answer, "feed", "link")
    for entry in links if isinstance(links, list) else []:
        if inner(entry, "attributes", "rel") == "last":
            _, _, after = str(inner(entry, "attributes", "href")).partition("page=")
            return count(after.partition("/")[0]) or MAX_PAGES
    return MAX_PAGES


def _read(item: Any, *, country: str, origin: Origin, now: datetime) -> Mention:
    """One review. Raises MalformedError."""
    review = table(item, "review")
    native_id = identity(inner(review, "id", "label"), "review")
    posted_at = moment(inner(review, "updated", "label"), now)
    title, text = name(inner(review, "title", "label"), 500), words(inner(review, "content", "label"))
    if posted_at is None or not (title or text):
        raise MalformedError("review", "says nothing" if posted_at else "no date")
    votes = count(inner(review, "im:voteCount", "label"))
    return Mention(
        source=origin.source,
        native_id=native_id,
        text=text,
        title=title,
        posted_at=posted_at,
        author=name(inner(review, "author", "name", "label")),
        channel=origin.channel,
        thread_id=f"storefront/{country}",
        brands=origin.brands,
        engagement=Engagement(source=origin.source, native_id=native_id, at=now, likes=votes),
    )
