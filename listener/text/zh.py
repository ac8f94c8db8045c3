"""Chinese, simplified and traditional: words by rjieba (the jieba cuts in Rust)."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from listener.text import Cues, Language


@cache
def _cutter() -> Any:
    import rjieba

    return rjieba.cut


def _spaced(text: str) -> str:
    return " ".join(_cutter()(text))


_NUMBER: Final = {"TEXT": {"REGEX": r"^([0-9]+|[一二两兩三四五六七八九十半几幾好]+)$"}}
_CUES: Final[Cues] = {
    "counted_wait": [
        [
            _NUMBER,
            {"OP": "?"},
            {"TEXT": {"IN": ["天", "小时", "月", "小時", "个月", "個月", "周", "週", "次", "遍", "分钟", "分鐘"]}},
        ]
    ],
    "still_not": [
        [
            {"TEXT": {"IN": ["还", "還", "还是", "還是", "一直", "到现在", "至今", "迟迟", "遲遲"]}},
            {"OP": "?"},
            {"TEXT": {"IN": ["没", "沒", "没有", "沒有", "不", "未", "无法", "無法"]}},
        ]
    ],
    "expected": [
        [
            {"TEXT": {"IN": ["以为", "以為", "本来", "本來", "说好", "說好", "承诺", "承諾", "宣传", "宣傳"]}},
            {"OP": "*", "IS_PUNCT": False},
            {"TEXT": {"IN": ["结果", "結果", "却", "卻", "居然", "竟然"]}},
        ]
    ],
    "broken": [
        [
            {
                "TEXT": {
                    "IN": [
                        "坏",
                        "壞",
                        "坏了",
                        "壞了",
                        "打不开",
                        "打不開",
                        "闪退",
                        "閃退",
                        "卡死",
                        "崩溃",
                        "用不了",
                        "收不到",
                    ]
                }
            }
        ]
    ],
    "request": [
        [
            {
                "TEXT": {
                    "IN": [
                        "退款",
                        "退货",
                        "退貨",
                        "退钱",
                        "退錢",
                        "赔偿",
                        "賠償",
                        "道歉",
                        "解决",
                        "解決",
                        "投诉",
                        "投訴",
                    ]
                }
            }
        ]
    ],
    "leaving": [
        [
            {"TEXT": {"IN": ["再也", "以后", "以後", "不会", "不會"]}},
            {"OP": "*", "IS_PUNCT": False},
            {"TEXT": {"IN": ["不", "不会", "不會", "不来", "不來", "再来", "再來", "再买", "再買", "卸载", "退订"]}},
        ]
    ],
}

_EXAMPLES: Final = (
    ("快递显示已签收，可我根本没收到，客服一直说在核实", 1),
    ("說好下午兩點到府安裝，等到六點連通電話都沒有", 1),
    ("味道很好，分量也足，下次还来", 0),
    ("请问这款支持七天无理由吗？", 0),
)

LANGUAGE: Final = Language("zh", _spaced, _CUES, _EXAMPLES, variants=True)
