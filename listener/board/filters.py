"""The queue's filters: drawn outside what refreshes, kept for the session, and written into the address."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar, get_args

from listener.board import words
from listener.board.safe import visible
from listener.store.rows import Facets, QueueFilter, QueueSort
from listener.triage.priority import QUIET
from listener.types import CAUSES

T = TypeVar("T")

PER_PAGE: Final = 25
PAGE: Final = "page"

_IN_ADDRESS: Final = {
    "search": "q",
    "sort": "sort",
    "filter-state": "state",
    "filter-brand": "brand",
    "filter-lang": "lang",
    "filter-source": "source",
    "filter-cause": "cause",
    "filter-severity": "severity",
    "filter-mine": "mine",
    "filter-lane": "lane",
}
"""Widget key: name in the address."""

LANES: Final = {"all": "Everybody", QUIET: words.LANES[QUIET]}
"""Those who leave without a reproach have a lane of their own."""
_DEFAULTS: Final[dict[str, Any]] = {
    "search": "",
    "sort": "priority",
    "filter-state": "active",
    "filter-mine": False,
    "filter-lane": "all",
}
_SEEN: Final = "_address"


def read_address(facets: Facets) -> None:
    """Take the filters of a link somebody opened; an address that we wrote ourselves says nothing new."""
    import streamlit as st

    address = dict(st.query_params)
    if not address or address == st.session_state.get(_SEEN):
        return
    allowed = _allowed(facets)
    for key, name in _IN_ADDRESS.items():
        value: Any = address.get(name)
        if key == "filter-severity" and value is not None:
            value = int(value) if value.isdigit() else None
        elif key == "filter-mine":
            value = value == "1"
        if value is not None and (key in ("search", "filter-mine") or value in allowed[key]):
            st.session_state[key] = value


def write_address() -> None:
    """So that the address can be kept or sent to a colleague."""
    import streamlit as st

    address = {}
    for key, name in _IN_ADDRESS.items():
        value = st.session_state.get(key)
        if value not in (None, _DEFAULTS.get(key)):
            address[name] = "1" if value is True else str(value)
    if dict(st.query_params) != address:
        st.query_params.from_dict(address)
    st.session_state[_SEEN] = address


def _allowed(facets: Facets) -> dict[str, Sequence[Any]]:
    return {
        "sort": get_args(QueueSort),
        "filter-state": tuple(words.STATES),
        "filter-brand": [name for name, _ in facets.brands],
        "filter-lang": [code for code, _ in facets.langs],
        "filter-source": [name for name, _ in facets.sources],
        "filter-cause": CAUSES,
        "filter-severity": (4, 3, 2, 1),
        "filter-lane": tuple(LANES),
    }


def draw_top() -> None:
    """What is used all the time: the search box, the order, the state and mine."""
    import streamlit as st

    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="queue-tools"):
        st.text_input(
            "Search",
            key="search",
            type="search",
            placeholder="Search posts",
            label_visibility="collapsed",
            width=260,
            persist_state="session",
            on_change=_first_page,
        )
        st.selectbox(
            "Order",
            get_args(QueueSort),
            key="sort",
            format_func=words.SORTS.__getitem__,
            label_visibility="collapsed",
            width=180,
            persist_state="session",
            on_change=_first_page,
        )
        st.toggle("Mine", key="filter-mine", persist_state="session", on_change=_first_page)
        st.toggle("Several at once", key="several", persist_state="session")
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="queue-kinds"):
        _segments("State", "filter-state", words.STATES, "active")
        _segments("Lane", "filter-lane", LANES, "all")


def _segments(label: str, key: str, options: Mapping[str, str], default: str) -> None:
    """One of a few, always one."""
    import streamlit as st

    st.segmented_control(
        label,
        tuple(options),
        key=key,
        default=default,
        required=True,
        wrap=True,
        format_func=options.__getitem__,
        label_visibility="collapsed",
        persist_state="session",
        on_change=_first_page,
    )


def draw_side(facets: Facets) -> None:
    """What narrows the queue down to one's own beat: beside it, and out of the way on a phone."""
    import streamlit as st

    def lang(code: str) -> str:
        return words.word(words.LANGUAGES, code)

    def cause(code: str) -> str:
        return words.word(words.CAUSES, code)

    with st.sidebar.container(key="filters"):
        _choice("Brand", "filter-brand", facets.brands, "All brands", visible)
        _choice("Language", "filter-lang", facets.langs, "All languages", lang)
        _choice("Source", "filter-source", facets.sources, "All sources", visible)
        _choice("Cause", "filter-cause", facets.causes, "All causes", cause)
        _choice("Severity", "filter-severity", sorted(facets.severities, reverse=True), "All", words.severity)
        st.button("Clear filters", key="filters-clear", on_click=_clear)


def _choice(label: str, key: str, found: Sequence[tuple[T, int]], everything: str, wording: Callable[[T], str]) -> None:
    """A select box; its options are drawn as plain text by Streamlit (only labels are read as markdown).

    No counts in them: Streamlit knows a chosen option by its words, so words that change lose the choice.
    """
    import streamlit as st

    options: list[T] = [value for value, _ in found]
    kept: T | None = st.session_state.get(key)
    if kept is not None and kept not in options:
        options.append(kept)
    st.selectbox(
        label,
        options,
        index=None,
        key=key,
        placeholder=everything,
        format_func=wording,
        persist_state="session",
        on_change=_first_page,
    )


def chosen(viewer: str) -> QueueFilter:
    """The filter that the widgets show now; the page is read anew at every refresh."""
    import streamlit as st

    state = st.session_state
    wanted, lane = state.get("filter-state", "active"), state.get("filter-lane", "all")
    return QueueFilter(
        brand=state.get("filter-brand"),
        lang=state.get("filter-lang"),
        source=state.get("filter-source"),
        cause=state.get("filter-cause"),
        severity=state.get("filter-severity"),
        state=None if wanted in ("active", "snoozed") else wanted,
        concerns=viewer if state.get("filter-mine") else None,
        snoozed=wanted == "snoozed",
        lane=None if lane == "all" else lane,
        search=(state.get("search") or "").strip() or None,
        sort=state.get("sort", "priority"),
        per_page=PER_PAGE,
    )


def narrowed(query: QueueFilter) -> bool:
    """Whether anything but state and order was chosen."""
    usual = QueueFilter(
        state=query.state, sort=query.sort, page=query.page, per_page=query.per_page, snoozed=query.snoozed
    )
    return query != usual


def _first_page() -> None:
    import streamlit as st

    st.session_state[PAGE] = 1


def _clear() -> None:
    import streamlit as st

    for key in _IN_ADDRESS:
        st.session_state[key] = _DEFAULTS.get(key)
    _first_page()
