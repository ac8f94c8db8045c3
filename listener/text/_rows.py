"""Rows of a file of records, whatever its format, as plain dictionaries."""

from __future__ import annotations

import json
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

from listener.errors import InputError
from listener.text._lines import BOM, Row, Source, broken, fault, lines, opened, printable, refuse_utf16, transcoded

_FORMATS: Final = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
}
SUFFIXES: Final = tuple(suffix + packed for suffix in _FORMATS for packed in ("", ".gz"))
_decode: Final = json.JSONDecoder().decode


def format_of(path: str | Path) -> tuple[str, bool]:
    """("jsonl" | "csv" | "parquet", whether gzip) by the file's name. Raises InputError for an unknown suffix.

    A name without suffix (`/dev/fd/63`) is taken for JSON Lines.
    """
    suffixes = [suffix.lower() for suffix in Path(path).suffixes]
    packed = suffixes[-1:] == [".gz"]
    suffixes = suffixes[:-1] if packed else suffixes
    if not suffixes:
        return "jsonl", packed
    if suffixes[-1] not in _FORMATS:
        known = ", ".join(_FORMATS)
        hint = f"Its name must end in one of {known}, or one of these and .gz."
        raise InputError(printable(str(path)), "is of an unknown kind", hint=hint)
    return _FORMATS[suffixes[-1]], packed


def rows(
    path: str | Path,
    *,
    stream: BinaryIO | None = None,
    offset: int = 0,
    line: int = 0,
    text: str = "text",
    encoding: str = "utf-8",
) -> Generator[Row, None, None]:
    """All rows of a file, or those after the row whose `end` and `last_line` are given. Raises InputError.

    `text` is the column that a table must have; `encoding` (of text files) one whose line ends are those of ASCII.
    """
    if str(path) == "-":
        yield from _json_rows(stream or sys.stdin.buffer, 0, 0)
        return
    kind, packed = format_of(path)
    if kind == "parquet":
        from listener.text._tables import parquet_rows

        yield from parquet_rows(path, packed, offset, text)
        return
    name = printable(str(path))
    with opened(path, packed) as source:
        refuse_utf16(source, name)
        if kind == "csv":
            from listener.text._tables import csv_rows

            yield from csv_rows(source, name, offset, text, encoding)
        else:
            yield from _json_rows(source, *_skipped(source, offset, line), encoding)


def _skipped(source: Source, offset: int, number: int) -> tuple[int, int]:
    """Go to that byte of the decompressed file; a compressed one is read up to there."""
    if source.seekable():
        source.seek(offset)
        return offset, number
    here, passed = 0, 0
    while here < offset and (line := next(lines(source, offset=here, number=passed), None)):
        here, passed = line.end, line.number
    return here, passed


def _json_rows(stream: BinaryIO, offset: int, number: int, encoding: str = "utf-8") -> Iterator[Row]:
    for line in transcoded(lines(stream, offset=offset, number=number), encoding):
        number, offset = line.number, line.end
        if line.raw is None:
            yield Row(number, number, offset, None, "over 1 MB", line.complete)
        elif raw := line.raw.removeprefix(BOM).strip():
            values, reason = _json_object(raw)
            yield Row(number, number, offset, values, reason, line.complete)
    if why := broken(stream):
        yield Row(number + 1, number, offset, None, why, complete=False)


def _json_object(raw: bytes) -> tuple[dict[str, Any] | None, str]:
    if b"\0" in raw:
        return None, fault(raw)
    try:
        values = _decode(raw.decode())
    except UnicodeDecodeError:
        return None, fault(raw)
    except json.JSONDecodeError as error:
        return None, f"not JSON (column {error.colno})"
    except RecursionError:
        return None, "nested too deeply"
    except ValueError:
        # The only other fault that the parser knows: an integer of thousands of digits.
        return None, "has a number too long"
    return (values, "") if isinstance(values, dict) else (None, "not a JSON object")
