"""App Store Connect and Google Play: tokens signed with a private key, then reviews."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from listener import collect
from listener.errors import AuthError
from listener.types import Checkpoint, Mention
from tests.collect.fake_http import Answer, Asked, FakeHttp
from tests.collect.fake_platforms import as_json, at, iso, options


def pem(key: Any) -> str:
    form = serialization.PrivateFormat.PKCS8
    return str(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode())


APPLE = ec.generate_private_key(ec.SECP256R1())
GOOGLE = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def hear(kind: str, source: Any, checkpoint: Any = None) -> tuple[dict[str, Mention], Any]:
    events = list(collect.load(kind).collect(source, checkpoint))
    marks = [event.value for event in events if isinstance(event, Checkpoint)]
    return {event.native_id: event for event in events if isinstance(event, Mention)}, marks[-1]


# ------------------------------------------------------------------ apple


@pytest.fixture
def apple(web: FakeHttp, tmp_path: Path) -> Any:
    """Reviews in two pages; the link to the second leads to a stranger's host, of which only the cursor counts."""
    (tmp_path / "key.p8").write_text(pem(APPLE))

    def reviews(asked: Asked) -> Answer:
        token = asked.headers["Authorization"].removeprefix("Bearer ")
        claims = jwt.decode(token, APPLE.public_key(), algorithms=["ES256"], audience="appstoreconnect-v1")
        assert claims["iss"] == "issuer"
        assert claims["exp"] - claims["iat"] <= 1200
        assert jwt.get_unverified_header(token)["kid"] == "KEY1"
        start = int(asked.query.get("cursor", "0"))
        data = [
            {
                "type": "customerReviews",
                "id": f"r{n}",
                "attributes": {
                    "rating": 1,
                    "title": "Bad",
                    "body": f"words {n}",
                    "reviewerNickname": "jo",
                    "createdDate": iso(at(n)),
                    "territory": "JPN",
                },
            }
            for n in range(start, min(start + 3, 5))
        ]
        more = {"next": f"https://evil.example/v1?cursor={start + 3}"} if start + 3 < 5 else {}
        return as_json({"data": data, "links": more})

    web.answer("/v1/apps/42/customerReviews", reviews)
    values = {"key_id": "KEY1", "issuer_id": "issuer", "key_file": str(tmp_path / "key.p8")}
    return options("appstoreconnect", web, apps=[42], **values)


def test_apple(apple: Any) -> None:
    found, mark = hear("appstoreconnect", apple)
    assert set(found) == {f"r{n}" for n in range(5)}
    assert (found["r0"].title, found["r0"].text, found["r0"].author) == ("Bad", "words 0", "jo")
    assert hear("appstoreconnect", apple, mark)[0] == {}


def test_a_key_that_is_none(apple: Any, tmp_path: Path) -> None:
    (tmp_path / "key.p8").write_text("no key")
    with pytest.raises(AuthError, match="private key cannot be used") as caught:
        hear("appstoreconnect", apple)
    assert "no key" not in str(caught.value)


# ------------------------------------------------------------------ google


@pytest.fixture
def google(web: FakeHttp, tmp_path: Path) -> Any:
    account = {"client_email": "l@p.example", "private_key": pem(GOOGLE)}
    (tmp_path / "account.json").write_text(json.dumps(account))

    def token(asked: Asked) -> Answer:
        form = parse_qs(asked.body.decode())
        assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
        claims = jwt.decode(form["assertion"][0], GOOGLE.public_key(), algorithms=["RS256"], audience=web.url("/token"))
        assert claims["iss"] == "l@p.example"
        return as_json({"access_token": "t0", "expires_in": 3599, "token_type": "Bearer"})

    def reviews(asked: Asked) -> Answer:
        if asked.headers["Authorization"] != "Bearer t0":
            return Answer(status=401)
        start = int(asked.query.get("token", "0"))
        some = [
            {
                "reviewId": f"gp:{n}",
                "authorName": "jo",
                "comments": [
                    {"userComment": _comment(n)},
                    {"developerComment": {"text": "thanks", "lastModified": {"seconds": "1"}}},
                ],
            }
            for n in range(start, min(start + 3, 5))
        ]
        more = {"tokenPagination": {"nextPageToken": str(start + 3)}} if start + 3 < 5 else {}
        return as_json({"reviews": some, **more})

    web.answer("/token", token)
    web.answer("/androidpublisher/v3/applications/com.example.app/reviews", reviews)
    values = {"account_file": str(tmp_path / "account.json"), "token_url": web.url("/token")}
    return options("googleplay", web, packages=["com.example.app"], requests_per_hour=3_600_000, **values)


def _comment(n: int) -> dict[str, Any]:
    return {
        "text": f"words {n}",
        "originalText": f"言葉 {n}" if n == 1 else "",
        "lastModified": {"seconds": str(int(at(n).timestamp())), "nanos": 1},
        "starRating": 1,
        "reviewerLanguage": "ja",
        "thumbsUpCount": 2,
    }


def test_google(google: Any) -> None:
    found, mark = hear("googleplay", google)
    assert set(found) == {f"gp:{n}" for n in range(5)}
    assert (found["gp:0"].text, found["gp:1"].text, found["gp:0"].lang) == ("words 0", "言葉 1", "ja")
    assert hear("googleplay", google, mark)[0] == {}


def test_a_refused_account(google: Any, web: FakeHttp) -> None:
    web.answer("/token", as_json({"error": "invalid_grant"}, 400))
    with pytest.raises(AuthError, match="gives no token"):
        hear("googleplay", google)


def test_an_account_without_the_right(google: Any, web: FakeHttp) -> None:
    web.answer("/androidpublisher/v3/applications/com.example.app/reviews", Answer(status=403))
    with pytest.raises(AuthError, match="refuses the service account"):
        hear("googleplay", google)


def test_a_file_that_is_no_account(google: Any, tmp_path: Path) -> None:
    (tmp_path / "account.json").write_text("{}")
    with pytest.raises(AuthError, match="is not one"):
        hear("googleplay", google)
