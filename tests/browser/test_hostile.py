"""Posts that try to become more than text: nothing runs, nothing is fetched, everything is readable."""

import pytest
from playwright.sync_api import Page, expect

from listener import desk
from listener.desk import QueueFilter
from listener.store import Store
from tests.browser.conftest import Open, Trap
from tests.browser.seeding import Sample


@pytest.fixture(scope="module")
def bait(trap: Trap) -> str:
    """Everything that some element of Streamlit, or a browser, would act upon."""
    there = trap.url
    return "\n".join(
        [
            f"![]({there}/pixel)",
            f"<script>fetch('{there}/script')</script>",
            f"<img src='{there}/img' onerror=\"fetch('{there}/onerror')\">",
            f"[press me]({there}/link) [js](javascript:alert(1))",
            f"<iframe src='{there}/frame'></iframe><style>@import '{there}/css';</style>",
            "# heading **bold** :red[color] :material/home: $x^2$ `code` | a | b |",
            f"&lt;img src={there}/entity&gt; <svg/onload=alert(1)>",
            "bell\x07 escape\x1b[31m back\x08space",
            "spoof\u202etxt.exe\u2066hidden\u2069 zero\u200bwidth",
            "{{constructor.constructor('alert(1)')()}} ${7*7} </textarea></title>",
        ]
    )


@pytest.fixture(scope="module")
def samples(bait: str, trap: Trap) -> tuple[Sample, ...]:
    link = f"![]({trap.url}/author) <b>x</b>"
    return (
        Sample(
            bait,
            title=f"![]({trap.url}/title) <script>alert(1)</script>",
            author=link,
            source=f"src ![]({trap.url}/source)",
            channel=f"![]({trap.url}/channel)",
            brand=f"![]({trap.url}/brand)",
            url="javascript:alert(document.domain)",
            evidence=("![](", "<script>", "spoof\u202etxt"),
            native_id="bait",
            severity=4,
            followers=10,
        ),
        Sample(bait + " reply", parent_id="bait", author=link, source=f"src ![]({trap.url}/source)", flagged=False),
        Sample(f"![]({trap.url}/other) plain", url=f"{trap.url}/original", author="w" * 300, minutes=9),
        Sample("z\u0353\u0354\u0355" * 400 + "W" * 3000, minutes=12),
    )


def number_of(home: object, words: str) -> int:
    with Store.open(f"{home}/listener.db") as store:
        return next(row.alert_id for row in desk.queue(store, QueueFilter()).rows if words in row.text)


def read(page: Page) -> str:
    return str(page.evaluate("document.querySelector('[data-testid=stMain]').innerText"))


def harmless(page: Page) -> None:
    """No element was made of the post, and nothing but its own links leads anywhere."""
    inside = page.evaluate(
        """() => [...document.querySelectorAll('[data-testid="stMain"] :is(img, iframe, script, object, embed, video)')]
             .map(e => e.outerHTML.slice(0, 200))"""
    )
    assert inside == []
    schemes = page.evaluate("[...document.querySelectorAll('a[href]')].map(a => new URL(a.href, location).protocol)")
    assert set(schemes) <= {"http:", "https:"}


def test_the_queue_shows_it_as_text_and_fetches_nothing(open_board: Open, trap: Trap) -> None:
    seen = open_board("queue")
    expect(seen.page.locator("[class*='st-key-card-']")).to_have_count(3)
    seen.wait_for_refresh()
    text = read(seen.page)
    assert f"![]({trap.url}/pixel)" in text
    assert f"![]({trap.url}/title) <script>alert(1)</script>" in text
    assert f"![]({trap.url}/author) <b>x</b>" in text
    assert "onerror=" in text
    harmless(seen.page)
    seen.page.locator(".st-key-filter-brand input").click()
    expect(seen.page.get_by_role("option").first).to_be_visible()
    assert seen.complaints == []
    assert seen.elsewhere == []
    assert trap.hits == []


def test_a_case_shows_it_as_text_and_fetches_nothing(open_board: Open, trap: Trap, home: object) -> None:
    seen = open_board(f"alert?id={number_of(home, '/pixel')}")
    post = seen.page.locator(".lst-post").first
    expect(post).to_be_visible()
    shown = post.inner_text()
    assert f"<img src='{trap.url}/img' onerror=" in shown
    assert "[press me](" in shown
    assert ":red[color] :material/home: $x^2$ `code`" in shown
    assert "bell␇ escape␛[31m back␈space" in shown
    assert "spoof[RLO]txt.exe[LRI]hidden[PDI] zero[U+200B]width" in shown
    assert post.locator("mark").all_inner_texts() == ["![](", "<script>", "spoof[RLO]txt"]
    assert seen.page.locator("a[href^='javascript']").count() == 0
    seen.page.locator(".st-key-claim button").click()
    expect(seen.page.locator(".st-key-resolve")).to_be_visible()
    harmless(seen.page)
    assert seen.complaints == []
    assert seen.elsewhere == []
    assert trap.hits == []


def test_sources_and_brands_show_names_as_text(open_board: Open, trap: Trap) -> None:
    seen = open_board("sources")
    expect(seen.page.locator("[data-testid=stMain]")).to_contain_text(f"src ![]({trap.url}/source)")
    harmless(seen.page)
    seen.page.get_by_role("link", name="Brands").click()
    seen.page.locator(".st-key-try-words textarea").fill("pixel\n![](")
    seen.page.locator(".st-key-try button").click()
    expect(seen.page.locator("[data-testid=stMain]")).to_contain_text("3 posts of the last")
    harmless(seen.page)
    assert seen.complaints == []
    assert seen.elsewhere == []
    assert trap.hits == []


def test_a_name_is_text_too(open_board: Open, trap: Trap, home: object) -> None:
    evil = f"![]({trap.url}/who) <b>B</b>"
    number = number_of(home, "/other")
    first = open_board(f"alert?id={number}", who=evil)
    expect(first.page.locator(".st-key-identity")).to_contain_text(evil)
    first.page.locator(".st-key-claim button").click()
    expect(first.page.locator(".st-key-release")).to_be_visible()
    second = open_board(f"alert?id={number}")
    expect(second.page.locator("[data-testid=stMain]")).to_contain_text(f"{evil} has it")
    for one in (first, second):
        harmless(one.page)
        assert one.complaints == []
        assert one.elsewhere == []
    assert trap.hits == []


def test_the_original_opens_without_a_word_about_us(open_board: Open, trap: Trap, home: object) -> None:
    seen = open_board(f"alert?id={number_of(home, '/other')}")
    link = seen.page.get_by_role("link", name="Open the original on 127.0.0.1")
    expect(link).to_be_visible()
    assert link.get_attribute("rel") == "noopener noreferrer nofollow"
    assert link.get_attribute("target") == "_blank"


def test_endless_words_and_towers_stay_inside_their_card(open_board: Open) -> None:
    seen = open_board("queue", phone=True)
    expect(seen.page.locator(".lst-card")).to_have_count(3)
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
    heights = seen.page.evaluate("[...document.querySelectorAll('.lst-card')].map(e => e.offsetHeight)")
    assert max(heights) < 420
