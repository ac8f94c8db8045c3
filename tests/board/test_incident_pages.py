"""Incidents on the board without a browser: what is shown, and what the buttons do to the store."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from listener import desk
from listener.desk import Actor, QueueFilter, incidents
from listener.settings import Settings
from listener.store import Store
from listener.store.rows import AlertChange
from listener.types import Priority
from tests.board.test_pages import drawn, keys
from tests.pipeline.soba import BRAND, ordinary, outage
from tests.pipeline.test_early import heard, settle

Visit = Callable[..., AppTest]

TITLE = "outage: ![x](http://example.org/x.png), <b>つながらない</b>"
SURGE = {
    "start": "2026-11-25T11:20:00+00:00",
    "observed": 17,
    "expected": 3.6,
    "improbable": 3.1e-5,
    "score": 11.0,
    "level": 8.0,
    "history": 20.0,
    "cold": True,
    "terms": ["つながらない", "![x](http://example.org/x.png)"],
    "first": [],
    "sources": [["bluesky", 12], ["x", 5]],
    "authors": 16,
    "campaign": 0.25,
}


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def outages(store: Store) -> tuple[int, int]:
    """Two incidents of the first alerts: one that rang, one that is forming; and none of listener's own."""
    with store.write() as tx:
        for row in tx.incidents.in_state(("quiet",)):
            tx.incidents.leave(row.id, tx.incidents.mention_ids(row.id))
        found = [tx.alerts.get(number).mention_id for number in (1, 2, 3, 4, 5, 6)]
        first = tx.incidents.open("Kumo Mobile", None, now(), title=TITLE, cause="outage")
        tx.incidents.join(first, found[:4], now())
        tx.incidents.ring(first, now(), {**SURGE, "first": found[:2]})
        tx.incidents.tell(first, now(), "listener", "rang", {"observed": 17, "expected": 3.6})
        second = tx.incidents.open("Kumo Mobile", None, now(), title="wait: counter", cause="wait")
        tx.incidents.join(second, found[4:], now())
        tx.incidents.attach(found)
    return first, second


def incident(store: Store, number: int) -> Any:
    return incidents.incident(store, number, now())


def test_the_list_has_the_alarm_first_and_says_what_is_only_forming(outages: tuple[int, int], visit: Visit) -> None:
    test = visit("incidents")
    shown = drawn(test)
    assert shown.index("Alarm since") < shown.index("Forming") < shown.index("counter")
    assert f"claim-incident-{outages[0]}" in keys(test)
    assert f"claim-incident-{outages[1]}" not in keys(test)
    assert "nobody coordinates it" in shown
    assert "4 unclaimed" in shown


def test_an_empty_list_says_what_it_is_for(home: Path, visit: Visit) -> None:
    assert "When many customers have one problem" in drawn(visit("incidents"))


def test_the_alarm_stands_above_the_queue_until_it_is_over(
    store: Store, outages: tuple[int, int], visit: Visit
) -> None:
    assert "Nobody coordinates it yet." in drawn(visit("queue"))
    incidents.claim_incident(store, outages[0], Actor("Mei"), now())
    assert "Mei coordinates it." in drawn(visit("queue"))
    incidents.close_incident(store, outages[0], Actor("Mei"), now())
    assert "coordinates it" not in drawn(visit("queue"))


def test_coordinating_takes_the_alerts_that_nobody_has(store: Store, outages: tuple[int, int], visit: Visit) -> None:
    first = outages[0]
    test = visit("incident", id=str(first))
    test.button(key="claim-incident").click().run()
    assert {one.owner for one in incident(store, first).members} == {"Aiko"}
    assert f"You coordinate incident {first} and have 4 more alerts." in drawn(test)
    assert {"claim-incident", "release-incident", "close"} <= keys(test)
    test.button(key="release-incident").click().run()
    assert incident(store, first).listed.summary.incident.owner is None


def test_who_is_second_reads_who_was_first(store: Store, outages: tuple[int, int], visit: Visit) -> None:
    test = visit("incident", id=str(outages[0]))
    incidents.claim_incident(store, outages[0], Actor("Mei"), now())
    test.button(key="claim-incident").click().run()
    assert f"Mei already coordinates incident {outages[0]}." in drawn(test)


def test_it_says_why_it_rang(outages: tuple[int, int], visit: Visit) -> None:
    shown = drawn(visit("incident", id=str(outages[0])))
    assert "17 unhappy posts about this brand" in shown
    assert "where 3.6 are usual" in shown
    assert "once in 32,000 times" in shown
    assert "for 20 hours only" in shown
    assert "16 different people" in shown
    assert "25% are copies of one text" in shown
    assert "It began with" in shown
    assert "No alarm yet" in drawn(visit("incident", id=str(outages[1])))


def test_words_of_posts_are_never_markdown(outages: tuple[int, int], visit: Visit) -> None:
    test = visit("incident", id=str(outages[0]))
    spoken = [*test.markdown, *test.caption, *test.title, *test.header, *test.subheader]
    labels = [getattr(widget, "label", "") for widget in (*test.button, *test.selectbox, *test.multiselect)]
    assert not [text for text in [*(one.value for one in spoken), *labels] if "example.org" in str(text)]


def test_merging_and_splitting(store: Store, outages: tuple[int, int], visit: Visit) -> None:
    first, second = outages
    test = visit("incident", id=str(first))
    test.button(key="merge").click().run()
    assert "Choose first which incident" in drawn(test)
    test.selectbox(key="merge-with").set_value(second).run()
    test.button(key="merge").click().run()
    assert incident(store, first).listed.summary.members == 6
    chosen = incident(store, first).members[0].mention_id
    test = visit("incident", id=str(first))
    test.multiselect(key="split-posts").set_value([chosen]).run()
    test.button(key="split").click().run()
    assert incident(store, first).listed.summary.members == 5
    assert "1 post is incident" in drawn(test)


def test_renaming(store: Store, outages: tuple[int, int], visit: Visit) -> None:
    test = visit("incident", id=str(outages[0]))
    test.text_input(key="title").set_value("Network *down*")
    next(button for button in test.button if button.label == "Rename").click().run()
    assert incident(store, outages[0]).listed.summary.incident.title == "Network *down*"


def test_closing_leaves_the_cases_and_can_be_taken_back(store: Store, outages: tuple[int, int], visit: Visit) -> None:
    test = visit("incident", id=str(outages[0]))
    test.button(key="close").click().run()
    assert "4 cases still wait for an outcome." in drawn(test)
    assert {one.state for one in incident(store, outages[0]).members} == {"open"}
    assert "claim-incident" not in keys(test)
    test.button(key="reopen").click().run()
    assert incident(store, outages[0]).listed.summary.incident.state == "open"
    assert len(keys(visit("incidents")) & {f"open-incident-{number}" for number in outages}) == 2


@pytest.mark.parametrize("given", ["", "0", "99", "-1", "１", "9" * 30])
def test_an_incident_that_is_not_there_leads_back(filled: Path, visit: Visit, given: str) -> None:
    assert "Go back to the incidents" in drawn(visit("incident", id=given))


def test_a_card_says_what_it_is_part_of_and_what_is_at_stake(outages: tuple[int, int], visit: Visit) -> None:
    shown = drawn(visit("queue"))
    assert "Part of" in shown
    assert "points/h" in shown


def test_why_is_this_first(store: Store, visit: Visit) -> None:
    number = desk.queue(store, QueueFilter()).rows[0].alert_id
    shown = drawn(visit("alert", id=str(number)))
    assert "Why is this first?" in shown
    for words in ("Worth of a customer", "300 to 3,000", "Goodman 2006", "Istanbulluoglu 2017", "points/h"):
        assert words in shown


def test_quiet_leavers_have_a_lane(store: Store, visit: Visit) -> None:
    with store.write() as tx:
        told = Priority(value=1, factors=tx.alerts.get(3).factors)
        tx.alerts.refresh([AlertChange(alert_id=3, priority=told, lane="quiet")], now())
    test = visit("queue", lane="quiet")
    assert {key for key in keys(test) if key.startswith("open-")} == {"open-3"}
    assert dict(test.query_params) == {"lane": "quiet"}


@pytest.fixture
def past(home: Path) -> None:
    """Ten days of a brand, and an outage that rang."""
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=10)
    stream = ordinary(start, 9) + outage(start + timedelta(days=9), 24)
    settings = Settings(home=home)
    with Store.open(home / "listener.db") as store:
        heard(store, stream, start + timedelta(days=9, hours=2))
        settle(store, settings, start + timedelta(days=9, hours=2))


def test_a_past_crisis_step_by_step(past: None, home: Path, visit: Visit) -> None:
    test = visit("replay")
    test.toggle(key="replay-compare").set_value(True)
    test.number_input(key="replay-budget-other").set_value(0.01)
    next(button for button in test.button if button.label == "Replay").click().run()
    assert not test.exception
    shown = drawn(test)
    assert "1 alarm" in shown
    assert "after its first post" in shown
    assert "number of posts alone" in shown
    assert "0.01 false alarms a week" in shown
    test.select_slider(key="replay-time").set_value(0).run()
    assert "No incident yet." in drawn(test)
    assert BRAND in test.selectbox(key="replay-incident").options[0]


def test_without_a_past_there_is_nothing_to_replay(home: Path, visit: Visit) -> None:
    assert "no incident to look back at" in drawn(visit("replay"))
