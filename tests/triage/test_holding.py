"""When what somebody holds goes back to the queue by itself. 2 March 2026 is a Monday; times are Tokyo's."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from listener.settings import Hours as HoursSetting
from listener.triage.holding import goes_back
from listener.triage.hours import Hours
from listener.triage.people import Member

DAY = Hours.of(HoursSetting(name="d", zone="Asia/Tokyo", open=["mon-fri 09:00-18:00"], lunch=["12:00-13:00"]))  # type: ignore[arg-type, list-item]
AIKO = Member(name="Aiko", role="responder", hours=DAY)
ALWAYS = Member(name="Ken", role="responder")


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-{clock}").replace(tzinfo=ZoneInfo("Asia/Tokyo")).astimezone(UTC)


@pytest.mark.parametrize(
    ("holder", "touched", "now", "why"),
    [
        (AIKO, "03-02 10:00", "03-02 10:29", None),
        (AIKO, "03-02 10:00", "03-02 10:30", "silent"),
        (AIKO, "03-02 11:50", "03-02 13:00", None),  # lunch is no silence
        (AIKO, "03-02 11:50", "03-02 13:20", "silent"),
        (AIKO, "03-02 17:45", "03-02 18:00", "shift_end"),
        (AIKO, "03-02 17:45", "03-02 17:59", None),
        (AIKO, "03-02 20:00", "03-02 20:29", None),  # after hours, of one's own will
        (AIKO, "03-02 20:00", "03-02 20:30", "silent"),
        (ALWAYS, "03-07 03:00", "03-07 03:30", "silent"),
        (None, "03-02 10:00", "03-02 10:30", "silent"),
    ],
)
def test_silence_and_shift_ends(holder: Member | None, touched: str, now: str, why: str | None) -> None:
    def found(*, kept: str | None = None, answered: bool = False) -> str | None:
        return goes_back(
            holder,
            touched_at=at(touched),
            kept_until=at(kept) if kept else None,
            answered=answered,
            after=timedelta(minutes=30),
            now=at(now),
        )

    assert found() == why
    assert found(answered=True) is None
    assert found(kept="03-09 10:00") is None
    assert found(kept=touched) == why
