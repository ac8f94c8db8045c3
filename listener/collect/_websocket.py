"""A websocket that is listened to: opened only towards admitted addresses, every failure one of ours."""

from __future__ import annotations

import logging
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Final
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.sync.client import connect as open_websocket

from listener.collect._addresses import checked
from listener.errors import (
    AuthError,
    ForbiddenAddressError,
    GoneError,
    PayloadError,
    RateLimitedError,
    SourceError,
    UnreachableError,
)

OPEN_TIMEOUT: Final = 10.0
CLOSE_TIMEOUT: Final = 1.0
MAX_MESSAGE: Final = 1 << 20

_TOO_LARGE: Final = 1009
_TLS_HINT: Final = "The server's certificate cannot be verified; check the endpoint and the machine's clock."

# websockets writes whole messages to its log at level DEBUG: posts must not get there.
_quiet = logging.getLogger("listener.collect.websocket")
_quiet.setLevel(logging.WARNING)


class Cut(Exception):
    """The connection is over; `code` is the server's close code, None if it gave none."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"closed ({code})")
        self.code = code


class TooLarge(Exception):
    """The server sent a message beyond MAX_MESSAGE bytes; the connection is over."""


class Link:
    """An open connection, for one thread."""

    def __init__(self, url: str, *, sock: socket.socket, compress: bool) -> None:
        self._stack = ExitStack()
        opening = open_websocket(
            url,
            sock=sock,
            proxy=None,
            compression="deflate" if compress else None,
            open_timeout=OPEN_TIMEOUT,
            close_timeout=CLOSE_TIMEOUT,
            max_size=MAX_MESSAGE,
            logger=_quiet,
        )
        self._connection = self._stack.enter_context(opening)

    def receive(self, timeout: float) -> bytes | None:
        """The next message, or None if none came within `timeout` seconds. Raises Cut and TooLarge."""
        try:
            message = self._connection.recv(timeout=max(timeout, 0.0), decode=False)
        except TimeoutError:
            return None
        except ConnectionClosed as closed:
            if closed.sent is not None and closed.sent.code == _TOO_LARGE and not closed.rcvd_then_sent:
                raise TooLarge from None
            raise Cut(closed.rcvd.code if closed.rcvd else None) from None
        return message

    def close(self) -> None:
        """Say goodbye; waits at most CLOSE_TIMEOUT seconds for the answer."""
        self._stack.close()


def connect(url: str, *, source: str, allow: Sequence[str], compress: bool) -> Link:
    """Open `url` (ws or wss) without proxy and without following redirects. Blocks up to some OPEN_TIMEOUTs.

    Raises UnreachableError and RateLimitedError where trying again may help, else ForbiddenAddressError, AuthError,
    GoneError, PayloadError.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "wss" else 80)
    addresses = checked(host, port, source=source, allow=allow)
    if parts.scheme == "ws" and f"{host}:{port}" not in allow:
        hint = f'Use wss://, or add "{host}:{port}" to [network] allow.'
        raise ForbiddenAddressError(source, f"{host} would be spoken to without encryption", hint=hint)
    try:
        return Link(url, sock=_first_open(addresses, port), compress=compress)
    except InvalidStatus as error:
        raise refused(source, error.response.status_code, error.response.headers) from None
    except ssl.SSLCertVerificationError:
        raise UnreachableError(source, f"{host} does not prove to be {host}", hint=_TLS_HINT) from None
    except InvalidHandshake:
        raise PayloadError(source, f"{host} does not speak websocket", hint="Check the endpoint.") from None
    except ValueError:
        # websockets follows no redirect on a socket that it was given.
        raise GoneError(source, f"{host} redirects elsewhere", hint="Set endpoint to the new address.") from None
    except (OSError, EOFError) as error:
        raise UnreachableError(source, f"no connection to {host} ({type(error).__name__})") from None


def refused(source: str, status: int, headers: Mapping[str, str]) -> SourceError:
    """The error for an opening handshake that was answered with an HTTP status."""
    if status == 429:
        after = headers.get("Retry-After", "")
        wait = float(after) if after.isascii() and after.isdigit() and len(after) < 6 else None
        return RateLimitedError(source, "the server asks to wait (429)", retry_after=wait)
    if status in (401, 407):
        return AuthError(source, f"the server wants credentials ({status})", hint="Check the endpoint.")
    if status in (403, 404, 410, 451):
        return GoneError(source, f"nothing to subscribe to there ({status})", hint="Check the endpoint's path.")
    if status == 408 or status >= 500:
        return UnreachableError(source, f"the server is in trouble ({status})")
    return PayloadError(source, f"the server does not accept the subscription ({status})", hint="Check the endpoint.")


def _first_open(addresses: Sequence[str], port: int) -> socket.socket:
    """A TCP connection to the first of the addresses that answers. Raises OSError."""
    until = time.monotonic() + OPEN_TIMEOUT
    trouble: OSError = TimeoutError()
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout=max(until - time.monotonic(), 0.1))
        except OSError as error:
            trouble = error
    raise trouble
