"""Incidents, members and triage's memory as rows."""

from datetime import timedelta

import pytest

from listener.store import Store
from tests.store.seed import NOW, alert_for, found, mention, score_all, take, verdict


@pytest.fixture
def three(store: Store) -> list[int]:
    """Ids of three mentions with alerts."""
    for name in ("1", "2", "3"):
        alert_for(store, name, f"text {name}", author=name)
    return [found(store, name).id for name in ("1", "2", "3")]


def test_joining_twice_is_joining_once_and_strangers_do_not(store: Store, three: list[int]) -> None:
    with store.write() as tx:
        number = tx.incidents.open("Acme", 1, NOW, title="t", cause="wait")
        assert tx.incidents.join(number, three, NOW) == 3
        assert tx.incidents.join(number, [*three, 999], NOW) == 0
        assert tx.incidents.leave(number, three[:1]) == 1
        assert tx.incidents.leave(number, three[:1]) == 0
        assert tx.incidents.mention_ids(number) == three[1:]


def test_an_alert_belongs_to_the_incident_that_rang(store: Store, three: list[int]) -> None:
    with store.write() as tx:
        first, second = (tx.incidents.open("Acme", n, NOW, title="t", cause="wait") for n in (1, 2))
        tx.incidents.join(first, three[:2], NOW)
        tx.incidents.join(second, three[1:], NOW)
        assert tx.incidents.ring(first, NOW, {})
        tx.incidents.attach(three)
        owned = {one: tx.alerts.of_mentions([one])[one].incident_id for one in three}
        assert owned == {three[0]: first, three[1]: first, three[2]: second}
        tx.incidents.leave(first, three)
        tx.incidents.attach(three)
        assert tx.alerts.of_mentions(three)[three[0]].incident_id is None


def test_an_alarm_rings_once_and_levels_only_rise(store: Store) -> None:
    with store.write() as tx:
        number = tx.incidents.open("Acme", 1, NOW, title="t", cause="wait")
        assert tx.incidents.ring(number, NOW, {"observed": 3})
        assert not tx.incidents.ring(number, NOW + timedelta(hours=1), {})
        assert tx.incidents.escalate(number, 2)
        assert not tx.incidents.escalate(number, 1)
        assert (tx.incidents.get(number).alarm_at, tx.incidents.get(number).level) == (NOW, 2)


def test_what_triage_calls_it_finds_what_it_became(store: Store) -> None:
    with store.write() as tx:
        one, two, three = (tx.incidents.open("Acme", n, NOW, title="t", cause="wait") for n in (1, 2, 3))
        tx.incidents.merge(two, one)
        tx.incidents.merge(three, two)
        assert tx.incidents.find("Acme", 1).id == three
        assert tx.incidents.find("Globex", 1) is None
        assert tx.incidents.last_number("Acme") == 3
        assert tx.incidents.last_number("Globex") == 0
        assert [row.id for row in tx.incidents.in_state(("quiet",))] == [three]


def test_a_state_is_saved_whole_with_a_new_serial(store: Store) -> None:
    with store.write() as tx:
        assert tx.triage_states.save("Acme", {"words": ["返金", "\u202e"], "rate": 0.1}, NOW) == 1
        assert tx.triage_states.save("Acme", {"words": []}, NOW) == 2
        tx.triage_states.save("Globex", {"x": None}, NOW)
        assert tx.triage_states.serials() == {"Acme": 2, "Globex": 1}
        assert tx.triage_states.load(["Acme", "Nobody"]) == {"Acme": {"words": []}}
        with pytest.raises(ValueError, match="JSON"):
            tx.triage_states.save("Acme", {"rate": float("nan")}, NOW)


def test_probabilities_of_causes_are_kept(store: Store) -> None:
    take(store, mention("1"))
    shares = (0.5, 0.25, *[0.025] * 10)
    score_all(store, causes=shares)
    with store.read() as tx:
        (scored,) = tx.alerts.pending(10)
        assert scored.causes == pytest.approx(shares, abs=1 / 255)
        assert tx.verdicts.get(scored.mention_id).causes == scored.causes
    assert verdict().causes is None


def test_what_was_watched_stays_so_under_a_new_model(store: Store, three: list[int]) -> None:
    with store.write() as tx:
        assert tx.alerts.mark_watched(three) == 3
        tx.verdicts.rescore("other@1")
    score_all(store, model="other@1")
    with store.read() as tx:
        assert {one.watched for one in tx.alerts.pending(10)} == {True}
