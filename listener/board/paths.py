"""The board's pages, and going from one to another without a reload (which would end the session)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

PAGES: Final = Path(__file__).with_name("pages")
HOME: Final = PAGES / "home.py"
QUEUE: Final = PAGES / "queue.py"
ALERT: Final = PAGES / "alert.py"
SOURCES: Final = PAGES / "sources.py"
BRANDS: Final = PAGES / "brands.py"
COVERAGE: Final = PAGES / "coverage.py"
INCIDENTS: Final = PAGES / "incidents.py"
INCIDENT: Final = PAGES / "incident.py"
REPLAY: Final = PAGES / "replay.py"
PEOPLE: Final = PAGES / "people.py"
NEW_CASE: Final = PAGES / "case.py"

_BY_NAME: Final = {
    "queue": QUEUE,
    "alert": ALERT,
    "sources": SOURCES,
    "brands": BRANDS,
    "coverage": COVERAGE,
    "incidents": INCIDENTS,
    "incident": INCIDENT,
    "replay": REPLAY,
    "people": PEOPLE,
    "case": NEW_CASE,
}
_TARGET: Final = re.compile(rf"({'|'.join(_BY_NAME)})(?:\?id=(\d{{1,18}}))?")


def go(target: str) -> None:
    """Show the page of an in-app address such as `alert?id=12`; nothing happens for any other text."""
    import streamlit as st

    match = _TARGET.fullmatch(target)
    if match is None:
        return
    st.switch_page(_BY_NAME[match[1]], query_params={"id": match[2]} if match[2] else None)
