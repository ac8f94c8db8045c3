"""A headless Chromium and a board to look at."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, WebSocket, sync_playwright

from tests.browser.samples import SAMPLES
from tests.browser.seeding import Sample, fill
from tests.browser.serving import Board

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
EXECUTABLE = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if EXECUTABLE is None:
        reason = "no Chromium on this machine (Debian, Ubuntu: apt install chromium fonts-noto-cjk)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def samples() -> tuple[Sample, ...]:
    """The posts of this module's board; a module may override it."""
    return SAMPLES


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, samples: tuple[Sample, ...]) -> Path:
    place = tmp_path_factory.mktemp("home")
    (place / "listener.toml").write_text('[[people]]\nname = "Aiko"\n\n[[people]]\nname = "Mei"\n', encoding="utf-8")
    fill(place / "listener.db", samples)
    return place


@pytest.fixture(scope="module")
def board(home: Path) -> Iterator[Board]:
    with Board(home) as running:
        yield running


class Watched:
    """A page with what went wrong on it: policy violations, script errors, and requests to elsewhere."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.elsewhere: list[str] = []
        self._socket: WebSocket
        page.on("websocket", self._opened)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        page.on("request", lambda request: self._request(request.url, base))

    def wait_for_refresh(self) -> None:
        """Until the page has asked for news twice: then it has drawn what the first time brought."""
        for _ in range(2):
            self._socket.wait_for_event("framesent", timeout=20_000)

    def _console(self, message: Any) -> None:
        # Streamlit looks for its base address under the page's path first; those 404 are its way of finding it.
        if message.type in ("error", "warning") and "404" not in message.text:
            self.complaints.append(message.text)

    def _opened(self, socket: WebSocket) -> None:
        self._socket = socket

    def _request(self, url: str, base: str) -> None:
        if not url.startswith((base, base.replace("http", "ws", 1), "data:", "blob:")):
            self.elsewhere.append(url)


Open = Callable[..., Watched]


@pytest.fixture
def open_board(chromium: Browser, board: Board) -> Iterator[Open]:
    """`open_board("queue", who="Aiko", phone=True)`: each call is a browser of its own (own cookies)."""
    contexts: list[BrowserContext] = []

    def open_page(path: str, *, who: str | None = "Aiko", phone: bool = False, scheme: str = "light") -> Watched:
        size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 900}
        context = chromium.new_context(
            viewport=size, color_scheme=scheme, timezone_id="Asia/Tokyo", has_touch=phone, is_mobile=phone
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        watched = Watched(context.new_page(), board.url)
        watched.page.goto(f"{board.url}/{path}")
        watched.page.wait_for_selector(".st-key-who input")
        if who is not None:
            watched.page.fill(".st-key-who input", who)
            watched.page.click(".st-key-who-start button")
            watched.page.wait_for_selector(".st-key-who", state="detached")
        return watched

    yield open_page
    for context in contexts:
        context.close()


class Trap:
    """A server that nothing should ever ask; it counts who does."""

    def __init__(self) -> None:
        hits = self.hits = list[str]()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hits.append(self.path)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def trap() -> Iterator[Trap]:
    server = Trap()
    yield server
    server.close()
