"""Google Play: reviews of one's own apps, polled from the official reviews API; needs a service account.

API: https://developers.google.com/android-publisher/api-ref/rest/v3/reviews/list. It shows reviews with words that were
written or changed within the last week; 200 reads an hour an app. Reviews of other people's apps come as exports
through `files`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from pydantic import Field

from listener.collect._api import Api, Server, credential
from listener.collect._guard import fetch
from listener.collect._pace import shared
from listener.collect._platform import MalformedError, Origin
from listener.collect._poll import Page, Place, Polled, poll
from listener.collect._signed import token
from listener.collect._values import count, entries, identity, inner, moment, name, readings, table, words
from listener.errors import AuthError, PayloadError
from listener.settings import Duration
from listener.types import Engagement, Event, Mention, Rejection

PER_PAGE: Final = 100
MAX_PAGES: Final = 50
_SCOPE: Final = "https://www.googleapis.com/auth/androidpublisher"
_TOKEN_URL: Final = "https://oauth2.googleapis.com/token"  # noqa: S105 (an address)
_GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_HINT: Final = "Give the service account the right to see reviews in the Play Console."

Package = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)+$")]


class Options(Polled):
    """`packages`: the apps' ids (com.example.app); `account_file` (or `account_env`): the service account's JSON."""

    endpoint: Server = "https://androidpublisher.googleapis.com"
    token_url: Server | None = None
    """Left out: where the service account's file says."""
    packages: Annotated[tuple[Package, ...], Field(min_length=1)]
    account_env: str | None = None
    account_file: str | None = None
    every: Duration = timedelta(minutes=10)
    backfill: Duration = timedelta(days=7)
    channel: str | None = "playstore"
    requests_per_hour: Annotated[int, Field(ge=1)] = 200


def collect(options: Options, checkpoint: Mapping[str, Any] | None) -> Iterator[Event]:
    """One pass over every app. Raises SourceError when one cannot be read."""
    account = _account(options)
    headers = {"Authorization": f"Bearer {_access_token(options, account)}"}
    pace = shared(options.endpoint, str(account["client_email"]), options.requests_per_hour / 60)
    api = Api(options.name, options.endpoint, pace, options.allow, headers, answers=(403,), explain=_explained)
    places = [Place(package, package, partial(_pages, api, options, package)) for package in options.packages]
    yield from poll(options, checkpoint, places)


def _explained(source: str, _status: int, _content: Any) -> AuthError:
    return AuthError(source, "Google Play refuses the service account (403)", hint=_HINT)


def _account(options: Options) -> Mapping[str, Any]:
    written = credential(options.name, "account", env=options.account_env, file=options.account_file)
    if written is None:
        raise AuthError(options.name, "no service account is set", hint="Set account_file to its JSON key file.")
    try:
        account = json.loads(written)
    except (ValueError, RecursionError):
        account = None
    if not all(isinstance(inner(account, key), str) for key in ("client_email", "private_key")):
        hint = "Use the JSON key file as the Google Cloud console gave it."
        raise AuthError(options.name, "the service account's file is not one", hint=hint)
    return table(account)


def _access_token(options: Options, account: Mapping[str, Any]) -> str:
    now = int(time.time())
    url = options.token_url or str(account.get("token_uri") or _TOKEN_URL)
    claims = {"iss": account["client_email"], "scope": _SCOPE, "aud": url, "iat": now, "exp": now + 3600}
    signed = token(options.name, claims, account["private_key"], algorithm="RS256")
    form = urlencode({"grant_type": _GRANT, "assertion": signed}).encode()
    answer = fetch(url, source=options.name, allow=options.allow, form=form, answers=(400, 401, 403))
    try:
        given = inner(json.loads(answer.content), "access_token")
    except (ValueError, RecursionError):
        given = None
    if answer.status != 200 or not isinstance(given, str) or not given.isascii() or not given.isprintable():
        raise AuthError(options.name, f"Google gives no token ({answer.status})", hint=_HINT)
    return given


def _pages(api: Api, options: Options, package: str, _since: datetime) -> Iterator[Page]:
    read = partial(_read, package=package, origin=Origin.of(options, "playstore"))
    following: str | None = None
    for _ in range(MAX_PAGES):
        params = {"maxResults": str(PER_PAGE)} | ({"token": following} if following else {})
        answer = api.get(f"androidpublisher/v3/applications/{package}/reviews", params)
        if not isinstance(answer, Mapping):
            raise PayloadError(options.name, "Google Play answers without reviews")
        reviews = entries(answer.get("reviews"))
        yield list(readings(reviews, partial(read, now=datetime.now(UTC)), options.name))
        following = inner(answer, "tokenPagination", "nextPageToken")
        if not isinstance(following, str) or not following:
            return
    yield [Rejection(source=options.name, place=package, reason="more was written than one pass reads")]


def _read(item: Any, *, package: str, origin: Origin, now: datetime) -> Mention | None:
    """One review; None where it has no words of the customer. Raises MalformedError."""
    review = table(item, "review")
    native_id = identity(review.get("reviewId"), "review")
    comments = entries(review.get("comments"))
    said = next((found for one in comments if (found := inner(one, "userComment")) is not None), None)
    if said is None:
        return None
    posted_at = moment(inner(said, "lastModified", "seconds"), now)
    # A tab parts title and words in reviews of old clients.
    text = words(inner(said, "originalText")) or words(inner(said, "text"))
    if posted_at is None:
        raise MalformedError("review", "no date")
    if not text:
        return None
    return Mention(
        source=origin.source,
        native_id=native_id,
        text=text,
        posted_at=posted_at,
        author=name(review.get("authorName")),
        lang=name(inner(said, "reviewerLanguage"), 20),
        channel=origin.channel,
        thread_id=f"app/{package}",
        brands=origin.brands,
        engagement=Engagement(
            source=origin.source, native_id=native_id, at=now, likes=count(inner(said, "thumbsUpCount"))
        ),
    )
