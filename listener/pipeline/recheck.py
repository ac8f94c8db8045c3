"""Stored posts looked at again on their platform: edits, deletions, and counts for the spread forecast.

Often in the first hours, when a post may spread, then more and more rarely, but at least once a day as long as its
text is kept: what its author deletes must go here too.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from listener.errors import SourceError, StoreError
from listener.pipeline.accept import accept
from listener.pipeline.ears import Ears
from listener.pipeline.listen import as_source_error
from listener.pipeline.sources import Source
from listener.store import Tx
from listener.store.rechecks import Due
from listener.types import Deletion, Event

log = logging.getLogger("listener.recheck")

BATCH: Final = 100
ROUND_S: Final = 20.0
"""Between two looks for what is due."""
FIRST: Final = timedelta(minutes=10)
POSTPONED: Final = timedelta(minutes=15)
_SCHEDULE: Final = (
    (timedelta(hours=1), timedelta(minutes=10)),
    (timedelta(hours=6), timedelta(minutes=30)),
    (timedelta(days=1), timedelta(hours=2)),
    (timedelta(days=3), timedelta(hours=8)),
)
_DAILY: Final = timedelta(hours=22)
"""Less than a day, so that a batch that waits its turn is still looked at within one."""


def next_look(age: timedelta) -> timedelta:
    """How long until a post of this age is looked at again."""
    return next((pause for until, pause in _SCHEDULE if age < until), _DAILY)


def can_look(source: Source) -> bool:
    """Whether the platform lets listener look at single posts."""
    return hasattr(source.collector, "refresh")


def recheck(source: Source, ears: Ears, now: datetime, *, limit: int = BATCH) -> int:
    """Look at what is due of one source; how many posts. Raises SourceError, after putting them off, and StoreError."""
    with ears.store.write() as tx:
        _enrol(tx, source.name, now)
        due = tx.rechecks.due(source.name, now, limit)
    if not due:
        return 0
    try:
        events: list[Event] = list(source.collector.refresh(source.options, [one.native_id for one in due]))  # type: ignore[attr-defined]
    except Exception as fault:
        error = as_source_error(source.name, fault)
        pause = max(POSTPONED, timedelta(seconds=error.retry_after or 0.0))
        with ears.store.write() as tx:
            tx.rechecks.put_off({one.mention_id: now + pause for one in due})
        raise error from None
    accept(ears.store, events, match=ears.match, own_accounts=ears.own_accounts, now=now)
    _plan(due, events, ears, now)
    ears.news.set()
    return len(due)


def _enrol(tx: Tx, source: str, now: datetime) -> None:
    """What was stored since the last time is planned."""
    name, newest = f"recheck:{source}", tx.mentions.next_id() - 1
    after = tx.state.get(name) or 0
    if newest > after:
        tx.rechecks.enrol(source, now + FIRST, after=after)
        tx.state.put(name, newest, now)


def _plan(due: Sequence[Due], events: Sequence[Event], ears: Ears, now: datetime) -> None:
    gone = {event.native_id for event in events if isinstance(event, Deletion)}
    with ears.store.write() as tx:
        tx.rechecks.drop([one.mention_id for one in due if one.native_id in gone])
        kept = [one for one in due if one.native_id not in gone]
        tx.rechecks.put_off({one.mention_id: now + next_look(now - one.posted_at) for one in kept})


class RecheckThread(threading.Thread):
    """Goes round all sources that allow it until `stop` is set; one that fails is put off and stops no other."""

    def __init__(self, sources: Sequence[Source], ears: Ears, stop: threading.Event) -> None:
        super().__init__(name="recheck", daemon=True)
        self._sources = [source for source in sources if can_look(source)]
        self._ears = ears
        self._halt = stop

    def run(self) -> None:
        """Round after round."""
        while not self._halt.wait(ROUND_S):
            for source in self._sources:
                if self._halt.is_set():
                    return
                self._look(source)

    def _look(self, source: Source) -> None:
        try:
            looked = recheck(source, self._ears, datetime.now(UTC))
        except SourceError as error:
            log.warning("%s: not looked at again (%s)", error, error.code)
        except StoreError as error:
            log.error("%s: %s", source.name, error)
        else:
            if looked:
                log.debug("%s: %d looked at again", source.name, looked)
