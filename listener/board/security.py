"""What every answer of the board carries: the Content-Security-Policy and its companions, whoever made the response.

Who is answered at all is decided in gate.py.
"""

from __future__ import annotations

import base64
import hashlib
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
