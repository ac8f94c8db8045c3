"""The board's process: it serves, says how it is, and stops when it is told to."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import nullcontext
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from listener.board import notices, server
from tests.browser.serving import Board

HEAVY = ("sklearn", "spacy", "praw", "listener.classify", "fugashi", "altair")


def test_healthz_says_whether_the_store_answers(home: Path) -> None:
    with Board(home) as board:
        answer = urllib.request.urlopen(f"{board.url}/healthz")
        assert (answer.status, json.load(answer)) == (200, {"status": "ok"})
        assert "content-security-policy" in answer.headers
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_healthz_is_503_without_a_usable_database(home: Path) -> None:
    (home / "listener.db").write_bytes(b"something else " * 500)
    with Board(home, healthy=False) as board, pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{board.url}/healthz")
    assert caught.value.code == 503
    assert json.load(caught.value)["status"] == "unavailable"


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_it_stops_when_it_is_told_to(home: Path, name: str) -> None:
    with Board(home) as board:
        board.process.send_signal(getattr(signal, name))
        assert board.process.wait(20) == 0


def test_it_stops_when_its_supervisor_is_gone(home: Path) -> None:
    with Board(home) as board:
        assert board.process.stdin is not None
        board.process.stdin.close()
        assert board.process.wait(20) == 0


def test_a_taken_port_is_wrong_usage(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "listener.board.server", "--home", str(home), "--port", str(port)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.wait(60) == 2
            assert process.stderr is not None
            said = process.stderr.read()
    assert f"127.0.0.1:{port}" in said
    assert "Traceback" not in said


def test_the_board_does_not_load_what_only_the_worker_needs() -> None:
    code = (
        "import sys, streamlit\n"
        "import listener.board.server, listener.board.filters, listener.board.acts, listener.board.casefile\n"
        "import listener.board.sourcelist, listener.board.tryout, listener.board.identity\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize(("origin", "allowed"), [("http://evil.example", False), (None, True)])
def test_another_site_cannot_open_a_session(home: Path, origin: str | None, allowed: bool) -> None:
    """A page on the internet may not talk to a board on the reader's machine."""
    with Board(home) as board:
        address = f"{board.url.replace('http', 'ws', 1)}/_stcore/stream"
        wanted = Origin(origin or board.url)
        refused = nullcontext() if allowed else pytest.raises(InvalidStatus)
        with refused, connect(address, origin=wanted, subprotocols=[Subprotocol("streamlit")]):
            pass


def test_a_page_that_fails_is_logged_without_its_message(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[bool] = []
    monkeypatch.setattr(notices, "failure", lambda: shown.append(True))
    with pytest.raises(KeyError) as caught:
        raise KeyError("the text of a post")
    assert server.on_script_error(caught.value) is True
    assert shown == [True]
    assert "KeyError at test_server.py" in caplog.text
    assert "the text of a post" not in caplog.text


def test_streamlit_run_serves_the_same_board(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    app = Path(__file__).resolve().parents[2] / "app.py"
    options = ["--server.port", str(port), "--server.headless", "true", "--server.address", "127.0.0.1"]
    command = ["-m", "streamlit", "run", str(app), *options]
    with Board(home, port=port, command=command) as board:
        answer = urllib.request.urlopen(f"{board.url}/queue")
        assert b"<title>" in answer.read()
        assert "unsafe" not in answer.headers["content-security-policy"]
    assert os.environ.get("LISTENER_HOME") == str(home)
