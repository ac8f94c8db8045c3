"""Names: what is one, and how it is kept from being read as something else."""

import re

from hypothesis import given
from hypothesis import strategies as st

from listener.board.identity import LONGEST, clean, label


def test_names_are_tidied() -> None:
    assert clean("  青木   さくら ") == "青木 さくら"
    assert clean("A\u0301na") == "\u00c1na"
    assert clean("x" * LONGEST) == "x" * LONGEST


@given(st.text())
def test_a_name_is_short_printable_and_stays_the_same(typed: str) -> None:
    name = clean(typed)
    if name is not None:
        assert 0 < len(name) <= LONGEST
        assert name.isprintable()
        assert clean(name) == name


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1))
def test_a_label_has_no_live_markdown(name: str) -> None:
    assert not re.search(r"(?<!\\)[`*_\[\]!<>:$#~]", label(name).replace("\\\\", ""))
