"""Records of posts from JSON Lines, CSV and Parquet: the input of score, evaluate, train, replay and of watched files.

The contract is DESIGN.md section 6, "Input". Everything is streamed: memory holds one line (at most 1 MB) or one small
batch of Parquet rows, whatever the size of the file. A record that cannot be used is a value (`BadRecord`), not an
exception, so that the good ones around it arrive; only a file that cannot be used as a whole raises InputError.
No reason ever quotes the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from listener.text._lines import MAX_BYTES, Row, printable
from listener.text._rows import rows
from listener.types import CAUSES

EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
"""Outside of these a date is a fault of the file (epoch 0, year 9999), not the date of a post."""

MAX_NAME: Final = 500
"""Characters of an id, a brand, a tag: they become keys and labels on screen."""


@dataclass(frozen=True, slots=True)
class Record:
    """One post as its file gave it; None where the file does not say.

    `line` is 1-based: the line of a text file (of a CSV record: its first one), the row of a Parquet file. `id` is that
    number as a string when the record has none. `tags` include the value of a `hard` key. Labels are those of
    LABELS.md: complaint and churn 0 or 1, severity 0 to 4, cause one of the codes or "none". `extra` holds all other
    keys as they were read (of a CSV file: strings).
    """

    id: str
    text: str
    line: int
    lang: str | None = None
    source: str | None = None
    channel: str | None = None
    brand: str | None = None
    posted_at: datetime | None = None
    tags: tuple[str, ...] = ()
    pair: str | None = None
    complaint: int | None = None
    severity: int | None = None
    churn: int | None = None
    cause: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A record that was dropped, or (`dropped=False`) a field of the Record that follows which was ignored.

    `place` is FILE:LINE; `reason` is short and never quotes the record.
    """

    place: str
    reason: str
    dropped: bool


def read(path: str | Path, *, stream: BinaryIO | None = None) -> Iterator[Record | BadRecord]:
    """The records of one file, in its order; "-" is standard input (or `stream`), as JSON Lines.

    `.jsonl`, `.ndjson`, `.json` (all read as lines), `.csv`, `.tsv`, `.parquet`, each also with `.gz`; a name without
    suffix is read as JSON Lines. A gzip stream that breaks off gives its good records and then one BadRecord.

    Raises InputError, at the first `next`, when the file as a whole cannot be used: not there, not readable, of an
    unknown suffix, no gzip or Parquet file, a CSV file without a `text` column.
    """
    name = printable(str(path))
    for row in rows(path, stream=stream):
        yield from parse(row, name)


def parse(row: Row, name: str) -> Sequence[Record | BadRecord]:
    """What one row of the file `name` says: at most one Record, after the BadRecords about it."""
    found: list[Record | BadRecord] = []
    if row.values is None:
        return (BadRecord(f"{name}:{row.line}", row.reason, True),)
    try:
        text = _text(row.values)
    except ValueError as error:
        return (BadRecord(f"{name}:{row.line}", str(error), True),)
    fields: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for key, value in row.values.items():
        known = _FIELDS.get(key) or (_alias(key, row.values) if key in _ALIASES else None)
        if known is None:
            if key != "text" and _storable(key) and _storable(value):
                extra[key] = value
        elif value is not None and value != "" and value == value:  # NaN is how tables say "none"
            try:
                fields[known[0]] = known[1](value)
            except ValueError as error:
                found.append(BadRecord(f"{name}:{row.line}", f"{key}: {error}; ignored", False))
    if hard := fields.pop("hard", None):
        fields["tags"] = tuple(dict.fromkeys((*fields.get("tags", ()), hard)))
    if "id" not in fields:
        fields["id"] = str(row.line)
    found.append(Record(text=text, line=row.line, extra=extra, **fields))
    return found


def _text(values: Mapping[str, Any]) -> str:
    if "text" not in values:
        raise ValueError("text is missing")
    text = values["text"]
    if text is None:
        raise ValueError("text is null")
    if not isinstance(text, str):
        raise ValueError("text is not a string")
    if "\0" in text:
        raise ValueError("text has a NUL")
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise ValueError("text has a lone surrogate") from None
    if size > MAX_BYTES:
        raise ValueError("text is over 1 MB")
    return text


def _storable(value: object, depth: int = 20) -> bool:
    """Without NUL, lone surrogates or absurd nesting: what every database and terminal can take."""
    if isinstance(value, str):
        return "\0" not in value and _encodable(value)
    if isinstance(value, Mapping):
        return depth > 0 and all(_storable(inner, depth - 1) for pair in value.items() for inner in pair)
    if isinstance(value, list | tuple):
        return depth > 0 and all(_storable(inner, depth - 1) for inner in value)
    return True


def _encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("not a string")
    if "\0" in value or not _encodable(value):
        raise ValueError("has a NUL or a lone surrogate")
    if len(value) > MAX_NAME:
        raise ValueError(f"longer than {MAX_NAME} characters")
    return value


def _name(value: object) -> str:
    """A string, or a number written as one: ids are numbers on many platforms."""
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("neither a string nor a number")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _string(str(value))


def _within(low: int, high: int) -> Callable[[object], int]:
    def number(value: object) -> int:
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if isinstance(value, bool) or not whole or not low <= value <= high:  # type: ignore[operator]
            raise ValueError(f"not a number from {low} to {high}")
        return int(value)  # type: ignore[call-overload, no-any-return]

    return number


def _cause(value: object) -> str:
    if not isinstance(value, str) or (value != "none" and value not in CAUSES):
        raise ValueError("not a cause code")
    return value


def _tags(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(tag, str) for tag in value):
        raise ValueError("not a list of strings")
    return tuple(dict.fromkeys(_string(tag) for tag in value if tag))


def _when(value: object) -> datetime:
    """ISO 8601, or what Parquet has for it; without an offset it is UTC."""
    moment = _moment(value)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("not a plausible date") from None
    if not EARLIEST <= moment < LATEST:
        raise ValueError("not a plausible date")
    return moment


def _moment(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, str):
        raise ValueError("not an ISO 8601 date")
    try:
        return datetime.fromisoformat(value.strip())
    except ValueError:
        raise ValueError("not an ISO 8601 date") from None


_FIELDS: Final[Mapping[str, tuple[str, Callable[[Any], Any]]]] = {
    "id": ("id", _name),
    "lang": ("lang", _string),
    "source": ("source", _string),
    "channel": ("channel", _string),
    "brand": ("brand", _string),
    "posted_at": ("posted_at", _when),
    "tags": ("tags", _tags),
    "hard": ("hard", _string),
    "pair": ("pair", _name),
    "complaint": ("complaint", _within(0, 1)),
    "severity": ("severity", _within(0, 4)),
    "churn": ("churn", _within(0, 1)),
    "cause": ("cause", _cause),
}
_ALIASES: Final = {"timestamp": "posted_at", "severity_code": "severity", "airline": "brand"}


def _alias(key: str, values: Mapping[str, Any]) -> tuple[str, Callable[[Any], Any]] | None:
    """The field that another name stands for, unless the record has that field itself."""
    name = _ALIASES[key]
    return _FIELDS[name] if values.get(name) in (None, "") else None
