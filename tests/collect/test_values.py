"""What fields of strangers' JSON say."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.collect import _values
from listener.collect._platform import MalformedError
from listener.types import Mention, Rejection

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-25T10:00:00Z", NOW - timedelta(hours=2)),
        ("2026-11-25T19:00:00+09:00", NOW - timedelta(hours=2)),
        ("2026-11-25T10:00:00.000000", NOW - timedelta(hours=2)),
        (int((NOW - timedelta(hours=2)).timestamp()), NOW - timedelta(hours=2)),
        (str(int((NOW - timedelta(hours=2)).timestamp())), NOW - timedelta(hours=2)),
        ("2026-11-25T14:00:00Z", NOW),  # a clock that is ahead
        ("2026-12-25T14:00:00Z", None),
        ("1970-01-01T00:00:00Z", None),
        ("yesterday", None),
        ("", None),
        (True, None),
        (math.inf, None),
        ({}, None),
    ],
)
def test_moments(value: object, expected: datetime | None) -> None:
    assert _values.moment(value, NOW) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(3, 3), ("3", 3), (0, 0), (-1, None), (True, None), (1.5, None), ("x", None), (1 << 60, None)],
)
def test_counts(value: object, expected: int | None) -> None:
    assert _values.count(value) == expected


@given(JSON)
def test_nothing_that_is_json_breaks_a_field(value: object) -> None:
    assert isinstance(_values.words(value), str)
    assert isinstance(_values.words(value, html=True), str)
    assert _values.inner(value, "a", "b") is None or isinstance(value, dict)
    assert isinstance(_values.entries(value), list)
    for read in (_values.name, _values.link, _values.count):
        read(value)
    _values.moment(value, NOW)


@given(st.lists(JSON, max_size=5))
def test_an_entry_that_cannot_be_read_costs_no_other(items: list[object]) -> None:
    def read(item: object) -> Mention:
        entry = _values.table(item)
        return Mention(source="s", native_id=_values.identity(entry.get("a")), text="t", posted_at=NOW)

    found = list(_values.readings(items, read, "s"))
    assert len(found) == len(items)
    assert all(isinstance(event, Mention | Rejection) for event in found)


def test_a_rejection_names_the_place_never_the_text() -> None:
    def read(item: object) -> Mention:
        raise MalformedError("entry", "no date")

    assert list(_values.readings(["secret words"], read, "s")) == [
        Rejection(source="s", place="entry 1", reason="no date")
    ]
