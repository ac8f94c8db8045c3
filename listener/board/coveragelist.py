"""Coverage as it is drawn: pure, from counts to tables with their holes marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from listener.board import words
from listener.board.safe import Node, node, visible
from listener.pipeline.coverage import Words
from listener.triage.coverage import Cells, Hole, Suggestion, Term
from listener.triage.sampling import Recall

MOST_ROWS = 60
_VERDICTS = {
    "nothing": ("late", "finds nothing"),
    "much": ("soon", "finds most of it alone"),
    "astray": ("soon", "often not ours"),
}


def languages(cells: Cells) -> list[str]:
    """Those that occur, in the order in which people read them."""
    found = {language for _, language, _ in cells}
    return [one for one in (*words.LANGUAGES, *sorted(found - words.LANGUAGES.keys())) if one in found]


def brands(cells: Cells) -> list[str]:
    """Those that are heard of, most posts first."""
    count: Counter[str] = Counter()
    for (brand, _, _), posts in cells.items():
        count[brand] += posts
    return [brand for brand, _ in count.most_common()]


def by_brand(cells: Cells, holes: Collection[Hole], unheard: Sequence[str]) -> Node:
    """A row a brand, a column a language; `unheard` are brands of the settings without any post."""
    columns = languages(cells)
    missing = {(hole.brand, hole.language): hole for hole in holes if hole.source is None}
    rows = []
    for brand in brands(cells)[:MOST_ROWS]:
        counts = [sum(n for (b, lang, _), n in cells.items() if (b, lang) == (brand, one)) for one in columns]
        rows.append(_row(brand, counts, [missing.get((brand, one)) for one in columns]))
    rows += [_row(brand, [0] * len(columns), [None] * len(columns), quiet=True) for brand in unheard]
    return _table("Brand", columns, rows)


def by_source(cells: Cells, brand: str, holes: Collection[Hole]) -> Node:
    """A row a source, a column a language, of one brand."""
    columns = languages(cells)
    missing = {(hole.language, hole.source): hole for hole in holes if hole.brand == brand and hole.source}
    found = sorted({source for _, _, source in cells})
    rows = [
        _row(
            source,
            [cells.get((brand, one, source), 0) for one in columns],
            [missing.get((one, source)) for one in columns],
        )
        for source in found
    ]
    return _table("Source", columns, rows)


def _table(first: str, columns: Sequence[str], rows: Sequence[Node]) -> Node:
    heads = [first, *(words.word(words.LANGUAGES, one) for one in columns), "All"]
    head = node("tr", "", *(node("th", "" if number == 0 else "number", one) for number, one in enumerate(heads)))
    return node("table", "figures", node("thead", "", head), node("tbody", "", *rows))


def _row(name: str, counts: Sequence[int], missing: Sequence[Hole | None], *, quiet: bool = False) -> Node:
    cells = [_cell(count, hole) for count, hole in zip(counts, missing, strict=True)]
    total = node("td", "number late-text" if not sum(counts) else "number strong", f"{sum(counts):,}")
    return node("tr", "", node("td", "quiet" if quiet else "", visible(name)), *cells, total)


def _cell(count: int, hole: Hole | None) -> Node:
    if hole is None:
        return node("td", "number" if count else "number quiet", f"{count:,}" if count else "0")
    return node("td", "number", node("span", "chip soon", f"0, not about {hole.expected:,.0f}"))


def gaps(holes: Sequence[Hole], silent: Sequence[str]) -> Node | None:
    """The holes in words, the surest first; `silent`: sources without any post."""
    lines = [_gap(hole) for hole in holes[:8]]
    lines += [node("li", "", node("span", "strong", visible(name)), " brought no post at all.") for name in silent[:8]]
    if not lines:
        return None
    return node("div", "", node("h2", "", "Holes"), node("ul", "", *lines))


def _gap(hole: Hole) -> Node:
    language = words.word(words.LANGUAGES, hole.language)
    place = ["no post from ", node("span", "strong", visible(hole.source))] if hole.source else ["no post at all"]
    tail = f" in {language}; about {hole.expected:,.0f} were likely."
    return node("li", "", node("span", "strong", visible(hole.brand)), ": ", *place, tail)


def recall(found: Recall | None, waiting: int) -> Node:
    """How much the classifier misses, as far as people measured it."""
    more = f"{words.count(waiting, 'drawn post waits', 'drawn posts wait')} for a label." if waiting else ""
    if found is None:
        what = "How many complaints are missed is not measured yet. "
        how = "Label last week's random sample: listener labels sample, then listener labels import. "
        return node("p", "", node("span", "strong", what), how, more)
    share, low, high = (f"{100 * value:.0f}" for value in (found.recall, found.low, found.high))
    what = f"{share}% of complaints are flagged "
    how = f"(between {low}% and {high}%, from {words.count(found.labelled, 'label', 'labels')} of eight weeks). "
    return node("p", "", node("span", "strong", what), how, more)


def terms(found: Words, brand: str) -> Node:
    """A brand's words and how many of the posts that were read have them."""
    own = [term for term in found.terms if term.brand == brand]
    if not own:
        return node("p", "quiet", "The settings do not name this brand: its source does.")
    head = node("tr", "", *(node("th", style, text) for style, text in _HEADS))
    return node("table", "figures", node("thead", "", head), node("tbody", "", *map(_term, own)))


_HEADS = (("", "Word"), ("number", "Posts"), ("number", "Only this word"), ("number", "Closed as not ours"), ("", ""))


def _term(term: Term) -> Node:
    tone, said = _VERDICTS.get(term.verdict, ("", ""))
    closed = f"{term.not_ours} of {term.closed}" if term.closed else ""
    return node(
        "tr",
        "",
        node("td", "", node("bdi", "", visible(term.term))),
        node("td", "number", f"{term.posts:,}"),
        node("td", "number", f"{term.alone:,}"),
        node("td", "number", closed),
        node("td", "", node("span", f"chip {tone}", said) if said else None),
    )


def suggested(found: Words, brand: str) -> Node:
    """Words that go with the brand, to be thought about."""
    own = [one for one in found.suggestions if one.brand == brand]
    if not own:
        return node("p", "quiet", "No other word goes with this brand clearly enough.")
    return node("div", "", *_suggestions(own))


def _suggestions(own: Sequence[Suggestion]) -> Iterator[Node]:
    yield node("p", "", "These words stand in its posts far more often than in others. Would one of them find more?")
    rows = [
        node(
            "tr",
            "",
            node("td", "strong", node("bdi", "", visible(one.word))),
            node("td", "", words.word(words.LANGUAGES, one.language)),
            node("td", "number", f"{one.posts:,}"),
            node("td", "number", f"{one.elsewhere:,}"),
        )
        for one in own
    ]
    heads = (("", "Word"), ("", "Language"), ("number", "Its posts"), ("number", "Other posts"))
    head = node("tr", "", *(node("th", style, text) for style, text in heads))
    yield node("table", "figures", node("thead", "", head), node("tbody", "", *rows))
