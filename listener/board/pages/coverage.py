"""Coverage: what is heard of which brand, where nothing is that should be, and whether the words are right."""

from datetime import UTC, datetime

import streamlit as st

from listener.board import coveragelist, notices, place
from listener.board.safe import draw, node, visible
from listener.errors import ListenerError
from listener.pipeline import coverage, labelling
from listener.pipeline.coverage import Words
from listener.triage.coverage import Cells, holes
from listener.triage.sampling import Recall

COUNTED_S = 60
READ_S = 900
WAITING = 500


@st.cache_data(ttl=COUNTED_S, max_entries=4, show_spinner=False)
def counted(database: str, days: int) -> Cells:  # noqa: ARG001 - tells one database's counts from another's
    """Posts by brand, language and source; counted over all posts of the time, so not anew for every click."""
    with place.store().read() as tx:
        return coverage.cells(tx, days, datetime.now(UTC))


@st.cache_data(ttl=READ_S, max_entries=2, show_spinner="Reading posts…")
def looked_through(database: str) -> Words:  # noqa: ARG001
    """What the newest posts say of the brands' words."""
    return coverage.words(place.store(), place.settings().brands)


def page() -> None:
    st.title("Coverage", anchor=False)
    database = str(place.store().path)
    days = st.segmented_control(
        "Time", (7, 30), key="coverage-days", default=30, required=True, format_func=lambda n: f"{n} days"
    )
    try:
        cells = counted(database, days or 30)
        measured, waiting = recall()
    except ListenerError as error:
        notices.trouble(error, key="coverage-trouble")
        return
    draw(coveragelist.recall(measured, waiting), key="coverage-recall")
    if not cells:
        what = node("p", "strong", "No post about a brand in this time.")
        then = node(
            "p", "", "Look at the Sources page whether anything is heard, and at the Brands page for the words."
        )
        draw(node("div", "empty", what, then), key="coverage-empty")
        return
    matrix(cells)
    brand = st.selectbox("Brand", coveragelist.brands(cells), key="coverage-brand", format_func=visible, width=320)
    if brand is not None:
        draw(coveragelist.by_source(cells, brand, holes(cells)), key="coverage-sources")
        about_words(database, brand)


def recall() -> tuple[Recall | None, int]:
    """How much is missed as far as it is known, and how many drawn posts wait for a label."""
    with place.store().read() as tx:
        return labelling.measured(tx, datetime.now(UTC)), len(tx.samples.waiting(WAITING))


def matrix(cells: Cells) -> None:
    """All brands by language, and the holes in words."""
    heard = {brand for brand, _, _ in cells}
    unheard = [brand.name for brand in place.settings().brands if brand.name not in heard]
    found = holes(cells)
    with place.store().read() as tx:
        on = [row.source for row in tx.sources.all() if row.state != "off"]
    bringing = {source for _, _, source in cells}
    silent = [name for name in on if name not in bringing]
    draw(coveragelist.by_brand(cells, found, unheard), coveragelist.gaps(found, silent), key="coverage-brands")


def about_words(database: str, brand: str) -> None:
    """Too broad, useless and missing words, on demand: reading thousands of posts takes seconds."""
    if not st.toggle("Check its words", key="coverage-words"):
        return
    found = looked_through(database)
    draw(
        node("h2", "", "Its words"),
        node("p", "quiet", f"In the newest {found.read:,} posts, by the words that the settings have now."),
        coveragelist.terms(found, brand),
        node("h2", "", "Other words that go with it"),
        coveragelist.suggested(found, brand),
        key="coverage-terms",
    )


page()
