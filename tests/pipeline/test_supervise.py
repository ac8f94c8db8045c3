"""Children that are kept alive together and end together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCRIPT = """
import sys
from pathlib import Path
from listener.pipeline.supervise import Child, supervise
child = Path(sys.argv[1])
children = [Child(name=name, argv=(str(child), name)) for name in sys.argv[2:]]
raise SystemExit(supervise(children, ready=lambda: True, on_ready=lambda: print("ready", flush=True)))
"""

CHILD = """
import os, signal, sys, threading
from pathlib import Path
from listener.pipeline.supervise import stop_with_parent
here, name = Path(__file__).parent, sys.argv[1]
starts = here / f"{name}.starts"
starts.write_text((starts.read_text() if starts.exists() else "") + f"{os.getpid()}\\n")
if name == "broken":
    raise SystemExit(2)
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
stop_with_parent(stop.set)
(here / f"{name}.up").write_text("")
stop.wait()
(here / f"{name}.saved").write_text("")
"""


@contextmanager
def supervised(home: Path, *names: str) -> Iterator[subprocess.Popen[str]]:
    (home / "child.py").write_text(CHILD)
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(home / "child.py"), *names],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for(*files: Path) -> None:
    deadline = time.monotonic() + 30
    while not all(file.exists() for file in files):
        assert time.monotonic() < deadline, f"none of {files}"
        time.sleep(0.02)


def pids(home: Path, name: str) -> list[int]:
    return [int(line) for line in (home / f"{name}.starts").read_text().split()]


def test_a_stop_is_passed_on_and_waited_for(tmp_path: Path) -> None:
    with supervised(tmp_path, "a", "b") as process:
        wait_for(tmp_path / "a.up", tmp_path / "b.up")
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert (tmp_path / "a.saved").exists()
    assert (tmp_path / "b.saved").exists()


def test_a_child_that_dies_is_started_again_and_the_other_stays(tmp_path: Path) -> None:
    with supervised(tmp_path, "a", "b") as process:
        wait_for(tmp_path / "a.up", tmp_path / "b.up")
        (tmp_path / "a.up").unlink()
        os.kill(pids(tmp_path, "a")[0], signal.SIGKILL)
        wait_for(tmp_path / "a.up")
        assert len(pids(tmp_path, "a")) == 2
        assert len(pids(tmp_path, "b")) == 1
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


def test_children_of_a_killed_parent_save_and_end(tmp_path: Path) -> None:
    with supervised(tmp_path, "a") as process:
        wait_for(tmp_path / "a.up")
        process.kill()
        wait_for(tmp_path / "a.saved")


def test_wrong_usage_is_not_tried_again(tmp_path: Path) -> None:
    with supervised(tmp_path, "a", "broken") as process:
        assert process.wait(30) == 2
    assert len(pids(tmp_path, "broken")) == 1
