"""The model in use, changed while the worker runs: what `listener models promote` points at reads the next posts."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from listener import classify
from listener.errors import ListenerError
from listener.settings import Settings, current_model
from listener.types import Verdict

log = logging.getLogger("listener.worker")

_LOOK_S: Final = 5.0


class LiveScorer:
    """Scores with `current_model`; looks at most every five seconds whether that is another one by now.

    A model that cannot be loaded leaves the one before in use, and is tried again when the pointer moves.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        """Loads the model. Raises ModelError."""
        self._settings = settings
        self._clock = clock
        self._path = current_model(settings)
        self._classifier = classify.load(self._path)
        self._looked = clock()

    @property
    def name(self) -> str:
        """`name@version` of the model in use."""
        return self._classifier.name

    def verdicts(
        self,
        texts: Sequence[str],
        *,
        langs: Sequence[str | None] | None = None,
        sources: Sequence[str | None] | None = None,
        explain: bool = False,
    ) -> list[Verdict]:
        """See `Classifier.verdicts`."""
        self._look()
        return self._classifier.verdicts(texts, langs=langs, sources=sources, explain=explain)

    def _look(self) -> None:
        now = self._clock()
        if now - self._looked < _LOOK_S:
            return
        self._looked = now
        try:
            path = current_model(self._settings)
            if path != self._path:
                self._path = path
                self._change(path)
        except (ListenerError, OSError) as error:
            log.error("the model stays %s: %s", self.name, error)

    def _change(self, path: Path) -> None:
        before = self.name
        self._classifier = classify.load(path)
        log.info("the model is %s now, it was %s", self.name, before)
