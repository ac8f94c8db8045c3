"""What every answer of the board carries, and who is answered at all.

`SecurityHeaders` sets the Content-Security-Policy and its companions on every response, whoever made it.
`LocalOnly` answers only this machine, and only under a local name: without sign-in anybody who reaches the port could
read customers' posts, and a page on the internet could reach it by DNS rebinding (its name pointed at 127.0.0.1).
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_INLINE_SCRIPT: Final = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
_FIXED_STYLES: Final = (
    "",  # emotion: empty, filled through the CSSOM
    "@layer {\n  [data-react-aria-pressable] {\n    touch-action: pan-x pan-y pinch-zoom;\n  }\n}",
    "@layer {\n  * {\n    overscroll-behavior: contain;\n  }\n}",  # on iOS
)
"""All inline styles that Streamlit adds to a page, to the letter."""

_LOCAL_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})


def source_of(inline: bytes) -> str:
    """The CSP source that allows exactly this inline script or style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(inline).digest()).decode()}'"


def inline_scripts(index: bytes) -> list[str]:
    """CSP sources of the inline scripts of this page (Streamlit's index.html has one)."""
    return [source_of(body) for body in _INLINE_SCRIPT.findall(index)]


def content_security_policy(scripts: Iterable[str] = ()) -> str:
    """The policy; why each exception is there is told in listener/board/__init__.py."""
    directives = {
        "default-src": ["'self'"],
        "script-src": ["'self'", *scripts],
        "style-src": ["'self'", *(source_of(style.encode()) for style in _FIXED_STYLES)],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "media-src": ["'none'"],
        "worker-src": ["'self'"],
        "frame-src": ["'none'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in directives.items())


def headers(index: Path) -> tuple[tuple[bytes, bytes], ...]:
    """The headers that every response of the board carries; `index` is the page whose inline scripts are allowed."""
    policy = content_security_policy(inline_scripts(index.read_bytes()))
    return (
        (b"content-security-policy", policy.encode("ascii")),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        (b"referrer-policy", b"no-referrer"),
        (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
    )


class SecurityHeaders:
    """ASGI middleware: these headers replace any of the same name on every HTTP response."""

    def __init__(self, app: ASGIApp, fixed: Sequence[tuple[bytes, bytes]]) -> None:
        self._app = app
        self._fixed = list(fixed)
        self._names = {name for name, _ in fixed}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [pair for pair in message.get("headers", ()) if pair[0].lower() not in self._names]
                message = {**message, "headers": [*kept, *self._fixed]}
            await send(message)

        await self._app(scope, receive, send if scope["type"] != "http" else send_with_headers)


class LocalOnly:
    """ASGI middleware: refuses every request that does not come from this machine under a local name."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or _is_local(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            from starlette.responses import PlainTextResponse

            refusal = PlainTextResponse("The board answers only this machine until sign-in is set up.\n", 403)
            await refusal(scope, receive, send)


def _is_local(scope: Scope) -> bool:
    return _is_loopback(scope.get("client")) and _names_this_machine(scope)


def _is_loopback(client: tuple[str, int] | None) -> bool:
    """No client address means a Unix socket, which is local."""
    if client is None:
        return True
    try:
        address = ipaddress.ip_address(client[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _names_this_machine(scope: Scope) -> bool:
    host = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1").lower()
    name = re.sub(r":\d+$", "", host)
    return name in _LOCAL_NAMES
