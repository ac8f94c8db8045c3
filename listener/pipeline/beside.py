"""The worker of a board that nobody supervises: `streamlit run app.py`."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from listener.errors import AlreadyRunningError
from listener.pipeline import demo
from listener.pipeline.home import held
from listener.pipeline.supervise import Child, Family
from listener.settings import FILE_NAME, shipped

log = logging.getLogger("listener.up")


def place_of(home: Path, config: Path | None) -> tuple[Path, Path | None]:
    """The home and settings file to work on: the demo's, where nobody has written settings yet."""
    if config is None and not (home / FILE_NAME).exists():
        return demo.demo_home(home), shipped("data/samples") / FILE_NAME
    return home, config


@contextmanager
def worker_beside(home: Path, config: Path | None, now: datetime) -> Iterator[None]:
    """Keep a worker running while the block runs, unless a listener runs on this home already.

    `home` and `config` as `place_of` gives them. The demo's database is made anew.
    """
    is_demo = home.name == demo.DIRECTORY and config == shipped("data/samples") / FILE_NAME
    try:
        with held(home, {"board": "streamlit run"}):
            if is_demo:
                demo.recreate(home)
                arguments = demo.arguments(home, speed=demo.SPEED, started_at=now)
            else:
                arguments = ("--home", str(home), *(("--config", str(config)) if config else ()))
            with _kept(Child(name="worker", argv=("-m", "listener.pipeline.worker", *arguments))):
                yield
    except AlreadyRunningError as error:
        log.info("%s: this board shows what that one collects", error)
        yield


@contextmanager
def _kept(child: Child) -> Iterator[None]:
    stop = threading.Event()
    family = Family([child])

    def keep() -> None:
        while not stop.wait(0.5):
            if family.mend(established=True):
                return  # wrong settings: the worker has said which; the board says that no worker runs

    thread = threading.Thread(target=keep, name="worker-keeper", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(2)
        family.stop()
