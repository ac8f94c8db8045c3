"""Files that other tools export: their columns under our names, their dates as ISO 8601. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from listener.text._lines import Row

KEYS: Final = frozenset(
    (
        *("id", "text", "title", "author", "posted_at", "url", "lang", "channel", "brand"),
        *("parent_id", "thread_id", "repost_of", "replies", "shares", "likes", "views", "followers", "deleted"),
    )
)
PRESETS: Final[Mapping[str, Mapping[str, str]]] = {
    # https://github.com/digitalmethodsinitiative/4cat: the columns that all its exports have.
    "4cat": {"text": "body", "title": "subject", "posted_at": "timestamp"},
}
_PLAIN: Final = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]+(\d{1,2})[:时時](\d{1,2})分?(?::(\d{1,2})(?:\.\d+)?)?)?\s*"
)


@dataclass(frozen=True, slots=True)
class Export:
    """`columns`: our key -> theirs; `zone`: whose clock dates without an offset show."""

    columns: Mapping[str, str]
    zone: ZoneInfo

    def ours(self, row: Row) -> Row:
        """The row under our names; the columns that were renamed are not kept under theirs."""
        if row.values is None:
            return row
        theirs = set(self.columns.values())
        values = {key: value for key, value in row.values.items() if key not in theirs}
        values |= {key: row.values[column] for key, column in self.columns.items() if column in row.values}
        if isinstance(written := values.get("posted_at"), str | int | float):
            values["posted_at"] = self._dated(written)
        return row._replace(values=values)

    def _dated(self, written: Any) -> Any:
        """2026/11/2 10:00, 2026年11月2日 or seconds since 1970 as ISO 8601; all else as it is."""
        digits = str(written).strip()
        if not isinstance(written, bool) and re.fullmatch(r"1\d{9}(\d{3})?(\.0+)?", digits):
            seconds = float(digits)
            return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC).isoformat()
        if match := _PLAIN.fullmatch(digits):
            year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
            try:
                return datetime(year, month, day, hour, minute, second, tzinfo=self.zone).isoformat()
            except ValueError:
                return written
        return written
