"""What is sent to listener rather than asked for: one request to one source, stored at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from listener.errors import AuthError, UsageError
from listener.pipeline.accept import accept
from listener.pipeline.ears import Ears
from listener.pipeline.sources import Source
from listener.types import Deletion, Event, Mention, Rejection

KEPT: Final = timedelta(days=1)
"""How long the answer to an idempotency key is known."""
MAX_KEYS: Final = 500
MAX_TOLD: Final = 100
"""Rejections that are told again."""
_STATE: Final = "inbox:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """How many records were taken (also those known already), and the others: (place, reason)."""

    accepted: int
    rejected: tuple[tuple[str, str], ...]


def receive(source: Source, ears: Ears, headers: Mapping[str, str], body: bytes) -> Received:
    """Store what one request says. Raises AuthError, PayloadError (nothing was stored), StoreError."""
    return _store(source, _events(source, headers, body), ears)


def receive_signed(
    sources: Sequence[Source], ears: Ears, headers: Mapping[str, str], body: bytes, key: str | None
) -> Received:
    """The same for that one of several sources whose secret signed the request; a request with a `key` that was
    answered within a day gets that answer again and changes nothing.

    Raises UsageError for a key that came with another body. Who asks is checked first, every time.
    """
    source, events = _signed(sources, headers, body)
    if key is None:
        return _store(source, events, ears)
    name, digest = hashlib.sha256(key.encode()).hexdigest(), hashlib.sha256(body).hexdigest()
    known = _answered(source, ears).get(name)
    if known is None:
        received = _store(source, events, ears)
        _remember(source, ears, name, digest, received)
        return received
    if known["body"] != digest:
        raise UsageError("this Idempotency-Key came before with another body")
    return Received(accepted=known["accepted"], rejected=tuple((place, why) for place, why in known["rejected"]))


def _signed(sources: Sequence[Source], headers: Mapping[str, str], body: bytes) -> tuple[Source, list[Event]]:
    """The source whose secret signed this, and what it says. Raises the last AuthError if none did, PayloadError."""
    refusal: AuthError | None = None
    for source in sources:
        try:
            return source, _events(source, headers, body)
        except AuthError as error:
            refusal = error
    raise refusal or AuthError("ingest", "no source of kind webhook is set up")


def _events(source: Source, headers: Mapping[str, str], body: bytes) -> list[Event]:
    return list(source.collector.receive(source.options, headers, body))  # type: ignore[attr-defined]


def _store(source: Source, events: Sequence[Event], ears: Ears) -> Received:
    now = datetime.now(UTC)
    accept(ears.store, events, match=ears.match, own_accounts=ears.own_accounts, now=now)
    with ears.store.write() as tx:
        tx.sources.ok(source.name, now)
    rejected = tuple((event.place, event.reason) for event in events if isinstance(event, Rejection))
    return Received(accepted=sum(isinstance(event, Mention | Deletion) for event in events), rejected=rejected)


def _answered(source: Source, ears: Ears) -> dict[str, Any]:
    with ears.store.read() as tx:
        return _fresh(tx.state.get(_STATE + source.name))


def _fresh(saved: Any) -> dict[str, Any]:
    oldest = (datetime.now(UTC) - KEPT).isoformat()
    return {name: one for name, one in (saved or {}).items() if one["at"] >= oldest}


def _remember(source: Source, ears: Ears, name: str, digest: str, received: Received) -> None:
    now = datetime.now(UTC)
    answer = {
        "at": now.isoformat(),
        "body": digest,
        "accepted": received.accepted,
        "rejected": [list(pair) for pair in received.rejected[:MAX_TOLD]],
    }
    with ears.store.write() as tx:
        answered = {**_fresh(tx.state.get(_STATE + source.name)), name: answer}
        newest = sorted(answered.items(), key=lambda pair: str(pair[1]["at"]))[-MAX_KEYS:]
        tx.state.put(_STATE + source.name, dict(newest), now)
