"""One problem told by two crowds rings once; the same again days later rings again."""

from datetime import datetime, timedelta
from typing import Any

from listener.triage.incidents.news import Escalated


def test_a_second_crowd_joins_what_rings_already(world: Any, monday: datetime) -> None:
    start = monday + timedelta(days=9, hours=5)
    first = world.outage(start, 12, minutes=40, langs=("ja",))
    second = world.outage(start + timedelta(minutes=30), 24, minutes=50, langs=("en", "zh"))
    told = world.play([*world.ordinary(9), *first, *second])
    assert len(told.alarms) == 1
    own = {told.members[one.key] for one in [*first, *second] if one.key in told.members}
    assert own == {("Soba", told.alarms[0].incident)}
    assert sum(one.key in told.members for one in second) > 18
    assert [one.level for one in told.decisions if isinstance(one, Escalated)][-1] == 2


def test_the_same_again_much_later_rings_again(world: Any, monday: datetime) -> None:
    start = monday + timedelta(days=7, hours=5)
    again = world.outage(start + timedelta(days=2), 18)
    told = world.play([*world.ordinary(10), *world.outage(start, 18), *again])
    assert len(told.alarms) == 2
