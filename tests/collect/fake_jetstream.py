"""A Jetstream server on 127.0.0.1: the websocket protocol of /subscribe (v1) with events that we invent.

It keeps a log, replays it from a cursor, filters by collection and size, goes on live, and can be told to refuse,
close, cut or stall. ``python tests/collect/fake_jetstream.py --rate 300`` runs it as a process of its own that prints
its address and streams invented posts: for benchmarks, so that server and collector do not share one interpreter.
"""

from __future__ import annotations

import argparse
import http
import itertools
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

POSTS = "app.bsky.feed.post"
KEPT = 100_000
"""Events on the log at least; older ones are dropped, as a real server drops what is some days old."""
_numbers = itertools.count(1)


def now_us() -> int:
    return time.time_ns() // 1000


def iso(time_us: int) -> str:
    seconds, micros = divmod(time_us, 1_000_000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{micros // 1000:03d}Z"


def did(number: int) -> str:
    return f"did:plc:fake{number:020d}"


def post(
    text: str,
    *,
    time_us: int | None = None,
    rkey: str | None = None,
    author: int = 1,
    operation: str = "create",
    **record: Any,
) -> dict[str, Any]:
    """A post as Jetstream sends it; further keys go into the record (`langs`, `reply`, `embed`, `createdAt`)."""
    at = now_us() if time_us is None else time_us
    number = next(_numbers)
    return {
        "did": did(author),
        "time_us": at,
        "kind": "commit",
        "commit": {
            "rev": f"3fakerev{number}",
            "operation": operation,
            "collection": POSTS,
            "rkey": rkey or f"3fake{number:08d}",
            "record": {"$type": POSTS, "createdAt": iso(at), "text": text, **record},
            "cid": f"bafyfake{number}",
        },
    }


def deletion(rkey: str, *, time_us: int | None = None, author: int = 1) -> dict[str, Any]:
    return {
        "did": did(author),
        "time_us": now_us() if time_us is None else time_us,
        "kind": "commit",
        "commit": {"rev": "3fakerev", "operation": "delete", "collection": POSTS, "rkey": rkey},
    }


def account(*, active: bool, status: str | None = None, time_us: int | None = None, author: int = 1) -> dict[str, Any]:
    at = now_us() if time_us is None else time_us
    inner = {"active": active, "did": did(author), "seq": 1, "time": iso(at), **({"status": status} if status else {})}
    return {"did": did(author), "time_us": at, "kind": "account", "account": inner}


class FakeJetstream:
    """``with FakeJetstream() as server:`` listens on `server.address` (HOST:PORT) and `server.endpoint`.

    Events published before a client connects reach it only by its cursor, as with the real one.
    """

    def __init__(self) -> None:
        self.requests: list[dict[str, list[str]]] = []
        """The query of every subscription that was tried, oldest first."""
        self.refusals: list[tuple[int, Mapping[str, str]]] = []
        """HTTP statuses (with headers) to answer the next subscriptions with."""
        self.close_codes: list[int | None] = []
        """How the next connections end once the log has been sent: a close code, or None for a cut without goodbye."""
        self.connected = threading.Semaphore(0)
        """Released once for every connection that was accepted."""
        self._log: list[tuple[int, str | None, bytes]] = []
        self._dropped = 0
        self._grown = threading.Condition()
        self._over = False
        self._server = serve(self._handle, "127.0.0.1", 0, process_request=self._receive, close_timeout=1)
        port = self._server.socket.getsockname()[1]
        self.address = f"127.0.0.1:{port}"
        self.endpoint = f"ws://{self.address}/subscribe"
        self._threads = [threading.Thread(target=self._server.serve_forever, daemon=True)]

    def __enter__(self) -> FakeJetstream:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Close all connections and stop streaming."""
        with self._grown:
            self._over = True
            self._grown.notify_all()
        self._server.shutdown()

    def publish(self, *events: Mapping[str, Any]) -> None:
        """Put events on the log and send them to all who listen."""
        entries = [
            (event["time_us"], (event.get("commit") or {}).get("collection"), _compact(event)) for event in events
        ]
        self._append(entries)

    def publish_raw(self, message: bytes, *, time_us: int | None = None) -> None:
        """Put bytes on the log as they are, whatever they say."""
        self._append([(now_us() if time_us is None else time_us, None, message)])

    def stream(
        self, rate: float, make: Callable[[int], Mapping[str, Any]], *, count: int | None = None
    ) -> threading.Thread:
        """Publish `make(0)`, `make(1)`, … at `rate` a second on a thread of its own until stopped (or `count`)."""
        thread = threading.Thread(target=self._stream, args=(rate, make, count), daemon=True)
        thread.start()
        return thread

    def _stream(self, rate: float, make: Callable[[int], Mapping[str, Any]], count: int | None) -> None:
        start = time.monotonic()
        for number in itertools.count() if count is None else range(count):
            ahead = start + number / rate - time.monotonic()
            if ahead > 0:
                time.sleep(ahead)
            if self._over:
                return
            self.publish(make(number))

    def _append(self, entries: list[tuple[int, str | None, bytes]]) -> None:
        with self._grown:
            self._log.extend(entries)
            if len(self._log) > 2 * KEPT:
                del self._log[:KEPT]
                self._dropped += KEPT
            self._grown.notify_all()

    def _receive(self, connection: ServerConnection, request: Request) -> Response | None:
        query = parse_qs(urlsplit(request.path).query)
        self.requests.append(query)
        if self.refusals:
            status, headers = self.refusals.pop(0)
            return Response(status, http.HTTPStatus(status).phrase, Headers({**headers, "Content-Length": "0"}), b"")
        if urlsplit(request.path).path != "/subscribe":
            return connection.respond(http.HTTPStatus.NOT_FOUND, "")
        return None

    def _handle(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        query = parse_qs(urlsplit(connection.request.path).query)
        cursor = int(query["cursor"][0]) if "cursor" in query else None
        wanted = set(query.get("wantedCollections", []))
        largest = int(query.get("maxMessageSizeBytes", ["0"])[0])
        with self._grown:
            at = self._dropped + (len(self._log) if cursor is None else 0)
        self.connected.release()
        try:
            for time_us, collection, message in self._follow(at, connection):
                replayed = cursor is None or time_us >= cursor
                known = collection is None or not wanted or collection in wanted
                small = collection is None or not largest or len(message) <= largest
                if replayed and known and small:
                    connection.send(message, text=True)
        except ConnectionClosed:
            return

    def _follow(self, at: int, connection: ServerConnection) -> Iterator[tuple[int, str | None, bytes]]:
        """The log from `at` on, then what comes; ends as `close_codes` says, or with the server."""
        while True:
            with self._grown:
                if at >= self._dropped + len(self._log) and not self.close_codes and not self._over:
                    self._grown.wait(0.05)
                entries = self._log[max(0, at - self._dropped) :]
                at = self._dropped + len(self._log)
                over = self._over
            yield from entries
            if over:
                return
            if not entries and self.close_codes:
                self._end(connection, self.close_codes.pop(0))
                return

    @staticmethod
    def _end(connection: ServerConnection, code: int | None) -> None:
        if code is None:
            connection.socket.shutdown(socket.SHUT_RDWR)
        else:
            connection.close(code)


def _compact(event: Mapping[str, Any]) -> bytes:
    """As Go's encoder writes it: no spaces, characters as they are, but < > & escaped."""
    text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text.encode("utf-8", "surrogatepass")


def main() -> None:
    """Run as a process: print the endpoint, then stream posts of which every `--hit`-th names `--word`."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--rate", type=float, default=200.0, help="posts a second")
    parser.add_argument("--hit", type=int, default=10, help="every so many posts name the word")
    parser.add_argument("--word", default="Acme")
    parser.add_argument("--seconds", type=float, default=3600.0)
    args = parser.parse_args()

    def make(number: int) -> Mapping[str, Any]:
        text = (
            f"my {args.word} parcel is late again, number {number}" if number % args.hit == 0 else f"nice day {number}"
        )
        return post(text, langs=["en"], author=number % 1000)

    with FakeJetstream() as server:
        print(server.endpoint, flush=True)  # noqa: T201
        server.stream(args.rate, make)
        time.sleep(args.seconds)


if __name__ == "__main__":
    main()
