"""`listener score`: verdicts for files of records, streamed."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from listener.classify import Classifier
    from listener.text.records import Record
    from listener.types import Verdict

BATCH: Final = 1024
_TAG: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")


def register(app: typer.Typer) -> None:
    """Add `listener score`."""

    @app.command()
    def score(
        file: Annotated[list[str], typer.Argument(help="Files of records; - is standard input.")],
        model: Annotated[Path | None, typer.Option(help="Model directory; none: the one in use.")] = None,
        explain: Annotated[bool, typer.Option("--explain", help="Add the spans that speak for a complaint.")] = False,
        quick: Annotated[
            bool, typer.Option("--quick", help="First stage only: complaint and language, to sift millions of posts.")
        ] = False,
        cues: Annotated[
            bool, typer.Option("--cues", help="Add the phrases in which a breach is said, by kind (slow: spaCy).")
        ] = False,
    ) -> None:
        """Write one JSON line a record: complaint, severity, cause, churn, language, model."""
        from listener.classify import load
        from listener.errors import UsageError

        if quick and (explain or cues):
            raise UsageError("--quick has nothing to explain", hint="Score what it flags again, with --explain.")
        classifier = load(model or _in_use())
        trouble = _Trouble()
        try:
            lines = _quick_lines if quick else partial(_lines, explain=explain, cues=cues)
            _write(classifier, _batches(file, trouble), lines)
        except BrokenPipeError:
            # The reader has seen enough (`listener score … | head`): that is no failure, but click would make it one.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(1 if trouble.seen else 0)


class _Trouble:
    """What could not be used, told as it comes."""

    def __init__(self) -> None:
        self.seen = False

    def tell(self, place: str, reason: str) -> None:
        self.seen = True
        sys.stderr.write(f"{place}: {reason}\n")


def _write(
    classifier: Classifier, batches: Iterator[list[Record]], lines: Callable[..., Iterator[dict[str, Any]]]
) -> None:
    out = typer.get_binary_stream("stdout")
    for batch in batches:
        for values in lines(classifier, batch):
            line = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
            out.write(line.encode("utf-8", "replace") + b"\n")
        out.flush()


def _in_use() -> Path:
    from listener.settings import current_model, load

    return current_model(load())


def _batches(files: list[str], trouble: _Trouble) -> Iterator[list[Record]]:
    """Good records of all files in order, never more than BATCH in memory."""
    from listener.text.records import BadRecord, read

    batch: list[Record] = []
    for file in files:
        for found in read(file):
            if isinstance(found, BadRecord):
                trouble.tell(found.place, found.reason)
                continue
            batch.append(found)
            if len(batch) == BATCH:
                yield batch
                batch = []
    if batch:
        yield batch


def _quick_lines(classifier: Classifier, batch: list[Record]) -> Iterator[dict[str, Any]]:
    found = classifier.quick(
        [record.text for record in batch], [record.lang for record in batch], [record.source for record in batch]
    )
    for record, complaint, lang, flagged in zip(batch, found.complaint, found.langs, found.flagged, strict=True):
        yield {
            "id": record.id,
            "lang": _lang(record.lang, lang),
            "complaint": round(float(complaint), 6),
            "flagged": bool(flagged),
            "model": classifier.name,
        }


def _lines(classifier: Classifier, batch: list[Record], *, explain: bool, cues: bool) -> Iterator[dict[str, Any]]:
    verdicts = classifier.verdicts(
        [record.text for record in batch],
        langs=[record.lang for record in batch],
        sources=[record.source for record in batch],
        explain=explain,
    )
    for record, verdict in zip(batch, verdicts, strict=True):
        values = _values(record, verdict, explain=explain)
        yield {**values, "cues": _cues(record.text, verdict.lang)} if cues else values


def _cues(text: str, lang: str) -> list[dict[str, Any]]:
    from dataclasses import asdict

    from listener.text.cues import find
    from listener.types import LANGUAGES

    return [asdict(cue) for cue in find(text, lang)] if lang in LANGUAGES else []


def _lang(declared: str | None, found: str) -> str:
    """What was found; the declared tag (`zh-TW`) where it says the same more closely."""
    from listener.text import langid

    if declared and langid.base(declared) == found and _TAG.fullmatch(declared.strip()):
        return declared.strip()
    return found


def _values(record: Record, verdict: Verdict, *, explain: bool) -> dict[str, Any]:
    values: dict[str, Any] = {
        "id": record.id,
        "lang": _lang(record.lang, verdict.lang),
        "complaint": round(verdict.complaint, 6),
        "flagged": verdict.flagged,
        "severity": verdict.severity,
        "cause": verdict.cause,
        "churn": round(verdict.churn, 6),
        "model": verdict.model,
    }
    if explain:
        values["evidence"] = [
            {"text": span.text, "start": span.start, "end": span.end, "weight": span.weight}
            for span in verdict.evidence
        ]
    return values
