"""The demo day shows what early detection is for: three problems, each one incident, and no alarm for joy."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from listener import classify
from listener.pipeline import demo
from listener.pipeline.replay import Outcome, Told, replay
from listener.settings import Settings, current_model, shipped
from listener.triage.advance import Policy

START = datetime(2026, 11, 25, 14, tzinfo=UTC)
INCIDENTS = {"outage": "Soramesh", "parcels": "Pakkaru", "charge": "Munchdeer"}


@cache
def truth() -> dict[str, str]:
    """Of each post, by the key that triage has of it: its incident, `joy`, `complaint` or `harmless`."""
    found = {}
    for line in (shipped("data/samples") / "day.jsonl").read_text(encoding="utf-8").splitlines():
        post = json.loads(line)
        if told := post.get("truth"):
            kind = "joy" if told["joy"] else "complaint" if told["complaint"] else "harmless"
            found[f"{post['source']}/{post['id']}"] = told["incident"] or kind
    return found


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    home = tmp_path_factory.mktemp("demo")
    settings = demo.demo_settings(home, started_at=START)
    scorer = classify.load(current_model(Settings(home=home)))
    before = [one for _, day in demo.before(scorer, settings, START) for one in day]
    live = demo.sightings(scorer, settings, START - demo.LIVE_FROM, since=demo.LIVE_FROM, until=timedelta(days=1))
    everything = sorted([*before, *live], key=lambda one: (one.posted_at, one.key))
    return replay(everything, Policy(budget=settings.early.budget, cap=settings.early.cap))


def rung(outcome: Outcome) -> list[Told]:
    return [told for told in outcome.incidents.values() if told.alarm_at and told.alarm_at >= START.timestamp()]


def kinds(told: Told) -> Counter[str]:
    return Counter(truth()[key] for key in told.members if key in truth())


@pytest.mark.parametrize(("name", "brand"), INCIDENTS.items())
def test_each_problem_is_one_incident_in_three_languages(outcome: Outcome, name: str, brand: str) -> None:
    (told,) = [told for told in rung(outcome) if told.brand == brand]
    found = kinds(told)
    assert found[name] >= 10
    assert found[name] >= 0.6 * found.total()
    assert {one.lang for one in told.members.values()} == {"ja", "zh", "en"}
    others = [kinds(other)[name] for other in outcome.incidents.values() if other is not told]
    assert sum(others) < found[name]


def test_nothing_else_rings(outcome: Outcome) -> None:
    assert {told.brand for told in rung(outcome)} == set(INCIDENTS.values())
