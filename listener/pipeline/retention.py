"""Letting go of posts that are older than their source is to be kept, in small batches; holds win."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from listener.store import Store
from listener.store.retention import Place

BATCH: Final = 200
"""Posts wiped in one transaction: a moment's work, so that nobody waits long."""


@dataclass(slots=True)
class Purged:
    """What became of the old posts of one source. `held` counts by hold; `in_work`: their case is not closed yet."""

    purged: int = 0
    in_work: int = 0
    held: Counter[int] = field(default_factory=Counter)
    finished: bool = True


def purge(
    store: Store,
    source: str,
    older_than: timedelta,
    now: datetime,
    *,
    dry_run: bool = False,
    batches: int | None = None,
) -> Purged:
    """Wipe the posts of one source that were written longer ago than that; at most `batches` batches.

    Text, title, author, address, versions, evidence, search terms and copy keys go as for a post that its author
    deleted; a tombstone keeps it from being collected again. Posts under a hold stay, and those with a case that is not
    closed. Raises StoreError.
    """
    report, place = Purged(), None
    # What stays is passed over in any case, or it would bar the way to what is to go.
    while batches is None or report.purged < batches * BATCH:
        place = _batch(store, source, now - older_than, now, place, report, dry_run=dry_run)
        if place is None:
            return report
    report.finished = False
    return report


def _batch(
    store: Store,
    source: str,
    before: datetime,
    now: datetime,
    place: Place | None,
    report: Purged,
    *,
    dry_run: bool,
) -> Place | None:
    """One transaction; where it ended, None at the end."""
    with store.read() if dry_run else store.write() as tx:
        rows, place = tx.retention.older(source, before, BATCH, place)
        held = tx.holds.of(rows)
        in_work = tx.retention.in_work([row.id for row in rows]) - held.keys()
        going = [row for row in rows if row.id not in held and row.id not in in_work]
        if not dry_run:
            tx.forget(going, now, "listener", "purged")
            tx.rechecks.drop([row.id for row in going])
    report.purged += len(going)
    report.in_work += len(in_work)
    report.held.update(held.values())
    return place


def purge_all(
    store: Store,
    keep: Mapping[str, timedelta],
    now: datetime,
    *,
    dry_run: bool = False,
    batches: int | None = None,
) -> dict[str, Purged]:
    """Each of these sources by how long it is kept; those that had anything old."""
    reports = {
        source: purge(store, source, older_than, now, dry_run=dry_run, batches=batches)
        for source, older_than in keep.items()
    }
    return {name: one for name, one in reports.items() if one.purged or one.in_work or one.held}
