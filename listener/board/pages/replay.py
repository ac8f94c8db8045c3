"""A past crisis, step by step: what was known when, when the alarm rang, and what other settings had made of it."""

from datetime import datetime, timedelta

import streamlit as st

from listener.board import identity, incidentlist, notices, place, replays, viewer, words
from listener.board.casefile import View
from listener.board.replays import STORED, Choice
from listener.board.safe import draw, node, visible
from listener.desk import incidents
from listener.desk.incidents import Listed
from listener.errors import ListenerError
from listener.pipeline.clock import Clock
from listener.pipeline.past import Past

STEPS = 60
RESULT = "_replay"
Result = tuple[datetime, datetime, tuple[Choice, ...], list[Past]]


def page() -> None:
    st.title("Replay", anchor=False)
    draw(
        node("p", "", "Look back at a problem: what was known when, and when the alarm rang."),
        node(
            "p",
            "quiet",
            "The stored posts run through the same detection again, seeing only the past. Nothing is changed.",
        ),
        key="replay-intro",
    )
    try:
        found = past_incidents()
    except ListenerError as error:
        notices.trouble(error, key="replay-trouble")
        return
    if not found:
        what = node("p", "strong", "There is no incident to look back at yet.")
        draw(node("div", "empty", what, node("p", "", "The first one appears here by itself.")), key="replay-empty")
        return
    asking(found)
    result: Result | None = st.session_state.get(RESULT)
    if result is not None:
        show(*result)


def past_incidents() -> dict[int, Listed]:
    """Those that rang first, then the others; each by its number."""
    now, store = viewer.now(), place.store()
    listed = [*incidents.incidents(store, now), *incidents.incidents(store, now, over=True)]
    listed.sort(key=lambda one: one.summary.incident.alarm_at is None)
    return {one.summary.incident.id: one for one in listed}


def asking(found: dict[int, Listed]) -> None:
    """What to look back at, and under which one or two settings."""
    titles = {
        number: f"{visible(one.summary.incident.brand)}, {incidentlist.plain(one.summary.incident)}"
        for number, one in found.items()
    }
    with st.form("replay-form", border=True):
        number = st.selectbox(
            "Problem", list(titles), key="replay-incident", format_func=lambda n: titles.get(n, str(n))
        )
        budget = place.settings().early.budget
        names = [STORED, *replays.models()]
        compare = st.toggle("Compare two settings or models", key="replay-compare")
        left, right = st.columns(2)
        with left:
            one = Choice(
                st.number_input("False alarms a week", 0.01, 100.0, budget, key="replay-budget"),
                st.selectbox("Verdicts", names, key="replay-model", format_func=visible),
            )
        with right:
            two = Choice(
                st.number_input(
                    "Compared with: false alarms a week", 0.01, 100.0, 5 * budget, key="replay-budget-other"
                ),
                st.selectbox("Compared with: verdicts", names, key="replay-model-other", format_func=visible),
            )
        if st.form_submit_button("Replay", key="replay-run", type="primary") and number is not None:
            run(found[number], (one, two) if compare else (one,))


def run(listed: Listed, choices: tuple[Choice, ...]) -> None:
    store, row = place.store(), listed.summary.incident
    try:
        with st.spinner("Replaying …"):
            with store.read() as tx:
                clock = Clock.of(tx)
            since, until = replays.crisis(row, listed.summary.last_at, clock)
            pasts = replays.run(store, place.settings(), row.brand, since, until, choices)
            if clock.started_at is not None:
                since = max(since, clock.started_at)
    except ListenerError as error:
        notices.trouble(error, key="replay-failed")
        return
    st.session_state[RESULT] = (since, min(until, viewer.now()), choices, pasts)
    st.session_state.pop("replay-time", None)


def show(since: datetime, until: datetime, choices: tuple[Choice, ...], pasts: list[Past]) -> None:
    view = View(identity.current() or "", viewer.now(), viewer.zone())
    times = [since + (until - since) * step / STEPS for step in range(STEPS + 1)]
    rung = [ring.alarm_at for past in pasts for ring in past.rings]
    start = next((step for step, at in enumerate(times) if rung and at >= min(rung)), STEPS)
    step = st.select_slider(
        "What was known at",
        range(STEPS + 1),
        value=st.session_state.get("replay-time", start),
        key="replay-time",
        format_func=lambda number: clock_of(times[number], until - since, view),
    )
    for index, (column, choice, past) in enumerate(zip(st.columns(len(pasts)), choices, pasts, strict=True)):
        with column, st.container(border=True, key=f"replay-side-{index}"):
            draw(
                node("h2", "", named(choice)),
                *replays.chart(past, since, until, times[step], view),
                *replays.known(past, times[step]),
                key=f"replay-known-{index}",
            )
            draw(node("h2", "", "Looking back"), *replays.verdict(past, view), key=f"replay-verdict-{index}")


def named(choice: Choice) -> str:
    budget = f"{choice.budget:g} false {'alarm' if choice.budget == 1 else 'alarms'} a week"
    return budget if choice.model == STORED else f"{budget}, {visible(choice.model)}"


def clock_of(at: datetime, length: timedelta, view: View) -> str:
    """With seconds where the whole is minutes, as in the demo."""
    shown = words.clock(at, view.zone, view.now)
    return f"{shown}:{at.astimezone(view.zone):%S}" if length < timedelta(hours=1) else shown


page()
