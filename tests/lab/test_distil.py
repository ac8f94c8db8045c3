"""The first stage: a student that answers nearly as its teacher, from characters alone."""

from pathlib import Path

import numpy as np
import pytest

from listener.classify.card import Card
from listener.classify.classifier import Classifier
from listener.classify.features import Spec
from listener.classify.first import First
from listener.classify.recipes.linear import Linear
from listener.lab import data
from listener.lab.calibrate import Calibration
from listener.lab.data import Example
from listener.lab.distil import distil, figures
from listener.lab.metrics import auc

CORPUS = Path(__file__).resolve().parents[2] / "data" / "corpus"


@pytest.fixture(scope="module")
def lessons() -> list[Example]:
    return data.corpus([CORPUS / "en-a.jsonl", CORPUS / "zh-a.jsonl"])[0]


@pytest.fixture(scope="module")
def teacher(lessons: list[Example]) -> Linear:
    texts, langs = [e.text for e in lessons], [e.lang for e in lessons]
    return Linear(spec=Spec(char_bits=15, word_bits=14)).fit(texts, langs, data.targets(lessons))


@pytest.fixture(scope="module")
def student(teacher: Linear, lessons: list[Example]) -> First:
    maps = {"complaint": {"en": (1.0, 0.5), "zh": (1.0, -0.5)}, "churn": {}}
    return distil(teacher, Calibration(maps, {}, {}), lessons)


def test_a_student_answers_as_its_teacher(teacher: Linear, student: First) -> None:
    unseen = data.corpus([CORPUS / "en-b.jsonl"])[0][:200]
    texts, langs = [e.text for e in unseen], [e.lang for e in unseen]
    agreed = auc(teacher.complaint(texts, langs) > 0, student.logits(texts, langs))
    assert agreed is not None
    assert agreed > 0.85
    assert set(figures(student, unseen)["corpus"]) == {"en"}


def test_a_first_stage_travels_with_the_model(student: First, teacher: Linear) -> None:
    again = First.from_arrays({**teacher.to_arrays(), **student.to_arrays()})
    texts, langs = ["never again", "太差了", "さいあく"], ["en", "zh", "ja"]
    assert np.allclose(again.logits(texts, langs)[:2], student.logits(texts, langs)[:2], atol=0.01)
    assert again.logits(texts, langs)[2] == 0
    assert First.from_arrays(teacher.to_arrays()).weights == {}


def test_parts_that_do_not_fit_are_refused(student: First) -> None:
    arrays = student.to_arrays()
    with pytest.raises(ValueError, match="first stage"):
        First.from_arrays({**arrays, "first.en.weights": np.zeros(7)})
    with pytest.raises(KeyError):
        First.from_arrays({"first.en.weights": arrays["first.en.weights"]})


def test_quick_answers_are_those_of_the_first_stage(student: First, teacher: Linear) -> None:
    card = Card(
        name="small", version="1", recipe="linear", config=teacher.config(), seed=0,
        calibration={"complaint": {"en": (1.0, 0.0)}}, thresholds={"en": 0.5}, base_rates={},
    )  # fmt: skip
    texts = ["my refund never came and nobody answers", "", "배송이 너무 늦어요"]
    found = Classifier(teacher, card, first=student).quick(texts)
    assert found.langs == ["en", "und", "und"]
    assert found.flagged.tolist() == [True, False, False]
    assert found.complaint[1:].max() < 0.3
    whole = Classifier(teacher, card)
    assert np.array_equal(whole.quick(texts).complaint, whole.probabilities(texts).complaint)
