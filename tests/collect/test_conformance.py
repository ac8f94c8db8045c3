"""What every collector promises (listener/collect/__init__.py), and what those that can be replayed promise on top."""

import ast
import gzip
import inspect
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from listener import collect
from listener.collect import _poll
from listener.errors import SettingsError
from listener.settings import SourceOptions, validated
from listener.types import Checkpoint, Deletion, Engagement, Event, Mention, Rejection
from tests.collect.fake_http import Answer, Asked, FakeHttp
from tests.collect.fake_platforms import WORLDS

PLUGINS = collect.discover()
DIRECTORY = Path(collect.__path__[0])
HEAVY = ("praw", "feedparser", "httpx", "httpcore", "websockets", "pyarrow", "pandas", "sklearn", "spacy", "streamlit")


# ---------------------------------------------------------------- the registry


def test_every_file_is_a_plugin_but_helpers() -> None:
    assert {"files", "feeds", "reddit", "bluesky"} <= set(PLUGINS)
    assert set(PLUGINS) == {path.stem for path in DIRECTORY.glob("*.py") if not path.stem.startswith("_")}


@pytest.mark.parametrize(("kind", "nearest"), [("feed", "feeds"), ("redit", "reddit"), ("_guard", None), ("", None)])
def test_an_unknown_kind_names_the_nearest(kind: str, nearest: str | None) -> None:
    with pytest.raises(SettingsError) as caught:
        collect.load(kind, key="sources[2].kind")
    assert caught.value.nearest == nearest
    assert str(caught.value).startswith("sources[2].kind: no such kind of source; there are ")


def modules_after(statement: str) -> set[str]:
    """All modules that a fresh interpreter has imported after this statement."""
    code = f"import sys\nfrom listener import collect\n{statement}\nprint(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split())


def test_plugins_are_imported_only_when_they_are_used() -> None:
    assert not {f"listener.collect.{name}" for name in PLUGINS} & modules_after("collect.discover()")


@pytest.mark.parametrize("kind", PLUGINS)
def test_a_plugin_imports_no_other_and_nothing_heavy(kind: str) -> None:
    loaded = modules_after(f"collect.load({kind!r})")
    assert f"listener.collect.{kind}" in loaded
    assert not {f"listener.collect.{name}" for name in PLUGINS if name != kind} & loaded
    # Websockets and praw are what bluesky and reddit are; everything else waits until it is needed.
    own = {"bluesky": {"websockets"}, "reddit": {"praw"}}.get(kind, set())
    assert not (set(HEAVY) - own) & loaded


@pytest.mark.parametrize("path", sorted(DIRECTORY.glob("*.py")), ids=lambda path: path.stem)
def test_helpers_and_plugins_name_no_plugin(path: Path) -> None:
    named = {
        alias if isinstance(alias, str) else alias.name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for alias in ([node.module or ""] if isinstance(node, ast.ImportFrom) else getattr(node, "names", []))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert not {f"listener.collect.{name}" for name in PLUGINS} & named


# ---------------------------------------------------------------- each plugin


@pytest.mark.parametrize("kind", PLUGINS)
def test_options_are_frozen_and_know_their_keys(kind: str) -> None:
    options = collect.load(kind).Options
    assert issubclass(options, SourceOptions)
    assert options.model_config["frozen"] is True
    with pytest.raises(SettingsError, match="no_such_key") as caught:
        validated(options, {"name": "n", "kind": kind, "no_such_key": 1}, prefix="sources[0].")
    assert caught.value.key == "sources[0].no_such_key"
    for name, field in options.model_fields.items():
        kinds = [field.annotation, *getattr(field.annotation, "__args__", ())]
        for inner in kinds:
            if inspect.isclass(inner) and issubclass(inner, BaseModel):
                assert inner.model_config["frozen"] is True, name
                assert inner.model_config["extra"] == "forbid", name


@pytest.mark.parametrize("kind", PLUGINS)
def test_collect_is_a_generator_of_options_and_a_checkpoint(kind: str) -> None:
    function = collect.load(kind).collect
    assert inspect.isgeneratorfunction(function)
    assert list(inspect.signature(function).parameters) == ["options", "checkpoint"]
    assert inspect.getdoc(function)


@pytest.mark.parametrize("kind", PLUGINS)
def test_every_option_that_says_allow_is_a_list_of_addresses(kind: str) -> None:
    fields = collect.load(kind).Options.model_fields
    if "allow" in fields:
        assert fields["allow"].default == ()
        assert fields["allow"].annotation == tuple[str, ...]


# ---------------------------------------------------------------- those that can be replayed

ENTRY = (
    "<item><guid>https://e.example/{n}</guid><title>t {n}</title><description>words {n}</description>"
    "<pubDate>Mon, 02 Nov 2026 10:00:00 GMT</pubDate></item>"
)


def a_feed(_: Path, web: FakeHttp) -> SourceOptions:
    """Two feeds that know ETags; the first is long, and one entry of the second says nothing."""

    def page(first: int, count: int, more: str = "") -> Callable[[Asked], Answer]:
        body = f"<rss version='2.0'><channel>{''.join(ENTRY.format(n=first + n) for n in range(count))}{more}"
        answer = Answer(f"{body}</channel></rss>".encode(), headers={"ETag": '"1"'})
        return lambda asked: Answer(status=304) if asked.headers["If-None-Match"] == '"1"' else answer

    urls = [web.answer("/a", page(0, 12)), web.answer("/b", page(100, 3, "<item><guid>7</guid></item>"))]
    return collect.load("feeds").Options.model_validate(
        {"name": "s", "kind": "feeds", "url": urls, "allow": (web.address,)}
    )


def a_directory(tmp_path: Path, _: FakeHttp) -> SourceOptions:
    """Every format, with bad records, deletions, an edit, records without ids and a last line without its end."""
    lines = [json.dumps({"id": f"a{n}", "text": f"words {n}", "likes": n}) for n in range(9)]
    lines.insert(4, "{broken")
    lines += [json.dumps({"id": "a1", "deleted": True}), json.dumps({"id": "a2", "text": "edited"}), '{"text": "half']
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    (tmp_path / "b.csv").write_text('text,author\n"two\nlines",jo\nx,\nx,\n,,,\n"open\nlast,jo\nend,')
    (tmp_path / "c.jsonl.gz").write_bytes(gzip.compress("".join('{"text": "same"}\n' for _ in range(5)).encode()))
    (tmp_path / "d.csv").write_text("no,columns\n")
    return collect.load("files").Options.model_validate(
        {"name": "s", "kind": "files", "path": str(tmp_path), "watch": False}
    )


@pytest.fixture(params=["feeds", "files", *WORLDS])
def pass_of(
    request: pytest.FixtureRequest, tmp_path: Path, web: FakeHttp, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Mapping[str, Any] | None], Iterator[Event]]:
    """One pass of this collector over a world that stays as it is, with a Checkpoint after every second event."""
    plugin = collect.load(request.param)
    monkeypatch.setattr(_poll if request.param in WORLDS else plugin, "BATCH", 2)
    monkeypatch.setenv("FAKE_KEY", "k")
    if request.param in WORLDS:
        options = WORLDS[request.param](web).model_copy(update={"requests_per_minute": 60_000})
    else:
        options = {"feeds": a_feed, "files": a_directory}[request.param](tmp_path, web)
    return lambda checkpoint: plugin.collect(options, checkpoint)


def stored(events: Iterable[Event]) -> dict[str, Event]:
    """What a store that is idempotent by native id holds after these events."""
    rows: dict[str, Event] = {}
    for event in events:
        assert isinstance(event, Mention | Deletion | Engagement | Checkpoint | Rejection)
        assert event.source == "s"
        # When something was counted or found to be gone is the time of the look.
        if isinstance(event, Mention):
            counts = event.engagement and replace(event.engagement, at=event.posted_at)
            rows[event.native_id] = replace(event, engagement=counts)
        elif isinstance(event, Deletion):
            rows[event.native_id] = replace(event, at=datetime.fromtimestamp(0, UTC))
    return rows


def saved(events: list[Event]) -> Mapping[str, Any] | None:
    """The last checkpoint, as it comes back from a database."""
    found = [event.value for event in events if isinstance(event, Checkpoint)]
    return json.loads(json.dumps(found[-1], sort_keys=True)) if found else None


def test_collecting_twice_changes_nothing(pass_of: Callable[[Any], Iterator[Event]]) -> None:
    first = list(pass_of(None))
    assert len(stored(first)) >= 15
    assert isinstance(first[-1], Checkpoint)
    assert stored([*first, *pass_of(None)]) == stored(first)
    assert stored(pass_of(saved(first))) == {}


def test_going_on_after_any_cut_loses_nothing(pass_of: Callable[[Any], Iterator[Event]]) -> None:
    whole = list(pass_of(None))
    for cut in range(len(whole) + 1):
        before = whole[:cut]
        after = list(pass_of(saved(before)))
        assert stored([*before, *after]) == stored(whole), cut
        again = len(stored(before)) + len(stored(after)) - len(stored(whole))
        # Two records a Checkpoint, and the unfinished end of a CSV file, which is left to be read again.
        assert again <= 5, "what a Checkpoint covered was read again"


def test_a_collector_can_be_closed_anywhere(pass_of: Callable[[Any], Iterator[Event]]) -> None:
    for count in range(len(list(pass_of(None)))):
        events = pass_of(None)
        for _ in range(count):
            next(events)
        events.close()  # type: ignore[attr-defined]
