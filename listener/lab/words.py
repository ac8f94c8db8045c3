"""Makes `listener/text/words.json`: which words speak for English and which for another language in Latin letters.

Run as ``python -m listener.lab.words`` after the corpus changed. English words are those of our own corpus; function
words are spaCy's stop words (MIT), those of the other languages without any that our English corpus holds.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Final

from listener.lab.data import corpus
from listener.settings import shipped
from listener.text import langid
from listener.text.normalise import normalise

_OTHERS: Final = (
    *("es", "fr", "de", "it", "pt", "nl", "pl", "tr", "vi", "id", "sv", "da", "nb", "fi", "cs", "ro", "hu", "tl", "ca"),
    *("hr", "sk", "sl", "lt", "lv", "et", "sq", "ms", "is", "af", "ga", "eu", "lb"),
)
_WORD = re.compile(r"[a-z]{2,}")
_LEAST: Final = 2
_SHARED: Final = 5
"""English function words that so many of the other languages have too say little."""


def lists(directory: Path) -> dict[str, str]:
    """The file's content: word lists, each one string."""
    counts: Counter[str] = Counter()
    for example in corpus([directory])[0]:
        if example.lang == "en":
            counts.update(set(_WORD.findall(normalise(example.text))))
    function = _stop_words("en")
    others = Counter(word for lang in _OTHERS for word in _stop_words(lang))
    return {
        "source": "English words: our corpus. Function words: spaCy's stop words (c) ExplosionAI GmbH and others, MIT.",
        "english": " ".join(sorted(word for word, count in counts.items() if count >= _LEAST)),
        "function": " ".join(sorted(function)),
        "shared": " ".join(sorted(word for word in function if others[word] >= _SHARED)),
        "foreign": " ".join(sorted(set(others) - set(counts) - function)),
    }


def _stop_words(lang: str) -> set[str]:
    try:
        words = import_module(f"spacy.lang.{lang}.stop_words").STOP_WORDS
    except ModuleNotFoundError:
        return set()
    return {plain for word in words if _WORD.fullmatch(plain := normalise(word))}


if __name__ == "__main__":
    (Path(langid.__file__).parent / "words.json").write_text(
        json.dumps(lists(shipped("data/corpus")), indent=0) + "\n", encoding="utf-8"
    )
