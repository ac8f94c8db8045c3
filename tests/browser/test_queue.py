"""The queue in a real browser: what one sees first, claiming, racing, typing, and a phone."""

import re

import pytest
from playwright.sync_api import expect

from listener import desk
from listener.desk import QueueFilter
from listener.store import Store
from tests.browser.conftest import Open
from tests.browser.serving import Board


def numbers(home: object) -> list[int]:
    with Store.open(f"{home}/listener.db") as store:
        return [row.alert_id for row in desk.queue(store, QueueFilter(state="open")).rows]


def test_the_first_screen_asks_who_one_is(open_board: Open) -> None:
    first = open_board("queue", who=None)
    expect(first.page.get_by_role("heading", name="Who are you?")).to_be_visible()
    expect(first.page.locator("[class*='st-key-claim-']")).to_have_count(0)
    first.page.get_by_role("button", name="Mei").click()
    expect(first.page.locator(".st-key-identity")).to_contain_text("Mei")
    expect(first.page.locator("[class*='st-key-card-']").first).to_be_visible()
    assert first.complaints == []


def test_a_reload_and_a_second_tab_do_not_ask_again(open_board: Open, board: Board) -> None:
    first = open_board("queue", who="Ren 蓮")
    expect(first.page.locator("[class*='st-key-card-']").first).to_be_visible()
    first.page.reload()
    expect(first.page.locator(".st-key-identity")).to_contain_text("Ren 蓮")
    second = first.page.context.new_page()
    second.goto(f"{board.url}/sources")
    expect(second.locator(".st-key-identity")).to_contain_text("Ren 蓮")
    second.locator(".st-key-change-identity button").click()
    expect(second.get_by_role("heading", name="Who are you?")).to_be_visible()


def test_three_languages_are_on_the_first_screen(open_board: Open) -> None:
    seen = open_board("")
    body = seen.page.locator("body")
    expect(body).to_contain_text("朝から全然つながらない")
    expect(body).to_contain_text("退款申请都一个月了")
    expect(body).to_contain_text("My daughter is allergic")
    card = seen.page.locator("[class*='st-key-card-']").first
    for words in ("Blames or threatens", "Safety", "Nori Kitchen", "due in", "priority", "English", "reddit"):
        expect(card).to_contain_text(words)
    expect(card.locator("mark")).to_have_text(["nuts in it", "evening in hospital"])
    assert seen.page.url.endswith("/queue")
    assert seen.complaints == []
    assert seen.elsewhere == []


def test_claiming_shows_who_has_it(open_board: Open, home: object) -> None:
    number = numbers(home)[-1]
    mine = open_board("queue")
    theirs = open_board("queue", who="Mei")
    mine.page.locator(f".st-key-claim-{number} button").click()
    expect(mine.page.locator(f".st-key-card-{number}")).to_contain_text("You have it")
    expect(mine.page.locator(f".st-key-claim-{number}")).to_have_count(0)
    expect(theirs.page.locator(f".st-key-card-{number}")).to_contain_text("Aiko has it")
    assert mine.complaints == []


def test_of_two_who_race_exactly_one_wins(open_board: Open, home: object) -> None:
    number = numbers(home)[0]
    racers = {name: open_board(f"alert?id={number}", who=name) for name in ("Aiko", "Mei")}
    buttons = [racer.page.locator(".st-key-claim button") for racer in racers.values()]
    for button in buttons:
        expect(button).to_be_visible()
    # Both press at the same moment, before either page can have heard of the other.
    moment = racers["Aiko"].page.evaluate("Date.now() + 500")
    for button in buttons:
        button.evaluate("(button, moment) => { setTimeout(() => button.click(), moment - Date.now()) }", moment)
    expect(racers["Aiko"].page.locator(".st-key-case")).to_contain_text(re.compile("(You have|Mei has) it"))
    with Store.open(f"{home}/listener.db") as store:
        winner = desk.case(store, number).alert.owner
    assert winner in racers
    loser = next(name for name in racers if name != winner)
    expect(racers[winner].page.locator(".st-key-case")).to_contain_text("You have it")
    expect(racers[loser].page.locator(".st-key-case")).to_contain_text(f"{winner} has it")
    expect(racers[loser].page.locator("body")).to_contain_text(f"{winner} already has alert {number}.")
    expect(racers[loser].page.locator(".st-key-resolve")).to_have_count(0)


def test_typing_survives_the_refresh(open_board: Open) -> None:
    seen = open_board("queue")
    expect(seen.page.locator("[class*='st-key-card-']").first).to_be_visible()
    box = seen.page.locator(".st-key-search input")
    box.click()
    seen.page.keyboard.type("つなが")
    before = seen.page.locator("[class*='st-key-card-']").count()
    seen.wait_for_refresh()
    assert box.input_value() == "つなが"
    assert box.evaluate("box => box === document.activeElement")
    seen.page.keyboard.type("らない")
    seen.page.keyboard.press("Enter")
    expect(seen.page.locator("[class*='st-key-card-']")).to_have_count(1)
    assert before > 1
    assert "q=" in seen.page.url


def test_nothing_moves_when_nothing_changed(open_board: Open) -> None:
    seen = open_board("queue")
    card = seen.page.locator("[class*='st-key-card-']").nth(2)
    expect(card).to_be_visible()
    seen.wait_for_refresh()
    seen.page.evaluate(
        """() => {
          window.changes = 0;
          const list = document.querySelector('[data-testid="stMain"]');
          new MutationObserver(seen => { window.changes += seen.filter(one =>
            [...one.addedNodes, ...one.removedNodes].some(node => node.nodeType === 1)).length })
            .observe(list, {childList: true, subtree: true});
        }"""
    )
    place = card.bounding_box()
    seen.wait_for_refresh()
    assert card.bounding_box() == place
    # A minute may pass meanwhile: then the ages of all cards are written anew, once.
    assert seen.page.evaluate("window.changes") <= seen.page.locator("[class*='st-key-card-']").count() * 2


@pytest.mark.parametrize(
    ("path", "scheme"),
    [("queue", "light"), ("queue", "dark"), ("alert?id=1", "dark"), ("sources", "light"), ("brands", "light")],
)
def test_a_phone_never_scrolls_sideways(open_board: Open, path: str, scheme: str) -> None:
    seen = open_board(path, phone=True, scheme=scheme)
    expect(seen.page.locator("h1").first).to_be_visible()
    expect(seen.page.locator("[data-testid=stMain] .lst > *").first).to_be_visible()
    wide = seen.page.evaluate(
        """() => [document.documentElement, ...document.querySelectorAll('[data-testid="stMain"], .lst')]
             .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.className)"""
    )
    assert wide == []
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert seen.complaints == []


def test_buttons_on_a_phone_can_be_hit(open_board: Open) -> None:
    seen = open_board("queue", phone=True)
    button = seen.page.locator("[class*='st-key-claim-'] button").first
    expect(button).to_be_visible()
    seen.wait_for_refresh()
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert box["width"] >= 100


def test_filters_hold_while_one_looks_at_a_case(open_board: Open, home: object) -> None:
    seen = open_board("queue?lang=zh")
    cards = seen.page.locator("[class*='st-key-card-']")
    with Store.open(f"{home}/listener.db") as store:
        count = desk.queue(store, QueueFilter(lang="zh")).total
    expect(cards).to_have_count(count)
    cards.first.locator("a").first.click()
    expect(seen.page.get_by_role("link", name="Back to the queue")).to_be_visible()
    assert "/alert?id=" in seen.page.url
    seen.page.get_by_role("link", name="Back to the queue").click()
    expect(cards).to_have_count(count)
    expect(seen.page.locator(".st-key-filter-lang input")).to_have_value("Chinese")
