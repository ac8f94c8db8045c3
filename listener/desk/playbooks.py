"""The playbooks: TOML files, one for every cause and one for all; files of the home win over those that are shipped."""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field

from listener.errors import SettingsError
from listener.settings import Settings, shipped, validated
from listener.settings.fields import Duration, Frozen
from listener.triage.recovery import STEPS, Step
from listener.types import CAUSES

DEFAULT: Final = "default"
BLANK: Final = re.compile(r"\{[a-z_]{1,40}\}")
"""Something to be filled in before an answer is sent."""


class Words(Frozen):
    """One text in the three languages."""

    en: str = Field(min_length=1)
    ja: str = Field(min_length=1)
    zh: str = Field(min_length=1)

    def of(self, lang: str) -> str:
        """In this language; in English for any other."""
        found: str = getattr(self, lang if lang in ("ja", "zh") else "en")
        return found


class PlaybookStep(Frozen):
    """One step. `say` is how an answer of it may begin."""

    step: Literal["acknowledge", "listen", "remedy", "act", "extra", "learn"]
    title: Words
    do: Words
    say: Words | None = None
    within: Duration = timedelta(hours=4)
    needs: Literal["reply", "note", "nothing"] = "nothing"
    owner: Literal["holder", "manager"] = "holder"
    optional: bool = False

    @property
    def rule(self) -> Step:
        return Step(step=self.step, within=self.within, needs=self.needs, owner=self.owner, optional=self.optional)


class Playbook(Frozen):
    """The steps in their order. `advice` stands above them, e.g. not to answer in public."""

    title: Words
    advice: Words | None = None
    steps: tuple[PlaybookStep, ...] = Field(min_length=1)

    def named(self, step: str) -> PlaybookStep | None:
        return next((one for one in self.steps if one.step == step), None)


def playbook(settings: Settings, cause: str) -> Playbook:
    """The playbook of a cause. Raises SettingsError naming the file and key."""
    return _read(settings.home / "playbooks", cause if cause in CAUSES else "other")


@lru_cache(maxsize=64)
def _read(own: Path, cause: str) -> Playbook:
    tables: dict[str, Any] = {}
    for folder in (shipped("data/playbooks"), own):
        for name in (DEFAULT, cause):
            path = folder / f"{name}.toml"
            if path.exists():
                tables = _merged(tables, _table(path))
    order = {step: place for place, step in enumerate(STEPS)}
    tables["steps"] = sorted(tables.get("steps", ()), key=lambda one: order.get(one.get("step", ""), len(order)))
    return validated(Playbook, tables, file=f"playbooks/{cause}.toml")


def _table(path: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(str(path), "cannot be read as TOML") from error
    steps = found.get("steps", [])
    if not isinstance(steps, list) or not all(isinstance(one, dict) and "step" in one for one in steps):
        raise SettingsError("steps", "must be [[steps]], each with its step", file=str(path))
    return found


def _merged(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """What `over` names wins, step by step; the rest stays."""
    steps = {one.get("step"): one for one in under.get("steps", ())}
    for one in over.get("steps", ()):
        steps[one.get("step")] = {**steps.get(one.get("step"), {}), **one}
    return {**under, **over, "steps": list(steps.values())}
