"""`listener forecast`: how far posts will spread, from their shares so far."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from listener.triage.spread import Cascade, Forecast

BATCH: Final = 256


def register(app: typer.Typer) -> None:
    """Add `listener forecast`."""

    @app.command()
    def forecast(
        file: Annotated[
            list[str], typer.Argument(help="Files of cascades as JSON lines, also .gz; - is standard input.")
        ],
        at: Annotated[float, typer.Option("--at", metavar="SECONDS", help="The post's age; nothing later is read.")],
        as_json: Annotated[bool, typer.Option("--json", help="One JSON line a cascade.")] = False,
        explain: Annotated[
            bool, typer.Option("--explain", help="Add sizes within hours, what an answer may change, and the basis.")
        ] = False,
    ) -> None:
        """Forecast the final number of shares with its 90% interval."""
        from listener.errors import UsageError

        if not (math.isfinite(at) and at >= 0):
            raise UsageError("--at is an age in seconds, 0 or more")
        trouble = _Trouble()
        try:
            _write(_batches(file, at, trouble), as_json=as_json, explain=explain)
        except BrokenPipeError:
            # The reader has seen enough (`listener forecast … | head`): no failure, but click would make it one.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(1 if trouble.seen else 0)


class _Trouble:
    """What could not be used, told as it comes."""

    def __init__(self) -> None:
        self.seen = False

    def tell(self, place: str, reason: str) -> None:
        self.seen = True
        sys.stderr.write(f"{place}: {reason}\n")


def _batches(files: list[str], at: float, trouble: _Trouble) -> Iterator[list[Cascade]]:
    """Good cascades of all files in order, never more than BATCH in memory."""
    batch: list[Cascade] = []
    for file in files:
        for cascade in _cascades(file, at, trouble):
            batch.append(cascade)
            if len(batch) == BATCH:
                yield batch
                batch = []
    if batch:
        yield batch


def _cascades(file: str, at: float, trouble: _Trouble) -> Iterator[Cascade]:
    from listener.text._lines import printable
    from listener.text._rows import rows
    from listener.triage.spread import observe

    name = printable(file)
    for row in rows(file):
        place = f"{name}:{row.line}"
        if row.values is None:
            trouble.tell(place, row.reason)
            continue
        observed = observe(row.values, at, default_id=str(row.line))
        if observed.faults:
            trouble.tell(place, "; ".join(observed.faults))
        if observed.cascade is not None:
            yield observed.cascade


def _write(batches: Iterator[list[Cascade]], *, as_json: bool, explain: bool) -> None:
    from listener.triage.spread import forecast_all

    out = typer.get_binary_stream("stdout")
    for batch in batches:
        for found in forecast_all(batch):
            line = _as_json(found, explain=explain) if as_json else _as_text(found, explain=explain)
            out.write(line.encode("utf-8", "replace") + b"\n")
        out.flush()


def _as_json(found: Forecast, *, explain: bool) -> str:
    values: dict[str, Any] = {
        "id": found.id,
        "seen": found.seen,
        "predicted": found.predicted,
        "low": found.low,
        "high": found.high,
    }
    if explain:
        values |= _explained(found)
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _explained(found: Forecast) -> dict[str, Any]:
    """`basis`, `within` 1, 6, 24 hours, `if_answered`."""
    from listener.triage.spread import outlook
    from listener.triage.spread.fitted import HORIZONS

    after = outlook(found)
    return {
        "basis": found.basis,
        "within": {f"{hours}h": asdict(size) for hours, size in zip(HORIZONS, found.within, strict=True)},
        "if_answered": {**asdict(after.if_answered), "assumption": after.assumption},
    }


def _as_text(found: Forecast, *, explain: bool) -> str:
    from listener.text._lines import printable

    end = f"about {found.predicted} in the end ({found.low} to {found.high})"
    line = f"{printable(found.id)}: {found.seen} shares, {end}"
    if explain:
        told = _explained(found)
        hours = ", ".join(f"{name} {size['predicted']}" for name, size in told["within"].items())
        answered = told["if_answered"]
        line += f"; within {hours}; if answered now {answered['predicted']} ({answered['assumption']})"
    return line
