"""Public posts by what streams can use them for: ordinary chatter by source, complaints by what they are about."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from listener.lab.unseen import Post, half
from listener.types import CAUSES

Random = np.random.Generator

_THEME_LEAST, _WORD_MOST = 18, 120

SOURCES: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "en": (
        ("tweeteval",),
        ("playstore_food", "playstore_fooddelivery_7800"),
        ("reddit_fooddelivery", "tweeteval"),
        ("xci (MIT)", "xci_complaint_severity_cause", "tweeteval"),
    ),
    "ja": (
        ("open2ch-dialogue-corpus (Apache-2.0)",),
        ("open2ch-dialogue-corpus (Apache-2.0)", "minkou"),
        ("amazon_daigo", "open2ch-dialogue-corpus (Apache-2.0)"),
    ),
    "zh": (
        ("smp2020_ewect", "nlpcc2013"),
        ("smp2020_ewect", "online_shopping"),
        ("waimai_10k", "smp2020_ewect"),
        ("openrice_hk (CC BY 4.0)", "smp2020_ewect"),
    ),
}
"""What an ordinary stream of a language may be made of."""


class Bank:
    """Posts of one half (see unseen.half), by what they can be used for."""

    def __init__(self, posts: Sequence[Post], which: int) -> None:
        self.posts = posts
        self.ordinary: dict[tuple[str, str], list[int]] = defaultdict(list)
        self.themes: dict[str, dict[tuple[str, str], list[int]]] = {
            kind: defaultdict(list) for kind in ("cause", "category", "word")
        }
        for number, post in enumerate(posts):
            if len(post.text) > 3 and half(post.text) == which:
                self._sort_in(number, post)
        for themes in self.themes.values():
            for key in [key for key, found in themes.items() if len(found) < _THEME_LEAST]:
                del themes[key]
        words = self.themes["word"]
        for key in [key for key, found in words.items() if len(found) > _WORD_MOST]:
            del words[key]

    def _sort_in(self, number: int, post: Post) -> None:
        if post.theme is None and post.file not in ("en_us_airline", "ja_jrte_pn_train"):
            self.ordinary[post.lang, post.source].append(number)
        if post.theme is not None:
            self.themes["category"][post.lang, post.theme].append(number)
        if post.gold == 1 and post.cause is not None:
            self.themes["cause"][post.lang, post.cause].append(number)
            for word in sorted(_words(post.text, post.lang)):
                self.themes["word"][post.lang, word].append(number)

    def sources(self, lang: str, random: Random) -> list[list[int]]:
        """Posts of each source of a drawn ordinary stream."""
        names = SOURCES[lang][random.integers(len(SOURCES[lang]))]
        return [found for name in names if len(found := self.ordinary.get((lang, name), [])) > 100]

    def causes(self, langs: Sequence[str]) -> list[str]:
        """Causes of which there are complaints in all these languages."""
        return [cause for cause in CAUSES if all((lang, cause) in self.themes["cause"] for lang in langs)]


def _words(text: str, lang: str) -> set[str]:
    if lang == "en":
        return set(re.findall(r"[a-z]{5,}", text.lower()))
    pairs = {text[at : at + 2] for at in range(len(text) - 1)}
    return {pair for pair in pairs if re.fullmatch("[\u4e00-\u9fff\u30a1-\u30fc]{2}", pair)}
