"""A web server on 127.0.0.1 whose answers are scripted: also broken, endless and never-ending ones."""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Answer:
    """What is sent back.

    `body`: bytes, sent with their length; or pieces, sent chunked as long as there are some and somebody reads.
    `cut`: only so many bytes of the body are sent before the connection is closed. `raw`: these pieces are all that is
    sent, without any HTTP around them.
    """

    body: bytes | Iterable[bytes] = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    raw: Iterable[bytes] | None = None


@dataclass(frozen=True)
class Asked:
    """A request that arrived."""

    path: str
    headers: Message
    body: bytes = b""

    @property
    def query(self) -> dict[str, str]:
        """What stands behind the question mark, each name once."""
        return dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))


Script = Answer | Callable[[Asked], Answer]


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Clients that leave are what many tests are about."""


class FakeHttp:
    """Use as a context manager. `asked` lists all requests; paths without an answer are 404."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self.release = threading.Event()
        """Set when the server closes: what `held` waits for."""
        self._scripts: dict[str, deque[Script]] = defaultdict(deque)
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_address[1]
        self.address = f"127.0.0.1:{self.port}"
        self._scheme = "http" if tls is None else "https"

    def url(self, path: str = "/", *, host: str = "127.0.0.1") -> str:
        """The URL of a path, under any name."""
        return f"{self._scheme}://{host}:{self.port}{path}"

    def answer(self, path: str, *scripts: Script) -> str:
        """Answer requests for `path` (without a query: with any) with these, the last again and again; its URL."""
        self._scripts[path] = deque(scripts)
        return self.url(path)

    def paths(self) -> list[str]:
        """The paths asked for, in order."""
        return [asked.path for asked in self.asked]

    def held(self, *pieces: bytes) -> Iterator[bytes]:
        """These pieces, then silence until the server is closed."""
        yield from pieces
        self.release.wait(60)

    def dripping(self, pieces: Iterable[bytes], seconds: float = 0.02) -> Iterator[bytes]:
        """These pieces, each after a moment."""
        for piece in pieces:
            self.release.wait(seconds)
            yield piece

    def __enter__(self) -> FakeHttp:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()

    def _next(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        scripts = self._scripts.get(asked.path) or self._scripts.get(asked.path.partition("?")[0])
        if not scripts:
            return Answer(status=404)
        script = scripts.popleft() if len(scripts) > 1 else scripts[0]
        return script if isinstance(script, Answer) else script(asked)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                with contextlib.suppress(OSError):
                    _send(self, fake._next(Asked(self.path, self.headers)))

            def do_POST(self) -> None:
                with contextlib.suppress(OSError):
                    body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                    _send(self, fake._next(Asked(self.path, self.headers, body)))

            def log_message(self, *_: object) -> None:
                """Quiet."""

        return Handler


def _send(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    if answer.raw is not None:
        handler.close_connection = True
        for piece in answer.raw:
            handler.wfile.write(piece)
        return
    handler.send_response(answer.status)
    for name, value in answer.headers.items():
        handler.send_header(name, value)
    if isinstance(answer.body, bytes):
        handler.send_header("Content-Length", str(len(answer.body)))
        handler.end_headers()
        handler.wfile.write(answer.body[: answer.cut])
        handler.close_connection = handler.close_connection or answer.cut is not None
        return
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for piece in answer.body:
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
    handler.wfile.write(b"0\r\n\r\n")
