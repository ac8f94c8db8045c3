"""The demo day as a source."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from listener.collect.demo import Options, collect
from listener.errors import GoneError
from listener.types import Checkpoint, Deletion, Engagement, Event, Mention

DAY = [
    {"at": 0, "source": "a", "id": "1", "text": "old", "truth": {"complaint": 1}},
    {"at": 60, "source": "b", "id": "x", "text": "another source"},
    {"at": 3600, "source": "a", "id": "2", "text": "later", "engagement": {"likes": 3}, "brand": "B"},
    {"at": 3660, "source": "a", "id": "1", "text": "old, edited", "edit": True},
    {"at": 3670, "source": "a", "id": "2", "engagement": {"likes": 5}},
    {"at": 3680, "source": "a", "id": "2", "deleted": True},
]


@pytest.fixture
def day(tmp_path: Path) -> Path:
    path = tmp_path / "day.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in DAY))
    return path


def options(path: Path, started_ago: timedelta, **more: object) -> Options:
    return Options(
        name="a",
        kind="demo",
        path=str(path),
        live_from=timedelta(hours=1),
        speed=10,
        history_speed=4,
        started_at=datetime.now(UTC) - started_ago,
        **more,  # type: ignore[arg-type]
    )


def until_caught_up(given: Options, checkpoint: dict[str, object] | None = None) -> list[Event]:
    return list(
        itertools.takewhile(lambda e: not (isinstance(e, Checkpoint) and e.caught_up), collect(given, checkpoint))
    )


def test_history_comes_at_once_and_what_is_still_to_come_does_not(day: Path) -> None:
    given = options(day, timedelta(seconds=0.5))
    events = until_caught_up(given)
    mentions = [event for event in events if isinstance(event, Mention)]
    assert [mention.text for mention in mentions] == ["old", "later"]
    assert given.started_at is not None
    assert mentions[0].posted_at == given.started_at - timedelta(minutes=15)
    assert mentions[1].posted_at == given.started_at
    assert mentions[1].brands == ("B",)
    assert mentions[1].engagement == Engagement(source="a", native_id="2", at=given.started_at, likes=3)


def test_edits_counts_and_deletions_come_in_their_time(day: Path) -> None:
    given = options(day, timedelta(minutes=1))
    events = [event for event in until_caught_up(given) if not isinstance(event, Checkpoint)]
    assert [type(event) for event in events] == [Mention, Mention, Mention, Engagement, Deletion]
    first, _, edited, *_ = events
    assert isinstance(first, Mention)
    assert isinstance(edited, Mention)
    assert edited.text == "old, edited"
    assert edited.posted_at == first.posted_at, "an edit does not make a post younger"


def test_it_goes_on_after_its_checkpoint(day: Path) -> None:
    given = options(day, timedelta(minutes=1))
    whole = until_caught_up(given)
    for cut in range(len(whole)):
        saved = [dict(event.value) for event in whole[:cut] if isinstance(event, Checkpoint)]
        again = until_caught_up(given, saved[-1] if saved else None)
        done = saved[-1]["done"] * 2 if saved else 0
        assert again == whole[done:]


def test_a_missing_day_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(GoneError, match=r"nowhere\.jsonl"):
        next(collect(options(tmp_path / "nowhere.jsonl", timedelta()), None))
