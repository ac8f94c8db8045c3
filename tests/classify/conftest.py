"""A small model of our own corpus, trained once, for tests that need weights but no quality."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from listener.classify import card as cards
from listener.classify.card import Card
from listener.classify.classifier import Classifier, load
from listener.classify.features import Spec
from listener.classify.recipes import Targets
from listener.classify.recipes.linear import Linear
from listener.lab import data
from listener.types import LANGUAGES

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Posts:
    texts: Sequence[str]
    langs: Sequence[str]
    targets: Targets


@pytest.fixture(scope="session")
def posts() -> Posts:
    """About 170 posts a language, half of them complaints."""
    found = data.corpus([ROOT / "data" / "corpus" / f"{lang}-a.jsonl" for lang in LANGUAGES])[0]
    chosen = [example for at, example in enumerate(found) if at % 3 == 0]
    return Posts([e.text for e in chosen], [e.lang for e in chosen], data.targets(chosen))


@pytest.fixture(scope="session")
def small(posts: Posts) -> Linear:
    return Linear(spec=Spec(char_bits=15, word_bits=14)).fit(posts.texts, posts.langs, posts.targets)


@pytest.fixture(scope="session")
def small_card(small: Linear) -> Card:
    return Card(
        name="small",
        version="1",
        recipe="linear",
        config=small.config(),
        calibration={head: dict.fromkeys(LANGUAGES, (1.0, 0.0)) for head in ("complaint", "churn")},
        thresholds=dict.fromkeys(LANGUAGES, 0.5),
        base_rates=dict.fromkeys(LANGUAGES, 0.5),
        seed=0,
    )


@pytest.fixture
def model_dir(tmp_path: Path, small: Linear, small_card: Card) -> Path:
    cards.save(tmp_path / "small-1", small_card, small.to_arrays())
    return tmp_path / "small-1"


@pytest.fixture(scope="session")
def classifier(small: Linear, small_card: Card) -> Classifier:
    return Classifier(small, small_card)


@pytest.fixture(scope="session")
def shipped_model() -> Classifier:
    return load(cards.current(ROOT / "models"))
