"""What belongs together, what it is called, and what people do about it."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.triage.incidents import acts
from listener.triage.incidents.concepts import NAMES, TERMS, concepts
from listener.triage.incidents.links import Links
from listener.triage.incidents.marks import Marks
from listener.triage.incidents.news import Ended, Joined, Merged, Retitled
from listener.triage.incidents.words import MAX_FEATURES, MAX_WORDS, describe


def named(text: str, lang: str) -> set[str]:
    return {NAMES[number] for number in concepts(text, lang)}


@pytest.mark.parametrize(
    ("text", "lang", "concept"),
    [
        ("まだ返金されない", "ja", "refund"),
        ("一直不给退款", "zh", "refund"),
        ("還是不退費", "zh", "refund"),
        ("where is my REFUND??", "en", "refund"),
        ("アプリにログインできない", "ja", "login"),
        ("登錄不進去", "zh", "login"),
        ("can't log in", "en", "login"),
        ("店員の態度が最悪", "ja", "rude"),
        ("服务员态度很差", "zh", "rude"),
        ("such a rude waiter", "en", "rude"),
    ],
)
def test_concepts_are_shared_by_the_languages(text: str, lang: str, concept: str) -> None:
    assert concept in named(text, lang)


def test_english_terms_begin_a_word() -> None:
    assert "late" not in named("chocolate plates", "en")
    assert "late" in named("Late again", "en")


def test_terms_of_one_language_are_not_read_into_another() -> None:
    assert "clothes" in named("この服は小さい", "ja")
    assert "clothes" not in named("客服不回", "zh")


def test_every_concept_has_terms_in_every_language() -> None:
    assert all(set(terms) == {"en", "ja", "zh"} and all(terms.values()) for terms in TERMS.values())


def test_links_numbers_and_names_count() -> None:
    one = describe("error E-204 on https://www.example.com/status?x=1 with iPhone16", "en")
    other = describe("E-204 が出る https://example.com/status/ iPhone16", "ja")
    assert len(set(one.features) & set(other.features)) >= 3


@given(st.text(max_size=400), st.sampled_from(["ja", "zh", "en", "und", "xx"]))
def test_any_text_is_described_within_bounds(text: str, lang: str) -> None:
    found = describe(text, lang)
    assert len(found.features) <= MAX_FEATURES
    assert len(set(found.features)) == len(found.features)
    assert all(0 < feature < 2**32 for feature in found.features)
    assert len(found.words) <= MAX_WORDS


def test_a_long_hostile_text_costs_no_more() -> None:
    assert describe("返金" * 10**6, "ja") == describe("返金" * 1000, "ja")
    assert describe("\ud800\x00‮ <script>", "en")


# ------------------------------------------------------------------ grouping


def crisis(world: Any, monday: datetime) -> tuple[list[Any], list[Any], datetime]:
    start = monday + timedelta(days=12, hours=3)
    return world.ordinary(13), world.outage(start, 30), start


def test_one_outage_in_three_languages_is_one_incident(world: Any, monday: datetime) -> None:
    ordinary, outage, _ = crisis(world, monday)
    told = world.play([*ordinary, *outage])
    where = [told.members.get(one.key) for one in outage]
    most = max(set(where), key=where.count)
    assert most is not None
    assert where.count(most) >= 27
    langs = {one.lang for one in told.decisions if isinstance(one, Joined) and (one.brand, one.incident) == most}
    assert langs == {"ja", "zh", "en"}
    strangers = [key for key, which in told.members.items() if which == most and key not in {o.key for o in outage}]
    assert len(strangers) <= 5


def test_most_of_what_a_busy_brand_hears_meanwhile_stays_out(world: Any, monday: datetime) -> None:
    start = monday + timedelta(days=12, hours=3)
    ordinary, outage = world.ordinary(13, unhappy=120), world.outage(start, 40, minutes=240)
    told = world.play([*ordinary, *outage])
    rang = told.members[outage[30].key]
    assert sum(told.members.get(one.key) == rang for one in outage) >= 30
    meanwhile = [one for one in ordinary if one.flagged and start <= one.posted_at <= start + timedelta(hours=4)]
    assert sum(told.members.get(one.key) == rang for one in meanwhile) < len(meanwhile) / 2


def test_brands_never_share_an_incident(world: Any, monday: datetime) -> None:
    start = monday + timedelta(days=12)
    one, two = world.ordinary(13), world.ordinary(13, brand="Udon")
    told = world.play([*one, *two, *world.outage(start), *world.outage(start, brand="Udon")])
    brand_of = {key: which[0] for key, which in told.members.items()}
    assert set(brand_of.values()) == {"Soba", "Udon"}
    assert len(set(told.members.values())) >= 2


def test_only_flagged_mentions_are_members(world: Any, monday: datetime) -> None:
    ordinary, outage, start = crisis(world, monday)
    doubtful = [
        world.mention(start + timedelta(minutes=4 * n), "login page", lang="en", unhappy=False, complaint=0.4)
        for n in range(10)
    ]
    told = world.play([*ordinary, *outage, *doubtful])
    assert told.members
    assert not set(told.members) & {one.key for one in doubtful}


def test_a_title_is_made_of_its_members_words(world: Any, monday: datetime) -> None:
    ordinary, outage, _ = crisis(world, monday)
    told = world.play([*ordinary, *outage])
    title = told.titles[told.members[outage[-1].key]]
    cause, words = title.split(": ")
    assert cause == "outage"
    texts = " ".join(one.text for one in (*ordinary, *outage)).casefold()
    assert all(word in texts for word in words.split(", "))
    assert "login" in words or "ログイン" in words or "登录" in words


# ------------------------------------------------------------------ what people do


def ringing(world: Any, monday: datetime) -> tuple[Any, list[Any], int, datetime]:
    ordinary, outage, start = crisis(world, monday)
    until = start + timedelta(hours=2)
    told = world.play([one for one in (*ordinary, *outage) if one.posted_at <= until])
    return told, outage, told.members[outage[-1].key][1], until


def test_a_given_name_stays(world: Any, monday: datetime) -> None:
    told, _, number, now = ringing(world, monday)
    told.state, news = acts.rename(told.state, "Soba", number, "Login down", now)
    assert [one.title for one in news if isinstance(one, Retitled)] == ["Login down"]
    more = world.play(world.outage(now, 6, minutes=10), told.state)
    assert not [one for one in more.decisions if isinstance(one, Retitled) and one.title != "Login down"]
    brand = more.state.brands["Soba"]
    assert brand.incident(number).title == "Login down"


def test_closed_stays_closed(world: Any, monday: datetime) -> None:
    told, _, number, now = ringing(world, monday)
    told.state, news = acts.close(told.state, "Soba", number, now)
    assert [type(one) for one in news] == [Ended]
    more = world.play(world.outage(now, 6, minutes=10), told.state)
    assert more.state.brands["Soba"].incident(number).state == "closed"
    assert not more.alarms
    again, news = acts.close(more.state, "Soba", number, now)
    assert news == []
    opened, _ = acts.reopen(again, "Soba", number, now)
    assert opened.brands["Soba"].incident(number).state == "open"


def test_a_split_sticks(world: Any, monday: datetime) -> None:
    told, outage, number, now = ringing(world, monday)
    apart = [one.key for one in outage if one.lang == "en" and told.members.get(one.key) == ("Soba", number)]
    before = told.state.brands["Soba"].incident(number).count
    told.state, news = acts.split(told.state, "Soba", number, apart, now)
    told.decisions += news
    new = told.members[apart[0]][1]
    assert new != number
    assert {told.members[key] for key in apart} == {("Soba", new)}
    brand = told.state.brands["Soba"]
    assert brand.incident(number).count == before - len(apart)
    assert brand.incident(new).count == len(apart)
    more = world.play(world.outage(now, 9, minutes=15), told.state)
    moved = [one for one in more.decisions if isinstance(one, Joined) and one.key in apart]
    assert not moved


def test_a_merge_sticks(world: Any, monday: datetime) -> None:
    told, outage, number, now = ringing(world, monday)
    apart = [one.key for one in outage if one.lang == "en" and told.members.get(one.key) == ("Soba", number)]
    told.state, news = acts.split(told.state, "Soba", number, apart, now)
    told.decisions += news
    new = told.members[apart[0]][1]
    whole = sum(told.state.brands["Soba"].incident(one).count for one in (number, new))
    told.state, news = acts.merge(told.state, "Soba", number, new, now)
    assert [one.other for one in news if isinstance(one, Merged)] == [new]
    brand = told.state.brands["Soba"]
    assert brand.incident(new) is None
    assert brand.incident(number).count == whole


def test_acts_on_what_is_forgotten_change_nothing(world: Any, monday: datetime) -> None:
    told, _, number, now = ringing(world, monday)
    for state, news in (
        acts.merge(told.state, "Soba", number, 999, now),
        acts.split(told.state, "Soba", 999, ["m1"], now),
        acts.split(told.state, "Soba", number, ["unknown"], now),
        acts.rename(told.state, "Udon", 1, "x", now),
        acts.close(told.state, "Soba", 999, now),
    ):
        assert state is told.state
        assert news == []


def test_acts_leave_the_given_state_as_it_was(world: Any, monday: datetime) -> None:
    told, outage, number, now = ringing(world, monday)
    before = told.state.to_plain()
    for act in (
        lambda: acts.rename(told.state, "Soba", number, "x", now),
        lambda: acts.close(told.state, "Soba", number, now),
        lambda: acts.split(told.state, "Soba", number, [outage[4].key], now),
    ):
        changed, news = act()
        assert news
        assert changed.to_plain() != before
        assert told.state.to_plain() == before


def test_the_last_word_on_a_pair_counts() -> None:
    links = Links().with_must("b", "a").with_cannot("a", "b")
    assert links.must == ()
    assert links.cannot == (("a", "b"),)
    assert links.with_must("a", "b").cannot == ()
    assert not Links().demand("a", Marks.empty(), np.zeros(0, dtype=bool))
