"""Early detection on stored mentions: incidents with the alerts that they are made of, through crashes and restarts."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from listener.desk import Actor, incidents
from listener.pipeline import early
from listener.pipeline.accept import accept
from listener.pipeline.advance import advance, follow
from listener.pipeline.clock import Clock
from listener.pipeline.early import Memory
from listener.settings import Settings, parse
from listener.store import Store
from listener.store.incident_rows import IncidentRow
from listener.types import Deletion, Engagement, Event, Mention
from tests.pipeline.soba import BRAND, Reader, ordinary, outage, post

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
START = MONDAY + timedelta(days=9, hours=5)
END = START + timedelta(minutes=70)
EVERY = ("quiet", "open", "ended", "closed")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return parse({"brands": [{"name": BRAND}]}, home=tmp_path)


@pytest.fixture(scope="module")
def stream() -> list[Mention]:
    return [one for one in ordinary(MONDAY) if one.posted_at < START] + outage(START)


def heard(store: Store, events: Sequence[Event], now: datetime) -> None:
    accept(store, events, match=lambda _text: (), own_accounts=(), now=now)


def settle(store: Store, settings: Settings, now: datetime, memory: Memory | None = None) -> None:
    while advance(store, Reader(), settings, now, memory):
        pass


def play(
    store: Store, settings: Settings, stream: Sequence[Mention], memory: Memory | None = None, hours: int = 24
) -> None:
    """In pieces: the past by days, the last two hours by ten minutes."""
    memory = memory or Memory()
    now = stream[0].posted_at
    while now < stream[-1].posted_at:
        step = timedelta(minutes=10) if now >= START - timedelta(minutes=10) else timedelta(hours=hours)
        then = min(now + step, START) if now < START else now + step
        heard(store, [one for one in stream if now <= one.posted_at < then], then)
        settle(store, settings, then, memory)
        now = then


def rows(store: Store) -> list[IncidentRow]:
    with store.read() as tx:
        return list(reversed(tx.incidents.in_state(EVERY)))


def picture(store: Store) -> list[Any]:
    """All that early detection has written."""
    with store.read() as tx:
        found = reversed(tx.incidents.in_state(EVERY))
        return [
            (one, tx.incidents.mention_ids(one.id), [event.kind for event in tx.incidents.history(one.id)])
            for one in found
        ]


def remembered(store: Store) -> Any:
    with store.read() as tx:
        return tx.triage_states.load([BRAND])


def test_one_outage_in_three_languages_is_one_incident_whose_alarm_rings(
    store: Store, settings: Settings, stream: list[Mention]
) -> None:
    play(store, settings, stream)
    (row,) = [one for one in rows(store) if one.alarm_at]
    assert (row.brand, row.cause, row.state) == (BRAND, "outage", "open")
    assert START < row.alarm_at < END
    with store.read() as tx:
        (summary,) = tx.incidents.summaries([row])
        events = tx.incidents.history(row.id)
        alerts = tx.alerts.of_mentions(tx.incidents.mention_ids(row.id))
    assert {lang for lang, _ in summary.langs} == {"ja", "zh", "en"}
    assert {source for source, _ in summary.sources} == {"s", "t"}
    assert summary.members >= 12
    assert summary.unclaimed == summary.members == len(alerts)
    assert {alert.incident_id for alert in alerts.values()} == {row.id}
    assert [event.kind for event in events][:2] == ["opened", "rang"]
    assert row.surge["observed"] > 3 * row.surge["expected"]
    assert {name for name, _ in row.surge["sources"]} <= {"s", "t"}
    assert row.surge["first"][0] in alerts


def test_the_alarm_is_seen_above_the_queue(store: Store, settings: Settings, stream: list[Mention]) -> None:
    play(store, settings, stream)
    (one,) = incidents.alarms(store, END)
    assert one.summary.incident.alarm_at is not None
    assert one.lately > one.before


def test_it_ends_by_itself(store: Store, settings: Settings, stream: list[Mention]) -> None:
    memory = Memory()
    play(store, settings, stream, memory)
    settle(store, settings, END + timedelta(hours=13), memory)
    (row,) = [one for one in rows(store) if one.alarm_at]
    assert row.state == "ended"
    assert picture(store)[-1][2][-1] == "ended"
    assert incidents.alarms(store, END) == ()


def test_a_restart_goes_on_as_if_nothing_had_been(tmp_path: Path, settings: Settings, stream: list[Mention]) -> None:
    class Forgetful(Memory):
        """Reads everything anew for every batch, as a new process does."""

        def current(self, *args: Any, **more: Any) -> Any:
            self.forget()
            return super().current(*args, **more)

    with Store.open(tmp_path / "a.db") as one, Store.open(tmp_path / "b.db") as other:
        play(one, settings, stream)
        play(other, settings, stream, Forgetful())
        assert picture(one) == picture(other)
        assert remembered(one) == remembered(other)
        assert [row for row in rows(one) if row.alarm_at]


def test_a_batch_that_dies_is_as_if_it_had_not_been(
    tmp_path: Path, settings: Settings, stream: list[Mention], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after all was decided and written, before it was kept: the next try decides the same."""
    dying = iter([False, True, False, False, True] * 100)

    def keep(self: Memory, *args: Any) -> None:
        real(self, *args)
        if next(dying):
            raise KeyboardInterrupt

    with Store.open(tmp_path / "a.db") as one, Store.open(tmp_path / "b.db") as other:
        play(one, settings, stream)
        real = Memory.keep
        monkeypatch.setattr(Memory, "keep", keep)

        def stubborn(store: Store, settings: Settings, now: datetime, memory: Memory | None = None) -> None:
            while True:
                try:
                    if not advance(store, Reader(), settings, now, memory):
                        return
                except KeyboardInterrupt:
                    continue

        monkeypatch.setattr("tests.pipeline.test_early.settle", stubborn)
        play(other, settings, stream)
        assert picture(one) == picture(other)
        assert remembered(one) == remembered(other)
        with other.read() as tx:
            assert tx.mentions.backlog() == {}


def test_what_was_counted_once_is_no_news_again(store: Store, settings: Settings, stream: list[Mention]) -> None:
    memory = Memory()
    play(store, settings, stream, memory)
    before, known = picture(store), remembered(store)
    last = stream[-1]
    edited = Mention(
        source=last.source, native_id=last.native_id, text="cannot log in, still", posted_at=last.posted_at
    )
    heard(store, [edited, Engagement(source=last.source, native_id=last.native_id, at=END, shares=50)], END)
    with store.write() as tx:
        tx.verdicts.rescore("another@2")
    settle(store, settings, END, memory)
    assert picture(store) == before
    assert remembered(store) == known


def test_what_people_do_meanwhile_is_taken_up(store: Store, settings: Settings, stream: list[Mention]) -> None:
    memory = Memory()
    play(store, settings, stream, memory)
    (row,) = [one for one in rows(store) if one.alarm_at]
    incidents.rename_incident(store, row.id, "Login is down", Actor("Aiko"), END)
    incidents.close_incident(store, row.id, Actor("Aiko"), END)
    more = outage(END, 6, 20, first=20_000)
    heard(store, more, END + timedelta(minutes=20))
    settle(store, settings, END + timedelta(minutes=20), memory)
    (after,) = [one for one in rows(store) if one.alarm_at]
    assert (after.id, after.title, after.state) == (row.id, "Login is down", "closed")
    with store.read() as tx:
        assert len(tx.incidents.mention_ids(row.id)) > len(stream[-18:]) - 6


def test_a_mention_of_two_brands_is_counted_for_both_if_these_are_ours(store: Store, tmp_path: Path) -> None:
    named = Mention(source="s", native_id="1", text="late", posted_at=START, brands=("Soba", "Udon", "invented"))
    heard(store, [named], START)
    settle(store, parse({"brands": [{"name": "Soba"}, {"name": "Udon"}]}, home=tmp_path), START)
    with store.read() as tx:
        assert set(tx.triage_states.serials()) == {"Soba", "Udon"}


def test_a_state_of_another_version_begins_anew(store: Store, settings: Settings, stream: list[Mention]) -> None:
    play(store, settings, stream)
    with store.write() as tx:
        tx.triage_states.save(BRAND, {"version": 0, "brand": {}}, END)
    heard(store, [post(99_999, END, "soup was a bit salty", "en")], END)
    settle(store, settings, END)
    with store.read() as tx:
        numbers = [row.number for row in tx.incidents.in_state(EVERY)]
    assert remembered(store)[BRAND]["brand"]["next_number"] == max(numbers) + 1


def test_changed_figures_bring_every_waiting_alert_back_to_triage(store: Store, settings: Settings) -> None:
    heard(store, [post(1, START, "soup was a bit salty", "en")], START)
    settle(store, settings, START)
    with store.write() as tx:
        follow(tx, settings, START)
    settle(store, settings, START)
    with store.write() as tx:
        follow(tx, settings, START)
        assert tx.mentions.backlog() == {}
        before = tx.alerts.get(1)
    dearer = parse({"brands": [{"name": BRAND}], "value": {"customer": 5000}}, home=settings.home)
    with store.write() as tx:
        follow(tx, dearer, START)
    settle(store, dearer, START)
    with store.read() as tx:
        after = tx.alerts.get(1)
    assert after.priority == pytest.approx(5 * before.priority, rel=1e-3)


@pytest.fixture
def clock() -> Clock:
    return Clock(started_at=START, speed=60, history_speed=12)


@pytest.mark.parametrize("minutes", [-90, -1, 0, 1, 500])
def test_the_days_clock_goes_there_and_back(clock: Clock, minutes: int) -> None:
    wall = START + timedelta(minutes=minutes)
    assert abs(clock.outside(clock.inside(wall)) - wall) < timedelta(milliseconds=1)
    assert clock.inside(wall) - START == timedelta(minutes=minutes) * (12 if minutes < 0 else 60)
    assert Clock().inside(wall) == wall


def test_the_days_clock_is_that_of_the_database(store: Store, clock: Clock) -> None:
    with store.write() as tx:
        assert Clock.of(tx) == Clock()
        clock.save(tx, START)
        assert Clock.of(tx) == clock


def test_under_the_days_clock_an_outage_of_a_minute_is_one_of_an_hour(
    store: Store, settings: Settings, stream: list[Mention], clock: Clock
) -> None:
    """The day plays sixty times as fast: times of posting lie close, what is decided is the same, shown on the wall."""
    fast = outage(START)
    memory = Memory()
    state, _ = early.advance(
        memory_state(stream, settings), [], START, early.Policy(budget=settings.early.budget, cap=settings.early.cap)
    )
    with store.write() as tx:
        clock.save(tx, START)
        Memory().keep(tx, state, START)
    now = START
    for one in fast:
        now = clock.outside(one.posted_at) + timedelta(seconds=1)
        heard(store, [Mention(**{**as_dict(one), "posted_at": clock.outside(one.posted_at)})], now)
        while advance(store, Reader(), settings, now, memory, clock):
            pass
    (row,) = [one for one in rows(store) if one.alarm_at]
    assert START < row.alarm_at <= now < START + timedelta(minutes=2)


def as_dict(one: Mention) -> dict[str, Any]:
    return {name: getattr(one, name) for name in Mention.__dataclass_fields__}


def memory_state(stream: Sequence[Mention], settings: Settings) -> early.State:
    """What is remembered of the ordinary days alone."""
    state = early.State()
    calm = [one for one in stream if one.posted_at < START]
    verdicts = Reader().verdicts([one.text for one in calm], langs=[one.lang for one in calm])
    sightings = [
        early.Sighting(
            key=f"w{number}",
            brand=BRAND,
            posted_at=one.posted_at,
            text=one.text,
            lang=verdict.lang,
            source=one.source,
            complaint=verdict.complaint,
            flagged=verdict.flagged,
            cause=verdict.cause,
            causes=verdict.causes,
        )
        for number, (one, verdict) in enumerate(zip(calm, verdicts, strict=True))
    ]
    return early.advance(state, sightings, START)[0]


@pytest.fixture(autouse=True)
def _no_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time alone is looked at with every batch."""
    monkeypatch.setattr(early, "SWEEP", timedelta(0))


def test_a_deleted_post_leaves_no_word_behind(store: Store, settings: Settings, stream: list[Mention]) -> None:
    """Its own words are nowhere in what early detection keeps; what others said stays."""
    own = [
        Mention(**{**as_dict(one), "text": f"cannot log in zebrafish{one.native_id} kaputtnik", "lang": "en"})
        for one in stream[-18:]
    ]
    memory = Memory()
    play(store, settings, [*stream[:-18], *own], memory)
    first = own[0]
    secret = f"zebrafish{first.native_id}"
    assert secret in str(remembered(store))
    heard(store, [Deletion(source=first.source, native_id=first.native_id, at=END)], END)
    with store.read() as tx:
        surges = [row.surge for row in tx.incidents.in_state(EVERY)]
    assert secret not in str(remembered(store)) + str(surges) + str(rows(store))
    assert f"zebrafish{own[1].native_id}" in str(remembered(store))
    settle(store, settings, END + timedelta(minutes=1), memory)
    assert secret not in str(remembered(store))
    for one in own[1:]:
        heard(store, [Deletion(source=one.source, native_id=one.native_id, at=END)], END)
    with store.read() as tx:
        left = [(row.title, row.surge["terms"] if row.surge else ()) for row in tx.incidents.in_state(EVERY)]
    assert "kaputtnik" not in str(left) + str(remembered(store))


def test_a_title_leaves_the_brands_own_words_out(store: Store, tmp_path: Path, stream: list[Mention]) -> None:
    """All that is said of a brand has its words: they tell nobody what the problem is."""
    named = [
        Mention(**{**as_dict(one), "text": one.text.replace("log in", "log in to sobanoodle app")}) for one in stream
    ]
    settings = parse({"brands": [{"name": BRAND, "aliases": ["sobanoodle"]}]}, home=tmp_path)
    play(store, settings, named)
    (row,) = [one for one in rows(store) if one.alarm_at]
    assert row.title.startswith("outage: ")
    assert "sobanoodle" not in row.title
    assert len(row.title.split(", ")) == 4
