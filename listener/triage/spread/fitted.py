"""The fitted parameters: where they lie, what they are, loaded once.

`fitted.json` holds the memory of the process, the calibration and where it all comes from; `forest.npz` the forest.
Both are made by `listener.lab.spreadfit` and hold nothing of anybody's posts but counts over many of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from listener.errors import ModelFormatError
from listener.triage.spread.cascade import Floats
from listener.triage.spread.forest import Forest
from listener.triage.spread.memory import Memory

HERE: Final = Path(__file__).parent
VERSION: Final = 1
TABLES: Final = ("ages", "sizes", "levels", "tolerance", "horizons")
HORIZONS: Final = (1, 6, 24)
"""Hours ahead for which the size is forecast besides the final one."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Set on cascades that the forest had not seen (conformal: Chernozhukov et al. 2021).

    `ages` (a,), `sizes` (s,): lower bounds of the bands, in seconds and in shares seen. `levels` (a, s, 2): the levels
    of the forest's distribution that bound the 90% interval. `tolerance` (a,): the median error, as a part of the true
    size. `horizons` (a, horizons, 3): 5%, 50%, 95% of (growth − mean) / deviation. `smallest`, `largest`: shares seen
    in the cascades that it was fitted on.
    """

    ages: Floats
    sizes: Floats
    levels: Floats
    tolerance: Floats
    horizons: Floats
    smallest: int
    largest: int

    def band(self, age: float, seen: int) -> tuple[int, int]:
        """Which row and column hold for a cascade."""
        row = int(np.searchsorted(self.ages, age, side="right")) - 1
        column = int(np.searchsorted(self.sizes, seen, side="right")) - 1
        return max(row, 0), max(column, 0)


@dataclass(frozen=True, slots=True)
class Fitted:
    """All parameters; `features` are the names that the forest was grown on, in order; `about` says from what."""

    features: tuple[str, ...]
    memory: Memory
    forest: Forest
    calibration: Calibration
    about: Mapping[str, Any]


@cache
def shipped() -> Fitted:
    """The parameters that come with listener. Raises ModelFormatError if they are damaged."""
    return read(HERE)


def read(directory: Path) -> Fitted:
    """Parameters as written by `write`. Raises ModelFormatError."""
    try:
        values = json.loads((directory / "fitted.json").read_text(encoding="utf-8"))
        if values["version"] != VERSION:
            raise ModelFormatError(str(directory), f"spread parameters of version {values['version']}, not {VERSION}")
        with np.load(directory / "forest.npz", allow_pickle=False) as arrays:
            forest = Forest.of(arrays)
        return Fitted(
            features=tuple(values["features"]),
            memory=Memory(**{name: np.array(rows) for name, rows in values["memory"].items()}),
            forest=forest,
            calibration=_calibration(values["calibration"]),
            about=values["about"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelFormatError(str(directory), f"spread parameters cannot be read ({type(error).__name__})") from error


def write(fitted: Fitted, directory: Path) -> None:
    """Saves the parameters; the same parameters give the same bytes."""
    calibration, memory = fitted.calibration, fitted.memory
    values = {
        "version": VERSION,
        "about": fitted.about,
        "features": fitted.features,
        "memory": {name: getattr(memory, name).tolist() for name in ("hours", "grid", "root", "reply")},
        "calibration": {name: getattr(calibration, name).tolist() for name in TABLES}
        | {"smallest": calibration.smallest, "largest": calibration.largest},
    }
    (directory / "fitted.json").write_text(json.dumps(values, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    with (directory / "forest.npz").open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **fitted.forest.arrays())


def _calibration(values: Mapping[str, Any]) -> Calibration:
    arrays = {name: np.array(values[name]) for name in TABLES}
    return Calibration(**arrays, smallest=int(values["smallest"]), largest=int(values["largest"]))
