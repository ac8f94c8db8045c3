"""Search terms: what is typed is found where it stands, in any script, whatever else is typed with it."""

import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.text import terms


@pytest.fixture(scope="module")
def index() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE t USING fts5(terms, tokenize='unicode61 remove_diacritics 2')")
    yield connection
    connection.close()


def finds(index: sqlite3.Connection, text: str, typed: str) -> bool:
    expression = terms.query(typed)
    if expression is None:
        return False
    index.execute("DELETE FROM t")
    index.execute("INSERT INTO t (terms) VALUES (?)", (terms.index_terms(text),))
    return index.execute("SELECT count(*) FROM t WHERE t MATCH ?", (expression,)).fetchone()[0] == 1


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("返金してください", "返"),
        ("返金してください", "返金"),
        ("早く返金してください", "返金してください"),
        ("お金が返ってこない。", "い"),
        ("I want a refund now", "refund"),
        ("REFUND!", "refund"),
        ("Ｒｅｆｕｎｄ please", "refund"),
        ("refund", "ＲＥＦＵＮＤ"),
        ("iPhone壊れた", "iPhone壊れた"),
        ("私のiPhone壊れたんだけど", "iphone壊れ"),
        ("iPhone返金できない", "iPhone返"),
        ("ﾂﾅｶﾞﾗﾅｲ", "つながらない".translate({ord("つ"): "ツ"}).replace("ながらない", "ナガラナイ")),
        ("サポートが遅い", "サポート"),
        ("サポートが遅い", "ー"),
        ("我要退款，客服不理人", "退款"),
        ("𠮷野家で待たされた", "𠮷"),
        ("𠮷野家で待たされた", "𠮷野家"),
        ("もう無理 😡", "😡"),
        ("don't buy", "don't"),
        ("café closed", "cafe"),
        ("환불 요청했어요", "환불"),
        ("charged ¥3,000 twice", "3,000"),
        ("返金 返品 refund", "refund 返品"),
        ("a" * 5000, "a" * 5000),
    ],
)
def test_is_found(index: sqlite3.Connection, text: str, typed: str) -> None:
    assert finds(index, text, typed)


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("金を返してほしい", "返金"),  # both characters, not the word
        ("返品と金額", "返金"),
        ("refund", "ref"),
        ("refunds", "refund"),
        ("late order", "order late late refund"),
        ("壊れ。た", "壊れた"),
        ("返金", "返金 届かない"),
        ("charge back", '"back charge"x'),
    ],
)
def test_is_not_found(index: sqlite3.Connection, text: str, typed: str) -> None:
    assert not finds(index, text, typed)


@pytest.mark.parametrize("typed", ["", "   ", "!!!", '"', "()", "*", "、。", "\x00", "\ud800"])
def test_nothing_to_look_for(typed: str) -> None:
    assert terms.query(typed) is None


@pytest.mark.parametrize(
    "typed", ['refund" OR "x', "NOT refund", "refund*", "terms:refund", "NEAR(refund x)", "-refund"]
)
def test_operators_are_words(index: sqlite3.Connection, typed: str) -> None:
    """Never a syntax error, never an operator's effect."""
    assert finds(index, f"see: {typed}", typed)
    assert not finds(index, "something else", typed)


def test_a_pasted_post_is_cut(index: sqlite3.Connection) -> None:
    text = "届かない荷物について問い合わせました。" * 500
    expression = terms.query(text)
    assert expression is not None
    assert len(expression) < 2000
    assert finds(index, text, text)


@given(st.text(max_size=200))
def test_every_query_is_valid(typed: str) -> None:
    """No text whatever makes an expression that FTS5 refuses."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE t USING fts5(terms)")
        expression = terms.query(typed)
        if expression is not None:
            connection.execute("SELECT count(*) FROM t WHERE t MATCH ?", (expression,)).fetchone()
    finally:
        connection.close()


_WORDY = st.text(alphabet='返金届かない壊れたサポートー退款客服不abcXYZ1２ｱｶﾞ 。、!？\n"', max_size=40)


@given(_WORDY, _WORDY, _WORDY)
def test_a_cut_of_cjk_text_is_found(before: str, middle: str, after: str) -> None:
    """Whatever stands in a text is found by a query of it, wherever the cut falls, if words are not cut in two."""
    whole = before + "。" + middle + "。" + after
    expression = terms.query(middle)
    if expression is None:
        return
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE t USING fts5(terms, tokenize='unicode61 remove_diacritics 2')")
        connection.execute("INSERT INTO t (terms) VALUES (?)", (terms.index_terms(whole),))
        assert connection.execute("SELECT count(*) FROM t WHERE t MATCH ?", (expression,)).fetchone()[0] == 1
    finally:
        connection.close()


@given(st.text(alphabet="返金届かない壊れたサポートー退款客服不", min_size=1, max_size=30), st.data())
def test_any_part_of_a_run_is_found(run: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(run) - 1))
    end = data.draw(st.integers(start + 1, len(run)))
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE t USING fts5(terms, tokenize='unicode61 remove_diacritics 2')")
        connection.execute("INSERT INTO t (terms) VALUES (?)", (terms.index_terms(run),))
        found = connection.execute("SELECT count(*) FROM t WHERE t MATCH ?", (terms.query(run[start:end]),))
        assert found.fetchone()[0] == 1
    finally:
        connection.close()


@given(st.text(max_size=100))
def test_folding_is_stable(text: str) -> None:
    assert terms.fold(terms.fold(text)) == terms.fold(text)
