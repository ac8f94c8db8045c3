"""What the board tells a person about their last act, above whatever they look at next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, TypeAlias

from listener.board.safe import Node, draw, node, visible
from listener.errors import ListenerError

Tone: TypeAlias = Literal["good", "info", "soon", "late"]

_KEY: Final = "_notice"
_SHOWN_FOR: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Notice:
    tone: Tone
    text: str
    alert_id: int | None
    until: datetime


def say(tone: Tone, text: str, *, alert_id: int | None = None) -> None:
    """Tell this session; replaces what was told before. `alert_id` adds a link to that alert."""
    import streamlit as st

    st.session_state[_KEY] = Notice(tone, text, alert_id, datetime.now(UTC) + _SHOWN_FOR)


def show(*, here: int | None = None) -> str | None:
    """Draw the current notice, if any; where its link leads if it was clicked. `here` is the alert already on screen.

    The place is always there, so that nothing below it changes its identity.
    """
    import streamlit as st

    notice: Notice | None = st.session_state.get(_KEY)
    with st.container(key="notice"):
        if notice is None or notice.until < datetime.now(UTC):
            return None
        link = None
        if notice.alert_id not in (None, here):
            link = node("a", "", f"Open alert {notice.alert_id}", href=f"alert?id={notice.alert_id}")
        return draw(banner(notice.tone, notice.text, link), key="notice-text")


def banner(tone: Tone, text: str, link: Node | None = None) -> Node:
    """A line that stands out; `late` interrupts a screen reader, the others wait their turn."""
    role = "alert" if tone == "late" else "status"
    return node("p", f"notice {tone}", visible(text), " " if link else None, link, role=role)


def trouble(error: ListenerError, *, key: str) -> None:
    """The database or the settings cannot be used: what, and what to do."""
    draw(banner("late", f"{error}. {error.hint}".strip()), key=key)


def failure() -> None:
    """A page failed in a way nobody foresaw."""
    text = "This page could not be drawn. It is not your fault, and nothing was lost. The log of the board says where."
    draw(banner("late", text), key="failure")
