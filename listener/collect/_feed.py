"""What a feed document says: RSS 0.9x, 1.0, 2.0, Atom and JSON Feed, as plain values. Pure; never raises on content."""

from __future__ import annotations

import calendar
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from listener.collect._charset import decode
from listener.collect._html import line, plain, tidy
from listener.text.clean import storable

MAX_TEXT: Final = 100_000
"""Characters of one entry that are kept; what is longer is a book, not a post."""
MAX_ENTRIES: Final = 5000
_MAX_ID: Final = 300
_MAX_URL: Final = 2000

_DECLARATION: Final = re.compile(r"[^<]*<\?xml[^>]{0,300}\?>")
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ENTRY: Final = re.compile(r"<(/?)(?:[A-Za-z0-9]+:)?(?:item|entry)[\s>]")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
_NAME_AND_MAIL: Final = re.compile(r"\S+@\S+\s*\((.+)\)|(.+?)\s*[(<]\S+@\S+[)>]", re.DOTALL)
_REFERENCE: Final = re.compile(r"&#(?:x([0-9A-Fa-f]{1,9})|([0-9]{1,9}));?")


@dataclass(frozen=True, slots=True)
class Entry:
    """One post of a feed. `native_id` is its id if that is its own, else its address, else a hash of its words."""

    native_id: str
    text: str
    title: str | None
    url: str | None
    author: str | None
    posted_at: datetime | None
    replies: int | None

    @property
    def digest(self) -> str:
        """Changes when the author changes the entry."""
        words = "\0".join((self.title or "", self.text, self.url or "", self.author or ""))
        return hashlib.sha256(words.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Feed:
    """`faults` counts entries that could not be read or say nothing."""

    entries: tuple[Entry, ...]
    language: str | None
    faults: int


class NotAFeedError(ValueError):
    """The document is no feed of any kind known here."""


def read_feed(content: bytes, content_type: str, *, base: str, name: str) -> Feed:
    """The entries of a document, in its order. Raises NotAFeedError.

    `base` is the address that it came from, for the links in it; `name` is what makes ids like "7" its own.
    """
    text = decode(content, content_type)
    scope = hashlib.sha256(name.encode()).hexdigest()[:8]
    if text.lstrip().startswith("{"):
        items, language, faults = _json_items(text)
    else:
        items, language, faults = _xml_items(text)
    drafts = [_draft(item, base) for item in items[:MAX_ENTRIES]]
    said = [draft for draft in drafts if draft.text or draft.title]
    faults += len(drafts) - len(said) + max(0, len(items) - MAX_ENTRIES)
    entries = tuple(_identified(said, scope))
    return Feed(entries, language if language and _LANGUAGE.fullmatch(language) else None, faults)


@dataclass(frozen=True, slots=True)
class _Item:
    """An entry as its format gave it; bodies are (text, whether it is HTML), the best first."""

    id: Any = None
    link: Any = None
    title: tuple[str, bool] = ("", False)
    bodies: Sequence[tuple[str, bool]] = ()
    author: Any = None
    when: datetime | None = None
    replies: Any = None


def _draft(item: _Item, base: str) -> Entry:
    body = next((words for words in map(_words, item.bodies) if words), "")
    title = " ".join(_words(item.title).split())[:1000]
    # Many feeds of short posts repeat the post, or its beginning, as a title.
    start = title.rstrip("….").rstrip()
    if start and " ".join(body[: len(title) + 100].split()).startswith(start):
        title = ""
    author = _author(item.author) if isinstance(item.author, str) else ""
    return Entry(
        native_id=storable(str(item.id)).strip() if isinstance(item.id, str | int) else "",
        text=body,
        title=title or None,
        url=_link(item.link, base),
        author=author or None,
        posted_at=item.when,
        replies=item.replies if isinstance(item.replies, int) and 0 <= item.replies < 1 << 40 else None,
    )


def _words(body: tuple[str, bool]) -> str:
    text, is_html = body
    # Markup is cut a little later than text: a page of tags may hold few words.
    return plain(text[: 5 * MAX_TEXT])[:MAX_TEXT] if is_html else tidy(text[:MAX_TEXT])


def _author(written: str) -> str:
    """The name; RSS asks for `mail (name)`, and mail addresses are not kept if there is a name."""
    named = _NAME_AND_MAIL.fullmatch(written.strip()[:1000])
    return line((named[1] or named[2]) if named else written, 200)


def _link(target: Any, base: str) -> str | None:
    """An absolute http(s) address, else None."""
    if not isinstance(target, str) or not target.strip():
        return None
    try:
        absolute = urljoin(base, line(target, _MAX_URL + 1))
        parts = urlsplit(absolute)
    except ValueError:
        return None
    plausible = parts.scheme in ("http", "https") and parts.netloc and " " not in absolute
    return absolute if plausible and "@" not in parts.netloc and len(absolute) <= _MAX_URL else None


def _identified(drafts: Sequence[Entry], scope: str) -> list[Entry]:
    """Give each its id; one that several entries share says nothing, and one like "7" belongs to its feed alone."""
    ids = Counter(draft.native_id for draft in drafts)
    links = Counter(draft.url for draft in drafts)
    found = []
    for draft in drafts:
        given = draft.native_id
        if given and ids[given] == 1:
            everywhere = "://" in given or given.startswith(("tag:", "urn:"))
            name = given if everywhere else f"{scope}:{given}"
        elif draft.url and links[draft.url] == 1:
            name = draft.url
        else:
            name = f"{scope}:{draft.digest}"
        if len(name) > _MAX_ID:
            name = hashlib.sha256(name.encode()).hexdigest()
        found.append(_renamed(draft, name))
    return found


def _renamed(draft: Entry, name: str) -> Entry:
    return Entry(name, draft.text, draft.title, draft.url, draft.author, draft.posted_at, draft.replies)


# ------------------------------------------------------------------ RSS and Atom


def _xml_items(text: str) -> tuple[list[_Item], str | None, int]:
    import feedparser

    declared = _DECLARATION.match(text)
    text = _NOT_XML.sub("", _REFERENCE.sub(_referred, text[declared.end() if declared else 0 :]))
    try:
        # A stream, never the bytes themselves: feedparser opens those as a file or an address if it can.
        parsed = feedparser.parse(
            io.BytesIO(b'<?xml version="1.0" encoding="utf-8"?>' + text.encode()),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            resolve_relative_uris=False,
            sanitize_html=False,
        )
    except Exception as error:  # its tolerant parser raises whatever a hostile document makes it stumble over
        raise NotAFeedError("cannot be read") from error
    if not parsed.entries and not parsed.version:
        raise NotAFeedError("neither RSS, Atom nor JSON Feed")
    items = [_xml_item(entry) for entry in parsed.entries]
    faults = 0
    if parsed.bozo:
        marks = _ENTRY.findall(text)
        if marks and marks[-1] == "":
            # The document breaks off within its last entry: half an entry would be another one, without its id.
            del items[-1:]
        faults = max(0, marks.count("") - len(items))
    return items, parsed.feed.get("language"), faults


def _referred(reference: re.Match[str]) -> str:
    """A reference to a character that XML does not have, which the parser would stumble over, as U+FFFD."""
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    allowed = code <= 0x10FFFF and not _NOT_XML.match(chr(code))
    return reference[0] if allowed else "\ufffd"


def _xml_item(entry: dict[str, Any]) -> _Item:
    bodies = [*entry.get("content", []), entry.get("summary_detail")]
    return _Item(
        id=entry.get("id"),
        link=entry.get("link"),
        title=_detail(entry.get("title_detail")),
        bodies=[_detail(body) for body in bodies],
        author=entry.get("author"),
        when=_xml_date(entry),
        replies=_count(entry.get("slash_comments")),
    )


def _detail(detail: Any) -> tuple[str, bool]:
    if not isinstance(detail, Mapping) or not isinstance(detail.get("value"), str):
        return "", False
    return detail["value"], detail.get("type") != "text/plain"


def _xml_date(entry: dict[str, Any]) -> datetime | None:
    for key in ("published_parsed", "updated_parsed", "created_parsed"):
        # dict's own get: that of feedparser's class makes keys up, and warns of it.
        if parsed := dict.get(entry, key):
            try:
                return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
            except (ValueError, OverflowError, OSError):
                continue
    return None


def _count(value: Any) -> int | None:
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}", value) else None


# ------------------------------------------------------------------ JSON Feed (jsonfeed.org, versions 1 and 1.1)


def _json_items(text: str) -> tuple[list[_Item], str | None, int]:
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError):
        raise NotAFeedError("JSON that cannot be read") from None
    items = feed.get("items")
    if "jsonfeed.org/version/" not in str(feed.get("version")) or not isinstance(items, list):
        raise NotAFeedError("JSON, but no JSON Feed")
    good = [_json_item(item) for item in items if isinstance(item, dict)]
    language = feed.get("language")
    return good, language if isinstance(language, str) else None, len(items) - len(good)


def _json_item(item: Mapping[str, Any]) -> _Item:
    authors = item.get("authors")
    author = authors[0] if isinstance(authors, list) and authors else item.get("author")
    bodies = [(item.get(key), key == "content_html") for key in ("content_text", "content_html", "summary")]
    title = item.get("title")
    return _Item(
        id=item.get("id"),
        link=item.get("url"),
        title=(title if isinstance(title, str) else "", False),
        bodies=[(text, is_html) for text, is_html in bodies if isinstance(text, str)],
        author=author.get("name") if isinstance(author, dict) else None,
        when=_json_date(item.get("date_published")) or _json_date(item.get("date_modified")),
    )


def _json_date(value: Any) -> datetime | None:
    try:
        when = datetime.fromisoformat(value) if isinstance(value, str) else None
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC) if when else None
    except (ValueError, OverflowError):
        return None
