"""The one place that speaks to Reddit: praw 8 with nothing taken from its surroundings.

praw reads `praw.ini` from the working directory and the user's configuration directory, and `praw_*` environment
variables; a planted file could send the credentials elsewhere. Here it gets an empty configuration and every setting
by argument. Proxies, .netrc and redirects are off, certificates are checked, every request ends.

prawcore sleeps before it repeats a request and raises bare KeyErrors and ValueErrors on answers it does not expect (a
401 that stays, a Retry-After that is a date). So refusals are recognised before prawcore sees them, whatever else it
raises is translated, and waiting is left to the caller.
"""

from __future__ import annotations

import configparser
import email.utils
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import praw
import praw.config
import praw.exceptions
import prawcore
import requests
from prawcore.const import ACCESS_TOKEN_PATH

from listener.collect._reddit_options import Access
from listener.errors import AuthError, GoneError, PayloadError, RateLimitedError, SourceError, UnreachableError

TIMEOUT: Final = 16.0
"""Seconds without a byte after which a request is given up."""

_SETTINGS: Final[Mapping[str, Any]] = {
    "check_for_async": False,
    "check_for_updates": False,
    "comment_kind": "t1",
    "message_kind": "t4",
    "ratelimit_seconds": 5,
    "redditor_kind": "t2",
    "redirect_uri": None,
    "refresh_token": None,
    "short_url": "https://redd.it",
    "submission_kind": "t3",
    "subreddit_kind": "t5",
    "timeout": int(TIMEOUT),
    "trophy_kind": "t6",
    "window_size": 600,
}
_KEY_HINT: Final = (
    "Check client_id and the client secret (https://www.reddit.com/prefs/apps); Reddit gives out keys by approval only."
)
_PLACE_HINT: Final = "Check its name; private, quarantined and banned places cannot be read with this key."
_BLIPS: Final = frozenset({408, *range(500, 600)})


class Client:
    """A praw session that is renewed when its token is refused. Used by one thread at a time."""

    def __init__(self, access: Access, admit: Callable[[str], object]) -> None:
        """`admit` gets each address before credentials go there; it raises ForbiddenAddressError."""
        self._access = access
        self._admit = admit
        self._reddit: praw.Reddit | None = None
        self._closed = False

    def get(self, path: str, params: Mapping[str, str]) -> object:
        """The JSON at `path`. Raises SourceError (AuthError only if a fresh token is refused too)."""
        fresh = self._reddit is None
        reddit = self._reddit = self._reddit or self._connect()
        try:
            return self._ask(reddit, path, params)
        except AuthError:
            self._reddit = None
            if fresh:
                raise
        return self.get(path, params)

    def close(self) -> None:
        """No request starts after this, also not from a thread that still waits for its turn."""
        self._closed = True

    def _ask(self, reddit: praw.Reddit, path: str, params: Mapping[str, str]) -> object:
        try:
            return reddit.request(method="GET", path=path, params=dict(params))
        except SourceError:
            raise
        except Exception as error:
            # praw and prawcore raise far more than their own exceptions; their attributes hold credentials, so the
            # cause is named by its class and not chained.
            raise translated(error, self._access.source) from None

    def _connect(self) -> praw.Reddit:
        access = self._access
        for url in (access.reddit_url, access.oauth_url):
            self._admit(url)
        with praw.config.Config.LOCK:
            praw.config.Config.CONFIG = configparser.ConfigParser(interpolation=None)
        return praw.Reddit(
            "DEFAULT",
            requestor_class=_Requestor,
            requestor_kwargs={"refuse": self._refuse, "source": access.source},
            client_id=access.client_id,
            client_secret=access.client_secret,
            username=access.username,
            password=access.password,
            user_agent=access.user_agent,
            reddit_url=access.reddit_url,
            oauth_url=access.oauth_url,
            **_SETTINGS,
        )

    def _refuse(self) -> None:
        if self._closed:
            raise UnreachableError(self._access.source, "stopped")


class _Requestor(prawcore.Requestor):
    """Every request passes here, the one for the token too."""

    def __init__(self, *, refuse: Callable[[], None], source: str, **kwargs: Any) -> None:
        session = requests.Session()
        session.trust_env = False
        self._refuse = refuse
        self._source = source
        super().__init__(session=session, **kwargs)

    def request(self, *args: Any, timeout: float | None = None, **kwargs: Any) -> requests.Response:
        """The response, unless it is one that prawcore would answer by sleeping. Raises SourceError."""
        del timeout  # ours holds for all
        self._refuse()
        try:
            response = super().request(*args, timeout=TIMEOUT, **{**kwargs, "allow_redirects": False})
        except prawcore.RequestException as error:
            cause = type(error.original_exception).__name__
            raise UnreachableError(self._source, f"no answer from Reddit ({cause})", hint=_hint_for(cause)) from None
        for_token = str(response.url).partition("?")[0].endswith(ACCESS_TOKEN_PATH)
        trouble = refusal(self._source, response.status_code, response.headers, for_token=for_token)
        if trouble is not None:
            raise trouble
        return response


def refusal(source: str, status: int, headers: Mapping[str, str], *, for_token: bool = False) -> SourceError | None:
    """The error for an answer that says "not you", "not now" or "not working"; None where praw has to look."""
    if status == 401:
        what = "the client id or secret" if for_token else "the access token"
        return AuthError(source, f"Reddit refuses {what} (401)", hint=_KEY_HINT)
    if status == 429:
        wait = _seconds(headers.get("retry-after"), datetime.now(UTC)) or _seconds(headers.get("x-ratelimit-reset"))
        return RateLimitedError(
            source, "Reddit asks to slow down (429)", hint="Lower requests_per_minute.", retry_after=wait
        )
    if status in _BLIPS:
        return UnreachableError(source, f"Reddit is in trouble ({status})", hint="See https://www.redditstatus.com.")
    return None


def translated(error: Exception, source: str) -> SourceError:
    """Whatever praw and prawcore raise, as one of ours."""
    if isinstance(error, prawcore.OAuthException):
        return AuthError(source, "Reddit refuses user name, password or client", hint=_KEY_HINT)
    if isinstance(error, prawcore.Redirect):
        return GoneError(source, "there is no such place on Reddit", hint=_PLACE_HINT)
    if isinstance(error, prawcore.BadJSON):
        return PayloadError(source, "the answer is not JSON", hint="Is the endpoint Reddit's API?")
    if isinstance(error, prawcore.ResponseException):
        return _by_status(error, source)
    if isinstance(error, prawcore.RequestException):
        return UnreachableError(source, f"no answer from Reddit ({type(error.original_exception).__name__})")
    return PayloadError(source, f"praw cannot read the answer ({type(error).__name__})")


def _by_status(error: prawcore.ResponseException, source: str) -> SourceError:
    status = error.response.status_code
    if isinstance(error, prawcore.InvalidToken | prawcore.InsufficientScope):
        return AuthError(source, f"Reddit refuses the access token ({status})", hint=_KEY_HINT)
    if status in (403, 404, 410, 451):
        return GoneError(source, f"not public or not there ({status})", hint=_PLACE_HINT)
    known = refusal(source, status, error.response.headers)
    return known or PayloadError(source, f"Reddit does not accept the request ({status})")


def _seconds(value: str | None, now: datetime | None = None) -> float | None:
    """A waiting time given in seconds or, if `now` is given, as an HTTP date; None if it cannot be read."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            until = email.utils.parsedate_to_datetime(value)
        except ValueError:
            return None
        seconds = (until - now).total_seconds() if now and until.tzinfo else 0.0
    return min(max(seconds, 1.0), 3600.0) if seconds == seconds else None


def _hint_for(cause: str) -> str:
    if cause == "SSLError":
        return "The server's certificate cannot be verified; check the endpoint and the machine's clock."
    return "Check the network and the endpoint."
