"""Calibration: probabilities that hold, and never turned round."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.classify.recipes import sigmoid
from listener.lab.calibrate import platt
from listener.lab.metrics import expected_calibration_error


def test_scores_become_probabilities() -> None:
    random = np.random.default_rng(3)
    truth = random.normal(size=4000)
    gold = random.random(4000) < sigmoid(truth)
    slope, shift = platt(3 * truth + 5, gold)
    assert slope == pytest.approx(1 / 3, abs=0.05)
    assert expected_calibration_error(gold, sigmoid(slope * (3 * truth + 5) + shift)) < 0.03


@given(st.lists(st.tuples(st.floats(-20, 20, width=16), st.booleans()), min_size=2, max_size=30))
def test_order_is_never_turned_round(rows: list[tuple[float, bool]]) -> None:
    slope, shift = platt(np.array([score for score, _ in rows]), np.array([label for _, label in rows]))
    assert slope > 0
    assert np.isfinite(shift)
