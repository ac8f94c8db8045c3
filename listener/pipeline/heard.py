"""What each source is heard of: expected and real posts, silences, lags, drops, budgets, overdue looks. Only reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from listener.pipeline.sources import Source
from listener.store import Tx
from listener.store.hearing import Lag
from listener.store.rows import SourceRow
from listener.store.sources import COUNTS
from listener.triage.hearing import PAST, Hearing, hearing
from listener.types import Budget

DROPPED_SINCE: Final = timedelta(days=7)
LATE: Final = timedelta(hours=2)
"""The longest pause between two looks is 22 hours (pipeline/recheck.py): later than this is later than a day."""
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Seconds that half and 95 of 100 posts took at most."""

    p50: float
    p95: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One source. `expected`: posts usual in this hour, None while its past is too short to tell; `this_hour`: so far.

    `silent_since`: the last post, where nothing came for longer than the past explains. `lags`: from posted to
    `collected`, `scored` and `shown`, as far as there are any. `dropped`: what could not be read in a week, by reason.
    `overdue`: posts that should have been looked at again for deletion.
    """

    row: SourceRow
    this_hour: int = 0
    expected: float | None = None
    silent_since: datetime | None = None
    lags: Mapping[str, Quantiles] = field(default_factory=dict)
    dropped: Mapping[str, int] = field(default_factory=dict)
    budgets: tuple[Budget, ...] = ()
    overdue: int = 0

    @property
    def is_deaf(self) -> bool:
        """Whether something that customers say there may be missed now."""
        return self.row.state == "blind" or self.silent_since is not None


def heard(tx: Tx, found: Sequence[Source], now: datetime) -> list[Heard]:
    """All sources that were ever heard or registered; `found` are those of the settings, for their budgets."""
    by_name = {source.name: source for source in found}
    return [_heard(tx, row, by_name.get(row.source), now) for row in tx.sources.all()]


def unheard(source: Source) -> Heard:
    """A source of the settings that nothing is known of yet."""
    counts: dict[str, Any] = dict.fromkeys(("failures", *COUNTS), 0)
    unknown = ("last_item_at", "last_ok_at", "blind_since", "error_code", "error", "hint", "next_poll_at", "lag_s")
    counts |= dict.fromkeys(unknown)
    row = SourceRow(source=source.name, kind=source.options.kind, state="new", **counts)
    return Heard(row=row)


def silences(tx: Tx, now: datetime) -> dict[str, datetime]:
    """Sources that are silent beyond what their past explains, and since when."""
    listening = [row for row in tx.sources.all() if row.state == "listening"]
    since = {row.source: _silence(row, _hours(tx, row, now), now)[1] for row in listening}
    return {name: at for name, at in since.items() if at is not None}


def _heard(tx: Tx, row: SourceRow, source: Source | None, now: datetime) -> Heard:
    hours = _hours(tx, row, now)
    usual, silent_since = _silence(row, hours, now)
    return Heard(
        row=row,
        this_hour=hours.get(now.replace(minute=0, second=0, microsecond=0), 0),
        expected=usual.expected if usual.known else None,
        silent_since=silent_since if row.state == "listening" else None,
        lags=quantiles(tx.hearing.lags(row.source)),
        dropped=tx.hearing.dropped(row.source, now - DROPPED_SINCE),
        budgets=_budgets(tx, source, now),
        overdue=tx.rechecks.overdue(row.source, now - LATE),
    )


def _hours(tx: Tx, row: SourceRow, now: datetime) -> dict[datetime, int]:
    return tx.hearing.hours(row.source, now - PAST)


def _silence(row: SourceRow, hours: Mapping[datetime, int], now: datetime) -> tuple[Hearing, datetime | None]:
    """What is usual now, and since when the source has been silent beyond that."""
    if not hours:
        return hearing({}, now, last_item_at=None, listening_since=None), None
    first = min(hours)
    # The first hour holds what was reached back for: it says nothing of an ordinary one.
    usual = {hour: count for hour, count in hours.items() if hour > first}
    since = first + _HOUR
    last = min(max(hours) + _HOUR, now)  # when in that hour is not known: the latest it can have been
    last = last if row.last_item_at is None else max(last, min(row.last_item_at, now))
    expected = hearing(usual, now, last_item_at=last, listening_since=since)
    # It is silent as far as it was listened to: that nobody listened is another matter.
    until = max(min(row.last_ok_at or now, now), last)
    silent = hearing(usual, until, last_item_at=last, listening_since=since)
    return expected, last if silent.is_silent else None


def quantiles(lags: Sequence[Lag]) -> dict[str, Quantiles]:
    """Of each stage that some posts reached."""
    found = {}
    for stage in Lag._fields:
        seconds = sorted(value for lag in lags if (value := getattr(lag, stage)) is not None)
        if seconds:
            last = len(seconds) - 1
            found[stage] = Quantiles(seconds[round(0.5 * last)], seconds[round(0.95 * last)])
    return found


def _budgets(tx: Tx, source: Source | None, now: datetime) -> tuple[Budget, ...]:
    told: Any = getattr(source.collector, "budget", None) if source else None
    if source is None or told is None:
        return ()
    return tuple(told(source.options, tx.sources.checkpoint(source.name), now))
