"""A local Jetstream that streams invented posts at a given rate, for benchmarks only.

Run as a process of its own (`python -m listener.lab.firehose`), so that it does not share an interpreter with what is
measured. Protocol: https://github.com/bluesky-social/jetstream (v1: one JSON event a message).
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from websockets.sync.server import ServerConnection

BRAND: Final = "Halvorsen Fibre"
EVERY_COMPLAINT: Final = 100
"""One post in so many is a complaint about BRAND; the token in it tells when it was sent."""

COMPLAINTS: Final = (
    "{token} Third day without internet and Halvorsen Fibre still has not called back. This is a disgrace.",
    "{token} Halvorsen Fibreの回線がまた落ちた。何度問い合わせても返事がない。もう解約する。",
    "{token} Halvorsen Fibre又断网了，客服打了五次都没人接，太差劲了，要求退款。",
)
CHATTER: Final = (
    "watching the rain with a cup of tea",
    "今日の夕飯はカレーにしよう",
    "周末去爬山，天气真好",
    "new keyboard day, so happy with it",
    "電車の窓から富士山が見えた",
    "anyone going to the match tonight?",
    "the new bridge opens on Monday, says the paper",
)


def token(sent_us: int) -> str:
    """What marks a complaint in the text: its time of sending in microseconds."""
    return f"T{sent_us}"


def event(number: int, now_us: int) -> dict[str, Any]:
    """The `number`-th post of the stream."""
    if number % EVERY_COMPLAINT == 0:
        text = COMPLAINTS[number // EVERY_COMPLAINT % len(COMPLAINTS)].format(token=token(now_us))
    else:
        text = CHATTER[number % len(CHATTER)]
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now_us // 1_000_000)) + f".{now_us // 1000 % 1000:03d}Z"
    record = {"$type": "app.bsky.feed.post", "createdAt": stamp, "text": text}
    return {
        "did": f"did:plc:bench{number % 100_000:019d}",
        "time_us": now_us,
        "kind": "commit",
        "commit": {
            "rev": f"3bench{number}",
            "operation": "create",
            "collection": "app.bsky.feed.post",
            "rkey": f"3bench{number:09d}",
            "record": record,
            "cid": f"bafybench{number}",
        },
    }


def serve(rate: float) -> None:
    """Serve until killed; prints HOST:PORT first. Every subscription gets its own live stream at `rate` a second."""
    from websockets.exceptions import ConnectionClosed
    from websockets.sync.server import serve as serve_websocket

    numbers = itertools.count()

    def stream(connection: ServerConnection) -> None:
        start, sent = time.monotonic(), 0
        try:
            while True:
                due = int((time.monotonic() - start) * rate)
                for _ in range(sent, due):
                    connection.send(json.dumps(event(next(numbers), time.time_ns() // 1000), ensure_ascii=False))
                sent = due
                time.sleep(0.002)
        except ConnectionClosed:
            return

    with serve_websocket(stream, "127.0.0.1", 0) as server:
        sys.stdout.write(f"127.0.0.1:{server.socket.getsockname()[1]}\n")
        sys.stdout.flush()
        server.serve_forever()


@contextlib.contextmanager
def running(rate: float) -> Iterator[str]:
    """The stream as a process of its own while the block runs; gives its HOST:PORT."""
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own module
        [sys.executable, "-m", "listener.lab.firehose", "--rate", str(rate)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=float, default=200.0)
    serve(parser.parse_args().rate)
