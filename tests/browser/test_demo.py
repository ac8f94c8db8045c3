"""`listener up --demo` as somebody sees it who has read nothing but the README."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import Open
from tests.browser.serving import Board, free_port

KANA = re.compile("[ぁ-んァ-ヶ]")
SIMPLIFIED_OR_TRADITIONAL = re.compile("[们这没说时后个对发单运员货网]|[們這沒說時後個對發單運員貨網]")
LATIN = re.compile(r"\b(the|and|my|is)\b")


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """The demo, at ten times its usual speed."""
    home = tmp_path_factory.mktemp("demo")
    port = free_port()
    command = ["-m", "listener", "up", "--demo", "--speed", "600", "--port", str(port)]
    with Board(home, port=port, command=command) as running:
        yield running


def alerts_of(text: str) -> int:
    """The number in `167 wait for somebody`."""
    found = re.search(r"(\d+) wait", text)
    assert found, text
    return int(found[1])


def test_the_first_screen_shows_complaints_in_three_languages_that_grow_while_one_looks(open_board: Open) -> None:
    watched = open_board("queue")
    page = watched.page
    page.wait_for_selector("[class*='st-key-card-'] mark")
    totals = page.locator(".st-key-queue-totals")
    before = alerts_of(totals.inner_text())
    page.wait_for_function(
        "before => Number(/(\\d+) wait/.exec(document.querySelector('.st-key-queue-totals').innerText)[1]) > before",
        arg=before,
        timeout=60_000,
    )
    # While new ones come the page is drawn anew: taken at one moment at which it stands whole.
    whole = page.wait_for_function(
        "() => { const cards = [...document.querySelectorAll(\"[class*='st-key-card-']\")].map(one => one.innerText);"
        " return cards.length === 25 && cards }",
        timeout=30_000,
    )
    cards = whole.json_value()
    assert any(KANA.search(card) for card in cards)
    assert any(SIMPLIFIED_OR_TRADITIONAL.search(card) and not KANA.search(card) for card in cards)
    assert any(LATIN.search(card) for card in cards)
    for brand in ("Soramesh", "Pakkaru", "Munchdeer"):
        assert any(brand in card for card in cards)
    assert not watched.complaints
    assert not watched.elsewhere


def test_the_first_thing_one_does_works(open_board: Open) -> None:
    page = open_board("queue", who="Haruka").page
    page.wait_for_selector("[class*='st-key-claim-'] button")
    page.locator("[class*='st-key-claim-'] button").first.click()
    page.wait_for_selector("text=You have alert")


def test_the_demo_touches_nothing_but_its_own_directory(board: Board) -> None:
    assert [path.name for path in Path(board.home).iterdir()] == ["demo"]
