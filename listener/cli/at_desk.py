"""What the desk's verbs on the command line share: the store and who acts, and an alert as it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from listener.desk import Actor
    from listener.settings import Settings
    from listener.store import Store
    from listener.store.rows import AlertRow


def tell(row: AlertRow, as_json: bool) -> None:
    """Print an alert as it is after an act."""
    if as_json:
        typer.echo(json.dumps(_as_dict(row), ensure_ascii=False))
    else:
        typer.echo(f"alert {row.id}: {row.state}" + (f", {row.owner}" if row.owner else ""))


@contextmanager
def desk_of(home: Path | None, user: str) -> Iterator[tuple[Store, Actor, Settings]]:
    """The store, and who acts: somebody known here with their own role, anybody else as the operator."""
    from listener.cli import say
    from listener.desk.people import actor_named
    from listener.pipeline.home import database_of
    from listener.settings import load
    from listener.store import Store

    settings = load(home)
    with Store.open(database_of(settings)) as store:
        actor = actor_named(store, settings, user.strip())
        if actor.role == "operator":
            say(f"listener: {actor.name or 'nobody'} is not known here: acting as the operator of this machine")
        yield store, actor, settings


def _as_dict(row: AlertRow) -> dict[str, object]:
    due = row.due_at.isoformat() if row.due_at else None
    return {
        "id": row.id,
        "mention": row.mention_id,
        "state": row.state,
        "owner": row.owner,
        "brand": row.brand,
        "lang": row.lang,
        "severity": row.severity,
        "cause": row.cause,
        "priority": row.priority,
        "due_at": due,
        "due": row.due_kind,
        "team": row.team,
        "assignee": row.assignee,
        "offered_to": row.offered_to,
        "handovers": row.handovers,
        "outcome": row.outcome,
        "reason": row.reason,
    }
