"""The text of a document that may be in any of the encodings used for Japanese, Chinese and English, whatever it says.

What a document declares (byte order mark, HTTP, XML declaration, meta) is tried first, but believed only if it fits:
pages that say one thing and are another are common. Undeclared ones are told apart by what their characters would be.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from typing import Final

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The names that are believed, each with the larger set that senders really mean by it (as browsers read them).
_NAMES: Final = {
    **dict.fromkeys(("utf-8", "utf8", "unicode-1-1-utf-8"), "utf-8"),
    **dict.fromkeys(("utf-16", "utf-16le", "utf-16be"), "utf-16"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "ms_kanji", "windows-31j", "cp932", "ms932"), "cp932"),
    **dict.fromkeys(("euc-jp", "eucjp", "x-euc-jp", "euc_jp"), "euc_jp"),
    **dict.fromkeys(
        ("iso-2022-jp", "iso-2022-jp-1", "iso-2022-jp-2", "iso-2022-jp-3", "csiso2022jp"), "iso2022_jp_ext"
    ),
    **dict.fromkeys(("gb2312", "gb_2312-80", "gbk", "x-gbk", "cp936", "gb18030", "euc-cn"), "gb18030"),
    **dict.fromkeys(("big5", "big5-hkscs", "big5hkscs", "x-x-big5", "cp950", "big-5"), "big5hkscs"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "cp949", "windows-949"), "cp949"),
    **dict.fromkeys(("iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii", "windows-1252", "cp1252"), "cp1252"),
}
_WEAK: Final = frozenset({"cp1252"})
"""Reads any bytes without complaint, so that it proves nothing."""
_GUESSES: Final = ("cp932", "euc_jp", "gb18030", "big5hkscs")
_HEAD: Final = 2048
_SAMPLE: Final = 20_000
_XML: Final = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})")
_META: Final = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_HTTP: Final = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)


def decode(content: bytes, content_type: str = "") -> str:
    """`content` as text; what fits no encoding at all becomes U+FFFD. `content_type` is the HTTP header."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace").removeprefix("\ufeff")
    if content.isascii():
        shifts = b"\x1b$" in content or b"\x1b(" in content
        return content.decode("iso2022_jp_ext" if shifts else "ascii", "replace")
    if (text := _strict(content, "utf-8")) is not None:
        return text
    declared = _declared(content, content_type)
    for encoding in declared:
        if encoding not in _WEAK and (text := _nearly(content, encoding)) is not None:
            return text
    best = max(_GUESSES, key=lambda encoding: _plausible(content, encoding))
    if _plausible(content, best) > 0:
        return content.decode(best, "replace")
    return content.decode(declared[0] if declared else "utf-8", "replace")


def _declared(content: bytes, content_type: str) -> list[str]:
    head = content[:_HEAD]
    said = [match[1] for match in [_HTTP.search(content_type)] if match]
    said += [match[1].decode("ascii") for match in (_XML.search(head), _META.search(head)) if match]
    return [_NAMES[name.lower()] for name in said if name.lower() in _NAMES]


def _strict(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _nearly(content: bytes, encoding: str) -> str | None:
    """The text if at most one character in fifty beyond ASCII does not fit: real documents are cut or patched."""
    text = content.decode(encoding, "replace")
    beyond = sum(1 for character in text if character > "\x7f")
    return text if text.count("\ufffd") * 50 <= beyond else None


def _plausible(content: bytes, encoding: str) -> float:
    """How far the characters beyond ASCII are what people write in the languages of this encoding: -1 to 1."""
    text = content[:_SAMPLE].decode(encoding, "replace")
    beyond = [character for character in text if character > "\x7f"]
    if not beyond:
        return -1.0
    common = _common(encoding)
    points = sum(1 if character in common else -1 for character in beyond)
    kana = sum(1 for character in beyond if "\u3041" <= character <= "\u30fe")
    if (encoding in ("cp932", "euc_jp")) != (kana * 20 > len(beyond)):
        # Hardly any Japanese goes without kana; EUC-JP and GB 2312 put them in the same places.
        points -= len(beyond)
    return points / len(beyond)


@lru_cache(maxsize=8)
def _common(encoding: str) -> frozenset[str]:
    """Punctuation, kana and the first level of ideographs of an encoding: those that its makers saw most."""
    # Lead bytes of the first level of JIS X 0208 (as EUC), of GB 2312 and of Big5.
    rows, codec = {
        "gb18030": (range(0xB0, 0xD8), "gb2312"),
        "big5hkscs": (range(0xA4, 0xC7), "big5"),
    }.get(encoding, (range(0xB0, 0xD0), "euc_jp"))
    trails = range(0x40, 0xFF)
    pairs = (bytes((lead, trail)).decode(codec, "ignore") for lead in rows for trail in trails)
    signs = "、。，．・：；？！「」『』（）【】《》“”‘’—…～〜ー　￥％＃＆＊＋－／＝０１２３４５６７８９"
    kana = "".join(map(chr, range(0x3041, 0x30FF))) if encoding in ("cp932", "euc_jp") else ""
    return frozenset("".join(pairs) + signs + kana)
