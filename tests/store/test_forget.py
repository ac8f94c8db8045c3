"""A deleted post: its text is nowhere, down to the file's bytes; its case stays."""

import random
import secrets
from pathlib import Path
from typing import Any

import pytest

from listener import desk
from listener.desk import Actor
from listener.store import Store
from listener.types import Deletion, Mention
from tests.store.seed import NOW, alert_for, found, mention, open_all, score_all, take, verdict


def deletion(native_id: str) -> Deletion:
    return Deletion(source="s", native_id=native_id, at=NOW)


def scrub(store: Store) -> None:
    while not store.scrub():
        pass


def bytes_of(store: Store) -> bytes:
    files = [store.path, *store.path.parent.glob(store.path.name + "-wal")]
    return b"".join(path.read_bytes() for path in files)


def test_the_text_goes_and_the_case_stays(store: Store) -> None:
    alert_id = alert_for(store, "1", "first words", title="A title", author="somebody", url="https://example.com/1")
    take(store, mention("1", "other words", title="A title", author="somebody"))
    score_all(store)
    desk.claim(store, alert_id, Actor("Aiko"), NOW)
    assert take(store, deletion("1")).deleted == 1

    case = desk.case(store, alert_id)
    assert (case.mention.text, case.mention.title, case.mention.author, case.mention.url) == ("", None, None, None)
    assert case.mention.text_sha256 == ""
    assert case.mention.deleted_at == NOW
    assert case.versions == ()
    assert case.evidence == case.title_evidence == ()
    assert (case.alert.state, case.alert.owner) == ("claimed", "Aiko")
    assert [event.kind for event in case.history] == ["opened", "edited", "claimed", "deleted"]
    (row,) = desk.queue(store, desk.QueueFilter()).rows
    assert (row.text, row.title, row.author, row.url, row.deleted_at) == ("", None, None, None, NOW)
    desk.resolve(store, alert_id, Actor("Aiko"), NOW, outcome="no_answer")


def test_it_waits_for_nothing_and_a_replay_does_not_bring_it_back(store: Store) -> None:
    take(store, mention("1", "late again"))
    take(store, deletion("1"))
    again = take(store, mention("1", "late again"), mention("1", "late again and again"))
    assert (again.new, again.updated, again.unchanged) == (0, 0, 2)
    assert found(store, "1").text == ""
    with store.read() as tx:
        assert tx.verdicts.pending(10) == []
        assert list(tx.mentions.iterate()) == []


def test_a_verdict_of_a_post_deleted_meanwhile_is_dropped(store: Store) -> None:
    take(store, mention("1"))
    with store.read() as tx:
        pending = tx.verdicts.pending(10)
    take(store, deletion("1"))
    with store.write() as tx:
        assert tx.verdicts.put([(pending[0], verdict())], NOW) == 0
        assert tx.alerts.pending(10) == []


def test_a_verdict_given_before_opens_no_alert_after(store: Store) -> None:
    take(store, mention("1"))
    score_all(store)
    take(store, deletion("1"))
    assert open_all(store) == {}


def test_what_nobody_knows_is_ignored_and_twice_is_once(store: Store) -> None:
    take(store, mention("1"))
    done = take(store, deletion("1"), deletion("1"), deletion("unknown"), Deletion(source="t", native_id="1", at=NOW))
    assert done.deleted == 1


class Posts:
    """Posts with a word of their own each, so that its bytes can be looked for."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.words: dict[int, set[str]] = {}

    def post(self, number: int) -> Mention:
        word = secrets.token_hex(8)
        self.words.setdefault(number, set()).add(word)
        kanji = "".join(chr(self._random.randint(0x4E00, 0x9F00)) for _ in range(4))
        self.words[number].add(kanji)
        filler = "late again " * self._random.choice((0, 1, 5, 30, 400))
        more: dict[str, Any] = {"title": f"T{word}"} if number % 3 == 0 else {}
        text = f"{filler}{word} {kanji}"
        return mention(str(number), text, author=f"a{word}", url=f"https://example.com/{word}", **more)

    def left(self, data: bytes, number: int) -> list[str]:
        """The index stores a word without what it has in common with its neighbour, hence only their ends."""
        return [word for word in self.words[number] if (word[3:] if word.isascii() else word).encode() in data]


@pytest.mark.parametrize("seed", [1, 2])
def test_no_byte_of_a_deleted_text_is_left_in_the_file(tmp_path: Path, seed: int) -> None:
    rnd = random.Random(seed)
    posts = Posts(seed)
    alive: set[int] = set()
    dead: set[int] = set()
    with Store.open(tmp_path / "listener.db") as store:
        for step in range(15):
            new = range(step * 40, step * 40 + 40)
            alive.update(new)
            edited = rnd.sample(sorted(alive), 10)
            gone = rnd.sample(sorted(alive), 12)
            take(store, *(posts.post(n) for n in [*new, *edited]), *(deletion(str(n)) for n in gone))
            score_all(store)
            open_all(store)
            alive.difference_update(gone)
            dead.update(gone)
            if step % 6 == 5:
                scrub(store)
        scrub(store)
        data = bytes_of(store)
        with store.read() as tx:
            never_edited = next(n for n in sorted(alive) if len(posts.words[n]) == 2)
            known = next(word for word in posts.words[never_edited] if word.isascii())
            assert len(tx.search.find(known)) == 1
    assert {n: left for n in dead if (left := posts.left(data, n))} == {}
    assert all(posts.left(data, n) for n in alive), "the test looks for the wrong bytes"


def test_scrubbing_goes_on_where_it_was_killed(store: Store) -> None:
    posts = Posts(3)
    take(store, *(posts.post(n) for n in range(300)))
    take(store, *(deletion(str(n)) for n in range(0, 300, 2)))
    with store.write() as tx:  # one step only, then "killed"
        tx.search.wipe(1, NOW)
    take(store, deletion("1"))  # and more to wipe meanwhile
    with Store.open(store.path) as opened:
        scrub(opened)
        assert opened.scrub()
        data = bytes_of(opened)
    assert not [n for n in [1, *range(0, 300, 2)] if posts.left(data, n)]
    with store.read() as tx:
        assert len(tx.search.find("late", 1000)) == sum("late" in text.text for text in tx.mentions.iterate())


def test_a_reader_that_holds_the_log_only_delays_the_wiping(store: Store) -> None:
    posts = Posts(4)
    take(store, posts.post(1))
    with store.read() as tx:
        assert tx.mentions.count() == 1
        take(store, deletion("1"))
        assert not store.scrub()
    assert store.scrub()
    assert not posts.left(bytes_of(store), 1)
