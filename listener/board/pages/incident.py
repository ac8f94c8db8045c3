"""One incident: what it is, why it rang, whose posts it is made of, and everything one can do about it."""

import streamlit as st

from listener.board import identity, incidentacts, incidentfile, incidentlist, notices, paths, place, viewer
from listener.board.casefile import View
from listener.board.safe import Node, draw, node, visible
from listener.desk import incidents
from listener.desk.incidents import MAX_TITLE, IncidentCase
from listener.errors import ListenerError, NoSuchIncidentError
from listener.store.incident_rows import IncidentRow, MemberRow

REFRESH_S = 3
LABEL = 70
"""Characters of a post in the list to choose from."""


def page() -> None:
    if draw(node("p", "", node("a", "link", "All incidents", href="incidents")), key="back"):
        paths.go("incidents")
    given = st.query_params.get("id", "")
    if not (given.isascii() and given.isdigit() and len(given) < 16):
        draw(missing("No incident was named."), key="missing")
        return
    case = case_of(int(given))
    if case is None:
        return
    number = case.listed.summary.incident.id
    st.title(f"Incident {number}", anchor=False)
    live(number)
    grouping(case)


def missing(what: str) -> Node:
    return node(
        "div", "empty", node("p", "strong", what), node("p", "", "Go back to the incidents and open one there.")
    )


def case_of(number: int) -> IncidentCase | None:
    """The incident; without it, the screen says why."""
    try:
        return incidents.incident(place.store(), number, viewer.now())
    except NoSuchIncidentError:
        draw(missing(f"There is no incident {number}."), key="missing")
    except ListenerError as error:
        notices.trouble(error, key="incident-trouble")
    return None


@st.fragment(run_every=REFRESH_S)
def live(number: int) -> None:
    """Everything that others may change while one reads."""
    case = case_of(number)
    if case is None:
        return
    view = View(identity.current() or "", viewer.now(), viewer.zone())
    with st.container(border=True, key="incident-case"):
        target = draw(*incidentfile.head(case, view), key="incident-head")
    target = notices.show() or target
    buttons(case.listed.summary.incident, view.viewer)
    left, right = st.columns([5, 3])
    with left.container(border=True, key="box-members"):
        target = draw(*incidentfile.members(case, view), key="incident-members") or target
    with right:
        with st.container(border=True, key="box-surge"):
            target = draw(*incidentfile.why(case, view), key="incident-why") or target
        with st.container(border=True, key="box-incident-history"):
            target = draw(*incidentfile.history(case.history, view), key="incident-history") or target
    if target:
        paths.go(target)


def buttons(row: IncidentRow, me: str) -> None:
    """What this person may do now, and nothing else."""
    with st.container(horizontal=True, key="acts"):
        if row.state == "closed":
            st.button("Reopen", key="reopen", on_click=incidentacts.reopen, args=(row.id,))
            return
        if row.owner is None:
            st.button("Coordinate", key="claim-incident", type="primary", on_click=incidentacts.claim, args=(row.id,))
        elif row.owner == me:
            st.button("Take new alerts too", key="claim-incident", on_click=incidentacts.claim, args=(row.id,))
            st.button("Give back", key="release-incident", on_click=incidentacts.release, args=(row.id,))
        if row.state == "ended":
            st.button("Reopen", key="reopen", on_click=incidentacts.reopen, args=(row.id,))
        st.button("Close", key="close", on_click=incidentacts.close, args=(row.id,))


def grouping(case: IncidentCase) -> None:
    """Outside of what refreshes: nobody loses a choice half made."""
    row = case.listed.summary.incident
    draw(
        node("h2", "", "Is it one problem?"),
        node("p", "quiet", "What you decide here stays, and listener groups new posts by it."),
        key="grouping",
    )
    left, right = st.columns(2)
    with left.container(border=True, key="box-merge"):
        merging(row, case.others)
    with right.container(border=True, key="box-split"):
        splitting(row, case.members)
    with st.container(border=True, key="box-rename"), st.form("rename-form", border=False):
        title = st.text_input("Title", key="title", max_chars=MAX_TITLE, placeholder="empty: the words of its posts")
        if st.form_submit_button("Rename", key="rename") and incidentacts.rename(row.id, title):
            st.rerun()


def merging(row: IncidentRow, others: tuple[IncidentRow, ...]) -> None:
    titles = {other.id: incidentlist.plain(other) for other in others}
    other = st.selectbox(
        "The same problem as",
        list(titles),
        index=None,
        key="merge-with",
        placeholder="another incident of this brand",
        format_func=lambda number: titles.get(number, str(number)),
    )
    st.button("Merge", key="merge", on_click=incidentacts.merge, args=(row.id, other))


def splitting(row: IncidentRow, members: tuple[MemberRow, ...]) -> None:
    lines = {member.mention_id: line(member) for member in members}
    chosen = st.multiselect(
        "Posts that are another problem",
        list(lines),
        key="split-posts",
        placeholder="choose posts",
        format_func=lambda number: lines.get(number, str(number)),
    )
    st.button("Split off", key="split", on_click=incidentacts.split, args=(row.id, tuple(chosen)))


def line(member: MemberRow) -> str:
    """A post as an option; Streamlit draws options as plain text."""
    said = " ".join(visible(f"{member.title or ''} {member.text}").split()) or "deleted by its author"
    return f"{member.alert_id or '-'}: {said[:LABEL]}{'…' if len(said) > LABEL else ''}"


page()
