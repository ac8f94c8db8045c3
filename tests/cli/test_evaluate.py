"""`listener evaluate` on the command line."""

import json
from pathlib import Path

from tests.cli.conftest import Run

POSTS = [
    {"text": "Worst service ever, I want a refund", "complaint": 1, "severity": 3, "cause": "refund", "churn": 0},
    {"text": "What a lovely day", "complaint": 0, "churn": 0},
]


def test_the_table_for_people_cuts_no_number_and_no_heading(listener: Run, tmp_path: Path) -> None:
    (tmp_path / "gold.jsonl").write_text("".join(json.dumps(post) + "\n" for post in POSTS))
    done = listener("evaluate", str(tmp_path / "gold.jsonl"))
    assert done.returncode == 0, done.stderr
    assert "macro-F1" in done.stdout
    assert "precision" in done.stdout
    assert "…" not in done.stdout
