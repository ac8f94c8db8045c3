"""`listener up`: the worker and the board, until Ctrl-C."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from listener.pipeline.supervise import Child
    from listener.settings import Settings


def register(app: typer.Typer) -> None:
    """Add `listener up`."""

    @app.command()
    def up(
        demo: Annotated[bool, typer.Option("--demo", help="Replay the sample day on a database of its own.")] = False,
        speed: Annotated[float, typer.Option(help="Demo: simulated seconds a second.", min=0.1, max=10_000)] = 60.0,
        host: Annotated[str | None, typer.Option(help="Address of the board (default 127.0.0.1).")] = None,
        port: Annotated[int | None, typer.Option(help="Port of the board (default 8501).", min=1, max=65535)] = None,
        home: Annotated[Path | None, typer.Option(help="Directory for settings and data.")] = None,
        config: Annotated[Path | None, typer.Option(help="Settings file (default: listener.toml there).")] = None,
    ) -> None:
        """Listen, flag and show: start the worker and the board, and keep them running."""
        from datetime import UTC

        from listener.pipeline.demo import demo_home
        from listener.settings import default_home

        where = (home or default_home()).expanduser().absolute()
        if demo:
            code = _up_demo(demo_home(where), speed, host, port, datetime.now(UTC))
        else:
            code = _up_real(where, config, host, port)
        raise typer.Exit(code)


def _up_demo(where: Path, speed: float, host: str | None, port: int | None, now: datetime) -> int:
    from listener.pipeline import demo
    from listener.pipeline.home import held
    from listener.settings import FILE_NAME, shipped

    settings = demo.demo_settings(where, speed=speed, started_at=now)
    address = _address(settings, host, port)
    with held(where, _holder(address)):
        _check_free(*address)
        demo.recreate(where)
        worker = demo.arguments(where, speed=speed, started_at=now)
        return _run(settings, shipped("data/samples") / FILE_NAME, worker, address)


def _up_real(where: Path, config: Path | None, host: str | None, port: int | None) -> int:
    from listener.errors import UsageError
    from listener.pipeline.home import held
    from listener.pipeline.sources import sources
    from listener.settings import FILE_NAME, load
    from listener.text.brands import BrandMatcher

    if config is None and not (where / FILE_NAME).exists():
        raise UsageError(
            f"{where / FILE_NAME} does not exist",
            hint="Write one with `listener init`, or look around first with `listener up --demo`.",
        )
    settings = load(where, config)
    sources(settings, BrandMatcher(settings.brands))  # what is wrong there is said before anything starts
    address = _address(settings, host, port)
    with held(where, _holder(address)):
        _check_free(*address)
        if settings.web.public_port:
            _check_free(settings.web.public_host, settings.web.public_port, "[web] public_port")
        worker = ("--home", str(where), *(("--config", str(config.absolute())) if config else ()))
        return _run(settings, config, worker, address)


def _address(settings: Settings, host: str | None, port: int | None) -> tuple[str, int]:
    """Where the board will listen. Raises UsageError for an address that others could reach without signing in."""
    from listener.errors import UsageError
    from listener.settings import LOOPBACK

    chosen = (host or settings.web.host, port or settings.web.port)
    if chosen[0] not in LOOPBACK and settings.web.sign_in == "local":
        raise UsageError(
            f"{'--host' if host else '[web] host'} {chosen[0]}: without sign-in the board listens on 127.0.0.1 only",
            hint='Set [web] sign_in = "accounts" and add accounts with: listener users add NAME --role ROLE',
        )
    return chosen


def _check_free(host: str, port: int, setting: str = "--port") -> None:
    """Raises UsageError for a port in use; only once the home is held, so that a second `up` is told of the first."""
    import socket

    from listener.errors import UsageError

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UsageError(
                f"port {port} on {host} is taken ({error.strerror})", hint=f"Choose another: {setting}"
            ) from None


def _holder(address: tuple[str, int]) -> dict[str, object]:
    import os

    return {"process": os.getpid(), "board": _url(address)}


def _url(address: tuple[str, int]) -> str:
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    return f"http://{host}:{address[1]}"


def _run(settings: Settings, config: Path | None, worker: tuple[str, ...], address: tuple[str, int]) -> int:
    from listener.cli import say
    from listener.pipeline.logs import set_up_logging
    from listener.pipeline.supervise import supervise
    from listener.store import Store

    set_up_logging()
    # Created and upgraded once, here: the children then find it ready.
    Store.open(settings.database).close()
    say(f"listener: starting on {settings.home}")
    return supervise(
        _children(settings, config, worker, address),
        ready=lambda: _answers(address),
        on_ready=lambda: say(f"listener: the board is on {_url(address)} (stop with Ctrl-C)"),
    )


def _children(
    settings: Settings, config: Path | None, worker: tuple[str, ...], address: tuple[str, int]
) -> list[Child]:
    from listener.pipeline.supervise import Child

    board = ("--home", str(settings.home), *(("--config", str(config.absolute())) if config else ()))
    host, port = address
    children = [
        Child(name="worker", argv=("-m", "listener.pipeline.worker", *worker)),
        Child(name="board", argv=("-m", "listener.board.server", *board, "--host", host, "--port", str(port))),
    ]
    if settings.web.public_port:
        children.append(Child(name="public", argv=("-m", "listener.board.public", *board)))
    return children


def _answers(address: tuple[str, int]) -> bool:
    """Whether the board serves: /healthz says 200."""
    import http.client

    connection = http.client.HTTPConnection(*address, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
