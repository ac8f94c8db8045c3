"""`listener bench early`: how soon problems are found, with what is aimed at and what others reach side by side.

`quick` (the default, some two minutes) looks at two weeks of twelve brands, made of every third post, and repeats what
the spread forecast reached when it was fitted. `full` (a quarter of an hour) looks at three weeks of 144 brands made of
all posts, at classifiers that say too much, too little or much nonsense, and fits the spread forecast anew on four
fifths of the cascades. Both use posts and seeds that nothing was chosen by, and need the public data sets.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from listener.errors import UsageError
from listener.lab import early
from listener.lab import early_rivals as rivals
from listener.lab.bank import Bank
from listener.lab.catalogue import data_directory
from listener.lab.early_table import lines
from listener.lab.streams import Plan, Stream, airline, build
from listener.lab.unseen import Post, posts
from listener.pipeline.replay import in_order, replay
from listener.triage.advance import Policy, Sighting, State
from listener.types import CAUSES

__all__ = ["SIZES", "lines", "measure"]

JUDGING: Final = (101, 102, 103, 104, 105, 106)
"""Seeds of the streams that are reported, of the texts of half 1; choices were made by seeds 1 to 9 and half 0."""
SHIFTS: Final[Mapping[str, tuple[float, float]]] = {
    "says too much": (1.5, 0.0),
    "says too little": (-1.0, 0.0),
    "is often wrong": (0.0, 1.5),
}
"""Classifiers that are worse than the one in use: what is added to its log odds, and the deviation of the noise."""
_BRANDS: Final = 200
_NEAR: Final = (24 * 3600.0, 6 * 3600.0)
"""Seconds before and after an alarm of raw volume in which one of ours is about the same."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Size:
    """`of`: one in so many posts is used; `folds` of the models that score them."""

    seeds: tuple[int, ...]
    brands: int
    days: int
    of: int
    folds: int
    whole: bool


SIZES: Final = {
    "quick": Size(JUDGING[:1], 12, 14, 3, 2, whole=False),
    "full": Size(JUDGING, 24, 21, 1, 3, whole=True),
}


def measure(size: str = "quick", tell: Tell = lambda _: None, *, cache: Path | None = None) -> dict[str, Any]:
    """All figures as JSON values. `cache` may keep scored posts. Raises UsageError without the public data sets."""
    if size not in SIZES:
        raise UsageError(f"no size is called {size!r}", hint=f"Sizes: {', '.join(SIZES)}")
    directory = data_directory(None)
    if directory is None or not directory.is_dir():
        raise UsageError("bench early needs the public data sets", hint="Name their directory by LISTENER_DATA_DIR.")
    from listener.classify import load
    from listener.settings import current_model
    from listener.settings import load as settings

    chosen = SIZES[size]
    classifier = load(current_model(settings()))
    found = posts(directory, classifier, cache, of=chosen.of, folds=chosen.folds, tell=tell)
    bank = Bank(found, 1)
    streams = []
    for seed in chosen.seeds:
        tell(f"stream {seed}")
        streams.append(_ordered(build(bank, Plan(seed=seed, brands=chosen.brands, days=chosen.days))))
    tell("replay")
    return {
        "size": size,
        "model": classifier.name,
        **early.judge(streams, 1.0),
        **(_worse(streams, tell) if chosen.whole else {}),
        "airline": airlines(found, 1.0),
        **speed(streams[0]),
        **state(streams[0]),
        "spread": spread(directory, tell, anew=chosen.whole),
    }


def _ordered(stream: Stream) -> Stream:
    return replace(stream, sightings=tuple(in_order(stream.sightings)))


def _worse(streams: Sequence[Stream], tell: Tell) -> dict[str, Any]:
    """The same streams seen by worse classifiers, at the same settings."""
    figures = {}
    for name, (shift, noise) in SHIFTS.items():
        tell(f"a classifier that {name}")
        random = np.random.default_rng(0)
        seen = [replace(one, sightings=tuple(_shifted(one.sightings, shift, noise, random))) for one in streams]
        told = early.judge(seen, 1.0)
        figures[name] = {**told["ours"], "members": told["members"]}
    return {"worse_classifiers": figures}


def _shifted(sightings: Sequence[Sighting], shift: float, noise: float, random: np.random.Generator) -> list[Sighting]:
    """With other log odds; flagged as often at these as before at those, so a shift flags more, noise others."""
    odds = np.array([min(max(one.complaint, 1e-4), 1 - 1e-4) for one in sightings])
    odds = np.log(odds / (1 - odds))
    bound = min((value for value, one in zip(odds, sightings, strict=True) if one.flagged), default=0.0)
    moved = odds + shift + random.normal(0.0, noise, len(odds))
    changed = []
    for one, value in zip(sightings, moved.tolist(), strict=True):
        flagged = value >= bound
        cause = one.cause if one.flagged else _likeliest(one)
        changed.append(
            replace(
                one,
                complaint=float(1 / (1 + np.exp(-value))),
                flagged=flagged,
                cause=cause if flagged else "none",
            )
        )
    return changed


def _likeliest(one: Sighting) -> str:
    return CAUSES[int(np.argmax(one.causes))] if one.causes else "other"


# ------------------------------------------------------------------ at their true times


def airlines(found: Sequence[Post], budget: float) -> dict[str, Any]:
    """Tweets to six airlines at their true times: when we ring and when raw volume does, ringing as often.

    `lead_minutes`: by how much ours came before each of raw volume's alarms that has one of ours near it, the median.
    """
    stream = airline(found)
    if not stream.sightings:
        return {}
    ours = early.alarms_of(replay(in_order(stream.sightings), Policy(budget=budget, cap=None)))
    count = sum(len(times) for times in ours.values())
    tracks = {brand: rivals.volume([one for one in stream.sightings if one.brand == brand]) for brand in stream.brands}
    level = rivals.level_for(tracks, lambda _, times: len(times), count)
    raw = {brand: rivals.alarms(track, level) for brand, track in tracks.items()}
    leads = [
        (at - near[0]) / 60
        for brand, times in raw.items()
        for at in times
        if (near := [own for own in ours.get(brand, ()) if at - _NEAR[0] <= own <= at + _NEAR[1]])
    ]
    return {
        "tweets": len(stream.sightings),
        "raw_alarms": sum(map(len, raw.values())),
        "near_one_of_ours": len(leads),
        "lead_minutes": round(float(np.median(leads)), 1) if leads else None,
        "ours": _by_day(ours),
        "raw_volume": _by_day(raw),
    }


def _by_day(alarms: early.Alarms) -> dict[str, list[str]]:
    return {
        brand: [datetime.fromtimestamp(at, UTC).strftime("%m-%d %H:%M") for at in times]
        for brand, times in sorted(alarms.items())
    }


# ------------------------------------------------------------------ cost and restart


def speed(stream: Stream) -> dict[str, Any]:
    """Mentions a second through triage on one core, in processor time: other work beside it does not count."""
    best = 0.0
    for _ in range(2):
        began = time.process_time()
        replay(stream.sightings, Policy(cap=None))
        best = max(best, len(stream.sightings) / (time.process_time() - began))
    return {"mentions_per_second": round(best)}


def state(stream: Stream) -> dict[str, Any]:
    """Megabytes that are saved for so many brands as full as the fullest, and whether a restart changes anything."""
    half = len(stream.sightings) // 2
    states: list[State] = []
    first = replay(stream.sightings[:half], Policy(cap=None), seen=lambda now, _: states.append(now))
    del first
    saved = json.dumps(states[-1].to_plain(), allow_nan=False)
    rest = stream.sightings[half:]
    straight, again = _go_on(states[-1], rest), _go_on(State.from_plain(json.loads(saved)), rest)
    fullest = max(len(json.dumps(one)) for one in straight[1]["brands"])
    return {
        f"state_mb_of_{_BRANDS}_brands": round(_BRANDS * fullest / 1e6, 1),
        "restart_changes_nothing": straight == again,
    }


def _go_on(begun: State, sightings: Sequence[Sighting]) -> tuple[list[str], dict[str, Any]]:
    """What is decided from here on, and the state at the end."""
    states, decisions = [begun], list[str]()

    def note(now: State, decided: Sequence[Any]) -> None:
        states[0] = now
        decisions.extend(map(repr, decided))

    replay(sightings, Policy(cap=None), seen=note, begun=begun)
    return decisions, states[0].to_plain()


# ------------------------------------------------------------------ spread


def spread(directory: Path, tell: Tell, *, anew: bool) -> dict[str, Any]:
    """Errors on cascades that were held out, ours and others'; as measured when it was fitted, or measured now.

    `cross_validated`: on all others, in five parts, as measured when the recipe was chosen.
    """
    from listener.lab.spread import FILE, evaluate
    from listener.triage.spread.fitted import shipped

    about = shipped().about
    if anew:
        tell("spread forecast, fitted on four fifths of the cascades")
        measured = {"measured": "now", **evaluate(directory / FILE)}
    else:
        measured = {"measured": "when it was fitted", **about["measured"]}
    return {**measured, "cross_validated": about["cross_validated"]}
