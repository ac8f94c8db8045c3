"""The routes, applied: new alerts as they come, all that nobody holds when rules, people or shifts change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from listener.desk.authorise import Actor, audit, permit
from listener.desk.people import roster
from listener.settings import Settings
from listener.store import Store, Tx
from listener.store.routes import Routable
from listener.triage.people import Roster
from listener.triage.routing import Item, Routed, route


@dataclass(frozen=True, slots=True)
class Change:
    """What the rules make of one alert, beside what it was."""

    alert: Routable
    routed: Routed

    @property
    def changes(self) -> bool:
        before = (self.alert.route, self.alert.team, self.alert.assignee)
        return before != (self.routed.route, self.routed.team, self.routed.assignee)


def preview(store: Store, settings: Settings, now: datetime) -> list[Change]:
    """What applying the rules would do with every open alert, and why; nothing is written."""
    with store.read() as tx:
        return list(_decide(tx, settings, roster(tx, settings), now, new_only=False))


def reroute(store: Store, settings: Settings, actor: Actor, now: datetime) -> list[Change]:
    """Apply the rules to every open alert now; the changes. Raises NotAllowedError."""
    permit(store, actor, "route", now)
    with store.write() as tx:
        done = _write(tx, settings, roster(tx, settings), now, new_only=False, by=actor.name)
        audit(tx, actor, "route", now, data={"changed": len(done)})
    return done


def apply(tx: Tx, settings: Settings, people: Roster, now: datetime, *, whole: bool, limit: int) -> int:
    """As `reroute`, by the listener itself, for up to `limit` alerts; unless `whole` only for those without a rule."""
    if not settings.routes:
        return 0
    return len(_write(tx, settings, people, now, new_only=not whole, by="listener", limit=limit))


def _write(
    tx: Tx, settings: Settings, people: Roster, now: datetime, *, new_only: bool, by: str, limit: int | None = None
) -> list[Change]:
    changes = (change for change in _decide(tx, settings, people, now, new_only=new_only) if change.changes)
    done = list(islice(changes, limit))
    for change in done:
        found = change.routed
        tx.routes.put(change.alert.alert_id, route=found.route, team=found.team, assignee=found.assignee)
        told = {"route": found.route, "team": found.team, "to": found.assignee, "why": found.reasons[-1][0]}
        tx.events.add(change.alert.alert_id, now, by, "routed", told)
    return done


def _decide(tx: Tx, settings: Settings, people: Roster, now: datetime, *, new_only: bool) -> Iterator[Change]:
    """The soonest due first. Whoever has an alert already keeps it while the rule still leads to them."""
    waiting = tx.routes.waiting(new_only=new_only)
    if not waiting:
        return
    brands = tx.mentions.brands([one.mention_id for one in waiting])
    loads = Counter(tx.routes.loads())
    for one in waiting:
        item = Item(
            alert_id=one.alert_id,
            brands=brands.get(one.mention_id, ()),
            lang=one.lang,
            cause=one.cause,
            severity=one.severity,
            source=one.source,
            incident=one.incident_id is not None,
        )
        if one.assignee:
            loads[one.assignee] -= 1
        found = _kept(one, route(item, settings.routes, people, loads, now), people, now)
        if found.assignee:
            loads[found.assignee] += 1
        yield Change(one, found)


def _kept(one: Routable, found: Routed, people: Roster, now: datetime) -> Routed:
    """An alert does not wander from one to another of a team because their loads changed."""
    member = people.get(one.assignee)
    stays = found.route == one.route and found.team == one.team and found.reasons[-1][0] == "least_load"
    if member is None or not stays or not (member.team == one.team and member.on_shift(now)):
        return found
    if not member.serves(one.lang, one.cause):
        return found
    kept = (*found.reasons[:-1], ("stays", member.name))
    return Routed(route=found.route, team=found.team, assignee=member.name, reasons=kept)
