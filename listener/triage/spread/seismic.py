"""SEISMIC: the self-exciting model of reshares by Zhao, Erdogdu, He, Rajaraman & Leskovec (KDD 2015), as published.

Each share exposes its sharer's followers, who react after a delay from a power-law memory kernel; the infectiousness
p, the probability that a reaction is a share, drifts and is estimated from the last shares, the latest weighing most.
Where nobody tells the sharers' followers, every sharer is given the same audience and the post's author a larger one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from listener.triage.spread.cascade import Cascade, Floats

CONSTANT: Final = 300.0
"""Seconds for which the kernel is flat, and `DECAY`, its exponent less one: both as measured on Twitter (section 4)."""

DECAY: Final = 0.242
AUTHOR: Final = 100.0
"""The author's audience in sharers' audiences; of 1, 10, 100 the one with the lowest error on Weibo."""

_LONGEST: Final = 7200.0
_SHORTEST: Final = 300.0
_STEPS: Final = 60
_SCALE: Final = DECAY / (CONSTANT * (1 + DECAY))


@dataclass(frozen=True, slots=True)
class Seismic:
    """`infectiousness` in shares per sharer's audience; `waiting`: audiences that will yet see what was shared."""

    seen: int
    infectiousness: float
    waiting: float

    def final(self, *, strength: float = 1.0, crowding: float = 1.0) -> float:
        """The final size; inf where the process would never end. `strength` and `crowding` are the paper's α and γ,
        factors fitted for each age."""
        branching = crowding * self.infectiousness
        if branching >= 1:
            return math.inf
        return self.seen + strength * self.infectiousness * self.waiting / (1 - branching)


def seismic(cascade: Cascade) -> Seismic:
    """Estimates the infectiousness at the cascade's age, and whom it still meets."""
    at = max(cascade.at, 1.0)
    born = np.concatenate(([0.0], cascade.seconds))
    audience = np.concatenate(([AUTHOR], np.ones(cascade.seen)))
    window = max(min(at / 2, _LONGEST), _SHORTEST)
    moments = np.linspace(max(at - window, 0.0), at, _STEPS)
    exposed = np.array([float(audience @ _kernel(moment - born)) for moment in moments])
    expected = float(np.trapezoid(exposed * (1 - (at - moments) / window), moments))
    weighted = float(np.maximum(1 - (at - cascade.seconds) / window, 0.0).sum())
    waiting = float(audience @ (1 - _reached(at - born)))
    return Seismic(cascade.seen, weighted / max(expected, 1e-9), waiting)


def _kernel(delay: Floats) -> Floats:
    """Density of a reaction after a delay."""
    tail = np.power(np.maximum(delay, CONSTANT) / CONSTANT, -1 - DECAY)
    return np.where(delay < 0, 0.0, _SCALE * tail)


def _reached(delay: Floats) -> Floats:
    """Part of the reactions that have come after a delay."""
    tail = 1 - np.power(np.maximum(delay, CONSTANT) / CONSTANT, -DECAY) / (1 + DECAY)
    return np.where(delay <= CONSTANT, _SCALE * np.maximum(delay, 0.0), tail)
