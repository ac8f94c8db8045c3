"""A small corpus of our own posts, and models trained on it in passing."""

import json
from pathlib import Path

import pytest

from listener.classify.card import Card
from listener.lab.train import Order, train
from listener.types import LANGUAGES

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def small_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """70 single posts and 15 pairs a language."""
    directory = tmp_path_factory.mktemp("corpus")
    for lang in LANGUAGES:
        lines: list[str] = []
        for part, chosen in (("a", slice(0, None, 7)), ("c", slice(0, 30))):
            path = ROOT / "data" / "corpus" / f"{lang}-{part}.jsonl"
            lines += path.read_text(encoding="utf-8").splitlines()[chosen]
        (directory / f"{lang}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return directory


@pytest.fixture(scope="session")
def trained(small_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Card]:
    out = tmp_path_factory.mktemp("models") / "tiny-7"
    return out, train(Order(out=out, corpus=(small_corpus,), outside=False, seed=3))


@pytest.fixture
def write(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Records to a file of JSON Lines."""

    def make(name: str, records: list[dict[str, object]]) -> Path:
        path = tmp_path / name
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        return path

    return make
