"""`listener db purge|erase-author|hold`: what is let go, what stays and why, as a person runs it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from listener.cli import app
from listener.store import Store
from tests.store.seed import alert_for, mention, take

SETTINGS = """
[[sources]]
name = "s"
kind = "files"
path = "/elsewhere/drop"
keep = "30d"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "listener.toml").write_text(SETTINGS)
    now = datetime.now(UTC)
    with Store.open(tmp_path / "listener.db") as store:
        old = now - timedelta(days=40)
        alert_for(store, "9", "a case", author="Wanda", posted_at=old)
        take(store, mention("1", "old words", author="Wanda", posted_at=old), now=now)
        take(store, mention("2", "older words", author="Otto", posted_at=old - timedelta(days=60)), now=now)
        take(store, mention("1", "elsewhere", source="t", author="Wanda", posted_at=old), now=now)
    return tmp_path


def run(home: Path, *args: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["db", *args, "--home", str(home)])
    assert done.exit_code == code, done.output
    return done.stdout


def said(home: Path, *args: str, code: int = 0) -> Any:
    return json.loads(run(home, *args, "--json", code=code))


def texts(home: Path) -> list[str]:
    with Store.open(home / "listener.db") as store, store.read() as tx:
        return sorted(text.text for text in tx.mentions.iterate())


def test_each_source_is_kept_as_long_as_it_says(home: Path) -> None:
    dry = said(home, "purge", "--dry-run")
    assert dry == {"dry_run": True, "sources": {"s": {"purged": 2, "open_cases": 1, "held": {}}}}
    assert len(texts(home)) == 4
    assert said(home, "purge")["sources"] == dry["sources"]
    assert texts(home) == ["a case", "elsewhere"]
    assert "nothing is old enough" not in run(home, "purge")  # the open case is told again


def test_older_than_goes_before_what_the_settings_say(home: Path) -> None:
    assert said(home, "purge", "--older-than", "90d")["sources"]["s"]["purged"] == 1
    assert said(home, "purge", "--older-than", "1d", "--source", "t")["sources"]["t"]["purged"] == 1
    assert texts(home) == ["a case", "old words"]
    for wrong in (("--older-than", "soon"), ("--older-than", "1d", "--source", "x")):
        assert CliRunner().invoke(app, ["db", "purge", *wrong, "--home", str(home)]).exit_code != 0


def test_an_author_is_erased_and_what_is_held_is_named(home: Path) -> None:
    number = run(home, "hold", "add", "--alert", "1", "--reason", "court 4", "--as", "Ken").strip()
    run(home, "backup", str(home / "copy.db"))
    dry = said(home, "erase-author", "wanda", "--dry-run", code=1)
    assert (dry["posts"], dry["dry_run"], len(texts(home))) == (2, True, 4)
    done = said(home, "erase-author", "wanda", "--as", "Mei", code=1)
    assert (done["posts"], done["wiped"]) == (2, True)
    assert done["held"] == [{"hold": int(number), "reason": "court 4", "who": "Ken", "posts": 1}]
    assert [(export["kind"], Path(export["file"]).name) for export in done["exports"]] == [("backup", "copy.db")]
    assert done["inputs"] == ["/elsewhere/drop"]
    assert texts(home) == ["a case", "older words"]

    run(home, "hold", "remove", number, "--as", "Ken")
    assert said(home, "erase-author", "Wanda")["posts"] == 1
    assert b"Wanda" not in (home / "listener.db").read_bytes()
    with Store.open(home / "listener.db") as store, store.read() as tx:
        acts = [(row.verb, row.actor) for row in reversed(tx.audit.last(9))]
        assert tx.audit.broken_at() is None
        assert "anda" not in str([row.data for row in tx.audit.last(9)])
    assert [verb for verb, _ in acts] == ["hold", "erase", "hold", "erase"]
    assert acts[1][1] == "Mei"


def test_what_was_handed_out_is_listed(home: Path) -> None:
    assert said(home, "exports") == []
    run(home, "backup", str(home / "copy.db"))
    (one,) = said(home, "exports")
    assert (one["kind"], one["rows"], one["file"]) == ("backup", 4, str(home / "copy.db"))
    assert "copy.db" in run(home, "exports")


def test_holds_are_listed_and_only_what_is_there_can_be_held(home: Path) -> None:
    run(home, "hold", "add", "--author", "Wanda", "--source", "s", "--reason", "dispute", "--as", "Ken")
    (hold,) = [json.loads(line) for line in run(home, "hold", "list", "--json").splitlines()]
    assert (hold["kind"], hold["author"], hold["source"], hold["reason"], hold["who"]) == (
        *("author", "Wanda", "s", "dispute", "Ken"),
    )
    assert "author Wanda: dispute (Ken" in run(home, "hold", "list")
    run(home, "hold", "remove", "1")
    assert run(home, "hold", "list") == ""
    assert "lifted by" in run(home, "hold", "list", "--all")
    for wrong in ((), ("--alert", "77"), ("--mention", "77"), ("--alert", "1", "--author", "x")):
        done = CliRunner().invoke(app, ["db", "hold", "add", *wrong, "--reason", "r", "--home", str(home)])
        assert done.exit_code != 0
    assert CliRunner().invoke(app, ["db", "hold", "remove", "5", "--home", str(home)]).exit_code != 0
