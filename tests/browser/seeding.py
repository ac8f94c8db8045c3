"""Fills a store for the browser tests the way the pipeline does: events in, verdicts, alerts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from listener.pipeline.accept import accept
from listener.pipeline.advance import advance
from listener.settings import Settings
from listener.store import Store
from listener.types import Engagement, Event, Evidence, Mention, Verdict


@dataclass(frozen=True)
class Sample:
    """A post, what the classifier would say of it, and how many minutes ago it was written."""

    text: str
    lang: str = "en"
    brand: str = "Kumo Mobile"
    source: str = "bluesky"
    cause: str = "quality"
    severity: int = 2
    churn: float = 0.1
    minutes: float = 5
    author: str | None = "somebody"
    evidence: tuple[str, ...] = ()
    followers: int = 0
    title: str | None = None
    channel: str | None = None
    url: str | None = None
    native_id: str | None = None
    parent_id: str | None = None
    complaint: float = 0.93
    flagged: bool = True


@dataclass
class ScriptedScorer:
    """Says of every text what its sample says."""

    by_text: dict[str, Sample] = field(default_factory=dict)

    def learn(self, samples: Iterable[Sample]) -> None:
        for sample in samples:
            self.by_text[_composed(sample)] = sample

    def verdicts(
        self,
        texts: Sequence[str],
        *,
        langs: Sequence[str | None] | None = None,
        sources: Sequence[str | None] | None = None,
        explain: bool = False,
    ) -> list[Verdict]:
        return [self._verdict(text) for text in texts]

    def _verdict(self, text: str) -> Verdict:
        sample = self.by_text[text]
        spans = tuple(
            Evidence(text=word, start=text.index(word), end=text.index(word) + len(word), weight=1.0)
            for word in sample.evidence
        )
        return Verdict(
            lang=sample.lang,
            complaint=sample.complaint,
            flagged=sample.flagged,
            severity=sample.severity if sample.flagged else 0,
            cause=sample.cause if sample.flagged else "none",
            churn=sample.churn,
            model="scripted@1",
            evidence=spans,
        )


def _composed(sample: Sample) -> str:
    return f"{sample.title}\n{sample.text}" if sample.title else sample.text


def fill(database: Path, samples: Sequence[Sample], *, own_accounts: Sequence[str] = ()) -> None:
    """Store the samples and open their alerts."""
    now = datetime.now(UTC)
    scorer = ScriptedScorer()
    scorer.learn(samples)
    settings = Settings(home=database.parent)
    with Store.open(database) as store:
        with store.write() as tx:
            for source in sorted({sample.source for sample in samples}):
                tx.sources.ok(source, now)
        accept(store, _events(samples, now), match=lambda _text: (), own_accounts=own_accounts, now=now)
        while advance(store, scorer, settings, now):
            pass


def _events(samples: Sequence[Sample], now: datetime) -> list[Event]:
    events: list[Event] = []
    for number, sample in enumerate(samples):
        posted = now - timedelta(minutes=sample.minutes)
        native_id = sample.native_id or f"p{number}"
        counts = [
            Engagement(
                source=sample.source,
                native_id=native_id,
                at=posted + timedelta(minutes=sample.minutes * step / 6),
                replies=step,
                shares=step * step,
                likes=3 * step * step,
                followers=sample.followers,
            )
            for step in range(1, 7)
        ]
        events.append(
            Mention(
                source=sample.source,
                native_id=native_id,
                text=sample.text,
                posted_at=posted,
                author=sample.author,
                title=sample.title,
                url=sample.url,
                lang=sample.lang,
                channel=sample.channel,
                parent_id=sample.parent_id,
                brands=(sample.brand,),
                engagement=counts[0] if sample.followers else None,
            )
        )
        events += counts if sample.followers else []
    return events
