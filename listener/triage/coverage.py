"""What is heard of which brand in which language and place, where nothing is that should be, and which words bring it.

All pure, over counts. A hole is a cell that is empty although its row and column make some posts likely (as if brand
and place were independent). Words that go together with a brand are found by the log-likelihood ratio (Dunning 1993).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Final

from listener.types import LANGUAGES

Cells = Mapping[tuple[str, str, str], int]
"""Posts by (brand, language, source)."""

LIKELY: Final = 5.0
"""Posts that a cell must make likely to be called a hole: by chance it is then empty less than once in a hundred."""
MUCH: Final = 50
"""Posts below which no word is called too broad."""
_NOT_OURS: Final = (3, 0.3)
"""So many cases, and such a share of them, that a word alone brought and people said were not ours."""
POSTS: Final = 5
AUTHORS: Final = 3
"""A word is suggested only if so many posts and so many people use it."""
SURE: Final = 15.13
"""Log-likelihood ratio beyond which chance is less than 1 in 10,000."""
SUGGESTED: Final = 12
LONGEST: Final = 40
"""Characters of a word."""


@dataclass(frozen=True, slots=True)
class Hole:
    """Nothing is heard of a brand in this language (and source, if one is named); `expected` posts were likely."""

    brand: str
    language: str
    source: str | None
    expected: float


def holes(cells: Cells) -> list[Hole]:
    """Cells that are empty and should not be, the surest first; a language that is missing as a whole is one hole.

    Only languages that the classifier reads have holes: `und` is many languages.
    """
    by_brand, by_place, by_language = Counter[str](), Counter[tuple[str, str]](), Counter[str]()
    spoken: Counter[tuple[str, str]] = Counter()
    for (brand, language, source), count in cells.items():
        by_brand[brand] += count
        by_place[(language, source)] += count
        by_language[language] += count
        spoken[(brand, language)] += count
    total = sum(by_brand.values())
    found: list[Hole] = []
    for brand, own in by_brand.items():
        missing = {language for language in by_language if language in LANGUAGES and not spoken[(brand, language)]}
        found += [Hole(brand, one, None, own * by_language[one] / total) for one in missing]
        found += [
            Hole(brand, language, source, own * count / total)
            for (language, source), count in by_place.items()
            if language in LANGUAGES and language not in missing and not cells.get((brand, language, source))
        ]
    return sorted((hole for hole in found if hole.expected >= LIKELY), key=lambda hole: -hole.expected)


# ------------------------------------------------------------------ a brand's own words


@dataclass(frozen=True, slots=True)
class Read:
    """A stored post as it is looked at: the (brand, word) pairs that matched, its words, who wrote it.

    `not_ours`: people closed its case with that; None: no case was closed.
    """

    found: frozenset[tuple[str, str]]
    language: str
    words: frozenset[str]
    author: int | None
    not_ours: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One word of a brand: posts it is in, those that it `alone` brought, and of their closed cases those not ours."""

    brand: str
    term: str
    posts: int
    alone: int
    closed: int
    not_ours: int
    verdict: str
    """`nothing`, `much` (most of the brand's posts have only this word), `astray` (its posts are often not ours), or
    empty."""


def terms(posts: Iterable[Read], known: Mapping[str, Sequence[str]]) -> list[Term]:
    """Every word of every brand (folded, the brand's own name first), in that order."""
    count: Counter[tuple[str, str]] = Counter()
    alone, closed, astray = count.copy(), count.copy(), count.copy()
    of_brand: Counter[str] = Counter()
    for post in posts:
        own: defaultdict[str, list[str]] = defaultdict(list)
        for brand, term in post.found:
            own[brand].append(term)
            count[(brand, term)] += 1
        for brand, found in own.items():
            of_brand[brand] += 1
            if len(found) == 1:
                pair = (brand, found[0])
                alone[pair] += 1
                closed[pair] += post.not_ours is not None
                astray[pair] += bool(post.not_ours)
    return [
        _term(brand, term, count, alone, closed, astray, of_brand[brand], is_name=number == 0)
        for brand, words in known.items()
        for number, term in enumerate(words)
    ]


def _term(
    brand: str,
    term: str,
    count: Mapping[tuple[str, str], int],
    alone: Mapping[tuple[str, str], int],
    closed: Mapping[tuple[str, str], int],
    astray: Mapping[tuple[str, str], int],
    posts: int,
    *,
    is_name: bool,
) -> Term:
    pair = (brand, term)
    least, share = _NOT_OURS
    verdict = ""
    if not count[pair]:
        verdict = "nothing"
    elif astray[pair] >= least and astray[pair] >= share * closed[pair]:
        verdict = "astray"
    elif not is_name and alone[pair] >= MUCH and alone[pair] > posts / 2:
        verdict = "much"
    return Term(
        brand=brand,
        term=term,
        posts=count[pair],
        alone=alone[pair],
        closed=closed[pair],
        not_ours=astray[pair],
        verdict=verdict,
    )


# ------------------------------------------------------------------ words that go with a brand


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A word that stands in a brand's posts far more often than in others of the same language.

    `authors` who use it there, counted up to AUTHORS.
    """

    brand: str
    language: str
    word: str
    posts: int
    elsewhere: int
    authors: int
    ratio: float


@dataclass(slots=True)
class _Seen:
    posts: Counter[str] = field(default_factory=Counter)
    authors: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    total: int = 0


def suggestions(posts: Iterable[Read], known: Mapping[str, Collection[str]]) -> list[Suggestion]:
    """New aliases or keywords that a brand may lack, the strongest first, at most SUGGESTED a brand.

    Never a word that fewer than AUTHORS people used, nor one that is a known word of the brand or part of one.
    """
    everywhere: defaultdict[str, _Seen] = defaultdict(_Seen)
    of_brand: defaultdict[tuple[str, str], _Seen] = defaultdict(_Seen)
    for post in posts:
        _see(everywhere[post.language], post)
        for brand in {brand for brand, _ in post.found}:
            _see(of_brand[(brand, post.language)], post)
    found: defaultdict[str, list[Suggestion]] = defaultdict(list)
    for (brand, language), seen in of_brand.items():
        found[brand] += _told(brand, language, seen, everywhere[language], known.get(brand, ()))
    return [one for own in found.values() for one in sorted(own, key=lambda one: -one.ratio)[:SUGGESTED]]


def _see(seen: _Seen, post: Read) -> None:
    seen.total += 1
    seen.posts.update(post.words)
    for word in post.words:
        if post.author is not None and len(seen.authors[word]) < AUTHORS:
            seen.authors[word].add(post.author)


def _told(brand: str, language: str, seen: _Seen, everywhere: _Seen, known: Collection[str]) -> Iterator[Suggestion]:
    for word, count in seen.posts.items():
        authors = len(seen.authors[word])
        if count < POSTS or authors < AUTHORS or any(word in term or term in word for term in known):
            continue
        elsewhere = everywhere.posts[word] - count
        ratio = likelihood_ratio(count, seen.total, elsewhere, everywhere.total - seen.total)
        if ratio >= SURE:
            yield Suggestion(
                brand=brand,
                language=language,
                word=word,
                posts=count,
                elsewhere=elsewhere,
                authors=authors,
                ratio=ratio,
            )


def likelihood_ratio(inside: int, posts_inside: int, outside: int, posts_outside: int) -> float:
    """Dunning's G² that a word's share of the posts inside differs from that outside; 0 where it is not greater."""
    if not posts_inside or not posts_outside or inside * posts_outside <= outside * posts_inside:
        return 0.0
    both = (inside + outside) / (posts_inside + posts_outside)
    return 2 * (
        _log_likelihood(inside, posts_inside, inside / posts_inside)
        + _log_likelihood(outside, posts_outside, outside / posts_outside)
        - _log_likelihood(inside, posts_inside, both)
        - _log_likelihood(outside, posts_outside, both)
    )


def _log_likelihood(hits: int, trials: int, share: float) -> float:
    """Of so many hits at this probability, without the constant."""
    yes = hits * math.log(share) if hits else 0.0
    return yes + ((trials - hits) * math.log1p(-share) if hits < trials else 0.0)


def usable(words: Set[str]) -> frozenset[str]:
    """Words that could mean something: neither single letters nor signs alone nor what no person would type."""
    return frozenset(word for word in words if 2 <= len(word) <= LONGEST and any(char.isalpha() for char in word))
