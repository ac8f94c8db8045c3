"""Outside text on the screen: the one way that marks evidence and never becomes markup.

Python builds a small tree of `Node`s; static/draw.js turns it into elements of a fixed set, every text by
`createTextNode`. Addresses are links only if they are http or https, and their host is shown beside them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from listener.store.rows import Span

if TYPE_CHECKING:
    from streamlit.components.v2.component_manager import BidiComponentManager
    from streamlit.components.v2.types import ComponentRenderer

Node: TypeAlias = "str | list[Any]"
"""A text, or `[tag, class, attributes, *children]`: plain JSON, checked again where it is drawn."""

STATIC: Final = Path(__file__).with_name("static")

MARKS: Final = 4
WEAKEST: Final = 0.5
"""Share of the strongest span's weight that a span needs to be marked beside it."""

_KEPT_FORMAT: Final = {"\u200c", "\u200d"}
"""Joiners: without them Indic scripts and composed emoji fall apart."""

_DIRECTION: Final = {
    "\u061c": "ALM",
    "\u200e": "LRM",
    "\u200f": "RLM",
    "\u202a": "LRE",
    "\u202b": "RLE",
    "\u202c": "PDF",
    "\u202d": "LRO",
    "\u202e": "RLO",
    "\u2066": "LRI",
    "\u2067": "RLI",
    "\u2068": "FSI",
    "\u2069": "PDI",
}


def visible(text: str) -> str:
    """The text with control, direction and other invisible characters shown as signs; line feeds and tabs stay."""
    if text.isprintable():
        return text
    return "".join(map(_sign, text.replace("\r\n", "\n")))


def _sign(char: str) -> str:
    if char in "\n\t" or char in _KEPT_FORMAT or char.isprintable():
        return char
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if char in _DIRECTION:
        return f"[{_DIRECTION[char]}]"
    category = unicodedata.category(char)
    if category in ("Zs", "Zl", "Zp"):
        return " " if category == "Zs" else "\n"
    return "\ufffd" if category in ("Cc", "Cs") else f"[U+{code:04X}]"


def strongest(spans: Sequence[Span], most: int) -> list[Span]:
    """At most `most` spans, none much weaker than the strongest: a text that is marked everywhere says nothing."""
    speaking = sorted((span for span in spans if span.weight > 0), key=lambda span: -span.weight)[:most]
    return [span for span in speaking if span.weight >= WEAKEST * speaking[0].weight]


def marked(text: str, spans: Sequence[Span], most: int = MARKS) -> list[Node]:
    """The text in pieces, the strongest evidence inside `mark`; spans are code points of the text as given."""
    pieces: list[Node] = []
    done = 0
    for start, end in _merged(strongest(spans, most), len(text)):
        if start > done:
            pieces.append(visible(text[done:start]))
        pieces.append(node("mark", "", visible(text[start:end])))
        done = end
    if done < len(text):
        pieces.append(visible(text[done:]))
    return pieces


def _merged(spans: Sequence[Span], length: int) -> Iterable[tuple[int, int]]:
    """Inside the text, overlapping or touching spans joined."""
    inside = sorted((max(0, s.start), min(length, s.end)) for s in spans)
    current: tuple[int, int] | None = None
    for start, end in inside:
        if end <= start:
            continue
        if current is not None and start <= current[1]:
            current = (current[0], max(current[1], end))
            continue
        if current is not None:
            yield current
        current = (start, end)
    if current is not None:
        yield current


def node(tag: str, style: str = "", *children: Node | None, **attributes: str | int | None) -> Node:
    """An element; None children and attributes are left out. `style` is our own class names without their prefix."""
    kept = {name.replace("_", "-"): value for name, value in attributes.items() if value is not None}
    return [tag, style, kept, *(child for child in children if child is not None)]


def text(value: str | None, style: str = "", tag: str = "span", **attributes: str | int | None) -> Node | None:
    """An element around outside text; None without text."""
    return node(tag, style, visible(value), **attributes) if value else None


def web_link(url: str | None) -> tuple[str, str] | None:
    """`(address, host)` of a link that may be shown, None for anything that is not plainly http or https."""
    if not url or any(char.isspace() or not char.isprintable() for char in url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not host or "\\" in url:
        return None
    return url, _readable_host(host)


def _readable_host(host: str) -> str:
    """Names that only look like another (аpple.com) are shown in their ASCII form."""
    try:
        return host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError:
        return "?"


def draw(*nodes: Node | None, key: str) -> str | None:
    """Draw the nodes; the target of the in-app link that was clicked in this run, e.g. `alert?id=12`."""
    target = mount("draw", {"nodes": [n for n in nodes if n is not None]}, key=key)
    return target if isinstance(target, str) else None


def mount(script: str, data: dict[str, Any], *, key: str) -> object:
    """Run static/SCRIPT.js in the page with this data; what its trigger `go` gave in this run, if anything."""
    return _renderer(script)(data=data, key=key, on_go_change=_nothing).get("go")


def _nothing() -> None:
    """Streamlit wants a callback for a trigger; the value is read where the component is drawn."""


_renderers: WeakKeyDictionary[BidiComponentManager, dict[str, ComponentRenderer]] = WeakKeyDictionary()


def _renderer(script: str) -> ComponentRenderer:
    """The component of a script, registered once with the running server.

    Its file is served from 'self', as the Content-Security-Policy wants it; a script given inline would need blob:.
    """
    from streamlit.components.v2 import component
    from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
    from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

    manager = get_bidi_component_manager()
    known = _renderers.setdefault(manager, {})
    if script not in known:
        # What Streamlit does for a package whose pyproject.toml declares components; ours also run uninstalled.
        own = ComponentManifest("listener", "1", [ComponentConfig(script, STATIC.name)])
        manager.register_from_manifest(own, STATIC.parent)
        known[script] = component(f"listener.{script}", js=f"{script}.js", isolate_styles=False)
    return known[script]
