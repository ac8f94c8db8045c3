"""Addresses, people and drawn faces in a batch of texts: each becomes one mark, what stood behind it is dropped.

Only the places of a few telling characters are looked at: a pattern tried everywhere is ten times slower.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from listener.text._folds import DROP, Codes

USER: Final = 0xE000
URL: Final = 0xE001
GLAD: Final = 0xE002
SAD: Final = 0xE003
FACE: Final = 0xE004
"""Marks in the private use area, whose own code points are folded to U+FFFD first. FACE: neither glad nor sad."""
MARKS: Final = frozenset((USER, URL, GLAD, SAD, FACE))

_ADDRESS = re.compile(r"[^\s\x00<>「」『』、。，（）]+")
_BARE_HTTP = re.compile(r"https?(?![\w:])", re.IGNORECASE)
# Weibo's names are of any script and end where a space or colon stands; elsewhere a name is ASCII.
_HANDLE = re.compile(
    r"[@＠](?:[A-Za-z0-9_一-鿿ァ-ー-]{1,20}(?=[\s:：/])|[A-Za-z0-9_一-鿿ァ-ー-]{1,6}(?=\x00)"
    r"|[A-Za-z0-9_]{1,40}(?:@[A-Za-z0-9.-]{3,80})?)"
)
_PLACEHOLDER = re.compile(r"[<\[{](?:(user|username|mention|email|phone)|url|link)[>\]}]", re.IGNORECASE)
_DOMAIN = re.compile(r"@[A-Za-z0-9-]{1,63}\.[A-Za-z0-9.-]{1,63}")
_LOCAL: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-")
_LONGEST_LOCAL: Final = 64

_BRACKETED = re.compile(r"[(（]([^()（）\x00\nぁ-ゖ一-鿿0-9]{2,14})[)）]")
_DRAWN: Final = frozenset("^＾ωДд∀▽∇´｀`・･ﾟ゜≧≦><＞＜_＿;；TＴಥ•°")
_LETTERS: Final = frozenset("TtＴOoｏＯQДдωεзｪェﾉノヮᴗAＡｰーﾟσ")
"""Letters and kana that eyes and mouths are made of; any other makes the brackets an aside."""
_TEARS: Final = frozenset(";；TＴಥДд#﹏︿")
_LAUGH: Final = frozenset("^＾∀▽∇≧○◯ᴗ*♪✿")
_SMILEY = re.compile(r"[:：;；=]['’]?[-o]?(?:([)）DＤ])|[(（])(?![\w.])")


def mask(joined: str, codes: Codes) -> None:
    """Put the marks into `codes`, one for each character of `joined` (texts between NULs), and DROP behind them."""
    _mask_addresses(joined, codes)
    for signs, act in (("@＠", _mask_user), ("<[{", _mask_placeholder), ("(（", _mask_face), (":：;；=", _mask_smiley)):
        for sign in signs:
            for at in _places(joined, sign):
                if codes[at] != DROP and codes[at] not in MARKS:
                    act(joined, codes, at)


def _mask_addresses(joined: str, codes: Codes) -> None:
    for at in _places(joined, "://"):
        scheme = 5 if joined[at - 5 : at].lower() == "https" else 4 if joined[at - 4 : at].lower() == "http" else 0
        if scheme and codes[at] != DROP and (found := _ADDRESS.match(joined, at + 3)):
            _mark(codes, at - scheme, found.end(), URL)
    for at in _places(joined, "www."):
        if codes[at] != DROP and (found := _ADDRESS.match(joined, at + 4)):
            _mark(codes, at, found.end(), URL)
    for word in ("http", "HTTPURL"):
        for at in _places(joined, word):
            bare = word != "http" or _BARE_HTTP.match(joined, at)
            if bare and codes[at] not in (DROP, URL) and not joined[at - 1].isalnum():
                _mark(codes, at, at + len(word), URL)


def _mask_user(joined: str, codes: Codes, at: int) -> None:
    """The mail address around an @, or the handle behind it."""
    start = at
    while start > 0 and at - start < _LONGEST_LOCAL and joined[start - 1] in _LOCAL:
        start -= 1
    if start < at and (found := _DOMAIN.match(joined, at)):
        _mark(codes, start, found.end(), USER)
    elif found := _HANDLE.match(joined, at):
        _mark(codes, at, found.end(), USER)


def _mask_placeholder(joined: str, codes: Codes, at: int) -> None:
    if found := _PLACEHOLDER.match(joined, at):
        _mark(codes, at, found.end(), USER if found[1] else URL)


def _mask_face(joined: str, codes: Codes, at: int) -> None:
    if (found := _BRACKETED.match(joined, at)) and (mark := _face(found[1])):
        _mark(codes, at, found.end(), mark)


def _mask_smiley(joined: str, codes: Codes, at: int) -> None:
    if found := _SMILEY.match(joined, at):
        _mark(codes, at, found.end(), GLAD if found[1] else SAD)


def _face(inside: str) -> int | None:
    """What a drawn face says; None for words between brackets."""
    signs = set(inside)
    if signs.isdisjoint(_DRAWN) or any(char.isalpha() and char not in _LETTERS for char in signs):
        return None
    sad, glad = not signs.isdisjoint(_TEARS), not signs.isdisjoint(_LAUGH)
    if sad != glad:
        return SAD if sad else GLAD
    brow = max(inside.find("`"), inside.find("｀"))
    return SAD if not sad and 0 <= max(inside.find("´"), inside.find("'")) < brow else FACE


def _mark(codes: Codes, start: int, end: int, mark: int) -> None:
    codes[start] = mark
    codes[start + 1 : end] = DROP


def _places(joined: str, sign: str) -> Iterator[int]:
    at = joined.find(sign)
    while at >= 0:
        yield at
        at = joined.find(sign, at + len(sign))
