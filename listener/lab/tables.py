"""Figures as tables for people; the JSON beside them has every key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rich.table import Table
from rich.text import Text

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
