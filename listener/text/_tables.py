"""Rows of CSV and Parquet files."""

from __future__ import annotations

import csv
import json
import re
import shutil
import tempfile
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

from listener.errors import InputError
from listener.text._lines import BOM, MAX_BYTES, Line, Row, Source, broken, fault, lines, opened, printable, transcoded

_BATCH: Final = 256
"""Parquet rows held at a time."""
_NUMBERS: Final = frozenset({"complaint", "severity", "severity_code", "churn"})


class _UnusableError(Exception):
    """The lines of a record are no CSV; the message is for people."""


class _Feed:
    """Physical lines handed to csv.reader one by one, kept so that a failed record costs only its first line.

    An unclosed quote would otherwise swallow all the records behind it.
    """

    def __init__(self, source: Iterator[Line]) -> None:
        self._source = source
        self._again: deque[Line] = deque()
        self.taken: list[Line] = []
        self._size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._source)
        self.taken.append(line)
        self._size += len(line.raw or b"")
        if line.raw is None or self._size > MAX_BYTES + 2:
            raise _UnusableError("over 1 MB" if len(self.taken) == 1 else "a quote is not closed, or over 1 MB")
        raw = line.raw.removeprefix(BOM) if line.number == 1 else line.raw
        return raw.decode(errors="surrogateescape")

    def record(self, delimiter: str) -> list[str]:
        """The fields of the next record. Raises StopIteration at the end, csv.Error, _UnusableError."""
        self.taken, self._size = [], 0
        fields = next(csv.reader(self, delimiter=delimiter, strict=True))
        if reason := next(filter(None, (fault(line.raw or b"") for line in self.taken)), ""):
            raise _UnusableError(reason)
        return fields

    def give_back(self, keep: int = 1) -> None:
        """All lines of this record but the first `keep` are read again, as new records."""
        self._again.extendleft(reversed(self.taken[keep:]))
        del self.taken[keep:]


def csv_rows(source: Source, name: str, offset: int, text: str = "text", encoding: str = "utf-8") -> Iterator[Row]:
    """Rows behind the byte `offset`. Raises InputError for a header that cannot be used."""
    csv.field_size_limit(max(csv.field_size_limit(), MAX_BYTES))
    feed = _Feed(transcoded(lines(source), encoding))
    columns, delimiter = _header(feed, name, text)
    last = feed.taken[-1]
    while True:
        values: dict[str, Any] | None = None
        reason, complete = "", True
        try:
            fields = feed.record(delimiter)
            values, reason = _values(columns, fields, text)
            complete = feed.taken[-1].complete
        except StopIteration:
            break
        except (csv.Error, _UnusableError) as error:
            reason = _why(error)
            complete = "end of data" not in str(error) and feed.taken[-1].complete
            feed.give_back()
        first, last = feed.taken[0], feed.taken[-1]
        if last.end > offset and (values is None or values):
            yield Row(first.number, last.number, last.end, values, reason, complete)
    if why := broken(source):
        yield Row(last.number + 1, last.number, last.end, None, why, complete=False)


def _header(feed: _Feed, name: str, text: str) -> tuple[list[str], str]:
    reason = f"has no column named {text}"
    for delimiter in (",", ";", "\t"):
        try:
            columns = _names(feed, delimiter)
        except StopIteration:
            raise InputError(name, "is empty: its first line must name the columns") from None
        except (csv.Error, _UnusableError) as error:
            reason = f"its first line cannot be read: {_why(error)}"
            columns = []
        named = list(filter(None, columns))
        if len(set(named)) < len(named):
            raise InputError(name, "names a column twice in its first line")
        if text in columns:
            return columns, delimiter
        feed.give_back(keep=0)
    hint = f"It must be UTF-8, its first line names the columns, and one of these must be {text}."
    raise InputError(name, reason, hint=hint)


def _names(feed: _Feed, delimiter: str) -> list[str]:
    columns: list[str] = []
    while not any(columns):
        columns = [column.strip() for column in feed.record(delimiter)]
    return columns


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, _UnusableError) else "wrong quoting"


def _values(columns: list[str], fields: list[str], text: str) -> tuple[dict[str, Any] | None, str]:
    """The row's dictionary (empty for a blank line), or why it has none."""
    blank = not fields or (len(fields) == 1 < len(columns) and not fields[0].strip())
    if blank:
        return {}, ""
    if any(fields[len(columns) :]):
        return None, "more fields than the first line names"
    row = zip(columns, fields, strict=False)
    return {name: _typed(name, value) for name, value in row if name and (value or name == text)}, ""


def _typed(name: str, value: str) -> Any:
    """CSV has only strings: labels become numbers, tags ("a;b", or a JSON list) a list."""
    if name in _NUMBERS and re.fullmatch(r"\s*-?\d{1,9}(\.0*)?\s*", value):
        return int(float(value))
    if name == "tags":
        try:
            return json.loads(value) if value.lstrip().startswith("[") else [tag.strip() for tag in value.split(";")]
        except (ValueError, RecursionError):
            return value
    return value


def parquet_rows(path: str | Path, packed: bool, done: int, text: str = "text") -> Iterator[Row]:
    """Rows after the first `done`. Raises InputError for a file that is no Parquet or has no text column."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    name = printable(str(path))
    with _plain_file(path, packed) as file:
        try:
            table = pq.ParquetFile(file, pre_buffer=False, buffer_size=1 << 20)
            if text not in table.schema_arrow.names:
                raise InputError(name, f"has no column named {text}")
            batches = table.iter_batches(batch_size=_BATCH, use_threads=False)
        except (OSError, pa.ArrowException) as error:
            raise InputError(name, "is no Parquet file, or a damaged one") from error
        number = 0
        while True:
            try:
                batch = next(batches, None)
            except (OSError, pa.ArrowException):
                yield Row(number + 1, number, number, None, "the Parquet file is damaged from here on")
                return
            if batch is None:
                return
            start, number = number, number + batch.num_rows
            if number > done:
                yield from _batch_rows(_microseconds(batch), start, done)


def _plain_file(path: str | Path, packed: bool) -> BinaryIO:
    """The file, or an unpacked copy that vanishes when closed: Parquet is read from its end."""
    source = opened(path, packed)
    if not packed:
        return source
    with source:
        copy = tempfile.TemporaryFile()  # noqa: SIM115 - handed to the caller, who closes it
        shutil.copyfileobj(source, copy)
        if source.broken:
            copy.close()
            raise InputError(printable(str(path)), source.broken)
    copy.seek(0)
    return copy


def _microseconds(batch: Any) -> Any:
    """Python's dates end at microseconds; pandas writes nanoseconds."""
    import pyarrow as pa

    for index, column in enumerate(batch.schema):
        if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
            values = batch.column(index).cast(pa.timestamp("us", column.type.tz), safe=False)
            batch = batch.set_column(index, column.name, values)
    return batch


def _batch_rows(batch: Any, start: int, done: int) -> Iterator[Row]:
    try:
        rows = batch.to_pylist()
    except (ValueError, OverflowError, KeyError):
        # One value that Python has no object for: find its row, keep the others.
        rows = [_single(batch.slice(index, 1)) for index in range(batch.num_rows)]
    for number, values in enumerate(rows, start + 1):
        if number > done:
            yield Row(number, number, number, values, "" if values is not None else "a value cannot be read")


def _single(batch: Any) -> dict[str, Any] | None:
    try:
        row: dict[str, Any] = batch.to_pylist()[0]
    except (ValueError, OverflowError, KeyError):
        return None
    return row
