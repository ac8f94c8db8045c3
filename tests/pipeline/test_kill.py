"""kill -9 of the worker at random moments under load: nothing lost, nothing doubled, every complaint alerted.

What happened is compared with what was sent, so a worker that did nothing at all would fail as well.
"""

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from listener.store import Store
from listener.store.tables import DONE
from tests.collect.fake_jetstream import FakeJetstream, post

KILLS = 50
COMPLAINT = "Kestrel Broadband has been down for three days and nobody answers, I want a refund, number {number}"
CHATTER = "Nice walk by the river this morning, Kestrel Broadband van parked outside, number {number}"

SETTINGS = """
[[brands]]
name = "Kestrel Broadband"

[[sources]]
name = "stream"
kind = "bluesky"
endpoint = "{endpoint}"
backfill = "1h"  # what is on the log before the first connection counts as well

[[sources]]
name = "drop"
kind = "files"
path = "{drop}"
every = 0.2

[network]
allow = ["{address}"]
"""


@contextmanager
def worker(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "listener.pipeline.worker", "--home", str(home)],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def text_of(number: int) -> str:
    return (COMPLAINT if number % 4 == 0 else CHATTER).format(number=number)


def counts(database: Path) -> tuple[int, int]:
    """(mentions, those of them that triage is done with) so far, read beside the worker."""
    if not database.exists():
        return 0, 0
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=15) as connection:
        try:
            mentions = connection.execute("SELECT count(*) FROM mentions").fetchone()[0]
            done = connection.execute("SELECT count(*) FROM mentions WHERE stage = ?", (DONE,)).fetchone()[0]
        except sqlite3.OperationalError:  # the first worker has not made its tables yet
            return 0, 0
    return mentions, done


def wait_until(database: Path, mentions: int, done: int, seconds: float) -> tuple[int, int]:
    deadline = time.monotonic() + seconds
    while (now := counts(database)) < (mentions, done) and time.monotonic() < deadline:
        time.sleep(0.05)
    return now


@pytest.mark.timeout(900)
def test_nothing_is_lost_or_doubled_by_fifty_kills(tmp_path: Path) -> None:
    """Each round sends more, on a stream and in files, and kills the worker at a random moment of its work."""
    dice = random.Random(20261125)
    drop = tmp_path / "drop"
    drop.mkdir()
    database = tmp_path / "listener.db"
    sent = 0
    with FakeJetstream() as jetstream:
        settings = SETTINGS.format(endpoint=jetstream.endpoint, address=jetstream.address, drop=drop)
        (tmp_path / "listener.toml").write_text(settings)
        for number in range(KILLS):
            stored = counts(database)[0]
            events = [post(text_of(n), author=n) for n in range(sent, sent + 120)]
            lines = [
                json.dumps({"id": f"f{n}", "text": text_of(n), "author": f"a{n}", "posted_at": "2026-11-25T10:00:00Z"})
                for n in range(sent + 120, sent + 240)
            ]
            sent += 240
            jetstream.publish(*events)
            (drop / f"part-{number:02d}.jsonl").write_text("\n".join(lines) + "\n")
            with worker(tmp_path) as process:
                # At work, then a moment later: anywhere between two batches, inside one, while scoring.
                wait_until(database, stored + 1, 0, 30)
                time.sleep(dice.uniform(0, 0.25))
                process.send_signal(signal.SIGKILL)
        with worker(tmp_path):
            assert wait_until(database, sent, sent, 300) == (sent, sent)
    check(database, sent)


def check(database: Path, sent: int) -> None:
    with Store.open(database, migrate=False) as store, store.read() as tx:
        stored = {text.text: text.mention_id for text in tx.mentions.iterate()}
        total = tx.mentions.count()
    assert total == sent
    assert set(stored) == {text_of(n) for n in range(sent)}
    with sqlite3.connect(database) as connection:
        alerted = [row[0] for row in connection.execute("SELECT mention_id FROM alerts")]
        flagged = [row[0] for row in connection.execute("SELECT mention_id FROM verdicts WHERE flagged")]
        uncounted = connection.execute("SELECT count(*) FROM verdicts WHERE NOT watched").fetchone()[0]
        members = connection.execute("SELECT incident_id, mention_id FROM incident_members").fetchall()
        numbers = connection.execute("SELECT brand, number FROM incidents").fetchall()
    assert len(alerted) == len(set(alerted))
    assert set(alerted) == set(flagged)
    assert uncounted == 0, "early detection has not seen everything"
    assert {mention for _, mention in members} <= set(alerted)
    assert len(numbers) == len(set(numbers))
    assert {stored[text_of(n)] for n in range(0, sent, 4)} <= set(alerted)
