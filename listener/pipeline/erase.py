"""Erasing an author: every trace of what one person wrote, down to the file's bytes. What is held by law stays."""

from __future__ import annotations

import hashlib
import re
import time
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from listener.errors import UsageError
from listener.store import Store, Tx
from listener.store.erasure import Written
from listener.store.exports import ExportRow
from listener.store.rows import MentionRow
from listener.text.brands import fold, stands_alone
from listener.text.copies import author_key, handle, normalise

QUOTED: Final = 16
"""So many characters in a row, without spaces and punctuation, that stand in a note too are a quotation."""
WIPE_S: Final = 60.0
"""How long a running reader is waited for until the file is written anew."""
PENDING: Final = "erase.pending"
"""In the store's state: true while the file still has to be written anew."""


class _DryRun(Exception):
    """Undoes what was tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What was erased, or would be; `notes`: notes, drafts and replies of colleagues.

    `held`: posts that stay, by hold. `exports`: what was handed out since the first of these posts came; of those that
    still lie in the home `erased_rows` were taken out, the others are for people to erase. `wiped`: whether the file's
    bytes are gone too, None in a dry run.
    """

    posts: int
    labels: int
    notes: int
    cases: int
    held: dict[int, int]
    exports: list[dict[str, Any]]
    mentioned_by_others: int
    wiped: bool | None


def erase_author(
    store: Store, author: str, source: str | None, who: str, now: datetime, *, dry_run: bool = False
) -> Erasure:
    """Erase all that an author wrote, in one source or in all. Doing it twice changes nothing more.

    Raises UsageError for a name that many people share, StoreError.
    """
    if author_key(author) is None:
        raise UsageError(
            "this is no name of one person: nobody could tell whose posts are meant",
            hint="Give the handle as the platform writes it.",
        )
    found: tuple[Erasure, set[str]] | None = None
    try:
        with store.write() as tx:
            found = _erase(tx, author, source, who, now, dry_run=dry_run)
            if dry_run:
                raise _DryRun
    except _DryRun:
        assert found is not None
        return found[0]
    done, hashes = found
    exports = [{**one, "erased_rows": _prune(one, store.path.parent, hashes)} for one in done.exports]
    return replace(done, exports=exports, wiped=wipe(store))


def _prune(export: Mapping[str, Any], home: Path, hashes: set[str]) -> int:
    """Take the rows of these texts out of an export that still lies in the home; how many."""
    file = Path(export["file"])
    if export["kind"] not in _BY_HASH or not file.is_relative_to(home) or not file.is_file():
        return 0
    kept, gone = [], 0
    with file.open(encoding="utf-8", newline="") as lines:
        for line in lines:
            if hashes & set(_HASH.findall(line)):
                gone += 1
            else:
                kept.append(line)
    if gone:
        with file.open("r+", encoding="utf-8", newline="") as place:
            place.writelines(kept)
            place.truncate()
    return gone


_BY_HASH: Final = ("labels", "texts", "sample")
"""Exports whose lines carry the hash of the text that they are about."""
_HASH: Final = re.compile(r"\b[0-9a-f]{64}\b")


def wipe(store: Store, seconds: float = WIPE_S) -> bool:
    """Write the file anew if something was erased since the last time; False if a reader keeps the old pages."""
    with store.read() as tx:
        pending = tx.state.get(PENDING)
    if not pending:
        return True
    deadline = time.monotonic() + seconds
    while not store.scrub():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    clean = store.compact()
    while not clean and time.monotonic() < deadline:
        time.sleep(0.05)
        clean = store.empty_log()
    if clean:
        with store.write() as tx:
            tx.state.drop(PENDING)
    return clean


def _erase(
    tx: Tx, author: str, source: str | None, who: str, now: datetime, *, dry_run: bool
) -> tuple[Erasure, set[str]]:
    rows = tx.erasure.posts_of(author, source)
    held = tx.holds.of(rows)
    going = [row for row in rows if row.id not in held]
    ids = [row.id for row in going]
    versions = tx.erasure.versions(ids)
    hashes = {row.text_sha256 for row in going if row.text_sha256} | _hashes(versions.values())
    cases = tx.erasure.alerts_of(ids)
    texts = [text for said in versions.values() for text in said]
    # Who is held may still have to be found in what colleagues wrote.
    name = None if held else author
    notes = [one for one in tx.erasure.written() if one.text.strip() and _tells(one, name, texts, cases)]
    labels = tx.erasure.drop_labels(hashes)
    exports = [_export(one) for one in tx.exports.all(min((row.collected_at for row in rows), default=now))]
    _let_go(tx, going, author, notes, now, whole=not held and source is None)
    if (going or notes) and not dry_run:
        tx.audit.add(now, who, "operator", "erase", None, {"mentions": ids, "labels": labels, "notes": len(notes)})
        tx.state.put(PENDING, True, now)
    done = Erasure(
        posts=len(going),
        labels=labels,
        notes=len(notes),
        cases=len(cases),
        held={hold: list(held.values()).count(hold) for hold in sorted(set(held.values()))},
        exports=exports if rows else [],
        mentioned_by_others=len(tx.search.find(handle(author), 1000)),
        wiped=None,
    )
    return done, hashes


def _let_go(
    tx: Tx, rows: Sequence[MentionRow], author: str, notes: Collection[Written], now: datetime, *, whole: bool
) -> None:
    """Everything in its place; `whole`: no post of this author stays."""
    ids = [row.id for row in rows]
    tx.forget([row for row in rows if row.deleted_at is None], now, "listener", "erased")
    tx.rechecks.drop(ids)
    tx.erasure.drop_counts(ids)
    tx.erasure.blank(notes)
    tx.erasure.rename(rows, now)
    if ids:
        tx.erasure.plain_titles(ids, author)
    if whole:
        tx.holds.forget_author(author)


def _hashes(said: Iterable[Sequence[str]]) -> set[str]:
    """The keys under which these texts may be labelled."""
    texts = {unicodedata.normalize("NFC", text) for versions in said for text in versions}
    return {hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() for text in texts}


def _tells(note: Written, name: str | None, texts: Sequence[str], cases: Collection[int]) -> bool:
    """Whether a note is about a case of the author, holds their name, or quotes them."""
    if note.alert_id in cases or (name is not None and _names(fold(note.text), handle(name))):
        return True
    said = normalise(note.text)
    return any(_quotes(said, normalise(text)) for text in texts)


def _names(note: str, name: str) -> bool:
    """Whether the name stands there as a word of its own, by the rules of its script."""
    found = re.finditer(re.escape(name), note)
    return any(stands_alone(note, hit.start(), hit.end()) for hit in found)


def _quotes(note: str, text: str) -> bool:
    if len(text) < QUOTED:
        return len(text) >= QUOTED // 2 and text in note
    windows = {note[at : at + QUOTED] for at in range(len(note) - QUOTED + 1)}
    return any(text[at : at + QUOTED] in windows for at in range(len(text) - QUOTED + 1))


def _export(row: ExportRow) -> dict[str, Any]:
    return {
        "at": row.at.isoformat(),
        "who": row.who,
        "kind": row.kind,
        "rows": row.rows,
        "file": row.file,
        "erased_rows": 0,
    }
