"""Japanese: words by MeCab (fugashi) with the IPA dictionary; its files are read when the first text comes."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from listener.text import Cues, Language


@cache
def _tagger() -> Any:
    import fugashi
    import ipadic

    return fugashi.GenericTagger(f"{ipadic.MECAB_ARGS} -Owakati")


def _spaced(text: str) -> str:
    return str(_tagger().parse(text))


_CUES: Final[Cues] = {
    "counted_wait": [
        [
            {"LIKE_NUM": True},
            {"TEXT": {"IN": ["日", "時間", "週間", "か月", "ヶ月", "回", "度"]}},
            {"TEXT": {"IN": ["も", "待っ", "待た", "目"]}},
        ]
    ],
    "still_not": [
        [
            {"TEXT": {"IN": ["まだ", "いまだに", "未だに", "全然", "一向に", "ちっとも"]}},
            {"OP": "*", "IS_PUNCT": False},
            {"TEXT": {"IN": ["ない", "なく", "ん", "ません"]}},
        ]
    ],
    "expected": [
        [{"TEXT": {"IN": ["はず", "つもり", "期待"]}}, {"OP": "?"}, {"TEXT": {"IN": ["のに", "が", "けど", "だっ"]}}]
    ],
    "broken": [
        [
            {"TEXT": {"IN": ["壊れ", "動か", "つながら", "繋がら", "開か", "落ちる", "落ち", "届か", "返っ"]}},
            {"OP": "?"},
            {"TEXT": {"IN": ["ない", "た", "て", "ず"]}},
        ]
    ],
    "request": [
        [
            {"TEXT": {"IN": ["返金", "返品", "交換", "改善", "謝罪", "対応", "説明"]}},
            {"OP": "?"},
            {"TEXT": {"IN": ["し", "くれ", "を"]}},
            {"OP": "?"},
            {"TEXT": {"IN": ["ほしい", "欲しい", "ください", "下さい", "くれ", "しろ"]}},
        ]
    ],
    "leaving": [
        [
            {"TEXT": {"IN": ["二度と", "もう"]}},
            {"OP": "*", "IS_PUNCT": False},
            {"TEXT": {"IN": ["ない", "解約", "退会", "やめる", "ませ", "行か", "使わ", "買わ"]}},
        ]
    ],
}

_EXAMPLES: Final = (
    ("注文して三週間たつのに、まだ発送の連絡すらない", 1),
    ("アプリを更新したら起動しなくなった。仕事で使ってるのに困る", 1),
    ("店員さんがとても親切で、また行きたくなった", 0),
    ("この店って日曜も開いてますか?", 0),
)

LANGUAGE: Final = Language("ja", _spaced, _CUES, _EXAMPLES)
