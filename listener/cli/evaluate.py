"""`listener evaluate`: figures against gold labels."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from listener.lab.evaluate import Labelled


def register(app: typer.Typer) -> None:
    """Add `listener evaluate`."""

    @app.command()
    def evaluate(
        file: Annotated[list[str], typer.Argument(help="Files of labelled records; - is standard input.")],
        model: Annotated[Path | None, typer.Option(help="Model directory; none: the one in use.")] = None,
        folds: Annotated[int | None, typer.Option(min=2, help="Train from scratch on this file, K parts.")] = None,
        group: Annotated[
            str | None, typer.Option(help="Never split a value of this field; alone: leave one out.")
        ] = None,
        base: Annotated[Path | None, typer.Option(help="With --folds or --group: start from this model.")] = None,
        as_json: Annotated[bool, typer.Option("--json", help="Print all figures as one JSON object.")] = False,
    ) -> None:
        """Measure a model, or with --folds or --group the recipe itself, on labelled records."""
        from listener.errors import UsageError
        from listener.lab.evaluate import read_labelled

        retrain = folds is not None or group is not None
        if retrain and model is not None:
            raise UsageError(
                "--model is measured as it is", hint="With --folds or --group, use --base to start from it."
            )
        if base is not None and not retrain:
            raise UsageError("--base needs --folds or --group")
        labelled = read_labelled(file, _tell, to_train=retrain)
        report = _fold(labelled, folds, group, base) if retrain else _measure(labelled, model)
        typer.echo(json.dumps(report, ensure_ascii=False)) if as_json else _show(report)
        raise typer.Exit(1 if labelled.bad else 0)


def _tell(place: str, reason: str) -> None:
    sys.stderr.write(f"{place}: {reason}\n")


def _measure(labelled: Labelled, model: Path | None) -> dict[str, Any]:
    from listener.classify import load
    from listener.lab.evaluate import evaluate
    from listener.settings import current_model
    from listener.settings import load as settings

    return evaluate(load(model or current_model(settings())), labelled)


def _fold(labelled: Labelled, folds: int | None, group: str | None, base: Path | None) -> dict[str, Any]:
    """Cross-validate with a bar on standard error."""
    from rich.console import Console
    from rich.progress import Progress

    from listener.classify import load
    from listener.lab.folds import Plan, cross_validate

    start = load(base) if base is not None else None
    with Progress(console=Console(file=sys.stderr)) as bar:
        task = bar.add_task("parts", total=None)
        return cross_validate(
            labelled, Plan(folds, group), start, lambda done, total: bar.update(task, completed=done, total=total)
        )


def _show(report: dict[str, Any]) -> None:
    from rich.console import Console

    from listener.cli import TABLE_WIDTH
    from listener.lab.tables import figures_table

    console = Console()
    console.width = max(console.width, TABLE_WIDTH)
    console.print(figures_table(f"{report['model']}, {report['n']} posts", {"all": report["overall"]}))
    for part in ("by_lang", "by_tag", "by_channel", "by_source"):
        if report[part]:
            console.print(figures_table(part.replace("_", " "), report[part]))
