"""A cascade as numbers: what the forest that forecasts looks at.

Counts are seen on a logarithmic scale and as parts of the whole, ages as parts of `at`, so that a cascade of 30 shares
in ten minutes and one of 300 in an hour can look alike.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import numpy as np

from listener.triage.spread.cascade import ROOT, Cascade, Ints
from listener.triage.spread.memory import DAY, HOUR, ZONE, Memory, excite
from listener.triage.spread.seismic import seismic

_PARTS: Final = {"half": 1 / 2, "quarter": 1 / 4, "eighth": 1 / 8, "sixteenth": 1 / 16}
_RECENT: Final = {"tenth": 0.1, "fourth": 0.25, "half": 0.5}
_LATELY: Final = {"5min": 300.0, "30min": 1800.0, "1h": HOUR, "6h": 6 * HOUR}
_AHEAD: Final = (1, 3, 6, 12)
_DEEPEST: Final = 50
_ERA: Final = (2010.9, 2014.3)
"""Years that the fitted cascades are from: the platform changed in them. A post from another time, or from nobody
knows when, counts as from the nearest, or the last."""


def features(cascade: Cascade, memory: Memory) -> dict[str, float]:
    """All features by name, always the same names in the same order; finite for every cascade."""
    return {
        "seen": math.log1p(cascade.seen),
        "at": math.log(max(cascade.at, 1.0)),
        **_growth(cascade),
        **_times(cascade),
        **_tree(cascade),
        **_process(cascade, memory),
        **_clock(cascade, memory),
        **_post(cascade),
    }


def _growth(cascade: Cascade) -> dict[str, float]:
    """How many came in which part of the time."""
    seconds, at, seen = cascade.seconds, cascade.at, cascade.seen

    def by(age: float) -> int:
        return int(np.searchsorted(seconds, age, side="right"))

    early = {f"first_{name}": math.log((by(at * part) + 1) / (seen + 1)) for name, part in _PARTS.items()}
    late = {f"last_{name}": math.log((seen - by(at * (1 - part)) + 0.5) / (seen + 1)) for name, part in _RECENT.items()}
    lately = {
        f"last_{name}": math.log((seen - by(at - span) + 0.5) / (seen + 1)) if at > span else 0.0
        for name, span in _LATELY.items()
    }
    return early | late | lately


def _times(cascade: Cascade) -> dict[str, float]:
    """When they came, as parts of the time so far."""
    at = max(cascade.at, 1.0)
    seconds = cascade.seconds if cascade.seen else np.array([cascade.at])
    quarter, middle, late, last = np.quantile(seconds, (0.25, 0.5, 0.75, 0.9)) / at
    return {
        "first": math.log((float(seconds[0]) + 1) / at),
        "quiet": math.log((cascade.at - float(seconds[-1]) + 1) / at),
        "quiet_five": math.log((cascade.at - float(seconds[-min(5, len(seconds))]) + 1) / at),
        "mean": float(seconds.mean()) / at,
        "log_mean": float(np.log1p(seconds).mean()) - math.log(at),
        "q25": float(quarter),
        "q50": float(middle),
        "q75": float(late),
        "q90": float(last),
    }


def _tree(cascade: Cascade) -> dict[str, float]:
    """Who shared from whom: breadth, depth, the largest sub-tree's root, and which part grows."""
    seen, parents = cascade.seen, cascade.parents
    depth = _depths(parents)
    at_root = parents == ROOT
    late = cascade.seconds > cascade.at / 2
    children = np.bincount(parents[~at_root], minlength=max(seen, 1))
    star = int(children.argmax())
    age = (cascade.at - float(cascade.seconds[star])) / max(cascade.at, 1.0) if children[star] else -1.0
    return {
        "at_root": float(at_root.mean()) if seen else 1.0,
        "depth_mean": float(depth.mean()) if seen else 0.0,
        "depth_max": float(depth.max()) if seen else 0.0,
        "star": math.log((int(children[star]) + 1) / (seen + 1)),
        "star_age": age,
        "parents": float((children > 0).sum()) / max(seen, 1),
        "late_root": math.log((int((at_root & late).sum()) + 0.5) / (int(at_root.sum()) + 1)),
        "late_reply": math.log((int((~at_root & late).sum()) + 0.5) / (int((~at_root).sum()) + 1)),
    }


def _depths(parents: Ints) -> Ints:
    """0 for a share of the post itself, one more for each step from it, at most _DEEPEST."""
    depth = np.zeros(len(parents), dtype=np.int64)
    step = parents.copy()
    for _ in range(_DEEPEST):
        if not (deeper := step != ROOT).any():
            break
        depth += deeper
        step = np.where(deeper, parents[np.where(deeper, step, 0)], ROOT)
    return depth


def _process(cascade: Cascade, memory: Memory) -> dict[str, float]:
    """The self-exciting process: its estimate of the final size and what that rests on; and SEISMIC's."""
    estimate, lately, seen = excite(cascade, memory), seismic(cascade), cascade.seen
    return {
        "seismic": math.log1p(lately.infectiousness * lately.waiting / (seen + 1)),
        "process": math.log1p(estimate.left / (seen + 1)),
        "process_root": math.log1p(estimate.root_left / (seen + 1)),
        "process_reply": math.log1p(estimate.reply_left / (seen + 1)),
        "branching": estimate.branching,
        "pressure": math.log(estimate.pressure),
        "surprise": math.log(estimate.surprise),
        "root_surprise": math.log(estimate.root_surprise),
    }


def _clock(cascade: Cascade, memory: Memory) -> dict[str, float]:
    """What time it is where the readers are, and how awake they were and will be; neutral where nobody knows."""
    at = max(cascade.at, 1.0)
    now_and_ahead = np.array([at, *(at + hours * HOUR for hours in _AHEAD)])
    active = memory.active(cascade.posted_at, now_and_ahead)
    ahead = {
        f"awake_{hours}h": float(later - active[0]) / (hours * HOUR)
        for hours, later in zip(_AHEAD, active[1:], strict=True)
    }
    awake = {"active": math.log1p(float(active[0])), "awake": float(active[0]) / at, **ahead}
    if cascade.posted_at is None:
        return {**awake, "sin": 0.0, "cos": 0.0, "post_sin": 0.0, "post_cos": 0.0, "weekday": 3.0, "era": _ERA[1]}
    local = cascade.posted_at.timestamp() + ZONE
    posted = local / HOUR % 24 * math.pi / 12
    now = posted + at / HOUR * math.pi / 12
    return {
        **awake,
        "sin": math.sin(now),
        "cos": math.cos(now),
        "post_sin": math.sin(posted),
        "post_cos": math.cos(posted),
        "weekday": float(((local + at) // DAY + 3) % 7),
        "era": min(max(local / (365.25 * DAY) + 1970, _ERA[0]), _ERA[1]),
    }


def _post(cascade: Cascade) -> dict[str, float]:
    """The post: its author's followers (-1: unknown) and the look of its text, never its words."""
    text, known = cascade.text, cascade.followers is not None
    audience = math.log1p(cascade.followers or 0.0) if known else -1.0
    marks: Mapping[str, str] = {"questions": "?？", "shouts": "!！", "faces": "[", "names": "@", "tags": "#"}
    return {
        "followers": audience,
        "per_follower": math.log1p(cascade.seen) - audience,
        "length": float(min(len(text), 1000)),
        "link": float("http" in text),
        "headline": float("【" in text),
        "asked": float("转" in text or "轉" in text or "RT" in text),
        **{name: float(min(sum(map(text.count, signs)), 10)) for name, signs in marks.items()},
    }
