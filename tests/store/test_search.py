"""The search index over stored mentions."""

import pytest

from listener.store import Store, search
from listener.types import Deletion
from tests.store.seed import NOW, found, mention, take


def find(store: Store, typed: str, limit: int = 100) -> list[int]:
    with store.read() as tx:
        return tx.search.find(typed, limit)


def test_one_character_a_word_and_a_mixture_are_found(store: Store) -> None:
    take(
        store,
        mention("1", "返金してください", author="a"),
        mention("2", "お金が返ってこない", author="b"),
        mention("3", "My iPhone壊れた, I want a Refund", author="c"),
        mention("4", "ｻﾎﾟｰﾄが遅い", title="客服 Acme", author="d"),
    )
    assert find(store, "返") == [2, 1]
    assert find(store, "金") == [2, 1]
    assert find(store, "返金") == [1]
    assert find(store, "refund") == [3]
    assert find(store, "iPhone壊れた") == [3]
    assert find(store, "サポート") == [4]
    assert find(store, "客服") == [4]
    assert find(store, "Acme 遅い") == [4]
    assert find(store, "返金 refund") == []
    assert find(store, "!!!") == []


def test_newest_first_and_limited(store: Store) -> None:
    take(store, *(mention(str(n), f"late {n}", author=f"a{n}") for n in range(10)))
    assert find(store, "late", 3) == [10, 9, 8]


def test_an_edit_is_found_by_its_new_words_only(store: Store) -> None:
    take(store, mention("1", "parcel late"))
    take(store, mention("1", "parcel came"))
    assert find(store, "late") == []
    assert find(store, "came") == [1]


def test_a_deleted_post_is_not_found(store: Store) -> None:
    take(store, mention("1", "parcel late"))
    take(store, Deletion(source="s", native_id="1", at=NOW))
    assert find(store, "parcel") == []


def test_the_index_is_made_anew_when_terms_change(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    take(store, mention("1", "parcel late"), mention("2", "gone", author="x"))
    take(store, Deletion(source="s", native_id="2", at=NOW))
    monkeypatch.setattr(search.terms, "VERSION", "another")
    monkeypatch.setattr(search.terms, "index_terms", lambda text: text.replace("parcel", "box"))
    with Store.open(store.path) as opened:
        assert find(opened, "box") == [1]
        assert find(opened, "parcel") == []
    assert found(store, "1").text == "parcel late"
