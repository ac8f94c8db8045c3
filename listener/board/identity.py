"""Who sits in front of the screen, and as what they act.

With accounts that is whose session the browser's cookie holds, asked anew for everything one does: a new role counts
from the next click, and a disabled account does nothing more. On this machine alone the first visit asks for a name; it
lies in Streamlit's session and in a session cookie, so that a reload, a deep link or a second tab does not ask again.
That name is what a colleague says of themselves, not proof: whoever sits here owns the machine. Under a name of the
settings they act with that person's role, under any other as the owner.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from listener.board import gate, place
from listener.board.safe import Node, draw, node, visible
from listener.desk import people
from listener.desk.authorise import Actor, Verb
from listener.desk.authorise import may as role_may
from listener.settings import Person
from listener.store.rows import AccountRow

LONGEST: Final = 60
_KEY: Final = "_who"


def clean(name: str) -> str | None:
    """The name in one spelling (NFC, single spaces), or None if it cannot be one."""
    shown = " ".join(unicodedata.normalize("NFC", name).split())
    return shown if shown and len(shown) <= LONGEST and shown.isprintable() else None


def current() -> str | None:
    """Who this session works as; None before they said it."""
    import streamlit as st

    if signs_in():
        account = _account()
        return account.name if account else None
    if _KEY not in st.session_state:
        cookie = st.context.cookies.get(_cookie_name())
        st.session_state[_KEY] = clean(unquote(cookie)) if cookie else None
    name: str | None = st.session_state[_KEY]
    return name


def actor() -> Actor | None:
    """Who acts, with the role that they have at this moment; None for nobody."""
    if signs_in():
        account = _account()
        member = people.build(place.settings(), (account,)).get(account.name) if account else None
        return Actor(member.name, member.role) if member else None
    name = current()
    if name is None:
        return None
    person = people.build(place.settings(), ()).get(name)
    return Actor(name, person.role if person else "admin")


def may(verb: Verb) -> bool:
    """Whether the person in front may do this; what they may not is not drawn."""
    who = actor()
    return who is not None and role_may(who, verb)


def signs_in() -> bool:
    """Whether people have accounts here."""
    return place.settings().web.sign_in != "local"


def _account() -> AccountRow | None:
    import streamlit as st

    name = gate.cookie_name(st.context.headers.get("Host") or "")
    return gate.account_of(st.context.cookies.get(name) or "", place.settings().web)


def remember() -> None:
    """Bring the browser's cookie in line with this session."""
    from listener.board.safe import mount

    if signs_in():
        return
    name = current()
    mount("remember", {"cookie": _cookie_name(), "value": quote(name, safe="") if name else ""}, key="remember")


def _cookie_name() -> str:
    """Cookies are shared by all ports of a host: two boards on one machine must not mix their people."""
    import streamlit as st

    url = urlsplit(st.context.url or "")
    return f"listener-who-{url.port or url.scheme or 0}"


def become(name: str | None) -> None:
    import streamlit as st

    st.session_state[_KEY] = clean(name) if name else None


def ask(people: Sequence[Person]) -> None:
    """The first screen: the settings' people as buttons, or a name of one's own."""
    import streamlit as st

    with st.container(key="welcome", width=520):
        st.title("Who are you?")
        draw(*_why(), key="welcome-text")
        if people:
            with st.container(horizontal=True, key="people"):
                for index, person in enumerate(people):
                    st.button(label(person.name), key=f"who-{index}", on_click=become, args=(person.name,))
        with st.form("who-form", border=False):
            typed = st.text_input(
                "Someone else" if people else "Your name", key="who", max_chars=LONGEST, autocomplete="name"
            )
            if st.form_submit_button("Start", key="who-start", type="primary"):
                _start(typed)


def _start(typed: str | None) -> None:
    import streamlit as st

    become(typed)
    if current():
        st.rerun()
    draw(node("p", "late", "Please write your name.", role="alert"), key="who-missing")


def _why() -> list[Node]:
    return [
        node("p", "", "Unhappy customers are waiting for an answer. Colleagues see who takes which one."),
        node("p", "quiet", "Your name is kept in this browser until you close it."),
    ]


def label(name: str) -> str:
    """A name as a label: Streamlit reads labels as markdown."""
    return "".join(f"\\{char}" if char in r"\`*_{}[]()#+-.!|~:$<>" else char for char in visible(name))


def line() -> None:
    """Who one is, and the way to be someone else; for the sidebar."""
    import streamlit as st

    with st.container(horizontal=True, vertical_alignment="center", key="identity"):
        name = current() or ""
        draw(node("p", "", node("span", "quiet", "You are "), node("span", "strong", visible(name))), key="you")
        if signs_in():
            st.link_button("sign out", "/signout", type="tertiary")
            return
        st.button("change", key="change-identity", type="tertiary", on_click=become, args=(None,))
