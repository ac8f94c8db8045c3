"""`listener desk claim|release|resolve|dismiss ALERT --as USER` and more: the desk's verbs from the command line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from listener.cli import desk_hands, incident
from listener.cli.at_desk import desk_of, tell

if TYPE_CHECKING:
    from listener.desk import Actor
    from listener.store import Store
    from listener.store.rows import AlertRow

Alert: TypeAlias = Annotated[int, typer.Argument(help="The alert's number.")]
As: TypeAlias = Annotated[str, typer.Option("--as", help="Who acts.")]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="The alert as a JSON object.")]
Home: TypeAlias = Annotated[Path | None, typer.Option("--home", help="Directory for settings and data.")]


def register(app: typer.Typer) -> None:
    """Add the group `listener desk`."""
    group = typer.Typer(no_args_is_help=True, help="What people do to alerts: claim, answer, hand over, settle.")
    app.add_typer(group, name="desk")
    desk_hands.register(group)
    incident.register(group)

    @group.command()
    def claim(alert: Alert, user: As, as_json: AsJson = False, home: Home = None) -> None:
        """Take an open alert; whoever is first has it."""
        from listener.desk import claim as verb

        _act(home, user, as_json, lambda store, actor, now: verb(store, alert, actor, now))

    @group.command()
    def release(alert: Alert, user: As, as_json: AsJson = False, home: Home = None) -> None:
        """Give a held alert back to the queue."""
        from listener.desk import release as verb

        _act(home, user, as_json, lambda store, actor, now: verb(store, alert, actor, now))

    @group.command()
    def resolve(
        alert: Alert,
        user: As,
        outcome: Annotated[str, typer.Option(help="kept, lost, no_answer, not_ours or false_alarm.")],
        note: Annotated[str, typer.Option(help="What was done.")] = "",
        cause_fixed: Annotated[bool, typer.Option(help="Whether the cause is fixed for others too.")] = False,
        as_json: AsJson = False,
        home: Home = None,
    ) -> None:
        """Close a held alert with its outcome."""
        from listener.desk import resolve as verb

        _act(
            home,
            user,
            as_json,
            lambda store, actor, now: verb(
                store, alert, actor, now, outcome=outcome, note=note, cause_fixed=cause_fixed
            ),
        )

    @group.command()
    def dismiss(
        alert: Alert,
        user: As,
        reason: Annotated[
            str, typer.Option(help="not_a_complaint, duplicate, not_ours, campaign or handled_elsewhere.")
        ],
        as_json: AsJson = False,
        home: Home = None,
    ) -> None:
        """Put an alert aside with a reason; only not_a_complaint teaches the classifier."""
        from listener.desk import dismiss as verb

        _act(home, user, as_json, lambda store, actor, now: verb(store, alert, actor, now, reason=reason))


def _act(home: Path | None, user: str, as_json: bool, verb: Callable[[Store, Actor, datetime], AlertRow]) -> None:
    with desk_of(home, user) as (store, actor, _settings):
        row = verb(store, actor, datetime.now(UTC))
    tell(row, as_json)
