"""Who works at the desk, and what they promise: teams, people, answer times."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from listener.settings.fields import Duration, Frozen, Terms


class Team(Frozen):
    """People who answer together."""

    name: Annotated[str, Field(min_length=1)]
    languages: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()


class Person(Frozen):
    """Somebody who works at the board; `accounts` are their own handles on the platforms."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    team: str | None = None
    languages: tuple[str, ...] = ()
    accounts: Terms = ()


class Sla(Frozen):
    """How soon a first response is due; the first policy that fits a mention counts."""

    brand: str | None = None
    source: str | None = None
    min_severity: Annotated[int, Field(ge=0, le=4)] = 0
    first_response: Duration
