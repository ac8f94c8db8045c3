"""Reddit: new submissions and comments of subreddits, and new submissions that a search finds, through praw.

Needs a key, which Reddit gives out by approval: an application's client id and secret (read-only), plus user name and
password for a "script" application. Runs until closed: every `every` each listing's newest page is fetched, and pages
behind it until the mark of the checkpoint, `{"marks": {listing: seconds since 1970}}`, is reached. Reddit shows at
most about 1000 entries of a listing; a longer absence leaves a gap, which is told. Reddit has no search for comments.

One listing that fails (private, banned, misspelt) is told as a Rejection and rested, the others go on; the source
fails only when none can be read, when the key is refused or when Reddit asks to slow down.
"""

from __future__ import annotations

import math
import re
import sys
import time
from collections.abc import Generator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from listener.collect._platform import Origin
from listener.collect._reddit_things import children
from listener.collect._reddit_watch import Listing, Watch, deletions
from listener.collect._waiting import in_background, pause
from listener.errors import (
    AuthError,
    ForbiddenAddressError,
    PayloadError,
    RateLimitedError,
    SecretError,
    SourceError,
    UnreachableError,
)
from listener.settings import Duration, SourceOptions, secret
from listener.types import Checkpoint, Event, Rejection

if TYPE_CHECKING:
    from listener.collect._reddit_client import Access, Client

STREAMING: Final = True

RETRY_DELAYS: tuple[float, ...] = (1.0, 3.0)
"""Seconds before a request is repeated when Reddit does not answer or is in trouble."""

PAGE: Final = 100
MAX_PAGES: Final = 10
"""Reddit's limits."""
REST: Final = 900.0
"""Longest pause, in seconds, of a listing that fails while others work."""


def _subreddit(value: str) -> str:
    name = value.removeprefix("/").removeprefix("r/").rstrip("/")
    if not re.fullmatch(r"[A-Za-z0-9_]{2,24}", name):
        raise ValueError("a subreddit's name such as 'japan'")
    return name.lower()


def _server(value: str) -> str:
    parts = urlsplit(value)
    bare = not ("@" in parts.netloc or parts.query or parts.fragment or parts.path.strip("/"))
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0 or not bare:
        raise ValueError("an address such as https://HOST, nothing behind the host")
    return value.rstrip("/")


Server = Annotated[str, AfterValidator(_server)]
Subreddit = Annotated[str, AfterValidator(_subreddit)]
Query = Annotated[str, Field(min_length=1, max_length=512)]


class Options(SourceOptions):
    """Secrets are named by `_env` or `_file`, never given; `client_id` is no secret and may be given."""

    every: Duration = timedelta(seconds=30)
    submissions: bool = True
    comments: bool = True
    """Of the subreddits; a search finds submissions only."""
    subreddits: tuple[Subreddit, ...] = ()
    searches: Annotated[tuple[Query, ...], Field(validate_default=True)] = ()
    """Queries in Reddit's own syntax (`"acme" subreddit:japan`), newest first."""
    client_id: str | None = None
    client_id_env: str | None = None
    client_id_file: str | None = None
    client_secret_env: str | None = None
    client_secret_file: str | None = None
    username: str | None = None
    password_env: str | None = None
    password_file: Annotated[str | None, Field(validate_default=True)] = None
    user_agent: Annotated[str, Field(min_length=7, max_length=256, pattern=r"^[\x20-\x7e]+$")] | None = None
    endpoint: Server | None = None
    """Sets both reddit_url (tokens) and oauth_url (everything else)."""
    reddit_url: Server | None = None
    oauth_url: Server | None = None
    requests_per_minute: Annotated[int, Field(ge=1, le=6000)] = 60
    allow: tuple[str, ...] = ()

    @field_validator("searches")
    @classmethod
    def _watches_something(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        kinds = info.data.get("submissions") or info.data.get("comments")
        if not value and not (info.data.get("subreddits") and kinds):
            raise ValueError("subreddits (their submissions or comments) or searches are needed")
        return value

    @field_validator("password_file")
    @classmethod
    def _whole_account(cls, value: str | None, info: ValidationInfo) -> str | None:
        if bool(info.data.get("username")) != bool(value or info.data.get("password_env")):
            raise ValueError("username and password_env (or password_file) go together")
        return value

    def listings(self) -> tuple[Listing, ...]:
        """Every listing to watch."""
        found = []
        for name in dict.fromkeys(self.subreddits):
            if self.submissions:
                found.append(Listing(key=f"r/{name}/new", label=f"r/{name}", path=f"r/{name}/new"))
            if self.comments:
                found.append(
                    Listing(key=f"r/{name}/comments", label=f"comments of r/{name}", path=f"r/{name}/comments")
                )
        for number, query in enumerate(dict.fromkeys(self.searches), 1):
            params = (("q", query), ("sort", "new"), ("t", "all"), ("type", "link"), ("restrict_sr", "false"))
            found.append(Listing(key=f"search/{query}", label=f"search {number}", path="r/all/search/", params=params))
        return tuple(found)


def collect(options: Options, checkpoint: Mapping[str, Any] | None) -> Iterator[Event]:
    """Watch until closed.

    Raises AuthError, RateLimitedError, ForbiddenAddressError; UnreachableError, GoneError or PayloadError when no
    listing can be read.
    """
    from listener.collect._reddit_client import Client

    client = Client(_access(options), partial(_admit, options))
    try:
        yield from _Watcher(options, checkpoint, client).run()
    finally:
        client.close()


class _Watcher:
    """The loop over all listings; the only state is each listing's watch."""

    def __init__(self, options: Options, checkpoint: Mapping[str, Any] | None, client: Client) -> None:
        self._options = options
        self._client = client
        self._origin = Origin(
            source=options.name,
            brands=(options.brand,) if options.brand else (),
            channel=options.channel or "reddit",
        )
        marks = _saved_marks(checkpoint)
        self._watches = [Watch(listing, self._origin, marks.get(listing.key)) for listing in options.listings()]
        self._resting: dict[str, tuple[int, float]] = {}
        self._ready_at = 0.0
        self._caught_up = False

    def run(self) -> Generator[Event, None, None]:
        while True:
            self._caught_up = False
            yield from self._round()
            self._caught_up = True
            yield from pause(self._options.every.total_seconds(), self._beat)

    def _round(self) -> Generator[Event, None, None]:
        """Look at every listing once. Raises the last trouble if none could be read."""
        trouble: SourceError | None = None
        read = 0
        for watch in self._watches:
            key = watch.listing.key
            failures, until = self._resting.get(key, (0, 0.0))
            if time.monotonic() < until:
                continue
            try:
                yield from self._look(watch)
            except (AuthError, RateLimitedError):
                raise
            except SourceError as error:
                trouble = error
                self._resting[key] = (failures + 1, time.monotonic() + self._rest(error, failures))
                if not failures:
                    yield self._rejected(watch, str(error).removeprefix(f"{error.source}: "))
            else:
                self._resting.pop(key, None)
                read += 1
                yield self._beat()
        if trouble is not None and not read:
            raise trouble

    def _look(self, watch: Watch) -> Generator[Event, None, None]:
        """One listing, from its newest entry back to the mark; then what has vanished from it."""
        things: list[object] = []
        after: str | None = None
        for _ in range(MAX_PAGES):
            page, after = yield from self._page(watch.listing, after)
            things.extend(page)
            if after is None or watch.reached(page):
                break
        if len(things) > PAGE and not watch.reached(things):
            yield self._rejected(watch, "more was posted since the last look than Reddit shows; the oldest is missing")
        yield from watch.news(things, _now())
        if gone := watch.vanished(things)[:PAGE]:
            answer = yield from self._fetch("api/info/", {"id": ",".join(gone)})
            yield from deletions(self._children(answer)[0], gone, self._origin, _now())
            watch.forget(gone)
        watch.looked(things, _now())

    def _page(self, listing: Listing, after: str | None) -> Generator[Event, None, tuple[list[object], str | None]]:
        params = {**dict(listing.params), "limit": str(PAGE)}
        answer = yield from self._fetch(listing.path, {**params, "after": after} if after else params)
        return self._children(answer)

    def _children(self, answer: object) -> tuple[list[object], str | None]:
        try:
            things, after = children(answer)
        except ValueError as error:
            raise PayloadError(self._options.name, f"Reddit's answer is {error}") from None
        return list(things), after

    def _fetch(self, path: str, params: Mapping[str, str]) -> Generator[Event, None, object]:
        """One request, within the budget, repeated after a blip. Raises SourceError."""
        failures = 0
        while True:
            if (wait := self._ready_at - time.monotonic()) > 0:
                yield from pause(wait, self._beat)
            self._ready_at = time.monotonic() + 60 / self._options.requests_per_minute
            try:
                return (yield from in_background(partial(self._client.get, path, params), self._beat))
            except UnreachableError:
                if failures >= len(RETRY_DELAYS):
                    raise
            yield from pause(RETRY_DELAYS[failures], self._beat)
            failures += 1

    def _rest(self, error: SourceError, failures: int) -> float:
        if error.permanent:
            return REST
        return float(min(REST, self._options.every.total_seconds() * 2 ** min(failures, 10)))

    def _beat(self) -> Checkpoint:
        marks = {watch.listing.key: watch.mark for watch in self._watches if watch.mark is not None}
        return Checkpoint(source=self._options.name, value={"marks": marks}, caught_up=self._caught_up)

    def _rejected(self, watch: Watch, reason: str) -> Rejection:
        return Rejection(source=self._options.name, place=watch.listing.label, reason=reason)


def _admit(options: Options, url: str) -> None:
    """Whether credentials may go there. Raises ForbiddenAddressError.

    requests resolves the name again; that a second answer is another machine is left to the certificate, which is why
    plain http needs to be allowed by name.
    """
    from listener.collect._addresses import checked

    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    checked(host, port, source=options.name, allow=options.allow)
    if parts.scheme == "http" and f"{host}:{port}" not in options.allow:
        hint = f'Use https://, or add "{host}:{port}" to [network] allow.'
        raise ForbiddenAddressError(options.name, f"{host} would get credentials without encryption", hint=hint)


def _access(options: Options) -> Access:
    """Who we are; the secrets are fetched now. Raises AuthError."""
    from listener.collect._reddit_client import Access

    def fetched(env: str | None, file: str | None, key: str) -> str | None:
        try:
            return secret(env=env, file=file, key=f"sources.{options.name}.{key}")
        except SecretError as error:
            raise AuthError(options.name, str(error), hint=error.hint) from None

    client_id = options.client_id or fetched(options.client_id_env, options.client_id_file, "client_id")
    if not client_id:
        hint = "Ask Reddit for an API key (by approval only), then set client_id and client_secret_env."
        raise AuthError(options.name, "no client id is set", hint=hint)
    return Access(
        source=options.name,
        reddit_url=options.reddit_url or options.endpoint or "https://www.reddit.com",
        oauth_url=options.oauth_url or options.endpoint or "https://oauth.reddit.com",
        user_agent=options.user_agent or _user_agent(options.username),
        client_id=client_id,
        client_secret=fetched(options.client_secret_env, options.client_secret_file, "client_secret"),
        username=options.username,
        password=fetched(options.password_env, options.password_file, "password"),
    )


def _user_agent(username: str | None) -> str:
    """As Reddit's rules ask: platform:application:version (by /u/name)."""
    from importlib.metadata import version

    who = f"by /u/{username}" if username else "self-hosted"
    return f"{sys.platform}:listener:{version('listener')} ({who})"


def _saved_marks(checkpoint: Mapping[str, Any] | None) -> dict[str, float]:
    """The marks of the last run; anything else than that is a first run."""
    marks = (checkpoint or {}).get("marks")
    if not isinstance(marks, Mapping):
        return {}
    good = {key: value for key, value in marks.items() if isinstance(value, int | float)}
    return {str(key): float(value) for key, value in good.items() if math.isfinite(value)}


def _now() -> datetime:
    return datetime.now(UTC)
