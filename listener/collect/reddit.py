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
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from listener.collect._addresses import checked
from listener.collect._platform import Origin
from listener.collect._reddit_options import Options, access
from listener.collect._reddit_things import children, read
from listener.collect._reddit_watch import Listing, Watch, deletions
from listener.collect._values import readings
from listener.collect._waiting import in_background, pause
from listener.errors import (
    AuthError,
    ForbiddenAddressError,
    PayloadError,
    RateLimitedError,
    SourceError,
    UnreachableError,
)
from listener.types import Checkpoint, Event, Rejection

if TYPE_CHECKING:
    from listener.collect._reddit_client import Client

__all__ = ["STREAMING", "Options", "collect"]

STREAMING: Final = True

RETRY_DELAYS: tuple[float, ...] = (1.0, 3.0)
"""Seconds before a request is repeated when Reddit does not answer or is in trouble."""

PAGE: Final = 100
MAX_PAGES: Final = 10
"""Reddit's limits."""
REST: Final = 900.0
"""Longest pause, in seconds, of a listing that fails while others work."""


def collect(options: Options, checkpoint: Mapping[str, Any] | None) -> Iterator[Event]:
    """Watch until closed.

    Raises AuthError, RateLimitedError, ForbiddenAddressError; UnreachableError, GoneError or PayloadError when no
    listing can be read.
    """
    from listener.collect._reddit_client import Client

    client = Client(access(options), partial(_admit, options))
    try:
        yield from _Watcher(options, checkpoint, client).run()
    finally:
        client.close()


def refresh(options: Options, ids: Sequence[str]) -> Iterator[Event]:
    """Submissions and comments as they are now, 100 a request; what was taken down is a Deletion."""
    from listener.collect._reddit_client import Client

    client = Client(access(options), partial(_admit, options))
    origin = Origin.of(options, "reddit")
    try:
        for start in range(0, len(ids), PAGE):
            some = ids[start : start + PAGE]
            things, _ = children(client.get("api/info/", {"id": ",".join(some)}))
            # What is not shown at all (a subreddit that went private) tells nothing.
            yield from readings(things, partial(read, origin=origin, now=_now()), options.name)
    except ValueError as error:
        raise PayloadError(options.name, f"Reddit's answer is {error}") from None
    finally:
        client.close()


class _Watcher:
    """The loop over all listings; the only state is each listing's watch."""

    def __init__(self, options: Options, checkpoint: Mapping[str, Any] | None, client: Client) -> None:
        self._options = options
        self._client = client
        self._origin = Origin.of(options, "reddit")
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
            except (AuthError, ForbiddenAddressError, RateLimitedError):
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
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    checked(host, port, source=options.name, allow=options.allow)
    if parts.scheme == "http" and f"{host}:{port}" not in options.allow:
        hint = f'Use https://, or add "{host}:{port}" to [network] allow.'
        raise ForbiddenAddressError(options.name, f"{host} would get credentials without encryption", hint=hint)


def _saved_marks(checkpoint: Mapping[str, Any] | None) -> dict[str, float]:
    """The marks of the last run; anything else than that is a first run."""
    marks = (checkpoint or {}).get("marks")
    if not isinstance(marks, Mapping):
        return {}
    good = {key: value for key, value in marks.items() if isinstance(value, int | float)}
    return {str(key): float(value) for key, value in good.items() if math.isfinite(value)}


def _now() -> datetime:
    return datetime.now(UTC)
