"""The public port: what anybody on the internet may send, and nothing of the board. A process of its own.

`POST /ingest` (signed records), `POST /hook/SOURCE` (a platform's own signed webhook), `GET` and `POST /feedback`.
Off unless `[web] public_port` is set. Bodies are cut at their limit while they are read; answers carry no post's text.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from listener.board import form
from listener.board.formwords import locale_of
from listener.errors import AuthError, ListenerError, PayloadError, StoreError, UsageError

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

    from listener.pipeline.ears import Ears
    from listener.pipeline.inbox import Received
    from listener.pipeline.sources import Source
    from listener.settings import Settings

log = logging.getLogger("listener.public")

MAX_BYTES: Final = 1_000_000
MAX_FORM: Final = 100_000
HOOKS_A_MINUTE: Final = 600
PEERS: Final = 10_000
"""Addresses whose pace is remembered."""


class TooLargeError(Exception):
    """A body over its limit; the rest of it is not read."""


@dataclass(slots=True)
class Paces:
    """How often each address came lately. `allowed` counts the visit if it may come."""

    visits: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def allowed(self, peer: str, per_minute: int, now: float) -> bool:
        """At most so many visits in a minute and ten times as many in an hour."""
        came = self.visits[peer]
        while came and now - came[0] > 3600:
            came.popleft()
        lately = sum(now - at <= 60 for at in came)
        if lately >= per_minute or len(came) >= per_minute * 10:
            return False
        came.append(now)
        if len(self.visits) > PEERS:
            del self.visits[next(iter(self.visits))]
        return True


@dataclass(frozen=True, slots=True)
class Door:
    """What the routes need; `sources` are those that can be sent to."""

    settings: Settings
    ears: Ears
    sources: Sequence[Source]
    paces: Paces = field(default_factory=Paces)

    def of_kind(self, kind: str) -> list[Source]:
        """The sources of this kind, in the settings' order."""
        return [source for source in self.sources if source.options.kind == kind]


def app(door: Door) -> Starlette:
    """The routes, each with the headers that a page for strangers needs."""
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.routing import Route

    from listener.board.security import SecurityHeaders

    headers = (
        (b"content-security-policy", form.POLICY.encode("ascii")),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        (b"referrer-policy", b"no-referrer"),
        (b"cache-control", b"no-store"),
    )
    return Starlette(
        routes=[
            Route("/ingest", partial(_ingest, door), methods=["POST"]),
            Route("/hook/{source}", partial(_hook, door), methods=["POST"]),
            Route("/feedback", partial(_form, door), methods=["GET"]),
            Route("/feedback", partial(_send, door), methods=["POST"]),
            Route("/healthz", _healthz, methods=["GET"]),
        ],
        middleware=[Middleware(SecurityHeaders, headers)],
    )


async def _healthz(_request: Request) -> Response:
    return _json({"status": "ok"})


# ------------------------------------------------------------------ signed records


async def _ingest(door: Door, request: Request) -> Response:
    """202 with what was accepted and what not; 4xx says what to mend, and nothing of it was stored."""
    from listener.pipeline import inbox

    hooks = door.of_kind("webhook")
    if not hooks:
        return _json({"error": "no source of kind webhook is set up"}, 404)
    try:
        body = await _body(request, MAX_BYTES)
    except TooLargeError:
        return _json({"error": f"the body is over {MAX_BYTES} bytes"}, 413)
    key = request.headers.get("idempotency-key")
    if key is not None and not 1 <= len(key) <= 200:
        return _json({"error": "Idempotency-Key has 1 to 200 characters"}, 400)

    return await _answered(lambda: inbox.receive_signed(hooks, door.ears, request.headers, body, key))


async def _hook(door: Door, request: Request) -> Response:
    """A platform's own webhook, for the source of that name; whoever has no `receive` has none."""
    from listener.pipeline import inbox

    named = [source for source in door.sources if source.name == request.path_params["source"]]
    if not named or named[0].options.kind in ("webhook", "feedback"):
        return _json({"error": "no such source"}, 404)
    try:
        body = await _body(request, MAX_BYTES)
    except TooLargeError:
        return _json({"error": f"the body is over {MAX_BYTES} bytes"}, 413)
    return await _answered(lambda: inbox.receive(named[0], door.ears, request.headers, body))


async def _answered(store: Callable[[], Received]) -> Response:
    from starlette.concurrency import run_in_threadpool

    try:
        received = await run_in_threadpool(store)
    except AuthError as error:
        return _json({"error": _without_source(error), "hint": error.hint}, 401)
    except PayloadError as error:
        return _json({"error": _without_source(error), "hint": error.hint}, 400)
    except UsageError as error:
        return _json({"error": str(error)}, 409)
    except StoreError as error:
        log.error("%s", error)
        return _json({"error": error.code}, 503, {"Retry-After": "5"})
    rejected = [{"index": int(place) if place.isdigit() else 0, "reason": why} for place, why in received.rejected]
    status = 422 if rejected and not received.accepted else 202
    return _json({"accepted": received.accepted, "rejected": rejected}, status)


def _without_source(error: AuthError | PayloadError) -> str:
    """How a source is called here is not for strangers."""
    return str(error).removeprefix(f"{error.source}: ")


# ------------------------------------------------------------------ the form


async def _form(door: Door, request: Request) -> Response:
    from starlette.responses import HTMLResponse

    locale = _locale(request, request.query_params.get("locale", ""))
    brand = request.query_params.get("brand", "")[:100]
    if request.query_params.get("sent"):
        return HTMLResponse(form.thanks(locale, brand if brand in _brands(door) else ""))
    return HTMLResponse(_page(door, locale, {"brand": brand}, {}))


async def _send(door: Door, request: Request) -> Response:
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import HTMLResponse

    from listener.pipeline import inbox

    try:
        body = await _body(request, MAX_FORM)
    except TooLargeError:
        return HTMLResponse(_page(door, _locale(request, ""), {}, {"text": "too-long"}), 413)
    given = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    locale = _locale(request, given.get("locale", ""))
    source = door.of_kind("feedback")[0]
    peer = request.client.host if request.client else ""
    if not door.paces.allowed(peer, source.options.per_minute, time.monotonic()):  # type: ignore[attr-defined]
        page = _page(door, locale, given, {"form": "busy"})
        return HTMLResponse(page, 429, {"Retry-After": "60"})
    try:
        received = await run_in_threadpool(inbox.receive, source, door.ears, request.headers, body)
    except PayloadError:
        return HTMLResponse(_page(door, locale, given, {"form": "form"}), 400)
    except StoreError as error:
        log.error("%s", error)
        return HTMLResponse(_page(door, locale, given, {"form": "down"}), 503, {"Retry-After": "5"})
    if received.rejected:
        return HTMLResponse(_page(door, locale, given, dict(received.rejected)), 422)
    return _sent(locale, given.get("brand", ""))


def _sent(locale: str, brand: str) -> Response:
    from urllib.parse import urlencode

    from starlette.responses import RedirectResponse

    return RedirectResponse("/feedback?" + urlencode({"sent": "1", "locale": locale, "brand": brand[:100]}), 303)


def _page(door: Door, locale: str, given: Mapping[str, str], faults: Mapping[str, str]) -> str:
    consent: Mapping[str, str] = door.of_kind("feedback")[0].options.consent  # type: ignore[attr-defined]
    return form.page(locale, brands=_brands(door), consent=consent.get(locale), given=given, faults=faults)


def _brands(door: Door) -> list[str]:
    return [brand.name for brand in door.settings.brands]


def _locale(request: Request, asked: str) -> str:
    return locale_of(asked, request.headers.get("accept-language", ""))


# ------------------------------------------------------------------ the server


async def _body(request: Request, limit: int) -> bytes:
    """The body, read no further than its limit. Raises TooLargeError."""
    told = request.headers.get("content-length", "0")
    if told.isdigit() and int(told) > limit:
        raise TooLargeError
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > limit:
            raise TooLargeError
    return bytes(body)


def _json(content: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    from starlette.responses import Response as Plain

    return Plain(json.dumps(content, ensure_ascii=False), status, dict(headers or {}), "application/json")


def main(argv: Sequence[str] | None = None) -> int:
    """The process as `listener up` starts it; its arguments are internal. The exit code."""
    from listener.pipeline.ears import ears_for
    from listener.pipeline.logs import set_up_logging
    from listener.pipeline.supervise import stop_with_parent
    from listener.settings import load
    from listener.store import Store

    parser = argparse.ArgumentParser(prog="listener public")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--config", type=Path)
    given = parser.parse_args(argv)
    set_up_logging()
    stop_with_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))
    try:
        settings = load(given.home, given.config)
        with Store.open(settings.database) as store:
            ears, found = ears_for(settings, store)
            open_ = [source for source in found if hasattr(source.collector, "receive")]
            _serve(app(Door(settings, ears, open_)), settings)
    except ListenerError as error:
        log.error("%s %s", error, error.hint)
        return error.exit_code
    return 0


def _serve(served: Starlette, settings: Settings) -> None:
    import uvicorn

    config = uvicorn.Config(
        served,
        host=settings.web.public_host,
        port=settings.web.public_port or 0,
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=200,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=5,
    )
    uvicorn.Server(config).run()


if __name__ == "__main__":
    raise SystemExit(main())
