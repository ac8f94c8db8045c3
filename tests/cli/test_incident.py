"""`listener desk incident`: a problem's whole life from the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from listener.cli import app
from listener.store import Store
from tests.cli.conftest import Run
from tests.store.seed import NOW, found, mention, open_all, take, verdict

SETTINGS = '[[people]]\nname = "Aiko"\nlanguages = ["ja"]\n'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Two incidents of one brand, the first of four mentions in two languages."""
    (tmp_path / "listener.toml").write_text(SETTINGS, encoding="utf-8")
    with Store.open(tmp_path / "listener.db") as store:
        names = [str(number) for number in range(6)]
        take(store, *(mention(name, f"no login {name}", author=name, brands=("Acme",)) for name in names))
        with store.write() as tx:
            pending = tx.verdicts.pending(10)
            tx.verdicts.put([(one, verdict(lang=("ja", "en")[at % 2])) for at, one in enumerate(pending)], NOW)
        open_all(store)
        with store.write() as tx:
            for first, last in ((0, 4), (4, 6)):
                number = tx.incidents.open("Acme", None, NOW, title="outage: login\x1b[31m", cause="outage")
                tx.incidents.join(number, [found(store, name).id for name in names[first:last]], NOW)
                tx.incidents.ring(number, NOW, {})
            tx.incidents.attach(tx.incidents.mention_ids(1))
    return tmp_path


def run(home: Path, *args: str) -> str:
    """In this process: many a command."""
    done = CliRunner().invoke(app, ["desk", "incident", *args, "--home", str(home)])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_its_whole_life(home: Path) -> None:
    def incident(*args: str) -> dict[str, Any]:
        return dict(json.loads(run(home, *args, "--as", "Aiko", "--json")))

    claimed = incident("claim", "1")
    assert (claimed["owner"], claimed["taken"], claimed["left"]) == ("Aiko", [1, 3], 2)
    assert incident("merge", "1", "2")["id"] == 1
    assert incident("split", "1", "1", "2")["id"] == 3
    assert incident("rename", "3", "Login down")["title"] == "Login down"
    assert incident("close", "3")["state"] == "closed"
    assert incident("reopen", "3")["state"] == "open"
    assert incident("release", "1")["owner"] is None


def test_the_list_is_safe_to_print(home: Path) -> None:
    plain = run(home, "list")
    assert "incident 1: open; Acme, outage: login?[31m; 4 members" in plain
    assert "\x1b" not in plain
    (line, _) = run(home, "list", "--json").splitlines()
    assert json.loads(line)["members"] == 4
    assert run(home, "list", "--over") == ""


def test_what_is_refused_is_one_line(home: Path, listener: Run) -> None:
    nowhere = listener("desk", "incident", "claim", "9", "--as", "Aiko")
    assert (nowhere.returncode, "no incident 9" in nowhere.stderr) == (1, True)
    run(home, "claim", "1", "--as", "Aiko")
    late = listener("desk", "incident", "claim", "1", "--as", "Bo")
    assert (late.returncode, "Aiko already coordinates incident 1" in late.stderr) == (1, True)
    wrong = listener("desk", "incident", "split", "1", "99", "--as", "Aiko")
    assert (wrong.returncode, "choose some members" in wrong.stderr) == (2, True)
