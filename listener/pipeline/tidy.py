"""A mention as a collector gave it -> as it can be stored. Pure; what was changed is counted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from listener.text.clean import clean, storable, web_address
from listener.types import Engagement, Mention

MAX_TEXT: Final = 100_000
MAX_TITLE: Final = 2_000
MAX_NAME: Final = 200
MAX_ID: Final = 512
"""Code points. A longer native id is replaced by its hash, so that it still is one and the same."""

EARLIEST: Final = datetime(1995, 1, 1, tzinfo=UTC)
FUTURE: Final = timedelta(minutes=5)
"""Platforms' clocks may run ahead a little; a post from further in the future has a wrong time."""

_MAX_COUNT: Final = 2**53


@dataclass(frozen=True, slots=True)
class Tidied:
    """`clamped`: its time could not be true, so the time of arrival counts; `truncated`: its text was cut."""

    mention: Mention
    clamped: bool
    truncated: bool


def tidy(mention: Mention, now: datetime) -> Tidied:
    """NFC, without NUL and lone surrogates; texts, names and ids of bounded length; a time that can be true."""
    text, title = clean(mention.text), clean(mention.title or "").strip()
    clamped = not EARLIEST <= mention.posted_at <= now + FUTURE
    tidied = replace(
        mention,
        native_id=known_id(mention.native_id),
        text=text[:MAX_TEXT],
        title=title[:MAX_TITLE] or None,
        author=clean(mention.author or "").strip()[:MAX_NAME] or None,
        url=web_address(mention.url),
        lang=_code(mention.lang),
        channel=_code(mention.channel),
        parent_id=_optional_id(mention.parent_id),
        thread_id=_optional_id(mention.thread_id),
        repost_of=_optional_id(mention.repost_of),
        brands=tuple(clean(brand)[:MAX_NAME] for brand in mention.brands if brand.strip()),
        posted_at=now if clamped else mention.posted_at,
    )
    return Tidied(tidied, clamped, len(text) > MAX_TEXT or len(title) > MAX_TITLE)


def known_id(native_id: str) -> str:
    """The native id as it is stored and looked up."""
    native_id = storable(native_id)
    if len(native_id) <= MAX_ID:
        return native_id
    return "sha256:" + hashlib.sha256(native_id.encode()).hexdigest()


def tidy_counts(engagement: Engagement) -> Engagement:
    """Counts that no platform can mean are as good as not told."""
    return replace(
        engagement,
        replies=_count(engagement.replies),
        shares=_count(engagement.shares),
        likes=_count(engagement.likes),
        views=_count(engagement.views),
        followers=_count(engagement.followers),
    )


def _count(value: int | None) -> int | None:
    return value if value is not None and 0 <= value < _MAX_COUNT else None


def _optional_id(native_id: str | None) -> str | None:
    return known_id(native_id) if native_id else None


def _code(code: str | None) -> str | None:
    return storable(code)[:40] if code else None
