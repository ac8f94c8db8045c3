"""The encoder against a plain reading of its definition, post by post; its pieces against all ways to cut a word."""

from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.classify.encoder import MOST_PIECES, ORDERS, SPECIAL, Encoder, packed, spoken
from listener.classify.pieces import BLANK, Pieces

WORDS = [f"{BLANK}so", f"{BLANK}slow", "slow", "ly", *"abcdefghijklmnopqrstuvwxyz", BLANK]
SCORES = np.array([-3.0, -4.0, -5.0, -4.5, *[-7.0] * 26, -2.0], dtype=np.float32)
TEXTS = ["so slow", "", "slowly so slow a b c", "日本", "x" * 300]


def softplain(rows: Any, gain: Any, bias: Any) -> Any:
    return (rows - rows.mean(-1, keepdims=True)) / np.sqrt(rows.var(-1, keepdims=True) + 1e-12) * gain + bias


def plainly(arrays: dict[str, Any], ids: list[int]) -> Any:
    """One post, every convolution written out."""
    part = {
        name: array * arrays[f"{name}.scale"] if array.dtype == np.int8 else array
        for name, array in arrays.items()
        if not name.endswith("scale")
    }
    known = arrays["table"][ids] * arrays["table.scale"][ids, :1] + arrays["table.scale"][ids, 1:]
    lead = softplain(known @ part["project"] + part["project.bias"], part["lead.gain"], part["lead.bias"])
    columns = [known]
    for number, (size, before) in enumerate(ORDERS):
        rows = lead[:, number * 256 : (number + 1) * 256]
        for layer in ("first", "second"):
            padded = np.vstack([np.zeros((before, 256)), rows, np.zeros((size - 1 - before, 256))])
            windows = np.stack([padded[at : at + size].ravel() for at in range(len(rows))])
            rows = np.maximum(windows @ part[f"{layer}.{size}"] + part[f"{layer}.{size}.bias"], 0) + rows
        columns.append(rows)
    tokens = softplain(np.hstack(columns), part["join.gain"], part["join.bias"])
    mean = (tokens.sum(0) @ part["sum"] + len(ids) * part["sum.bias"]) / np.sqrt(len(ids))
    low = np.maximum(mean @ part["deep.0"], 0)
    middle = np.maximum(mean @ part["pass.1"] + low @ part["deep.1"], 0)
    high = np.tanh(middle @ part["pass.3"] + np.maximum(middle @ part["deep.2"], 0) @ part["deep.3"])
    seen = np.concatenate([high / np.linalg.norm(high), middle, mean])
    return (seen - part["usual.mean"]) / part["usual.deviation"]


def test_features_are_those_of_the_definition(encoder_arrays: dict[str, Any]) -> None:
    found = Encoder(encoder_arrays).features(TEXTS)
    pieces = Pieces(bytes(encoder_arrays["pieces"]).decode().split("\n"), encoder_arrays["scores"])
    for at, text in enumerate(spoken(TEXTS)):
        ids = [1, *[number + SPECIAL - 1 if number else 0 for number in pieces.cut(text, MOST_PIECES)], 2]
        assert np.allclose(found[at], plainly(encoder_arrays, ids), atol=5e-3)


def test_company_does_not_change_features(encoder_arrays: dict[str, Any]) -> None:
    encoder = Encoder(encoder_arrays)
    together = encoder.features(TEXTS * 40)
    alone = np.vstack([encoder.features([text]) for text in TEXTS])
    assert np.allclose(together, np.tile(alone, (40, 1)), atol=2e-3)


@pytest.mark.parametrize("name", ["table", "table.scale", "sum", "sum.bias"])
def test_parts_that_do_not_fit_are_refused(encoder_arrays: dict[str, Any], name: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        Encoder({**encoder_arrays, name: encoder_arrays[name][:, :1] if "bias" not in name else np.zeros(3)})
    with pytest.raises(KeyError):
        Encoder({key: value for key, value in encoder_arrays.items() if key != name})


@given(st.text("solwy", min_size=1, max_size=9))
def test_a_word_is_cut_where_its_pieces_are_most_probable(word: str) -> None:
    known = dict(zip(WORDS, SCORES.tolist(), strict=True))
    given_word = BLANK + word
    places = range(1, len(given_word))
    ways = [
        [given_word[a:b] for a, b in pairwise([0, *inner, len(given_word)])]
        for count in range(len(given_word))
        for inner in combinations(places, count)
    ]
    best = max(sum(known[piece] for piece in way) for way in ways if all(piece in known for piece in way))
    found = [WORDS[number - 1] for number in Pieces(WORDS, SCORES).cut(word, 99)]
    assert "".join(found) == given_word
    assert sum(known[piece] for piece in found) == pytest.approx(best)


def test_what_no_piece_covers_is_unknown() -> None:
    assert Pieces(WORDS, SCORES).cut("é", 9) == [WORDS.index(BLANK) + 1, 0]


def test_of_a_long_text_beginning_and_end_are_read() -> None:
    pieces = Pieces(WORDS, SCORES)
    long = pieces.cut("a " * 50 + "z", 9)
    assert len(long) == 9
    assert long[0] == pieces.cut("a", 9)[0]
    assert long[-1] == pieces.cut("z", 9)[-1]


def test_packing_keeps_a_matrix_within_half_a_step() -> None:
    weights = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
    made = packed("w", weights)
    assert np.abs(made["w"] * made["w.scale"] - weights).max() <= made["w.scale"].max() / 2 + 1e-6
