"""The door of the board: this machine only, or only with a session, on every route there is."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from listener.board import gate
from listener.desk import Actor, accounts
from listener.store import Store
from tests.browser.serving import Board
from tests.store.seed import NOW

ROOT = Actor("operator", "operator")
HOST = "127.0.0.1:8501"
STREAM = f"ws://{HOST}/_stcore/stream"


async def page(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


async def stream(socket: WebSocket) -> None:
    await socket.accept()
    with suppress(WebSocketDisconnect):
        while True:
            await socket.send_text(await socket.receive_text())


def client() -> TestClient:
    app = Starlette(
        routes=[Route("/queue", page), Route("/healthz", page), WebSocketRoute("/_stcore/stream", stream)],
        middleware=[Middleware(gate.Gate)],
    )
    return TestClient(app, base_url=f"http://{HOST}", client=("127.0.0.1", 50000), follow_redirects=False)


# ------------------------------------------------------------------ this machine only


@pytest.mark.parametrize(
    "header", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via", "X-Forwarded-Proto"]
)
def test_what_came_through_a_proxy_is_refused(home: Path, header: str) -> None:
    assert client().get("/queue").status_code == 200
    assert client().get("/queue", headers={header: "10.0.0.1"}).status_code == 403


@pytest.mark.parametrize(
    ("origin", "let_in"),
    [
        (f"http://{HOST}", True),
        (None, False),
        ("http://evil.example", False),
        ("http://127.0.0.1:9999", False),
        ("null", False),
        ("file://127.0.0.1:8501", False),
    ],
)
def test_a_websocket_comes_from_our_own_page(home: Path, origin: str | None, let_in: bool) -> None:
    headers = {} if origin is None else {"Origin": origin}
    if let_in:
        with client().websocket_connect(STREAM, headers=headers) as socket:
            socket.send_text("a")
            assert socket.receive_text() == "a"
    else:
        with pytest.raises(WebSocketDisconnect), client().websocket_connect(STREAM, headers=headers):
            pass


# ------------------------------------------------------------------ with accounts

ROUTES = [
    *("/", "/queue", "/alert?id=1", "/index.html", "/_stcore/health", "/_stcore/script-health-check"),
    *("/_stcore/metrics", "/_stcore/host-config", "/_stcore/allowed-message-origins", "/media/abc.png"),
    *("/_stcore/upload_file/a/b", "/component/listener.draw/index.html", "/_stcore/bidi-components/listener.draw/x.js"),
    *("/static/js/index.js", "/app/static/x", "/auth/login", "/oauth2callback", "/password", "/signout", "/nowhere"),
]


def prepare(home: Path) -> dict[str, str]:
    """A home whose people sign in: Aiko may work; Bo has still to change his first password."""
    (home / "listener.toml").write_text('[web]\nsign_in = "accounts"\n', "utf-8")
    with Store.open(home / "listener.db") as store:
        found = {name: accounts.add(store, ROOT, name, "responder", NOW) for name in ("Aiko", "Bo")}
        accounts.change_password(store, "Aiko", found["Aiko"], "a long new password", NOW)
    return {**found, "Aiko": "a long new password"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Board, dict[str, str]]]:
    home = tmp_path_factory.mktemp("accounts")
    passwords = prepare(home)
    with Board(home) as board:
        yield board, passwords


@pytest.fixture
def board(served: tuple[Board, dict[str, str]]) -> Board:
    return served[0]


@pytest.fixture
def passwords(served: tuple[Board, dict[str, str]]) -> dict[str, str]:
    return served[1]


def browser(board: Board, name: str | None = None, password: str = "") -> httpx.Client:
    found = httpx.Client(base_url=board.url, follow_redirects=False, headers={"Origin": board.url})
    if name:
        answer = found.post("/signin", data={"name": name, "password": password})
        assert answer.status_code == 303, answer.text
    return found


def socket_of(board: Board, cookies: httpx.Cookies, origin: str | None = None) -> Any:
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    return connect(
        f"{board.url.replace('http', 'ws', 1)}/_stcore/stream",
        origin=Origin(origin or board.url),
        subprotocols=[Subprotocol("streamlit")],
        additional_headers=headers,
    )


def test_every_route_is_refused_without_a_session_and_opened_by_one(board: Board, passwords: dict[str, str]) -> None:
    stranger = browser(board)
    for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"):
        for route in ROUTES:
            assert stranger.request(method, route).status_code == 401, (method, route)
    invented = {"Cookie": f"{gate.cookie_name(board.url)}=invented"}
    assert stranger.get("/queue", headers=invented).status_code == 401
    with pytest.raises(InvalidStatus), socket_of(board, stranger.cookies):
        pass
    assert json.loads(stranger.get("/healthz").text) == {"status": "ok"}
    led = stranger.get("/alert?id=12", headers={"Accept": "text/html"})
    assert (led.status_code, led.headers["location"]) == (303, "/signin?next=/alert%3Fid%3D12")

    aiko = browser(board, "Aiko", passwords["Aiko"])
    assert aiko.get("/queue").status_code == 200
    with socket_of(board, aiko.cookies):
        pass
    with pytest.raises(InvalidStatus), socket_of(board, aiko.cookies, "http://evil.example"):
        pass


def test_signing_in_and_out(board: Board, passwords: dict[str, str]) -> None:
    stranger = browser(board)
    form = stranger.get("/signin?next=/alert%3Fid%3D12")
    assert 'action="/signin?next=/alert?id=12"' in form.text
    assert "default-src 'self'" in form.headers["content-security-policy"]
    wrong = stranger.post("/signin", data={"name": "<b>Aiko", "password": "wrong"})
    assert (wrong.status_code, "do not fit" in wrong.text, "<b>" in wrong.text) == (401, True, False)
    right = {"name": "Aiko", "password": passwords["Aiko"]}
    assert stranger.post("/signin", data=right, headers={"Origin": "http://evil.example"}).status_code == 403
    for leads_to, ends in (("/alert?id=12", "/alert?id=12"), ("//evil.example", "/queue"), ("https://x.y", "/queue")):
        answer = stranger.post("/signin", params={"next": leads_to}, data=right)
        assert answer.headers["location"] == ends
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert stranger.get("/queue").status_code == 200
    kept = httpx.Cookies(stranger.cookies)
    assert stranger.get("/signout").status_code == 200
    assert stranger.post("/signout").headers["location"] == "/signin"
    assert httpx.get(f"{board.url}/queue", cookies=kept).status_code == 401


def test_a_first_password_opens_nothing_but_its_change(board: Board, passwords: dict[str, str]) -> None:
    bo = browser(board, "Bo", passwords["Bo"])
    led = bo.get("/queue", headers={"Accept": "text/html"})
    assert (led.status_code, led.headers["location"]) == (303, "/password")
    assert bo.get("/_stcore/health").status_code == 401
    with pytest.raises(InvalidStatus), socket_of(board, bo.cookies):
        pass
    assert bo.post("/password", data={"old": passwords["Bo"], "new": "short"}).status_code == 400
    changed = bo.post("/password", data={"old": passwords["Bo"], "new": "quite a long one"})
    assert changed.headers["location"] == "/signin"
    assert bo.get("/queue").status_code == 401
    assert browser(board, "Bo", "quite a long one").get("/queue").status_code == 200


def test_a_disabled_account_is_put_out_of_an_open_page(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    passwords, now = prepare(home), datetime.now(UTC)
    monkeypatch.setattr(gate, "KNOWN_FOR", 0.0)
    with Store.open(home / "listener.db") as store:
        token = accounts.sign_in(store, "Aiko", passwords["Aiko"], now, lasts=timedelta(days=1))
        headers = {"Origin": f"http://{HOST}", "Cookie": f"{gate.cookie_name(HOST)}={token}"}
        with client().websocket_connect(STREAM, headers=headers) as socket:
            socket.send_text("a")
            assert socket.receive_text() == "a"
            accounts.disable(store, ROOT, "Aiko", now)
            socket.send_text("b")
            with pytest.raises(WebSocketDisconnect):
                socket.receive_text()
