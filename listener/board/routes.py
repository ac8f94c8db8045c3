"""HTTP routes of the board beside Streamlit's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from listener.board import place
from listener.errors import ListenerError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route


def routes() -> list[Route]:
    from starlette.routing import Route

    return [Route("/healthz", healthz, methods=["GET"])]


async def healthz(_request: Request) -> Response:
    """200 `{"status": "ok"}` while the board serves and its store answers, else 503 with the error's code."""
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import JSONResponse

    try:
        await run_in_threadpool(_ask_store)
    except ListenerError as error:
        return JSONResponse({"status": "unavailable", "error": error.code}, 503, {"Cache-Control": "no-store"})
    return JSONResponse({"status": "ok"}, 200, {"Cache-Control": "no-store"})


def _ask_store() -> None:
    place.store().ping()
