"""Listings that are polled: marks, overlaps, edits, counts, faults, one dead listing among others."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from listener.collect._poll import Page, Place, Polled, poll
from listener.errors import GoneError, SourceError, UnreachableError
from listener.types import Checkpoint, Deletion, Engagement, Event, Mention, Rejection

OPTIONS = Polled(name="s", kind="test")


def post(name: str, minutes: float = 1, text: str = "words", likes: int | None = None) -> Mention:
    at = datetime.now(UTC) - timedelta(minutes=minutes)
    counts = None if likes is None else Engagement(source="s", native_id=name, at=at, likes=likes)
    return Mention(source="s", native_id=name, text=text, posted_at=at, engagement=counts)


def place(*pages: Page, key: str = "p", asked: list[datetime] | None = None) -> Place:
    def give(since: datetime) -> Iterator[Page]:
        for page in pages:
            if asked is not None:
                asked.append(since)
            yield page

    return Place(key, key, give)


def run(*places: Place, checkpoint: Any = None) -> tuple[list[Event], Any]:
    """The events but checkpoints, and the last checkpoint."""
    events = list(poll(OPTIONS, checkpoint, places))
    marks = [event.value for event in events if isinstance(event, Checkpoint)]
    return [event for event in events if not isinstance(event, Checkpoint)], marks[-1]


def test_only_what_is_new_or_edited_is_handed_over_again() -> None:
    first, saved = run(place([post("a"), post("b")]))
    assert [event.native_id for event in first if isinstance(event, Mention)] == ["a", "b"]
    second, _ = run(place([post("c"), post("a", text="edited"), post("b")]), checkpoint=saved)
    assert [(event.native_id, event.text) for event in second if isinstance(event, Mention)] == [
        ("c", "words"),
        ("a", "edited"),
    ]


def test_new_counts_alone_are_an_engagement() -> None:
    _, saved = run(place([post("a", likes=1)]))
    assert run(place([post("a", likes=1)]), checkpoint=saved)[0] == []
    (counts,), _ = run(place([post("a", likes=2)]), checkpoint=saved)
    assert isinstance(counts, Engagement)
    assert counts.likes == 2


def test_a_walk_ends_where_the_last_one_began() -> None:
    asked: list[datetime] = []
    _, saved = run(place([post("a", 5)], [post("b", 60 * 30)], [post("never asked", 60 * 40)], asked=asked))
    assert len(asked) == 2
    assert datetime.now(UTC) - asked[0] == pytest.approx(timedelta(days=1), abs=timedelta(minutes=1))
    asked.clear()
    run(place([post("c", 1)], [post("b", 60 * 30)], [post("never asked", 60 * 40)], asked=asked), checkpoint=saved)
    assert len(asked) == 2
    assert datetime.now(UTC) - asked[0] == pytest.approx(timedelta(minutes=20), abs=timedelta(minutes=1))


def test_the_newest_page_is_taken_whatever_its_age_then_the_window_counts() -> None:
    found, saved = run(place([post("a", 60), post("b", 60 * 25)], [post("never", 60 * 26)]))
    assert [event.native_id for event in found if isinstance(event, Mention)] == ["a", "b"]
    found, _ = run(place([post("c", 1), post("d", 60 * 25)]), checkpoint=saved)
    assert [event.native_id for event in found if isinstance(event, Mention)] == ["c"]


def test_a_fault_that_every_pass_finds_again_counts_once() -> None:
    fault = Rejection(source="s", place="entry 1", reason="no date")
    first, saved = run(place([fault, post("a")]))
    assert fault in first
    second, saved = run(place([post("b"), fault]), checkpoint=saved)
    assert fault not in second
    third, _ = run(place([fault, fault]), checkpoint=saved)
    assert third == [fault]


def test_a_deletion_is_told_once() -> None:
    gone = Deletion(source="s", native_id="a", at=datetime.now(UTC))
    first, saved = run(place([gone]))
    assert first == [gone]
    assert run(place([gone]), checkpoint=saved)[0] == []


def dead(error: Exception, key: str = "dead") -> Place:
    def give(since: datetime) -> Iterator[Page]:
        raise error
        yield  # pragma: no cover

    return Place(key, key, give)


def until_it_fails(*places: Place, checkpoint: Any = None) -> tuple[list[Event], SourceError]:
    events: list[Event] = []
    try:
        events.extend(poll(OPTIONS, checkpoint, places))
    except SourceError as error:
        return events, error
    pytest.fail("nothing was raised")


def test_one_dead_listing_does_not_stop_the_others() -> None:
    events, error = until_it_fails(dead(GoneError("s", "gone")), place([post("a")]))
    assert [event.native_id for event in events if isinstance(event, Mention)] == ["a"]
    assert error.retry_after == OPTIONS.every.total_seconds()


def test_all_dead_is_a_dead_source_and_its_marks_stay() -> None:
    _, saved = run(place([post("a")], key="dead"))
    events, error = until_it_fails(dead(UnreachableError("s", "cut")), checkpoint=saved)
    assert events == [Checkpoint(source="s", value=saved)]
    assert error.retry_after is None


@pytest.mark.parametrize(
    "broken",
    [{"places": 3}, {"places": {"p": 7}}, {"places": {"p": {"mark": "x", "seen": {"a": 1}, "faults": {"r": "x"}}}}, {}],
)
def test_a_checkpoint_that_is_none_costs_only_asking_again(broken: Any) -> None:
    assert len(run(place([post("a")]), checkpoint=broken)[0]) == 1
