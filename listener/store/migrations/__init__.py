"""The database's history, one file a version; run by `listener.store.schema`."""
