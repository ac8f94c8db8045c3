"""`listener db upgrade|backup|purge|erase-author`: the database of a home, and what is let go of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from listener.cli import hold

if TYPE_CHECKING:
    from listener.pipeline.erase import Erasure
    from listener.pipeline.retention import Purged
    from listener.settings import Settings
    from listener.store import Store
    from listener.store.exports import ExportRow

Home: TypeAlias = Annotated[Path | None, typer.Option("--home", help="Directory for settings and data.")]
Config: TypeAlias = Annotated[Path | None, typer.Option("--config", help="Settings file.")]
DryRun: TypeAlias = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="One JSON object.")]


def register(app: typer.Typer) -> None:
    """Add the group `listener db`."""
    group = typer.Typer(no_args_is_help=True, help="The database: upgrade, back up, let go of posts and people.")
    app.add_typer(group, name="db")
    _add_keeping(group)
    _add_letting_go(group)
    hold.register(group)


def _add_keeping(group: typer.Typer) -> None:
    @group.command()
    def upgrade(home: Home = None) -> None:
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
        home: Home = None,
    ) -> None:
        """Copy the database while listener runs; the copy is noted, because it holds people's posts."""
        from listener.cli.hold import who_asks
        from listener.errors import UsageError
        from listener.pipeline.home import database_of
        from listener.settings import load
        from listener.store import Store

        database = database_of(load(home))
        if file.exists():
            raise UsageError(f"{file} exists", hint="Give a new name.")
        with Store.open(database, migrate=False) as store:
            store.backup(file)
            with store.write() as tx:
                tx.exports.add(datetime.now(UTC), who_asks(None), "backup", tx.mentions.count(), str(file.absolute()))
        typer.echo(str(file))

    @group.command()
    def exports(
        as_json: AsJson = False,
        home: Home = None,
    ) -> None:
        """Print what was handed out: labels, texts, samples, backups; who, when, how much, where to."""
        from listener.pipeline.home import database_of
        from listener.settings import load
        from listener.store import Store

        with Store.open(database_of(load(home)), migrate=False) as store, store.read() as tx:
            rows = tx.exports.all()
        if as_json:
            told = [{"at": one.at.isoformat(), **_export(one)} for one in rows]
            typer.echo(json.dumps(told, ensure_ascii=False))
            return
        for one in rows:
            typer.echo(f"{one.at:%Y-%m-%d %H:%M}  {one.who}  {one.kind}  {one.rows} rows  {one.file}")


def _export(row: ExportRow) -> dict[str, Any]:
    return {"who": row.who, "kind": row.kind, "rows": row.rows, "file": row.file}


def _add_letting_go(group: typer.Typer) -> None:
    @group.command()
    def purge(
        older_than: Annotated[str | None, typer.Option(help="Such as 90d; none: each source's own `keep`.")] = None,
        source: Annotated[list[str] | None, typer.Option(help="Only these sources; may be repeated.")] = None,
        dry_run: DryRun = False,
        as_json: AsJson = False,
        home: Home = None,
        config: Config = None,
    ) -> None:
        """Let go of old posts: text, author, address, evidence, search; holds and open cases stay and are named."""
        from listener.pipeline.home import database_of
        from listener.pipeline.retention import purge_all
        from listener.settings import load
        from listener.store import Store

        settings = load(home, config)
        with Store.open(database_of(settings)) as store:
            keep = _keep(settings, store, older_than, source or [])
            reports = purge_all(store, keep, datetime.now(UTC), dry_run=dry_run)
            _scrub(store)
        _print_purged(reports, dry_run=dry_run, as_json=as_json)

    @group.command(name="erase-author")
    def erase(
        name: Annotated[str, typer.Argument(help="The handle, as the platform writes it.")],
        source: Annotated[str | None, typer.Option(help="Only in this source; none: in all.")] = None,
        by: Annotated[str | None, typer.Option("--as", help="Who does it; none: the user of this machine.")] = None,
        dry_run: DryRun = False,
        as_json: AsJson = False,
        home: Home = None,
        config: Config = None,
    ) -> None:
        """Erase every trace of one author, down to the file's bytes; what a hold keeps is named."""
        from listener.cli.hold import who_asks
        from listener.pipeline.erase import erase_author
        from listener.pipeline.home import database_of
        from listener.settings import load
        from listener.store import Store

        settings = load(home, config)
        with Store.open(database_of(settings)) as store:
            done = erase_author(store, name, source, who_asks(by), datetime.now(UTC), dry_run=dry_run)
            holds = _holds(store, done.held)
        _print_erased(done, holds, settings, as_json=as_json)
        raise typer.Exit(1 if done.held or done.wiped is False else 0)


def _keep(settings: Settings, store: Store, older_than: str | None, names: list[str]) -> dict[str, timedelta]:
    """How long each source is kept. Raises UsageError for a source that nobody knows, or a duration that is none."""
    from listener.errors import UsageError
    from listener.pipeline.sources import sources
    from listener.settings import duration
    from listener.text.brands import BrandMatcher

    own = {
        source.name: source.options.keep
        for source in sources(settings, BrandMatcher(settings.brands))
        if source.options.keep is not None
    }
    with store.read() as tx:
        stored = set(tx.retention.sources())
    if unknown := sorted(set(names) - stored - own.keys()):
        raise UsageError(f"no post ever came from {unknown[0]!r}", hint=f"Sources: {', '.join(sorted(stored))}")
    keep = dict.fromkeys(sorted(stored), duration(older_than)) if older_than is not None else own
    return {name: age for name, age in keep.items() if not names or name in names}


def _scrub(store: Store) -> None:
    """Wipe what is left in the search index; where a running listener still reads it, that one will."""
    for _ in range(20):
        if store.scrub():
            return


def _print_purged(reports: Mapping[str, Purged], *, dry_run: bool, as_json: bool) -> None:
    told = {
        name: {"purged": one.purged, "open_cases": one.in_work, "held": {str(key): n for key, n in one.held.items()}}
        for name, one in reports.items()
    }
    if as_json:
        typer.echo(json.dumps({"dry_run": dry_run, "sources": told}, ensure_ascii=False))
        return
    would = "would be let go" if dry_run else "let go"
    for name, one in reports.items():
        held = "".join(f", {count} kept by hold {key}" for key, count in sorted(one.held.items()))
        typer.echo(f"{name}: {one.purged} posts {would}, {one.in_work} with an open case stay{held}")
    if not reports:
        typer.echo("nothing is old enough")


def _holds(store: Store, held: Mapping[int, int]) -> list[dict[str, Any]]:
    with store.read() as tx:
        return [
            {"hold": one.id, "reason": one.reason, "who": one.who, "posts": held[one.id]}
            for one in tx.holds.all()
            if one.id in held
        ]


def _print_erased(done: Erasure, holds: list[dict[str, Any]], settings: Settings, *, as_json: bool) -> None:
    from dataclasses import asdict

    inputs = [str(table["path"]) for table in settings.sources if table["kind"] == "files" and table.get("path")]
    if as_json:
        told = {**asdict(done), "held": holds, "inputs": inputs, "dry_run": done.wiped is None}
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    would = "would be erased" if done.wiped is None else "erased"
    typer.echo(f"{done.posts} posts, {done.labels} labels and {done.notes} notes {would}; {done.cases} cases stay")
    for one in holds:
        typer.echo(f"{one['posts']} posts stay: hold {one['hold']} of {one['who']}, {one['reason']}")
    for export in done.exports:
        line = f"{export['at'][:16]} {export['who']}: {export['kind']}, {export['rows']} rows, {export['file']}"
        done_here = f" ({export['erased_rows']} rows erased)" if export["erased_rows"] else ""
        typer.echo(f"handed out, erase it there yourself: {line}{done_here}")
    for path in inputs:
        typer.echo(f"posts were imported from here, erase them there yourself: {path}")
    if done.mentioned_by_others:
        typer.echo(f"{done.mentioned_by_others} posts of others name them; these stay")
    if done.wiped is False:
        typer.echo("the file still has old pages because somebody reads it: run this again, or restart listener")
