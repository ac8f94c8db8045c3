"""The words of the feedback form in its languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

FORM: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "title": "Tell us what went wrong",
        "lead": "A person reads every message.",
        "text": "What happened, and what would put it right?",
        "brand": "About",
        "contact": "E-mail or phone, if you want an answer (optional)",
        "consent": "You may store this message and use it to sort out my problem.",
        "send": "Send",
        "thanks": "Thank you. Your message has arrived.",
        "again": "Send another message",
        "empty": "Please write what happened.",
        "too-long": "This is too long.",
        "missing": "Please tick the box, or we may not keep your message.",
        "form": "The form could not be read. Please try again.",
        "busy": "Too many messages from your connection. Please try again in a few minutes.",
        "down": "We could not save your message just now. Please try again in a moment.",
    },
    "ja": {
        "title": "お困りのことをお聞かせください",
        "lead": "いただいた内容は、担当者が必ず読みます。",
        "text": "何がありましたか。どうなれば解決しますか。",
        "brand": "対象",
        "contact": "返信をご希望の場合は、メールアドレスまたは電話番号（任意）",
        "consent": "この内容を保存し、問題の解決のために利用することに同意します。",
        "send": "送信する",
        "thanks": "ありがとうございます。送信されました。",
        "again": "続けて送信する",
        "empty": "何があったかをお書きください。",
        "too-long": "長すぎます。",
        "missing": "チェックがないと、内容を保存できません。",
        "form": "送信内容を読み取れませんでした。もう一度お試しください。",
        "busy": "短い時間に送信が続いています。数分後にもう一度お試しください。",
        "down": "ただいま保存できませんでした。少し待ってからもう一度お試しください。",
    },
    "zh-Hans": {
        "title": "请告诉我们哪里出了问题",
        "lead": "每一条留言都会有专人阅读。",
        "text": "发生了什么？怎样才算解决？",
        "brand": "关于",
        "contact": "如需回复，请留下邮箱或电话（选填）",
        "consent": "我同意保存这条留言，并用于解决我的问题。",
        "send": "提交",
        "thanks": "谢谢，您的留言已收到。",
        "again": "再写一条",
        "empty": "请写下发生了什么。",
        "too-long": "内容太长。",
        "missing": "请勾选同意，否则我们不能保存您的留言。",
        "form": "无法读取提交的内容，请重试。",
        "busy": "提交过于频繁，请几分钟后再试。",
        "down": "暂时无法保存您的留言，请稍后再试。",
    },
    "zh-Hant": {
        "title": "請告訴我們哪裡出了問題",
        "lead": "每一則留言都會有專人閱讀。",
        "text": "發生了什麼事？怎樣才算解決？",
        "brand": "關於",
        "contact": "如需回覆，請留下電子郵件或電話（選填）",
        "consent": "我同意保存這則留言，並用於解決我的問題。",
        "send": "送出",
        "thanks": "謝謝，您的留言已收到。",
        "again": "再寫一則",
        "empty": "請寫下發生了什麼事。",
        "too-long": "內容太長。",
        "missing": "請勾選同意，否則我們不能保存您的留言。",
        "form": "無法讀取送出的內容，請再試一次。",
        "busy": "送出過於頻繁，請幾分鐘後再試。",
        "down": "暫時無法保存您的留言，請稍後再試。",
    },
}


def locale_of(asked: str, accepted: str) -> str:
    """The form's language: the one that is asked for, else the first accepted one (Accept-Language) that it has."""
    for tag in (asked, *(part.split(";")[0] for part in accepted.split(","))):
        known = _known(tag.strip().lower().replace("_", "-"))
        if known is not None:
            return known
    return "en"


def _known(tag: str) -> str | None:
    language = tag.split("-")[0]
    if language == "zh":
        return "zh-Hant" if any(part in ("hant", "tw", "hk", "mo") for part in tag.split("-")) else "zh-Hans"
    return language if language in FORM else None
