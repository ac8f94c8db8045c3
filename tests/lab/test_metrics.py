"""Figures against scikit-learn's and against cases worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as stock

from listener.classify.recipes import Targets
from listener.lab.metrics import KEYS, Predicted, best_threshold, expected_calibration_error, measure


def targets(complaint: list[int], severity: list[int] | None = None, cause: list[int] | None = None) -> Targets:
    n = len(complaint)
    unknown = [-1] * n
    columns = [np.array(column) for column in (complaint, severity or unknown, cause or unknown, unknown)]
    return Targets(*columns, np.ones(n), np.zeros(n, bool))


def predicted(probability: list[float], severity: list[int] | None = None, cause: list[int] | None = None) -> Predicted:
    p = np.array(probability)
    n = len(p)
    return Predicted(p, p >= 0.5, np.array(severity or [1] * n), np.array(cause or [0] * n), np.zeros(n, bool))


@given(st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1, width=16)), min_size=2, max_size=40))
def test_binary_figures_are_those_of_scikit_learn(rows: list[tuple[int, float]]) -> None:
    gold, probability = [row[0] for row in rows], [row[1] for row in rows]
    said = [p >= 0.5 for p in probability]
    ours = measure(targets(gold), predicted(probability))
    assert ours["f1"] == pytest.approx(stock.f1_score(gold, said, zero_division=0))
    assert ours["macro_f1"] == pytest.approx(stock.f1_score(gold, said, average="macro", zero_division=0))
    assert ours["precision"] == pytest.approx(stock.precision_score(gold, said, zero_division=0))
    assert ours["recall"] == pytest.approx(stock.recall_score(gold, said, zero_division=0))
    assert ours["brier"] == pytest.approx(np.mean((np.array(probability) - gold) ** 2))
    if len(set(gold)) == 2:
        assert ours["auc"] == pytest.approx(stock.roc_auc_score(gold, probability))


def test_severity_and_cause_count_only_gold_complaints_and_codes_in_gold() -> None:
    gold = targets([1, 1, 1, 0], severity=[1, 2, 2, 0], cause=[3, 3, 5, -1])
    said = predicted([0.1, 0.9, 0.9, 0.9], severity=[1, 2, 4, 1], cause=[3, 7, 5, 3])
    figures = measure(gold, said)
    assert figures["severity_macro_f1"] == pytest.approx((1 + 2 / 3) / 2)
    assert figures["severity_mae"] == pytest.approx(2 / 3)
    assert figures["cause_macro_f1"] == pytest.approx((2 / 3 + 1) / 2)


def test_missing_labels_are_null_not_zero() -> None:
    figures = measure(targets([-1, -1]), predicted([0.2, 0.8]))
    assert figures["n"] == 2
    assert [key for key in KEYS if figures[key] is not None] == ["n"]
    assert measure(targets([0, 0]), predicted([0.2, 0.8]))["auc"] is None


def test_calibration_error_by_hand() -> None:
    """30 posts, 15 bins of two: in every bin the mean is .5 and one of two is a complaint, but for the last."""
    gold = np.array([True, False] * 14 + [True, True])
    assert expected_calibration_error(gold, np.full(30, 0.5)) == pytest.approx(0.5 * 2 / 30)
    assert expected_calibration_error(np.array([True]), np.array([0.25])) == pytest.approx(0.75)


def test_the_best_threshold_parts_what_can_be_parted() -> None:
    probability = np.concatenate([np.linspace(0, 0.3, 50), np.linspace(0.6, 1, 50)])
    assert 0.3 < best_threshold(np.arange(100) >= 50, probability) <= 0.65
