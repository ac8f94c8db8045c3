"""What holds for all tests."""

import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _main_stays_main() -> Iterator[None]:
    """Streamlit's AppTest puts the page under test in `__main__`, which a spawned process would then run."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before
