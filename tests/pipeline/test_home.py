"""One listener a home."""

import subprocess
import sys
from pathlib import Path

import pytest

from listener.errors import AlreadyRunningError, UsageError
from listener.pipeline.home import held, is_held, prepare

HOLD = """
import sys
from pathlib import Path
from listener.pipeline.home import held
with held(Path(sys.argv[1]), {"process": 4711, "board": "http://127.0.0.1:1"}):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold_elsewhere(home: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_one_is_refused_and_told_who_has_it(tmp_path: Path) -> None:
    with hold_elsewhere(tmp_path) as other:
        with pytest.raises(AlreadyRunningError, match=r"process 4711, board http://127\.0\.0\.1:1"), held(tmp_path, {}):
            pass
        assert is_held(tmp_path)
        other.kill()
    assert not is_held(tmp_path)


def test_a_killed_one_leaves_nothing_behind(tmp_path: Path) -> None:
    with hold_elsewhere(tmp_path) as other:
        other.kill()
        other.wait()
        with held(tmp_path, {"process": 1}):
            assert is_held(tmp_path)


def test_a_home_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be made"):
        prepare(tmp_path / "file" / "home")
