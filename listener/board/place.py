"""Where this board's data lies, and the one open store of the process."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from listener import settings as listener_settings
from listener.settings import Settings
from listener.store import Store

HOME: Final = "LISTENER_HOME"
CONFIG: Final = "LISTENER_CONFIG"
DATABASE: Final = "LISTENER_DB"


@dataclass(frozen=True, slots=True)
class Place:
    """A home, its settings file if it is not the usual one, and a database if it is not the home's own (the demo's)."""

    home: Path
    config: Path | None = None
    database: Path | None = None

    @classmethod
    def from_environment(cls) -> Place:
        def path(name: str) -> Path | None:
            given = os.environ.get(name)
            return Path(given).expanduser() if given else None

        return cls(path(HOME) or listener_settings.default_home(), path(CONFIG), path(DATABASE))

    def to_environment(self) -> None:
        """For this process and its children."""
        for name, value in ((HOME, self.home), (CONFIG, self.config), (DATABASE, self.database)):
            if value is not None:
                os.environ[name] = str(value)


_lock = threading.Lock()
_stores: dict[Path, Store] = {}
_settings: dict[Place, Settings] = {}


def settings() -> Settings:
    """The settings as they were when the board first read them. Raises SettingsError."""
    place = Place.from_environment()
    with _lock:
        if place not in _settings:
            _settings[place] = listener_settings.load(place.home, place.config)
        return _settings[place]


def store() -> Store:
    """The process's store, opened when first asked for; it is safe to share between sessions. Raises StoreError."""
    place = Place.from_environment()
    path = place.database or settings().database
    with _lock:
        if path not in _stores:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _stores[path] = Store.open(path)
        return _stores[path]
