"""Waiting that never goes silent: a collector that waits yields a heartbeat at least once a second.

Both helpers are generators for `yield from`: they yield `beat()` while they wait and return when it is over, so that a
collector can be stopped at every heartbeat, whatever it waits for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from concurrent.futures import Future, wait
from threading import Thread
from typing import Final, TypeVar

Beat = TypeVar("Beat")
Result = TypeVar("Result")

PULSE: Final = 0.5
"""Seconds between two heartbeats."""


def pause(seconds: float, beat: Callable[[], Beat]) -> Generator[Beat, None, None]:
    """Wait for so many seconds; no time at all still gives one heartbeat, so that a loop can be stopped there."""
    until = time.monotonic() + seconds
    while True:
        yield beat()
        left = until - time.monotonic()
        if left <= 0:
            return
        time.sleep(min(PULSE, left))


def in_background(
    call: Callable[[], Result], beat: Callable[[], Beat], *, discard: Callable[[Result], object] | None = None
) -> Generator[Beat, None, Result]:
    """The result of `call`, which runs on a thread of its own: for clients that block and sleep as they see fit.

    Its exception is raised here. If the generator is closed before, the thread is left to end by itself (it holds up
    no exit) and `discard` gets the late result, e.g. to close a connection.
    """
    box: Future[Result] = Future()
    Thread(target=_run, args=(box, call), name="listener-call", daemon=True).start()
    try:
        while not wait([box], timeout=PULSE).done:
            yield beat()
    except GeneratorExit:
        if discard is not None:
            box.add_done_callback(lambda late: late.exception() or discard(late.result()))
        raise
    return box.result()


def _run(box: Future[Result], call: Callable[[], Result]) -> None:
    try:
        box.set_result(call())
    except BaseException as error:
        box.set_exception(error)
