"""Models at hand, which of them is in use, and how that was decided.

A model is a directory NAME-VERSION: shipped with listener, or in HOME/models. HOME/models/CURRENT names the one in use
(without it: the shipped one), HOME/models/HISTORY.jsonl keeps every change, so that `rollback` knows the way back.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from listener.classify import card as cards
from listener.classify import load
from listener.classify.card import Card
from listener.classify.recipes import NAMES
from listener.errors import ModelFormatError, UsageError
from listener.settings import Settings, current_model, shipped

HISTORY: Final = "HISTORY.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """A model at hand. `own`: in HOME/models, not shipped."""

    path: Path
    card: Card
    own: bool
    current: bool

    @property
    def name(self) -> str:
        """`name@version`."""
        return f"{self.card.name}@{self.card.version}"


def entries(settings: Settings) -> list[Entry]:
    """All models at hand whose cards can be read, shipped ones first, and the one in use wherever it is."""
    in_use = current_model(settings).absolute()
    found = [
        Entry(path, card, own=own, current=path.absolute() == in_use)
        for models, own in ((shipped("models"), False), (own_models(settings), True))
        for path in (sorted(models.iterdir()) if models.is_dir() else ())
        if (card := _card(path)) is not None
    ]
    if not any(entry.current for entry in found) and (card := _card(in_use)) is not None:
        found.append(Entry(in_use, card, own=True, current=True))
    return found


def own_models(settings: Settings) -> Path:
    """Where the models of this home lie."""
    return settings.home / "models"


def find(settings: Settings, given: str) -> Path:
    """The directory of a model given as `name@version`, NAME-VERSION or a path. Raises ModelFormatError."""
    for entry in entries(settings):
        if given in (entry.name, entry.path.name):
            return entry.path
    path = Path(given).expanduser()
    if path.is_dir():
        return path
    raise ModelFormatError(given, "is no model here", hint="listener models list shows which there are.")


def promote(settings: Settings, path: Path, now: datetime, gate: Mapping[str, Any] | None, *, forced: bool) -> str:
    """Use this model from now on; it is copied into HOME/models if it lies elsewhere. Returns the name it had before.

    `gate` is the comparison it passed, or was forced through. Raises ModelError if it cannot be loaded, UsageError.
    """
    _not_fixed(settings)
    load(path)
    before = current_model(settings).name
    name = _at_home(settings, path)
    _point(settings, name)
    _note(settings, {"at": now.isoformat(), "act": "promote", "model": name, "before": before, "forced": forced,
                     "gate": gate})  # fmt: skip
    return before


def rollback(settings: Settings, now: datetime) -> tuple[str, str]:
    """Use the model that the last promotion replaced; rolled back again, the one before that. (before, after).

    Raises UsageError if there was no promotion.
    """
    _not_fixed(settings)
    way: list[str] = []
    for note in history(settings):
        if note["act"] == "promote":
            way.append(note["before"])
        elif way:
            way.pop()
    if not way:
        raise UsageError("there is nothing to roll back to", hint="No model was promoted on this home.")
    before = current_model(settings).name
    load(find(settings, way[-1]))
    _point(settings, way[-1])
    _note(settings, {"at": now.isoformat(), "act": "rollback", "model": way[-1], "before": before})
    return before, way[-1]


def history(settings: Settings) -> list[dict[str, Any]]:
    """Every promotion and rollback of this home, the oldest first."""
    path = own_models(settings) / HISTORY
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _card(path: Path) -> Card | None:
    try:
        card = cards.read_card(path) if path.is_dir() else None
    except ModelFormatError:
        return None
    return card if card is not None and card.recipe in NAMES else None  # an encoder is a part, not a model


def _not_fixed(settings: Settings) -> None:
    if settings.model:
        raise UsageError(
            f"the settings name the model: {settings.model}",
            hint="Remove `model` from listener.toml to promote others.",
        )


def _at_home(settings: Settings, path: Path) -> str:
    """The directory's name in HOME/models or among the shipped ones, after copying it there if need be."""
    card = cards.read_card(path)
    if path.absolute().parent in (own_models(settings).absolute(), shipped("models").absolute()):
        return path.name
    name = f"{card.name}-{card.version}"
    there = own_models(settings) / name
    if there.exists() or (shipped("models") / name).exists():
        known = there if there.exists() else shipped("models") / name
        if (known / cards.CARD).read_bytes() == (path / cards.CARD).read_bytes():
            return name
        raise UsageError(
            f"there is another {name} already", hint="Train or calibrate into a directory of a new version."
        )
    there.parent.mkdir(parents=True, exist_ok=True)
    partly = there.with_name(f".{name}.{os.getpid()}")
    shutil.copytree(path, partly)
    partly.replace(there)
    return name


def _point(settings: Settings, name: str) -> None:
    pointer = own_models(settings) / cards.CURRENT
    pointer.parent.mkdir(parents=True, exist_ok=True)
    fresh = pointer.with_name(f".{cards.CURRENT}.{os.getpid()}")
    fresh.write_text(f"{name}\n", encoding="utf-8")
    fresh.replace(pointer)


def _note(settings: Settings, note: Mapping[str, Any]) -> None:
    with (own_models(settings) / HISTORY).open("a", encoding="utf-8") as file:
        file.write(json.dumps(note, ensure_ascii=False) + "\n")
