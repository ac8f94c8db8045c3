"""Daily quotas of one credential: what was spent today, saved in checkpoints, shared by all sources that use it."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from listener.errors import RateLimitedError

_ledgers: dict[str, Ledger] = {}
_lock: Final = threading.Lock()


class Ledger:
    """Counts by name since the last midnight of the platform's zone."""

    def __init__(self, zone: str, limits: Mapping[str, int]) -> None:
        self._zone = ZoneInfo(zone)
        self._limits = dict(limits)
        self._day = ""
        self._spent: dict[str, int] = {}

    def restore(self, saved: Any) -> None:
        """Take over what a checkpoint says was spent, unless more is known to be spent already."""
        if not isinstance(saved, Mapping) or not isinstance(saved.get("spent"), Mapping):
            return
        day = str(saved.get("day", ""))
        with _lock:
            if day > self._day:
                self._day, self._spent = day, {}
            if day == self._day:
                for name, count in saved["spent"].items():
                    if type(count) is int:
                        self._spent[str(name)] = max(count, self._spent.get(str(name), 0))

    def saved(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"day": self._day, "spent": dict(self._spent)}

    def left(self, name: str, now: datetime) -> int:
        """How much of this quota is left today."""
        with _lock:
            self._turn(now)
            return self._limits[name] - self._spent.get(name, 0)

    def spend(self, name: str, source: str, now: datetime, amount: int = 1) -> None:
        """Take from today's quota. Raises RateLimitedError, until midnight there, if it does not suffice."""
        with _lock:
            self._turn(now)
            spent = self._spent.get(name, 0) + amount
            if spent > self._limits[name]:
                raise RateLimitedError(
                    source,
                    f"today's quota of {self._limits[name]} {name} is spent",
                    hint="It is renewed at midnight of the platform's zone; ask less often by a longer `every`.",
                    retry_after=self.renewed_in(now),
                )
            self._spent[name] = spent

    def renewed_in(self, now: datetime) -> float:
        """Seconds until midnight there."""
        here = now.astimezone(self._zone)
        midnight = (here + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return (midnight.astimezone(now.tzinfo) - now).total_seconds()

    def _turn(self, now: datetime) -> None:
        day = now.astimezone(self._zone).date().isoformat()
        if day > self._day:
            self._day, self._spent = day, {}


def ledger(place: str, credential: str, zone: str, limits: Mapping[str, int]) -> Ledger:
    """The ledger of this credential; who comes first sets its limits."""
    key = hashlib.sha256(f"{place}\0{credential}".encode()).hexdigest()
    with _lock:
        return _ledgers.setdefault(key, Ledger(zone, limits))
