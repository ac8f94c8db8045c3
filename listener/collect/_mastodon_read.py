"""What a status of Mastodon's API says, as Mastodon.py hands it over or as plain JSON. Pure.

https://docs.joinmastodon.org/entities/Status/; Pleroma, Akkoma, GoToSocial and Misskey's kin speak the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from listener.collect._platform import MalformedError, Origin
from listener.collect._values import count, identity, inner, link, moment, name, table, words
from listener.types import Engagement, Mention

_PUBLIC = ("public", "unlisted")


def read(item: Any, *, host: str, origin: Origin, now: datetime) -> Mention | None:
    """One status; None for what is not public, says nothing or only shares another. Raises MalformedError."""
    status = table(item, "status")
    native_id = identity(status.get("id"), "status")
    if status.get("visibility", "public") not in _PUBLIC or status.get("reblog"):
        return None
    posted_at = _when(status.get("created_at"), now)
    if posted_at is None:
        raise MalformedError("status", "no date")
    # What stands before the fold is part of what was said.
    title, text = name(status.get("spoiler_text"), 500), words(status.get("content"), html=True)
    if not title and not text:
        return None
    parent = status.get("in_reply_to_id")
    return Mention(
        source=origin.source,
        native_id=native_id,
        text=text,
        title=title,
        posted_at=posted_at,
        author=_handle(status.get("account"), host),
        url=link(status.get("url")) or link(status.get("uri")),
        lang=name(status.get("language"), 20),
        channel=origin.channel,
        parent_id=identity(parent) if parent else None,
        brands=origin.brands,
        engagement=_counts(status, native_id, origin, now),
    )


def _when(value: Any, now: datetime) -> datetime | None:
    if isinstance(value, datetime):
        value = (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    return moment(value, now)


def _handle(account: Any, host: str) -> str | None:
    """`name@server`: the server leaves its own name out."""
    handle = name(inner(account, "acct"))
    return handle if handle is None or "@" in handle else f"{handle}@{host}"


def _counts(status: Mapping[str, Any], native_id: str, origin: Origin, now: datetime) -> Engagement:
    return Engagement(
        source=origin.source,
        native_id=native_id,
        at=now,
        replies=count(status.get("replies_count")),
        shares=count(status.get("reblogs_count")),
        likes=count(status.get("favourites_count")),
        followers=count(inner(status.get("account"), "followers_count")),
    )


def host_of(endpoint: str) -> str:
    """The server's name, which stands behind the @."""
    return urlsplit(endpoint).hostname or ""
