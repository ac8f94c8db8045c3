"""Bluesky: every public post that holds a keyword, live from a Jetstream server, without a key.

Jetstream (https://github.com/bluesky-social/jetstream) sends all new posts and deletions as JSON over a websocket; the
words are matched here. The checkpoint is `{"cursor": time_us}`; a connection goes on a few seconds before it, so events
come at least once. Servers keep some hours to days; what is older than that is lost without notice. An edited post
passes the same filter as a new one. Jetstream names an account that is deleted or taken down, not its posts: those are
found missing when stored posts are looked at again (`refresh`, app.bsky.feed.getPosts, no key).
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final, Never
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator

from listener.collect._api import Api, Server
from listener.collect._jetstream import MAX_EVENT_BYTES, Filter, decode, read, subscription
from listener.collect._pace import shared
from listener.collect._platform import MalformedError, Origin
from listener.collect._values import count, entries, inner
from listener.collect._waiting import PULSE, in_background, pause
from listener.errors import UnreachableError
from listener.settings import Duration, SourceOptions, Terms
from listener.types import Checkpoint, Deletion, Engagement, Event, Rejection

if TYPE_CHECKING:
    from listener.collect._websocket import Link

STREAMING: Final = True

RECONNECT_DELAYS: tuple[float, ...] = (0.0, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each new try (jittered); after that many connections in a row that did not last it is given up."""

STEADY: Final = 10.0
"""A connection that lasted so many seconds was a good one."""
REWIND_US: Final = 5_000_000
"""How far before the last event a new connection starts: events are not strictly in order of their time."""
LIVE_US: Final = 5_000_000
"""An event that is not older than this is live: nothing more is waiting."""
IDLE: Final = 2.0
"""So many seconds without any event also mean that nothing is waiting."""
APPVIEW: Final = "https://public.api.bsky.app"
POSTS_A_LOOK: Final = 25
LOOKS_A_MINUTE: Final = 60
SKIP_US: Final = 1_000_000
"""How far a message that is too large is jumped over: the server would send it again."""

_log = logging.getLogger(__name__)


class Options(SourceOptions):
    """`keywords` empty: the words of all brands."""

    endpoint: str = "wss://jetstream2.us-east.bsky.network/subscribe"
    everything: bool = False
    """Take every post of the network, whatever its words."""
    keywords: Annotated[Terms, Field(validate_default=True)] = ()
    languages: tuple[str, ...] = ()
    """Declared languages to keep (`["ja", "zh", "en"]`); posts that declare none are kept."""
    backfill: Duration = timedelta(0)
    """How far back the very first connection reaches; the server keeps a day or two."""
    compress: bool = True
    """Offer permessage-deflate: a fraction of the traffic for a little work."""
    appview: Server | None = None
    """Where stored posts are looked at again; left out: the public one, if `endpoint` is the public network's."""
    allow: tuple[str, ...] = ()

    @field_validator("endpoint")
    @classmethod
    def _is_websocket(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("ws", "wss") or not parts.hostname or parts.port == 0 or "@" in parts.netloc:
            raise ValueError("an address such as wss://HOST/subscribe, without user name and password")
        return value

    @field_validator("keywords")
    @classmethod
    def _listens_for_something(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not value and not info.data.get("everything"):
            raise ValueError("words to listen for, here or in [[brands]]; or everything = true")
        return value


def collect(options: Options, checkpoint: Mapping[str, Any] | None) -> Iterator[Event]:
    """Listen until closed.

    Raises UnreachableError and RateLimitedError, ForbiddenAddressError, AuthError, GoneError, PayloadError.
    """
    yield from _Listener(options, checkpoint).run()


def check(options: Options) -> None:
    """Knock once. Raises SourceError."""
    from listener.collect._websocket import connect

    url = subscription(options.endpoint, None)
    connect(url, source=options.name, allow=options.allow, compress=options.compress).close()


def refresh(options: Options, ids: Sequence[str]) -> Iterator[Event]:
    """The posts' counts as they are now; one that is gone, with its account or alone, is a Deletion."""
    host = urlsplit(options.endpoint).hostname or ""
    appview = options.appview or (APPVIEW if host.endswith(".bsky.network") else None)
    if appview is None:
        return
    api = Api(options.name, appview, shared(appview, None, LOOKS_A_MINUTE), options.allow)
    for start in range(0, len(ids), POSTS_A_LOOK):
        some = ids[start : start + POSTS_A_LOOK]
        posts = entries(inner(api.get("xrpc/app.bsky.feed.getPosts", {"uris": some}), "posts"))
        now = datetime.now(UTC)
        found = {str(inner(post, "uri")): post for post in posts}
        for native_id in some:
            if native_id in found:
                yield _counts(found[native_id], native_id, options.name, now)
            else:
                yield Deletion(source=options.name, native_id=native_id, at=now)


def _counts(post: Any, native_id: str, source: str, now: datetime) -> Engagement:
    reposts, quotes = count(inner(post, "repostCount")), count(inner(post, "quoteCount"))
    shares = None if reposts is None and quotes is None else (reposts or 0) + (quotes or 0)
    replies, likes = count(inner(post, "replyCount")), count(inner(post, "likeCount"))
    return Engagement(source=source, native_id=native_id, at=now, replies=replies, shares=shares, likes=likes)


class _Listener:
    """One run: connects, listens, and connects again after a cut, always right behind what it has yielded."""

    def __init__(self, options: Options, checkpoint: Mapping[str, Any] | None) -> None:
        self._options = options
        self._origin = Origin.of(options, "bluesky")
        self._wanted = Filter(() if options.everything else options.keywords, options.languages)
        self._mark = _saved_mark(checkpoint)
        self._start = _start(self._mark, options.backfill)
        self._heard = 0
        self._latest_us = 0
        self._quiet_since: float | None = None

    def run(self) -> Generator[Event, None, None]:
        failures = 0
        while True:
            opened = time.monotonic()
            trouble = yield from self._connected()
            failures = 0 if self._heard and time.monotonic() - opened >= STEADY else failures + 1
            if failures > len(RECONNECT_DELAYS):
                raise trouble
            _log.info("%s: %s; connecting again", self._options.name, trouble.code)
            delay = RECONNECT_DELAYS[failures - 1] if failures else 0.0
            yield from pause(delay * random.uniform(0.5, 1.0), self._beat)  # noqa: S311 (jitter, no secret)

    def _connected(self) -> Generator[Event, None, UnreachableError]:
        """From one connection to its end, and what ended it. Raises SourceError where trying again cannot help."""
        from listener.collect._websocket import Cut, TooLarge, connect

        self._heard = 0
        url = subscription(self._options.endpoint, self._start)
        options = self._options
        call = partial(connect, url, source=options.name, allow=options.allow, compress=options.compress)
        try:
            link = yield from in_background(call, self._beat, discard=lambda late: late.close())
        except UnreachableError as error:
            return error
        try:
            self._quiet_since = time.monotonic()
            yield from self._listen(link)
        except Cut as cut:
            trouble = UnreachableError(options.name, f"the connection was cut ({cut.code})")
        except TooLarge:
            trouble = UnreachableError(options.name, "a message was too large")
            yield self._rejected(f"after time_us {self._mark}", f"larger than {MAX_EVENT_BYTES} bytes")
            self._mark = self._start = (self._mark or _now_us()) + SKIP_US
            return trouble
        finally:
            self._quiet_since = None
            link.close()
        if self._mark is not None:
            self._start = _start(self._mark, timedelta(0))
        return trouble

    def _listen(self, link: Link) -> Generator[Event, None, Never]:
        beat_at = time.monotonic() + PULSE
        while True:
            raw = link.receive(beat_at - time.monotonic())
            if raw is not None:
                event = self._take(raw)
                if event is not None:
                    yield event
            if time.monotonic() >= beat_at:
                yield self._beat()
                beat_at = time.monotonic() + PULSE

    def _take(self, raw: bytes) -> Event | None:
        """What one message means; the mark moves with it."""
        self._heard += 1
        self._quiet_since = time.monotonic()
        try:
            event, time_us = decode(raw, f"message {self._heard} after time_us {self._mark}")
            self._latest_us = time_us
            found = read(event, time_us, self._origin, self._wanted)
        except MalformedError as error:
            return self._rejected(error.place, str(error))
        # A clock that runs wild on the server must not carry the mark into a future that never comes.
        self._mark = max(self._mark or 0, min(time_us, _now_us()))
        return found

    def _beat(self) -> Checkpoint:
        value = {"cursor": self._mark} if self._mark else {}
        return Checkpoint(source=self._options.name, value=value, caught_up=self._caught_up())

    def _caught_up(self) -> bool:
        if self._quiet_since is None:
            return False
        live = bool(self._heard) and abs(_now_us() - self._latest_us) <= LIVE_US
        return live or time.monotonic() - self._quiet_since >= IDLE

    def _rejected(self, place: str, reason: str) -> Rejection:
        return Rejection(source=self._options.name, place=place, reason=reason)


def _saved_mark(checkpoint: Mapping[str, Any] | None) -> int | None:
    """The cursor of the last run; anything else than that is a first run."""
    cursor = (checkpoint or {}).get("cursor")
    return cursor if type(cursor) is int and 0 < cursor <= _now_us() else None


def _start(mark: int | None, backfill: timedelta) -> int | None:
    """Where a connection starts: a little before the mark; without one as far back as asked, or live."""
    if mark is not None:
        return max(mark - REWIND_US, 1)
    seconds = backfill.total_seconds()
    return _now_us() - int(seconds * 1_000_000) if seconds > 0 else None


def _now_us() -> int:
    return time.time_ns() // 1000
