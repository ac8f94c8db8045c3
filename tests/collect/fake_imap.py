"""An IMAP server on 127.0.0.1 (RFC 3501, as much as reading one folder takes)."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class FakeImap:
    """`letters`: UID -> the letter; `said`: all commands but the password."""

    letters: dict[int, bytes] = field(default_factory=dict)
    validity: int = 7
    password: str = "pw"
    hang_up_after: int | None = None
    said: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"


class _Handler(socketserver.StreamRequestHandler):
    fake: FakeImap
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.wfile.write(b"* OK ready\r\n")
        while line := self.rfile.readline().decode().strip():
            tag, _, command = line.partition(" ")
            name = command.split(" ")[0].upper()
            self.fake.said.append(name if name == "LOGIN" else command)
            if self.fake.hang_up_after is not None and len(self.fake.said) > self.fake.hang_up_after:
                return
            status = getattr(self, f"on_{name.lower()}", self.on_other)(command)
            self.wfile.write(f"{tag} {status}\r\n".encode())
            if name == "LOGOUT":
                return

    def on_other(self, command: str) -> str:
        return "BAD unknown"

    def on_logout(self, command: str) -> str:
        self.wfile.write(b"* BYE\r\n")
        return "OK bye"

    def on_capability(self, command: str) -> str:
        self.wfile.write(b"* CAPABILITY IMAP4rev1\r\n")
        return "OK done"

    def on_login(self, command: str) -> str:
        return "OK in" if command.endswith(f'"{self.fake.password}"') else "NO [AUTHENTICATIONFAILED] no"

    def on_examine(self, command: str) -> str:
        if "INBOX" not in command:
            return "NO no such mailbox"
        self.wfile.write(f"* {len(self.fake.letters)} EXISTS\r\n".encode())
        self.wfile.write(f"* OK [UIDVALIDITY {self.fake.validity}] valid\r\n".encode())
        return "OK [READ-ONLY] open"

    def on_uid(self, command: str) -> str:
        uids = sorted(self.fake.letters)
        if command.upper().startswith("UID SEARCH"):
            if match := re.search(r"UID (\d+):\*", command[10:]):
                first = int(match[1])
                found = [uid for uid in uids if uid >= first] or uids[-1:]
            else:
                found = uids
            self.wfile.write(f"* SEARCH {' '.join(map(str, found))}\r\n".encode())
            return "OK done"
        uid = int(command.split(" ")[2])
        assert "BODY.PEEK" in command, "a letter would be marked as read"
        if uid in self.fake.letters:
            body = self.fake.letters[uid][:1_000_000]
            self.wfile.write(f"* 1 FETCH (UID {uid} BODY[]<0> {{{len(body)}}}\r\n".encode() + body + b")\r\n")
        return "OK done"


@contextmanager
def running(fake: FakeImap) -> Iterator[FakeImap]:
    """The server, on a free port."""
    handler = type("Handler", (_Handler,), {"fake": fake})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        fake.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield fake
        server.shutdown()
