"""The feedback page: plain HTML without scripts, every outside word escaped."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from listener.board.formwords import FORM

_STYLE: Final = (
    "body{font:16px/1.6 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem;color:#1c2330;"
    "background:#fff}h1{font-size:1.4rem;margin:0 0 .2rem}p{margin:.2rem 0 1rem;color:#4a5568}"
    "label{display:block;margin:1rem 0 .3rem}textarea,input[type=text],select{width:100%;box-sizing:border-box;"
    "font:inherit;padding:.5rem;border:1px solid #8a94a6;border-radius:.4rem;background:#fff;color:inherit}"
    "textarea{min-height:9rem}.tick{display:flex;gap:.5rem;align-items:flex-start}.tick input{margin-top:.4rem}"
    "button{font:inherit;margin-top:1.2rem;padding:.6rem 1.4rem;border:0;border-radius:.4rem;background:#0b5cad;"
    "color:#fff}.fault{color:#a3161a;margin:.3rem 0}.trap{position:absolute;left:-9999px}"
    "@media(prefers-color-scheme:dark){body{background:#12161d;color:#e7ebf2}p{color:#a9b4c4}"
    "textarea,input[type=text],select{background:#1b212b;border-color:#6b7688}.fault{color:#ff9a9a}}"
)
POLICY: Final = (
    "default-src 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    + "'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def page(
    locale: str,
    *,
    brands: Sequence[str] = (),
    consent: str | None = None,
    given: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
) -> str:
    """The form, filled with what was `given`; `faults`: field -> code."""
    words, given, faults = FORM[locale], given or {}, faults or {}

    def fault(field: str) -> str:
        return f'<p class="fault" role="alert">{words[faults[field]]}</p>' if field in faults else ""

    ticked = " checked" if given.get("consent") else ""
    return _document(
        locale,
        f"<h1>{words['title']}</h1><p>{words['lead']}</p>{fault('form')}"
        f'<form method="post" action="/feedback" accept-charset="utf-8">'
        f'<input type="hidden" name="locale" value="{locale}">'
        f'<input type="hidden" name="nonce" value="{escape(given.get("nonce") or secrets.token_hex(16))}">'
        f"{_brand(words['brand'], brands, given.get('brand', ''))}"
        f'<label for="text">{words["text"]}</label>{fault("text")}'
        f'<textarea id="text" name="text" required maxlength="5000">{escape(given.get("text", ""))}</textarea>'
        f'<label for="contact">{words["contact"]}</label>{fault("contact")}'
        f'<input type="text" id="contact" name="contact" maxlength="200" autocomplete="email" '
        f'value="{escape(given.get("contact", ""))}">'
        f'<div class="trap" aria-hidden="true"><label for="website">Website</label>'
        f'<input type="text" id="website" name="website" tabindex="-1" autocomplete="off"></div>'
        f'{fault("consent")}<label class="tick"><input type="checkbox" name="consent" value="1" required{ticked}>'
        f"<span>{escape(consent or words['consent'])}</span></label>"
        f'<button type="submit">{words["send"]}</button></form>',
    )


def thanks(locale: str, brand: str) -> str:
    """What is shown once a message was stored."""
    from urllib.parse import urlencode

    words = FORM[locale]
    again = escape("/feedback?" + urlencode({"locale": locale, **({"brand": brand} if brand else {})}))
    return _document(locale, f'<h1>{words["thanks"]}</h1><p><a href="{again}">{words["again"]}</a></p>')


def _brand(label: str, brands: Sequence[str], chosen: str) -> str:
    """A choice where there are several brands; a link that names one keeps it."""
    if len(brands) < 2 or chosen in brands:
        only = chosen if chosen in brands else brands[0] if brands else ""
        return f'<input type="hidden" name="brand" value="{escape(only)}">'
    options = "".join(f"<option>{escape(brand)}</option>" for brand in brands)
    return f'<label for="brand">{label}</label><select id="brand" name="brand">{options}</select>'


def _document(locale: str, body: str) -> str:
    title = FORM[locale]["title"]
    return (
        f'<!doctype html><html lang="{locale}"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><main>{body}</main></body></html>"
    )
