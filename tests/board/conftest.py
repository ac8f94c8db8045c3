"""A home with a filled store, and the board's script on it without a browser."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from listener.board import paths, server
from listener.store import Store
from tests.browser.samples import SAMPLES
from tests.browser.seeding import fill

SETTINGS = """
[[people]]
name = "Aiko"

[[people]]
name = "Mei *bold* ![x](http://example.org/x.png)"

[[brands]]
name = "Kumo Mobile"
aliases = ["Kumo"]
exclude = ["Kumo River"]
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home that the board's process-wide places point at."""
    (tmp_path / "listener.toml").write_text(SETTINGS, encoding="utf-8")
    monkeypatch.setenv("LISTENER_HOME", str(tmp_path))
    monkeypatch.delenv("LISTENER_CONFIG", raising=False)
    monkeypatch.delenv("LISTENER_DB", raising=False)
    return tmp_path


@pytest.fixture
def filled(home: Path) -> Path:
    """The home with a dozen alerts."""
    fill(home / "listener.db", SAMPLES)
    return home


@pytest.fixture
def store(filled: Path) -> Iterator[Store]:
    with Store.open(filled / "listener.db") as opened:
        yield opened


@pytest.fixture
def visit(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Open a page of the board as somebody: `visit("queue", who="Aiko", id="3")`."""
    context = type(st.context)
    monkeypatch.setattr(context, "cookies", property(lambda _self: {}))
    monkeypatch.setattr(context, "timezone", property(lambda _self: "Asia/Tokyo"))
    monkeypatch.setattr(context, "url", property(lambda _self: "http://127.0.0.1:8501/queue"))
    pages = {
        "queue": paths.QUEUE,
        "alert": paths.ALERT,
        "incidents": paths.INCIDENTS,
        "incident": paths.INCIDENT,
        "replay": paths.REPLAY,
        "sources": paths.SOURCES,
        "brands": paths.BRANDS,
        "coverage": paths.COVERAGE,
        "people": paths.PEOPLE,
        "case": paths.NEW_CASE,
    }

    def open_page(page: str | None, *, who: str | None = "Aiko", **query: str) -> AppTest:
        test = AppTest.from_file(str(server.SCRIPT), default_timeout=30)
        if who is not None:
            test.session_state["_who"] = who
        test.run()
        if page is not None:
            test.switch_page(str(pages[page]))
            for name, value in query.items():
                test.query_params[name] = value
            test.run()
        assert not test.exception, test.exception
        return test

    return open_page
