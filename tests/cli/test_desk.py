"""`listener desk`: people's verbs from the command line, and `check`, `db`."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from listener.pipeline.accept import accept
from listener.pipeline.advance import advance
from listener.settings import Settings
from listener.store import Store
from listener.types import Mention, Verdict
from tests.cli.conftest import Run

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


class Everything:
    """Flags all it sees."""

    def verdicts(self, texts, **_):  # type: ignore[no-untyped-def]
        common = {"lang": "en", "complaint": 0.9, "flagged": True, "cause": "wait", "churn": 0.0, "model": "all@1"}
        return [Verdict(severity=2, **common) for _ in texts]


@pytest.fixture
def alert(tmp_path: Path) -> str:
    """The id of one open alert."""
    with Store.open(tmp_path / "listener.db") as store:
        accept(
            store,
            [Mention(source="s", native_id="1", text="Still waiting", posted_at=NOW)],
            match=lambda _: (),
            own_accounts=(),
            now=NOW,
        )
        while advance(store, Everything(), Settings(home=tmp_path), NOW):
            pass
    return "1"


def test_claim_release_resolve(listener: Run, alert: str) -> None:
    claimed = listener("desk", "claim", alert, "--as", "Aiko", "--json")
    assert claimed.returncode == 0
    row = json.loads(claimed.stdout)
    assert (row["id"], row["state"], row["owner"], row["cause"]) == (1, "claimed", "Aiko", "wait")
    assert json.loads(listener("desk", "release", alert, "--as", "Aiko", "--json").stdout)["state"] == "open"
    listener("desk", "claim", alert, "--as", "Bo")
    resolved = json.loads(listener("desk", "resolve", alert, "--as", "Bo", "--outcome", "kept", "--json").stdout)
    assert (resolved["state"], resolved["outcome"]) == ("resolved", "kept")


def test_the_second_one_reads_who_has_it(listener: Run, alert: str) -> None:
    listener("desk", "claim", alert, "--as", "Aiko")
    late = listener("desk", "claim", alert, "--as", "Bo", "--json")
    assert late.returncode == 1
    assert "Aiko already has alert 1" in late.stderr


def test_dismiss_needs_a_known_reason(listener: Run, alert: str) -> None:
    wrong = listener("desk", "dismiss", alert, "--as", "Aiko", "--reason", "boring")
    assert wrong.returncode == 2
    assert "duplicate" in wrong.stderr
    done = listener("desk", "dismiss", alert, "--as", "Aiko", "--reason", "duplicate", "--json")
    assert json.loads(done.stdout)["reason"] == "duplicate"


@pytest.mark.parametrize("number", ["99", "0", "9" * 30])
def test_an_alert_that_does_not_exist(listener: Run, alert: str, number: str) -> None:
    done = listener("desk", "claim", number, "--as", "Aiko")
    assert done.returncode == 1
    assert f"no alert {number}" in done.stderr


def test_spaces_around_a_name_make_nobody_else(listener: Run, alert: str) -> None:
    listener("desk", "claim", alert, "--as", " Aiko ")
    again = listener("desk", "claim", alert, "--as", "Aiko", "--json")
    assert json.loads(again.stdout)["owner"] == "Aiko"


def test_backup_copies_and_never_writes_over(listener: Run, alert: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    assert listener("db", "backup", str(copy)).returncode == 0
    with Store.open(copy) as store, store.read() as tx:
        assert tx.mentions.count() == 1
    assert listener("db", "backup", str(copy)).returncode == 2
    assert listener("db", "upgrade").returncode == 0


def test_check_finds_what_would_stop_it(listener: Run, tmp_path: Path) -> None:
    missing = json.loads(listener("check", "--json").stdout)
    assert [finding["code"] for finding in missing["findings"]] == ["settings"]
    source = (
        'name = "r"\nkind = "reddit"\nsubreddits = ["japan"]\nclient_id = "id"\nclient_secret_env = "NO_SUCH_VARIABLE"'
    )
    (tmp_path / "listener.toml").write_text(f"[[sources]]\n{source}\n")
    done = listener("check", "--json")
    assert done.returncode == 1
    (finding,) = json.loads(done.stdout)["findings"]
    assert finding["code"] == "secret"
    assert "NO_SUCH_VARIABLE" in finding["message"]
    (tmp_path / "listener.toml").write_text("")
    assert "none is switched on" in listener("check").stdout
    (tmp_path / "listener.toml").write_text(f'[[sources]]\nname = "d"\nkind = "files"\npath = "{tmp_path}"\n')
    assert listener("check").returncode == 0


def test_check_names_a_database_that_is_none(listener: Run, tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(f'[[sources]]\nname = "d"\nkind = "files"\npath = "{tmp_path}"\n')
    (tmp_path / "listener.db").write_text("this is no database" * 100)
    done = listener("check", "--json")
    assert done.returncode == 1
    assert [finding["code"] for finding in json.loads(done.stdout)["findings"]] == ["schema"]


def test_a_mistyped_home_is_said_and_left_empty(listener: Run, tmp_path: Path) -> None:
    done = listener("desk", "claim", "1", "--as", "Aiko", "--home", str(tmp_path / "typo"))
    assert done.returncode == 2
    assert "typo" in done.stderr
    assert not (tmp_path / "typo").exists()


PEOPLE = """
[[teams]]
name = "Support"

[[people]]
name = "Aiko"
team = "Support"

[[people]]
name = "Bo"
team = "Support"

[[people]]
name = "Mei"
role = "manager"

[[people]]
name = "Vi"
role = "viewer"

[[routes]]
name = "everything"
team = "Support"
"""


def test_hand_over_answer_and_reopen(listener: Run, alert: str, tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(PEOPLE, "utf-8")
    first = listener("desk", "claim", alert, "--as", "Aiko")
    assert first.stderr == ""
    offered = json.loads(listener("desk", "offer", alert, "--as", "Aiko", "--to", "Bo", "--json").stdout)
    assert (offered["owner"], offered["offered_to"]) == ("Aiko", "Bo")
    accepted = json.loads(listener("desk", "accept", alert, "--as", "Bo", "--json").stdout)
    assert (accepted["owner"], accepted["handovers"]) == ("Bo", 1)
    assert listener("desk", "reply", alert, "--as", "Bo", "--link", "https://example.org/a").returncode == 0
    assert listener("desk", "resolve", alert, "--as", "Bo", "--outcome", "kept").returncode == 0
    assert json.loads(listener("desk", "reopen", alert, "--as", "Aiko", "--json").stdout)["owner"] == "Aiko"


def test_a_known_name_has_its_own_rights_and_another_is_the_operator(listener: Run, alert: str, tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(PEOPLE, "utf-8")
    for verb in (["claim", alert], ["assign", alert, "--to", "Bo"], ["route"]):
        refused = listener("desk", *verb, "--as", "Vi")
        assert (refused.returncode, "a viewer may not" in refused.stderr) == (1, True)
    refused = listener("desk", "assign", alert, "--to", "Bo", "--as", "Aiko")
    assert "a responder may not give cases to others" in refused.stderr
    assert listener("desk", "assign", alert, "--to", "Bo", "--as", "Mei").returncode == 0
    operator = listener("desk", "assign", alert, "--to", "Aiko", "--as", "root")
    assert (operator.returncode, "acting as the operator" in operator.stderr) == (0, True)


def test_routes_are_shown_before_they_are_applied(listener: Run, alert: str, tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(PEOPLE, "utf-8")
    shown = listener("desk", "route", "--dry-run", "--json")
    change = json.loads(shown.stdout)
    assert change["changes"]
    assert change["would_be"] == {"route": "everything", "team": "Support", "person": "Aiko"}
    assert change["reasons"][-1] == ["least_load", "Aiko"]
    assert "everybody → Aiko" in listener("desk", "route", "--as", "Mei").stdout
    assert "stays with Aiko" in listener("desk", "route", "--dry-run").stdout


def test_a_case_from_the_counter(listener: Run, alert: str) -> None:
    told = [
        "--text",
        "箸が入っていなかった",
        "--lang",
        "ja",
        "--way",
        "counter",
        "--cause",
        "mistake",
        "--severity",
        "1",
    ]
    row = json.loads(listener("desk", "open", *told, "--as", "Aiko", "--json").stdout)
    assert (row["id"], row["state"], row["lang"], row["cause"]) == (2, "open", "ja", "mistake")
    assert "箸" not in listener("desk", "open", "--text", "x", "--lang", "xx", "--as", "Aiko").stderr
