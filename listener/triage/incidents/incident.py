"""One problem: what triage keeps of it. Its mentions are in the store; here are counts and a few words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal, Self, TypeAlias

from listener.triage.incidents.marks import CODES, PLACES, Mark

State: TypeAlias = Literal["quiet", "open", "ended", "closed"]
"""`quiet`: a few mentions belong together, no alarm. `open`: it rang. `ended`: nothing new. `closed`: by a person."""

LEVELS: Final = (10, 30, 100, 300, 1000)
"""Members from which it is escalated: a level once reached is never left, so it cannot flap."""
_MAX_WORDS: Final = 48
_SOONEST, _LATEST = 1.5 * 3600.0, 12 * 3600.0
REOPEN: Final = 6 * 3600.0
"""Seconds after its end within which a new mention reopens an incident; later ones make a new one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Times are seconds since 1970.

    `words`, `causes`, `places` count members; `alarm_level` is the level that it rang at, in nats; `pace` the usual
    pause between members in seconds; `title` a person's, if one gave it.
    """

    number: int
    state: State
    first_at: float
    last_at: float
    alarm_at: float | None = None
    alarm_level: float = 0.0
    ended_at: float | None = None
    count: int = 0
    level: int = 0
    pace: float = 3600.0
    words: tuple[tuple[str, int], ...] = ()
    causes: tuple[tuple[str, int], ...] = ()
    places: tuple[tuple[str, int], ...] = ()
    title: str | None = None

    @property
    def rang(self) -> bool:
        """Whether its alarm has rung."""
        return self.alarm_at is not None

    def joined(self, mark: Mark) -> Incident:
        """With one more flagged member."""
        pause = max(0.0, mark.at - self.last_at) if self.count else self.pace
        return replace(
            self,
            first_at=min(self.first_at, mark.at),
            last_at=max(self.last_at, mark.at),
            count=self.count + 1,
            pace=0.8 * self.pace + 0.2 * min(pause, _LATEST),
            words=_added(self.words, mark.words, _MAX_WORDS),
            causes=_added(self.causes, (CODES[mark.cause],), 16),
            places=_added(self.places, (PLACES[mark.place],), 8),
        )

    def left(self, mark: Mark) -> Incident:
        """With one member less."""
        return replace(
            self,
            count=max(0, self.count - 1),
            words=_removed(self.words, mark.words),
            causes=_removed(self.causes, (CODES[mark.cause],)),
            places=_removed(self.places, (PLACES[mark.place],)),
        )

    def with_all(self, other: Incident) -> Incident:
        """With all that another one is."""
        alarms = [at for at in (self.alarm_at, other.alarm_at) if at is not None]
        return replace(
            self,
            state="open" if "open" in (self.state, other.state) else self.state,
            first_at=min(self.first_at, other.first_at),
            last_at=max(self.last_at, other.last_at),
            alarm_at=min(alarms, default=None),
            alarm_level=max(self.alarm_level, other.alarm_level),
            count=self.count + other.count,
            level=max(self.level, other.level),
            words=_summed(self.words, other.words, _MAX_WORDS),
            causes=_summed(self.causes, other.causes, 16),
            places=_summed(self.places, other.places, 8),
        )

    def due_to_end(self, now: float) -> bool:
        """Whether nothing has come for much longer than was usual."""
        return now - self.last_at > min(max(10 * self.pace, _SOONEST), _LATEST)

    def to_plain(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """The same again."""
        counted = {
            name: tuple((str(word), int(count)) for word, count in plain[name])
            for name in ("words", "causes", "places")
        }
        return cls(**{**plain, **counted})


def level_of(count: int) -> int:
    """The escalation level of an incident with so many members."""
    return sum(count >= bound for bound in LEVELS)


def _summed(
    counts: Iterable[tuple[str, int]], others: Iterable[tuple[str, int]], limit: int
) -> tuple[tuple[str, int], ...]:
    total = dict(counts)
    for word, count in others:
        total[word] = total.get(word, 0) + count
    return tuple(sorted(total.items(), key=lambda item: -item[1])[:limit])


def _added(counts: Iterable[tuple[str, int]], new: Iterable[str], limit: int) -> tuple[tuple[str, int], ...]:
    total = dict(counts)
    for word in new:
        total[word] = total.get(word, 0) + 1
    # Seen once and oldest goes first when there is no room.
    if len(total) > limit:
        total = dict(sorted(total.items(), key=lambda item: -item[1])[:limit])
    return tuple(total.items())


def _removed(counts: Iterable[tuple[str, int]], old: Iterable[str]) -> tuple[tuple[str, int], ...]:
    total = dict(counts)
    for word in old:
        if word in total:
            total[word] -= 1
    return tuple((word, count) for word, count in total.items() if count > 0)
