"""An erased author is nowhere: not in the database, its log or the home; held posts stay and are named."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from listener import desk
from listener.desk import Actor, turning
from listener.errors import UsageError
from listener.pipeline.accept import accept
from listener.pipeline.advance import WALL
from listener.pipeline.early import Memory, watch
from listener.pipeline.erase import erase_author, wipe
from listener.settings import Brand, Settings
from listener.store import Store
from listener.store.erasure import erased_id
from listener.types import Engagement, Label
from tests.store.seed import NOW, alert_for, found, mention, open_all, score_all, take

AUTHOR = "did:plc:q7zwanderer"
WORD = "xq" + secrets.token_hex(6)
KANJI = "鬱蒼纏綿"
SECRETS = (AUTHOR, "q7zwanderer", WORD[3:], KANJI)
"""The index stores a word without what it has in common with its neighbour, hence only their ends."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    with Store.open(home / "listener.db") as opened:
        yield opened


def address(number: int, author: str = AUTHOR) -> str:
    return f"at://{author}/app.bsky.feed.post/{number}"


def post(number: int, text: str, **more: Any) -> Any:
    given = {"author": AUTHOR, "url": f"https://example.com/{AUTHOR}/{number}", **more}
    return mention(address(number, given["author"] or AUTHOR), text, **given)


def fill(store: Store) -> int:
    """Posts, edits, answers, notes, labels and counts; the number of the alert."""
    take(store, post(1, f"first words {WORD} {KANJI}", title=f"T {WORD}"))
    take(store, post(1, f"other words {WORD} {KANJI} now edited a bit longer", title=f"T {WORD}"))
    counts = Engagement(source="s", native_id=address(1), at=NOW, likes=4, followers=77)
    take(store, counts, post(2, f"second post {KANJI} {WORD}"))
    answer = mention("r1", "an answer of somebody else", author="other", parent_id=address(1), thread_id=address(1))
    take(store, answer, mention("o1", "a quiet day for everybody", author="other"))
    score_all(store)
    open_all(store)
    with store.read() as tx:
        mine = tx.mentions.find("s", address(1))
        other = tx.mentions.find("s", "o1")
        assert mine is not None and other is not None  # noqa: PT018
        alerts = tx.alerts.of_mentions([mine.id, other.id])
        sha = mine.text_sha256
    with store.write() as tx:
        tx.labels.add(Label(text_sha256=sha, who="Aiko", at=NOW, origin="board:dismiss", complaint=0))
        tx.labels.add(Label(text_sha256="f" * 64, who="Aiko", at=NOW, origin="board:dismiss", complaint=0))
        tx.exports.add(NOW, "Mei", "labels", 2, "/elsewhere/elsewhere.csv")
    actor = Actor("Aiko")
    desk.add_note(store, alerts[mine.id].id, actor, NOW, "called them back")
    desk.add_note(store, alerts[other.id].id, actor, NOW, f"compare with {AUTHOR.upper()}")
    desk.add_note(store, alerts[other.id].id, actor, NOW, f"they wrote: «other words {WORD} {KANJI} now»")
    desk.add_note(store, alerts[other.id].id, actor, NOW, "a harmless note")
    desk.claim(store, alerts[mine.id].id, actor, NOW)
    turning.keep_draft(store, alerts[mine.id].id, actor, NOW, f"Dear {AUTHOR}, {WORD}")
    turning.keep_draft(store, alerts[other.id].id, actor, NOW, "Dear customer")
    return alerts[other.id].id


def everything(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())


def test_every_trace_is_gone_down_to_the_bytes(store: Store, home: Path) -> None:
    other = fill(store)
    before = everything(home)
    assert all(secret.encode() in before for secret in SECRETS), "the test looks for the wrong bytes"

    done = erase_author(store, "@" + AUTHOR.upper(), None, "Mei", NOW)
    assert (done.posts, done.labels, done.notes, done.cases, done.held, done.wiped) == (2, 1, 4, 2, {}, True)
    assert [export["file"] for export in done.exports] == ["/elsewhere/elsewhere.csv"]
    assert {secret for secret in SECRETS if secret.encode() in everything(home)} == set()

    with store.read() as tx:
        assert [label.text_sha256 for label in tx.labels.all()] == ["f" * 64]
        assert tx.audit.broken_at() is None
        (row,) = tx.audit.last(1)
        assert (row.verb, row.actor, sorted(row.data)) == ("erase", "Mei", ["labels", "mentions", "notes"])
        assert len(tx.search.find("quiet")) == 1
    assert [note.text.strip() for note in desk.case(store, other).notes] == ["", "", "a harmless note"]
    assert turning.draft(store, other, Actor("Aiko")) == "Dear customer"
    answer = found(store, "r1")
    assert answer.parent_id == answer.thread_id
    assert (answer.parent_id or "").startswith("erased:")


def test_exports_that_lie_in_the_home_lose_their_rows(store: Store, home: Path) -> None:
    fill(store)
    sha = found(store, address(1)).text_sha256
    inside, outside = home / "labels.csv", home.parent / f"{home.name}-out.jsonl"
    inside.write_text(f"text_sha256,complaint\n{sha},1\n{'f' * 64},0\n")
    outside.write_text(f'{{"id": "{sha}", "text": "{WORD}"}}\n')
    with store.write() as tx:
        tx.exports.add(NOW, "Mei", "labels", 2, str(inside))
        tx.exports.add(NOW, "Mei", "texts", 1, str(outside))
        tx.exports.add(NOW, "Mei", "texts", 1, str(home / "gone.jsonl"))
    before = inside.read_text()
    erase_author(store, AUTHOR, None, "Mei", NOW, dry_run=True)
    assert inside.read_text() == before
    done = erase_author(store, AUTHOR, None, "Mei", NOW)
    assert inside.read_text() == f"text_sha256,complaint\n{'f' * 64},0\n"
    assert WORD in outside.read_text(), "what lies elsewhere is for people to erase"
    assert {Path(one["file"]).name: one["erased_rows"] for one in done.exports} == {
        **{inside.name: 1, outside.name: 0, "gone.jsonl": 0},
        "elsewhere.csv": 0,
    }


def test_twice_is_once_and_what_was_erased_does_not_come_back(store: Store, home: Path) -> None:
    fill(store)
    erase_author(store, AUTHOR, None, "Mei", NOW)
    again = erase_author(store, AUTHOR, None, "Mei", NOW)
    assert (again.posts, again.labels, again.notes, again.exports) == (0, 0, 0, [])
    repost = mention("rp", f"first words {WORD} {KANJI}", author="echo", repost_of=address(1))
    replayed = take(store, post(1, f"first words {WORD} {KANJI}"), post(2, f"second {WORD}"), repost)
    assert (replayed.new, replayed.updated) == (0, 0)
    take(store, mention("r2", "a late answer", author="other", parent_id=address(2)))
    with store.read() as tx:
        assert len([row for row in tx.audit.last(9) if row.verb == "erase"]) == 1
    assert erase_author(store, AUTHOR, None, "Mei", NOW).wiped
    assert {secret for secret in SECRETS if secret.encode() in everything(home)} == set()


def test_a_dry_run_changes_nothing(store: Store, home: Path) -> None:
    fill(store)
    done = erase_author(store, AUTHOR, None, "Mei", NOW, dry_run=True)
    assert (done.posts, done.labels, done.notes, done.wiped) == (2, 1, 4, None)
    assert WORD in found(store, address(1)).text
    with store.read() as tx:
        assert tx.labels.count() == 2
        assert tx.state.get("erase.pending") is None


def test_a_hold_wins_and_is_named(store: Store) -> None:
    fill(store)
    with store.write() as tx:
        row = tx.mentions.find("s", address(2))
        assert row is not None
        hold = tx.holds.add("mention", "court 12/3", "Ken", NOW, mention_id=row.id)
    done = erase_author(store, AUTHOR, None, "Mei", NOW)
    assert (done.posts, done.held) == (1, {hold: 1})
    assert WORD in found(store, address(2)).text
    with store.write() as tx:
        assert tx.holds.lift(hold, "Ken", NOW)
    assert erase_author(store, AUTHOR, None, "Mei", NOW).posts == 1


def test_reposts_of_their_words_go_too_and_other_sources_stay(store: Store) -> None:
    take(store, post(1, f"words {WORD}"))
    take(store, mention("rp", f"words {WORD}", author="echo", repost_of=address(1), posted_at=NOW))
    take(store, mention("t1", f"elsewhere {WORD}", source="t", author=AUTHOR))
    assert erase_author(store, AUTHOR, "s", "Mei", NOW).posts == 2
    assert found(store, erased_id("s", "rp")).text == ""
    assert WORD in found(store, "t1", "t").text


def test_a_name_is_found_as_a_word_not_in_others(store: Store) -> None:
    alert = alert_for(store, "1", "a post of somebody", author="somebody")
    take(store, mention("2", "short", author="Al"))
    for text in ("we also called", "AL was rude", "ask @al!", "alarm"):
        desk.add_note(store, alert, Actor("Aiko"), NOW, text)
    assert erase_author(store, "al", None, "Mei", NOW).notes == 2
    assert [note.text.strip() for note in desk.case(store, alert).notes] == ["we also called", "", "", "alarm"]


def test_a_reader_only_delays_the_wiping(store: Store, home: Path) -> None:
    fill(store)
    with store.write() as tx:
        tx.state.put("erase.pending", True, NOW)
    with store.read() as tx:
        assert tx.mentions.count()
        with store.write() as other:
            other.state.put("x", 1, NOW)
        assert not wipe(store, seconds=0.1)
    assert wipe(store)
    with store.read() as tx:
        assert tx.state.get("erase.pending") is None


def test_names_that_many_share_are_refused(store: Store) -> None:
    for name in ("", "  ", "[deleted]"):
        with pytest.raises(UsageError):
            erase_author(store, name, None, "Mei", NOW)


def test_what_triage_remembers_goes_too(store: Store, home: Path) -> None:
    settings = Settings(home=home, brands=(Brand(name="Acme"),))
    accept(store, [post(1, f"Acme {WORD} is late")], match=lambda _: ("Acme",), own_accounts=(), now=NOW)
    score_all(store)
    with store.write() as tx:
        watch(tx, Memory(), tx.alerts.pending(10), settings, WALL, NOW)
    with store.read() as tx:
        assert WORD in str(tx.triage_states.load(["Acme"]))
    erase_author(store, AUTHOR, None, "Mei", NOW + timedelta(hours=1))
    with store.read() as tx:
        assert WORD not in str(tx.triage_states.load(["Acme"]))


def test_an_alert_of_an_erased_post_can_still_be_closed(store: Store) -> None:
    alert = alert_for(store, address(9), f"words {WORD}", author=AUTHOR)
    erase_author(store, AUTHOR, None, "Mei", NOW)
    case = desk.case(store, alert)
    assert (case.mention.text, case.mention.author, case.engagement) == ("", None, ())
    assert "erased" in [event.kind for event in case.history]
    desk.claim(store, alert, Actor("Aiko"), NOW)
    desk.resolve(store, alert, Actor("Aiko"), NOW, outcome="no_answer")
