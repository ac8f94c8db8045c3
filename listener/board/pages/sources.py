"""The sources: what listener hears, what it does not, and what to do about it."""

from hashlib import sha256

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
    if warning := health.worker_warning(beat, zone, now):
        draw(*warning, key="worker")
    for row, shown in sourcelist.sources(rows, zone, now):
        key = f"source-{sha256(row.source.encode()).hexdigest()[:12]}"  # any name makes a key that Streamlit takes
        with st.container(border=True, key=key):
            draw(shown, key=f"{key}-text")
    if not rows:
        what = node("p", "strong", "listener has no source yet.")
        then = node("p", "", "Add one to listener.toml, then start: listener up")
        draw(node("div", "empty", what, then), key="sources-empty")


st.title("Sources", anchor=False)
live()
