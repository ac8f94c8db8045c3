"""Asking sources whether they answer: in bounded time, and a stream's pulse is no answer."""

import threading
from collections.abc import Iterator, Mapping
from typing import Any

from listener.errors import AuthError
from listener.pipeline.reach import reach
from listener.pipeline.sources import Source
from listener.settings import SourceOptions
from listener.types import Checkpoint, Event, Rejection


class Asked:
    """A collector whose answer a test decides."""

    Options = SourceOptions

    def __init__(self, *events: Event | Exception, streaming: bool = False, hang: bool = False) -> None:
        self.STREAMING = streaming
        self.release = threading.Event()
        self.checkpoint: Any = None
        self.closed = False
        self._events = events
        self._hang = hang

    def collect(self, options: Any, checkpoint: Mapping[str, Any] | None) -> Iterator[Event]:
        self.checkpoint = checkpoint
        try:
            for event in self._events:
                if isinstance(event, Exception):
                    raise event
                yield event
            if self._hang:
                self.release.wait(20)
        finally:
            self.closed = True


PULSE = Checkpoint(source="s", value={})
CAUGHT_UP = Checkpoint(source="s", value={}, caught_up=True)


def ask(collector: Asked, seconds: float = 5.0, **more: Any) -> str | None:
    """The code of what is wrong."""
    source = Source(options=SourceOptions(name="s", kind="test", **more), collector=collector)
    error = reach([source], {"s": {"at": 3}}, seconds=seconds)["s"]
    collector.release.set()
    return error.code if error else None


def test_a_pass_that_ends_is_an_answer_and_goes_on_from_its_checkpoint() -> None:
    collector = Asked(PULSE)
    assert ask(collector) is None
    assert collector.checkpoint == {"at": 3}
    assert collector.closed


def test_what_is_raised_is_told() -> None:
    assert ask(Asked(PULSE, AuthError("s", "refused"))) == "auth"
    assert ask(Asked(ValueError("about a post"))) == "source"


def test_silence_is_no_answer() -> None:
    assert ask(Asked(hang=True), seconds=0.2) == "unreachable"
    assert ask(Asked(Rejection(source="s", place="1", reason="r"), hang=True), seconds=0.2) is None


def test_a_stream_answers_when_it_has_caught_up_not_by_its_pulse() -> None:
    assert ask(Asked(PULSE, PULSE, streaming=True, hang=True), seconds=0.2) == "unreachable"
    collector = Asked(PULSE, CAUGHT_UP, streaming=True, hang=True)
    assert ask(collector) is None
    assert collector.closed


def test_invented_sources_are_not_asked() -> None:
    source = Source(options=SourceOptions(name="s", kind="demo"), collector=Asked(ValueError()))
    assert reach([source], {}) == {}
