"""Local calibration: a few labels move probabilities and thresholds as far as they prove, and nothing else."""

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.classify import card as cards
from listener.classify import load
from listener.classify.card import Card
from listener.classify.recipes import sigmoid
from listener.errors import InputError, UsageError
from listener.lab.local_fit import Change, change, macro_f1
from listener.lab.metrics import expected_calibration_error
from listener.lab.recalibrate import Order, recalibrate

Write = Callable[[str, list[dict[str, object]]], Path]
DATASETS = Path(__file__).resolve().parents[3] / "shared" / "datasets"


def silent(_place: str, _reason: str) -> None:
    return None


def shifted(random: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Log-odds of a stream with far fewer complaints than the model believes, and their truth."""
    odds = random.normal(0.5, 2.0, count)
    return odds, random.random(count) < sigmoid(0.8 * odds - 2.0)


def test_fifty_labels_improve_a_shifted_stream_on_average() -> None:
    before, after = [], []
    for seed in range(20):
        random = np.random.default_rng(seed)
        odds, gold = shifted(random, 2050)
        made = change(odds[:50], gold[:50], 0.5)
        rest, truth = odds[50:], gold[50:]
        for found, probability, threshold in (
            (before, sigmoid(rest), 0.5),
            (after, made.probability(rest), made.threshold),
        ):
            error = expected_calibration_error(truth, probability)
            found.append((error, macro_f1(truth.astype(float), probability >= threshold)))
    assert np.mean(after, axis=0)[0] < np.mean(before, axis=0)[0] / 2
    assert np.mean(after, axis=0)[1] > np.mean(before, axis=0)[1] + 0.05


def test_many_labels_find_the_truth() -> None:
    odds, gold = shifted(np.random.default_rng(1), 20_000)
    made = change(odds, gold, 0.5)
    assert made.slope == pytest.approx(0.8, abs=0.05)
    assert made.shift == pytest.approx(-2.0, abs=0.1)


@given(
    st.lists(st.tuples(st.floats(-20, 20, width=16), st.booleans()), min_size=1, max_size=40),
    st.floats(0.01, 0.99),
)
def test_any_labels_leave_a_usable_change(rows: list[tuple[float, bool]], threshold: float) -> None:
    made = change(np.array([odds for odds, _ in rows]), np.array([gold for _, gold in rows]), threshold)
    assert 0.1 < made.slope < 10
    assert abs(made.shift) < 40
    assert 0 < made.threshold < 1


def test_labels_as_the_model_says_change_little() -> None:
    random = np.random.default_rng(2)
    odds = random.normal(0, 2, 400)
    made = change(odds, random.random(400) < sigmoid(odds), 0.5)
    assert made.slope == pytest.approx(1, abs=0.2)
    assert made.shift == pytest.approx(0, abs=0.4)


def posts(count: int) -> list[dict[str, object]]:
    """Posts that no model has seen; from `shop` nearly all are complaints, from `forum` hardly any."""
    return [
        {
            "text": f"order {chr(97 + n % 26)}{chr(97 + n // 26)} came {'broken' if n % 2 else 'quickly'}, number {n}",
            "lang": "en",
            "source": "shop" if n % 4 < 2 else "forum",
            "complaint": int(n % 4 < 2) if n % 8 else int(n % 4 >= 2),
        }
        for n in range(count)
    ]


@pytest.fixture(scope="module")
def calibrated(trained: tuple[Path, Card], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Card, Path]:
    directory = tmp_path_factory.mktemp("calibrated")
    file = directory / "labels.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in posts(160)), encoding="utf-8")
    out = directory / "tiny-8"
    return out, recalibrate(Order(model=trained[0], out=out, files=(str(file),)), silent), file


def test_the_card_tells_what_was_calibrated(calibrated: tuple[Path, Card, Path], trained: tuple[Path, Card]) -> None:
    out, card, _ = calibrated
    story = card.figures["calibrated"]
    assert (card.name, card.version, story["from"]) == ("tiny", "8", "tiny@7")
    assert set(story["by"]) == {"en", "en:shop", "en:forum"}
    assert story["by"]["en"]["posts"] == 160
    assert len(story["labels"][0]["sha256"]) == 64
    assert story["by"]["en:shop"]["after"]["brier"] < story["by"]["en:shop"]["before"]["brier"]
    assert (out / "weights.npz").read_bytes() == (trained[0] / "weights.npz").read_bytes()
    assert card.thresholds["ja"] == trained[1].thresholds["ja"]


def test_a_sources_own_calibration_holds_where_the_source_is_known(calibrated: tuple[Path, Card, Path]) -> None:
    classifier = load(calibrated[0])
    texts = ["order zz came quickly"] * 4 + ["返金して"]
    sources = ["shop", "forum", "elsewhere", None, "shop"]
    verdicts = classifier.verdicts(texts, sources=sources)
    assert verdicts[0].complaint > verdicts[1].complaint + 0.3
    assert verdicts[2] == verdicts[3] == classifier.verdicts(texts[:1])[0]


def test_posts_known_to_the_model_are_left_out(trained: tuple[Path, Card], small_corpus: Path, tmp_path: Path) -> None:
    order = Order(model=trained[0], out=tmp_path / "x-1", files=(str(small_corpus / "en.jsonl"),))
    with pytest.raises(InputError, match="too few"):
        recalibrate(order, silent)


def test_the_same_labels_make_the_same_card(
    calibrated: tuple[Path, Card, Path], trained: tuple[Path, Card], tmp_path: Path
) -> None:
    again = tmp_path / "tiny-8"
    recalibrate(Order(model=trained[0], out=again, files=(str(calibrated[2]),)), silent)
    assert (again / "card.json").read_bytes() == (calibrated[0] / "card.json").read_bytes()


@pytest.mark.skipif(not DATASETS.is_dir(), reason="the public sets are not on this machine")
def test_fifty_labels_improve_an_airline_that_the_model_never_heard() -> None:
    """en_us_airline trains no model of ours. Mean over 20 draws of 50 labels, judged on the rest."""
    classifier = load(cards.current(Path(__file__).resolve().parents[2] / "models"))
    with gzip.open(DATASETS / "en_us_airline.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines][::8]
    slope, shift = classifier.card.calibration["complaint"]["en"]
    threshold = classifier.card.thresholds["en"]
    odds = slope * classifier.recipe.decision([row["text"] for row in rows], ["en"] * len(rows)).complaint + shift
    gold = np.array([row["complaint"] == 1 for row in rows])
    found = []
    for seed in range(20):
        order = np.random.default_rng(seed).permutation(len(odds))
        made = change(odds[order[:50]], gold[order[:50]], threshold)
        rest, truth = odds[order[50:]], gold[order[50:]]
        found.append([judged(rest, truth, Change(1, 0, threshold)), judged(rest, truth, made)])
    before, after = np.mean(found, axis=0)
    assert after[0] < before[0]
    assert after[1] > before[1]


def judged(odds: np.ndarray, gold: np.ndarray, made: Change) -> tuple[float, float]:
    probability = made.probability(odds)
    return expected_calibration_error(gold, probability), macro_f1(gold.astype(float), probability >= made.threshold)


def test_a_language_that_the_model_does_not_read_is_left_out(
    trained: tuple[Path, Card], write: Write, tmp_path: Path
) -> None:
    english = tmp_path / "english-1"
    only = {"complaint": {"en": trained[1].calibration["complaint"]["en"]}, "churn": {}}
    cards.save_with_files(english, replace(trained[1], calibration=only, thresholds={"en": 0.5}), trained[0])
    more = [{"text": f"{n}番目の荷物が届かない", "lang": "ja", "complaint": 1} for n in range(40)]
    order = Order(model=english, out=tmp_path / "x-1", files=(str(write("both.jsonl", [*posts(60), *more])),))
    assert recalibrate(order, silent).figures["calibrated"]["posts"] == 60
    with pytest.raises(UsageError):
        recalibrate(replace(order, out=english), silent)
