"""Offered, accepted, given, kept, put aside: who has it, and how often it changed hands."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from listener import desk
from listener.desk import Actor, bulk, by_hand, handing, holding, looking, turning
from listener.errors import (
    AlreadyClaimedError,
    ListenerError,
    NotAllowedError,
    NotHolderError,
    UsageError,
    WrongStateError,
)
from listener.settings import parse
from listener.store import Store
from listener.store.rows import AlertRow, QueueFilter
from listener.triage.people import Member, Roster
from tests.store.seed import NOW, alert_for, mention, open_all, score_all, take

AIKO, KEN, MEI = Actor("Aiko"), Actor("Ken"), Actor("Mei", "manager")
LATER = NOW + timedelta(minutes=1)
PEOPLE = Roster(
    (
        Member(name="Aiko", role="responder"),
        Member(name="Ken", role="responder"),
        Member(name="Vi", role="viewer"),
    )
)


@pytest.fixture
def alert(store: Store) -> int:
    return alert_for(store)


@pytest.fixture
def held(store: Store, alert: int) -> int:
    desk.claim(store, alert, AIKO, NOW)
    return alert


def now_is(store: Store, alert: int) -> AlertRow:
    return desk.case(store, alert).alert


def kinds(store: Store, alert: int) -> list[str]:
    return [event.kind for event in desk.case(store, alert).history]


# ------------------------------------------------------------------ handing over


def test_it_stays_with_the_giver_until_the_other_accepts(store: Store, held: int) -> None:
    handing.offer(store, held, AIKO, NOW, to="Ken", people=PEOPLE, note="she wrote twice")
    row = now_is(store, held)
    assert (row.owner, row.offered_to, row.handovers) == ("Aiko", "Ken", 0)
    row = handing.accept(store, held, KEN, LATER)
    assert (row.owner, row.offered_to, row.handovers, row.claimed_at) == ("Ken", None, 1, LATER)
    assert [note.text for note in desk.case(store, held).notes] == ["she wrote twice"]
    assert kinds(store, held)[-2:] == ["offered", "accepted"]


def test_every_change_of_hands_is_counted(store: Store, held: int) -> None:
    for giver, taker in ((AIKO, KEN), (KEN, AIKO), (AIKO, KEN)):
        handing.offer(store, held, giver, NOW, to=taker.name, people=PEOPLE)
        handing.accept(store, held, taker, NOW)
    assert handing.assign(store, held, MEI, NOW, to="Aiko", people=PEOPLE).handovers == 4
    assert handing.assign(store, held, MEI, LATER, to="Aiko", people=PEOPLE).handovers == 4


@pytest.mark.parametrize("who", [AIKO, KEN])
def test_no_is_said_by_either_side(store: Store, held: int, who: Actor) -> None:
    handing.offer(store, held, AIKO, NOW, to="Ken", people=PEOPLE)
    row = handing.decline(store, held, who, LATER)
    assert (row.owner, row.offered_to, row.handovers) == ("Aiko", None, 0)
    with pytest.raises(NotAllowedError, match="not offered"):
        handing.accept(store, held, KEN, LATER)


def test_nobody_takes_what_was_offered_to_another(store: Store, held: int) -> None:
    handing.offer(store, held, AIKO, NOW, to="Ken", people=PEOPLE)
    with pytest.raises(NotAllowedError, match="not offered to you"):
        handing.accept(store, held, MEI, NOW)
    with pytest.raises(NotAllowedError, match="nobody offers"):
        handing.decline(store, held, MEI, NOW)
    with pytest.raises(NotHolderError, match="Aiko has it"):
        handing.offer(store, held, KEN, NOW, to="Aiko", people=PEOPLE)


@pytest.mark.parametrize(
    ("to", "why"), [("Kenn", "did you mean 'Ken'"), ("Vi", "does not answer"), ("Aiko", "oneself")]
)
def test_it_is_offered_to_somebody_who_answers(store: Store, held: int, to: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        handing.offer(store, held, AIKO, NOW, to=to, people=PEOPLE)
    handing.offer(store, held, AIKO, NOW, to="Anybody", people=Roster((), known=False))


def test_closing_ends_an_offer_and_an_offer_is_taken_back_by_undo(store: Store, held: int) -> None:
    handing.offer(store, held, AIKO, NOW, to="Ken", people=PEOPLE)
    desk.undo(store, held, AIKO, NOW)
    assert now_is(store, held).offered_to is None
    handing.offer(store, held, AIKO, NOW, to="Ken", people=PEOPLE)
    desk.resolve(store, held, AIKO, NOW, outcome="kept")
    with pytest.raises(NotAllowedError):
        handing.accept(store, held, KEN, NOW)
    with pytest.raises(WrongStateError):
        handing.assign(store, held, MEI, NOW, to="Ken", people=PEOPLE)


def test_what_was_accepted_is_not_undone_alone(store: Store, held: int) -> None:
    handing.offer(store, held, AIKO, NOW, to="Ken", people=PEOPLE)
    handing.accept(store, held, KEN, NOW)
    with pytest.raises(WrongStateError):
        desk.undo(store, held, KEN, NOW)
    with pytest.raises(NotAllowedError, match="Ken"):
        desk.undo(store, held, AIKO, NOW)


# ------------------------------------------------------------------ keeping, snoozing, reopening


def test_keeping_and_snoozing_have_an_end(store: Store, held: int) -> None:
    day = timedelta(days=1)
    assert holding.keep(store, held, AIKO, NOW, until=NOW + day).kept_until == NOW + day
    assert holding.snooze(store, held, AIKO, NOW, until=NOW + day).snoozed_until == NOW + day
    assert holding.wake(store, held, KEN, NOW).snoozed_until is None
    for until in (NOW, NOW - day, NOW + 100 * day):
        with pytest.raises(UsageError):
            holding.keep(store, held, AIKO, NOW, until=until)
        with pytest.raises(UsageError):
            holding.snooze(store, held, AIKO, NOW, until=until)
    with pytest.raises(NotHolderError):
        holding.keep(store, held, KEN, NOW, until=NOW + day)
    with pytest.raises(AlreadyClaimedError):
        holding.snooze(store, held, KEN, NOW, until=NOW + day)


def test_a_closed_case_is_taken_up_again(store: Store, held: int) -> None:
    desk.resolve(store, held, AIKO, NOW, outcome="kept")
    row = desk.reopen(store, held, KEN, LATER)
    assert (row.state, row.owner, row.outcome, row.closed_at, row.reopened) == ("claimed", "Ken", None, None, 1)
    with pytest.raises(WrongStateError, match="cannot be reopened"):
        desk.reopen(store, held, KEN, LATER)


def test_a_look_back_is_planned_and_done_once(store: Store, held: int) -> None:
    desk.resolve(store, held, AIKO, NOW, outcome="kept")
    with store.read() as tx:
        (planned,) = tx.aftercare.of(held)
    assert planned.due_at == NOW + timedelta(days=7)
    desk.follow_up(store, held, KEN, LATER, result="well")
    with pytest.raises(WrongStateError):
        desk.follow_up(store, held, KEN, LATER, result="well")
    with pytest.raises(UsageError, match="well, unhappy"):
        desk.follow_up(store, held, KEN, LATER, result="fine")


@pytest.mark.parametrize(
    ("outcome", "planned"), [("kept", 1), ("lost", 1), ("no_answer", 1), ("not_ours", 0), ("false_alarm", 0)]
)
def test_whom_we_look_back_at(store: Store, held: int, outcome: str, planned: int) -> None:
    desk.resolve(store, held, AIKO, NOW, outcome=outcome)
    with store.read() as tx:
        assert len(tx.aftercare.of(held)) == planned
    desk.undo(store, held, AIKO, NOW)
    with store.read() as tx:
        assert tx.aftercare.of(held) == ()


def test_an_unhappy_customer_at_the_look_back_reopens(store: Store, held: int) -> None:
    desk.resolve(store, held, AIKO, NOW, outcome="kept")
    row = desk.follow_up(store, held, KEN, LATER, result="unhappy")
    assert (row.state, row.owner, row.reopened) == ("claimed", "Ken", 1)


# ------------------------------------------------------------------ answering


def test_an_answer_is_marked_as_sent_with_its_link(store: Store, held: int) -> None:
    turning.keep_draft(store, held, AIKO, NOW, "We are sorry that")
    assert (turning.draft(store, held, AIKO), turning.draft(store, held, KEN)) == ("We are sorry that", "")
    row = turning.replied(store, held, AIKO, LATER, text="We are sorry.", link="https://example.org/1")
    assert row.first_response_at == LATER
    (reply,) = turning.sent(store, held)
    assert (reply.person, reply.text, reply.link) == ("Aiko", "We are sorry.", "https://example.org/1")
    assert turning.draft(store, held, AIKO) == ""
    assert "sorry" not in str([event.data for event in desk.case(store, held).history])
    assert turning.replied(store, held, AIKO, LATER + timedelta(hours=1)).first_response_at == LATER
    for link in ("javascript:alert(1)", "example.org", "ftp://x.y", "https://"):
        with pytest.raises(UsageError, match="https://"):
            turning.replied(store, held, AIKO, LATER, link=link)
    with pytest.raises(NotHolderError):
        turning.replied(store, held, KEN, LATER)


def test_who_is_there(store: Store, alert: int) -> None:
    looking.look(store, alert, AIKO, NOW, doing="writing")
    looking.look(store, alert, KEN, NOW)
    assert looking.others_at(store, [alert], KEN, NOW) == {alert: (("Aiko", "writing"),)}
    assert looking.others_at(store, [alert], KEN, LATER) == {}


# ------------------------------------------------------------------ many at once, and by hand


def test_many_at_once_say_which_were_refused(store: Store) -> None:
    first, second = alert_for(store, "1"), alert_for(store, "2", "other text")
    desk.claim(store, second, KEN, NOW)
    found = bulk.each([first, second, first, 99], lambda number: desk.claim(store, number, AIKO, NOW))
    assert found.done == (first,)
    assert [(number, type(error).__name__) for number, error in found.refused] == [
        (second, "AlreadyClaimedError"),
        (99, "NoSuchAlertError"),
    ]
    with pytest.raises(NotAllowedError):
        bulk.each([first], lambda number: desk.claim(store, number, Actor("Vi", "viewer"), NOW))
    with pytest.raises(UsageError):
        bulk.each(range(501), lambda number: desk.claim(store, number, AIKO, NOW))


def test_a_case_from_the_phone(store: Store) -> None:
    settings = parse({"brands": [{"name": "A"}]}, home=Path("/nowhere"))
    told = by_hand.Told(
        text="冷めていた", brand="A", lang="ja", cause="quality", severity=3, way="phone", customer="田中さま"
    )
    row = by_hand.open_case(store, settings, AIKO, NOW, told)
    assert (row.brand, row.lang, row.cause, row.severity, row.state) == ("A", "ja", "quality", 3, "open")
    assert row.due_at == NOW + timedelta(hours=1)
    case = desk.case(store, row.id)
    assert (case.mention.text, case.mention.author, case.mention.channel) == ("冷めていた", "田中さま", "phone")
    assert desk.queue(store, QueueFilter(brand="A")).total == 1
    for wrong in (
        {"text": " "},
        {"brand": "B"},
        {"cause": "x"},
        {"severity": 0},
        {"lang": "fr"},
        {"url": "x"},
        {"way": "x"},
    ):
        values: dict[str, Any] = {"text": "t", **wrong}
        with pytest.raises(UsageError):
            by_hand.open_case(store, settings, AIKO, NOW, by_hand.Told(**values))


# ------------------------------------------------------------------ the race

CLIENTS, ALERTS = 50, 500


def test_fifty_clients_race_for_five_hundred_alerts(store: Store) -> None:
    take(store, *(mention(str(number), f"text number {number} of its own") for number in range(ALERTS)))
    score_all(store)
    numbers = list(open_all(store).values())
    errors: list[ListenerError] = []
    won: dict[int, set[int]] = {number: set() for number in numbers}
    start = threading.Barrier(CLIENTS)

    def client(index: int) -> None:
        start.wait()
        for number in numbers[index * 7 % ALERTS :][:30] + numbers[:10]:
            try:
                desk.claim(store, number, Actor(f"client {index}"), NOW)
                won[number].add(index)
            except AlreadyClaimedError:
                pass
            except ListenerError as error:
                errors.append(error)

    threads = [threading.Thread(target=client, args=(index,)) for index in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with store.read() as tx:
        owners = {number: row.owner for number in numbers if (row := tx.alerts.get(number))}
        assert tx.audit.broken_at() is None
    assert all(len(winners) <= 1 for winners in won.values())
    assert {number: f"client {next(iter(winners))}" for number, winners in won.items() if winners} == {
        number: owner for number, owner in owners.items() if owner
    }
    assert sum(map(len, won.values())) > ALERTS / 2
