"""`listener bench latency`: from a Jetstream event to a row that is painted on the board.

The whole product runs as it does for people: `listener up` with a Bluesky source that reads a local Jetstream
(lab/firehose.py), and the queue open in a headless Chromium, newest first. A complaint carries the time it was sent; a
script in the page notes when its row is first painted. Both clocks are this machine's.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from listener.errors import UsageError
from listener.lab import firehose

SETTINGS: Final = """
[[brands]]
name = "{brand}"

[[sources]]
name = "jetstream"
kind = "bluesky"
endpoint = "ws://{jetstream}/subscribe"
everything = true  # no keyword filter: every post is stored and scored, the hardest case

[[people]]
name = "Bench"

[network]
allow = ["{jetstream}"]
"""

WATCH: Final = """() => {
  window.listenerSeen = {};
  const look = () => {
    const text = document.body.innerText;
    for (const [, sent] of text.matchAll(/T(\\d{16})/g)) {
      if (!(sent in window.listenerSeen)) {
        const seen = sent;
        window.listenerSeen[seen] = null;
        requestAnimationFrame(() => setTimeout(() => { window.listenerSeen[seen] = Date.now() * 1000; }));
      }
    }
  };
  look();
  setInterval(look, 50);
}"""
"""innerText is what is rendered; the time is taken after the next frame has been drawn. Looked at every 50 ms."""


def measure(*, rate: float = 200.0, seconds: float = 60.0, warm_up: float = 10.0) -> dict[str, Any]:
    """Seconds from sending to painting: median and p95 over all complaints sent after the warm-up.

    A complaint that was sent at least 10 s before the end and never painted counts as the longest wait possible, and is
    reported in `unseen`. Raises UsageError without Playwright and Chromium.
    """
    chromium = _chromium()
    with tempfile.TemporaryDirectory(prefix="listener-bench-") as directory, contextlib.ExitStack() as stack:
        jetstream = stack.enter_context(firehose.running(rate))
        port = _free_port()
        home = Path(directory)
        (home / "listener.toml").write_text(SETTINGS.format(brand=firehose.BRAND, jetstream=jetstream), "utf-8")
        stack.enter_context(_listener_up(home, port))
        seen, sent, began, ended = _watch(chromium, f"http://127.0.0.1:{port}", home, seconds, warm_up)
    return summary(seen, sent, began=began, ended=ended, rate=rate)


def summary(seen: dict[int, int], sent: list[int], *, began: int, ended: int, rate: float) -> dict[str, Any]:
    """Figures from the times (microseconds) of sending and painting."""
    counted = [at for at in sent if began <= at <= ended - 10_000_000]
    waits = [(seen.get(at, ended) - at) / 1e6 for at in counted]
    if len(waits) < 2:
        return {
            "bench": "latency",
            "rate": rate,
            "n": len(waits),
            "median_s": None,
            "p95_s": None,
            "unseen": len(waits),
        }
    return {
        "bench": "latency",
        "rate": rate,
        "n": len(waits),
        "median_s": round(statistics.median(waits), 3),
        "p95_s": round(statistics.quantiles(waits, n=20, method="inclusive")[-1], 3),
        "max_s": round(max(waits), 3),
        "unseen": sum(at not in seen for at in counted),
    }


def _watch(
    chromium: str, board: str, home: Path, seconds: float, warm_up: float
) -> tuple[dict[int, int], list[int], int, int]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{board}/queue?sort=newest")
        page.get_by_role("button", name="Bench").first.click()
        page.wait_for_selector("text=Queue")
        time.sleep(warm_up)
        page.evaluate(WATCH)
        began = time.time_ns() // 1000
        time.sleep(seconds)
        ended = time.time_ns() // 1000
        painted = {int(at): when for at, when in page.evaluate("window.listenerSeen").items() if when}
        browser.close()
    return painted, _sent(home), began, ended


def _sent(home: Path) -> list[int]:
    """Every complaint that was sent: from the store, since each is stored whether it is flagged or not."""
    from listener.store import Store

    with Store.open(home / "listener.db", migrate=False) as store, store.read() as tx:
        texts = [one.text for one in tx.mentions.iterate()]
    return sorted(int(match[1]) for text in texts if (match := re.match(r"T(\d{16})", text)))


@contextlib.contextmanager
def _listener_up(home: Path, port: int) -> Iterator[None]:
    log = (home / "up.log").open("wb")
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own module
        [sys.executable, "-m", "listener", "up", "--home", str(home), "--port", str(port)], stderr=log
    )
    try:
        _wait_until_up(port, process, home)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        log.close()


def _wait_until_up(port: int, process: subprocess.Popen[bytes], home: Path) -> None:
    import httpx

    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200:
                return
        time.sleep(0.2)
    raise UsageError(f"listener up did not start: see {home / 'up.log'}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _chromium() -> str:
    found = os.environ.get("LISTENER_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with contextlib.suppress(ImportError):
        import playwright  # noqa: F401

        if found:
            return found
    raise UsageError(
        "bench latency looks at the board as a person does: it needs Chromium and Playwright",
        hint="Install Chromium, and listener with its dev extra.",
    )
