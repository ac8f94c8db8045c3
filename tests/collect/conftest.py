"""Servers that the collectors' tests share."""

from collections.abc import Iterator

import pytest

from tests.collect.fake_http import FakeHttp


@pytest.fixture
def web() -> Iterator[FakeHttp]:
    with FakeHttp() as server:
        yield server


@pytest.fixture
def elsewhere() -> Iterator[FakeHttp]:
    """A second server, which nobody was allowed to ask."""
    with FakeHttp() as server:
        yield server
