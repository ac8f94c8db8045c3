"""`listener train` and `listener evaluate` as a person runs them."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
CORPUS = Path(__file__).resolve().parents[2] / "data" / "corpus"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.jsonl"
    path.write_text("\n".join((CORPUS / "en-a.jsonl").read_text(encoding="utf-8").splitlines()[::4]), encoding="utf-8")
    return path


def test_train_then_score_and_evaluate(listener: Run, small: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine-2"
    done = listener("train", "--corpus", str(small), "--corpus-only", "--out", str(out), "--json")
    assert done.returncode == 0, done.stderr
    card = json.loads(done.stdout)
    assert (card["name"], card["version"], card["path"]) == ("mine", "2", str(out))
    scored = listener("score", "-", "--model", str(out), stdin='{"text": "it broke again"}\n')
    assert json.loads(scored.stdout)["model"] == "mine@2"
    report = listener("evaluate", str(small), "--model", str(out), "--json")
    assert report.returncode == 0
    assert json.loads(report.stdout)["overall"]["n"] == 125


def test_evaluate_shows_tables_to_people(listener: Run, small: Path) -> None:
    done = listener("evaluate", str(small))
    assert done.returncode == 0
    assert "macro-F1" in done.stdout
    assert "by channel" in done.stdout


def test_evaluate_by_folds_keeps_standard_output_for_the_report(listener: Run, small: Path) -> None:
    done = listener("evaluate", str(small), "--folds", "3", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["n"] == 125


@pytest.mark.parametrize(
    "arguments",
    [
        ("evaluate", "FILE", "--folds", "1"),
        ("evaluate", "FILE", "--base", "x"),
        ("evaluate", "FILE", "--folds", "3", "--model", "x"),
        ("evaluate", "FILE", "--group", "nothing"),
        ("evaluate", "nowhere.jsonl"),
        ("train", "--corpus", "FILE"),
        ("train", "--corpus", "FILE", "--corpus-only", "--out", "x", "--recipe", "cake"),
        ("train", "--corpus", "nowhere", "--corpus-only", "--out", "x"),
        ("train", "--labels", "FILE", "--out", "x"),
    ],
)
def test_wrong_usage(listener: Run, small: Path, arguments: tuple[str, ...]) -> None:
    done = listener(*(str(small) if argument == "FILE" else argument for argument in arguments))
    assert done.returncode == 2
    assert done.stdout == ""
