"""Files that are dropped, grow, are replaced, half written, damaged or no files at all."""

import gzip
import json
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listener.collect import files
from listener.errors import GoneError, PayloadError, SettingsError
from listener.settings import validated
from listener.types import Checkpoint, Deletion, Engagement, Event, Mention, Rejection

SETTLED = 1_500_000_000


def options(path: Path | str, **more: Any) -> files.Options:
    return files.Options(name="drop", kind="files", path=str(path), **more)


def jsonl(*records: Any) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def posts(*numbers: int) -> str:
    return jsonl(*({"id": f"p{n}", "text": f"post {n}"} for n in numbers))


class Passes:
    """A collector that is asked again and again, its checkpoint kept as the store keeps it."""

    def __init__(self, path: Path | str, **more: Any) -> None:
        self.options = options(path, **more)
        self.checkpoint: Mapping[str, Any] | None = None
        self.rejected: list[tuple[str, str]] = []

    def next(self) -> list[Mention | Deletion]:
        events = list(files.collect(self.options, self.checkpoint))
        last = events[-1]
        assert isinstance(last, Checkpoint)
        assert last.caught_up
        self.checkpoint = json.loads(json.dumps(last.value, sort_keys=True))
        self.rejected = [(event.place, event.reason) for event in events if isinstance(event, Rejection)]
        return [event for event in events if isinstance(event, Mention | Deletion)]

    def texts(self) -> list[str]:
        return [event.text for event in self.next() if isinstance(event, Mention)]


@pytest.fixture(autouse=True)
def _files_are_being_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine: what a test wrote counts as just written."""
    monkeypatch.setattr(files, "SETTLED_S", 1e9)


def one(tmp_path: Path, record: Mapping[str, Any], **more: Any) -> Event:
    (tmp_path / "one.jsonl").write_text(jsonl(record))
    (found,) = Passes(tmp_path, **more).next()
    return found


# ---------------------------------------------------------------- what a record says


def test_a_record_is_a_mention(tmp_path: Path) -> None:
    found = one(
        tmp_path,
        {
            "id": 12,
            "text": "まだ届かない",
            "lang": "ja",
            "channel": "shop",
            "brand": "Aozora",
            "source": "somewhere",
            "posted_at": "2026-11-02T10:00:00+09:00",
            "author": "hanako\u0000 ",
            "url": "https://shop.example/r/12",
            "title": "遅い\n配送",
            "parent_id": 11,
            "thread_id": "t",
            "repost_of": "r",
            "likes": 3,
            "views": "40",
            "unknown": "x",
            "severity": 3,
        },
    )
    assert isinstance(found, Mention)
    assert found.engagement is not None
    assert found == Mention(
        source="drop",
        native_id="12",
        text="まだ届かない",
        posted_at=datetime(2026, 11, 2, 1, tzinfo=UTC),
        author=None,  # a NUL: as if not given
        title="遅い 配送",
        url="https://shop.example/r/12",
        lang="ja",
        channel="shop",
        parent_id="11",
        thread_id="t",
        repost_of="r",
        brands=("Aozora",),
        engagement=Engagement(source="drop", native_id="12", at=found.engagement.at, likes=3, views=40),
    )


def test_the_settings_outrank_the_record(tmp_path: Path) -> None:
    found = one(tmp_path, {"text": "t", "brand": "Other", "channel": "x"}, brand="Aozora", channel="form")
    assert isinstance(found, Mention)
    assert (found.brands, found.channel) == (("Aozora",), "form")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("author", 5), ("author", ["a"]), ("author", " "), ("url", "javascript:alert(1)"), ("url", 5)),
        *(("title", {}), ("parent_id", True), ("parent_id", 1.5), ("repost_of", None), ("thread_id", "")),
        *(("likes", -1), ("likes", "many"), ("likes", True), ("views", 1.5), ("followers", float("nan"))),
        *(("replies", float("inf")), ("shares", 10**30), ("deleted", False), ("deleted", "no"), ("deleted", [1])),
        ("lang", 5),
    ],
)
def test_what_is_not_well_formed_is_as_if_not_given(tmp_path: Path, field: str, value: object) -> None:
    record = {"id": "a", "text": "t", "posted_at": "2026-11-02"}
    assert one(tmp_path, {**record, field: value}) == one(tmp_path, record)


def test_a_record_without_a_date_is_dated_by_its_file(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text(posts(1))
    for stamp, year in ((SETTLED, 2017), (0, 1970), (-(10**10), 1970), (10**12, 2106)):
        os.utime(path, (stamp, stamp))
        (found,) = Passes(path).next()
        assert isinstance(found, Mention)
        assert found.posted_at.year == year


def test_deletions(tmp_path: Path) -> None:
    at = "2026-11-02T10:00:00Z"
    (tmp_path / "a.jsonl").write_text(
        jsonl({"id": "1", "deleted": True, "posted_at": at}, {"deleted": True, "text": "t"}, {"id": "3", "deleted": 1})
    )
    (tmp_path / "b.csv").write_text("id,text,deleted\n4,gone,true\n5,here,false\n6,here,\n")
    passes = Passes(tmp_path)
    found = passes.next()
    assert [(type(event), event.native_id) for event in found] == [
        *((Deletion, "1"), (Deletion, "3"), (Deletion, "4")),
        *((Mention, "5"), (Mention, "6")),
    ]
    assert isinstance(found[0], Deletion)
    assert found[0].at == datetime(2026, 11, 2, 10, tzinfo=UTC)
    assert passes.rejected == [("a.jsonl:2", "a deletion without the id of what is deleted")]


# ---------------------------------------------------------------- ids


def made(tmp_path: Path, name: str, content: str) -> list[str]:
    directory = tmp_path / f"d{len(list(tmp_path.iterdir()))}"
    directory.mkdir()
    (directory / name).write_text(content)
    return [event.native_id for event in Passes(directory).next()]


def test_a_record_that_says_whose_it_is_is_the_same_in_every_file_and_line(tmp_path: Path) -> None:
    who = {"text": "t", "author": "jo", "posted_at": "2026-11-02"}
    assert made(tmp_path, "a.jsonl", jsonl(who)) == made(tmp_path, "b.jsonl", "\n" + jsonl(who))
    assert made(tmp_path, "a.jsonl", jsonl(who)) == made(tmp_path, "c.csv", "author,text,posted_at\njo,t,2026-11-02\n")
    assert made(tmp_path, "a.jsonl", jsonl(who)) != made(tmp_path, "a.jsonl", jsonl({**who, "text": "u"}))


def test_equal_words_of_nobody_in_particular_stay_apart(tmp_path: Path) -> None:
    fifty = jsonl(*[{"text": "つながらない"}] * 50)
    first = made(tmp_path, "a.jsonl", fifty)
    assert len(set(first)) == 50
    assert made(tmp_path, "a.jsonl", fifty) == first
    assert not set(made(tmp_path, "b.jsonl", fifty)) & set(first)


def test_an_id_that_equals_its_line_is_still_its_own(tmp_path: Path) -> None:
    for given_ in ("1", 1, 1.0):
        assert made(tmp_path, "a.jsonl", jsonl({"id": given_, "text": "t"})) == ["1"]
    assert made(tmp_path, "a.jsonl", jsonl({"id": [1], "text": "t"})) != ["1"]


# ---------------------------------------------------------------- passes over files


def test_every_pass_reads_what_is_new(tmp_path: Path) -> None:
    passes = Passes(tmp_path)
    assert passes.next() == []
    log = tmp_path / "log.jsonl"
    log.write_text(posts(1, 2))
    assert passes.texts() == ["post 1", "post 2"]
    assert passes.texts() == []
    with log.open("a") as stream:
        stream.write(posts(3))
    (tmp_path / "new.csv").write_text("id;text\n9;nine\n")
    assert passes.texts() == ["post 3", "nine"]
    with (tmp_path / "new.csv").open("a") as stream:
        stream.write("10;ten\n")
    assert passes.texts() == ["ten"]


def test_a_pass_goes_on_in_the_file_and_does_not_read_it_again(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(posts(*range(200)))
    passes = Passes(tmp_path)
    passes.next()
    log.write_text(log.read_text().replace("post 100", "POST 100") + posts(200))
    # The change in the middle is not looked for; a new beginning, or end of what was read, is.
    assert passes.texts() == ["post 200"]


@pytest.mark.parametrize(
    "after",
    [
        posts(7, 8, 9, 10),
        posts(7),
        posts(1, 2, 7),
        posts(1, 2, 3).replace("post 2", "edit 2"),
        posts(7, 8, 9),
        "",
    ],
    ids=["longer", "shorter", "shortened and changed", "edited", "same size", "emptied"],
)
@pytest.mark.parametrize("moved", [False, True])
def test_a_file_that_was_replaced_is_read_anew(tmp_path: Path, after: str, moved: bool) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(posts(1, 2, 3))
    passes = Passes(tmp_path)
    passes.next()
    if moved:  # as editors do, and rotation
        (tmp_path / "hidden.tmp").write_text(after)
        (tmp_path / "hidden.tmp").rename(log)
    else:
        before = log.stat().st_ctime_ns
        log.write_text(after)
        while log.stat().st_ctime_ns == before:  # within one tick of the file system's clock
            log.touch()
    assert passes.texts() == [json.loads(line)["text"] for line in after.splitlines()]


def test_a_file_that_went_and_came_back_is_read_again(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(posts(1))
    passes = Passes(tmp_path)
    assert passes.texts() == ["post 1"]
    log.unlink()
    assert passes.texts() == []
    assert passes.checkpoint == {"files": {}}
    log.write_text(posts(1))
    assert passes.texts() == ["post 1"]


def test_packed_and_parquet_files_are_read_once_and_again_when_changed(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    passes = Passes(tmp_path)
    for version in ("one", "another"):
        (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(jsonl({"text": f"{version} gz"}).encode()))
        (tmp_path / "b.csv.gz").write_bytes(gzip.compress(f"text\n{version} csv\n".encode()))
        pq.write_table(pa.table({"text": [f"{version} parquet"]}), tmp_path / "c.parquet")
        assert passes.texts() == [f"{version} gz", f"{version} csv", f"{version} parquet"]
        assert passes.texts() == []


def test_checkpoints_come_every_500_records(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(posts(*range(1200)))
    kinds = [type(event) is Checkpoint for event in files.collect(options(tmp_path), None)]
    assert [index for index, is_checkpoint in enumerate(kinds) if is_checkpoint] == [500, 1001, 1202]


def test_small_files_share_checkpoints(tmp_path: Path) -> None:
    for number in range(60):
        (tmp_path / f"{number:03}.jsonl").write_text(posts(number))
    assert sum(isinstance(event, Checkpoint) for event in files.collect(options(tmp_path), None)) == 1


# ---------------------------------------------------------------- half-written files


def test_a_half_line_is_waited_for(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    whole = posts(1) + posts(2)
    log.write_text(whole[:-8])
    passes = Passes(tmp_path)
    assert passes.texts() == ["post 1"]
    assert passes.rejected == []
    log.write_text(whole)
    assert passes.texts() == ["post 2"]
    assert passes.rejected == []


def test_a_half_line_that_stays_is_reported_and_still_read_when_it_is_finished(tmp_path: Path) -> None:
    """A program that writes through a buffer leaves a line unfinished for as long as it has nothing to say."""
    log = tmp_path / "log.jsonl"
    whole = posts(1, 2)
    log.write_text(whole[:-8])
    passes = Passes(tmp_path)
    assert passes.texts() == ["post 1"]
    assert passes.texts() == []
    assert passes.rejected == [("log.jsonl:2", "not JSON (column 22)")]
    assert passes.texts() == []
    assert passes.rejected == []
    log.write_text(whole + posts(3))
    assert passes.texts() == ["post 2", "post 3"]
    assert passes.rejected == []


def test_a_json_object_that_is_whole_needs_no_line_end(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(posts(1, 2).rstrip())
    passes = Passes(tmp_path)
    assert passes.texts() == ["post 1", "post 2"]
    log.write_text(posts(1, 2, 3))
    assert passes.texts()[-1] == "post 3"
    assert passes.texts() == []


@pytest.mark.parametrize("begun", ["9;ni", '9;"ni\nne'])
def test_a_csv_line_without_its_end_is_waited_for(tmp_path: Path, begun: str) -> None:
    table = tmp_path / "a.csv"
    table.write_text(f"id;text\n8;eight\n{begun}")
    passes = Passes(tmp_path)
    assert passes.texts() == ["eight"]
    assert passes.rejected == []
    table.write_text('id;text\n8;eight\n9;"ni\nne"\n')
    assert passes.texts() == ["ni\nne"]


def test_a_csv_that_stays_without_its_last_line_end_is_finished(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,text\n8,eight\n9,nine")
    passes = Passes(tmp_path)
    assert passes.texts() == ["eight"]
    assert passes.texts() == ["nine"]
    assert passes.texts() == []


def test_files_that_nobody_writes_are_taken_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,text\n8,eight\n9,nine")
    assert Passes(path).texts() == ["eight", "nine"]
    assert Passes(tmp_path, watch=False).texts() == ["eight", "nine"]
    assert Passes(path, watch=True).texts() == ["eight"]
    monkeypatch.setattr(files, "SETTLED_S", -1.0)
    assert Passes(tmp_path).texts() == ["eight", "nine"]


def test_a_file_that_is_still_being_copied_is_not_called_damaged(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    whole = tmp_path / ".whole"
    pq.write_table(pa.table({"text": ["parquet"]}), whole)
    packed = gzip.compress(posts(*range(2000)).encode())
    (tmp_path / "a.parquet").write_bytes(whole.read_bytes()[:-10])
    (tmp_path / "b.csv").touch()
    (tmp_path / "c.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    passes = Passes(tmp_path)
    begun = len(passes.next())
    assert 0 < begun < 2000
    assert passes.rejected == []
    (tmp_path / "a.parquet").write_bytes(whole.read_bytes())
    (tmp_path / "b.csv").write_text("text\ncsv\n")
    (tmp_path / "c.jsonl.gz").write_bytes(packed)
    found = passes.texts()
    assert found[:2] == ["parquet", "csv"]
    assert len(found) == 2002
    assert passes.rejected == []


# ---------------------------------------------------------------- bad records and files


def test_one_bad_record_is_one_rejection(tmp_path: Path) -> None:
    bad = ['{"text": "cut', '{"text": null}', "x" * 1_100_000, '{"text": "\\ud800"}', '{"text": "ok", "lang": 5}']
    (tmp_path / "a.jsonl").write_text("\n".join([posts(1).strip(), *bad, posts(2)]))
    passes = Passes(tmp_path)
    assert passes.texts() == ["post 1", "ok", "post 2"]
    assert passes.rejected == [
        ("a.jsonl:2", "not JSON (column 10)"),
        ("a.jsonl:3", "text is null"),
        ("a.jsonl:4", "over 1 MB"),
        ("a.jsonl:5", "text has a lone surrogate"),
    ]


def test_a_bad_file_does_not_stop_the_others_and_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,body\n1,x\n")
    (tmp_path / "b.jsonl.gz").write_bytes(b"no gzip")
    (tmp_path / "c.parquet").write_bytes(b"PAR1")
    (tmp_path / "d.jsonl").write_text(posts(1))
    passes = Passes(tmp_path, watch=False)
    assert passes.texts() == ["post 1"]
    assert passes.rejected == [
        ("a.csv", "has no column named text"),
        ("b.jsonl.gz", "is no gzip file, or breaks off at once"),
        ("c.parquet", "is no Parquet file, or a damaged one"),
    ]
    assert passes.texts() == []
    assert passes.rejected == []
    (tmp_path / "a.csv").write_text("id,text\n1,mended\n")
    assert passes.texts() == ["mended"]


def test_a_gzip_that_stays_cut_gives_its_good_records(tmp_path: Path) -> None:
    packed = gzip.compress(posts(*range(2000)).encode())
    (tmp_path / "a.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    passes = Passes(tmp_path, watch=False)
    count = len(passes.next())
    assert count > 100
    assert passes.rejected == [(f"a.jsonl.gz:{count + 1}", "the gzip stream breaks off")]
    assert passes.next() == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_said_and_read_when_it_may(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(posts(1))
    path.chmod(0)
    passes = Passes(tmp_path, watch=False)
    assert passes.texts() == []
    assert passes.rejected == [("a.jsonl", "cannot be opened (Permission denied)")]
    path.chmod(0o600)
    assert passes.texts() == ["post 1"]


def test_what_is_hidden_unfinished_or_of_another_kind_is_left_alone(tmp_path: Path) -> None:
    for name in (
        ".a.jsonl",
        "b.jsonl.tmp",
        "c.jsonl.part",
        "d.tmp",
        "e.jsonl~",
        "f.txt",
        "g",
        "h.part.gz",
        "README.md",
    ):
        (tmp_path / name).write_text(posts(1))
    (tmp_path / "i.jsonl").mkdir()
    (tmp_path / "J.JSONL").write_text(posts(2))
    passes = Passes(tmp_path)
    assert passes.texts() == ["post 2"]
    assert passes.rejected == []


def test_pipes_and_broken_links_hold_nobody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jsonl")
    (tmp_path / "b.jsonl").symlink_to(tmp_path / "nowhere")
    (tmp_path / "c.jsonl").symlink_to(tmp_path / "c.jsonl")
    (tmp_path / "d.jsonl").symlink_to("/dev/zero")
    (tmp_path / "e.jsonl").write_text(posts(1))
    assert Passes(tmp_path).texts() == ["post 1"]
    with pytest.raises(PayloadError, match="neither a file nor a directory"):
        Passes(tmp_path / "a.jsonl").next()


def test_a_link_to_a_file_beside_it_is_that_file(tmp_path: Path) -> None:
    """As with `current.jsonl -> 2026-11-25.jsonl`: its lines must not count twice."""
    day = tmp_path / "day.jsonl"
    day.write_text(jsonl({"text": "a"}, {"text": "b"}))
    (tmp_path / "current.jsonl").symlink_to(day)
    passes = Passes(tmp_path)
    assert passes.texts() == ["a", "b"]
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "x.jsonl").write_text(posts(1))
    (tmp_path / "alone.jsonl").symlink_to(tmp_path / "outside" / "x.jsonl")
    assert passes.texts() == ["post 1"]


def test_names_are_shown_without_what_a_terminal_would_act_on(tmp_path: Path) -> None:
    (tmp_path / "a\n\x1b[31m.jsonl").write_text("{")
    (tmp_path / os.fsdecode(b"b\xff.jsonl")).write_text("{")
    passes = Passes(tmp_path, watch=False)
    passes.next()
    assert [place for place, _ in passes.rejected] == ["a??[31m.jsonl:1", "b?.jsonl:1"]


# ---------------------------------------------------------------- paths and settings


def test_patterns(tmp_path: Path) -> None:
    for name in ("a/x.jsonl", "a/b/y.jsonl", "a/b/z.csv", "c/w.jsonl"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(jsonl({"text": name}) if name.endswith("jsonl") else "text\nno\n")
    assert Passes(tmp_path / "a/*.jsonl").texts() == ["a/x.jsonl"]
    assert sorted(Passes(tmp_path / "**/[xyw].jsonl").texts()) == ["a/b/y.jsonl", "a/x.jsonl", "c/w.jsonl"]
    assert Passes(tmp_path / "a/nothing*").texts() == []


def test_a_single_file_may_have_wildcards_in_its_name(tmp_path: Path) -> None:
    (tmp_path / "a[1].jsonl").write_text(posts(1))
    assert Passes(tmp_path / "a[1].jsonl").texts() == ["post 1"]


@pytest.mark.parametrize("path", ["missing.jsonl", "missing", "missing/*.jsonl", "missing/dir/**/*.csv"])
def test_a_path_that_is_not_there_is_said(tmp_path: Path, path: str) -> None:
    with pytest.raises(GoneError) as caught:
        Passes(tmp_path / path).next()
    assert "`path`" in caught.value.hint


def test_a_single_file_of_an_unknown_kind_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.docx").touch()
    with pytest.raises(PayloadError, match="unknown kind") as caught:
        Passes(tmp_path / "a.docx").next()
    assert ".jsonl" in caught.value.hint


def test_too_many_files_are_said_after_those_that_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILES", 3)
    for number in range(5):
        (tmp_path / f"{number}.jsonl").write_text(posts(number))
    events: list[Event] = []
    with pytest.raises(PayloadError, match="more than 3 files"):
        events.extend(files.collect(options(tmp_path), None))
    assert [event.text for event in events if isinstance(event, Mention)] == ["post 0", "post 1", "post 2"]
    assert isinstance(events[-1], Checkpoint)


@pytest.mark.parametrize("path", ["", 5, None])
def test_a_path_is_needed(path: object) -> None:
    with pytest.raises(SettingsError, match="path"):
        validated(files.Options, {"name": "n", "kind": "files", "path": path})


@pytest.mark.parametrize("saved", [{}, {"files": 5}, {"files": {"x": [1], "y": "z"}}])
def test_a_checkpoint_of_other_settings_is_no_harm(tmp_path: Path, saved: Mapping[str, Any]) -> None:
    (tmp_path / "a.jsonl").write_text(posts(1))
    passes = Passes(tmp_path)
    passes.checkpoint = saved
    assert passes.texts() == ["post 1"]


# ---------------------------------------------------------------- any history of a file

WORDS = st.text(st.sampled_from('ab"\\,{}é漢\n\r '), max_size=8)


def written(kind: str, texts: Iterable[str]) -> bytes:
    if kind == "jsonl":
        return jsonl(*({"text": text} for text in texts)).encode()
    return ("text,id\n" + "".join(f'"{text.replace(chr(34), chr(34) * 2)}",\n' for text in texts)).encode()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["jsonl", "csv"]), st.lists(WORDS, max_size=8), st.lists(st.integers(0, 300), max_size=5))
def test_a_file_that_grows_by_any_pieces_gives_each_record_at_least_once_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, kind: str, texts: list[str], cuts: list[int]
) -> None:
    directory = tmp_path_factory.mktemp("grow")
    whole = written(kind, texts)
    passes = Passes(directory)
    found: dict[str, str] = {}
    for cut in [*sorted(cut for cut in cuts if cut < len(whole)), len(whole)]:
        (directory / f"log.{kind}").write_bytes(whole[:cut])
        found |= {event.native_id: event.text for event in passes.next() if isinstance(event, Mention)}
        assert passes.rejected == []
    assert sorted(found.values()) == sorted(texts)
    assert passes.next() == []


# ------------------------------------------------------------------ exports of other tools


def exported(tmp_path: Path, content: bytes, **values: Any) -> list[Mention]:
    (tmp_path / "export.csv").write_bytes(content)
    table = {"name": "s", "kind": "files", "path": str(tmp_path / "export.csv"), **values}
    events = files.collect(validated(files.Options, table), None)
    return [event for event in events if isinstance(event, Mention)]


def test_an_export_of_4cat(tmp_path: Path) -> None:
    content = b"id,thread_id,timestamp,body,subject,author\n7,5,2026-11-02 10:00:00,It broke,Help,jo\n"
    (found,) = exported(tmp_path, content, preset="4cat")
    assert (found.native_id, found.text, found.title, found.thread_id) == ("7", "It broke", "Help", "5")
    assert found.posted_at == datetime(2026, 11, 2, 10, tzinfo=UTC)


def test_an_export_with_its_own_columns_and_encoding(tmp_path: Path) -> None:
    content = "微博id,正文,发布时间,用户,转发数\n9,一直闪退，退款！,2026年11月2日 10:00,小明,3\n".encode("gb18030")
    columns = {"id": "微博id", "text": "正文", "posted_at": "发布时间", "author": "用户", "shares": "转发数"}
    (found,) = exported(tmp_path, content, columns=columns, encoding="gb18030", zone="Asia/Shanghai")
    assert (found.native_id, found.text, found.author) == ("9", "一直闪退，退款！", "小明")
    assert found.posted_at == datetime(2026, 11, 2, 2, tzinfo=UTC)
    assert found.engagement is not None
    assert found.engagement.shares == 3


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026/11/2 9:05", datetime(2026, 11, 2, 0, 5, tzinfo=UTC)),
        ("2026-11-02", datetime(2026, 11, 1, 15, tzinfo=UTC)),
        ("2026-11-02T10:00:00Z", datetime(2026, 11, 2, 10, tzinfo=UTC)),
        ("1793613600", datetime.fromtimestamp(1793613600, UTC)),
        ("1793613600000", datetime.fromtimestamp(1793613600, UTC)),
    ],
)
def test_dates_as_spreadsheets_write_them(tmp_path: Path, written: str, expected: datetime) -> None:
    (found,) = exported(tmp_path, f"text,posted_at\nx,{written}\n".encode(), zone="Asia/Tokyo")
    assert found.posted_at == expected


def test_a_line_that_is_not_in_the_named_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("text\n返金\n".encode("cp932") + b"\x81\n" + "遅い\n".encode("cp932"))
    table = {"name": "s", "kind": "files", "path": str(tmp_path / "a.csv"), "encoding": "cp932"}
    events = list(files.collect(validated(files.Options, table), None))
    assert [event.text for event in events if isinstance(event, Mention)] == ["返金", "遅い"]
    assert [event.place for event in events if isinstance(event, Rejection)] == ["a.csv:3"]


@pytest.mark.parametrize(
    "values", [{"columns": {"words": "x"}}, {"zone": "Mars"}, {"encoding": "utf-16"}, {"preset": "x"}]
)
def test_export_settings_that_cannot_work(values: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        validated(files.Options, {"name": "s", "kind": "files", "path": "x", **values})
