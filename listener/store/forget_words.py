"""Words of deleted posts leave what early detection keeps: triage's memory, titles of incidents, why alarms rang."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from listener.store.incidents import Incidents
from listener.store.mentions import Mentions
from listener.store.rows import MentionRow, compose
from listener.store.triage_states import TriageStates
from listener.triage.incidents.forget import forget
from listener.triage.incidents.titles import cause_of, title_of
from listener.triage.incidents.words import describe
from listener.triage.surges import saved
from listener.types import LANGUAGES


def forget_words(connection: Connection, stored: Sequence[MentionRow], now: datetime) -> None:
    """Let go of the words of these mentions, given as they are stored."""
    ids = [row.id for row in stored]
    words = {
        word for row in stored for lang in LANGUAGES for word in describe(compose(row.title, row.text), lang).words
    }
    incidents = Incidents(connection)
    for incident in incidents.of_mentions(ids):
        incidents.drop_words(incident, words)
    states = TriageStates(connection)
    concerned = {brand for found in Mentions(connection).brands(ids).values() for brand in found}
    for name, value in (states.load(concerned) if concerned else {}).items():
        try:
            brand, changed = forget(saved.from_plain(value["brand"]), {str(mention_id) for mention_id in ids})
        except (KeyError, TypeError, ValueError):  # another version's: it is not read any more, so it may go whole
            states.save(name, {"version": 0}, now)
            continue
        states.save(name, {**value, "brand": saved.to_plain(brand)}, now)
        for one in changed:
            if (row := incidents.find(name, one.number)) is not None:
                incidents.retitle(row.id, title_of(one), cause_of(one))
