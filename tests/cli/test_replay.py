"""`listener replay` end to end: the contract of DESIGN.md section 6."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Run = Callable[..., Any]
START = datetime(2026, 3, 2, tzinfo=UTC)
CALM = ("lovely lunch today", "the sun is out", "昼ごはん美味しかった", "今天天气不错", "new shoes day", "散歩してきた")
SORE = ("soup was cold and the waiter rude", "荷物がまだ届かない", "菜太咸了，很失望")
BROKEN = (
    "I cannot log in since the update, the app is broken",
    "アプリを更新したらログインできなくなった、最悪",
    "更新之后一直登录不了，太差了",
    "login fails with an error every single time, useless app",
    "ログインするとエラーで落ちる。早く直して",
    "登录页面打不开，客服也不回",
)


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    random = np.random.default_rng(2)
    made = [
        (float(at), SORE[n % 3] if n % 9 == 0 else CALM[n % 6], f"c{n}")
        for n, at in enumerate(random.random(200) * 168)
    ]
    made += [(150 + n / 10, BROKEN[n % 6], f"x{n}") for n in range(24)]
    return [
        {"id": key, "brand": "Soba", "posted_at": (START + timedelta(hours=at)).isoformat(), "text": f"{text} {key}"}
        for at, text, key in made
    ]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n"
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


def test_contract(listener: Run, tmp_path: Path, lines: list[dict[str, Any]]) -> None:
    done = listener("replay", str(write(tmp_path / "a.jsonl", lines)), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert list(report) == ["incidents", "alarms", "posts"]
    assert report["posts"] == len(lines)
    rang = [one for one in report["incidents"] if one["alarm_at"]]
    assert report["alarms"] == len(rang)
    crisis = [one for one in rang if sum(key.startswith("x") for key in one["members"]) >= 10]
    assert len(crisis) == 1
    assert set(crisis[0]["languages"]) == {"ja", "zh", "en"}
    assert datetime.fromisoformat(crisis[0]["alarm_at"]) >= datetime.fromisoformat(crisis[0]["first_mention_at"])


def test_labels_order_and_form_of_the_file_change_nothing(
    listener: Run, tmp_path: Path, lines: list[dict[str, Any]]
) -> None:
    plain = listener("replay", str(write(tmp_path / "a.jsonl", lines)), "--json").stdout
    labels = {"complaint": 0, "severity": 0, "cause": "none", "churn": 1, "incident": "I", "is_incident": True}
    marked = [{**row, **labels} for row in reversed(lines)]
    gz = listener("replay", str(write(tmp_path / "b.jsonl.gz", marked)), "--json")
    assert gz.stdout == plain
    halves = [write(tmp_path / "c.jsonl", lines[:100]), write(tmp_path / "d.jsonl", lines[50:])]
    assert listener("replay", *map(str, halves), "--json").stdout == plain
    piped = "\n".join(json.dumps(row) for row in lines)
    assert listener("replay", "-", "--json", stdin=piped).stdout == plain


def test_nothing_is_left_behind(listener: Run, tmp_path: Path, lines: list[dict[str, Any]]) -> None:
    file = write(tmp_path / "a.jsonl", lines)
    before = set(tmp_path.rglob("*"))
    listener("replay", str(file))
    assert set(tmp_path.rglob("*")) == before


def test_for_people(listener: Run, tmp_path: Path, lines: list[dict[str, Any]]) -> None:
    done = listener("replay", str(write(tmp_path / "a.jsonl", lines)))
    assert done.returncode == 0
    assert f"in {len(lines)} posts" in done.stdout
    assert "expected" in done.stdout


def test_bad_records_are_told_and_the_rest_is_used(listener: Run, tmp_path: Path, lines: list[dict[str, Any]]) -> None:
    bad = [{"id": "1", "text": "x"}, {"id": "2", "text": "x", "brand": "Soba", "posted_at": "yesterday"}, {"id": "3"}]
    done = listener("replay", str(write(tmp_path / "a.jsonl", [*bad, *lines])), "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["posts"] == len(lines)
    assert [line.split(": ")[0].rsplit(":", 1)[1] for line in done.stderr.splitlines()] == ["1", "2", "2", "3"]


def test_an_empty_file(listener: Run, tmp_path: Path) -> None:
    done = listener("replay", str(write(tmp_path / "a.jsonl", [])), "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout) == {"incidents": [], "alarms": 0, "posts": 0}


@pytest.mark.parametrize("option", [("--budget", "0"), ("--budget", "-1"), ("--budget", "nan"), ("--cap", "0")])
def test_wrong_usage(listener: Run, tmp_path: Path, option: tuple[str, str]) -> None:
    done = listener("replay", str(write(tmp_path / "a.jsonl", [])), *option)
    assert done.returncode == 2
    assert done.stdout == ""


def test_no_such_file(listener: Run, tmp_path: Path) -> None:
    done = listener("replay", str(tmp_path / "missing.jsonl"), "--json")
    assert done.returncode == 2
    assert done.stdout == ""
