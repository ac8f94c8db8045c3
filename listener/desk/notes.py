"""What people write about a case for each other."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from listener.desk.acts import present
from listener.desk.authorise import Actor, audit, permit
from listener.errors import UsageError
from listener.store import Store
from listener.store.rows import NoteRow
from listener.text.clean import clean

MAX_NOTE: Final = 10_000


def tidy_note(text: str) -> str:
    """A note as it is stored, perhaps empty. Raises UsageError for one longer than MAX_NOTE characters."""
    text = clean(text).strip()
    if len(text) > MAX_NOTE:
        raise UsageError(f"a note has up to {MAX_NOTE} characters, not {len(text)}")
    return text


def add_note(store: Store, alert_id: int, actor: Actor, now: datetime, text: str) -> NoteRow:
    """Keep a note of up to MAX_NOTE characters. Raises UsageError for an empty or longer one, NoSuchAlertError."""
    permit(store, actor, "note", now, alert_id)
    text = tidy_note(text)
    if not text:
        raise UsageError("a note has at least one character")
    with store.write() as tx:
        present(tx, alert_id)
        note = tx.cases.add_note(alert_id, actor.name, text, now)
        tx.events.add(alert_id, now, actor.name, "noted", {"note": note})
        tx.cases.touch(alert_id, actor.name, now)
        audit(tx, actor, "note", now, alert_id, {"note": note})
    return NoteRow(id=note, alert_id=alert_id, at=now, author=actor.name, text=text)
