"""What the board shows: the queue, what to filter it by, and one case with its surroundings."""

from __future__ import annotations

from listener.desk.acts import present
from listener.errors import NoSuchAlertError
from listener.store import Store
from listener.store.queue import split_spans
from listener.store.rows import Case, Facets, MentionRow, QueueFilter, QueuePage
from listener.store.store import Tx


def queue(store: Store, query: QueueFilter) -> QueuePage:
    """One page of the alerts that the filter finds, as they are now."""
    with store.read() as tx:
        return tx.queue.page(query)


def facets(store: Store) -> Facets:
    """Values of open and claimed alerts to filter by, with counts."""
    with store.read() as tx:
        return tx.queue.facets()


def case(store: Store, alert_id: int) -> Case:
    """One alert with all that a responder needs to judge it. Raises NoSuchAlertError."""
    with store.read() as tx:
        alert = present(tx, alert_id)
        mention = tx.mentions.get(alert.mention_id)
        if mention is None:
            raise NoSuchAlertError(alert_id)
        spans = [(span.start, span.end, span.weight) for span in tx.verdicts.spans(mention.id)]
        title_evidence, evidence = split_spans(spans, mention.title, len(mention.text))
        group = mention.copy_group
        return Case(
            alert=alert,
            mention=mention,
            versions=tx.mentions.versions(mention.id),
            title_evidence=title_evidence,
            evidence=evidence,
            parent=_parent(tx, mention),
            replies=tuple(tx.mentions.replies_to(mention)),
            others=tuple(tx.mentions.others_by_author(mention)),
            engagement=tx.engagements.series(mention.id),
            history=tx.events.of(alert_id),
            notes=tx.cases.notes(alert_id),
            copy_group_size=1 if group is None else tx.mentions.group_sizes([group]).get(group, 1),
            folded=tx.mentions.folded_count(mention.id),
            incident=_incident(tx, alert.incident_id),
        )


def _incident(tx: Tx, incident_id: int | None) -> str | None:
    return tx.incidents.titles([incident_id]).get(incident_id) if incident_id is not None else None


def _parent(tx: Tx, mention: MentionRow) -> MentionRow | None:
    """What it answers, else what its thread began with, where that is stored."""
    for native_id in (mention.parent_id, mention.thread_id):
        if native_id and native_id != mention.native_id:
            found = tx.mentions.known([(mention.source, native_id)])
            if found:
                return found[(mention.source, native_id)]
    return None
