"""`listener db hold add|list|remove`: what must be kept by law, whatever else is let go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

if TYPE_CHECKING:
    from listener.store import Store, Tx

Home: TypeAlias = Annotated[Path | None, typer.Option("--home", help="Directory for settings and data.")]
By: TypeAlias = Annotated[str | None, typer.Option("--as", help="Who does it; none: the user of this machine.")]


def register(group: typer.Typer) -> None:
    """Add the group `listener db hold`."""
    holds = typer.Typer(no_args_is_help=True, help="Legal holds: what they name is neither purged nor erased.")
    group.add_typer(holds, name="hold")
    _add_changes(holds)

    @holds.command(name="list")
    def list_(
        every: Annotated[bool, typer.Option("--all", help="Those that were lifted too.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="A JSON object a line.")] = False,
        home: Home = None,
    ) -> None:
        """Print the holds."""
        with _store(home) as store, store.read() as tx:
            for one in tx.holds.all(lifted=every):
                told: dict[str, Any] = asdict(one)
                if as_json:
                    typer.echo(json.dumps(told, ensure_ascii=False, default=str))
                else:
                    what = f"{one.kind} {one.author or one.alert_id or one.mention_id or ''}".strip()
                    lifted = f", lifted by {one.lifted_by} on {one.lifted_at:%Y-%m-%d}" if one.lifted_at else ""
                    typer.echo(f"{one.id}  {what}: {one.reason} ({one.who}, {one.at:%Y-%m-%d}{lifted})")


def _add_changes(holds: typer.Typer) -> None:
    @holds.command()
    def add(
        reason: Annotated[str, typer.Option(help="Why, e.g. the file number of a court.")],
        alert: Annotated[int | None, typer.Option(help="Hold the post of this alert.")] = None,
        mention: Annotated[int | None, typer.Option(help="Hold this stored post, by its number.")] = None,
        author: Annotated[str | None, typer.Option(help="Hold all posts of this author.")] = None,
        source: Annotated[str | None, typer.Option(help="With --author: only in this source.")] = None,
        by: By = None,
        home: Home = None,
    ) -> None:
        """Hold something from now on; prints the hold's number."""
        now, who = datetime.now(UTC), who_asks(by)
        with _store(home) as store, store.write() as tx:
            what = _what(tx, alert, mention, author, source)
            number = tx.holds.add(reason=_reason(reason), who=who, now=now, **what)
            # Ids only: the audit stays when the author is erased one day.
            told = {key: value for key, value in what.items() if key in ("kind", "mention_id") and value}
            tx.audit.add(now, who, "operator", "hold", alert, {"hold": number, **told})
        typer.echo(str(number))

    @holds.command()
    def remove(
        number: Annotated[int, typer.Argument(help="The hold's number.")],
        by: By = None,
        home: Home = None,
    ) -> None:
        """Lift a hold: what its platform deleted meanwhile goes now. That it was there stays in the audit."""
        from listener.errors import UsageError

        now, who = datetime.now(UTC), who_asks(by)
        with _store(home) as store, store.write() as tx:
            if not tx.holds.lift(number, who, now):
                raise UsageError(f"no hold {number} is in force", hint="listener db hold list")
            tx.audit.add(now, who, "operator", "hold", None, {"hold": number, "lifted": True})
            tx.forget(tx.holds.take_deferred(now), now)
        typer.echo(f"hold {number} is lifted")


def who_asks(given: str | None) -> str:
    """The name under which the audit keeps what is done here."""
    import getpass

    from listener.errors import UsageError

    try:
        name = (given or getpass.getuser()).strip()
    except (OSError, KeyError):
        name = "operator"
    if not name or not name.isprintable() or len(name) > 200:
        raise UsageError("this is no name that can be kept", hint="Say who you are with --as NAME.")
    return name


def _what(tx: Tx, alert: int | None, mention: int | None, author: str | None, source: str | None) -> dict[str, Any]:
    """What is to be held, which must be there. Raises UsageError."""
    from listener.errors import UsageError

    if sum(given is not None for given in (alert, mention, author)) != 1:
        raise UsageError("say what to hold: one of --alert, --mention, --author")
    if alert is not None and tx.alerts.get(alert) is None:
        raise UsageError(f"there is no alert {alert}")
    if mention is not None and tx.mentions.get(mention) is None:
        raise UsageError(f"there is no stored post {mention}")
    if author is not None and not author.strip():
        raise UsageError("the author has no name")
    kind = "alert" if alert is not None else "mention" if mention is not None else "author"
    return {"kind": kind, "alert_id": alert, "mention_id": mention, "author": author, "source": source}


def _reason(reason: str) -> str:
    from listener.errors import UsageError

    reason = " ".join(reason.split())
    if not reason or len(reason) > 1000:
        raise UsageError("a hold has a reason of up to 1000 characters")
    return reason


@contextmanager
def _store(home: Path | None) -> Iterator[Store]:
    from listener.pipeline.home import database_of
    from listener.settings import load
    from listener.store import Store

    with Store.open(database_of(load(home))) as store:
        yield store
