"""X: recent posts that hold a keyword, by search, polled (API v2). Off unless switched on: every post read costs money.

API: https://docs.x.com/x-api/posts/search-recent-posts. Reads are charged by the post; `price` is what the developer
console says, `monthly_cap` the most that a calendar month (UTC) may cost: nothing is asked that could exceed it. What
was spent is kept in the checkpoint and told by `listener check`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any, Final

from pydantic import Field, ValidationInfo, field_validator

from listener.collect._api import Api, Server, credential
from listener.collect._pace import shared
from listener.collect._platform import MalformedError, Origin
from listener.collect._values import count, entries, identity, inner, moment, name, readings, table
from listener.collect._values import words as plain_words
from listener.errors import AuthError, GoneError, PayloadError, RateLimitedError
from listener.settings import Duration, SourceOptions, Terms
from listener.types import Budget, Checkpoint, Engagement, Event, Mention

PER_PAGE: Final = 100
LEAST: Final = 10
"""The smallest page that X gives."""
MAX_QUERY: Final = 512
_FIELDS: Final = {
    "tweet.fields": "created_at,lang,public_metrics,conversation_id,referenced_tweets",
    "expansions": "author_id",
    "user.fields": "username,public_metrics",
}


class Options(SourceOptions):
    """`keywords` empty: the words of all brands; `queries` (X's own syntax) instead of them."""

    enabled: bool = False
    endpoint: Server = "https://api.x.com"
    token_env: str | None = None
    token_file: str | None = None
    """The app's bearer token."""
    keywords: Terms = ()
    queries: tuple[Annotated[str, Field(min_length=1, max_length=MAX_QUERY)], ...] = ()
    price: Annotated[float, Field(gt=0)] = 0.005
    """US dollars a post read."""
    monthly_cap: Annotated[float, Field(ge=0)] = 0.0
    """US dollars a calendar month; without one nothing is read."""
    backfill: Annotated[Duration, Field(validate_default=True)] = timedelta(hours=1)
    every: Duration = timedelta(minutes=15)
    may_train: bool = False
    """X's terms do not let models learn from its posts."""
    channel: str | None = "x"
    requests_per_minute: int = 20
    allow: tuple[str, ...] = ()

    @field_validator("backfill")
    @classmethod
    def _asks_for_something(cls, value: timedelta, info: ValidationInfo) -> timedelta:
        if not info.data.get("keywords") and not info.data.get("queries"):
            raise ValueError("words to search for are needed, here or in [[brands]]; or queries")
        return min(value, timedelta(days=6, hours=23))


def collect(options: Options, checkpoint: Mapping[str, Any] | None) -> Iterator[Event]:
    """One pass over all searches. Raises RateLimitedError when the month's money is spent, AuthError, SourceError."""
    token = credential(options.name, "token", env=options.token_env, file=options.token_file)
    if token is None:
        raise AuthError(options.name, "no bearer token is set", hint="Set token_env; X sells access by use.")
    pace = shared(options.endpoint, token, options.requests_per_minute)
    api = Api(options.name, options.endpoint, pace, options.allow, {"Authorization": f"Bearer {token}"})
    purse = _Purse(options, inner(checkpoint, "spent"))
    saved = inner(checkpoint, "since")
    since = {str(key): str(value) for key, value in saved.items()} if isinstance(saved, Mapping) else {}
    for query in options.queries or _queries(options.keywords):
        yield from _walk(api, options, query, since, purse)
        yield _mark(options, since, purse)


def check(options: Options) -> None:
    """Ask X what the app has used, which is free, instead of reading posts. Raises SourceError."""
    token = credential(options.name, "token", env=options.token_env, file=options.token_file)
    if token is None:
        raise AuthError(options.name, "no bearer token is set", hint="Set token_env; X sells access by use.")
    pace = shared(options.endpoint, token, options.requests_per_minute)
    api = Api(options.name, options.endpoint, pace, options.allow, {"Authorization": f"Bearer {token}"}, answers=(404,))
    with suppress(GoneError):  # an address that is not there was answered all the same
        api.get("2/usage/tweets")


def budget(options: Options, checkpoint: Mapping[str, Any] | None, now: datetime) -> Iterator[Budget]:
    """This month's money."""
    spent = inner(checkpoint, "spent")
    usd = inner(spent, "usd") if inner(spent, "month") == now.astimezone(UTC).strftime("%Y-%m") else 0.0
    yield Budget(
        unit="US dollars",
        spent=float(usd) if isinstance(usd, int | float) else 0.0,
        limit=options.monthly_cap,
        period="month",
    )


def _mark(options: Options, since: Mapping[str, str], purse: _Purse) -> Checkpoint:
    return Checkpoint(source=options.name, value={"since": dict(since), "spent": purse.saved()})


class _Purse:
    """What this month's reads cost so far."""

    def __init__(self, options: Options, saved: Any) -> None:
        self._options = options
        self._month = datetime.now(UTC).strftime("%Y-%m")
        posts = inner(saved, "posts") if inner(saved, "month") == self._month else 0
        self._posts = posts if type(posts) is int else 0

    def saved(self) -> dict[str, Any]:
        """Plain JSON; `usd` is for people."""
        usd = round(self._posts * self._options.price, 4)
        return {"month": self._month, "posts": self._posts, "usd": usd, "cap": self._options.monthly_cap}

    def affordable(self) -> int:
        """The size of the next page. Raises RateLimitedError if not even the smallest can be paid."""
        left = int((self._options.monthly_cap - self._posts * self._options.price) / self._options.price + 1e-9)
        if left < LEAST:
            now = datetime.now(UTC)
            next_month = (now.replace(day=1) + timedelta(days=32)).replace(day=1, hour=0, minute=0, second=0)
            raise RateLimitedError(
                self._options.name,
                f"this month's {self._options.monthly_cap:.2f} US dollars are spent or not enough for one page",
                hint="Raise monthly_cap, or wait for the next month.",
                retry_after=min((next_month - now).total_seconds(), 86_400.0),
            )
        return min(PER_PAGE, left)

    def paid(self, posts: int) -> None:
        self._posts += posts


def _queries(keywords: tuple[str, ...]) -> list[str]:
    """The words joined by OR into as few searches as X's limit allows; reposts are not asked for."""
    tail = " -is:retweet"
    terms = [
        f'"{word}"' if not word.isalnum() else word for word in (raw.replace('"', " ").strip() for raw in keywords)
    ]
    queries: list[str] = []
    line = ""
    for term in terms:
        longer = f"{line} OR {term}" if line else term
        if line and len(longer) + 2 + len(tail) > MAX_QUERY:
            queries.append(f"({line}){tail}")
            longer = term
        line = longer
    return [*queries, f"({line}){tail}"]


def _walk(api: Api, options: Options, query: str, since: dict[str, str], purse: _Purse) -> Iterator[Event]:
    """One search, newest first, back to the newest post of the last whole walk."""
    start = datetime.now(UTC) - options.backfill
    window = {"since_id": since[query]} if query in since else {"start_time": start.strftime("%Y-%m-%dT%H:%M:%SZ")}
    newest: str | None = None
    following: str | None = None
    while True:
        params = {**_FIELDS, **window, "query": query, "max_results": str(purse.affordable())}
        answer = api.get("2/tweets/search/recent", params | ({"next_token": following} if following else {}))
        if not isinstance(answer, Mapping) or ("data" not in answer and "meta" not in answer):
            raise PayloadError(options.name, "X answers without posts")
        posts = entries(answer.get("data"))
        purse.paid(len(posts))
        read = partial(_read, people=_people(answer), options=options, now=datetime.now(UTC))
        yield from readings(posts, read, options.name)
        newest = newest or inner(answer, "meta", "newest_id")
        following = inner(answer, "meta", "next_token")
        if not isinstance(following, str) or not following:
            break
        yield _mark(options, since, purse)
    if isinstance(newest, str) and newest.isdigit():
        since[query] = newest


def _people(answer: Any) -> Mapping[str, Any]:
    users = entries(inner(answer, "includes", "users"))
    return {str(inner(user, "id")): user for user in users}


def _read(item: Any, *, people: Mapping[str, Any], options: Options, now: datetime) -> Mention:
    """One post. Raises MalformedError."""
    post = table(item, "post")
    native_id = identity(post.get("id"), "post")
    posted_at = moment(post.get("created_at"), now)
    text = plain_words(post.get("text"))
    if posted_at is None or not text or not native_id.isdigit():
        raise MalformedError("post", "says nothing" if posted_at else "no date")
    user = people.get(str(post.get("author_id")))
    origin = Origin.of(options, "x")
    replied = [inner(one, "id") for one in entries(post.get("referenced_tweets")) if inner(one, "type") == "replied_to"]
    metrics = post.get("public_metrics")
    counts = Engagement(
        source=origin.source,
        native_id=native_id,
        at=now,
        replies=count(inner(metrics, "reply_count")),
        shares=count(inner(metrics, "retweet_count")),
        likes=count(inner(metrics, "like_count")),
        views=count(inner(metrics, "impression_count")),
        followers=count(inner(user, "public_metrics", "followers_count")),
    )
    return Mention(
        source=origin.source,
        native_id=native_id,
        text=text,
        posted_at=posted_at,
        author=name(inner(user, "username")),
        url=f"https://x.com/i/status/{native_id}",
        lang=name(post.get("lang"), 20),
        channel=origin.channel,
        parent_id=str(replied[0]) if replied else None,
        thread_id=name(post.get("conversation_id")),
        brands=origin.brands,
        engagement=counts,
    )
