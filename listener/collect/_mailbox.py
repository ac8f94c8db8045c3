"""The one place that speaks IMAP (RFC 9051, 3501): read only, pinned to a checked address, limited."""

from __future__ import annotations

import contextlib
import imaplib
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final, TypeVar

from listener.collect._addresses import checked
from listener.errors import AuthError, GoneError, PayloadError, UnreachableError

TIMEOUT: Final = 30.0
MAX_BYTES: Final = 1_000_000
"""Of one letter; what is behind that are attachments."""
Result = TypeVar("Result")


class _Pinned(imaplib.IMAP4):
    """Connects to the address that was checked; with TLS under the server's name."""

    def __init__(self, host: str, port: int, addresses: Sequence[str], tls: bool) -> None:
        self._addresses = addresses
        self._tls = tls
        super().__init__(host, port, TIMEOUT)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        del timeout
        plain = _connected(self._addresses, self.port)
        if not self._tls:
            return plain
        return ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)


def _connected(addresses: Sequence[str], port: int) -> socket.socket:
    trouble: OSError = OSError("no address")
    for address in addresses[:3]:
        try:
            return socket.create_connection((address, port), TIMEOUT)
        except OSError as error:
            trouble = error
    raise trouble


class Mailbox:
    """An open folder. Use as a context manager. Every method raises SourceError."""

    def __init__(self, source: str, host: str, port: int, *, tls: bool, allow: Sequence[str]) -> None:
        self._source = source
        self._host = host
        addresses = checked(host, port, source=source, allow=allow)
        self._imap = self._said(partial(_Pinned, host, port, addresses, tls))

    def __enter__(self) -> Mailbox:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            self._imap.logout()

    def sign_in(self, username: str, password: str) -> None:
        """Raises AuthError."""
        try:
            self._said(lambda: self._imap.login(username, password), refused=True)
        except PayloadError:
            hint = "Check username and password; many providers want an app password."
            raise AuthError(self._source, f"{self._host} refuses the sign-in", hint=hint) from None

    def open(self, folder: str) -> int:
        """Open a folder without changing it; its UIDVALIDITY: with another one all UIDs are new."""
        quoted = '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
        status, _ = self._said(lambda: self._imap.select(quoted, readonly=True))
        if status != "OK":
            raise GoneError(self._source, "there is no such folder", hint="Check `folder`.")
        _, validity = self._imap.response("UIDVALIDITY")
        given = validity[-1] if validity else None
        return int(given) if isinstance(given, bytes) and given.isdigit() else 0

    def search(self, *criteria: str) -> list[int]:
        """UIDs of what fits, rising."""
        status, found = self._said(lambda: self._imap.uid("SEARCH", *criteria))
        if status != "OK":
            raise PayloadError(self._source, f"{self._host} does not search")
        return sorted({int(uid) for uid in b" ".join(part or b"" for part in found).split() if uid.isdigit()})

    def letters(self, uids: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """The beginning of each letter, in the order of `uids`; none is marked as read."""
        for uid in uids:
            fetch = partial(self._imap.uid, "FETCH", str(uid), f"(UID BODY.PEEK[]<0.{MAX_BYTES}>)")
            _, parts = self._said(fetch)
            raw = next((part[1] for part in parts if isinstance(part, tuple) and len(part) > 1), None)
            if isinstance(raw, bytes):
                yield uid, raw

    def _said(self, call: Callable[[], Result], *, refused: bool = False) -> Result:
        """The answer, or what went wrong as one of ours, without the server's words."""
        try:
            return call()
        except imaplib.IMAP4.abort:
            raise UnreachableError(self._source, f"{self._host} hung up") from None
        except imaplib.IMAP4.error:
            if refused:
                raise PayloadError(self._source, "refused") from None
            raise PayloadError(self._source, f"{self._host} does not answer as IMAP does") from None
        except ssl.SSLError:
            raise UnreachableError(self._source, f"{self._host} has a certificate that cannot be verified") from None
        except (OSError, EOFError):
            raise UnreachableError(self._source, f"{self._host} cannot be reached") from None


def number(value: Any) -> int:
    """A saved number, 0 if it is none."""
    return value if type(value) is int and value >= 0 else 0
