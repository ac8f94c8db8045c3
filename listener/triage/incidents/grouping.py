"""Shares unhappy mentions out between incidents and ordinary days.

An incident is a source of mentions with an intensity that rises with its recent members and falls with time (a
self-exciting process), and with a likeness to its members. The brand's ordinary stream is a source too. A mention
belongs to the source that most probably sent it; the brand's surge itself is thereby evidence, in every language.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from listener.triage.incidents.kernels import likeness
from listener.triage.incidents.marks import Marks

Doubles = NDArray[np.float64]

MEMORIES: Final = np.array([0.5, 2.0, 8.0])
"""Hours over which members are remembered; the intensity is that of the memory that makes it highest."""
BRANCHING: Final = 0.8
"""Members that a member brings: below one, or an incident would live on ordinary complaints for ever."""
MIXTURE: Final = np.array([0.02, 0.0, 0.49, 0.49])
"""Weights of KERNELS in an incident's likeness; the first is for members like no other."""
_ROUNDS: Final = 4
_CLOSEST: Final = 80
"""Mentions that are shared out at once."""


def intensity(members: Doubles, weight: Doubles, at: float) -> float:
    """Members an hour that are to be expected at a time, by members at times before (seconds) of these weights."""
    if not len(members):
        return 0.0
    ages = np.abs(at - members) / 3600.0
    return float(((np.exp(-ages[None, :] / MEMORIES[:, None]) * weight).sum(axis=1) / MEMORIES).max()) * BRANCHING


def pull(ratios: Doubles, complaint: float) -> Doubles:
    """How much likelier a mention is as one of each other's incident than as an ordinary one (n,).

    `ratios` (kernels, n); `complaint`: its probability of a complaint against that of ordinary unhappy mentions.
    """
    return np.asarray(MIXTURE @ ratios * complaint, dtype=np.float64)


def share_out(marks: Marks, ordinary: Marks, seeds: NDArray[np.bool_], rates: Doubles, usual: float) -> Doubles:
    """The probability of each of `marks` to belong to the incident that `seeds` are the first guess of.

    `rates` (n,): ordinary unhappy mentions an hour at the time of each; `usual`: mean probability of a complaint among
    them. Expectation and maximisation, in a few rounds: who belongs decides how intense the incident was when, and
    what its mentions are like; these decide who belongs.
    """
    rows = np.arange(len(marks))[-_CLOSEST:]
    near = marks.take(rows)
    pulls = np.array(
        [pull(likeness(near.mark(row), near, ordinary), float(near.complaint[row]) / usual) for row in range(len(near))]
    )
    np.fill_diagonal(pulls, 0.0)
    hours = near.at / 3600.0
    closeness = (
        np.exp(-np.abs(hours[:, None] - hours[None, :])[None] / MEMORIES[:, None, None]) / MEMORIES[:, None, None]
    )
    for memory in closeness:
        np.fill_diagonal(memory, 0.0)
    belongs = seeds[rows].astype(np.float64)
    for _ in range(_ROUNDS):
        weight = belongs * near.share
        intense = (closeness @ weight).max(axis=0) * BRANCHING
        alike = pulls @ weight / max(float(weight.sum()), 1e-9)
        odds = intense * alike / np.maximum(rates[rows], 1e-6)
        belongs = odds / (1 + odds)
    found = np.zeros(len(marks))
    found[rows] = belongs
    return found
