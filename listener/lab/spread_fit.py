"""Fits the spread forecast: the memory of the process, the forest, and its calibration on cascades not seen.

Each cascade is looked at as it stood at many ages, from minutes to weeks. The forest is extremely randomised trees:
split on classes of growth, each leaf keeping the finer histogram. Calibration is by cross-fitting: whole cascades are
held back in turn, so that levels and tolerances are those of cascades that the forest has not seen at any age.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from listener.triage.spread.cascade import ROOT, Cascade, Floats, Ints
from listener.triage.spread.features import features
from listener.triage.spread.fitted import HORIZONS, Calibration, Fitted
from listener.triage.spread.forecast import LEAST_DEVIATION
from listener.triage.spread.forest import FULL, LEAF, Forest, coded, level, most_hits
from listener.triage.spread.memory import DAY, HOUR, ZONE, Memory

SHARES: Final = 10
"""The forecast is for cascades of which so many shares were seen."""

_SHARES_GROWN: Final = 5
"""The forest also learns from cascades of which fewer were seen."""

EDGES: Final = np.array(
    [0, .01, .02, .04, .06, .08, .1, .13, .16, .2, .25, .3, .4, .5, .6, .7, .8, .9, 1, 1.15, 1.3, 1.45, 1.6, 1.8, 2,
     2.2, 2.4, 2.7, 3, 3.4, 3.9, 4.5, 6]
)  # fmt: skip
_CLASSES: Final = np.array([0.05, 0.1, 0.2, 0.4, 0.8, 1.2, 1.6, 2, 2.4, 2.8, 3.2, 3.6])
_EARLY: Final = (100.0, 12 * HOUR, 15)
_LATE: Final = (DAY, 60 * DAY, 6)
_AGES: Final = np.array([0, 900, 2700, 2 * HOUR, 8 * HOUR, DAY, 4 * DAY])
_SIZES: Final = np.array([0, 30, 100])
_FEW: Final = 150
"""Rows in a band below which the band takes the levels of its whole age."""
_OUTER: Final = (0.05, 0.95)
_START: Final = 0.33
_FINEST: Final = 0.01


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the forest is grown; `folds` of the cross-fitting."""

    trees: int = 60
    leaf: int = 20
    part: float = 0.8
    folds: int = 5


RECIPE: Final = Recipe()


@dataclass(frozen=True, slots=True)
class Rows:
    """Cascades at ages: `inputs` (n, features), `owner` (n,) index of the cascade, `ages`, `seen`, `final` (n,),
    `growth` (n,) and `within` (n, horizons): log((later + 1) / (seen + 1))."""

    inputs: Floats
    owner: Ints
    ages: Floats
    seen: Ints
    final: Ints
    growth: Floats
    within: Floats


def fit(cascades: Sequence[Cascade], about: dict[str, Any], recipe: Recipe = RECIPE) -> Fitted:
    """All parameters from whole cascades (observed to their end); the same cascades give the same parameters."""
    memory = remember(cascades)
    rows = look(cascades, memory)
    forest = grow(rows, np.ones(len(cascades), dtype=bool), recipe)
    names = tuple(features(cascades[0], memory))
    largest = max(cascade.seen for cascade in cascades)
    return Fitted(names, memory, forest, calibrate(rows, recipe, largest), about)


def remember(cascades: Sequence[Cascade]) -> Memory:
    """The clock of the day, and how delays are distributed on it; every cascade counts the same."""
    hours = np.zeros(24)
    for cascade in cascades:
        # Not the first hours, which only tell when people post; not the last years, which are a few odd cascades.
        settled = cascade.seconds[(cascade.seconds > 6 * HOUR) & (cascade.seconds < 10 * DAY)]
        if cascade.posted_at is not None and len(settled):
            hour = (cascade.posted_at.timestamp() + ZONE + settled) // HOUR % 24
            hours += np.bincount(hour.astype(np.int64), minlength=24) / cascade.seen
    hours = np.maximum(hours / max(hours.mean(), 1e-9), 0.15)
    grid = np.concatenate(([0.0], np.round(np.geomspace(20, 3e7, 60))))
    clock = Memory(np.round(hours / hours.mean(), 4), grid, grid, grid)
    root: list[tuple[Floats, float]] = []
    reply: list[tuple[Floats, float]] = []
    for cascade in cascades:
        if cascade.seen:
            at_root = cascade.parents == ROOT
            active = clock.active(cascade.posted_at, cascade.seconds)
            root.append((active[at_root], 1 / cascade.seen))
            reply.append((active[~at_root] - active[cascade.parents[~at_root]], 1 / cascade.seen))
    return replace(clock, root=_reached(root, grid), reply=_reached(reply, grid))


def _reached(delays: Sequence[tuple[Floats, float]], grid: Floats) -> Floats:
    """The weighted share of delays up to each point of the grid."""
    values = np.concatenate([some for some, _ in delays])
    weights = np.concatenate([np.full(len(some), weight) for some, weight in delays])
    order = np.argsort(values, kind="stable")
    reached = np.interp(grid, values[order], np.cumsum(weights[order]) / max(weights.sum(), 1e-9))
    return np.asarray(np.round(reached, 5))


def cut(cascade: Cascade, at: float) -> Cascade:
    """The cascade as it stood at an age."""
    seen = int(np.searchsorted(cascade.seconds, at, side="right"))
    return replace(cascade, at=at, seconds=cascade.seconds[:seen], parents=cascade.parents[:seen])


def look(cascades: Sequence[Cascade], memory: Memory, ages_of: Callable[[Cascade], Floats] | None = None) -> Rows:
    """Every cascade at its ages, where enough was seen."""
    inputs, facts = [], []
    for owner, cascade in enumerate(cascades):
        for at in (ages_of or _ages)(cascade):
            known = cut(cascade, float(at))
            if known.seen >= _SHARES_GROWN:
                later = [int(np.searchsorted(cascade.seconds, at + hours * HOUR, side="right")) for hours in HORIZONS]
                inputs.append(list(features(known, memory).values()))
                facts.append((owner, float(at), known.seen, cascade.seen, *later))
    table = np.array(facts, dtype=np.float64).reshape(-1, 4 + len(HORIZONS))
    growth = np.log((table[:, 3:] + 1) / (table[:, 2:3] + 1))
    owner_, seen, final = (table[:, column].astype(np.int64) for column in (0, 2, 3))
    return Rows(np.array(inputs), owner_, table[:, 1], seen, final, growth[:, 0], growth[:, 1:])


def _ages(cascade: Cascade) -> Floats:
    """Ages spread over minutes to weeks, shifted at random for each cascade, and the three that are asked for most."""
    random = np.random.default_rng(int.from_bytes(hashlib.sha256(b"ages\n" + cascade.id.encode()).digest()[:4]))
    parts = []
    for first, last, steps in (_EARLY, _LATE):
        ratio = (last / first) ** (1 / (steps - 1))
        parts.append(np.geomspace(first, last, steps) * ratio ** (random.random(steps) - 0.5))
    return np.concatenate([[600.0, 1800.0, 3600.0], *parts])


def grow(rows: Rows, of: npt.NDArray[np.bool_], recipe: Recipe) -> Forest:
    """The forest of the cascades marked in `of`."""
    from sklearn.tree import ExtraTreeClassifier

    chosen = np.flatnonzero(of[rows.owner])
    inputs = rows.inputs[chosen].astype(np.float32)
    growth, within = rows.growth[chosen], rows.within[chosen]
    classes = np.searchsorted(_CLASSES, growth, side="right")
    trees = []
    for number in range(recipe.trees):
        grower = ExtraTreeClassifier(min_samples_leaf=recipe.leaf, max_features=recipe.part, random_state=number)
        trees.append(_tree(grower.fit(inputs, classes).tree_, inputs, growth, within))
    return _planted(trees)


def _tree(tree: Any, inputs: npt.NDArray[np.float32], growth: Floats, within: Floats) -> Forest:
    """One tree of scikit-learn, which puts a node's left child right behind it, as a forest of one."""
    leaf = tree.children_left < 0
    row = np.cumsum(leaf) - 1
    held = row[tree.apply(inputs)]
    bins = np.clip(np.searchsorted(EDGES, growth, side="right") - 1, 0, len(EDGES) - 2)
    mean, deviation = _moments(held, within)
    return Forest(
        roots=np.zeros(1, dtype=np.int32),
        feature=np.where(leaf, LEAF, tree.feature).astype(np.uint8),
        threshold=tree.threshold.astype(np.float32),
        right=np.where(leaf, row, tree.children_right).astype(np.int32),
        edges=EDGES,
        mass=_histogram(held, bins),
        mean=coded(mean),
        deviation=coded(deviation),
    )


def _planted(trees: Sequence[Forest]) -> Forest:
    """Forests of one tree as one forest."""
    nodes = np.cumsum([0, *(len(tree.feature) for tree in trees)])
    leaves = np.cumsum([0, *(len(tree.mass) for tree in trees)])
    right = [
        tree.right + np.where(tree.feature == LEAF, leaf, node).astype(np.int32)
        for tree, node, leaf in zip(trees, nodes, leaves, strict=False)
    ]
    joined = {name: np.concatenate([getattr(tree, name) for tree in trees]) for name in _JOINED}
    return Forest(**joined, roots=nodes[:-1].astype(np.int32), right=np.concatenate(right), edges=EDGES)


_JOINED: Final = ("feature", "threshold", "mass", "mean", "deviation")


def _histogram(leaf: Ints, bins: Ints) -> npt.NDArray[np.uint8]:
    counts = np.zeros((int(leaf.max()) + 1, len(EDGES) - 1))
    np.add.at(counts, (leaf, bins), 1.0)
    return np.asarray(np.round(FULL * counts / counts.sum(axis=1, keepdims=True)), dtype=np.uint8)


def _moments(leaf: Ints, values: Floats) -> tuple[Floats, Floats]:
    """Mean and deviation of each column in each leaf; no leaf is empty."""
    count = np.bincount(leaf)[:, None]
    first, second = (np.stack([np.bincount(leaf, column**power) for column in values.T], axis=1) for power in (1, 2))
    mean = first / count
    return mean, np.sqrt(np.maximum(second / count - mean**2, 0.0))


def calibrate(rows: Rows, recipe: Recipe, largest: int) -> Calibration:
    """Levels, tolerances and horizons from cascades that the forest had not seen."""
    mass, scaled = _crossfit(rows, recipe)
    growth = np.minimum(rows.growth, EDGES[-1])
    reached = np.array([level(EDGES, one, grown) for one, grown in zip(mass, growth, strict=True)])
    levels = np.zeros((len(_AGES), len(_SIZES), 2))
    tolerance = np.zeros(len(_AGES))
    horizons = np.zeros((len(_AGES), len(HORIZONS), 3))
    age = np.searchsorted(_AGES, rows.ages, side="right") - 1
    size = np.searchsorted(_SIZES, rows.seen, side="right") - 1
    for a in range(len(_AGES)):
        here = (age == a) & (rows.seen >= SHARES)
        if not here.any():
            here = rows.seen >= 0
        for s in range(len(_SIZES)):
            both = here & (size == s)
            levels[a, s] = np.quantile(reached[both if both.sum() >= _FEW else here], _OUTER)
        guess = np.array([most_hits(EDGES, one, _START) for one in mass[here]])
        tolerance[a] = np.clip(np.median(np.abs(np.expm1(guess - growth[here]))), _FINEST, _START)
        horizons[a] = np.quantile(scaled[here], (_OUTER[0], 0.5, _OUTER[1]), axis=0).T
    return Calibration(_AGES, _SIZES, levels, tolerance, horizons, SHARES, largest)


def _crossfit(rows: Rows, recipe: Recipe) -> tuple[Floats, Floats]:
    """What forests say of the cascades that were held back from them: histograms, and scaled errors within hours."""
    owners = int(rows.owner.max()) + 1
    fold = np.random.default_rng(0).permutation(owners) % recipe.folds
    mass = np.zeros((len(rows.owner), len(EDGES) - 1))
    scaled = np.zeros_like(rows.within)
    for number in range(recipe.folds):
        back = np.flatnonzero(fold[rows.owner] == number)
        answers = grow(rows, fold != number, recipe).ask(rows.inputs[back])
        mass[back] = answers.mass
        scaled[back] = (rows.within[back] - answers.mean) / np.maximum(answers.deviation, LEAST_DEVIATION)
    return mass, scaled
