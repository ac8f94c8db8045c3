"""Labels in and out: the weekly random sample, what people say of it, and what models may learn from."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from listener import collect
from listener.errors import SettingsError
from listener.settings import Settings
from listener.store import Store, Tx
from listener.store.samples import SampleRow
from listener.triage.sampling import Recall, draw, recall, week_before
from listener.types import CAUSES, Label

COLUMNS: Final = (
    *("text_sha256", "complaint", "severity", "cause", "churn", "annotator", "at", "origin", "source"),
    *("selection_probability", "may_train"),
)
WEEKS: Final = 8
"""Recall is that of the last weeks: older labels say little of today's model and customers."""


def draw_week(store: Store, now: datetime) -> int:
    """Draw the last whole week's sample if nobody has; how many posts. Doing it twice changes nothing."""
    week, begin, end = week_before(now)
    with store.read() as tx:
        if tx.samples.is_drawn(week):
            return 0
        drawn = draw(tx.samples.candidates(begin, end), week)
    with store.write() as tx:
        return tx.samples.put(week, drawn)


def measured(tx: Tx, now: datetime) -> Recall | None:
    """Recall over the last WEEKS whole weeks; None while too few posts are labelled."""
    return recall(tx.samples.counted(week_before(now - timedelta(weeks=WEEKS - 1))[0]))


# ------------------------------------------------------------------ who may learn from what


def may_train(settings: Settings, tx: Tx) -> dict[str, bool]:
    """By source, of the settings or stored: what the settings say, else what its platform's terms allow."""
    kinds = {row.source: row.kind for row in tx.sources.all()}
    told = {str(table["name"]): table.get("may_train") for table in settings.sources}
    kinds |= {str(table["name"]): str(table["kind"]) for table in settings.sources}
    return {name: bool(told[name]) if told.get(name) is not None else _usual(kind) for name, kind in kinds.items()}


def _usual(kind: str | None) -> bool:
    if kind is None:
        return False
    try:
        return bool(collect.load(kind).Options.model_fields["may_train"].default)
    except SettingsError:  # a platform that this version does not know any more
        return False


# ------------------------------------------------------------------ out


def exported(tx: Tx, allowed: Mapping[str, bool]) -> Iterator[dict[str, Any]]:
    """All labels as rows of COLUMNS; `may_train` is 0 also where nobody knows where the text came from."""
    for label in tx.labels.all():
        yield {
            **{name: _cell(getattr(label, name)) for name in COLUMNS if hasattr(label, name)},
            "annotator": label.who,
            "at": label.at.isoformat(),
            "may_train": int(allowed.get(label.source or "", False)),
        }


def _cell(value: Any) -> Any:
    return "" if value is None else value


def as_record(row: SampleRow) -> dict[str, Any]:
    """A drawn post as it is given to people: nothing in it says what the classifier thinks."""
    return {
        "id": row.text_sha256,
        "text": row.text,
        "lang": row.lang,
        "source": row.source,
        "channel": row.channel,
        "brand": row.brands[0] if row.brands else None,
        "posted_at": row.posted_at.isoformat(),
        "week": row.week,
    }


# ------------------------------------------------------------------ in


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be taken: its line and why."""

    line: int
    reason: str


def labels_from(lines: Iterable[str], who: str, origin: str, now: datetime) -> Iterator[Label | BadRow]:
    """Labels of a CSV file with `text_sha256` (or `id`) and the codes of LABELS.md; `annotator` wins over `who`."""
    rows = csv.DictReader(lines)
    for row in rows:
        try:
            yield _label({(key or "").strip(): (value or "") for key, value in row.items()}, who, origin, now)
        except ValueError as error:
            yield BadRow(rows.line_num, str(error))


def _label(row: Mapping[str, Any], who: str, origin: str, now: datetime) -> Label:
    """Raises ValueError."""
    key = str(row.get("text_sha256") or row.get("id") or "").strip().lower()
    if not re.fullmatch(r"[0-9a-f]{64}", key):
        raise ValueError("text_sha256 is not 64 hexadecimal digits")
    complaint = _number(row, "complaint", 1)
    severity, cause = _number(row, "severity", 4), str(row.get("cause") or "").strip() or None
    if cause not in (*CAUSES, "none", None):
        raise ValueError("cause is none of the codes")
    if complaint is None:
        raise ValueError("complaint is missing")
    if (complaint == 0 and (severity or cause not in ("none", None))) or (complaint == 1 and severity == 0):
        raise ValueError("severity and cause do not fit complaint")
    return Label(
        text_sha256=key,
        who=str(row.get("annotator") or "").strip() or who,
        at=now,
        origin=origin,
        complaint=complaint,
        severity=severity,
        cause=cause,
        churn=_number(row, "churn", 1),
    )


def _number(row: Mapping[str, Any], name: str, most: int) -> int | None:
    given = str(row.get(name) or "").strip()
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and int(given) <= most):
        raise ValueError(f"{name} is not 0 to {most}")
    return int(given)


def keep(store: Store, labels: Iterable[Label]) -> int:
    """Write labels; each gets its post's source where that is stored. How many were new."""
    with store.write() as tx:
        given = list(labels)
        sources = tx.labels.sources({label.text_sha256 for label in given})
        known = tx.labels.latest({label.text_sha256 for label in given})
        new = [one for one in given if not _same(one, known.get(one.text_sha256))]
        for label in new:
            tx.labels.add(replace(label, source=label.source or sources.get(label.text_sha256)))
    return len(new)


def _same(one: Label, other: Label | None) -> bool:
    """Whether the same person said the same of the same text before: a file that is read twice counts once."""
    names = ("who", "complaint", "severity", "cause", "churn")
    return other is not None and all(getattr(one, name) == getattr(other, name) for name in names)
