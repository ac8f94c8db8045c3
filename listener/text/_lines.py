"""A file of records, decompressed and cut into lines in bounded memory, each with the place to go on from."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

from listener.errors import InputError

MAX_BYTES: Final = 1_000_000
"""Of one line (of a CSV record: of all its lines), without its end."""

BOM: Final = b"\xef\xbb\xbf"
_CHUNK: Final = 1 << 16


class Row(NamedTuple):
    """One record before its fields are understood; without `values`, `reason` says what is wrong with it.

    `line` is its 1-based first line (Parquet: row). `end` is where the next one begins: a byte offset in the
    decompressed file (Parquet: the number of rows so far); `last_line` is the number of its last line. `complete` is
    False for a last line without its end, and where a stream breaks off: somebody may still be writing it.
    """

    line: int
    last_line: int
    end: int
    values: Mapping[str, Any] | None
    reason: str = ""
    complete: bool = True


class Line(NamedTuple):
    """A physical line with its end; `raw` is None where it is over the limit (it was skipped, never held)."""

    number: int
    raw: bytes | None
    end: int
    complete: bool


class Source(io.BufferedReader):
    """A file open for reading; `broken` says why it ended too early, if it did."""

    def __init__(self, raw: _Tolerant) -> None:
        super().__init__(raw, _CHUNK)
        self._tolerant = raw

    @property
    def broken(self) -> str:
        return self._tolerant.broken


class _Tolerant(io.RawIOBase):
    """A stream that ends where it cannot be read on, so that what came before is kept."""

    def __init__(self, inner: io.FileIO | gzip.GzipFile) -> None:
        self._inner = inner
        self.broken = ""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return isinstance(self._inner, io.FileIO) and self._inner.seekable()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._inner.seek(offset, whence)

    def readinto(self, buffer: Any, /) -> int:
        piece = b""
        try:
            piece = (self._inner.read1 if isinstance(self._inner, gzip.GzipFile) else self._inner.read)(len(buffer))
        except EOFError:
            self.broken = "the gzip stream breaks off"
        except (gzip.BadGzipFile, zlib.error):
            self.broken = "the gzip stream is damaged"
        except OSError as error:
            self.broken = f"cannot be read on ({error.strerror})"
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._inner.close()
        super().close()


def opened(path: str | Path, packed: bool) -> Source:
    """The file's bytes, decompressed as they are read. Raises InputError if they cannot be had at all."""
    name = printable(str(path))
    try:
        source = Source(_Tolerant(gzip.GzipFile(path) if packed else io.FileIO(path)))
    except OSError as error:
        raise InputError(name, f"cannot be opened ({error.strerror})") from error
    if not source.peek(1) and source.broken:
        source.close()
        raise InputError(name, "is no gzip file, or breaks off at once" if packed else source.broken)
    return source


def lines(stream: BinaryIO, *, offset: int = 0, number: int = 0) -> Iterator[Line]:
    """Physical lines, their places counted on from `offset` and `number`, in bounded memory.

    A piece of a line at which a broken stream ends is left out: nobody knows how the line goes on.
    """
    while raw := stream.readline(MAX_BYTES + 2):
        number += 1
        offset += len(raw)
        kept: bytes | None = raw
        complete = raw.endswith(b"\n")
        if len(raw) > MAX_BYTES and len(raw.rstrip(b"\r\n")) > MAX_BYTES:
            kept = None
            while not complete and (piece := stream.readline(_CHUNK)):
                offset += len(piece)
                complete = piece.endswith(b"\n")
        if not complete and broken(stream):
            return
        yield Line(number, kept, offset, complete)


def broken(stream: BinaryIO) -> str:
    """Why the stream ended before its time; empty if it did not."""
    return str(getattr(stream, "broken", ""))


def fault(raw: bytes) -> str:
    """Why these bytes are no text, for people; empty if they are."""
    if b"\0" in raw:
        return "has a NUL byte"
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return f"not UTF-8 (byte {error.start + 1})"
    return ""


def refuse_utf16(source: Source, name: str) -> None:
    """Raises InputError: a spreadsheet's "Unicode text" would otherwise be one fault a line."""
    head = source.peek(4)[:4]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") and b"\0" in head[2:]:
        raise InputError(name, "is UTF-16, not UTF-8", hint="Save it as UTF-8.")


def printable(name: str) -> str:
    """A file's name as one line that every terminal can show."""
    return "".join(character if character.isprintable() else "?" for character in name)


def transcoded(found: Iterator[Line], encoding: str) -> Iterator[Line]:
    """The lines as UTF-8; what is not in that encoding stays as it is, and is found to be no UTF-8 either."""
    if encoding == "utf-8":
        yield from found
        return
    for line in found:
        try:
            yield line if line.raw is None else line._replace(raw=line.raw.decode(encoding).encode())
        except UnicodeDecodeError:
            yield line._replace(raw=b"\xff" + line.raw if line.raw else line.raw)
