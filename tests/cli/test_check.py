"""`listener check`: every trouble has its code, its source's name and a hint, within a bounded time."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from listener.cli import app
from listener.store import Store
from tests.collect.fake_http import Answer, FakeHttp

FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>
<item><guid>1</guid><title>Acme</title><description>late again</description></item></channel></rss>"""

SETTINGS = """
[[brands]]
name = "Acme"

[network]
allow = ["{server}", "127.0.0.1:9"]

[[sources]]
name = "good"
kind = "feeds"
url = "http://{server}/good.xml"

[[sources]]
name = "gone"
kind = "feeds"
url = "http://{server}/nothing-here.xml"

[[sources]]
name = "page"
kind = "feeds"
url = "http://{server}/page.html"

[[sources]]
name = "dead"
kind = "hackernews"
endpoint = "http://127.0.0.1:9"

[[sources]]
name = "inside"
kind = "feeds"
url = "http://169.254.169.254/latest"

[[sources]]
name = "wrong key"
kind = "youtube"
endpoint = "http://{server}"
key_env = "LISTENER_TEST_KEY"
videos = ["abcdefghijk"]

[[sources]]
name = "sky"
kind = "bluesky"
endpoint = "ws://127.0.0.1:9/subscribe"

[[sources]]
name = "paid"
kind = "x"
enabled = true
endpoint = "http://{server}"
token_env = "LISTENER_TEST_KEY"
monthly_cap = 5

[[sources]]
name = "no secret"
kind = "webhook"
secret_env = "LISTENER_TEST_MISSING"
"""

REFUSED = b'{"error": {"code": 400, "errors": [{"reason": "keyInvalid"}]}}'


def check(home: Path, *args: str) -> dict[str, Any]:
    done = CliRunner().invoke(app, ["check", "--json", "--home", str(home), *args])
    told: dict[str, Any] = json.loads(done.stdout)
    assert done.exit_code == (1 if told["findings"] else 0)
    return told


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("LISTENER_TEST_KEY", "not-a-real-key")
    with FakeHttp() as fake:
        fake.answer("/good.xml", Answer(FEED, headers={"Content-Type": "application/rss+xml"}))
        fake.answer("/page.html", Answer(b"<html>hello</html>", headers={"Content-Type": "text/html"}))
        fake.answer("/youtube/v3/commentThreads", Answer(REFUSED, status=400))
        fake.answer("/2/usage/tweets", Answer(b'{"data": {}}'))
        (tmp_path / "listener.toml").write_text(SETTINGS.format(server=fake.address))
        yield fake


def test_every_trouble_has_its_code_and_its_source(server: FakeHttp, tmp_path: Path) -> None:
    told = check(tmp_path)
    assert {finding["source"]: finding["code"] for finding in told["findings"]} == {
        "gone": "gone",
        "page": "payload",
        "dead": "unreachable",
        "inside": "forbidden-address",
        "wrong key": "auth",
        "sky": "unreachable",
        "no secret": "secret",
    }
    assert all(finding["source"] in finding["message"] for finding in told["findings"])
    hints = {finding["source"]: finding["hint"] for finding in told["findings"]}
    assert all(hints[name] for name in ("gone", "page", "inside", "wrong key", "no secret"))
    answers = {source["source"]: source["answers"] for source in told["sources"]}
    assert (answers["good"], answers["dead"], answers["no secret"]) == (True, False, None)
    assert "not-a-real-key" not in json.dumps(told)
    assert "/2/tweets/search/recent" not in server.paths(), "a check costs no money"
    assert not (tmp_path / "listener.db").exists(), "a check stores nothing"


def test_offline_asks_nobody(server: FakeHttp, tmp_path: Path) -> None:
    told = check(tmp_path, "--offline")
    assert [finding["code"] for finding in told["findings"]] == ["secret"]
    assert server.asked == []


def test_what_the_running_listener_knows_is_told_too(server: FakeHttp, tmp_path: Path) -> None:
    from datetime import UTC, datetime, timedelta

    now = datetime.now(UTC)
    with Store.open(tmp_path / "listener.db") as store, store.write() as tx:
        tx.sources.failed("good", now, code="rate-limited", error="good: 429", hint="Wait.")
        tx.sources.register("paid", "x")
        spent = {"month": f"{now:%Y-%m}", "posts": 1000, "usd": 5.0, "cap": 5.0}
        tx.sources.save_checkpoint("paid", {"since": {}, "spent": spent}, now)
        start = now.replace(minute=0, second=0, microsecond=0) - timedelta(days=20)
        tx.sources.ok("page", now)
        for hour in range(20 * 24 - 12):
            tx.hearing.count("page", start + timedelta(hours=hour), new=30, rejected=0)
    told = check(tmp_path, "--offline")
    found = {(finding["source"], finding["code"]) for finding in told["findings"]}
    assert {("good", "rate-limited"), ("paid", "budget"), ("page", "silent")} <= found
    paid = next(source for source in told["sources"] if source["source"] == "paid")
    assert paid["budgets"] == [{"unit": "US dollars", "spent": 5.0, "limit": 5.0, "period": "month"}]
