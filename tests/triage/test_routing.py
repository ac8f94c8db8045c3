"""Whose an alert should be: rules in order, people by skill, shift and load, and why."""

from datetime import UTC, datetime
from typing import Any

import pytest

from listener.settings import Hours as HoursSetting
from listener.settings import Route
from listener.triage.hours import Hours
from listener.triage.people import Member, Roster
from listener.triage.routing import Item, route

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NIGHT = Hours.of(HoursSetting(name="n", zone="UTC", open=["daily 22:00-06:00"]))  # type: ignore[arg-type, list-item]


def member(name: str, *languages: str, causes: tuple[str, ...] = (), **more: Any) -> Member:
    values: dict[str, Any] = {"role": "responder", "team": "support", **more}
    return Member(name=name, languages=frozenset(languages), causes=frozenset(causes), **values)


PEOPLE = Roster(
    (
        member("Aiko", "ja"),
        member("Bo", "ja", "en"),
        member("Cho", "ja", causes=("refund",)),
        member("Dan", "ja", hours=NIGHT),
        member("Vi", "ja", role="viewer"),
        member("Eve", "en", team="legal", role="manager"),
    )
)


def item(**more: Any) -> Item:
    values: dict[str, Any] = {
        **{"alert_id": 1, "brands": ("A",), "lang": "ja", "cause": "price", "severity": 2, "source": "s"},
        "incident": False,
    }
    return Item(**{**values, **more})


def routed(rules: list[Route], loads: dict[str, int] | None = None, **more: Any) -> tuple[Any, ...]:
    found = route(item(**more), rules, PEOPLE, loads or {}, NOON)
    return found.route, found.team, found.assignee, found.reasons[-1]


@pytest.mark.parametrize(
    ("rule", "fits", "fits_not", "what"),
    [
        ({"brand": "A"}, {"brands": ("B", "A")}, {"brands": ("B",)}, "brand"),
        ({"language": "ja"}, {"lang": "ja"}, {"lang": "en"}, "language"),
        ({"cause": "refund"}, {"cause": "refund"}, {"cause": "price"}, "cause"),
        ({"min_severity": 3}, {"severity": 3}, {"severity": 2}, "severity"),
        ({"source": "s"}, {"source": "s"}, {"source": "t"}, "source"),
        ({"incident": True}, {"incident": True}, {"incident": False}, "incident"),
        ({"incident": False}, {"incident": False}, {"incident": True}, "incident"),
    ],
)
def test_all_that_a_rule_says_must_fit(
    rule: dict[str, Any], fits: dict[str, Any], fits_not: dict[str, Any], what: str
) -> None:
    rules = [Route(name="r", team="support", **rule)]
    assert routed(rules, **fits)[0] == "r"
    found = route(item(**fits_not), rules, PEOPLE, {}, NOON)
    assert (found.route, found.team, found.assignee) == (None, None, None)
    assert found.reasons == ((f"not_{what}", "r"), ("no_rule", ""))


def test_the_first_rule_that_fits_counts() -> None:
    rules = [Route(name="first", team="legal", min_severity=4), Route(name="second", team="support")]
    assert routed(rules)[0] == "second"
    assert routed(rules, severity=4)[0] == "first"


def test_the_one_with_the_least_to_do_of_those_who_can() -> None:
    rules = [Route(name="r", team="support")]
    assert routed(rules) == ("r", "support", "Aiko", ("least_load", "Aiko"))
    assert routed(rules, {"Aiko": 1})[2] == "Bo"
    assert routed(rules, {"Aiko": 2, "Bo": 3}, cause="refund")[2] == "Cho"
    assert routed(rules, {"Bo": 9}, lang="en")[2] == "Bo"


def test_a_team_in_which_nobody_can_holds_it() -> None:
    rules = [Route(name="r", team="support"), Route(name="s", team="legal")]
    assert routed(rules, lang="zh") == ("r", "support", None, ("nobody_serves", "support"))
    night = Roster((member("Dan", "ja", hours=NIGHT),))
    found = route(item(), rules, night, {}, NOON)
    assert (found.assignee, found.reasons[-1]) == (None, ("nobody_on_shift", "support"))


def test_a_person_is_waited_for_while_they_are_away() -> None:
    assert routed([Route(name="r", person="Eve")]) == ("r", "legal", "Eve", ("person", "Eve"))
    assert routed([Route(name="r", person="Dan")]) == ("r", "support", None, ("off_shift", "Dan"))
    assert routed([Route(name="r", person="Zoe", team="support")]) == ("r", "support", None, ("gone", "Zoe"))


def test_a_rule_leads_somewhere() -> None:
    with pytest.raises(ValueError, match="a team or a person"):
        Route(name="r", brand="A")
