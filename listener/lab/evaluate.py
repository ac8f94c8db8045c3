"""`listener evaluate`: figures of a model, or of a recipe trained on the file alone, in all and by group."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from listener.classify import Classifier
from listener.classify.recipes import UNKNOWN
from listener.errors import InputError
from listener.lab import data, metrics
from listener.lab.data import Example
from listener.lab.metrics import Predicted
from listener.text.records import BadRecord, Record, read

_BATCH: Final = 1024


@dataclass(frozen=True, slots=True)
class Labelled:
    """Records with gold labels, beside each its example, and what was bad about their files."""

    records: list[Record]
    examples: list[Example]
    bad: int


def read_labelled(files: Sequence[str], tell: Callable[[str, str], None], *, to_train: bool = False) -> Labelled:
    """All records of the files; what is bad is told as (place, reason).

    Raises InputError if there is none, or (`to_train`) none that says whether it is a complaint.
    """
    records: list[Record] = []
    examples: list[Example] = []
    bad = 0
    for file in files:
        for found in read(file):
            if isinstance(found, BadRecord):
                bad += 1
                tell(found.place, found.reason)
            else:
                records.append(found)
                examples.append(data.from_record(found, "labels", Path(file).name))
    if not records:
        raise InputError(", ".join(files), "holds no record")
    if to_train and not any(example.complaint != UNKNOWN for example in examples):
        raise InputError(", ".join(files), "holds no record with a complaint label")
    return Labelled(records, examples, bad)


def evaluate(classifier: Classifier, labelled: Labelled) -> dict[str, Any]:
    """The figures of a trained model on these records."""
    return report(classifier.name, labelled, predict(classifier, labelled.records))


def predict(classifier: Classifier, records: Sequence[Record]) -> Predicted:
    """What a classifier says of records, in their order."""
    parts = [
        classifier.probabilities([r.text for r in part], [r.lang for r in part], [r.source for r in part])
        for part in (records[at : at + _BATCH] for at in range(0, len(records), _BATCH))
    ]
    return Predicted(
        complaint=np.concatenate([part.complaint for part in parts]),
        flagged=np.concatenate([part.flagged for part in parts]),
        severity=np.concatenate([part.severity.argmax(axis=1) + 1 for part in parts]),
        cause=np.concatenate([part.cause.argmax(axis=1) for part in parts]),
        churn=np.concatenate([part.churn for part in parts]) >= metrics.CHURN,
    )


def report(name: str, labelled: Labelled, predicted: Predicted) -> dict[str, Any]:
    """The object that `evaluate --json` prints."""
    gold = data.targets(labelled.examples)

    def by(keys: Callable[[Record, Example], Sequence[str | None]]) -> dict[str, metrics.Measures]:
        rows = [
            [key for key in keys(record, example) if key]
            for record, example in zip(labelled.records, labelled.examples, strict=True)
        ]
        return {key: metrics.rounded(m, 6) for key, m in metrics.by(rows, gold, predicted).items()}

    return {
        "model": name,
        "n": len(labelled.records),
        "overall": metrics.rounded(metrics.measure(gold, predicted), 6),
        "by_lang": by(lambda _record, example: [example.lang]),
        "by_tag": by(lambda record, _example: record.tags),
        "by_channel": by(lambda record, _example: [record.channel]),
        "by_source": by(lambda record, _example: [record.source]),
    }
