"""Models on the same posts: intervals that hold 0 for equals, a gate that stops only what is worse beyond chance."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from listener.classify import card as cards
from listener.classify.card import Card
from listener.classify.recipes import Targets
from listener.errors import InputError
from listener.lab.compare import Pair, _auc, compare, on_files, on_hold_out
from listener.lab.evaluate import read_labelled
from listener.lab.metrics import Predicted

Write = Callable[[str, list[dict[str, object]]], Path]
N = 300


def predicted(probability: np.ndarray) -> Predicted:
    count = len(probability)
    return Predicted(probability, probability >= 0.5, np.ones(count, int), np.zeros(count, int), np.zeros(count, bool))


def pair(first: np.ndarray, second: np.ndarray, gold: np.ndarray, langs: list[str]) -> Pair:
    unknown = np.full(len(gold), -1)
    targets = Targets(gold.astype(int), unknown, unknown, unknown, np.ones(len(gold)), np.zeros(len(gold), bool))
    return Pair(("a@1", "b@1"), langs, targets, predicted(first), predicted(second), "test")


@pytest.fixture
def truth() -> np.ndarray:
    return np.arange(N) % 2 == 0


def test_a_model_against_itself_differs_in_nothing(truth: np.ndarray) -> None:
    said = np.random.default_rng(1).random(N)
    report = compare(pair(said, said, truth, ["en"] * N), rounds=50)
    for found in report["groups"]["en"]["difference"].values():
        assert (found["value"], found["low"], found["high"]) == (0, 0, 0)
    assert report["worse"] == []


def test_a_model_worse_in_one_language_is_held_back_for_that_one(truth: np.ndarray) -> None:
    random = np.random.default_rng(2)
    good = np.clip(truth * 0.5 + 0.25 + random.normal(0, 0.15, N), 0.01, 0.99)
    bad = np.where(np.arange(N) < N // 2, random.random(N), good)
    langs = ["ja"] * (N // 2) + ["zh"] * (N // 2)
    report = compare(pair(good, bad, truth, langs), rounds=200)
    assert {fault["lang"] for fault in report["worse"]} == {"ja"}
    assert {fault["figure"] for fault in report["worse"]} == {"macro_f1", "brier"}
    assert compare(pair(bad, good, truth, langs), rounds=200)["worse"] == []
    found = report["groups"]["ja"]["difference"]["macro_f1"]
    assert found["low"] <= found["value"] <= found["high"] < 0


def test_a_handful_of_posts_holds_nothing_back(truth: np.ndarray) -> None:
    said = truth.astype(float)
    assert compare(pair(said[:10], 1 - said[:10], truth[:10], ["en"] * 10), rounds=50)["worse"] == []


def test_areas_are_those_of_scikit_learn(truth: np.ndarray) -> None:
    random = np.random.default_rng(3)
    score = np.sort(random.random(N).round(2))
    weight = random.integers(0, 4, N).astype(float)
    assert _auc(truth, score, weight) == pytest.approx(roc_auc_score(truth, score, sample_weight=weight))


def test_hold_outs_meet_on_their_common_posts(trained: tuple[Path, Card]) -> None:
    met = on_hold_out(trained[0], trained[0])
    assert len(met.langs) == trained[1].figures["corpus"]["all"]["n"]
    report = compare(met, rounds=20)
    assert set(report["groups"]) == {"all", "ja", "zh", "en"}
    assert json.loads(json.dumps(report)) == report


def test_a_recalibrated_card_changes_what_its_hold_out_says(trained: tuple[Path, Card], tmp_path: Path) -> None:
    path, card = trained
    shy = replace(card, thresholds=dict.fromkeys(card.thresholds, 0.999))
    cards.save_with_files(tmp_path / "shy-1", shy, path)
    report = compare(on_hold_out(path, tmp_path / "shy-1"), rounds=50)
    assert report["groups"]["all"]["b"]["recall"] == 0
    assert {fault["figure"] for fault in report["worse"]} == {"macro_f1"}


def test_posts_that_a_model_was_trained_on_do_not_judge_it(
    trained: tuple[Path, Card], small_corpus: Path, write: Write
) -> None:
    known = [json.loads(line) for line in (small_corpus / "en.jsonl").read_text(encoding="utf-8").splitlines()]
    fresh = [{"text": f"number {n} never came and nobody cares", "lang": "en", "complaint": n % 2} for n in range(6)]
    labelled = read_labelled([str(write("x.jsonl", [*known, *fresh]))], lambda _place, _reason: None)
    met = on_files(trained[0], trained[0], labelled)
    assert (len(met.langs), met.left_out) == (6, len(known))
    with pytest.raises(InputError):
        on_files(trained[0], trained[0], read_labelled([str(write("y.jsonl", known))], lambda _p, _r: None))
