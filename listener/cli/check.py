"""`listener check`: is everything in order to start? Coded findings with hints."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from listener.settings import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not in order: `code` from the error tree, what, and what to do."""

    code: str
    message: str
    hint: str


def register(app: typer.Typer) -> None:
    """Add `listener check`."""

    @app.command()
    def check(
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object with all findings.")] = False,
        home: Annotated[Path | None, typer.Option(help="Directory for settings and data.")] = None,
        config: Annotated[Path | None, typer.Option(help="Settings file.")] = None,
    ) -> None:
        """Check settings, sources, secrets, database and model without starting anything."""
        findings = list(_findings(home, config))
        if as_json:
            typer.echo(json.dumps({"findings": [asdict(finding) for finding in findings]}, ensure_ascii=False))
        else:
            for finding in findings:
                typer.echo(f"{finding.code}: {finding.message}" + (f"\n  {finding.hint}" if finding.hint else ""))
            typer.echo(f"{len(findings)} findings" if findings else "all in order")
        raise typer.Exit(1 if findings else 0)


def _findings(home: Path | None, config: Path | None) -> Iterator[Finding]:
    from listener.errors import ListenerError
    from listener.settings import FILE_NAME, load

    try:
        settings = load(home, config)
    except ListenerError as error:
        yield _finding(error)
        return
    if config is None and not (settings.home / FILE_NAME).exists():
        yield Finding("settings", f"{settings.home / FILE_NAME} does not exist", "Write one with `listener init`.")
        return
    yield from _blind(settings)
    for step in (_check_sources, _check_store, _check_model):
        yield from _try(step, settings)


def _try(step: Callable[[Settings], None], settings: Settings) -> Iterator[Finding]:
    from listener.errors import ListenerError

    try:
        step(settings)
    except ListenerError as error:
        yield _finding(error)


def _finding(error: Exception) -> Finding:
    return Finding(getattr(error, "code", "error"), str(error), getattr(error, "hint", ""))


def _check_sources(settings: Settings) -> None:
    """That there is a source, every source's options, and that each secret they name can be had."""
    from listener.errors import SettingsError
    from listener.pipeline.sources import sources
    from listener.settings import secret
    from listener.text.brands import BrandMatcher

    found = sources(settings, BrandMatcher(settings.brands))
    if not found:
        raise SettingsError("sources", "none is switched on: nothing would be heard")
    for source in found:
        values = source.options.model_dump()
        for key, value in values.items():
            if value and key.endswith("_env"):
                secret(env=str(value), file=None, key=f"{source.name}.{key}")
            if value and key.endswith("_file"):
                secret(env=None, file=str(value), key=f"{source.name}.{key}")


def _check_store(settings: Settings) -> None:
    """That the database answers, and that nobody changed what people did."""
    from listener.errors import StoreError
    from listener.store import Store

    if not settings.database.exists():
        return
    with Store.open(settings.database, migrate=False) as store:
        store.ping()
        with store.read() as tx:
            broken = tx.audit.broken_at()
    if broken is not None:
        raise StoreError(
            f"the audit log was changed by hand: row {broken} does not fit what stands before it",
            hint="Compare with a backup: what people did from there on is not certain.",
        )


def _check_model(settings: Settings) -> None:
    from listener import classify
    from listener.settings import current_model

    classify.load(current_model(settings))


def _blind(settings: Settings) -> Iterator[Finding]:
    """Sources that the running listener cannot hear just now, with their remedy."""
    from listener.errors import ListenerError
    from listener.store import Store

    if not settings.database.exists():
        return
    try:
        with Store.open(settings.database, migrate=False) as store, store.read() as tx:
            rows = tx.sources.all()
    except ListenerError:
        return  # said by _check_store
    for row in rows:
        if row.state == "blind" and row.blind_since:
            since = row.blind_since.isoformat(timespec="minutes")
            yield Finding(row.error_code or "source", f"{row.error} (blind since {since})", row.hint or "")
