"""What a letter says: its own words without those it quotes, or that no person wrote it. Pure."""

from __future__ import annotations

import email
import email.policy
import email.utils
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Final

from listener.collect._charset import decode
from listener.collect._html import line, plain, tidy
from listener.collect._platform import MalformedError
from listener.collect._values import MAX_TEXT

_MACHINES: Final = re.compile(
    r"(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?|notifications?)(\+[^@]*)?@", re.I
)
_BULK: Final = frozenset({"bulk", "junk", "list", "auto_reply"})
_QUOTE: Final = re.compile(
    r"""^(?:
        On\s.{4,200}\swrote: | Am\s.{4,200}\sschrieb.*: | Le\s.{4,200}\sa\sécrit\s?:
      | .{2,200}(?:写道|寫道)[：:] | .{2,200}(?:のメール|wrote|のメッセージ|さんは書きました)[:：]
      | -{2,}\s?(?:Original\ Message|Forwarded\ message|元のメッセージ|原始邮件|原始郵件|Original-Nachricht).*
      | _{20,}
    )\s*$""",
    re.I | re.X,
)
_SIGNATURE: Final = re.compile(r"^-- ?$")
_ID: Final = re.compile(r"<[^<>\s]{3,300}>")


@dataclass(frozen=True, slots=True)
class Letter:
    """`thread_id` is the first letter of the exchange, `parent_id` the one it answers."""

    native_id: str
    text: str
    title: str | None
    author: str | None
    posted_at: datetime | None
    parent_id: str | None
    thread_id: str | None


def read_letter(raw: bytes) -> Letter | None:
    """The letter; None if a machine wrote it. Raises MalformedError."""
    try:
        message = email.message_from_bytes(raw, policy=email.policy.default)
        return _letter(message, raw)
    except MalformedError:
        raise
    except Exception:
        # The parser of headers raises whatever a hostile letter makes it stumble over.
        raise MalformedError("letter", "cannot be read") from None


def _letter(message: EmailMessage, raw: bytes) -> Letter | None:
    name, address = email.utils.parseaddr(str(message.get("From", "")))
    if _is_automatic(message, address):
        return None
    title = line(str(message.get("Subject", "")), 500) or None
    text = own_words(_body(message))
    if not text and not title:
        raise MalformedError("letter", "says nothing")
    references = _ID.findall(str(message.get("References", ""))[:20_000])
    answered = _ID.findall(str(message.get("In-Reply-To", ""))[:2000])
    given = _ID.findall(str(message.get("Message-ID", ""))[:2000])
    native_id = given[0] if given else "made:" + hashlib.sha256(raw).hexdigest()[:32]
    return Letter(
        native_id=native_id,
        text=text,
        title=title,
        author=line(address or name, 200) or None,
        posted_at=_date(message),
        parent_id=answered[0] if answered else references[-1] if references else None,
        thread_id=references[0] if references else answered[0] if answered else native_id,
    )


def _is_automatic(message: EmailMessage, address: str) -> bool:
    """RFC 3834, and what older programs do."""
    submitted = str(message.get("Auto-Submitted", "no")).split(";")[0].strip().lower()
    if submitted not in ("", "no") or str(message.get("Precedence", "")).strip().lower() in _BULK:
        return True
    if any(message.get(name) for name in ("X-Autoreply", "X-Autorespond", "List-Id")):
        return True
    bounced = str(message.get("Return-Path", "")).strip() == "<>"
    return bounced or message.get_content_type() == "multipart/report" or bool(_MACHINES.match(address))


def _body(message: EmailMessage) -> str:
    """The plain text if there is one, else that of the HTML."""
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        if part is None:
            continue
        payload = part.get_payload(decode=True)
        if not isinstance(payload, bytes):
            continue
        text = decode(payload[: 4 * MAX_TEXT], str(part.get("Content-Type", "")))
        words = plain(text)[:MAX_TEXT] if kind == "html" else tidy(text[:MAX_TEXT])
        if words:
            return words
    return ""


def own_words(text: str) -> str:
    """The text up to what it quotes of others and its signature."""
    kept: list[str] = []
    lines = text.splitlines()
    for number, written in enumerate(lines):
        # Programs that wrap lines break this one too.
        wrapped = written.startswith(("On ", "Am ", "Le ")) and number + 1 < len(lines)
        candidates = (written, f"{written} {lines[number + 1]}") if wrapped else (written,)
        if _SIGNATURE.match(written) or any(map(_QUOTE.match, candidates)):
            break
        if not written.startswith(">"):
            kept.append(written)
    return tidy("\n".join(kept))


def _date(message: EmailMessage) -> datetime | None:
    try:
        at = email.utils.parsedate_to_datetime(str(message.get("Date", "")))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None
