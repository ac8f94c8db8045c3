"""A stored stream once more, through the same triage, by a clock that ticks every second and sees only the past.

Posts are put in order of posting first, so the order of lines in a file, an export that starts with the newest, or a
post that stands twice change nothing. Nothing is written: the state lives in memory and is gone afterwards.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import groupby, islice
from typing import Any, Final

from listener.classify import Classifier
from listener.text.copies import normalise, signatures
from listener.text.records import BadRecord, Record
from listener.triage.advance import Policy, Sighting, State, advance
from listener.triage.incidents.news import Decision, Joined, Left, Opened, Rang, Retitled
from listener.triage.surges.brand import is_read
from listener.triage.surges.why import Surge
from listener.types import CAUSES

TICK: Final = 1
"""Seconds between two looks at the clock."""
BATCH: Final = 1024
_LAST: Final = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()

Tell = Callable[[str, str], None]
"""Told of every record that cannot be used, or only in part: its place and why."""


@dataclass(slots=True)
class Told:
    """What is known of an incident at the end; times are seconds since 1970."""

    brand: str
    title: str = ""
    cause: str = "other"
    members: dict[str, Joined] = field(default_factory=dict)
    alarm_at: float | None = None
    surge: Surge | None = None


@dataclass(slots=True)
class Outcome:
    """Of a replay: incidents by (brand, number), in the order in which they were opened."""

    incidents: dict[tuple[str, int], Told] = field(default_factory=dict)
    posts: int = 0
    posted_at: dict[tuple[str, str], float] = field(default_factory=dict)
    """Of flagged mentions, by (brand, key): triage itself counts in minutes."""

    def take(self, decision: Decision) -> None:
        """Note what was decided."""
        which = (decision.brand, decision.incident)
        told = self.incidents.setdefault(which, Told(decision.brand))
        match decision:
            case Opened() | Retitled():
                told.title, told.cause = decision.title, decision.cause
            case Joined():
                told.members[decision.key] = decision
            case Left():
                told.members.pop(decision.key, None)
            case Rang():
                told.alarm_at, told.surge = decision.at, decision.surge
            case _:
                pass


def replay(
    sightings: Iterable[Sighting],
    policy: Policy | None = None,
    *,
    seen: Callable[[State, Sequence[Decision]], None] | None = None,
    begun: State | None = None,
) -> Outcome:
    """Run scored mentions, in order of posting, through triage.

    `seen` is shown every step; `begun`: the state to go on from.
    """
    state, outcome = begun or State(), Outcome()
    for tick, batch in groupby(sightings, key=lambda one: math.floor(one.posted_at.timestamp() / TICK)):
        now = datetime.fromtimestamp(min((tick + 1) * TICK, _LAST), UTC)
        state, decisions = advance(state, taken := list(batch), now, policy)
        outcome.posts += len(taken)
        outcome.posted_at.update({(one.brand, one.key): one.posted_at.timestamp() for one in taken if one.flagged})
        for decision in decisions:
            outcome.take(decision)
        if seen is not None:
            seen(state, decisions)
    return outcome


def score(records: Iterable[Record | BadRecord], classifier: Classifier, tell: Tell, name: str) -> list[Sighting]:
    """All usable records of one file, scored; only texts that may count are kept in memory."""
    found: list[Sighting] = []
    for batch in _batches(_usable(records, tell, name)):
        found += _scored(batch, classifier)
    return found


def in_order(sightings: Iterable[Sighting]) -> list[Sighting]:
    """By time of posting, each once, copies of a text known as such."""
    seen: set[tuple[str, str]] = set()
    groups: dict[int, int] = {}
    ordered: list[Sighting] = []
    for one in sorted(sightings, key=lambda one: (one.posted_at, one.key, one.brand)):
        if (one.brand, one.key) not in seen:
            seen.add((one.brand, one.key))
            ordered.append(_grouped(one, groups))
    return ordered


def to_plain(outcome: Outcome) -> dict[str, Any]:
    """The report of DESIGN.md section 6: every incident that has members."""
    incidents = [_incident(number, outcome) for number, told in outcome.incidents.items() if told.members]
    alarms = sum(one["alarm_at"] is not None for one in incidents)
    return {"incidents": incidents, "alarms": alarms, "posts": outcome.posts}


def _usable(records: Iterable[Record | BadRecord], tell: Tell, name: str) -> Iterator[Record]:
    for record in records:
        if isinstance(record, BadRecord):
            tell(record.place, record.reason)
        elif record.posted_at is None or record.brand is None:
            tell(f"{name}:{record.line}", f"{'posted_at' if record.posted_at is None else 'brand'} is missing")
        else:
            yield record


def _batches(records: Iterator[Record]) -> Iterator[list[Record]]:
    while batch := list(islice(records, BATCH)):
        yield batch


def _scored(batch: Sequence[Record], classifier: Classifier) -> Iterator[Sighting]:
    found = classifier.probabilities([one.text for one in batch], [one.lang for one in batch])
    likeliest = found.cause.argmax(axis=1)
    for row, record in enumerate(batch):
        assert record.posted_at is not None
        assert record.brand is not None
        complaint, flagged = float(found.complaint[row]), bool(found.flagged[row])
        counts = flagged or is_read(record.id, complaint)
        yield Sighting(
            key=record.id,
            brand=record.brand,
            posted_at=record.posted_at,
            text=record.text if counts else "",
            lang=found.heads[row],
            source=record.source or "",
            complaint=complaint,
            flagged=flagged,
            cause=CAUSES[int(likeliest[row])] if flagged else "none",
            causes=tuple(found.cause[row].tolist()) if counts else None,
        )


def _grouped(one: Sighting, groups: dict[int, int]) -> Sighting:
    """With the copy group of an earlier text like it; posts that do not count have no text here."""
    keys = signatures([normalise(one.text)])[0] if one.text else ()
    if not keys:
        return one
    group = next((groups[key] for key in keys if key in groups), keys[0])
    for key in keys:
        groups.setdefault(key, group)
    return replace(one, copies=group)


def _incident(which: tuple[str, int], outcome: Outcome) -> dict[str, Any]:
    told = outcome.incidents[which]
    members = sorted((outcome.posted_at[told.brand, key], key) for key in told.members)
    counts = Counter(member.lang for member in told.members.values())
    return {
        "id": f"{told.brand}/{which[1]}",
        "brand": told.brand,
        "cause": told.cause,
        "title": told.title,
        "languages": [lang for lang, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))],
        "first_mention_at": _iso(members[0][0]),
        "alarm_at": None if told.alarm_at is None else _iso(told.alarm_at),
        "members": [key for _, key in members],
    }


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
