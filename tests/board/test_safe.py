"""Outside text becomes text, whatever is in it."""

import json
import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.board.safe import MARKS, STATIC, marked, node, strongest, text, visible, web_link
from listener.store.rows import Span


def plain(node: Any) -> str:
    """The text of a tree, as `textContent` would give it."""
    return node if isinstance(node, str) else "".join(plain(child) for child in node[3:])


def in_marks(pieces: list[Any]) -> str:
    return "".join(plain(piece) for piece in pieces if not isinstance(piece, str))


spans = st.lists(
    st.builds(
        lambda start, length, weight: Span(start=start, end=start + length, weight=weight),
        st.integers(-5, 60),
        st.integers(-3, 30),
        st.sampled_from([1.0, 0.5, -1.0]),
    ),
    max_size=6,
)


@given(st.text(max_size=50), spans)
def test_marking_never_changes_the_text(body: str, evidence: list[Span]) -> None:
    body = body.replace("\r", "")
    assert "".join(plain(piece) for piece in marked(body, evidence)) == visible(body)


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=50), spans)
def test_exactly_the_evidence_is_marked(body: str, evidence: list[Span]) -> None:
    wanted = {i for s in strongest(evidence, MARKS) for i in range(max(0, s.start), min(len(body), s.end))}
    assert in_marks(marked(body, evidence)) == "".join(body[i] for i in sorted(wanted))


def test_weak_evidence_is_not_marked_beside_strong() -> None:
    spans = [Span(start=i, end=i + 1, weight=w) for i, w in enumerate([0.4, 3.0, 1.4, 1.6, -9.0])]
    assert [span.start for span in strongest(spans, 9)] == [1, 3]
    assert [span.start for span in strongest(spans, 1)] == [1]
    assert strongest([], 3) == []


@given(st.text())
def test_nothing_invisible_is_left(body: str) -> None:
    for char in visible(body):
        assert char in "\n\t\u200c\u200d" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


@given(st.text(st.characters(categories=["L", "M", "N", "P", "S"])))
def test_ordinary_text_stays_as_it_is(body: str) -> None:
    assert visible(body) == body


def test_signs_say_what_was_there() -> None:
    assert visible("a\u202eb\x07c\x7f\u00a0d\u2028e\ufeff") == "a[RLO]b␇c␡ d\ne[U+FEFF]"
    assert visible("👨\u200d👩\u200d👧 Zwölf 十二") == "👨\u200d👩\u200d👧 Zwölf 十二"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://example.org/a?b=c", "example.org"),
        ("HTTP://Example.ORG:8080/", "example.org"),
        ("https://xn--80ak6aa92e.com/", "xn--80ak6aa92e.com"),
        ("https://аpple.com/", "xn--pple-43d.com"),
        ("https://user:pass@example.org/", "example.org"),
    ],
)
def test_web_addresses_show_their_real_host(url: str, host: str) -> None:
    assert web_link(url) == (url, host)


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " https://example.org",
        "https://exa mple.org",
        "https://example.org/\u202egpj.exe",
        "//example.org",
        "/relative",
        "data:text/html,<script>",
        "file:///etc/passwd",
        "https://",
        "https:\\\\example.org",
        "https://[::1",
        "java\nscript:alert(1)",
    ],
)
def test_everything_else_is_no_link(url: str | None) -> None:
    assert web_link(url) is None


def test_a_tree_is_plain_json() -> None:
    tree = node("div", "row", text("<b>", "quiet", lang="en"), None, "x", aria_label="y")
    assert json.loads(json.dumps(tree)) == [
        "div",
        "row",
        {"aria-label": "y"},
        ["span", "quiet", {"lang": "en"}, "<b>"],
        "x",
    ]
    assert text("") is None
    assert text(None) is None


def test_the_drawing_script_knows_no_markup() -> None:
    """What would read a text as markup or code is not in our scripts."""
    for script in STATIC.glob("*.js"):
        source = re.sub(r"//.*", "", script.read_text(encoding="utf-8"))
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "srcdoc"):
            assert word not in source, f"{script.name}: {word}"
