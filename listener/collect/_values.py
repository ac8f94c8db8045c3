"""What a field of a platform's JSON says, or that it says nothing usable. Pure; raises MalformedError only for ids."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

from listener.collect._html import line, plain, tidy
from listener.collect._platform import MalformedError
from listener.text.clean import web_address
from listener.types import Deletion, Mention, Rejection

MAX_TEXT: Final = 100_000
_EARLIEST: Final = datetime(1995, 1, 1, tzinfo=UTC)
_AHEAD: Final = timedelta(days=1)
"""How far a server's clock may be ahead."""

Reader: TypeAlias = Callable[[Any], Mention | Deletion | None]
"""What one entry means, None if nothing. Raises MalformedError."""


def table(value: Any, place: str = "entry") -> Mapping[str, Any]:
    """A JSON object. Raises MalformedError."""
    if not isinstance(value, Mapping):
        raise MalformedError(place, "not an object")
    return value


def entries(value: Any) -> list[Any]:
    """A JSON list; anything else is an empty one."""
    return value if isinstance(value, list) else []


def inner(value: Any, *keys: str) -> Any:
    """value[key][key]...; None where one is not there."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def identity(value: Any, place: str = "entry") -> str:
    """An id, which platforms write as text or number. Raises MalformedError."""
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise MalformedError(place, "no id")
    return line(str(value), 500)


def words(value: Any, *, html: bool = False) -> str:
    """Text as a reader sees it, "" if there is none."""
    if not isinstance(value, str):
        return ""
    return plain(value[: 5 * MAX_TEXT])[:MAX_TEXT] if html else tidy(value[:MAX_TEXT])


def name(value: Any, longest: int = 200) -> str | None:
    """A name or title on one line."""
    return (line(value[: 10 * longest], longest) or None) if isinstance(value, str) else None


def link(value: Any) -> str | None:
    """An http(s) address."""
    return web_address(value.strip()) if isinstance(value, str) else None


def count(value: Any) -> int | None:
    """A count, also one written as digits."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        return int(value)
    return value if type(value) is int and 0 <= value < 1 << 53 else None


def moment(value: Any, now: datetime) -> datetime | None:
    """ISO 8601 (without an offset: UTC) or seconds since 1970; None unless it can be the date of a post."""
    try:
        if isinstance(value, str) and not value.replace(".", "", 1).isdigit():
            at = datetime.fromisoformat(value.strip())
            at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
        else:
            seconds = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else math.nan
            at = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return min(at, now) if _EARLIEST <= at <= now + _AHEAD else None


def readings(items: Iterable[Any], read: Reader, source: str) -> Iterator[Mention | Deletion | Rejection]:
    """What each entry means; one that cannot be read is a Rejection that names its number, never its text."""
    for number, item in enumerate(items, 1):
        try:
            found = read(item)
        except MalformedError as error:
            yield Rejection(source=source, place=f"{error.place} {number}", reason=str(error))
        else:
            if found is not None:
                yield found
