"""Training examples from our corpus, the outside sets and people's own labels; split so that nothing leaks."""

from __future__ import annotations

import csv
import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from listener.classify.recipes import UNKNOWN, Targets
from listener.errors import InputError
from listener.lab.catalogue import CATALOGUE, LICENSED_SOURCES, POOLS, DataSet, Family
from listener.text import copies, langid
from listener.text.records import BadRecord, Record, read
from listener.types import CAUSES, LANGUAGES

HELD_OUT: Final = 0.15
"""Share of real posts and corpus that measures and is never trained on while measuring."""
_UNSURE: Final = 0.5
_LABEL_WEIGHT: Final = 1.0


@dataclass(frozen=True, slots=True)
class Example:
    """One post to learn from or to be measured on. Labels are -1 where unknown, `cause` an index into CAUSES.

    `group` is what may not be split: a pair of contrasting posts, or the near-copies of a text.
    """

    text: str
    lang: str
    family: Family
    file: str
    group: str
    weight: float
    tags: tuple[str, ...]
    source: str | None
    channel: str | None
    complaint: int
    severity: int
    cause: int
    churn: int


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read, for the card."""

    name: str
    sha256: str
    records: int
    licence: str
    terms: str


def corpus(paths: Sequence[Path]) -> tuple[list[Example], list[Source]]:
    """Our own files, or whole directories of them. Raises InputError if there is none."""
    files = [file for path in paths for file in (sorted(path.glob("*.jsonl")) if path.is_dir() else [path])]
    if not files:
        raise InputError(str(paths[0]) if paths else "corpus", "holds no .jsonl files")
    examples: list[Example] = []
    sources: list[Source] = []
    for file in files:
        made = [_example(record, "corpus", file.name.split(".")[0], 1.0) for record in _records(file)]
        examples += made
        sources.append(Source(file.name, hash_file(file), len(made), "Apache-2.0", "yes"))
    return examples, sources


def outside(directory: Path | None, *, only_licensed: bool) -> tuple[list[Example], list[Source]]:
    """The catalogue's sets that are there; none is required."""
    examples: list[Example] = []
    sources: list[Source] = []
    for data in CATALOGUE if directory is not None else ():
        assert directory is not None
        file = directory / f"{data.name}.jsonl.gz"
        kept = _allowed(data, only_licensed) if file.exists() else None
        if kept is None:
            continue
        made = [
            _example(record, data.family, data.name, data.weight)
            for record in _records(file)
            if not kept or record.source in kept
        ]
        examples += [example for example in made if example.complaint != UNKNOWN]
        terms = "yes" if only_licensed else data.terms
        sources.append(Source(file.name, hash_file(file), len(made), data.licence, terms))
    return examples, sources


def read_by_us(labels: Path, directory: Path | None, *, only_licensed: bool) -> tuple[list[Example], list[Source]]:
    """The labels in data/labels/ joined with the public pools, where those are on the machine."""
    pools = [directory / f"{name}.jsonl.gz" for name in POOLS] if directory is not None else []
    there = [pool for pool in pools if pool.exists()]
    files = sorted(labels.glob("*.csv")) if there else []
    found = _joined(files, there, "real")
    kept = [example for example in found if not only_licensed or example.source in LICENSED_SOURCES]
    licence = "labels Apache-2.0; texts as listed for the real sets"
    terms = "yes" if only_licensed else "weights"
    sources = [Source(file.name, hash_file(file), len(_label_rows(file)), licence, terms) for file in files]
    sources += [
        Source(pool.name, hash_file(pool), sum(e.file == _stem(pool) for e in kept), licence, terms) for pool in there
    ]
    return kept, sources


def labelled(labels: Sequence[Path], texts: Sequence[Path]) -> tuple[list[Example], list[Source]]:
    """People's own labels (CSV keyed by `text_sha256`) joined with the texts they are about.

    Rows with `may_train` 0, as the board exports them for sources that models may not learn from, are left out.
    """
    found = _joined(labels, texts, "labels")
    return found, [Source(path.name, hash_file(path), len(_label_rows(path)), "your own", "yes") for path in labels]


def _joined(labels: Sequence[Path], texts: Sequence[Path], family: Family) -> list[Example]:
    gold: dict[str, Mapping[str, str]] = {}
    for path in labels:
        rows = [row for row in _label_rows(path) if (row.get("may_train") or "1").strip() != "0"]
        gold |= {row["text_sha256"].strip().lower(): row for row in rows}
    examples = (
        _example(_with_labels(record, row), family, _stem(path), 1.0)
        for path in texts
        for record in _records(path)
        if (row := gold.pop(text_sha256(record.text), None)) is not None
    )
    return [example for example in examples if example.complaint != UNKNOWN]


def _stem(path: Path) -> str:
    return path.name.split(".")[0]


def text_sha256(text: str) -> str:
    """The key of label files: SHA-256 of the UTF-8 bytes of the NFC text, in hex."""
    return hashlib.sha256(unicodedata.normalize("NFC", text).encode("utf-8", "surrogatepass")).hexdigest()


def distinct(examples: Iterable[Example]) -> list[Example]:
    """Without repeated texts: the first of each counts, so give the best-labelled family first; near-copies grouped."""
    seen: set[str] = set()
    kept: list[Example] = []
    for example in examples:
        bare = copies.normalise(example.text) or example.text
        if bare not in seen:
            seen.add(bare)
            kept.append(example)
    return grouped(kept)


def grouped(examples: Sequence[Example]) -> list[Example]:
    """The same examples; those that may be near-copies share one group, so that no split parts them."""
    plain = [copies.normalise(example.text) for example in examples]
    group_of: dict[int, str] = {}
    made: list[Example] = []
    for example, keys in zip(examples, copies.signatures(plain), strict=True):
        group = next((group_of[key] for key in keys if key in group_of), example.group)
        for key in keys:
            group_of.setdefault(key, group)
        made.append(example if group == example.group else replace(example, group=group))
    return made


def bucket(example: Example, parts: int, salt: str = "") -> int:
    """Which of `parts` equal parts a group falls into; the same everywhere and forever."""
    digest = hashlib.sha256(f"{salt}\n{example.group}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8]) % parts


def is_held_out(example: Example) -> bool:
    """Whether this post belongs to the hold-out."""
    return example.family in ("real", "corpus") and bucket(example, 1000, "hold-out") < HELD_OUT * 1000


def targets(examples: Sequence[Example]) -> Targets:
    """The labels as arrays."""

    def column(name: str) -> Any:
        return np.array([getattr(example, name) for example in examples], dtype=np.int64)

    weight = np.array([example.weight for example in examples], dtype=np.float64)
    written = np.array([example.family == "corpus" for example in examples], dtype=bool)
    return Targets(column("complaint"), column("severity"), column("cause"), column("churn"), weight, written)


def from_record(record: Record, family: Family, file: str) -> Example:
    """A record as an example of weight 1."""
    return _example(record, family, file, 1.0)


def _records(path: Path) -> Iterator[Record]:
    for found in read(path):
        if not isinstance(found, BadRecord):
            yield found


def _example(record: Record, family: Family, file: str, weight: float) -> Example:
    lang = langid.base(record.lang)
    unsure = bool(record.extra.get("unsure"))
    return Example(
        text=record.text,
        lang=lang if lang in LANGUAGES else langid.identify(record.text, record.lang),
        family=family,
        file=file,
        group=f"{file}:{record.pair}" if record.pair is not None else copies.normalise(record.text) or record.text,
        weight=weight * (_UNSURE if unsure else 1.0),
        tags=record.tags,
        source=record.source,
        channel=record.channel,
        complaint=UNKNOWN if record.complaint is None else record.complaint,
        severity=UNKNOWN if record.severity is None else record.severity,
        cause=CAUSES.index(record.cause) if record.cause in CAUSES else UNKNOWN,
        churn=UNKNOWN if record.churn is None else record.churn,
    )


def _allowed(data: DataSet, only_licensed: bool) -> tuple[str, ...] | None:
    """Sources whose records may be used, () for all, None for no record at all."""
    if not only_licensed or data.terms == "yes":
        return ()
    return data.licensed_sources or None


def _label_rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(str(path), f"cannot be read as CSV ({error})") from error
    if rows and not rows[0].get("text_sha256"):
        raise InputError(str(path), "has no column text_sha256")
    return rows


def _with_labels(record: Record, row: Mapping[str, str]) -> Record:
    def number(name: str) -> int | None:
        value = (row.get(name) or "").strip()
        return int(value) if value.isdecimal() else None

    return replace(
        record,
        complaint=number("complaint"),
        severity=number("severity"),
        cause=(row.get("cause") or "").strip() or None,
        churn=number("churn"),
        extra={**record.extra, "unsure": number("unsure") or 0},
    )


def hash_file(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
