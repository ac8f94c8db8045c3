"""Tokens that the app stores ask for: JSON Web Tokens signed with a private key (RFC 7519)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from listener.errors import AuthError


def token(
    source: str, claims: Mapping[str, Any], key: str, *, algorithm: Literal["ES256", "RS256"], key_id: str | None = None
) -> str:
    """The signed token. Raises AuthError if the key is none."""
    import jwt

    try:
        return jwt.encode(dict(claims), key, algorithm=algorithm, headers={"kid": key_id} if key_id else None)
    except Exception:
        # What the library says may quote the key.
        raise AuthError(source, "the private key cannot be used", hint="Use the file as the store gave it.") from None
