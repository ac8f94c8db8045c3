"""Collectors: one file a platform, imported only when the settings use it.

A file NAME.py here is the plugin `kind = "NAME"`; files that begin with an underscore are shared helpers. It has

- `class Options(SourceOptions)`: its settings, frozen, no unknown keys. A field `keywords` left empty is filled with
  the brands' terms, a field `allow` with `[network] allow`, by whoever runs it.
- `collect(options, checkpoint) -> Iterator[Event]`: a generator. `checkpoint` is the `value` of the last Checkpoint
  that was stored, or None at first. What is yielded before a Checkpoint is covered by it; delivery is at least once,
  because the store is idempotent by (source, native id). A polled source makes one pass and returns; a source whose
  module says `STREAMING = True` runs until it is closed, yields a Checkpoint at least once a second, and one with
  `caught_up` when nothing more is waiting. Trouble with the platform is raised as a SourceError; one bad record is a
  Rejection. A polled source that waits for a second look (a file that may still be being written)
  says `PASSES = 2`: so many passes are made under `--once`.

A plugin may also have `check(options)`, where a dry pass of `collect` would cost money or quota: it asks the least that
shows whether the platform answers and the key is good, and raises a SourceError if not; and `budget(options,
checkpoint, now) -> Iterator[Budget]`: what was spent by what its last checkpoint says.

Collectors know neither the store nor each other. `source` of every event is `options.name`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from typing import Any, Protocol, cast

from listener.errors import SettingsError
from listener.settings import SourceOptions, nearest_name
from listener.types import Event


class Collector(Protocol):
    """What a plugin's module offers."""

    Options: type[SourceOptions]

    def collect(self, options: Any, checkpoint: Mapping[str, Any] | None) -> Iterator[Event]:
        """Hear the platform, going on from `checkpoint`."""


def discover() -> tuple[str, ...]:
    """The names of all plugins, none of them imported."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")))


def load(kind: str, *, key: str = "kind") -> Collector:
    """Import the plugin `kind`. Raises SettingsError (at the settings' place `key`) where there is none."""
    known = discover()
    if kind not in known:
        nearest = nearest_name(kind, known)
        raise SettingsError(key, f"no such kind of source; there are {', '.join(known)}", nearest=nearest)
    return cast(Collector, importlib.import_module(f"{__name__}.{kind}"))
