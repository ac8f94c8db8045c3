"""A brand's ordinary days and one outage in three languages, as events and as a classifier's verdicts."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from listener.types import CAUSES, Mention, Verdict

BRAND = "Soba"
CALM = {
    "ja": ("カレーが少し辛すぎた", "席が狭くて足が痛い", "包装が破れていた", "色が写真と違った"),
    "zh": ("面条有点咸", "包装盒压扁了", "颜色和图片不一样", "座位太挤了"),
    "en": ("soup was a bit salty", "box arrived dented", "colour is not like the photo", "seat too small"),
}
OUTAGE = {
    "ja": ("アプリにログインできない", "ログインするとエラーになる", "更新したらログインできなくなった"),
    "zh": ("更新之后登录不了", "一直登录失败，报错", "服务器是不是崩溃了，登录不上"),
    "en": ("cannot log in since the update", "login fails with an error", "is the server down? login broken"),
}


def post(number: int, at: datetime, text: str, lang: str, source: str = "s") -> Mention:
    """Each by another author; the number makes every text one of its own."""
    return Mention(
        source=source,
        native_id=f"m{number}",
        text=f"{text} {number}",
        posted_at=at,
        author=f"a{number}",
        lang=lang,
        brands=(BRAND,),
    )


def ordinary(start: datetime, days: int = 10) -> list[Mention]:
    """Six unhappy and thirty other posts a day, in all languages."""
    dice = random.Random(3)
    made = []
    for number in range(36 * days):
        lang = dice.choice(("ja", "zh", "en"))
        text = dice.choice(CALM[lang]) if number % 6 == 0 else "lunch was nice"
        at = start + timedelta(seconds=dice.random() * days * 86400)
        made.append(post(number, at, text, lang))
    return sorted(made, key=lambda one: one.posted_at)


def outage(start: datetime, count: int = 18, minutes: float = 60, first: int = 10_000) -> list[Mention]:
    """People who cannot log in, evenly over some minutes."""
    made = []
    for number in range(count):
        lang = ("ja", "zh", "en")[number % 3]
        at = start + timedelta(minutes=minutes * number / count)
        made.append(post(first + number, at, OUTAGE[lang][number // 3 % 3], lang, ("s", "t")[number % 2]))
    return made


class Reader:
    """Says what these texts are: a complaint unless lunch was nice, an outage if it is about logging in."""

    def verdicts(
        self,
        texts: Sequence[str],
        *,
        langs: Sequence[str | None] | None = None,
        sources: Sequence[str | None] | None = None,
        explain: bool = False,
    ) -> list[Verdict]:
        return [self._one(text, lang or "en") for text, lang in zip(texts, langs or [None] * len(texts), strict=True)]

    def _one(self, text: str, lang: str) -> Verdict:
        unhappy = "lunch" not in text
        about = any(part in text for found in OUTAGE.values() for part in found) or "log in" in text
        cause = "outage" if about else "quality"
        return Verdict(
            lang=lang,
            complaint=0.9 if unhappy else 0.05,
            flagged=unhappy,
            severity=2 if unhappy else 0,
            cause=cause if unhappy else "none",
            churn=0.1,
            model="reader@1",
            causes=tuple(0.7 if code == cause else 0.3 / 11 for code in CAUSES),
        )
