"""`listener calibrate`: probabilities and thresholds for where a model is used, from as few as 50 labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from listener.classify.card import Card


def register(app: typer.Typer) -> None:
    """Add `listener calibrate`."""

    @app.command()
    def calibrate(
        out: Annotated[Path, typer.Option(help="Directory to write, best NAME-VERSION.")],
        file: Annotated[list[str] | None, typer.Argument(help="Labelled records; - is standard input.")] = None,
        labels: Annotated[list[Path] | None, typer.Option(help="CSV files of labels, keyed by text_sha256.")] = None,
        texts: Annotated[list[Path] | None, typer.Option(help="The posts that the labels are about.")] = None,
        model: Annotated[Path | None, typer.Option(help="Model directory; none: the one in use.")] = None,
        seed: Annotated[int, typer.Option(help="Of the parts by which before and after are compared.")] = 0,
        as_json: Annotated[bool, typer.Option("--json", help="Print the card.")] = False,
    ) -> None:
        """Fit probabilities and thresholds anew by language and source, and write a model of the same weights."""
        from listener.cli import say
        from listener.errors import UsageError
        from listener.lab.recalibrate import Order, recalibrate
        from listener.settings import current_model, load

        if bool(labels) != bool(texts):
            raise UsageError("--labels and --texts belong together", hint="Labels are keyed by the hash of a text.")
        if not file and not labels:
            raise UsageError("no labels are given", hint="Name files of labelled records, or --labels and --texts.")
        order = Order(
            model=model or current_model(load()),
            out=out,
            files=tuple(file or ()),
            labels=tuple(labels or ()),
            texts=tuple(texts or ()),
            seed=seed,
        )
        card = recalibrate(order, lambda place, reason: say(f"{place}: {reason}"))
        _print(card, out, as_json=as_json)
        raise typer.Exit(1 if card.figures["calibrated"]["left_out"]["bad records"] else 0)


def _print(card: Card, out: Path, *, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        typer.echo(json.dumps({"path": str(out), **asdict(card)}, ensure_ascii=False))
        return
    from listener.lab.tables import calibration_table, console

    story = card.figures["calibrated"]
    screen = console()
    screen.print(
        f"{card.name}@{card.version} written to {out}: {story['from']} on {story['posts']} posts", markup=False
    )
    screen.print(calibration_table(story["by"]))
