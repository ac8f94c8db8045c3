"""`listener evaluate --folds/--group`: train from scratch on a part of the file, judge the rest, part by part.

Within each training part, inner folds give scores of unseen posts, which set calibration and threshold: nothing of the
judged part is looked at. Texts that are equal or nearly so never stand on both sides. With `--base`, what a given model
says is a second opinion, weighed against the fresh one by logistic regression on those inner scores, severity by its
own; records on whose text the base was trained are left out of the file first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from listener.classify import Classifier
from listener.classify.recipes import Scores
from listener.errors import InputError
from listener.lab import alone, data, evaluate
from listener.lab.alone import Alone
from listener.lab.calibrate import calibrate
from listener.lab.data import Example
from listener.lab.evaluate import Labelled
from listener.lab.metrics import Predicted
from listener.lab.opinions import weighed
from listener.lab.report import predict
from listener.text import copies
from listener.text.records import Record

INNER: Final = 4
Ints: TypeAlias = NDArray[np.int64]
Progress: TypeAlias = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a file is parted: into `folds`, or by the values of `group` (one left out at a time), or both."""

    folds: int | None
    group: str | None = None


def cross_validate(
    labelled: Labelled, plan: Plan, base: Classifier | None = None, progress: Progress = lambda _done, _all: None
) -> dict[str, Any]:
    """The object that `evaluate --json` prints, from predictions on unseen parts. Raises InputError."""
    if base is not None:
        labelled = _without_overlap(labelled, base)
    parts = partition(labelled, plan)
    bench = _Bench(labelled.examples, base)
    total = _blank(len(labelled.examples))
    count = int(parts.max()) + 1
    for number in range(count):
        progress(number, count)
        judged = np.flatnonzero(parts == number)
        known = {bench.copies[row] for row in judged.tolist()}
        rest = np.array(
            [at for at in np.flatnonzero(parts != number).tolist() if bench.copies[at] not in known], dtype=np.int64
        )
        _put(total, judged, bench.judge(rest, judged))
    progress(count, count)
    how = f"{plan.folds} folds" if plan.folds else f"leave one {plan.group} out"
    name = f"{alone.NAME} ({how}{', from ' + base.name if base else ''})"
    return evaluate.report(name, labelled, total)


def partition(labelled: Labelled, plan: Plan) -> Ints:
    """The part of each record (n,); parts are balanced in size and in labels, the same at every call."""
    keys = _keys(labelled, plan)
    members: dict[str, list[int]] = defaultdict(list)
    for row, key in enumerate(keys):
        members[key].append(row)
    parts = np.zeros(len(keys), dtype=np.int64)
    if plan.folds is None:
        if len(members) < 2:
            raise InputError("--group", f"{plan.group!r} has one value only in this file")
        for number, key in enumerate(sorted(members)):
            parts[members[key]] = number
        return parts
    if len(members) < plan.folds:
        raise InputError("--folds", f"{plan.folds} parts cannot be made of {len(members)} separate groups")
    gold = [example.complaint for example in labelled.examples]
    filled = np.zeros((plan.folds, 2))
    for key in sorted(members, key=lambda key: (-len(members[key]), data.text_sha256(key))):
        rows = members[key]
        unhappy = sum(gold[row] == 1 for row in rows)
        mostly = int(2 * unhappy > len(rows))
        number = int(np.lexsort((filled.sum(axis=1), filled[:, mostly]))[0])
        filled[number] += (len(rows) - unhappy, unhappy)
        parts[rows] = number
    return parts


def _keys(labelled: Labelled, plan: Plan) -> list[str]:
    if plan.group is None:
        return [example.group for example in data.grouped(labelled.examples)]
    values = [_value(record, plan.group) for record in labelled.records]
    if not any(values):
        raise InputError("--group", f"no record has a field {plan.group!r}")
    return [value or "" for value in values]


def _value(record: Record, name: str) -> str | None:
    value = getattr(record, name) if name in Record.__slots__ and name != "extra" else record.extra.get(name)
    return None if value is None else str(value)


class _Bench:
    """The examples of a file prepared once, and a base's opinion of them."""

    def __init__(self, examples: Sequence[Example], base: Classifier | None) -> None:
        self.examples = examples
        self.copies = [copies.normalise(example.text) or example.text for example in examples]
        self._gold = data.targets(examples)
        self._langs = np.array([example.lang for example in examples])
        self._prepared = {}
        self._place = np.zeros(len(examples), dtype=np.int64)
        for lang in sorted(set(self._langs.tolist()) - {"und"}):
            rows = np.flatnonzero(self._langs == lang)
            self._place[rows] = np.arange(len(rows))
            self._prepared[lang] = Alone().prepare([examples[row].text for row in rows.tolist()], lang)
        texts, langs = [e.text for e in examples], [e.lang for e in examples]
        self._opinion = base.recipe.careful().decision(texts, langs) if base is not None else None

    def judge(self, rest: Ints, judged: Ints) -> Predicted:
        """Train on `rest`, calibrate within it, predict `judged`."""
        gold = self._gold.take(rest)
        inner = np.array([data.bucket(self.examples[row], INNER, "inner") for row in rest.tolist()])
        unseen = Scores.empty(len(rest))
        for number in range(INNER):
            here = np.flatnonzero(inner == number)
            model = self._fit(rest[inner != number], details=self._opinion is not None)
            unseen.put(here, self._scores(model, rest[here]))
        final = self._scores(self._fit(rest), judged)
        if self._opinion is not None:
            unseen, final = weighed(unseen, self._opinion.take(rest), gold, final, self._opinion.take(judged))
        calibration = calibrate([self.examples[row] for row in rest.tolist()], gold, unseen)
        return predict(final, self._langs[judged].tolist(), calibration)

    def _fit(self, rows: Ints, *, details: bool = True) -> Alone:
        gold = self._gold if details else self._gold.without_details()
        by_lang = {lang: rows[self._langs[rows] == lang] for lang in self._prepared}
        return Alone().fit_prepared(
            {lang: self._prepared[lang][self._place[chosen]] for lang, chosen in by_lang.items() if len(chosen)},
            {lang: gold.take(chosen) for lang, chosen in by_lang.items() if len(chosen)},
        )

    def _scores(self, model: Alone, rows: Ints) -> Scores:
        scores = Scores.empty(len(rows))
        for lang, prepared in self._prepared.items():
            here = np.flatnonzero(self._langs[rows] == lang)
            if len(here):
                scores.put(here, model.decide_prepared(prepared[self._place[rows[here]]], lang))
        return scores


def _without_overlap(labelled: Labelled, base: Classifier) -> Labelled:
    kept = [at for at, record in enumerate(labelled.records) if not base.has_seen(record.text)]
    if not kept:
        raise InputError("--base", "was trained on every text of this file")
    return Labelled([labelled.records[at] for at in kept], [labelled.examples[at] for at in kept], labelled.bad)


def _blank(count: int) -> Predicted:
    return Predicted(
        np.zeros(count),
        np.zeros(count, bool),
        np.zeros(count, np.int64),
        np.zeros(count, np.int64),
        np.zeros(count, bool),
    )


def _put(total: Predicted, rows: Ints, part: Predicted) -> None:
    total.complaint[rows], total.flagged[rows] = part.complaint, part.flagged
    total.severity[rows], total.cause[rows], total.churn[rows] = part.severity, part.cause, part.churn
