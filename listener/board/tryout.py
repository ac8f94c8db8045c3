"""Trying a brand's words on what is stored: how many posts they find, and which."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from listener.board.safe import Node, marked, node, visible
from listener.settings import Brand
from listener.store.rows import Span, StoredText
from listener.text.brands import BrandMatcher

READ: Final = 20_000
"""Stored posts that are read at most, newest first."""

SAMPLES: Final = 20
CHANGES: Final = 10
LONGEST_WORD: Final = 200
MOST_WORDS: Final = 200


@dataclass(frozen=True, slots=True)
class Result:
    """`gained` and `lost` against what was matched when the posts came in."""

    read: int
    found: int
    gained: int
    lost: int
    samples: tuple[StoredText, ...]
    missed: tuple[StoredText, ...]


def split(typed: str) -> tuple[str, ...]:
    """Words as people type them: one a line, or with commas of any script between them."""
    words = (word.strip() for word in re.split(r"[\n,、，]", typed))
    return tuple(dict.fromkeys(word[:LONGEST_WORD] for word in words if word))[:MOST_WORDS]


def rule(name: str | None, words: Sequence[str], exclude: Sequence[str]) -> Brand | None:
    """A brand as the settings would have it; None without any word."""
    if not words:
        return None
    return Brand(name=name or words[0][:100], aliases=tuple(words), exclude=tuple(exclude))


def try_rule(brand: Brand, texts: Iterable[StoredText], *, known_as: str | None) -> Result:
    """Read at most READ texts. `known_as` is the brand whose stored matches are compared, if it has any."""
    matcher = BrandMatcher([brand])
    read = found = gained = lost = 0
    samples: list[StoredText] = []
    missed: list[StoredText] = []
    for text in islice(texts, READ):
        read += 1
        had = known_as in text.brands
        if matcher.match(text.text):
            found += 1
            gained += not had
            if len(samples) < SAMPLES:
                samples.append(text)
        elif had:
            lost += 1
            if len(missed) < CHANGES:
                missed.append(text)
    return Result(read, found, gained, lost, tuple(samples), tuple(missed))


def spans(text: str, words: Sequence[str]) -> tuple[Span, ...]:
    """Where the words stand, as far as that can be shown without folding the text; for the eye only."""
    if not words:
        return ()
    wanted = re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)), re.IGNORECASE)
    return tuple(Span(start=hit.start(), end=hit.end(), weight=1.0) for hit in wanted.finditer(text))


def sample(text: StoredText, words: Sequence[str], *, longest: int = 280) -> Node:
    shown = text.text[:longest]
    more = "…" if len(text.text) > longest else ""
    where = node("p", "quiet", visible(text.source))
    return node(
        "div", "item", node("p", "body", *marked(shown, spans(shown, words), most=len(shown)), more, dir="auto"), where
    )


def as_settings(name: str, words: Sequence[str], exclude: Sequence[str]) -> str:
    """The rule as it goes into listener.toml."""
    import json

    lines = ["[[brands]]", f"name = {json.dumps(name, ensure_ascii=False)}"]
    lines += [f"aliases = {json.dumps([w for w in words if w != name], ensure_ascii=False)}"]
    if exclude:
        lines.append(f"exclude = {json.dumps(list(exclude), ensure_ascii=False)}")
    return "\n".join(lines)
