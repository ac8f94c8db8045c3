"""A case that listener did not hear of: from the phone, the shop counter, a letter, or a post that somebody saw."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from listener.desk.acts import present
from listener.desk.authorise import Actor, audit, permit
from listener.desk.promises import keep_promises
from listener.errors import UsageError
from listener.pipeline.accept import accept
from listener.settings import Settings
from listener.store import Store
from listener.store.rows import AlertRow, NewAlert
from listener.text.clean import clean
from listener.triage.decide import Candidate, decide
from listener.triage.sla import Promises
from listener.types import CAUSES, LANGUAGES, Mention, Verdict

SOURCE: Final = "by-hand"
WAYS: Final = ("phone", "counter", "letter", "mail", "post")
"""How it reached us; `post`: a public post, seen by somebody."""
LONGEST: Final = 20_000
PERSON: Final = "person@1"
"""The model's name on the verdict of a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the person knows of it. `customer` is how we know them, e.g. a name or a handle; `url` of a public post."""

    text: str
    brand: str | None = None
    lang: str = "en"
    cause: str = "other"
    severity: int = 2
    way: str = "phone"
    customer: str | None = None
    url: str | None = None
    leaving: bool = False


def open_case(store: Store, settings: Settings, actor: Actor, now: datetime, told: Told) -> AlertRow:
    """Open an alert for it, as urgent as any other of its kind. Raises UsageError naming what does not fit."""
    permit(store, actor, "open", now)
    told_of = _checked(told, settings)
    mention = Mention(
        source=SOURCE,
        native_id=secrets.token_hex(8),
        text=clean(told.text).strip(),
        posted_at=now,
        author=clean(told.customer).strip() or None if told.customer else None,
        url=told.url,
        lang=told.lang,
        channel=told.way,
        brands=(told.brand,) if told.brand else (),
    )
    accept(store, [mention], match=lambda _: (), own_accounts=(), now=now)
    with store.write() as tx:
        row = tx.mentions.find(SOURCE, mention.native_id)
        assert row is not None
        tx.verdicts.put([(row.id, told_of)], now)
        decision = decide(
            Candidate(
                mention_id=row.id,
                source=SOURCE,
                brands=row.brands,
                posted_at=now,
                verdict=told_of,
                channel=told.way,
                has_alert=True,
            ),
            Promises.of(settings),
            settings.value,
            brands_known=False,
        )
        assert decision is not None
        new = NewAlert(mention_id=row.id, priority=decision.priority, due_at=decision.due_at, lane=decision.lane)
        tx.alerts.open([new], now)
        alert_id = tx.alerts.of_mentions([row.id])[row.id].id
        keep_promises(tx, settings, now, new_only=True)
        tx.events.add(alert_id, now, actor.name, "opened_by_hand", {"way": told.way})
        audit(tx, actor, "open", now, alert_id)
        return present(tx, alert_id)


def _checked(told: Told, settings: Settings) -> Verdict:
    """The person's verdict. Raises UsageError."""
    brands = [brand.name for brand in settings.brands]
    text = clean(told.text).strip()
    address = urlsplit(told.url or "https://none")
    wrong = {
        "what happened has 1 to 20,000 characters": not text or len(text) > LONGEST,
        f"the language is one of {', '.join(LANGUAGES)}": told.lang not in LANGUAGES,
        f"the cause is one of {', '.join(CAUSES)}": told.cause not in CAUSES,
        "the severity is 1 to 4": told.severity not in (1, 2, 3, 4),
        f"the way is one of {', '.join(WAYS)}": told.way not in WAYS,
        f"the brand is one of {', '.join(brands)}": bool(brands)
        and told.brand is not None
        and told.brand not in brands,
        "the address begins with https:// or http://": address.scheme not in ("http", "https") or not address.netloc,
    }
    for rule, broken in wrong.items():
        if broken:
            raise UsageError(rule)
    return Verdict(
        lang=told.lang,
        complaint=1.0,
        flagged=True,
        severity=told.severity,
        cause=told.cause,
        churn=1.0 if told.leaving else 0.0,
        model=PERSON,
    )
