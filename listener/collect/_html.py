"""The plain text of HTML that strangers wrote.

One pass, in time linear in the input: html.parser of the Pythons in use takes minutes for 100 kB of `<a <a <a`
(CVE-2025-6069) and raises on some declarations. Nothing of the markup is kept, so nothing needs to be sanitised.
"""

from __future__ import annotations

import html
import re
from typing import Final

from listener.text.clean import storable

_TAG: Final = re.compile(r"""</?([A-Za-z][^\s/>]{0,30})(?:=\s*+"[^"]*+"|=\s*+'[^']*+'|[^>])*+>""")
_SILENT: Final = frozenset(
    {"script", "style", "template", "head", "title", "svg", "math", "iframe", "object", "select"}
)
_BREAKS: Final = frozenset(
    (
        *(
            "address",
            "article",
            "aside",
            "blockquote",
            "br",
            "dd",
            "details",
            "div",
            "dl",
            "dt",
            "fieldset",
            "figcaption",
        ),
        *(
            "figure",
            "footer",
            "form",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "header",
            "hr",
            "li",
            "main",
            "nav",
            "ol",
            "p",
        ),
        *("pre", "section", "summary", "table", "tr", "ul"),
    )
)
_CELLS: Final = frozenset({"td", "th"})
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
_BLANKS: Final = re.compile(r"[ \t\u00a0]+")
_GAPS: Final = re.compile(r" ?\n[ \n]*\n ?| ?\n ?")


def plain(markup: str) -> str:
    """What a reader sees of it: no tags, scripts, styles or comments, entities resolved, a line a block."""
    pieces: list[str] = []
    at = 0
    while (start := markup.find("<", at)) >= 0:
        pieces.append(html.unescape(markup[at:start]))
        piece, at = _construct(markup, start)
        pieces.append(piece)
    pieces.append(html.unescape(markup[at:]))
    return tidy("".join(pieces))


def tidy(text: str) -> str:
    """Text without control characters, with single blanks and at most one empty line at a time."""
    text = storable(_CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    return _GAPS.sub(lambda gap: "\n\n" if gap[0].count("\n") > 1 else "\n", _BLANKS.sub(" ", text)).strip()


def line(text: str, longest: int) -> str:
    """The same on one line of at most so many characters."""
    joined = " ".join(tidy(text).split())
    return joined if len(joined) <= longest else joined[: longest - 1] + "…"


def _construct(markup: str, start: int) -> tuple[str, int]:
    """What the construct at a `<` shows, and where it ends; what is never closed reaches to the end."""
    if markup.startswith("<!--", start):
        end = markup.find("-->", start + 4)
        return "", end + 3 if end >= 0 else len(markup)
    if markup.startswith(("<!", "<?"), start):
        end = markup.find(">", start)
        return "", end + 1 if end >= 0 else len(markup)
    tag = _TAG.match(markup, start)
    if tag is None:
        after = markup[start + 1 : start + 3].lstrip("/")[:1]
        return ("", len(markup)) if after.isascii() and after.isalpha() else ("<", start + 1)
    name = tag[1].lower()
    if name in _SILENT and not tag[0].startswith("</") and not tag[0].endswith("/>"):
        closing = re.compile(f"</{name}", re.IGNORECASE).search(markup, tag.end())
        end = markup.find(">", closing.end()) if closing else -1
        return " ", end + 1 if end >= 0 else len(markup)
    return "\n" if name in _BREAKS else " " if name in _CELLS else "", tag.end()
