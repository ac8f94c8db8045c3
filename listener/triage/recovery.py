"""The recovery of one case as a state machine: which step is next, when it is due, what it still needs. Pure.

Acknowledge and apologise → listen, find the point → a fair remedy → act → something extra → learn; the look back comes
a week after the end (desk/closing.py). A step is done with evidence, or skipped if it may be; never out of order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from listener.triage.hours import Hours, after

STEPS: Final = ("acknowledge", "listen", "remedy", "act", "extra", "learn")
Needs: TypeAlias = Literal["reply", "note", "nothing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`within`: business hours after the step before. `owner`: who may say that it is done."""

    step: str
    within: timedelta
    needs: Needs
    owner: Literal["holder", "manager"] = "holder"
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Passed:
    """A step that is behind us: `state` is done or skipped."""

    step: str
    state: Literal["done", "skipped"]
    at: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """`current` is None once every step is behind us; `due_at` None if its hours are never open."""

    passed: tuple[Passed, ...]
    current: Step | None
    since: datetime
    due_at: datetime | None


def progress(steps: Sequence[Step], passed: Sequence[Passed], began_at: datetime, hours: Hours | None) -> Progress:
    """Where a case stands that somebody took on at `began_at`. Steps that the playbook no longer has do not count."""
    known = {one.step for one in steps}
    behind = tuple(one for one in passed if one.step in known)
    names = {one.step for one in behind}
    current = next((one for one in steps if one.step not in names), None)
    since = max((one.at for one in behind), default=began_at)
    return Progress(behind, current, since, after(hours, since, current.within) if current else None)


def missing(step: Step, *, note: str, replies: int, skip: bool) -> Needs | None:
    """What a step still needs before it may be passed; None if nothing. `replies`: answers sent since it began."""
    if skip:
        return None if step.optional else step.needs
    if step.needs == "reply" and not replies:
        return "reply"
    if step.needs == "note" and not note.strip():
        return "note"
    return None
