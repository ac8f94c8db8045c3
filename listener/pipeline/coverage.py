"""What the settings' brands and words bring, from the store: counts, holes, words that say too much or nothing."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from listener.settings import Brand
from listener.store import Store, Tx
from listener.store.coverage import UNBRANDED, Post
from listener.text import language
from listener.text.brands import BrandMatcher, fold
from listener.triage.coverage import Cells, Read, Suggestion, Term, suggestions, terms, usable
from listener.types import LANGUAGES

READ: Final = 20_000
"""Posts that are looked through for words, newest first."""
_LONGEST: Final = 1000
"""Characters of a text that are looked at for words."""
_ADDRESS: Final = re.compile(r"https?://\S+|[@#]\w+")


@dataclass(frozen=True, slots=True)
class Words:
    """What `read` posts say of the brands' words."""

    read: int
    terms: tuple[Term, ...]
    suggestions: tuple[Suggestion, ...]


def cells(tx: Tx, days: int, now: datetime) -> Cells:
    """Posts of a brand by (brand, language, source) over the last days."""
    sources = [row.source for row in tx.sources.all()]
    return {
        cell: count
        for cell, count in tx.coverage.cells(sources, now - timedelta(days=days)).items()
        if cell[0] != UNBRANDED
    }


def words(store: Store, brands: Sequence[Brand], limit: int = READ) -> Words:
    """Look through the newest posts, each brand's words applied as the settings have them now."""
    known = {brand.name: _own(brand) for brand in brands}
    with store.read() as tx:
        posts = list(_read(tx, BrandMatcher(brands), limit))
    return Words(len(posts), tuple(terms(posts, known)), tuple(suggestions(posts, known)))


def _own(brand: Brand) -> tuple[str, ...]:
    """Its words as they are matched, each once, the name first."""
    all_words = (brand.name, *brand.aliases, *brand.products, *brand.keywords)
    return tuple(dict.fromkeys(folded for word in all_words if (folded := fold(word).strip())))


def _read(tx: Tx, matcher: BrandMatcher, limit: int) -> Iterator[Read]:
    batch: list[Post] = []
    for post in tx.coverage.posts(limit):
        batch.append(post)
        if len(batch) == 500:
            yield from _looked(tx, matcher, batch)
            batch = []
    yield from _looked(tx, matcher, batch)


def _looked(tx: Tx, matcher: BrandMatcher, batch: Sequence[Post]) -> Iterator[Read]:
    closed = tx.coverage.closed([post.mention_id for post in batch])
    for post in batch:
        spoken = post.lang if post.lang in LANGUAGES else "en"
        plain = _ADDRESS.sub(" ", fold(post.text[:_LONGEST]))
        yield Read(
            matcher.words(post.text),
            spoken,
            usable({sys.intern(word) for word in language(spoken).tokenise(plain)}),
            post.author_key,
            closed.get(post.mention_id),
        )
