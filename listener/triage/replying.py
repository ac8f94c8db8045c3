"""What may be wrong with an answer before it is sent: advice, not a gate. Pure, by rules that one can read.

The rules are first assumptions of ours about what lets an apology fail: it shifts the blame ("sorry if you feel"), it
is what everybody gets, or it has no word of what happened. Lengths are those that the platforms document.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Code: TypeAlias = Literal[
    "blank", "language", "no_acknowledgement", "blame", "robotic", "casual", "other_data", "promise", "too_long"
]


@dataclass(frozen=True, slots=True)
class Remark:
    """`found` is the piece of the answer that it is about, or a number where it is about the whole."""

    code: Code
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`lang` and `handle` are the customer's; `first`: nothing was answered before; `leads`: a manager writes it."""

    text: str
    lang: str
    channel: str | None = None
    handle: str | None = None
    first: bool = True
    leads: bool = False


def _any(*patterns: str) -> str:
    return "|".join(patterns)


LONGEST: Final = {
    "x": 280,
    "bluesky": 300,
    "mastodon": 500,
    "weibo": 2000,
    "reddit": 10_000,
    "playstore": 350,
    "appstore": 5970,
}
"""Characters; X counts a wide one twice."""

_BLAME: Final = {
    "en": _any(
        r"sorry (if|that) you (feel|felt|think|are unhappy)|sorry if",
        r"you (should|could) have|you failed to|if you had|you must have|your (own )?(mistake|fault)",
        r"as (clearly )?stated|(our|company) policy|other customers (do not|don't)",
    ),
    "ja": _any(
        r"お客様の(誤|ご確認不足|ご?不注意|ご?責任|思い違い|勘違い)",
        r"(と|に)(お?感じ|思われ)(られ)?た(なら|のであれば)",
        r"規約(に|で)|ご?確認いただければ|当社に(落ち度|責任)は|他のお客様からは",
    ),
    "zh": _any(
        r"如果(让|讓|给|給|使)?[您你](觉得|覺得|感到)|是[您你](自己|没有|沒有|未)|[您你](应该|應該|本应|理应)",
        r"按照?(公司)?[规規]定|[您你]的(操作)?(失误|责任|误解)|其他(顾客|客户|用户)(都)?没",
    ),
}
_ROBOTIC: Final = {
    "en": _any(
        r"apologi[sz]e for any inconvenience|your (feedback|opinion|satisfaction) is (very )?important",
        r"valued customer|we take .{0,30} (very )?seriously|do not hesitate",
        r"thank you for (your patience|bringing this to our attention)",
    ),
    "ja": _any(
        r"貴重なご意見|今後のサービス向上の参考|何卒ご理解|ご理解とご協力",
        r"ご不便をおかけし(まし)?た(こと|場合)|万が一ご不快",
    ),
    "zh": _any(
        r"给您带来的不便,?(敬请谅解|深表歉意)|感谢您的(理解|耐心|支持)|尊敬的(客户|用户)",
        r"您的(反馈|意见|满意)(对我们)?(非常|很)?(重要|宝贵)",
    ),
}
_ACKNOWLEDGES: Final = {
    "en": r"\b(sorry|apologi[sz]e|apolog(y|ies)|that was (our|my) mistake|you are right|you're right)\b",
    "ja": r"申し訳|お詫び|ごめん|失礼いたし|ご迷惑|ご不快|おっしゃる(とお|通)り",
    "zh": r"抱歉|[对對]不起|道歉|歉意|是我[们們]的(错|錯|问题|問題|失误|失誤)|您[说說]得[对對]|不好意思",
}
_PROMISES: Final = {
    "en": _any(
        r"full refund|(we|i) guarantee|i promise|never happen again|free of charge|compensat\w+",
        r"[$€£¥]\s?\d+",
    ),
    "ja": _any(
        r"全額(を)?ご?返金|(必ず|絶対に|二度と)[^。]{0,20}(ます|ません)",
        r"無料で|保証(いた)?します|補償|[0-9,]+円",
    ),
    "zh": r"全[额額]退款|保[证證]|[绝絕]不(会|會)?再|一定(会|會)?(给|給|帮|幫|为|為)|免[费費]|[赔賠][偿償]|[0-9,]+元",
}
_DATA: Final = (
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    r"(?<!\d)(?:\+?\d[\d ()-]{8,}\d)(?!\d)",
    r"〒\s?\d{3}-?\d{4}",
    r"(?:order|注文|订单|会員|会员|account|customer)\s?(?:no\.?|number|番号|号|#)?\s?:?#?\s?[A-Z0-9-]*\d{4,}",
)
_HANDLE: Final = r"(?<![\w@])@[\w.-]*\w"
_CASUAL_JA: Final = _any(
    r"了解しました|ご苦労|すみません|すいません|おっしゃられ|ご覧になられ",
    r"(?:だよ|だね|だった|である|してね|ちゃった|じゃない|っす)(?=[。、!?\s]|$)",
)
_POLITE_JA: Final = re.compile(r"です|ます|ました|ません|ございま|ください|くださいませ|でしょうか|願い(いた)?し|存じ")
_KANA: Final = re.compile(r"[\u3041-\u30ff]")
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_LATIN: Final = re.compile(r"[A-Za-z]")


def remarks(answer: Answer) -> tuple[Remark, ...]:
    """Everything that somebody should look at again, in the order in which it matters."""
    return tuple(_found(answer)) if answer.text.strip() else ()


def _found(answer: Answer) -> Iterator[Remark]:
    text = unicodedata.normalize("NFKC", answer.text)
    lang = answer.lang if answer.lang in _BLAME else "en"
    yield from _all("blank", r"\{[a-z_]{1,40}\}", text)
    yield from _private(text, answer.handle)
    if not _speaks(text, lang):
        yield Remark("language", answer.lang)
        return  # the rules below are of another language
    if answer.first and not re.search(_ACKNOWLEDGES[lang], text, re.IGNORECASE):
        yield Remark("no_acknowledgement", "")
    yield from _all("blame", _BLAME[lang], text)
    if not answer.leads:
        yield from _all("promise", _PROMISES[lang], text)
    yield from _casual(text, lang)
    yield from _all("robotic", _ROBOTIC[lang], text)
    yield from _length(answer)


def _all(code: Code, pattern: str, text: str) -> Iterator[Remark]:
    seen: set[str] = set()
    for match in re.finditer(pattern, text, re.IGNORECASE):
        if match[0] not in seen:
            seen.add(match[0])
            yield Remark(code, match[0])


def _private(text: str, handle: str | None) -> Iterator[Remark]:
    """What may be somebody else's, or what the world need not read: addresses, numbers, other people's names."""
    for pattern in _DATA:
        yield from _all("other_data", pattern, text)
    own = (handle or "").lstrip("@").casefold()
    addressed = re.sub(_DATA[0], " ", text)
    for match in re.finditer(_HANDLE, addressed):
        if match[0].lstrip("@").casefold() != own:
            yield Remark("other_data", match[0])


def _speaks(text: str, lang: str) -> bool:
    """Whether the text is written in this language, by its scripts."""
    kana, han, latin = (len(script.findall(text)) for script in (_KANA, _HAN, _LATIN))
    if lang == "ja":
        return kana > 0 and kana + han >= latin / 4
    if lang == "zh":
        return han > 0 and kana == 0 and han >= latin / 8
    return latin > 0 and kana + han <= latin / 2


def _casual(text: str, lang: str) -> Iterator[Remark]:
    """Too familiar: plain forms and 你."""
    if lang == "zh":
        yield from _all("casual", r"你[们們]?", text)
    if lang != "ja":
        return
    yield from _all("casual", _CASUAL_JA, text)
    sentences = [part.strip() for part in re.split(r"[。!！?？\n]", text) if len(part.strip()) > 4]
    if sentences and not any(_POLITE_JA.search(sentence) for sentence in sentences):
        yield Remark("casual", sentences[0][:20])


def _length(answer: Answer) -> Iterator[Remark]:
    longest = LONGEST.get(answer.channel or "")
    if longest is None:
        return
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in answer.text) if answer.channel == "x" else 0
    if (length := len(answer.text) + wide) > longest:
        yield Remark("too_long", f"{length} > {longest}")
