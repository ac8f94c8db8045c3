"""The coverage page: counts, holes, words; names from outside are never markup."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from streamlit.testing.v1 import AppTest

from listener.board import coveragelist
from listener.store import Store
from listener.triage.coverage import Hole
from listener.triage.sampling import Recall

Visit = Callable[..., AppTest]


def drawn(test: AppTest) -> str:
    return "\n".join(node.proto.json for node in test.get("bidi_component"))


def told(node: object) -> str:
    return json.dumps(node, ensure_ascii=False)


def test_the_page_counts_and_checks_words(store: Store, visit: Visit) -> None:
    with store.write() as tx:
        for source in tx.retention.sources():
            tx.sources.register(source, "files")
        tx.sources.register("mute ![x](http://example.org/x.png)", "files")
    test = visit("coverage")
    page = drawn(test)
    assert "Kumo Mobile" in page
    assert "not measured yet" in page
    assert "brought no post at all" in page
    assert test.selectbox(key="coverage-brand").value is not None
    test.selectbox(key="coverage-brand").set_value("Kumo Mobile").run()
    test.toggle(key="coverage-words").set_value(True).run()
    assert not test.exception
    assert "Its words" in drawn(test)
    assert "kumo" in drawn(test)


def test_an_empty_home_says_where_to_look(home: Path, visit: Visit) -> None:
    assert "Look at the Sources page" in drawn(visit("coverage"))


def test_holes_are_marked_in_the_tables_and_told_in_words() -> None:
    cells = {("Acme", "ja", "sky"): 90, ("Acme", "en", "shop"): 9, ("Beta", "ja", "sky"): 4}
    found = [Hole("Beta", "en", None, 12.0), Hole("Acme", "ja", "shop", 7.0)]
    assert "0, not about 12" in told(coveragelist.by_brand(cells, found, ["Gamma"]))
    assert "Gamma" in told(coveragelist.by_brand(cells, found, ["Gamma"]))
    table = told(coveragelist.by_source(cells, "Acme", found))
    assert "0, not about 7" in table
    lines = told(coveragelist.gaps(found, ["mute"]))
    assert "no post at all" in lines
    assert "about 12 were likely" in lines
    assert "mute" in lines
    assert coveragelist.gaps([], []) is None


def test_recall_is_told_with_its_interval() -> None:
    line = told(coveragelist.recall(Recall(recall=0.8, low=0.61, high=0.93, missed=12, labelled=120), 7))
    assert "80% of complaints are flagged" in line
    assert "between 61% and 93%" in line
    assert "7 drawn posts wait" in line


def test_a_silence_is_told_on_the_queue(store: Store, visit: Visit) -> None:
    now = datetime.now(UTC)
    with store.write() as tx:
        tx.state.put("silent", {"sky": (now - timedelta(hours=5)).isoformat()}, now)
    assert "sky: silent beyond what is usual since" in drawn(visit("queue"))
