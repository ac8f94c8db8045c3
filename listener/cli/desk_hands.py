"""More of `listener desk`: hand over, answer, reopen, open by hand, apply the routes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

if TYPE_CHECKING:
    from listener.desk.routing import Change
    from listener.settings import Settings
    from listener.store import Store
    from listener.triage.people import Roster

Alert: TypeAlias = Annotated[int, typer.Argument(help="The alert's number.")]
As: TypeAlias = Annotated[str, typer.Option("--as", help="Who acts.")]
To: TypeAlias = Annotated[str, typer.Option("--to", help="The colleague.")]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="As JSON.")]
Home: TypeAlias = Annotated[Path | None, typer.Option("--home", help="Directory for settings and data.")]


def register(group: typer.Typer) -> None:
    """Add the commands to the group `listener desk`."""
    _register_hands(group)
    _register_answers(group)
    group.command(name="open")(_open)
    group.command(name="route")(_route)


def _register_hands(group: typer.Typer) -> None:
    @group.command()
    def offer(
        alert: Alert,
        user: As,
        to: To,
        note: Annotated[str, typer.Option(help="What they should know.")] = "",
        as_json: AsJson = False,
        home: Home = None,
    ) -> None:
        """Ask a colleague to take a held alert; it stays with its holder until they accept."""
        from listener.cli.at_desk import desk_of, tell
        from listener.desk import handing

        with desk_of(home, user) as (store, actor, settings):
            people = _people(store, settings)
            tell(handing.offer(store, alert, actor, datetime.now(UTC), to=to, people=people, note=note), as_json)

    @group.command()
    def accept(alert: Alert, user: As, as_json: AsJson = False, home: Home = None) -> None:
        """Take an alert that one was offered."""
        from listener.cli.at_desk import desk_of, tell
        from listener.desk import handing

        with desk_of(home, user) as (store, actor, _settings):
            tell(handing.accept(store, alert, actor, datetime.now(UTC)), as_json)

    @group.command()
    def decline(alert: Alert, user: As, as_json: AsJson = False, home: Home = None) -> None:
        """Say no to an alert that one was offered, or take one's own offer back."""
        from listener.cli.at_desk import desk_of, tell
        from listener.desk import handing

        with desk_of(home, user) as (store, actor, _settings):
            tell(handing.decline(store, alert, actor, datetime.now(UTC)), as_json)

    @group.command()
    def assign(alert: Alert, user: As, to: To, as_json: AsJson = False, home: Home = None) -> None:
        """Give an alert to somebody, whoever has it; for managers."""
        from listener.cli.at_desk import desk_of, tell
        from listener.desk import handing

        with desk_of(home, user) as (store, actor, settings):
            people = _people(store, settings)
            tell(handing.assign(store, alert, actor, datetime.now(UTC), to=to, people=people), as_json)


def _register_answers(group: typer.Typer) -> None:
    @group.command()
    def reply(
        alert: Alert,
        user: As,
        link: Annotated[str, typer.Option(help="Address of the answer.")] = "",
        text: Annotated[str, typer.Option(help="What was answered.")] = "",
        waiting: Annotated[bool, typer.Option(help="Whether it is the customer's turn now.")] = True,
        as_json: AsJson = False,
        home: Home = None,
    ) -> None:
        """Note that the holder has answered the customer where they wrote."""
        from listener.cli.at_desk import desk_of, tell
        from listener.desk import turning

        with desk_of(home, user) as (store, actor, _settings):
            now = datetime.now(UTC)
            tell(turning.replied(store, alert, actor, now, text=text, link=link, waiting=waiting), as_json)

    @group.command()
    def reopen(alert: Alert, user: As, as_json: AsJson = False, home: Home = None) -> None:
        """Take up a closed alert again, as its holder."""
        from listener.cli.at_desk import desk_of, tell
        from listener.desk import reopen as verb

        with desk_of(home, user) as (store, actor, _settings):
            tell(verb(store, alert, actor, datetime.now(UTC)), as_json)


def _open(
    user: As,
    text: Annotated[str, typer.Option(help="What happened, in the customer's words.")],
    brand: Annotated[str | None, typer.Option(help="A brand of the settings.")] = None,
    lang: Annotated[str, typer.Option(help="ja, zh or en.")] = "en",
    cause: Annotated[str, typer.Option(help="A cause of the labelling guide.")] = "other",
    severity: Annotated[int, typer.Option(help="1 to 4.")] = 2,
    way: Annotated[str, typer.Option(help="phone, counter, letter, mail or post.")] = "phone",
    customer: Annotated[str | None, typer.Option(help="How we know the customer.")] = None,
    url: Annotated[str | None, typer.Option(help="Address of a post.")] = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Open an alert for a complaint that listener did not hear of."""
    from listener.cli.at_desk import desk_of, tell
    from listener.desk.by_hand import Told, open_case

    told = Told(text=text, brand=brand, lang=lang, cause=cause, severity=severity, way=way, customer=customer, url=url)
    with desk_of(home, user) as (store, actor, settings):
        tell(open_case(store, settings, actor, datetime.now(UTC), told), as_json)


def _route(
    user: Annotated[str, typer.Option("--as", help="Who acts.")] = "operator",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show every open alert's way, and why.")] = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Apply the routes of the settings to every open alert, or show what that would change."""
    from listener.cli.at_desk import desk_of
    from listener.desk import routing

    with desk_of(home, user) as (store, actor, settings):
        now = datetime.now(UTC)
        found = routing.preview(store, settings, now) if dry_run else routing.reroute(store, settings, actor, now)
    for change in found:
        typer.echo(json.dumps(_as_dict(change), ensure_ascii=False) if as_json else _line(change))
    if not as_json:
        changed = sum(change.changes for change in found)
        typer.echo(f"{changed} of {len(found)} open alerts would change" if dry_run else f"{changed} alerts changed")


def _people(store: Store, settings: Settings) -> Roster:
    from listener.desk.people import roster

    with store.read() as tx:
        return roster(tx, settings)


def _as_dict(change: Change) -> dict[str, object]:
    before, after = change.alert, change.routed
    return {
        "id": before.alert_id,
        "changes": change.changes,
        "was": {"route": before.route, "team": before.team, "person": before.assignee},
        "would_be": {"route": after.route, "team": after.team, "person": after.assignee},
        "reasons": [list(reason) for reason in after.reasons],
    }


def _line(change: Change) -> str:
    was = change.alert.assignee or change.alert.team or "everybody"
    after = change.routed.assignee or change.routed.team or "everybody"
    why = "; ".join(f"{code.replace('_', ' ')}{': ' + what if what else ''}" for code, what in change.routed.reasons)
    led = f"{was} → {after}" if change.changes else f"stays with {after}"
    return f"alert {change.alert.alert_id}: {led} ({why})"
