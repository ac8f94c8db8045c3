"""Makes `listener/text/langid.json`: who writes a Han character more, Japanese or Chinese authors of our corpus.

Run as ``python -m listener.lab.characters`` after the corpus changed. Only our own corpus is counted, so the table is
ours. Log-odds of the share of posts with the character, to the nearest half, at most 3; rarer than 3 posts: nothing.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from pathlib import Path
from typing import Final

from listener.lab.data import corpus
from listener.settings import shipped
from listener.text import langid
from listener.text.normalise import normalise

_LEAST: Final = 3
_MOST: Final = 3.0


def table(directory: Path) -> dict[str, str]:
    """Log-odds (as text) -> the characters that have them."""
    counts: dict[str, Counter[str]] = {"ja": Counter(), "zh": Counter()}
    for example in corpus([directory])[0]:
        if example.lang in counts:
            counts[example.lang].update(char for char in set(normalise(example.text)) if "\u3400" <= char < "\ua000")
    totals = {lang: count.total() for lang, count in counts.items()}
    rows: dict[float, str] = defaultdict(str)
    for char in sorted(counts["ja"] | counts["zh"]):
        ja, zh = counts["ja"][char], counts["zh"][char]
        odds = math.log((ja + 0.5) / totals["ja"]) - math.log((zh + 0.5) / totals["zh"])
        weight = round(2 * max(-_MOST, min(_MOST, odds))) / 2
        if ja + zh >= _LEAST and weight:
            rows[weight] += char
    return {str(weight): rows[weight] for weight in sorted(rows)}


if __name__ == "__main__":
    (Path(langid.__file__).parent / "langid.json").write_text(
        json.dumps(table(shipped("data/corpus")), ensure_ascii=False, indent=0) + "\n", encoding="utf-8"
    )
