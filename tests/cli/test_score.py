"""`listener score` as a process: one line in, one line out, whatever comes."""

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]

KEYS = ["id", "lang", "complaint", "flagged", "severity", "cause", "churn", "model"]


def lines(records: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def test_each_record_gets_one_line_with_the_documented_keys(listener: Run) -> None:
    done = listener("score", "-", stdin=lines([{"text": "still no refund after six weeks", "id": "p1"}, {"text": ""}]))
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert done.returncode == 0
    assert list(first) == list(second) == KEYS
    assert (first["id"], second["id"]) == ("p1", "2")
    assert first["lang"] == "en"
    assert first["flagged"] is True
    assert 1 <= first["severity"] <= 4
    assert second["flagged"] is False
    assert (second["severity"], second["cause"]) == (0, "none")


def test_a_declared_language_is_kept_where_the_text_agrees(listener: Run) -> None:
    text = "返金はまだですか"
    declared = ["ja-JP", "en", "klingon", "ja; x", None]
    done = listener("score", "-", stdin=lines([{"text": text, "lang": lang} for lang in declared]))
    assert [json.loads(line)["lang"] for line in done.stdout.splitlines()] == ["ja-JP", "ja", "ja", "ja", "ja"]


def test_quick_scores_are_short(listener: Run) -> None:
    done = listener("score", "-", "--quick", stdin=lines([{"text": "still no refund after six weeks"}, {"text": ""}]))
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert list(first) == ["id", "lang", "complaint", "flagged", "model"]
    assert (first["flagged"], second["flagged"]) == (True, False)
    assert listener("score", "-", "--quick", "--explain").returncode == 2


def test_bad_records_are_reported_and_the_good_come_out_in_order(listener: Run, tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    good = [json.dumps({"id": str(n), "text": f"post {n}"}).encode() for n in range(6)]
    bad = [b"{not json", b'{"text": null}', b'{"text": 7}', b"\xff\xfe", b'{"text": "\\ud800"}', b"[]"]
    path.write_bytes(b"\n".join(part for pair in zip(good, bad, strict=True) for part in pair) + b"\n")
    done = listener("score", str(path))
    assert done.returncode == 1
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [str(n) for n in range(6)]
    told = done.stderr.splitlines()
    assert [line.split(": ")[0] for line in told] == [f"{path}:{n}" for n in (2, 4, 6, 8, 10, 12)]


def test_evidence_points_into_the_text(listener: Run) -> None:
    text = "😡 ｻﾎﾟｰﾄに３回電話したのに、まだ返事がない…もう二度と使わない"
    done = listener("score", "-", "--explain", stdin=lines([{"text": text}]))
    evidence = json.loads(done.stdout)["evidence"]
    assert evidence
    for span in evidence:
        assert list(span) == ["text", "start", "end", "weight"]
        assert text[span["start"] : span["end"]] == span["text"]


def test_cues_are_named_phrases(listener: Run) -> None:
    done = listener("score", "-", "--cues", stdin=lines([{"text": "still no reply after 3 emails"}, {"text": "배송"}]))
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert {"name": "counted", "text": "3 emails", "start": 21, "end": 29} in first["cues"]
    assert second["cues"] == []


@pytest.mark.parametrize("name", ["posts.csv", "posts.csv.gz", "posts.jsonl.gz"])
def test_other_formats(listener: Run, tmp_path: Path, name: str) -> None:
    body = "id,text\n1,so slow\n2,很慢\n" if "csv" in name else lines([{"text": "so slow"}, {"text": "很慢"}])
    path = tmp_path / name
    path.write_bytes(gzip.compress(body.encode()) if name.endswith(".gz") else body.encode())
    done = listener("score", str(path))
    assert [json.loads(line)["lang"] for line in done.stdout.splitlines()] == ["en", "zh"]
    assert done.returncode == 0


def test_more_than_one_batch_keeps_its_order(listener: Run) -> None:
    done = listener("score", "-", stdin=lines([{"text": f"number {n}"} for n in range(2500)]))
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [str(n + 1) for n in range(2500)]


@pytest.mark.parametrize(
    "arguments", [("score", "nowhere.jsonl"), ("score",), ("score", "-", "--model", "nowhere"), ("score", "x.exe")]
)
def test_what_cannot_be_used_is_wrong_usage(listener: Run, arguments: tuple[str, ...]) -> None:
    done = listener(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr


def test_a_reader_that_leaves_is_no_trouble(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_text(lines([{"text": f"number {n} " + "x" * 200} for n in range(20_000)]))
    with subprocess.Popen(
        [sys.executable, "-m", "listener", "score", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
