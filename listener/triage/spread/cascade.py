"""A post's spread as it was known at one moment: who shared, when, from whom.

`observe` is the only way from outside data to a `Cascade`, and the only place that decides what may be read: nothing
later than the moment asked about, and no key but `id`, `followers`, `text`, `timestamp`, `events`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]

ROOT: Final = -1
MAX_ID: Final = 500


@dataclass(frozen=True, slots=True)
class Cascade:
    """What was known of a post `at` seconds after it appeared.

    `seconds` (n,) are the ages of the shares, ascending, 0 to `at`; `parents` (n,) the index of the share that each one
    shared, always an earlier one, or ROOT. None or "" where the platform does not say.
    """

    id: str
    at: float
    seconds: Floats
    parents: Ints
    followers: float | None = None
    text: str = field(default="", repr=False)
    posted_at: datetime | None = None

    @property
    def seen(self) -> int:
        """Shares so far."""
        return len(self.seconds)


@dataclass(frozen=True, slots=True)
class Observed:
    """A record understood, or not: without `cascade`, the first of `faults` says why; with it, what was ignored."""

    cascade: Cascade | None
    faults: tuple[str, ...] = ()


def observe(record: object, at: float, *, default_id: str = "") -> Observed:
    """One record of the contract (DESIGN.md section 6, forecast) as it stood `at` seconds after the post.

    Times before 0 count as 0 and a parent that is no earlier event as the root (platforms' clocks and deleted shares);
    later events are not looked at beyond their time. Faults never quote the record.
    """
    if not isinstance(record, Mapping):
        return Observed(None, ("not a JSON object",))
    name = _name(record.get("id"), default_id)
    if name is None:
        return Observed(None, ("id is not a string",))
    events = record.get("events")
    if not isinstance(events, Sequence) or isinstance(events, str | bytes):
        return Observed(None, ("events is not a list",))
    known = _known(events, at)
    if isinstance(known, str):
        return Observed(None, (known,))
    followers, text, posted_at = record.get("followers"), record.get("text"), record.get("timestamp")
    faults = []
    if followers is not None and _number(followers, least=0) is None:
        faults.append("followers is not a number of people, ignored")
    if text is not None and not isinstance(text, str):
        faults.append("text is not a string, ignored")
    if posted_at is not None and _moment(posted_at) is None:
        faults.append("timestamp is not an ISO 8601 time, ignored")
    cascade = Cascade(
        id=name,
        at=at,
        seconds=known[0],
        parents=known[1],
        followers=_number(followers, least=0),
        text=text if isinstance(text, str) else "",
        posted_at=_moment(posted_at),
    )
    return Observed(cascade, tuple(faults))


def arrange(seconds: Sequence[float], parents: Sequence[int]) -> tuple[Floats, Ints]:
    """Shares in ascending order of time, `parents` renumbered to match; one that is not earlier becomes ROOT."""
    times = np.maximum(np.asarray(seconds, dtype=np.float64), 0.0)
    given = np.asarray(parents, dtype=np.int64)
    order = np.argsort(times, kind="stable")
    place = np.empty(len(times), dtype=np.int64)
    place[order] = np.arange(len(times))
    known = (given >= 0) & (given < len(times))
    moved = np.where(known, place[np.where(known, given, 0)] if len(times) else given, ROOT)[order]
    return times[order], np.where(moved < np.arange(len(times)), moved, ROOT)


def _known(events: Sequence[Any], at: float) -> tuple[Floats, Ints] | str:
    """The events up to `at`, or why they cannot be used."""
    seconds: list[float] = []
    parents: list[int] = []
    place: dict[int, int] = {}
    for index, event in enumerate(events):
        if not isinstance(event, Sequence) or isinstance(event, str | bytes) or len(event) != 2:
            return f"events[{index}] is not a pair of seconds and parent"
        second = _number(event[0])
        if second is None:
            return f"events[{index}] has no time in seconds"
        if second > at:
            continue
        if isinstance(event[1], bool) or not isinstance(event[1], int):
            return f"events[{index}] has no whole number as parent"
        place[index] = len(seconds)
        seconds.append(second)
        parents.append(event[1])
    return arrange(seconds, [place.get(parent, ROOT) for parent in parents])


def _name(value: object, default: str) -> str | None:
    if value is None:
        return default
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)[:MAX_ID] if abs(value) < 10**MAX_ID else None
    return value if isinstance(value, str) and len(value) <= MAX_ID else None


def _number(value: object, *, least: float = -math.inf) -> float | None:
    """A finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and number >= least else None


def _moment(value: object) -> datetime | None:
    """An ISO 8601 time as aware UTC (without a zone: taken as UTC), or None."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
