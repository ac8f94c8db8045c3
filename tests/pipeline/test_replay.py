"""Replay: the same triage over a file, by a clock that sees only the past."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from listener.pipeline.replay import in_order, replay, score, to_plain
from listener.text.records import BadRecord, Record
from listener.triage.advance import Policy, Sighting
from listener.triage.surges.brand import is_read
from listener.types import CAUSES

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
TEXTS = (
    "ログインできない",
    "登录不了，报错",
    "cannot log in",
    "login error again",
    "ログイン画面でエラー",
    "一直登录失败",
)


def post(key: str, hours: float, text: str = "fine", *, unhappy: bool = False, brand: str = "Soba") -> Sighting:
    return Sighting(
        key=key,
        brand=brand,
        posted_at=MONDAY + timedelta(hours=hours),
        text=text,
        lang="en",
        source="",
        complaint=0.9 if unhappy else 0.02,
        flagged=unhappy,
        cause="outage" if unhappy else "none",
    )


@pytest.fixture
def stream() -> list[Sighting]:
    random = np.random.default_rng(4)
    calm = [post(f"c{n}", at, "soup salty", unhappy=n % 6 == 0) for n, at in enumerate(random.random(300) * 240)]
    crisis = [post(f"x{n}", 200.5 + n / 12, TEXTS[n % 6], unhappy=True) for n in range(24)]
    return [*calm, *crisis]


def report(posts: Sequence[Sighting], **options: Any) -> dict[str, Any]:
    return to_plain(replay(in_order(posts), Policy(cap=None, **options)))


def test_the_report(stream: list[Sighting]) -> None:
    found = report(stream)
    assert list(found) == ["incidents", "alarms", "posts"]
    assert found["posts"] == len(stream)
    assert found["alarms"] == sum(one["alarm_at"] is not None for one in found["incidents"]) >= 1
    posted = {one.key: one for one in stream}
    for one in found["incidents"]:
        names = ["id", "brand", "cause", "title", "languages", "first_mention_at", "alarm_at", "members"]
        assert list(one) == names
        assert one["cause"] in CAUSES
        assert one["members"]
        assert all(posted[key].flagged for key in one["members"])
        first = datetime.fromisoformat(one["first_mention_at"])
        assert abs(first - min(posted[key].posted_at for key in one["members"])) < timedelta(milliseconds=1)
    ids = [one["id"] for one in found["incidents"]]
    assert len(set(ids)) == len(ids)
    members = [key for one in found["incidents"] for key in one["members"]]
    assert len(set(members)) == len(members)
    json.dumps(found, allow_nan=False)


def test_the_crisis_rings_by_the_clock_and_not_before(stream: list[Sighting]) -> None:
    found = report(stream)
    rang = [one for one in found["incidents"] if one["alarm_at"] and "x5" in one["members"]]
    assert len(rang) == 1
    at = datetime.fromisoformat(rang[0]["alarm_at"])
    start = next(one.posted_at for one in stream if one.key == "x0")
    assert start < at <= start + timedelta(minutes=40)
    assert at.microsecond == 0


def test_only_the_past_is_seen(stream: list[Sighting]) -> None:
    whole = report(stream)
    for cut in (201.0, 201.5, 202.0):
        until = MONDAY + timedelta(hours=cut)
        part = report([one for one in stream if one.posted_at < until])
        earlier = [one["alarm_at"] for one in whole["incidents"] if one["alarm_at"]]
        known = sorted(at for at in earlier if datetime.fromisoformat(at) <= until)
        assert sorted(one["alarm_at"] for one in part["incidents"] if one["alarm_at"]) == known


def test_order_of_lines_and_repetitions_change_nothing(stream: list[Sighting]) -> None:
    plain = report(stream)
    random = np.random.default_rng(1)
    shuffled = [stream[row] for row in random.permutation(len(stream))]
    assert report([*shuffled, *stream[::3]]) == plain


def test_a_larger_budget_never_rings_less(stream: list[Sighting]) -> None:
    assert report(stream, budget=20.0)["alarms"] >= report(stream, budget=0.01)["alarms"]


def test_brands_are_kept_apart(stream: list[Sighting]) -> None:
    alone = report(stream)
    beside = [replace(one, brand="Udon", key=f"u{one.key}") for one in stream[:150]]
    both = report([*stream, *beside])
    assert [one for one in both["incidents"] if one["brand"] == "Soba"] == alone["incidents"]


def test_copies_are_known_as_such() -> None:
    text = "this brand has treated every one of its customers like dirt for years, do not buy there"
    ordered = in_order([post(f"p{n}", n, f"{text}!" if n else text, unhappy=True) for n in range(3)])
    assert len({one.copies for one in ordered}) == 1
    assert ordered[0].copies is not None


@dataclass
class Guess:
    """A classifier that flags what says `bad`."""

    seen: list[tuple[str, str | None]] = field(default_factory=list)

    def probabilities(self, texts: Sequence[str], langs: Sequence[str | None]) -> Any:
        self.seen += zip(texts, langs, strict=True)
        bad = np.array(["bad" in text for text in texts])

        class Found:
            complaint = np.where(bad, 0.9, 0.1)
            flagged = bad
            cause = np.full((len(texts), len(CAUSES)), 1 / len(CAUSES))
            heads: tuple[str, ...] = ("en",) * len(texts)

        return Found()


def test_records_are_scored_and_what_is_unusable_is_told() -> None:
    told: list[tuple[str, str]] = []
    records = [
        Record("a", "bad soup", 1, brand="Soba", posted_at=MONDAY, complaint=0, severity=0, cause="none"),
        Record("b", "fine", 2, brand="Soba"),
        Record("c", "fine", 3, posted_at=MONDAY),
        BadRecord("f.jsonl:4", "not JSON", True),
        Record("e", "fine", 5, brand="Soba", posted_at=MONDAY, lang="ja", complaint=1, cause="refund"),
    ]
    guess = Guess()
    found = score(records, guess, lambda place, reason: told.append((place, reason)), "f.jsonl")  # type: ignore[arg-type]
    assert [(one.key, one.flagged, one.cause != "none") for one in found] == [("a", True, True), ("e", False, False)]
    assert [place for place, _ in told] == ["f.jsonl:2", "f.jsonl:3", "f.jsonl:4"]
    assert guess.seen == [("bad soup", None), ("fine", "ja")]


def test_texts_that_triage_does_not_need_are_not_kept() -> None:
    records = [Record(f"k{n}", f"fine day number {n}", n, brand="Soba", posted_at=MONDAY) for n in range(100)]
    found = score(records, Guess(), lambda place, reason: None, "f")  # type: ignore[arg-type]
    kept = [one for one in found if one.text]
    assert len(kept) < 60
    assert all(is_read(one.key, one.complaint) for one in kept)


@pytest.mark.parametrize("edge", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 40, tzinfo=UTC)])
def test_the_ends_of_the_calendar_are_survived(edge: datetime, stream: list[Sighting]) -> None:
    odd = [replace(stream[0], key=f"odd{n}", posted_at=edge + timedelta(seconds=n), flagged=True) for n in range(19)]
    assert report(odd)["posts"] == len(odd)
    alone = [one["alarm_at"] for one in report(stream)["incidents"] if "x5" in one["members"]]
    beside = report([*stream, *(replace(one, brand="Udon") for one in odd)])
    assert [one["alarm_at"] for one in beside["incidents"] if "x5" in one["members"]] == alone


def test_brands_of_one_post_each_never_ring() -> None:
    found = report([post(f"p{n}", n / 60, TEXTS[n % 6], unhappy=True, brand=f"b{n}") for n in range(300)])
    assert found == {"incidents": [], "alarms": 0, "posts": 300}


def test_the_same_id_of_two_brands_is_two_posts(stream: list[Sighting]) -> None:
    found = report([*stream, *(replace(one, brand="Udon") for one in stream)])
    assert found["posts"] == 2 * len(stream)
    by_brand = [[one["members"] for one in found["incidents"] if one["brand"] == name] for name in ("Soba", "Udon")]
    assert by_brand[0] == by_brand[1] != []


def test_a_flood_in_a_minute_is_one_alarm(stream: list[Sighting]) -> None:
    flood = [post(f"f{n}", 230 + n / 72_000, f"{TEXTS[n % 6]} {n}", unhappy=True) for n in range(1200)]
    rang = [one for one in report([*stream, *flood])["incidents"] if one["alarm_at"] and "f900" in one["members"]]
    assert len(rang) == 1
    assert len(rang[0]["members"]) > 1000
    start = next(one.posted_at for one in flood if one.key == "f0")
    assert datetime.fromisoformat(rang[0]["alarm_at"]) <= start + timedelta(seconds=10)
