"""The people: who is there, how much each has, what is planned or put aside, and what the routes would change."""

import streamlit as st

from listener.board import deskacts, identity, notices, paths, peoplelist, place, viewer
from listener.board.safe import draw, node
from listener.desk import routing
from listener.errors import ListenerError

REFRESH_S = 5


@st.fragment(run_every=REFRESH_S)
def live() -> None:
    now, zone = viewer.now(), viewer.zone()
    target = notices.show()
    try:
        with place.store().read() as tx:
            loads, held = tx.routes.loads(), tx.cases.held()
            late = tx.promises.due_by(now, peoplelist.SHOWN + 1)
            planned, aside = tx.aftercare.due(now + peoplelist.AHEAD), tx.cases.snoozed()
        people = deskacts.who()
    except ListenerError as error:
        notices.trouble(error, key="people-trouble")
        return
    target = draw(peoplelist.table(people, loads, held, now), key="people-table") or target
    with st.container(border=True, key="box-late"):
        target = draw(*peoplelist.late(late, now), key="late") or target
    left, right = st.columns(2)
    with left.container(border=True, key="box-planned"):
        target = draw(*peoplelist.planned(planned, now, zone), key="planned") or target
    with right.container(border=True, key="box-aside"):
        target = draw(*peoplelist.aside(aside, now, zone), key="aside-list") or target
    if target:
        paths.go(target)


def routes() -> None:
    """What the rules make of every open alert; a manager applies them."""
    settings = place.settings()
    if not settings.routes or not identity.may("route"):
        return
    with st.expander("What the routes would change now", key="routes"):
        found = [change for change in routing.preview(place.store(), settings, viewer.now()) if change.changes]
        draw(*peoplelist.changes(found), key="routes-changes")
        if found:
            st.button("Apply the routes", key="apply-routes", type="primary", on_click=deskacts.reroute)


st.title("People", anchor=False)
draw(
    node("p", "quiet", "Shifts, teams and languages come from listener.toml; accounts from listener users."),
    key="intro",
)
live()
routes()
