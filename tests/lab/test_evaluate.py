"""Evaluation of models and of recipes by folds: the keys, the groups, and that nothing leaks."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from listener.classify import load
from listener.classify.card import Card
from listener.errors import InputError
from listener.lab.evaluate import Labelled, evaluate, read_labelled
from listener.lab.folds import Plan, cross_validate, partition
from listener.lab.metrics import KEYS

Write = Callable[[str, list[dict[str, object]]], Path]


def loud(count: int, lang: str = "en") -> list[dict[str, object]]:
    """Posts that one word decides, each different."""
    things = ["parcel", "kettle", "train", "hotel", "app", "coffee", "jacket", "phone"]
    return [
        {
            "text": _sentence(n, things[n % 8]),
            "lang": lang,
            "complaint": n % 2,
            "severity": 2 if n % 2 else 0,
            "cause": "quality" if n % 2 else "none",
            "churn": 0,
            "channel": "x" if n % 3 else "shop",
            "domain": things[n % 4],
            "hard": "plain" if n % 5 == 0 else None,
        }
        for n in range(count)
    ]


def _sentence(n: int, thing: str) -> str:
    return f"my {thing} number {chr(97 + n % 26)}{chr(97 + n // 26)} is {'broken' if n % 2 else 'lovely'}"


def labelled(path: Path) -> Labelled:
    return read_labelled([str(path)], lambda _place, _reason: None)


def test_the_report_has_the_documented_keys(trained: tuple[Path, Card], write: Write) -> None:
    report = evaluate(load(trained[0]), labelled(write("posts.jsonl", loud(30))))
    assert list(report) == ["model", "n", "overall", "by_lang", "by_tag", "by_channel", "by_source"]
    assert tuple(report["overall"]) == KEYS
    assert report["model"] == "tiny@7"
    assert report["n"] == report["overall"]["n"] == 30
    assert report["by_channel"]["shop"]["n"] + report["by_channel"]["x"]["n"] == 30
    assert set(report["by_tag"]) == {"plain"}
    assert report["by_source"] == {}


def test_bad_records_are_told_and_the_good_ones_counted(write: Write) -> None:
    path = write("posts.jsonl", [{"text": "fine", "complaint": 0}, {"text": None}, {"text": "bad", "complaint": 1}])
    told: list[str] = []
    found = read_labelled([str(path)], lambda place, _reason: told.append(place))
    assert len(found.records) == 2
    assert found.bad == 1
    assert told == [f"{path}:2"]


def test_a_file_without_gold_cannot_train(trained: tuple[Path, Card], write: Write) -> None:
    path = write("posts.jsonl", [{"text": "no label", "lang": "en"}])
    with pytest.raises(InputError, match="label"):
        read_labelled([str(path)], lambda _place, _reason: None, to_train=True)
    figures = evaluate(load(trained[0]), labelled(path))["overall"]
    assert figures["n"] == 1
    assert {figures[key] for key in KEYS if key != "n"} == {None}


def test_an_empty_file_is_refused(write: Write) -> None:
    with pytest.raises(InputError, match="no record"):
        labelled(write("posts.jsonl", []))


def test_folds_learn_what_can_be_learnt(write: Write) -> None:
    report = cross_validate(labelled(write("posts.jsonl", loud(160))), Plan(4))
    assert report["n"] == 160
    assert report["overall"]["auc"] > 0.95
    assert report["model"] == "alone (4 folds)"


def test_folds_learn_nothing_from_noise(write: Write) -> None:
    """With labels that the text does not tell, unseen parts are at chance: a leak would show."""
    rows = loud(200)
    coins = np.random.default_rng(0).integers(0, 2, 200)
    for row, coin in zip(rows, coins.tolist(), strict=True):
        row["complaint"] = coin
    assert 0.35 < cross_validate(labelled(write("posts.jsonl", rows)), Plan(4))["overall"]["auc"] < 0.65


def test_equal_texts_stay_in_one_fold(write: Write) -> None:
    found = labelled(write("posts.jsonl", [*loud(40), *loud(40)]))
    parts = partition(found, Plan(5))
    assert np.array_equal(parts[:40], parts[40:])
    assert np.bincount(parts).max() - np.bincount(parts).min() <= 2


def test_a_group_is_never_split(write: Write) -> None:
    found = labelled(write("posts.jsonl", loud(80)))
    for plan in (Plan(2, "domain"), Plan(None, "domain"), Plan(2, "channel")):
        parts = partition(found, plan)
        sides: dict[str, set[int]] = {}
        for record, part in zip(found.records, parts.tolist(), strict=True):
            key = record.extra["domain"] if plan.group == "domain" else record.channel
            sides.setdefault(str(key), set()).add(part)
        assert all(len(side) == 1 for side in sides.values())
    assert int(partition(found, Plan(None, "domain")).max()) == 3


def test_plans_that_cannot_be_carried_out_are_refused(write: Write) -> None:
    found = labelled(write("posts.jsonl", loud(6)))
    for plan in (Plan(50), Plan(3, "nothing"), Plan(None, "brand"), Plan(9, "domain")):
        with pytest.raises(InputError):
            partition(found, plan)


def test_a_base_gives_its_opinion_but_not_on_its_own_texts(
    trained: tuple[Path, Card], small_corpus: Path, write: Write
) -> None:
    base = load(trained[0])
    seen = read_labelled([str(small_corpus / "en.jsonl")], lambda _place, _reason: None)
    found = labelled(write("posts.jsonl", loud(60)))
    both = Labelled([*found.records, *seen.records], [*found.examples, *seen.examples], 0)
    report = cross_validate(both, Plan(3), base)
    assert report["n"] == 60
    assert "tiny@7" in report["model"]
    with pytest.raises(InputError, match="every text"):
        cross_validate(seen, Plan(3), base)
