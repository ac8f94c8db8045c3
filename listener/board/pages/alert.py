"""One alert: the post with its evidence, what surrounds it, and everything one can do about it."""

from collections.abc import Sequence

import streamlit as st

from listener import desk
from listener.board import acts, casefile, casework, identity, notices, paths, place, stakes, viewer, words
from listener.board.casefile import View
from listener.board.safe import Node, draw, node, visible
from listener.desk import recovering, turning
from listener.desk.notes import MAX_NOTE
from listener.errors import ListenerError, NoSuchAlertError
from listener.pipeline.clock import Clock
from listener.store.rows import Case
from listener.types import DISMISSALS, OUTCOMES

REFRESH_S = 3
_ANSWERING = "_answering"
"""Whether the place to write an answer is on screen; None while the page is being drawn."""


def page() -> None:
    if draw(node("p", "", node("a", "link", "Back to the queue", href="queue")), key="back"):
        paths.go("queue")
    given = st.query_params.get("id", "")
    if not (given.isascii() and given.isdigit() and len(given) < 16):
        draw(missing("No alert was named."), key="missing")
        return
    number = int(given)
    st.title(f"Alert {number}", anchor=False)
    st.session_state[_ANSWERING] = None
    live(number)
    writing(number)
    context(number)
    noting(number)


def missing(what: str) -> Node:
    return node("div", "empty", node("p", "strong", what), node("p", "", "Go back to the queue and open one there."))


def case_of(number: int) -> Case | None:
    """The case; without it, the screen says why."""
    try:
        return desk.case(place.store(), number)
    except NoSuchAlertError:
        draw(missing(f"There is no alert {number}."), key="missing")
    except ListenerError as error:
        notices.trouble(error, key="alert-trouble")
    return None


@st.fragment(run_every=REFRESH_S)
def live(number: int) -> None:
    """The case and what one may do about it: others may change it while one reads."""
    case = case_of(number)
    if case is None:
        return
    now = View(identity.current() or "", viewer.now(), viewer.zone())
    with st.container(border=True, key="case"):
        target = draw(casefile.head(case, now), *casefile.post(case, now), key="case-post")
    target = notices.show(here=number) or target
    casework.presence(case)
    casework.offered(case, now.viewer)
    buttons(case, now.viewer)
    if st.session_state.get(_ANSWERING) not in (None, casework.may_answer(case)):
        st.rerun()  # the place to write an answer lies outside of this
    if target:
        paths.go(target)


@st.fragment(run_every=REFRESH_S)
def context(number: int) -> None:
    """The thread, the author, the spread and the notes; beside them the way of the case and its facts."""
    try:
        case = desk.case(place.store(), number)
    except ListenerError:
        return  # said by the part above
    now = View(identity.current() or "", viewer.now(), viewer.zone())
    left, right = st.columns([5, 3])
    with left:
        block("thread", casefile.thread(case, now))
        block("others", casefile.others(case, now))
        block("why", stakes.why(case.alert, now, place.settings().value))
        block("reactions", [*casefile.engagement(case.engagement, now), *stakes.outlook(case, day())])
        block("answers", casework.answers(turning.sent(place.store(), case.alert.id), now))
        block("notes", casefile.notes(case.notes, now))
    with right:
        block("recovery", casework.steps(recovering.recovery(place.store(), place.settings(), case.alert.id), now))
        block("facts", [casefile.facts(case, now)])
        block("history", casefile.history(case.history, now))


def day() -> Clock:
    """The clock that counts are as old by: in the demo the replayed day's."""
    with place.store().read() as tx:
        return Clock.of(tx)


def block(name: str, nodes: Sequence[Node]) -> None:
    if nodes:
        with st.container(border=True, key=f"box-{name}"):
            draw(*nodes, key=f"case-{name}")


def writing(number: int) -> None:
    """The answer, outside of what refreshes."""
    with st.container(key="work"):  # always there, so that what stands below keeps its place
        try:
            case = desk.case(place.store(), number)
            st.session_state[_ANSWERING] = casework.answer(case)
            casework.passing(number, case)
        except ListenerError:
            return  # said by the part above


def noting(number: int) -> None:
    """Outside of what refreshes: nobody loses half a sentence."""
    if not identity.may("note"):
        return
    with st.form("note-form", clear_on_submit=True, border=False):
        text = st.text_area("Note for colleagues", key="note", max_chars=MAX_NOTE, height=90)
        if st.form_submit_button("Add note", key="add-note") and text.strip() and acts.add_note(number, text):
            st.rerun()


def buttons(case: Case, me: str) -> None:
    """What this person may do now, and nothing else."""
    number, state, mine = case.alert.id, case.alert.state, case.alert.owner == me
    if state == "claimed" and not mine:
        draw(node("p", "strong", f"{visible(case.alert.owner or '')} has it and answers."), key="held")
    elif state in ("resolved", "dismissed"):
        casework.closed(case)
    elif not identity.may("claim"):
        draw(node("p", "quiet", "You may look, not act."), key="looking-only")
    else:
        left, right = st.columns(2)
        with left.container(border=True, key="acting"):
            if state == "open":
                taking(number)
            else:
                closing(number)
        with right.container(border=True, key="dismissing"):
            dismissing(number)
    with st.container(horizontal=True, key="acts"):
        if state == "claimed" and mine:
            st.button("Release", key="release", on_click=acts.release, args=(number,))
            casework.holders_tools(case)
        casework.handing_over(case, me)
        if identity.may("snooze"):
            casework.putting_aside(case, me)
        if casefile.can_undo(case, me):
            st.button("Undo my last step", key="undo", on_click=acts.undo, args=(number,))


def taking(number: int) -> None:
    draw(
        node("p", "strong", "Nobody has it yet."),
        node("p", "quiet", "Take it, then answer the customer where they wrote."),
        key="taking",
    )
    st.button("Claim", key="claim", type="primary", width="stretch", on_click=acts.claim, args=(number,))


def closing(number: int) -> None:
    outcome = st.pills("How did it end?", OUTCOMES, key="outcome", format_func=words.OUTCOMES.__getitem__)
    asked = "Is the cause fixed for others too?"
    fixed = st.pills(asked, ("Yes", "No"), default="No", required=True, key="cause-fixed")
    done = (number, outcome, fixed == "Yes")
    st.button("Resolve", key="resolve", type="primary", width="stretch", on_click=acts.resolve, args=done)


def dismissing(number: int) -> None:
    reason = st.pills("Not a case for us?", DISMISSALS, key="reason", format_func=words.DISMISSALS.__getitem__)
    st.button("Dismiss", key="dismiss", width="stretch", on_click=acts.dismiss, args=(number, reason))


page()
