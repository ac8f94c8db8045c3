"""What customers write into the feedback form (`/feedback` on the public port). Makes it easy to complain.

Fields: `text`, `brand`, `locale`, `contact` (optional), `consent`; `website` is a trap that no person sees, `nonce`
makes a form that is sent twice count once.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

from pydantic import Field

from listener.collect._html import line, tidy
from listener.errors import PayloadError
from listener.settings import SourceOptions
from listener.types import Checkpoint, Event, Mention, Rejection

MAX_TEXT: Final = 5000
MAX_BYTES: Final = 100_000
LOCALES: Final = ("en", "ja", "zh-Hans", "zh-Hant")


class Options(SourceOptions):
    """`consent`: text shown beside the box that must be ticked, by locale; left out: listener's own."""

    channel: str | None = "form"
    consent: Mapping[str, Annotated[str, Field(min_length=1, max_length=1000)]] = {}
    per_minute: Annotated[int, Field(ge=1, le=1000)] = 5
    """Forms that one address may send in a minute, and ten times as many in an hour."""


def collect(options: Options, checkpoint: Mapping[str, Any] | None) -> Iterator[Event]:
    """Nothing to ask for: what comes, comes by `receive`."""
    yield Checkpoint(source=options.name, value=dict(checkpoint or {}), caught_up=True)


def receive(options: Options, headers: Mapping[str, str], body: bytes) -> Iterator[Event]:
    """One form (application/x-www-form-urlencoded); a field that is wrong is a Rejection whose place is its name.

    What fell into the trap is nothing at all. Raises PayloadError if it is no form.
    """
    del headers  # what a form says stands in its body
    fields = _fields(options, body)
    if fields.get("website"):
        return
    faults = list(_faults(fields))
    for field, code in faults:
        yield Rejection(source=options.name, place=field, reason=code)
    if not faults:
        yield _mention(options, fields)


def _fields(options: Options, body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=20, errors="strict")
    except ValueError:
        raise PayloadError(options.name, "this is no form in UTF-8") from None
    return dict(pairs)


def _faults(fields: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(field, code) of what must be mended; the page has words for each code."""
    text = tidy(fields.get("text", ""))
    if not text:
        yield "text", "empty"
    elif len(text) > MAX_TEXT:
        yield "text", "too-long"
    if fields.get("consent", "").strip().lower() not in ("1", "on", "yes", "true"):
        yield "consent", "missing"
    if len(fields.get("contact", "")) > 200:
        yield "contact", "too-long"


def _mention(options: Options, fields: Mapping[str, str]) -> Mention:
    once = fields.get("nonce") or secrets.token_hex(16)
    text = tidy(fields["text"])
    name = hashlib.sha256(f"{once}\0{text}".encode()).hexdigest()[:32]
    locale = fields.get("locale", "")
    brand = options.brand or line(fields.get("brand", ""), 100)
    return Mention(
        source=options.name,
        native_id=name,
        text=text,
        posted_at=datetime.now(UTC),
        author=line(fields.get("contact", ""), 200) or None,
        lang=locale if locale in LOCALES else None,
        channel=options.channel,
        brands=(brand,) if brand else (),
    )
