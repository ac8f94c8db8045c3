"""The board as a server process: Streamlit's settings, the parts of the app object, and a blocking `run`."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
import traceback
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from listener.board import gate, place, security, theme
from listener.board.place import Place
from listener.board.routes import routes
from listener.board.signing import routes as signing_routes
from listener.desk import accounts
from listener.errors import ListenerError, UsageError
from listener.pipeline.beside import place_of, worker_beside

if TYPE_CHECKING:
    from starlette.middleware import Middleware
    from streamlit.starlette import App

log = logging.getLogger("listener.board")

SCRIPT: Final = Path(__file__).with_name("shell") / "main.py"
"""Runs around every page. In a directory without others: Streamlit puts it on the module path."""

GRACE_S: Final = 5
"""How long open connections may take to end when the board stops."""

_OPTIONS: Final[dict[str, Any]] = {
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "client.toolbarMode": "minimal",
    "client.showSidebarNavigation": True,
    "global.disableWidgetStateDuplicationWarning": True,  # filters have defaults, and links set them
    "logger.enableRich": False,
    "logger.hideWelcomeMessage": True,
    "logger.level": "warning",
    "runner.magicEnabled": False,  # it would write a bare expression as markdown
    "server.enableAgentApi": False,
    "server.enableCORS": True,
    "server.enableStaticServing": False,
    "server.enableXsrfProtection": True,
    "server.fileWatcherType": "none",
    "server.headless": True,
    "server.maxUploadSize": 1,
    "server.runOnSave": False,
    "server.showEmailPrompt": False,
}


def configure() -> None:
    """Streamlit's settings, set here so that no file beside app.py is needed."""
    from streamlit import config

    for key, value in {**_OPTIONS, **theme.OPTIONS}.items():
        config.set_option(key, value, "listener")
    # Streamlit would log the whole of an error that a page did not catch; its message may hold a post's text.
    logging.getLogger("streamlit.error_util").disabled = True


def app_options(*, with_worker: bool = False) -> dict[str, Any]:
    """What st.App takes beside the script. `with_worker`: nobody supervises us, so the pipeline is started here."""
    return {
        "lifespan": _lifespan_with_worker if with_worker else None,
        "routes": [*routes(), *signing_routes()],
        "middleware": _middleware(),
        "on_script_error": on_script_error,
    }


def _middleware() -> list[Middleware]:
    import streamlit
    from starlette.middleware import Middleware

    index = Path(streamlit.__file__).with_name("static") / "index.html"
    return [Middleware(security.SecurityHeaders, security.headers(index)), Middleware(gate.Gate)]


@asynccontextmanager
async def _lifespan_with_worker(_app: App) -> AsyncIterator[None]:
    given = Place.from_environment()
    home, config = place_of(given.home, given.config)
    Place(home, config, given.database).to_environment()
    make_owner()
    with worker_beside(home, config, datetime.now(UTC)):
        yield


def make_owner() -> None:
    """The first start on this machine makes its owner's account; trouble with the store is told by the pages."""
    try:
        if place.settings().web.sign_in == "local":
            accounts.make_owner(place.store(), datetime.now(UTC))
    except ListenerError as error:
        log.error("%s", error)


def on_script_error(error: Exception) -> bool:
    """A page failed: one line in the log (never the message, which may hold outside text), one on the screen."""
    from listener.board import notices

    last = traceback.extract_tb(error.__traceback__)[-1:]
    place = f"{Path(last[0].filename).name}:{last[0].lineno}" if last else "?"
    log.error("a page failed: %s at %s", type(error).__name__, place)
    notices.failure()
    return True


def run(home: Path, config: Path | None, host: str, port: int, *, database: Path | None = None) -> None:
    """Serve the board until SIGTERM or SIGINT; returns after a graceful stop.

    `database` is another database than the home's own. Raises UsageError if the address cannot be listened on.
    """
    import uvicorn

    Place(home.absolute(), config, database).to_environment()
    _quiet_before_import()
    configure()
    make_owner()
    import streamlit as st

    listening = _listen(host, port)
    app = st.App(SCRIPT, **app_options())
    config_ = uvicorn.Config(
        app,
        ws="websockets-sansio",
        ws_ping_interval=30,
        ws_ping_timeout=30,
        ws_max_size=1 << 20,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    # uvicorn raises the signal again once it has stopped; by then nothing is left to do.
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: None)
    with listening:
        uvicorn.Server(config_).run(sockets=[listening])


def _quiet_before_import() -> None:
    """What Streamlit reads before its settings can be set."""
    os.environ.setdefault("STREAMLIT_BROWSER_GATHER_USAGE_STATS", "false")


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise UsageError(
            f"the board cannot listen on {host}:{port} ({error.strerror})", hint="Choose another port: --port N"
        ) from error


def main(argv: Sequence[str] | None = None) -> int:
    """The board's process as `listener up` starts it; its arguments are internal. The exit code."""
    from listener.pipeline.logs import set_up_logging
    from listener.pipeline.supervise import stop_with_parent

    parser = argparse.ArgumentParser(prog="listener board")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8501)
    given = parser.parse_args(argv)
    set_up_logging()
    stop_with_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))
    try:
        run(given.home, given.config, given.host, given.port)
    except ListenerError as error:
        log.error("%s %s", error, error.hint)
        return error.exit_code
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
