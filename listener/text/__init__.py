"""What is known of languages: normalisation, identification, words, brands, records.

A language is one file, `listener/text/XX.py`, which exports `LANGUAGE`; it is imported when its first text comes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

from listener.types import LANGUAGES

if TYPE_CHECKING:
    import spacy.language

Cues: TypeAlias = Mapping[str, Sequence[Sequence[Mapping[str, Any]]]]


@dataclass(frozen=True, slots=True)
class Language:
    """A language plugin.

    `spaced` takes a text (best a normalised one) and gives its words with spaces between them. `cues` are spaCy
    Matcher patterns by name: phrases in which a breach of expectation is said, for `pipeline()` and for evidence.
    `examples` are a few posts with their complaint label, for a try-out on an empty board and for the tests.
    `variants`: written with traditional and simplified characters, which normalisation can make one.
    """

    name: str
    spaced: Callable[[str], str]
    cues: Cues = field(default_factory=dict)
    examples: Sequence[tuple[str, int]] = ()
    variants: bool = False

    def tokenise(self, text: str) -> list[str]:
        """The words of a text in order; together they are the text without its white space."""
        return self.spaced(text).split()

    def pipeline(self) -> spacy.language.Language:
        """A blank spaCy pipeline that cuts words as `tokenise` does (imports spaCy, about a second)."""
        import spacy

        nlp = spacy.blank("xx")
        nlp.tokenizer = _tokenizer(self, nlp.vocab)
        return nlp


def language(name: str) -> Language:
    """The plugin of one of `LANGUAGES`; KeyError for any other name, so that no text decides what is imported."""
    if name not in LANGUAGES:
        raise KeyError(name)
    return _plugin(name)


@cache
def _plugin(name: str) -> Language:
    plugin: Language = import_module(f"listener.text.{name}").LANGUAGE
    return plugin


def _tokenizer(plugin: Language, vocab: Any) -> Callable[[str], Any]:
    """A spaCy tokenizer: the plugin's words, with white space kept as spaCy keeps it, so that offsets hold."""
    from spacy.tokens import Doc

    def tokenizer(text: str) -> Any:
        words: list[str] = []
        spaces: list[bool] = []
        at = 0
        for word in plugin.tokenise(text):
            start = text.index(word, at)
            gap = text[at:start]
            if gap and words and gap[0] == " ":
                spaces[-1] = True
                gap = gap[1:]
            if gap:
                words.append(gap)
                spaces.append(False)
            words.append(word)
            spaces.append(False)
            at = start + len(word)
        if text[at:]:
            words.append(text[at:])
            spaces.append(False)
        return Doc(vocab, words=words, spaces=spaces)

    return tokenizer
