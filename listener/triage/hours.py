"""Business hours: how much of a stretch of time is working time, and when so much of it will have passed.

Hours are wall-clock times of a zone, lengths are real ones: on the night when clocks go forward a shift from 22:00 to
06:00 has seven hours, when they go back nine. A wall-clock time that a change of clocks skips is taken as if the clocks
had changed after it; one that comes twice is its first coming (PEP 495, fold=0). A holiday closes the spans that begin
on its date.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from listener.settings.work import Hours as HoursSetting
from listener.settings.work import Opening

_DAY = timedelta(days=1)
_MINUTES = 1440
_BREAK = timedelta(hours=3)
Minutes = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Hours:
    """`week[0]` are Monday's open spans in minutes of the day, sorted, apart, breaks cut out."""

    zone: ZoneInfo
    week: tuple[tuple[Minutes, ...], ...]
    holidays: frozenset[date] = frozenset()

    @classmethod
    def of(cls, setting: HoursSetting) -> Hours:
        week = tuple(_open_on(day, setting.open, setting.lunch) for day in range(7))
        return cls(ZoneInfo(setting.zone), week, frozenset(setting.holidays))


def _open_on(day: int, openings: tuple[Opening, ...], breaks: tuple[Opening, ...]) -> tuple[Minutes, ...]:
    spans = _joined([(one.start, one.end) for one in openings if day in one.days])
    for pause in breaks:
        for shift in (0, _MINUTES):  # a night shift has its break on the next date
            spans = [part for span in spans for part in _without(span, (pause.start + shift, pause.end + shift))]
    return tuple(spans)


def _joined(spans: list[Minutes]) -> list[Minutes]:
    found: list[Minutes] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _without(span: Minutes, cut: Minutes) -> list[Minutes]:
    parts = [(span[0], min(span[1], cut[0])), (max(span[0], cut[1]), span[1])]
    return [part for part in parts if part[0] < part[1]]


def spans(hours: Hours | None, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Open stretches from `start` on, in aware UTC, in order and apart; endless unless it is never open.

    Without hours it is always open: one stretch without an end that matters.
    """
    start = start.astimezone(UTC)
    if hours is None:
        yield start, datetime.max.replace(tzinfo=UTC)
        return
    if not any(hours.week):
        return
    day, last = start.astimezone(hours.zone).date() - _DAY, start  # yesterday's night shift may still be on
    while day < date.max - 2 * _DAY:
        if day not in hours.holidays:
            for opens, closes in hours.week[day.weekday()]:
                begin, end = max(last, _moment(hours.zone, day, opens)), _moment(hours.zone, day, closes)
                if begin < end:
                    yield begin, end
                    last = end
        day += _DAY


def _moment(zone: ZoneInfo, day: date, minute: int) -> datetime:
    days, rest = divmod(minute, _MINUTES)
    wall = datetime.combine(day + days * _DAY, time(rest // 60, rest % 60), tzinfo=zone)
    return wall.astimezone(UTC)


def worked(hours: Hours | None, start: datetime, end: datetime) -> timedelta:
    """Working time between two moments; nothing if `end` is not after `start`."""
    total = timedelta(0)
    for opens, closes in spans(hours, start):
        if opens >= end:
            break
        total += min(closes, end) - opens
    return total


def after(hours: Hours | None, start: datetime, length: timedelta) -> datetime | None:
    """The moment at which `length` of working time has passed since `start`; None if it is never open."""
    if length <= timedelta(0):
        return start.astimezone(UTC)
    for opens, closes in spans(hours, start):
        if closes - opens >= length:
            return opens + length
        length -= closes - opens
    return None


def is_open(hours: Hours | None, at: datetime) -> bool:
    return next((opens <= at for opens, _ in spans(hours, at)), False)


def closes_at(hours: Hours | None, at: datetime) -> datetime | None:
    """When the shift that is on at this moment ends; None if none is on, or if it never ends.

    Two stretches belong to one shift if less than three hours (a break) lie between them.
    """
    if hours is None or not is_open(hours, at):
        return None
    end = at
    for opens, closes in spans(hours, at):
        if opens - end >= _BREAK:
            return end
        end = closes
        if end - at > 2 * _DAY:
            break
    return None
