"""`listener init` and the frame of the command line."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from listener.cli import app
from listener.cli.init import TEMPLATE
from listener.pipeline.sources import sources
from listener.settings import load, parse
from listener.text.brands import BrandMatcher
from tests.cli.conftest import Run


def test_init_writes_settings_that_load_and_need_no_key(tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["init", "--home", str(tmp_path)]).exit_code == 0
    settings = load(tmp_path)
    found = sources(settings, BrandMatcher(settings.brands))
    assert {source.options.kind for source in found} == {"bluesky", "feeds", "files"}
    for source in found:
        given = source.options.model_dump()
        assert not [key for key, value in given.items() if key.endswith(("_env", "_file")) and value]
    tables = tomllib.loads((tmp_path / "listener.toml").read_text())
    assert {"brands", "sources", "teams", "people", "sla", "web", "network"} <= set(tables)
    assert "reddit" in {table["kind"] for table in tables["sources"]}


def test_the_examples_that_are_marked_out_are_settings_that_work(tmp_path: Path) -> None:
    """Every line behind "# " that looks like TOML, taken in at once."""
    text = TEMPLATE.replace("{drop}", str(tmp_path / "drop"))
    kept = [re.sub(r"^# (?=\[\[|[a-z_]+ = )", "", line) for line in text.splitlines() if line != "#"]
    kept = [line for line in kept if not line.startswith(('keywords = ["other',))]
    settings = parse(tomllib.loads("\n".join(kept)), home=tmp_path)
    found = sources(settings, BrandMatcher(settings.brands))
    assert {"mastodon", "hackernews", "discourse", "appstore", "youtube", "imap", "webhook", "x", "feedback"} <= {
        source.options.kind for source in found
    }


def test_init_never_writes_over_settings_unasked(listener: Run, tmp_path: Path) -> None:
    assert listener("init").returncode == 0
    (tmp_path / "listener.toml").write_text("# mine")
    again = listener("init")
    assert again.returncode == 2
    assert "exists" in again.stderr
    assert (tmp_path / "listener.toml").read_text() == "# mine"
    assert listener("init", "--force").returncode == 0
    assert (tmp_path / "listener.toml").read_text() != "# mine"


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("nonsense",), "nonsense"),
        (("up", "--host", "0.0.0.0", "--demo"), "127.0.0.1 only"),
        (("up",), "listener init"),
        (("up", "--config", "absent.toml"), "absent.toml"),
        (("collect", "nobody", "--once"), "nobody"),
        (("desk", "claim", "x", "--as", "me"), "valid integer"),
    ],
)
def test_wrong_usage_is_exit_2_and_one_clear_line(listener: Run, args: tuple[str, ...], word: str) -> None:
    done = listener(*args)
    assert done.returncode == 2
    assert word in done.stderr


def test_a_line_break_in_a_key_does_not_break_the_message(listener: Run, tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text('"a\\nb" = 1\n')
    assert listener("collect", "--once").stderr.count("\n") == 1


def test_every_verb_that_a_message_or_the_readme_names_is_there() -> None:
    root = Path(__file__).parents[2]
    files = [root / "README.md", *(root / "listener").rglob("*.py")]
    named = {found for file in files for found in re.findall(r"listener (db|desk) ([a-z-]+)", file.read_text("utf-8"))}
    assert ("db", "backup") in named
    for words in named:
        assert CliRunner().invoke(app, [*words, "--help"]).exit_code == 0, words


def test_help_loads_nothing_heavy() -> None:
    code = "import sys, listener.cli; print([m for m in sys.modules if m in sys.argv[1:]])"
    heavy = ("sqlalchemy", "pydantic", "numpy", "sklearn", "streamlit", "pandas", "spacy", "praw", "httpx", "rich")
    done = subprocess.run([sys.executable, "-c", code, *heavy], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
