"""A brand's state as JSON values, and back: what the store keeps, so that a restart goes on as if nothing had been."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from listener.triage.incidents.incident import Incident
from listener.triage.incidents.links import Links
from listener.triage.incidents.marks import Marks
from listener.triage.surges.background import Background
from listener.triage.surges.brand import Brand
from listener.triage.surges.threshold import Peaks

_ARRAYS = ("by_hour", "by_day", "scatter", "loud", "rhythm")
_OTHERS = (*_ARRAYS, "pending", "stretch", "marks")


def to_plain(brand: Brand) -> dict[str, Any]:
    """Everything that later decisions depend on."""
    return {
        "name": brand.name,
        "background": {one.name: _value(getattr(brand.background, one.name)) for one in fields(Background)},
        "peaks": {one.name: _value(getattr(brand.peaks, one.name)) for one in fields(Peaks)},
        "recent": brand.recent.to_plain(),
        "ordinary": brand.ordinary.to_plain(),
        "crowd": brand.crowd.to_plain(),
        "usual": brand.usual,
        "incidents": [one.to_plain() for one in brand.incidents],
        "next_number": brand.next_number,
        "links": {"must": [list(pair) for pair in brand.links.must], "cannot": [list(p) for p in brand.links.cannot]},
        "seen": [sorted(keys) for keys in brand.seen],
    }


def from_plain(plain: Mapping[str, Any]) -> Brand:
    """The same brand again. Raises KeyError, TypeError or ValueError if it is not what `to_plain` gave."""
    known = plain["background"]
    numbers: dict[str, Any] = {name: _number(value) for name, value in known.items() if name not in _OTHERS}
    arrays: dict[str, Any] = {name: np.array(known[name], dtype=np.float64) for name in _ARRAYS}
    background = Background(
        **numbers,
        **arrays,
        pending=tuple((int(a), float(b), float(c)) for a, b, c in known["pending"]),
        stretch=(int(known["stretch"][0]), float(known["stretch"][1]), float(known["stretch"][2])),
        marks=tuple((float(a), float(b)) for a, b in known["marks"]),
    )
    links = plain["links"]
    return Brand(
        name=str(plain["name"]),
        background=background,
        peaks=Peaks(**{name: _number(value) for name, value in plain["peaks"].items()}),
        recent=Marks.from_plain(plain["recent"]),
        ordinary=Marks.from_plain(plain["ordinary"]),
        crowd=Marks.from_plain(plain["crowd"]),
        usual=float(plain["usual"]),
        incidents=tuple(Incident.from_plain(one) for one in plain["incidents"]),
        next_number=int(plain["next_number"]),
        links=Links(
            tuple((str(a), str(b)) for a, b in links["must"]), tuple((str(a), str(b)) for a, b in links["cannot"])
        ),
        seen=(frozenset(plain["seen"][0]), frozenset(plain["seen"][1])),
    )


def _value(value: Any) -> Any:
    """JSON has no NaN: a time that is not known yet is null."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    return None if isinstance(value, float) and math.isnan(value) else value


def _number(value: Any) -> Any:
    return math.nan if value is None else value
