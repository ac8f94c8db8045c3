"""`listener forecast` end to end: the contract of DESIGN.md section 6."""

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

from listener.cli import forecast


def line(name: str, shares: int, *, step: int = 20, **changes: Any) -> str:
    random = np.random.default_rng(shares)
    events = [[number * step, int(random.integers(-1, number + 1) - 1) if number else -1] for number in range(shares)]
    events = [[second, max(-1, min(parent, number - 1))] for number, (second, parent) in enumerate(events)]
    fields = {"id": name, "followers": 500, "text": "late", "timestamp": "2013-05-04T12:00:00Z", "events": events}
    return json.dumps(fields | changes, ensure_ascii=False)


def run(*arguments: object, stdin: bytes | None = None) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    forecast.register(app)
    return CliRunner().invoke(app, ["forecast", *map(str, arguments)], input=stdin)


def told(result: Result) -> list[dict[str, Any]]:
    return [json.loads(text) for text in result.stdout.splitlines()]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "cascades.jsonl"
    path.write_text("\n".join([line("a", 40), line("b", 3), line("c", 300)]) + "\n", encoding="utf-8")
    return path


def test_one_line_a_cascade_in_order(file: Path) -> None:
    result = run(file, "--at", 600, "--json")
    assert result.exit_code == 0
    assert result.stderr == ""
    lines = told(result)
    assert [values["id"] for values in lines] == ["a", "b", "c"]
    assert [values["seen"] for values in lines] == [31, 3, 31]
    for values in lines:
        assert list(values) == ["id", "seen", "predicted", "low", "high"]
        assert values["seen"] <= values["low"] <= values["predicted"] <= values["high"]


def test_nothing_later_is_read(tmp_path: Path) -> None:
    short, long = tmp_path / "short.jsonl", tmp_path / "long.jsonl"
    short.write_text(line("a", 31), encoding="utf-8")
    events = json.loads(line("a", 31))["events"] + [[700 + number, "hostile"] for number in range(50)]
    long.write_text(line("a", 31, events=events, label="rumor", reposts=10**6, verified=None), encoding="utf-8")
    assert run(short, "--at", 600, "--json").stdout == run(long, "--at", 600, "--json").stdout


def test_gzip_and_standard_input_give_the_same(file: Path, tmp_path: Path) -> None:
    packed = tmp_path / "cascades.jsonl.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    plain = run(file, "--at", 1800, "--json").stdout
    assert plain
    assert run(packed, "--at", 1800, "--json").stdout == plain
    assert run("-", "--at", 1800, "--json", stdin=file.read_bytes()).stdout == plain


def test_bad_records_are_one_line_each_and_the_good_ones_go_on(tmp_path: Path) -> None:
    path = tmp_path / "mixed.jsonl"
    bad = [
        b"{nonsense",
        b"[1,2]",
        b'{"id":"x"}',
        b'{"id":"x","events":[[1]]}',
        b"\xff\xfe{}",
        b'{"a":"\x00"}',
        b"[" * 9000,
    ]
    path.write_bytes(b"\n".join([line("a", 20).encode(), *bad, line("b", 20).encode()]))
    result = run(path, "--at", 600, "--json")
    assert result.exit_code == 1
    assert [values["id"] for values in told(result)] == ["a", "b"]
    complaints = result.stderr.splitlines()
    assert [text.split(": ")[0] for text in complaints] == [f"{path}:{number}" for number in range(2, 2 + len(bad))]
    assert "nonsense" not in result.stderr


def test_a_bad_optional_field_is_told_but_the_forecast_comes(tmp_path: Path) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_text(line("a", 20, followers="many", timestamp=[]), encoding="utf-8")
    result = run(path, "--at", 600, "--json")
    assert result.exit_code == 1
    assert len(told(result)) == 1
    assert result.stderr.count("\n") == 1


def test_a_record_without_id_is_known_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "nameless.jsonl"
    path.write_text("\n" + line("a", 20, id=None), encoding="utf-8")
    assert told(run(path, "--at", 600, "--json"))[0]["id"] == "2"


def test_explained_forecasts_say_when_and_on_what_assumption(file: Path) -> None:
    first = told(run(file, "--at", 600, "--json", "--explain"))[0]
    assert list(first["within"]) == ["1h", "6h", "24h"]
    assert first["basis"] == "shares"
    assert first["if_answered"]["predicted"] <= first["predicted"]
    assert "assumption" in first["if_answered"]["assumption"]


def test_people_get_a_sentence_a_cascade_and_no_control_characters(tmp_path: Path) -> None:
    path = tmp_path / "hostile.jsonl"
    path.write_text(line("a\x1b[31m\nb", 20), encoding="utf-8")
    result = run(path, "--at", 600, "--explain")
    assert result.exit_code == 0
    assert result.stdout.count("\n") == 1
    assert "\x1b" not in result.stdout


def test_an_empty_file_has_no_forecasts(tmp_path: Path) -> None:
    path = tmp_path / "empty.jsonl"
    path.write_bytes(b"")
    result = run(path, "--at", 600, "--json")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


def real(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The verb in a process of its own, behind the entry point that turns errors into lines."""
    code = "import listener.cli as c, listener.cli.forecast as f; c.VERBS = (); f.register(c.app); c.main()"
    if "forecast" in __import__("listener.cli", fromlist=["VERBS"]).VERBS:
        code = "import listener.cli as c; c.main()"
    command = [sys.executable, "-c", code, "forecast", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize(
    "arguments",
    [
        ("missing.jsonl", "--at", 600),
        ("cascades.xml", "--at", 600),
        ("cascades.jsonl",),
        ("cascades.jsonl", "--at", "soon"),
        ("cascades.jsonl", "--at", -1),
        ("cascades.jsonl", "--at", "nan"),
    ],
)
def test_wrong_usage_is_exit_2_without_a_traceback(file: Path, arguments: tuple[object, ...]) -> None:
    result = real(file.parent / str(arguments[0]), *arguments[1:])
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr
    assert "Traceback" not in result.stderr
