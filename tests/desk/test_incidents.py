"""What people do to incidents: who coordinates, what belongs together, when it is over; every member keeps its case."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from listener import desk
from listener.desk import Actor, incidents
from listener.errors import (
    IncidentStateError,
    IncidentTakenError,
    NoSuchIncidentError,
    NotAllowedError,
    UsageError,
)
from listener.settings import Person, Settings
from listener.store import Store
from tests.store.seed import NOW, found, mention, open_all, take, verdict

AIKO, KEN = Actor("Aiko"), Actor("Ken")
SURGE = {"observed": 9, "expected": 1.0, "first": [], "terms": [], "start": NOW.isoformat()}


@pytest.fixture
def make(store: Store) -> Callable[..., int]:
    """`make(6)`: an incident with six members in turn Japanese, Chinese and English, each with its alert."""
    count = [0]

    def build(size: int, brand: str = "Acme", *, rang: bool = True) -> int:
        first = count[0]
        count[0] += size
        names = [f"n{number}" for number in range(first, count[0])]
        take(store, *(mention(name, f"no login {name}", author=name, brands=(brand,)) for name in names))
        with store.write() as tx:
            pending = tx.verdicts.pending(100)
            tx.verdicts.put([(one, verdict(lang=("ja", "zh", "en")[at % 3])) for at, one in enumerate(pending)], NOW)
        open_all(store)
        with store.write() as tx:
            number = tx.incidents.open(brand, None, NOW, title="outage: login", cause="outage")
            tx.incidents.join(number, [found(store, name).id for name in names], NOW)
            if rang:
                tx.incidents.ring(number, NOW, SURGE)
            tx.incidents.attach(tx.incidents.mention_ids(number))
        return number

    return build


def members(store: Store, incident_id: int) -> list[Any]:
    return list(incidents.incident(store, incident_id, NOW).members)


def kinds(store: Store, incident_id: int) -> list[str]:
    return [event.kind for event in incidents.incident(store, incident_id, NOW).history]


def test_the_coordinator_takes_what_nobody_has_in_their_languages(store: Store, make: Callable[..., int]) -> None:
    number = make(6)
    first = min(one.alert_id for one in members(store, number))
    desk.claim(store, first, KEN, NOW)  # Japanese
    done = incidents.claim_incident(store, number, AIKO, NOW, langs=["ja", "en"])
    assert done.incident.owner == "Aiko"
    owners = {one.alert_id: (one.lang, one.owner) for one in members(store, number)}
    assert owners[first] == ("ja", "Ken")
    assert sorted(done.taken) == sorted(a for a, (lang, owner) in owners.items() if owner == "Aiko")
    assert len(done.taken) == 3
    assert done.left == 2
    assert {owner for lang, owner in owners.values() if lang == "zh"} == {None}
    assert desk.case(store, done.taken[0]).history[-1].data["incident"] == number


def test_a_second_one_is_told_who_coordinates(store: Store, make: Callable[..., int]) -> None:
    number = make(3)
    incidents.claim_incident(store, number, AIKO, NOW)
    with pytest.raises(IncidentTakenError, match="Aiko already coordinates"):
        incidents.claim_incident(store, number, KEN, NOW)
    assert incidents.claim_incident(store, number, AIKO, NOW).taken == ()


def test_giving_it_back_leaves_the_alerts_with_their_owners(store: Store, make: Callable[..., int]) -> None:
    number = make(3)
    incidents.claim_incident(store, number, AIKO, NOW)
    with pytest.raises(IncidentStateError, match="not yours"):
        incidents.release_incident(store, number, KEN, NOW)
    assert incidents.release_incident(store, number, AIKO, NOW).owner is None
    assert {one.owner for one in members(store, number)} == {"Aiko"}


def test_closing_settles_nobodys_case(store: Store, make: Callable[..., int]) -> None:
    number = make(3)
    before = [(one.alert_id, one.state) for one in members(store, number)]
    assert incidents.close_incident(store, number, AIKO, NOW).state == "closed"
    assert [(one.alert_id, one.state) for one in members(store, number)] == before
    assert {state for _, state in before} == {"open"}
    assert incidents.incident(store, number, NOW).history[-1].data == {"unresolved": 3}
    with pytest.raises(IncidentStateError):
        incidents.close_incident(store, number, AIKO, NOW)
    with pytest.raises(IncidentStateError, match="closed"):
        incidents.claim_incident(store, number, AIKO, NOW)
    assert incidents.reopen_incident(store, number, AIKO, NOW).state == "open"
    with pytest.raises(IncidentStateError):
        incidents.reopen_incident(store, number, AIKO, NOW)


def test_one_that_never_rang_is_reopened_as_it_was(store: Store, make: Callable[..., int]) -> None:
    number = make(3, rang=False)
    incidents.close_incident(store, number, AIKO, NOW)
    assert incidents.reopen_incident(store, number, AIKO, NOW).state == "quiet"


def test_merged_ones_are_one_and_the_old_number_leads_to_it(store: Store, make: Callable[..., int]) -> None:
    keep, other = make(3, rang=False), make(3)
    whole = incidents.merge_incidents(store, keep, other, AIKO, NOW)
    assert whole.id == keep
    assert whole.alarm_at == NOW
    assert len(members(store, keep)) == 6
    assert incidents.incident(store, other, NOW).listed.summary.incident.id == keep
    assert {desk.case(store, one.alert_id).alert.incident_id for one in members(store, keep)} == {keep}
    assert kinds(store, keep) == ["absorbed"]
    assert [one.summary.incident.id for one in incidents.incidents(store, NOW)] == [keep]


def test_what_cannot_be_merged(store: Store, make: Callable[..., int]) -> None:
    one, foreign = make(3), make(3, "Globex")
    with pytest.raises(UsageError, match="two brands"):
        incidents.merge_incidents(store, one, foreign, AIKO, NOW)
    with pytest.raises(UsageError, match="already"):
        incidents.merge_incidents(store, one, one, AIKO, NOW)
    with pytest.raises(NoSuchIncidentError):
        incidents.merge_incidents(store, one, 99, AIKO, NOW)


def test_what_is_split_off_is_an_incident_with_its_alerts(store: Store, make: Callable[..., int]) -> None:
    number = make(5)
    chosen = [one.mention_id for one in members(store, number)][:2]
    new = incidents.split_incident(store, number, chosen, AIKO, NOW)
    assert {one.mention_id for one in members(store, new.id)} == set(chosen)
    assert len(members(store, number)) == 3
    assert {desk.case(store, one.alert_id).alert.incident_id for one in members(store, new.id)} == {new.id}
    assert new.alarm_at == NOW
    assert (kinds(store, number), kinds(store, new.id)) == (["split"], ["split_off"])


@pytest.mark.parametrize("part", ["none", "all", "strangers"])
def test_splitting_needs_some_and_leaves_some(store: Store, make: Callable[..., int], part: str) -> None:
    number = make(3)
    all_of_them = [one.mention_id for one in members(store, number)]
    with pytest.raises(UsageError, match="choose some"):
        incidents.split_incident(store, number, {"none": [], "all": all_of_them, "strangers": [999]}[part], AIKO, NOW)


def test_a_persons_title_stays(store: Store, make: Callable[..., int]) -> None:
    number = make(3)
    assert incidents.rename_incident(store, number, "  Login\n down ", AIKO, NOW).title == "Login down"
    with store.write() as tx:
        tx.incidents.retitle(number, "outage: words", "wait")
        row = tx.incidents.get(number)
    assert (row.title, row.cause) == ("Login down", "wait")
    incidents.rename_incident(store, number, "", AIKO, NOW)
    with store.write() as tx:
        tx.incidents.retitle(number, "outage: words", "outage")
        assert tx.incidents.get(number).title == "outage: words"
    with pytest.raises(UsageError, match="up to"):
        incidents.rename_incident(store, number, "x" * 121, AIKO, NOW)


@pytest.mark.parametrize(
    "act",
    [
        lambda store, who: incidents.claim_incident(store, 1, who, NOW),
        lambda store, who: incidents.release_incident(store, 1, who, NOW),
        lambda store, who: incidents.merge_incidents(store, 1, 2, who, NOW),
        lambda store, who: incidents.split_incident(store, 1, [1], who, NOW),
        lambda store, who: incidents.rename_incident(store, 1, "x", who, NOW),
        lambda store, who: incidents.close_incident(store, 1, who, NOW),
        lambda store, who: incidents.reopen_incident(store, 1, who, NOW),
    ],
)
def test_a_viewer_changes_nothing(store: Store, make: Callable[..., int], act: Any) -> None:
    make(3)
    before = incidents.incident(store, 1, NOW)
    with pytest.raises(NotAllowedError):
        act(store, Actor("Vera", "viewer"))
    assert incidents.incident(store, 1, NOW) == before


@pytest.mark.parametrize("number", [0, -1, 7, 2**70])
def test_an_incident_that_is_not_there(store: Store, number: int) -> None:
    with pytest.raises(NoSuchIncidentError):
        incidents.incident(store, number, NOW)


def test_the_list_has_alarms_first_and_forgets_what_came_to_nothing(store: Store, make: Callable[..., int]) -> None:
    small, large, quiet = make(3), make(5), make(4, rang=False)
    assert [one.summary.incident.id for one in incidents.incidents(store, NOW)] == [large, small, quiet]
    later = NOW + timedelta(days=2)
    assert [one.summary.incident.id for one in incidents.incidents(store, later)] == [large, small]
    incidents.close_incident(store, small, AIKO, NOW)
    assert [one.summary.incident.id for one in incidents.incidents(store, NOW, over=True)] == [small]
    assert [one.summary.incident.id for one in incidents.alarms(store, NOW)] == [large]


def test_the_queue_finds_an_incidents_alerts_and_names_it(store: Store, make: Callable[..., int]) -> None:
    number = make(3)
    make(2)
    page = desk.queue(store, desk.QueueFilter(incident=number))
    assert page.total == 3
    assert {(row.incident_id, row.incident) for row in page.rows} == {(number, "outage: login")}


def test_a_deleted_post_stays_a_member_without_its_words(store: Store, make: Callable[..., int]) -> None:
    from listener.types import Deletion

    number = make(3)
    take(store, Deletion(source="s", native_id="n0", at=NOW))
    gone = [one for one in members(store, number) if one.deleted_at]
    assert [(one.text, one.title, one.author) for one in gone] == [("", None, None)]


def test_who_serves_what(tmp_path: Any) -> None:
    settings = Settings(home=tmp_path, people=(Person(name="Aiko", languages=("ja",)), Person(name="Ken")))
    assert incidents.serves(settings, "Aiko") == ("ja",)
    assert incidents.serves(settings, "Ken") is None
    assert incidents.serves(settings, "Somebody") is None
