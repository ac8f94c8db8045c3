"""The sources: what listener hears, what it does not, and what to do about it."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import streamlit as st

from listener.board import health, notices, place, sourcelist, viewer
from listener.board.safe import draw, node
from listener.errors import ListenerError
from listener.pipeline.heard import Heard, heard
from listener.pipeline.sources import Source, sources
from listener.text.brands import BrandMatcher

REFRESH_S = 3
FIGURES_S = 20


@st.cache_data(ttl=FIGURES_S, max_entries=2, show_spinner=False)
def figures(database: str) -> dict[str, Heard]:  # noqa: ARG001 - tells one database's figures from another's
    """What is usual and what is real; worked out over weeks of hours, so not anew for every refresh."""
    with place.store().read() as tx:
        return {one.row.source: one for one in heard(tx, configured(), datetime.now(UTC))}


def configured() -> list[Source]:
    """The settings' sources, for their limits; wrong settings are told elsewhere."""
    try:
        settings = place.settings()
        return sources(settings, BrandMatcher(settings.brands))
    except ListenerError:
        return []


@st.fragment(run_every=REFRESH_S)
def live() -> None:
    now, zone = viewer.now(), viewer.zone()
    try:
        known = figures(str(place.store().path))
        with place.store().read() as tx:
            beat, rows = tx.state.get(health.WORKER), tx.sources.all()
    except ListenerError as error:
        notices.trouble(error, key="sources-trouble")
        return
    if warning := health.worker_warning(beat, zone, now):
        draw(*warning, key="worker")
    shown = [replace(known.get(row.source) or Heard(row=row), row=row) for row in rows]
    if shown:
        draw(sourcelist.summary(shown), key="sources-summary")
    for row, drawn in sourcelist.sources(shown, zone, now):
        key = f"source-{sha256(row.source.encode()).hexdigest()[:12]}"  # any name makes a key that Streamlit takes
        with st.container(border=True, key=key):
            draw(drawn, key=f"{key}-text")
    if not rows:
        what = node("p", "strong", "listener has no source yet.")
        then = node("p", "", "Add one to listener.toml, then start: listener up")
        draw(node("div", "empty", what, then), key="sources-empty")


st.title("Sources", anchor=False)
live()
