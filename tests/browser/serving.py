"""A real board process on a home, on a port of its own."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import IO, Self


class Board:
    """Started on entry, answering when the block begins, ended on exit. `log` is what it wrote.

    `command`: other arguments for Python than those of a board alone.
    """

    def __init__(
        self, home: Path, *, port: int | None = None, command: list[str] | None = None, healthy: bool = True
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.home = home
        self._healthy = healthy
        self._command = [sys.executable, *(command or self._plain_board())]
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed on exit
        self.process: subprocess.Popen[bytes]

    def _plain_board(self) -> list[str]:
        place = ("--home", str(self.home), "--host", "127.0.0.1", "--port", str(self.port))
        return ["-m", "listener.board.server", *place]

    def __enter__(self) -> Self:
        environment = {**os.environ, "LISTENER_HOME": str(self.home)}
        self.process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=self._log, stderr=subprocess.STDOUT, env=environment
        )
        self._wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()
        self._log.close()

    @property
    def log(self) -> str:
        self._log.seek(0)
        return self._log.read().decode("utf-8", "replace")

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the board ended with {self.process.returncode}: {self.log}")
            if self._answers():
                return
            time.sleep(0.05)  # polls another process's readiness
        raise RuntimeError(f"the board did not answer: {self.log}")

    def _answers(self) -> bool:
        try:
            return bool(urllib.request.urlopen(f"{self.url}/healthz", timeout=5).status == 200)
        except urllib.error.HTTPError as error:
            return error.code == 503 and not self._healthy
        except OSError:
            return False


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
