"""`listener models list|compare|promote|rollback`: which model is in use, and whether another would be better."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from listener.lab.compare import Pair
    from listener.settings import Settings

_Home = Annotated[Path | None, typer.Option(help="Directory for settings and data.")]
_Config = Annotated[Path | None, typer.Option(help="Settings file.")]
_Files = Annotated[list[str] | None, typer.Argument(help="Labelled records; none: the posts both held out.")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]


def register(app: typer.Typer) -> None:
    """Add the group `listener models`."""
    group = typer.Typer(no_args_is_help=True, help="List, compare, promote and roll back models.")
    app.add_typer(group, name="models")
    group.command("list")(list_models)
    group.command()(compare)
    group.command()(promote)
    group.command()(rollback)


def list_models(home: _Home = None, config: _Config = None, as_json: _Json = False) -> None:
    """The models at hand with their figures; * marks the one in use."""
    from listener.lab.registry import entries
    from listener.settings import load

    rows = [
        {
            "name": entry.name,
            "current": entry.current,
            "path": str(entry.path),
            "own": entry.own,
            "recipe": entry.card.recipe,
            "created": datetime.fromtimestamp((entry.path / "card.json").stat().st_mtime, UTC).date().isoformat(),
            "build": entry.card.figures.get("build"),
            "figures": {
                family: entry.card.figures[family].get("all")
                for family in ("real", "corpus", "hard")
                if family in entry.card.figures
            },
        }
        for entry in entries(load(home, config))
    ]
    typer.echo(json.dumps({"models": rows}, ensure_ascii=False)) if as_json else _show_list(rows)


def compare(
    a: Annotated[str, typer.Argument(help="A model: name@version or directory.")],
    b: Annotated[str, typer.Argument(help="The other one.")],
    file: _Files = None,
    seed: Annotated[int, typer.Option(help="Of the bootstrap.")] = 0,
    home: _Home = None,
    config: _Config = None,
    as_json: _Json = False,
) -> None:
    """Two models side by side on the same posts, with bootstrap intervals of the differences."""
    from listener.lab.compare import compare as compared
    from listener.lab.registry import find
    from listener.settings import load

    settings = load(home, config)
    report = compared(_pair(find(settings, a), find(settings, b), file), seed=seed)
    typer.echo(json.dumps(report, ensure_ascii=False)) if as_json else _show_comparison(report)


def promote(
    model: Annotated[str, typer.Argument(help="name@version or directory; copied into HOME/models if need be.")],
    file: _Files = None,
    force: Annotated[
        bool, typer.Option("--force", help="Even if some language gets worse, or nothing shows it.")
    ] = False,
    home: _Home = None,
    config: _Config = None,
    as_json: _Json = False,
) -> None:
    """Use a model from now on, unless some language's macro-F1 or Brier score is worse beyond chance."""
    from listener.lab.registry import find
    from listener.lab.registry import promote as promoted
    from listener.settings import current_model, load

    settings = load(home, config)
    path = find(settings, model)
    gate = None
    if path.absolute() != current_model(settings).absolute():
        gate = _gate(settings, path, file, force=force)
    before = promoted(settings, path, datetime.now(UTC), gate, forced=force)
    after = current_model(settings).name
    if as_json:
        typer.echo(json.dumps({"before": before, "current": after, "forced": force, "gate": gate}, ensure_ascii=False))
    else:
        typer.echo(f"{after} is in use, before it {before}; a running listener takes it up within seconds")


def rollback(home: _Home = None, config: _Config = None, as_json: _Json = False) -> None:
    """Back to the model that the last promotion replaced."""
    from listener.lab.registry import rollback as rolled_back
    from listener.settings import load

    before, after = rolled_back(load(home, config), datetime.now(UTC))
    if as_json:
        typer.echo(json.dumps({"before": before, "current": after}))
    else:
        typer.echo(f"{after} is in use again, before it {before}")


def _gate(settings: Settings, path: Path, files: list[str] | None, *, force: bool) -> dict[str, Any] | None:
    """The comparison with the model in use. Raises ModelRefusedError unless it is passed or forced."""
    from listener.errors import InputError, ModelRefusedError
    from listener.lab.compare import compare as compared
    from listener.settings import current_model

    try:
        report = compared(_pair(current_model(settings), path, files))
    except InputError as error:
        if force:
            return None
        raise ModelRefusedError(
            str(path),
            f"cannot be compared with the model in use ({error})",
            hint="Name labelled files, or use --force.",
        ) from error
    if report["worse"] and not force:
        _show_comparison(report, to_stderr=True)
        told = "; ".join(
            f"{fault['lang']} {fault['figure']} {fault['value']:+.3f} ({fault['low']:+.3f} to {fault['high']:+.3f})"
            for fault in report["worse"]
        )
        raise ModelRefusedError(
            str(path), f"is worse than the model in use: {told}", hint="--force promotes it all the same.",
            faults=tuple(report["worse"]),
        )  # fmt: skip
    return report


def _pair(a: Path, b: Path, files: list[str] | None) -> Pair:
    from listener.cli import say
    from listener.lab.compare import on_files, on_hold_out
    from listener.lab.evaluate import read_labelled

    if not files:
        return on_hold_out(a, b)
    labelled = read_labelled(files, lambda place, reason: say(f"{place}: {reason}"), to_train=True)
    return on_files(a, b, labelled)


def _show_list(rows: list[dict[str, Any]]) -> None:
    from listener.lab.tables import console, models_table

    console().print(models_table(rows))


def _show_comparison(report: dict[str, Any], *, to_stderr: bool = False) -> None:
    from listener.lab.tables import comparison_table, console

    screen = console(to_stderr=to_stderr)
    left_out = f", {report['left_out']} left out: known to one of them" if report["left_out"] else ""
    screen.print(f"a = {report['a']}, b = {report['b']}, on {report['n']} of {report['on']}{left_out}", markup=False)
    screen.print(comparison_table(report))
    if report["worse"]:
        screen.print(
            "b would be held back: " + ", ".join(f"{w['lang']} {w['figure']}" for w in report["worse"]), markup=False
        )
