"""Holes, words that bring too much or nothing, and words that go with a brand."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.triage.coverage import AUTHORS, MUCH, POSTS, Read, holes, likelihood_ratio, suggestions, terms


def test_a_cell_that_should_hold_posts_is_a_hole() -> None:
    cells = {
        ("Acme", "ja", "sky"): 400,
        ("Acme", "en", "sky"): 100,
        ("Acme", "ja", "shop"): 100,
        ("Beta", "ja", "sky"): 200,
        ("Beta", "en", "sky"): 60,
    }
    assert [(hole.brand, hole.language, hole.source) for hole in holes(cells)] == [("Beta", "ja", "shop")]


def test_a_language_that_is_missing_as_a_whole_is_one_hole() -> None:
    cells = {("Acme", "ja", "a"): 100, ("Acme", "zh", "a"): 100, ("Acme", "zh", "b"): 100, ("Beta", "ja", "a"): 100}
    (hole,) = holes(cells)
    assert (hole.brand, hole.language, hole.source) == ("Beta", "zh", None)
    assert hole.expected == pytest.approx(50)


def test_few_posts_make_no_holes() -> None:
    assert holes({("Acme", "ja", "a"): 5, ("Beta", "en", "b"): 5}) == []
    assert holes({}) == []


def read(words: str, *found: tuple[str, str], author: int | None = 1, not_ours: bool | None = None) -> Read:
    return Read(frozenset(found), "en", frozenset(words.split()), author, not_ours)


KNOWN = {"Acme": ("acme", "acme phone", "hello", "apex", "never")}


def test_words_that_bring_nothing_too_much_or_what_is_not_ours() -> None:
    posts = [read("", ("Acme", "hello")) for _ in range(MUCH)]
    posts += [read("", ("Acme", "acme"), ("Acme", "acme phone")) for _ in range(9)]
    posts += [read("", ("Acme", "apex"), not_ours=n < 4) for n in range(8)]
    found = {term.term: term for term in terms(posts, KNOWN)}
    assert list(found) == list(KNOWN["Acme"])
    assert {name: one.verdict for name, one in found.items()} == {
        "acme": "",
        "acme phone": "",
        "hello": "much",
        "apex": "astray",
        "never": "nothing",
    }
    assert (found["acme"].posts, found["acme"].alone) == (9, 0)
    assert (found["apex"].closed, found["apex"].not_ours) == (8, 4)


def test_the_name_itself_may_bring_most() -> None:
    posts = [read("", ("Acme", "acme")) for _ in range(2 * MUCH)]
    assert {one.verdict for one in terms(posts, {"Acme": ("acme",)})} == {""}


def crowd() -> list[Read]:
    """Posts of many people; those about Acme often say `nimbus`, one person among them always says `solo`."""
    rnd = random.Random(3)
    common = ["today", "price", "shop", "late", "good", "phone", "again", "train"]
    posts = []
    for n in range(600):
        words = " ".join(rnd.sample(common, 3))
        if n % 4 == 0:
            own = " nimbus" if n % 3 else ""
            posts.append(read(words + own, ("Acme", "acme"), author=n))
        else:
            posts.append(read(words, author=n))
    posts += [read(f"solo {n}", ("Acme", "acme"), author=7) for n in range(40)]
    return posts


def test_what_goes_with_a_brand_is_suggested_but_never_one_persons_word() -> None:
    found = suggestions(crowd(), {"Acme": ("acme",)})
    assert [one.word for one in found] == ["nimbus"]
    (one,) = found
    assert (one.brand, one.elsewhere, one.authors) == ("Acme", 0, AUTHORS)
    assert one.posts >= POSTS
    assert suggestions(crowd(), {"Acme": ("acme", "nimbus cloud")}) == []


def test_a_language_is_compared_with_itself() -> None:
    posts = [Read(frozenset({("Acme", "acme")}), "ja", frozenset({"です"}), n) for n in range(50)]
    posts += [Read(frozenset(), "ja", frozenset({"です"}), n) for n in range(50)]
    posts += [Read(frozenset(), "en", frozenset({"the"}), n) for n in range(500)]
    assert suggestions(posts, {"Acme": ("acme",)}) == []


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 200), st.integers(1, 200))
def test_the_ratio_is_zero_or_says_more(inside: int, outside: int, more_in: int, more_out: int) -> None:
    ratio = likelihood_ratio(inside, inside + more_in, outside, outside + more_out)
    assert ratio >= -1e-9
    assert math.isfinite(ratio)
    if inside * (outside + more_out) <= outside * (inside + more_in):
        assert ratio == 0.0


def test_the_ratio_is_dunnings() -> None:
    # G² of the table [[10, 90], [5, 295]] by its definition 2 Σ O ln(O/E).
    observed = [[10, 90], [5, 295]]
    rows, columns = [100, 300], [15, 385]
    expected = sum(
        2 * observed[r][c] * math.log(observed[r][c] * 400 / (rows[r] * columns[c])) for r in (0, 1) for c in (0, 1)
    )
    assert likelihood_ratio(10, 100, 5, 300) == pytest.approx(expected)
