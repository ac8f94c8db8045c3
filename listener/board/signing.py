"""Signing in and out, and changing one's password: three plain pages that work without a script."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import parse_qsl

from listener.board import gate, place
from listener.board.safe import STATIC
from listener.desk import accounts
from listener.errors import ListenerError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

T = TypeVar("T")
_NEXT: Final = re.compile(r"/[a-z-]{0,30}(\?id=\d{1,18})?")
"""Where one may be led after signing in: nowhere but to the board's own pages."""
_LONGEST_FORM: Final = 4096


def routes() -> list[Route]:
    from starlette.routing import Route

    return [
        Route("/signin", sign_in, methods=["GET", "POST"]),
        Route("/signin.css", style, methods=["GET"]),
        Route("/signout", sign_out, methods=["GET", "POST"]),
        Route("/password", password, methods=["GET", "POST"]),
    ]


async def style(_request: Request) -> Response:
    from starlette.responses import Response

    return Response((STATIC / "signin.css").read_text(encoding="utf-8"), 200, media_type="text/css")


async def sign_in(request: Request) -> Response:
    """The form; on POST a session and its cookie, or the form again with what was wrong."""
    if place.settings().web.sign_in == "local":
        return _led("/queue")
    leads_to = request.query_params.get("next", "")
    if request.method == "GET":
        return _page("Sign in", _sign_in_form(leads_to))
    form = await _form(request)
    try:
        token = await _off_loop(lambda: _begin(form))
    except ListenerError as error:
        return _page("Sign in", _sign_in_form(leads_to, form.get("name", ""), _told(error)), 401)
    web = place.settings().web
    response = _led(leads_to if _NEXT.fullmatch(leads_to) else "/queue")
    secure = request.url.scheme == "https" or (web.url or "").startswith("https:")
    response.set_cookie(
        gate.cookie_name(request.headers.get("host", "")),
        token,
        max_age=int(web.session_lasts.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=secure,
    )
    return response


def _begin(form: Mapping[str, str]) -> str:
    name = " ".join(form.get("name", "").split())
    lasts = place.settings().web.session_lasts
    return accounts.sign_in(place.store(), name, form.get("password", ""), datetime.now(UTC), lasts=lasts)


async def sign_out(request: Request) -> Response:
    """Asked for by a form, so that no foreign page can do it."""
    if request.method == "GET":
        return _page("Sign out", f'<form method="post"><p>{_button("Sign out")}</p></form>')
    await _form(request)
    token = gate.token_of(request.scope)
    await _off_loop(lambda: accounts.sign_out(place.store(), token, datetime.now(UTC)))
    gate.forget(token)
    response = _led("/signin")
    response.delete_cookie(gate.cookie_name(request.headers.get("host", "")))
    return response


async def password(request: Request) -> Response:
    """One's own password; afterwards one signs in anew, everywhere."""
    if request.method == "GET":
        return _page("A new password", _password_form())
    form = await _form(request)
    token = gate.token_of(request.scope)
    account = await _off_loop(lambda: gate.account_of(token, place.settings().web))
    if account is None:
        return _led("/signin")
    try:
        old, new = form.get("old", ""), form.get("new", "")
        await _off_loop(lambda: accounts.change_password(place.store(), account.name, old, new, datetime.now(UTC)))
    except ListenerError as error:
        return _page("A new password", _password_form(_told(error)), 400)
    gate.forget(token)
    return _led("/signin")


# ------------------------------------------------------------------ what they are made of


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form that our own page sent; nothing of any other."""
    from starlette.exceptions import HTTPException

    if not gate.same_origin(request.scope, place.settings().web):
        raise HTTPException(403, "This form was not sent by the board's own page.")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_FORM:
            raise HTTPException(413, "Too long.")
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


async def _off_loop(work: Callable[[], T]) -> T:
    """Hashing and the database would hold up everybody else."""
    from starlette.concurrency import run_in_threadpool

    return await run_in_threadpool(work)


def _led(where: str) -> Response:
    from starlette.responses import RedirectResponse

    return RedirectResponse(where, 303, {"Cache-Control": "no-store"})


def _told(error: ListenerError) -> str:
    text = f"{error}. {error.hint}".strip()
    return f"{text[:1].upper()}{text[1:]}"


def _page(title: str, body: str, status: int = 200) -> Response:
    from starlette.responses import HTMLResponse

    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>listener: {escape(title)}</title><link rel="stylesheet" href="/signin.css"></head>'
        f"<body><main><p class=brand>listener</p><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    return HTMLResponse(html, status, {"Cache-Control": "no-store"})


def _sign_in_form(leads_to: str, name: str = "", wrong: str = "") -> str:
    kept = leads_to if _NEXT.fullmatch(leads_to) else ""
    action = f"/signin?next={escape(kept)}" if kept else "/signin"
    return (
        f'<form method="post" action="{action}">{_wrong(wrong)}'
        f'<label>Name<input name="name" value="{escape(name)}" autocomplete="username" required autofocus></label>'
        '<label>Password<input name="password" type="password" autocomplete="current-password" required></label>'
        f"<p>{_button('Sign in')}</p></form>"
    )


def _password_form(wrong: str = "") -> str:
    return (
        f'<form method="post">{_wrong(wrong)}'
        '<label>Present password<input name="old" type="password" autocomplete="current-password" required></label>'
        f"<label>New password, {accounts.SHORTEST} characters or more"
        '<input name="new" type="password" autocomplete="new-password" required></label>'
        f"<p>{_button('Change it')}</p></form>"
    )


def _wrong(what: str) -> str:
    return f'<p class="wrong" role="alert">{escape(what)}</p>' if what else ""


def _button(label: str) -> str:
    return f'<button type="submit">{escape(label)}</button>'
