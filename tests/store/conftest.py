from collections.abc import Iterator
from pathlib import Path

import pytest

from listener.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "listener.db") as opened:
        yield opened
