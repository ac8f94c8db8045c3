"""The brands: whose posts are heard, and a try-out of words before they go into the settings."""

from collections.abc import Iterator

import streamlit as st

from listener.board import notices, place, tryout, words
from listener.board.notices import banner
from listener.board.safe import draw, node, visible
from listener.errors import ListenerError
from listener.settings import Brand
from listener.store.rows import StoredText


def page() -> None:
    st.title("Brands", anchor=False)
    draw(
        node("p", "", "Try which stored posts a brand's words would find, before you write them into listener.toml."),
        node("p", "quiet", "Nothing is changed here."),
        key="brands-intro",
    )
    brands = {brand.name: brand for brand in place.settings().brands}
    st.selectbox(
        "Start from",
        list(brands),
        index=None,
        key="try-brand",
        placeholder="a new brand",
        format_func=visible,
        on_change=take_over,
        args=(brands,),
        width=320,
    )
    with st.form("try-form", border=False):
        left, right = st.columns(2)
        left.text_area("Words that mean this brand", key="try-words", placeholder="one a line", height=130)
        right.text_area("Words that rule a post out", key="try-exclude", placeholder="one a line", height=130)
        st.form_submit_button("Try", key="try", type="primary")
    wanted = tryout.split(st.session_state["try-words"])
    exclude = tryout.split(st.session_state["try-exclude"])
    name = st.session_state["try-brand"]
    brand = tryout.rule(name, wanted, exclude)
    if brand is not None:
        show(brand, wanted, exclude, name)


def take_over(brands: dict[str, Brand]) -> None:
    """Fill the boxes with the words of the brand that was chosen."""
    brand = brands.get(st.session_state["try-brand"] or "")
    known = (brand.name, *brand.aliases, *brand.products, *brand.keywords) if brand else ()
    st.session_state["try-words"] = "\n".join(known)
    st.session_state["try-exclude"] = "\n".join(brand.exclude if brand else ())


def show(brand: Brand, wanted: tuple[str, ...], exclude: tuple[str, ...], name: str | None) -> None:
    try:
        result = tryout.try_rule(brand, stored(), known_as=name)
    except ListenerError as error:
        notices.trouble(error, key="try-trouble")
        return
    found = f"{words.count(result.found, 'post', 'posts')} of the last {result.read:,} would be found."
    changes = f" New among them: {result.gained:,}. No longer found: {result.lost:,}." if name else ""
    draw(banner("info" if result.found else "soon", found + changes), key="try-result")
    draw(*(tryout.sample(text, wanted) for text in result.samples), key="try-samples")
    if result.missed:
        draw(
            node("h2", "", "No longer found"),
            *(tryout.sample(text, wanted) for text in result.missed),
            key="try-missed",
        )
    st.code(tryout.as_settings(name or wanted[0], wanted, exclude), language=None, wrap_lines=True)


def stored() -> Iterator[StoredText]:
    with place.store().read() as tx:
        yield from tx.mentions.iterate(chunk=1000)


page()
