"""One source's life: collect, hand over to `accept`, back off when the platform is in trouble, say when it is deaf.

Every source has its own thread, so that one that hangs or fails never stops another. What was collected is written in
small batches together with the checkpoint that covers it: a kill at any moment costs nothing but asking again.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from listener.errors import ListenerError, SourceError, StoreError
from listener.pipeline.accept import Accepted, accept
from listener.pipeline.ears import Ears
from listener.pipeline.sources import Source
from listener.types import Checkpoint, Event

log = logging.getLogger("listener.listen")

BATCH_EVENTS: Final = 500
BATCH_S: Final = 0.4
"""A post waits at most about this long for others before it is written."""
IDLE_SAVE_S: Final = 5.0
"""A source that only says where it stands is saved this often."""

TRANSIENT_FIRST_S: Final = 2.0
TRANSIENT_MOST_S: Final = 600.0
PERMANENT_S: Final = 900.0
"""A refused key or a missing page may be mended meanwhile: look again, but rarely."""
STORE_PAUSE_S: Final = 2.0
HEALTHY_S: Final = 60.0
"""A stream that was heard for so long was well: its next trouble is a first one, not one more in a row."""
TELL_S: Final = 60.0
"""A stream's counts are logged this often."""


@dataclass(slots=True)
class Tally:
    """What one pass brought, added up over its batches."""

    new: int = 0
    updated: int = 0
    deleted: int = 0
    rejected: int = 0
    lag_s: float | None = None
    batches: int = 0

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """New, updated, deleted, rejected."""
        return self.new, self.updated, self.deleted, self.rejected

    def add(self, accepted: Accepted) -> None:
        """Count one batch in; the lag is that of the last batch that had any."""
        self.new += accepted.new
        self.updated += accepted.updated
        self.deleted += accepted.deleted
        self.rejected += accepted.rejected
        self.batches += 1
        if accepted.lag_s is not None:
            self.lag_s = accepted.lag_s


def listen(
    source: Source,
    ears: Ears,
    *,
    stopped: Callable[[], bool],
    once: bool,
    tally: Tally,
    tell: Callable[[], None] = lambda: None,
) -> None:
    """One `collect` of the source from its stored checkpoint to its end, to `stopped`, or (`once`) until caught up.

    `tell` is called after each batch. What was yielded before an error is written before the error is raised. Raises
    SourceError, StoreError.
    """
    with ears.store.read() as tx:
        checkpoint = tx.sources.checkpoint(source.name)
    events = source.collector.collect(source.options, checkpoint)
    buffer: list[Event] = []
    written = time.monotonic()
    trouble: SourceError | None = None
    try:
        for event in events:
            buffer.append(event)
            if _is_due(buffer, time.monotonic() - written):
                _write(buffer, ears, tally)
                written = time.monotonic()
                tell()
            if stopped() or (once and isinstance(event, Checkpoint) and event.caught_up):
                break
    except SourceError as error:
        trouble = error
    finally:
        if (close := getattr(events, "close", None)) is not None:
            close()
    _write(buffer, ears, tally)
    if trouble is not None:
        raise trouble


def _is_due(buffer: list[Event], waited_s: float) -> bool:
    if len(buffer) >= BATCH_EVENTS:
        return True
    idle = all(isinstance(event, Checkpoint) for event in buffer)
    return waited_s >= (IDLE_SAVE_S if idle else BATCH_S)


def _write(buffer: list[Event], ears: Ears, tally: Tally) -> None:
    if not buffer:
        return
    accepted = accept(ears.store, buffer, match=ears.match, own_accounts=ears.own_accounts, now=datetime.now(UTC))
    buffer.clear()
    tally.add(accepted)
    if accepted.new or accepted.updated or accepted.deleted:
        ears.news.set()


def pause_after(error: SourceError, failures: int, jitter: float) -> timedelta:
    """How long to leave a platform alone after its `failures`-th failure in a row; `jitter` is 0..1.

    What the platform says itself (Retry-After) counts; else the pause doubles, with full jitter on its upper half, so
    that many sources of one platform do not come back in step.
    """
    if error.retry_after is not None:
        return timedelta(seconds=max(1.0, error.retry_after) + jitter)
    if error.permanent:
        return timedelta(seconds=PERMANENT_S * (0.9 + 0.2 * jitter))
    ceiling = min(TRANSIENT_MOST_S, TRANSIENT_FIRST_S * 2.0 ** min(failures, 20))
    return timedelta(seconds=ceiling * (0.5 + 0.5 * jitter))


def as_source_error(source: str, error: Exception) -> SourceError:
    """What a collector raised, as a source's trouble: a fault in its own code is one too."""
    if isinstance(error, SourceError):
        return error
    log.debug("%s", source, exc_info=error)
    return SourceError(
        source,
        f"unexpected {type(error).__name__} in the collector",
        hint="This is a fault in listener; please report it with LISTENER_DEBUG=1.",
    )


class _News:
    """What one pass brought, and how much of it was logged."""

    def __init__(self, source: str) -> None:
        self.tally = Tally()
        self._source = source
        self._told = self.tally.counts
        self._told_at = time.monotonic()

    def tell_now_and_then(self) -> None:
        """Log what came since the last time, if that is long ago: a stream's pass may last for weeks."""
        if time.monotonic() - self._told_at >= TELL_S:
            self.tell()

    def tell(self) -> None:
        """Log what came since the last time, if anything did."""
        counts = [now - before for now, before in zip(self.tally.counts, self._told, strict=True)]
        if any(counts):
            log.info("%s: %d new, %d updated, %d deleted, %d rejected", self._source, *counts)
        self._told, self._told_at = self.tally.counts, time.monotonic()


class SourceThread(threading.Thread):
    """Listens to one source until `stop` is set. Errors end up in the source's health, never outside."""

    def __init__(self, source: Source, ears: Ears, stop: threading.Event) -> None:
        # A daemon: a platform's client that blocks in its own sleep must not hold up the end of the process.
        # What it has not handed over yet is asked for again from the stored checkpoint.
        super().__init__(name=f"source-{source.name}", daemon=True)
        self._source = source
        self._ears = ears
        self._halt = stop
        self._failures = 0

    def run(self) -> None:
        """Pass after pass, with the pause that its outcome asks for."""
        while not self._halt.is_set():
            pause = self._pass()
            self._halt.wait(pause.total_seconds())

    def _pass(self) -> timedelta:
        news = _News(self._source.name)
        began = time.monotonic()
        try:
            listen(
                self._source,
                self._ears,
                stopped=self._halt.is_set,
                once=False,
                tally=news.tally,
                tell=news.tell_now_and_then,
            )
        except StoreError as error:
            log.error("%s: %s", self._source.name, error)
            return timedelta(seconds=STORE_PAUSE_S)
        except Exception as error:  # a fault in one collector must not stop the others
            if self._source.streaming and news.tally.batches and time.monotonic() - began >= HEALTHY_S:
                self._failures = 0
            self._failures += 1
            return self._deaf(as_source_error(self._source.name, error))
        finally:
            news.tell()
        self._failures = 0
        pause = timedelta(seconds=1) if self._source.streaming else self._source.options.every
        self._say_listening(pause)
        return pause

    def _deaf(self, error: SourceError) -> timedelta:
        # The jitter spreads load; nothing secret depends on it.
        pause = pause_after(error, self._failures, random.random())  # noqa: S311
        log.warning("%s: deaf (%s); next try in %.0f s", error, error.code, pause.total_seconds())
        now = datetime.now(UTC)
        try:
            with self._ears.store.write() as tx:
                tx.sources.failed(
                    self._source.name,
                    now,
                    code=error.code,
                    error=str(error),
                    hint=error.hint,
                    next_poll_at=now + pause,
                )
        except StoreError as store_error:
            log.error("%s: %s", self._source.name, store_error)
        return pause

    def _say_listening(self, pause: timedelta) -> None:
        now = datetime.now(UTC)
        try:
            with self._ears.store.write() as tx:
                tx.sources.ok(self._source.name, now, next_poll_at=now + pause)
        except ListenerError as error:
            log.error("%s: %s", self._source.name, error)
