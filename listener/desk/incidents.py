"""What people do to incidents: coordinate, merge, split, rename, close, reopen. Each act is one transaction.

What they decide sticks, and triage learns from it (triage/incidents/acts.py). Every member keeps its own alert and
owner: whoever coordinates an incident takes only what nobody has, and closing one settles no customer's case.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from listener.desk.acts import MAX_ID, present, record
from listener.desk.authorise import Actor, Verb, audit, permit
from listener.errors import IncidentStateError, IncidentTakenError, NoSuchIncidentError, UsageError
from listener.pipeline import early
from listener.pipeline.clock import Clock
from listener.settings import Settings
from listener.store import Store, Tx
from listener.store.incident_rows import IncidentEvent, IncidentRow, IncidentState, IncidentSummary, MemberRow
from listener.text.clean import clean
from listener.triage.incidents import acts
from listener.triage.incidents.news import Opened

MAX_TITLE: Final = 120
FORMING: Final = timedelta(hours=24)
"""A few similar posts without an alarm are shown so long after the last of them."""
LISTED: Final = 60
HEAD: Final = 12
"""Alarms that are looked at for the head of the queue, every two seconds."""
RUNG: Final[tuple[IncidentState, ...]] = ("open",)
GOING_ON: Final[tuple[IncidentState, ...]] = ("open", "quiet")
OVER: Final[tuple[IncidentState, ...]] = ("ended", "closed")


@dataclass(frozen=True, slots=True)
class Listed:
    """An incident of the list, with the times of its members, and how many came in the last hour and that before.

    `window` is how long that hour is on the wall: in the demo much less.
    """

    summary: IncidentSummary
    times: tuple[datetime, ...]
    lately: int
    before: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class IncidentCase:
    """All that the incident page shows; `others` of the same brand are those that it may be one with."""

    listed: Listed
    members: tuple[MemberRow, ...]
    history: tuple[IncidentEvent, ...]
    others: tuple[IncidentRow, ...]


@dataclass(frozen=True, slots=True)
class Coordinated:
    """`taken`: alerts that its owner has now; `left` nobody has, in languages that they do not serve."""

    incident: IncidentRow
    taken: tuple[int, ...]
    left: int


# ------------------------------------------------------------------ reading


def incidents(store: Store, now: datetime, *, over: bool = False) -> tuple[Listed, ...]:
    """Those that go on, alarms first, then the largest; or those that are over, the last first."""
    with store.read() as tx:
        clock = Clock.of(tx)
        rows = tx.incidents.in_state(OVER if over else GOING_ON, limit=LISTED)
        found = [_listed(tx, summary, clock, now) for summary in tx.incidents.summaries(rows)]
    shown = [one for one in found if one.summary.members and (over or _lives(one, clock, now))]
    if over:
        return tuple(shown)
    return tuple(sorted(shown, key=lambda one: (one.summary.incident.alarm_at is None, -one.summary.members)))


def alarms(store: Store, now: datetime) -> tuple[Listed, ...]:
    """Incidents whose alarm rang and that are not over, the last first."""
    with store.read() as tx:
        clock = Clock.of(tx)
        rows = tx.incidents.in_state(RUNG, limit=HEAD)
        return tuple(_listed(tx, summary, clock, now) for summary in tx.incidents.summaries(rows) if summary.members)


def incident(store: Store, incident_id: int, now: datetime) -> IncidentCase:
    """One incident. Raises NoSuchIncidentError."""
    with store.read() as tx:
        row = _present(tx, incident_id)
        (summary,) = tx.incidents.summaries([row])
        others = tx.incidents.in_state(("open", "quiet", "ended"), brand=row.brand, limit=LISTED)
        return IncidentCase(
            listed=_listed(tx, summary, Clock.of(tx), now),
            members=tuple(tx.incidents.members(row.id)),
            history=tx.incidents.history(row.id),
            others=tuple(other for other in others if other.id != row.id),
        )


def _listed(tx: Tx, summary: IncidentSummary, clock: Clock, now: datetime) -> Listed:
    times = tuple(tx.incidents.times(summary.incident.id))
    ages = [(clock.inside(now) - clock.inside(at)).total_seconds() for at in times]
    lately, before = sum(age <= 3600 for age in ages), sum(3600 < age <= 7200 for age in ages)
    window = now - clock.outside(clock.inside(now) - timedelta(hours=1))
    return Listed(summary, times, lately, before, window)


def _lives(one: Listed, clock: Clock, now: datetime) -> bool:
    last = one.summary.last_at
    if one.summary.incident.alarm_at is not None or last is None:
        return True
    return clock.inside(now) - clock.inside(last) < FORMING


def _present(tx: Tx, incident_id: int) -> IncidentRow:
    """The incident; one that was merged leads to the one that it is part of. Raises NoSuchIncidentError."""
    row = tx.incidents.get(incident_id) if 0 < incident_id <= MAX_ID else None
    while row is not None and row.merged_into is not None:
        row = tx.incidents.get(row.merged_into)
    if row is None:
        raise NoSuchIncidentError(incident_id)
    return row


# ------------------------------------------------------------------ who coordinates


def claim_incident(
    store: Store, incident_id: int, actor: Actor, now: datetime, *, langs: Collection[str] | None = None
) -> Coordinated:
    """Coordinate it, and take the alerts of members that nobody has in `langs` (None: in all languages).

    Again by its owner, it takes what has come since. Raises IncidentTakenError, IncidentStateError,
    NoSuchIncidentError, NotAllowedError.
    """
    permit(store, actor, "claim", now)
    with store.write() as tx:
        row = _present(tx, incident_id)
        if row.state == "closed":
            raise IncidentStateError(row.id, f"incident {row.id} is closed", hint="Reopen it first.")
        if tx.incidents.claim(row.id, actor.name, now):
            _record(tx, row, actor, "claim", "claimed", now)
        elif row.owner != actor.name and row.owner is not None:
            raise IncidentTakenError(row.id, row.owner)
        taken = tuple(number for number in tx.incidents.unclaimed(row.id, langs) if _take(tx, number, actor, row, now))
        return Coordinated(_present(tx, row.id), taken, len(tx.incidents.unclaimed(row.id, None)))


def release_incident(store: Store, incident_id: int, actor: Actor, now: datetime) -> IncidentRow:
    """No longer coordinate it; alerts of members stay with who has them. Raises IncidentStateError."""
    permit(store, actor, "release", now)
    with store.write() as tx:
        row = _present(tx, incident_id)
        if not tx.incidents.release(row.id, actor.name):
            raise IncidentStateError(row.id, f"incident {row.id} is not yours", hint=f"{row.owner or 'Nobody'} has it.")
        return _record(tx, row, actor, "release", "released", now)


def _take(tx: Tx, alert_id: int, actor: Actor, row: IncidentRow, now: datetime) -> bool:
    before = present(tx, alert_id)
    if not tx.cases.claim(alert_id, actor.name, now):
        return False
    record(tx, before, actor, "claim", "claimed", now, {"incident": row.id})
    return True


def serves(settings: Settings, name: str) -> tuple[str, ...] | None:
    """The languages that a person of the settings serves; None for all, as for somebody who is not in them."""
    person = next((one for one in settings.people if one.name == name), None)
    return (person.languages or None) if person else None


# ------------------------------------------------------------------ what belongs together


def merge_incidents(store: Store, keep_id: int, other_id: int, actor: Actor, now: datetime) -> IncidentRow:
    """`other_id` is the same problem as `keep_id`: its members and its alarm are that one's now.

    Raises UsageError for two brands or one incident twice, NoSuchIncidentError.
    """
    permit(store, actor, "merge", now)
    with store.write() as tx:
        keep, other = _present(tx, keep_id), _present(tx, other_id)
        if keep.id == other.id:
            raise UsageError(f"incident {keep.id} is one already")
        if keep.brand != other.brand:
            raise UsageError(f"incidents {keep.id} and {other.id} are of two brands")
        if keep.number is not None and other.number is not None:
            one, two = keep.number, other.number
            early.act(tx, keep.brand, lambda state, at: acts.merge(state, keep.brand, one, two, at), now)
        other_now = tx.incidents.get(other.id)
        if other_now is not None and other_now.merged_into is None:
            # Triage no longer remembers one of them; the store does.
            tx.incidents.attach(early.merge(tx, keep, other_now, now))
        _record(tx, other, actor, "merge", "merged", now, {"into": keep.id})
        return _record(tx, keep, actor, "merge", "absorbed", now, {"other": other.id})


def split_incident(
    store: Store, incident_id: int, mention_ids: Collection[int], actor: Actor, now: datetime
) -> IncidentRow:
    """These members are another problem: an incident of their own, which is given back.

    Raises UsageError unless some, not all, of its members are given; NoSuchIncidentError.
    """
    permit(store, actor, "split", now)
    with store.write() as tx:
        row = _present(tx, incident_id)
        members = set(tx.incidents.mention_ids(row.id))
        chosen = members & set(mention_ids)
        if not chosen or chosen == members:
            raise UsageError(f"choose some members of incident {row.id}, and leave some")
        new = _divided(tx, row, chosen, now)
        tx.incidents.leave(row.id, chosen)
        tx.incidents.join(new, chosen, now)
        tx.incidents.take_alarm(new, row)
        tx.incidents.attach(members)
        _record(tx, row, actor, "split", "split", now, {"into": new, "members": len(chosen)})
        return _record(tx, _present(tx, new), actor, "split", "split_off", now, {"from": row.id})


def _divided(tx: Tx, row: IncidentRow, chosen: Collection[int], now: datetime) -> int:
    """The new incident's id: triage's own, if it still remembers the old one."""
    if row.number is not None:
        keys = {str(mention) for mention in chosen}
        what = partial(acts.split, brand=row.brand, number=row.number, keys=keys)
        decisions = early.act(tx, row.brand, lambda state, at: what(state, now=at), now)
        opened = next((one for one in decisions if isinstance(one, Opened)), None)
        found = tx.incidents.find(row.brand, opened.incident) if opened else None
        if found is not None:
            return found.id
    return tx.incidents.open(row.brand, None, now, title=row.title, cause=row.cause)


def rename_incident(store: Store, incident_id: int, title: str, actor: Actor, now: datetime) -> IncidentRow:
    """A title of one's own; "" gives it back to its members' words. Raises UsageError for one that is too long."""
    permit(store, actor, "rename", now)
    shown = " ".join(clean(title).split())
    if len(shown) > MAX_TITLE:
        raise UsageError(f"a title has up to {MAX_TITLE} characters, not {len(shown)}")
    with store.write() as tx:
        row = _present(tx, incident_id)
        tx.incidents.name(row.id, shown or row.title, named=bool(shown))
        if row.number is not None:
            number = row.number
            early.act(tx, row.brand, lambda state, at: acts.rename(state, row.brand, number, shown or None, at), now)
        return _record(tx, row, actor, "rename", "renamed", now)


# ------------------------------------------------------------------ whether it is over


def close_incident(store: Store, incident_id: int, actor: Actor, now: datetime) -> IncidentRow:
    """The problem is over. Members whose alert waits for an outcome go on waiting. Raises IncidentStateError."""
    permit(store, actor, "close", now)
    with store.write() as tx:
        row = _present(tx, incident_id)
        if not tx.incidents.end(row.id, now, "closed"):
            raise IncidentStateError(row.id, f"incident {row.id} is closed already")
        if row.number is not None:
            number = row.number
            early.act(tx, row.brand, lambda state, at: acts.close(state, row.brand, number, at), now)
        (summary,) = tx.incidents.summaries([row])
        return _record(tx, row, actor, "close", "closed", now, {"unresolved": summary.unresolved})


def reopen_incident(store: Store, incident_id: int, actor: Actor, now: datetime) -> IncidentRow:
    """It is not over. Raises IncidentStateError if it goes on."""
    permit(store, actor, "reopen", now)
    with store.write() as tx:
        row = _present(tx, incident_id)
        if not tx.incidents.reopen(row.id):
            raise IncidentStateError(row.id, f"incident {row.id} goes on")
        if row.number is not None:
            number = row.number
            early.act(tx, row.brand, lambda state, at: acts.reopen(state, row.brand, number, at), now)
        return _record(tx, row, actor, "reopen", "reopened", now)


def _record(
    tx: Tx,
    row: IncidentRow,
    actor: Actor,
    verb: Verb,
    kind: str,
    now: datetime,
    data: dict[str, int] | None = None,
) -> IncidentRow:
    """The act's line in the incident's history and in the audit; the incident after it."""
    tx.incidents.tell(row.id, now, actor.name, kind, data or {})
    audit(tx, actor, verb, now, 0, {"incident": row.id, **(data or {})})
    after = tx.incidents.get(row.id)
    assert after is not None
    return after
