"""The worker that `streamlit run app.py` starts beside its board."""

import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from listener.pipeline.beside import place_of, worker_beside
from listener.pipeline.home import held, is_held
from listener.settings import shipped

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_without_settings_it_is_the_demo(tmp_path: Path) -> None:
    home, config = place_of(tmp_path, None)
    assert home == tmp_path / "demo"
    assert config == shipped("data/samples") / "listener.toml"


def test_with_settings_it_is_the_real_one(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text("")
    assert place_of(tmp_path, None) == (tmp_path, None)
    assert place_of(tmp_path, tmp_path / "other.toml") == (tmp_path, tmp_path / "other.toml")


def test_a_worker_runs_while_the_board_does(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text("")
    (tmp_path / "drop").mkdir()
    with worker_beside(tmp_path, None, NOW):
        assert is_held(tmp_path)
        deadline = time.monotonic() + 60
        while not _beats(tmp_path / "listener.db"):
            assert time.monotonic() < deadline, "no worker"
            time.sleep(0.05)
    assert not is_held(tmp_path)


def _beats(database: Path) -> bool:
    if not database.exists():
        return False
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        try:
            return bool(connection.execute("SELECT 1 FROM state WHERE name = 'worker'").fetchone())
        except sqlite3.OperationalError:
            return False


def test_beside_a_running_listener_no_second_worker_starts(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "listener.toml").write_text("")
    with (
        held(tmp_path, {"process": 1}),
        caplog.at_level("INFO", logger="listener.up"),
        worker_beside(tmp_path, None, NOW),
    ):
        assert "already runs" in caplog.text
    assert not (tmp_path / "listener.db").exists()
