"""Who may do what: every verb with every role, in one table written by hand; and the audit that keeps it."""

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from typing import Any, get_args

import pytest

from listener import desk
from listener.desk import Actor, accounts
from listener.desk.authorise import AnyRole, Verb, authorise, may
from listener.errors import NotAllowedError
from listener.store import Store
from tests.store.seed import NOW, alert_for

LATER = NOW + timedelta(minutes=1)
R, M, A, N, OP = "responder", "manager", "admin", "analyst", "operator"
ALLOWED: dict[str, set[str]] = {
    "claim": {R, M, A, OP},
    "release": {R, M, A, OP},
    "resolve": {R, M, A, OP},
    "dismiss": {R, M, A, OP, N},
    "undo": {R, M, A, OP, N},
    "note": {R, M, A, OP, N},
    "offer": {R, M, A, OP},
    "accept": {R, M, A, OP},
    "decline": {R, M, A, OP},
    "keep": {R, M, A, OP},
    "snooze": {R, M, A, OP},
    "wait": {R, M, A, OP},
    "reply": {R, M, A, OP},
    "reopen": {R, M, A, OP},
    "open": {R, M, A, OP},
    "step": {R, M, A, OP},
    "followup": {R, M, A, OP},
    "assign": {M, A, OP},
    "route": {M, A, OP},
    "users": {A, OP},
    "merge": {R, M, A, OP},
    "split": {R, M, A, OP},
    "rename": {R, M, A, OP},
    "close": {R, M, A, OP},
}
ROLES: tuple[AnyRole, ...] = ("viewer", "responder", "analyst", "manager", "admin", "operator")


def test_the_table_knows_every_verb() -> None:
    assert set(get_args(Verb)) == ALLOWED.keys()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("verb", get_args(Verb))
def test_every_verb_with_every_role(verb: Verb, role: AnyRole) -> None:
    actor = Actor("Aiko", role)
    assert may(actor, verb) == (role in ALLOWED[verb])
    if role in ALLOWED[verb]:
        authorise(actor, verb, 7)
    else:
        with pytest.raises(NotAllowedError) as caught:
            authorise(actor, verb, 7)
        assert role in str(caught.value)
        assert caught.value.alert_id == 7


ACTS: dict[str, Callable[[Store, int, Actor], Any]] = {
    "claim": lambda s, a, who: desk.claim(s, a, who, LATER),
    "release": lambda s, a, who: desk.release(s, a, who, LATER),
    "resolve": lambda s, a, who: desk.resolve(s, a, who, LATER, outcome="kept"),
    "dismiss": lambda s, a, who: desk.dismiss(s, a, who, LATER, reason="not_ours"),
    "undo": lambda s, a, who: desk.undo(s, a, who, LATER),
    "note": lambda s, a, who: desk.add_note(s, a, who, LATER, "a note"),
    "users": lambda s, _, who: accounts.add(s, who, "Bo", "viewer", LATER),
}


def audited(store: Store) -> list[tuple[str, str, str, int | None]]:
    with store.read() as tx:
        return [(row.verb, row.actor, row.role, row.alert_id) for row in reversed(tx.audit.last(50))]


@pytest.mark.parametrize("verb", ACTS)
@pytest.mark.parametrize("role", ROLES)
def test_the_acts_themselves_ask(store: Store, verb: str, role: AnyRole) -> None:
    """Not only the table: each act refuses by itself, whoever calls it, and a refusal is kept."""
    alert = alert_for(store)
    if verb in ("release", "resolve", "undo"):
        desk.claim(store, alert, Actor("Aiko"), NOW)
    before = len(audited(store))
    who = Actor("Aiko", role)
    concerned = None if verb == "users" else alert
    if role in ALLOWED[verb]:
        ACTS[verb](store, alert, who)
    else:
        state = desk.case(store, alert).alert
        with pytest.raises(NotAllowedError):
            ACTS[verb](store, alert, who)
        assert desk.case(store, alert).alert == state
    assert audited(store)[before:] == [(verb, "Aiko", role, concerned)]


# ------------------------------------------------------------------ the audit


def broken(store: Store) -> int | None:
    with store.read() as tx:
        return tx.audit.broken_at()


@pytest.fixture
def acted(store: Store) -> Store:
    alert = alert_for(store, "1", "秘密の本文", author="someone")
    desk.claim(store, alert, Actor("Aiko"), NOW)
    desk.add_note(store, alert, Actor("Aiko"), NOW, "内緒のメモ")
    desk.resolve(store, alert, Actor("Aiko"), NOW, outcome="kept", note="返金した", cause_fixed=True)
    return store


def test_the_audit_holds_ids_and_codes_only(acted: Store) -> None:
    with acted.read() as tx:
        rows = tx.audit.last(10)
    assert [row.verb for row in rows] == ["resolve", "note", "claim"]
    assert rows[0].data == {"outcome": "kept", "cause_fixed": True, "note": 2}
    assert not any(word in str(rows) for word in ("秘密", "内緒", "返金", "someone"))


def test_the_chain_holds_as_long_as_nobody_touches_it(acted: Store) -> None:
    assert broken(acted) is None
    desk.undo(acted, 1, Actor("Aiko"), LATER)
    assert broken(acted) is None


@pytest.mark.parametrize(
    ("change", "row"),
    [
        ("UPDATE audit SET actor = 'Ken' WHERE id = 2", 2),
        ("UPDATE audit SET at = at + 1 WHERE id = 1", 1),
        ("UPDATE audit SET data = '{}' WHERE id = 3", 3),
        ("DELETE FROM audit WHERE id = 2", 2),
        ("DELETE FROM audit WHERE id = 3", 3),
        ("DELETE FROM audit", 1),
        ("INSERT INTO audit SELECT 9, at, actor, role, verb, alert_id, data, digest FROM audit WHERE id = 3", 4),
    ],
)
def test_a_changed_row_is_found(acted: Store, change: str, row: int) -> None:
    with sqlite3.connect(acted.path) as connection:
        connection.execute(change)
    assert broken(acted) == row
