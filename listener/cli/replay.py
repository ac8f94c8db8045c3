"""`listener replay`: a stored stream through the same triage by a simulated clock."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from listener.pipeline.replay import Outcome


def register(app: typer.Typer) -> None:
    """Add `listener replay`."""

    @app.command()
    def replay(
        file: Annotated[list[str], typer.Argument(help="Files of records; - is standard input.")],
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
        budget: Annotated[float, typer.Option(help="False alarms per brand and week.")] = 1.0,
        cap: Annotated[float | None, typer.Option(help="False alarms a week over all brands; none: no cap.")] = None,
        model: Annotated[Path | None, typer.Option(help="Model directory; none: the one in use.")] = None,
    ) -> None:
        """What would have been seen when, had listener heard these posts as they were posted.

        Each record needs id, brand, posted_at and text. Labels are not read. Nothing is kept.
        """
        from listener.classify import load
        from listener.pipeline import replay as replays
        from listener.text.records import read
        from listener.triage.advance import Policy

        if not budget > 0 or (cap is not None and not cap > 0):
            raise typer.BadParameter("must be above zero", param_hint="--budget" if not budget > 0 else "--cap")
        classifier = load(model or _in_use())
        told: list[str] = []

        def tell(place: str, reason: str) -> None:
            told.append(place)
            sys.stderr.write(f"{place}: {reason}\n")

        posts = [one for name in file for one in replays.score(read(name), classifier, tell, name)]
        outcome = replays.replay(replays.in_order(posts), Policy(budget=budget, cap=cap))
        report = replays.to_plain(outcome)
        typer.echo(json.dumps(report, ensure_ascii=False) if as_json else "\n".join(_lines(report, outcome)))
        raise typer.Exit(1 if told else 0)


def _in_use() -> Path:
    from listener.settings import current_model, load

    return current_model(load())


def _lines(report: dict[str, Any], outcome: Outcome) -> list[str]:
    """For people: an alarm a line with why it rang, then the totals."""
    surges = {f"{brand}/{number}": told.surge for (brand, number), told in outcome.incidents.items()}
    lines = []
    for one in sorted((one for one in report["incidents"] if one["alarm_at"]), key=lambda one: str(one["alarm_at"])):
        surge = surges[one["id"]]
        why = f"{surge.observed} against {surge.expected:.1f} expected" if surge else ""
        cold = ", little history" if surge and surge.cold else ""
        lines.append(
            f"{one['alarm_at']}  {one['brand']}  {one['title']}  ({', '.join(one['languages'])}; {why}{cold};"
            f" {len(one['members'])} members, first {one['first_mention_at']})"
        )
    quiet = sum(not one["alarm_at"] for one in report["incidents"])
    return [*lines, f"{report['alarms']} alarms and {quiet} quiet incidents in {report['posts']} posts"]
