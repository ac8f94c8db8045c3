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


def _one_of(words: str) -> dict[str, Any]:
    """One of these words."""
    return {"TEXT": {"IN": words.split()}}


_SOME: Final = {"OP": "{0,3}", "IS_PUNCT": False}
_MORE: Final = {"OP": "{0,8}", "IS_PUNCT": False}
_NUMBER: Final = {"TEXT": {"REGEX": r"^([0-9]+|[一二三四五六七八九十百半何数]+|二度|三度)$"}}
_NOT: Final = _one_of("ない なく なかっ なし ん ませ ず ねえ 無い 無し ねぇ")
_CUES: Final[Cues] = {
    "expected": [
        [
            _one_of("はず 筈 つもり 期待 約束 予定 予約 はずだっ"),
            _SOME,
            _one_of("のに が けど だっ なのに でし 違う 外れ"),
        ],
        [_one_of("って と 書い 謳っ 聞い 言っ 言わ"), _SOME, _one_of("のに くせ 割に わりに")],
        [
            _one_of("写真 説明 広告 見本 宣伝 レビュー"),
            _SOME,
            _one_of("と より"),
            _SOME,
            _one_of("違う 違い 違っ 全然 別物 小さい"),
        ],
        [_one_of("のに"), _MORE, _NOT],
    ],
    "counted": [
        [
            _NUMBER,
            _one_of("日 時間 週間 か月 ヶ月 カ月 ヵ月 回 度 分 年 週 月 通"),
            {"OP": "?"},
            _one_of("も 待っ 待た 待ち 目 以上 経っ たっ たつ 経つ 過ぎ 連続"),
        ],
        [_one_of("何"), _one_of("回 度 日 時間 週間"), _one_of("も")],
    ],
    "still_not": [
        [_one_of("まだ いまだ いまだに 未だ 未だに 全然 一向に ちっとも 一切 いつまで"), _MORE, _NOT],
        [_one_of("返事 連絡 返信 説明 反応 回答 謝罪"), _SOME, _NOT],
    ],
    "broken": [
        [
            _one_of(
                "壊れ 動か つながら 繋がら 開か 落ち 届か 返っ 使え 固まっ 固まる 直ら 反応し 開け つなが ログインでき"
            ),
            {"OP": "?"},
            _one_of("ない た て ず ん まし ませ なく なっ なかっ"),
        ],
        [_one_of("不具合 不良 故障 バグ エラー 欠品 破損 異物 落ちる フリーズ 不良品")],
    ],
    "request": [
        [
            _one_of("返金 返品 交換 改善 謝罪 対応 説明 修正 連絡 補償 返答"),
            _SOME,
            _one_of("ほしい 欲しい ください 下さい くれ しろ くれよ 頼む 希望 求め もらい 頂き"),
        ],
        [
            _one_of("直し なんとか 何とか どうにか いい加減"),
            _SOME,
            _one_of("ほしい 欲しい ください 下さい くれ しろ し"),
        ],
    ],
    "worse_than_before": [
        [
            _one_of("前 以前 昔 前回 先月 去年 旧"),
            _SOME,
            _one_of("は より の まで"),
            _MORE,
            _one_of("のに けど が 悪く 悪い 減っ 落ち 良かっ よかっ マシ まし"),
        ],
        [
            _one_of("アップデート 更新 リニューアル 改悪 値上げ 変わっ"),
            _SOME,
            _one_of("から て し 後 以降 たら"),
            _MORE,
            _NOT,
        ],
        [_one_of("改悪 劣化 値上げ")],
    ],
    "leaving": [
        [
            _one_of("二度と もう 二 今後"),
            _MORE,
            _one_of("買わ 行か 使わ 頼ま 解約 退会 やめる やめ 利用し 来 ませ 注文し"),
            _SOME,
        ],
        [
            _one_of("解約 退会 乗り換え 乗り換える 乗換 アンインストール 他社"),
            _SOME,
            _one_of("し する た ます まし 決め 検討 よう に へ"),
        ],
    ],
}

_EXAMPLES: Final = (
    ("注文して三週間たつのに、まだ発送の連絡すらない", 1),
    ("アプリを更新したら起動しなくなった。仕事で使ってるのに困る", 1),
    ("店員さんがとても親切で、また行きたくなった", 0),
    ("この店って日曜も開いてますか?", 0),
)

LANGUAGE: Final = Language("ja", _spaced, _CUES, _EXAMPLES)
