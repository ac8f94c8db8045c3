"""What customers and we said since: it turns the clocks, reopens cases, and is shown at the follow-up.

Every mention is looked at once, after triage is done with it. One by the author of a case, in its thread or about its
brand, is the customer's next word; one of our own accounts in answer to it is ours.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from listener.desk.acts import write_event
from listener.desk.promises import renew
from listener.settings import Settings
from listener.store import Tx
from listener.store.customers import Concerned, Heard
from listener.store.rows import AlertRow
from listener.triage.people import Roster

BATCH: Final = 500
_STATE: Final = "desk-heard"
_MACHINE: Final = "listener"


def hear(tx: Tx, settings: Settings, people: Roster, now: datetime) -> int:
    """Look at up to BATCH mentions; how many. The first time everything that is there already is passed over."""
    last: int | None = tx.state.get(_STATE)
    if last is None:
        tx.state.put(_STATE, tx.customers.last_id(), now)
        return 0
    new = tx.customers.since(last, BATCH)
    for one in new:
        if one.own:
            _hear_us(tx, one, now)
        elif one.author_key is not None:
            _hear_them(tx, one, settings, people, now)
    if new:
        tx.state.put(_STATE, new[-1].id, now)
    return len(new)


def _hear_us(tx: Tx, one: Heard, now: datetime) -> None:
    answered = [place for place in (one.parent_id, one.thread_id) if place and place != one.native_id]
    for case in tx.customers.about(one.source, answered) if answered else ():
        known = any(event.data.get("mention") == one.id for event in tx.events.of(case.alert.id))
        if not known and one.posted_at >= case.alert.posted_at:
            tx.events.add(case.alert.id, one.posted_at, "own-account", "answered", {"mention": one.id})
        renew(tx, case.alert.id, now)


def _hear_them(tx: Tx, one: Heard, settings: Settings, people: Roster, now: datetime) -> None:
    assert one.author_key is not None
    brands = tx.mentions.brands([one.id]).get(one.id, ())
    for case in tx.customers.of_author(one.source, one.author_key, one.id):
        if one.posted_at <= case.alert.posted_at or not _same_matter(case, one, brands):
            continue
        if case.alert.state in ("open", "claimed"):
            tx.events.add(case.alert.id, one.posted_at, _MACHINE, "customer", {"mention": one.id})
            renew(tx, case.alert.id, now)
        elif one.flagged and _may_reopen(case.alert, settings, one.posted_at):
            _reopen(tx, case.alert, one, people, now)
        else:
            tx.events.add(case.alert.id, one.posted_at, _MACHINE, "wrote_after", {"mention": one.id})
        return


def _same_matter(case: Concerned, one: Heard, brands: tuple[str, ...]) -> bool:
    thread = {case.native_id, case.thread_id} - {None}
    return bool(thread & {one.parent_id, one.thread_id}) or (
        case.alert.brand is not None and case.alert.brand in brands
    )


def _may_reopen(alert: AlertRow, settings: Settings, at: datetime) -> bool:
    lately = alert.closed_at is not None and at - alert.closed_at <= settings.desk.reopen_within
    return alert.state == "resolved" and alert.outcome not in ("not_ours", "false_alarm") and lately


def _reopen(tx: Tx, alert: AlertRow, one: Heard, people: Roster, now: datetime) -> None:
    """Back to whoever settled it, if they still work here; the new post's own alert is put aside as the same case."""
    owner = alert.owner if people.get(alert.owner) or not people.known else None
    if not tx.cases.reopen(alert.id, owner, now):
        return
    write_event(tx, alert, _MACHINE, "reopened", now, {"mention": one.id, "to": owner})
    tx.aftercare.cancel(alert.id)
    renew(tx, alert.id, now)
    again = tx.alerts.of_mentions([one.id]).get(one.id)
    if again is not None and again.state == "open" and tx.cases.dismiss(again.id, _MACHINE, now, reason="duplicate"):
        write_event(tx, again, _MACHINE, "dismissed", now, {"reason": "duplicate", "of": alert.id})
