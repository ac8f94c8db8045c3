"""The incidents: problems behind posts, alarms first. Refreshed every few seconds."""

import streamlit as st

from listener.board import identity, incidentacts, incidentlist, notices, paths, place, viewer
from listener.board.safe import Node, draw, node
from listener.desk import incidents
from listener.desk.incidents import Listed
from listener.errors import ListenerError

REFRESH_S = 3
VIEWS = {"now": "Going on", "over": "Over"}


def page() -> None:
    st.title("Incidents", anchor=False)
    draw(
        node(
            "p", "quiet", "One problem behind many posts, across sources and languages. Every post keeps its own alert."
        ),
        key="incidents-intro",
    )
    chosen = st.segmented_control(
        "Which",
        tuple(VIEWS),
        key="filter-incidents",
        default="now",
        required=True,
        format_func=VIEWS.__getitem__,
        label_visibility="collapsed",
    )
    live(chosen == "over")


@st.fragment(run_every=REFRESH_S)
def live(over: bool) -> None:
    target = notices.show()
    now = viewer.now()
    try:
        found = incidents.incidents(place.store(), now, over=over)
    except ListenerError as error:
        notices.trouble(error, key="incidents-trouble")
        return
    rang = [one for one in found if one.summary.incident.alarm_at is not None]
    forming = [one for one in found if one.summary.incident.alarm_at is None]
    for one in rang:
        target = one_card(one) or target
    if forming:
        draw(*forming_head(over), key="incidents-forming")
    for one in forming:
        target = one_card(one) or target
    if not found:
        draw(nothing(over), key="incidents-empty")
    if target:
        paths.go(target)


def one_card(one: Listed) -> str | None:
    """A card with its buttons; the address to go to, if one was asked for."""
    row = one.summary.incident
    me = identity.current() or ""
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"incident-{row.id}"):
        target = draw(
            incidentlist.card(one, viewer=me, zone=viewer.zone(), now=viewer.now()), key=f"incident-text-{row.id}"
        )
        with st.container(horizontal=True, width="content", gap="small", key=f"acts-incident-{row.id}"):
            if row.owner is None and row.state == "open":
                st.button(
                    "Coordinate",
                    key=f"claim-incident-{row.id}",
                    type="primary",
                    on_click=incidentacts.claim,
                    args=(row.id,),
                )
            if st.button("Open", key=f"open-incident-{row.id}"):
                target = f"incident?id={row.id}"
    return target


def forming_head(over: bool) -> list[Node]:
    if over:
        return [node("h2", "", "Without an alarm")]
    return [
        node("h2", "", "Forming"),
        node(
            "p", "quiet", "A few posts that are alike; no more of them than may come on an ordinary day, so no alarm."
        ),
    ]


def nothing(over: bool) -> Node:
    what = "Nothing is over yet." if over else "No problem is forming."
    then = (
        "Closed incidents appear here." if over else "When many customers have one problem, it appears here by itself."
    )
    return node("div", "empty", node("p", "strong", what), node("p", "", then))


page()
