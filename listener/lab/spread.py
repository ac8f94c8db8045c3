"""Measures the spread forecast on cascades that no fitting has seen, beside what it has to beat.

A fifth of the cascades, told by a hash of the id, is held out. `evaluate` fits the recipe on the rest and measures on
that fifth; `cross_validate` does the same in five parts of the rest, for choosing the recipe; `ship` fits on all
cascades and writes the parameters that come with listener.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from listener.errors import InputError
from listener.lab.catalogue import data_directory
from listener.lab.spread_fit import RECIPE, SHARES, Recipe, cut, fit
from listener.lab.spread_rivals import RIVALS
from listener.triage.spread.cascade import Cascade, Floats, observe
from listener.triage.spread.fitted import HERE, Fitted, write
from listener.triage.spread.forecast import forecast_all

FILE: Final = Path("streams") / "weibo_cascades.jsonl.gz"
AGES: Final = (600, 1800, 3600)
HELD_OUT: Final = 0.2
_WHOLE: Final = 1e12
_DRAWS: Final = 2000
ABOUT: Final = {
    "data": "public repost cascades of Weibo posts, 2010 to 2014 (streams/weibo_cascades)",
    "licence": "none stated: 'weights' (fitted parameters only; no text, no record, no single cascade is kept)",
    "fitted_by": "listener.lab.spread.ship",
    "holds_for": "cascades that reached about a hundred to a thousand shares; ages of minutes to weeks",
}


def cascades(path: Path | None = None) -> list[Cascade]:
    """All cascades of a file, each to its end; bad records are left out. Raises InputError if there is no file."""
    directory = data_directory(None)
    file = path or (directory / FILE if directory else FILE)
    try:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            found = [observe(json.loads(line), _WHOLE).cascade for line in lines if line.strip()]
    except (OSError, ValueError) as error:
        raise InputError(str(file), f"cannot be read ({type(error).__name__})") from error
    return [cascade for cascade in found if cascade is not None]


def is_held_out(cascade: Cascade) -> bool:
    """Whether the cascade belongs to the fifth that only measures; the same everywhere and forever."""
    digest = hashlib.sha256(f"hold-out\n{cascade.id}".encode()).digest()
    return int.from_bytes(digest[:8]) % 1000 < HELD_OUT * 1000


def evaluate(path: Path | None = None, recipe: Recipe = RECIPE) -> dict[str, Any]:
    """Errors and coverage on the held-out fifth; about two minutes. The recipe is fitted on the rest for it.

    `known`, `held_out`: numbers of cascades. `ages`: a key for each of AGES in seconds, with `n`; `model`, `constant`,
    `gbr12`, `seismic`: median absolute percentage errors, as parts; `ratio`: model over constant, `ratio_low`,
    `ratio_high` its 95% bootstrap interval over cascades; `coverage` of the 90% intervals; `below`, `above`: parts of
    the sizes that lie outside on either side.
    """
    whole = cascades(path)
    known = [cascade for cascade in whole if not is_held_out(cascade)]
    asked = [cascade for cascade in whole if is_held_out(cascade)]
    return _told(len(known), len(asked), [_judge(known, asked, recipe)])


def cross_validate(path: Path | None = None, recipe: Recipe = RECIPE, parts: int = 5) -> dict[str, Any]:
    """The same in parts of the cascades that are not held out, each measured once: for choosing the recipe."""
    known = [cascade for cascade in cascades(path) if not is_held_out(cascade)]
    part = np.random.default_rng(1).permutation(len(known)) % parts
    judged = []
    for number in range(parts):
        rest = [cascade for cascade, where in zip(known, part, strict=True) if where != number]
        back = [cascade for cascade, where in zip(known, part, strict=True) if where == number]
        judged.append(_judge(rest, back, recipe))
    return _told(len(known), len(known), judged)


def ship(directory: Path = HERE, path: Path | None = None, recipe: Recipe = RECIPE) -> Fitted:
    """Measures the recipe in both ways, fits it on all cascades and writes the parameters."""
    whole = cascades(path)
    about = {**ABOUT, "cascades": len(whole), "measured": evaluate(path, recipe)}
    about["cross_validated"] = {key: value for key, value in cross_validate(path, recipe).items() if key != "held_out"}
    fitted = fit(whole, about, recipe)
    write(fitted, directory)
    return fitted


@dataclass(frozen=True, slots=True)
class _Judged:
    """Of one age: final sizes, intervals, and absolute percentage errors by the name of who made them."""

    final: Floats
    low: Floats
    high: Floats
    misses: Mapping[str, Floats]


def _judge(known: Sequence[Cascade], asked: Sequence[Cascade], recipe: Recipe) -> dict[int, _Judged]:
    """Everybody learns from `known` and answers for `asked`, at each age."""
    fitted = fit(known, ABOUT, recipe)
    judged = {}
    for at in AGES:
        (then, sizes), (states, final) = _at(known, at), _at(asked, at)
        forecasts = forecast_all(states, fitted)
        predicted, low, high = np.array([(f.predicted, f.low, f.high) for f in forecasts], dtype=np.float64).T
        misses = {"model": _misses(predicted, final)}
        misses |= {name: _misses(rival(then, sizes, states), final) for name, rival in RIVALS.items()}
        judged[at] = _Judged(final, low, high, misses)
    return judged


def _at(whole: Sequence[Cascade], at: float) -> tuple[list[Cascade], Floats]:
    """The cascades as they stood at an age, where enough was seen, and their final sizes."""
    both = [(known, cascade.seen) for cascade in whole if (known := cut(cascade, at)).seen >= SHARES]
    return [known for known, _ in both], np.array([final for _, final in both], dtype=np.float64)


def _told(known: int, held_out: int, judged: Sequence[Mapping[int, _Judged]]) -> dict[str, Any]:
    return {"known": known, "held_out": held_out, "ages": {str(at): _figures([j[at] for j in judged]) for at in AGES}}


def _figures(parts: Sequence[_Judged]) -> dict[str, Any]:
    """The figures of one age, all parts together."""
    final, low, high = (np.concatenate([getattr(part, name) for part in parts]) for name in ("final", "low", "high"))
    misses = {name: np.concatenate([part.misses[name] for part in parts]) for name in parts[0].misses}
    ratios = _bootstrap(misses["model"], misses["constant"])
    values = {name: float(np.median(miss)) for name, miss in misses.items()}
    values |= {
        "ratio": values["model"] / values["constant"],
        "ratio_low": float(np.quantile(ratios, 0.025)),
        "ratio_high": float(np.quantile(ratios, 0.975)),
        "coverage": float(((low <= final) & (final <= high)).mean()),
        "below": float((final < low).mean()),
        "above": float((final > high).mean()),
    }
    return {"n": len(final), **{name: round(value, 4) for name, value in values.items()}}


def _misses(predicted: Floats, final: Floats) -> Floats:
    return np.asarray(np.abs(predicted - final) / final)


def _bootstrap(one: Floats, other: Floats) -> npt.NDArray[np.float64]:
    """Ratios of the medians over cascades drawn with replacement, the same ones for both."""
    random = np.random.default_rng(0)
    drawn = random.integers(0, len(one), (_DRAWS, len(one)))
    return np.asarray(np.median(one[drawn], axis=1) / np.median(other[drawn], axis=1))
