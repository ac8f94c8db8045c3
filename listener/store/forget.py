"""Letting go of a post, because its platform says so or it is too old: the text goes everywhere, the case stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from listener.store.alerts import Alerts
from listener.store.copies import Copies
from listener.store.forget_words import forget_words
from listener.store.mentions import Mentions
from listener.store.rows import MentionRow, compose
from listener.store.search import Search
from listener.store.verdicts import Verdicts
from listener.text.copies import normalise, signatures


def forget(
    connection: Connection,
    stored: Sequence[MentionRow],
    now: datetime,
    actor: str = "platform",
    kind: str = "deleted",
) -> int:
    """Wipe these mentions, given as they are stored, and leave tombstones; how many were there to wipe.

    Text, title, author and address, earlier versions, evidence, search terms, copy keys and the words that triage knew
    it by go; a tombstone keeps a later replay from bringing the post back. `actor` and `kind` go into the history of
    its alert. What the search index still has in its pages goes with `Store.scrub`.
    """
    texts = [(row.id, compose(row.title, row.text)) for row in stored]
    if not texts:
        return 0
    ids = [mention_id for mention_id, _ in texts]
    keys = signatures([normalise(text) for _, text in texts])
    search, mentions = Search(connection), Mentions(connection)
    search.remove(texts)
    search.ask_to_wipe(now)
    Copies(connection).remove((key, one) for one, own in zip(ids, keys, strict=True) for key in own)
    Verdicts(connection).drop_evidence(ids)
    Alerts(connection).tell(ids, actor, kind, now)
    forget_words(connection, stored, now)
    return mentions.blank(ids, now)
