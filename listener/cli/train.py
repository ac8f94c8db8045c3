"""`listener train`: a model directory from corpus, public sets and people's own labels."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from listener.classify.card import Card


def register(app: typer.Typer) -> None:
    """Add `listener train`."""

    @app.command()
    def train(
        out: Annotated[Path, typer.Option(help="Directory to write, best NAME-VERSION.")],
        corpus: Annotated[list[Path] | None, typer.Option(help="Files or directories; none: data/corpus.")] = None,
        labels: Annotated[list[Path] | None, typer.Option(help="CSV files of labels, keyed by text_sha256.")] = None,
        texts: Annotated[list[Path] | None, typer.Option(help="The posts that the labels are about.")] = None,
        data: Annotated[Path | None, typer.Option(help="Public sets; none: LISTENER_DATA_DIR, else beside.")] = None,
        corpus_only: Annotated[bool, typer.Option("--corpus-only", help="Use no public sets.")] = False,
        only_licensed: Annotated[
            bool, typer.Option("--only-licensed", help="Leave out sets without a stated licence.")
        ] = False,
        keep_held_out: Annotated[
            bool, typer.Option("--keep-held-out", help="Write the measured model, not one refitted on all posts.")
        ] = False,
        beside: Annotated[
            list[Path] | None, typer.Option(help="Another build's directory: its figures go on the card too.")
        ] = None,
        recipe: Annotated[
            str, typer.Option(help="linear, or staged: real posts left open are read again by an encoder.")
        ] = "linear",
        seed: Annotated[int, typer.Option(help="Stands on the card; today's recipe draws nothing.")] = 0,
        as_json: Annotated[bool, typer.Option("--json", help="Print the card.")] = False,
    ) -> None:
        """Measure on held-out posts, then fit on all and write weights and card."""
        from listener.classify.recipes import NAMES
        from listener.errors import UsageError
        from listener.lab.train import Order
        from listener.settings import shipped

        if bool(labels) != bool(texts):
            raise UsageError("--labels and --texts belong together", hint="Labels are keyed by the hash of a text.")
        if recipe not in NAMES:
            raise UsageError(f"no recipe is called {recipe!r}", hint=f"Recipes: {', '.join(NAMES)}")
        order = Order(
            out=out,
            corpus=tuple(corpus or [shipped("data/corpus")]),
            labels=tuple(labels or ()),
            texts=tuple(texts or ()),
            data=data,
            outside=not corpus_only,
            only_licensed=only_licensed,
            keep_held_out=keep_held_out,
            seed=seed,
            recipe=recipe,
            beside=tuple(beside or ()),
        )
        card = _run(order)
        _print(card, out, as_json=as_json)


def _run(order: Any) -> Card:
    """Train with a bar on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from listener.lab.train import train

    columns = (TextColumn("{task.description:24}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(file=sys.stderr)) as bar:
        task = bar.add_task("reading", total=None)
        return train(order, lambda stage, done, steps: bar.update(task, description=stage, completed=done, total=steps))


def _print(card: Card, out: Path, *, as_json: bool) -> None:
    import json
    from dataclasses import asdict

    if as_json:
        typer.echo(json.dumps({"path": str(out), **asdict(card)}, ensure_ascii=False))
        return
    from rich.console import Console

    from listener.cli import TABLE_WIDTH
    from listener.lab.tables import figures_table

    console = Console()
    console.width = max(console.width, TABLE_WIDTH)
    console.print(f"{card.name}@{card.version} written to {out}; figures of held-out posts:", markup=False)
    for family in ("real", "corpus", "hard"):
        if rows := card.figures.get(family):
            console.print(figures_table(family, rows))
