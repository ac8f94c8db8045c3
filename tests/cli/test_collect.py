"""`listener collect`: files in, one report a source, and the drill of bad input."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from listener.cli import app
from listener.store import Store
from listener.types import Event
from tests.cli.conftest import Run

SETTINGS = """
[[brands]]
name = "Acme"

[[sources]]
name = "drop"
kind = "files"
path = "{drop}"

[[sources]]
name = "other"
kind = "files"
path = "{drop}/nowhere"
"""


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    directory = tmp_path / "drop"
    directory.mkdir()
    (tmp_path / "listener.toml").write_text(SETTINGS.format(drop=directory))
    return directory


def stored(home: Path) -> dict[str, str]:
    with Store.open(home / "listener.db") as store, store.read() as tx:
        ids = [one.mention_id for one in tx.mentions.iterate()]
        return {row.native_id: row.text for row in tx.mentions.by_ids(ids).values()}


def reports(out: str) -> dict[str, dict[str, object]]:
    return {report["source"]: report for report in map(json.loads, out.splitlines())}


def test_a_line_a_source_and_a_failing_one_stops_nobody(listener: Run, drop: Path, tmp_path: Path) -> None:
    (drop / "a.jsonl").write_text('{"id": "1", "text": "Acme is late"}\n{"id": "2", "text": "Acme 顺利"}\n')
    done = listener("collect", "--once", "--json")
    assert done.returncode == 1
    found = reports(done.stdout)
    assert found["drop"] | {"lag_s": 0} == {
        "source": "drop",
        "new": 2,
        "updated": 0,
        "deleted": 0,
        "rejected": 0,
        "lag_s": 0,
        "error": None,
    }
    assert found["other"]["new"] == 0
    assert "nowhere" in str(found["other"]["error"])
    assert stored(tmp_path) == {"1": "Acme is late", "2": "Acme 顺利"}


def test_collecting_again_changes_nothing_and_an_edit_is_an_update(listener: Run, drop: Path, tmp_path: Path) -> None:
    (drop / "a.jsonl").write_text('{"id": "1", "text": "Acme is late"}\n')
    assert reports(listener("collect", "drop", "--once", "--json").stdout)["drop"]["new"] == 1
    assert reports(listener("collect", "drop", "--once", "--json").stdout)["drop"]["new"] == 0
    (drop / "b.jsonl").write_text('{"id": "1", "text": "Acme is late and rude"}\n{"id": "9", "text": "x"}\n')
    done = listener("collect", "drop", "--once", "--json")
    assert done.returncode == 0
    assert (reports(done.stdout)["drop"]["new"], reports(done.stdout)["drop"]["updated"]) == (1, 1)
    assert stored(tmp_path)["1"] == "Acme is late and rude"


DRILL: dict[str, bytes] = {
    "truncated JSON": b'{"id": "bad", "text": "cut',
    "10 MB line": b'{"id": "bad", "text": "' + b"x" * 10_000_000 + b'"}',
    "NUL": b'{"id": "bad", "text": "a\x00b"}',
    "escaped NUL": b'{"id": "bad", "text": "a\\u0000b"}',
    "lone surrogate": b'{"id": "bad", "text": "a\\ud800b"}',
    "Shift_JIS": '{"id": "bad", "text": "繋がらない"}'.encode("shift_jis"),
    "GB18030": '{"id": "bad", "text": "无法连接"}'.encode("gb18030"),
    "missing text": b'{"id": "bad"}',
    "null text": b'{"id": "bad", "text": null}',
    "number as text": b'{"id": "bad", "text": 42}',
    "not an object": b'["bad"]',
}


def test_bad_records_are_counted_and_the_good_ones_arrive(listener: Run, drop: Path, tmp_path: Path) -> None:
    lines = [b'{"id": "first", "text": "Acme one"}', *DRILL.values(), '{"id": "last", "text": "Acme 最後"}'.encode()]
    (drop / "drill.jsonl").write_bytes(b"\xef\xbb\xbf" + b"\n\n".join(lines) + b"\n")
    (drop / "cut.jsonl").write_bytes(b'{"id": "cut", "text": "a file whose last line was never fin')
    (drop / "utf16.csv").write_bytes("id,text\n1,Acme\n".encode("utf-16"))
    done = listener("collect", "drop", "--once", "--json")
    assert done.returncode == 0
    report = reports(done.stdout)["drop"]
    assert report["new"] == 2
    assert report["rejected"] == len(DRILL) + 2
    assert stored(tmp_path) == {"first": "Acme one", "last": "Acme 最後"}


def test_a_fault_in_one_collector_is_its_line_of_the_report(
    drop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (drop / "a.jsonl").write_text('{"id": "1", "text": "Acme"}\n')
    (tmp_path / "listener.toml").write_text(
        '[[sources]]\nname = "first"\nkind = "feeds"\nurl = "http://127.0.0.1:1/"\n\n' + SETTINGS.format(drop=drop)
    )

    def broken(*_: object) -> Iterator[Event]:
        raise ValueError("about a post")

    monkeypatch.setattr("listener.collect.feeds.collect", broken)
    done = CliRunner().invoke(app, ["collect", "--once", "--json", "--home", str(tmp_path)])
    found = reports(done.stdout)
    assert done.exit_code == 1
    assert "unexpected ValueError" in str(found["first"]["error"])
    assert "about a post" not in done.output
    assert found["drop"]["new"] == 1


@pytest.mark.parametrize(
    "posted_at", ["2031-01-01T00:00:00Z", "2020-02-30T00:00:00", "yesterday", "0001-01-01T00:00:00", 12, None]
)
def test_a_date_that_cannot_be_true_does_not_cost_the_post(
    listener: Run, drop: Path, tmp_path: Path, posted_at: object
) -> None:
    (drop / "a.jsonl").write_text(json.dumps({"id": "1", "text": "Acme", "posted_at": posted_at}) + "\n")
    assert reports(listener("collect", "drop", "--once", "--json").stdout)["drop"]["new"] == 1
    with Store.open(tmp_path / "listener.db") as store, store.read() as tx:
        row = tx.mentions.find("drop", "1")
    assert row is not None
    assert 2019 < row.posted_at.year < 2031 or row.posted_at <= row.collected_at
    assert row.posted_at <= row.collected_at


def test_a_naive_date_is_utc(listener: Run, drop: Path, tmp_path: Path) -> None:
    (drop / "a.jsonl").write_text('{"id": "1", "text": "Acme", "posted_at": "2026-03-01T09:30:00"}\n')
    listener("collect", "drop", "--once")
    with Store.open(tmp_path / "listener.db") as store, store.read() as tx:
        row = tx.mentions.find("drop", "1")
    assert row is not None
    assert row.posted_at.isoformat() == "2026-03-01T09:30:00+00:00"


def test_a_full_disk_is_a_clear_message_and_loses_nothing(listener: Run, drop: Path) -> None:
    """A full file system cannot be had everywhere; a limit on the size of files has the same effect."""
    pytest.importorskip("resource", reason="no file size limit on this system")
    import os
    import subprocess
    import sys

    (drop / "a.jsonl").write_text("".join(f'{{"id": "{n}", "text": "Acme {n} {"x" * 500}"}}\n' for n in range(4000)))
    assert listener("check").returncode in (0, 1)
    limit = "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    limit += "resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))\n"
    code = (
        limit + "from listener.cli import main; sys.argv = ['listener', 'collect', 'drop', '--once', '--json']; main()"
    )
    env = {**os.environ, "LISTENER_HOME": str(drop.parent)}
    full = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=env)
    assert full.returncode == 1
    assert "Traceback" not in full.stderr
    assert listener("collect", "drop", "--once", "--json").returncode == 0
    with Store.open(drop.parent / "listener.db") as store, store.read() as tx:
        assert tx.mentions.count() == 4000
