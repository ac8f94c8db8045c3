"""Streams of invented mentions for early detection: an ordinary life, and problems in three languages."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby

import numpy as np
import pytest

from listener.triage.advance import Policy, Sighting, State, advance
from listener.triage.incidents.news import Decision, Joined, Left, Opened, Rang, Retitled

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)

CALM = {
    "ja": (
        "電車が混んでいて疲れた",
        "カレーが少し辛すぎた",
        "席が狭くて足が痛い",
        "包装が破れていた",
        "色が写真と違った",
    ),
    "zh": ("面条有点咸", "包装盒压扁了", "颜色和图片不一样", "座位太挤了", "价格比上个月贵"),
    "en": ("soup was a bit salty", "box arrived dented", "colour is not like the photo", "seat too small", "pricey"),
}
OUTAGE = {
    "ja": (
        "アプリにログインできない",
        "ログインするとエラーになる",
        "更新したらログインできなくなった",
        "サーバー落ちてる？ログイン不可",
    ),
    "zh": ("更新之后登录不了", "一直登录失败，报错", "服务器是不是崩溃了，登录不上", "登录页面打不开"),
    "en": (
        "cannot log in since the update",
        "login fails with an error",
        "is the server down? login broken",
        "login page",
    ),
}


@dataclass
class Told:
    """Everything that was decided, and the state at the end."""

    state: State = field(default_factory=State)
    decisions: list[Decision] = field(default_factory=list)

    @property
    def alarms(self) -> list[Rang]:
        return [one for one in self.decisions if isinstance(one, Rang)]

    @property
    def members(self) -> dict[str, tuple[str, int]]:
        """The incident of each member at the end."""
        found: dict[str, tuple[str, int]] = {}
        for one in self.decisions:
            if isinstance(one, Joined):
                found[one.key] = (one.brand, one.incident)
            elif isinstance(one, Left) and found.get(one.key) == (one.brand, one.incident):
                del found[one.key]
        return found

    @property
    def titles(self) -> dict[tuple[str, int], str]:
        return {(o.brand, o.incident): o.title for o in self.decisions if isinstance(o, Opened | Retitled)}


class World:
    """Makes mentions and plays them, a minute at a time, each at its time of posting."""

    def __init__(self, seed: int = 1) -> None:
        self.random = np.random.default_rng(seed)
        self.count = 0

    def mention(
        self,
        at: datetime,
        text: str = "soup was a bit salty",
        *,
        lang: str = "en",
        unhappy: bool = True,
        cause: str = "quality",
        brand: str = "Soba",
        **changes: object,
    ) -> Sighting:
        self.count += 1
        fields = {
            "key": f"m{self.count}",
            "brand": brand,
            "posted_at": at,
            "text": text,
            "lang": lang,
            "source": "feed",
            "complaint": 0.9 if unhappy else 0.05,
            "flagged": unhappy,
            "cause": cause if unhappy else "none",
        }
        return Sighting(**{**fields, **changes})  # type: ignore[arg-type]

    def ordinary(
        self, days: float, *, unhappy: float = 6, harmless: float = 30, start: datetime = MONDAY, brand: str = "Soba"
    ) -> list[Sighting]:
        """So many of each kind a day, at random times, of causes and languages as they come."""
        made = []
        for kind, rate in ((True, unhappy), (False, harmless)):
            for hours in self.random.random(self.random.poisson(rate * days)) * days * 24:
                lang = str(self.random.choice(["ja", "zh", "en"]))
                text = CALM[lang][self.random.integers(5)]
                cause = str(self.random.choice(["quality", "price", "delivery", "wait"]))
                at = start + timedelta(hours=float(hours))
                made.append(self.mention(at, text, lang=lang, unhappy=kind, cause=cause, brand=brand))
        return made

    def outage(
        self,
        start: datetime,
        count: int = 15,
        *,
        minutes: float = 60,
        langs: Sequence[str] = ("ja", "zh", "en"),
        **changes: object,
    ) -> list[Sighting]:
        """So many people who cannot log in, evenly over some minutes."""
        made = []
        for number in range(count):
            lang = langs[number % len(langs)]
            at = start + timedelta(minutes=minutes * number / count)
            text = OUTAGE[lang][number // len(langs) % 4]
            made.append(self.mention(at, text, lang=lang, cause="outage", **changes))  # type: ignore[arg-type]
        return made

    def play(self, mentions: Sequence[Sighting], state: State | None = None, *, budget: float = 1.0) -> Told:
        told = Told(state or State())
        ordered = sorted(mentions, key=lambda one: one.posted_at)
        for minute, batch in groupby(ordered, key=lambda one: one.posted_at.replace(second=0, microsecond=0)):
            self.step(told, list(batch), minute + timedelta(minutes=1), budget)
        return told

    def step(self, told: Told, batch: Sequence[Sighting], now: datetime, budget: float = 1.0) -> None:
        told.state, decisions = advance(told.state, batch, now, Policy(budget=budget, cap=None))
        told.decisions += decisions


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def monday() -> datetime:
    return MONDAY
