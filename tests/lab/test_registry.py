"""Which model is in use: promotion, the way back, and what must not become the model in use."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from listener.classify import card as cards
from listener.classify import load
from listener.classify.card import Card
from listener.errors import ModelError, UsageError
from listener.lab import registry
from listener.settings import Settings, current_model, shipped

NOW = datetime(2026, 11, 25, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def model(trained: tuple[Path, Card], tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained[0], tmp_path / "elsewhere"))


def test_without_promotion_the_shipped_model_is_in_use(home: Settings) -> None:
    assert current_model(home) == cards.current(shipped("models"))
    assert [entry.path for entry in registry.entries(home) if entry.current] == [current_model(home)]


def test_promotion_and_the_way_back(home: Settings, model: Path) -> None:
    first = current_model(home)
    before = registry.promote(home, model, NOW, {"worse": []}, forced=False)
    assert before == first.name
    assert current_model(home) == home.home / "models" / "tiny-7"
    assert load(current_model(home)).name == "tiny@7"
    assert [entry.name for entry in registry.entries(home) if entry.current] == ["tiny@7"]
    assert registry.find(home, "tiny@7") == registry.find(home, "tiny-7") == current_model(home)
    assert registry.rollback(home, NOW) == ("tiny-7", first.name)
    assert current_model(home) == first
    with pytest.raises(UsageError):
        registry.rollback(home, NOW)
    assert [note["act"] for note in registry.history(home)] == ["promote", "rollback"]


def test_two_promotions_have_two_ways_back(home: Settings, model: Path, tmp_path: Path) -> None:
    first = current_model(home)
    card = cards.read_card(model)
    cards.save_with_files(tmp_path / "second", replace(card, version="9"), model)
    registry.promote(home, model, NOW, None, forced=True)
    registry.promote(home, tmp_path / "second", NOW, None, forced=True)
    assert current_model(home).name == "tiny-9"
    assert registry.rollback(home, NOW)[1] == "tiny-7"
    assert registry.rollback(home, NOW)[1] == first.name


def test_what_cannot_be_loaded_is_not_promoted(home: Settings, model: Path, tmp_path: Path) -> None:
    (model / "weights.npz").write_bytes(b"other")
    with pytest.raises(ModelError):
        registry.promote(home, model, NOW, None, forced=True)
    with pytest.raises(ModelError):
        registry.promote(home, tmp_path, NOW, None, forced=True)
    assert not (home.home / "models").exists()


def test_another_model_of_the_same_name_is_refused(home: Settings, model: Path, tmp_path: Path) -> None:
    registry.promote(home, model, NOW, None, forced=True)
    cards.save_with_files(tmp_path / "twin", replace(cards.read_card(model), seed=99), model)
    with pytest.raises(UsageError, match="another"):
        registry.promote(home, tmp_path / "twin", NOW, None, forced=True)


def test_a_model_named_by_the_settings_stays(tmp_path: Path, model: Path) -> None:
    fixed = Settings(home=tmp_path / "home", model=str(model))
    assert current_model(fixed) == model
    with pytest.raises(UsageError, match="settings name"):
        registry.promote(fixed, model, NOW, None, forced=True)
    assert [entry.path for entry in registry.entries(fixed) if entry.current] == [model]


def test_a_pointer_cannot_leave_the_models(home: Settings) -> None:
    (home.home / "models").mkdir(parents=True)
    (home.home / "models" / "CURRENT").write_text("../../etc\n")
    assert current_model(home) == shipped("models") / "etc"
