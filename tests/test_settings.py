"""listener.toml: what is read, and what a wrong line is told."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from listener.errors import SecretError, SettingsError
from listener.settings import Settings, default_home, load, parse, secret


def parsed(**tables: object) -> Settings:
    return parse(tables, home=Path("/nowhere"))


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings.web.host == "127.0.0.1"
    assert settings.web.port == 8501
    assert settings.database == tmp_path / "listener.db"


def test_words_may_be_a_list_or_a_table_by_language() -> None:
    brands = [{"name": "A", "aliases": {"ja": ["あ", "ア"], "en": "a"}, "keywords": ["k"]}]
    brand = parsed(brands=brands).brands[0]
    assert brand.aliases == ("あ", "ア", "a")
    assert brand.keywords == ("k",)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("15min", 900), ("15m", 900), ("1h", 3600), ("2d", 172800), (30, 30)]
)
def test_durations(text: object, seconds: int) -> None:
    assert parsed(sla=[{"first_response": text}]).sla[0].first_response == timedelta(seconds=seconds)


@pytest.mark.parametrize("value", [-1, float("inf"), float("nan"), "99999999999d", True, "1 week"])
def test_a_duration_that_is_none_is_told_its_place(value: object) -> None:
    with pytest.raises(SettingsError, match=r"sla\[0\]\.first_response: a duration"):
        parsed(sla=[{"first_response": value}])


@pytest.mark.parametrize(
    ("tables", "line"),
    [
        ({"brand": []}, "listener.toml: brand: unknown key; did you mean 'brands'?"),
        ({"brands": [{"name": "A", "alias": ["x"]}]}, "brands[0].alias: unknown key; did you mean 'aliases'?"),
        ({"brands": [{"name": "A"}, {"aliases": ["x"]}]}, "brands[1].name: required"),
        ({"web": {"prot": 1}}, "web.prot: unknown key; did you mean 'port'?"),
        ({"web": {"port": "x"}}, "web.port: must be a valid integer"),
        ({"web": {"zzz": 1}}, "web.zzz: unknown key; known here: host, port"),
        ({"sla": [{"first_response": "soon"}]}, "sla[0].first_response: a duration such as"),
        ({"sources": [{"name": "a"}]}, "sources[0].kind: required: a text"),
        ({"sources": [{"name": "a", "kind": "files"}, {"name": "a", "kind": "files"}]}, "sources[1].name: 'a' is used"),
        ({"home": "/x"}, "home: is set by LISTENER_HOME"),
        ({"network": {"allow": ["127.0.0.1"]}}, "network.allow[0]: an address with its port"),
        ({"network": {"allow": ["http://127.0.0.1:80"]}}, "network.allow[0]: an address with its port"),
        ({"sources": {"name": "a"}}, "sources: must be a valid list"),
        ({"sources": [1]}, "sources[0]: must be a valid table"),
        ({"brands": [{"name": "A", "aliases": {"en": 5}}]}, "brands[0].aliases: a list of words, or a table of such"),
        ({"brands": [{"name": "A", "aliases": [5]}]}, "brands[0].aliases[0]: must be a valid text"),
        ({"brands": [{"name": "A"}, {"name": "A"}]}, "brands[1].name: 'A' is used twice"),
        ({"brands": [{"name": "Acme"}], "sla": [{"brand": "Acne", "first_response": "1h"}]}, "did you mean 'Acme'?"),
        ({"sla": [{"source": "reddit", "first_response": "1h"}]}, "sla[0].source: 'reddit' is none of the sources"),
        ({"people": [{"name": "Bo", "team": "Support"}]}, "people[0].team: 'Support' is none of the teams named here"),
        ({"teams": [{"name": "T", "brands": ["B"]}]}, "teams[0].brands: 'B' is none of the brands named here"),
    ],
)
def test_a_wrong_line_is_told_its_place_and_the_nearest_name(tables: dict[str, object], line: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parsed(**tables)
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"a = [", "is not TOML"), (b"\xff\xfe", "is not UTF-8")],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "listener.toml").write_bytes(content)
    with pytest.raises(SettingsError, match=reason):
        load(tmp_path)


def test_a_missing_config_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nothing\.toml"):
        load(tmp_path, tmp_path / "nothing.toml")


def test_addresses_that_may_be_opened_are_kept_as_written() -> None:
    allowed = ("127.0.0.1:80", "[::1]:8080", "feeds.example:443")
    assert parsed(network={"allow": list(allowed)}).network.allow == allowed


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        parsed().web.port = 1  # type: ignore[misc]


def test_home_is_what_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LISTENER_HOME", str(tmp_path))
    assert default_home() == tmp_path
    monkeypatch.delenv("LISTENER_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert default_home().name == "listener"


def test_secrets_come_from_the_environment_or_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("THE_KEY", " from-env \n")
    (tmp_path / "key").write_text("from-file\n")
    assert secret(env="THE_KEY", file=None, key="k") == "from-env"
    assert secret(env=None, file=str(tmp_path / "key"), key="k") == "from-file"
    assert secret(env=None, file=None, key="k") is None


def test_a_missing_secret_names_the_setting_and_the_place_only(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match=r"sources\.r\.client_secret_env: .*NO_SUCH_KEY") as caught:
        secret(env="NO_SUCH_KEY", file=None, key="sources.r.client_secret_env")
    assert caught.value.hint == "export NO_SUCH_KEY=…"
    with pytest.raises(SecretError, match="cannot be read"):
        secret(env=None, file=str(tmp_path / "absent"), key="k")
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(SecretError, match="is empty"):
        secret(env=None, file=str(tmp_path / "empty"), key="k")
