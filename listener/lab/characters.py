"""Makes `listener/text/langid.json`: who writes Han characters and pairs of them more, Japanese or Chinese authors.

Run as ``python -m listener.lab.characters`` after the corpus changed. Only our own corpus is counted, so the tables
are ours. Log-odds of the share of posts with the character or pair, to the nearest half, at most 3; rare ones: nothing.
A pair has what it says beyond its two characters. Chinese authors are counted as if all of them wrote
the form in question: else 電, common to Japanese and traditional Chinese, would speak for Japanese.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from listener.lab.data import corpus
from listener.settings import shipped
from listener.text import langid
from listener.text.normalise import normalise

_LEAST: Final = {1: 3, 2: 4}
_MOST: Final = 3.0
_TELLING: Final = 1.5

Counts = dict[str, "Counter[str]"]


def tables(directory: Path) -> dict[str, dict[str, str]]:
    """`one` and `two`: log-odds (as text) -> the characters, or pairs in a row, that have them."""
    ones: Counts = {"ja": Counter(), "zh": Counter()}
    twos: Counts = {"ja": Counter(), "zh": Counter()}
    written: set[str] = set()
    for example in corpus([directory])[0]:
        if example.lang in ones:
            text = normalise(example.text, simplify=example.lang == "zh")
            ones[example.lang].update(set(_han(text, 1)))
            twos[example.lang].update(set(_han(text, 2)))
            if example.lang == "zh":
                written |= {*_han(normalise(example.text), 1), *_han(normalise(example.text), 2)}
    single = _odds(ones, _LEAST[1], written)
    pairs = _odds(twos, _LEAST[2], written)
    beyond = {pair: _halves(odds - sum(single.get(char, 0.0) for char in pair)) for pair, odds in pairs.items()}
    return {"one": _rows(single), "two": _rows({pair: odds for pair, odds in beyond.items() if abs(odds) >= _TELLING})}


def _han(text: str, size: int) -> Iterable[str]:
    for at in range(len(text) - size + 1):
        part = text[at : at + size]
        if all("\u3400" <= char < "\ua000" for char in part):
            yield part


def _odds(counts: Counts, least: int, written: set[str]) -> dict[str, float]:
    """`written`: the forms that Chinese authors used, as they wrote them; their counts are of simplified ones."""
    totals = {lang: count.total() for lang, count in counts.items()}
    size = len(next(iter(counts["ja"])))
    odds: dict[str, float] = {}
    for part in sorted({*counts["ja"], *(form for form in written if len(form) == size)}):
        ja, zh = counts["ja"][part], counts["zh"][normalise(part, simplify=True)]
        lean = math.log((ja + 0.5) / totals["ja"]) - math.log((zh + 0.5) / totals["zh"])
        if ja + zh >= least:
            odds[part] = _halves(lean)
    return odds


def _halves(odds: float) -> float:
    return round(2 * max(-_MOST, min(_MOST, odds))) / 2


def _rows(odds: dict[str, float]) -> dict[str, str]:
    rows: dict[float, str] = defaultdict(str)
    for part, weight in odds.items():
        if weight:
            rows[weight] += part
    return {str(weight): rows[weight] for weight in sorted(rows)}


if __name__ == "__main__":
    (Path(langid.__file__).parent / "langid.json").write_text(
        json.dumps(tables(shipped("data/corpus")), ensure_ascii=False, indent=0) + "\n", encoding="utf-8"
    )
