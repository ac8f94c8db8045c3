"""`listener bench NAME`: measure on this machine what the documentation claims."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Final

import typer

BENCHES: Final = {
    "classify": "listener.lab.bench:measure",
    "ears": "listener.lab.ears:measure",
    "early": "listener.lab.early_bench:measure",
    "latency": "listener.lab.latency:measure",
}
"""Name: module and function without required arguments that gives the figures."""


def _judged(value: Any, target: float | None) -> str:
    """What is aimed at (at most, where negative), and whether it is reached."""
    if target is None or value is None:
        return ""
    reached = value >= target if target > 0 else value <= -target
    return f"{'at least' if target > 0 else 'at most'} {abs(target):g}: {'yes' if reached else 'NO'}"


def _tell(what: str) -> None:
    typer.echo(what, err=True)


def register(app: typer.Typer) -> None:
    """Add `listener bench`."""

    @app.command()
    def bench(
        name: Annotated[str, typer.Argument(help=f"One of: {', '.join(BENCHES)}.")],
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
        size: Annotated[str | None, typer.Option(help="early: quick (the default) or full.")] = None,
    ) -> None:
        """Measure a promise, next to its stock baseline in the same run."""
        from listener.errors import UsageError
        from listener.settings import nearest_name

        if name not in BENCHES:
            nearest = nearest_name(name, BENCHES)
            raise UsageError(
                f"no benchmark is called {name!r}" + (f"; did you mean {nearest!r}?" if nearest else ""),
                hint=f"Benchmarks: {', '.join(BENCHES)}",
            )
        place, function = BENCHES[name].split(":")
        module = importlib.import_module(place)
        sizes = getattr(module, "SIZES", None)
        if size is not None and sizes is None:
            raise UsageError(f"bench {name} has one size only", hint="Leave --size out.")
        options = {"size": size or "quick", "tell": _tell} if sizes else {}
        figures: dict[str, Any] = getattr(module, function)(**options)
        if as_json:
            typer.echo(json.dumps(figures))
            return
        if lines := getattr(module, "lines", None):
            typer.echo("\n".join(lines(figures)))
            return
        targets: Mapping[str, float] = getattr(module, "TARGETS", {})
        for key, value in figures.items():
            typer.echo(f"{key:>28}  {value!s:<12}{_judged(value, targets.get(key))}")
