"""How alembic runs our migrations: on the connection and in the transaction that it is handed."""

from __future__ import annotations

from alembic import context

from listener.store import desk_tables, incident_tables  # noqa: F401 - register their tables
from listener.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    transaction_per_migration=False,
    render_as_batch=True,
)
context.run_migrations()
