"""The demo's own home: invented brands, the sample day as its sources, a database made anew at every start."""

from __future__ import annotations

import argparse
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from listener.settings import FILE_NAME, Settings, parse, shipped

DIRECTORY: Final = "demo"
SPEED: Final = 60.0
"""Simulated seconds a second: the ten live hours of the day pass in ten minutes."""


def demo_home(home: Path) -> Path:
    """The demo's directory inside a home; the real database beside it is never touched."""
    return home / DIRECTORY


def demo_settings(home: Path, *, speed: float = SPEED, started_at: datetime) -> Settings:
    """The shipped demo settings on `home`, every source replaying from `started_at` at `speed`."""
    file = shipped("data/samples") / FILE_NAME
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    for source in tables["sources"]:
        source.update(speed=speed, started_at=started_at)
    return parse(tables, home=home, file=str(file))


def recreate(home: Path) -> None:
    """Empty the demo's directory of its last database."""
    for file in home.glob("listener.db*"):
        file.unlink()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How the supervisor tells a worker that it works on the demo."""
    parser.add_argument("--demo-started-at", type=datetime.fromisoformat)
    parser.add_argument("--demo-speed", type=float, default=SPEED)


def arguments(home: Path, *, speed: float, started_at: datetime) -> tuple[str, ...]:
    """The arguments that make a worker work on the demo."""
    stamp = started_at.astimezone(UTC).isoformat()
    return ("--home", str(home), "--demo-started-at", stamp, "--demo-speed", str(speed))


def settings_from(given: argparse.Namespace) -> Settings | None:
    """The demo's settings if the arguments ask for it."""
    if given.demo_started_at is None:
        return None
    return demo_settings(given.home, speed=given.demo_speed, started_at=given.demo_started_at)
