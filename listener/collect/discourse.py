"""Discourse forums: new posts of a whole forum or those that a search finds, polled; posts sent by its webhooks.

API: https://docs.discourse.org. `/posts.json` lists all public posts, 50 at a time, newest first; `before` goes back.
A key (`key_env` with `username`) is needed only where the forum asks for a sign-in.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from listener.collect._api import Api, Server, credential, quoted
from listener.collect._pace import shared
from listener.collect._platform import MalformedError, Origin
from listener.collect._poll import Page, Place, Polled, poll
from listener.collect._values import Reader, count, entries, identity, inner, moment, name, readings, table, words
from listener.errors import AuthError, GoneError, PayloadError
from listener.settings import Terms
from listener.types import Deletion, Engagement, Event, Mention, Rejection

MAX_PAGES: Final = 60
"""Of one pass: some 3000 posts. Discourse counts requests by the minute."""
MAX_SEARCH_PAGES: Final = 10
_IDS_A_PAGE: Final = 50
_WRITTEN: Final = 1
"""`post_type` of what people write; others are moderators' acts and system notes."""
_LIKE: Final = 2
"""`post_action_type` of a like."""


class Options(Polled):
    """`endpoint`: the forum's address. Every public post is taken, or only what `searches` find."""

    endpoint: Server
    searches: Terms = ()
    """In Discourse's own syntax (`refund category:support`)."""
    key_env: str | None = None
    key_file: str | None = None
    username: str | None = None
    """Whose key it is."""
    webhook_env: str | None = None
    webhook_file: str | None = None
    """The secret of the forum's webhooks for posts, which then arrive at once."""
    channel: str | None = "forum"
    requests_per_minute: int = 50


def collect(options: Options, checkpoint: Mapping[str, Any] | None) -> Iterator[Event]:
    """One pass over the newest posts, or over every search. Raises SourceError when one cannot be read."""
    api = _api(options)
    if options.searches:
        places = [
            Place(f"search/{query}", f"search {number}", partial(_found, api, options, query))
            for number, query in enumerate(options.searches, 1)
        ]
    else:
        places = [Place("posts", "newest posts", partial(_pages, api, options))]
    yield from poll(options, checkpoint, places)


def refresh(options: Options, ids: Sequence[str]) -> Iterator[Event]:
    """The posts as they are now; one that is gone or hidden is a Deletion."""
    api, now = _api(options), datetime.now(UTC)
    for native_id in ids:
        answer = _post(api, native_id) if native_id.isdigit() else None
        if answer is None:
            yield Deletion(source=options.name, native_id=native_id, at=now)
        else:
            yield from readings([answer], _reader(options), options.name)


def receive(options: Options, headers: Mapping[str, str], body: bytes) -> Iterator[Event]:
    """What one webhook says, after its signature was checked. Raises AuthError, PayloadError."""
    secret = credential(options.name, "webhook", env=options.webhook_env, file=options.webhook_file)
    if secret is None:
        raise AuthError(options.name, "no webhook secret is set", hint="Set webhook_env, and the same in the forum.")
    given = {key.lower(): value for key, value in headers.items()}
    signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(given.get("x-discourse-event-signature", "").removeprefix("sha256="), signed):
        raise AuthError(options.name, "the webhook is not signed with our secret", hint="Compare the two secrets.")
    try:
        post = inner(json.loads(body), "post")
    except (ValueError, RecursionError):
        raise PayloadError(options.name, "the webhook's body is not JSON") from None
    event = given.get("x-discourse-event", "")
    if event == "post_destroyed" and (native_id := inner(post, "id")) is not None:
        yield Deletion(source=options.name, native_id=str(native_id), at=datetime.now(UTC))
    elif event in ("post_created", "post_edited", "post_recovered"):
        yield from readings([post], _reader(options), options.name)


def _api(options: Options) -> Api:
    key = credential(options.name, "key", env=options.key_env, file=options.key_file)
    headers = {"Api-Key": key, "Api-Username": options.username or "system"} if key else {}
    pace = shared(options.endpoint, key, options.requests_per_minute)
    return Api(options.name, options.endpoint, pace, options.allow, headers)


def _pages(api: Api, options: Options, _since: datetime) -> Iterator[Page]:
    before: int | None = None
    for _ in range(MAX_PAGES):
        answer = api.get("posts.json", {} if before is None else {"before": str(before)})
        posts = inner(answer, "latest_posts")
        if not isinstance(posts, list):
            raise PayloadError(options.name, "the server answers without posts", hint="Is it a Discourse forum?")
        yield list(readings(posts, _reader(options), options.name))
        numbers = [number for post in posts if (number := count(inner(post, "id")))]
        # A page covers 50 ids, of which deleted and private posts are missing: it may be empty and not the last.
        before = min(numbers) - 1 if numbers else (before or 0) - _IDS_A_PAGE
        if before <= 0:
            return
    yield [Rejection(source=options.name, place="posts", reason="more was posted than one pass reads")]


def _found(api: Api, options: Options, query: str, since: datetime) -> Iterator[Page]:
    """A search shows beginnings only, so each post that is new is asked for by itself."""
    for page in range(1, MAX_SEARCH_PAGES + 1):
        answer = api.get("search.json", {"q": f"{query} order:latest", "page": str(page)})
        hits = entries(inner(answer, "posts"))
        now = datetime.now(UTC)
        new = [hit for hit in hits if (at := moment(inner(hit, "created_at"), now)) is None or at >= since]
        asked = (_post(api, str(number)) for hit in new if (number := count(inner(hit, "id"))))
        yield list(readings([post for post in asked if post is not None], _reader(options), options.name))
        more = inner(answer, "grouped_search_result", "more_full_page_results")
        if not hits or len(new) < len(hits) or not more:
            return


def _post(api: Api, native_id: str) -> Any:
    """One post; None where it is gone."""
    try:
        return api.get(f"posts/{quoted(native_id)}.json")
    except GoneError:
        return None


def _reader(options: Options) -> Reader:
    origin = Origin.of(options, "forum")
    return partial(_read, origin=origin, base=options.endpoint, now=datetime.now(UTC))


def _read(item: Any, *, origin: Origin, base: str, now: datetime) -> Mention | Deletion | None:
    """One post; None for what is no person's post. Raises MalformedError."""
    post = table(item, "post")
    native_id = identity(post.get("id"), "post")
    if post.get("deleted_at") or post.get("user_deleted") is True or post.get("hidden") is True:
        return Deletion(source=origin.source, native_id=native_id, at=now)
    if post.get("post_type", _WRITTEN) != _WRITTEN:
        return None
    posted_at = moment(post.get("created_at"), now)
    text = words(post.get("raw")) or words(post.get("cooked"), html=True)
    if posted_at is None or not text:
        raise MalformedError("post", "says nothing" if posted_at else "no date")
    topic, number = count(post.get("topic_id")), count(post.get("post_number"))
    return Mention(
        source=origin.source,
        native_id=native_id,
        text=text,
        title=name(post.get("topic_title"), 500) if number == 1 else None,
        posted_at=posted_at,
        author=name(post.get("username")),
        url=f"{base}/t/{topic}/{number}" if topic and number else None,
        channel=origin.channel,
        parent_id=_post_in_topic(topic, post.get("reply_to_post_number")),
        thread_id=f"t{topic}" if topic else None,
        brands=origin.brands,
        engagement=_counts(post, native_id, origin, now),
    )


def _post_in_topic(topic: int | None, number: Any) -> str | None:
    """Discourse names the post answered by its number in the topic, not by its id."""
    return f"t{topic}/{number}" if topic and count(number) else None


def _counts(post: Mapping[str, Any], native_id: str, origin: Origin, now: datetime) -> Engagement:
    likes = count(post.get("like_count"))
    for action in entries(post.get("actions_summary")):
        if inner(action, "id") == _LIKE:
            likes = count(inner(action, "count")) or 0
    replies, views = count(post.get("reply_count")), count(post.get("reads"))
    return Engagement(source=origin.source, native_id=native_id, at=now, replies=replies, likes=likes, views=views)
