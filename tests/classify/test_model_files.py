"""Model directories: what was saved is what is loaded, and nothing else is loaded at all."""

import io
import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from listener.classify import card as cards
from listener.classify import load
from listener.classify.card import Card
from listener.classify.recipes.linear import Linear
from listener.errors import ModelError, ModelFormatError, ModelTamperedError


def test_a_saved_model_gives_the_same_verdicts(model_dir: Path, small: Linear, small_card: Card) -> None:
    first, second = load(model_dir), load(model_dir)
    texts = ["my parcel never came", "荷物が届かない", "快递没到", "thanks, great"]
    assert first.name == "small@1"
    assert first.verdicts(texts, explain=True) == second.verdicts(texts, explain=True)


def test_the_same_model_is_saved_as_the_same_bytes(tmp_path: Path, small: Linear, small_card: Card) -> None:
    for name in ("one", "two"):
        cards.save(tmp_path / name, small_card, small.to_arrays())
    for file in ("weights.npz", "card.json"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_one_changed_byte_is_refused(model_dir: Path) -> None:
    weights = model_dir / "weights.npz"
    packed = bytearray(weights.read_bytes())
    packed[len(packed) // 2] ^= 1
    weights.write_bytes(packed)
    with pytest.raises(ModelTamperedError):
        load(model_dir)


def edit(model_dir: Path, change: Callable[[dict[str, Any]], None]) -> None:
    card = json.loads((model_dir / "card.json").read_text())
    change(card)
    (model_dir / "card.json").write_text(json.dumps(card))


@pytest.mark.parametrize(
    "change",
    [
        lambda card: card.update(format=99),
        lambda card: card.update(recipe="os"),
        lambda card: card.update(recipe=["linear"]),
        lambda card: card.pop("config"),
        lambda card: card.update(config={}),
        lambda card: card.update(surprise=1),
        lambda card: card.update(thresholds={"en": "high"}),
        lambda card: card.update(calibration={"complaint": {"en": []}}),
        lambda card: card.update(files=None),
        lambda card: card["config"]["spec"].update(char_bits=20),
        lambda card: card["config"]["spec"].update(char_bits=-1),
        lambda card: card["config"]["experts"].update(en=7),
    ],
)
def test_a_card_of_another_form_is_refused(model_dir: Path, change: Callable[[dict[str, Any]], None]) -> None:
    edit(model_dir, change)
    with pytest.raises(ModelFormatError):
        load(model_dir)


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"format": 1}', "\udc80"])
def test_what_is_no_card_is_refused(model_dir: Path, text: str) -> None:
    (model_dir / "card.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ModelFormatError):
        load(model_dir)


def test_an_empty_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFormatError, match="no listener model"):
        load(tmp_path)


class Bomb:
    def __reduce__(self) -> Any:
        return (Path.touch, (Path("exploded"),))


@pytest.mark.parametrize("kind", ["pickle", "object array", "noise"])
def test_no_file_is_ever_unpickled(model_dir: Path, kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    buffer = io.BytesIO()
    if kind == "pickle":
        buffer.write(pickle.dumps(Bomb()))
    elif kind == "object array":
        np.savez(buffer, **{"en.bias": np.array([Bomb()], dtype=object)})
    else:
        buffer.write(b"PK\x03\x04 nothing")
    (model_dir / "weights.npz").write_bytes(buffer.getvalue())
    import hashlib

    edit(model_dir, lambda card: card["files"].update({"weights.npz": hashlib.sha256(buffer.getvalue()).hexdigest()}))
    with pytest.raises(ModelError):
        load(model_dir)
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize("name", ["../elsewhere", "", "a/b", "/etc"])
def test_the_pointer_names_a_directory_beside_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "CURRENT").write_text(name)
    with pytest.raises(ModelFormatError):
        cards.current(tmp_path)


def test_scoring_needs_no_training_libraries(model_dir: Path) -> None:
    """The worker stays small: neither loading nor scoring nor evidence imports them."""
    code = (
        "import sys; from pathlib import Path; from listener.classify import load;"
        f"load(Path({str(model_dir)!r})).verdicts(['遅い', '很慢', 'so slow'], explain=True);"
        "print([m for m in ('sklearn', 'scipy', 'pandas', 'spacy', 'rich') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
