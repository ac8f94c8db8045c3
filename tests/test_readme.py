"""The README says what there is: every command, option and setting, and nothing that is not there."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import typer
from pydantic import BaseModel

from listener import collect
from listener.cli import app
from listener.settings import Settings, SourceOptions

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
INTERNAL = {"home", "name", "kind"}


def commands() -> Iterator[tuple[str, Any]]:
    def walk(prefix: str, command: Any) -> Iterator[tuple[str, Any]]:
        for name, inner in getattr(command, "commands", {}).items():
            if hasattr(inner, "commands"):
                yield from walk(f"{prefix}{name} ", inner)
            else:
                yield f"{prefix}{name}", inner

    yield from walk("", typer.main.get_command(app))


def section(heading: str) -> str:
    """The text under `## heading`, up to the next one."""
    match = re.search(rf"^## {re.escape(heading)}$(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    assert match, f"no section {heading!r}"
    return match[1]


@pytest.mark.parametrize(("name", "command"), list(commands()), ids=lambda v: v if isinstance(v, str) else "")
def test_every_command_and_option_is_documented(name: str, command: Any) -> None:
    rows = [line for line in section("Commands").splitlines() if line.startswith(f"| `listener {name}")]
    assert rows, f"listener {name} has no row"
    for parameter in command.params:
        flags = [opt for opt in parameter.opts if opt.startswith("--")]
        if flags and flags[0] not in ("--help", "--home", "--config"):
            assert any(flag in row for flag in flags for row in rows), f"{flags[0]} of listener {name}"


def test_no_command_is_documented_that_does_not_exist() -> None:
    known = {name for name, _ in commands()}
    for line in section("Commands").splitlines():
        if match := re.match(r"\| `listener ((?:[a-z-]+ ?)+)", line):
            assert match[1].strip() in known, match[1]


def tables(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Every key of the settings as the README writes it: `brands.aliases`."""
    for name, field in model.model_fields.items():
        if name == "home":
            continue
        inner = [field.annotation, *get_args(field.annotation)]
        nested = next((c for c in inner if isinstance(c, type) and issubclass(c, BaseModel)), None)
        if nested is not None:
            yield from tables(nested, f"{name}.")
        else:
            yield f"{prefix}{name}"


@pytest.mark.parametrize("key", list(tables(Settings)))
def test_every_setting_is_documented(key: str) -> None:
    assert f"`{key}`" in section("Settings")


@pytest.mark.parametrize("kind", collect.discover())
def test_every_source_option_is_documented(kind: str) -> None:
    rows = [line for line in section("Sources").splitlines() if line.startswith(f"| `{kind}`")]
    assert rows, f"kind {kind} has no row"
    own = set(collect.load(kind).Options.model_fields) - set(SourceOptions.model_fields) - {"allow"}
    for option in own:
        assert f"`{option}`" in rows[0], f"{option} of {kind}"


@pytest.mark.parametrize("option", [o for o in SourceOptions.model_fields if o not in INTERNAL])
def test_every_common_source_option_is_documented(option: str) -> None:
    assert f"`{option}`" in section("Sources")


def test_the_first_screen_has_two_commands_and_a_picture() -> None:
    first = README[: README.index("\n## ")]
    assert len(re.findall(r"^python3 .*$", first, re.MULTILINE)) == 2
    assert "listener up --demo" in first
    assert "pytest" in first
    picture = re.search(r"!\[[^\]]+\]\(([^)]+)\)", first)
    assert picture
    assert (ROOT / picture[1]).exists()


def test_links_inside_the_project_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target
