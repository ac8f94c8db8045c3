"""What Reddit's listings hold, read purely: a `thing` (https://www.reddit.com/dev/api) in, an event of ours out.

A submission is a `t3`, a comment a `t1`; the native id is the fullname (`t3_…`, `t1_…`). What its author, a moderator
or Reddit took down keeps its place in a thread with a marker instead of its text: that is a Deletion.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from listener.collect._platform import MalformedError, Origin
from listener.text.clean import storable
from listener.types import Deletion, Engagement, Mention

SITE: Final = "https://www.reddit.com"

_FULLNAME = re.compile(r"t[13]_[0-9a-z]{1,13}")
_PERMALINK = re.compile(r"/[\w%./+-]{1,500}")
_TAKEN_DOWN = re.compile(
    r"\[\s*(deleted|deleted by user|removed|removed by reddit[^\]]*|unavailable)\s*\]", re.IGNORECASE
)
_OLDEST: Final = datetime(2005, 6, 1, tzinfo=UTC)
_AHEAD: Final = timedelta(minutes=5)


def children(listing: object) -> tuple[Sequence[object], str | None]:
    """The things of one page, newest first, and the fullname after which the next page starts. Raises ValueError."""
    data = listing.get("data") if isinstance(listing, dict) and listing.get("kind") == "Listing" else None
    things = data.get("children") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(things, list):
        raise ValueError("not a listing")
    after = data.get("after")
    return things, after if isinstance(after, str) and _FULLNAME.fullmatch(after) else None


def fullname(thing: object) -> str | None:
    """`t3_…` or `t1_…`, or None if it is neither a submission nor a comment."""
    if not isinstance(thing, dict) or not isinstance(thing.get("data"), dict):
        return None
    kind, data = thing.get("kind"), thing["data"]
    name = data.get("name") or f"{kind}_{data.get('id')}"
    return name if isinstance(name, str) and _FULLNAME.fullmatch(name) and name[:2] == kind else None


def created(thing: object) -> float | None:
    """Seconds since 1970, as the thing says, or None."""
    data = thing.get("data") if isinstance(thing, dict) else None
    value = data.get("created_utc") if isinstance(data, dict) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e11 else None


def read(thing: object, origin: Origin, now: datetime) -> Mention | Deletion:
    """A submission or comment as an event. Raises MalformedError."""
    name = fullname(thing)
    if name is None or not isinstance(thing, dict):
        raise MalformedError("an entry", "neither a submission nor a comment")
    if created(thing) is None:
        raise MalformedError(name, "no valid created_utc")
    data: Mapping[str, Any] = thing["data"]
    if name.startswith("t1_"):
        return _comment(name, data, origin, now)
    return _submission(name, data, origin, now)


def _submission(name: str, data: Mapping[str, Any], origin: Origin, now: datetime) -> Mention | Deletion:
    title, text = data.get("title"), data.get("selftext") or ""
    if not isinstance(title, str) or not isinstance(text, str):
        raise MalformedError(name, "a submission without title and text")
    if data.get("removed_by_category") or _TAKEN_DOWN.fullmatch(title) or _TAKEN_DOWN.fullmatch(text):
        return Deletion(source=origin.source, native_id=name, at=now)
    return Mention(
        source=origin.source,
        native_id=name,
        title=storable(title),
        text=storable(text),
        posted_at=_posted_at(data, now),
        author=_author(data),
        url=_permalink(data) or f"{SITE}/comments/{name[3:]}/",
        channel=origin.channel,
        repost_of=_reference(data, "crosspost_parent"),
        brands=origin.brands,
        engagement=_engagement(name, data, origin, now),
    )


def _comment(name: str, data: Mapping[str, Any], origin: Origin, now: datetime) -> Mention | Deletion:
    text, thread = data.get("body"), _reference(data, "link_id")
    if not isinstance(text, str):
        raise MalformedError(name, "a comment without body")
    if _TAKEN_DOWN.fullmatch(text):
        return Deletion(source=origin.source, native_id=name, at=now)
    return Mention(
        source=origin.source,
        native_id=name,
        text=storable(text),
        posted_at=_posted_at(data, now),
        author=_author(data),
        url=_permalink(data) or (f"{SITE}/comments/{thread[3:]}/_/{name[3:]}/" if thread else None),
        channel=origin.channel,
        parent_id=_reference(data, "parent_id"),
        thread_id=thread,
        brands=origin.brands,
        engagement=_engagement(name, data, origin, now),
    )


def _posted_at(data: Mapping[str, Any], now: datetime) -> datetime:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=float(data["created_utc"]))
    return at if _OLDEST <= at <= now + _AHEAD else now


def _author(data: Mapping[str, Any]) -> str | None:
    """The name; None once the account is deleted (its posts stay)."""
    author = data.get("author")
    return storable(author) if isinstance(author, str) and author and not _TAKEN_DOWN.fullmatch(author) else None


def _permalink(data: Mapping[str, Any]) -> str | None:
    link = data.get("permalink")
    return SITE + link if isinstance(link, str) and _PERMALINK.fullmatch(link) and not link.startswith("//") else None


def _reference(data: Mapping[str, Any], key: str) -> str | None:
    value = data.get(key)
    return value if isinstance(value, str) and _FULLNAME.fullmatch(value) else None


def _engagement(name: str, data: Mapping[str, Any], origin: Origin, now: datetime) -> Engagement | None:
    likes = None if data.get("score_hidden") is True else _count(data, "score")
    replies = _count(data, "num_comments")
    if likes is None and replies is None:
        return None
    return Engagement(source=origin.source, native_id=name, at=now, likes=likes, replies=replies)


def _count(data: Mapping[str, Any], key: str) -> int | None:
    value = data.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 53 else None
