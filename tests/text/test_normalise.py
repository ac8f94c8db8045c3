"""Normalisation: what is folded, and that every code point is traced to where it stood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.text.normalise import EDGE, FACE, GLAD, MAX_CODE_POINTS, SAD, URL, USER, batch, normalise

any_text = st.text(st.characters(), max_size=80)


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("ｶﾞｯｶﾘ", "ガッカリ"),
        ("か\u3099っかり", "がっかり"),
        ("ＡＢＣ\u3000ａｂｃ", "abc abc"),
        ("soooooo", "sooo"),
        ("すごーーーーーい", "すごーーーい"),
        ("哈哈哈哈哈哈", "哈哈哈"),
        ("re\u200bfund", "refund"),
        ("r\u0435fund", "refund"),
        ("“don’t”", '"don\'t"'),
        ("café", "cafe"),
        ("123 days, 1 star", "00 days, 1 star"),
        ("③番", "3番"),
        ("@shop お願い", f"{chr(USER)} お願い"),
        ("see https://example.com/a?b=c。次", f"see {chr(URL)}。次"),
        ("mail me@example.com now", f"mail {chr(USER)} now"),
        ("HTTPS://EXAMPLE.com/@me/x end", f"{chr(URL)} end"),
        ("www.example.com?", chr(URL)),
        ("ftp://x.org :// @ a@b", "ftp://x.org :// @ a" + chr(USER)),
        ("@a@mastodon.example さん", f"{chr(USER)} さん"),
        ("a\tb\r\n\nc", "a b c"),
        ("👍🏽", "👍"),
        ("㌔あたり㈱①回⑩‼️", "キロあたり(株)1回00!!"),
        ("ﬁne ᴡᴏʀsᴛ 🅂🄷🅾🄿 ⓔⓥⓔⓡ", "fine worst shop ever"),
        ("re\u3164fund\u00ad\u2060 n\u034fow", "refund now"),
        ("ВRОКЕN аpp", "broken app"),
        ("Опять не работает", "опять не работает"),
        ("ΑΒΕΤ is closed", "abet is closed"),
        ("hahahahahaha 呵呵呵呵呵 lol", "hahaha 呵呵呵 lol"),
        ("すご〜〜い 10時〜", "すごーーい 00時~"),
        ("<user> see <URL> HTTPURL http", f"{chr(USER)} see {chr(URL)} {chr(URL)} {chr(URL)}"),
        ("httpd is down", "httpd is down"),
        ("//@北国佳人李春姬:好差", f"//{chr(USER)}:好差"),
        ("全是冰块@星巴克中国", f"全是冰块{chr(USER)}"),
        ("@海底捞服务员态度很差", "@海底捞服务员态度很差"),
        ("@shopの店員", f"{chr(USER)}の店員"),
        ("(´；ω；｀)(^_^)（・∀・）", chr(SAD) + chr(GLAD) * 2),
        ("(´・ω・`) (・ω・)", f"{chr(SAD)} {chr(FACE)}"),
        ("nice :-) or not :( 8:30", f"nice {chr(GLAD)} or not {chr(SAD)} 8:00"),
        ("(waiting) (返金) (!?) 地址:(上海)", "(waiting) (返金) (!?) 地址:(上海)"),
        (chr(USER), "\ufffd"),
    ],
)
def test_variants_fold(given_text: str, expected: str) -> None:
    assert normalise(given_text) == expected


@given(any_text)
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalise(text).replace(chr(USER), "").replace(chr(URL), "").replace("\ufffd", "")
    twice = normalise(once)
    assert len(twice) <= len(once)
    assert normalise(twice) == normalise(normalise(twice))


@given(st.lists(any_text, max_size=6))
def test_a_batch_is_its_texts_one_by_one(texts: list[str]) -> None:
    assert batch(texts).strings() == [normalise(text) for text in texts]


@given(st.lists(any_text, min_size=1, max_size=4))
def test_offsets_rise_and_stay_inside_the_text(texts: list[str]) -> None:
    made = batch(texts)
    for row, text in enumerate(texts):
        start, end = made.starts[row], made.starts[row + 1]
        codes, origin = made.codes[start:end].tolist(), made.origin[start:end].tolist()
        assert codes[0] == codes[-1] == EDGE
        assert EDGE not in codes[1:-1]
        assert (origin[0], origin[-1]) == (-1, len(text))
        assert origin == sorted(origin)


@given(any_text)
def test_simplifying_keeps_every_place(text: str) -> None:
    plain, simple = batch([text]), batch([text], simplify=True)
    assert plain.origin.tolist() == simple.origin.tolist()


def test_chinese_variants_are_one_if_asked() -> None:
    assert normalise("這個軟體真的爛,退錢!", simplify=True) == normalise("这个软体真的烂,退钱!")
    assert normalise("買賣", simplify=False) == "買賣"


def test_an_offset_points_at_the_character_it_came_from() -> None:
    text = "ｶﾞ!!!!!!\u200b高い"
    made = batch([text])
    at = made.codes.tolist().index(ord("高"))
    assert text[made.origin[at]] == "高"


def test_only_the_beginning_of_an_endless_text_is_read() -> None:
    assert len(normalise("abcd" * MAX_CODE_POINTS)) == MAX_CODE_POINTS
