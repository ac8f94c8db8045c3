"""The pages without a browser: which widgets there are, and what they do to the store."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from listener import desk
from listener.desk import Actor, QueueFilter
from listener.store import Store

Visit = Callable[..., AppTest]


def keys(test: AppTest) -> set[str]:
    return {widget.key for widget in test.button if widget.key}


def drawn(test: AppTest) -> str:
    """Everything that the board's own component was given to draw, as text."""
    return "\n".join(node.proto.json for node in test.get("bidi_component"))


def numbers(store: Store, query: QueueFilter) -> list[int]:
    return [row.alert_id for row in desk.queue(store, query).rows]


def test_the_first_visit_asks_who_one_is(filled: Path, visit: Visit) -> None:
    test = visit("queue", who=None)
    assert [title.value for title in test.title] == ["Who are you?"]
    assert not [key for key in keys(test) if key.startswith("claim-")]


def test_a_person_of_the_settings_is_one_click(filled: Path, visit: Visit) -> None:
    test = visit("queue", who=None)
    test.button(key="who-0").click().run()
    assert test.session_state["_who"] == "Aiko"
    assert [key for key in keys(test) if key.startswith("claim-")]


def test_names_are_never_read_as_markdown(filled: Path, visit: Visit) -> None:
    label = visit("queue", who=None).button(key="who-1").label
    assert label == r"Mei \*bold\* \!\[x\]\(http\://example\.org/x\.png\)"


@pytest.mark.parametrize("typed", ["", "   ", "a\u202eb", "a\nb\x00"])
def test_what_is_no_name_is_not_taken(filled: Path, visit: Visit, typed: str) -> None:
    test = visit("queue", who=None)
    test.text_input(key="who").set_value(typed)
    next(button for button in test.button if button.label == "Start").click().run()
    assert [title.value for title in test.title] == ["Who are you?"]


def test_every_alert_has_a_card_in_the_order_of_the_desk(store: Store, visit: Visit) -> None:
    test = visit("queue")
    shown = [widget.key for widget in test.button if widget.key and widget.key.startswith("claim-")]
    assert shown == [f"claim-{number}" for number in numbers(store, QueueFilter())]


def test_claiming_from_the_queue_takes_the_alert(store: Store, visit: Visit) -> None:
    test = visit("queue")
    number = numbers(store, QueueFilter())[0]
    test.button(key=f"claim-{number}").click().run()
    assert desk.case(store, number).alert.owner == "Aiko"
    assert f"You have alert {number} now." in drawn(test)
    assert f"claim-{number}" not in keys(test)


def test_who_is_second_reads_who_was_first(store: Store, visit: Visit) -> None:
    test = visit("queue")
    number = numbers(store, QueueFilter())[0]
    desk.claim(store, number, Actor(name="Mei"), datetime.now(UTC))
    test.button(key=f"claim-{number}").click().run()
    assert desk.case(store, number).alert.owner == "Mei"
    assert f"Mei already has alert {number}." in drawn(test)


def test_filters_narrow_the_list_and_go_into_the_address(store: Store, visit: Visit) -> None:
    test = visit("queue")
    test.selectbox(key="filter-lang").set_value("zh").run()
    shown = [widget.key for widget in test.button if widget.key and widget.key.startswith("claim-")]
    assert shown == [f"claim-{number}" for number in numbers(store, QueueFilter(lang="zh"))]
    assert dict(test.query_params) == {"lang": "zh"}


def test_a_link_brings_its_filters(store: Store, visit: Visit) -> None:
    test = visit("queue", lang="ja", severity="4", sort="due", q="解約")
    assert test.selectbox(key="filter-lang").value == "ja"
    assert test.selectbox(key="filter-severity").value == 4
    assert test.selectbox(key="sort").value == "due"
    assert test.text_input(key="search").value == "解約"
    found = numbers(store, QueueFilter(lang="ja", severity=4, search="解約"))
    assert [key for key in keys(test) if key.startswith("claim-")] == [f"claim-{number}" for number in found]


def test_a_link_with_nonsense_is_harmless(filled: Path, visit: Visit) -> None:
    test = visit("queue", lang="xx", severity="many", sort="DROP", state="?", brand="![](http://example.org)")
    assert test.selectbox(key="filter-lang").value is None
    assert test.selectbox(key="sort").value == "priority"


def test_search_finds_single_characters(store: Store, visit: Visit) -> None:
    test = visit("queue")
    test.text_input(key="search").set_value("汤").run()
    assert len([key for key in keys(test) if key.startswith("claim-")]) == 1


def test_mine_shows_only_what_i_hold(store: Store, visit: Visit) -> None:
    first, second = numbers(store, QueueFilter())[:2]
    desk.claim(store, first, Actor(name="Aiko"), datetime.now(UTC))
    desk.claim(store, second, Actor(name="Mei"), datetime.now(UTC))
    test = visit("queue")
    test.toggle(key="filter-mine").set_value(True).run()
    assert {key for key in keys(test) if key.startswith("open-")} == {f"open-{first}"}


def test_clearing_filters_shows_everything_again(store: Store, visit: Visit) -> None:
    test = visit("queue", lang="ja", q="解約", mine="1")
    test.button(key="filters-clear").click().run()
    shown = {key for key in keys(test) if key.startswith("claim-")}
    assert shown == {f"claim-{number}" for number in numbers(store, QueueFilter())}


def test_an_empty_queue_says_what_to_do(home: Path, visit: Visit) -> None:
    assert "Add a source to listener.toml" in drawn(visit("queue"))


def test_a_filter_without_hits_says_so(filled: Path, visit: Visit) -> None:
    assert "Nothing fits this filter." in drawn(visit("queue", q="zzzz"))


def test_a_database_that_cannot_be_used_is_said_in_words(home: Path, visit: Visit) -> None:
    (home / "listener.db").write_bytes(b"not a database at all, sorry" * 100)
    test = visit("queue")
    assert not test.exception
    assert "listener.db" in drawn(test)
    assert not test.text_input


def test_a_case_is_claimed_resolved_and_undone_on_its_page(store: Store, visit: Visit) -> None:
    number = numbers(store, QueueFilter())[0]
    test = visit("alert", id=str(number))
    assert {"claim", "dismiss"} <= keys(test)
    assert not {"release", "resolve", "undo"} & keys(test)
    test.button(key="claim").click().run()
    assert {"release", "resolve", "dismiss", "undo"} <= keys(test)
    test.button(key="resolve").click().run()
    assert "Choose first how the case ended." in drawn(test)
    test.pills(key="outcome").set_value("kept").run()
    test.pills(key="cause-fixed").set_value("Yes").run()
    test.button(key="resolve").click().run()
    alert = desk.case(store, number).alert
    assert (alert.state, alert.outcome, alert.cause_fixed) == ("resolved", "kept", True)
    test.button(key="undo").click().run()
    assert desk.case(store, number).alert.state == "claimed"
    test.button(key="release").click().run()
    assert desk.case(store, number).alert.state == "open"


def test_dismissing_needs_a_reason(store: Store, visit: Visit) -> None:
    number = numbers(store, QueueFilter())[0]
    test = visit("alert", id=str(number))
    test.button(key="dismiss").click().run()
    assert desk.case(store, number).alert.state == "open"
    test.pills(key="reason").set_value("duplicate").run()
    test.button(key="dismiss").click().run()
    alert = desk.case(store, number).alert
    assert (alert.state, alert.reason) == ("dismissed", "duplicate")


def test_what_somebody_else_holds_can_only_be_read(store: Store, visit: Visit) -> None:
    number = numbers(store, QueueFilter())[0]
    desk.claim(store, number, Actor(name="Mei"), datetime.now(UTC))
    test = visit("alert", id=str(number))
    assert not {"claim", "release", "resolve", "dismiss", "undo"} & keys(test)
    assert "Mei has it" in drawn(test)


def test_notes_are_kept(store: Store, visit: Visit) -> None:
    number = numbers(store, QueueFilter())[0]
    test = visit("alert", id=str(number))
    test.text_area(key="note").set_value("Ticket **4711**")
    next(button for button in test.button if button.label == "Add note").click().run()
    assert [note.text for note in desk.case(store, number).notes] == ["Ticket **4711**"]
    assert "Ticket **4711**" in drawn(test)


@pytest.mark.parametrize("given", ["", "0", "999999", "-1", "1 OR 1=1", "９", "1" * 40])
def test_an_alert_that_is_not_there_leads_back(filled: Path, visit: Visit, given: str) -> None:
    test = visit("alert", id=given)
    assert "Go back to the queue" in drawn(test)
    assert "claim" not in keys(test)


def test_a_blind_source_tells_why_and_what_to_do(store: Store, visit: Visit) -> None:
    with store.write() as tx:
        tx.sources.failed(
            "reddit", datetime.now(UTC), code="auth", error="credentials were refused", hint="Check the secret."
        )
    page = drawn(visit("sources"))
    assert "Blind since" in page
    assert "credentials were refused" in page
    assert "Check the secret." in page
    assert "blind since" in drawn(visit("queue"))


def test_a_worker_that_stands_still_is_announced(store: Store, visit: Visit) -> None:
    with store.write() as tx:
        tx.state.put("worker", {"at": "2026-01-01T00:00:00+00:00"}, datetime.now(UTC))
    assert "The worker has stood still" in drawn(visit("queue"))


def test_trying_the_words_of_a_brand(filled: Path, visit: Visit) -> None:
    test = visit("brands")
    test.selectbox(key="try-brand").set_value("Kumo Mobile").run()
    assert test.text_area(key="try-words").value == "Kumo Mobile\nKumo"
    assert test.text_area(key="try-exclude").value == "Kumo River"
    assert "1 post of the last" in drawn(test)
    test.text_area(key="try-words").set_value("つながらない\n闪退")
    next(button for button in test.button if button.label == "Try").click().run()
    assert "2 posts of the last" in drawn(test)


def test_the_root_is_the_queue(filled: Path, visit: Visit) -> None:
    assert [title.value for title in visit(None).title] == ["Queue"]
