"""The queue's filters, orders, pages and counts; facets; a case with its surroundings."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listener import desk
from listener.desk import Actor, QueueFilter
from listener.store import Store
from listener.store.queue import EXCERPT
from listener.store.rows import NewAlert, QueueSort, Span
from listener.types import Engagement, Evidence
from tests.store.seed import NOW, alert_for, mention, priority, take, verdict

AIKO, KEN = Actor("Aiko"), Actor("Ken")
CAUSES = ("delivery", "refund", "wait")
LANGS = ("ja", "zh", "en")


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def seed(store: Store, count: int = 24) -> None:
    """Alerts 1..count; each property has its own period, so that filters cut across each other."""
    take(
        store,
        *(
            mention(
                f"n{n}",
                f"post {n} 返金してほしい" if n % 2 else f"post {n} refund please",
                source=f"s{n % 3}",
                author=f"a{n}",
                posted_at=NOW - hours(n % 7) - timedelta(seconds=n),
                brands=("Acme", "Globex") if n % 4 == 0 else ("Acme",) if n % 4 == 1 else ("Globex",),
            )
            for n in range(1, count + 1)
        ),
    )
    with store.write() as tx:
        pending = tx.verdicts.pending(100)
        tx.verdicts.put(
            [
                (
                    one,
                    verdict(
                        lang=LANGS[one.mention_id % 3],
                        cause=CAUSES[one.mention_id % 2],
                        severity=one.mention_id % 4 + 1,
                    ),
                )
                for one in pending
            ],
            NOW,
        )
        new = [
            NewAlert(
                mention_id=one.mention_id,
                priority=priority(float(one.mention_id * 37 % 50)),
                due_at=NOW + hours(one.mention_id % 5) if one.mention_id % 6 else None,
            )
            for one in pending
        ]
        tx.alerts.open(new, NOW)
        tx.alerts.mark_triaged([one.mention_id for one in pending], NOW)
    take(store, mention("reply", "Sorry", source="s2", parent_id="n2", author="acme", posted_at=NOW), own=["acme"])
    for number in range(1, count + 1):
        who = AIKO if number % 2 else KEN
        if number % 3 == 0:
            desk.claim(store, number, who, NOW)
        if number % 6 == 0:
            desk.resolve(store, number, who, NOW, outcome="kept")
        if number % 8 == 1:
            desk.dismiss(store, number, who, NOW, reason="duplicate")


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(tmp_path_factory.mktemp("queue") / "listener.db") as opened:
        seed(opened)
        yield opened


def everything(store: Store) -> list[Any]:
    found: list[Any] = []
    for state in ("open", "claimed", "resolved", "dismissed"):
        found.extend(desk.queue(store, QueueFilter(state=state, per_page=100)).rows)
    return found


def ids(rows: Sequence[Any]) -> list[int]:
    return [row.alert_id for row in rows]


def test_an_empty_queue_has_one_empty_page(store: Store) -> None:
    page = desk.queue(store, QueueFilter())
    assert (page.rows, page.total, page.page, page.pages) == ((), 0, 1, 1)
    assert page.by_state == {"open": 0, "claimed": 0, "resolved": 0, "dismissed": 0}
    assert desk.facets(store).brands == ()


def test_open_and_claimed_are_shown_unless_a_state_is_asked_for(seeded: Store) -> None:
    page = desk.queue(seeded, QueueFilter(per_page=100))
    assert {row.state for row in page.rows} == {"open", "claimed"}
    assert page.total == len(page.rows) == page.by_state["open"] + page.by_state["claimed"]
    assert sum(page.by_state.values()) == 24
    assert {row.state for row in desk.queue(seeded, QueueFilter(state="resolved")).rows} == {"resolved"}


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ({"brand": "Globex"}, lambda row: "Globex" in row.brands),
        ({"lang": "ja"}, lambda row: row.lang == "ja"),
        ({"source": "s1"}, lambda row: row.source == "s1"),
        ({"cause": "refund"}, lambda row: row.cause == "refund"),
        ({"severity": 3}, lambda row: row.severity == 3),
        ({"owner": "Aiko"}, lambda row: row.owner == "Aiko"),
        ({"search": "返金"}, lambda row: "返金" in row.text),
        ({"search": "REFUND"}, lambda row: "refund" in row.text),
        ({"search": "  "}, lambda row: True),
        ({"search": "!!!"}, lambda row: False),
        (
            {"brand": "Acme", "lang": "en", "search": "返"},
            lambda row: "Acme" in row.brands and row.lang == "en" and "返" in row.text,
        ),
        ({"brand": "nobody's"}, lambda row: False),
        ({"brand": "\ud800", "owner": "\x00", "search": "\udfff"}, lambda row: False),
        ({"brand": "'; DROP TABLE alerts; --", "search": "'\"); DROP"}, lambda row: False),
    ],
)
@pytest.mark.parametrize("sort", get_args(QueueSort))
def test_filters_find_exactly_what_fits(seeded: Store, query: dict[str, Any], fits: Any, sort: QueueSort) -> None:
    rows = [row for row in everything(seeded) if fits(row)]
    page = desk.queue(seeded, QueueFilter(**query, sort=sort, per_page=100))
    assert set(ids(page.rows)) == {row.alert_id for row in rows if row.state in ("open", "claimed")}
    assert page.by_state == {state: sum(row.state == state for row in rows) for state in page.by_state}


@pytest.mark.parametrize(
    ("sort", "key"),
    [
        ("priority", lambda row: -row.priority),
        ("age", lambda row: row.posted_at),
        ("newest", lambda row: -row.posted_at.timestamp()),
        ("due", lambda row: (row.first_response_at is not None, row.due_at is None, row.due_at or NOW)),
    ],
)
def test_orders(seeded: Store, sort: QueueSort, key: Any) -> None:
    rows = desk.queue(seeded, QueueFilter(sort=sort, per_page=100)).rows
    assert list(rows) == sorted(rows, key=key)
    assert any(row.first_response_at for row in rows)


@pytest.mark.parametrize("sort", get_args(QueueSort))
def test_pages_show_everything_once(seeded: Store, sort: QueueSort) -> None:
    whole = ids(desk.queue(seeded, QueueFilter(sort=sort, per_page=100)).rows)
    pages = [desk.queue(seeded, QueueFilter(sort=sort, per_page=5, page=number)) for number in (1, 2, 3, 4)]
    assert [one for page in pages for one in ids(page.rows)] == whole[:20]
    assert {page.pages for page in pages} == {-(-len(whole) // 5)}


@pytest.mark.parametrize("number", [99, 10**12])
def test_beyond_the_last_page_is_the_last_page(seeded: Store, number: int) -> None:
    page = desk.queue(seeded, QueueFilter(per_page=5, page=number))
    assert page.page == page.pages
    assert page.rows
    assert desk.queue(seeded, QueueFilter(per_page=0, page=-3)).page == 1


def test_a_card_has_all_that_it_shows(store: Store) -> None:
    body = "とても残念です。" * 100
    take(
        store,
        mention(
            "1",
            body,
            title="Late parcel",
            author="aiko",
            url="https://example.com/1",
            channel="rss",
            brands=("Acme", "Globex"),
        ),
    )
    spans = (
        Evidence(text="", start=0, end=4, weight=2.0),  # Late
        Evidence(text="", start=9, end=15, weight=1.0),  # over the line feed
        Evidence(text="", start=12 + EXCERPT - 2, end=12 + EXCERPT + 5, weight=0.5),  # over the excerpt's end
        Evidence(text="", start=12 + EXCERPT, end=12 + EXCERPT + 5, weight=0.5),  # beyond it
    )
    with store.write() as tx:
        tx.verdicts.put([(1, verdict(evidence=spans))], NOW)
        tx.alerts.open([NewAlert(mention_id=1, priority=priority(7), due_at=NOW)], NOW)
    (row,) = desk.queue(store, QueueFilter()).rows
    assert (row.title, row.text, row.truncated) == ("Late parcel", body[:EXCERPT], True)
    assert row.title_evidence == (Span(start=0, end=4, weight=2.0), Span(start=9, end=11, weight=1.0))
    assert row.evidence == (
        Span(start=0, end=3, weight=1.0),
        Span(start=EXCERPT - 2, end=EXCERPT, weight=0.5),
    )
    assert (row.brand, row.brands, row.channel, row.author) == ("Acme", ("Acme", "Globex"), "rss", "aiko")
    assert (row.url, row.priority, row.factors[0].name, row.due_at) == ("https://example.com/1", 7, "loss", NOW)
    assert (row.severity, row.cause, row.churn, row.complaint, row.lang) == (2, "delivery", 0.1, 0.9, "en")
    assert (row.copy_group_size, row.deleted_at, row.version) == (1, None, 1)
    case = desk.case(store, row.alert_id)
    assert case.evidence[-1] == Span(start=EXCERPT, end=EXCERPT + 5, weight=0.5)


def test_facets_count_what_is_open_or_claimed(seeded: Store) -> None:
    active = [row for row in everything(seeded) if row.state in ("open", "claimed")]
    facets = desk.facets(seeded)
    assert dict(facets.brands) == {brand: sum(brand in row.brands for row in active) for brand in ("Acme", "Globex")}
    assert dict(facets.langs) == {lang: sum(row.lang == lang for row in active) for lang in LANGS}
    assert dict(facets.severities) == {n: sum(row.severity == n for row in active) for n in (1, 2, 3, 4)}
    assert sum(number for _, number in facets.sources) == sum(number for _, number in facets.causes) == len(active)
    assert dict(facets.owners) == {
        name: sum(row.owner == name for row in active) for name in {row.owner for row in active} - {None}
    }
    counts = [number for _, number in facets.sources]
    assert counts == sorted(counts, reverse=True)


def test_a_case_shows_what_stands_around_it(store: Store) -> None:
    take(store, mention("0", "What is your shop like?", author="mei"))
    alert_id = alert_for(store, "1", "still no parcel", author="ken", parent_id="0", brands=("Acme",))
    take(
        store,
        mention("2", "and no answer", author="ken", brands=("Acme",), posted_at=NOW - timedelta(days=2)),
        mention("3", "nice weather", author="ken"),
        mention("4", "other source", author="ken", brands=("Acme",), source="t"),
        mention("5", "me too", author="mei", parent_id="1"),
        mention("6", "still no parcel!", author="ken"),
        Engagement(source="s", native_id="1", at=NOW, likes=1),
        Engagement(source="s", native_id="1", at=NOW + hours(1), likes=5),
    )
    case = desk.case(store, alert_id)
    assert case.parent is not None
    assert case.parent.native_id == "0"
    assert [one.native_id for one in case.replies] == ["5"]
    assert [one.native_id for one in case.others] == ["2"]
    assert [one.likes for one in case.engagement] == [1, 5]
    assert (case.copy_group_size, case.folded) == (1, 1)


def test_a_case_whose_parent_is_not_stored_has_none(store: Store) -> None:
    assert desk.case(store, alert_for(store, "1", parent_id="unknown", thread_id="1")).parent is None


_QUERIES = st.builds(
    QueueFilter,
    brand=st.sampled_from([None, "Acme", "Globex"]),
    lang=st.sampled_from([None, *LANGS]),
    cause=st.sampled_from([None, *CAUSES]),
    severity=st.sampled_from([None, 1, 2, 3, 4]),
    state=st.sampled_from([None, "open", "claimed", "resolved", "dismissed"]),
    owner=st.sampled_from([None, "Aiko", "Ken"]),
    search=st.none() | st.sampled_from(["返", "返金", "refund", "post 3", '"', "*"]) | st.text(max_size=8),
    sort=st.sampled_from(get_args(QueueSort)),
    page=st.integers(-1, 5),
    per_page=st.sampled_from([1, 5, 25]),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=_QUERIES)
def test_any_query_gives_a_page_that_adds_up(seeded: Store, query: QueueFilter) -> None:
    page = desk.queue(seeded, query)
    states = ("open", "claimed") if query.state is None else (query.state,)
    assert page.total == sum(page.by_state[state] for state in states)
    assert 1 <= page.page <= page.pages
    assert len(page.rows) == min(query.per_page, page.total - (page.page - 1) * query.per_page)
    assert all(row.state in states for row in page.rows)
