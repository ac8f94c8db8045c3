"""The worker process: every source on its own thread, and one loop that scores and triages what they bring.

Run as `python -m listener.pipeline.worker`, supervised by `listener up`; its arguments are internal.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from listener.desk.tending import Tending
from listener.errors import ListenerError, StoreError
from listener.pipeline import demo
from listener.pipeline.advance import WALL, advance, follow
from listener.pipeline.chores import Chores
from listener.pipeline.clock import Clock
from listener.pipeline.early import Memory
from listener.pipeline.ears import ears_for, register
from listener.pipeline.listen import SourceThread
from listener.pipeline.live import LiveScorer
from listener.pipeline.logs import set_up_logging
from listener.pipeline.recheck import RecheckThread, can_look
from listener.pipeline.supervise import stop_with_parent
from listener.settings import Settings, load
from listener.store import Store

log = logging.getLogger("listener.worker")

IDLE_S: Final = 0.25
"""With nothing to do, look again this often: another process may have written."""
HEARTBEAT_S: Final = 5.0
SCRUB_S: Final = 60.0
"""Deleted words leave the search index's pages and the log within about this long; each round costs a rewrite of it."""
STATE: Final = "worker"
"""Where the worker says that it lives: {"pid", "model", "at"}; a board that finds it old says that nobody listens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What one worker works on."""

    settings: Settings
    store: Store
    scorer: LiveScorer
    clock: Clock = WALL
    memory: Memory = field(default_factory=Memory)

    def advance(self) -> int:
        """One batch; how many rows were worked on."""
        return advance(self.store, self.scorer, self.settings, datetime.now(UTC), self.memory, self.clock)


def work(job: Job, stop: threading.Event) -> None:
    """Listen, score and triage until `stop` is set; then let every source save where it stands."""
    ears, found = ears_for(job.settings, job.store)
    register(job.store, found)
    threads: list[threading.Thread] = [SourceThread(source, ears, stop) for source in found]
    if any(can_look(source) for source in found):
        threads.append(RecheckThread(found, ears, stop))
    for thread in threads:
        thread.start()
    log.info("listening to %d sources with %s", len(found), job.scorer.name)
    try:
        _loop(job, ears.news, stop, Chores(job.store, found))
    finally:
        stop.set()
        deadline = time.monotonic() + 5
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        _finish(job)


def _loop(job: Job, news: threading.Event, stop: threading.Event, chores: Chores) -> None:
    beat = scrubbed = 0.0
    desk = Tending(job.store, job.settings)
    while not stop.is_set():
        news.clear()
        worked = 0
        try:
            worked = job.advance()
            if time.monotonic() - beat > HEARTBEAT_S:
                beat = time.monotonic()
                _beat(job)
            chores.do(datetime.now(UTC))
            desk.do(datetime.now(UTC))
            if time.monotonic() - scrubbed > SCRUB_S and job.store.scrub():
                scrubbed = time.monotonic()
        except StoreError as error:
            # Nothing is lost: what was not written is still unfinished work.
            log.error("%s", error)
            stop.wait(1.0)
        if not worked:
            news.wait(IDLE_S)


def _finish(job: Job) -> None:
    """Sources may have written while they stopped: no alert need wait for the next start."""
    try:
        while job.advance():
            pass
    except StoreError as error:
        log.error("%s", error)


def _beat(job: Job) -> None:
    now = datetime.now(UTC)
    with job.store.write() as tx:
        tx.state.put(STATE, {"pid": os.getpid(), "model": job.scorer.name, "at": now.isoformat()}, now)


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of the process; the exit code."""
    parser = argparse.ArgumentParser(prog="listener worker")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--config", type=Path)
    demo.add_arguments(parser)
    given = parser.parse_args(argv)
    set_up_logging()
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    stop_with_parent(stop.set)
    try:
        settings = demo.settings_from(given) or load(given.home, given.config)
        with Store.open(settings.database) as store:
            scorer = LiveScorer(settings)
            clock = demo.clock_from(given)
            demo.prepare(store, scorer, settings, clock, datetime.now(UTC))
            with store.write() as tx:
                follow(tx, settings, datetime.now(UTC))
            work(Job(settings=settings, store=store, scorer=scorer, clock=clock), stop)
    except ListenerError as error:
        log.error("%s", error)
        if error.hint:
            log.error("%s", error.hint)
        return error.exit_code
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
