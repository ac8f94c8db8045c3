"""Figures as tables for people; the JSON beside them has every key."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDTH: Final = 110
"""Characters that a table of figures needs; a narrower terminal wraps its lines, better than cut numbers."""
_COLUMNS: Final = (
    ("n", "posts"),
    ("prevalence", "share"),
    ("auc", "AUC"),
    ("macro_f1", "macro-F1"),
    ("precision", "precision"),
    ("recall", "recall"),
    ("ece", "ECE"),
    ("severity_macro_f1", "severity"),
    ("cause_macro_f1", "cause"),
    ("churn_f1", "churn"),
)


def figures_table(title: str, rows: Mapping[str, Mapping[str, Any]]) -> Table:
    """One line for each group; keys come from files, so they are shown as plain text."""
    table = Table(title=Text(title), title_justify="left")
    table.add_column("group", overflow="fold")
    for _, heading in _COLUMNS:
        table.add_column(heading, justify="right")
    for name, figures in rows.items():
        table.add_row(Text(name), *(_shown(figures.get(key)) for key, _ in _COLUMNS))
    return table


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def models_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """One line a model; * marks the one in use. AUC and macro-F1 are those of its card."""
    table = Table(title=Text("models"), title_justify="left")
    for heading in ("", "model", "made", "recipe", "build"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "made")
    for family in ("real", "corpus", "hard"):
        table.add_column(f"{family} AUC", justify="right")
        table.add_column("F1", justify="right")
    for row in rows:
        figures = [
            _shown((row["figures"].get(family) or {}).get(key))
            for family in ("real", "corpus", "hard")
            for key in ("auc", "macro_f1")
        ]
        told = (Text(str(row[key] or "-")) for key in ("name", "created", "recipe", "build"))
        table.add_row("*" if row["current"] else "", *told, *figures)
    return table


_COMPARED: Final = (
    ("macro_f1", "macro-F1"),
    ("auc", "AUC"),
    ("brier", "Brier"),
    ("ece", "ECE"),
    ("precision", "precision"),
    ("recall", "recall"),
    ("severity_macro_f1", "severity"),
    ("cause_macro_f1", "cause"),
    ("churn_f1", "churn"),
)


def comparison_table(report: Mapping[str, Any]) -> Table:
    """Each figure of both models by language, with the 95% interval of b - a where it was drawn."""
    table = Table(title=Text("a, b, and b - a with its 95% interval"), title_justify="left")
    table.add_column("group")
    table.add_column("figure")
    for heading in ("a", "b", "b - a", "95% interval"):
        table.add_column(heading, justify="right")
    for name, group in report["groups"].items():
        for at, (key, heading) in enumerate(_COMPARED):
            a, b = group["a"].get(key), group["b"].get(key)
            if a is None and b is None:
                continue
            drawn = group["difference"].get(key)
            spread = "" if drawn is None or drawn["low"] is None else f"{drawn['low']:+.3f} to {drawn['high']:+.3f}"
            gap = "" if a is None or b is None else f"{b - a:+.3f}"
            table.add_row(Text(f"{name} ({group['n']})" if at == 0 else ""), heading, _shown(a), _shown(b), gap, spread)
        table.add_section()
    return table


def console(*, to_stderr: bool = False) -> Console:
    """Where tables go: wide enough that no figure is cut."""
    made = Console(file=sys.stderr if to_stderr else None)
    made.width = max(made.width, WIDTH)
    return made


def calibration_table(by: Mapping[str, Mapping[str, Any]]) -> Table:
    """One line a language or source: what changed, and figures before and after on posts left out of fitting."""
    table = Table(title=Text("before and after, on posts left out of fitting"), title_justify="left")
    table.add_column("where", overflow="fold")
    for heading in ("posts", "complaints", "threshold", "ECE", "after", "Brier", "after", "macro-F1", "after"):
        table.add_column(heading, justify="right")
    for key, row in by.items():
        figures = [_shown(row[when][name]) for name in ("ece", "brier", "macro_f1") for when in ("before", "after")]
        table.add_row(Text(key), *(_shown(row[name]) for name in ("posts", "complaints", "threshold")), *figures)
    return table
