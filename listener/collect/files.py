"""Files of posts: one file, a pattern, or a directory that others drop files into. `kind = "files"`.

JSON Lines, CSV and Parquet, each also gzipped, in the format of DESIGN.md section 6 "Input"; `_file_events.py` says
what else is taken from a record. Every pass reads what is new: new files, lines added to known ones, and files replaced
by others of the same name from their start. A last line that is still being written is waited for.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, field_validator

from listener.collect._export import KEYS, PRESETS, Export
from listener.collect._file_events import Origin, event_of
from listener.collect._folder import Reading, Stamp, ends, has_only_grown, key_of, names, stamp_of, unseen
from listener.errors import GoneError, InputError, PayloadError
from listener.settings import SourceOptions
from listener.text._lines import Row, printable
from listener.text._rows import format_of, rows
from listener.types import Checkpoint, Event, Rejection

BATCH: Final = 500
"""Records between two Checkpoints."""
MAX_FILES: Final = 10_000
SETTLED_S: Final = 2.0
"""A file that did not change for so long is not being written."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("a time zone such as Asia/Tokyo") from None
    return name


class Options(SourceOptions):
    """`path`: a file, a directory (the files right in it) or a pattern such as `in/**/*.csv`."""

    path: Annotated[str, Field(min_length=1)]
    watch: bool | None = None
    """Whether files may still be being written, so that a last line without its end is waited for; left out: in
    directories and patterns yes, for a single file no."""
    preset: Literal["4cat"] | None = None
    """Columns as an export of this kind names them."""
    columns: Mapping[str, Annotated[str, Field(min_length=1, max_length=200)]] = {}
    """Our key -> the column of the file that holds it, for exports that name things otherwise."""
    encoding: Literal["utf-8", "cp932", "euc-jp", "gb18030", "big5"] = "utf-8"
    zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    """Whose clock `posted_at` shows where it says no offset."""

    @field_validator("columns")
    @classmethod
    def _knows_keys(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        for key in value:
            if key not in KEYS:
                raise ValueError(f"our keys on the left: {', '.join(sorted(KEYS))}")
        return value

    def reading(self) -> Export:
        """How the files name things."""
        names = {**(PRESETS[self.preset] if self.preset else {}), **self.columns}
        return Export(names, ZoneInfo(self.zone))


PASSES = 2
"""Under `--once`: the second pass takes what the first one waited for, if the file has not changed since."""


def collect(options: Options, checkpoint: Mapping[str, Any] | None) -> Iterator[Event]:
    """Read what is new. A bad record or file is a Rejection and does not stop the others.

    Raises GoneError (no such file or directory), PayloadError (no regular file, an unknown kind, too many files).
    """
    path = Path(options.path).expanduser()
    files, watched = _files(path, options)
    desk = _Desk(options, watched, _restored(checkpoint))
    keys = {file: key_of(file, path) for file in files[:MAX_FILES]}
    unseen(desk.readings, list(keys.values()))
    for file, key in keys.items():
        yield from desk.read(file, key)
    yield desk.checkpoint(caught_up=True)
    if len(files) > MAX_FILES:
        hint = "Move the files that were read to another directory."
        raise PayloadError(options.name, f"{printable(str(path))} holds more than {MAX_FILES} files", hint=hint)


def _files(path: Path, options: Options) -> tuple[list[Path], bool]:
    """The files to read, and whether somebody may still be writing them."""
    shown = printable(str(path))
    try:
        several = names(path)
        found = [path] if several is None else list(several)
    except OSError as error:
        raise GoneError(options.name, f"{shown} cannot be read ({error.strerror})", hint="Check `path`.") from None
    if several is None:
        _check_single(path, shown, options)
    return found, several is not None if options.watch is None else options.watch


def _check_single(path: Path, shown: str, options: Options) -> None:
    if not path.exists():
        hint = "Check `path`; a relative one begins where listener was started."
        raise GoneError(options.name, f"there is no {shown}", hint=hint)
    if stamp_of(path) is None:
        raise PayloadError(options.name, f"{shown} is neither a file nor a directory")
    try:
        format_of(path)
    except InputError as error:
        raise PayloadError(options.name, str(error), hint=error.hint) from None


def _restored(checkpoint: Mapping[str, Any] | None) -> dict[str, Reading]:
    saved = (checkpoint or {}).get("files")
    if not isinstance(saved, Mapping):
        return {}
    readings = {key: Reading.restored(value) for key, value in saved.items()}
    return {key: reading for key, reading in readings.items() if reading is not None}


@dataclass(slots=True)
class _Desk:
    """One pass over the files: how far each was read, and how many records since the last Checkpoint."""

    options: Options
    watched: bool
    readings: dict[str, Reading]
    _seen: set[str] = field(default_factory=set)
    _since: int = 0

    def checkpoint(self, *, caught_up: bool = False) -> Checkpoint:
        """Everything read so far."""
        self._since = 0
        value = {"files": {key: reading.saved() for key, reading in self.readings.items()}}
        return Checkpoint(source=self.options.name, value=value, caught_up=caught_up)

    def read(self, file: Path, key: str) -> Iterator[Event]:
        """The events of what is new in one file."""
        stamp = stamp_of(file)
        if stamp is None or stamp.inode in self._seen:
            return
        self._seen.add(stamp.inode)
        before = self.readings.get(key)
        known = before is not None and before.stamp == stamp
        if known and before is not None and before.done:
            return
        settled = not self.watched or known or _is_old(stamp)
        try:
            here = _start(file, before, stamp)
            self.readings[key] = here
            yield from self._rows(file, key, here, settled=settled)
        except InputError as error:
            # A file that is still being written may only look damaged; one that is does so at the next pass too.
            self.readings[key] = Reading(stamp, done=settled)
            if settled:
                reason = str(error).removeprefix(f"{printable(str(file))}: ")
                yield Rejection(source=self.options.name, place=printable(file.name), reason=reason)
        except OSError:
            # It vanished while it was read; when it comes back it is new.
            self.readings.pop(key, None)

    def _rows(self, file: Path, key: str, here: Reading, *, settled: bool) -> Iterator[Event]:
        kind, packed = format_of(file)
        origin = _origin(self.options, file, key)
        whole = True
        export, encoding = self.options.reading(), self.options.encoding
        text = export.columns.get("text", "text")
        with closing(rows(file, offset=here.offset, line=here.line, text=text, encoding=encoding)) as found:
            for row in found:
                whole = whole and row.complete
                if not settled and _is_half(row, kind):
                    break
                yield event_of(export.ours(row), origin)
                if whole:
                    here = replace(here, offset=row.end, line=row.last_line)
                self._since += 1
                if self._since >= BATCH:
                    self.readings[key] = _known_again(file, here, kind, packed)
                    yield self.checkpoint()
            else:
                here = replace(here, done=True)
        self.readings[key] = _known_again(file, here, kind, packed)


def _start(file: Path, before: Reading | None, stamp: Stamp) -> Reading:
    """Where to read on: behind what was read, if that still stands there, else at the beginning."""
    if before is not None and before.stamp == stamp:
        return before
    if before is not None and has_only_grown(file, before, stamp):
        return replace(before, stamp=stamp, done=False)
    return Reading(stamp)


def _is_half(row: Row, kind: str) -> bool:
    """Whether a last line without its end may still be being written. A JSON object that is whole is finished."""
    return not row.complete and (row.values is None or kind == "csv")


def _known_again(file: Path, here: Reading, kind: str, packed: bool) -> Reading:
    """What is packed, or written as a whole, does not grow: only plain lines do."""
    return here if packed or kind == "parquet" else replace(here, ends=ends(file, here.offset))


def _is_old(stamp: Stamp) -> bool:
    return time.time() - stamp.changed_ns / 1e9 > SETTLED_S


def _origin(options: Options, file: Path, key: str) -> Origin:
    changed = min(max(file.stat().st_mtime, 0.0), 2.0**32)
    changed_at = datetime.fromtimestamp(changed, UTC)
    return Origin(options.name, options.brand, options.channel, printable(file.name), key, changed_at)
