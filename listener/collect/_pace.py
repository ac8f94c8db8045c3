"""How fast one credential may ask one platform: one budget for all collectors of this process that share it."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from listener.collect._guard import until_reset
from listener.errors import RateLimitedError

PATIENCE: Final = 10.0
"""A wait of up to so many seconds is waited out; a longer one ends the pass, and the source comes back later."""
_LEFT: Final = ("x-ratelimit-remaining", "x-rate-limit-remaining", "ratelimit-remaining")

_paces: dict[str, Pace] = {}
_lock: Final = threading.Lock()


class Pace:
    """Requests evenly spaced, and none while the platform says that the budget is used up."""

    def __init__(self, per_minute: float) -> None:
        self._interval = 60.0 / per_minute
        self._ready_at = 0.0
        self._lock = threading.Lock()

    def take(self, source: str) -> None:
        """Wait for the next turn. Raises RateLimitedError if that would take too long."""
        with self._lock:
            now = time.monotonic()
            wait = max(self._ready_at - now, 0.0)
            if wait > PATIENCE:
                raise RateLimitedError(
                    source,
                    "the platform's request budget is used up",
                    hint="It goes on by itself; a longer `every` asks less often.",
                    retry_after=wait,
                )
            self._ready_at = now + wait + self._interval
        time.sleep(wait)

    def rest(self, seconds: float) -> None:
        """The platform asks everybody with this credential to stay away for so long."""
        with self._lock:
            self._ready_at = max(self._ready_at, time.monotonic() + seconds)

    def told(self, headers: Mapping[str, str]) -> None:
        """Heed what an answer says of the budget that is left."""
        left = next((headers[name] for name in _LEFT if name in headers), "").strip()
        if left and left.replace(".", "", 1).isdigit() and float(left) < 1:
            self.rest(until_reset(headers, datetime.now(UTC)) or 0.0)


def shared(place: str, credential: str | None, per_minute: float) -> Pace:
    """The pace of this credential (None: anonymous) at this place; who comes first sets how fast."""
    key = hashlib.sha256(f"{place}\0{credential or ''}".encode()).hexdigest()
    with _lock:
        return _paces.setdefault(key, Pace(per_minute))
