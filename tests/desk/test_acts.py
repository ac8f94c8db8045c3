"""Claim, release, resolve, dismiss, undo, notes: one owner, everything in the history."""

import hashlib
import multiprocessing
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from listener import desk
from listener.desk import Actor
from listener.errors import (
    AlreadyClaimedError,
    DeskError,
    ListenerError,
    NoSuchAlertError,
    NotAllowedError,
    NotHolderError,
    UsageError,
    WrongStateError,
)
from listener.store import Store
from listener.store.rows import AlertRow
from listener.types import DISMISSALS, OUTCOMES, Deletion, Label
from tests.store.seed import NOW, alert_for, take

AIKO, KEN = Actor("Aiko"), Actor("Ken")
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def alert(store: Store) -> int:
    return alert_for(store, "1", "がっかり", title="Title")


def now_is(store: Store, alert_id: int) -> AlertRow:
    return desk.case(store, alert_id).alert


def history(store: Store, alert_id: int) -> list[tuple[str, str]]:
    return [(event.kind, event.actor) for event in desk.case(store, alert_id).history]


def labels(store: Store) -> list[Label]:
    with store.read() as tx:
        return list(tx.labels.all())


# ------------------------------------------------------------------ claim, release


def test_claim_takes_an_open_alert(store: Store, alert: int) -> None:
    row = desk.claim(store, alert, AIKO, NOW)
    assert (row.state, row.owner, row.claimed_at) == ("claimed", "Aiko", NOW)
    assert now_is(store, alert) == row
    assert history(store, alert) == [("opened", "listener"), ("claimed", "Aiko")]


def test_claiming_ones_own_changes_nothing(store: Store, alert: int) -> None:
    first = desk.claim(store, alert, AIKO, NOW)
    assert desk.claim(store, alert, AIKO, LATER) == first
    assert len(history(store, alert)) == 2


def test_the_second_to_claim_reads_who_has_it(store: Store, alert: int) -> None:
    desk.claim(store, alert, AIKO, NOW)
    with pytest.raises(AlreadyClaimedError, match="Aiko") as caught:
        desk.claim(store, alert, KEN, NOW)
    assert (caught.value.owner, caught.value.alert_id) == ("Aiko", alert)


def test_release_gives_it_back(store: Store, alert: int) -> None:
    desk.claim(store, alert, AIKO, NOW)
    row = desk.release(store, alert, AIKO, LATER)
    assert (row.state, row.owner, row.claimed_at) == ("open", None, None)
    assert desk.claim(store, alert, KEN, LATER).owner == "Ken"


def test_only_the_holder_releases_and_resolves(store: Store, alert: int) -> None:
    for act in (
        lambda: desk.release(store, alert, KEN, NOW),
        lambda: desk.resolve(store, alert, KEN, NOW, outcome="kept"),
    ):
        with pytest.raises(NotHolderError, match="nobody"):
            act()
    desk.claim(store, alert, AIKO, NOW)
    with pytest.raises(NotHolderError, match="Aiko"):
        desk.release(store, alert, KEN, NOW)
    with pytest.raises(NotHolderError, match="Aiko"):
        desk.resolve(store, alert, KEN, NOW, outcome="kept")


# ------------------------------------------------------------------ resolve, dismiss


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_resolve_closes_with_an_outcome(store: Store, alert: int, outcome: str) -> None:
    desk.claim(store, alert, AIKO, NOW)
    row = desk.resolve(store, alert, AIKO, LATER, outcome=outcome, note=" refunded ", cause_fixed=True)
    assert (row.state, row.owner, row.outcome, row.cause_fixed, row.closed_at) == (
        "resolved",
        "Aiko",
        outcome,
        True,
        LATER,
    )
    (note,) = desk.case(store, alert).notes
    assert (note.author, note.text) == ("Aiko", "refunded")
    assert "refunded" not in str([event.data for event in desk.case(store, alert).history])
    assert labels(store) == []


def test_an_unknown_outcome_or_reason_names_the_valid_ones(store: Store, alert: int) -> None:
    desk.claim(store, alert, AIKO, NOW)
    with pytest.raises(UsageError, match="kept, lost"):
        desk.resolve(store, alert, AIKO, NOW, outcome="won")
    with pytest.raises(UsageError, match="not_a_complaint, duplicate"):
        desk.dismiss(store, alert, AIKO, NOW, reason="bored")
    assert now_is(store, alert).state == "claimed"


@pytest.mark.parametrize("reason", DISMISSALS)
def test_only_not_a_complaint_writes_a_label(store: Store, alert: int, reason: str) -> None:
    row = desk.dismiss(store, alert, AIKO, NOW, reason=reason)
    assert (row.state, row.owner, row.reason, row.closed_at) == ("dismissed", "Aiko", reason, NOW)
    expected = Label(
        text_sha256=hashlib.sha256("Title\nがっかり".encode()).hexdigest(),
        who="Aiko",
        at=NOW,
        origin="board:dismiss",
        complaint=0,
        severity=0,
        cause="none",
        source="s",
    )
    assert labels(store) == ([expected] if reason == "not_a_complaint" else [])


def test_a_deleted_post_teaches_nothing(store: Store, alert: int) -> None:
    take(store, Deletion(source="s", native_id="1", at=NOW))
    desk.dismiss(store, alert, AIKO, NOW, reason="not_a_complaint")
    assert labels(store) == []


def test_what_another_holds_is_not_dismissed(store: Store, alert: int) -> None:
    desk.claim(store, alert, AIKO, NOW)
    with pytest.raises(AlreadyClaimedError, match="Aiko"):
        desk.dismiss(store, alert, KEN, NOW, reason="duplicate")
    assert desk.dismiss(store, alert, AIKO, NOW, reason="duplicate").state == "dismissed"


def test_a_closed_alert_takes_no_act(store: Store, alert: int) -> None:
    desk.dismiss(store, alert, AIKO, NOW, reason="not_a_complaint")
    acts: list[Callable[[], Any]] = [
        lambda: desk.claim(store, alert, KEN, NOW),
        lambda: desk.claim(store, alert, AIKO, NOW),
        lambda: desk.release(store, alert, AIKO, NOW),
        lambda: desk.resolve(store, alert, AIKO, NOW, outcome="kept"),
        lambda: desk.dismiss(store, alert, AIKO, NOW, reason="not_a_complaint"),
    ]
    for act in acts:
        with pytest.raises(WrongStateError, match="dismissed"):
            act()
    assert len(labels(store)) == 1
    assert len(history(store, alert)) == 2


def test_every_verb_asks_for_a_name_and_an_alert_that_is_there(store: Store, alert: int) -> None:
    verbs: list[Callable[[int, Actor], Any]] = [
        lambda number, who: desk.claim(store, number, who, NOW),
        lambda number, who: desk.release(store, number, who, NOW),
        lambda number, who: desk.resolve(store, number, who, NOW, outcome="kept"),
        lambda number, who: desk.dismiss(store, number, who, NOW, reason="duplicate"),
        lambda number, who: desk.undo(store, number, who, NOW),
        lambda number, who: desk.add_note(store, number, who, NOW, "a note"),
    ]
    for verb in verbs:
        with pytest.raises(NotAllowedError):
            verb(alert, Actor(" "))
        with pytest.raises(NoSuchAlertError):
            verb(alert + 1, AIKO)
    with pytest.raises(NoSuchAlertError):
        desk.case(store, alert + 1)
    assert len(history(store, alert)) == 1


# ------------------------------------------------------------------ undo, notes


@pytest.mark.parametrize(
    ("before", "act"),
    [
        ([], lambda s, a: desk.claim(s, a, AIKO, LATER)),
        (["claim"], lambda s, a: desk.release(s, a, AIKO, LATER)),
        (["claim"], lambda s, a: desk.resolve(s, a, AIKO, LATER, outcome="lost", cause_fixed=False)),
        (["claim"], lambda s, a: desk.dismiss(s, a, AIKO, LATER, reason="not_a_complaint")),
        ([], lambda s, a: desk.dismiss(s, a, AIKO, LATER, reason="not_a_complaint")),
    ],
)
def test_undo_puts_it_back_as_it_was(store: Store, alert: int, before: list[str], act: Callable[..., Any]) -> None:
    if before:
        desk.claim(store, alert, AIKO, NOW)
    was = now_is(store, alert)
    act(store, alert)
    row = desk.undo(store, alert, AIKO, LATER)
    changed = {name for name in AlertRow.__slots__ if getattr(row, name) != getattr(was, name)}
    assert changed == {"version"}
    assert labels(store) == []
    assert history(store, alert)[-1] == ("undone", "Aiko")


def test_undo_goes_back_step_by_step(store: Store, alert: int) -> None:
    desk.claim(store, alert, AIKO, NOW)
    desk.resolve(store, alert, AIKO, NOW, outcome="kept")
    assert desk.undo(store, alert, AIKO, NOW).state == "claimed"
    assert desk.undo(store, alert, AIKO, NOW).state == "open"
    with pytest.raises(WrongStateError):
        desk.undo(store, alert, AIKO, NOW)


def test_nobody_undoes_what_another_did(store: Store, alert: int) -> None:
    desk.claim(store, alert, AIKO, NOW)
    desk.release(store, alert, AIKO, NOW)
    desk.claim(store, alert, KEN, NOW)
    with pytest.raises(NotAllowedError, match="Ken"):
        desk.undo(store, alert, AIKO, NOW)
    assert now_is(store, alert).owner == "Ken"


def test_what_listener_noted_meanwhile_is_no_act(store: Store, alert: int) -> None:
    desk.claim(store, alert, AIKO, NOW)
    take(store, Deletion(source="s", native_id="1", at=NOW))
    desk.add_note(store, alert, KEN, NOW, "seen")
    assert desk.undo(store, alert, AIKO, NOW).state == "open"


def test_notes_are_kept_apart_from_the_history(store: Store, alert: int) -> None:
    note = desk.add_note(store, alert, AIKO, NOW, " call \ud800 them ")
    case = desk.case(store, alert)
    assert case.notes == (note,)
    assert note.text == "call \ufffd them"
    assert [(event.kind, event.data) for event in case.history[1:]] == [("noted", {"note": note.id})]


@pytest.mark.parametrize("text", ["", "  \n", "x" * 10_001])
def test_empty_and_endless_notes_are_refused(store: Store, alert: int, text: str) -> None:
    with pytest.raises(UsageError):
        desk.add_note(store, alert, AIKO, NOW, text)


def test_names_that_cannot_be_stored_do_not_break_the_desk(store: Store, alert: int) -> None:
    with pytest.raises(NotAllowedError):
        desk.claim(store, alert, Actor("Ai\udcffko"), NOW)


# ------------------------------------------------------------------ races


@pytest.mark.parametrize("people", [2, 50])
def test_of_many_threads_one_wins_and_the_others_read_who(store: Store, alert: int, people: int) -> None:
    start = threading.Barrier(people)
    won: list[str] = []
    told: list[str] = []

    def claim(name: str) -> None:
        start.wait()
        try:
            won.append(desk.claim(store, alert, Actor(name), NOW).owner or "")
        except AlreadyClaimedError as error:
            told.append(error.owner)

    threads = [threading.Thread(target=claim, args=(f"person {number}",)) for number in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert told == won * (people - 1)
    assert [kind for kind, _ in history(store, alert)] == ["opened", "claimed"]


def claim_elsewhere(path: str, alert_id: int, name: str, start: Any, results: Any) -> None:
    with Store.open(path) as store:
        start.wait(60)
        try:
            desk.claim(store, alert_id, Actor(name), NOW)
            results.put((name, name))
        except DeskError as error:
            results.put((name, getattr(error, "owner", repr(error))))
        except ListenerError as error:
            results.put((name, repr(error)))


def test_of_many_processes_one_wins(store: Store, alert: int, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    start, results = context.Barrier(4), context.Queue()
    processes = [
        context.Process(target=claim_elsewhere, args=(str(store.path), alert, f"person {n}", start, results))
        for n in range(4)
    ]
    for process in processes:
        process.start()
    answers = dict(results.get(timeout=90) for _ in processes)
    for process in processes:
        process.join(30)
    owner = now_is(store, alert).owner
    assert owner in answers
    assert set(answers.values()) == {owner}
