"""A small model of our own corpus, trained once, for tests that need weights but no quality."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from listener.classify import card as cards
from listener.classify.card import Card
from listener.classify.classifier import Classifier, load
from listener.classify.encoder import ORDERS, SPECIAL, WIDTH, packed
from listener.classify.features import Spec
from listener.classify.pieces import BLANK
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


@pytest.fixture(scope="session")
def encoder_arrays() -> dict[str, Any]:
    """An encoder that knows letters and a few words, with weights drawn at random."""
    rng = np.random.default_rng(3)
    words = [f"{BLANK}so", f"{BLANK}slow", "slow", "ly", *"abcdefghijklmnopqrstuvwxyz", BLANK]
    count = len(words) + SPECIAL
    arrays: dict[str, Any] = {
        "pieces": np.frombuffer("\n".join(words).encode(), dtype=np.uint8),
        "scores": np.linspace(-3, -7, len(words)).astype(np.float32),
        "table": rng.integers(0, 64, (count, 512), dtype=np.uint8),
        "table.scale": np.tile(np.array([[0.01, -0.3]], dtype=np.float32), (count, 1)),
    }
    sizes = [size for size, _ in ORDERS]
    lead, join = 256 * len(sizes), 512 + 256 * len(sizes)
    shapes = {"project": (512, lead), "sum": (join, 512), "deep.0": (512, 320), "deep.1": (320, 320)}
    shapes |= {"pass.1": (512, 320), "deep.2": (320, 512), "pass.3": (320, 512), "deep.3": (512, 512)}
    shapes |= {f"{layer}.{size}": (256 * size, 256) for layer in ("first", "second") for size in sizes}
    for name, shape in shapes.items():
        arrays |= packed(name, (rng.normal(size=shape) / np.sqrt(shape[0])).astype(np.float32))
        if name.split(".")[0] not in ("deep", "pass"):
            arrays |= packed(f"{name}.bias", (rng.normal(size=shape[1]) / 10).astype(np.float32))
    for name, size in (("lead", lead), ("join", join)):
        arrays |= {f"{name}.gain": np.ones(size, np.float32), f"{name}.bias": np.zeros(size, np.float32)}
    return arrays | {"usual.mean": np.zeros(WIDTH, np.float32), "usual.deviation": np.full(WIDTH, 0.5, np.float32)}
