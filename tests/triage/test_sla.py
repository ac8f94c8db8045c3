"""Answer times, worked by hand: weekends, lunch, holidays, clocks that change, pauses, policies that change in flight.

Times without an offset are wall-clock times of the case's zone. Calendar of 2026: 2 March is a Monday. Clocks change in
New York on 8 March and 1 November, in London on 29 March and 25 October, in Sydney on 5 April and 4 October.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.settings import Hours as HoursSetting
from listener.settings import Rung, Settings, Sla, parse
from listener.triage import clocks as reading
from listener.triage.clocks import Call, Happening, HappeningKind, Period, calls, clocks
from listener.triage.hours import Hours, after, closes_at, is_open, worked
from listener.triage.sla import Promise, Promises, Target, due_after, first_response_due, from_json, to_json


def hours(zone: str, *opening: str, lunch: str | None = None, holidays: Sequence[str] = ()) -> Hours:
    table: dict[str, Any] = {"name": "h", "zone": zone, "open": opening, "holidays": holidays}
    return Hours.of(HoursSetting.model_validate({**table, "lunch": [lunch] if lunch else []}))


TOKYO = hours(
    *("Asia/Tokyo", "mon-fri 09:00-18:00"),
    lunch="12:00-13:00",
    holidays=["2026-03-20", "2026-05-04", "2026-05-05", "2026-05-06"],
)
TOKYO_NIGHT = hours("Asia/Tokyo", "daily 22:00-06:00", lunch="02:00-03:00")
NEW_YORK = hours("America/New_York", "mon-fri 09:00-17:00", holidays=["2026-11-26"])
NEW_YORK_ALWAYS = hours("America/New_York", "daily 00:00-24:00")
NEW_YORK_SKIPPED = hours("America/New_York", "sun 02:30-04:00")
NEW_YORK_TWICE = hours("America/New_York", "sun 01:30-03:00")
LONDON_NIGHT = hours("Europe/London", "daily 22:00-06:00", holidays=["2026-12-25"])
SYDNEY = hours("Australia/Sydney", "mon-sat 10:00-20:00", lunch="13:00-14:00")
SYDNEY_NIGHT = hours("Australia/Sydney", "sat 20:00-08:00")


def at(text: str, zone: ZoneInfo) -> datetime:
    """`2026-03-02 10:00` in the zone; `03-02 10:00` is this year's; an offset wins."""
    moment = datetime.fromisoformat(text if text.count("-") > 1 and text[:2] == "20" else f"2026-{text}")
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def h(number: float | None) -> timedelta | None:
    return None if number is None else timedelta(hours=number)


# ------------------------------------------------------------------ when it is due

DUE: list[tuple[str, Hours, float | None, float | None, str, str]] = [
    # what, business hours, hours of work, hours on the wall, posted, due
    ("morning", TOKYO, 1, None, "03-02 10:00", "03-02 11:00"),
    ("before opening", TOKYO, 1, None, "03-02 08:00", "03-02 10:00"),
    ("over lunch", TOKYO, 1, None, "03-02 11:30", "03-02 13:30"),
    ("during lunch", TOKYO, 1, None, "03-02 12:15", "03-02 14:00"),
    ("as lunch begins", TOKYO, 1, None, "03-02 12:00", "03-02 14:00"),
    ("up to lunch", TOKYO, 1, None, "03-02 11:00", "03-02 12:00"),
    ("over the evening", TOKYO, 1, None, "03-02 17:30", "03-03 09:30"),
    ("at closing", TOKYO, 1, None, "03-02 18:00", "03-03 10:00"),
    ("late at night", TOKYO, 1, None, "03-02 23:59", "03-03 10:00"),
    ("over the weekend", TOKYO, 1, None, "03-06 17:30", "03-09 09:30"),
    ("on Saturday", TOKYO, 1, None, "03-07 12:00", "03-09 10:00"),
    ("on Sunday night", TOKYO, 1, None, "03-08 23:00", "03-09 10:00"),
    ("over a holiday and a weekend", TOKYO, 1, None, "03-19 17:30", "03-23 09:30"),
    ("on a holiday", TOKYO, 1, None, "03-20 10:00", "03-23 10:00"),
    ("over three holidays after a weekend", TOKYO, 2, None, "05-01 17:00", "05-07 10:00"),
    ("more than the day has left", TOKYO, 8, None, "03-02 10:00", "03-03 10:00"),
    ("one whole day", TOKYO, 8, None, "03-02 09:00", "03-02 18:00"),
    ("two whole days", TOKYO, 16, None, "03-02 09:00", "03-03 18:00"),
    ("a whole week", TOKYO, 40, None, "03-02 09:00", "03-06 18:00"),
    ("Friday into Monday", TOKYO, 3, None, "03-06 16:00", "03-09 10:00"),
    ("at once, in hours", TOKYO, 0, None, "03-02 10:00", "03-02 10:00"),
    ("at once, out of hours", TOKYO, 0, None, "03-07 12:00", "03-07 12:00"),
    ("wall limit not reached", TOKYO, 1, 6, "03-02 10:00", "03-02 11:00"),
    ("wall limit on Friday evening", TOKYO, 1, 6, "03-06 17:30", "03-06 23:30"),
    ("wall limit on Saturday", TOKYO, 1, 6, "03-07 12:00", "03-07 18:00"),
    ("early, opening comes first", TOKYO, 1, 6, "03-02 06:00", "03-02 10:00"),
    ("at night, the wall comes first", TOKYO, 1, 6, "03-02 02:00", "03-02 08:00"),
    ("at night, the wall comes at opening", TOKYO, 1, 6, "03-02 03:00", "03-02 09:00"),
    ("both at the same time", TOKYO, 1, 6, "03-02 04:00", "03-02 10:00"),
    ("wall limit within lunch", TOKYO, 1, 1.5, "03-02 11:30", "03-02 13:00"),
    ("only a wall limit", TOKYO, None, 6, "03-07 12:00", "03-07 18:00"),
    ("night shift over its break", TOKYO_NIGHT, 1, None, "03-02 01:30", "03-02 03:30"),
    ("a whole night with its break", TOKYO_NIGHT, 7, None, "03-02 22:00", "03-03 06:00"),
    ("weekend in which clocks go forward", NEW_YORK, 1, None, "03-06 16:30", "03-09 09:30"),
    ("wall limit into the missing hour", NEW_YORK, 1, 6, "03-07 20:00", "03-08 03:00"),
    ("wall limit over the hour that comes twice", NEW_YORK, 1, 6, "10-31 23:00", "11-01 04:00"),
    ("over Thanksgiving", NEW_YORK, 1, None, "11-25 16:30", "11-27 09:30"),
    ("weekend in which clocks go back", NEW_YORK, 9, None, "10-30 16:00", "11-02 17:00"),
    ("a day of 23 hours", NEW_YORK_ALWAYS, 24, None, "03-07 12:00", "03-08 13:00"),
    ("a day of 25 hours", NEW_YORK_ALWAYS, 24, None, "10-31 12:00", "11-01 11:00"),
    ("opening at a time that is skipped", NEW_YORK_SKIPPED, 0.5, None, "03-08 00:00", "03-08 04:00"),
    ("opening at a time that comes twice", NEW_YORK_TWICE, 2.5, None, "11-01 00:00", "11-01 03:00"),
    ("before a night shift", LONDON_NIGHT, 1, None, "03-28 21:00", "03-28 23:00"),
    ("a night of seven hours", LONDON_NIGHT, 7, None, "03-28 22:00", "03-29 06:00"),
    ("more than a night of seven hours", LONDON_NIGHT, 8, None, "03-28 22:00", "03-29 23:00"),
    ("a night of nine hours", LONDON_NIGHT, 9, None, "10-24 22:00", "10-25 06:00"),
    ("within a night of nine hours", LONDON_NIGHT, 8, None, "10-24 22:00", "10-25 05:00"),
    ("after midnight in yesterday's shift", LONDON_NIGHT, 2, None, "03-05 03:00", "03-05 05:00"),
    ("as the night ends", LONDON_NIGHT, 1, None, "03-05 05:30", "03-05 22:30"),
    ("at noon for a night shift", LONDON_NIGHT, 1, None, "03-05 12:00", "03-05 23:00"),
    ("a holiday closes the night that begins on it", LONDON_NIGHT, 8, None, "12-24 23:00", "12-26 23:00"),
    ("Sunday in which clocks go back", SYDNEY, 1, None, "04-04 19:30", "04-06 10:30"),
    ("wall limit while clocks go back", SYDNEY, 1, 6, "04-04 23:00", "04-05 04:00"),
    ("wall limit while clocks go forward", SYDNEY, 1, 6, "10-03 23:00", "10-04 06:00"),
    ("Saturday over lunch", SYDNEY, 1, None, "10-03 12:30", "10-03 14:30"),
    ("a whole Saturday", SYDNEY, 9, None, "10-03 10:00", "10-03 20:00"),
    ("Saturday into Monday", SYDNEY, 10, None, "10-03 10:00", "10-05 11:00"),
    ("a night of thirteen hours", SYDNEY_NIGHT, 13, None, "04-04 20:00", "04-05 08:00"),
    ("a night of eleven hours", SYDNEY_NIGHT, 11, None, "10-03 20:00", "10-04 08:00"),
    ("into the next week's night", SYDNEY_NIGHT, 14, None, "04-04 20:00", "04-11 21:00"),
]
AROUND_THE_CLOCK = [
    ("on a weekend", "Asia/Tokyo", 1, "03-07 12:00", "03-07 13:00"),
    ("over the missing hour", "America/New_York", 1, "03-08 01:30", "03-08 03:30"),
    ("within the hour that comes twice", "America/New_York", 1, "11-01 01:30", "2026-11-01 01:30-05:00"),
]


@pytest.mark.parametrize(("open_", "work", "wall", "posted", "due"), [c[1:] for c in DUE], ids=[c[0] for c in DUE])
def test_due(open_: Hours, work: float | None, wall: float | None, posted: str, due: str) -> None:
    found = due_after(open_, Target(h(work), h(wall)), at(posted, open_.zone))
    assert found == at(due, open_.zone)


@pytest.mark.parametrize(("_what", "zone", "work", "posted", "due"), AROUND_THE_CLOCK)
def test_due_around_the_clock(_what: str, zone: str, work: float, posted: str, due: str) -> None:
    assert due_after(None, Target(h(work)), at(posted, ZoneInfo(zone))) == at(due, ZoneInfo(zone))


@given(st.integers(0, 400 * 24 * 60), st.integers(0, 3000))
def test_the_time_that_is_due_is_the_time_that_was_worked(minute: int, length: int) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    for open_ in (TOKYO, NEW_YORK, LONDON_NIGHT, SYDNEY_NIGHT):
        end = after(open_, start, timedelta(minutes=length))
        assert end is not None
        assert worked(open_, start, end) == timedelta(minutes=length)


# ------------------------------------------------------------------ the clocks of a case

EIGHT = Promise(
    hours=TOKYO,
    first=Target(h(1)),
    next=Target(h(2)),
    resolution=Target(h(8)),
    warn_before=timedelta(minutes=15),
    ladder=(Rung(to="manager"), Rung(to="admin", after=timedelta(hours=2))),
)
POSTED = "03-02 10:00"
_KINDS: dict[str, HappeningKind] = {kind: kind for kind in get_args(HappeningKind)}


def read(story: str, now: str, *periods: tuple[str, Promise], posted: str = POSTED) -> reading.Clocks:
    """A story such as `answered 03-02 10:30; customer 03-03 09:00`."""
    zone = TOKYO.zone
    parts = [part.strip().split(" ", 1) for part in story.split(";") if part.strip()]
    happenings = [Happening(at(when, zone), _KINDS[kind]) for kind, when in parts]
    since = [Period(at(when, zone), promise) for when, promise in periods] or [Period(at(posted, zone), EIGHT)]
    return clocks(at(posted, zone), happenings, since, at(now, zone))


def told(clock: reading.Clock | None) -> str:
    """`running due 03-02 11:00 late`, `standing left 7.5 h`, …"""
    if clock is None:
        return "none"
    words = [clock.state]
    if clock.due_at:
        words.append(f"due {clock.due_at.astimezone(TOKYO.zone):%m-%d %H:%M}")
    if clock.left is not None:
        words.append(f"left {clock.left / timedelta(hours=1):g} h")
    return " ".join([*words, *(["late"] if clock.late else [])])


STORIES = [
    # what, story, now, first, next, resolution
    ("nothing yet", "", "03-02 10:15", "running due 03-02 11:00", "none", "running due 03-03 10:00"),
    ("nobody answers", "", "03-02 11:30", "running due 03-02 11:00 late", "none", "running due 03-03 10:00"),
    ("answered", "answered 03-02 10:30", "03-02 11:30", "stopped", "none", "running due 03-03 10:00"),
    (
        "answered at the last moment",
        "answered 03-02 11:00",
        "03-02 11:30",
        "stopped",
        "none",
        "running due 03-03 10:00",
    ),
    (
        *("answered late", "answered 03-02 11:01", "03-02 11:30"),
        *("stopped due 03-02 11:00 late", "none", "running due 03-03 10:00"),
    ),
    ("waiting for them", "waiting 03-02 10:30", "03-05 10:00", "stopped", "none", "standing left 7.5 h"),
    (
        *("they write again", "waiting 03-02 10:30; customer 03-03 09:00", "03-03 09:05"),
        *("stopped", "running due 03-03 11:00", "running due 03-03 17:30"),
    ),
    (
        *("they write at night", "waiting 03-02 10:30; customer 03-03 20:00", "03-03 21:00"),
        *("stopped", "running due 03-04 11:00", "running due 03-04 17:30"),
    ),
    (
        *("they write twice", "waiting 03-02 10:30; customer 03-03 09:00; customer 03-03 10:00", "03-03 10:05"),
        *("stopped", "running due 03-03 11:00", "running due 03-03 17:30"),
    ),
    (
        *("second answer", "waiting 03-02 10:30; customer 03-03 09:00; answered 03-03 10:00", "03-03 10:05"),
        *("stopped", "stopped", "running due 03-03 17:30"),
    ),
    (
        *("second answer late", "waiting 03-02 10:30; customer 03-03 09:00; answered 03-03 11:30", "03-03 12:00"),
        *("stopped", "stopped due 03-03 11:00 late", "running due 03-03 17:30"),
    ),
    (
        *("they write before we answered", "customer 03-02 10:40", "03-02 10:45"),
        *("running due 03-02 11:00", "none", "running due 03-03 10:00"),
    ),
    (
        *("they write while we owe them", "answered 03-02 10:30; customer 03-02 16:30", "03-02 16:40"),
        *("stopped", "running due 03-03 09:30", "running due 03-03 10:00"),
    ),
    ("resolved", "answered 03-02 10:30; resolved 03-02 15:00", "03-02 16:00", "stopped", "none", "stopped"),
    ("resolved without a word", "resolved 03-02 10:45", "03-05 16:00", "stopped", "none", "stopped"),
    (
        *("resolved too late", "answered 03-02 10:30; resolved 03-03 11:00", "03-05 10:00"),
        *("stopped", "none", "stopped due 03-03 10:00 late"),
    ),
    (
        *("they thank after it was resolved", "resolved 03-02 10:45; customer 03-02 11:00", "03-05 16:00"),
        *("stopped", "none", "stopped"),
    ),
    (
        *("reopened a week later", "resolved 03-02 10:45; reopened 03-09 09:00", "03-09 09:05"),
        *("stopped", "running due 03-09 11:00", "running due 03-09 18:00"),
    ),
    (
        *("reopened and answered", "resolved 03-02 10:45; reopened 03-09 09:00; waiting 03-09 10:00", "03-09 10:05"),
        *("stopped", "stopped", "standing left 7 h"),
    ),
    (
        *("waiting over a weekend", "waiting 03-06 17:00; customer 03-09 09:00", "03-09 09:05"),
        *("stopped due 03-02 11:00 late", "running due 03-09 11:00", "running due 03-03 10:00 late"),
    ),
    (
        *("turn and turn about", "waiting 03-02 11:00; customer 03-02 14:00; waiting 03-02 15:00", "03-02 16:00"),
        *("stopped", "stopped", "standing left 6 h"),
    ),
    (
        "turn and turn about, and again",
        "waiting 03-02 11:00; customer 03-02 14:00; waiting 03-02 15:00; customer 03-02 17:00",
        *("03-02 17:05", "stopped", "running due 03-03 10:00", "running due 03-03 15:00"),
    ),
    (
        *("what comes later does not count", "answered 03-02 10:30", "03-02 10:15"),
        *("running due 03-02 11:00", "none", "running due 03-03 10:00"),
    ),
]


@pytest.mark.parametrize(
    ("story", "now", "first", "following", "resolution"), [c[1:] for c in STORIES], ids=[c[0] for c in STORIES]
)
def test_clocks(story: str, now: str, first: str, following: str, resolution: str) -> None:
    found = read(story, now)
    assert (told(found.first), told(found.next), told(found.resolution)) == (first, following, resolution)


def test_waiting_counts_from_the_first_time_we_said_so() -> None:
    found = read("waiting 03-02 10:30; waiting 03-02 11:00", "03-02 12:00")
    assert found.waiting_since == at("03-02 10:30", TOKYO.zone)
    assert read("waiting 03-02 10:30; customer 03-02 11:00", "03-02 12:00").waiting_since is None


def test_what_is_owed_next_is_what_is_due_first() -> None:
    both = read("answered 03-02 10:30; customer 03-02 16:30", "03-02 16:40").owed()
    assert both is not None
    assert both.kind == "next"
    alone = read("answered 03-02 10:30", "03-02 16:40").owed()
    assert alone is not None
    assert alone.kind == "resolution"
    assert read("waiting 03-02 10:30", "03-02 16:40").owed() is None


# ------------------------------------------------------------------ a policy changes meanwhile


def promise(first: float, *, open_: Hours | None = TOKYO, resolution: float | None = 8) -> Promise:
    return Promise(
        hours=open_,
        first=Target(h(first)),
        next=Target(h(2)),
        resolution=Target(h(resolution)),
        warn_before=timedelta(minutes=15),
        ladder=(),
    )


FLIGHT: list[tuple[str, str, list[tuple[str, Promise]], str]] = [
    # what, posted, (since, promise) …, the first answer's clock at 16:00
    ("longer", "03-02 10:00", [(POSTED, promise(1)), ("03-02 10:30", promise(7))], "running due 03-02 18:00"),
    ("shorter", "03-02 14:00", [(POSTED, promise(8)), ("03-02 15:00", promise(3))], "running due 03-02 17:00"),
    (
        *("shorter, and used up", "03-02 10:00"),
        *([(POSTED, promise(8)), ("03-02 11:00", promise(0.5))], "running due 03-02 11:00 late"),
    ),
    (
        *("what was late stays late", "03-02 10:00"),
        *([(POSTED, promise(1)), ("03-02 11:30", promise(40))], "running due 03-02 11:00 late"),
    ),
    (
        *("hours come in", "03-02 08:00"),
        *([(POSTED, promise(4, open_=None)), ("03-02 09:00", promise(8))], "running due 03-02 17:00"),
    ),
    (
        *("hours go away over lunch", "03-02 11:00"),
        *([(POSTED, promise(8)), ("03-02 12:30", promise(5, open_=None))], "running due 03-02 16:30"),
    ),
    (
        *("twice", "03-02 10:00"),
        *([(POSTED, promise(9)), ("03-02 10:30", promise(8)), ("03-02 11:00", promise(7))], "running due 03-02 18:00"),
    ),
    (
        *("there and back", "03-02 13:00"),
        *([(POSTED, promise(4)), ("03-02 13:30", promise(9)), ("03-02 14:00", promise(4))], "running due 03-02 17:00"),
    ),
    (
        *("changed before the post", "03-02 14:00"),
        *([(POSTED, promise(1)), ("03-02 11:00", promise(3))], "running due 03-02 17:00"),
    ),
    ("still to come", "03-02 15:30", [(POSTED, promise(1)), ("03-02 17:00", promise(3))], "running due 03-02 16:30"),
]


@pytest.mark.parametrize(("posted", "periods", "first"), [c[1:] for c in FLIGHT], ids=[c[0] for c in FLIGHT])
def test_policy_in_flight(posted: str, periods: list[tuple[str, Promise]], first: str) -> None:
    assert told(read("", "03-02 16:00", *periods, posted=posted).first) == first


def test_a_policy_that_changes_while_the_clock_stands() -> None:
    periods = ((POSTED, promise(1)), ("03-02 15:00", promise(1, resolution=4)))
    assert told(read("waiting 03-02 11:00", "03-02 16:00", *periods).resolution) == "standing left 7 h"
    again = read("waiting 03-02 11:00; customer 03-03 09:00", "03-03 09:00", *periods)
    assert told(again.resolution) == "running due 03-03 12:00"


def test_a_promise_that_is_withdrawn_is_not_due() -> None:
    periods = ((POSTED, promise(1)), ("03-02 15:00", promise(1, resolution=None)))
    assert told(read("answered 03-02 10:30", "03-06 16:00", *periods).resolution) == "running"


# ------------------------------------------------------------------ who is told


def due(found: reading.Clocks) -> datetime | None:
    owed = found.owed()
    return owed.due_at if owed else None


@pytest.mark.parametrize(
    ("now", "kinds"),
    [
        ("03-02 10:44", []),
        ("03-02 10:45", ["warning"]),
        ("03-02 11:00", ["warning", "breach", "manager"]),
        ("03-02 12:59", ["warning", "breach", "manager"]),
        ("03-02 13:00", ["warning", "breach", "manager", "admin"]),
    ],
)
def test_the_ladder(now: str, kinds: list[str]) -> None:
    found = calls(due(read("", now)), EIGHT, at(now, TOKYO.zone))
    assert [one.to or one.kind for one in found] == kinds


def test_nobody_is_told_while_nothing_is_owed() -> None:
    assert calls(due(read("waiting 03-02 10:30", "03-05 10:00")), EIGHT, at("03-05 10:00", TOKYO.zone)) == ()
    early = Call("warning", at("03-02 10:45", TOKYO.zone), None)
    assert calls(due(read("", "03-02 10:50")), EIGHT, at("03-02 10:50", TOKYO.zone)) == (early,)


# ------------------------------------------------------------------ which policy


def settings(**tables: Any) -> Settings:
    return parse(tables, home=Path("/nowhere"))


def test_the_first_policy_that_fits_counts() -> None:
    found = Promises.of(
        settings(
            brands=[{"name": "A"}],
            sources=[{"name": "s", "kind": "files"}],
            sla=[
                {"brand": "A", "min_severity": 3, "first_response": "15min"},
                {"source": "s", "first_response": "2h"},
                {"first_response": "6h"},
            ],
        )
    )

    def first(**more: Any) -> timedelta | None:
        return found.fitting(**{"brands": (), "source": "x", "severity": 1, **more}).first.worked

    assert first(brands=("B", "A"), severity=3) == timedelta(minutes=15)
    assert first(brands=("A",), severity=2) == timedelta(hours=6)
    assert first(source="s") == timedelta(hours=2)
    assert first() == timedelta(hours=6)


def test_without_a_policy_an_hour_of_work_and_six_on_the_wall() -> None:
    tokyo = {"name": "tokyo", "zone": "Asia/Tokyo", "open": ["mon-fri 09:00-18:00"]}
    found = Promises.of(settings(hours=[tokyo], desk={"hours": "tokyo"}))
    zone = ZoneInfo("Asia/Tokyo")

    def due_for(posted: str) -> datetime:
        return first_response_due(found, brands=(), source="x", severity=1, posted_at=at(posted, zone))

    assert due_for("03-02 10:00") == at("03-02 11:00", zone)
    assert due_for("03-07 10:00") == at("03-07 16:00", zone)


def test_policies_are_kept_as_they_were() -> None:
    assert from_json(to_json(EIGHT)) == EIGHT
    assert EIGHT.code == from_json(to_json(EIGHT)).code
    assert EIGHT.code != promise(2).code
    around = Promises.of(settings()).default
    assert from_json(to_json(around)) == around


# ------------------------------------------------------------------ shifts


def test_a_shift_ends_after_its_breaks() -> None:
    zone = TOKYO.zone
    assert closes_at(TOKYO, at("03-02 10:00", zone)) == at("03-02 18:00", zone)
    assert closes_at(TOKYO, at("03-02 20:00", zone)) is None
    assert closes_at(TOKYO, at("03-02 12:30", zone)) is None
    assert closes_at(LONDON_NIGHT, at("03-05 23:00", LONDON_NIGHT.zone)) == at("03-06 06:00", LONDON_NIGHT.zone)
    assert closes_at(NEW_YORK_ALWAYS, at("03-05 23:00", zone)) is None
    assert closes_at(None, at("03-05 23:00", zone)) is None


def test_open_from_the_minute_it_opens_to_the_minute_it_closes() -> None:
    zone = TOKYO.zone
    found = [
        is_open(TOKYO, at(f"03-02 {clock}", zone)) for clock in ("08:59", "09:00", "11:59", "12:00", "17:59", "18:00")
    ]
    assert found == [False, True, True, False, True, False]
    assert not is_open(TOKYO, at("03-20 10:00", zone))
    assert is_open(None, at("03-20 10:00", zone))


@pytest.mark.parametrize(
    ("table", "told_"),
    [
        ({"open": ["mon 9-18"]}, "opening hours such as"),
        ({"open": ["mo-fr 09:00-18:00"]}, "opening hours such as"),
        ({"open": ["mon 09:61-18:00"]}, "times of day"),
        ({"open": []}, "at least 1 item"),
        ({"zone": "Asia/Edo"}, 'a time zone such as "Asia/Tokyo"'),
        ({"lunch": ["noon"]}, "a break such as"),
        ({"holidays": ["soon"]}, "date"),
    ],
)
def test_wrong_hours_are_told(table: dict[str, Any], told_: str) -> None:
    good = {"name": "h", "zone": "Asia/Tokyo", "open": ["mon-fri 09:00-18:00"]}
    with pytest.raises(Exception, match=told_):
        settings(hours=[{**good, **table}])


def test_days_may_wrap_and_be_listed() -> None:
    week = hours("Asia/Tokyo", "fri-mon 09:00-10:00", "wed,thu 10:00-11:00", "wed 10:30-12:00").week
    assert [bool(day) for day in week] == [True, False, True, True, True, True, True]
    assert week[2] == ((600, 720),)
    assert Sla(first_response="1h").hours is None  # type: ignore[arg-type]
    assert date(2026, 3, 20) in TOKYO.holidays
