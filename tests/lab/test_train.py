"""Training: deterministic, told on the card, usable at once; data in, by whose leave, never on both sides."""

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from listener.classify import card as cards
from listener.classify import load
from listener.classify.card import Card
from listener.errors import InputError
from listener.lab import data, held_out
from listener.lab.catalogue import CATALOGUE
from listener.lab.metrics import measure, rounded
from listener.lab.train import Order, gather, train

Write = Callable[[str, list[dict[str, object]]], Path]


def test_the_same_order_makes_the_same_bytes(trained: tuple[Path, Card], small_corpus: Path, tmp_path: Path) -> None:
    out, _ = trained
    train(Order(out=tmp_path / "tiny-7", corpus=(small_corpus,), outside=False, seed=3))
    for name in ("weights.npz", "card.json"):
        assert (out / name).read_bytes() == (tmp_path / "tiny-7" / name).read_bytes(), name


def test_the_card_tells_what_the_model_is(trained: tuple[Path, Card]) -> None:
    out, card = trained
    assert (card.name, card.version, card.seed) == ("tiny", "7", 3)
    assert {source["name"] for source in card.data} == {"ja.jsonl", "zh.jsonl", "en.jsonl"}
    assert all(len(source["sha256"]) == 64 and source["licence"] for source in card.data)
    assert set(card.figures["corpus"]) == {"all", "ja", "zh", "en"}
    assert card.figures["fitted_on"].startswith("all posts")
    assert set(card.thresholds) == {"ja", "zh", "en"}
    assert card.intended_use
    assert card.limits
    assert load(out).name == "tiny@7"


def test_the_card_shows_another_build_beside(trained: tuple[Path, Card], small_corpus: Path, tmp_path: Path) -> None:
    card = train(Order(out=tmp_path / "b-1", corpus=(small_corpus,), outside=False, beside=(trained[0],)))
    [other] = card.figures["other_builds"]
    assert other["name"] == "tiny@7"
    assert other["figures"]["corpus"]["all"]["auc"] == trained[1].figures["corpus"]["all"]["auc"]


def test_a_model_knows_its_training_texts_again(trained: tuple[Path, Card], small_corpus: Path) -> None:
    classifier = load(trained[0])
    line = (small_corpus / "en.jsonl").read_text(encoding="utf-8").splitlines()[0]
    assert classifier.has_seen(json.loads(line)["text"] + "  ")
    assert not classifier.has_seen("nobody ever wrote this sentence about turnips")


def test_held_out_posts_can_be_kept_out(small_corpus: Path, tmp_path: Path) -> None:
    card = train(Order(out=tmp_path / "m-1", corpus=(small_corpus,), outside=False, keep_held_out=True))
    classifier = load(tmp_path / "m-1")
    examples = data.distinct(data.corpus([small_corpus])[0])
    held = [example for example in examples if data.is_held_out(example)]
    assert held
    assert not any(classifier.has_seen(example.text) for example in held)
    assert card.figures["corpus"]["all"]["n"] == len(held)


def test_pairs_and_near_copies_are_never_parted(write: Write) -> None:
    long = "the courier left my parcel in the rain again and nobody at the depot picks up the phone"
    path = write(
        "posts.jsonl",
        [
            *(
                {"text": f"post number {n} of a pair", "lang": "en", "pair": n // 2, "complaint": n % 2}
                for n in range(80)
            ),
            {"text": long, "lang": "en", "complaint": 1},
            {"text": long + "!!!", "lang": "en", "complaint": 1},
            {"text": long.replace("again", "once more"), "lang": "en", "complaint": 1},
        ],
    )
    examples = data.distinct(data.corpus([path])[0])
    assert len(examples) == 82
    assert examples[-1].group == examples[-2].group
    sides: dict[str, set[tuple[bool, int]]] = {}
    for example in examples:
        sides.setdefault(example.group, set()).add((data.is_held_out(example), data.bucket(example, 5)))
    assert len(sides) == 41
    assert all(len(side) == 1 for side in sides.values())


def public_sets(directory: Path) -> None:
    """Files of the names and keys that the catalogue knows; the texts are ours."""
    for name, source in (("real_en", "xci (MIT)"), ("en_playstore_food", "playstore"), ("zh_waimai", "waimai")):
        with gzip.open(directory / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            for n in range(4):
                lang = name.split("_")[-1] if name.startswith("real") else name.split("_")[0]
                record = {"text": f"{name} {n}", "lang": lang, "complaint": n % 2, "source": source}
                if n == 3:
                    record["source"] = "somebody else"
                file.write(json.dumps(record) + "\n")


def test_only_licensed_leaves_the_others_out(small_corpus: Path, tmp_path: Path) -> None:
    public_sets(tmp_path)
    names = {True: [], False: []}
    for only in names:
        order = Order(out=tmp_path / "x-1", corpus=(small_corpus,), data=tmp_path, only_licensed=only)
        examples, sources = gather(order)
        names[only] = sorted(e.text for e in examples if e.family != "corpus")
        told = {source.name for source in sources if source.terms == "weights"}
        assert bool(told) != only
    assert [text for text in names[False] if text not in names[True]] == [
        "real_en 3",
        *(f"zh_waimai {n}" for n in range(4)),
    ]
    assert len(names[True]) == 7


def test_sets_under_forbidding_licences_are_not_known() -> None:
    assert {"en_us_airline", "ja_jrte_pn_train"}.isdisjoint(known.name for known in CATALOGUE)


def test_own_labels_are_joined_by_the_hash_of_the_text(small_corpus: Path, write: Write, tmp_path: Path) -> None:
    texts = write(
        "posts.jsonl", [{"text": "cafe\u0301 never answered me", "lang": "en"}, {"text": "unlabelled", "lang": "en"}]
    )
    labels = tmp_path / "labels.csv"
    with labels.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text_sha256", "complaint", "severity", "cause", "churn"])
        writer.writerow([data.text_sha256("caf\u00e9 never answered me"), 1, 2, "communication", ""])
    order = Order(out=tmp_path / "x", corpus=(small_corpus,), outside=False, labels=(labels,), texts=(texts,))
    [own] = [example for example in gather(order)[0] if example.family == "labels"]
    assert (own.complaint, own.severity, own.churn) == (1, 2, -1)


def test_a_label_file_without_keys_is_refused(small_corpus: Path, write: Write, tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("text,complaint\nx,1\n")
    with pytest.raises(InputError, match="text_sha256"):
        data.labelled([labels], [])


def test_a_corpus_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        train(Order(out=tmp_path / "x", corpus=(tmp_path,), outside=False))


def test_the_text_itself_is_in_no_file_of_a_model(trained: tuple[Path, Card], small_corpus: Path) -> None:
    text = json.loads((small_corpus / "en.jsonl").read_text(encoding="utf-8").splitlines()[0])["text"]
    for file in trained[0].iterdir():
        assert text.encode() not in file.read_bytes()


def test_a_model_keeps_what_it_said_of_its_hold_out(trained: tuple[Path, Card]) -> None:
    kept = held_out.from_arrays(cards.read_arrays(*trained), trained[1])
    assert kept is not None
    assert len(kept) == trained[1].figures["corpus"]["all"]["n"]
    again = rounded(measure(kept.gold, kept.predicted))
    assert again == trained[1].figures["corpus"]["all"]
    one, other = held_out.common(kept, kept.take(np.arange(5, len(kept))))
    assert one.keys.tolist() == other.keys.tolist() == kept.keys[5:].tolist()
