"""Old posts are let go as their source says; open cases and legal holds stay."""

from datetime import timedelta

import pytest

from listener import desk
from listener.desk import Actor
from listener.pipeline.chores import Chores
from listener.pipeline.retention import BATCH, purge, purge_all
from listener.pipeline.sources import Source
from listener.settings import SourceOptions
from listener.store import Store
from listener.types import Deletion
from tests.pipeline.conftest import Script
from tests.store.seed import NOW, found, mention, open_all, score_all, take

DAYS = timedelta(days=30)
OLD = NOW - timedelta(days=31)


def texts(store: Store) -> list[str]:
    with store.read() as tx:
        return sorted(text.text for text in tx.mentions.iterate())


def test_only_what_is_old_goes_and_only_of_this_source(store: Store) -> None:
    take(store, mention("1", "old", posted_at=OLD, author="a"), mention("2", "young"))
    take(store, mention("1", "elsewhere", source="t", posted_at=OLD))
    report = purge(store, "s", DAYS, NOW)
    assert (report.purged, report.in_work, report.held, report.finished) == (1, 0, {}, True)
    assert texts(store) == ["elsewhere", "young"]
    assert found(store, "1").author is None
    with store.read() as tx:
        assert tx.search.find("old") == []


def test_it_does_not_come_back(store: Store) -> None:
    take(store, mention("1", "old", posted_at=OLD))
    purge(store, "s", DAYS, NOW)
    assert take(store, mention("1", "old", posted_at=OLD)).new == 0
    assert texts(store) == []


def test_an_open_case_stays_until_it_is_closed(store: Store) -> None:
    take(store, mention("1", "old", posted_at=OLD))
    score_all(store)
    (alert,) = open_all(store).values()
    assert (purge(store, "s", DAYS, NOW).purged, texts(store)) == (0, ["old"])
    assert purge(store, "s", DAYS, NOW).in_work == 1
    desk.claim(store, alert, Actor("Aiko"), NOW)
    assert purge(store, "s", DAYS, NOW).in_work == 1
    desk.resolve(store, alert, Actor("Aiko"), NOW, outcome="kept")
    assert purge(store, "s", DAYS, NOW).purged == 1
    case = desk.case(store, alert)
    assert case.mention.text == ""
    assert case.history[-1].kind == "purged"


@pytest.mark.parametrize("kind", ["alert", "mention", "author"])
def test_a_hold_wins_and_is_named(store: Store, kind: str) -> None:
    take(store, mention("1", "old", posted_at=OLD, author="@Somebody"))
    score_all(store)
    (alert,) = open_all(store).values()
    desk.dismiss(store, alert, Actor("Aiko"), NOW, reason="duplicate")
    what = {"alert": {"alert_id": alert}, "mention": {"mention_id": found(store, "1").id}}
    what["author"] = {"author": "somebody", "source": "s"}  # type: ignore[dict-item]
    with store.write() as tx:
        hold = tx.holds.add(kind, "court", "Ken", NOW, **what[kind])  # type: ignore[arg-type]
    report = purge(store, "s", DAYS, NOW)
    assert (report.purged, dict(report.held), texts(store)) == (0, {hold: 1}, ["old"])
    with store.write() as tx:
        tx.holds.lift(hold, "Ken", NOW)
    assert purge(store, "s", DAYS, NOW).purged == 1


def test_what_is_held_outlives_a_deletion_on_its_platform_until_the_hold_is_lifted(store: Store) -> None:
    take(store, mention("1", "held words"), mention("2", "free words"))
    with store.write() as tx:
        hold = tx.holds.add("mention", "court", "Ken", NOW, mention_id=found(store, "1").id)
    take(store, *(Deletion(source="s", native_id=name, at=NOW) for name in ("1", "2")))
    take(store, Deletion(source="s", native_id="1", at=NOW))
    assert texts(store) == ["held words"]
    with store.write() as tx:
        assert tx.holds.take_deferred(NOW) == []
        tx.holds.lift(hold, "Ken", NOW)
        assert tx.forget(tx.holds.take_deferred(NOW), NOW) == 1
    assert texts(store) == []
    with store.write() as tx:
        assert tx.holds.take_deferred(NOW) == []


def test_a_dry_run_only_counts(store: Store) -> None:
    take(store, mention("1", "old", posted_at=OLD))
    assert purge(store, "s", DAYS, NOW, dry_run=True).purged == 1
    assert texts(store) == ["old"]


def test_many_go_in_batches(store: Store) -> None:
    old = [mention(str(n), f"old {n}", posted_at=OLD - timedelta(minutes=n % 7)) for n in range(BATCH + 50)]
    take(store, *old)
    first = purge(store, "s", DAYS, NOW, batches=1)
    assert (first.purged, first.finished) == (BATCH, False)
    assert purge_all(store, {"s": DAYS, "nothing": DAYS}, NOW)["s"].purged == 50
    assert purge_all(store, {"s": DAYS}, NOW) == {}


def test_the_worker_lets_go_by_itself(store: Store) -> None:
    take(store, mention("1", "old", posted_at=OLD), mention("1", "kept", source="t", posted_at=OLD))
    named = [
        Source(options=SourceOptions(name=name, kind="script", keep=keep), collector=Script())
        for name, keep in (("s", "30d"), ("t", None))
    ]
    Chores(store, named).do(NOW)
    assert texts(store) == ["kept"]
