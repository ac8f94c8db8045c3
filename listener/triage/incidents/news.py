"""What triage decides about incidents: values for the pipeline to write and for people to be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from listener.triage.surges.why import Surge


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """About one incident of one brand, at a time (seconds since 1970) of the clock."""

    brand: str
    incident: int
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(News):
    """A few mentions belong together. `cause` is the most frequent one."""

    title: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined(News):
    """This flagged mention is a member."""

    key: str
    posted_at: float
    lang: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(News):
    """It is no longer."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retitled(News):
    """What the incident is called now, in words of its members; a person's title stays."""

    title: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rang(News):
    """The alarm: people have to be told. Once an incident."""

    surge: Surge


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated(News):
    """It has grown to the next level (see incident.LEVELS)."""

    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended(News):
    """Nothing has come for much longer than was usual."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened(News):
    """It goes on after its end: no new alarm, its owner is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged(News):
    """A person said that `other` is the same problem: all its members are this incident's, older ones too."""

    other: int


Decision: TypeAlias = Opened | Joined | Left | Retitled | Rang | Escalated | Ended | Reopened | Merged
