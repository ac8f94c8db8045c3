"""`/` is the queue."""

import streamlit as st

from listener.board import paths

st.switch_page(paths.QUEUE)
