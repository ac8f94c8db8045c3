"""Keep a few child processes alive together, and end them together.

The children meet only in the store; this parent reads no data. A child that dies is started again with a growing
pause; a stop (Ctrl-C, SIGTERM) is passed on and waited for, so that checkpoints are saved and no work is half-written.
Each child's standard input is a pipe held by this parent: when the parent is killed outright, the pipe ends and
`stop_with_parent` makes the child stop by itself, so that no orphan keeps writing.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

log = logging.getLogger("listener.up")

GRACE_S = 15.0
"""How long a child may take to save its work before it is killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A process to keep alive: `argv` after the Python interpreter."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Running:
    child: Child
    process: subprocess.Popen[bytes]
    started: float
    failures: int = 0
    restart_at: float | None = None


class Family:
    """Running children; `mend` is to be called often, `stop` once."""

    def __init__(self, children: Sequence[Child]) -> None:
        self._running = [_Running(child, _start(child), time.monotonic()) for child in children]

    def mend(self, *, established: bool) -> int:
        """Start again what died. Not 0: the status to give up with, because starting again cannot help.

        That is wrong usage (2), and a child that dies again and again before all was ever up (`established`).
        """
        now = time.monotonic()
        for one in self._running:
            status = one.process.poll()
            if status is None:
                if one.failures and now - one.started > 60:
                    one.failures = 0
            elif one.restart_at is None:
                if status == 2 or (one.failures >= 3 and not established):
                    return status if status == 2 else 1
                pause = min(30.0, 0.5 * 2**one.failures)
                one.failures += 1
                one.restart_at = now + pause
                log.error("%s ended with status %s; starting it again in %.1f s", one.child.name, status, pause)
            elif now >= one.restart_at:
                one.process, one.started, one.restart_at = _start(one.child), now, None
        return 0

    def stop(self) -> None:
        """Ask all to stop, wait for them, kill what does not."""
        for one in self._running:
            if one.process.poll() is None:
                one.process.terminate()
        deadline = time.monotonic() + GRACE_S
        for one in self._running:
            try:
                one.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.error("%s did not stop within %.0f s: killed", one.child.name, GRACE_S)
                one.process.kill()
                one.process.wait()
            if one.process.stdin is not None:
                one.process.stdin.close()


def supervise(children: Sequence[Child], *, ready: Callable[[], bool], on_ready: Callable[[], None]) -> int:
    """Run until told to stop; 0 after a stop, else the status that `Family.mend` gave up with."""
    asked: list[int] = []

    def ask_to_stop(number: int, _frame: FrameType | None) -> None:
        # No lock may be taken here: the thread that this interrupts may hold it, as in the midst of Event.wait.
        asked.append(number)

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), ask_to_stop)
    family = Family(children)
    announced = False
    code = 0
    try:
        while not asked:
            time.sleep(0.2)
            if not announced and ready():
                announced = True
                on_ready()
            code = family.mend(established=announced)
            if code:
                break
    finally:
        family.stop()
    return code


def _start(child: Child) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own interpreter and our own arguments
        [sys.executable, *child.argv],
        env={**os.environ, **child.env},
        stdin=subprocess.PIPE,
        # Ctrl-C reaches the whole terminal group: in a group of its own a child is stopped once, by us.
        start_new_session=True,
    )


def stop_with_parent(stop: Callable[[], None]) -> None:
    """In a child: call `stop` once when the supervising parent is gone. Does nothing on a terminal."""
    if sys.stdin is None or sys.stdin.isatty():
        return

    def watch() -> None:
        try:
            while os.read(0, 4096):
                pass
        except OSError:
            pass
        stop()

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
