"""Accounts with a password: made, changed and disabled by an admin or on the command line; signing in and out.

A password is kept as an argon2id hash (RFC 9106, the library's defaults), a session as the hash of its random token.
After five wrong passwords an account is locked for a quarter of an hour, each further one doubles that, up to a day.
A name that does not exist takes as long and is answered in the same words as a wrong password.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from datetime import datetime, timedelta
from typing import Final

from listener.desk.authorise import MAX_NAME, Actor, audit, permit
from listener.errors import SignInError, UsageError
from listener.settings import Role
from listener.settings.work import ROLES
from listener.store import Store, Tx
from listener.store.columns import EPOCH
from listener.store.rows import AccountRow

OWNER: Final = "owner"
"""The account of whoever sits at this machine; it has no password and works from here only."""

SHORTEST: Final = 12
LONGEST: Final = 200
_TRIES: Final = 5
_LOCK: Final = timedelta(minutes=15)
_LONGEST_LOCK: Final = timedelta(days=1)
_SEEN_EVERY: Final = timedelta(minutes=1)
_AT_ONCE: Final = threading.BoundedSemaphore(2)
"""A hash takes 64 MiB for a moment: many at once would be a way to stop the machine."""

_WRONG: Final = "this name and password do not fit"


def add(store: Store, actor: Actor, name: str, role: str, now: datetime) -> str:
    """A new account; its password for the first time, to be changed then. Raises UsageError, NotAllowedError."""
    permit(store, actor, "users", now)
    name = " ".join(name.split())
    if not name or not name.isprintable() or len(name) > MAX_NAME:
        raise UsageError("an account's name has 1 to 200 printable characters")
    password = secrets.token_urlsafe(12)
    with store.write() as tx:
        if not tx.accounts.add(name, _known_role(role), hash_of(password), now, must_change=True):
            raise UsageError(
                f"there is an account {name!r} already", hint="Choose another name, or: listener users reset"
            )
        audit(tx, actor, "users", now, data={"account": name, "did": "add", "role": role})
    return password


def set_role(store: Store, actor: Actor, name: str, role: str, now: datetime) -> None:
    """Give an account another role, from its next act on. Raises UsageError, NotAllowedError."""
    permit(store, actor, "users", now)
    with store.write() as tx:
        if not tx.accounts.change(name, role=_known_role(role)):
            raise _no_such(name)
        audit(tx, actor, "users", now, data={"account": name, "did": "role", "role": role})


def disable(store: Store, actor: Actor, name: str, now: datetime) -> None:
    """Shut an account and sign it out everywhere. Raises UsageError, NotAllowedError."""
    permit(store, actor, "users", now)
    with store.write() as tx:
        if not tx.accounts.change(name, disabled_at=now):
            raise _no_such(name)
        tx.accounts.end_sessions(name)
        audit(tx, actor, "users", now, data={"account": name, "did": "disable"})


def reset(store: Store, actor: Actor, name: str, now: datetime) -> str:
    """A new password for the next time, the lock lifted, all sessions ended; opens a disabled account again."""
    permit(store, actor, "users", now)
    password = secrets.token_urlsafe(12)
    values = {"password": hash_of(password), "must_change": True, "failures": 0, "locked_until": None}
    with store.write() as tx:
        if name == OWNER or not tx.accounts.change(name, disabled_at=None, **values):
            raise _no_such(name)
        tx.accounts.end_sessions(name)
        audit(tx, actor, "users", now, data={"account": name, "did": "reset"})
    return password


def accounts(store: Store, actor: Actor, now: datetime) -> tuple[AccountRow, ...]:
    """All accounts. Raises NotAllowedError."""
    permit(store, actor, "users", now)
    with store.read() as tx:
        return tx.accounts.all()


def make_owner(store: Store, now: datetime) -> None:
    """The local owner's account, at the first start of a board that answers this machine only."""
    with store.read() as tx:
        if tx.accounts.get(OWNER) is not None:
            return
    with store.write() as tx:
        if tx.accounts.add(OWNER, "admin", None, now):
            tx.audit.add(now, "listener", "operator", "users", None, {"account": OWNER, "did": "add", "role": "admin"})


# ------------------------------------------------------------------ signing in


def sign_in(store: Store, name: str, password: str, now: datetime, *, lasts: timedelta) -> str:
    """A session's token, for one browser. Raises SignInError."""
    with store.read() as tx:
        account = tx.accounts.get(name)
    if account is not None and account.locked_until is not None and account.locked_until > now:
        raise SignInError("too many wrong passwords: this account is locked for a while", hint="Try again later.")
    right = _fits(account, password)
    if account is not None:
        with store.write() as tx:
            if right:
                return _begin(tx, account, now, now + lasts)
            _fail(tx, name, now)
    raise SignInError(_WRONG)


def _begin(tx: Tx, account: AccountRow, now: datetime, until: datetime) -> str:
    token = secrets.token_urlsafe(32)
    tx.accounts.change(account.name, failures=0, locked_until=None, seen_at=now)
    tx.accounts.drop_over(now)
    tx.accounts.begin_session(digest(token), account.name, now, until)
    tx.audit.add(now, account.name, account.role, "sign-in", None, {})
    return token


def _fail(tx: Tx, name: str, now: datetime) -> None:
    account = tx.accounts.get(name)
    if account is None:
        return
    failures = account.failures + 1
    lock = min(_LOCK * 2 ** min(max(0, failures - _TRIES), 10), _LONGEST_LOCK)
    locked = now + lock if failures >= _TRIES else None
    tx.accounts.change(name, failures=failures, locked_until=locked)
    if locked:
        tx.audit.add(now, name, account.role, "locked-out", None, {"failures": failures})


def session(store: Store, token: str, now: datetime, *, idle: timedelta) -> AccountRow | None:
    """Whose session this token is, if it still holds; looking keeps it from ending for want of use."""
    key = digest(token)
    with store.read() as tx:
        found = tx.accounts.session(key, now, now - idle)
    if found is None:
        return None
    account, seen_at = found
    if seen_at < now - _SEEN_EVERY:
        with store.write() as tx:
            tx.accounts.seen(key, now)
            tx.accounts.change(account.name, seen_at=now)
    return account


def sign_out(store: Store, token: str, now: datetime) -> None:
    with store.write() as tx:
        found = tx.accounts.session(digest(token), now, EPOCH)
        if tx.accounts.end_session(digest(token)) and found is not None:
            tx.audit.add(now, found[0].name, found[0].role, "sign-out", None, {})


def change_password(store: Store, name: str, old: str, new: str, now: datetime) -> None:
    """Set one's own password; all other sessions end. Raises SignInError, UsageError."""
    with store.read() as tx:
        account = tx.accounts.get(name)
    if not _fits(account, old) or account is None:
        raise SignInError("the present password is another one")
    if not SHORTEST <= len(new) <= LONGEST:
        raise UsageError(f"a password has {SHORTEST} to {LONGEST} characters")
    if new == old or name.casefold() in new.casefold():
        raise UsageError("a new password is another one than before, and does not hold one's name")
    with store.write() as tx:
        tx.accounts.change(name, password=hash_of(new), must_change=False)
        tx.accounts.end_sessions(name)
        tx.audit.add(now, name, account.role, "password", None, {})


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def hash_of(password: str) -> str:
    from argon2 import PasswordHasher

    with _AT_ONCE:
        return PasswordHasher().hash(password)


def _fits(account: AccountRow | None, password: str) -> bool:
    """Takes as long for an account that is not there."""
    from argon2 import PasswordHasher
    from argon2.exceptions import Argon2Error, InvalidHashError

    known = account.password if account is not None and account.disabled_at is None else None
    with _AT_ONCE:
        try:
            fits = PasswordHasher().verify(known or _NOBODYS, password[:LONGEST])
        except (Argon2Error, InvalidHashError):
            return False
    return fits and known is not None


_NOBODYS: Final = "$argon2id$v=19$m=65536,t=3,p=4$qCFuF8vhTNDVcCA0zWezKw$z71hycbrg3wNZrOqcSEoVuy5FGtYek6IClyW6ZUsteU"
"""The hash of a password that nobody knows, to be compared with where there is no account."""


def _known_role(role: str) -> Role:
    found = next((one for one in ROLES if one == role), None)
    if found is None:
        raise UsageError(f"unknown role {role!r}: expected one of {', '.join(ROLES)}")
    return found


def _no_such(name: str) -> UsageError:
    return UsageError(f"there is no account {name!r}", hint="listener users list")
