"""The guarded GET of the collectors: addresses, redirects, limits, and what statuses mean."""

import gzip
import itertools
import socket
import ssl
import subprocess
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.collect._addresses import checked, is_public, resolve
from listener.collect._guard import Limits, Response, fetch, retry_after
from listener.errors import (
    AuthError,
    ForbiddenAddressError,
    GoneError,
    PayloadError,
    RateLimitedError,
    SourceError,
    UnreachableError,
)
from tests.collect.fake_http import Answer, Asked, FakeHttp

PUBLIC = "93.184.215.14"


def get(server: FakeHttp, path: str = "/", **options: Any) -> Response:
    return fetch(server.url(path), source="s", **{"allow": (server.address,), **options})


# ---------------------------------------------------------------- addresses

PRIVATE = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254"),
    *("172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1"),
    *("198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "100::1"),
    *("2001:db8::1", "2001::1", "2001:10::1", "3fff::1", "64:ff9b:1::1", "5f00::1", "4000::1"),
]


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_off_the_public_internet_are_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", PUBLIC, "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"])
def test_public_addresses_are_admitted(address: str) -> None:
    assert is_public(address)


def wrappings(inner: IPv4Address) -> Iterator[IPv6Address]:
    """Every IPv6 address whose packets end at this IPv4 address."""
    low = int(inner)
    yield IPv6Address((0xFFFF << 32) | low)
    yield IPv6Address(low)
    yield IPv6Address((0x64FF9B << 96) | low)
    yield IPv6Address((0x2002 << 112) | (low << 80) | 1)


@given(st.ip_addresses(v=4))
def test_an_address_wrapped_in_ipv6_is_judged_by_what_it_wraps(inner: IPv4Address) -> None:
    for wrapped in wrappings(inner):
        assert is_public(str(wrapped)) == is_public(str(inner)), wrapped


@given(st.ip_addresses())
def test_whatever_python_calls_not_global_is_refused(ip: IPv4Address | IPv6Address) -> None:
    wraps_public = isinstance(ip, IPv6Address) and is_public(str(ip))
    if not ip.is_global and not wraps_public:
        assert not is_public(str(ip))
    if ip.is_multicast:
        assert not is_public(str(ip))


@given(st.text(max_size=20))
def test_text_that_is_no_address_is_not_public(text: str) -> None:
    try:
        ip_address(text)
    except ValueError:
        assert not is_public(text)


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0x7f000001", "127.1", "0177.0.0.1", "localhost", "0"])
def test_hosts_are_judged_as_the_resolver_reads_them(host: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        checked(host, 80, source="s", resolve=resolve)


@pytest.mark.parametrize("host", ["", "a b", "a/b", "a%00b", "exa\nmple.com", "-x", "[::1]", "::zz", "fe80::1%25eth0"])
def test_hosts_that_are_none_never_reach_the_resolver(host: str) -> None:
    def never(host: str, port: int) -> Sequence[str]:
        raise AssertionError(host)

    with pytest.raises(ForbiddenAddressError):
        checked(host, 80, source="s", resolve=never)


def test_one_private_answer_among_public_ones_refuses_the_name() -> None:
    def both(host: str, port: int) -> Sequence[str]:
        return [PUBLIC, "10.0.0.7"]

    with pytest.raises(ForbiddenAddressError) as caught:
        checked("mixed.test", 443, source="s", resolve=both)
    assert "mixed.test:443" in caught.value.hint
    assert "10.0.0.7" not in str(caught.value)  # the inside of a network is not for logs


def test_exceptions_are_for_one_host_and_one_port() -> None:
    def inside(host: str, port: int) -> Sequence[str]:
        return ["10.0.0.7"]

    for allow in (("intranet.test:8080",), ("10.0.0.7:8080",), (" Intranet.TEST:8080 ",)):
        assert checked("intranet.test", 8080, source="s", allow=allow, resolve=inside) == ("10.0.0.7",)
    for allow in (("intranet.test",), ("intranet.test:80",), ("other.test:8080",), ("10.0.0.7",), ()):
        with pytest.raises(ForbiddenAddressError):
            checked("intranet.test", 8080, source="s", allow=allow, resolve=inside)
    assert checked("::1", 80, source="s", allow=("[::1]:80",)) == ("::1",)


def test_a_name_without_address_is_unreachable() -> None:
    def unknown(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(UnreachableError, match=r"nowhere\.test has no address"):
        checked("nowhere.test", 80, source="s", resolve=unknown)


# ---------------------------------------------------------------- the connection


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers anew (DNS rebinding) is not asked again."""
    answers = iter([[PUBLIC, "2606:4700::1111"], ["127.0.0.1"]])
    connected: list[tuple[str, int]] = []

    def refuse(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        connected.append(address)
        raise ConnectionRefusedError

    def never(*_: object, **__: object) -> None:
        raise AssertionError("resolved behind the guard's back")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", never)
    with pytest.raises(UnreachableError, match="cannot be connected to"):
        fetch("https://rebind.test/feed", source="s", resolve=lambda host, port: next(answers))
    assert connected == [(PUBLIC, 443), ("2606:4700::1111", 443)]


def test_a_private_server_is_never_asked(elsewhere: FakeHttp) -> None:
    for host in ("127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]", "127.0.0.1.nip.test"):
        with pytest.raises(ForbiddenAddressError):
            fetch(elsewhere.url(host=host), source="s", resolve=lambda host, port: ["127.0.0.1"])
    assert elsewhere.asked == []


@pytest.mark.parametrize(
    "url",
    [
        *("file:///etc/passwd", "ftp://example.com/", "gopher://example.com/", "example.com/feed", "", "http://"),
        *("http:///feed", "javascript:alert(1)", "http://a\nb/", "http://[::1", "http://example.com:99999/"),
    ],
)
def test_only_http_urls_are_opened(url: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        fetch(url, source="s", resolve=lambda host, port: [PUBLIC])


def test_the_name_stands_in_the_host_header_and_credentials_are_dropped(web: FakeHttp) -> None:
    web.answer("/a?b=%20c", Answer(b"ok"))
    url = f"http://user:secret@Named.test:{web.port}/a?b= c#part"
    got = fetch(url, source="s", allow=(f"named.test:{web.port}",), resolve=lambda host, port: ["127.0.0.1"])
    assert got == Response(200, got.headers, b"ok", f"http://named.test:{web.port}/a?b=%20c")
    (asked,) = web.asked
    assert asked.headers["Host"] == f"named.test:{web.port}"
    assert "Authorization" not in asked.headers


def test_the_environment_does_not_send_requests_to_a_proxy(
    web: FakeHttp, elsewhere: FakeHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, elsewhere.url())
    web.answer("/", Answer(b"direct"))
    assert get(web).content == b"direct"
    assert elsewhere.asked == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for named.test alone, with its key."""
    made = tmp_path_factory.mktemp("tls") / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=named.test"]
    command += ["-addext", "subjectAltName=DNS:named.test", "-keyout", str(made), "-out", str(made.with_suffix(".crt"))]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no openssl command here to make a certificate with")
    made.write_bytes(made.read_bytes() + made.with_suffix(".crt").read_bytes())
    return made


@pytest.fixture
def secure(certificate: Path) -> Iterator[FakeHttp]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with FakeHttp(context) as server:
        server.answer("/", Answer(b"private"))
        yield server


def over_tls(server: FakeHttp, host: str, tls: ssl.SSLContext | None) -> Response:
    allow = (f"{host}:{server.port}",)
    return fetch(server.url(host=host), source="s", allow=allow, resolve=lambda host, port: ["127.0.0.1"], tls=tls)


def test_certificates_are_checked_against_the_name(secure: FakeHttp, certificate: Path) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate.with_suffix(".crt")))
    assert over_tls(secure, "named.test", trusting).content == b"private"
    for host, tls in (("other.test", trusting), ("named.test", None)):
        with pytest.raises(UnreachableError, match="certificate"):
            over_tls(secure, host, tls)


def test_no_redirect_leaves_tls(secure: FakeHttp, certificate: Path, elsewhere: FakeHttp) -> None:
    secure.answer("/", Answer(status=301, headers={"Location": elsewhere.url()}))
    trusting = ssl.create_default_context(cafile=str(certificate.with_suffix(".crt")))
    allow = (f"named.test:{secure.port}", elsewhere.address)
    url = secure.url(host="named.test")
    with pytest.raises(ForbiddenAddressError, match="https to http"):
        fetch(url, source="s", allow=allow, resolve=lambda host, port: ["127.0.0.1"], tls=trusting)
    assert elsewhere.asked == []


# ---------------------------------------------------------------- redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(web: FakeHttp, status: int) -> None:
    web.answer("/old", Answer(status=status, headers={"Location": "new?x=1#y"}))
    web.answer("/new?x=1", Answer(b"here"))
    got = get(web, "/old")
    assert (got.content, got.url) == (b"here", web.url("/new?x=1"))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:7f00:1]"])
def test_a_redirect_is_checked_like_any_address(web: FakeHttp, elsewhere: FakeHttp, host: str) -> None:
    web.answer("/", Answer(status=302, headers={"Location": elsewhere.url(host=host)}))
    with pytest.raises(ForbiddenAddressError):
        get(web)
    assert elsewhere.asked == []


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/", "//", "http://[", "gopher:x"])
def test_a_redirect_to_something_else_than_http_is_refused(web: FakeHttp, target: str) -> None:
    web.answer("/", Answer(status=302, headers={"Location": target}))
    with pytest.raises((ForbiddenAddressError, PayloadError)):
        get(web)


def test_redirects_end(web: FakeHttp) -> None:
    web.answer("/", Answer(status=302, headers={"Location": "/"}))
    with pytest.raises(PayloadError, match="circles"):
        get(web)
    assert len(web.asked) == 6
    web.answer("/nowhere", Answer(status=302))
    with pytest.raises(PayloadError, match="answers 302"):
        get(web, "/nowhere")


def test_credentials_and_cookies_stay_with_their_host(web: FakeHttp, elsewhere: FakeHttp) -> None:
    web.answer("/", Answer(status=302, headers={"Location": "/same", "Set-Cookie": "a=b"}))
    web.answer("/same", Answer(status=302, headers={"Location": elsewhere.url("/other")}))
    elsewhere.answer("/other", Answer(b"ok"))
    headers = {"Authorization": "Bearer secret", "cookie": "c=d", "If-None-Match": '"e"'}
    assert get(web, headers=headers, allow=(web.address, elsewhere.address)).content == b"ok"
    first, same = web.asked
    (other,) = elsewhere.asked
    assert first.headers["Authorization"] == same.headers["Authorization"] == "Bearer secret"
    assert same.headers["Cookie"] == "c=d"
    assert other.headers["Authorization"] is None
    assert other.headers["Cookie"] is None
    assert other.headers["If-None-Match"] == '"e"'


# ---------------------------------------------------------------- limits

SMALL = Limits(body=1000, seconds=20)


def test_a_body_up_to_the_limit_is_taken(web: FakeHttp) -> None:
    web.answer("/", Answer(b"x" * 1000))
    assert len(get(web, limits=SMALL).content) == 1000
    web.answer("/", Answer(b"x" * 1001))
    with pytest.raises(PayloadError, match="over 1 MB"):
        get(web, limits=SMALL)


def test_an_endless_body_is_cut(web: FakeHttp) -> None:
    web.answer("/", Answer(itertools.repeat(b"x" * 100)))
    with pytest.raises(PayloadError):
        get(web, limits=SMALL)


def bomb(pack: Any) -> bytes:
    """A quarter of a gigabyte of nothing."""
    return b"".join([*(pack.compress(bytes(1 << 20)) for _ in range(256)), pack.flush()])


def test_a_decompression_bomb_is_cut_while_it_unpacks(web: FakeHttp) -> None:
    import tracemalloc

    packed = bomb(zlib.compressobj(9, wbits=31))
    web.answer("/", Answer(packed, headers={"Content-Encoding": "gzip"}))
    tracemalloc.start()
    with pytest.raises(PayloadError, match="over 10 MB"):
        get(web)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40_000_000


@pytest.mark.parametrize("seed", [b"", b"a", b"word " * 50_000, bytes(range(256)) * 900])
@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "deflate", "raw", "identity"])
def test_packed_bodies_are_unpacked(web: FakeHttp, encoding: str, seed: bytes) -> None:
    pack = {"raw": -15, "deflate": 15}.get(encoding, 31)
    packer = zlib.compressobj(9, wbits=pack)
    packed = seed if encoding == "identity" else packer.compress(seed) + packer.flush()
    pieces = [packed[at : at + 700] for at in range(0, len(packed), 700)]
    web.answer("/", Answer(pieces, headers={"Content-Encoding": "deflate" if encoding == "raw" else encoding}))
    assert get(web).content == seed
    assert web.asked[0].headers["Accept-Encoding"] == "gzip, deflate"


def test_packed_bodies_in_several_members_are_whole(web: FakeHttp) -> None:
    web.answer("/", Answer(gzip.compress(b"a") + gzip.compress(b"b"), headers={"Content-Encoding": "gzip"}))
    assert get(web).content == b"ab"


@pytest.mark.parametrize("packed", [gzip.compress(b"cut")[:-9], b"not packed", gzip.compress(b"x") + b"rest"])
def test_a_damaged_packed_body_is_no_answer(web: FakeHttp, packed: bytes) -> None:
    web.answer("/", Answer(packed, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(UnreachableError, match="damaged"):
        get(web)


def test_a_packing_that_was_not_asked_for_is_refused(web: FakeHttp) -> None:
    web.answer("/", Answer(b"x", headers={"Content-Encoding": "br"}))
    with pytest.raises(PayloadError, match="packed"):
        get(web)


HURRY = Limits(seconds=0.3)
HEAD = b"HTTP/1.1 200 OK\r\n"


def test_a_server_that_falls_silent_is_left(web: FakeHttp) -> None:
    web.answer("/headers", Answer(raw=web.held(HEAD)))
    web.answer("/body", Answer(web.held(b"begun")))
    for path in ("/headers", "/body"):
        with pytest.raises(UnreachableError, match="too long"):
            get(web, path, limits=HURRY)


def test_a_server_that_drips_is_left(web: FakeHttp) -> None:
    """Each byte comes in time, the whole does not: ten seconds of drops, then a good answer."""
    tail = b"Content-Length: 2\r\n\r\nok"
    web.answer("/headers", Answer(raw=web.dripping([HEAD, *[b"X-Y: z\r\n"] * 500, tail])))
    web.answer("/informed", Answer(raw=web.dripping([b"HTTP/1.1 100 Continue\r\n\r\n"] * 500 + [HEAD + tail])))
    web.answer("/body", Answer(web.dripping([b"x"] * 500)))
    for path in ("/headers", "/informed", "/body"):
        with pytest.raises(UnreachableError, match="too long"):
            get(web, path, limits=HURRY)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"x" * 100, cut=50),
        Answer(raw=[]),
        Answer(raw=[b"SSH-2.0-OpenSSH_9.6\r\n"]),
        Answer(raw=[HEAD + b"X: " + b"y" * 300_000 + b"\r\n\r\n"]),
        Answer(raw=[HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"]),
        Answer(raw=[HEAD + b"Content-Length: -1\r\n\r\n"]),
    ],
    ids=["cut", "closed", "ssh", "headers too large", "no chunk", "no length"],
)
def test_what_is_no_http_is_unreachable(web: FakeHttp, answer: Answer) -> None:
    web.answer("/", answer)
    with pytest.raises(UnreachableError, match="broke off"):
        get(web)


def test_a_closed_port_is_unreachable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(UnreachableError, match="cannot be connected to"):
        fetch(f"http://{address}/", source="s", allow=(address,))


# ---------------------------------------------------------------- statuses


@pytest.mark.parametrize(
    ("status", "error"),
    [
        *((400, PayloadError), (401, AuthError), (403, GoneError), (404, GoneError), (406, PayloadError)),
        *((408, UnreachableError), (410, GoneError), (429, RateLimitedError), (451, GoneError)),
        *((500, UnreachableError), (502, UnreachableError), (503, UnreachableError), (999, UnreachableError)),
    ],
)
def test_statuses_become_errors_that_name_no_path(web: FakeHttp, status: int, error: type[SourceError]) -> None:
    web.answer("/feed?key=secret", Answer(b"body", status))
    with pytest.raises(error) as caught:
        get(web, "/feed?key=secret")
    assert type(caught.value) is error
    assert str(caught.value) == f"s: 127.0.0.1 answers {status}"
    assert caught.value.hint
    assert "secret" not in repr(caught.value) + caught.value.hint


def test_not_modified_is_an_answer(web: FakeHttp) -> None:
    def script(asked: Asked) -> Answer:
        return Answer(status=304 if asked.headers["If-None-Match"] == '"1"' else 200, headers={"ETag": '"1"'})

    web.answer("/", script)
    assert get(web).headers["etag"] == '"1"'
    assert get(web, headers={"If-None-Match": '"1"'}).status == 304


@pytest.mark.parametrize("status", [429, 503])
def test_the_server_says_when_to_come_back(web: FakeHttp, status: int) -> None:
    web.answer("/", Answer(status=status, headers={"Retry-After": "120"}))
    with pytest.raises(SourceError) as caught:
        get(web)
    assert caught.value.retry_after == 120


NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        *(("", None), ("soon", None), ("-5", None), ("1.5", None), ("٣", None), ("0", 0.0), (" 30 ", 30.0)),
        *(("9" * 400, 86_400.0), ("Sun, 01 Nov 2026 00:01:00 GMT", 60.0), ("Sat, 31 Oct 2026 00:00:00 GMT", 0.0)),
        (format_datetime(NOW + timedelta(days=9)), 86_400.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds
