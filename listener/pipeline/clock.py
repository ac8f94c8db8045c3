"""The clock that early detection goes by: the wall's, or in the demo that of the day which is replayed.

A replayed day runs faster than the wall, and its history faster than its live part. What depends on time of day or on
how fast complaints come must see the day's own hours; what people are shown is in wall time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Self

from listener.store import Tx
from listener.types import Engagement

_STATE = "clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Seconds of the day a second of the wall, after and before `started_at`, when both show the same."""

    started_at: datetime | None = None
    speed: float = 1.0
    history_speed: float = 1.0

    def inside(self, wall: datetime) -> datetime:
        """What time it is in the day."""
        return wall if self.started_at is None else self._run(wall, self.history_speed, self.speed)

    def outside(self, day: datetime) -> datetime:
        """When the wall shows it."""
        return day if self.started_at is None else self._run(day, 1 / self.history_speed, 1 / self.speed)

    def wall(self, seconds: float) -> datetime:
        """The same, of seconds since 1970 in the day."""
        return self.outside(datetime.fromtimestamp(seconds, UTC))

    def aged(self, history: Sequence[Engagement], posted_at: datetime) -> tuple[Engagement, ...]:
        """Counts of a post, each as old as it is by the day."""
        if self.started_at is None:
            return tuple(history)
        born = self.inside(posted_at)
        return tuple(replace(one, at=posted_at + (self.inside(one.at) - born)) for one in history)

    @classmethod
    def of(cls, tx: Tx) -> Self:
        """The clock of this database."""
        saved = tx.state.get(_STATE)
        if not saved:
            return cls()
        started = datetime.fromisoformat(saved["started_at"])
        return cls(started_at=started, speed=saved["speed"], history_speed=saved["history_speed"])

    def save(self, tx: Tx, now: datetime) -> None:
        """Make it that of this database: whoever acts on it goes by it."""
        if self.started_at is not None:
            value: dict[str, Any] = {"started_at": self.started_at.isoformat()}
            tx.state.put(_STATE, {**value, "speed": self.speed, "history_speed": self.history_speed}, now)

    def _run(self, at: datetime, before: float, after: float) -> datetime:
        assert self.started_at is not None
        offset = at - self.started_at
        return self.started_at + offset * (before if offset.total_seconds() < 0 else after)
