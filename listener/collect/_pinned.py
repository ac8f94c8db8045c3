# ruff: noqa: ARG002 - the methods are httpcore's, and so are their arguments
"""Connections to given addresses only, and only until a given moment: the two things httpcore leaves to its backend."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Sequence
from typing import Any

import httpcore


class Pinned(httpcore.NetworkBackend):
    """Connects to `addresses`, in this order, whatever host it is asked for.

    No operation goes beyond `deadline` (on time.monotonic's clock), so that a server which sends a byte now and then
    cannot hold a collector; `connect` seconds are what one address gets.
    """

    def __init__(self, addresses: Sequence[str], deadline: float, connect: float) -> None:
        self._addresses = addresses
        self._deadline = deadline
        self._connect = connect
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Raises ConnectError or ConnectTimeout of the last address."""
        failure: httpcore.ConnectError | httpcore.ConnectTimeout = httpcore.ConnectError("no address")
        for address in self._addresses:
            seconds = min(self._connect, left(self._deadline))
            try:
                return Timed(self._inner.connect_tcp(address, port, timeout=seconds), self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


class Timed(httpcore.NetworkStream):
    """A stream whose every operation ends by the deadline."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: float) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Raises ReadTimeout."""
        return self._inner.read(max_bytes, left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Raises WriteTimeout."""
        self._inner.write(buffer, left(self._deadline))

    def close(self) -> None:
        """Close it."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The certificate is checked against the name, not the address."""
        inner = self._inner.start_tls(ssl_context, server_hostname, left(self._deadline))
        return Timed(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """What the inner stream knows."""
        return self._inner.get_extra_info(info)


def left(deadline: float) -> float:
    """Seconds until then. Raises ReadTimeout when there are none."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise httpcore.ReadTimeout("over the limit")
    return seconds
