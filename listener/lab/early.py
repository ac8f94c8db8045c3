"""How soon problems are found, at what price in false alarms, against what others ring by.

Streams of real posts with incidents of known onset (lab/streams.py), scored by models that have not seen the posts
(lab/unseen.py). A miss counts as found at the incident's end, never left out. Rivals have their levels set on these
very streams, to spend the whole budget: more than can be had in use.
"""

from __future__ import annotations

import statistics
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from listener.lab import early_rivals as rivals
from listener.lab.streams import Injected, Stream
from listener.pipeline.replay import Outcome, in_order, replay
from listener.triage.advance import Policy

GRACE: Final = 3 * 3600.0
"""An alarm so soon after an incident's last complaint is not a false one: it is late."""

Alarms = Mapping[str, Sequence[float]]
"""Times (seconds since 1970) by brand, ascending."""


@dataclass(frozen=True, slots=True)
class Delay:
    """How late an incident was found: complaints posted by then, and minutes after the third."""

    found: bool
    complaints: int
    minutes: float
    at: float


def judge(streams: Sequence[Stream], budget: float) -> dict[str, Any]:
    """Ours and the rivals on the same streams."""
    outcomes = [replay(in_order(stream.sightings), Policy(budget=budget, cap=None)) for stream in streams]
    ours = {brand: times for outcome in outcomes for brand, times in alarms_of(outcome).items()}
    incidents = [incident for stream in streams for incident in stream.incidents]
    weeks = sum(stream.brand_weeks for stream in streams)
    delays = _delays(ours, incidents)
    figures: dict[str, Any] = {
        "incidents": len(incidents),
        "brand_weeks": round(weeks, 1),
        "ours": _figures(ours, incidents, delays, weeks),
    }
    for name, others in _rivals(streams, incidents, budget * weeks).items():
        theirs = _delays(others, incidents)
        figures[name] = {**_figures(others, incidents, theirs, weeks), "we_are_earlier": _earlier(delays, theirs)}
    return {**figures, "members": members(streams, outcomes)}


def members(streams: Sequence[Stream], outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """B-cubed precision, recall and F1 over flagged members of injected incidents, by one or several languages.

    A member's precision is the share of its group that is of its own incident: ordinary mentions that were wrongly
    taken in, of any brand, count against it. A member in no group is a group of one.
    """
    rows: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for stream, outcome in zip(streams, outcomes, strict=True):
        group = {key: which for which, told in outcome.incidents.items() for key in told.members}
        gold = {
            one.key: stream.members[one.key] for one in stream.sightings if one.flagged and one.key in stream.members
        }
        sizes, shared = Counter(group.values()), Counter((group[key], gold[key]) for key in gold if key in group)
        wanted = Counter(gold.values())
        kind = {one.id: "languages" if len(one.langs) > 1 else "language" for one in stream.incidents}
        for key, incident in gold.items():
            common = shared[group[key], incident] if key in group else 1
            size = sizes[group[key]] if key in group else 1
            rows[kind[incident]].append((common / size, common / wanted[incident]))
    return {kind: _b_cubed(found) for kind, found in rows.items()}


# ------------------------------------------------------------------ figures


def alarms_of(outcome: Outcome) -> dict[str, list[float]]:
    """When it rang, by brand."""
    by_brand: dict[str, list[float]] = defaultdict(list)
    for told in outcome.incidents.values():
        if told.alarm_at is not None:
            by_brand[told.brand].append(told.alarm_at)
    return {brand: sorted(times) for brand, times in by_brand.items()}


def _delays(alarms: Alarms, incidents: Sequence[Injected]) -> list[Delay]:
    delays = []
    for incident in incidents:
        inside = [at for at in alarms.get(incident.brand, ()) if incident.onset <= at <= incident.end]
        at = inside[0] if inside else incident.end
        complaints = bisect_right(incident.times, at)
        delays.append(Delay(bool(inside), complaints, (at - incident.times[2]) / 60, at))
    return delays


def _figures(alarms: Alarms, incidents: Sequence[Injected], delays: Sequence[Delay], weeks: float) -> dict[str, Any]:
    false = sum(_false(incidents, brand, times) for brand, times in alarms.items())
    low, high = poisson_interval(false)
    return {
        "found": round(sum(delay.found for delay in delays) / max(1, len(delays)), 3),
        "median_complaints": statistics.median(delay.complaints for delay in delays) if delays else None,
        "median_minutes": round(statistics.median(delay.minutes for delay in delays), 1) if delays else None,
        "false_alarms": false,
        "false_per_brand_week": round(false / weeks, 3),
        "interval": [round(low / weeks, 3), round(high / weeks, 3)],
    }


def _false(incidents: Sequence[Injected], brand: str, times: Sequence[float]) -> int:
    own = [one for one in incidents if one.brand == brand]
    return sum(not any(one.onset <= at <= one.end + GRACE for one in own) for at in times)


def _rivals(streams: Sequence[Stream], incidents: Sequence[Injected], allowed: float) -> dict[str, Alarms]:
    by_brand: dict[str, list[Any]] = defaultdict(list)
    for stream in streams:
        for one in stream.sightings:
            by_brand[one.brand].append(one)
    own: dict[str, list[Injected]] = defaultdict(list)
    for incident in incidents:
        own[incident.brand].append(incident)
    found: dict[str, Alarms] = {}
    for name, rival in rivals.RIVALS.items():
        tracks = {brand: rival(mentions) for brand, mentions in by_brand.items()}
        level = rivals.level_for(tracks, lambda brand, times: _false(own[brand], brand, times), allowed)
        found[name] = {brand: rivals.alarms(track, level) for brand, track in tracks.items()}
    return found


def _earlier(ours: Sequence[Delay], theirs: Sequence[Delay]) -> float | None:
    """Share of the incidents that either finds on which we rang first."""
    either = [(one, other) for one, other in zip(ours, theirs, strict=True) if one.found or other.found]
    if not either:
        return None
    return round(sum(one.found and (not other.found or one.at < other.at) for one, other in either) / len(either), 3)


def _b_cubed(rows: Sequence[tuple[float, float]]) -> dict[str, float]:
    precision, recall = (statistics.fmean(row[side] for row in rows) for side in (0, 1))
    score = 2 * precision * recall / (precision + recall)
    return {"precision": round(precision, 3), "recall": round(recall, 3), "f1": round(score, 3), "n": len(rows)}


def poisson_interval(count: int) -> tuple[float, float]:
    """The exact 95% interval of a Poisson mean (Garwood 1936)."""
    from scipy.stats import chi2

    low = float(chi2.ppf(0.025, 2 * count)) / 2 if count else 0.0
    return low, float(chi2.ppf(0.975, 2 * count + 2)) / 2
