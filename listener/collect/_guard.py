"""HTTP for collectors, towards servers that may be hostile or broken.

Only http and https, only addresses that `_addresses.checked` admits, each connection pinned to the address that was
checked (its name still stands in TLS and in the Host header), redirects followed here and checked anew, no proxies,
no cookies, nothing from the environment, and limits on the time and the bytes of an answer, after decompression.
"""

from __future__ import annotations

import re
import ssl
import time
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from listener.collect._addresses import Resolve, checked, resolve
from listener.errors import (
    AuthError,
    ForbiddenAddressError,
    GoneError,
    PayloadError,
    RateLimitedError,
    UnreachableError,
)

if TYPE_CHECKING:
    import httpcore
    import httpx

_MEGABYTE: Final = 1_000_000
_TRIED: Final = 3
"""Addresses of one host that are tried before it counts as unreachable."""
_LONGEST_WAIT: Final = 86_400.0
_SECRET_HEADERS: Final = frozenset({"authorization", "cookie", "proxy-authorization"})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_RESETS: Final = ("x-ratelimit-reset", "x-rate-limit-reset", "ratelimit-reset")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one `fetch`, with all its redirects, may take: bytes of the unpacked body, seconds, hops."""

    body: int = 10 * _MEGABYTE
    seconds: float = 30.0
    connect: float = 10.0
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class Response:
    """An answer of status 2xx, 304 or one that was asked for; header names in lower case; `url` answered it."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    url: str


def fetch(
    url: str,
    *,
    source: str,
    allow: Sequence[str] = (),
    headers: Mapping[str, str] | None = None,
    limits: Limits = Limits(),
    form: bytes | None = None,
    answers: Collection[int] = (),
    resolve: Resolve = resolve,
    tls: ssl.SSLContext | None = None,
) -> Response:
    """GET `url`, following its redirects; with a `form` (urlencoded) POST it, which follows none.

    `answers` are statuses that come back with their bodies instead of being raised, for platforms that say there why.

    Raises ForbiddenAddressError, UnreachableError (no or broken answer, 5xx), RateLimitedError (429, with
    `retry_after` in seconds), AuthError (401), GoneError (403, 404, 410, 451), PayloadError (too much, too many
    redirects, any other status). Their messages name the host, never the rest of the URL: it may hold a key.
    """
    visit = _Visit(source, allow, limits, time.monotonic() + limits.seconds, resolve, tls, form, frozenset(answers))
    sent = {"User-Agent": "listener", "Accept": "*/*", **(headers or {})}
    if form is not None:
        sent |= {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(form))}
    here = _parsed(url, source)
    for _ in range(limits.redirects + 1):
        status, received, content = visit.get(here, sent)
        target = received.get("location")
        if status not in _REDIRECTS or not target or form is not None:
            response = Response(status, received, content, str(here))
            if status not in visit.answers:
                refuse(source, response)
            return response
        there = _next(here, target, source)
        if (there.scheme, there.host, there.port) != (here.scheme, here.host, here.port):
            sent = {name: value for name, value in sent.items() if name.lower() not in _SECRET_HEADERS}
        here = there
    raise PayloadError(source, f"{here.host} redirects in circles", hint="Open the address in a browser.")


@dataclass(frozen=True, slots=True)
class _Visit:
    """What holds for every hop of one fetch."""

    source: str
    allow: Sequence[str]
    limits: Limits
    deadline: float
    resolve: Resolve
    tls: ssl.SSLContext | None
    form: bytes | None
    answers: frozenset[int]

    def get(self, url: httpx.URL, headers: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
        """One request; the body is read only where somebody wants it (2xx, or one asked for)."""
        import httpcore

        port = url.port or (443 if url.scheme == "https" else 80)
        host = url.raw_host.decode("ascii")
        addresses = checked(host, port, source=self.source, allow=self.allow, resolve=self.resolve)
        named = url.netloc.decode("ascii")
        sent = [("Host", named), *headers.items(), ("Accept-Encoding", "gzip, deflate")]
        with (
            _as_ours(self.source, host),
            httpcore.ConnectionPool(
                ssl_context=self.tls or _trusted(),
                network_backend=_backend(addresses[:_TRIED], self.deadline, self.limits.connect),
            ) as pool,
            pool.stream(
                "GET" if self.form is None else "POST", _target(url, host, port), headers=sent, content=self.form
            ) as answer,
        ):
            received = _plain(answer.headers)
            content = b""
            if 200 <= answer.status < 300 or answer.status in self.answers:
                pieces = answer.iter_stream()
                content = _body(pieces, received.get("content-encoding", ""), self.limits.body, self.source)
            return answer.status, received, content


def _parsed(url: str, source: str) -> httpx.URL:
    import httpx

    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise ForbiddenAddressError(source, "this is no URL", hint="It must begin with https:// or http://.") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ForbiddenAddressError(source, "only http and https addresses are opened")
    return parsed.copy_with(userinfo=b"", fragment=None)


def _next(here: httpx.URL, target: str, source: str) -> httpx.URL:
    import httpx

    try:
        there = _parsed(str(here.join(target)), source)
    except httpx.InvalidURL:
        raise PayloadError(source, f"{here.host} redirects to no URL") from None
    if (here.scheme, there.scheme) == ("https", "http"):
        raise ForbiddenAddressError(source, f"{here.host} redirects from https to http, which is not followed")
    return there


def _target(url: httpx.URL, host: str, port: int) -> httpcore.URL:
    import httpcore

    return httpcore.URL(scheme=url.raw_scheme, host=host.encode(), port=port, target=url.raw_path)


def _plain(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("ascii", "replace").lower(): value.decode(errors="replace") for name, value in headers}


@contextmanager
def _as_ours(source: str, host: str) -> Iterator[None]:
    """httpcore's errors as SourceErrors; what it knows more of may quote the server, so only its kind is kept."""
    import httpcore

    try:
        yield
    except httpcore.TimeoutException:
        raise UnreachableError(source, f"{host} takes too long") from None
    except httpcore.ConnectError as error:
        certificate = "CERTIFICATE" in str(error).upper()
        reason = "has a certificate that cannot be verified" if certificate else "cannot be connected to"
        raise UnreachableError(source, f"{host} {reason}") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError):
        raise UnreachableError(source, f"{host} broke off, or does not speak HTTP") from None
    except httpcore.UnsupportedProtocol:
        raise ForbiddenAddressError(source, "only http and https addresses are opened") from None


def refuse(source: str, response: Response) -> None:
    """Raise the error that stands for this answer's status, if it is one."""
    status, headers = response.status, response.headers
    if 200 <= status < 300 or status == 304:
        return
    said = f"{urlsplit(response.url).hostname} answers {status}"
    later = retry_after(headers.get("retry-after", ""), datetime.now(UTC))
    if later is None:
        later = until_reset(headers, datetime.now(UTC))
    if status == 429:
        raise RateLimitedError(source, said, hint="It asks to come back later; poll it less often.", retry_after=later)
    if status >= 500 or status in (408, 425):
        raise UnreachableError(source, said, hint="The server has trouble; it is tried again.", retry_after=later)
    if status == 401:
        raise AuthError(source, said, hint="It wants credentials that listener was not given, or refuses them.")
    if status in (403, 404, 410, 451):
        raise GoneError(source, said, hint="Check the address in a browser: it is not there, or not public.")
    raise PayloadError(source, said, hint="Check the address in a browser.")


def retry_after(value: str, now: datetime) -> float | None:
    """Seconds to wait, from a number or an HTTP date; None if it says neither; at most a day."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), _LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max((at - now).total_seconds(), 0.0), _LONGEST_WAIT)


def until_reset(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds until the platform's request budget is full again (`X-RateLimit-Reset` and its kin), if it says so.

    Platforms write it as seconds from now, as seconds since 1970 or as an ISO 8601 time (Mastodon).
    """
    written = next((headers[name] for name in _RESETS if headers.get(name)), "").strip()
    if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", written):
        seconds = float(written)
        wait = seconds - now.timestamp() if seconds > 1e8 else seconds
    else:
        try:
            at = datetime.fromisoformat(written)
        except ValueError:
            return None
        wait = ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()
    return min(max(wait, 0.0), _LONGEST_WAIT)


# ------------------------------------------------------------------ the body


def _body(pieces: Iterable[bytes], encoding: str, limit: int, source: str) -> bytes:
    """The unpacked body, cut off as soon as it is over the limit, whatever it would unpack to."""
    kind = encoding.strip().lower()
    if kind not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise PayloadError(source, "the answer is packed in a way that was not asked for")
    content = bytearray()
    try:
        for piece in pieces if kind in ("", "identity") else _unpacked(pieces, gzip="gzip" in kind):
            content += piece
            if len(content) > limit:
                raise PayloadError(source, f"the answer is over {limit // _MEGABYTE or 1} MB")
    except zlib.error:
        raise UnreachableError(source, "the packed answer is damaged") from None
    return bytes(content)


def _unpacked(pieces: Iterable[bytes], *, gzip: bool) -> Iterator[bytes]:
    """Unpack at most 64 KiB at a time: one packed megabyte may hold a gigabyte."""
    inflate: Any = None
    for piece in pieces:
        while piece:
            # Some servers say deflate and send it without the zlib header (RFC 9110 8.4.1.2).
            inflate = inflate or zlib.decompressobj(31 if gzip else 15 if piece[0] & 0x0F == 8 else -15)
            yield inflate.decompress(piece, 1 << 16)
            piece = inflate.unconsumed_tail
            if inflate.eof:
                piece, inflate = inflate.unused_data.lstrip(b"\0"), None
    while inflate is not None and not inflate.eof:
        rest = inflate.decompress(b"", 1 << 16)
        if not rest and not inflate.eof:
            raise zlib.error("incomplete")
        yield rest


# ------------------------------------------------------------------ the connection


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    import httpx

    return httpx.create_ssl_context(trust_env=False)


def _backend(addresses: Sequence[str], deadline: float, connect: float) -> httpcore.NetworkBackend:
    from listener.collect._pinned import Pinned

    return Pinned(addresses, deadline, connect)
