"""Near-copies: dressing does not matter, words do; and copies find each other by their keys."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.text import copies
from listener.text.copies import are_copies, author_key, exact_key, normalise, signatures

LONG = "I have been waiting three weeks for my parcel and nobody at Acme answers the phone or my mails"
JA = "三週間前に注文した荷物がまだ届かないのに、サポートに電話しても誰も出ないし、メールの返事もまったく来ない"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("つながらない", "つながらない！！！"),
        ("Refund me", "  REFUND   me... https://t.co/abc123"),
        ("@acme Refund me", "Refund me @acme_help"),
        ("ﾂﾅｶﾞﾗﾅｲ", "ツナガラナイ"),
        ("見て https://example.com/a?b=cを", "見てを"),
        ("a\u200bb", "ab"),
    ],
)
def test_dressing_is_taken_off(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)
    assert are_copies(normalise(one), normalise(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("iPhone 14 broke", "iPhone 15 broke"),  # digits stay
        ("つながらない", "つながった"),
        (LONG, "My parcel came after three weeks and somebody at Acme answered the phone at once, thank you"),
    ],
)
def test_other_words_are_no_copy(one: str, other: str) -> None:
    assert not are_copies(normalise(one), normalise(other))


@pytest.mark.parametrize("text", ["", "   ", "!!!", "https://example.com/only", "@acme"])
def test_nothing_is_a_copy_of_nothing(text: str) -> None:
    assert normalise(text) == ""
    assert not are_copies(normalise(text), normalise(text))
    assert signatures([normalise(text)]) == [()]


def test_a_changed_word_is_a_near_copy() -> None:
    assert are_copies(normalise(LONG), normalise(LONG.replace("three", "3")))
    assert are_copies(normalise(JA), normalise(JA + "最悪"))


def test_short_texts_are_copies_only_when_equal() -> None:
    one, other = normalise("app crashed a lot"), normalise("app crashed a lo")
    assert len(one) < copies.MIN_SIMILAR
    assert not are_copies(one, other)


def test_near_copies_share_a_key() -> None:
    for text in (LONG, JA):
        one, other = signatures([normalise(text), normalise(text + " !! ok")])
        assert set(one) & set(other)


def test_short_texts_have_no_keys() -> None:
    assert signatures(["x" * (copies.MIN_GROUP - 1), "x" * copies.MIN_GROUP])[0] == ()
    assert len(signatures(["x" * copies.MIN_GROUP])[0]) == 1 + copies.BANDS


def test_keys_do_not_depend_on_the_batch() -> None:
    texts = [normalise(LONG), "", normalise(JA), "short", normalise(LONG + LONG)]
    together = signatures(texts)
    assert together == [signatures([text])[0] for text in texts]
    assert all(-(2**63) <= key < 2**63 for keys in together for key in keys)


def test_keys_are_the_same_everywhere() -> None:
    """They are stored: other keys would need a migration."""
    assert exact_key("abc") == -2829645022057097895
    assert signatures([normalise(LONG)])[0][:3] == (3502384743376487570, -80185516876420481, 8804180664984823197)


def test_banding_finds_near_copies_and_spares_others() -> None:
    """At a similarity of 0.8 and more nearly all pairs share a key; unrelated texts nearly never."""
    rnd = random.Random(5)
    words = ["".join(rnd.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rnd.randint(3, 9))) for _ in range(400)]
    texts = ["".join(rnd.choice(words) for _ in range(30)) for _ in range(300)]
    changed = [text[:90] + "zzz" + text[93:] for text in texts]
    keys, others = signatures(texts), signatures(changed)
    near = [
        i for i in range(300) if copies.similarity(copies.grams(texts[i]), copies.grams(changed[i])) >= copies.THRESHOLD
    ]
    assert len(near) > 250
    assert sum(bool(set(keys[i]) & set(others[i])) for i in near) >= 0.97 * len(near)
    strangers = sum(bool(set(keys[i]) & set(keys[j])) for i in range(300) for j in range(i))
    assert strangers <= 0.001 * 300 * 299 / 2


def test_authors_are_known_again_however_written() -> None:
    assert author_key("@Acme_Fan") == author_key("acme_fan") == author_key("ＡＣＭＥ_fan")
    assert author_key("acme_fan") != author_key("acme_fan2")


@pytest.mark.parametrize("name", [None, "", "Anonymous", "匿名", "A Google user", "[deleted]", "名無しさん", " @ "])
def test_names_that_many_share_are_nobody(name: str | None) -> None:
    assert author_key(name) is None


@given(st.text(max_size=300))
def test_normalising_is_stable_and_total(text: str) -> None:
    once = normalise(text)
    assert are_copies(once, once) is bool(once)
    (keys,) = signatures([once])
    assert bool(keys) is (len(once) >= copies.MIN_GROUP)


@given(st.text(max_size=120), st.text(max_size=120))
def test_being_copies_is_mutual(one: str, other: str) -> None:
    assert are_copies(normalise(one), normalise(other)) == are_copies(normalise(other), normalise(one))
