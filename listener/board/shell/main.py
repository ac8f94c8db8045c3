"""Runs around every page: the frame, who one is, and what to say when the store or the settings cannot be used."""

import streamlit as st

from listener.board import identity, notices, paths, place
from listener.board.safe import STATIC
from listener.errors import ListenerError

st.set_page_config(page_title="listener", page_icon=str(STATIC / "icon.svg"), layout="wide")
st.logo(str(STATIC / "icon.svg"), size="large")
page = st.navigation(
    [
        st.Page(paths.HOME, title="listener", default=True, visibility="hidden"),
        st.Page(paths.QUEUE, title="Queue", icon=":material/inbox:", url_path="queue"),
        st.Page(paths.ALERT, title="Alert", url_path="alert", visibility="hidden"),
        st.Page(paths.INCIDENTS, title="Incidents", icon=":material/campaign:", url_path="incidents"),
        st.Page(paths.INCIDENT, title="Incident", url_path="incident", visibility="hidden"),
        st.Page(paths.REPLAY, title="Replay", icon=":material/history:", url_path="replay"),
        st.Page(paths.PEOPLE, title="People", icon=":material/group:", url_path="people"),
        st.Page(paths.NEW_CASE, title="New case", icon=":material/add_circle:", url_path="case"),
        st.Page(paths.SOURCES, title="Sources", icon=":material/sensors:", url_path="sources"),
        st.Page(paths.COVERAGE, title="Coverage", icon=":material/grid_on:", url_path="coverage"),
        st.Page(paths.BRANDS, title="Brands", icon=":material/sell:", url_path="brands"),
    ],
    position="top",
)
identity.remember()
try:
    settings = place.settings()
    place.store()
except ListenerError as error:
    notices.trouble(error, key="trouble")
    st.stop()
if identity.current() is None:
    identity.ask(settings.people)
    st.stop()
with st.sidebar:
    identity.line()
page.run()
