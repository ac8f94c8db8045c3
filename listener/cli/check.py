"""`listener check`: is everything in order, and who can be heard? Coded findings with hints."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from listener.errors import SourceError
    from listener.pipeline.heard import Heard
    from listener.pipeline.sources import Source
    from listener.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not in order: `code` from the error tree, what, what to do, and of which source."""

    code: str
    message: str
    hint: str
    source: str | None = None


def register(app: typer.Typer) -> None:
    """Add `listener check`."""

    @app.command()
    def check(
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object: findings, and all sources.")] = False,
        offline: Annotated[bool, typer.Option("--offline", help="Ask no platform, look only at what is here.")] = False,
        home: Annotated[Path | None, typer.Option(help="Directory for settings and data.")] = None,
        config: Annotated[Path | None, typer.Option(help="Settings file.")] = None,
    ) -> None:
        """Check settings, secrets, database and model, and ask every source whether it answers. Stores nothing."""
        findings, sources = _look(home, config, datetime.now(UTC), offline=offline)
        if as_json:
            told = {"findings": [asdict(finding) for finding in findings], "sources": sources}
            typer.echo(json.dumps(told, ensure_ascii=False))
        else:
            _print(findings, sources)
        raise typer.Exit(1 if findings else 0)


def _look(
    home: Path | None, config: Path | None, now: datetime, *, offline: bool
) -> tuple[list[Finding], list[dict[str, Any]]]:
    from listener.errors import ListenerError
    from listener.pipeline.reach import reach
    from listener.settings import FILE_NAME, load

    try:
        settings = load(home, config)
    except ListenerError as error:
        return [_finding(error)], []
    if config is None and not (settings.home / FILE_NAME).exists():
        missing = f"{settings.home / FILE_NAME} does not exist"
        return [Finding("settings", missing, "Write one with `listener init`.")], []
    findings: list[Finding] = []
    found = _attempt(lambda: _sources(settings), findings) or []
    without_secret = list(_secrets(found))
    findings += without_secret
    _attempt(lambda: _check_store(settings), findings)
    _attempt(lambda: _check_model(settings), findings)
    told, checkpoints = _stored(settings, found, now)
    asked = [one for one in found if one.name not in {finding.source for finding in without_secret}]
    reached = {} if offline else reach(asked, checkpoints)
    findings += _of_sources(told, reached)
    return findings, [_told(one, reached) for one in told]


def _attempt(step: Callable[[], T], findings: list[Finding]) -> T | None:
    """What the step gives; what is wrong becomes a finding."""
    from listener.errors import ListenerError

    try:
        return step()
    except ListenerError as error:
        findings.append(_finding(error))
        return None


def _finding(error: Exception, source: str | None = None) -> Finding:
    return Finding(getattr(error, "code", "error"), str(error), getattr(error, "hint", ""), source)


def _sources(settings: Settings) -> list[Source]:
    """Every source, its options checked. Raises SettingsError."""
    from listener.errors import SettingsError
    from listener.pipeline.sources import sources
    from listener.text.brands import BrandMatcher

    found = sources(settings, BrandMatcher(settings.brands))
    if not found:
        raise SettingsError("sources", "none is switched on: nothing would be heard")
    return found


def _secrets(found: Sequence[Source]) -> Iterator[Finding]:
    """That each secret that a source names can be had."""
    from listener.errors import SecretError
    from listener.settings import secret

    for source in found:
        for key, value in source.options.model_dump().items():
            kind = key.rpartition("_")[2]
            if value and kind in ("env", "file") and "_" in key:
                named = {"env": None, "file": None, kind: str(value)}
                try:
                    secret(**named, key=f"{source.name}.{key}")
                except SecretError as error:
                    yield _finding(error, source.name)


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


def _stored(
    settings: Settings, found: Sequence[Source], now: datetime
) -> tuple[list[Heard], dict[str, Mapping[str, Any] | None]]:
    """What is known of every source of the settings, and where each goes on; without a database nothing."""
    from listener.errors import ListenerError
    from listener.pipeline.heard import heard, unheard
    from listener.store import Store

    known: dict[str, Heard] = {}
    checkpoints: dict[str, Mapping[str, Any] | None] = {}
    if settings.database.exists():
        with suppress(ListenerError), Store.open(settings.database, migrate=False) as store, store.read() as tx:
            known = {one.row.source: one for one in heard(tx, found, now)}
            checkpoints = {source.name: tx.sources.checkpoint(source.name) for source in found}
    return [known.get(source.name) or unheard(source) for source in found], checkpoints


def _of_sources(told: Sequence[Heard], reached: Mapping[str, SourceError | None]) -> Iterator[Finding]:
    """What cannot be heard now, what the running listener could not hear, what is silent, what money is spent."""
    for one in told:
        name, row = one.row.source, one.row
        error = reached.get(name)
        if error is not None:
            since = f" (blind since {_minute(row.blind_since)})" if row.blind_since else ""
            yield Finding(error.code, f"{error}{since}", error.hint, name)
        elif row.state == "blind" and row.blind_since:
            now = "; it answers now" if name in reached else ""
            message = f"{row.error} (blind since {_minute(row.blind_since)}{now})"
            yield Finding(row.error_code or "source", message, row.hint or "", name)
        if one.silent_since is not None:
            yield Finding(
                "silent",
                f"{name}: nothing since {_minute(one.silent_since)}, which its own past does not explain",
                "Look at the platform: did an address, a hashtag or a login change?",
                name,
            )
        for budget in one.budgets:
            if budget.spent >= budget.limit:
                message = f"{name}: all {budget.limit:g} {budget.unit} of this {budget.period} are spent"
                yield Finding("budget", message, "Raise the limit in its settings, or ask less often.", name)


def _told(one: Heard, reached: Mapping[str, SourceError | None]) -> dict[str, Any]:
    row = one.row
    return {
        "source": row.source,
        "kind": row.kind,
        "state": row.state,
        "answers": reached[row.source] is None if row.source in reached else None,
        **{name: _iso(getattr(row, name)) for name in ("last_item_at", "last_ok_at", "next_poll_at", "blind_since")},
        "silent_since": _iso(one.silent_since),
        "this_hour": one.this_hour,
        "expected_this_hour": None if one.expected is None else round(one.expected, 2),
        "lag_s": {stage: asdict(lag) for stage, lag in one.lags.items()},
        "dropped": dict(one.dropped),
        "budgets": [asdict(budget) for budget in one.budgets],
        "overdue_rechecks": one.overdue,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _minute(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat(timespec="minutes")


def _print(findings: Sequence[Finding], sources: Sequence[Mapping[str, Any]]) -> None:
    for finding in findings:
        typer.echo(f"{finding.code}: {finding.message}" + (f"\n  {finding.hint}" if finding.hint else ""))
    for one in sources:
        answers = {True: "answers", False: "does not answer", None: one["state"]}[one["answers"]]
        usual = one["expected_this_hour"]
        parts = [
            f"last post {one['last_item_at'][:16]}" if one["last_item_at"] else "no post yet",
            f"{one['this_hour']} this hour" + (f", usually {usual:.3g}" if usual is not None else ""),
            *(f"{budget['spent']:g} of {budget['limit']:g} {budget['unit']} spent" for budget in one["budgets"]),
            f"next poll {one['next_poll_at'][11:16]} UTC" if one["next_poll_at"] else "",
        ]
        typer.echo(f"{one['source']} ({one['kind']}): {answers}; " + "; ".join(part for part in parts if part))
    typer.echo(f"{len(findings)} findings" if findings else "all in order")
