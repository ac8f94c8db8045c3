"""Score what has no verdict, decide on what has one: each exactly once, in any order of dying and going on."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from listener.errors import UnreachableError
from listener.pipeline.accept import accept
from listener.pipeline.advance import advance, score_pending, triage_pending
from listener.pipeline.ears import Ears
from listener.settings import Settings, parse
from listener.store import Store
from listener.store.rows import AlertRow
from listener.types import Deletion, Engagement, Event, Evidence, Verdict
from tests.pipeline.conftest import NOW, mention


class Words:
    """Flags a text that says "late": enough of a classifier to test what happens around one."""

    def __init__(self) -> None:
        self.calls = 0

    def verdicts(
        self,
        texts: Sequence[str],
        *,
        langs: Sequence[str | None] | None = None,
        sources: Sequence[str | None] | None = None,
        explain: bool = False,
    ) -> list[Verdict]:
        self.calls += 1
        return [self._one(text, explain) for text in texts]

    def _one(self, text: str, explain: bool) -> Verdict:
        late = "late" in text
        at = text.find("late")
        spans = (Evidence(text="late", start=at, end=at + 4, weight=2.0),) if late and explain else ()
        severity = 4 if "lawyer" in text else 2
        return Verdict(
            lang="en",
            complaint=0.9 if late else 0.1,
            flagged=late,
            severity=severity if late else 0,
            cause="delivery" if late else "none",
            churn=0.1,
            model="words@1",
            evidence=spans,
        )


@pytest.fixture
def settings(tmp_path: object) -> Settings:
    return parse({"brands": [{"name": "Acme", "accounts": ["@Acme_Help"]}]}, home=tmp_path)  # type: ignore[arg-type]


def heard(ears: Ears, *events: Event) -> None:
    accept(ears.store, events, match=ears.match, own_accounts=ears.own_accounts, now=NOW)


def alerts(store: Store) -> list[AlertRow]:
    with store.read() as tx:
        found = [tx.alerts.get(number) for number in range(1, 20)]
    return [alert for alert in found if alert is not None]


def settle(store: Store, settings: Settings, scorer: Words) -> int:
    steps = 0
    while advance(store, scorer, settings, NOW):
        steps += 1
        assert steps < 10, "it never comes to rest"
    return steps


def test_a_complaint_about_a_brand_becomes_one_alert(ears: Ears, store: Store, settings: Settings) -> None:
    heard(ears, mention("1"), mention("2", "Acme is lovely"), mention("3", "the train is late"))
    settle(store, settings, Words())
    (alert,) = alerts(store)
    assert (alert.brand, alert.cause, alert.severity, alert.state) == ("Acme", "delivery", 2, "open")
    assert alert.due_at == NOW + timedelta(hours=1)
    names = [factor.name for factor in alert.factors]
    assert names == ["customer", "loss", "cause", "certainty", "people", "savable", "hour"]


def test_evidence_is_kept_for_flagged_ones(ears: Ears, store: Store, settings: Settings) -> None:
    heard(ears, mention("1"))
    settle(store, settings, Words())
    with store.read() as tx:
        (span,) = tx.verdicts.spans(alerts(store)[0].mention_id)
    assert "Acme is late"[span.start : span.end] == "late"


def test_without_brands_in_the_settings_every_complaint_counts(ears: Ears, store: Store, tmp_path: object) -> None:
    heard(ears, mention("3", "the train is late"))
    settle(store, Settings(home=tmp_path), Words())  # type: ignore[arg-type]
    assert len(alerts(store)) == 1


def test_the_second_time_there_is_nothing_to_do(ears: Ears, store: Store, settings: Settings) -> None:
    heard(ears, mention("1"))
    settle(store, settings, Words())
    scorer = Words()
    assert advance(store, scorer, settings, NOW) == 0
    assert scorer.calls == 0
    heard(ears, mention("1"))
    assert advance(store, scorer, settings, NOW) == 0


def test_dying_between_the_steps_loses_nothing(ears: Ears, store: Store, settings: Settings) -> None:
    class Dying(Words):
        def verdicts(self, *args, **kwargs):  # type: ignore[no-untyped-def]
            raise UnreachableError("model", "killed here")

    heard(ears, mention("1"))
    with pytest.raises(UnreachableError):
        score_pending(store, Dying(), NOW)
    assert score_pending(store, Words(), NOW) == 1
    assert alerts(store) == []
    assert triage_pending(store, settings, NOW) == 1
    assert len(alerts(store)) == 1


def test_an_edit_is_scored_again_and_its_alert_brought_up_to_date(ears: Ears, store: Store, settings: Settings) -> None:
    heard(ears, mention("1"))
    settle(store, settings, Words())
    before = alerts(store)[0]
    heard(ears, mention("1", "Acme is late, my lawyer will write"))
    settle(store, settings, Words())
    (after,) = alerts(store)
    assert after.id == before.id
    assert after.severity == 4
    assert after.priority > before.priority
    assert after.due_at == NOW + timedelta(hours=1)


def test_an_edit_that_makes_it_harmless_leaves_the_alert_to_people(
    ears: Ears, store: Store, settings: Settings
) -> None:
    heard(ears, mention("1"))
    settle(store, settings, Words())
    heard(ears, mention("1", "Acme solved it"))
    settle(store, settings, Words())
    (alert,) = alerts(store)
    assert alert.state == "open"
    assert alert.severity == 0


def test_more_readers_raise_the_priority(ears: Ears, store: Store, settings: Settings) -> None:
    heard(ears, mention("1"))
    settle(store, settings, Words())
    before = alerts(store)[0].priority
    heard(ears, Engagement(source="s", native_id="1", at=NOW, shares=400))
    settle(store, settings, Words())
    assert alerts(store)[0].priority > before


def test_staff_reposts_and_deleted_posts_raise_no_alert(ears: Ears, store: Store, settings: Settings) -> None:
    heard(
        ears,
        mention("own", "Sorry that Acme is late", author="acme_help"),
        mention("first", "Acme is late again", author="a"),
        mention("again", "Acme is late again", author="b", repost_of="first"),
        mention("gone", "Acme is late and I am gone", author="c"),
        Deletion(source="s", native_id="gone", at=NOW),
    )
    settle(store, settings, Words())
    (alert,) = alerts(store)
    with store.read() as tx:
        found = tx.mentions.get(alert.mention_id)
    assert found is not None
    assert found.native_id == "first"


@pytest.mark.parametrize("reply_first", [True, False])
def test_the_brands_own_public_reply_is_the_first_response(
    ears: Ears, store: Store, settings: Settings, reply_first: bool
) -> None:
    question = mention("q", author="customer")
    answered_at = NOW + timedelta(minutes=4)
    answer = mention("a", "We look into it", author="@acme_help", parent_id="q", posted_at=answered_at)
    for event in (answer, question) if reply_first else (question, answer):
        heard(ears, event)
        settle(store, settings, Words())
    (alert,) = alerts(store)
    assert alert.first_response_at == answered_at
