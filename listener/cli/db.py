"""`listener db upgrade|backup`: the database of a home."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the group `listener db`."""
    group = typer.Typer(no_args_is_help=True, help="Upgrade or back up the database.")
    app.add_typer(group, name="db")

    @group.command()
    def upgrade(home: Annotated[Path | None, typer.Option(help="Directory for settings and data.")] = None) -> None:
        """Bring the database to this version's schema (`listener up` does it by itself)."""
        from listener.pipeline.home import prepare
        from listener.settings import load
        from listener.store import Store

        settings = load(home)
        prepare(settings.home)
        Store.open(settings.database).close()
        typer.echo(f"{settings.database} is up to date")

    @group.command()
    def backup(
        file: Annotated[Path, typer.Argument(help="Where to; must not exist.")],
        home: Annotated[Path | None, typer.Option(help="Directory for settings and data.")] = None,
    ) -> None:
        """Copy the database while listener runs."""
        from listener.errors import UsageError
        from listener.pipeline.home import database_of
        from listener.settings import load
        from listener.store import Store

        database = database_of(load(home))
        if file.exists():
            raise UsageError(f"{file} exists", hint="Give a new name.")
        with Store.open(database, migrate=False) as store:
            store.backup(file)
        typer.echo(str(file))
