"""App Store Connect: all reviews of one's own apps, with the answers given, polled; needs a key of the team.

API: https://developer.apple.com/documentation/appstoreconnectapi/list_all_customer_reviews_for_an_app. The key's role
"Customer Support" suffices. Its token lives at most 20 minutes; a new one is signed for each pass.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any, Final
from urllib.parse import parse_qs, urlsplit

from pydantic import Field

from listener.collect._api import Api, Server, credential
from listener.collect._pace import shared
from listener.collect._platform import MalformedError, Origin
from listener.collect._poll import Page, Place, Polled, poll
from listener.collect._signed import token
from listener.collect._values import identity, inner, moment, name, readings, table, words
from listener.errors import AuthError, PayloadError
from listener.settings import Duration
from listener.types import Event, Mention, Rejection

PER_PAGE: Final = 200
MAX_PAGES: Final = 50
_LIVES_S: Final = 900


class Options(Polled):
    """`key_file` (or `key_env`): the private key AuthKey_….p8; `key_id` and `issuer_id` as App Store Connect shows."""

    endpoint: Server = "https://api.appstoreconnect.apple.com"
    apps: Annotated[tuple[Annotated[int, Field(ge=1, lt=1 << 53)], ...], Field(min_length=1)]
    key_id: Annotated[str, Field(min_length=1, max_length=100)]
    issuer_id: Annotated[str, Field(min_length=1, max_length=100)]
    key_env: str | None = None
    key_file: str | None = None
    every: Duration = timedelta(minutes=15)
    backfill: Duration = timedelta(days=30)
    channel: str | None = "appstore"
    requests_per_minute: int = 60


def collect(options: Options, checkpoint: Mapping[str, Any] | None) -> Iterator[Event]:
    """One pass over every app. Raises SourceError when one cannot be read."""
    key = credential(options.name, "key", env=options.key_env, file=options.key_file)
    if key is None:
        raise AuthError(options.name, "no private key is set", hint="Set key_file to AuthKey_….p8.")
    now = int(time.time())
    claims = {"iss": options.issuer_id, "iat": now, "exp": now + _LIVES_S, "aud": "appstoreconnect-v1"}
    signed = token(options.name, claims, key, algorithm="ES256", key_id=options.key_id)
    pace = shared(options.endpoint, options.key_id, options.requests_per_minute)
    api = Api(options.name, options.endpoint, pace, options.allow, {"Authorization": f"Bearer {signed}"})
    places = [Place(str(app), f"app {app}", partial(_pages, api, options, app)) for app in dict.fromkeys(options.apps)]
    yield from poll(options, checkpoint, places)


def _pages(api: Api, options: Options, app: int, _since: datetime) -> Iterator[Page]:
    read = partial(_read, origin=Origin.of(options, "appstore"))
    cursor: str | None = None
    for _ in range(MAX_PAGES):
        params = {"sort": "-createdDate", "limit": str(PER_PAGE)} | ({"cursor": cursor} if cursor else {})
        answer = api.get(f"v1/apps/{app}/customerReviews", params)
        reviews = inner(answer, "data")
        if not isinstance(reviews, list):
            raise PayloadError(options.name, "Apple answers without reviews")
        yield list(readings(reviews, partial(read, now=datetime.now(UTC)), options.name))
        # The link's host is not followed, only its cursor taken: the token must go nowhere else.
        following = inner(answer, "links", "next")
        cursor = parse_qs(urlsplit(following).query).get("cursor", [None])[0] if isinstance(following, str) else None
        if not cursor:
            return
    yield [Rejection(source=options.name, place=f"app {app}", reason="more was written than one pass reads")]


def _read(item: Any, *, origin: Origin, now: datetime) -> Mention:
    """One review. Raises MalformedError."""
    review = table(item, "review")
    native_id = identity(review.get("id"), "review")
    said = table(review.get("attributes"), "review")
    posted_at = moment(said.get("createdDate"), now)
    title, text = name(said.get("title"), 500), words(said.get("body"))
    if posted_at is None or not (title or text):
        raise MalformedError("review", "says nothing" if posted_at else "no date")
    territory = said.get("territory")
    return Mention(
        source=origin.source,
        native_id=native_id,
        text=text,
        title=title,
        posted_at=posted_at,
        author=name(said.get("reviewerNickname")),
        channel=origin.channel,
        thread_id=f"storefront/{territory}" if isinstance(territory, str) else None,
        brands=origin.brands,
    )
