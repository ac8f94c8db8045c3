"""Who may do what at the desk: the one place that every verb asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from listener.errors import NotAllowedError

MAX_NAME: Final = 200

Verb: TypeAlias = Literal["claim", "release", "resolve", "dismiss", "undo", "note"]


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who acts."""

    name: str


def authorise(actor: Actor, verb: Verb, alert_id: int) -> None:
    """Return if this person may do this to this alert. Raises NotAllowedError.

    Until there are roles, everybody with a name may do everything.
    """
    if not actor.name.strip():
        raise NotAllowedError(alert_id, f"nobody may {verb} alert {alert_id} without a name", hint="Say who you are.")
    if not actor.name.isprintable() or len(actor.name) > MAX_NAME:
        raise NotAllowedError(alert_id, "this is no name that can be shown", hint="Use letters, up to 200 of them.")
