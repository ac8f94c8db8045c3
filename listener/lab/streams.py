"""Streams of real posts with incidents of known onset: what early detection is tried on.

A brand's ordinary stream are real posts of one to three public sources, in one language or several, by day and night,
weekday and weekend, at a level that wanders for hours (counts are far more scattered than Poisson), with benign bursts
of posts that are no complaints. Into it go incidents: complaints of one cause, of one category of their set, or with a
word in common, in one language or in all that the brand has, in one of four shapes of growth. An incident counts if it
has at least FEWEST complaints in 24 hours at TIMES the brand's usual rate of complaints.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from listener.lab.bank import Bank
from listener.lab.unseen import Post
from listener.triage.advance import Sighting
from listener.types import CAUSES

Doubles = NDArray[np.float64]
Random = np.random.Generator

START: Final = datetime(2025, 3, 3, tzinfo=UTC).timestamp()
"""A Monday."""
DAY: Final = 86400.0
FEWEST: Final = 15
TIMES: Final = 3.0
SHAPES: Final = ("flat", "ramp", "exponential", "burst")
MOST: Final = 180
"""Complaints of one incident: there are not so many texts of one theme."""

Item = tuple[float, int, str | None]
"""Seconds from START, index of the post, incident."""


@dataclass(frozen=True, slots=True)
class Injected:
    """An incident whose onset is known. `times` of its complaints in seconds since 1970; `usual`: the brand's
    complaints a day without it."""

    id: str
    brand: str
    theme: str
    shape: str
    langs: tuple[str, ...]
    times: tuple[float, ...]
    usual: float

    @property
    def onset(self) -> float:
        """Its first complaint."""
        return self.times[0]

    @property
    def end(self) -> float:
        """Its last."""
        return self.times[-1]


@dataclass(frozen=True, slots=True)
class Stream:
    """Sightings in order of posting; `members` says which of them (by key) belong to which incident."""

    sightings: tuple[Sighting, ...]
    incidents: tuple[Injected, ...]
    members: Mapping[str, str]
    brands: Mapping[str, float]
    """Days of each brand."""

    @property
    def brand_weeks(self) -> float:
        """Brands times weeks."""
        return sum(self.brands.values()) / 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to build; rates are mentions a day, drawn evenly on a logarithmic scale."""

    seed: int
    brands: int = 24
    days: int = 21
    incidents: float = 2.0
    """A brand, on average."""
    warm_up: float = 4.0
    """Days before the first incident."""
    slowest: float = 12.0
    fastest: float = 250.0


@dataclass(slots=True)
class _Brand:
    name: str
    langs: list[str]
    weights: Doubles
    sources: dict[str, list[list[int]]]
    rate: float
    items: list[Item] = field(default_factory=list)
    incidents: list[Injected] = field(default_factory=list)


def build(bank: Bank, plan: Plan) -> Stream:
    """The same plan gives the same stream."""
    random = np.random.default_rng(plan.seed)
    brands = [_brand(bank, plan, number, random) for number in range(plan.brands)]
    for brand in brands:
        brand.items += _ordinary(brand, plan, random)
        brand.items += _benign(bank, brand, plan, random)
        _inject(bank, brand, plan, random)
    return _stream(bank, brands, plan)


def airline(posts: Sequence[Post]) -> Stream:
    """Tweets to six airlines at their true times, 16 to 24 February 2015; nothing is injected."""
    chosen = sorted(
        (post.posted_at, number) for number, post in enumerate(posts) if post.posted_at and post.file == "en_us_airline"
    )
    sightings = [sighting(posts[number], f"{number}", posts[number].brand or "", at) for at, number in chosen]
    days: dict[str, list[float]] = defaultdict(list)
    for one in sightings:
        days[one.brand].append(one.posted_at.timestamp())
    return Stream(tuple(sightings), (), {}, {brand: (max(at) - min(at)) / DAY for brand, at in days.items()})


def sighting(post: Post, key: str, brand: str, at: float) -> Sighting:
    """A post as triage sees it."""
    return Sighting(
        key=key,
        brand=brand,
        posted_at=datetime.fromtimestamp(at, UTC),
        text=post.text,
        lang=post.lang,
        source="",
        complaint=post.complaint,
        flagged=post.flagged,
        cause=CAUSES[int(np.argmax(post.causes))] if post.flagged else "none",
        causes=post.causes,
    )


# ------------------------------------------------------------------ ordinary days


def _brand(bank: Bank, plan: Plan, number: int, random: Random) -> _Brand:
    kind = random.choice(["ja", "zh", "en", "many"], p=[0.22, 0.22, 0.26, 0.3])
    langs = [str(kind)] if kind != "many" else [str(one) for one in random.permutation(["ja", "zh", "en"])]
    langs = langs[: random.integers(2, 4)]
    return _Brand(
        name=f"brand-{plan.seed}-{number}",
        langs=langs,
        weights=random.dirichlet(np.full(len(langs), 3.0)),
        sources={lang: bank.sources(lang, random) for lang in langs},
        rate=float(np.exp(random.uniform(np.log(plan.slowest), np.log(plan.fastest)))),
    )


def _ordinary(brand: _Brand, plan: Plan, random: Random) -> list[Item]:
    """Ten minutes at a time: rhythm of the day and the week times a level that wanders."""
    steps = plan.days * 144
    hours = np.arange(steps) / 6.0
    rhythm = 1 + random.uniform(0.3, 0.9) * np.sin((hours + random.choice([9, 8, 0, -5]) - 9) / 12 * np.pi)
    rhythm *= np.where((hours // 24) % 7 >= 5, random.uniform(0.7, 1.3), 1.0)
    spread, kept = random.uniform(0.15, 0.5), np.exp(-1 / (6 * random.uniform(3, 12)))
    level, noise = np.zeros(steps), random.normal(size=steps)
    for step in range(1, steps):
        level[step] = kept * level[step - 1] + np.sqrt(1 - kept**2) * noise[step]
    counts = random.poisson(brand.rate / 144 * rhythm * np.exp(spread * level - spread**2 / 2))
    times = np.repeat(np.arange(steps), counts) * 600 + random.random(counts.sum()) * 600
    return [(float(at), _any_post(brand, random), None) for at in times]


def _any_post(brand: _Brand, random: Random) -> int:
    sources = brand.sources[brand.langs[random.choice(len(brand.langs), p=brand.weights)]]
    source = sources[random.integers(len(sources))]
    return source[random.integers(len(source))]


def _benign(bank: Bank, brand: _Brand, plan: Plan, random: Random) -> list[Item]:
    """Bursts of posts that are no complaints, some of which the classifier flags all the same."""
    items: list[Item] = []
    for _ in range(random.poisson(plan.days / 10)):
        count = min(int(np.exp(random.uniform(np.log(20), np.log(250)))), int(brand.rate * 4) + 20)
        hours = random.uniform(0.5, 6)
        start = random.uniform(0, plan.days * DAY - hours * 3600)
        lang = brand.langs[random.integers(len(brand.langs))]
        pool = [number for source in brand.sources[lang] for number in source]
        drawn = random.choice(pool, 6 * count).tolist()
        happy = [number for number in drawn if _is_harmless(bank.posts[number])]
        times = start + 3600 * _growth(count, hours, str(random.choice(SHAPES)), random)
        items += [(float(at), happy[turn % len(happy)], None) for turn, at in enumerate(times) if happy]
    return items


def _is_harmless(post: Post) -> bool:
    return post.gold == 0 or (post.gold is None and post.complaint < 0.35)


# ------------------------------------------------------------------ incidents


def _inject(bank: Bank, brand: _Brand, plan: Plan, random: Random) -> None:
    usual = sum(bank.posts[number].unhappy for _, number, _ in brand.items) / plan.days
    starts: list[float] = []
    for _ in range(random.poisson(plan.incidents)):
        start = random.uniform(plan.warm_up, plan.days - 1.2)
        hours = float(np.exp(random.uniform(np.log(2), np.log(24))))
        shape = str(random.choice(SHAPES))
        theme, texts = _theme(bank, brand, _size(usual, hours, random), random)
        times = START + start * DAY + 3600 * _growth(len(texts), hours, shape, random)
        if any(abs(start - other) < 2.5 for other in starts) or not _counts(times, usual):
            continue
        starts.append(start)
        name = f"{brand.name}/{len(starts)}"
        langs = tuple(sorted({bank.posts[number].lang for number in texts}))
        brand.incidents.append(Injected(name, brand.name, theme, shape, langs, tuple(times.tolist()), usual))
        brand.items += [(float(at) - START, number, name) for at, number in zip(times, texts, strict=True)]


def _size(usual: float, hours: float, random: Random) -> int:
    """Complaints: three to twelve times what is usual in its time, and never too few to count."""
    factor = float(np.exp(random.uniform(np.log(3), np.log(12))))
    wanted = factor * usual * max(min(hours, 24.0) / 24, 0.3) * random.uniform(1, 1.5)
    least = max(FEWEST, TIMES * usual * hours / 24)
    return int(np.ceil(max(least, min(wanted, 150.0))))


def _theme(bank: Bank, brand: _Brand, count: int, random: Random) -> tuple[str, list[int]]:
    """What an incident is about, and its complaints; too few where there are no more."""
    causes = bank.causes(brand.langs)
    if len(brand.langs) > 1 and causes and random.random() < 0.7:
        cause = causes[random.integers(len(causes))]
        weights = random.dirichlet(np.full(len(brand.langs), 2.0))
        left = {lang: list(random.permutation(bank.themes["cause"][lang, cause])) for lang in brand.langs}
        drawn = random.choice(len(brand.langs), size=count, p=weights)
        texts = [int(left[brand.langs[which]].pop()) for which in drawn if left[brand.langs[which]]]
        return f"cause: {cause}", texts[:MOST]
    lang = brand.langs[random.choice(len(brand.langs), p=brand.weights)]
    kind = str(random.choice(["cause", "word", "category"], p=[0.55, 0.3, 0.15]))
    themes = [key for key in bank.themes[kind] if key[0] == lang] or [
        key for key in bank.themes["cause"] if key[0] == lang
    ]
    key = themes[random.integers(len(themes))]
    found = bank.themes[kind].get(key) or bank.themes["cause"][key]
    return f"{kind}: {key[1]}", [int(number) for number in random.permutation(found)[: min(count, MOST)]]


def _counts(times: Doubles, usual: float) -> bool:
    if len(times) < FEWEST:
        return False
    first_day = int((times - times[0] < DAY).sum())
    days = min(1.0, max((times[-1] - times[0]) / DAY, 1 / 24))
    return first_day >= FEWEST and first_day / days >= TIMES * usual


def _growth(count: int, hours: float, shape: str, random: Random) -> Doubles:
    """Hours from the onset of so many posts, the first at 0.

    `exponential` doubles four and a half times; `burst` falls off with the square of time after a sudden start.
    """
    even = random.random(count)
    match shape:
        case "flat":
            times = even * hours
        case "ramp":
            times = np.sqrt(even) * hours
        case "exponential":
            rate = 4.5 * np.log(2)
            times = np.log1p(even * (np.exp(rate) - 1)) / rate * hours
        case _:
            times = np.minimum(0.02 * hours * (1 / (1 - even * (1 - 1 / 51)) - 1), hours)
    times = np.sort(times)
    return times - times[0] if count else times


def _stream(bank: Bank, brands: Sequence[_Brand], plan: Plan) -> Stream:
    everything = sorted(
        (at, brand.name, number, incident or "") for brand in brands for at, number, incident in brand.items
    )
    sightings = [
        sighting(bank.posts[number], f"{key}", brand, START + at)
        for key, (at, brand, number, _) in enumerate(everything)
    ]
    members = {str(key): incident for key, (*_, incident) in enumerate(everything) if incident}
    incidents = [incident for brand in brands for incident in brand.incidents]
    return Stream(tuple(sightings), tuple(incidents), members, {brand.name: float(plan.days) for brand in brands})
