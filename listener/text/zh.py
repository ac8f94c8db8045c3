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


def _one_of(words: str) -> dict[str, Any]:
    """One of these words."""
    return {"TEXT": {"IN": words.split()}}


_SOME: Final = {"OP": "{0,3}", "IS_PUNCT": False}
_MORE: Final = {"OP": "{0,8}", "IS_PUNCT": False}
_LONG: Final = {"OP": "{0,12}"}
_NUMBER: Final = {"TEXT": {"REGEX": r"^([0-9]+|[一二两三四五六七八九十半几俩仨]+|好几)个?$"}}
_NOT: Final = _one_of("没 没有 不 未 无 无法 不能 没人 不了 冇 唔 没收到 不到 不见")
_CUES: Final[Cues] = {
    "expected": [
        [
            _one_of("以为 本来 说好 说好的 承诺 宣传 明明 号称 答应 保证 原本 写着 标着"),
            _LONG,
            _one_of("结果 却 居然 竟然 但 但是 可是 根本 没 没有 不 还是 呢"),
        ],
        [
            _one_of("与 和 跟 同"),
            _SOME,
            _one_of("描述 图片 宣传 说明 实物 照片"),
            _SOME,
            _one_of("不符 不一样 不同 差 两回事 差别 不 差太多"),
        ],
        [_one_of("货不对板 虚假 名不副实 不值 对不起")],
    ],
    "counted": [
        [_NUMBER, {"OP": "?"}, _one_of("天 小时 月 个月 周 星期 次 遍 分钟 钟头 年 回 通 个钟 多月 多天")],
        [
            _one_of("等 拖 催 打"),
            _SOME,
            _NUMBER,
            {"OP": "?"},
            _one_of("天 小时 月 个月 周 星期 次 遍 分钟 年 回 通 电话"),
        ],
        [
            _one_of("等 拖 催"),
            _SOME,
            {"TEXT": {"REGEX": r"^[0-9一二两三四五六七八九十半几好多]+个?(天|次|月|周|小时|年)$"}},
        ],
        [_one_of("每次 天天 反复 又 再次 第二次 第三次 一次次 多次"), _SOME, _NOT],
    ],
    "still_not": [
        [_one_of("还 还是 一直 到现在 至今 迟迟 始终 仍 仍然 依然 都 仲 仲未"), _MORE, _NOT],
        [_one_of("没人 没有人 无人 不理 没回 不回 冇人"), _SOME],
        [_NOT, _SOME, _one_of("回复 回应 答复 处理 解决 消息 动静 发货 退款 到账 接")],
    ],
    "broken": [
        [
            _one_of(
                "坏 坏了 打不开 闪退 卡死 崩溃 崩 用不了 收不到 死机 连不上 登不上 断线 发霉 "
                "变质 破损 漏 漏水 裂 瑕疵 假货 次品 残次 故障 黑屏 卡顿"
            )
        ],
    ],
    "request": [
        [_one_of("退款 退货 退钱 赔偿 道歉 投诉 举报 维权 曝光 退一赔三 换货 回水")],
        [
            _one_of("请 要求 希望 麻烦 赶紧 尽快 能不能 什么时候"),
            _MORE,
            _one_of("解决 处理 回复 改进 改善 发货 退 修复 给个 说法 解释"),
        ],
        [_one_of("给 要"), _SOME, _one_of("说法 交代 解释 答复")],
    ],
    "worse_than_before": [
        [_one_of("以前 之前 原来 上次 从前 过去 旧版"), _LONG, _one_of("现在 如今 这次 差 不如 变 没 越来越 涨 少")],
        [_one_of("不如 还不如 比不上 没有以前 大不如前 退步 缩水 变差 越来越")],
        [
            _one_of("更新 升级 改版 涨价"),
            _SOME,
            _one_of("后 之后 完 以后 了"),
            _MORE,
            _one_of("差 卡 慢 不 没 难用 崩 贵"),
        ],
    ],
    "leaving": [
        [_one_of("再也 以后 下次 永远 从此 再"), _MORE, _one_of("不 不会 不来 不买 不去 绝不 别"), _SOME],
        [_one_of("再也不 再也不会"), _SOME],
        [_one_of("不会 不 唔会 不想 别"), _one_of("再 再来 再买 再去 再用 再光顾 再点 回购"), _SOME],
        [_one_of("卸载 退订 注销 换到 转网 取关 拉黑 弃用 改用 退会 销户 脱粉")],
    ],
}

_EXAMPLES: Final = (
    ("快递显示已签收，可我根本没收到，客服一直说在核实", 1),
    ("說好下午兩點到府安裝，等到六點連通電話都沒有", 1),
    ("味道很好，分量也足，下次还来", 0),
    ("请问这款支持七天无理由吗？", 0),
)

LANGUAGE: Final = Language("zh", _spaced, _CUES, _EXAMPLES, variants=True)
