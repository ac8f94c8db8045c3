"""Who may do what at the desk: the one place that every verb asks.

A responder settles cases. A manager does so too, gives cases to others, has the routes applied and approves replies. An
analyst labels. A viewer looks. An admin does everything, accounts included. The operator is whoever has a shell on this
machine: the database is theirs anyway, so the command line acts for them, says so, and the audit names the role.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from listener.errors import NotAllowedError
from listener.settings import Role
from listener.store import Store, Tx

MAX_NAME: Final = 200

AnyRole: TypeAlias = Role | Literal["operator"]
Verb: TypeAlias = Literal[
    "claim",
    "release",
    "resolve",
    "dismiss",
    "undo",
    "note",
    "offer",
    "accept",
    "decline",
    "keep",
    "snooze",
    "wait",
    "reply",
    "reopen",
    "open",
    "step",
    "followup",
    "assign",
    "route",
    "users",
    "merge",
    "split",
    "rename",
    "close",
]

_SETTLE: Final = frozenset({"responder", "manager", "admin", "operator"})
_LEAD: Final = frozenset({"manager", "admin", "operator"})
MAY: Final[Mapping[Verb, frozenset[str]]] = {
    "claim": _SETTLE,
    "release": _SETTLE,
    "resolve": _SETTLE,
    "dismiss": _SETTLE | {"analyst"},
    "undo": _SETTLE | {"analyst"},
    "note": _SETTLE | {"analyst"},
    "offer": _SETTLE,
    "accept": _SETTLE,
    "decline": _SETTLE,
    "keep": _SETTLE,
    "snooze": _SETTLE,
    "wait": _SETTLE,
    "reply": _SETTLE,
    "reopen": _SETTLE,
    "open": _SETTLE,
    "step": _SETTLE,
    "followup": _SETTLE,
    "assign": _LEAD,
    "route": _LEAD,
    "users": frozenset({"admin", "operator"}),
    "merge": _SETTLE,
    "split": _SETTLE,
    "rename": _SETTLE,
    "close": _SETTLE,
}
"""An analyst may dismiss, since `not a complaint` is a label."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who acts, and as what."""

    name: str
    role: AnyRole = "responder"


def may(actor: Actor, verb: Verb) -> bool:
    """Whether the role allows the verb; the board draws only what it does."""
    return actor.role in MAY[verb]


def authorise(actor: Actor, verb: Verb, alert_id: int = 0) -> None:
    """Return if this person may do this to this alert (0: to none). Raises NotAllowedError."""
    if not actor.name.strip():
        raise NotAllowedError(alert_id, f"nobody may {verb} alert {alert_id} without a name", hint="Say who you are.")
    if not actor.name.isprintable() or len(actor.name) > MAX_NAME:
        raise NotAllowedError(alert_id, "this is no name that can be shown", hint="Use letters, up to 200 of them.")
    if not may(actor, verb):
        able = ", ".join(sorted(MAY[verb] - {"operator"}))
        raise NotAllowedError(alert_id, f"a {actor.role} may not {_WORDS.get(verb, verb)}", hint=f"Ask: {able}.")


_WORDS: Final[Mapping[str, str]] = {
    "note": "add notes",
    "step": "work on a case",
    "wait": "stop the clock",
    "open": "open a case",
    "route": "apply the routes",
    "users": "manage accounts",
    "followup": "follow up",
    "assign": "give cases to others",
}


def permit(store: Store, actor: Actor, verb: Verb, now: datetime, alert_id: int = 0) -> None:
    """`authorise`, and a refused attempt is kept in the audit. Raises NotAllowedError."""
    try:
        authorise(actor, verb, alert_id)
    except NotAllowedError:
        if actor.name.strip() and actor.name.isprintable() and len(actor.name) <= MAX_NAME:
            with store.write() as tx:
                audit(tx, actor, verb, now, alert_id, {"refused": True})
        raise


def audit(
    tx: Tx, actor: Actor, verb: Verb, now: datetime, alert_id: int = 0, data: Mapping[str, Any] | None = None
) -> None:
    """Keep that this was done; `data` holds ids and codes, never what somebody wrote."""
    tx.audit.add(now, actor.name, actor.role, verb, alert_id or None, data or {})
