"""Who is answered at all: the one door before every route, websocket, media, upload and metrics included.

`local`: only this machine, under a local name, reached directly. Anybody else could be a page on the internet that
reaches us by DNS rebinding (its name pointed at 127.0.0.1), so the Host must be a local name, a websocket's Origin must
be the very address it asks, and whatever came through a proxy is refused, since then everybody's peer is this machine.

`accounts`: only with a session. Without one pages lead to /signin and everything else is refused; what is open are the
sign-in page with its style, and /healthz, which tells nothing. A websocket is looked at again with every message, so
that an account that is disabled meanwhile is out within seconds.
"""

from __future__ import annotations

import ipaddress
import re
import time
from datetime import UTC, datetime
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from listener.board import place
from listener.desk import accounts
from listener.errors import ListenerError
from listener.settings import Web
from listener.store.rows import AccountRow

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

OPEN: Final = frozenset({"/healthz", "/signin", "/signin.css"})
UNTIL_CHANGED: Final = frozenset({"/password", "/signout"})
"""All that an account may ask for whose password is still the first one."""

KNOWN_FOR: Final = 5.0
"""Seconds for which a session that was found good is not asked for again."""

_LOCAL_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
_FORWARDED: Final = (b"forwarded", b"x-forwarded-", b"x-real-ip", b"via")
_known: dict[str, tuple[float, AccountRow]] = {}


class Gate:
    """ASGI middleware: lets through what may be answered, and refuses the rest in its own words."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        web = _web()
        if web.sign_in == "local":
            if _is_local(scope):
                await self._app(scope, receive, send)
            else:
                await _refuse(scope, receive, send, 403, "The board answers only this machine until sign-in is set up.")
        else:
            await self._with_session(web, scope, receive, send)

    async def _with_session(self, web: Web, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in OPEN:
            await self._app(scope, receive, send)
            return
        if scope["type"] == "websocket" and not same_origin(scope, web):
            await _refuse(scope, receive, send, 403, "")
            return
        token = token_of(scope)
        account = await _account(token, web)
        if account is None:
            await _lead_to(scope, receive, send, f"/signin?next={quote(_here(scope))}")
        elif account.must_change and scope["path"] not in UNTIL_CHANGED:
            await _lead_to(scope, receive, send, "/password")
        elif scope["type"] == "websocket":
            await self._app(scope, *_watched(receive, send, token, web))
        else:
            await self._app(scope, receive, send)


def _web() -> Web:
    """Settings that cannot be read let nobody in but this machine, whose person can put them right."""
    try:
        return place.settings().web
    except ListenerError:
        return Web()


# ------------------------------------------------------------------ this machine


def _is_local(scope: Scope) -> bool:
    direct = not any(name.startswith(_FORWARDED) for name, _ in scope["headers"])
    named = _host_name(header(scope, b"host")) in _LOCAL_NAMES
    ours = scope["type"] != "websocket" or same_origin(scope, Web())
    return direct and named and ours and _is_loopback(scope.get("client"))


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


def _host_name(host: str) -> str:
    return re.sub(r":\d+$", "", host.lower())


def same_origin(scope: Scope, web: Web) -> bool:
    """Whether the page that asks is ours: its Origin is the address asked for, or the board's public one."""
    origin = urlsplit(header(scope, b"origin"))
    if origin.scheme not in ("http", "https") or not origin.netloc:
        return False
    public = urlsplit(web.url or "")
    return origin.netloc.lower() in {header(scope, b"host").lower(), public.netloc.lower()} - {""}


def header(scope: Scope, name: bytes) -> str:
    value: bytes = next((value for key, value in scope["headers"] if key == name), b"")
    return value.decode("latin-1")


# ------------------------------------------------------------------ sessions


def cookie_name(host: str) -> str:
    """Cookies are shared by all ports of a host: two boards on one machine must not mix their people."""
    found = re.search(r":(\d+)$", host)
    return f"listener-session-{found[1] if found else 'web'}"


def token_of(scope: Scope) -> str:
    """The session's token that the browser sent; empty without one."""
    try:
        cookies = SimpleCookie(header(scope, b"cookie"))
    except CookieError:
        return ""
    morsel = cookies.get(cookie_name(header(scope, b"host")))
    return morsel.value if morsel else ""


def account_of(token: str, web: Web) -> AccountRow | None:
    """Whose session it is now; what was found good is believed for KNOWN_FOR seconds."""
    if not token:
        return None
    held = _known.get(token)
    if held is not None and time.monotonic() - held[0] < KNOWN_FOR:
        return held[1]
    account = accounts.session(place.store(), token, datetime.now(UTC), idle=web.session_idle)
    if account is None:
        _known.pop(token, None)
        return None
    if len(_known) > 1000:
        _known.clear()
    _known[token] = (time.monotonic(), account)
    return account


def forget(token: str) -> None:
    """The session may have changed: ask for it again."""
    _known.pop(token, None)


async def _account(token: str, web: Web) -> AccountRow | None:
    from starlette.concurrency import run_in_threadpool

    try:
        return await run_in_threadpool(account_of, token, web)
    except ListenerError:
        return None


def _watched(receive: Receive, send: Send, token: str, web: Web) -> tuple[Receive, Send]:
    """A websocket that ends with the first message that comes without a session."""
    over = False

    async def watched() -> Message:
        nonlocal over
        message = await receive()
        if message["type"] == "websocket.receive" and await _account(token, web) is None:
            over = True
            await send({"type": "websocket.close", "code": 1008})
            return {"type": "websocket.disconnect", "code": 1008}
        return message

    async def sent(message: Message) -> None:
        if not over:
            await send(message)

    return watched, sent


# ------------------------------------------------------------------ refusing


def _here(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    path: str = scope["path"]
    return f"{path}?{query}" if query else path


async def _lead_to(scope: Scope, receive: Receive, send: Send, address: str) -> None:
    """A person who opens a page is led on; whatever else asked is refused."""
    if scope["type"] == "http" and scope["method"] == "GET" and "text/html" in header(scope, b"accept"):
        from starlette.responses import RedirectResponse

        await RedirectResponse(address, 303, {"Cache-Control": "no-store"})(scope, receive, send)
    else:
        await _refuse(scope, receive, send, 401, "Sign in first.")


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, why: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    from starlette.responses import PlainTextResponse

    await PlainTextResponse(f"{why}\n", status)(scope, receive, send)
