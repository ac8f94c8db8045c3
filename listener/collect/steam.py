"""Steam: players' reviews of games, polled from the store's appreviews (partner.steamgames.com/doc/store/getreviews).

No key. Reviews that Steam calls off-topic (review bombs) are included: they are what must not be missed. The cursor
goes back from the newest review; who rewrote a review lately is found by the second listing (`filter=updated`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import Field

from listener.collect._api import Api, Server
from listener.collect._pace import shared
from listener.collect._platform import MalformedError, Origin
from listener.collect._poll import Page, Place, Polled, poll
from listener.collect._values import count, identity, inner, moment, readings, table, words
from listener.errors import GoneError, PayloadError
from listener.types import Engagement, Event, Mention, Rejection

PER_PAGE: Final = 100
MAX_PAGES: Final = 200
Language: TypeAlias = Literal["japanese", "schinese", "tchinese", "english"]
_LANGUAGES: Final[Mapping[Language, str]] = {
    "japanese": "ja",
    "schinese": "zh-Hans",
    "tchinese": "zh-Hant",
    "english": "en",
}


class Options(Polled):
    """`apps`: the numbers in the store's addresses (store.steampowered.com/app/NUMBER)."""

    endpoint: Server = "https://store.steampowered.com"
    apps: Annotated[tuple[Annotated[int, Field(ge=1, lt=1 << 32)], ...], Field(min_length=1)]
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = tuple(_LANGUAGES)
    negative_only: bool = False
    """Take only reviews that do not recommend the game."""
    edited: bool = True
    """Also ask for reviews that were rewritten."""
    channel: str | None = "steam"
    requests_per_minute: int = 40


def collect(options: Options, checkpoint: Mapping[str, Any] | None) -> Iterator[Event]:
    """One pass over every game and language. Raises SourceError when one cannot be read."""
    pace = shared(options.endpoint, None, options.requests_per_minute)
    api = Api(options.name, options.endpoint, pace, options.allow)
    places = [
        Place(
            f"{order}/{app}/{language}", f"app {app}, {language}", partial(_pages, api, options, app, language, order)
        )
        for app in dict.fromkeys(options.apps)
        for language in options.languages
        for order in ("recent", *(("updated",) if options.edited else ()))
    ]
    yield from poll(options, checkpoint, places)


def _pages(api: Api, options: Options, app: int, language: str, order: str, _since: datetime) -> Iterator[Page]:
    fixed = {"json": "1", "filter": order, "language": language, "num_per_page": str(PER_PAGE)}
    fixed |= {"purchase_type": "all", "filter_offtopic_activity": "0"}
    fixed |= {"review_type": "negative" if options.negative_only else "all"}
    cursor, used = "*", set[str]()
    for _ in range(MAX_PAGES):
        used.add(cursor)
        answer = api.get(f"appreviews/{app}", {**fixed, "cursor": cursor})
        reviews = inner(answer, "reviews")
        if inner(answer, "success") != 1:
            raise GoneError(options.name, f"Steam knows no app {app}", hint="Check `apps`.")
        if not isinstance(reviews, list):
            raise PayloadError(options.name, "Steam answers without reviews")
        origin = Origin.of(options, "steam")
        read = partial(_read, app=app, order=order, origin=origin, now=datetime.now(UTC))
        yield list(readings(reviews, read, options.name))
        following = inner(answer, "cursor")
        # The end is an empty page or a cursor that stands still.
        if not reviews or not isinstance(following, str) or following in used:
            return
        cursor = following
    yield [Rejection(source=options.name, place=f"app {app}", reason="more was written than one pass reads")]


def _read(item: Any, *, app: int, order: str, origin: Origin, now: datetime) -> Mention | None:
    """One review; None where it has no words. Raises MalformedError."""
    review = table(item, "review")
    native_id = identity(review.get("recommendationid"), "review")
    written = moment(review.get("timestamp_created"), now)
    changed = moment(review.get("timestamp_updated"), now) or written
    if written is None or changed is None:
        raise MalformedError("review", "no date")
    text = words(review.get("review"))
    if not text:
        return None
    author = inner(review, "author", "steamid")
    steam_id = author if isinstance(author, str) and author.isdigit() else None
    counts = Engagement(
        source=origin.source,
        native_id=native_id,
        at=now,
        likes=count(review.get("votes_up")),
        replies=count(review.get("comment_count")),
    )
    return Mention(
        source=origin.source,
        native_id=native_id,
        text=text,
        # The listing of rewritten reviews is in the order of their last change.
        posted_at=changed if order == "updated" else written,
        author=steam_id,
        url=f"https://steamcommunity.com/profiles/{steam_id}/recommended/{app}/" if steam_id else None,
        lang=next((code for name, code in _LANGUAGES.items() if name == review.get("language")), None),
        channel=origin.channel,
        thread_id=f"app/{app}",
        brands=origin.brands,
        engagement=counts,
    )
