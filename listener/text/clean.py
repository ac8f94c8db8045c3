"""What a database, a browser and a hash can all hold: text without what breaks one of them."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import urlsplit

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SPACE = re.compile(r"\s")
_MAX_URL: Final = 2000


def storable(text: str) -> str:
    """The text with NUL and lone surrogates as U+FFFD; all else as it is."""
    return text if text.isascii() and "\x00" not in text else _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def clean(text: str) -> str:
    """`storable`, in normalisation form C: equal texts are equal strings, and hash alike."""
    return unicodedata.normalize("NFC", storable(text))


def web_address(url: str | None) -> str | None:
    """The address if it is http or https with a host and without white space; nothing else is ever a link."""
    if not url or len(url) > _MAX_URL or not url.isprintable() or _SPACE.search(url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and host else None
