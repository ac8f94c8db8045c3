"""Posts that other systems send: `POST /ingest` on the public port, signed with a shared secret.

For help desks, review platforms and exports that push. The body is JSON: one record, a list of them, or
`{"records": [...]}`; a record is what `files` reads (DESIGN.md section 6 "Input", with `author`, `url`, `title`,
`parent_id`, `thread_id`, counts, `"deleted": true`). The signature is over the time and the body, so that neither can
be changed and an old request not be sent again later.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from listener.collect._api import credential
from listener.collect._file_events import Origin, event_of
from listener.errors import AuthError, PayloadError
from listener.settings import SourceOptions
from listener.text._lines import Row
from listener.types import Checkpoint, Event, Rejection

TOLERANCE_S: Final = 300
MAX_BYTES: Final = 1_000_000
MAX_RECORDS: Final = 10_000


class Options(SourceOptions):
    """`secret_env` or `secret_file`: what the sender signs with, a long random text."""

    secret_env: str | None = None
    secret_file: str | None = None


def collect(options: Options, checkpoint: Mapping[str, Any] | None) -> Iterator[Event]:
    """Nothing to ask for: what comes, comes by `receive`. Raises AuthError if the secret is not there."""
    _secret(options)
    yield Checkpoint(source=options.name, value=dict(checkpoint or {}), caught_up=True)


def receive(options: Options, headers: Mapping[str, str], body: bytes) -> Iterator[Event]:
    """The records of one request; a bad one is a Rejection whose place is its index.

    Raises AuthError (signature, time), PayloadError (not the documented JSON).
    """
    given = {name.lower(): value for name, value in headers.items()}
    now = datetime.now(UTC)
    _check(options, given, body, now)
    # Records without an id of their own: the same request sent again brings the same ones, another one brings others.
    request = given.get("idempotency-key") or hashlib.sha256(body).hexdigest()
    origin = Origin(options.name, options.brand, options.channel, "record", request, now)
    for index, record in enumerate(_records(options, body)):
        yield _event(record, index, origin)


def _check(options: Options, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    sent = headers.get("x-listener-timestamp", "")
    if not re.fullmatch(r"[0-9]{1,12}", sent):
        raise AuthError(options.name, "X-Listener-Timestamp is missing or no number of seconds since 1970")
    if abs(now.timestamp() - int(sent)) > TOLERANCE_S:
        raise AuthError(options.name, f"X-Listener-Timestamp is more than {TOLERANCE_S} s off", hint="Check the clock.")
    signed = hmac.new(_secret(options).encode(), sent.encode() + b"." + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(headers.get("x-listener-signature", "").encode(), f"sha256={signed}".encode()):
        raise AuthError(options.name, "X-Listener-Signature does not fit", hint="Sign TIMESTAMP + '.' + body.")


def _secret(options: Options) -> str:
    secret = credential(options.name, "secret", env=options.secret_env, file=options.secret_file)
    if secret is None:
        raise AuthError(options.name, "no secret is set", hint="Set secret_env to a long random text.")
    return secret


def _records(options: Options, body: bytes) -> Sequence[Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise PayloadError(options.name, "the body is not JSON in UTF-8") from None
    records = said.get("records", [said]) if isinstance(said, Mapping) else said
    if not isinstance(records, list):
        raise PayloadError(options.name, 'the body is neither a record, a list of records nor {"records": [...]}')
    if len(records) > MAX_RECORDS:
        raise PayloadError(options.name, f"more than {MAX_RECORDS} records at once")
    return records


def _event(record: Any, index: int, origin: Origin) -> Event:
    if not isinstance(record, dict):
        return Rejection(source=origin.source, place=str(index), reason="not an object")
    found = event_of(Row(index + 1, index + 1, 0, record), origin)
    if isinstance(found, Rejection):
        return Rejection(source=origin.source, place=str(index), reason=found.reason)
    return found
