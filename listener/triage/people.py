"""The people of the desk as routing and shifts see them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from listener.settings import Role
from listener.triage.hours import Hours, is_open

ANSWERING: Final = frozenset({"responder", "manager", "admin"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody who may work here. Without languages or causes they serve all; without hours they are always there."""

    name: str
    role: Role
    team: str | None = None
    languages: frozenset[str] = frozenset()
    causes: frozenset[str] = frozenset()
    hours: Hours | None = None

    def serves(self, language: str, cause: str) -> bool:
        """Whether they answer in this language on this cause."""
        known = not self.languages or language in self.languages
        return self.role in ANSWERING and known and (not self.causes or cause in self.causes)

    def on_shift(self, now: datetime) -> bool:
        return is_open(self.hours, now)


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody, by name. `known` is false where the settings name nobody: then nobody can be said to be missing."""

    members: tuple[Member, ...]
    known: bool = True

    def get(self, name: str | None) -> Member | None:
        return next((one for one in self.members if one.name == name), None)

    def of_team(self, team: str) -> tuple[Member, ...]:
        return tuple(one for one in self.members if one.team == team)

    def serving(self, language: str, cause: str, now: datetime) -> Iterator[Member]:
        """Those on shift who answer in this language on this cause."""
        return (one for one in self.members if one.serves(language, cause) and one.on_shift(now))

    def covers(self, language: str, cause: str, now: datetime) -> bool:
        """Whether anybody is there who can answer."""
        return not self.known or any(True for _ in self.serving(language, cause, now))

    def names(self, *roles: str) -> Sequence[str]:
        return [one.name for one in self.members if one.role in roles]
