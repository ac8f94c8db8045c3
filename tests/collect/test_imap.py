"""A support mailbox: letters, threads, quotes, machines, resume, refusals."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener import collect
from listener.collect._letter import own_words, read_letter
from listener.collect._platform import MalformedError
from listener.errors import AuthError, ForbiddenAddressError, GoneError, SettingsError, SourceError, UnreachableError
from listener.settings import validated
from listener.types import Checkpoint, Event, Mention, Rejection
from tests.collect.fake_imap import FakeImap, running


def letter(number: int, body: str = "It broke.", **headers: str) -> bytes:
    given = {
        "From": "Jo <jo@customer.example>",
        "Subject": f"Order {number}",
        "Date": "Mon, 02 Nov 2026 10:00:00 +0900",
        "Message-ID": f"<{number}@customer.example>",
        "Content-Type": "text/plain; charset=utf-8",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return "".join(f"{name}: {value}\r\n" for name, value in given.items()).encode() + b"\r\n" + body.encode()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeImap]:
    monkeypatch.setenv("MAIL_PASSWORD", "pw")
    with running(FakeImap({n: letter(n) for n in range(1, 51)})) as fake:
        yield fake


def source(server: FakeImap, **values: Any) -> Any:
    given = {"endpoint": f"imap://{server.address}", "username": "support", "password_env": "MAIL_PASSWORD"}
    table = {"name": "s", "kind": "imap", "allow": (server.address,), **given, **values}
    return validated(collect.load("imap").Options, table)


def hear(options: Any, checkpoint: Any = None) -> tuple[list[Event], Any]:
    events = list(collect.load("imap").collect(options, checkpoint))
    marks = [event.value for event in events if isinstance(event, Checkpoint)]
    return [event for event in events if not isinstance(event, Checkpoint)], marks[-1]


def test_letters_once_each_and_never_marked_as_read(server: FakeImap) -> None:
    found, mark = hear(source(server))
    assert [event.native_id for event in found if isinstance(event, Mention)] == [
        f"<{n}@customer.example>" for n in range(1, 51)
    ]
    assert hear(source(server), mark)[0] == []
    server.letters[51] = letter(51)
    assert len(hear(source(server), mark)[0]) == 1
    assert all(command.split(" ")[0] in ("LOGIN", "EXAMINE", "UID", "LOGOUT", "CAPABILITY") for command in server.said)


def test_a_mailbox_that_was_built_anew_is_read_anew(server: FakeImap) -> None:
    _, mark = hear(source(server))
    server.validity = 8
    assert len(hear(source(server), mark)[0]) == 50


def test_a_cut_goes_on_from_its_checkpoint(server: FakeImap) -> None:
    server.hang_up_after = 30
    events: list[Event] = []
    with pytest.raises(UnreachableError, match="hung up"):
        events.extend(collect.load("imap").collect(source(server), None))
    server.hang_up_after = None
    reading = collect.load("imap").collect(source(server), None)
    some = [next(reading) for _ in range(21)]
    reading.close()  # type: ignore[attr-defined]
    assert isinstance(some[-1], Checkpoint)
    rest, _ = hear(source(server), some[-1].value)
    assert len(rest) == 30


def test_refusals_are_named(server: FakeImap, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(GoneError):
        hear(source(server, folder="Nowhere"))
    with pytest.raises(ForbiddenAddressError):
        hear(source(server).model_copy(update={"allow": ()}))
    server.password = "another"
    with pytest.raises(AuthError) as caught:
        hear(source(server))
    assert "pw" not in str(caught.value)
    monkeypatch.delenv("MAIL_PASSWORD")
    with pytest.raises(AuthError, match="MAIL_PASSWORD"):
        hear(source(server))


def test_a_server_that_is_not_there(server: FakeImap) -> None:
    port = server.port
    with pytest.raises(SourceError):
        hear(source(server, endpoint=f"imaps://127.0.0.1:{port}"))


@pytest.mark.parametrize("endpoint", ["https://x", "imaps://u:p@x", "imaps://x/INBOX", "x"])
def test_settings_that_cannot_work_are_refused(endpoint: str) -> None:
    with pytest.raises(SettingsError):
        validated(collect.load("imap").Options, {"name": "s", "kind": "imap", "endpoint": endpoint, "username": "u"})


# ------------------------------------------------------------------ letters


def test_a_letter() -> None:
    found = read_letter(letter(1, "Hello,\r\n\r\nit broke.", In_Reply_To="<b@x>", References="<a@x> <b@x>"))
    assert found is not None
    assert (found.text, found.title, found.author) == ("Hello,\n\nit broke.", "Order 1", "jo@customer.example")
    assert (found.parent_id, found.thread_id) == ("<b@x>", "<a@x>")
    assert found.posted_at is not None
    assert found.posted_at.hour == 1


def test_letters_in_old_encodings() -> None:
    raw = letter(1, "", Content_Type="text/plain; charset=iso-2022-jp", Subject="=?ISO-2022-JP?B?GyRCSlY2YhsoQg==?=")
    found = read_letter(raw + "返金してください".encode("iso-2022-jp"))
    assert found is not None
    assert (found.title, found.text) == ("返金", "返金してください")
    found = read_letter(letter(1, "", Content_Type="text/plain; charset=gb2312") + "退款".encode("gb2312"))
    assert found is not None
    assert found.text == "退款"


def test_html_becomes_text() -> None:
    found = read_letter(letter(1, "<p>It <b>broke</b>.<script>x</script>", Content_Type="text/html"))
    assert found is not None
    assert found.text == "It broke."


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"X_Autoreply": "yes"},
        {"List_Id": "<news.example>"},
        {"Return_Path": "<>"},
        {"From": "MAILER-DAEMON@x.example"},
        {"From": "no-reply@shop.example"},
        {"Content_Type": "multipart/report; boundary=x"},
    ],
)
def test_machines_are_not_heard(headers: dict[str, str]) -> None:
    assert read_letter(letter(1, **headers)) is None


def test_machines_are_counted(server: FakeImap) -> None:
    server.letters = {1: letter(1, Auto_Submitted="auto-replied"), 2: b"\r\n\r\n"}
    found, _ = hear(source(server))
    assert [(event.place, event.reason) for event in found if isinstance(event, Rejection)] == [
        ("letter 1", "written by a machine"),
        ("letter 2", "says nothing"),
    ]


@pytest.mark.parametrize(
    "quoted",
    [
        "> old words",
        "On Mon, 2 Nov 2026 at 10:00, Support <s@x.example> wrote:\nold words",
        "On Mon, 2 Nov 2026 at 10:00, Support\n<s@x.example> wrote:\nold words",
        "-----Original Message-----\nold words",
        "2026年11月2日(月) 10:00 サポート <s@x.example>さんは書きました:\nold words",
        "客服 <s@x.example> 于2026年11月2日写道：\nold words",
        "-- \nold words",
        "________________________________\nold words",
    ],
)
def test_quotes_and_signatures_are_left_out(quoted: str) -> None:
    assert own_words(f"Still broken.\nThanks for nothing.\n\n{quoted}") == "Still broken.\nThanks for nothing."


@given(st.binary(max_size=400))
def test_no_letter_breaks_the_reader(raw: bytes) -> None:
    with contextlib.suppress(MalformedError):
        read_letter(b"From: a@b\r\nSubject: x\r\n" + raw)
