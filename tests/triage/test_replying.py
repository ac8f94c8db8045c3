"""What may be wrong with an answer: remarks on what was written badly, none on what was written well."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.desk.playbooks import playbook
from listener.settings import parse, shipped
from listener.triage.replying import LONGEST, Answer, remarks
from listener.types import CAUSES

GOOD = [
    ("en", "Jo, I am sorry that the parcel never came. I have asked the depot and will tell you by six."),
    ("en", "You are right, the bill was wrong. I have put it right just now."),
    (
        "ja",
        "田中様、お荷物をお届けできず、誠に申し訳ございません。ただいま確認しております。18時までにご連絡いたします。",
    ),
    ("ja", "おっしゃるとおりでございます。ご請求の誤りを訂正いたしました。"),
    ("zh", "王女士您好，包裹没有送到，非常抱歉。我正在查，六点前告诉您。"),
    ("zh", "您說得對，帳單有誤。我馬上更正。"),
]
BAD = [
    ("en", "We are sorry if you feel that way.", "blame", "sorry if you feel"),
    ("en", "Sorry, but you should have read the terms.", "blame", "you should have"),
    ("en", "Sorry. It is our policy not to do that.", "blame", "our policy"),
    ("en", "We apologize for any inconvenience.", "robotic", "apologize for any inconvenience"),
    ("en", "Sorry! Your feedback is important to us.", "robotic", "Your feedback is important"),
    ("en", "I have looked into it and found nothing.", "no_acknowledgement", ""),
    ("en", "Sorry, you get a full refund.", "promise", "full refund"),
    ("en", "Sorry, here are $50 for you.", "promise", "$50"),
    ("en", "Sorry, we wrote to jo@example.org.", "other_data", "jo@example.org"),
    ("en", "Sorry, please call 090-1234-5678.", "other_data", "090-1234-5678"),
    ("en", "Sorry, as with @somebody_else.", "other_data", "@somebody_else"),
    ("en", "Sorry about order no. A-123456.", "other_data", "order no. A-123456"),
    ("en", "Sorry {first_name}, it is late.", "blank", "{first_name}"),
    ("en", "申し訳ございません。", "language", "en"),
    ("ja", "I am sorry.", "language", "ja"),
    ("ja", "非常抱歉，我正在查。", "language", "ja"),
    ("zh", "申し訳ございません。", "language", "zh"),
    ("zh", "So sorry!", "language", "zh"),
    ("ja", "お客様のご確認不足かと存じます。申し訳ございません。", "blame", "お客様のご確認不足"),
    ("ja", "ご不快に感じられたのであれば申し訳ございません。", "blame", "に感じられたのであれば"),
    ("ja", "貴重なご意見、申し訳ございません。", "robotic", "貴重なご意見"),
    ("ja", "申し訳ございません。二度とこのようなことは起こしません。", "promise", "二度とこのようなことは起こしません"),
    ("ja", "申し訳ございません。5,000円お支払いします。", "promise", "5,000円"),
    ("ja", "了解しました。申し訳ございません。", "casual", "了解しました"),
    ("ja", "ごめんね、荷物は明日届くよ", "casual", "ごめんね、荷物は明日届くよ"),
    ("ja", "確認しております。", "no_acknowledgement", ""),
    ("zh", "抱歉，是您自己没看清。", "blame", "是您自己"),
    ("zh", "抱歉，按照规定不能退。", "blame", "按照规定"),
    ("zh", "抱歉，按照規定不能退。", "blame", "按照規定"),
    ("zh", "尊敬的客户，抱歉。", "robotic", "尊敬的客户"),
    ("zh", "抱歉，你的包裹在路上。", "casual", "你"),
    ("zh", "抱歉，一定给您全额退款。", "promise", "全额退款"),
    ("zh", "我正在查包裹的位置。", "no_acknowledgement", ""),
]


@pytest.mark.parametrize(("lang", "text"), GOOD)
def test_nothing_is_said_of_a_good_answer(lang: str, text: str) -> None:
    assert remarks(Answer(text=text, lang=lang)) == ()


@pytest.mark.parametrize(("lang", "text", "code", "found"), BAD)
def test_what_is_wrong_is_shown_at_its_place(lang: str, text: str, code: str, found: str) -> None:
    assert (code, found) in [(one.code, one.found) for one in remarks(Answer(text=text, lang=lang))]


def codes(text: str, **more: object) -> list[str]:
    return [one.code for one in remarks(Answer(text=text, **{"lang": "en", **more}))]  # type: ignore[arg-type]


def test_what_depends_on_the_case() -> None:
    assert codes("It is on its way.", first=False) == []
    assert codes("Sorry, a full refund.", leads=True) == []
    assert codes("Sorry @Jo, it is late.", handle="@jo") == []
    assert codes("Sorry @Jo, it is late.", handle="mei") == ["other_data"]


@pytest.mark.parametrize("channel", LONGEST)
def test_no_longer_than_the_platform_takes(channel: str) -> None:
    longest = LONGEST[channel]
    fits = "sorry " + "a" * (longest - 6)
    assert codes(fits, channel=channel) == []
    assert codes(fits + "a", channel=channel) == ["too_long"]


def test_wide_characters_count_twice_on_x() -> None:
    assert codes("申し訳ございません。" + "あ" * 130, lang="ja", channel="x") == []
    assert codes("申し訳ございません。" + "あ" * 131, lang="ja", channel="x") == ["too_long"]


@pytest.mark.parametrize("lang", ["en", "ja", "zh"])
@pytest.mark.parametrize("cause", CAUSES)
def test_our_own_playbooks_pass(cause: str, lang: str) -> None:
    book = playbook(parse({}, home=shipped("data")), cause)
    for step in book.steps:
        if step.say is not None:
            found = remarks(Answer(text=step.say.of(lang), lang=lang, first=step.step == "acknowledge"))
            assert {one.code for one in found} <= {"blank"}, (cause, lang, step.step, found)


@given(st.text(), st.sampled_from(["en", "ja", "zh", "und", "ko"]))
def test_any_text_is_read(text: str, lang: str) -> None:
    for one in remarks(Answer(text=text, lang=lang)):
        assert one.code
