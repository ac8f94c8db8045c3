"""Incidents in a real browser: from the alarm above the queue to coordinating, on a desk and on a phone."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect

from listener.desk import incidents
from listener.store import Store
from tests.browser.conftest import Open, Trap
from tests.browser.samples import SAMPLES
from tests.browser.seeding import fill

SURGE = {
    "start": "2026-11-25T11:20:00+00:00",
    "observed": 17,
    "expected": 3.6,
    "improbable": 3.1e-5,
    "history": 200.0,
    "cold": False,
    "first": [1, 2],
    "sources": [["bluesky", 12]],
    "authors": 16,
    "campaign": 0.0,
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, trap: Trap) -> Path:
    """An incident that rang; its words try to become more than text."""
    place = tmp_path_factory.mktemp("incidents")
    (place / "listener.toml").write_text('[[people]]\nname = "Aiko"\n', encoding="utf-8")
    fill(place / "listener.db", SAMPLES)
    bait = f"![]({trap.url}/title)"
    now = datetime.now(UTC)
    with Store.open(place / "listener.db") as store, store.write() as tx:
        for row in tx.incidents.in_state(("quiet",)):
            tx.incidents.leave(row.id, tx.incidents.mention_ids(row.id))
        number = tx.incidents.open(
            "Kumo Mobile", None, now, title=f"outage: {bait}, <b>つながらない</b>", cause="outage"
        )
        tx.incidents.join(number, range(1, 7), now)
        tx.incidents.ring(number, now, {**SURGE, "terms": [bait, "<script>alert(1)</script>"]})
        tx.incidents.tell(number, now, "listener", "rang", {"observed": 17, "expected": 3.6})
        tx.incidents.attach(range(1, 7))
    return place


@pytest.mark.parametrize("phone", [False, True])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_stands_and_nothing_is_fetched(open_board: Open, trap: Trap, phone: bool, scheme: str) -> None:
    seen = open_board("incidents", phone=phone, scheme=scheme)
    page = seen.page
    expect(page.locator("body")).to_contain_text("つながらない")
    page.locator("[class*='st-key-open-incident-'] button").first.click()
    expect(page.get_by_role("heading", name="Why the alarm rang")).to_be_visible()
    expect(page.locator("body")).to_contain_text("17 unhappy posts about this brand")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.goto(page.url.split("/incident")[0] + "/replay")
    expect(page.locator(".st-key-replay-run button")).to_be_visible()
    assert (seen.complaints, seen.elsewhere, trap.hits) == ([], [], [])


def test_from_the_alarm_above_the_queue_to_coordinating(open_board: Open, home: Path) -> None:
    page = open_board("queue").page
    alarm = page.locator(".st-key-alarms")
    expect(alarm).to_contain_text("Nobody coordinates it yet.")
    alarm.get_by_role("link", name="Look into it").click()
    page.wait_for_url("**/incident?id=*")
    page.locator(".st-key-claim-incident button").click()
    expect(page.locator(".st-key-notice")).to_contain_text("You coordinate incident")
    expect(page.locator("[class*='st-key-box-members']")).to_contain_text("you have it")
    with Store.open(home / "listener.db") as store:
        (one,) = incidents.alarms(store, datetime.now(UTC))
    assert one.summary.incident.owner == "Aiko"
    assert one.summary.unclaimed == 0
