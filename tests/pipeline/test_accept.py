"""A batch of events into the store: idempotent, in one transaction, repeats folded, groups formed, answers seen."""

import random
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listener import desk
from listener.pipeline import accept as module
from listener.pipeline.tidy import MAX_ID, MAX_TEXT
from listener.store import Store
from listener.store.rows import MentionRow
from listener.types import Checkpoint, Deletion, Engagement, Mention, Rejection
from tests.store.seed import NOW, alert_for, found, mention, open_all, score_all, take

LONG = "I have been waiting three weeks for my parcel and nobody at Acme answers the phone or my mails"
JA = "つながらない"


def rows(store: Store) -> list[MentionRow]:
    with store.read() as tx:
        return sorted(tx.mentions.by_ids(range(1, 200)).values(), key=lambda row: row.id)


# ------------------------------------------------------------------ new, same, edited


def test_what_is_new_is_stored_whole(store: Store) -> None:
    posted = NOW - timedelta(minutes=3)
    done = take(
        store,
        mention(
            "1",
            "body",
            title=" Title ",
            author="Aiko",
            url="https://example.com/1",
            lang="ja",
            channel="rss",
            parent_id="p",
            thread_id="t",
            posted_at=posted,
        ),
        match=lambda text: ("Acme",) if text == "Title\nbody" else (),
    )
    assert (done.new, done.unchanged, done.lag_s) == (1, 0, 180.0)
    row = found(store, "1")
    assert (row.title, row.text, row.author, row.url) == ("Title", "body", "Aiko", "https://example.com/1")
    assert (row.lang_hint, row.channel, row.parent_id, row.thread_id) == ("ja", "rss", "p", "t")
    assert (row.posted_at, row.collected_at, row.updated_at, row.revision) == (posted, NOW, None, 0)
    assert row.brands == ("Acme",)


def test_the_same_again_changes_nothing(store: Store) -> None:
    take(store, mention("1"))
    before = rows(store)
    done = take(store, mention("1"), mention("1"), now=NOW + timedelta(days=1))
    assert (done.new, done.updated, done.unchanged, done.lag_s) == (0, 0, 2, None)
    assert rows(store) == before


def test_another_text_is_an_edit_and_the_old_one_is_kept(store: Store) -> None:
    take(store, mention("1", "first", title="T"))
    later = NOW + timedelta(minutes=1)
    done = take(store, mention("1", "second", title="T", brands=("Acme",)), now=later)
    assert (done.new, done.updated) == (0, 1)
    row = found(store, "1")
    assert (row.text, row.revision, row.updated_at, row.brands) == ("second", 1, later, ("Acme",))
    with store.read() as tx:
        (old,) = tx.mentions.versions(row.id)
    assert (old.title, old.text, old.replaced_at) == ("T", "first", later)


def test_edits_within_one_batch_are_taken_in_order(store: Store) -> None:
    done = take(store, mention("1", "a"), mention("1", "b"), mention("1", "b"), mention("1", "c"))
    assert (done.new, done.updated, done.unchanged) == (1, 2, 1)
    take(store, mention("1", "d"), mention("1", "e"))
    assert found(store, "1").text == "e"
    with store.read() as tx:
        assert [old.text for old in tx.mentions.versions(1)] == ["a", "b", "c", "d"]
        assert tx.search.find("e") == [1]
        assert tx.search.find("d") == tx.search.find("a") == []


def test_one_id_in_two_sources_is_two_mentions(store: Store) -> None:
    assert take(store, mention("1", source="s"), mention("1", source="t")).new == 2


def test_create_edit_and_delete_in_one_batch(store: Store) -> None:
    gone = Deletion(source="s", native_id="1", at=NOW)
    done = take(store, mention("1", "a"), mention("1", "b"), gone, mention("1", "c"))
    assert (done.new, done.updated, done.deleted, done.unchanged) == (1, 1, 1, 1)
    row = found(store, "1")
    assert (row.text, row.deleted_at) == ("", NOW)
    with store.read() as tx:
        assert tx.mentions.versions(1) == ()
        assert list(tx.mentions.iterate()) == []
    take(store, mention("2", "a", author="x"), mention("2", "b", author="x"), mention("3", "z", author="y"))
    assert (found(store, "2").text, found(store, "3").text) == ("b", "z")


# ------------------------------------------------------------------ hostile values


def test_what_cannot_be_stored_is_replaced(store: Store) -> None:
    take(store, mention("a\x00\ud800", "te\x00xt \ud83d", author="\udcffx", title="\x00", lang="\ud800"))
    (row,) = rows(store)
    assert (row.native_id, row.text, row.author, row.title) == (
        "a\ufffd\ufffd",
        "te\ufffdxt \ufffd",
        "\ufffdx",
        "\ufffd",
    )
    assert take(store, mention("a\x00\ud800", "te\x00xt \ud83d", title="\x00")).unchanged == 1
    assert take(store, Deletion(source="s", native_id="a\x00\ud800", at=NOW)).deleted == 1


def test_equal_texts_are_equal_in_any_normal_form(store: Store) -> None:
    take(store, mention("1", "がらす"))
    assert take(store, mention("1", "か\u3099らす")).unchanged == 1


def test_too_long_is_cut_and_counted(store: Store) -> None:
    done = take(store, mention("x" * 5000, "返" * (MAX_TEXT + 1)))
    assert (done.new, done.truncated) == (1, 1)
    (row,) = rows(store)
    assert len(row.text) == MAX_TEXT
    assert len(row.native_id) <= MAX_ID
    assert take(store, mention("x" * 5000, "返" * (MAX_TEXT + 9))).unchanged == 1
    assert take(store, mention("x" * 5001, "other")).new == 1


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "ftp://example.com",
        "//example.com",
        "https://",
        "https://e.com/\n",
        "http://[bad",
        "",
        "x" * 9999,
    ],
)
def test_only_web_addresses_are_kept(store: Store, url: str) -> None:
    take(store, mention("1", url=url))
    assert found(store, "1").url is None


@pytest.mark.parametrize(
    "posted_at",
    [
        NOW + timedelta(hours=1),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
        datetime.min.replace(tzinfo=UTC),
    ],
)
def test_times_that_cannot_be_true_become_now(store: Store, posted_at: datetime) -> None:
    done = take(store, mention("1", posted_at=posted_at))
    assert done.clamped == 1
    assert found(store, "1").posted_at == NOW
    assert done.lag_s == 0


def test_a_clock_slightly_ahead_is_believed(store: Store) -> None:
    ahead = NOW + timedelta(minutes=4)
    assert take(store, mention("1", posted_at=ahead)).clamped == 0
    assert found(store, "1").posted_at == ahead


def test_counts_beyond_reason_are_not_told(store: Store) -> None:
    take(store, mention("1"), Engagement(source="s", native_id="1", at=NOW, likes=2**70, views=-1, shares=3))
    with store.read() as tx:
        (counts,) = tx.engagements.series(1)
    assert (counts.likes, counts.views, counts.shares) == (None, None, 3)


# ------------------------------------------------------------------ repeats


def test_the_same_author_repeating_folds_into_the_first(store: Store) -> None:
    done = take(
        store,
        mention("1", JA, author="aiko"),
        mention("2", JA + "！！ https://t.co/x", author="@Aiko", source="t"),
        mention("3", LONG, author="bob"),
        mention("4", LONG + " !!", author="bob"),
    )
    assert (done.new, done.folded) == (4, 2)
    assert [row.folded_into for row in rows(store)] == [None, 1, None, 3]
    later = take(store, mention("5", JA, author="aiko"))
    assert later.folded == 1
    assert found(store, "5").folded_into == 1


def test_fifty_people_with_the_same_words_are_fifty_mentions(store: Store) -> None:
    done = take(store, *(mention(str(n), JA, author=f"user{n}") for n in range(50)))
    assert (done.new, done.folded) == (50, 0)
    assert {row.copy_group for row in rows(store)} == {None}


def test_nobody_in_particular_is_not_one_author(store: Store) -> None:
    done = take(
        store,
        *(mention(str(n), JA, author="A Google user") for n in range(3)),
        *(mention(f"x{n}", JA) for n in range(3)),
    )
    assert done.folded == 0


def test_long_equal_texts_of_different_authors_form_a_group(store: Store) -> None:
    take(store, mention("1", LONG, author="a"), mention("2", LONG.upper(), author="b"))
    take(
        store, mention("3", LONG + " please help", author="c"), mention("4", "Something else entirely " * 4, author="d")
    )
    assert [row.copy_group for row in rows(store)] == [1, 1, 1, None]
    score_all(store)
    with store.read() as tx:
        assert [one.copy_group_size for one in tx.alerts.pending(10)] == [3, 3, 3, 1]


def test_folds_into_its_authors_first_while_grouping_with_others(store: Store) -> None:
    take(store, mention("1", LONG, author="a"), mention("2", LONG, author="b"), mention("3", LONG, author="b"))
    assert [(row.folded_into, row.copy_group) for row in rows(store)] == [(None, 1), (None, 1), (2, None)]


def test_an_explicit_repost_folds_into_its_original_or_that_ones_root(store: Store) -> None:
    take(store, mention("1", "original", author="a"), mention("2", "RT", author="b", repost_of="1"))
    take(
        store, mention("3", "RT RT", author="c", repost_of="2"), mention("4", "RT what?", author="d", repost_of="none")
    )
    assert [row.folded_into for row in rows(store)] == [None, 1, 1, None]
    with store.read() as tx:
        assert [one.mention_id for one in tx.verdicts.pending(10)] == [1, 4]


def test_old_words_again_are_a_new_mention(store: Store) -> None:
    take(store, mention("1", JA, author="a", posted_at=NOW - timedelta(days=3)))
    take(store, mention("2", JA, author="a"))
    take(store, mention("3", LONG, author="b", posted_at=NOW - timedelta(days=31)))
    take(store, mention("4", LONG, author="b"), mention("5", LONG, author="b", posted_at=NOW - timedelta(days=1)))
    assert [row.folded_into for row in rows(store)] == [None, None, None, None, 4]


def test_an_edited_repeat_that_says_something_else_stands_alone(store: Store) -> None:
    take(store, mention("1", LONG, author="a"), mention("2", LONG, author="a"), mention("3", LONG, author="a"))
    take(store, mention("2", LONG + ".", author="a"), mention("3", "Now they even charged me twice", author="a"))
    assert [row.folded_into for row in rows(store)] == [None, 1, None]
    with store.read() as tx:
        assert [one.mention_id for one in tx.verdicts.pending(10)] == [1, 3]


def test_an_edited_first_one_keeps_its_repeats(store: Store) -> None:
    take(store, mention("1", LONG, author="a"), mention("2", LONG, author="a"))
    take(store, mention("1", "Solved, thank you", author="a"), mention("3", LONG, author="a"))
    assert [row.folded_into for row in rows(store)] == [None, 1, None]


def test_a_deleted_first_one_leaves_its_repeats_folded_and_takes_no_more(store: Store) -> None:
    take(store, mention("1", LONG, author="a"), mention("2", LONG, author="a"))
    take(store, Deletion(source="s", native_id="1", at=NOW), mention("3", LONG, author="a"))
    assert [row.folded_into for row in rows(store)] == [None, 1, None]
    assert found(store, "2").text == LONG


def test_an_edit_leaves_or_joins_a_group(store: Store) -> None:
    take(
        store,
        mention("1", LONG, author="a"),
        mention("2", LONG, author="b"),
        mention("3", "Some other thing", author="c"),
    )
    take(store, mention("2", "It has come, all is well now, thank you very much for it", author="b"))
    take(store, mention("3", LONG, author="c"))
    assert [row.copy_group for row in rows(store)] == [1, None, 1]
    take(store, mention("4", "It has come, all is well now, thank you very much for it", author="d"))
    assert [row.copy_group for row in rows(store)] == [1, 2, 1, 2]


def test_nothing_is_ever_folded_into_a_folded_one(store: Store) -> None:
    rnd = random.Random(7)
    texts = [LONG, LONG + " now", JA, "Something else entirely " * 4]
    for _ in range(12):
        events: list[Any] = []
        for _ in range(10):
            number = str(rnd.randint(1, 40))
            if rnd.random() < 0.15:
                events.append(Deletion(source="s", native_id=number, at=NOW))
            else:
                repost = str(rnd.randint(1, 40)) if rnd.random() < 0.2 else None
                events.append(mention(number, rnd.choice(texts), author=f"a{rnd.randint(1, 4)}", repost_of=repost))
        take(store, *events)
    by_id = {row.id: row for row in rows(store)}
    folded = [row for row in by_id.values() if row.folded_into is not None]
    assert folded
    assert all(by_id[row.folded_into].folded_into is None for row in folded if row.folded_into is not None)
    assert all(row.folded_into < row.id for row in folded if row.folded_into is not None)


# ------------------------------------------------------------------ brands, staff


def test_brands_are_what_the_source_says_then_what_the_words_say(store: Store) -> None:
    take(store, mention("1", brands=("Globex", "Acme")), match=lambda _: ("Acme", "Initech"))
    assert found(store, "1").brands == ("Globex", "Acme", "Initech")
    take(store, mention("2", "nothing of ours", author="x"))
    assert found(store, "2").brands == ()


def test_staff_are_known_however_written_and_never_folded(store: Store) -> None:
    take(
        store,
        mention("1", LONG, author="@ACME_Help"),
        mention("2", LONG, author="acme_help"),
        mention("3", LONG, author="customer1"),
        own=["acme_help"],
    )
    assert [(row.own, row.folded_into, row.copy_group) for row in rows(store)] == [
        (True, None, None),
        (True, None, None),
        (False, None, None),
    ]


@pytest.mark.parametrize("place", ["parent_id", "thread_id"])
def test_a_public_answer_is_the_first_response(store: Store, place: str) -> None:
    alert_id = alert_for(store, "1", "help", author="a")
    answered = NOW - timedelta(minutes=1)
    reply = mention("9", "Sorry!", author="acme", posted_at=answered, **{place: "1"})
    other = mention("8", "same here", author="b", posted_at=answered, **{place: "1"})
    take(store, other, reply, own=["@acme"])
    case = desk.case(store, alert_id)
    assert case.alert.first_response_at == answered
    (event,) = [event for event in case.history if event.kind == "first_response"]
    assert (event.actor, event.data) == ("own-account", {"mention": found(store, "9").id})
    assert [(one.native_id, one.own) for one in case.replies] == [("8", False), ("9", True)]
    take(store, mention("10", "Still there?", author="acme", parent_id="1", posted_at=NOW), own=["acme"])
    assert desk.case(store, alert_id).alert.first_response_at == answered


def test_an_answer_that_came_before_the_alert_counts_too(store: Store) -> None:
    reply = mention("9", "Sorry!", author="acme", parent_id="1", posted_at=NOW - timedelta(minutes=1))
    take(store, reply, own=["acme"])
    take(store, mention("1", "help", author="a"))
    score_all(store)
    (alert_id,) = open_all(store).values()
    alert = desk.case(store, alert_id).alert
    assert alert.first_response_at == NOW - timedelta(minutes=1)


def test_an_older_post_or_one_elsewhere_is_no_answer(store: Store) -> None:
    alert_id = alert_for(store, "1", "help", author="a")
    take(
        store,
        mention("8", "News!", author="acme", thread_id="1", posted_at=NOW - timedelta(days=1)),
        mention("9", "Sorry!", author="acme", parent_id="1", source="elsewhere"),
        own=["acme"],
    )
    assert desk.case(store, alert_id).alert.first_response_at is None


# ------------------------------------------------------------------ the rest


def test_engagement_of_known_mentions_is_kept_once(store: Store) -> None:
    counts = Engagement(source="s", native_id="1", at=NOW, likes=3)
    take(store, mention("1", engagement=counts), counts, Engagement(source="s", native_id="unknown", at=NOW, likes=1))
    later = Engagement(source="s", native_id="1", at=NOW + timedelta(hours=1), likes=4)
    take(store, later)
    take(store, counts)
    with store.read() as tx:
        assert tx.engagements.series(1) == (counts, later)


def test_counts_and_checkpoints_go_by_source(store: Store) -> None:
    posted = NOW - timedelta(minutes=5)
    done = take(
        store,
        mention("1", author="a"),
        Checkpoint(source="s", value={"at": 1}),
        mention("2", author="a"),
        Rejection(source="t", place="t:1", reason="not JSON"),
        Checkpoint(source="s", value={"at": 2}, caught_up=True),
    )
    assert (done.new, done.folded, done.rejected) == (2, 1, 1)
    with store.read() as tx:
        one, other = tx.sources.all()
        assert tx.sources.checkpoint("s") == {"at": 2}
        assert tx.sources.checkpoint("t") is None
    assert (one.source, one.new, one.folded, one.rejected, one.last_item_at, one.lag_s) == ("s", 2, 1, 0, posted, 300.0)
    assert (one.state, one.last_ok_at) == ("listening", NOW)
    assert (other.source, other.rejected, other.state) == ("t", 1, "new")


def test_a_checkpoint_ends_blindness_but_not_the_plan(store: Store) -> None:
    with store.write() as tx:
        tx.sources.failed("s", NOW, code="auth", error="refused", next_poll_at=NOW)
    take(store, Checkpoint(source="s", value={}))
    with store.read() as tx:
        row = tx.sources.get("s")
    assert row is not None
    assert (row.state, row.blind_since, row.error, row.next_poll_at) == ("listening", None, None, NOW)


def test_nothing_is_kept_of_a_batch_that_breaks(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    take(store, mention("0", "before"), Checkpoint(source="s", value={"at": 0}))

    class KilledError(Exception):
        pass

    def killed(*_: Any) -> None:
        raise KilledError

    batch = [mention("1", author="x"), mention("0", "edited"), Checkpoint(source="s", value={"at": 1})]
    monkeypatch.setattr(module, "_write_engagements", killed)  # mentions are written by then
    with pytest.raises(KilledError):
        take(store, *batch)
    with store.read() as tx:
        assert tx.mentions.count() == 1
        assert tx.sources.checkpoint("s") == {"at": 0}
        assert tx.search.find("edited") == []
    monkeypatch.undo()
    assert take(store, *batch).new == 1
    with store.read() as tx:
        assert tx.sources.checkpoint("s") == {"at": 1}


def test_threads_may_accept_at_once(store: Store) -> None:
    def bring(source: str) -> None:
        for start in range(0, 60, 10):
            take(
                store,
                *(mention(str(n), f"text {n}", source=source, author=f"{source}{n}") for n in range(start, start + 10)),
            )

    threads = [threading.Thread(target=bring, args=(f"s{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as tx:
        assert tx.mentions.count() == 240
        assert len(tx.search.find("text", 1000)) == 240
        assert [row.new for row in tx.sources.all()] == [60] * 4


def test_an_empty_batch_is_nothing(store: Store) -> None:
    assert take(store).new == 0


_POSTS = st.lists(
    st.builds(
        lambda number, author: mention(str(number), f"text of {number} " + "返金" * (number % 30), author=author),
        st.integers(0, 30),
        st.sampled_from(["a", "b", None]),
    ),
    max_size=25,
)


def content(store: Store) -> set[tuple[Any, ...]]:
    with store.read() as tx:
        stored = tx.mentions.by_ids(range(1, 100)).values()
        return {
            (row.native_id, row.text, row.text_sha256, row.revision, tuple(tx.search.find(row.text)) != ())
            for row in stored
        }


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(posts=_POSTS, data=st.data())
def test_order_repetition_and_batching_make_no_difference(
    tmp_path_factory: pytest.TempPathFactory, posts: Sequence[Mention], data: st.DataObject
) -> None:
    """Posts of one id are the same here; the same ones in any order, twice over, in any batches: the same store."""
    unique = list({post.native_id: post for post in posts}.values())
    shuffled = data.draw(st.permutations([*unique, *unique]))
    cut = data.draw(st.integers(0, len(shuffled)))
    base: Path = tmp_path_factory.mktemp("accept")
    with Store.open(base / "one.db") as one, Store.open(base / "other.db") as other:
        first = take(one, *unique)
        second = [take(other, *shuffled[:cut]), take(other, *shuffled[cut:])]
        assert content(one) == content(other)
        assert first.new == sum(done.new for done in second) == len(unique)
        assert sum(done.unchanged for done in second) == len(unique)
