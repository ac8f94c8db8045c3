"""What the desk does by itself: clocks and calls, taking back, waking, hearing customers, routing, reminding."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from listener import desk
from listener.desk import Actor, handing, holding, routing, turning
from listener.desk.people import build
from listener.desk.tending import tend
from listener.settings import Settings, parse
from listener.store import Store
from listener.store.rows import AlertChange, AlertRow
from tests.store.seed import NOW, alert_for, mention, open_all, priority, score_all, take

AIKO, KEN, MEI = Actor("Aiko"), Actor("Ken"), Actor("Mei", "manager")
POSTED = NOW - timedelta(minutes=5)
"""NOW is Friday, 20 November 2026, 12:00 UTC; the posts of tests/store/seed.py are five minutes older."""


def settings(**tables: Any) -> Settings:
    return parse(tables, home=Path("/nowhere"))


PLAIN = settings()
PEOPLE: list[dict[str, Any]] = [{"name": "Aiko"}, {"name": "Ken"}]


def minutes(number: float) -> datetime:
    return POSTED + timedelta(minutes=number)


def now_is(store: Store, alert: int) -> AlertRow:
    return desk.case(store, alert).alert


def told(store: Store, alert: int) -> list[tuple[str, Any]]:
    """What listener itself noted, with whom it calls."""
    history = desk.case(store, alert).history
    return [(event.kind, event.data.get("to")) for event in history if event.actor == "listener"][1:]


# ------------------------------------------------------------------ clocks and calls


def test_the_ladder_is_climbed_once(store: Store) -> None:
    alert = alert_for(store)
    for minute in (1, 44, 45, 50, 60, 61, 179, 180, 500):
        tend(store, PLAIN, minutes(minute))
        tend(store, PLAIN, minutes(minute))
    assert told(store, alert) == [("warned", None), ("overdue", None), ("escalated", "manager"), ("escalated", "admin")]
    row = now_is(store, alert)
    assert (row.due_at, row.due_kind, row.first_due_at) == (minutes(60), "first", minutes(60))


def test_the_clock_stands_while_we_wait_and_starts_with_their_next_word(store: Store) -> None:
    alert = alert_for(store, author="them", thread_id="1")
    rules = settings(sla=[{"first_response": "1h", "next_response": "2h", "resolution": "8h"}])
    tend(store, rules, minutes(1))
    desk.claim(store, alert, AIKO, minutes(10))
    turning.replied(store, alert, AIKO, minutes(30))
    row = now_is(store, alert)
    assert (row.due_at, row.due_kind, row.waiting_since) == (None, None, minutes(30))
    take(
        store,
        mention("2", "and again something else", author="them", thread_id="1", posted_at=minutes(100)),
        now=minutes(101),
    )
    score_all(store, flagged=False)
    with store.write() as tx:
        tx.alerts.mark_triaged([one.mention_id for one in tx.alerts.pending(10)], NOW)
    tend(store, rules, minutes(102))
    row = now_is(store, alert)
    assert (row.due_at, row.due_kind, row.waiting_since) == (minutes(220), "next", None)
    take(
        store,
        mention("3", "we answer", author="us", parent_id="1", posted_at=minutes(110)),
        own=["us"],
        now=minutes(111),
    )
    tend(store, rules, minutes(112))
    row = now_is(store, alert)
    assert (row.due_at, row.due_kind) == (minutes(8 * 60 + 70), "resolution")
    turning.wait(store, alert, AIKO, minutes(120))
    assert now_is(store, alert).due_at is None
    turning.heard(store, alert, AIKO, minutes(130))
    assert now_is(store, alert).due_kind == "next"


def test_a_policy_that_changes_in_flight_counts_from_now_on(store: Store) -> None:
    alert = alert_for(store)
    tend(store, settings(sla=[{"first_response": "1h"}]), minutes(10))
    tend(store, settings(sla=[{"first_response": "30min"}]), minutes(45))
    row = now_is(store, alert)
    assert row.due_at == minutes(45)
    with store.read() as tx:
        assert [since for since, _ in tx.promises.periods(alert)] == [POSTED, minutes(45)]


def test_nobody_on_shift_is_said_at_once(store: Store) -> None:
    night = {"name": "night", "zone": "UTC", "open": ["daily 22:00-23:00"]}
    rules = settings(hours=[night], people=[{"name": "Aiko", "hours": "night"}])
    alert = alert_for(store)
    for minute in (6, 7):
        tend(store, rules, minutes(minute), whole=False)
    assert told(store, alert) == [("uncovered", "manager")]
    assert now_is(store, alert).uncovered
    tend(store, rules, NOW.replace(hour=22, minute=1))
    assert not now_is(store, alert).uncovered


# ------------------------------------------------------------------ holding


def test_silence_gives_it_back_and_says_so(store: Store) -> None:
    alert = alert_for(store)
    desk.claim(store, alert, AIKO, minutes(6))
    tend(store, PLAIN, minutes(35))
    assert now_is(store, alert).owner == "Aiko"
    desk.add_note(store, alert, AIKO, minutes(35.5), "asked the shop")
    tend(store, PLAIN, minutes(60))
    assert now_is(store, alert).owner == "Aiko"
    tend(store, PLAIN, minutes(66))
    row = now_is(store, alert)
    assert (row.state, row.owner) == ("open", None)
    back = next(event for event in desk.case(store, alert).history if event.kind == "returned")
    assert (back.actor, back.data["from"], back.data["why"]) == ("listener", "Aiko", "silent")


@pytest.mark.parametrize("how", ["answered", "kept"])
def test_what_was_answered_or_is_kept_stays(store: Store, how: str) -> None:
    alert = alert_for(store)
    desk.claim(store, alert, AIKO, minutes(6))
    if how == "answered":
        turning.replied(store, alert, AIKO, minutes(7))
    else:
        holding.keep(store, alert, AIKO, minutes(7), until=minutes(1000))
    tend(store, PLAIN, minutes(900))
    assert now_is(store, alert).owner == "Aiko"


@pytest.mark.parametrize(("severity", "minute", "awake"), [(2, 40, False), (2, 60, True), (3, 40, True)])
def test_what_was_put_aside_comes_back_when_it_is_late_or_worse(
    store: Store, severity: int, minute: int, awake: bool
) -> None:
    alert = alert_for(store)
    tend(store, PLAIN, minutes(6))
    holding.snooze(store, alert, AIKO, minutes(6), until=minutes(1000))
    if severity > 2:
        take(store, mention("1", "now I am really angry"))
        score_all(store, severity=severity)
        with store.write() as tx:
            (one,) = tx.alerts.pending(5)
            tx.alerts.refresh([AlertChange(alert_id=alert, priority=priority())], NOW)
            tx.alerts.mark_triaged([one.mention_id], NOW)
    tend(store, PLAIN, minutes(minute))
    assert (now_is(store, alert).snoozed_until is None) == awake


def test_it_wakes_when_its_time_has_come(store: Store) -> None:
    alert = alert_for(store)
    holding.snooze(store, alert, AIKO, minutes(6), until=minutes(20))
    tend(store, PLAIN, minutes(19))
    assert now_is(store, alert).snoozed_until is not None
    tend(store, PLAIN, minutes(20))
    assert now_is(store, alert).snoozed_until is None


# ------------------------------------------------------------------ customers come back


def again(store: Store, text: str, at: datetime, *, flagged: bool = True) -> None:
    take(store, mention("2", text, author="them", thread_id="1", posted_at=at), now=at)
    score_all(store, flagged=flagged)
    if flagged:
        open_all(store)
    else:
        with store.write() as tx:
            tx.alerts.mark_triaged([one.mention_id for one in tx.alerts.pending(10)], NOW)


@pytest.mark.parametrize(
    ("outcome", "days", "flagged", "state"),
    [
        ("kept", 3, True, "claimed"),
        ("kept", 3, False, "resolved"),
        ("kept", 40, True, "resolved"),
        ("not_ours", 3, True, "resolved"),
    ],
)
def test_who_complains_again_reopens_their_case(
    store: Store, outcome: str, days: int, flagged: bool, state: str
) -> None:
    alert = alert_for(store, author="them")
    tend(store, PLAIN, NOW)
    desk.claim(store, alert, AIKO, NOW)
    desk.resolve(store, alert, AIKO, NOW, outcome=outcome)
    then = NOW + timedelta(days=days)
    again(store, "still nothing has happened at all", then, flagged=flagged)
    tend(store, PLAIN, then)
    row = now_is(store, alert)
    assert (row.state, row.owner) == (state, "Aiko")
    if state == "claimed":
        assert (row.reopened, row.due_kind) == (1, "next")
        second = now_is(store, 2)
        assert (second.state, second.reason, second.owner) == ("dismissed", "duplicate", "listener")
        with store.read() as tx:
            assert tx.aftercare.of(alert) == ()


def test_a_look_back_is_told_once_when_it_is_due(store: Store) -> None:
    alert = alert_for(store)
    tend(store, PLAIN, NOW)
    desk.claim(store, alert, AIKO, NOW)
    desk.resolve(store, alert, AIKO, NOW, outcome="kept", follow_up=timedelta(days=2))
    for days in (1, 2, 3):
        tend(store, PLAIN, NOW + timedelta(days=days))
    assert told(store, alert).count(("followup_due", "Aiko")) == 1


# ------------------------------------------------------------------ routing

ROUTED = {
    "teams": [{"name": "Asia"}],
    "people": [{"name": "Aiko", "team": "Asia"}, {"name": "Ken", "team": "Asia"}],
    "routes": [{"name": "all", "team": "Asia"}],
}


def test_new_alerts_are_shared_out_and_stay_where_they_are(store: Store) -> None:
    alerts = [alert_for(store, str(number), f"something number {number}") for number in range(4)]
    tend(store, settings(**ROUTED), NOW)
    before = [now_is(store, alert).assignee for alert in alerts]
    assert sorted(before, key=str) == ["Aiko", "Aiko", "Ken", "Ken"]
    desk.claim(store, alerts[0], KEN, NOW)
    tend(store, settings(**ROUTED), NOW)
    assert [now_is(store, alert).assignee for alert in alerts] == before


def test_changed_rules_are_shown_first_and_applied_again(store: Store) -> None:
    alert = alert_for(store)
    tend(store, settings(**ROUTED), NOW)
    other = settings(**{**ROUTED, "routes": [{"name": "en", "language": "en", "person": "Ken"}]})
    (change,) = routing.preview(store, other, NOW)
    assert (change.changes, change.routed.assignee, change.routed.reasons[-1]) == (True, "Ken", ("person", "Ken"))
    assert now_is(store, alert).route == "all"
    (done,) = routing.reroute(store, other, MEI, NOW)
    assert done.routed.route == "en"
    assert (now_is(store, alert).assignee, now_is(store, alert).team) == ("Ken", "Asia")
    assert routing.reroute(store, other, MEI, NOW) == []


def test_a_colleague_who_left_is_not_offered_anything(store: Store) -> None:
    alert = alert_for(store)
    desk.claim(store, alert, AIKO, NOW)
    with pytest.raises(Exception, match="does not answer"):
        handing.offer(store, alert, AIKO, NOW, to="Zoe", people=build(settings(people=PEOPLE), ()))
