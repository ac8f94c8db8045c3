"""The board as an app: `streamlit run app.py`. `listener up` serves the same one, with the worker beside it."""

import streamlit as st

from listener.board import server

server.configure()
app = st.App(server.SCRIPT, **server.app_options(with_worker=True))
