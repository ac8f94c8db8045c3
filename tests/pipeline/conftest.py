"""A store, ears on it, and a source whose events a test decides."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from listener.pipeline.ears import Ears
from listener.pipeline.sources import Source
from listener.settings import Brand, SourceOptions
from listener.store import Store
from listener.text.brands import BrandMatcher
from listener.types import Checkpoint, Event, Mention

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ACME = BrandMatcher([Brand(name="Acme")])


class Script:
    """A collector that plays passes: each a list of events, an exception among them is raised in its place."""

    Options = SourceOptions

    def __init__(self, *passes: Sequence[Event | Exception]) -> None:
        self._passes = list(passes)
        self.checkpoints: list[Mapping[str, Any] | None] = []
        self.closed = 0

    def collect(self, options: Any, checkpoint: Mapping[str, Any] | None) -> Iterator[Event]:
        self.checkpoints.append(checkpoint)
        try:
            for event in self._passes.pop(0) if self._passes else []:
                if isinstance(event, Exception):
                    raise event
                yield event
        finally:
            self.closed += 1

    def source(self, name: str = "s") -> Source:
        return Source(options=SourceOptions(name=name, kind="script", every=0), collector=self)


def mention(native_id: str, text: str = "Acme is late", **more: Any) -> Mention:
    return Mention(source="s", native_id=native_id, text=text, posted_at=more.pop("posted_at", NOW), **more)


def mark(number: int, *, caught_up: bool = False) -> Checkpoint:
    return Checkpoint(source="s", value={"at": number}, caught_up=caught_up)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "listener.db") as opened:
        yield opened


@pytest.fixture
def ears(store: Store) -> Ears:
    return Ears(store=store, match=ACME.match, own_accounts=("acme_help",))
