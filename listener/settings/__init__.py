"""The settings: `listener.toml` in LISTENER_HOME, read once, checked whole, immutable after.

A wrong key or value is one line: its place, what was expected, the nearest valid name. Secrets are never values here:
a setting ends in `_env` or `_file` and says where the secret lies; `secret()` fetches it when it is used.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from listener.errors import SecretError, SettingsError, UsageError
from listener.settings.early import Early, Figure, Value
from listener.settings.fields import Address, Duration, Frozen, Terms
from listener.settings.work import ROLES, Desk, Hours, Person, Role, Route, Rung, Sla, Team

__all__ = [
    "FILE_NAME",
    "LOOPBACK",
    "Brand",
    "Desk",
    "Duration",
    "Early",
    "Figure",
    "Hours",
    "Network",
    "Person",
    "Role",
    "Route",
    "Rung",
    "Settings",
    "Sla",
    "SourceOptions",
    "Team",
    "Terms",
    "Value",
    "Web",
    "current_model",
    "default_home",
    "duration",
    "load",
    "nearest_name",
    "parse",
    "secret",
    "shipped",
    "validated",
]

FILE_NAME = "listener.toml"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Brand(Frozen):
    """What makes a mention concern this brand, and who speaks for it."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    aliases: Terms = ()
    products: Terms = ()
    keywords: Terms = ()
    exclude: Terms = ()
    accounts: Terms = ()
    """Handles of the brand itself: never flagged, their public reply marks the first response."""


class Network(Frozen):
    """`allow` lists the only addresses (HOST:PORT) off the public internet that collectors may open."""

    allow: tuple[Address, ...] = ()


class Web(Frozen):
    """Where the board listens, and who gets in.

    `local`: whoever sits at this machine, and nobody else; `accounts`: people with a password (`listener users`).
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8501
    url: Annotated[str, Field(pattern=r"^https?://[^/\s]+/?$")] | None = None
    """The board's address as people type it, where that is another one, e.g. behind a proxy that speaks TLS."""
    public_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """Where strangers may send: `/ingest`, `/hook/SOURCE` and `/feedback`, and no page of the board. None: nowhere."""
    public_host: str = "127.0.0.1"
    sign_in: Literal["local", "accounts"] = "local"
    session_idle: Duration = timedelta(hours=12)
    session_lasts: Duration = timedelta(days=7)


class SourceOptions(Frozen):
    """What every source has; a collector's `Options` adds its own (one class a file in collect/)."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    kind: str
    enabled: bool = True
    brand: str | None = None
    """Every mention of this source concerns this brand, whatever its words."""
    channel: str | None = None
    every: Duration = timedelta(minutes=5)
    """Pause between two polls of a source that is polled."""
    keep: Duration | None = None
    """Posts older than this lose their text, author and address; none: they are kept."""
    may_train: bool = True
    """Whether models may learn from labels of its posts."""


class Settings(Frozen):
    """The whole of listener.toml. `sources` stay tables here: a collector's own options are checked by its file."""

    home: Path
    brands: tuple[Brand, ...] = ()
    sources: tuple[dict[str, Any], ...] = ()
    network: Network = Network()
    web: Web = Web()
    teams: tuple[Team, ...] = ()
    people: tuple[Person, ...] = ()
    hours: tuple[Hours, ...] = ()
    sla: tuple[Sla, ...] = ()
    routes: tuple[Route, ...] = ()
    desk: Desk = Desk()
    early: Early = Early()
    value: Value = Value()
    model: str | None = None
    """Model directory; none: the one that is shipped."""

    @property
    def database(self) -> Path:
        """The SQLite file of this home."""
        return self.home / "listener.db"


def default_home() -> Path:
    """LISTENER_HOME, else the user's data directory."""
    if given := os.environ.get("LISTENER_HOME"):
        return Path(given).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("listener", appauthor=False))


def shipped(relative: str) -> Path:
    """A file that comes with listener (`models/…`, `data/samples/…`), in a checkout or in an installed package."""
    package = Path(__file__).resolve().parent.parent
    checkout = package.parent / relative
    return checkout if checkout.exists() else package / "shipped" / relative


def current_model(settings: Settings) -> Path:
    """The model directory to score with: the settings' own, else the one that models/CURRENT names.

    HOME/models goes before the shipped models; its CURRENT may name a shipped one.
    """
    if settings.model:
        return Path(settings.model).expanduser()
    own, ours = settings.home / "models", shipped("models")
    pointer = own / "CURRENT" if (own / "CURRENT").exists() else ours / "CURRENT"
    name = Path(pointer.read_text(encoding="utf-8").strip()).name
    return own / name if (own / name).is_dir() and pointer.parent == own else ours / name


def load(home: Path | None = None, config: Path | None = None) -> Settings:
    """Read and check the settings; without a file the defaults hold.

    Raises SettingsError naming the first wrong key.
    """
    home = (home or default_home()).absolute()
    path = config or home / FILE_NAME
    if config is None and not path.exists():
        return Settings(home=home)
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(str(path), f"cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise SettingsError(str(path), f"is not UTF-8 (byte {error.start})") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(str(path), f"is not TOML: {error}") from error
    return parse(tables, home=home, file=path.name)


def parse(tables: Mapping[str, Any], *, home: Path, file: str = FILE_NAME) -> Settings:
    """Check tables read from TOML. Raises SettingsError."""
    if "home" in tables:
        raise SettingsError("home", "is set by LISTENER_HOME, not in the file", file=file)
    settings = validated(Settings, {**tables, "home": home}, file=file)
    for index, table in enumerate(settings.sources):
        for key in ("name", "kind"):
            if not isinstance(table.get(key), str) or not table[key]:
                raise SettingsError(f"sources[{index}].{key}", "required: a text", file=file)
    _check_names(settings, file)
    return settings


def _check_names(settings: Settings, file: str) -> None:
    """Names are given once, and what points at one finds it: else it would silently do nothing."""
    given = {table: [str(getattr(one, "name", "")) for one in getattr(settings, table)] for table in _NAMED}
    given["sources"] = [str(table["name"]) for table in settings.sources]
    for table, names in given.items():
        for index, name in enumerate(names):
            if names.index(name) != index:
                raise SettingsError(f"{table}[{index}].name", f"{name!r} is used twice", file=file)
    for key, pointed, tables in _pointers(settings):
        known = [name for table in tables for name in given.get(table, list(ROLES))]
        if pointed is not None and pointed not in known:
            expected = f"{pointed!r} is none of the {', '.join(tables)} named here"
            raise SettingsError(key, expected, nearest=nearest_name(pointed, known), file=file)


_NAMED = ("brands", "teams", "people", "hours", "routes")


def _pointers(settings: Settings) -> Iterator[tuple[str, str | None, tuple[str, ...]]]:
    """Every place that names something: its key, what it names, and the tables that have such names."""
    yield "desk.hours", settings.desk.hours, ("hours",)
    for index, policy in enumerate(settings.sla):
        for field, table in (("brand", "brands"), ("source", "sources"), ("hours", "hours")):
            yield f"sla[{index}].{field}", getattr(policy, field), (table,)
        for step, rung in enumerate(policy.ladder):
            yield f"sla[{index}].ladder[{step}].to", rung.to, ("roles", "teams", "people")
    for index, person in enumerate(settings.people):
        yield f"people[{index}].team", person.team, ("teams",)
        yield f"people[{index}].hours", person.hours, ("hours",)
    for index, team in enumerate(settings.teams):
        yield from ((f"teams[{index}].brands", brand, ("brands",)) for brand in team.brands)
    for index, route in enumerate(settings.routes):
        for field, table in (("brand", "brands"), ("source", "sources"), ("team", "teams"), ("person", "people")):
            yield f"routes[{index}].{field}", getattr(route, field), (table,)


Model = TypeVar("Model", bound=BaseModel)

_TOML_WORDS = {"tuple": "list", "dictionary": "table", "string": "text", "Input should be a valid": "must be a valid"}
"""pydantic speaks of Python's types to people who write TOML."""


def validated(
    model: type[Model], values: Mapping[str, Any], *, prefix: str = "", file: str | None = FILE_NAME
) -> Model:
    """`model(**values)`, its first validation error turned into a SettingsError of one line."""
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        # An unknown key explains a missing one (a typo is both), so it is named first.
        found = sorted(error.errors(), key=lambda e: e["type"] != "extra_forbidden")[0]
        place = prefix + _dotted(found["loc"])
        if found["type"] == "extra_forbidden":
            known = _fields_at(model, found["loc"][:-1])
            nearest = nearest_name(str(found["loc"][-1]), known)
            expected = "unknown key" if nearest else f"unknown key; known here: {', '.join(sorted(known))}"
            raise SettingsError(place, expected, nearest=nearest, file=file) from None
        message = "required" if found["type"] == "missing" else found["msg"].removeprefix("Value error, ")
        for python, toml in _TOML_WORDS.items():
            message = message.replace(python, toml)
        raise SettingsError(place, message, file=file) from None


def duration(given: str) -> timedelta:
    """A duration as people type it: `90d`. Raises UsageError."""
    try:
        found: timedelta = TypeAdapter(Duration).validate_python(given)
    except ValidationError:
        raise UsageError(f"{given!r} is no duration", hint="Such as 90s, 15min, 1h or 30d.") from None
    return found


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """The known name closest to a mistyped one, if any is close."""
    matches = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def _dotted(loc: tuple[int | str, ...]) -> str:
    dotted = ""
    for part in loc:
        dotted += f"[{part}]" if isinstance(part, int) else f".{part}" if dotted else str(part)
    return dotted


def _fields_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> set[str]:
    """The keys that the table at `loc` knows: step through nested models, ignoring list indexes."""
    for part in loc:
        if isinstance(part, str) and part in model.model_fields:
            inner = model.model_fields[part].annotation
            candidates = [inner, *getattr(inner, "__args__", ())]
            model = next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), model)
    return {name for name in model.model_fields if name != "home"}


def secret(*, env: str | None, file: str | None, key: str) -> str | None:
    """The secret named by `env` or `file`; None if neither is set. Raises SecretError, never showing a value."""
    if env:
        value = os.environ.get(env, "").strip()
        if not value:
            raise SecretError(key, f"the environment variable {env} is not set", hint=f"export {env}=…")
        return value
    if file:
        try:
            value = Path(file).expanduser().read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SecretError(key, f"the file {file} cannot be read", hint="Check its path and rights.") from error
        if not value:
            raise SecretError(key, f"the file {file} is empty")
        return value
    return None
