"""What the readers of platform payloads share. They are pure: a payload in, an event of ours out, or MalformedError."""

from __future__ import annotations

from dataclasses import dataclass

from listener.settings import SourceOptions


@dataclass(frozen=True, slots=True)
class Origin:
    """What every event of one source carries."""

    source: str
    brands: tuple[str, ...]
    channel: str

    @classmethod
    def of(cls, options: SourceOptions, channel: str) -> Origin:
        """What the settings say of this source; `channel` where they say none."""
        return cls(options.name, (options.brand,) if options.brand else (), options.channel or channel)


class MalformedError(ValueError):
    """An entry that is not in the documented format: `place` says which (never its text), the message why."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(reason)
        self.place = place
