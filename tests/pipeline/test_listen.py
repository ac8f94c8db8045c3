"""One source's life: what is yielded is kept, trouble is shown and never spreads."""

import logging
import threading
from datetime import timedelta

import pytest

from listener.errors import AuthError, RateLimitedError, SourceError, UnreachableError
from listener.pipeline.ears import Ears
from listener.pipeline.listen import PERMANENT_S, TRANSIENT_MOST_S, SourceThread, Tally, listen, pause_after
from listener.store import Store
from listener.store.rows import SourceRow
from listener.types import Rejection
from tests.pipeline.conftest import Script, mark, mention


def once(script: Script, ears: Ears) -> Tally:
    tally = Tally()
    listen(script.source(), ears, stopped=lambda: False, once=True, tally=tally)
    return tally


def checkpoint(store: Store) -> object:
    with store.read() as tx:
        return tx.sources.checkpoint("s")


def row(store: Store, name: str = "s") -> SourceRow:
    with store.read() as tx:
        found = tx.sources.get(name)
    assert found is not None
    return found


def test_a_pass_is_stored_with_its_checkpoint_and_counted(ears: Ears, store: Store) -> None:
    rejection = Rejection(source="s", place="f:3", reason="not JSON")
    tally = once(Script([mention("1"), mention("2"), rejection, mark(2)]), ears)
    assert (tally.new, tally.rejected) == (2, 1)
    assert checkpoint(store) == {"at": 2}
    assert ears.news.is_set()


def test_the_next_pass_begins_at_the_stored_checkpoint(ears: Ears) -> None:
    script = Script([mention("1"), mark(1)], [mention("2"), mark(2)])
    once(script, ears)
    once(script, ears)
    assert script.checkpoints == [None, {"at": 1}]


def test_once_stops_a_stream_where_nothing_more_is_waiting(ears: Ears) -> None:
    script = Script([mention("1"), mark(1, caught_up=True), mention("2"), mark(2)])
    assert once(script, ears).new == 1
    assert script.closed == 1


def test_what_came_before_the_trouble_is_kept(ears: Ears, store: Store) -> None:
    trouble = UnreachableError("s", "cut")
    with pytest.raises(UnreachableError):
        once(Script([mention("1"), mark(1), mention("2"), trouble]), ears)
    assert checkpoint(store) == {"at": 1}
    with store.read() as tx:
        assert tx.mentions.count() == 2


def test_a_stop_closes_the_collector_and_keeps_what_was_heard(ears: Ears, store: Store) -> None:
    script = Script([mention("1"), mark(1), mention("2"), mark(2)])
    listen(script.source(), ears, stopped=lambda: True, once=False, tally=Tally())
    assert script.closed == 1
    with store.read() as tx:
        assert tx.mentions.count() == 1


def run_thread(script: Script, ears: Ears, *, until: int) -> None:
    """Run a source's thread until its script has been asked `until` times."""
    stop = threading.Event()

    class Halting(Script):
        Options = Script.Options

        def collect(self, options, checkpoint):  # type: ignore[no-untyped-def]
            if len(script.checkpoints) >= until:
                stop.set()
                return iter(())
            return script.collect(options, checkpoint)

    thread = SourceThread(Halting().source(), ears, stop)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()


def test_a_blind_source_says_since_when_why_and_what_to_do(
    ears: Ears, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    stop = threading.Event()
    script = Script([mention("1", text="Acme SECRET TEXT"), AuthError("s", "key refused", hint="Make a new key.")])
    thread = SourceThread(script.source(), ears, stop)
    with caplog.at_level(logging.DEBUG, logger="listener"):
        assert thread._pass().total_seconds() > 60
    found = row(store)
    assert found.state == "blind"
    assert found.blind_since is not None
    assert (found.error_code, found.error, found.hint) == ("auth", "s: key refused", "Make a new key.")
    assert found.next_poll_at is not None
    assert "SECRET TEXT" not in caplog.text


def test_a_fault_in_a_collector_ends_in_its_health_not_in_a_crash(ears: Ears, store: Store) -> None:
    thread = SourceThread(Script([ValueError("about SECRET TEXT")]).source(), ears, threading.Event())
    thread._pass()
    found = row(store)
    assert found.state == "blind"
    assert "unexpected ValueError" in (found.error or "")
    assert "SECRET" not in str(found)


def test_a_source_that_is_heard_again_is_no_longer_blind(ears: Ears, store: Store) -> None:
    script = Script([RateLimitedError("s", "slow down", retry_after=0)], [mention("1"), mark(1)])
    run_thread(script, ears, until=2)
    assert row(store).state == "listening"
    assert row(store).blind_since is None
    assert row(store).new == 1


@pytest.mark.parametrize("jitter", [0.0, 0.5, 1.0])
def test_pauses(jitter: float) -> None:
    cut = UnreachableError("s", "cut")
    assert pause_after(cut, 1, jitter) <= timedelta(seconds=4)
    assert (
        timedelta(seconds=TRANSIENT_MOST_S / 2) <= pause_after(cut, 50, jitter) <= timedelta(seconds=TRANSIENT_MOST_S)
    )
    assert pause_after(AuthError("s", "no"), 1, jitter) >= timedelta(seconds=PERMANENT_S * 0.9)
    told = pause_after(RateLimitedError("s", "later", retry_after=90), 1, jitter)
    assert timedelta(seconds=90) <= told <= timedelta(seconds=91)


def test_pauses_grow(ears: Ears) -> None:
    pauses = [pause_after(SourceError("s", "x"), n, 0.0) for n in range(3)]
    assert pauses == sorted(pauses)


def test_a_stream_tells_its_counts_while_it_runs_and_what_is_left_at_its_end(
    ears: Ears, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("listener.pipeline.listen.TELL_S", 0)
    monkeypatch.setattr("listener.pipeline.listen.BATCH_EVENTS", 2)
    script = Script([mention("1"), mark(1), mention("2"), mark(2), mention("3")])
    with caplog.at_level(logging.INFO, logger="listener"):
        SourceThread(script.source(), ears, threading.Event())._pass()
    assert [record.getMessage() for record in caplog.records] == ["s: 1 new, 0 updated, 0 deleted, 0 rejected"] * 3


@pytest.mark.parametrize(("healthy_s", "short"), [(0.0, True), (1e9, False)])
def test_a_stream_that_was_well_meanwhile_does_not_wait_longer_each_time(
    ears: Ears, monkeypatch: pytest.MonkeyPatch, healthy_s: float, short: bool
) -> None:
    monkeypatch.setattr("listener.pipeline.listen.HEALTHY_S", healthy_s)
    script = Script(*[[mark(n), UnreachableError("s", "cut")] for n in range(9)])
    monkeypatch.setattr(script, "STREAMING", True, raising=False)
    thread = SourceThread(script.source(), ears, threading.Event())
    pauses = [thread._pass().total_seconds() for _ in range(9)]
    assert (pauses[-1] <= 4.0) is short
