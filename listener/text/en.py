"""English: words are runs of letters, digits and inner apostrophes; every other character is a word of its own."""

from __future__ import annotations

import re
from typing import Any, Final

from listener.text import Cues, Language

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[^\w\s]|_")


def _spaced(text: str) -> str:
    return " ".join(_WORD.findall(text))


def _one_of(words: str) -> dict[str, Any]:
    """One of these words, in any case."""
    return {"LOWER": {"IN": words.split()}}


_NOT: Final = {
    "LOWER": {"REGEX": r"^(no|not|never|nothing|nobody|none|zero|without|\w+n't|cannot|cant|wont|doesnt|didnt)$"}
}
_SOME: Final = {"OP": "{0,3}", "IS_PUNCT": False}
_MORE: Final = {"OP": "{0,8}", "IS_SENT_START": False}
_NUMBER: Final = {
    "LOWER": {"REGEX": r"^([0-9]+(st|nd|rd|th)?|two|three|four|five|six|seven|ten|third|fourth|fifth|several)$"}
}
_CUES: Final[Cues] = {
    "expected": [
        [
            _one_of("supposed promised expected expecting advertised meant told paid"),
            _MORE,
            _one_of("but yet instead only still and"),
            _SOME,
            _NOT,
        ],
        [_one_of("supposed promised expected advertised"), _MORE, _one_of("but yet instead only")],
        [
            _one_of("not isn't wasn't nothing"),
            {"OP": "?"},
            _one_of("as like what"),
            _SOME,
            _one_of("described advertised pictured promised expected ordered"),
        ],
    ],
    "counted": [
        [_NUMBER, {"OP": "?"}, _one_of("minutes mins hours hrs days weeks months years")],
        [_NUMBER, _SOME, _one_of("times calls emails attempts tickets replacement time attempt call")],
        [_one_of("after for"), _one_of("hours days weeks months")],
    ],
    "still_not": [
        [_one_of("still yet"), _SOME, _NOT],
        [_NOT, _SOME, _one_of("yet still")],
        [_one_of("still"), _one_of("waiting broken missing pending down on at")],
        [_one_of("no zero"), _one_of("reply response answer refund update updates explanation sign")],
    ],
    "broken": [
        [
            _NOT,
            {"OP": "?"},
            _one_of(
                "work working works open load loading connect turn log login fit arrive arrived delivered come came"
            ),
        ],
        [
            _one_of("keeps kept constantly always"),
            _one_of("crashing freezing breaking failing logging dropping buffering crashes freezes"),
        ],
        [_one_of("broke broken crashed crashes leaking faulty defective cracked expired")],
    ],
    "request": [
        [
            _one_of("want need demand give get where's issue"),
            _SOME,
            _one_of("refund money replacement compensation refunded apology answer explanation"),
        ],
        [_one_of("please pls plz"), _SOME, _one_of("fix help respond reply refund sort explain")],
        [_one_of("fix sort"), _one_of("this it your ur")],
    ],
    "worse_than_before": [
        [_one_of("used"), _one_of("to"), _one_of("be love work have get like")],
        [_one_of("worse slower smaller pricier dearer"), _SOME, _one_of("than since after every now")],
        [_one_of("since after ever"), _SOME, _one_of("update updated upgrade change changed redesign")],
        [_one_of("gone going"), _one_of("downhill backwards")],
    ],
    "leaving": [
        [_one_of("never won't not"), _MORE, _one_of("again back")],
        [_one_of("last"), _one_of("time"), _SOME, _one_of("i we ordering buying flying using")],
        [
            _one_of(
                "switching switched cancelling canceling cancelled canceled uninstalled "
                "uninstalling unsubscribed leaving deleted"
            ),
            _SOME,
        ],
        [_one_of("done finished through"), _one_of("with")],
        [_one_of("taking take"), _SOME, _one_of("business money"), _one_of("elsewhere")],
    ],
}

_EXAMPLES: Final = (
    ("third day of waiting for a parcel that was 'out for delivery' on Monday", 1),
    ("Updated the app and now it logs me out every time I open it", 1),
    ("the staff could not have been nicer, we'll be back", 0),
    ("does anyone know if the shop opens on sundays?", 0),
)

LANGUAGE: Final = Language("en", _spaced, _CUES, _EXAMPLES)
