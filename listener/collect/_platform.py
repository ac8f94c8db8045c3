"""What the readers of platform payloads share. They are pure: a payload in, an event of ours out, or MalformedError."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Origin:
    """What every event of one source carries."""

    source: str
    brands: tuple[str, ...]
    channel: str


class MalformedError(ValueError):
    """An entry that is not in the documented format: `place` says which (never its text), the message why."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(reason)
        self.place = place


def storable(text: str) -> str:
    """`text` with lone surrogates and NUL, which no database keeps, shown as the replacement character."""
    return _SURROGATES.sub("�", text).replace("\0", "�")
