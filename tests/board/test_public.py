"""The public port: signed records, the feedback form, and nothing else."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from listener.board import public
from listener.board.formwords import FORM, locale_of
from listener.pipeline.ears import ears_for
from listener.settings import parse
from listener.store import Store

SECRET = "a secret of the sender"
SETTINGS = {
    "web": {"public_port": 8600},
    "brands": [{"name": "Acme"}, {"name": "Zenith <b>"}],
    "sources": [
        {"name": "desk", "kind": "webhook", "secret_env": "INGEST_SECRET"},
        {"name": "other", "kind": "webhook", "secret_env": "OTHER_SECRET"},
        {"name": "forum", "kind": "discourse", "endpoint": "https://d.example", "webhook_env": "FORUM_SECRET"},
    ],
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "listener.db") as opened:
        yield opened


@pytest.fixture
def client(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv("INGEST_SECRET", SECRET)
    monkeypatch.setenv("OTHER_SECRET", SECRET * 2)
    monkeypatch.setenv("FORUM_SECRET", SECRET)
    settings = parse(SETTINGS, home=tmp_path)
    ears, found = ears_for(settings, store)
    door = public.Door(settings, ears, [one for one in found if hasattr(one.collector, "receive")])
    with TestClient(public.app(door), follow_redirects=False) as opened:
        yield opened


def texts(store: Store) -> list[str]:
    with store.read() as tx:
        return [row.text for _, row in sorted(tx.mentions.by_ids(range(1, 100)).items())]


# ------------------------------------------------------------------ signed records


def signed(body: bytes, *, secret: str = SECRET, at: float | None = None, **headers: str) -> dict[str, str]:
    sent = str(int(time.time() if at is None else at))
    signature = hmac.new(secret.encode(), sent.encode() + b"." + body, hashlib.sha256).hexdigest()
    given = {"X-Listener-Timestamp": sent, "X-Listener-Signature": f"sha256={signature}"}
    return given | {name.replace("_", "-"): value for name, value in headers.items()}


def post(client: TestClient, value: Any, **more: Any) -> Any:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return client.post("/ingest", content=body, headers=signed(body, **more))


def test_records_are_taken_and_bad_ones_listed(client: TestClient, store: Store) -> None:
    answer = post(client, [{"id": "1", "text": "It broke"}, {"id": "2"}, 7, {"id": "3", "text": "Still broken"}])
    assert answer.status_code == 202
    said = answer.json()
    assert said["accepted"] == 2
    assert [one["index"] for one in said["rejected"]] == [1, 2]
    assert texts(store) == ["It broke", "Still broken"]


@pytest.mark.parametrize("body", [{"text": "one"}, {"records": [{"text": "one"}]}, [{"text": "one"}]])
def test_one_record_or_several(client: TestClient, store: Store, body: Any) -> None:
    assert post(client, body).json() == {"accepted": 1, "rejected": []}
    assert texts(store) == ["one"]


def test_an_edit_and_a_deletion(client: TestClient, store: Store) -> None:
    post(client, {"id": "1", "text": "It broke"})
    post(client, {"id": "1", "text": "It broke again"})
    assert texts(store) == ["It broke again"]
    assert post(client, {"id": "1", "deleted": True}).status_code == 202
    assert texts(store) == [""]


def test_nothing_good_is_a_4xx(client: TestClient) -> None:
    answer = post(client, [{"id": "1"}, {"text": None}])
    assert answer.status_code == 422
    assert len(answer.json()["rejected"]) == 2


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'"text"', b"3", b'{"records": 3}', b"[" * 100_000])
def test_what_is_not_the_documented_json(client: TestClient, body: bytes) -> None:
    answer = post(client, body)
    assert answer.status_code == 400
    assert "desk" not in answer.text


def test_signatures(client: TestClient, store: Store) -> None:
    body = b'{"text": "one"}'
    assert client.post("/ingest", content=body).status_code == 401
    assert client.post("/ingest", content=body, headers=signed(body, secret="a wrong secret .....")).status_code == 401
    assert client.post("/ingest", content=b'{"text": "two"}', headers=signed(body)).status_code == 401
    assert client.post("/ingest", content=body, headers=signed(body, at=time.time() - 301)).status_code == 401
    assert client.post("/ingest", content=body, headers=signed(body, at=time.time() + 310)).status_code == 401
    broken = signed(body) | {"X-Listener-Timestamp": "soon"}
    assert client.post("/ingest", content=body, headers=broken).status_code == 401
    strange = [(name.encode(), value.encode()) for name, value in signed(body).items()][:1]
    strange.append((b"X-Listener-Signature", b"sha256=\xe9"))
    assert client.post("/ingest", content=body, headers=strange).status_code == 401
    assert texts(store) == []
    assert client.post("/ingest", content=body, headers=signed(body, at=time.time() - 290)).status_code == 202


def test_the_secret_says_which_source_it_is(client: TestClient, store: Store) -> None:
    post(client, {"id": "1", "text": "one"}, secret=SECRET * 2)
    with store.read() as tx:
        assert {row.source for row in tx.mentions.by_ids([1]).values()} == {"other"}


def test_a_repeated_request_changes_nothing_and_says_the_same(client: TestClient, store: Store) -> None:
    records = [{"text": "つながらない"}, {"id": "x"}]
    first = post(client, records, Idempotency_Key="k1")
    again = post(client, records, Idempotency_Key="k1")
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert texts(store) == ["つながらない"]
    post(client, records, Idempotency_Key="k2")
    assert texts(store) == ["つながらない"] * 2, "another request is another customer"
    assert post(client, [{"text": "other"}], Idempotency_Key="k1").status_code == 409
    assert client.post("/ingest", content=b"[]", headers={"Idempotency-Key": "k1"}).status_code == 401


def test_a_body_over_the_limit_is_not_read(client: TestClient) -> None:
    body = json.dumps({"text": "x" * 1_000_001}).encode()
    assert client.post("/ingest", content=body, headers=signed(body)).status_code == 413
    endless = (b" " * 65536 for _ in range(40))
    assert client.post("/ingest", content=endless, headers=signed(b"")).status_code == 413


def test_a_forums_own_webhook(client: TestClient, store: Store) -> None:
    post = {"id": 7, "username": "jo", "created_at": "2026-11-01T10:00:00Z", "raw": "It broke", "topic_id": 1}
    body = json.dumps({"post": post}).encode()
    mark = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-Discourse-Event": "post_created", "X-Discourse-Event-Signature": mark}
    assert client.post("/hook/forum", content=body, headers=headers).status_code == 202
    assert texts(store) == ["It broke"]
    assert client.post("/hook/forum", content=body + b" ", headers=headers).status_code == 401
    gone = {**headers, "X-Discourse-Event": "post_destroyed"}
    assert client.post("/hook/forum", content=body, headers=gone).status_code == 202
    assert texts(store) == [""]
    assert client.post("/hook/desk", content=body, headers=headers).status_code == 404


# ------------------------------------------------------------------ the form


def fill(client: TestClient, **fields: str) -> Any:
    given = {"text": "It broke", "brand": "Acme", "locale": "en", "contact": "jo@example.org", "consent": "1"}
    return client.post("/feedback", data={**given, **fields})


def test_a_message_arrives(client: TestClient, store: Store) -> None:
    answer = fill(client)
    assert answer.status_code == 303
    thanks = client.get(answer.headers["location"])
    assert FORM["en"]["thanks"] in thanks.text
    with store.read() as tx:
        (row,) = tx.mentions.by_ids([1]).values()
    assert (row.text, row.author, row.brands, row.channel) == ("It broke", "jo@example.org", ("Acme",), "form")


def test_a_form_sent_twice_counts_once(client: TestClient, store: Store) -> None:
    page = client.get("/feedback").text
    nonce = re.search(r'name="nonce" value="(\w+)"', page)
    assert nonce is not None
    fill(client, nonce=nonce[1])
    fill(client, nonce=nonce[1])
    assert texts(store) == ["It broke"]
    fill(client)
    fill(client)
    assert texts(store) == ["It broke"] * 3


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"text": " "}, "empty"),
        ({"text": "x" * 5001}, "too-long"),
        ({"consent": ""}, "missing"),
        ({"contact": "x" * 201}, "too-long"),
    ],
)
@pytest.mark.parametrize("locale", FORM)
def test_what_must_be_mended_is_said_in_the_customers_language(
    client: TestClient, store: Store, fields: dict[str, str], code: str, locale: str
) -> None:
    answer = fill(client, locale=locale, **fields)
    assert answer.status_code == 422
    assert FORM[locale][code] in answer.text
    assert 'value="jo@example.org"' in answer.text or "contact" in fields
    assert texts(store) == []


def test_what_falls_into_the_trap_is_nothing(client: TestClient, store: Store) -> None:
    assert fill(client, website="https://spam.example").status_code == 303
    assert texts(store) == []


def test_too_many_from_one_address(client: TestClient, store: Store) -> None:
    codes = [fill(client, text=f"It broke {n}").status_code for n in range(8)]
    assert codes == [303] * 5 + [429] * 3
    assert len(texts(store)) == 5


def test_paces_forget() -> None:
    paces = public.Paces()
    assert all(paces.allowed("a", 2, now) for now in (0.0, 1.0))
    assert not paces.allowed("a", 2, 2.0)
    assert paces.allowed("b", 2, 2.0)
    assert paces.allowed("a", 2, 62.0)
    for number in range(public.PEERS + 10):
        paces.allowed(str(number), 2, 100.0)
    assert len(paces.visits) <= public.PEERS


def test_outside_words_stay_words(client: TestClient) -> None:
    hostile = '"><script>alert(1)</script>'
    answer = fill(client, text=hostile, consent="", contact=hostile, nonce=hostile, brand=hostile, locale=hostile)
    assert answer.status_code == 422
    assert "<script>" not in answer.text
    page = client.get("/feedback", params={"brand": hostile, "locale": hostile, "sent": "1"})
    assert "<script>" not in page.text
    assert "Zenith &lt;b&gt;" in client.get("/feedback").text
    policy = page.headers["content-security-policy"]
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_a_link_chooses_brand_and_language(client: TestClient) -> None:
    page = client.get("/feedback", params={"brand": "Acme", "locale": "zh-TW"}).text
    assert 'name="brand" value="Acme"' in page
    assert '<html lang="zh-Hant">' in page
    assert '<html lang="ja">' in client.get("/feedback", headers={"Accept-Language": "fr, ja;q=0.8"}).text


@pytest.mark.parametrize(
    ("asked", "accepted", "expected"),
    [
        ("ja-JP", "", "ja"),
        ("zh", "", "zh-Hans"),
        ("zh_HK", "", "zh-Hant"),
        ("xx", "de, zh-CN;q=0.5", "zh-Hans"),
        ("", "", "en"),
    ],
)
def test_locales(asked: str, accepted: str, expected: str) -> None:
    assert locale_of(asked, accepted) == expected


def test_every_language_has_every_word() -> None:
    assert len({frozenset(words) for words in FORM.values()}) == 1


def test_there_is_nothing_else(client: TestClient) -> None:
    for path in ("/", "/queue", "/_stcore/health", "/docs", "/openapi.json", "/feedback/x"):
        assert client.get(path).status_code == 404
    assert client.get("/ingest").status_code == 405
    assert client.get("/healthz").json() == {"status": "ok"}
