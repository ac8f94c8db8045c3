"""Feeds against a web server on 127.0.0.1, through the guarded client."""

import itertools
import json
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.collect import feeds
from listener.collect._feed import NotAFeedError, read_feed
from listener.errors import (
    ForbiddenAddressError,
    GoneError,
    PayloadError,
    RateLimitedError,
    SettingsError,
    UnreachableError,
)
from listener.settings import validated
from listener.types import Checkpoint, Engagement, Event, Mention, Rejection
from tests.collect.fake_http import Answer, Asked, FakeHttp

RSS = """<?xml version="1.0" encoding="{encoding}"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:slash="http://purl.org/rss/1.0/modules/slash/">
<channel><title>A forum</title><link>https://forum.example/</link><language>{language}</language>{items}</channel></rss>"""

ITEM = """<item><title>{title}</title><link>https://forum.example/t/{id}</link><guid isPermaLink="false">{id}</guid>
<description>{text}</description><dc:creator>hanako</dc:creator>
<pubDate>Mon, 02 Nov 2026 10:00:00 +0900</pubDate></item>"""


def item(number: int, text: str = "words", title: str = "A title") -> str:
    return ITEM.format(id=number, text=escape(text), title=escape(title))


def rss(*items: str, encoding: str = "utf-8", language: str = "ja") -> bytes:
    return RSS.format(items="".join(items), encoding=encoding, language=language).encode(encoding)


def options(*urls: str, allow: tuple[str, ...] = (), **more: Any) -> feeds.Options:
    return feeds.Options(name="news", kind="feeds", url=urls, allow=allow, **more)


def poll(chosen: feeds.Options, checkpoint: Mapping[str, Any] | None = None) -> tuple[list[Event], Mapping[str, Any]]:
    """All events of one pass, and the checkpoint to go on from, as it comes back from the store."""
    events = list(feeds.collect(chosen, checkpoint))
    last = [event for event in events if isinstance(event, Checkpoint)][-1]
    return events, json.loads(json.dumps(last.value, sort_keys=True))


def mentions(events: list[Event]) -> list[Mention]:
    return [event for event in events if isinstance(event, Mention)]


def one(web: FakeHttp, body: bytes, **headers: str) -> Mention:
    """The only entry of this document."""
    url = web.answer("/one", Answer(body, headers={name.replace("_", "-"): value for name, value in headers.items()}))
    (found,) = mentions(poll(options(url, allow=(web.address,)))[0])
    return found


# ---------------------------------------------------------------- what an entry says


def test_an_rss_entry_is_a_mention(web: FakeHttp) -> None:
    found = one(web, rss(item(7, "<p>まだ<b>届かない</b>。</p><script>alert(1)</script>", "返金 & 返品")))
    assert found == Mention(
        source="news",
        native_id=found.native_id,
        text="まだ届かない。",
        title="返金 & 返品",
        posted_at=datetime(2026, 11, 2, 1, tzinfo=UTC),
        author="hanako",
        url="https://forum.example/t/7",
        lang="ja",
        channel="rss",
    )
    assert found.native_id.endswith(":7")


def test_settings_of_the_source_reach_its_mentions(web: FakeHttp) -> None:
    url = web.answer("/", Answer(rss(item(1))))
    chosen = options(url, allow=(web.address,), brand="Aozora", channel="forum")
    (found,) = mentions(poll(chosen)[0])
    assert (found.brands, found.channel) == (("Aozora",), "forum")


ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-TW"><title>t</title><id>urn:x</id>
<entry><id>tag:example.org,2026:1</id><title type="html">&lt;b&gt;退款&lt;/b&gt;</title><link href="/posts/1"/>
<author><name>小明</name></author><published>2026-11-02T10:00:00+08:00</published><updated>2026-11-03T00:00:00Z</updated>
<summary>short</summary><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>等了<i>兩週</i></p></div></content>
</entry></feed>"""


def test_an_atom_entry_is_a_mention(web: FakeHttp) -> None:
    found = one(web, ATOM.encode())
    assert (found.native_id, found.title, found.text, found.author) == (
        *("tag:example.org,2026:1", "退款", "等了兩週", "小明"),
    )
    assert (found.url, found.lang) == (web.url("/posts/1"), "zh-TW")
    assert found.posted_at == datetime(2026, 11, 2, 2, tzinfo=UTC)


RDF = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://e.example/">
<title>t</title><dc:language>ja</dc:language></channel><item rdf:about="https://e.example/1"><title>T</title>
<link>https://e.example/1</link><description>本文</description><dc:date>2026-11-02T10:00:00+09:00</dc:date></item></rdf:RDF>"""
OLD = b"""<rss version="0.91"><channel><title>t</title><item><title>T</title><link>https://e.example/1</link>
<description>words</description></item></channel></rss>"""


def test_older_feeds_are_read_too(web: FakeHttp) -> None:
    found = one(web, RDF.encode())
    assert (found.native_id, found.text, found.lang) == ("https://e.example/1", "本文", "ja")
    assert found.posted_at == datetime(2026, 11, 2, 1, tzinfo=UTC)
    found = one(web, OLD)
    assert (found.native_id, found.title, found.text) == ("https://e.example/1", "T", "words")


def test_a_json_feed_is_read(web: FakeHttp) -> None:
    entry = {"id": 3, "url": "/3", "title": "T", "content_html": "<p>a<br>b</p>", "authors": [{"name": "Jo"}]}
    entry["date_published"] = "2026-11-02T10:00:00+09:00"
    items = [entry, "no entry", {"id": "4"}, {"id": "5", "content_text": "\ud800 x", "title": 5, "url": []}]
    feed = {"version": "https://jsonfeed.org/version/1.1", "language": "en", "items": items}
    url = web.answer("/", Answer(json.dumps(feed).encode()))
    events, _ = poll(options(url, allow=(web.address,)))
    first, second = mentions(events)
    assert (first.text, first.title, first.author, first.url) == ("a\nb", "T", "Jo", web.url("/3"))
    assert (first.lang, first.posted_at) == ("en", datetime(2026, 11, 2, 1, tzinfo=UTC))
    assert second.text == "\ufffd x"
    assert [event.reason for event in events if isinstance(event, Rejection)] == [
        "2 entries could not be read or say nothing"
    ]


@pytest.mark.parametrize(
    ("title", "body", "kept"),
    [
        ("Long words that go on", "Long words that go on and on.", None),
        ("Long words that…", "Long words that go on and on.", None),
        ("Long words...", "Long   words\nthat go on.", None),
        ("Another", "Long words", "Another"),
        ("Only a title", "", "Only a title"),
    ],
)
def test_a_title_that_only_repeats_the_post_is_none(web: FakeHttp, title: str, body: str, kept: str | None) -> None:
    assert one(web, rss(item(1, body, title))).title == kept


def test_the_full_content_counts_more_than_the_summary(web: FakeHttp) -> None:
    whole = item(1, "sum").replace("</item>", "<content:encoded><![CDATA[<p>All of it</p>]]></content:encoded></item>")
    assert one(web, rss(whole)).text == "All of it"


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("https://e.example/1?a=1&amp;b=2", "https://e.example/1?a=1&b=2"),
        ("/relative", "{base}/relative"),
        *(("javascript:alert(1)", None), ("data:text/html,x", None), ("https://user:pw@e.example/", None)),
        *(("https://", None), ("http://[", None), ("https://e.example/" + "x" * 3000, None), ("", None)),
    ],
)
def test_links_are_kept_only_if_they_lead_to_the_web(web: FakeHttp, link: str, url: str | None) -> None:
    document = rss(item(1)).replace(b"https://forum.example/t/1", link.encode())
    found = one(web, document)
    assert found.url == (url.format(base=web.url("")) if url else None)


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("jo@e.example (Jo)", "Jo"),
        ("Jo (jo@e.example)", "Jo"),
        ("Jo", "Jo"),
        ("jo@e.example", "jo@e.example"),
        ("  Jo\n Ann ", "Jo Ann"),
        ("", None),
        ("x" * 300, "x" * 199 + "…"),
    ],
)
def test_authors_are_names(web: FakeHttp, author: str, name: str | None) -> None:
    document = rss(item(1)).replace(b"<dc:creator>hanako</dc:creator>", f"<author>{author}</author>".encode())
    assert one(web, document).author == name


def test_the_number_of_comments_is_engagement(web: FakeHttp) -> None:
    document = rss(item(1).replace("</item>", "<slash:comments>12</slash:comments></item>"))
    found = one(web, document)
    assert isinstance(found.engagement, Engagement)
    assert (found.engagement.replies, found.engagement.native_id) == (12, found.native_id)


@pytest.mark.parametrize("date", ["", "soon", "Mon, 02 Nov 1970 10:00:00 GMT", "Mon, 02 Nov 2099 10:00:00 GMT"])
def test_an_entry_without_a_believable_date_is_dated_by_its_first_sight(web: FakeHttp, date: str) -> None:
    undated = item(1).replace("Mon, 02 Nov 2026 10:00:00 +0900", date)
    url = web.answer("/", Answer(rss(undated)), Answer(rss(undated.replace("words", "edited"))))
    chosen = options(url, allow=(web.address,))
    before = datetime.now(UTC) - timedelta(seconds=1)
    events, checkpoint = poll(chosen)
    (first,) = mentions(events)
    assert before <= first.posted_at <= datetime.now(UTC)
    (edited,) = mentions(poll(chosen, checkpoint)[0])
    assert edited.text == "edited"
    assert edited.posted_at == first.posted_at.replace(microsecond=0)


def test_a_date_a_little_ahead_is_the_servers_clock(web: FakeHttp) -> None:
    ahead = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=10)
    document = rss(item(1).replace("Mon, 02 Nov 2026 10:00:00 +0900", format_datetime(ahead)))
    assert one(web, document).posted_at == ahead


# ---------------------------------------------------------------- ids


def ids(*items: str, url: str = "https://e.example/feed") -> list[str]:
    feed = read_feed(rss(*items), "", base=url, name=url)
    return [entry.native_id for entry in feed.entries]


def test_ids_that_mean_something_everywhere_are_kept_and_others_belong_to_their_feed() -> None:
    worldwide = [item(1).replace(">1</guid>", f">{name}</guid>") for name in ("https://e.example/p/1", "tag:e,2026:1")]
    assert ids(*worldwide) == ["https://e.example/p/1", "tag:e,2026:1"]
    assert ids(item(1)) != ids(item(1), url="https://other.example/feed")


def test_without_an_id_of_its_own_an_entry_goes_by_address_then_by_words() -> None:
    shared = [item(n).replace(f">{n}</guid>", ">same</guid>") for n in (1, 2)]
    assert ids(*shared) == ["https://forum.example/t/1", "https://forum.example/t/2"]
    bare = [f"<item><description>{words}</description></item>" for words in ("one", "two")]
    assert len(set(ids(*bare))) == 2
    assert ids(*bare) == ids(*reversed(bare))[::-1]
    (long,) = ids(item(1).replace(">1</guid>", f">https://e.example/{'x' * 5000}</guid>"))
    assert len(long) == 64


# ---------------------------------------------------------------- encodings and faults


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        *(("shift_jis", "返金されない"), ("euc_jp", "返金されない"), ("iso-2022-jp", "返金されない")),
        *(("gb18030", "一直不给退款"), ("big5", "一直不給退款"), ("utf-16", "一直不給退款")),
    ],
)
def test_feeds_in_any_encoding(web: FakeHttp, encoding: str, text: str) -> None:
    assert one(web, rss(item(1, text), encoding=encoding)).text == text


def test_the_header_of_a_careless_server_does_not_garble_the_text(web: FakeHttp) -> None:
    found = one(web, rss(item(1, "返金されない"), encoding="euc_jp"), Content_Type="text/xml; charset=utf-8")
    assert found.text == "返金されない"


def test_characters_that_xml_forbids_do_no_harm(web: FakeHttp) -> None:
    found = one(web, b"\n\n" + rss(item(1, "a@b")).replace(b"@", b"\x00\x08\x1b&#xD800;"))
    assert found.text.replace("\ufffd", "") == "ab"


@pytest.mark.parametrize(
    ("broken", "faults"),
    [
        (rss(item(1), item(2), item(3))[:-150], 1),
        (rss(item(1), item(2, "fine & well", "&").replace("&amp;", "&")), 0),
        (rss(item(1), item(2) + "</nonsense>"), 0),
        (rss(item(1), item(2, "words &undefined; on").replace("&amp;", "&")), 0),
        (rss(item(1), item(2))[:-10], 0),
    ],
    ids=["cut", "ampersand", "end without start", "entity", "no end"],
)
def test_a_broken_feed_gives_its_good_entries(web: FakeHttp, broken: bytes, faults: int) -> None:
    url = web.answer("/", Answer(broken))
    events, _ = poll(options(url, allow=(web.address,)))
    assert [mention.url for mention in mentions(events)] == [
        "https://forum.example/t/1",
        "https://forum.example/t/2",
    ]
    rejected = [event for event in events if isinstance(event, Rejection)]
    assert len(rejected) == faults
    assert all(event.place == "127.0.0.1" for event in rejected)


BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "lol">%s]><rss version="2.0"><channel>
<item><title>&a12;</title><guid>1</guid><description>words</description></item></channel></rss>"""


def test_entities_do_not_explode(web: FakeHttp) -> None:
    entities = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 13))
    found = one(web, BOMB % entities)
    assert found.text == "words"
    assert len(found.title or "") <= 1000


def test_external_entities_are_not_fetched(web: FakeHttp, elsewhere: FakeHttp) -> None:
    document = (
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "%s"><!ENTITY f SYSTEM "file:///etc/passwd">]>' % elsewhere.url().encode()
    )
    found = one(web, document + rss(item(1, "a&e;b&f;c").replace("&amp;", "&")).split(b"?>", 1)[1])
    assert elsewhere.asked == []
    assert "root:" not in found.text


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"<html><body><p>Not found</p></body></html>", b"{}", b'{"items": []}', b"/etc/passwd", b"\xff" * 100),
        *(b"http://127.0.0.1/", b"[" * 100_000, b'{"a":' * 100_000, b"<" * 10_000, b"<![<![x"),
    ],
    ids=lambda body: repr(body[:15]),
)
def test_what_is_no_feed_says_so(web: FakeHttp, body: bytes) -> None:
    url = web.answer("/", Answer(body))
    with pytest.raises(PayloadError, match=r"127\.0\.0\.1 does not answer with a feed") as caught:
        poll(options(url, allow=(web.address,)))
    assert "browser" in caught.value.hint
    assert web.paths() == ["/"]


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=200) | st.text(st.sampled_from("<>/!?[]&;=\"' itemrsdCDATA-{}:"), max_size=200).map(str.encode)
)
def test_any_bytes_are_a_feed_or_none(content: bytes) -> None:
    for document in (content, rss(item(1)) + content, rss(item(1))[:-30] + content):
        try:
            feed = read_feed(document, "text/xml", base="https://e.example/", name="n")
        except NotAFeedError:
            continue
        repr(feed).encode()


def test_bodies_without_end_are_left(web: FakeHttp) -> None:
    packer = zlib.compressobj(9, wbits=31)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()
    endless = web.answer("/endless", Answer(itertools.repeat(b"<item>" * 10_000)))
    large = web.answer("/large", Answer(rss(*[item(n) for n in range(40_000)])))
    bomb = web.answer("/bomb", Answer(packed, headers={"Content-Encoding": "gzip"}))
    good = web.answer("/good", Answer(rss(item(1))))
    found: list[Event] = []
    with pytest.raises(PayloadError, match="over 5 MB"):
        found += feeds.collect(options(endless, large, bomb, good, allow=(web.address,)), None)
    assert web.paths() == ["/endless", "/large", "/bomb", "/good"]


# ---------------------------------------------------------------- polling again


def test_a_feed_that_is_not_modified_gives_nothing(web: FakeHttp) -> None:
    def script(asked: Asked) -> Answer:
        same = asked.headers["If-None-Match"] == '"v1"' and asked.headers["If-Modified-Since"] == "yesterday"
        return Answer(
            b"" if same else rss(item(1)), 304 if same else 200, {"ETag": '"v1"', "Last-Modified": "yesterday"}
        )

    chosen = options(web.answer("/", script), allow=(web.address,))
    events, checkpoint = poll(chosen)
    assert len(mentions(events)) == 1
    events, again = poll(chosen, checkpoint)
    assert [type(event) for event in events] == [Checkpoint]
    assert again == checkpoint
    assert [asked.headers["If-None-Match"] for asked in web.asked] == [None, '"v1"']


def test_only_new_and_edited_entries_come_again(web: FakeHttp) -> None:
    url = web.answer(
        "/",
        Answer(rss(item(1), item(2))),
        Answer(rss(item(1), item(2))),
        Answer(rss(item(3), item(1), item(2, "changed"))),
    )
    chosen = options(url, allow=(web.address,))
    events, checkpoint = poll(chosen)
    assert len(mentions(events)) == 2
    events, checkpoint = poll(chosen, checkpoint)
    assert mentions(events) == []
    events, _ = poll(chosen, checkpoint)
    assert [(mention.url, mention.text) for mention in mentions(events)] == [
        ("https://forum.example/t/3", "words"),
        ("https://forum.example/t/2", "changed"),
    ]


def test_what_is_remembered_stays_small(web: FakeHttp) -> None:
    pages = [rss(*[item(n) for n in range(start, start + 150)]) for start in range(0, 3000, 150)]
    chosen = options(web.answer("/", *map(Answer, pages)), allow=(web.address,))
    checkpoint: Mapping[str, Any] | None = None
    for _ in pages:
        events, checkpoint = poll(chosen, checkpoint)
        assert len(mentions(events)) == 150
    assert len(json.dumps(checkpoint)) < 20_000
    assert mentions(poll(chosen, checkpoint)[0]) == []


def test_a_large_feed_has_checkpoints_within(web: FakeHttp) -> None:
    document = rss(*[item(n, f"number {n}") for n in range(1200)])
    chosen = options(web.answer("/", Answer(document, headers={"ETag": "x"})), allow=(web.address,))
    events = list(feeds.collect(chosen, None))
    middle = events.index(next(event for event in events if isinstance(event, Checkpoint)))
    assert len(mentions(events[:middle])) == 500
    checkpoint = events[middle]
    assert isinstance(checkpoint, Checkpoint)
    rest = mentions(list(feeds.collect(chosen, checkpoint.value)))
    assert [mention.text for mention in rest] == [f"number {n}" for n in range(500, 1200)]
    assert web.asked[-1].headers["If-None-Match"] is None


@pytest.mark.parametrize("saved", [{}, {"x": 1}, None])
def test_a_checkpoint_of_other_settings_is_no_harm(web: FakeHttp, saved: Mapping[str, Any] | None) -> None:
    url = web.answer("/", Answer(rss(item(1))))
    assert len(mentions(poll(options(url, allow=(web.address,)), saved)[0])) == 1


# ---------------------------------------------------------------- several feeds, trouble, settings


def test_one_failing_feed_does_not_stop_the_others(web: FakeHttp) -> None:
    gone = web.answer("/gone", Answer(status=410))
    good = web.answer("/good", Answer(rss(item(1))))
    other = web.answer("/other", Answer(rss(item(1))))
    chosen = options(gone, good, other, allow=(web.address,))
    events: list[Event] = []
    with pytest.raises(GoneError) as caught:
        events.extend(feeds.collect(chosen, None))
    assert caught.value.retry_after == 300
    assert len({mention.native_id for mention in mentions(events)}) == 2
    assert isinstance(events[-1], Checkpoint)
    with pytest.raises(GoneError):
        assert mentions(list(feeds.collect(chosen, events[-1].value))) == []


def test_trouble_with_the_only_feed_is_raised_as_it_is(web: FakeHttp) -> None:
    for answer, error in (
        (Answer(status=404), GoneError),
        (Answer(status=500), UnreachableError),
        (Answer(status=429, headers={"Retry-After": "7"}), RateLimitedError),
    ):
        url = web.answer("/", answer)
        with pytest.raises(error) as caught:
            list(feeds.collect(options(url, allow=(web.address,)), None))
        assert caught.value.retry_after == (7 if error is RateLimitedError else None)
        assert caught.value.source == "news"


def test_a_private_address_is_not_asked_unless_allowed(web: FakeHttp) -> None:
    url = web.answer("/", Answer(rss(item(1))))
    with pytest.raises(ForbiddenAddressError) as caught:
        list(feeds.collect(options(url), None))
    assert web.address in caught.value.hint
    assert web.asked == []


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://e.example/", "https://"),
        ("https://user:pw@e.example/", "without a name and password"),
        ("e.example/feed", "https://"),
        ("http://[", "https://"),
        ([], "at least 1"),
        (5, "valid list"),
        (None, "required"),
    ],
)
def test_settings_that_cannot_work_are_refused(url: object, said: str) -> None:
    table = {"name": "news", "kind": "feeds", **({} if url is None else {"url": url})}
    with pytest.raises(SettingsError, match=said) as caught:
        validated(feeds.Options, table, prefix="sources[0].")
    assert "pw" not in str(caught.value)


def test_one_address_or_several(web: FakeHttp) -> None:
    for given_, kept in (("https://a.example/", 1), (["https://a.example/", "https://b.example/"], 2)):
        assert len(validated(feeds.Options, {"name": "n", "kind": "feeds", "url": given_}).url) == kept
