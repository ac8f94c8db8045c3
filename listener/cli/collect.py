"""`listener collect`: listen to some or all sources, once or until Ctrl-C."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from listener.pipeline.ears import Ears
    from listener.pipeline.sources import Source
    from listener.store import Store


def register(app: typer.Typer) -> None:
    """Add `listener collect`."""

    @app.command()
    def collect(
        source: Annotated[list[str] | None, typer.Argument(help="Names from the settings; none: all.")] = None,
        once: Annotated[bool, typer.Option("--once", help="Stop when nothing more is waiting.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object a source.")] = False,
        home: Annotated[Path | None, typer.Option(help="Directory for settings and data.")] = None,
        config: Annotated[Path | None, typer.Option(help="Settings file.")] = None,
    ) -> None:
        """Collect into the store, without the board.

        What comes in is scored and turned into alerts by `listener up`, now if it runs, else when it next does.
        """
        from listener.pipeline.ears import ears_for, register
        from listener.pipeline.home import prepare
        from listener.pipeline.logs import set_up_logging
        from listener.pipeline.sources import select
        from listener.settings import load
        from listener.store import Store

        settings = load(home, config)
        prepare(settings.home)
        set_up_logging()
        with Store.open(settings.database) as store:
            ears, found = ears_for(settings, store)
            register(store, found)
            chosen = select(found, source or [])
            if once:
                reports = [_collect_once(one, ears) for one in chosen]
                _scrub(store)
                _print(reports, as_json=as_json)
                raise typer.Exit(1 if any(report["error"] for report in reports) else 0)
            _collect_on(chosen, ears)


def _collect_once(source: Source, ears: Ears) -> dict[str, Any]:
    """One line of the report; an error of one source is told there and does not stop the others."""
    from listener.errors import StoreError
    from listener.pipeline.listen import Tally, as_source_error, listen

    tally = Tally()
    error: str | None = None
    now = datetime.now(UTC)
    try:
        for _ in range(source.passes):
            listen(source, ears, stopped=lambda: False, once=True, tally=tally)
        with ears.store.write() as tx:
            tx.sources.ok(source.name, now)
    except StoreError:
        raise
    except Exception as fault:
        trouble = as_source_error(source.name, fault)
        error = f"{trouble} ({trouble.hint})" if trouble.hint else str(trouble)
        with ears.store.write() as tx:
            tx.sources.failed(source.name, now, code=trouble.code, error=str(trouble), hint=trouble.hint)
    return {
        "source": source.name,
        "new": tally.new,
        "updated": tally.updated,
        "deleted": tally.deleted,
        "rejected": tally.rejected,
        "lag_s": tally.lag_s,
        "error": error,
    }


def _scrub(store: Store) -> None:
    """Wipe what deleted posts left; where a running listener still reads it, that one will."""
    for _ in range(20):
        if store.scrub():
            return


def _collect_on(chosen: list[Source], ears: Ears) -> None:
    import threading

    from listener.pipeline.listen import SourceThread

    stop = threading.Event()
    threads = [SourceThread(source, ears, stop) for source in chosen]
    for thread in threads:
        thread.start()
    try:
        while any(thread.is_alive() for thread in threads):
            for thread in threads:
                thread.join(0.5)
    except KeyboardInterrupt:
        stop.set()
        for thread in threads:
            thread.join(5)


def _print(reports: list[dict[str, Any]], *, as_json: bool) -> None:
    for report in reports:
        if as_json:
            typer.echo(json.dumps(report, ensure_ascii=False))
        else:
            counts = ", ".join(f"{report[key]} {key}" for key in ("new", "updated", "deleted", "rejected"))
            typer.echo(f"{report['source']}: {counts}" + (f"; {report['error']}" if report["error"] else ""))
