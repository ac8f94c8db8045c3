"""A home directory and who holds it.

`listener up` holds an exclusive lock on `up.lock` for as long as it lives: the operating system drops it with the
process, so a killed listener never blocks the next one. What the holder wrote into the file names it to a second one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from listener.errors import AlreadyRunningError, UsageError
from listener.settings import Settings

LOCK = "up.lock"


def prepare(home: Path) -> None:
    """Make the directory, readable by its owner only. Raises UsageError where that cannot be done."""
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise UsageError(
            f"{home}: cannot be made ({error.strerror})", hint="Set LISTENER_HOME to a directory you may write to."
        ) from error
    if not os.access(home, os.W_OK):
        raise UsageError(f"{home}: not writable", hint="Set LISTENER_HOME to a directory you may write to.")


def database_of(settings: Settings) -> Path:
    """The home's database, which must be there already. Raises UsageError naming the home."""
    if not settings.database.exists():
        raise UsageError(f"{settings.database} does not exist", hint="Check LISTENER_HOME or --home.")
    return settings.database


@contextmanager
def held(home: Path, holder: dict[str, object]) -> Iterator[None]:
    """Hold the home while the block runs. Raises AlreadyRunningError naming the holder."""
    prepare(home)
    with (home / LOCK).open("a+", encoding="utf-8") as file:
        if not _lock(file):
            raise AlreadyRunningError(str(home), _describe(file))
        file.seek(0)
        file.truncate()
        json.dump(holder, file)
        file.flush()
        yield


def is_held(home: Path) -> bool:
    """Whether a listener runs on this home now."""
    if not (home / LOCK).exists():
        return False
    with (home / LOCK).open("a+", encoding="utf-8") as file:
        return not _lock(file)


def _lock(file: IO[str]) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows
        return _lock_windows(file)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _lock_windows(file: IO[str]) -> bool:
    import importlib

    msvcrt = importlib.import_module("msvcrt")
    try:
        file.seek(0x7FFFFFFE)  # a byte beyond the text, so that the other one can still read who holds it
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    except OSError:
        return False
    return True


def _describe(file: IO[str]) -> str:
    file.seek(0)
    try:
        holder = json.loads(file.read() or "{}")
    except ValueError:
        holder = {}
    return ", ".join(f"{key} {value}" for key, value in holder.items()) or "unknown process"
