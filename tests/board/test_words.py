"""Times and reasons as people read them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from listener.board import words
from listener.settings import Value
from listener.triage.priority import prioritise
from listener.triage.reach import reach
from listener.types import CAUSES, DISMISSALS, OUTCOMES, SEVERITIES, Engagement

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (timedelta(seconds=0), "0 s"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=1, minutes=5), "1 h 5 min"),
        (timedelta(hours=7, minutes=5), "7 h"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=40), "40 days"),
        (timedelta(seconds=-5), "0 s"),
    ],
)
def test_span(length: timedelta, shown: str) -> None:
    assert words.span(length) == shown


def test_ago_never_speaks_of_the_future() -> None:
    assert words.ago(NOW + timedelta(hours=3), NOW) == "just now"
    assert words.ago(NOW - timedelta(minutes=12), NOW) == "12 min ago"


@pytest.mark.parametrize(
    ("due", "answered", "shown"),
    [
        (timedelta(minutes=23), None, ("due in 23 min", "soon")),
        (timedelta(hours=3), None, ("due in 3 h", "calm")),
        (timedelta(seconds=20), None, ("due in less than 1 min", "soon")),
        (-timedelta(hours=1), None, ("overdue by 1 h", "late")),
        (-timedelta(seconds=1), None, ("overdue by less than 1 min", "late")),
        (-timedelta(hours=1), timedelta(minutes=-30), ("answered after 30 min", "good")),
        (None, None, ("no answer time set", "calm")),
    ],
)
def test_due(due: timedelta | None, answered: timedelta | None, shown: tuple[str, str]) -> None:
    due_at = None if due is None else NOW + due
    answered_at = None if answered is None else NOW + answered
    assert words.due(due_at, answered_at, NOW - timedelta(hours=1), NOW) == shown


def test_clock_is_the_viewers() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    assert words.clock(NOW, tokyo, NOW) == "21:00"
    assert words.clock(NOW - timedelta(hours=22), tokyo, NOW) == "24 Nov 23:00"
    assert words.clock(NOW - timedelta(days=400), tokyo, NOW) == "21 Oct 2025 21:00"


def test_every_code_has_a_word() -> None:
    assert set(CAUSES) <= set(words.CAUSES)
    assert set(OUTCOMES) == set(words.OUTCOMES)
    assert set(DISMISSALS) == set(words.DISMISSALS)
    assert set(SEVERITIES) == set(words.SEVERITIES)
    assert words.word(words.CAUSES, "brand_new_code") == "brand new code"


@pytest.mark.parametrize(
    ("severity", "cause", "churn", "followers", "reason"),
    [
        (3, "quality", 0.9, 0, "likely to leave"),
        (4, "quality", 0.0, 0, "blames or threatens"),
        (1, "safety", 0.0, 0, "safety comes first"),
        (1, "price", 0.0, 900_000, "about 90,000 readers"),
    ],
)
def test_the_top_reason_is_what_lifts_it_most(
    severity: int, cause: str, churn: float, followers: int, reason: str
) -> None:
    value = Value()
    counts = Engagement(source="s", native_id="1", at=NOW, followers=followers)
    priority = prioritise(
        value,
        severity=severity,
        cause=cause,
        churn=churn,
        complaint=0.9,
        reach=reach([counts], None, NOW, value),
        posted_at=NOW,
    )
    assert words.top_reason(priority.factors, severity_level=severity, churn=churn, cause=cause) == reason
    assert words.top_reason((), severity_level=severity, churn=churn, cause=cause) == ""
