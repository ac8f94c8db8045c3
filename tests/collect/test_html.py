"""HTML of strangers as plain text."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.collect._html import line, plain, tidy


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("", ""),
        ("plain words", "plain words"),
        ("a <b>bold</b> word", "a bold word"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("one<br>two<br/>three<BR />four", "one\ntwo\nthree\nfour"),
        ("<ul><li>a</li><li>b</li></ul>", "a\n\nb"),
        ("<tr><td>a</td><td>b</td></tr>", "a b"),
        ("a&amp;b &lt;i&gt; &#12354;&#x3042; &nbsp; &copy;", "a&b <i> ああ ©"),
        ("<script>alert('</p>')</script>after", "after"),
        ("<SCRIPT type='x>y'>if (a < b) {}</ScRiPt\n>after", "after"),
        ("<style>p { x: y }</style><title>t</title>after", "after"),
        ("<svg onload=alert(1)/>after", "after"),
        ("<svg><text>no</text></svg>after", "after"),
        ("before<!-- <p>no</p> -->after", "beforeafter"),
        ("<!DOCTYPE html><?php x ?><![CDATA[no]]>after", "after"),
        ("""<a href="x>y" title='>'>link</a>""", "link"),
        ("<p title=don't>it</p> isn't", "it\nisn't"),
        ("<img src=x onerror=alert(1)>after", "after"),
        ("5 < 6 and 7 > 6, <3 and <- and <", "5 < 6 and 7 > 6, <3 and <- and <"),
        ("cut <a href='x", "cut"),
        ("cut <!-- x", "cut"),
        ("cut <script>x", "cut"),
        ("cut </sp", "cut"),
        ("&lt;script&gt;x&lt;/script&gt;", "<script>x</script>"),
        ("a\0b\x08c\x1b[0m &#0;&#xD800;\ud800", "abc[0m \ufffd\ufffd\ufffd"),
        ("  a \t\u00a0 b \r\n\r\n\r\n  c  ", "a b\n\nc"),
    ],
)
def test_what_a_reader_sees(markup: str, text: str) -> None:
    assert plain(markup) == text


@given(st.text(max_size=60))
def test_escaped_text_comes_back(text: str) -> None:
    assert plain(html.escape(text)) == tidy(text)


@given(st.text(st.sampled_from("<>/!-?'\"= abpscript&;#\n[]"), max_size=80))
def test_any_markup_becomes_text_without_tags(markup: str) -> None:
    found = plain(markup)
    found.encode()
    assert found == tidy(found)
    assert "<p>" not in found


@pytest.mark.parametrize(
    "unit", ["<", "<!--", "<a ", "</", '<a b="', "<a b='", "&#", "<![", "<a/", "<script></script", "='"]
)
@pytest.mark.parametrize("start", ["", "<a ", "<script>", "<svg><"])
def test_time_grows_with_the_size_only(unit: str, start: str) -> None:
    """Half a megabyte of each; at a time that grows with the square this takes hours."""
    plain(start + unit * (500_000 // len(unit)))


@given(st.text(max_size=60), st.integers(2, 20))
def test_a_line_is_one_and_short(text: str, longest: int) -> None:
    found = line(text, longest)
    assert len(found) <= longest
    assert "\n" not in found
