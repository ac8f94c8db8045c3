"""A mailbox that customers write to (support@…), read over IMAP; nothing in it is changed or marked as read.

Answers by machines (out of office, bounces, lists) are dropped and counted; of an answer only its own words are kept,
not what it quotes. The checkpoint is `{"validity": UIDVALIDITY, "uid": the last letter's}`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from listener.collect._api import credential
from listener.collect._letter import read_letter
from listener.collect._mailbox import Mailbox, number
from listener.collect._platform import MalformedError
from listener.errors import AuthError, ForbiddenAddressError
from listener.settings import Duration, SourceOptions
from listener.types import Checkpoint, Event, Mention, Rejection

BATCH: Final = 20
"""Letters between two Checkpoints."""
NEWEST: Final = 50
"""So many letters the very first pass reads whatever their age."""
MAX_LETTERS: Final = 2000
"""Of one pass."""


def _server(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("imaps", "imap") or not parts.hostname or "@" in parts.netloc or parts.path.strip("/"):
        raise ValueError("an address such as imaps://imap.example.org")
    return value.rstrip("/")


class Options(SourceOptions):
    """`endpoint`: imaps://HOST[:PORT]; imap:// only where [network] allow names it."""

    endpoint: Annotated[str, AfterValidator(_server)]
    username: Annotated[str, Field(min_length=1, max_length=200)]
    password_env: str | None = None
    password_file: str | None = None
    folder: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[\x20-\x7e]+$")] = "INBOX"
    every: Duration = timedelta(minutes=2)
    backfill: Duration = timedelta(days=7)
    """How far back the very first pass reaches."""
    channel: str | None = "mail"
    allow: tuple[str, ...] = ()


def collect(options: Options, checkpoint: Mapping[str, Any] | None) -> Iterator[Event]:
    """Read what has come since. Raises AuthError, UnreachableError, GoneError (no such folder), PayloadError."""
    password = credential(options.name, "password", env=options.password_env, file=options.password_file)
    if password is None:
        raise AuthError(options.name, "no password is set", hint="Set password_env.")
    with _opened(options) as mailbox:
        mailbox.sign_in(options.username, password)
        validity = mailbox.open(options.folder)
        yield from _news(mailbox, options, validity, checkpoint or {})


def _opened(options: Options) -> Mailbox:
    parts = urlsplit(options.endpoint)
    tls = parts.scheme == "imaps"
    host, port = parts.hostname or "", parts.port or (993 if tls else 143)
    if not tls and f"{host}:{port}" not in options.allow:
        hint = f'Use imaps://, or add "{host}:{port}" to [network] allow.'
        raise ForbiddenAddressError(options.name, f"{host} would get the password without encryption", hint=hint)
    return Mailbox(options.name, host, port, tls=tls, allow=options.allow)


def _news(mailbox: Mailbox, options: Options, validity: int, saved: Mapping[str, Any]) -> Iterator[Event]:
    last = number(saved.get("uid")) if saved.get("validity") == validity else 0
    since = datetime.now(UTC) - options.backfill
    criteria = ("UID", f"{last + 1}:*") if last else ("SINCE", since.strftime("%d-%b-%Y"))
    # "n:*" always gives the last letter too, even if it is older.
    uids = [uid for uid in mailbox.search(*criteria) if uid > last][:MAX_LETTERS]
    if not last and len(uids) < NEWEST:
        uids = mailbox.search("ALL")[-NEWEST:]
    for read, (uid, raw) in enumerate(mailbox.letters(uids), 1):
        event = _event(raw, uid, options)
        if event is not None:
            yield event
        last = uid
        if read % BATCH == 0:
            yield _mark(options, validity, last)
    yield _mark(options, validity, uids[-1] if uids else last)


def _mark(options: Options, validity: int, uid: int) -> Checkpoint:
    return Checkpoint(source=options.name, value={"validity": validity, "uid": uid})


def _event(raw: bytes, uid: int, options: Options) -> Event | None:
    try:
        letter = read_letter(raw)
    except MalformedError as error:
        return Rejection(source=options.name, place=f"letter {uid}", reason=str(error))
    if letter is None:
        return Rejection(source=options.name, place=f"letter {uid}", reason="written by a machine")
    now = datetime.now(UTC)
    return Mention(
        source=options.name,
        native_id=letter.native_id,
        text=letter.text,
        title=letter.title,
        posted_at=min(letter.posted_at or now, now),
        author=letter.author,
        channel=options.channel,
        parent_id=letter.parent_id,
        thread_id=letter.thread_id,
        brands=(options.brand,) if options.brand else (),
    )
