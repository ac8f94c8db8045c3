"""`listener forecast` and `listener replay`: the shape of their answers."""

import json
from pathlib import Path

from tests.cli.conftest import Run

CASCADE = {
    "id": "c",
    "followers": 1200,
    "text": "the app is down",
    "timestamp": "2026-03-01T09:00:00Z",
    "events": [[10 * n, -1] for n in range(1, 40)],
}


def test_a_forecast_reads_nothing_later_than_its_time(listener: Run, tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.jsonl", tmp_path / "cut.jsonl"
    whole.write_text(json.dumps(CASCADE) + "\n")
    cut.write_text(json.dumps({**CASCADE, "events": [e for e in CASCADE["events"] if e[0] <= 200]}) + "\n")  # type: ignore[attr-defined]
    first = listener("forecast", str(whole), "--at", "200", "--json")
    assert first.returncode == 0
    answer = json.loads(first.stdout)
    assert set(answer) == {"id", "seen", "predicted", "low", "high"}
    assert answer["seen"] == 20
    assert answer["predicted"] >= answer["seen"]
    assert answer["low"] <= answer["predicted"] <= answer["high"]
    assert first.stdout == listener("forecast", str(cut), "--at", "200", "--json").stdout


def test_a_bad_cascade_is_a_line_and_the_good_ones_come_out(listener: Run, tmp_path: Path) -> None:
    file = tmp_path / "c.jsonl"
    file.write_text("{broken\n" + json.dumps(CASCADE) + "\n")
    done = listener("forecast", str(file), "--at", "200", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["id"] == "c"
    assert "c.jsonl:1" in done.stderr


def test_replay_answers_with_incidents_of_flagged_members(listener: Run, tmp_path: Path) -> None:
    file = tmp_path / "s.jsonl"
    texts = (f"Acme has been down for {n} hours, nobody answers, I want a refund" for n in range(3, 12))
    lines = [
        {"id": str(n), "brand": "Acme", "posted_at": f"2026-03-01T09:{n:02d}:00Z", "text": text}
        for n, text in enumerate(texts)
    ]
    file.write_text("\n".join(map(json.dumps, lines)) + "\n")
    done = listener("replay", str(file), "--json")
    assert done.returncode == 0
    answer = json.loads(done.stdout)
    assert answer["posts"] == len(lines)
    known = {line["id"] for line in lines}
    for incident in answer["incidents"]:
        keys = {"id", "brand", "cause", "title", "languages", "first_mention_at", "alarm_at", "members"}
        assert set(incident) == keys
        assert set(incident["members"]) <= known
    assert answer["alarms"] >= sum(one["alarm_at"] is not None for one in answer["incidents"])
