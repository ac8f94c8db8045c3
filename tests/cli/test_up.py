"""`listener up`: the whole thing as a person starts and stops it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from listener.pipeline.demo import demo_home
from listener.pipeline.home import held
from listener.store import Store


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def up(home: Path, *args: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running `listener up`, once its board answers; its process and address."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "listener", "up", "--port", str(port), *args],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "LISTENER_HOME": str(home)},
    )
    try:
        wait_for(lambda: answers(port) or process.poll() is not None)
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.communicate()


def wait_for(condition: object, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.1)


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
    except httpx.HTTPError:
        return False


def alerts(database: Path) -> dict[str, int]:
    """Alerts by language."""
    with Store.open(database, migrate=False) as store, store.read() as tx:
        found = [alert for number in range(1, 400) if (alert := tx.alerts.get(number)) is not None]
    languages = [alert.lang for alert in found]
    return {language: languages.count(language) for language in set(languages)}


def test_the_demo_flags_three_languages_refuses_a_second_one_and_stops_clean(tmp_path: Path) -> None:
    with up(tmp_path, "--demo") as (process, address):
        assert httpx.get(f"{address}/queue").status_code == 200
        database = tmp_path / "demo" / "listener.db"
        wait_for(lambda: min((alerts(database) | {"ja": 0, "zh": 0, "en": 0} | alerts(database)).values()) >= 10)

        second = subprocess.run(
            [sys.executable, "-m", "listener", "up", "--demo", "--port", str(free_port())],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "LISTENER_HOME": str(tmp_path)},
        )
        assert second.returncode == 2
        assert f"process {process.pid}" in second.stderr
        assert address in second.stderr

        process.send_signal(signal.SIGINT)
        _, log = process.communicate(timeout=60)
        assert process.returncode == 0
        assert "Traceback" not in log
    assert not (tmp_path / "listener.db").exists(), "the demo never touches the real database"
    with Store.open(database, migrate=False) as store, store.read() as tx:
        assert tx.mentions.count() >= 400
        assert not list(tx.verdicts.pending(10)), "no half-done work is left"


def test_a_taken_port_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "listener", "up", "--demo", "--port", str(port)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "LISTENER_HOME": str(tmp_path)},
        )
    assert done.returncode == 2
    assert f"port {port}" in done.stderr
    assert "--port" in done.stderr


def test_a_second_one_on_the_same_port_is_told_of_the_first(tmp_path: Path) -> None:
    with socket.socket() as taken, held(demo_home(tmp_path), {"process": 1}):
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = subprocess.run(
            [sys.executable, "-m", "listener", "up", "--demo", "--port", str(taken.getsockname()[1])],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "LISTENER_HOME": str(tmp_path)},
        )
    assert done.returncode == 2
    assert "listener already runs" in done.stderr


def test_a_wrong_source_is_said_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text('[[sources]]\nname = "x"\nkind = "feed"\n')
    done = subprocess.run(
        [sys.executable, "-m", "listener", "up"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LISTENER_HOME": str(tmp_path)},
    )
    assert done.returncode == 2
    assert "sources[0].kind" in done.stderr
    assert "feeds" in done.stderr
    assert not (tmp_path / "listener.db").exists()
