"""First come, first served among the threads of this process that want to write to one database.

SQLite has one writer. Its own waiting is a sleep that grows, so the thread that came last may well go first; between
threads of one process we do better. Between processes SQLite's busy timeout decides.
"""

from __future__ import annotations

import threading
from collections import deque
from pathlib import Path
from weakref import WeakValueDictionary


class Turns:
    """A fair lock: whoever asks first gets it first."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._queue: deque[threading.Event] = deque()

    def take(self, timeout: float) -> bool:
        """Wait for one's turn up to `timeout` seconds; False if it did not come."""
        with self._guard:
            if not self._held:
                self._held = True
                return True
            mine = threading.Event()
            self._queue.append(mine)
        if mine.wait(max(0.0, timeout)):
            return True
        with self._guard:
            if mine.is_set():  # handed over between the timeout and here
                return True
            self._queue.remove(mine)
            return False

    def give(self) -> None:
        """Hand over to the next in line."""
        with self._guard:
            if self._queue:
                self._queue.popleft().set()
            else:
                self._held = False


_guard = threading.Lock()
_turns: WeakValueDictionary[Path, Turns] = WeakValueDictionary()


def turns_of(path: Path) -> Turns:
    """The one lock of this process for the database at `path`, however many stores are open on it."""
    with _guard:
        turns = _turns.get(path)
        if turns is None:
            turns = _turns[path] = Turns()
        return turns
