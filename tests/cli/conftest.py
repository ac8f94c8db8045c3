"""The `listener` command as a person runs it: a process of its own on a home of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

Run: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def listener(tmp_path: Path) -> Run:
    """Run it with LISTENER_HOME set to the test's directory."""

    def run(*args: str, stdin: str | bytes = "") -> subprocess.CompletedProcess[str]:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        env = {**os.environ, "LISTENER_HOME": str(tmp_path)}
        done = subprocess.run([sys.executable, "-m", "listener", *args], input=data, capture_output=True, env=env)
        out, err = done.stdout.decode(), done.stderr.decode()
        assert "Traceback" not in err
        return subprocess.CompletedProcess(done.args, done.returncode, out, err)

    return run
