"""What a mention is about: concepts that the languages share, and its own words, numbers and links.

A feature is a 32-bit number: a concept's place in the table plus one, or a hash of the word. Mentions are compared by
features only, so the state of triage holds no posts, only the few words that may name an incident.
"""

from __future__ import annotations

import json
import re
import unicodedata
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from listener.text import language
from listener.triage.incidents.concepts import concepts

MAX_FEATURES: Final = 24
MAX_WORDS: Final = 10
"""Words kept for naming an incident."""
MAX_TEXT: Final = 2000
"""Characters of a text that are looked at: what it is about is said early."""
CONCEPTS_BELOW: Final = 256
"""Features below this number are concepts."""
_WORD_LENGTH: Final = 24

_LINK = re.compile(r"https?://(?:www\.)?([^\s/?#\u3000-\uffef]+)(/[^\s?#\u3000-\uffef]*)?|@\w+")
_RUN = re.compile(r"[a-z0-9à-ÿ]+(?:['’.-][a-z0-9à-ÿ]+)*|[\u30a1-\u30ff]{2,}|[\u3005\u3400-\u9fff]+")
_ENDING = re.compile(r"(?:'s|ing|ed|s)$")
_COMMON: Final[dict[str, str]] = json.loads(
    files("listener.triage.incidents").joinpath("common.json").read_text(encoding="utf-8")
)
_LATIN, _HAN = frozenset(_COMMON["latin"].split()), frozenset(_COMMON["han"].split())
"""Words that say nothing of what a mention is about."""


@dataclass(frozen=True, slots=True)
class Words:
    """`features` at most MAX_FEATURES, concepts first; `words` for showing, at most MAX_WORDS."""

    features: tuple[int, ...]
    words: tuple[str, ...]


def describe(text: str, lang: str) -> Words:
    """What a text is about; any text at all gets an answer."""
    text = text[:MAX_TEXT].encode("utf-8", "replace").decode()
    folded = unicodedata.normalize("NFKC", text).casefold()
    shared = [number + 1 for number in concepts(text, lang)]
    words: dict[str, str] = {}
    for word in _words(folded, lang):
        words.setdefault(_stem(word), word)
    own = [feature(word) for word in (*_links(folded), *words)]
    features = tuple(dict.fromkeys((*shared, *own)))[:MAX_FEATURES]
    return Words(features, tuple(word for word in words.values() if len(word) <= _WORD_LENGTH)[:MAX_WORDS])


def feature(word: str) -> int:
    """The number of a word; never one of a concept."""
    return zlib.crc32(word.encode("utf-8", "surrogatepass")) | CONCEPTS_BELOW


def _links(folded: str) -> Iterable[str]:
    for host, path in _LINK.findall(folded):
        if host:
            yield f"//{host}{path.rstrip('/')}"


def _words(folded: str, lang: str) -> Iterable[str]:
    for run in _RUN.findall(_LINK.sub(" ", folded)):
        if run[0] >= "\u3005":
            yield from _han(run, lang) if run[0] < "\u30a1" or run[0] > "\u30ff" else (run,)
        elif run not in _LATIN and (len(run) > 2 or (len(run) == 2 and run.isdecimal())):
            yield run


def _stem(word: str) -> str:
    """Compared without its ending, shown with it."""
    return _ENDING.sub("", word) if len(word) > 4 and word[0] < "\u3005" else word


def _han(run: str, lang: str) -> Iterable[str]:
    """Words of a run of Han characters: by dictionary in Chinese, in Japanese the run, or its pairs if it is long."""
    if lang == "zh":
        found = language("zh").tokenise(run)
    elif len(run) <= 3:
        found = [run]
    else:
        found = [run[at : at + 2] for at in range(len(run) - 1)]
    return (word for word in found if len(word) > 1 and word not in _HAN)
