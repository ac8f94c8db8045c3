"""`listener bench ears`: how many posts one core hears, matches and stores, and what thirty collectors weigh.

Matching: 200 invented brands of 20 words each in three scripts, beside a loop over one regular expression a brand, on
the same posts in the same run. Hearing: a local Jetstream (lab/firehose.py) that sends more than 500 posts a second
through the Bluesky collector, matching and the store; what counts is the processor time of this process. Memory: thirty
collectors in a process of their own.
"""

from __future__ import annotations

import functools
import http.server
import json
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from listener.collect import load
from listener.lab import firehose
from listener.lab.data import corpus
from listener.pipeline.ears import Ears
from listener.pipeline.listen import SourceThread, Tally, listen
from listener.pipeline.sources import Source, sources
from listener.settings import Brand, Settings, shipped
from listener.store import Store
from listener.text.brands import BrandMatcher

BRANDS: Final = 200
WORDS: Final = 20
RATE: Final = 800.0
"""Posts a second of the local Jetstream: more than the 500 that are promised, so that there is something to spare."""
SECONDS: Final = 20.0
COLLECTORS: Final = 30
_LOOPED: Final = 2000
"""Posts that the loop of regular expressions gets; it is slow."""
_SOUNDS: Final = (
    "ka ro mi ta ne so ve lu dri pan",
    "カ ロ ミ タ ネ ソ ベ ル ドリ パン",
    "华 云 海 山 星 光 信 通 达 宝",
)
TARGETS: Final = {"matching_ratio": 20.0, "posts_per_cpu_s": 500.0, "collectors_mb": -400.0}


def measure() -> dict[str, Any]:
    """Ratios and rates; `lag_s` is how far behind the newest post the end of the run was."""
    brands = invented()
    return {"bench": "ears", **matching(brands), **hearing(brands), "collectors_mb": weight()}


def invented(brands: int = BRANDS, words: int = WORDS, seed: int = 1) -> list[Brand]:
    """Brands with words that nobody uses, in Latin, kana and Han; the first is the firehose's own."""
    rnd = random.Random(seed)  # noqa: S311
    sounds = [line.split() for line in _SOUNDS]

    def word() -> str:
        return "".join(rnd.choices(rnd.choice(sounds), k=rnd.randint(3, 5)))

    names = [firehose.BRAND, *(f"{word().capitalize()} {number}" for number in range(1, brands))]
    return [Brand(name=name, keywords=tuple(word() for _ in range(words - 1))) for name in names]


def matching(brands: Sequence[Brand]) -> dict[str, Any]:
    """Posts a second of the matcher and of a loop over the brands, on the written corpus with some names in it."""
    examples, _ = corpus([shipped("data/corpus")])
    names = [brand.name for brand in brands]
    posts = [f"{one.text} {names[n % len(names)] if n % 20 == 0 else ''}" for n, one in enumerate(examples)]
    matcher = BrandMatcher(brands)
    patterns = [(brand.name, _pattern(brand)) for brand in brands]

    def looped(text: str) -> tuple[str, ...]:
        return tuple(name for name, pattern in patterns if pattern.search(text))

    ours, loop = _rate(matcher.match, posts), _rate(looped, posts[:_LOOPED])
    return {"matched_per_s": round(ours), "regex_loop_per_s": round(loop), "matching_ratio": round(ours / loop, 1)}


def _pattern(brand: Brand) -> re.Pattern[str]:
    words = (brand.name, *brand.keywords)
    bounded = [rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word) for word in words]
    return re.compile("|".join(bounded), re.IGNORECASE)


def _rate(match: Callable[[str], object], posts: Sequence[str]) -> float:
    begun = time.perf_counter()
    for post in posts:
        match(post)
    return len(posts) / (time.perf_counter() - begun)


def hearing(brands: Sequence[Brand], *, rate: float = RATE, seconds: float = SECONDS) -> dict[str, Any]:
    """Through collector, matcher and store, as the worker does it for one source."""
    with firehose.running(rate) as address, tempfile.TemporaryDirectory(prefix="listener-bench-") as directory:
        table = {"name": "sky", "kind": "bluesky", "endpoint": f"ws://{address}/subscribe"}
        settings = Settings.model_validate(
            {"home": Path(directory), "brands": brands, "sources": [table], "network": {"allow": [address]}}
        )
        with Store.open(settings.database) as store:
            matcher = BrandMatcher(settings.brands)
            ears = Ears(store=store, match=matcher.match, own_accounts=())
            (source,) = sources(settings, matcher)
            return _heard(source, ears, rate, seconds)


def _heard(source: Source, ears: Ears, rate: float, seconds: float) -> dict[str, Any]:
    tally, end = Tally(), time.monotonic() + seconds
    began, cpu = time.time_ns() // 1000, time.process_time()
    listen(source, ears, stopped=lambda: time.monotonic() > end, once=False, tally=tally)
    cpu = time.process_time() - cpu
    with ears.store.read() as tx:
        cursor = int((tx.sources.checkpoint(source.name) or {}).get("cursor", began))
    posts = rate * (cursor - began) / 1e6
    return {
        "rate": rate,
        "posts": round(posts),
        "matched_posts": tally.new,
        "posts_per_cpu_s": round(posts / cpu),
        "core_share_at_500": round(500 * cpu / max(posts, 1), 3),
        "lag_s": round(time.time() - cursor / 1e6, 2),
    }


def weight() -> float | None:
    """Megabytes that thirty collectors add to a process; None where the system does not tell."""
    done = subprocess.run([sys.executable, "-m", "listener.lab.ears"], capture_output=True, text=True, check=True)
    found: float | None = json.loads(done.stdout)
    return found


def _weigh() -> float | None:
    """Run all kinds at once, the rest feeds, long enough for each to have asked."""
    with (
        tempfile.TemporaryDirectory(prefix="listener-bench-") as directory,
        _serving() as server,
        Store.open(Path(directory) / "bench.db") as store,
    ):
        ears = Ears(store=store, match=BrandMatcher(invented()).match, own_accounts=())
        before, stop = _resident_mb(), threading.Event()
        threads = [SourceThread(source, ears, stop) for source in _all_kinds(server, Path(directory))]
        for thread in threads:
            thread.start()
        time.sleep(8)
        after = _resident_mb()
        stop.set()
    return None if before is None or after is None else round(after - before, 1)


def _all_kinds(server: str, directory: Path) -> list[Source]:
    """Thirty sources that need no key, each with the modules that it really runs on."""
    options: dict[str, dict[str, Any]] = {
        "feeds": {"url": f"http://{server}/feed"},
        "hackernews": {"endpoint": f"http://{server}", "keywords": ["acme"]},
        "discourse": {"endpoint": f"http://{server}"},
        "lemmy": {"endpoint": f"http://{server}", "communities": ["acme"]},
        "steam": {"endpoint": f"http://{server}", "apps": [1]},
        "appstore": {"endpoint": f"http://{server}", "apps": ["1"], "countries": ["jp"]},
        "mastodon": {"endpoint": f"http://{server}", "hashtags": ["acme"]},
        "bluesky": {"endpoint": f"ws://{server}/subscribe", "keywords": ["acme"]},
        "reddit": {"subreddits": ["japan"], "client_id": "x", "endpoint": f"http://{server}"},
        "files": {"path": str(directory)},
    }
    kinds = [*options, *["feeds"] * COLLECTORS][:COLLECTORS]
    found = []
    for number, kind in enumerate(kinds):
        module = load(kind)
        given = {**options[kind], "name": f"{kind}-{number}", "kind": kind}
        allowed = {"allow": (server,)} if "allow" in module.Options.model_fields else {}
        found.append(Source(options=module.Options.model_validate({**given, **allowed}), collector=module))
    return found


class _Answers(http.server.BaseHTTPRequestHandler):
    """A feed of 200 entries for whoever asks for one, an empty object for the others."""

    def do_GET(self) -> None:
        """Answer."""
        feed = self.path == "/feed"
        body = _feed() if feed else b"{}"
        self.send_response(200)
        self.send_header("Content-Type", "application/rss+xml" if feed else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@functools.cache
def _feed() -> bytes:
    entries = "".join(
        f"<item><guid>{n}</guid><title>Entry {n}</title><description>{'words ' * 100}{n}</description></item>"
        for n in range(200)
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>t</title>{entries}</channel></rss>".encode()


@contextmanager
def _serving() -> Iterator[str]:
    """The server, while the block runs; gives its HOST:PORT."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def _resident_mb() -> float | None:
    """Memory of this process that is in use, where Linux tells."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return None
    found = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else None


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_weigh()))
