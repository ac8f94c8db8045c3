"""The policy on every answer, and who gets one."""

import asyncio
from pathlib import Path

import httpx
import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from listener.board import gate, security

INDEX = Path(streamlit.__file__).with_name("static") / "index.html"


class Client:
    """Asks a small app behind the board's middleware, from an address and under a name."""

    def __init__(self, *, peer: str = "127.0.0.1", host: str = "127.0.0.1:8501") -> None:
        async def page(_request: Request) -> PlainTextResponse:
            return PlainTextResponse("hello", headers={"X-Frame-Options": "SAMEORIGIN"})

        app = Starlette(
            routes=[Route("/", page)],
            middleware=[
                Middleware(security.SecurityHeaders, security.headers(INDEX)),
                Middleware(gate.Gate),
            ],
        )
        self._transport = httpx.ASGITransport(app, client=(peer, 50000))
        self._host = host

    def get(self, path: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url=f"http://{self._host}") as client:
                return await client.get(path)

        return asyncio.run(ask())


def directives(policy: str) -> dict[str, list[str]]:
    return {part.split()[0]: part.split()[1:] for part in policy.split(";")}


@pytest.mark.parametrize("path", ["/", "/nowhere"])
def test_every_answer_carries_the_headers(path: str) -> None:
    answer = Client().get(path)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers.get_list("x-frame-options") == ["DENY"]
    assert "camera=()" in answer.headers["permissions-policy"]
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_a_refusal_carries_them_too() -> None:
    answer = Client(peer="203.0.113.9").get("/")
    assert answer.status_code == 403
    assert "content-security-policy" in answer.headers


def test_the_policy_is_as_strict_as_the_design_asks() -> None:
    policy = Client().get("/").headers["content-security-policy"]
    assert "unsafe" not in policy
    found = directives(policy)
    assert found["img-src"] == ["'self'", "data:", "blob:"]
    assert found["connect-src"] == ["'self'"]
    for name in ("frame-ancestors", "object-src", "base-uri", "frame-src"):
        assert found[name] == ["'none'"]
    assert all(source == "'self'" or source.startswith("'sha256-") for source in found["script-src"])


def test_inline_scripts_are_allowed_by_their_hash() -> None:
    # The hash of the empty text is known from many published policies.
    assert security.source_of(b"") == "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    assert security.inline_scripts(b"<script>a</script><script src=x></script><script>b</script>") == [
        security.source_of(b"a"),
        security.source_of(b"b"),
    ]


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8501", "LOCALHOST:1"])
def test_this_machine_is_answered(peer: str, host: str) -> None:
    assert Client(peer=peer, host=host).get("/").status_code == 200


@pytest.mark.parametrize("peer", ["203.0.113.9", "10.0.0.1", "192.168.1.2", "::ffff:10.0.0.1", "fe80::1", "nonsense"])
def test_other_machines_are_not(peer: str) -> None:
    assert Client(peer=peer).get("/").status_code == 403


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8501", "localhost.evil.example"])
def test_a_foreign_name_for_this_machine_is_refused(host: str) -> None:
    assert Client(host=host).get("/").status_code == 403
