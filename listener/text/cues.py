"""The phrases in which a breach of expectation is said, found by a language's spaCy Matcher patterns.

On demand only (`listener score --cues`): spaCy takes a second to import and reads some thousand posts a second, so no
verdict waits for it. Texts are matched as normalised; places are those of the text as given.

Of our written posts 25 to 27% of the complaints have a cue and 12 to 15% of the others; of real posts 32, 54, 42%
(ja, zh, en) and 6, 18, 11%: they say what kind of phrase evidence is, they do not decide. As evidence of their own they
would not be faithful, since the model weighs words, not patterns; so they stand beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from listener.errors import UsageError
from listener.text import language
from listener.text.normalise import batch

NAMES: Final = ("expected", "counted", "still_not", "broken", "request", "worse_than_before", "leaving")
"""Expected against got; counting of attempts and days; what has still not happened; what does not work; what is asked
for; worse than before or elsewhere; leaving."""
_READ: Final = 2_000
"""Code points of a text that are looked at."""


@dataclass(frozen=True, slots=True)
class Cue:
    """One of NAMES; a span of the text as given, code points, half-open."""

    name: str
    text: str
    start: int
    end: int


def find(text: str, lang: str) -> tuple[Cue, ...]:
    """The cues of a text in reading order; of those with one name that overlap, the longest.

    Raises UsageError where spaCy is not installed, KeyError for a language without a plugin.
    """
    nlp, matcher = _matcher(lang)
    made = batch([text[:_READ]], simplify=language(lang).variants)
    origin = made.origin[1:]
    doc = nlp(made.strings()[0])
    found: list[Cue] = []
    for key, first, last in matcher(doc):
        span = doc[first:last]
        start, end = int(origin[span.start_char]), int(origin[span.end_char - 1]) + 1
        found.append(Cue(doc.vocab.strings[key], text[start:end], start, end))
    return tuple(_apart(found))


def _apart(found: list[Cue]) -> list[Cue]:
    kept: list[Cue] = []
    for cue in sorted(found, key=lambda cue: (cue.start - cue.end, cue.start, cue.name)):
        if not any(cue.name == one.name and cue.start < one.end and one.start < cue.end for one in kept):
            kept.append(cue)
    return sorted(kept, key=lambda cue: (cue.start, cue.end, cue.name))


@cache
def _matcher(lang: str) -> tuple[Any, Any]:
    try:
        from spacy.matcher import Matcher
    except ImportError as error:
        raise UsageError("cues need spaCy, which is not installed", hint="pip install spacy") from error
    nlp = language(lang).pipeline()
    matcher = Matcher(nlp.vocab)
    for name, patterns in language(lang).cues.items():
        matcher.add(name, [[dict(token) for token in pattern] for pattern in patterns])
    return nlp, matcher
