"""JSON over HTTP from one platform: guarded, paced, repeated after a blip."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final
from urllib.parse import quote, urlencode, urlsplit

from pydantic import AfterValidator

from listener.collect._guard import Limits, Response, fetch, refuse
from listener.collect._pace import Pace
from listener.errors import AuthError, PayloadError, RateLimitedError, SecretError, UnreachableError
from listener.settings import secret

RETRY_DELAYS: tuple[float, ...] = (0.5, 2.0)
"""Seconds before a request is repeated when the platform does not answer or is in trouble."""
LIMITS: Final = Limits(body=10_000_000)


def _server(value: str) -> str:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or "@" in parts.netloc or parts.query or parts.fragment or len(value) > 2000:
        raise ValueError("an address such as https://HOST, without name, password or query")
    return value.rstrip("/")


Server = Annotated[str, AfterValidator(_server)]


def credential(source: str, key: str, *, env: str | None, file: str | None) -> str | None:
    """The secret that the settings name, fetched now. Raises AuthError if it is not there."""
    try:
        return secret(env=env, file=file, key=f"sources.{source}.{key}")
    except SecretError as error:
        raise AuthError(source, str(error), hint=error.hint) from None


@dataclass(frozen=True, slots=True)
class Api:
    """One platform as one source sees it. `explain` turns an answer of one of `answers` into its own error."""

    source: str
    base: str
    pace: Pace
    allow: Sequence[str] = ()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    answers: Collection[int] = ()
    explain: Callable[[str, int, Any], Exception | None] | None = None

    def get(self, path: str, params: Mapping[str, str | Sequence[str]] | None = None) -> Any:
        """The JSON at `path` (its parts already quoted) below the base. Raises SourceError."""
        return self.asked(path, params)[1]

    def asked(self, path: str, params: Mapping[str, str | Sequence[str]] | None = None) -> tuple[Response, Any]:
        """The same with the answer itself, for its headers."""
        query = urlencode({**(params or {}), **self.params}, doseq=True)
        url = f"{self.base}/{path.lstrip('/')}" + (f"?{query}" if query else "")
        delays = list(RETRY_DELAYS)
        while True:
            try:
                return self._once(url)
            except (UnreachableError, RateLimitedError) as error:
                wait = error.retry_after
                if not delays or (wait is None and isinstance(error, RateLimitedError)) or (wait or 0.0) > delays[-1]:
                    raise
                time.sleep(max(wait or 0.0, delays.pop(0)))

    def _once(self, url: str) -> tuple[Response, Any]:
        self.pace.take(self.source)
        headers = {"Accept": "application/json", **self.headers}
        try:
            response = fetch(
                url, source=self.source, allow=self.allow, headers=headers, limits=LIMITS, answers=self.answers
            )
        except RateLimitedError as error:
            self.pace.rest(error.retry_after or 0.0)
            raise
        self.pace.told(response.headers)
        content = self._read(response)
        if response.status in self.answers:
            why = self.explain(self.source, response.status, content) if self.explain else None
            if why is not None:
                raise why
            refuse(self.source, response)
        return response, content

    def _read(self, response: Response) -> Any:
        try:
            return json.loads(response.content)
        except (ValueError, RecursionError):
            if response.status in self.answers:
                return None
            host = urlsplit(response.url).hostname
            hint = "A proxy or a sign-in page may stand before it; open the address in a browser."
            raise PayloadError(self.source, f"{host} does not answer with JSON", hint=hint) from None


def quoted(part: str) -> str:
    """One part of a path: it can never add another one."""
    return quote(part, safe="")
