"""YouTube: comments and their answers under videos, channels and what a search finds, polled (Data API v3).

API: https://developers.google.com/youtube/v3/docs/commentThreads/list. Needs an API key (free; Google Cloud console).
Quotas count by day, Pacific time: `daily_units` reads of 1 unit, `daily_searches` searches. Threads come newest first;
a late answer to an old thread is found when the thread is looked at again, not by the walk.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationInfo, field_validator

from listener.collect._api import Api, Server, credential
from listener.collect._pace import shared
from listener.collect._platform import MalformedError, Origin
from listener.collect._poll import Page, Place, Polled, poll
from listener.collect._quota import Ledger, ledger
from listener.collect._values import Reader, count, entries, identity, inner, moment, name, readings, table, words
from listener.errors import AuthError, GoneError, PayloadError, RateLimitedError, SourceError
from listener.settings import Duration, Terms
from listener.types import Budget, Deletion, Engagement, Event, Mention, Rejection

PER_PAGE: Final = 100
MAX_PAGES: Final = 50
WATCHED: Final = 50
"""Videos found by searches that are watched, the newest first."""
CHECKED: Final = 10
"""Videos and channels that a check asks for."""
_ZONE: Final = "America/Los_Angeles"
_KEY_HINT: Final = "Check key_env, and that the YouTube Data API v3 is switched on for its project."

VideoId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{5,20}$")]
ChannelId = Annotated[str, Field(pattern=r"^UC[A-Za-z0-9_-]{10,40}$")]


class Options(Polled):
    """`videos` and `channels` by their ids; `searches` find videos, whose comments are then watched."""

    endpoint: Server = "https://www.googleapis.com"
    key_env: str | None = None
    key_file: str | None = None
    videos: tuple[VideoId, ...] = ()
    channels: tuple[ChannelId, ...] = ()
    searches: Annotated[Terms, Field(validate_default=True)] = ()
    every: Duration = timedelta(minutes=15)
    search_every: Duration = timedelta(hours=6)
    daily_units: Annotated[int, Field(ge=1)] = 10_000
    daily_searches: Annotated[int, Field(ge=0)] = 100
    channel: str | None = "youtube"
    requests_per_minute: int = 120

    @field_validator("searches")
    @classmethod
    def _watches_something(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not value and not info.data.get("videos") and not info.data.get("channels"):
            raise ValueError("videos, channels or searches are needed")
        return value


def collect(options: Options, checkpoint: Mapping[str, Any] | None) -> Iterator[Event]:
    """One pass over all videos and channels. Raises SourceError when one cannot be read."""
    saved = checkpoint or {}
    client = _Client(options)
    client.ledger.restore(saved.get("quota"))
    found = _Found.restored(saved.get("found"))
    if options.searches and found.is_due(options.search_every):
        found.search(client, options)
    asked = [("videoId", video) for video in dict.fromkeys((*options.videos, *found.videos))]
    asked += [("allThreadsRelatedToChannelId", channel) for channel in dict.fromkeys(options.channels)]
    places = [Place(f"{what}/{which}", which, partial(_pages, client, options, what, which)) for what, which in asked]
    beside = lambda: {"quota": client.ledger.saved(), "found": found.saved()}  # noqa: E731
    yield from poll(options, checkpoint, places, beside=beside)


def refresh(options: Options, ids: Sequence[str]) -> Iterator[Event]:
    """The comments as they are now, 50 a unit; one that is gone is a Deletion."""
    client = _Client(options)
    for start in range(0, len(ids), 50):
        some = ids[start : start + 50]
        answer = client.get("comments", {"part": "snippet", "id": ",".join(some), "textFormat": "plainText"})
        comments = entries(inner(answer, "items"))
        yield from readings(comments, _reader(options, None), options.name)
        there = {inner(comment, "id") for comment in comments}
        for native_id in some:
            if native_id not in there:
                yield Deletion(source=options.name, native_id=native_id, at=datetime.now(UTC))


def check(options: Options) -> None:
    """Ask for one thread of some of the videos and channels, a unit each. Raises SourceError."""
    client = _Client(options)
    asked = [("videoId", video) for video in options.videos]
    asked += [("allThreadsRelatedToChannelId", channel) for channel in options.channels]
    for what, which in asked[:CHECKED]:
        client.get("commentThreads", {"part": "snippet", "maxResults": "1", what: which})
    if not asked:
        client.get("i18nLanguages", {"part": "snippet"})


def budget(options: Options, checkpoint: Mapping[str, Any] | None, now: datetime) -> Iterator[Budget]:
    """Today's quotas, Pacific time."""
    quota = inner(checkpoint, "quota")
    today = inner(quota, "day") == now.astimezone(ZoneInfo(_ZONE)).date().isoformat()
    for unit, limit in (("units", options.daily_units), ("searches", options.daily_searches)):
        spent = inner(quota, "spent", unit) if today else 0
        yield Budget(unit=unit, spent=spent if type(spent) is int else 0, limit=limit, period="day")


class _Client:
    """The API with its quota: nothing is asked that the ledger does not allow."""

    def __init__(self, options: Options) -> None:
        key = credential(options.name, "key", env=options.key_env, file=options.key_file)
        if not key:
            hint = "Make an API key in the Google Cloud console and set key_env."
            raise AuthError(options.name, "no key is set", hint=hint)
        self._source = options.name
        self.ledger: Ledger = ledger(
            options.endpoint, key, _ZONE, {"units": options.daily_units, "searches": options.daily_searches}
        )
        self._api = Api(
            options.name,
            options.endpoint,
            shared(options.endpoint, key, options.requests_per_minute),
            options.allow,
            headers={"X-Goog-Api-Key": key},
            answers=(400, 403, 404),
            explain=partial(_explained, self.ledger),
        )

    def get(self, path: str, params: Mapping[str, str], quota: str = "units") -> Any:
        self.ledger.spend(quota, self._source, datetime.now(UTC))
        return self._api.get(f"youtube/v3/{path}", params)


def _explained(quotas: Ledger, source: str, status: int, content: Any) -> SourceError | None:
    """Google names the reason in the body; the status alone says little."""
    errors = entries(inner(content, "error", "errors"))
    reason = str(inner(errors[0], "reason") if errors else "")
    if reason in ("quotaExceeded", "dailyLimitExceeded"):
        wait = quotas.renewed_in(datetime.now(UTC))
        return RateLimitedError(
            source, "today's quota at YouTube is spent", hint="Other programs use it too.", retry_after=wait
        )
    if reason in ("rateLimitExceeded", "userRateLimitExceeded"):
        return RateLimitedError(source, "YouTube asks to slow down", retry_after=60.0)
    if reason == "commentsDisabled":
        return GoneError(source, "comments are switched off there", hint="Take it out of `videos`.")
    if reason in ("videoNotFound", "channelNotFound", "commentNotFound") or status == 404:
        return GoneError(source, "YouTube knows no such video or channel", hint="Check `videos` and `channels`.")
    if status == 403 or reason in ("keyInvalid", "badRequest"):
        return AuthError(source, f"YouTube refuses the request ({status})", hint=_KEY_HINT)
    return None


class _Found:
    """The videos that searches found."""

    def __init__(self, videos: Sequence[str] = (), at: float = 0.0) -> None:
        self.videos = list(videos)
        self._at = at

    @classmethod
    def restored(cls, saved: Any) -> _Found:
        videos, at = inner(saved, "videos"), inner(saved, "at")
        good = [video for video in entries(videos) if isinstance(video, str)]
        return cls(good, float(at) if isinstance(at, int | float) else 0.0)

    def saved(self) -> dict[str, Any]:
        return {"videos": self.videos, "at": self._at}

    def is_due(self, every: timedelta) -> bool:
        return datetime.now(UTC).timestamp() - self._at >= every.total_seconds()

    def search(self, client: _Client, options: Options) -> None:
        """Ask for each search's newest videos, as far as the quota reaches."""
        new: list[str] = []
        for query in options.searches:
            if client.ledger.left("searches", datetime.now(UTC)) < 1:
                break
            params = {"part": "snippet", "type": "video", "order": "date", "maxResults": "50", "q": query}
            answer = client.get("search", params, "searches")
            ids = (inner(item, "id", "videoId") for item in entries(inner(answer, "items")))
            new += [video for video in ids if isinstance(video, str)]
        self.videos = list(dict.fromkeys((*new, *self.videos)))[:WATCHED]
        self._at = datetime.now(UTC).timestamp()


def _pages(client: _Client, options: Options, what: str, which: str, _since: datetime) -> Iterator[Page]:
    fixed = {"part": "snippet,replies", "maxResults": str(PER_PAGE), "order": "time", "textFormat": "plainText"}
    token: str | None = None
    video = which if what == "videoId" else None
    for _ in range(MAX_PAGES):
        answer = client.get("commentThreads", {**fixed, what: which, **({"pageToken": token} if token else {})})
        threads = inner(answer, "items")
        if not isinstance(threads, list):
            raise PayloadError(options.name, "YouTube answers without comments")
        yield list(readings(_comments(threads), _reader(options, video), options.name))
        token = inner(answer, "nextPageToken")
        if not isinstance(token, str) or not token:
            return
    yield [Rejection(source=options.name, place=which, reason="more was written than one pass reads")]


def _comments(threads: Sequence[Any]) -> Iterator[Any]:
    """Answers before what they answer: the order of the threads is what ends the walk."""
    for thread in threads:
        top = inner(thread, "snippet", "topLevelComment")
        video = inner(thread, "snippet", "videoId")
        for reply in entries(inner(thread, "replies", "comments")):
            yield {"comment": reply, "video": video}
        yield {"comment": top, "video": video, "replies": inner(thread, "snippet", "totalReplyCount")}


def _reader(options: Options, video: str | None) -> Reader:
    origin = Origin.of(options, "youtube")
    return partial(_read, video=video, origin=origin, now=datetime.now(UTC))


def _read(item: Any, *, video: str | None, origin: Origin, now: datetime) -> Mention:
    """One comment, bare or with what its thread says of it. Raises MalformedError."""
    around = table(item, "comment")
    comment = table(around.get("comment", item), "comment")
    native_id = identity(comment.get("id"), "comment")
    snippet = table(comment.get("snippet"), "comment")
    posted_at = moment(snippet.get("publishedAt"), now)
    text = words(snippet.get("textOriginal")) or words(snippet.get("textDisplay"), html=True)
    if posted_at is None or not text:
        raise MalformedError("comment", "says nothing" if posted_at else "no date")
    where = around.get("video") or snippet.get("videoId") or video
    where = where if isinstance(where, str) and where.replace("-", "").replace("_", "").isalnum() else None
    parent = snippet.get("parentId")
    replies, likes = count(around.get("replies")), count(snippet.get("likeCount"))
    return Mention(
        source=origin.source,
        native_id=native_id,
        text=text,
        posted_at=posted_at,
        author=name(snippet.get("authorDisplayName")),
        url=f"https://www.youtube.com/watch?v={where}&lc={native_id}" if where else None,
        channel=origin.channel,
        parent_id=parent if isinstance(parent, str) else None,
        thread_id=f"video/{where}" if where else None,
        brands=origin.brands,
        engagement=Engagement(source=origin.source, native_id=native_id, at=now, replies=replies, likes=likes),
    )
