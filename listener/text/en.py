"""English: words are runs of letters, digits and inner apostrophes; every other character is a word of its own."""

from __future__ import annotations

import re
from typing import Final

from listener.text import Cues, Language

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[^\w\s]|_")


def _spaced(text: str) -> str:
    return " ".join(_WORD.findall(text))


_NOT: Final = {"LOWER": {"REGEX": r"^(no|not|never|nothing|nobody|\w+n't|cannot)$"}}
_CUES: Final[Cues] = {
    "counted_wait": [
        [
            {"LIKE_NUM": True},
            {
                "LOWER": {
                    "IN": ["minutes", "mins", "hours", "hrs", "days", "weeks", "months", "times", "calls", "emails"]
                }
            },
        ]
    ],
    "still_not": [
        [{"LOWER": "still"}, {"OP": "?"}, _NOT],
        [{"LOWER": "still"}, {"LOWER": {"IN": ["waiting", "broken", "missing", "pending", "down"]}}],
    ],
    "expected": [
        [
            {"LOWER": {"IN": ["supposed", "promised", "expected", "advertised", "said"]}},
            {"OP": "*", "IS_PUNCT": False},
            {"LOWER": {"IN": ["but", "yet", "instead"]}},
        ]
    ],
    "broken": [
        [
            {"LOWER": {"REGEX": r"^(doesn't|don't|won't|can't|cannot|isn't|didn't)$"}},
            {"LOWER": {"IN": ["work", "working", "open", "load", "connect", "turn", "log", "fit", "arrive"]}},
        ]
    ],
    "request": [
        [
            {"LOWER": {"IN": ["want", "need", "demand", "give", "refund"]}},
            {"OP": "?"},
            {"OP": "?"},
            {"LOWER": {"IN": ["refund", "money", "replacement", "compensation", "refunded"]}},
        ]
    ],
    "leaving": [
        [
            {
                "LOWER": {
                    "IN": ["never", "last", "switching", "cancelling", "canceling", "cancelled", "uninstalled", "done"]
                }
            },
            {"OP": "?"},
            {"LOWER": {"IN": ["again", "time", "to", "my", "with", "ordering", "flying", "buying", "using"]}},
        ]
    ],
}

_EXAMPLES: Final = (
    ("third day of waiting for a parcel that was 'out for delivery' on Monday", 1),
    ("Updated the app and now it logs me out every time I open it", 1),
    ("the staff could not have been nicer, we'll be back", 0),
    ("does anyone know if the shop opens on sundays?", 0),
)

LANGUAGE: Final = Language("en", _spaced, _CUES, _EXAMPLES)
