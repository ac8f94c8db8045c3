"""The database: the only place where SQL is spoken.

    store = Store.open(path)
    with store.read() as tx: ...      # one moment, never waits
    with store.write() as tx: ...     # kept whole at the end, or undone whole

`tx.mentions`, `tx.search`, `tx.verdicts`, `tx.alerts`, … hold one statement a named method; `rows.py` has what they
return. Every stage of the pipeline reads its own unfinished rows and writes its result in one transaction.
"""

from listener.store.store import Store, Tx

__all__ = ["Store", "Tx"]
