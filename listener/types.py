"""The words of listener as values (DESIGN.md section 3). Frozen, typed, without behaviour.

All times are aware UTC. Probabilities are 0..1. Codes are those of the labelling guide (LABELS.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

LANGUAGES: Final = ("ja", "zh", "en")
"""What the classifier is trained for; every other text is `und` and gets a low-confidence verdict."""

CAUSES: Final = (
    "price",
    "delivery",
    "promise",
    "quality",
    "mistake",
    "communication",
    "attitude",
    "wait",
    "outage",
    "refund",
    "safety",
    "other",
)
"""The one cause a responder would have to fix first; a post that is no complaint has `none`."""

SEVERITIES: Final = {
    0: "none",
    1: "no_reproach",
    2: "disapproval",
    3: "accusation",
    4: "blame",
}
"""Trosborg (1995), as used for social media by Jin & Aletras (2021)."""

CHANNELS: Final = (
    "x",
    "reddit",
    "bluesky",
    "mastodon",
    "rss",
    "appstore",
    "playstore",
    "hotel",
    "restaurant",
    "shop",
    "forum",
    "weibo",
    "form",
)

OUTCOMES: Final = ("kept", "lost", "no_answer", "not_ours", "false_alarm")
"""How a case ended; nothing is resolved without one."""

DISMISSALS: Final = (
    "not_a_complaint",
    "duplicate",
    "not_ours",
    "campaign",
    "handled_elsewhere",
)
"""Why an alert was put aside; only `not_a_complaint` says something about the classifier, so only it writes a label."""

AlertState: TypeAlias = Literal["open", "claimed", "resolved", "dismissed"]


# ------------------------------------------------------------------ what collectors yield


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A public post or review as its platform gave it.

    `native_id` is unique within `source`. `lang` is what the platform declares (a prior, not a fact). `parent_id`,
    `thread_id` and `repost_of` are native ids of the same source. `brands` is what the source itself says it is about;
    matching by words happens when it is accepted.
    """

    source: str
    native_id: str
    text: str
    posted_at: datetime
    author: str | None = None
    title: str | None = None
    url: str | None = None
    lang: str | None = None
    channel: str | None = None
    parent_id: str | None = None
    thread_id: str | None = None
    repost_of: str | None = None
    brands: tuple[str, ...] = ()
    engagement: Engagement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """The platform says that this post is gone: its text must go here too."""

    source: str
    native_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Engagement:
    """Counts of one post at one time; None where the platform does not tell."""

    source: str
    native_id: str
    at: datetime
    replies: int | None = None
    shares: int | None = None
    likes: int | None = None
    views: int | None = None
    followers: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Everything yielded before this is covered: a collector started with `value` goes on right after it.

    `value` is plain JSON. `caught_up` says that nothing more is waiting now: `--once` stops there. A collector that
    waits for news yields a Checkpoint at least once a second, so that its caller can save, stop or close it.
    """

    source: str
    value: Mapping[str, Any] = field(default_factory=dict)
    caught_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """One record that could not be taken; `place` is FILE:LINE, an entry's number or a native id, never text."""

    source: str
    place: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a source has spent of what it may spend in a `period` (`day`, `month`); `unit` is a word for people."""

    unit: str
    spent: float
    limit: float
    period: str


Event: TypeAlias = Mention | Deletion | Engagement | Checkpoint | Rejection
"""DESIGN.md names the first four; Rejection was added so that what is dropped is counted, not only logged."""


# ------------------------------------------------------------------ what the classifier says


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A span of the text as given: code points, half-open; `weight` in log-odds of a complaint."""

    text: str
    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the classifier says of one text. Not flagged means severity 0 and cause `none`; churn stands by itself."""

    lang: str
    complaint: float
    flagged: bool
    severity: int
    cause: str
    churn: float
    model: str
    evidence: tuple[Evidence, ...] = ()
    causes: tuple[float, ...] | None = None
    """Probabilities of CAUSES, given that it is a complaint; None where the classifier does not tell."""


# ------------------------------------------------------------------ what triage decides


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One factor of a priority, shown to people: `name` is a code, `value` what it contributed, `note` why.

    It may as well be `low` or `high`: figures are assumptions with a range.
    """

    name: str
    value: float
    note: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Priority:
    """Value at stake per hour of silence, in the settings' unit, as the product of its factors.

    `rank` is the place in the queue (triage/priority.py); without one it is that of the value alone.
    """

    value: float
    factors: tuple[Factor, ...]
    rank: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A gold annotation; None where the annotator did not say. `origin` e.g. `board:dismiss`; `source` of the post."""

    text_sha256: str
    who: str
    at: datetime
    origin: str
    complaint: int | None = None
    severity: int | None = None
    cause: str | None = None
    churn: int | None = None
    selection_probability: float | None = None
    source: str | None = None
