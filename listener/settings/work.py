"""Who works at the desk, when, and what they promise: teams, people, business hours, answer times, routes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Final, Literal, Self, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from listener.settings.fields import Duration, Frozen, Terms
from listener.types import CAUSES

Role: TypeAlias = Literal["viewer", "responder", "manager", "analyst", "admin"]
ROLES: Final[tuple[Role, ...]] = ("viewer", "responder", "analyst", "manager", "admin")

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN: Final = r"(\d\d):(\d\d)-(\d\d):(\d\d)"


@dataclass(frozen=True, slots=True)
class Opening:
    """Days of the week (0 is Monday) and minutes of the day; an `end` beyond 1440 lies on the next day."""

    days: tuple[int, ...]
    start: int
    end: int


def _opening(value: object) -> object:
    """`"mon-fri 09:00-18:00"`, `"sat,sun 22:00-06:00"`, `"daily 00:00-24:00"`."""
    if not isinstance(value, str):
        return value
    match = re.fullmatch(rf"\s*([a-z,-]+)\s+{_SPAN}\s*", value.lower())
    days = _days(match[1]) if match else None
    if match is None or not days:
        raise ValueError('opening hours such as "mon-fri 09:00-18:00"')
    start, end = _minutes(match.groups()[1:])
    return Opening(days, start, end)


def _lunch(value: object) -> object:
    """`"12:00-13:00"`, every day."""
    if not isinstance(value, str):
        return value
    match = re.fullmatch(rf"\s*{_SPAN}\s*", value)
    if match is None:
        raise ValueError('a break such as "12:00-13:00"')
    start, end = _minutes(match.groups())
    return Opening(tuple(range(7)), start, end)


def _days(text: str) -> tuple[int, ...]:
    if text == "daily":
        return tuple(range(7))
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        if first not in DAYS or (last or first) not in DAYS:
            return ()
        start, length = DAYS.index(first), DAYS.index(last or first) - DAYS.index(first)
        found.update((start + step) % 7 for step in range(length % 7 + 1))
    return tuple(sorted(found))


def _minutes(parts: tuple[str, ...]) -> tuple[int, int]:
    hour, minute, to_hour, to_minute = map(int, parts)
    start, end = hour * 60 + minute, to_hour * 60 + to_minute
    if minute > 59 or to_minute > 59 or start >= 1440 or end > 1440:
        raise ValueError("times of day from 00:00 to 24:00")
    return start, end if end > start else end + 1440


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError('a time zone such as "Asia/Tokyo"') from None
    return value


class Hours(Frozen):
    """Business hours, or somebody's shift; closed on `holidays` and in the breaks of `lunch`."""

    name: Annotated[str, Field(min_length=1)]
    zone: Annotated[str, AfterValidator(_zone)]
    open: Annotated[tuple[Annotated[Opening, BeforeValidator(_opening)], ...], Field(min_length=1)]
    lunch: tuple[Annotated[Opening, BeforeValidator(_lunch)], ...] = ()
    holidays: tuple[date, ...] = ()


class Team(Frozen):
    """People who answer together."""

    name: Annotated[str, Field(min_length=1)]
    languages: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()


def _cause(value: str) -> str:
    if value not in CAUSES:
        raise ValueError(f"one of {', '.join(CAUSES)}")
    return value


Cause = Annotated[str, AfterValidator(_cause)]


class Person(Frozen):
    """Somebody who works at the board; `accounts` are their own handles on the platforms.

    Without `languages` or `causes` they serve all; without `hours` they are always on shift.
    """

    name: Annotated[str, Field(min_length=1, max_length=60)]
    role: Role | None = None
    team: str | None = None
    languages: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()
    hours: str | None = None
    accounts: Terms = ()


class Rung(Frozen):
    """Who is called how long after an answer was due: a role, a team or a person."""

    to: str
    after: Duration = timedelta(0)


class Sla(Frozen):
    """How soon we answer; the first policy that fits a mention counts.

    Times are counted in the business hours `hours` (else in `[desk] hours`, else around the clock);
    `first_response_at_most` is counted on the wall whatever the hours are.
    """

    brand: str | None = None
    source: str | None = None
    min_severity: Annotated[int, Field(ge=0, le=4)] = 0
    hours: str | None = None
    first_response: Duration
    first_response_at_most: Duration | None = None
    next_response: Duration | None = None
    resolution: Duration | None = None
    warn_before: Duration = timedelta(minutes=15)
    ladder: tuple[Rung, ...] = (Rung(to="manager"), Rung(to="admin", after=timedelta(hours=2)))


class Route(Frozen):
    """Whose an alert should be. All that is given must fit; `person` names one, else a person of `team` is chosen."""

    name: Annotated[str, Field(min_length=1)]
    brand: str | None = None
    language: str | None = None
    cause: Cause | None = None
    min_severity: Annotated[int, Field(ge=0, le=4)] = 0
    source: str | None = None
    incident: bool | None = None
    """True: only alerts that belong to an incident; false: only others."""
    team: str | None = None
    person: str | None = None

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if self.team is None and self.person is None:
            raise ValueError("a team or a person")
        return self


class Desk(Frozen):
    """How the desk works."""

    hours: str | None = None
    """Business hours of answer times whose policy names none."""
    return_after: Duration = timedelta(minutes=30)
    """A held alert whose holder stays silent that long, and never answered, goes back to the queue."""
    follow_up: Duration = timedelta(days=7)
    """How long after a case was resolved we look whether the customer is well."""
    reopen_within: Duration = timedelta(days=30)
    """A customer who complains again within this time reopens their case."""
