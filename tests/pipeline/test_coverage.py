"""What brands and words bring, counted from the store."""

from datetime import timedelta

from listener import desk
from listener.desk import Actor
from listener.pipeline import coverage
from listener.settings import Brand
from listener.store import Store
from tests.store.seed import NOW, mention, open_all, score_all, take

BRANDS = [
    Brand(name="Acme", aliases=("ACME ",), keywords=("fibre", "unused"), exclude=("acme river",)),
    Brand(name="Beta"),
]


def match(text: str) -> tuple[str, ...]:
    return tuple(name for name in ("Acme", "Beta") if name.lower() in text.lower())


def test_cells_count_brands_languages_and_sources(store: Store) -> None:
    old = mention("9", "Acme long ago", posted_at=NOW - timedelta(days=20))
    take(store, mention("1", "Acme is late"), mention("2", "Acme and Beta"), mention("3", "nothing"), old, match=match)
    take(
        store,
        mention("1", "Acme elsewhere", source="t"),
        mention("4", "Acme's own", author="us"),
        match=match,
        own=["us"],
    )
    score_all(store)
    with store.write() as tx:
        tx.sources.register("s", "files")
        tx.sources.register("t", "files")
    with store.read() as tx:
        assert coverage.cells(tx, 7, NOW) == {("Acme", "en", "s"): 2, ("Beta", "en", "s"): 1, ("Acme", "en", "t"): 1}
        assert coverage.cells(tx, 30, NOW)[("Acme", "en", "s")] == 3


def test_words_are_counted_as_the_settings_have_them_now(store: Store) -> None:
    texts = ["Acme fibre late", "fibre only", "fibre again", "the Acme river", "Beta", "ＡＣＭＥ wide"]
    take(store, *(mention(str(n), text, author=f"a{n}") for n, text in enumerate(texts)))
    score_all(store)
    opened = open_all(store)
    with store.read() as tx:
        row = tx.mentions.find("s", "1")
    assert row is not None
    desk.dismiss(store, opened[row.id], Actor("Aiko"), NOW, reason="not_ours")
    found = coverage.words(store, BRANDS)
    assert found.read == 6
    told = {(one.brand, one.term): (one.posts, one.alone, one.closed, one.not_ours) for one in found.terms}
    assert told == {
        ("Acme", "acme"): (2, 1, 0, 0),
        ("Acme", "fibre"): (3, 2, 1, 1),
        ("Acme", "unused"): (0, 0, 0, 0),
        ("Beta", "beta"): (1, 1, 0, 0),
    }
    assert [one.verdict for one in found.terms if one.term == "unused"] == ["nothing"]


def test_a_word_that_many_say_with_a_brand_is_suggested(store: Store) -> None:
    posts = [
        mention(str(n), f"Acme Nimbus trouble {n}" if n < 20 else f"nice day {n}", author=f"a{n}") for n in range(60)
    ]
    posts += [mention(f"x{n}", f"Acme zanzibar {n}", author="one person") for n in range(30)]
    take(store, *posts)
    score_all(store)
    words = {one.word for one in coverage.words(store, BRANDS).suggestions if one.brand == "Acme"}
    assert "nimbus" in words
    assert "zanzibar" not in words
    assert not words & {"acme", "fibre"}
    assert coverage.words(store, BRANDS, limit=5).read == 5
