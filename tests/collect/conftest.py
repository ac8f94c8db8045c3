"""Servers that the collectors' tests share."""

from collections.abc import Iterator

import pytest

from listener.collect import _pace, _quota
from tests.collect.fake_http import FakeHttp


@pytest.fixture(autouse=True)
def _rested(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paces and quotas last as long as the process, and a port may be used again by the next test's server."""
    monkeypatch.setattr(_pace, "_paces", {})
    monkeypatch.setattr(_quota, "_ledgers", {})


@pytest.fixture
def web() -> Iterator[FakeHttp]:
    with FakeHttp() as server:
        yield server


@pytest.fixture
def elsewhere() -> Iterator[FakeHttp]:
    """A second server, which nobody was allowed to ask."""
    with FakeHttp() as server:
        yield server
