"""A case that listener did not hear of: from the phone, the counter, a letter, or a post that somebody saw."""

import streamlit as st

from listener.board import deskacts, identity, notices, paths, place, words
from listener.board.safe import draw, node, visible
from listener.desk.by_hand import LONGEST, Told
from listener.types import CAUSES, LANGUAGES

WAYS = {
    "phone": "On the phone",
    "counter": "At the counter",
    "letter": "By letter",
    "mail": "By mail",
    "post": "A post",
}


def page() -> None:
    st.title("New case", anchor=False)
    target = notices.show()
    if target:
        paths.go(target)
    if not identity.may("open"):
        draw(node("p", "quiet", "You may look, not open cases."), key="looking-only")
        return
    brands = [brand.name for brand in place.settings().brands]
    with st.form("case-form", border=False):
        happened = st.text_area("What happened, in their words", key="case-text", max_chars=LONGEST, height=140)
        left, right = st.columns(2)
        way = left.selectbox("How it reached us", list(WAYS), key="case-way", format_func=WAYS.__getitem__)
        brand = right.selectbox("Brand", brands, index=None, key="case-brand", placeholder="none", format_func=visible)
        lang = left.selectbox("Language", LANGUAGES, key="case-lang", format_func=words.LANGUAGES.__getitem__)
        cause = right.selectbox("Cause", CAUSES, index=None, key="case-cause", format_func=words.CAUSES.__getitem__)
        severity = left.selectbox(
            "How they put it", (1, 2, 3, 4), index=1, key="case-severity", format_func=words.severity
        )
        customer = right.text_input("Who they are", key="case-customer", max_chars=200)
        url = left.text_input("Address of the post", key="case-url", placeholder="https://…", max_chars=2000)
        leaving = right.toggle("They say that they leave", key="case-leaving")
        if st.form_submit_button("Open the case", key="open-case", type="primary"):
            told = Told(
                text=happened,
                brand=brand,
                lang=lang,
                cause=cause or "other",
                severity=severity,
                way=way,
                customer=customer or None,
                url=url or None,
                leaving=leaving,
            )
            number = deskacts.open_case(told)
            if number is not None:
                paths.go(f"alert?id={number}")
            st.rerun()


page()
