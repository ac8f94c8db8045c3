"""The model in use changes while the worker runs."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from listener.classify import card as cards
from listener.lab import registry
from listener.pipeline.live import LiveScorer
from listener.settings import Settings, current_model

NOW = datetime(2026, 11, 25, tzinfo=UTC)


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


@pytest.fixture
def other(home: Settings, tmp_path: Path) -> Path:
    """The shipped model under another name."""
    from dataclasses import replace

    shipped = current_model(home)
    cards.save_with_files(tmp_path / "new", replace(cards.read_card(shipped), name="other"), shipped)
    return tmp_path / "new"


def test_a_promoted_model_reads_the_next_posts(home: Settings, other: Path) -> None:
    clock = Hand()
    scorer = LiveScorer(home, clock)
    before = scorer.name
    registry.promote(home, other, NOW, None, forced=True)
    assert scorer.verdicts(["late again"])[0].model == before
    clock.at = 6
    assert scorer.verdicts(["late again"])[0].model.startswith("other@")
    registry.rollback(home, NOW)
    clock.at = 12
    assert scorer.verdicts(["late again"])[0].model == scorer.name == before


def test_a_model_that_cannot_be_read_leaves_the_old_one(
    home: Settings, other: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Hand()
    scorer = LiveScorer(home, clock)
    before = scorer.name
    registry.promote(home, other, NOW, None, forced=True)
    shutil.rmtree(current_model(home))
    clock.at = 6
    assert scorer.verdicts(["late again"])[0].model == before
    assert "stays" in caplog.text
