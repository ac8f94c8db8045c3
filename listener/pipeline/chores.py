"""What the worker does now and then beside its work: notice silences, draw samples, let go of what is too old."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from listener.pipeline.erase import wipe
from listener.pipeline.heard import silences
from listener.pipeline.labelling import draw_week
from listener.pipeline.retention import purge_all
from listener.pipeline.sources import Source
from listener.store import Store

log = logging.getLogger("listener.chores")

SILENT: Final = "silent"
"""Sources that are silent beyond what their past explains, in the store's state: {name: since when}."""
EVERY: Final = timedelta(minutes=1)
HOURLY: Final = timedelta(hours=1)
AT_ONCE: Final = 5
"""Batches of old posts that are let go before the worker goes on with its work."""
HOURS_KEPT: Final = timedelta(days=60)
"""How long it is known how much came hour by hour; twice what is looked at."""


class Chores:
    """`do` is called often and does what is due. Chores that another worker did meanwhile do no harm."""

    def __init__(self, store: Store, sources: Sequence[Source]) -> None:
        self._store = store
        self._sources = sources
        self._looked: datetime | None = None
        self._tidied: datetime | None = None

    def do(self, now: datetime) -> None:
        """What is due. Raises StoreError."""
        if self._looked is None or now - self._looked >= EVERY:
            self._looked = now
            self._notice_silences(now)
            if self._tidied is None or now - self._tidied >= HOURLY:
                self._tidied = now
                self._tidy(now)

    def _notice_silences(self, now: datetime) -> None:
        with self._store.read() as tx:
            found = {name: since.isoformat() for name, since in silences(tx, now).items()}
            before: dict[str, Any] = tx.state.get(SILENT) or {}
        if found == before:
            return
        for name in found.keys() - before.keys():
            log.warning("%s: silent since %s, which its own past does not explain", name, found[name])
        for name in before.keys() - found.keys():
            log.info("%s: no longer silent", name)
        with self._store.write() as tx:
            tx.state.put(SILENT, found, now)

    def _tidy(self, now: datetime) -> None:
        with self._store.write() as tx:
            tx.hearing.forget(now - HOURS_KEPT)
        wipe(self._store, seconds=1.0)  # where a reader kept the old pages when somebody was erased
        if drawn := draw_week(self._store, now):
            log.info("%d posts of last week were drawn to be labelled", drawn)
        keep = {source.name: source.options.keep for source in self._sources if source.options.keep is not None}
        reports = purge_all(self._store, keep, now, batches=AT_ONCE)
        for name, report in reports.items():
            if report.purged:
                log.info("%s: %d posts were older than they are kept", name, report.purged)
        if not all(report.finished for report in reports.values()):
            self._tidied = now - HOURLY  # the rest with the next look
