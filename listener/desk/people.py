"""Who works here: the settings' people and the accounts, put together; and as what somebody named acts."""

from __future__ import annotations

from collections.abc import Sequence

from listener.desk.authorise import Actor
from listener.errors import NotAllowedError
from listener.settings import Role, Settings
from listener.settings.work import ROLES
from listener.store import Store, Tx
from listener.store.rows import AccountRow
from listener.triage.hours import Hours
from listener.triage.people import Member, Roster


def roster(tx: Tx, settings: Settings) -> Roster:
    """Everybody who may work here now. An account's role wins over the settings'; disabled accounts are left out."""
    return build(settings, tx.accounts.all())


def build(settings: Settings, accounts: Sequence[AccountRow]) -> Roster:
    hours = {one.name: Hours.of(one) for one in settings.hours}
    by_name = {one.name: one for one in accounts}
    teams = {one.name: one for one in settings.teams}
    members = []
    for person in settings.people:
        account = by_name.pop(person.name, None)
        if account is not None and account.disabled_at is not None:
            continue
        team = teams.get(person.team or "")
        members.append(
            Member(
                name=person.name,
                role=_role(account.role) if account else person.role or "responder",
                team=person.team,
                languages=frozenset(person.languages or (team.languages if team else ())),
                causes=frozenset(person.causes),
                hours=hours[person.hours] if person.hours else None,
            )
        )
    known = bool(members)
    others = (one for one in by_name.values() if one.disabled_at is None and one.password is not None)
    members += [Member(name=one.name, role=_role(one.role)) for one in others]
    return Roster(tuple(members), known or bool(members))


def actor_named(store: Store, settings: Settings, name: str) -> Actor:
    """Somebody named on the command line: with their own role if they are known here, else as the operator.

    Raises NotAllowedError for a disabled account.
    """
    with store.read() as tx:
        account = tx.accounts.get(name)
        member = roster(tx, settings).get(name)
    if account is not None and account.disabled_at is not None:
        raise NotAllowedError(0, f"the account {name!r} is disabled", hint="An admin can make a new one.")
    return Actor(name, member.role if member else "operator")


def _role(stored: str) -> Role:
    return next((role for role in ROLES if role == stored), "viewer")
