"""`listener labels`: a week's sample out, labels in, recall measured, and models that learn only from what they may."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from listener.cli import app
from listener.lab.data import labelled
from listener.store import Store
from listener.triage.sampling import week_before
from tests.store.seed import mention, take, verdict

SETTINGS = """
[[sources]]
name = "s"
kind = "files"
path = "/nowhere"

[[sources]]
name = "r"
kind = "reddit"
subreddits = ["japan"]
client_id = "x"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A week's posts: complaints say `bad`; the classifier flags those that say `very bad`."""
    (tmp_path / "listener.toml").write_text(SETTINGS)
    now = datetime.now(UTC)
    at = week_before(now)[1] + timedelta(days=2)
    texts = [f"very bad {n}" for n in range(8)] + [f"bad {n}" for n in range(4)] + [f"fine {n}" for n in range(60)]
    with Store.open(tmp_path / "listener.db") as store:
        with store.write() as tx:
            tx.sources.register("s", "files")
            tx.sources.register("r", "reddit")
        posts = [mention(str(n), text, posted_at=at, source="r" if n % 2 else "s") for n, text in enumerate(texts)]
        take(store, *posts, now=now)
        with store.write() as tx:
            scored = []
            for text in tx.verdicts.pending(1000):
                flagged = text.text.startswith("very")
                probability = 0.9 if flagged else 0.3 if "bad" in text.text else 0.02
                scored.append((text, verdict(complaint=probability, flagged=flagged)))
            tx.verdicts.put(scored, now)
    return tmp_path


def run(home: Path, *args: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["labels", *args, "--home", str(home)])
    assert done.exit_code == code, done.output
    return done.stdout


def sampled(home: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run(home, "sample").splitlines()]


def label(home: Path, posts: list[dict[str, Any]]) -> Path:
    path = home / "given.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text_sha256", "complaint", "severity", "cause", "churn"])
        for post in posts:
            bad = "bad" in post["text"]
            writer.writerow([post["id"], int(bad), 2 if bad else 0, "quality" if bad else "none", 0])
    return path


def test_a_week_is_drawn_once_labelled_and_measured(home: Path) -> None:
    posts = sampled(home)
    assert len(posts) == 8 + 4 + 50
    assert {"complaint", "flagged", "stratum", "probability"} & set(posts[0]) == set()
    assert [post["id"] for post in sampled(home)] == [post["id"] for post in posts]
    assert json.loads(run(home, "recall", "--json")) is None
    assert "62 labels taken" in run(home, "import", str(label(home, posts)), "--as", "Aiko")
    assert sampled(home) == []
    found = json.loads(run(home, "recall", "--json"))
    assert found["recall"] == pytest.approx(8 / 12)
    assert found["low"] < 8 / 12 < found["high"]
    assert "0 labels taken, 62 known already" in run(home, "import", str(label(home, posts)), "--as", "Aiko")
    with Store.open(home / "listener.db") as store, store.read() as tx:
        given = {one.text_sha256: one for one in tx.labels.all()}
        assert {round(one.selection_probability or 0, 3) for one in given.values()} == {1.0, round(50 / 60, 3)}
        assert {one.who for one in given.values()} == {"Aiko"}
        assert [(export.kind, export.rows) for export in tx.exports.all()] == [("sample", 62), ("sample", 62)]


def test_models_learn_only_from_sources_that_allow_it(home: Path) -> None:
    run(home, "import", str(label(home, sampled(home))))
    run(home, "export", str(home / "labels.csv"), "--texts", str(home / "texts.jsonl"))
    with (home / "labels.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {(row["source"], row["may_train"]) for row in rows} == {("s", "1"), ("r", "0")}
    texts = [json.loads(line) for line in (home / "texts.jsonl").read_text().splitlines()]
    assert {text["source"] for text in texts} == {"s"}
    examples, _ = labelled([home / "labels.csv"], [home / "texts.jsonl"])
    assert len(examples) == len(texts) == sum(row["may_train"] == "1" for row in rows)

    (home / "listener.toml").write_text(SETTINGS + "may_train = true\n")
    run(home, "export", str(home / "all.csv"), "--texts", str(home / "all.jsonl"))
    with (home / "all.csv").open() as file:
        assert {row["may_train"] for row in csv.DictReader(file)} == {"1"}
    over = CliRunner().invoke(app, ["labels", "export", str(home / "all.csv"), "--home", str(home)])
    assert over.exit_code != 0, "an export never writes over a file"


def test_a_label_that_may_not_train_is_left_out_even_if_its_text_is_there(tmp_path: Path) -> None:
    from listener.lab.data import text_sha256

    rows = [(text_sha256(text), may) for text, may in (("one", "1"), ("two", "0"), ("three", ""))]
    table = "".join(f"{key},1,2,quality,0,{may}\n" for key, may in rows)
    (tmp_path / "l.csv").write_text("text_sha256,complaint,severity,cause,churn,may_train\n" + table)
    (tmp_path / "t.jsonl").write_text("".join(json.dumps({"text": t}) + "\n" for t in ("one", "two", "three")))
    examples, _ = labelled([tmp_path / "l.csv"], [tmp_path / "t.jsonl"])
    assert [example.text for example in examples] == ["one", "three"]


@pytest.mark.parametrize(
    "row",
    [
        "xyz,1,2,quality,0",
        f"{'a' * 64},2,2,quality,0",
        f"{'a' * 64},,2,quality,0",
        f"{'a' * 64},1,0,quality,0",
        f"{'a' * 64},0,3,none,0",
        f"{'a' * 64},1,2,weather,0",
        f"{'a' * 64},1,x,quality,0",
    ],
)
def test_bad_rows_are_named_and_the_others_taken(home: Path, row: str) -> None:
    path = home / "given.csv"
    path.write_text(f"text_sha256,complaint,severity,cause,churn\n{row}\n{'b' * 64},1,2,quality,1\n")
    done = CliRunner().invoke(app, ["labels", "import", str(path), "--home", str(home)])
    assert done.exit_code == 1
    assert "1 labels taken" in done.output
    assert f"{path}:2: " in done.output


def test_a_label_that_is_taken_back_counts_no_more(home: Path) -> None:
    post = sampled(home)[0]
    run(home, "import", str(label(home, [post])))
    with Store.open(home / "listener.db") as store:
        with store.write() as tx:
            assert tx.labels.withdraw(1)
        with store.read() as tx:
            assert post["id"] in {row.text_sha256 for row in tx.samples.waiting(100)}
