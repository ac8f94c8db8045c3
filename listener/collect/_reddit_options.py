"""What can be set for Reddit, and the credentials fetched from where the settings say."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.metadata import version
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from listener.collect._reddit_watch import Listing
from listener.errors import AuthError, SecretError
from listener.settings import Duration, SourceOptions, secret


def _subreddit(value: str) -> str:
    name = value.removeprefix("/").removeprefix("r/").rstrip("/")
    if not re.fullmatch(r"[A-Za-z0-9_]{2,24}", name):
        raise ValueError("a subreddit's name such as 'japan'")
    return name.lower()


def _server(value: str) -> str:
    parts = urlsplit(value)
    bare = not ("@" in parts.netloc or parts.query or parts.fragment or parts.path.strip("/"))
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0 or not bare:
        raise ValueError("an address such as https://HOST, nothing behind the host")
    return value.rstrip("/")


Server = Annotated[str, AfterValidator(_server)]
Subreddit = Annotated[str, AfterValidator(_subreddit)]
Query = Annotated[str, Field(min_length=1, max_length=512)]


class Options(SourceOptions):
    """Secrets are named by `_env` or `_file`, never given; `client_id` is no secret and may be given."""

    every: Duration = timedelta(seconds=30)
    may_train: bool = False
    """Reddit's terms do not let models learn from its posts without leave."""
    submissions: bool = True
    comments: bool = True
    """Of the subreddits; a search finds submissions only."""
    subreddits: tuple[Subreddit, ...] = ()
    searches: Annotated[tuple[Query, ...], Field(validate_default=True)] = ()
    """Queries in Reddit's own syntax (`"acme" subreddit:japan`), newest first."""
    client_id: str | None = None
    client_id_env: str | None = None
    client_id_file: str | None = None
    client_secret_env: str | None = None
    client_secret_file: str | None = None
    username: str | None = None
    password_env: str | None = None
    password_file: Annotated[str | None, Field(validate_default=True)] = None
    user_agent: Annotated[str, Field(min_length=7, max_length=256, pattern=r"^[\x20-\x7e]+$")] | None = None
    endpoint: Server | None = None
    """Sets both reddit_url (tokens) and oauth_url (everything else)."""
    reddit_url: Server | None = None
    oauth_url: Server | None = None
    requests_per_minute: Annotated[int, Field(ge=1, le=6000)] = 60
    allow: tuple[str, ...] = ()

    @field_validator("searches")
    @classmethod
    def _watches_something(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        kinds = info.data.get("submissions") or info.data.get("comments")
        if not value and not (info.data.get("subreddits") and kinds):
            raise ValueError("subreddits (their submissions or comments) or searches are needed")
        return value

    @field_validator("password_file")
    @classmethod
    def _whole_account(cls, value: str | None, info: ValidationInfo) -> str | None:
        if bool(info.data.get("username")) != bool(value or info.data.get("password_env")):
            raise ValueError("username and password_env (or password_file) go together")
        return value

    def listings(self) -> tuple[Listing, ...]:
        """Every listing to watch."""
        found = []
        for name in dict.fromkeys(self.subreddits):
            if self.submissions:
                found.append(Listing(key=f"r/{name}/new", label=f"r/{name}", path=f"r/{name}/new"))
            if self.comments:
                found.append(
                    Listing(key=f"r/{name}/comments", label=f"comments of r/{name}", path=f"r/{name}/comments")
                )
        for number, query in enumerate(dict.fromkeys(self.searches), 1):
            params = (("q", query), ("sort", "new"), ("t", "all"), ("type", "link"), ("restrict_sr", "false"))
            found.append(Listing(key=f"search/{query}", label=f"search {number}", path="r/all/search/", params=params))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Access:
    """Where Reddit is and who we are there; secrets are not part of its repr."""

    source: str
    reddit_url: str
    oauth_url: str
    user_agent: str
    client_id: str = field(repr=False)
    client_secret: str | None = field(repr=False)
    username: str | None = field(repr=False)
    password: str | None = field(repr=False)


def access(options: Options) -> Access:
    """Who we are; the secrets are fetched now. Raises AuthError."""

    def fetched(env: str | None, file: str | None, key: str) -> str | None:
        try:
            return secret(env=env, file=file, key=f"sources.{options.name}.{key}")
        except SecretError as error:
            raise AuthError(options.name, str(error), hint=error.hint) from None

    client_id = options.client_id or fetched(options.client_id_env, options.client_id_file, "client_id")
    if not client_id:
        hint = "Ask Reddit for an API key (by approval only), then set client_id and client_secret_env."
        raise AuthError(options.name, "no client id is set", hint=hint)
    return Access(
        source=options.name,
        reddit_url=options.reddit_url or options.endpoint or "https://www.reddit.com",
        oauth_url=options.oauth_url or options.endpoint or "https://oauth.reddit.com",
        user_agent=options.user_agent or _user_agent(options.username),
        client_id=client_id,
        client_secret=fetched(options.client_secret_env, options.client_secret_file, "client_secret"),
        username=options.username,
        password=fetched(options.password_env, options.password_file, "password"),
    )


def _user_agent(username: str | None) -> str:
    """As Reddit's rules ask: platform:application:version (by /u/name)."""
    who = f"by /u/{username}" if username else "self-hosted"
    return f"{sys.platform}:listener:{version('listener')} ({who})"
