"""Mastodon and its kin: public statuses of hashtags, of a server's public timeline and of searches (Mastodon.py).

One source is one server. Timelines are polled from the last known status on, so that nothing is missed, and followed
by the server's streams in between, where it offers them (most want a token for that): then a status, its edits and
its deletion arrive at once. A stream that breaks is opened again at the next poll. Searches need a token.

The checkpoint is `{"marks": {timeline: id of the newest status}}`.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from listener.collect._api import Server, credential
from listener.collect._mastodon_read import host_of, read
from listener.collect._platform import Origin
from listener.collect._values import readings
from listener.collect._waiting import in_background, pause
from listener.collect._words import Words
from listener.errors import AuthError, ForbiddenAddressError, GoneError, RateLimitedError, SourceError
from listener.settings import Duration, SourceOptions, Terms
from listener.types import Checkpoint, Deletion, Event, Mention, Rejection

if TYPE_CHECKING:
    from listener.collect._mastodon_client import Client

STREAMING: Final = True
MAX_PAGES: Final = 50
WAITING: Final = 10_000
"""Streamed statuses that wait to be taken; what does not fit is found by the next poll."""


def _hashtag(value: str) -> str:
    tag = value.removeprefix("#").strip()
    if not tag or any(char.isspace() or char in "/?#&" for char in tag):
        raise ValueError("a hashtag such as 'acme', without blanks")
    return tag


class Options(SourceOptions):
    """`keywords` (empty: the words of all brands) are matched in the public timeline only."""

    endpoint: Server
    """The server, e.g. https://mastodon.social."""
    hashtags: tuple[Annotated[str, AfterValidator(_hashtag)], ...] = ()
    public: bool = False
    """Hear the server's whole public timeline."""
    local: bool = False
    """Of timelines, only what was written on this server."""
    searches: Annotated[Terms, Field(validate_default=True)] = ()
    keywords: Terms = ()
    stream: bool = True
    token_env: str | None = None
    token_file: str | None = None
    every: Duration = timedelta(seconds=60)
    backfill: Duration = timedelta(days=1)
    """How far back the very first pass reaches."""
    channel: str | None = "mastodon"
    allow: tuple[str, ...] = ()

    @field_validator("searches")
    @classmethod
    def _hears_something(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not value and not info.data.get("hashtags") and not info.data.get("public"):
            raise ValueError("hashtags, searches or public = true are needed")
        return value


def collect(options: Options, checkpoint: Mapping[str, Any] | None) -> Iterator[Event]:
    """Listen until closed. Raises AuthError, GoneError, UnreachableError and the other SourceErrors."""
    listener = _Listener(options, checkpoint)
    try:
        yield from listener.run()
    finally:
        listener.close()


def refresh(options: Options, ids: Sequence[str]) -> Iterator[Event]:
    """The statuses as they are now; one that is gone is a Deletion."""
    client, now = _client(options), datetime.now(UTC)
    for native_id in ids:
        try:
            status = client.status(native_id)
        except GoneError:
            yield Deletion(source=options.name, native_id=native_id, at=now)
        else:
            yield from readings([status], _reader(options), options.name)


def _client(options: Options) -> Client:
    from listener.collect._mastodon_client import Client

    token = credential(options.name, "token", env=options.token_env, file=options.token_file)
    return Client(options.name, options.endpoint, token, options.allow)


def _reader(options: Options) -> Any:
    origin = Origin.of(options, "mastodon")
    return partial(read, host=host_of(options.endpoint), origin=origin, now=datetime.now(UTC))


class _Listener:
    """The loop: poll everything, then take what the streams bring until it is time to poll again."""

    def __init__(self, options: Options, checkpoint: Mapping[str, Any] | None) -> None:
        self._options = options
        self._client = _client(options)
        self._words = Words(options.keywords)
        saved = (checkpoint or {}).get("marks")
        self._marks = {str(key): str(mark) for key, mark in (saved if isinstance(saved, Mapping) else {}).items()}
        self._places = [
            *(f"tag/{tag}" for tag in dict.fromkeys(options.hashtags)),
            *(["public"] if options.public else []),
        ]
        self._streams: dict[str, _Stream] = {}
        self._inbox: queue.Queue[tuple[str, str, Any]] = queue.Queue(WAITING)
        self._caught_up = False

    def run(self) -> Generator[Event, None, None]:
        """Until closed."""
        while True:
            self._caught_up = False
            yield from self._round()
            self._caught_up = True
            for beat in pause(self._options.every.total_seconds(), self._beat):
                yield from self._streamed()
                yield beat

    def close(self) -> None:
        """Hang up all streams."""
        for stream in self._streams.values():
            stream.close()

    def _round(self) -> Generator[Event, None, None]:
        """Look at everything once. Raises the first trouble if nothing could be read."""
        trouble: SourceError | None = None
        asked = [partial(self._timeline, place) for place in self._places]
        asked += [partial(self._search, query) for query in self._options.searches]
        heard = 0
        for look in asked:
            try:
                yield from look()
                heard += 1
            except (ForbiddenAddressError, RateLimitedError):
                raise
            except SourceError as error:
                trouble = trouble or error
                reason = str(error).removeprefix(f"{error.source}: ")
                yield Rejection(source=self._options.name, place=str(look.args[0]), reason=reason)
            yield self._beat()
        if trouble is not None and not heard:
            raise trouble

    def _timeline(self, place: str) -> Generator[Event, None, None]:
        """From the mark on, oldest first; the first time from the newest back."""
        if self._options.stream:
            self._follow(place)
        if place not in self._marks:
            yield from self._backfill(place)
            return
        for _ in range(MAX_PAGES):
            page = yield from self._ask(place, min_id=self._marks[place])
            yield from self._events(reversed(page), place)
            if not page or not _newer(page[0], self._marks[place]):
                return
            self._marks[place] = str(page[0]["id"])
            yield self._beat()

    def _backfill(self, place: str) -> Generator[Event, None, None]:
        since = datetime.now(UTC) - self._options.backfill
        newest: str | None = None
        before: str | None = None
        for _ in range(MAX_PAGES):
            page = yield from self._ask(place, max_id=before)
            found = list(self._events(page, place))
            # The newest page is taken whatever its age: a quiet hashtag is not an empty one.
            kept = found if before is None else [event for event in found if not _is_older(event, since)]
            yield from kept
            newest = newest or (str(page[0]["id"]) if page else None)
            if not page or any(_is_older(event, since) for event in found) or str(page[-1]["id"]) == before:
                break
            before = str(page[-1]["id"])
            yield self._beat()
        if newest is not None:
            self._marks[place] = newest

    def _search(self, query: str) -> Generator[Event, None, None]:
        found = yield from in_background(partial(self._client.search, query), self._beat)
        yield from self._events(found, "search")

    def _ask(self, place: str, **ids: str | None) -> Generator[Event, None, list[Any]]:
        call = partial(self._client.timeline, place, local=self._options.local, **ids)
        page = yield from in_background(call, self._beat)
        return [status for status in page if isinstance(status, Mapping) and status.get("id")]

    def _events(self, statuses: Any, place: str) -> Iterator[Event]:
        for found in readings(statuses, _reader(self._options), self._options.name):
            wanted = place != "public" or not isinstance(found, Mention)
            if wanted or self._words.within(f"{found.title or ''}\n{found.text}"):  # type: ignore[union-attr]
                yield found

    def _follow(self, place: str) -> None:
        """Open the place's stream if it is not open; a server that refuses it is only polled."""
        stream = self._streams.get(place)
        if stream is None or (stream.is_over() and not stream.refused):
            self._streams[place] = _Stream(self._client, place, self._options.local, self._inbox)

    def _streamed(self) -> Iterator[Event]:
        """What the streams brought. The marks stay: the next poll begins where the last one ended."""
        while True:
            try:
                what, place, said = self._inbox.get_nowait()
            except queue.Empty:
                return
            if what == "delete":
                yield Deletion(source=self._options.name, native_id=str(said), at=datetime.now(UTC))
            else:
                yield from self._events([said], place)

    def _beat(self) -> Checkpoint:
        return Checkpoint(source=self._options.name, value={"marks": dict(self._marks)}, caught_up=self._caught_up)


class _Stream:
    """One open stream on a thread of its own."""

    def __init__(self, client: Client, place: str, local: bool, inbox: queue.Queue[tuple[str, str, Any]]) -> None:
        self._place = place
        self._inbox = inbox
        self.refused = False
        self._following = client.follow(place, local=local, take=self._take)
        self._thread = threading.Thread(target=self._listen, name=f"stream-{place}", daemon=True)
        self._thread.start()

    def is_over(self) -> bool:
        """Whether it broke or was refused."""
        return not self._thread.is_alive()

    def close(self) -> None:
        """Hang up; the thread ends by itself."""
        self._following.hang_up()

    def _take(self, what: str, said: Any) -> None:
        # What does not fit is found by the next poll.
        with contextlib.suppress(queue.Full):
            self._inbox.put_nowait((what, self._place, said))

    def _listen(self) -> None:
        try:
            self._following.run()
        except (AuthError, GoneError):
            self.refused = True
        except SourceError:
            pass  # opened again at the next poll


def _is_older(event: Event, since: datetime) -> bool:
    return isinstance(event, Mention) and event.posted_at < since


def _newer(status: Mapping[str, Any], mark: str) -> bool:
    """Whether the status comes after the mark: ids are numbers on Mastodon, sortable text elsewhere."""
    given = str(status["id"])
    return int(given) > int(mark) if given.isdigit() and mark.isdigit() else given != mark
