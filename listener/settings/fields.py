"""What values in the settings look like: durations, words, addresses, and the base of every table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

_UNITS = {"s": 1, "min": 60, "m": 60, "h": 3600, "d": 86400}
_LONGEST_S = 3650 * 86400


def _duration(value: object) -> object:
    """`"90s"`, `"15min"`, `"1h"`, `"2d"`, or a number of seconds."""
    if isinstance(value, bool):
        raise ValueError("a duration such as '15min' or a number of seconds")
    if isinstance(value, int | float):
        return _seconds(value)
    if isinstance(value, str):
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(s|min|m|h|d)\s*", value)
        if match:
            return _seconds(float(match[1]) * _UNITS[match[2]])
        raise ValueError("a duration such as '90s', '15min', '1h' or '2d'")
    return value


def _seconds(value: float) -> timedelta:
    # `not <=` also refuses TOML's nan, and its inf and anything that a timedelta could not hold.
    if not 0 <= value <= _LONGEST_S:
        raise ValueError("a duration from 0 to 10 years")
    return timedelta(seconds=value)


def _terms(value: object) -> object:
    """A list of words, or a table of such lists by language; the languages only help people keep order."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, Mapping):
        lists = [[terms] if isinstance(terms, str) else terms for terms in value.values()]
        if not all(isinstance(terms, list | tuple) for terms in lists):
            raise ValueError("a list of words, or a table of such lists by language")
        return tuple(term for terms in lists for term in terms)
    return value


def _address(value: str) -> str:
    if not re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+):[0-9]{1,5}", value):
        raise ValueError('an address with its port, such as "127.0.0.1:8080" or "[::1]:8080"')
    return value


Address = Annotated[str, AfterValidator(_address)]
"""HOST:PORT."""

Duration = Annotated[timedelta, BeforeValidator(_duration)]
Term = Annotated[str, Field(min_length=1, max_length=200)]
Terms = Annotated[tuple[Term, ...], BeforeValidator(_terms)]


class Frozen(BaseModel):
    """Base of every table in the settings: immutable, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True)
