"""A small sentence encoder for the posts that word counts leave open: numpy alone, some two milliseconds a post.

The convolutional Universal Sentence Encoder, multilingual (Yang et al. 2020, aclanthology.org/2020.acl-demos.12): piece
embeddings; convolutions over two, three and five pieces, each of two layers with a bypass; sums over the post; a small
deep network. It was trained by others on other texts and stays as it is; `listener.lab.encoder` says where it comes
from. Posts of a batch lie in one flat array with empty rows between them, so that a convolution is a few products of
matrices without any padding to the longest.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from listener.classify.pieces import Pieces

Floats = NDArray[np.float32]

MOST_PIECES: Final = 128
"""Of a longer post its beginning and its last third are read."""
SPECIAL: Final = 3
"""Rows of the table before the first piece: unknown, begin, end."""
ORDERS: Final = ((2, 0), (3, 1), (5, 2))
"""Pieces that a convolution sees, and how many of them lie before the one it is at."""
_GAP: Final = 4
_WIDTH: Final = 256
_KNOWN, _MEAN, _DEEP = 512, 512, 320
"""Numbers that stand for a piece, for a post by its sum, for a post inside the deep network."""
WIDTH: Final = 2 * _MEAN + _DEEP
"""Numbers that stand for a post: what the deep network ends with, its middle, and what it was given."""
_STANDARD: Final = ("gain", "bias")
_BATCH: Final = 1500
_LONGEST: Final = 1200


class Encoder:
    """Loaded weights. Thread-safe but for a cache of words, which may be filled twice."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """`arrays` as `listener.lab.encoder` writes them. Raises KeyError, ValueError if parts do not fit."""
        self._arrays = arrays
        words = bytes(arrays["pieces"].tobytes()).decode("utf-8").split("\n")
        self._pieces = Pieces(words, arrays["scores"].astype(np.float32))
        self._table: NDArray[np.uint8] = arrays["table"]
        self._scale = arrays["table.scale"].astype(np.float32)
        rows = len(words) + SPECIAL
        if self._table.shape != (rows, _KNOWN) or self._table.dtype != np.uint8 or self._scale.shape != (rows, 2):
            raise ValueError("the encoder's table does not fit its pieces")
        self._part = {name: _unpacked(arrays, name, shape) for name, shape in _shapes().items()}

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """What it was made from."""
        return self._arrays

    def features(self, texts: Sequence[str]) -> Floats:
        """(n, WIDTH) numbers for texts as given, each column of mean 0 and deviation 1 over usual posts."""
        found = np.zeros((len(texts), WIDTH), dtype=np.float32)
        cut = (self._pieces.cut(text, MOST_PIECES) for text in spoken(texts))
        rows = [[1, *[at + SPECIAL - 1 if at else 0 for at in ids], 2] for ids in cut]
        for chosen in _batches([len(row) for row in rows]):
            found[chosen] = self._read([rows[at] for at in chosen.tolist()])
        return found

    def _read(self, rows: Sequence[Sequence[int]]) -> Floats:
        part = self._part
        lengths = np.array([len(row) for row in rows])
        ends = np.cumsum(lengths + _GAP)
        starts = ends - lengths - _GAP
        inside = np.ones(int(ends[-1]), dtype=bool)
        inside[(ends[:, None] - np.arange(1, _GAP + 1)).ravel()] = False
        ids = np.concatenate([np.asarray(row) for row in rows])
        used, place = np.unique(ids, return_inverse=True)
        known = self._table[used] * self._scale[used, :1] + self._scale[used, 1:]
        projected = _standard((known @ part["project"] + part["project.bias"]), part["lead.gain"], part["lead.bias"])
        tokens = np.empty((len(ids), part["join.gain"].shape[0]), dtype=np.float32)
        tokens[:, : known.shape[1]] = known[place]
        flat = np.zeros((len(inside), _WIDTH), dtype=np.float32)
        for number, (order, before) in enumerate(ORDERS):
            columns = slice(number * _WIDTH, (number + 1) * _WIDTH)
            flat[inside] = projected[place, columns]
            for layer in ("first", "second"):
                raised = _convolved(flat, part[f"{layer}.{order}"], part[f"{layer}.{order}.bias"], order, before)
                np.maximum(raised, 0, out=raised)
                raised += flat
                raised[~inside] = 0
                flat = raised
            tokens[:, known.shape[1] + number * _WIDTH :][:, :_WIDTH] = flat[inside]
        tokens = _standard(tokens, part["join.gain"], part["join.bias"])
        begins = starts - _GAP * np.arange(len(rows))
        return self._thought(np.add.reduceat(tokens, begins), lengths)

    def _thought(self, total: Floats, lengths: NDArray[Any]) -> Floats:
        part, count = self._part, lengths[:, None].astype(np.float32)
        mean = np.asarray((total @ part["sum"] + count * part["sum.bias"]) / np.sqrt(count), dtype=np.float32)
        low = _positive(mean @ part["deep.0"])
        middle = _positive(mean @ part["pass.1"] + low @ part["deep.1"])
        high = np.tanh(middle @ part["pass.3"] + _positive(middle @ part["deep.2"]) @ part["deep.3"])
        high /= np.sqrt((high**2).sum(axis=1, keepdims=True)) + np.float32(1e-12)
        seen = np.concatenate([high, middle, mean], axis=1)
        return np.asarray((seen - part["usual.mean"]) / part["usual.deviation"], dtype=np.float32)


def spoken(texts: Sequence[str]) -> Iterator[str]:
    """Texts as given, as the encoder was taught to read them: NFKC, in their own case; of endless ones both ends."""
    for text in texts:
        cut = text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]} {text[-_LONGEST // 2 :]}"
        yield unicodedata.normalize("NFKC", cut)


def _convolved(flat: Floats, weights: Floats, bias: Floats, order: int, before: int) -> Floats:
    """Each row from itself, `before` rows above and the rest below; rows beyond the ends are zero."""
    count = len(flat)
    total = np.empty_like(flat)
    total[:] = bias
    for at in range(order):
        shift = at - before
        product = flat @ weights[at * _WIDTH : (at + 1) * _WIDTH]
        if shift < 0:
            total[-shift:] += product[:shift]
        else:
            total[: count - shift] += product[shift:]
    return total


def _standard(rows: Floats, gain: Floats, bias: Floats) -> Floats:
    """Layer normalisation."""
    rows = rows - rows.mean(axis=1, keepdims=True)
    spread = np.sqrt(np.einsum("ij,ij->i", rows, rows) / np.float32(rows.shape[1]) + np.float32(1e-12))
    rows /= spread[:, None]
    rows *= gain
    rows += bias
    return rows


def _positive(rows: Floats) -> Floats:
    return np.maximum(rows, np.float32(0))


def _batches(lengths: Sequence[int]) -> Iterator[NDArray[np.int64]]:
    """Rows in the order given, so many at a time that the working set stays in the cache."""
    start = size = 0
    for at, length in enumerate(lengths):
        if at > start and size + length > _BATCH:
            yield np.arange(start, at)
            start, size = at, 0
        size += length + _GAP
    if start < len(lengths):
        yield np.arange(start, len(lengths))


def packed(name: str, weights: Floats) -> dict[str, NDArray[Any]]:
    """A matrix in eight bits with a scale for each column; anything smaller as it is."""
    if weights.ndim < 2:
        return {name: weights.astype(np.float32)}
    scale = np.maximum(np.abs(weights).max(axis=0), 1e-9) / 127
    return {name: np.rint(weights / scale).astype(np.int8), f"{name}.scale": scale.astype(np.float32)}


def _unpacked(arrays: Mapping[str, NDArray[Any]], name: str, shape: tuple[int, ...]) -> Floats:
    weights = arrays[name]
    if weights.shape != shape or weights.dtype not in (np.int8, np.float32):
        raise ValueError(f"the encoder's {name} is {weights.dtype} {weights.shape} and should be {shape}")
    return np.asarray(weights * arrays[f"{name}.scale"] if weights.dtype == np.int8 else weights, dtype=np.float32)


def _shapes() -> dict[str, tuple[int, ...]]:
    """Of all parts, by name."""
    lead, join = _WIDTH * len(ORDERS), _KNOWN + _WIDTH * len(ORDERS)
    shapes: dict[str, tuple[int, ...]] = {"project": (_KNOWN, lead), "sum": (join, _MEAN)}
    shapes |= {f"{layer}.{size}": (size * _WIDTH, _WIDTH) for layer in ("first", "second") for size, _ in ORDERS}
    shapes |= {f"{name}.bias": shape[1:] for name, shape in shapes.items()}
    shapes |= {f"{place}.{kind}": (size,) for place, size in (("lead", lead), ("join", join)) for kind in _STANDARD}
    deep = ((_MEAN, _DEEP), (_DEEP, _DEEP), (_DEEP, _MEAN), (_MEAN, _MEAN))
    shapes |= {f"deep.{at}": shape for at, shape in enumerate(deep)}
    shapes |= {"usual.mean": (WIDTH,), "usual.deviation": (WIDTH,)}
    return shapes | {"pass.1": (_MEAN, _DEEP), "pass.3": (_DEEP, _MEAN)}
