"""Lemmy: new posts and comments of communities, or of all that a server knows, polled (API v3), no key.

API: https://join-lemmy.org/docs/contributors/04-api.html. `communities` are names as the server shows them
(`support` or `support@other.example`). Without any, the server's whole listing is read and the words are matched here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from listener.collect._api import Api, Server, credential
from listener.collect._pace import shared
from listener.collect._platform import MalformedError, Origin
from listener.collect._poll import Page, Place, Polled, poll
from listener.collect._values import count, identity, inner, link, moment, name, readings, table, words
from listener.collect._words import Words
from listener.errors import GoneError, PayloadError
from listener.settings import Terms
from listener.types import Deletion, Engagement, Event, Mention, Rejection

PER_PAGE: Final = 50
MAX_PAGES: Final = 100
Kind = Literal["post", "comment"]


class Options(Polled):
    """`keywords` (empty: the words of all brands) are matched only where no communities are named."""

    endpoint: Server
    """The server, e.g. https://lemmy.world."""
    communities: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = ()
    keywords: Terms = ()
    local: bool = False
    """Only what was written on this server."""
    posts: bool = True
    comments: bool = True
    token_env: str | None = None
    token_file: str | None = None
    """A login's JWT, for servers that are not public."""
    channel: str | None = "forum"
    requests_per_minute: int = 60


def collect(options: Options, checkpoint: Mapping[str, Any] | None) -> Iterator[Event]:
    """One pass over all listings. Raises SourceError when one cannot be read."""
    api = _api(options)
    wanted = Words(() if options.communities else options.keywords)
    kinds: list[Kind] = [kind for kind, on in _switches(options) if on]
    places = [
        Place(
            f"{kind}/{community}",
            f"{kind}s of {community or 'all'}",
            partial(_pages, api, options, kind, community, wanted),
        )
        for community in options.communities or ("",)
        for kind in kinds
    ]
    yield from poll(options, checkpoint, places)


def _switches(options: Options) -> tuple[tuple[Kind, bool], ...]:
    return ("post", options.posts), ("comment", options.comments)


def refresh(options: Options, ids: Sequence[str]) -> Iterator[Event]:
    """Posts and comments as they are now; one that is gone is a Deletion."""
    api, now = _api(options), datetime.now(UTC)
    for native_id in ids:
        kind, _, number = native_id.partition("/")
        try:
            answer = api.get(f"api/v3/{kind}", {"id": number}) if number.isdigit() else None
        except GoneError:
            answer = None
        view = inner(answer, f"{kind}_view")
        if view is None:
            yield Deletion(source=options.name, native_id=native_id, at=now)
        else:
            yield from readings([view], partial(_read, kind=kind, origin=_origin(options), now=now), options.name)


def _api(options: Options) -> Api:
    token = credential(options.name, "token", env=options.token_env, file=options.token_file)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    pace = shared(options.endpoint, token, options.requests_per_minute)
    # Lemmy says 400 with `couldnt_find_post` for what is not there.
    return Api(options.name, options.endpoint, pace, options.allow, headers, answers=(400, 404), explain=_explained)


def _explained(source: str, status: int, content: Any) -> GoneError | None:
    said = inner(content, "error")
    if status == 404 or (isinstance(said, str) and said.startswith(("couldnt_find", "not_found", "couldnt_get"))):
        return GoneError(source, "the server knows no such community or post", hint="Check `communities`.")
    return None


def _origin(options: Options) -> Origin:
    return Origin.of(options, "forum")


def _pages(api: Api, options: Options, kind: Kind, community: str, wanted: Words, _since: datetime) -> Iterator[Page]:
    base = {"sort": "New", "limit": str(PER_PAGE), "type_": "Local" if options.local else "All"}
    base |= {"community_name": community} if community else {}
    cursor: str | None = None
    for page in range(1, MAX_PAGES + 1):
        # Servers since 0.19 give posts a cursor; a page's number is what all know.
        where = {"page_cursor": cursor} if cursor else {"page": str(page)}
        answer = api.get(f"api/v3/{kind}/list", {**base, **where})
        views = inner(answer, f"{kind}s")
        if not isinstance(views, list):
            raise PayloadError(options.name, "the server answers without a list", hint="Is it a Lemmy server?")
        yield list(_events(views, kind, options, wanted))
        given = inner(answer, "next_page")
        cursor = given if isinstance(given, str) else None
        if not views or (cursor is None and len(views) < PER_PAGE):
            return
    yield [Rejection(source=options.name, place=kind, reason="more was posted than one pass reads")]


def _events(
    views: Sequence[Any], kind: Kind, options: Options, wanted: Words
) -> Iterator[Mention | Deletion | Rejection]:
    now = datetime.now(UTC)
    # Pinned posts stand first whatever their age; the order is what ends the walk.
    plain = [view for view in views if not _pinned(view)]
    pinned = [view for view in views if _pinned(view)]
    for found in readings([*pinned, *plain], partial(_read, kind=kind, origin=_origin(options), now=now), options.name):
        if not isinstance(found, Mention) or wanted.within(f"{found.title or ''}\n{found.text}"):
            yield found


def _pinned(view: Any) -> bool:
    post = inner(view, "post")
    return bool(inner(post, "featured_community") or inner(post, "featured_local"))


def _read(item: Any, *, kind: str, origin: Origin, now: datetime) -> Mention | Deletion:
    """One post or comment view. Raises MalformedError."""
    view = table(item, kind)
    thing = table(view.get(kind), kind)
    native_id = f"{kind}/{identity(thing.get('id'), kind)}"
    if thing.get("deleted") is True or thing.get("removed") is True:
        return Deletion(source=origin.source, native_id=native_id, at=now)
    posted_at = moment(thing.get("published"), now)
    if posted_at is None:
        raise MalformedError(kind, "no date")
    title = name(thing.get("name"), 500) if kind == "post" else None
    text = words(thing.get("body") if kind == "post" else thing.get("content"))
    if not title and not text:
        raise MalformedError(kind, "says nothing")
    return Mention(
        source=origin.source,
        native_id=native_id,
        text=text,
        title=title,
        posted_at=posted_at,
        author=_handle(view.get("creator")),
        url=link(thing.get("ap_id")),
        channel=origin.channel,
        parent_id=_parent(thing) if kind == "comment" else None,
        thread_id=f"post/{identity(thing.get('post_id'), kind)}" if kind == "comment" else native_id,
        brands=origin.brands,
        engagement=_counts(view.get("counts"), native_id, origin, now),
    )


def _handle(creator: Any) -> str | None:
    """`name@server`: names are unique only on their own server."""
    handle, actor = name(inner(creator, "name")), link(inner(creator, "actor_id"))
    return f"{handle}@{actor.split('/')[2]}" if handle and actor else handle


def _parent(comment: Mapping[str, Any]) -> str | None:
    """`path` is "0.12.34": the ids from the post down to the comment itself."""
    path = [part for part in str(comment.get("path") or "").split(".") if part.isdigit()]
    if len(path) > 2:
        return f"comment/{path[-2]}"
    post = count(comment.get("post_id"))
    return None if post is None else f"post/{post}"


def _counts(counts: Any, native_id: str, origin: Origin, now: datetime) -> Engagement | None:
    replies = count(inner(counts, "comments")) if native_id.startswith("post/") else count(inner(counts, "child_count"))
    likes = count(inner(counts, "upvotes"))
    if replies is None and likes is None:
        return None
    return Engagement(source=origin.source, native_id=native_id, at=now, replies=replies, likes=likes)
