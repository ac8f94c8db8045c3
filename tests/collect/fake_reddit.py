"""Reddit's API on 127.0.0.1, as far as reading goes: tokens, listings with paging, search, look-ups, refusals.

It answers as the real one does: a page after or before a fullname that is not in the listing (any more) is empty, what
was taken down is missing from listings but shows its marker in /api/info, text is HTML-escaped unless `raw_json=1`.
"""

from __future__ import annotations

import base64
import html
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

CLIENT_ID = "fake-client-id"
CLIENT_SECRET = "fake-client-secret"
USERNAME = "fake-user"
PASSWORD = "fake-password"
TOKEN_PATH = "/api/v1/access_token"
NEVER = 10**9

RATE_HEADERS = {"x-ratelimit-remaining": "995.0", "x-ratelimit-used": "5", "x-ratelimit-reset": "0"}
"""A window that ends at once: praw has no reason to wait."""


@dataclass
class Answer:
    """What is answered instead of the truth."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    times: int = 1
    cut: bool = False


@dataclass
class Call:
    """A request as it came in."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    form: dict[str, str]


class FakeReddit:
    """``with FakeReddit() as server:`` listens on `server.address` (HOST:PORT); `server.url` is the endpoint."""

    def __init__(self) -> None:
        self.things: dict[str, dict[str, Any]] = {}
        """Everything ever posted by fullname, oldest first."""
        self.hidden: set[str] = set()
        """Fullnames that listings do not show."""
        self.subreddits: set[str] = set()
        self.calls: list[Call] = []
        self.answers: dict[str, list[Answer]] = {}
        self.gates: dict[str, threading.Event] = {}
        self.tokens: set[str] = set()
        self.rate_headers: dict[str, str] = dict(RATE_HEADERS)
        self._clock = 1_700_000_000.0
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"fake": self}))
        self._server.daemon_threads = True
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = f"http://{self.address}"

    def __enter__(self) -> FakeReddit:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    # ------------------------------------------------------------ what is posted

    def submit(self, subreddit: str, title: str, selftext: str = "", **extra: Any) -> str:
        """A new submission; returns its fullname."""
        number, at = self._next(extra)
        name = f"t3_{number}"
        self.things[name] = {
            "kind": "t3",
            "data": {
                "id": number,
                "name": name,
                "subreddit": subreddit,
                "title": title,
                "selftext": selftext,
                "author": "someone",
                "permalink": f"/r/{subreddit}/comments/{number}/a_title/",
                "created_utc": at,
                "edited": False,
                "score": 1,
                "num_comments": 0,
                "removed_by_category": None,
                **extra,
            },
        }
        self.subreddits.add(subreddit.lower())
        return name

    def comment(self, submission: str, body: str, *, parent: str | None = None, **extra: Any) -> str:
        """A new comment; returns its fullname."""
        number, at = self._next(extra)
        name, subreddit = f"t1_{number}", self.things[submission]["data"]["subreddit"]
        self.things[name] = {
            "kind": "t1",
            "data": {
                "id": number,
                "name": name,
                "subreddit": subreddit,
                "body": body,
                "author": "someone",
                "link_id": submission,
                "parent_id": parent or submission,
                "permalink": f"/r/{subreddit}/comments/{submission[3:]}/a_title/{number}/",
                "created_utc": at,
                "edited": False,
                "score": 1,
                "score_hidden": False,
                **extra,
            },
        }
        return name

    def put(self, subreddit: str, thing: dict[str, Any]) -> None:
        """Anything at all in r/subreddit/new."""
        self.things[f"raw_{len(self.things)}"] = {"subreddit": subreddit, **thing}
        self.subreddits.add(subreddit.lower())

    def edit(self, name: str, text: str) -> None:
        data = self.things[name]["data"]
        data["body" if name.startswith("t1_") else "selftext"] = text
        data["edited"] = self._clock

    def take_down(self, name: str, marker: str = "[deleted]") -> None:
        """As when its author deletes it: gone from listings, a marker elsewhere."""
        self.edit(name, marker)
        self.things[name]["data"]["author"] = "[deleted]"
        self.hidden.add(name)

    def answer(self, path: str, status: int, **kwargs: Any) -> None:
        """Answer the next request for `path` so (see Answer; `times=NEVER` for all that follow)."""
        self.answers.setdefault(path.strip("/"), []).append(Answer(status, **kwargs))

    @contextmanager
    def held(self, path: str) -> Iterator[Callable[[], None]]:
        """Requests for `path` get no answer until the function it gives is called (at the latest at the end)."""
        gate = self.gates[path.strip("/")] = threading.Event()
        try:
            yield gate.set
        finally:
            gate.set()

    def calls_of(self, path: str) -> list[Call]:
        return [call for call in self.calls if call.path.strip("/") == path.strip("/")]

    def _next(self, extra: Mapping[str, Any]) -> tuple[str, float]:
        self._clock += 1.0
        return f"a{len(self.things):05d}", extra.get("created_utc", self._clock)

    # ------------------------------------------------------------ what is answered

    def scripted(self, path: str) -> Answer | None:
        with self._lock:
            waiting = self.answers.get(path.strip("/"), [])
            if not waiting:
                return None
            waiting[0].times -= 1
            return waiting.pop(0) if waiting[0].times <= 0 else waiting[0]

    def token(self, form: Mapping[str, str], basic: str) -> tuple[int, dict[str, Any]]:
        client, _, password = base64.b64decode(basic.removeprefix("Basic ")).decode().partition(":")
        if client != CLIENT_ID or password not in (CLIENT_SECRET, ""):
            return 401, {"message": "Unauthorized", "error": 401}
        grant = form.get("grant_type")
        if grant == "password" and (form.get("username"), form.get("password")) != (USERNAME, PASSWORD):
            return 200, {"error": "invalid_grant"}
        if grant not in ("password", "client_credentials", "https://oauth.reddit.com/grants/installed_client"):
            return 200, {"error": "unsupported_grant_type"}
        token = f"fake-token-{len(self.tokens) + 1}-{time.monotonic_ns()}"
        self.tokens.add(token)
        return 200, {"access_token": token, "token_type": "bearer", "expires_in": 86400, "scope": "*"}

    def page(self, path: str, query: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        parts = path.strip("/").split("/")
        if parts == ["api", "info"]:
            return 200, _listing([self.things[n] for n in query.get("id", "").split(",") if n in self.things], None)
        if parts[0] != "r" or len(parts) != 3:
            return 404, {"message": "Not Found", "error": 404}
        _, subreddit, what = parts
        if what != "search" and subreddit.lower() not in self.subreddits:
            return 302, {}
        shown = [
            n for n, thing in self.things.items() if n not in self.hidden and self._belongs(thing, n, parts, query)
        ]
        shown.sort(key=self._created, reverse=True)
        return 200, self._slice(shown[:1000], query)

    def _created(self, name: str) -> float:
        at = (self.things[name].get("data") or {}).get("created_utc")
        return float(at) if isinstance(at, int | float) else 0.0

    def _belongs(self, thing: Mapping[str, Any], name: str, parts: list[str], query: Mapping[str, str]) -> bool:
        data = thing.get("data") or {}
        if parts[2] == "search":
            return name.startswith("t3_") and query["q"].lower() in f"{data['title']} {data['selftext']}".lower()
        home = str(thing.get("subreddit") or data.get("subreddit")).lower()
        return home == parts[1].lower() and name.startswith("t1_") == (parts[2] == "comments")

    def _slice(self, shown: list[str], query: Mapping[str, str]) -> dict[str, Any]:
        limit = min(int(query.get("limit", 25)), 100)
        first, last = 0, len(shown)
        for anchor in ("after", "before"):
            if anchor in query and query[anchor] not in shown:
                return _listing([], None)
        if "after" in query:
            first = shown.index(query["after"]) + 1
        if "before" in query:
            last = shown.index(query["before"])
            first = max(0, last - limit)
        names = shown[first : min(last, first + limit)]
        after = names[-1] if names and first + limit < len(shown) and "before" not in query else None
        return _listing([{k: v for k, v in self.things[n].items() if k != "subreddit"} for n in names], after)


def _listing(things: list[dict[str, Any]], after: str | None) -> dict[str, Any]:
    data = {"after": after, "before": None, "dist": len(things), "modhash": "", "children": things}
    return {"kind": "Listing", "data": data}


def _escaped(value: Any) -> Any:
    if isinstance(value, str):
        return html.escape(value, quote=False)
    if isinstance(value, dict):
        return {key: _escaped(inner) for key, inner in value.items()}
    return [_escaped(inner) for inner in value] if isinstance(value, list) else value


class _Handler(BaseHTTPRequestHandler):
    fake: FakeReddit
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        self._record(parts.path, query, {})
        if self._scripted(parts.path):
            return
        token = self.headers.get("Authorization", "").removeprefix("bearer ")
        if token not in self.fake.tokens:
            self._send(401, {"message": "Unauthorized", "error": 401})
            return
        status, body = self.fake.page(parts.path, query)
        if status == 302:
            self._send(302, {}, {"location": f"{self.fake.url}/subreddits/search?q=x"})
            return
        self._send(status, body if query.get("raw_json") == "1" else _escaped(body))

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        form = {key: values[0] for key, values in parse_qs(self.rfile.read(length).decode()).items()}
        self._record(self.path, {}, form)
        if self._scripted(self.path):
            return
        if self.path != TOKEN_PATH:
            self._send(404, {"message": "Not Found", "error": 404})
            return
        self._send(*self.fake.token(form, self.headers.get("Authorization", "")))

    def _record(self, path: str, query: dict[str, str], form: dict[str, str]) -> None:
        headers = {key.lower(): value for key, value in self.headers.items()}
        self.fake.calls.append(Call(self.command, path, query, headers, form))

    def _scripted(self, path: str) -> bool:
        if (gate := self.fake.gates.get(path.strip("/"))) is not None:
            gate.wait(30)
        answer = self.fake.scripted(path)
        if answer is None:
            return False
        if answer.cut:
            self.close_connection = True
            self.connection.close()
            return True
        self._write(answer.status, answer.body, answer.headers)
        return True

    def _send(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        # Lone surrogates go out as \\ud800 escapes, as Reddit's JSON has them.
        self._write(status, json.dumps(body).encode(), headers or {})

    def _write(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for key, value in {"content-type": "application/json", **self.fake.rate_headers, **headers}.items():
            self.send_header(key, value)
        self.send_header("content-length", str(len(body)))
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Tests read `calls` instead."""
