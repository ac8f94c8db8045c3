"""`listener desk incident list|claim|release|merge|split|rename|close|reopen`: incidents from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

if TYPE_CHECKING:
    from listener.desk import Actor
    from listener.settings import Settings
    from listener.store import Store
    from listener.store.incident_rows import IncidentRow

Number: TypeAlias = Annotated[int, typer.Argument(metavar="INCIDENT", help="The incident's number.")]
As: TypeAlias = Annotated[str, typer.Option("--as", help="Who acts.")]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="The incident as a JSON object.")]
Home: TypeAlias = Annotated[Path | None, typer.Option("--home", help="Directory for settings and data.")]


def register(desk: typer.Typer) -> None:
    """Add the group `listener desk incident`."""
    group = typer.Typer(no_args_is_help=True, help="Coordinate, merge, split, rename, close or reopen an incident.")
    desk.add_typer(group, name="incident")
    _add_reading(group)
    _add_holding(group)
    _add_grouping(group)
    _add_ending(group)


def _add_reading(group: typer.Typer) -> None:
    @group.command("list")
    def list_(
        over: Annotated[bool, typer.Option("--over", help="Those that are over instead.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="A JSON object a line.")] = False,
        home: Home = None,
    ) -> None:
        """Incidents that go on, alarms first."""
        from listener.desk import incidents

        with _store(home)[0] as store:
            found = incidents.incidents(store, datetime.now(UTC), over=over)
        for one in found:
            plain = {**_plain(one.summary.incident), "members": one.summary.members, "unclaimed": one.summary.unclaimed}
            typer.echo(json.dumps(plain, ensure_ascii=False) if as_json else _line(plain))


def _add_holding(group: typer.Typer) -> None:
    @group.command()
    def claim(incident: Number, user: As, as_json: AsJson = False, home: Home = None) -> None:
        """Coordinate it, and take its members' alerts that nobody has, in the languages that this person serves."""
        from listener.desk import incidents

        opened, settings = _store(home)
        with opened as store:
            actor = _actor(user)
            langs = incidents.serves(settings, actor.name)
            done = incidents.claim_incident(store, incident, actor, datetime.now(UTC), langs=langs)
        _tell(done.incident, as_json, {"taken": list(done.taken), "left": done.left})

    @group.command()
    def release(incident: Number, user: As, as_json: AsJson = False, home: Home = None) -> None:
        """No longer coordinate it; its members' alerts stay with who has them."""
        from listener.desk.incidents import release_incident as verb

        _act(home, user, as_json, lambda store, actor, now: verb(store, incident, actor, now))


def _add_grouping(group: typer.Typer) -> None:
    @group.command()
    def merge(
        incident: Number,
        other: Annotated[int, typer.Argument(help="The one that is the same problem.")],
        user: As,
        as_json: AsJson = False,
        home: Home = None,
    ) -> None:
        """OTHER becomes part of INCIDENT."""
        from listener.desk.incidents import merge_incidents as verb

        _act(home, user, as_json, lambda store, actor, now: verb(store, incident, other, actor, now))

    @group.command()
    def split(
        incident: Number,
        alert: Annotated[list[int], typer.Argument(help="Alerts of members that are another problem.")],
        user: As,
        as_json: AsJson = False,
        home: Home = None,
    ) -> None:
        """These become an incident of their own, which is printed."""
        from listener.desk.incidents import split_incident as verb

        def divide(store: Store, actor: Actor, now: datetime) -> IncidentRow:
            with store.read() as tx:
                found = [tx.alerts.get(number) for number in alert]
            return verb(store, incident, [one.mention_id for one in found if one], actor, now)

        _act(home, user, as_json, divide)

    @group.command()
    def rename(
        incident: Number,
        title: Annotated[str, typer.Argument(help='A title; "" makes one of its members\' words again.')],
        user: As,
        as_json: AsJson = False,
        home: Home = None,
    ) -> None:
        """Give it a title that stays."""
        from listener.desk.incidents import rename_incident as verb

        _act(home, user, as_json, lambda store, actor, now: verb(store, incident, title, actor, now))


def _add_ending(group: typer.Typer) -> None:
    @group.command()
    def close(incident: Number, user: As, as_json: AsJson = False, home: Home = None) -> None:
        """It is over; members whose alert waits for an outcome go on waiting."""
        from listener.desk.incidents import close_incident as verb

        _act(home, user, as_json, lambda store, actor, now: verb(store, incident, actor, now))

    @group.command()
    def reopen(incident: Number, user: As, as_json: AsJson = False, home: Home = None) -> None:
        """It is not over."""
        from listener.desk.incidents import reopen_incident as verb

        _act(home, user, as_json, lambda store, actor, now: verb(store, incident, actor, now))


def _act(home: Path | None, user: str, as_json: bool, verb: Callable[[Store, Actor, datetime], IncidentRow]) -> None:
    with _store(home)[0] as store:
        row = verb(store, _actor(user), datetime.now(UTC))
    _tell(row, as_json, {})


def _store(home: Path | None) -> tuple[Store, Settings]:
    from listener.pipeline.home import database_of
    from listener.settings import load
    from listener.store import Store

    settings = load(home)
    return Store.open(database_of(settings)), settings


def _actor(user: str) -> Actor:
    """Whoever has a shell on this machine acts as its operator; the name is theirs to say."""
    from listener.desk import Actor

    return Actor(name=user.strip(), role="operator")


def _tell(row: IncidentRow, as_json: bool, more: dict[str, Any]) -> None:
    plain = {**_plain(row), **more}
    typer.echo(json.dumps(plain, ensure_ascii=False) if as_json else _line(plain))


def _plain(row: IncidentRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "brand": row.brand,
        "title": row.title,
        "cause": row.cause,
        "state": row.state,
        "owner": row.owner,
        "alarm_at": row.alarm_at.isoformat() if row.alarm_at else None,
    }


def _line(plain: dict[str, Any]) -> str:
    """For people; a title is made of posts' words, so nothing in it may steer a terminal."""
    title = "".join(char if char.isprintable() else "?" for char in str(plain["title"]))
    parts = [f"incident {plain['id']}: {plain['state']}", f"{plain['brand']}, {title}", plain["owner"]]
    parts += [f"{plain['members']} members"] if "members" in plain else []
    parts += [f"{len(plain['taken'])} alerts taken, {plain['left']} left to others"] if "taken" in plain else []
    return "; ".join(part for part in parts if part)
