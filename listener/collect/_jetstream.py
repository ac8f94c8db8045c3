"""What Jetstream says, read purely: one JSON event in, at most one event of ours out.

The format is that of https://github.com/bluesky-social/jetstream (v1, `/subscribe`): every event has `did`, `time_us`
(microseconds since 1970, about but not strictly rising) and `kind`; a `commit` has `operation`, `collection`, `rkey`
and, unless it is a delete, the `record` as https://atproto.com defines it (app.bsky.feed.post).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from listener.collect._platform import MalformedError, Origin
from listener.collect._words import Words
from listener.text.clean import storable
from listener.types import Deletion, Mention

POSTS: Final = "app.bsky.feed.post"
MAX_EVENT_BYTES: Final = 1_000_000
"""A post is at most some kilobytes; what is larger is no post and is not asked for."""

_DID = re.compile(r"did:[a-z0-9]+:[A-Za-z0-9._:%-]{1,256}")
_RKEY = re.compile(r"[A-Za-z0-9._~:-]{1,512}")
_LANG = re.compile(r"[A-Za-z]{2,3}(?=$|[-_])")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_OLDEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_AHEAD: Final = timedelta(minutes=5)
_SILENT_KINDS: Final = frozenset({"identity", "account"})


class Filter:
    """Which posts are wanted: one of `words` by the rules of brand matching (none: any text), and, where a post
    declares its languages, one of `languages` (none: any)."""

    def __init__(self, words: Iterable[str] = (), languages: Iterable[str] = ()) -> None:
        self._words = Words(words)
        self._languages = frozenset(primary(lang) for lang in languages) - {None}

    def wants(self, text: str, languages: Sequence[str]) -> bool:
        """`languages` are primary subtags."""
        if self._languages and languages and self._languages.isdisjoint(languages):
            return False
        return self._words.within(text)


def subscription(endpoint: str, cursor: int | None) -> str:
    """The address to open: `endpoint` with what we want to hear, from `cursor` (time_us) on or, if None, live."""
    parts = urlsplit(endpoint)
    ours = {"wantedCollections": POSTS, "maxMessageSizeBytes": str(MAX_EVENT_BYTES)}
    if cursor is not None:
        ours["cursor"] = str(cursor)
    kept = [(key, value) for key, value in parse_qsl(parts.query) if key not in {"cursor", "compress", *ours}]
    path = parts.path if parts.path.strip("/") else "/subscribe"
    return urlunsplit(parts._replace(path=path, query=urlencode([*kept, *ours.items()]), fragment=""))


def decode(raw: bytes | str, place: str) -> tuple[dict[str, Any], int]:
    """One message as an event and its `time_us`. Raises MalformedError."""
    try:
        event = json.loads(raw)
    except (ValueError, RecursionError):
        raise MalformedError(place, "not JSON") from None
    if not isinstance(event, dict):
        raise MalformedError(place, "not an object")
    time_us = event.get("time_us")
    if type(time_us) is not int or not 0 < time_us < 1 << 53:
        raise MalformedError(place, "no valid time_us")
    return event, time_us


def read(event: Mapping[str, Any], time_us: int, origin: Origin, wanted: Filter) -> Mention | Deletion | None:
    """What an event means for us: a post that is wanted, the deletion of any post, or nothing.

    The deletion or takedown of a whole account says nothing of the single posts and is not covered here. Raises
    MalformedError.
    """
    kind = event.get("kind")
    if kind != "commit":
        if isinstance(kind, str) and kind in _SILENT_KINDS:
            return None
        raise MalformedError(f"time_us {time_us}", "unknown kind of event")
    commit = event.get("commit")
    if not isinstance(commit, dict):
        raise MalformedError(f"time_us {time_us}", "a commit without content")
    if commit.get("collection") != POSTS:
        return None
    native_id = _native_id(event.get("did"), commit.get("rkey"), time_us)
    if commit.get("operation") == "delete":
        return Deletion(source=origin.source, native_id=native_id, at=_moment(time_us))
    record = _record(commit, native_id)
    languages = _languages(record.get("langs"))
    text = storable(record["text"])
    return _mention(native_id, text, record, languages, time_us, origin) if wanted.wants(text, languages) else None


def primary(language: str) -> str | None:
    """The primary subtag of a language tag in lower case ("zh-Hant" is "zh"), or None."""
    match = _LANG.match(language)
    return match[0].lower() if match else None


def _record(commit: Mapping[str, Any], native_id: str) -> Mapping[str, Any]:
    if commit.get("operation") not in ("create", "update"):
        raise MalformedError(native_id, "unknown operation")
    record = commit.get("record")
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        raise MalformedError(native_id, "a post without text")
    return record


def _mention(
    native_id: str, text: str, record: Mapping[str, Any], languages: Sequence[str], time_us: int, origin: Origin
) -> Mention:
    did, _, rkey = native_id.removeprefix("at://").split("/")
    return Mention(
        source=origin.source,
        native_id=native_id,
        text=text,
        posted_at=_posted_at(record.get("createdAt"), _moment(time_us)),
        author=did,
        url=f"https://bsky.app/profile/{did}/post/{rkey}",
        lang=languages[0] if languages else None,
        channel=origin.channel,
        parent_id=_post_at(record.get("reply"), "parent"),
        thread_id=_post_at(record.get("reply"), "root"),
        brands=origin.brands,
    )


def _native_id(did: object, rkey: object, time_us: int) -> str:
    if isinstance(did, str) and isinstance(rkey, str) and _DID.fullmatch(did) and _RKEY.fullmatch(rkey):
        return f"at://{did}/{POSTS}/{rkey}"
    raise MalformedError(f"time_us {time_us}", "no valid did and rkey")


def _post_at(reply: object, end: str) -> str | None:
    """The post at one end of a reply; a broken reference is left out, the post itself is good."""
    place = reply.get(end) if isinstance(reply, dict) else None
    uri = place.get("uri") if isinstance(place, dict) else None
    return storable(uri) if isinstance(uri, str) and uri.startswith("at://") and len(uri) <= 1000 else None


def _languages(langs: object) -> list[str]:
    given = langs if isinstance(langs, list) else []
    return [code for lang in given if isinstance(lang, str) and (code := primary(lang))]


def _posted_at(created: object, received: datetime) -> datetime:
    """The author's own time, unless it is missing, unreadable, absurd or ahead of its arrival."""
    try:
        claimed = datetime.fromisoformat(created) if isinstance(created, str) else received
        claimed = claimed.replace(tzinfo=claimed.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return received
    return claimed if _OLDEST <= claimed <= received + _AHEAD else received


def _moment(time_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=time_us)
