"""The desk: what people do to alerts, a module a verb group; each act is one transaction with its line of history.

claim · release · resolve · dismiss · reopen · follow_up · undo · add_note      queue · facets · case

More verbs lie in their modules: handing (offer, accept, decline, assign), holding (keep, snooze, wake), turning
(replied, wait, heard, drafts), by_hand, bulk, looking, routing, accounts, incidents; tending is what the desk does by
itself.
"""

from listener.desk.authorise import Actor, authorise
from listener.desk.closing import dismiss, follow_up, reopen, resolve
from listener.desk.holding import claim, release
from listener.desk.notes import add_note
from listener.desk.reading import case, facets, queue
from listener.desk.undoing import undo
from listener.store.rows import Case, Facets, QueueFilter, QueuePage, QueueRow

__all__ = [
    "Actor",
    "Case",
    "Facets",
    "QueueFilter",
    "QueuePage",
    "QueueRow",
    "add_note",
    "authorise",
    "case",
    "claim",
    "dismiss",
    "facets",
    "follow_up",
    "queue",
    "release",
    "reopen",
    "resolve",
    "undo",
]
