"""What one row of a file of records means as an event. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from listener.text._lines import Row
from listener.text.clean import clean, web_address
from listener.text.records import Record, parse
from listener.types import Deletion, Engagement, Event, Mention, Rejection

_COUNTS: Final = ("replies", "shares", "likes", "views", "followers")
_TRUE: Final = (True, 1, "true", "True", "TRUE", "1", "yes")


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose file a row is of: the source, what its settings say, the file's name and when it last changed.

    `key` is the file's place below the source's path, for ids.
    """

    source: str
    brand: str | None
    channel: str | None
    file: str
    key: str
    changed_at: datetime


def event_of(row: Row, origin: Origin) -> Event:
    """A Mention, a Deletion (`"deleted": true`, which needs an id but no text) or a Rejection.

    Of the record's other keys, `author`, `url`, `title`, `parent_id`, `thread_id`, `repost_of` and the counts
    `replies`, `shares`, `likes`, `views`, `followers` are taken where they are well formed. A record without
    `posted_at` is dated by the file's last change.
    """
    if row.values is not None and row.values.get("deleted") in _TRUE:
        return _deletion(row, origin)
    *_, found = parse(row, origin.file)
    if not isinstance(found, Record):
        return Rejection(source=origin.source, place=found.place, reason=found.reason)
    return _mention(found, row, origin)


def _deletion(row: Row, origin: Origin) -> Event:
    values = {**(row.values or {}), "text": ""}
    *_, found = parse(row._replace(values=values), origin.file)
    if not isinstance(found, Record) or not _has_id(found, values):
        place = f"{origin.file}:{row.line}"
        return Rejection(source=origin.source, place=place, reason="a deletion without the id of what is deleted")
    return Deletion(source=origin.source, native_id=found.id, at=found.posted_at or origin.changed_at)


def _mention(record: Record, row: Row, origin: Origin) -> Mention:
    extra = record.extra
    author, url = _line(extra.get("author")), web_address(_line(extra.get("url")))
    native_id = record.id if _has_id(record, row.values or {}) else _made_id(record, author, url, origin)
    counts = {name: _count(extra.get(name)) for name in _COUNTS}
    engagement = None
    if any(count is not None for count in counts.values()):
        engagement = Engagement(source=origin.source, native_id=native_id, at=origin.changed_at, **counts)
    brand = origin.brand or record.brand
    return Mention(
        source=origin.source,
        native_id=native_id,
        text=record.text,
        posted_at=record.posted_at or origin.changed_at,
        author=author,
        title=_line(extra.get("title")),
        url=url,
        lang=record.lang,
        channel=origin.channel or record.channel,
        parent_id=_id(extra.get("parent_id")),
        thread_id=_id(extra.get("thread_id")),
        repost_of=_id(extra.get("repost_of")),
        brands=(brand,) if brand else (),
        engagement=engagement,
    )


def _has_id(record: Record, values: Mapping[str, Any]) -> bool:
    """Whether the id is the record's own, not the number of its line."""
    return record.id != str(record.line) or str(values.get("id")) in (record.id, f"{record.id}.0")


def _made_id(record: Record, author: str | None, url: str | None, origin: Origin) -> str:
    """An id for a record without one, the same whenever the record is delivered again.

    Where it says who wrote it or where it stands, that and its words make it one post, in whatever file and line it
    comes. Else the file's place and the line count as well: fifty lines that say the same are fifty customers.
    """
    posted_at = record.posted_at.isoformat() if record.posted_at else None
    parts: list[Any] = [record.text, posted_at, author, url]
    if author is None and url is None:
        parts += [origin.key, record.line]
    return "made:" + hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _line(value: Any) -> str | None:
    """Words on one line."""
    if not isinstance(value, str):
        return None
    return " ".join(clean(value).split())[:2000] or None


def _id(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value)[:500] or None


def _count(value: Any) -> int | None:
    """A count; CSV has it as digits, Parquet with gaps as a float."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}(\.0*)?", value):
        return int(float(value))
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**53:
        return None
    return int(value) if value == int(value) else None
