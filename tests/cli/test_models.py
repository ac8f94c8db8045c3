"""`listener calibrate` and `listener models` as a person runs them."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from listener.cli import main
from listener.lab.train import Order, train

Run = Callable[..., SimpleNamespace]
CORPUS = Path(__file__).resolve().parents[2] / "data" / "corpus"


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command in this process, its home the test's directory: a dozen processes of their own take half a minute."""
    monkeypatch.setenv("LISTENER_HOME", str(tmp_path))

    def run(*arguments: str) -> SimpleNamespace:
        monkeypatch.setattr(sys, "argv", ["listener", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return SimpleNamespace(returncode=ended.value.code, stdout=out, stderr=err)

    return run


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("tiny")
    lines = (CORPUS / "en-a.jsonl").read_text(encoding="utf-8").splitlines()[::3]
    (directory / "small.jsonl").write_text("\n".join(lines), encoding="utf-8")
    train(Order(out=directory / "tiny-1", corpus=(directory / "small.jsonl",), outside=False))
    return directory / "tiny-1"


def labels(path: Path, count: int = 60) -> Path:
    records = [
        {"text": f"number {n}: {'still broken' if n % 3 else 'works fine'}", "lang": "en", "complaint": int(n % 3 > 0)}
        for n in range(count)
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def test_calibrate_compare_promote_and_back(listener: Run, tiny: Path, tmp_path: Path) -> None:
    file, local = labels(tmp_path / "labels.jsonl"), tmp_path / "local-1"
    done = listener("calibrate", str(file), "--model", str(tiny), "--out", str(local), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["figures"]["calibrated"]["by"]["en"]["posts"] == 60

    compared = listener("models", "compare", str(tiny), str(local), str(file), "--json")
    assert compared.returncode == 0, compared.stderr
    assert json.loads(compared.stdout)["groups"]["en"]["n"] == 60
    shown = listener("models", "compare", str(tiny), str(local))
    assert "95% interval" in shown.stdout

    forced = listener("models", "promote", str(tiny), "--force", "--json")
    assert json.loads(forced.stdout)["current"] == "tiny-1"
    done = listener("models", "promote", str(local), str(file))
    assert done.returncode == 0, done.stderr
    assert json.loads(listener("score", str(file)).stdout.splitlines()[0])["model"] == "local@1"
    listed = json.loads(listener("models", "list", "--json").stdout)["models"]
    assert [row["name"] for row in listed if row["current"]] == ["local@1"]
    assert "tiny-1 is in use again" in listener("models", "rollback").stdout


def test_a_worse_model_is_held_back(listener: Run, tiny: Path, tmp_path: Path) -> None:
    file = labels(tmp_path / "labels.jsonl")
    turned = tmp_path / "turned.jsonl"
    lines = [json.loads(line) for line in labels(tmp_path / "other.jsonl", 90).read_text().splitlines()]
    turned.write_text("".join(json.dumps({**line, "complaint": 1 - line["complaint"]}) + "\n" for line in lines))
    made = listener("calibrate", str(turned), "--model", str(tiny), "--out", str(tmp_path / "bad-1"))
    assert made.returncode == 0, made.stderr
    listener("models", "promote", str(tiny), "--force")
    refused = listener("models", "promote", str(tmp_path / "bad-1"), str(file))
    assert refused.returncode == 1
    assert "worse" in refused.stderr
    assert listener("models", "promote", str(tmp_path / "bad-1"), str(file), "--force").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("models", "promote", "nowhere"), 2),
        (("models", "rollback"), 2),
        (("calibrate", "--labels", "nowhere.csv", "--out", "x"), 2),
        (("calibrate", "EMPTY", "--out", "x"), 2),
    ],
)
def test_wrong_usage(listener: Run, tmp_path: Path, arguments: tuple[str, ...], code: int) -> None:
    (tmp_path / "empty.jsonl").write_text('{"text": "no label"}\n')
    done = listener(*(str(tmp_path / "empty.jsonl") if one == "EMPTY" else one for one in arguments))
    assert done.returncode == code
    assert done.stdout == ""
