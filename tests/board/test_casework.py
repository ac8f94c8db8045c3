"""What one does with a case beyond claiming and closing it, as the pages offer it, without a browser."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from listener import desk
from listener.desk import Actor, handing, holding, turning
from listener.store import Store
from listener.store.rows import AlertRow, QueueFilter
from listener.triage.people import Roster

Visit = Callable[..., AppTest]
AIKO, KEN = Actor("Aiko"), Actor("Ken")
ANYBODY = Roster((), known=False)


def now() -> datetime:
    return datetime.now(UTC)


def keys(test: AppTest) -> set[str]:
    return {widget.key for widget in test.button if widget.key}


def drawn(test: AppTest) -> str:
    return "\n".join(node.proto.json for node in test.get("bidi_component"))


def is_now(store: Store, number: int = 1) -> AlertRow:
    return desk.case(store, number).alert


def test_what_is_offered_to_one_is_accepted_on_its_page(store: Store, visit: Visit) -> None:
    desk.claim(store, 1, KEN, now())
    handing.offer(store, 1, KEN, now(), to="Aiko", people=ANYBODY)
    test = visit("alert", id="1")
    assert "Ken asks you to take this case" in drawn(test)
    test.button(key="accept").click().run()
    row = is_now(store)
    assert (row.owner, row.handovers) == ("Aiko", 1)
    assert "Handed over 1 time" in drawn(test)


def test_the_holder_offers_it_to_a_colleague(store: Store, visit: Visit) -> None:
    desk.claim(store, 1, AIKO, now())
    test = visit("alert", id="1")
    assert {"wait", "keep", "offer", "release"} <= keys(test)
    assert "assign" not in keys(test)
    to = test.selectbox(key="to")
    to.set_value(to.options[0]).run()
    test.button(key="offer").click().run()
    assert is_now(store).owner == "Aiko"
    assert is_now(store).offered_to is not None


def test_the_answer_is_kept_while_it_is_written_and_noted_as_sent(store: Store, visit: Visit) -> None:
    desk.claim(store, 1, AIKO, now())
    test = visit("alert", id="1")
    test.text_area(key="answer-1").set_value("We are sorry that the parcel is late.").run()
    assert turning.draft(store, 1, AIKO) == "We are sorry that the parcel is late."
    again = visit("alert", id="1")
    assert again.text_area(key="answer-1").value == "We are sorry that the parcel is late."
    again.text_input(key="link-1").set_value("https://example.org/answer").run()
    again.button(key="sent").click().run()
    (reply,) = turning.sent(store, 1)
    assert reply.link == "https://example.org/answer"
    assert is_now(store).first_response_at is not None
    assert again.text_area(key="answer-1").value == ""
    assert "What we answered" in drawn(again)


def test_a_step_of_the_playbook_is_passed_with_its_evidence(store: Store, visit: Visit) -> None:
    desk.claim(store, 1, AIKO, now())
    test = visit("alert", id="1")
    test.button(key="begin").click().run()
    begun = test.text_area(key="answer-1").value
    assert begun
    test.button(key="step-done").click().run()
    assert "an answer must have been sent" in drawn(test).lower()
    test.text_area(key="answer-1").set_value("Sorry, I am on it.").run()
    test.button(key="sent").click().run()
    test.button(key="step-done").click().run()
    assert [event.data["step"] for event in desk.case(store, 1).history if event.kind == "step"] == ["acknowledge"]


def test_a_wrong_link_loses_nothing(store: Store, visit: Visit) -> None:
    desk.claim(store, 1, AIKO, now())
    test = visit("alert", id="1")
    test.text_area(key="answer-1").set_value("Sorry.").run()
    test.text_input(key="link-1").set_value("javascript:alert(1)").run()
    test.button(key="sent").click().run()
    assert turning.sent(store, 1) == ()
    assert test.text_area(key="answer-1").value == "Sorry."


def test_others_see_who_is_writing(store: Store, visit: Visit) -> None:
    desk.claim(store, 1, AIKO, now())
    mine = visit("alert", id="1")
    mine.text_area(key="answer-1").set_value("We").run()
    mine.session_state["_looked"] = {}
    mine.run()
    assert "Aiko is writing" in drawn(visit("alert", who="Ken", id="1"))


def test_a_closed_case_is_looked_back_at_and_reopened(store: Store, visit: Visit) -> None:
    desk.claim(store, 1, AIKO, now())
    desk.resolve(store, 1, AIKO, now(), outcome="kept")
    test = visit("alert", id="1")
    test.button(key="reopen").click().run()
    assert is_now(store).state == "claimed"
    desk.resolve(store, 1, AIKO, now(), outcome="kept")
    test = visit("alert", id="1")
    test.button_group(key="follow-up").set_value("well").run()
    test.button(key="follow-up-note").click().run()
    assert [event.kind for event in desk.case(store, 1).history][-1] == "followed_up"


def test_what_is_put_aside_is_out_of_the_queue_and_listed(store: Store, visit: Visit) -> None:
    visit("alert", id="1").button(key="snooze-1d").click().run()
    assert 1 not in [row.alert_id for row in desk.queue(store, QueueFilter()).rows]
    assert [row.alert_id for row in desk.queue(store, QueueFilter(snoozed=True)).rows] == [1]
    people = visit("people")
    assert "alert?id=1" in drawn(people)
    visit("alert", id="1").button(key="wake").click().run()
    assert is_now(store).snoozed_until is None


def test_several_are_claimed_at_once(store: Store, visit: Visit) -> None:
    desk.claim(store, 2, KEN, now())
    test = visit("queue")
    test.toggle(key="several").set_value(True).run()
    for number in (1, 2, 3):
        test.checkbox(key=f"pick-{number}").check()
    test.run()
    test.button(key="many-claim").click().run()
    assert [is_now(store, number).owner for number in (1, 2, 3)] == ["Aiko", "Ken", "Aiko"]
    assert "2 alerts are yours. 1 was refused, alert 2 for one: Ken already has alert 2" in drawn(test)


def test_what_is_wrong_with_an_answer_is_said_while_it_is_written(store: Store, visit: Visit) -> None:
    desk.claim(store, 1, AIKO, now())
    test = visit("alert", id="1")
    assert "Fill this in" not in drawn(test)
    test.text_area(key="answer-1").set_value("Call {first_name} on 090-1234-5678").run()
    assert "Fill this in" in drawn(test)
    assert "may everybody read it" in drawn(test)


def test_mine_is_what_i_hold_and_what_i_am_offered(store: Store, visit: Visit) -> None:
    desk.claim(store, 1, AIKO, now())
    desk.claim(store, 2, KEN, now())
    handing.offer(store, 2, KEN, now(), to="Aiko", people=ANYBODY)
    desk.claim(store, 3, KEN, now())
    found = {row.alert_id for row in desk.queue(store, QueueFilter(concerns="Aiko")).rows}
    assert found == {1, 2}


def test_who_may_only_look_finds_nothing_to_press(filled: Path, store: Store, visit: Visit) -> None:
    settings = filled / "listener.toml"
    settings.write_text(settings.read_text("utf-8") + '\n[[people]]\nname = "Vi"\nrole = "viewer"\n', "utf-8")
    test = visit("alert", who="Vi", id="1")
    assert keys(test) <= {"change-identity"}
    assert not test.text_area or all(area.key != "answer-1" for area in test.text_area)
    assert "You may look" in drawn(visit("case", who="Vi"))


def test_the_people_page_says_who_is_there(store: Store, visit: Visit) -> None:
    desk.claim(store, 1, AIKO, now())
    holding.keep(store, 1, AIKO, now(), until=now() + timedelta(days=1))
    shown = drawn(visit("people"))
    assert "Aiko" in shown
    assert "always there" in shown


@pytest.mark.parametrize("typed", ["", "They were told three different dates on the phone."])
def test_a_case_is_opened_by_hand(store: Store, visit: Visit, typed: str) -> None:
    before = desk.queue(store, QueueFilter()).total
    test = visit("case")
    test.text_area(key="case-text").set_value(typed)
    next(button for button in test.button if button.label == "Open the case").click().run()
    assert desk.queue(store, QueueFilter()).total == before + bool(typed)
