"""The queue: who needs an answer first. Refreshed every two seconds; what one types or filters lies outside of that."""

from dataclasses import replace

import streamlit as st

from listener import desk
from listener.board import (
    acts,
    cards,
    deskacts,
    filters,
    health,
    identity,
    incidentlist,
    notices,
    paths,
    place,
    viewer,
    words,
)
from listener.board.safe import draw, node
from listener.desk import incidents
from listener.errors import ListenerError
from listener.store.rows import Facets, QueueFilter, QueuePage, QueueRow
from listener.types import DISMISSALS

REFRESH_S = 2
CHOICES_S = 10


def page() -> None:
    me = identity.current() or ""
    st.title("Queue", anchor=False)
    facets = choices(str(place.store().path))
    filters.read_address(facets)
    filters.draw_top()
    filters.draw_side(facets)
    filters.write_address()
    live(filters.chosen(me), me)


@st.cache_data(ttl=CHOICES_S, max_entries=4, show_spinner=False)
def choices(database: str) -> Facets:  # noqa: ARG001 - tells one database's choices from another's
    """What there is to filter by; counted over all alerts, so not anew for every click."""
    return desk.facets(place.store())


@st.fragment(run_every=REFRESH_S)
def live(query: QueueFilter, me: str) -> None:
    """Everything that changes by itself."""
    target = notices.show()
    query = replace(query, page=st.session_state.get(filters.PAGE, 1))
    try:
        found = desk.queue(place.store(), query)
        ringing = incidents.alarms(place.store(), viewer.now())
        with place.store().read() as tx:
            beat, sources = tx.state.get(health.WORKER), tx.sources.all()
            silent = tx.state.get(health.SILENT)
    except ListenerError as error:
        notices.trouble(error, key="queue-trouble")
        return
    now = viewer.now()
    with st.container(key="alarms"):
        target = draw(*incidentlist.alarms(ringing, now), key="alarm-lines") or target
    draw(*health.warnings(beat, sources, viewer.zone(), now, silent), cards.totals(found), key="queue-totals")
    if st.session_state.get("several"):
        many(found)
    for row in found.rows:
        target = one_card(row, me) or target
    if not found.rows:
        draw(cards.nothing(query, found, heard=bool(sources)), key="queue-empty")
    pager(found)
    if target:
        paths.go(target)


def one_card(row: QueueRow, me: str) -> str | None:
    """A card with its buttons; the address to go to, if one was asked for."""
    number = row.alert_id
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"card-{number}"):
        if st.session_state.get("several"):
            with st.container(width=32, key=f"pickbox-{number}"):
                st.checkbox(f"Alert {number}", key=f"pick-{number}", label_visibility="collapsed")
        target = draw(cards.card(row, viewer=me, now=viewer.now(), value=place.settings().value), key=f"post-{number}")
        with st.container(horizontal=True, width="content", gap="small", key=f"acts-{number}"):
            if row.state == "open" and identity.may("claim"):
                st.button("Claim", key=f"claim-{number}", type="primary", on_click=acts.claim, args=(number,))
            if st.button("Open", key=f"open-{number}"):
                target = f"alert?id={number}"
    return target


def many(found: QueuePage) -> None:
    """One act on all that are ticked on this page."""
    ticked = [row.alert_id for row in found.rows if st.session_state.get(f"pick-{row.alert_id}")]
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="many"):
        draw(node("p", "strong", f"{len(ticked)} of {len(found.rows)} chosen"), key="many-text")
        if identity.may("claim"):
            st.button("Claim them", key="many-claim", on_click=deskacts.claim_each, args=(ticked,))
            st.button("Put aside for a day", key="many-snooze", on_click=deskacts.snooze_each, args=(ticked,))
        if identity.may("dismiss"):
            with st.popover("Dismiss them", key="many-dismiss"):
                for reason in DISMISSALS:
                    said = words.DISMISSALS[reason]
                    key = f"many-{reason}"
                    st.button(said, key=key, type="tertiary", on_click=deskacts.dismiss_each, args=(ticked, reason))


def pager(found: QueuePage) -> None:
    if found.pages <= 1:
        return
    if st.session_state.get(filters.PAGE, 1) != found.page:
        st.session_state[filters.PAGE] = found.page
    st.pagination(found.pages, key=filters.PAGE)


page()
