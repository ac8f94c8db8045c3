"""Which files a path means, and how far each was read: the memory of the files collector as plain values."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Final

from listener.errors import InputError
from listener.text._rows import format_of

_UNFINISHED: Final = (".tmp", ".part", ".partial", ".crdownload", "~")
_MAGIC: Final = frozenset("*?[")
_ENDS: Final = 1024
"""Bytes at the beginning and before the place read up to by which a file is known again."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What changes when a file does. The time is that of the inode: mtime can be set back, this cannot."""

    inode: str
    size: int
    changed_ns: int


@dataclass(frozen=True, slots=True)
class Reading:
    """How far a file was read: up to `offset` after `line` (Parquet: rows), when it looked like `stamp`.

    `ends` is a hash over the beginning and the end of what was read: a file that still has them has only grown.
    A last line without its end is always left to be read again when there is more. `done`: nothing else was left.
    """

    stamp: Stamp
    offset: int = 0
    line: int = 0
    ends: str = ""
    done: bool = False

    def saved(self) -> list[Any]:
        """Plain JSON."""
        return [*astuple(self.stamp), self.offset, self.line, self.ends, self.done]

    @classmethod
    def restored(cls, saved: Any) -> Reading | None:
        """From a checkpoint; None for what is not one of these."""
        if not isinstance(saved, list) or len(saved) != 7 or not all(isinstance(n, int) for n in saved[1:5]):
            return None
        return cls(Stamp(str(saved[0]), saved[1], saved[2]), saved[3], saved[4], str(saved[5]), bool(saved[6]))


def names(path: Path) -> Iterator[Path] | None:
    """The files that a directory or pattern stands for, by name; None for a path that is a single file, or missing.

    Links come last: one whose file is there under its own name is that file. Hidden files and unfinished ones (.tmp,
    .part) are left out, and so is what is of no known kind. Raises OSError.
    """
    base, pattern = _split(path)
    if pattern is None and not path.is_dir():
        return None
    base.stat()
    found = base.glob(pattern) if pattern else base.iterdir()
    return (file for file in sorted(found, key=lambda file: (file.is_symlink(), file)) if _is_meant(file))


def _split(path: Path) -> tuple[Path, str | None]:
    """The part of a path without wildcards, and the pattern below it."""
    parts = path.parts
    first = next((index for index, part in enumerate(parts) if _MAGIC & set(part)), None)
    if first is None or path.exists():
        return path, None
    return Path(*parts[:first]), str(Path(*parts[first:]))


def _is_meant(file: Path) -> bool:
    if file.name.startswith(".") or file.name.lower().removesuffix(".gz").endswith(_UNFINISHED):
        return False
    try:
        format_of(file)
    except InputError:
        return False
    return bool(file.suffix)


def stamp_of(file: Path) -> Stamp | None:
    """None for what is no regular file (a pipe or device would hold the reader up) or is gone."""
    try:
        status = os.stat(file)
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return Stamp(f"{status.st_dev}:{status.st_ino}", status.st_size, status.st_ctime_ns)


def key_of(file: Path, base: Path) -> str:
    """A file's name in the checkpoint: short, and without anything that a name may hold."""
    relative = os.path.relpath(file, base if base.is_dir() else base.parent)
    return hashlib.sha256(os.fsencode(relative)).hexdigest()[:16]


def ends(file: Path, offset: int) -> str:
    """The hash of the first and the last bytes before `offset`."""
    with file.open("rb") as stream:
        first = stream.read(min(offset, _ENDS))
        stream.seek(max(0, offset - _ENDS))
        last = stream.read(min(offset, _ENDS))
    return hashlib.sha256(first + last).hexdigest()[:16]


def has_only_grown(file: Path, before: Reading, now: Stamp) -> bool:
    """Whether what was read of it still stands there, with something new behind."""
    if now.size < before.offset or now.size <= before.stamp.size or not before.ends:
        return False
    return ends(file, before.offset) == before.ends


def unseen(readings: dict[str, Reading], keys: Sequence[str]) -> None:
    """Forget the files that are gone."""
    for key in readings.keys() - set(keys):
        del readings[key]
