"""The one place that speaks to Mastodon servers: Mastodon.py over a session that goes only where it may.

Proxies, .netrc and redirects are off, every answer is limited in time and size, and whatever Mastodon.py raises
becomes a SourceError without the server's words. Its own waiting is off: the runner waits.
"""

from __future__ import annotations

import contextlib
import time
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

import mastodon
import requests

from listener.collect._addresses import checked
from listener.errors import (
    AuthError,
    ForbiddenAddressError,
    GoneError,
    PayloadError,
    RateLimitedError,
    SourceError,
    UnreachableError,
)

TIMEOUT: Final = 16.0
MAX_BYTES: Final = 10_000_000
PER_PAGE: Final = 40
_HINT: Final = "This server wants a sign-in: make an application there (Preferences, Development), set token_env."


class _Session(requests.Session):
    """Goes nowhere that `allow` does not admit, follows nothing, reads at most MAX_BYTES."""

    def __init__(self, source: str, endpoint: str, allow: Sequence[str]) -> None:
        super().__init__()
        self._home = urlsplit(endpoint).hostname or ""
        self.trust_env = False
        self._source = source
        self.allow = allow
        self.trouble: SourceError | None = None
        self.streams: list[requests.Response] = []

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """None: a redirect is an answer that cannot be used."""
        del resp
        return None

    def request(self, method: Any, url: Any, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        """The answer, read whole unless it is a stream. Its SourceError is kept where the library hides it."""
        try:
            self._admit(str(url))
        except SourceError as error:
            self.trouble = error
            raise
        streamed = bool(kwargs.pop("stream", False))
        response = super().request(method, url, stream=True, **kwargs)
        if streamed:
            self.streams.append(response)
            return response
        body = bytearray()
        for piece in response.iter_content(65536):
            body += piece
            if len(body) > MAX_BYTES:
                response.close()
                self.trouble = PayloadError(self._source, "the answer is over 10 MB")
                raise self.trouble
        response._content = bytes(body)
        return response

    def _admit(self, url: str) -> None:
        """requests resolves the name again; that a second answer is another machine is left to the certificate."""
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        if host != self._home and not host.endswith(f".{self._home}"):
            # The server names where its streams are: the token must not go to strangers.
            raise ForbiddenAddressError(self._source, f"{self._home} wants to send its listeners to another server")
        checked(host, port, source=self._source, allow=self.allow)
        if parts.scheme != "https" and f"{host}:{port}" not in self.allow:
            hint = f'Use https://, or add "{host}:{port}" to [network] allow.'
            raise ForbiddenAddressError(self._source, f"{host} would be asked without encryption", hint=hint)


class Client:
    """One server with one token, or none. Used by one thread, but for `follow`."""

    def __init__(self, source: str, endpoint: str, token: str | None, allow: Sequence[str]) -> None:
        warnings.filterwarnings("ignore", module="mastodon")
        self._source = source
        self._endpoint = endpoint
        self._token = token
        self._session = _Session(source, endpoint, allow)
        self._api = self._connect(self._session)

    def _connect(self, session: _Session) -> mastodon.Mastodon:
        return mastodon.Mastodon(
            access_token=self._token,
            api_base_url=self._endpoint,
            # Given, because without an answer to this question the library asks for ever.
            mastodon_version="4.2.0",
            ratelimit_method="throw",
            request_timeout=TIMEOUT,
            session=session,
            user_agent="listener",
        )

    def timeline(self, place: str, *, local: bool, **ids: str | None) -> list[Any]:
        """A page of `tag/NAME` or `public`; `min_id` gives what comes right after it, `max_id` what comes before."""
        kind, _, tag = place.partition("/")
        if kind == "tag":
            return self._list(lambda: self._api.timeline_hashtag(tag, local=local, limit=PER_PAGE, **ids))
        return self._list(lambda: self._api.timeline_public(local=local, limit=PER_PAGE, **ids))

    def search(self, query: str) -> list[Any]:
        """The statuses that the server finds, if it searches at all."""
        return self._list(lambda: self._api.search_v2(query, resolve=False, result_type="statuses")["statuses"])

    def status(self, native_id: str) -> Any:
        """One status. Raises GoneError."""
        return self._said(lambda: self._api.status(native_id))

    def follow(self, place: str, *, local: bool, take: Callable[[str, Any], None]) -> Following:
        """The place's stream; `take` gets ("update" | "edit" | "delete", status or id)."""
        session = _Session(self._source, self._endpoint, self._session.allow)
        api, listener = self._connect(session), _Listener(take)
        kind, _, tag = place.partition("/")
        if kind == "tag":
            return Following(
                partial(self._said, partial(api.stream_hashtag, tag, listener, local=local), session), session
            )
        return Following(partial(self._said, partial(api.stream_public, listener, local=local), session), session)

    def _list(self, call: Callable[[], Any]) -> list[Any]:
        found = self._said(call)
        if not isinstance(found, list):
            raise PayloadError(self._source, "the server answers without statuses", hint="Is it a Mastodon server?")
        return list(found)

    def _said(self, call: Callable[[], Any], session: _Session | None = None) -> Any:
        """The answer of the library, or its trouble as one of ours, without the server's words."""
        session = session or self._session
        session.trouble = None
        try:
            return call()
        except Exception as error:
            # The library raises far more than its own exceptions on answers that it does not expect.
            raise session.trouble or self._translated(error) from None

    def _translated(self, error: Exception) -> SourceError:
        host = urlsplit(self._endpoint).hostname
        status = next((part for part in error.args if type(part) is int), None)
        if isinstance(error, mastodon.MastodonUnauthorizedError) or status in (401, 403, 422):
            return AuthError(self._source, f"{host} refuses ({status or 401})", hint=_HINT)
        if isinstance(error, mastodon.MastodonNotFoundError) or status == 410:
            return GoneError(self._source, f"{host} knows no such place", hint="Check `hashtags` and the endpoint.")
        if isinstance(error, mastodon.MastodonRatelimitError):
            reset = self._api.ratelimit_reset
            wait = max(1.0, min(float(reset) - time.time(), 3600.0)) if reset else None
            return RateLimitedError(self._source, f"{host} asks to slow down (429)", retry_after=wait)
        if isinstance(error, mastodon.MastodonServerError | mastodon.MastodonIOError | requests.RequestException):
            return UnreachableError(self._source, f"{host} does not answer as it should ({type(error).__name__})")
        return PayloadError(self._source, f"{host} answers what cannot be read ({type(error).__name__})")


class Following:
    """A stream: `run` blocks until it breaks (SourceError) or `hang_up` is called."""

    def __init__(self, run: Callable[[], Any], session: _Session) -> None:
        self.run = run
        self._session = session

    def hang_up(self) -> None:
        """Close the connection, from any thread."""
        for response in self._session.streams:
            # `close` would wait for the thread that reads; this wakes it, and it closes what it read from.
            with contextlib.suppress(OSError, RuntimeError):
                response.raw.shutdown()


class _Listener(mastodon.StreamListener):
    """Hands over what matters; whatever else comes is let go."""

    def __init__(self, take: Callable[[str, Any], None]) -> None:
        self._take = take

    def on_update(self, status: Any) -> None:
        """A new status."""
        self._take("update", status)

    def on_status_update(self, status: Any) -> None:
        """An edited one."""
        self._take("edit", status)

    def on_delete(self, status_id: Any) -> None:
        """One that is gone."""
        self._take("delete", status_id)

    def on_unknown_event(self, name: str, unknown_event: Any = None) -> None:
        """Events of later versions."""
