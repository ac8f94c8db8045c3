"""Accounts: first passwords, sessions, locks; and as what somebody named acts."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from listener.desk import Actor, accounts
from listener.desk.people import actor_named, build
from listener.errors import NotAllowedError, SignInError, UsageError
from listener.settings import Settings, parse
from listener.store import Store
from tests.store.seed import NOW

ROOT = Actor("operator", "operator")
DAY = timedelta(days=1)
IDLE = timedelta(hours=12)


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's own hash, but with little memory and one pass: tests need no slow one."""
    import argon2

    class Cheap(argon2.PasswordHasher):
        def __init__(self) -> None:
            super().__init__(time_cost=1, memory_cost=64, parallelism=1)

    monkeypatch.setattr(argon2, "PasswordHasher", Cheap)


def sign_in(store: Store, name: str, password: str, now: Any = NOW) -> str:
    return accounts.sign_in(store, name, password, now, lasts=7 * DAY)


def holder(store: Store, token: str, now: Any = NOW) -> str | None:
    found = accounts.session(store, token, now, idle=IDLE)
    return found.name if found else None


def test_a_first_password_signs_in_and_is_to_be_changed(store: Store) -> None:
    password = accounts.add(store, ROOT, "  青木 さくら ", "responder", NOW)
    token = sign_in(store, "青木 さくら", password)
    account = accounts.session(store, token, NOW, idle=IDLE)
    assert account is not None
    assert (account.name, account.role, account.must_change) == ("青木 さくら", "responder", True)
    assert password not in str(account)
    assert token not in Path(store.path).read_bytes().decode("latin-1")


@pytest.mark.parametrize("who", ["Aiko", "nobody", "owner"])
def test_a_wrong_name_and_a_wrong_password_sound_alike(store: Store, who: str) -> None:
    accounts.make_owner(store, NOW)
    accounts.add(store, ROOT, "Aiko", "admin", NOW)
    with pytest.raises(SignInError, match="this name and password do not fit"):
        sign_in(store, who, "wrong")


def test_five_wrong_passwords_lock_and_longer_each_time(store: Store) -> None:
    password = accounts.add(store, ROOT, "Aiko", "responder", NOW)
    for _ in range(5):
        with pytest.raises(SignInError, match="do not fit"):
            sign_in(store, "Aiko", "wrong")
    for minutes in (0, 14):
        with pytest.raises(SignInError, match="locked"):
            sign_in(store, "Aiko", password, NOW + timedelta(minutes=minutes))
    with pytest.raises(SignInError, match="do not fit"):
        sign_in(store, "Aiko", "wrong", NOW + timedelta(minutes=15))
    with pytest.raises(SignInError, match="locked"):
        sign_in(store, "Aiko", password, NOW + timedelta(minutes=44))
    assert holder(store, sign_in(store, "Aiko", password, NOW + timedelta(minutes=45))) == "Aiko"
    with pytest.raises(SignInError, match="do not fit"):
        sign_in(store, "Aiko", "wrong", NOW + timedelta(minutes=46))
    sign_in(store, "Aiko", password, NOW + timedelta(minutes=46))


def test_a_session_ends_by_idleness_by_age_and_by_leaving(store: Store) -> None:
    password = accounts.add(store, ROOT, "Aiko", "responder", NOW)
    token, other = sign_in(store, "Aiko", password), sign_in(store, "Aiko", password)
    assert holder(store, token, NOW + timedelta(hours=11)) == "Aiko"
    assert holder(store, other, NOW + timedelta(hours=12)) is None
    assert holder(store, token, NOW + timedelta(hours=22)) == "Aiko"
    for hours in range(22, 7 * 24, 10):
        holder(store, token, NOW + timedelta(hours=hours))
    assert holder(store, token, NOW + 7 * DAY) is None
    third = sign_in(store, "Aiko", password)
    accounts.sign_out(store, third, NOW)
    assert holder(store, third) is None
    assert holder(store, "invented") is None


def test_a_new_role_a_new_password_and_the_end(store: Store) -> None:
    password = accounts.add(store, ROOT, "Aiko", "responder", NOW)
    token = sign_in(store, "Aiko", password)
    accounts.set_role(store, ROOT, "Aiko", "manager", NOW)
    account = accounts.session(store, token, NOW, idle=IDLE)
    assert account is not None
    assert account.role == "manager"
    with pytest.raises(SignInError):
        accounts.change_password(store, "Aiko", "wrong", "a long new password", NOW)
    for bad in ("short", password, "aiko and something", "x" * 201):
        with pytest.raises(UsageError):
            accounts.change_password(store, "Aiko", password, bad, NOW)
    accounts.change_password(store, "Aiko", password, "a long new password", NOW)
    assert holder(store, token) is None
    token = sign_in(store, "Aiko", "a long new password")
    accounts.disable(store, ROOT, "Aiko", NOW)
    assert holder(store, token) is None
    with pytest.raises(SignInError):
        sign_in(store, "Aiko", "a long new password")
    assert holder(store, sign_in(store, "Aiko", accounts.reset(store, ROOT, "Aiko", NOW))) == "Aiko"


@pytest.mark.parametrize("name", ["", " \n", "a\x00b", "x" * 201])
def test_a_name_must_be_one(store: Store, name: str) -> None:
    with pytest.raises(UsageError, match="1 to 200 printable"):
        accounts.add(store, ROOT, name, "viewer", NOW)


def test_what_is_not_there_is_told(store: Store) -> None:
    accounts.add(store, ROOT, "Aiko", "viewer", NOW)
    with pytest.raises(UsageError, match="already"):
        accounts.add(store, ROOT, "Aiko", "admin", NOW)
    with pytest.raises(UsageError, match="unknown role 'boss'"):
        accounts.add(store, ROOT, "Bo", "boss", NOW)
    accounts.make_owner(store, NOW)
    for act in (
        lambda: accounts.set_role(store, ROOT, "Bo", "admin", NOW),
        lambda: accounts.disable(store, ROOT, "Bo", NOW),
        lambda: accounts.reset(store, ROOT, "Bo", NOW),
        lambda: accounts.reset(store, ROOT, "owner", NOW),
    ):
        with pytest.raises(UsageError, match="there is no account"):
            act()


def test_the_owner_is_made_once(store: Store) -> None:
    accounts.make_owner(store, NOW)
    accounts.make_owner(store, NOW + DAY)
    (owner,) = accounts.accounts(store, ROOT, NOW)
    assert (owner.name, owner.role, owner.password, owner.created_at) == ("owner", "admin", None, NOW)


# ------------------------------------------------------------------ who is who


def settings(**tables: Any) -> Settings:
    return parse(tables, home=Path("/nowhere"))


PEOPLE = [{"name": "Aiko"}, {"name": "Mei", "role": "manager"}]


def test_a_known_name_acts_with_its_own_role_and_another_as_the_operator(store: Store) -> None:
    accounts.add(store, ROOT, "Bo", "viewer", NOW)
    accounts.add(store, ROOT, "Mei", "analyst", NOW)
    accounts.add(store, ROOT, "Gone", "admin", NOW)
    accounts.disable(store, ROOT, "Gone", NOW)
    found = {name: actor_named(store, settings(people=PEOPLE), name).role for name in ("Aiko", "Mei", "Bo", "Zoe")}
    assert found == {"Aiko": "responder", "Mei": "analyst", "Bo": "viewer", "Zoe": "operator"}
    with pytest.raises(NotAllowedError, match="disabled"):
        actor_named(store, settings(people=PEOPLE), "Gone")


def test_people_serve_what_they_and_their_team_say() -> None:
    found = build(
        settings(
            teams=[{"name": "Asia", "languages": ["ja", "zh"]}],
            hours=[{"name": "day", "zone": "UTC", "open": ["mon-fri 09:00-17:00"]}],
            people=[
                {"name": "Aiko", "team": "Asia", "languages": ["ja"], "hours": "day"},
                {"name": "Lin", "team": "Asia", "causes": ["refund"]},
                {"name": "Vi", "role": "viewer"},
            ],
        ),
        (),
    )
    friday = NOW
    assert [one.name for one in found.serving("ja", "refund", friday)] == ["Aiko", "Lin"]
    assert [one.name for one in found.serving("zh", "refund", friday)] == ["Lin"]
    assert not found.covers("zh", "price", friday)
    assert not found.covers("en", "refund", friday)
    assert [one.name for one in found.serving("ja", "refund", friday + DAY)] == ["Lin"]
    assert build(settings(), ()).covers("en", "price", friday)
