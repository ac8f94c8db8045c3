"""What we promise a customer: how soon a first answer, the next one, and the end of the matter.

The customer has been waiting since they posted, so that is where the clock starts, not when we happened to collect it.
Without a policy in the settings a first answer is due after 1 hour of business hours and at the latest after 6 hours on
the wall, the outer limit that service-recovery practice gives for a public complaint: if nobody is at work then, that
is no excuse but something to be told at once (`clocks.calls`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

from listener.settings import Rung, Settings, Sla
from listener.triage.hours import Hours, after

DueKind: TypeAlias = Literal["first", "next", "resolution"]


@dataclass(frozen=True, slots=True)
class Target:
    """Due after `worked` of business hours or `at_most` on the wall, whichever comes first."""

    worked: timedelta | None
    at_most: timedelta | None = None


DEFAULT: Final = {
    "first": Target(timedelta(hours=1), timedelta(hours=6)),
    "next": Target(timedelta(hours=4), timedelta(hours=24)),
    "resolution": Target(None),
}
_DEFAULT_SLA: Final = Sla(first_response=timedelta(hours=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One policy with its business hours (None: around the clock); a value, so that old ones can be kept."""

    hours: Hours | None
    first: Target
    next: Target
    resolution: Target
    warn_before: timedelta
    ladder: tuple[Rung, ...]

    def target(self, kind: DueKind) -> Target:
        return self.first if kind == "first" else self.next if kind == "next" else self.resolution

    @property
    def code(self) -> str:
        """The same for equal promises."""
        return hashlib.sha256(json.dumps(to_json(self), sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Promises:
    """All policies of the settings, in their order; the first that fits counts."""

    policies: tuple[tuple[Sla, Promise], ...]
    default: Promise

    @classmethod
    def of(cls, settings: Settings) -> Promises:
        hours = {one.name: Hours.of(one) for one in settings.hours}
        usual = hours[settings.desk.hours] if settings.desk.hours else None
        default = _promise(_DEFAULT_SLA, usual, first=DEFAULT["first"])
        return cls(
            tuple((one, _promise(one, hours[one.hours] if one.hours else usual)) for one in settings.sla), default
        )

    def fitting(self, *, brands: Sequence[str], source: str, severity: int) -> Promise:
        for policy, promise in self.policies:
            if (
                (policy.brand is None or policy.brand in brands)
                and (policy.source is None or policy.source == source)
                and severity >= policy.min_severity
            ):
                return promise
        return self.default


def _promise(policy: Sla, hours: Hours | None, *, first: Target | None = None) -> Promise:
    return Promise(
        hours=hours,
        first=first or Target(policy.first_response, policy.first_response_at_most),
        next=Target(policy.next_response) if policy.next_response is not None else DEFAULT["next"],
        resolution=Target(policy.resolution),
        warn_before=policy.warn_before,
        ladder=tuple(sorted(policy.ladder, key=lambda rung: rung.after)),
    )


def first_response_due(
    promises: Promises, *, brands: Sequence[str], source: str, severity: int, posted_at: datetime
) -> datetime:
    """When the first answer to a post is due, aware UTC; at once in hours that are never open."""
    promise = promises.fitting(brands=brands, source=source, severity=severity)
    return due_after(promise.hours, promise.first, posted_at) or posted_at


def due_after(
    hours: Hours | None,
    target: Target,
    start: datetime,
    *,
    worked: timedelta = timedelta(0),
    passed: timedelta = timedelta(0),
) -> datetime | None:
    """When a target is due for a clock that runs from `start` on and had used so much before; None: never."""
    found: list[datetime] = []
    if target.worked is not None and (end := after(hours, start, target.worked - worked)) is not None:
        found.append(end)
    if target.at_most is not None:
        found.append(start + max(timedelta(0), target.at_most - passed))
    return min(found, default=None)


# ------------------------------------------------------------------ kept beside an alert while policies change


def to_json(promise: Promise) -> dict[str, Any]:
    """A promise as plain JSON, lengths in seconds."""
    hours = promise.hours
    return {
        "hours": hours
        and {
            "zone": hours.zone.key,
            "week": [list(map(list, day)) for day in hours.week],
            "holidays": sorted(day.isoformat() for day in hours.holidays),
        },
        **{kind: _target_json(promise.target(kind)) for kind in ("first", "next", "resolution")},
        "warn_before": promise.warn_before.total_seconds(),
        "ladder": [[rung.to, rung.after.total_seconds()] for rung in promise.ladder],
    }


def from_json(stored: Mapping[str, Any]) -> Promise:
    """What `to_json` wrote."""
    hours = stored["hours"]
    return Promise(
        hours=hours
        and Hours(
            ZoneInfo(hours["zone"]),
            tuple(tuple((start, end) for start, end in day) for day in hours["week"]),
            frozenset(map(date.fromisoformat, hours["holidays"])),
        ),
        first=_target(stored["first"]),
        next=_target(stored["next"]),
        resolution=_target(stored["resolution"]),
        warn_before=timedelta(seconds=stored["warn_before"]),
        ladder=tuple(Rung(to=to, after=timedelta(seconds=seconds)) for to, seconds in stored["ladder"]),
    )


def _target_json(target: Target) -> list[float | None]:
    return [None if length is None else length.total_seconds() for length in (target.worked, target.at_most)]


def _target(stored: Sequence[float | None]) -> Target:
    worked, at_most = (None if seconds is None else timedelta(seconds=seconds) for seconds in stored)
    return Target(worked, at_most)
