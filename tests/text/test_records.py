"""Reading records: DESIGN.md section 6, "Input"."""

import csv
import gzip
import io
import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.errors import InputError
from listener.text._rows import rows
from listener.text.records import BadRecord, Record, read
from listener.types import CAUSES

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
WORD = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12)
MOMENT = st.datetimes(datetime(1991, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
RECORD = st.fixed_dictionaries(
    {"id": WORD, "text": TEXT},
    optional={
        "lang": st.sampled_from(["ja", "zh", "en"]),
        "source": WORD,
        "brand": WORD,
        "posted_at": MOMENT,
        "tags": st.lists(WORD, max_size=3, unique=True),
        "pair": WORD,
        "complaint": st.integers(0, 1),
        "severity": st.integers(0, 4),
        "churn": st.integers(0, 1),
        "cause": st.sampled_from([*CAUSES, "none"]),
    },
)


def from_bytes(content: bytes) -> list[Record | BadRecord]:
    return list(read("-", stream=io.BytesIO(content)))


def one(values: Any) -> tuple[Record, list[str]]:
    """The only record of a file that holds just this object, and what was said about it."""
    *bad, record = from_bytes(json.dumps(values).encode())
    assert isinstance(record, Record)
    return record, [b.reason for b in bad if isinstance(b, BadRecord) and not b.dropped]


def reason_for(line: bytes) -> str:
    """Why this line is dropped; the records around it must arrive."""
    found = from_bytes(b'{"text": "before"}\n' + line + b'\n{"text": "after"}\n')
    assert [item.text for item in found if isinstance(item, Record)] == ["before", "after"]
    (bad,) = [item for item in found if isinstance(item, BadRecord)]
    assert bad.dropped
    assert bad.place == "-:2"
    return bad.reason


def expected(values: dict[str, Any]) -> dict[str, Any]:
    return {**values, **({"tags": tuple(values["tags"])} if "tags" in values else {})}


def shown(record: Record | BadRecord, keys: Any) -> dict[str, Any]:
    assert isinstance(record, Record), record
    return {key: getattr(record, key) for key in keys}


# ---------------------------------------------------------------- JSON Lines


@given(st.lists(RECORD, max_size=6))
def test_what_is_written_as_json_lines_is_read(written: list[dict[str, Any]]) -> None:
    content = "".join(json.dumps(values, default=datetime.isoformat, ensure_ascii=False) + "\n" for values in written)
    found = from_bytes(content.encode())
    assert [shown(item, values) for item, values in zip(found, written, strict=True)] == list(map(expected, written))


@given(st.lists(st.binary(max_size=30).filter(lambda raw: b"\n" not in raw), max_size=8))
def test_any_bytes_give_one_answer_a_line_and_never_an_exception(content: list[bytes]) -> None:
    found = from_bytes(b"\n".join(content))
    filled = [n for n, raw in enumerate(content, 1) if raw.removeprefix(b"\xef\xbb\xbf").strip()]
    answers = [int(i.place.rsplit(":")[-1]) if isinstance(i, BadRecord) else i.line for i in found]
    assert answers == filled


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = ["id", "lang", "source", "channel", "brand", "posted_at", "timestamp", "tags", "hard", "pair", "complaint"]
KEYS += ["severity", "severity_code", "churn", "cause", "airline", "other", "\ud800"]


@given(st.dictionaries(st.sampled_from(KEYS), JSON))
def test_no_value_of_an_optional_field_costs_the_record(values: dict[str, Any]) -> None:
    found = from_bytes(json.dumps({"text": "t", **values}).encode())
    record = found[-1]
    assert isinstance(record, Record)
    assert record.text == "t"
    assert record.severity in (None, 0, 1, 2, 3, 4)
    assert record.posted_at is None or record.posted_at.tzinfo is UTC
    repr((record, found)).encode()  # nothing that cannot be written out


def test_a_bom_blank_lines_and_windows_line_ends_are_ignored() -> None:
    found = from_bytes(b'\xef\xbb\xbf{"text": "a"}\r\n\r\n  \t\n\xef\xbb\xbf{"text": "b"}')
    assert [(item.text, item.line, item.id) for item in found if isinstance(item, Record)] == [
        ("a", 1, "1"),
        ("b", 4, "4"),
    ]
    assert len(found) == 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text": "cut', "not JSON (column 10)"),
        (b"[1]", "not a JSON object"),
        (b'"text"', "not a JSON object"),
        (b'{"id": "1"}', "text is missing"),
        (b'{"text": null}', "text is null"),
        (b'{"text": 12}', "text is not a string"),
        (b'{"text": ["a"]}', "text is not a string"),
        (b'{"text": "a\0b"}', "has a NUL byte"),
        (b'{"text": "a\\u0000b"}', "text has a NUL"),
        (b'{"text": "\\ud83d"}', "text has a lone surrogate"),
        (b'{"text": "\xff"}', "not UTF-8 (byte 11)"),
        ("{'text': 'つながらない'}".encode("shift_jis"), "not UTF-8 (byte 11)"),
        (b'{"text": "\xed\xa0\x80"}', "not UTF-8 (byte 11)"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"text": "", "n": ' + b"9" * 5000 + b"}", "has a number too long"),
        (b'{"text": "' + b"x" * 1_000_000 + b'"}', "over 1 MB"),
        (b"x" * 10_000_000, "over 1 MB"),
    ],
    ids=lambda value: repr(value[:20]),
)
def test_a_bad_line_is_dropped_with_its_place_and_reason(line: bytes, reason: str) -> None:
    assert reason_for(line) == reason


def test_an_escaped_pair_of_surrogates_is_one_character() -> None:
    assert one({"text": "\U0001f600"})[0].text == "\U0001f600"


def test_a_line_of_just_under_one_megabyte_is_taken() -> None:
    line = b'{"text": "' + b"x" * (1_000_000 - 12) + b'"}'
    for end in (b"", b"\n", b"\r\n"):
        (record,) = from_bytes(line + end)
        assert isinstance(record, Record)


class _Endless(io.RawIOBase):
    """A line of 64 MB made as it is read, then a good record."""

    def __init__(self) -> None:
        self._left = 64 << 20
        self._tail = b'\n{"text": "after"}\n'

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = min(len(buffer), self._left)
        buffer[:size] = b"x" * size
        self._left -= size
        if size == 0:
            size = len(self._tail)
            buffer[:size], self._tail = self._tail, b""
        return size


def test_an_endless_line_is_never_held() -> None:
    tracemalloc.start()
    found = list(read("-", stream=io.BufferedReader(_Endless())))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [type(item) for item in found] == [BadRecord, Record]
    assert peak < 8 << 20


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("lang", 5, "lang: not a string; ignored"),
        ("lang", "j\0a", "lang: has a NUL or a lone surrogate; ignored"),
        ("id", [1], "id: neither a string nor a number; ignored"),
        ("id", True, "id: neither a string nor a number; ignored"),
        ("id", "x" * 501, "id: longer than 500 characters; ignored"),
        ("brand", {"name": "b"}, "brand: not a string; ignored"),
        ("posted_at", "yesterday", "posted_at: not an ISO 8601 date; ignored"),
        ("posted_at", 1_700_000_000, "posted_at: not an ISO 8601 date; ignored"),
        ("posted_at", "0001-01-01T00:00:00+14:00", "posted_at: not a plausible date; ignored"),
        ("posted_at", "9999-12-31T23:59:59-14:00", "posted_at: not a plausible date; ignored"),
        ("posted_at", "1970-01-01", "posted_at: not a plausible date; ignored"),
        ("timestamp", "2024-13-01", "timestamp: not an ISO 8601 date; ignored"),
        ("severity", 9, "severity: not a number from 0 to 4; ignored"),
        ("severity", "2", "severity: not a number from 0 to 4; ignored"),
        ("complaint", True, "complaint: not a number from 0 to 1; ignored"),
        ("churn", 0.5, "churn: not a number from 0 to 1; ignored"),
        ("cause", "weather", "cause: not a cause code; ignored"),
        ("tags", "a,b", "tags: not a list of strings; ignored"),
        ("tags", ["a", 1], "tags: not a list of strings; ignored"),
        ("hard", True, "hard: not a string; ignored"),
    ],
)
def test_a_bad_optional_field_is_reported_and_ignored(field: str, value: object, reason: str) -> None:
    record, said = one({"text": "t", field: value})
    assert said == [reason]
    plain = one({"text": "t"})[0]
    assert record == plain


def test_numbers_given_as_ids_become_strings() -> None:
    for value, read_as in ((7, "7"), (7.0, "7"), ("7", "7"), (1.5, "1.5"), (0, "0")):
        assert one({"id": value, "text": "t", "pair": value})[0].id == read_as
        assert one({"id": value, "text": "t", "pair": value})[0].pair == read_as


def test_null_and_empty_fields_are_absent() -> None:
    empty = dict.fromkeys(["lang", "brand", "posted_at", "severity", "cause", "tags", "pair"])
    record, said = one({"text": "", "id": None, "source": "", **empty})
    assert said == []
    assert record == Record(id="1", text="", line=1)


def test_the_other_names_of_fields_stand_for_them_unless_these_are_given() -> None:
    record, _ = one({"text": "t", "timestamp": "2024-05-01T10:00:00+09:00", "severity_code": 3, "airline": "Aozora"})
    assert (record.posted_at, record.severity, record.brand) == (datetime(2024, 5, 1, 1, tzinfo=UTC), 3, "Aozora")
    record, _ = one({"text": "t", "timestamp": "2020-01-01", "posted_at": "2024-05-01", "airline": "x", "brand": "y"})
    assert (record.posted_at, record.brand) == (datetime(2024, 5, 1, tzinfo=UTC), "y")
    assert record.extra == {"timestamp": "2020-01-01", "airline": "x"}


@pytest.mark.parametrize(
    ("written", "hours"), [("2024-05-01T10:00:00", 10), ("2024-05-01 10:00Z", 10), ("20240501T100000+0900", 1)]
)
def test_dates_come_out_in_utc(written: str, hours: int) -> None:
    assert one({"text": "t", "posted_at": written})[0].posted_at == datetime(2024, 5, 1, hours, tzinfo=UTC)


def test_hard_is_one_more_tag() -> None:
    assert one({"text": "t", "hard": "irony"})[0].tags == ("irony",)
    assert one({"text": "t", "hard": "irony", "tags": ["a", "irony"]})[0].tags == ("a", "irony")


def test_unknown_keys_are_kept_where_they_can_be_written_out() -> None:
    deep: Any = "x"
    for _ in range(200):
        deep = [deep]
    record, said = one({"text": "t", "likes": 3, "who": {"a": ["\ud800"]}, "nul": "\0", "deep": deep})
    assert said == []
    assert record.extra == {"likes": 3}


def test_standard_input_is_the_default_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"text": "in"}\n')))
    assert [item.text for item in read("-") if isinstance(item, Record)] == ["in"]


# ---------------------------------------------------------------- files and gzip


@pytest.mark.parametrize("name", ["a.jsonl", "a.NDJSON", "a.json", "a.jsonl.gz", "a", "b.v2.jsonl"])
def test_the_suffix_says_how_to_read(tmp_path: Path, name: str) -> None:
    content = b'{"text": "a"}\n'
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    assert list(read(tmp_path / name)) == [Record(id="1", text="a", line=1)]


def test_a_bad_record_names_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "a\n\u202eb.jsonl"
    path.write_bytes(b"\n{")
    (bad,) = read(path)
    assert isinstance(bad, BadRecord)
    assert bad.place == f"{tmp_path}/a??b.jsonl:2"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("missing.jsonl", None, "No such file"),
        ("picture.png", b"", "unknown kind"),
        ("a.jsonl.gz", b"no gzip", "no gzip file"),
        ("a.jsonl.gz", gzip.compress(b"x")[:5], "breaks off at once"),
        ("a.jsonl", '{"text": "a"}'.encode("utf-16"), "UTF-16"),
        ("a.csv", b"", "is empty"),
        ("a.csv", b"\n\n", "is empty"),
        ("a.csv", b"id,body\n1,secret\n", "no column named text"),
        ("a.csv", b"text,text\n1,2\n", "names a column twice"),
        ("a.csv", b"text,\xff\n", "not UTF-8"),
        ("a.csv", b'text,"id\n' + b"1,2\n" * 3, "first line cannot be read: wrong quoting"),
        ("a.csv", "text\n返金".encode("utf-16"), "UTF-16"),
        ("a.parquet", b"", "no Parquet file"),
        ("a.parquet", b"PAR1 and nothing else PAR1", "no Parquet file"),
        ("a.parquet.gz", gzip.compress(b"PAR1")[:-2], "breaks off"),
    ],
)
def test_a_file_that_cannot_be_used_at_all(tmp_path: Path, name: str, content: bytes | None, reason: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=reason) as caught:
        list(read(tmp_path / name))
    assert caught.value.exit_code == 2
    assert "secret" not in str(caught.value)


def test_a_directory_is_no_file_of_records(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="directory"):
        list(read(tmp_path))


def test_an_empty_json_lines_file_has_no_records(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").touch()
    assert list(read(tmp_path / "a.jsonl")) == []


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.csv.gz"])
def test_a_gzip_that_breaks_off_gives_its_good_records_and_one_fault(tmp_path: Path, name: str) -> None:
    texts = [f"{n} {hash(n) * 2654435761 % 2**32}" for n in range(5000)]
    written = "text\n" if "csv" in name else ""
    written += "".join(f"{text}\n" if "csv" in name else json.dumps({"text": text}) + "\n" for text in texts)
    packed = gzip.compress(written.encode())
    (tmp_path / name).write_bytes(packed[: len(packed) // 2])
    *good, bad = read(tmp_path / name)
    assert 1000 < len(good) < 4500
    assert [item.text for item in good if isinstance(item, Record)] == texts[: len(good)]
    assert isinstance(bad, BadRecord)
    assert bad.reason == "the gzip stream breaks off"
    assert bad.place == f"{tmp_path / name}:{len(good) + ('csv' in name) + 1}"


def test_a_damaged_gzip_gives_its_good_records_and_one_fault(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(b'{"text": "a"}\n'))
    packed[-6] ^= 0xFF  # the checksum
    (tmp_path / "a.jsonl.gz").write_bytes(packed)
    good, bad = read(tmp_path / "a.jsonl.gz")
    assert isinstance(good, Record)
    assert isinstance(bad, BadRecord)
    assert bad.reason == "the gzip stream is damaged"


def test_gzip_files_put_one_behind_the_other_are_one(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b'{"text": "a"}\n') + gzip.compress(b'{"text": "b"}\n'))
    assert [item.text for item in read(tmp_path / "a.jsonl.gz") if isinstance(item, Record)] == ["a", "b"]


# ---------------------------------------------------------------- CSV


def csv_file(tmp_path: Path, content: str | bytes, name: str = "a.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@given(
    st.lists(RECORD, min_size=1, max_size=5), st.sampled_from(",;\t"), st.sampled_from(["\n", "\r\n"]), st.booleans()
)
def test_what_is_written_as_csv_is_read(
    tmp_path_factory: pytest.TempPathFactory, written: list[dict[str, Any]], delimiter: str, end: str, quoted: bool
) -> None:
    if not quoted:  # Python's writer forgets to quote a carriage return
        written = [{**values, "text": values["text"].replace("\r", "")} for values in written]
    out = io.StringIO()
    quoting = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    writer = csv.DictWriter(out, ["text", *KEYS[:-1]], delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writeheader()
    for values in written:
        tags = json.dumps(values["tags"]) if "tags" in values else ""
        when = values["posted_at"].isoformat() if "posted_at" in values else ""
        writer.writerow({**values, "tags": tags, "posted_at": when})
    found = list(read(csv_file(tmp_path_factory.mktemp("csv"), out.getvalue())))
    assert [shown(item, values) for item, values in zip(found, written, strict=True)] == list(map(expected, written))


@given(st.text(st.sampled_from('a",\n;'), max_size=30))
def test_any_quoting_gives_records_or_reasons(tmp_path_factory: pytest.TempPathFactory, body: str) -> None:
    path = csv_file(tmp_path_factory.mktemp("csv"), "id,text\n" + body + '\nlast,"the end"\n')
    found = list(read(path))
    assert isinstance(found[-1], Record)
    assert found[-1].text.endswith("the end")


def test_an_unclosed_quote_costs_one_record(tmp_path: Path) -> None:
    path = csv_file(tmp_path, 'id,text\n1,"never closed\n2,second\n3,"with\nline end"\n4,last\n')
    # The quote is closed by the one of record 3, which is then wrong: only the line that opened it is lost.
    found = list(read(path))
    assert [(item.id, item.text) for item in found if isinstance(item, Record)] == [
        ("2", "second"),
        ("3", "with\nline end"),
        ("4", "last"),
    ]
    (bad,) = [item for item in found if isinstance(item, BadRecord)]
    assert (bad.place, bad.reason) == (f"{path}:2", "wrong quoting")


def test_a_csv_with_bom_quoted_lines_and_surplus(tmp_path: Path) -> None:
    content = '\ufeff"id";text;tags;severity;likes\n;"two\nlines";a;;5\n\n9;x;b;3;;\n8;x;b;3;4;surplus\n7\n6;;;9;\n'
    path = csv_file(tmp_path, content)
    assert list(read(path)) == [
        Record(id="2", text="two\nlines", line=2, tags=("a",), extra={"likes": "5"}),
        Record(id="9", text="x", line=5, tags=("b",), severity=3),
        BadRecord(f"{path}:6", "more fields than the first line names", True),
        BadRecord(f"{path}:7", "text is missing", True),
        BadRecord(f"{path}:8", "severity: not a number from 0 to 4; ignored", False),
        Record(id="6", text="", line=8),
    ]


def test_csv_records_that_are_no_text_are_dropped_one_by_one(tmp_path: Path) -> None:
    big = b"x" * 1_000_001
    rows_ = [b"id,text", b"1,ok", b"2,\x8e\x9f", b"3,a\0", b"4," + big, b'5,"' + big + b'"', b'"6","' + b"y" * 999_000]
    path = csv_file(tmp_path, b"\n".join([*rows_, b"z" * 2000, b"7,ok\n"]))
    found = list(read(path))
    assert [item.id for item in found if isinstance(item, Record)] == ["1", "7"]
    assert [(b.place.rsplit(":")[-1], b.reason) for b in found if isinstance(b, BadRecord)] == [
        ("3", "not UTF-8 (byte 3)"),
        ("4", "has a NUL byte"),
        ("5", "over 1 MB"),
        ("6", "over 1 MB"),
        ("7", "a quote is not closed, or over 1 MB"),
        ("8", "text is missing"),
    ]


def test_a_csv_field_of_almost_one_megabyte_is_taken(tmp_path: Path) -> None:
    (record,) = read(csv_file(tmp_path, "text\n" + "x" * 999_990))
    assert isinstance(record, Record)


# ---------------------------------------------------------------- Parquet


def parquet_file(path: Path, columns: dict[str, Any], **options: Any) -> Path:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    pq.write_table(pa.table(columns), path, **options)
    return path


def test_parquet_rows_have_the_types_of_their_columns(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    moment = datetime(2024, 5, 1, 10, tzinfo=timezone(timedelta(hours=9)))
    path = parquet_file(
        tmp_path / "a.parquet",
        {
            "id": [1, 2, None],
            "text": ["返金", None, ""],
            "posted_at": pa.array([moment] * 3, pa.timestamp("ns", "Asia/Tokyo")),
            "severity": [2.0, None, float("nan")],
            "tags": [["a"], [], None],
            "day": [date(2024, 5, 1)] * 3,
        },
    )
    assert list(read(path)) == [
        Record(
            id="1",
            text="返金",
            line=1,
            posted_at=moment.astimezone(UTC),
            severity=2,
            tags=("a",),
            extra={"day": date(2024, 5, 1)},
        ),
        BadRecord(f"{path}:2", "text is null", True),
        Record(id="3", text="", line=3, posted_at=moment.astimezone(UTC), extra={"day": date(2024, 5, 1)}),
    ]


def test_parquet_is_read_packed_and_in_batches(tmp_path: Path) -> None:
    path = parquet_file(tmp_path / "a.parquet", {"text": [str(n) for n in range(1000)]}, row_group_size=300)
    packed = tmp_path / "a.parquet.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    for file in (path, packed):
        assert [item.text for item in read(file) if isinstance(item, Record)] == [str(n) for n in range(1000)]


def test_parquet_without_text_and_cut_short(tmp_path: Path) -> None:
    path = parquet_file(tmp_path / "a.parquet", {"body": ["x"]})
    with pytest.raises(InputError, match="no column named text"):
        list(read(path))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match="no Parquet file"):
        list(read(path))


def test_a_damaged_page_costs_the_rest_of_a_parquet_file(tmp_path: Path) -> None:
    path = parquet_file(
        tmp_path / "a.parquet", {"text": [str(n) * 20 for n in range(2000)]}, row_group_size=500, compression="gzip"
    )
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 200] = bytes(200)
    path.write_bytes(content)
    *good, bad = read(path)
    assert 500 <= len(good) < 2000
    assert isinstance(bad, BadRecord)
    assert bad.dropped


def test_invalid_text_in_parquet_costs_its_row(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    raw = pa.array([b"good", b"\xff\xfe", b"too"], pa.binary())
    invalid = pa.Array.from_buffers(pa.string(), 3, raw.buffers())
    path = parquet_file(tmp_path / "a.parquet", {"text": invalid})
    assert list(read(path)) == [
        Record(id="1", text="good", line=1),
        BadRecord(f"{path}:2", "a value cannot be read", True),
        Record(id="3", text="too", line=3),
    ]


# ---------------------------------------------------------------- going on from a place


def _files(tmp_path: Path) -> Iterator[Path]:
    lines = "".join(f'{{"text": "{n}"}}\n{"" if n % 3 else "broken"}\n' for n in range(20)).encode()
    table = b'text,id\n"quoted\nline",1\n\n"open,2\nplain,3\na,b,c\n"end",4'
    for name, content in (("a.jsonl", lines), ("b.csv", table)):
        (tmp_path / name).write_bytes(content)
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content))
        yield from (tmp_path / name, tmp_path / f"{name}.gz")
    yield parquet_file(tmp_path / "c.parquet", {"text": [str(n) for n in range(600)]})


def test_rows_go_on_after_any_row(tmp_path: Path) -> None:
    for path in _files(tmp_path):
        everything = list(rows(path))
        assert len(everything) > 3
        for index in range(0, len(everything), max(1, len(everything) // 25)):
            row = everything[index]
            assert list(rows(path, offset=row.end, line=row.last_line)) == everything[index + 1 :], (path, index)


def test_a_last_line_without_its_end_is_marked(tmp_path: Path) -> None:
    for name, content in (("a.jsonl", '{"text": "a"}\n{"te'), ("a.csv", 'text\na\n"b\nc')):
        path = csv_file(tmp_path, content, name)
        first, second, *_ = rows(path)
        assert first.complete
        assert not second.complete
