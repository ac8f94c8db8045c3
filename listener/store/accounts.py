"""Accounts and who is signed in. Passwords come here hashed, session tokens too."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select, update

from listener.store.desk_tables import sessions, users
from listener.store.rows import AccountRow

_COLUMNS: Final = tuple(users.c[field.name] for field in fields(AccountRow))


class Accounts:
    """Statements on the tables `users` and `sessions`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, name: str) -> AccountRow | None:
        row = self._connection.execute(select(*_COLUMNS).where(users.c.name == name)).one_or_none()
        return None if row is None else AccountRow(**row._mapping)

    def all(self) -> tuple[AccountRow, ...]:
        rows = self._connection.execute(select(*_COLUMNS).order_by(users.c.name))
        return tuple(AccountRow(**row._mapping) for row in rows)

    def add(self, name: str, role: str, password: str | None, now: datetime, *, must_change: bool = False) -> bool:
        """A new account; False if there is one of that name."""
        if self.get(name) is not None:
            return False
        values = {"name": name, "role": role, "password": password, "must_change": must_change, "created_at": now}
        self._connection.execute(insert(users), {**values, "failures": 0})
        return True

    def change(self, name: str, **values: Any) -> bool:
        """Set columns of an account; False if there is none of that name."""
        return self._connection.execute(update(users).where(users.c.name == name).values(**values)).rowcount == 1

    # -------------------------------------------------------------- sessions

    def begin_session(self, token_sha256: str, name: str, now: datetime, expires_at: datetime) -> None:
        values = {"token_sha256": token_sha256, "name": name, "created_at": now, "seen_at": now}
        self._connection.execute(insert(sessions), {**values, "expires_at": expires_at})

    def session(self, token_sha256: str, now: datetime, idle_since: datetime) -> tuple[AccountRow, datetime] | None:
        """Whose session, and when it was last used, if it still holds: not over, not idle, the account not disabled."""
        statement = (
            select(*_COLUMNS, sessions.c.seen_at.label("last_used_at"))
            .join(sessions, sessions.c.name == users.c.name)
            .where(sessions.c.token_sha256 == token_sha256, sessions.c.expires_at > now)
            .where(sessions.c.seen_at > idle_since, users.c.disabled_at.is_(None))
        )
        row = self._connection.execute(statement).one_or_none()
        if row is None:
            return None
        values = dict(row._mapping)
        last_used_at: datetime = values.pop("last_used_at")
        return AccountRow(**values), last_used_at

    def seen(self, token_sha256: str, now: datetime) -> None:
        self._connection.execute(update(sessions).where(sessions.c.token_sha256 == token_sha256).values(seen_at=now))

    def end_session(self, token_sha256: str) -> bool:
        return self._connection.execute(delete(sessions).where(sessions.c.token_sha256 == token_sha256)).rowcount == 1

    def end_sessions(self, name: str) -> int:
        """Sign an account out everywhere; how many sessions there were."""
        return self._connection.execute(delete(sessions).where(sessions.c.name == name)).rowcount

    def drop_over(self, now: datetime) -> int:
        """Forget sessions whose time is over; how many."""
        return self._connection.execute(delete(sessions).where(sessions.c.expires_at <= now)).rowcount
