"""Documents in the encodings of Japanese and Chinese feeds, with true, false and no declarations."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.collect._charset import decode

JAPANESE = (
    "注文した商品がまだ届きません。サポートに電話しても繋がらず、メールの返信もない。もう二度と買わないと思います。"
)
SIMPLIFIED = "订单已经过了两个星期还没有发货，客服一直说在处理，退款也不给退，真的太让人失望了，再也不会买了。"
TRADITIONAL = "訂單已經過了兩個星期還沒有出貨，客服一直說在處理，退款也不給退，真的太讓人失望了，再也不會買了。"
ENGLISH = "The café’s app says “delivered” – it was not."

WRITTEN = [
    *((JAPANESE, name) for name in ("shift_jis", "cp932", "euc_jp", "iso2022_jp", "utf-8", "utf-16")),
    *((SIMPLIFIED, name) for name in ("gb2312", "gbk", "gb18030", "utf-8", "utf-16")),
    *((TRADITIONAL, name) for name in ("big5", "big5hkscs", "gb18030", "utf-8")),
    *((ENGLISH, name) for name in ("cp1252", "utf-8")),
]
LABELS = {
    "cp932": "Windows-31J",
    "shift_jis": "Shift_JIS",
    "euc_jp": "EUC-JP",
    "iso2022_jp": "ISO-2022-JP",
    "gb2312": "GB2312",
    "big5hkscs": "Big5-HKSCS",
    "cp1252": "iso-8859-1",
}


def document(text: str, declared: str | None) -> str:
    said = f' encoding="{declared}"' if declared else ""
    return f'<?xml version="1.0"{said}?>\n<rss><title>news</title><item>{text}</item></rss>'


@pytest.mark.parametrize(("text", "encoding"), WRITTEN)
def test_a_true_declaration_is_believed_wherever_it_stands(text: str, encoding: str) -> None:
    label = LABELS.get(encoding, encoding)
    inside = document(text, label)
    assert decode(inside.encode(encoding)) == inside
    bare = document(text, None)
    for content_type in (f"text/xml; charset={label}", f'application/xml;Charset="{label.upper()}"; x=y'):
        assert decode(bare.encode(encoding), content_type) == bare
    meta = f'<html><meta http-equiv="Content-Type" content="text/html; charset={label}"><p>{text}</p></html>'
    assert decode(meta.encode(encoding)) == meta


@pytest.mark.parametrize(("text", "encoding"), [pair for pair in WRITTEN if pair[1] != "cp1252"])
def test_without_a_declaration_the_characters_tell(text: str, encoding: str) -> None:
    bare = document(text, None)
    assert decode(bare.encode(encoding), "text/xml") == bare


@pytest.mark.parametrize("declared", ["UTF-8", "us-ascii", "iso-8859-1", "x-unknown", "zlib", "rot13", "idna"])
@pytest.mark.parametrize(("text", "encoding"), [pair for pair in WRITTEN if pair[1] != "cp1252"])
def test_a_false_declaration_is_found_out(text: str, encoding: str, declared: str) -> None:
    written = document(text, declared)
    assert decode(written.encode(encoding), f"text/xml; charset={declared}") == written


@pytest.mark.parametrize("declared", ["Shift_JIS", "EUC-JP", "GB2312", "Big5", "iso-8859-1"])
@pytest.mark.parametrize("text", [JAPANESE, SIMPLIFIED, TRADITIONAL, ENGLISH])
def test_utf8_is_utf8_whatever_is_said(text: str, declared: str) -> None:
    written = document(text, declared)
    assert decode(written.encode()) == written


def test_a_broken_byte_does_not_cost_the_document() -> None:
    for text, encoding, label in ((JAPANESE, "cp932", "Shift_JIS"), (SIMPLIFIED, "gb18030", "GBK")):
        broken = document(text * 3 + "@", label).encode(encoding).replace(b"@", b"\x81")
        assert decode(broken) == document(text * 3 + "\ufffd", label)


def test_gb2312_is_read_with_the_characters_it_later_got() -> None:
    assert decode("用户𠮷镕".encode("gb18030"), "text/xml; charset=gb2312") == "用户𠮷镕"


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_a_byte_order_mark_outranks_all_declarations(mark: bytes) -> None:
    encoding = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}[mark]
    assert decode(mark + JAPANESE.encode(encoding), "text/xml; charset=big5") == JAPANESE


@given(st.binary(max_size=200), st.text(max_size=40) | st.sampled_from(["charset=gbk", "charset=shift_jis"]))
def test_any_bytes_become_text_that_can_be_written(content: bytes, content_type: str) -> None:
    decode(content, content_type).encode()


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x1b"), max_size=100))
def test_utf8_comes_back_as_it_was(text: str) -> None:
    written = "<" + text
    if not written.startswith("<\0"):
        assert decode(written.encode(), "text/xml") == written
