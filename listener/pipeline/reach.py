"""Whether each source can be heard right now: all of them asked at once, within a time, and nothing is stored."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from listener.errors import SourceError, UnreachableError
from listener.pipeline.listen import as_source_error
from listener.pipeline.sources import Source
from listener.types import Checkpoint

SECONDS: Final = 10.0
"""How long a source may take to answer."""
_EVENTS: Final = 500
"""Enough of a pass to know that it works."""
_INVENTED: Final = "demo"


class _Try(threading.Thread):
    """One source asked once. A daemon: a platform that never answers must not hold up the end of the process."""

    def __init__(self, source: Source, checkpoint: Mapping[str, Any] | None, deadline: float) -> None:
        super().__init__(name=f"check-{source.name}", daemon=True)
        self.source = source
        self.answered = False
        self.error: SourceError | None = None
        self._checkpoint = checkpoint
        self._deadline = deadline

    def run(self) -> None:
        """Ask; what goes wrong is kept."""
        try:
            self._ask()
            self.answered |= not self.source.streaming or hasattr(self.source.collector, "check")
        except Exception as fault:
            self.error = as_source_error(self.source.name, fault)

    def _ask(self) -> None:
        if (check := getattr(self.source.collector, "check", None)) is not None:
            check(self.source.options)
            return
        events = self.source.collector.collect(self.source.options, self._checkpoint)
        try:
            for number, event in enumerate(events, 1):
                caught_up = isinstance(event, Checkpoint) and event.caught_up
                # A stream's other Checkpoints are its pulse, also while it still knocks in vain.
                self.answered |= caught_up or not (self.source.streaming and isinstance(event, Checkpoint))
                if (self.source.streaming and caught_up) or number >= _EVENTS or time.monotonic() > self._deadline:
                    return
        finally:
            if (close := getattr(events, "close", None)) is not None:
                close()


def reach(
    found: Sequence[Source], checkpoints: Mapping[str, Mapping[str, Any] | None], *, seconds: float = SECONDS
) -> dict[str, SourceError | None]:
    """What is wrong with each source, None where it answers; invented ones are not asked.

    A plugin's own `check` is used where it has one, else a pass of `collect` from its stored checkpoint, thrown away.
    """
    deadline = time.monotonic() + seconds
    tries = [
        _Try(source, checkpoints.get(source.name), deadline) for source in found if source.options.kind != _INVENTED
    ]
    for one in tries:
        one.start()
    for one in tries:
        one.join(max(0.0, deadline + 0.5 - time.monotonic()))
    return dict(_outcomes(tries, seconds))


def _outcomes(tries: Sequence[_Try], seconds: float) -> Iterator[tuple[str, SourceError | None]]:
    for one in tries:
        name = one.source.name
        if one.error is None and not one.answered:
            hint = "Look at the network and the platform's status page; listener goes on trying by itself."
            yield name, UnreachableError(name, f"no answer within {seconds:.0f} s", hint=hint)
        else:
            yield name, one.error
