"""The widgets of one case beyond claiming and closing: the answer, hand-over, keeping, putting aside, looking back."""

from __future__ import annotations

from listener.board import deskacts, identity, place, words
from listener.board.casefile import View
from listener.board.safe import Node, draw, node, text, visible, web_link
from listener.desk import recovering, turning
from listener.desk.closing import FOLLOW_UPS
from listener.desk.notes import MAX_NOTE
from listener.desk.recovering import Recovery
from listener.store.aftercare import ReplyRow
from listener.store.rows import Case
from listener.triage.replying import Remark


def presence(case: Case) -> None:
    """Who else is at it: so that two people do not write to one customer. Its place is always there."""
    import streamlit as st

    writing = bool(st.session_state.get(_draft_key(case.alert.id)))
    others = deskacts.look(case.alert.id, doing="writing" if writing else "looking")
    said = [f"{visible(name)} is {'writing' if doing == 'writing' else 'looking at it'}" for name, doing in others]
    with st.container(key="presence"):
        if said:
            draw(node("p", "quiet", "Just now: ", ", ".join(said)), key="presence-text")


def offered(case: Case, me: str) -> None:
    """A colleague asks one to take it."""
    import streamlit as st

    if case.alert.offered_to != me:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="offered"):
        draw(node("p", "strong", f"{visible(case.alert.owner or '')} asks you to take this case."), key="offered-text")
        st.button("Accept", key="accept", type="primary", on_click=deskacts.accept, args=(case.alert.id,))
        st.button("Decline", key="decline", on_click=deskacts.decline, args=(case.alert.id,))


def holders_tools(case: Case) -> None:
    """What only the holder may: say whose turn it is, keep it, hand it over."""
    import streamlit as st

    number = case.alert.id
    if case.alert.waiting_since is None:
        st.button("Wait for the customer", key="wait", on_click=deskacts.wait, args=(number,))
    else:
        st.button("They got back to us", key="heard", on_click=deskacts.heard, args=(number,))
    if case.alert.first_response_at is None:
        st.button("Keep over my shift's end", key="keep", on_click=deskacts.keep, args=(number,))
    if case.alert.offered_to:
        st.button("Call off the hand-over", key="withdraw", on_click=deskacts.decline, args=(number,))


def handing_over(case: Case, me: str) -> None:
    """To a colleague, who must accept; a manager gives it to anybody."""
    import streamlit as st

    number, mine = case.alert.id, case.alert.owner == me and case.alert.state == "claimed"
    leads = identity.may("assign") and case.alert.state in ("open", "claimed")
    if not (mine or leads):
        return
    with st.popover("Hand over", key="hand-over") if mine else st.popover("Give to somebody", key="give"):
        names = deskacts.colleagues(me if mine else "")
        if names:
            to = st.selectbox("To", names, index=None, key="to", placeholder="a colleague", format_func=visible)
        else:
            to = st.text_input("To", key="to", max_chars=identity.LONGEST) or None
        if mine:
            note = st.text_area("What they should know", key="offer-note", height=80)
            st.button("Offer it", key="offer", type="primary", on_click=deskacts.offer, args=(number, to, note))
        if leads:
            st.button("Give it", key="assign", on_click=deskacts.assign, args=(number, to))


def putting_aside(case: Case, me: str) -> None:
    """Out of sight for a while, with an end."""
    import streamlit as st

    if case.alert.snoozed_until is not None:
        st.button("Back in sight", key="wake", on_click=deskacts.wake, args=(case.alert.id,))
    elif case.alert.state == "open" or case.alert.owner == me:
        with st.popover("Put aside", key="aside"):
            for code, said in deskacts.ASIDE_WORDS.items():
                st.button(
                    f"For {said}",
                    key=f"snooze-{code}",
                    type="tertiary",
                    on_click=deskacts.snooze,
                    args=(case.alert.id, code),
                )


def closed(case: Case) -> None:
    """A closed case: taken up again, or looked back at."""
    import streamlit as st

    number = case.alert.id
    with place.store().read() as tx:
        planned = [one for one in tx.aftercare.of(number) if one.done_at is None]
    if planned and identity.may("followup"):
        with st.container(border=True, key="look-back"):
            due = f"{planned[0].due_at.astimezone():%d %B}"
            found = st.pills(
                f"Look back on {due}: how are they?",
                FOLLOW_UPS,
                key="follow-up",
                format_func=words.FOLLOW_UPS.__getitem__,
            )
            st.button("Note it", key="follow-up-note", on_click=deskacts.follow_up, args=(number, found))
    if identity.may("reopen"):
        st.button("Reopen", key="reopen", on_click=deskacts.reopen, args=(number,))


# ------------------------------------------------------------------ the playbook


def steps(found: Recovery, view: View) -> list[Node]:
    """The way of this case: what is behind it, what is due now and by when, what comes."""
    states = {one.step: one.state for one in found.progress.passed}
    current = found.progress.current
    lines = []
    for number, step in enumerate(found.playbook.steps, 1):
        state = states.get(step.step)
        now = current is not None and step.step == current.step
        said: Node | None = None
        if state:
            said = node("span", "quiet", f" ({words.STEP_STATES[state]})")
        elif now and found.progress.due_at is not None:
            late = found.progress.due_at < view.now
            when = words.clock(found.progress.due_at, view.zone, view.now)
            said = node("span", "late" if late else "quiet", f" by {when}")
        lines.append(
            node("li", "strong" if now else "quiet" if state else "", f"{number}. {visible(step.title.en)}", said)
        )
    advice = [node("p", "notice late", visible(found.playbook.advice.en))] if found.playbook.advice else []
    return [node("h2", "", visible(found.playbook.title.en)), *advice, node("ul", "history", *lines)]


def passing(number: int, case: Case) -> None:
    """The step that is due, for whoever may say that it is done; outside of what refreshes."""
    import streamlit as st

    actor = identity.actor()
    found = recovering.recovery(place.store(), place.settings(), number)
    current = found.progress.current
    theirs = actor is not None and case.alert.owner == actor.name and case.alert.state in ("claimed", "resolved")
    if current is None or not theirs or not identity.may("step"):
        return
    step = found.playbook.named(current.step)
    assert step is not None
    with st.container(border=True, key="step"):
        asks = node("p", "strong", f"Now: {visible(step.title.en).lower()}")
        whose = node("p", "quiet", "A manager has to say that it is done.") if step.owner == "manager" else None
        draw(asks, node("p", "", visible(step.do.en)), whose, key="step-text")
        label = "What you found or did" if step.needs == "note" else "Note, if you like"
        st.text_area(label, key=f"step-note-{number}", height=80, max_chars=MAX_NOTE)
        with st.container(horizontal=True, key="step-acts"):
            st.button("Done", key="step-done", type="primary", on_click=_pass, args=(number, current.step, False))
            if step.optional:
                st.button("Leave it out", key="step-skip", on_click=_pass, args=(number, current.step, True))


def _pass(number: int, step: str, skip: bool) -> None:
    import streamlit as st

    key = f"step-note-{number}"
    if deskacts.pass_step(number, step, st.session_state.get(key, ""), skip):
        st.session_state[key] = ""


# ------------------------------------------------------------------ the answer


def _draft_key(number: int) -> str:
    return f"answer-{number}"


def may_answer(case: Case) -> bool:
    """Whether the person in front holds it."""
    actor = identity.actor()
    return actor is not None and case.alert.state == "claimed" and case.alert.owner == actor.name


def answer(case: Case) -> bool:
    """Outside of what refreshes. What is written is kept at every pause, and survives a reload. Whether it is drawn."""
    import streamlit as st

    number, key = case.alert.id, _draft_key(case.alert.id)
    actor = identity.actor()
    if actor is None or not may_answer(case):
        return False
    if key not in st.session_state:
        st.session_state[key] = turning.draft(place.store(), number, actor)
    with st.container(border=True, key="answering"):
        written = st.text_area(
            "Your answer",
            key=key,
            height=140,
            max_chars=turning.LONGEST_REPLY,
            on_change=_keep,
            args=(number,),
            placeholder="Write it here, send it where the customer wrote, then note it as sent.",
        )
        if not written:
            st.button("Begin as the playbook says", key="begin", type="tertiary", on_click=_begin, args=(number,))
        if written:
            st.code(written, language=None, wrap_lines=True)
        found = turning.look_over(place.store(), number, actor, written)
        draw(*(_remark(one) for one in found), key="remarks")
        link = st.text_input("Address of the answer", key=f"link-{number}", placeholder="https://…", max_chars=2000)
        waiting = st.toggle("Now it is the customer's turn", value=True, key=f"waiting-{number}")
        st.button("Note as sent", key="sent", type="primary", on_click=_sent, args=(number, link, waiting))
    return True


def _remark(one: Remark) -> Node:
    """Advice on what was written; nobody is held up by it."""
    said = node("span", "", words.word(words.REMARKS, one.code))
    about = node("bdi", "strong", f" {visible(one.found)}") if one.found and one.code != "language" else None
    return node("p", "soon", said, about)


def _begin(number: int) -> None:
    """Fill the box with the step's words, in the customer's language."""
    import streamlit as st

    begun = recovering.opening_words(place.store(), place.settings(), number)
    st.session_state[_draft_key(number)] = begun
    deskacts.keep_draft(number, begun)


def _keep(number: int) -> None:
    import streamlit as st

    deskacts.keep_draft(number, st.session_state[_draft_key(number)])


def _sent(number: int, link: str, waiting: bool) -> None:
    import streamlit as st

    if deskacts.sent(number, st.session_state.get(_draft_key(number), ""), link, waiting):
        st.session_state[_draft_key(number)] = ""


def answers(sent: tuple[ReplyRow, ...], view: View) -> list[Node]:
    """What was sent to this customer, oldest first."""
    return [node("h2", "", "What we answered"), *(_answer(one, view) for one in sent)] if sent else []


def _answer(one: ReplyRow, view: View) -> Node:
    when = node("span", "", words.clock(one.at, view.zone, view.now))
    link = web_link(one.link)
    where = node("a", "link", f"on {link[1]}", href=link[0]) if link else None
    byline = node("div", "row dots quiet", text(one.person, "strong"), when, where)
    return node("div", "item own", byline, text(one.text, "body", "p", dir="auto"))
