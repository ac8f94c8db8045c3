"""Search terms of a text, and the query that finds them: pure functions for a full-text index of whole tokens.

Japanese and Chinese are written without spaces, and people search for one or two characters (返, 返金). So a run of
such characters becomes its overlapping pairs, in order, plus each single character once; other scripts give whole
words. Case, full and half width fold together (NFKC, casefold). A query becomes phrases of those same tokens, all of
which must occur; punctuation and operators in it are nothing but separators.

    index_terms("iPhone壊れた")  ->  "iphone 壊れ れた た れ 壊"
    query("iPhone壊れた")        ->  '"iphone 壊れ れた"'
    query("返 refund")           ->  '"返" "refund"'
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

VERSION: Final = f"1/{unicodedata.unidata_version}"
"""Changes whenever the same text may give other terms; a stored index of another version must be made anew."""

MAX_QUERY_TOKENS: Final = 128
"""Longer queries are cut: somebody pasted a whole post, and its beginning finds it."""

MAX_WORD: Final = 64
"""Longer words are cut, in texts and queries alike."""

_CJK = (
    "\u3005-\u3007\u3021-\u3029\u3031-\u3035\u303b\u303c"  # 々〆〇, Suzhou numerals, kana repeat marks
    "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"  # kana, with ー ゝ ヽ
    "\u3105-\u312f\u31a0-\u31bf"  # bopomofo
    "\u1100-\u11ff\uac00-\ud7a3"  # hangul
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"  # han
)
_SYMBOL = "\u2600-\u27bf\U0001f000-\U0001faff"  # emoji and the like: one character is one word
_TOKEN = re.compile(f"(?P<cjk>[{_CJK}]+)|(?P<symbol>[{_SYMBOL}])|(?P<word>[^\\W_{_CJK}{_SYMBOL}]+)")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


def fold(text: str) -> str:
    """NFKC and casefold: ﾂﾅｶﾞﾗﾅｲ = ツナガラナイ, Ｒｅｆｕｎｄ = refund."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def index_terms(text: str) -> str:
    """All tokens of a text, separated by spaces: first those in order, then its single CJK characters.

    >>> index_terms("返金して！ REFUND")
    '返金 金し して refund し て 返 金'
    """
    tokens: list[str] = []
    singles: set[str] = set()
    for match in _TOKEN.finditer(fold(text)):
        run = match[0]
        if match.lastgroup == "cjk":
            tokens.extend(_pairs(run))
            singles.update(run if len(run) > 1 else ())
        else:
            tokens.append(run[:MAX_WORD])
    return _spelled(" ".join([*tokens, *sorted(singles)]))


def query(text: str) -> str | None:
    """An FTS5 expression for what a person typed; None if it has nothing that could be found.

    >>> query('"返金" OR (refund*')
    '"返金" "or" "refund"'
    """
    phrases: dict[str, None] = {}
    left = MAX_QUERY_TOKENS
    for chunk in fold(text).split():
        for phrase in _phrases(chunk):
            tokens = phrase[:left]
            left -= len(tokens)
            if tokens:
                phrases[f'"{_spelled(" ".join(tokens))}"'] = None
    return " ".join(phrases) or None


def _phrases(chunk: str) -> list[list[str]]:
    """The phrases of one piece without spaces: its runs in a row.

    A single CJK character at either end may be part of a longer run in the text, where only its pairs stand in the
    row: it is looked for by itself.
    """
    runs = [(match.lastgroup == "cjk", match[0]) for match in _TOKEN.finditer(chunk)]
    alone = [[runs.pop(end)[1]] for end in (-1, 0) if runs and runs[end][0] and len(runs[end][1]) == 1]
    row = [token for cjk, run in runs for token in (_pairs(run) if cjk else [run[:MAX_WORD]])]
    return [row, *alone] if row else alone


def _pairs(run: str) -> list[str]:
    return [run] if len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)]


def _spelled(tokens: str) -> str:
    """Characters beyond the basic plane written out, since SQLite's tokeniser knows few of them and drops the rest."""
    return _ASTRAL.sub(lambda match: f"u{ord(match[0]):x}", tokens)
