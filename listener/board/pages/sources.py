"""The sources: what listener hears, what it does not, and what to do about it."""

import streamlit as st

from listener.board import health, notices, place, sourcelist, viewer
from listener.board.safe import draw, node
from listener.errors import ListenerError

REFRESH_S = 3


@st.fragment(run_every=REFRESH_S)
def live() -> None:
    now, zone = viewer.now(), viewer.zone()
    try:
        with place.store().read() as tx:
            beat, rows = tx.state.get(health.WORKER), tx.sources.all()
    except ListenerError as error:
        notices.trouble(error, key="sources-trouble")
        return
    draw(*health.worker_warning(beat, zone, now), key="worker")
    for row, shown in sourcelist.sources(rows, zone, now):
        with st.container(border=True, key=f"source-{row.source}"):
            draw(shown, key=f"source-{row.source}-text")
    if not rows:
        what = node("p", "strong", "listener has no source yet.")
        then = node("p", "", "Add one to listener.toml, then start: listener up")
        draw(node("div", "empty", what, then), key="sources-empty")


st.title("Sources", anchor=False)
live()
