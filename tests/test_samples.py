"""What data/samples promises: a day of mentions that a demo can be shown and judged by."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from listener.settings import Settings, load
from listener.text.brands import BrandMatcher
from listener.types import CAUSES, CHANNELS, LANGUAGES

SAMPLES = Path(__file__).resolve().parent.parent / "data" / "samples"
DAY = SAMPLES / "day.jsonl"
HOUR = 3600
DAY_S = 24 * HOUR
LIVE_FROM = 14 * HOUR
COUNTS = {"replies", "shares", "likes", "views", "followers"}
CHANNEL = {
    "bluesky": "bluesky",
    "reddit": "reddit",
    "appstore": "appstore",
    "playstore": "playstore",
    "mastodon": "mastodon",
    "forum": "forum",
    "weibo": "weibo",
    "x-export": "x",
    "feedback": "form",
}
ALLOWED = {
    *("at", "source", "channel", "id", "author", "text", "lang", "title", "parent", "thread", "repost_of"),
    *("engagement", "url", "truth", "edit", "brand"),
}
TRADITIONAL = set("網遞單嗎這個們說話車開電號時間會對點買賣還過來讓畀嘅咗喺啲唔係鈴饞灣樓門雙錢張")
ROW = r"^\| ([^(|]+?)(?: \([^|]*\))? \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$"
INCIDENT_CAUSE = {"outage": "outage", "parcels": "delivery", "charge": "mistake"}
INCIDENT_BRAND = {"outage": "Soramesh", "parcels": "Pakkaru", "charge": "Munchdeer"}

Line = dict[str, Any]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return load(home=tmp_path_factory.mktemp("home"), config=SAMPLES / "listener.toml")


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    return [json.loads(line) for line in DAY.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def mentions(lines: list[Line]) -> list[Line]:
    return [line for line in lines if "text" in line and not line.get("edit")]


@pytest.fixture(scope="module")
def originals(mentions: list[Line]) -> list[Line]:
    """Without reposts: each is one person who says it."""
    return [line for line in mentions if "repost_of" not in line]


def complaints_of(lines: list[Line]) -> list[Line]:
    return [line for line in lines if line["truth"]["complaint"]]


def of_incident(lines: list[Line], name: str) -> list[Line]:
    return [line for line in lines if line["truth"]["incident"] == name]


def grams(text: str) -> frozenset[str]:
    letters = re.sub(r"\W+", "", text.casefold())
    return frozenset(letters[i : i + 3] for i in range(len(letters) - 2))


# ------------------------------------------------------------------ the shape of the file


def test_lines_are_in_time_order_within_one_day(lines: list[Line]) -> None:
    times = [line["at"] for line in lines]
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] < DAY_S


def test_every_mention_has_valid_fields(mentions: list[Line]) -> None:
    for line in mentions:
        assert set(line) <= ALLOWED
        assert CHANNEL[line["source"]] == line["channel"]
        assert line["channel"] in CHANNELS
        assert line["lang"] in LANGUAGES
        assert line["text"].strip()
        assert line["author"].strip()
        assert set(line.get("engagement", {})) <= COUNTS
        assert all(isinstance(count, int) and count >= 0 for count in line.get("engagement", {}).values())


def test_ids_are_unique(mentions: list[Line]) -> None:
    repeated = [one for one, count in Counter(line["id"] for line in mentions).items() if count > 1]
    assert repeated == []


def test_references_point_to_an_earlier_line_of_the_same_source(lines: list[Line]) -> None:
    seen: dict[str, tuple[str, float]] = {}
    for line in lines:
        keys = [line.get(key) for key in ("parent", "thread", "repost_of")]
        if "text" not in line or line.get("edit"):
            keys.append(line["id"])
        for target in filter(None, keys):
            assert seen[target][0] == line["source"]
        if "text" in line and not line.get("edit"):
            seen[line["id"]] = (line["source"], line["at"])


def test_addresses_are_on_names_reserved_for_examples(lines: list[Line]) -> None:
    addresses = [line["url"] for line in lines if "url" in line]
    assert len(addresses) > 500
    for address in addresses:
        host = urlsplit(address).hostname or ""
        assert host == "example.com" or host.endswith((".example", ".example.com"))


def test_links_inside_texts_are_none(mentions: list[Line]) -> None:
    assert [line["id"] for line in mentions if "http" in line["text"] + line.get("title", "")] == []


def test_edits_deletions_and_engagement_updates(lines: list[Line], mentions: list[Line]) -> None:
    by_id = {line["id"]: line for line in mentions}
    edits = [line for line in lines if line.get("edit")]
    deletions = [line for line in lines if line.get("deleted")]
    updates = [line for line in lines if "text" not in line and "engagement" in line]
    assert len(edits) == 2
    assert all(edit["text"] != by_id[edit["id"]]["text"] for edit in edits)
    assert len(deletions) == 2
    assert all(set(line) == {"at", "source", "id", "deleted"} for line in deletions)
    assert len(updates) >= 15
    assert all(set(line) == {"at", "source", "id", "engagement"} for line in updates)


# ------------------------------------------------------------------ gold labels


def test_gold_labels_are_codes_of_the_guide(mentions: list[Line]) -> None:
    for line in mentions:
        truth = line["truth"]
        assert set(truth) == {"complaint", "severity", "cause", "churn", "incident", "joy"}
        assert truth["churn"] in (0, 1)
        assert truth["complaint"] in (0, 1)
        assert truth["joy"] in (True, False)
        assert truth["incident"] in (None, *INCIDENT_CAUSE)
        if truth["complaint"]:
            assert truth["cause"] in CAUSES
            assert 1 <= truth["severity"] <= 4
            assert not truth["joy"]
        else:
            assert (truth["severity"], truth["cause"], truth["incident"]) == (0, "none", None)


def test_all_causes_and_severities_occur_outside_the_incidents(originals: list[Line]) -> None:
    single = [line for line in complaints_of(originals) if not line["truth"]["incident"]]
    causes = Counter(line["truth"]["cause"] for line in single)
    assert all(causes[cause] >= 5 for cause in CAUSES), causes
    assert {line["truth"]["severity"] for line in single} == {1, 2, 3, 4}
    assert sum(line["truth"]["churn"] for line in single) >= 8


def test_friendly_leavers_churn_without_a_complaint(mentions: list[Line]) -> None:
    friendly = [line for line in mentions if line["truth"]["churn"] and not line["truth"]["complaint"]]
    assert {line["lang"] for line in friendly} == set(LANGUAGES)


# ------------------------------------------------------------------ the mix of the day


def test_size_and_languages(mentions: list[Line]) -> None:
    by_lang = Counter(line["lang"] for line in mentions)
    assert len(mentions) >= 720
    assert all(0.30 <= by_lang[lang] / len(mentions) <= 0.37 for lang in LANGUAGES), by_lang
    chinese = [line for line in mentions if line["lang"] == "zh"]
    traditional = [line for line in chinese if sum(char in TRADITIONAL for char in line["text"]) >= 2]
    assert 0.15 <= len(traditional) / len(chinese) <= 0.30


def test_most_posts_are_chatter(mentions: list[Line]) -> None:
    chatter = sum(not line["truth"]["complaint"] for line in mentions) / len(mentions)
    assert 0.60 <= chatter <= 0.65


def test_many_people_speak_and_some_again(mentions: list[Line]) -> None:
    by_author = Counter(line["author"] for line in mentions)
    assert len(by_author) >= 400
    assert sum(count > 1 for count in by_author.values()) >= 40


def test_rhythm_of_the_day(mentions: list[Line]) -> None:
    after_six = sum(line["at"] >= 6 * HOUR for line in mentions) / len(mentions)
    assert 0.65 <= after_six <= 0.78
    hours = Counter(int(line["at"] // HOUR) for line in mentions)
    assert all(hours[hour] >= 5 for hour in range(24))


def test_the_board_is_not_empty_when_the_demo_opens(originals: list[Line]) -> None:
    early = [line for line in complaints_of(originals) if line["at"] < LIVE_FROM]
    assert len(early) >= 60
    assert {line["lang"] for line in early} == set(LANGUAGES)
    assert all(line["truth"]["incident"] is None for line in early)


def test_texts_repeat_only_where_somebody_reposts(originals: list[Line], mentions: list[Line]) -> None:
    assert [text for text, n in Counter(line["text"] for line in originals).items() if n > 1] == []
    by_id = {line["id"]: line for line in mentions}
    reposts = [line for line in mentions if "repost_of" in line]
    assert len(reposts) >= 5
    for line in reposts:
        source = by_id[line["repost_of"]]
        assert line["text"] == source["text"]
        assert line["author"] != source["author"]


def test_near_copies_are_by_one_author(originals: list[Line]) -> None:
    copies = list(near_copies(originals))
    assert len(copies) >= 5
    assert all(first["author"] == second["author"] for first, second in copies)


def near_copies(lines: list[Line], threshold: float = 0.6) -> Iterator[tuple[Line, Line]]:
    """Pairs that share most of their three-letter pieces; candidates are found through the pieces they share."""
    pieces = [grams(line["text"]) for line in lines]
    holders: dict[str, list[int]] = defaultdict(list)
    for index, own in enumerate(pieces):
        shared: Counter[int] = Counter(other for piece in own for other in holders[piece])
        for other, common in shared.items():
            if common / len(own | pieces[other]) > threshold:
                yield lines[other], lines[index]
        for piece in own:
            holders[piece].append(index)


# ------------------------------------------------------------------ brands and settings


def test_settings_of_the_demo(settings: Settings) -> None:
    assert len(settings.brands) == 5
    assert len(settings.people) == 4
    assert {lang for person in settings.people for lang in person.languages} == set(LANGUAGES)
    assert settings.sla
    assert {team.name for team in settings.teams} >= {person.team for person in settings.people}
    sources = {source["name"]: source for source in settings.sources}
    assert set(sources) == set(CHANNEL)
    assert all((one["kind"], one["path"]) == ("demo", "day.jsonl") for one in sources.values())
    assert {name: one["channel"] for name, one in sources.items()} == CHANNEL


def test_words_name_the_brand_of_nearly_every_post(settings: Settings, mentions: list[Line]) -> None:
    matcher = BrandMatcher(settings.brands)
    found = [matcher.match(f"{line.get('title', '')}\n{line['text']}") for line in mentions]
    by_brand = Counter(brand for brands in found for brand in brands)
    assert sum(map(bool, found)) / len(mentions) >= 0.97
    assert all(by_brand[brand.name] >= 90 for brand in settings.brands), by_brand
    nameless = [line for line, brands in zip(mentions, found, strict=True) if not brands]
    assert complaints_of(nameless) == []


def test_a_named_brand_is_one_of_the_settings(settings: Settings, mentions: list[Line]) -> None:
    names = {brand.name for brand in settings.brands}
    assert {line["brand"] for line in mentions if "brand" in line} == names


def test_own_accounts_never_complain(settings: Settings, mentions: list[Line]) -> None:
    own = {account for brand in settings.brands for account in brand.accounts}
    spoken = [line for line in mentions if line["author"] in own]
    assert len(spoken) >= 6
    assert complaints_of(spoken) == []


# ------------------------------------------------------------------ incidents and joy


@pytest.mark.parametrize(
    ("name", "least", "most", "hours"),
    [("outage", 38, 45, (1.5, 3.0)), ("parcels", 30, 40, (7.0, 9.0)), ("charge", 30, 40, (3.0, 6.0))],
)
def test_an_incident_grows_across_sources_and_languages(
    originals: list[Line], name: str, least: int, most: int, hours: tuple[float, float]
) -> None:
    members = of_incident(originals, name)
    first, last = members[0]["at"], members[-1]["at"]
    assert least <= len(members) <= most
    assert first >= LIVE_FROM
    assert hours[0] <= (last - first) / HOUR <= hours[1]
    by_lang = Counter(line["lang"] for line in members)
    assert all(by_lang[lang] >= 9 for lang in LANGUAGES), by_lang
    assert len({line["source"] for line in members}) >= 6
    middle = (first + last) / 2
    assert sum(line["at"] > middle for line in members) > 1.3 * sum(line["at"] <= middle for line in members)


@pytest.mark.parametrize("name", INCIDENT_CAUSE)
def test_an_incident_gets_worse_and_has_one_main_cause(originals: list[Line], name: str) -> None:
    members = of_incident(originals, name)
    third = len(members) // 3
    early = sum(line["truth"]["severity"] for line in members[:third]) / third
    late = sum(line["truth"]["severity"] for line in members[-third:]) / third
    assert late >= early + 1
    assert Counter(line["truth"]["cause"] for line in members).most_common(1)[0][0] == INCIDENT_CAUSE[name]


@pytest.mark.parametrize("name", INCIDENT_CAUSE)
def test_an_incident_concerns_one_brand_which_answers_late(
    settings: Settings, originals: list[Line], name: str
) -> None:
    members = of_incident(originals, name)
    matcher = BrandMatcher(settings.brands)
    assert {matcher.match(f"{m.get('title', '')}\n{m['text']}") for m in members} == {(INCIDENT_BRAND[name],)}
    accounts = next(brand.accounts for brand in settings.brands if brand.name == INCIDENT_BRAND[name])
    ids = {line["id"] for line in members}
    answers = [line for line in originals if line["author"] in accounts and line.get("parent") in ids]
    assert len(answers) == 1
    assert answers[0]["at"] > (members[0]["at"] + members[-1]["at"]) / 2


def test_the_burst_of_joy_is_one_hour_of_happy_posts(originals: list[Line]) -> None:
    happy = [line for line in originals if line["truth"]["joy"]]
    assert 38 <= len(happy) <= 48
    assert happy[0]["at"] >= 16 * HOUR
    assert happy[-1]["at"] <= 17 * HOUR
    assert {line["lang"] for line in happy} == set(LANGUAGES)
    assert complaints_of(happy) == []


# ------------------------------------------------------------------ what the README says of it


def test_the_counts_in_the_readme_are_those_of_the_day(
    settings: Settings, lines: list[Line], mentions: list[Line]
) -> None:
    readme = (SAMPLES / "README.md").read_text(encoding="utf-8")
    table = {row[0]: [int(n) for n in row[1:]] for row in re.findall(ROW, readme, re.MULTILINE)}
    matcher = BrandMatcher(settings.brands)
    expected = {"mentions": mentions, "complaints": complaints_of(mentions)}
    for brand in settings.brands:
        expected[brand.name] = [
            m for m in mentions if brand.name in matcher.match(f"{m.get('title', '')}\n{m['text']}")
        ]
    expected |= {f"incident `{name}`": of_incident(mentions, name) for name in INCIDENT_CAUSE}
    expected["joy"] = [line for line in mentions if line["truth"]["joy"]]
    for name, members in expected.items():
        by_lang = Counter(line["lang"] for line in members)
        assert table[name] == [by_lang["ja"], by_lang["zh"], by_lang["en"], len(members)], name
    assert f"{len(lines)} lines, {len(mentions)} mentions" in readme
