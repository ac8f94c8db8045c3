"""A brand's ordinary days: rates by hour of the day and weekday, how bursty they are, and operational time.

Operational time runs as many units as unhappy mentions are expected: an hour in which three are usual adds three, an
hour of a benign burst (much more said than usual, and most of it not unhappy) adds what its loudness explains. In it
an ordinary stream has intensity one, so all that follows need not know of nights, weekends and product launches.

What is learnt is kept as sums that halve every `HALF_LIFE`, after a lag, so that the surge that is looked for is not
taken for the usual. With little history the rate is that of a gamma prior and the counts are expected to scatter as
much as that uncertainty makes them (`Background.shape`): the first days ring only for what would be loud anywhere.
Times are seconds since 1970, UTC; a change to daylight saving moves the people by an hour, not this clock.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

HOUR: Final = 3600.0
HALF_LIFE: Final = 21 * 24.0
"""Hours after which what was learnt counts half."""
LAG: Final = 12
"""Hours that are not learnt yet; less (a quarter of its age) while the brand is new."""
PRIOR_HOURS: Final = 6.0
"""The rate before anything is known: one unhappy mention in so many hours, known as badly as one count allows."""
BURSTY: Final = 10.0
"""Shape of the gamma by which an hour's rate scatters, until the brand's own scatter is known."""
LOUDNESS: Final = (1200.0, 10800.0)
"""Seconds over which loudness is taken: a burst of minutes and one of hours."""
QUIET_GAP: Final = 36.0
"""Hours of silence from which, if it is also twenty times the usual pause, nobody was listening."""
_CALM: Final = 2.5
_LOUDEST: Final = 300.0
_EXPONENT: Final = 1.0
"""How far loudness raises the expectation: 1 in proportion, 0 not at all."""
_HOURS_PRIOR, _DAYS_PRIOR = 12.0, 40.0


@dataclass(slots=True)
class Background:
    """All of it; plain numbers and arrays, replaced and never changed in place, so that copies may share them."""

    first: float = math.nan
    last: float = math.nan
    clock: float = 0.0
    """Operational time at `last`."""
    exposure: float = 0.0
    """Hours learnt, halved with age; likewise the next four."""
    unhappy: float = 0.0
    harmless: float = 0.0
    by_hour: Doubles = field(default_factory=lambda: np.zeros((2, 24)))
    """Mentions, and hours observed, by hour of the day; below by weekday."""
    by_day: Doubles = field(default_factory=lambda: np.zeros((2, 7)))
    scatter: Doubles = field(default_factory=lambda: np.zeros(2))
    """Sums of (count - expected)^2 - count and of expected^2 over stretches of six hours."""
    pending: tuple[tuple[int, float, float], ...] = ()
    """Hours not learnt yet: number, harmless, unhappy."""
    stretch: tuple[int, float, float] = (0, 0.0, 0.0)
    loud: Doubles = field(default_factory=lambda: np.zeros((2, len(LOUDNESS))))
    """Harmless mentions of late, decayed, and as many as would be usual."""
    pace: float = 0.0
    """Operational time that a second takes now."""
    marks: tuple[tuple[float, float], ...] = ()
    """(time, operational time) of each of the last hours, for what arrives late."""
    rhythm: Doubles = field(default_factory=lambda: np.ones(24 * 7))
    """What an hour of the week (Monday 0:00 first) has against the mean."""

    # ------------------------------------------------------------------ what is usual

    @property
    def rate(self) -> float:
        """Unhappy mentions an hour, on average over the week."""
        return (self.unhappy + 1.0) / (self.exposure + PRIOR_HOURS)

    @property
    def chatter(self) -> float:
        """Harmless mentions an hour, on average over the week."""
        return (self.harmless + 0.5) / (self.exposure + 1.0)

    @property
    def shape(self) -> float:
        """Gamma shape of the rate: the brand's own scatter and what is not known yet, together."""
        excess, expected = self.scatter
        own = max(0.0, float(excess) + 4.0 / BURSTY) / (float(expected) + 4.0)
        return 1.0 / (min(max(own, 0.02), 1.0) + 1.0 / (self.unhappy + 1.0))

    @property
    def age(self) -> float:
        """Hours since the first mention."""
        return 0.0 if math.isnan(self.first) else (self.last - self.first) / HOUR

    @property
    def lag(self) -> int:
        """Hours after which what was is learnt."""
        return LAG if self.age > 4 * LAG else max(1, int(self.age // 4))

    def factor(self, at: float) -> float:
        """What this hour of the week has against the mean."""
        return float(self.rhythm[week_hour(at)])

    def operational(self, at: float) -> float:
        """Operational time of a moment that is past; of the future, that of now."""
        if at >= self.last or not self.marks:
            return self.clock
        times, clocks = zip(*self.marks, strict=True)
        return float(np.interp(at, (*times, self.last), (*clocks, self.clock)))

    def expected(self, start: float, end: float) -> float:
        """Unhappy mentions that are usual between two times, at most two weeks apart; loudness left aside."""
        if not end > start:
            return 0.0
        edges = [start, *np.arange(math.floor(start / HOUR) + 1, math.ceil(end / HOUR))[: 24 * 14] * HOUR, end]
        return self.rate * math.fsum(self.factor(a) * (b - a) / HOUR for a, b in pairwise(edges) if b > a)

    # ------------------------------------------------------------------ time passes

    def move(self, at: float, harmless: float) -> None:
        """Time passes to `at`, where something is said that is harmless to this degree (0..1)."""
        if math.isnan(self.last):
            self.first = self.last = at
            self.pace = self.rate / HOUR
            self.marks = ((at, 0.0),)
        if at > self.last:
            if self._hole(at):
                self._skip(at)
            hour = int(at // HOUR)
            if hour > int(self.last // HOUR):
                self._learn(hour)
            self._tick(at)
        self.loud = np.array([self.loud[0] + harmless, self.loud[1]])

    def count(self, at: float, harmless: float, *, unhappy: bool) -> None:
        """Take a mention into the hour it was posted in, if that is not learnt yet."""
        hour = int(at // HOUR)
        known = {number: (calm, bad) for number, calm, bad in self.pending}
        oldest = self.pending[0][0] if self.pending else hour
        if hour < oldest:
            return
        calm, bad = known.get(hour, (0.0, 0.0))
        known[hour] = (calm + harmless, bad + unhappy)
        self.pending = tuple((number, *known[number]) for number in sorted(known))

    def forgive(self, at: float, belief: float) -> None:
        """A mention counted at this time belongs, with this probability, to an incident: so much less is learnt."""
        hour = int(at // HOUR)
        self.pending = tuple(
            (number, calm, max(0.0, bad - belief) if number == hour else bad) for number, calm, bad in self.pending
        )

    def _hole(self, at: float) -> bool:
        silent = (at - self.last) / HOUR
        return silent > QUIET_GAP and silent * (self.chatter + self.rate) > 20

    def _skip(self, at: float) -> None:
        """Nobody listened: what is pending is learnt, the silence is not, the clock goes on from here."""
        self._learn(int(self.last // HOUR) + LAG)
        self.pending = ((int(at // HOUR), 0.0, 0.0),)
        self.first += at - self.last
        self.last = at
        self.loud = np.zeros_like(self.loud)
        self.marks = ((at, self.clock),)

    def _tick(self, at: float) -> None:
        elapsed = at - self.last
        factor = self.factor(at)
        span = np.array(LOUDNESS)
        kept = np.exp(-elapsed / span)
        usual = self.loud[1] * kept + max(0.02, self.chatter) * factor * span / HOUR * (1 - kept)
        said = self.loud[0] * kept
        self.loud = np.array([said, usual])
        ratio = float(((_CALM + said) / (_CALM + usual)).max()) ** _EXPONENT
        self.pace = self.rate * factor * min(max(ratio, 0.5), _LOUDEST) / HOUR
        self.clock += self.pace * elapsed
        self.last = at
        if at - self.marks[-1][0] >= HOUR:
            self.marks = (*self.marks, (at, self.clock))[-26:]

    # ------------------------------------------------------------------ what was is learnt

    def _learn(self, hour: int) -> None:
        """Learn the hours that are old enough, those in which nothing was said included."""
        start = self.pending[0][0] if self.pending else hour
        found = {number: (calm, bad) for number, calm, bad in self.pending}
        upto = hour - self.lag
        if upto <= start:
            return
        self.pending = tuple(one for one in self.pending if one[0] >= upto) or ((upto, 0.0, 0.0),)
        if self.pending[0][0] > upto:
            self.pending = ((upto, 0.0, 0.0), *self.pending)
        for number in range(start, upto):
            self._take(number, *found.get(number, (0.0, 0.0)))
        self._set_rhythm()

    def _take(self, number: int, calm: float, bad: float) -> None:
        usual = float(self.rhythm[week_hour(number * HOUR)])
        if self.exposure >= 24:
            calm = min(calm, max(5.0, 4 * self.chatter * usual))
            bad = min(bad, max(3.0, 8 * self.rate * usual))
        self._note_scatter(number, bad, self.rate * usual)
        kept = 0.5 ** (1 / HALF_LIFE)
        self.exposure = self.exposure * kept + 1
        self.unhappy = self.unhappy * kept + bad
        self.harmless = self.harmless * kept + calm
        at = week_hour(number * HOUR)
        by_hour, by_day = self.by_hour * kept, self.by_day * kept
        by_hour[:, at % 24] += (calm + bad, 1.0)
        by_day[:, at // 24] += (calm + bad, 1.0)
        self.by_hour, self.by_day = by_hour, by_day

    def _note_scatter(self, number: int, bad: float, usual: float) -> None:
        which, seen, expected = self.stretch
        if number // 6 == which:
            self.stretch = (which, seen + bad, expected + usual)
            return
        if self.exposure > 24:
            kept = 0.5 ** (6 / HALF_LIFE)
            off = min((seen - expected) ** 2, (5 * math.sqrt(expected + 1) + expected) ** 2) - seen
            self.scatter = self.scatter * kept + np.array([off, expected**2])
        self.stretch = (number // 6, bad, usual)

    def _set_rhythm(self) -> None:
        """Hour of the day (smoothed over its neighbours) times weekday, each drawn towards one."""
        if self.exposure < 24:
            return
        mean = (self.harmless + self.unhappy + 1.0) / (self.exposure + 1.0)
        hours = self.by_hour + 0.5 * (np.roll(self.by_hour, 1, axis=1) + np.roll(self.by_hour, -1, axis=1))
        of_hour = (hours[0] + _HOURS_PRIOR) / (hours[1] * mean + _HOURS_PRIOR)
        of_day = (self.by_day[0] + _DAYS_PRIOR) / (self.by_day[1] * mean + _DAYS_PRIOR)
        rhythm = np.outer(of_day, of_hour).ravel()
        self.rhythm = rhythm / rhythm.mean()


def week_hour(at: float) -> int:
    """The hour of the week of a time, 0 for Monday 0:00 to 1:00 UTC."""
    return int(at // HOUR + 72) % 168
