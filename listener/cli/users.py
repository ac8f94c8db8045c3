"""`listener users add|list|role|disable|reset`: the board's accounts, from the command line as the operator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import typer

if TYPE_CHECKING:
    from listener.desk import Actor
    from listener.store import Store

Name: TypeAlias = Annotated[str, typer.Argument(help="The account's name, as colleagues see it.")]
Home: TypeAlias = Annotated[Path | None, typer.Option("--home", help="Directory for settings and data.")]
_ONCE: Final = "password for the first time, to be changed then: "


def register(app: typer.Typer) -> None:
    """Add the group `listener users`."""
    group = typer.Typer(no_args_is_help=True, help="Accounts of people who sign in to the board.")
    app.add_typer(group, name="users")

    @group.command()
    def add(
        name: Name,
        role: Annotated[str, typer.Option(help="viewer, responder, analyst, manager or admin.")] = "responder",
        home: Home = None,
    ) -> None:
        """Make an account and print its first password."""
        from listener.desk import accounts

        with _desk(home) as (store, actor):
            password = accounts.add(store, actor, name, role, datetime.now(UTC))
        typer.echo(f"{name} may sign in as {role}; {_ONCE}{password}")

    @group.command(name="list")
    def list_(home: Home = None) -> None:
        """Print all accounts."""
        from listener.desk import accounts

        with _desk(home) as (store, actor):
            for one in accounts.accounts(store, actor, datetime.now(UTC)):
                state = "disabled" if one.disabled_at else "this machine only" if one.password is None else "in use"
                typer.echo(f"{one.name}\t{one.role}\t{state}")

    @group.command()
    def role(
        name: Name,
        role: Annotated[str, typer.Argument(help="viewer, responder, analyst, manager or admin.")],
        home: Home = None,
    ) -> None:
        """Give an account another role, from its next act on."""
        from listener.desk import accounts

        with _desk(home) as (store, actor):
            accounts.set_role(store, actor, name, role, datetime.now(UTC))
        typer.echo(f"{name} is {role} now")

    @group.command()
    def disable(name: Name, home: Home = None) -> None:
        """Shut an account and sign it out everywhere."""
        from listener.desk import accounts

        with _desk(home) as (store, actor):
            accounts.disable(store, actor, name, datetime.now(UTC))
        typer.echo(f"{name} is disabled and signed out")

    @group.command()
    def reset(name: Name, home: Home = None) -> None:
        """Give an account a new password, lift its lock, sign it out everywhere."""
        from listener.desk import accounts

        with _desk(home) as (store, actor):
            password = accounts.reset(store, actor, name, datetime.now(UTC))
        typer.echo(f"{name}: {_ONCE}{password}")


@contextmanager
def _desk(home: Path | None) -> Iterator[tuple[Store, Actor]]:
    """The home's store, made if it is not there yet: accounts come before the first start."""
    from listener.cli import say
    from listener.desk import Actor
    from listener.pipeline.home import prepare
    from listener.settings import load
    from listener.store import Store

    settings = load(home)
    prepare(settings.home)
    with Store.open(settings.database) as store:
        say("listener: acting as the operator of this machine")
        yield store, Actor("operator", "operator")
