"""Each stage finds its own unfinished rows, and only those."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listener.store import Store
from listener.store.queue import split_spans
from listener.store.rows import AlertChange, NewAlert, Span, compose
from listener.types import Engagement
from tests.store.seed import NOW, alert_for, found, mention, open_all, priority, score_all, take, verdict


def test_pending_texts_are_composed_and_in_order(store: Store) -> None:
    take(store, mention("1", "body", title="Title", lang="ja", channel="rss", author="a"), mention("2", "", author="b"))
    with store.read() as tx:
        first, second = tx.verdicts.pending(10)
        assert tx.verdicts.pending(1) == [first]
    assert (first.text, first.lang_hint, first.source, first.channel) == ("Title\nbody", "ja", "s", "rss")
    assert second.text == ""


def test_a_scored_text_is_pending_for_triage_once(store: Store) -> None:
    take(store, mention("1", brands=("Acme", "Globex")))
    score_all(store)
    with store.read() as tx:
        assert tx.verdicts.pending(10) == []
        (scored,) = tx.alerts.pending(10)
    assert (scored.brands, scored.cause, scored.alert, scored.copy_group_size) == (
        ("Acme", "Globex"),
        "delivery",
        None,
        1,
    )
    assert len(open_all(store)) == 1
    with store.read() as tx:
        assert tx.alerts.pending(10) == []


def test_an_edit_is_scored_and_triaged_again_with_its_alert(store: Store) -> None:
    alert_id = alert_for(store, "1", "late")
    take(store, mention("1", "late, and now damaged too"))
    with store.read() as tx:
        assert [one.text for one in tx.verdicts.pending(10)] == ["late, and now damaged too"]
        assert tx.verdicts.spans(1) == ()
    score_all(store, severity=4, cause="quality")
    with store.write() as tx:
        (scored,) = tx.alerts.pending(10)
        assert scored.alert is not None
        assert scored.alert.id == alert_id
        later = NOW + timedelta(hours=2)
        assert tx.alerts.refresh([AlertChange(alert_id=alert_id, priority=priority(77), due_at=later)], NOW) == 1
        assert tx.alerts.refresh([AlertChange(alert_id=alert_id, priority=priority(77), due_at=later)], NOW) == 0
        tx.alerts.mark_triaged([scored.mention_id], NOW)
        alert = tx.alerts.get(alert_id)
        assert alert is not None
        assert (alert.severity, alert.cause, alert.priority, alert.due_at) == (4, "quality", 77, later)
        assert [event.kind for event in tx.events.of(alert_id)] == ["opened", "edited", "rescored"]


def test_a_verdict_of_a_text_edited_meanwhile_is_dropped(store: Store) -> None:
    take(store, mention("1", "old"))
    with store.read() as tx:
        stale = tx.verdicts.pending(10)[0]
    take(store, mention("1", "new"))
    with store.write() as tx:
        assert tx.verdicts.put([(stale, verdict())], NOW) == 0
        assert [one.text for one in tx.verdicts.pending(10)] == ["new"]


def test_an_edit_between_triage_and_its_mark_stays_pending(store: Store) -> None:
    take(store, mention("1", "old"))
    score_all(store)
    take(store, mention("1", "new"))
    with store.write() as tx:
        assert tx.alerts.mark_triaged([1], NOW) == 0
        assert len(tx.verdicts.pending(10)) == 1


def test_opening_is_once_a_mention(store: Store) -> None:
    alert_id = alert_for(store)
    with store.write() as tx:
        assert tx.alerts.open([NewAlert(mention_id=1, priority=priority())], NOW) == {}
        assert tx.alerts.open([NewAlert(mention_id=99, priority=priority())], NOW) == {}
        assert tx.alerts.of_mentions([1])[1].id == alert_id


def test_staff_and_repeats_wait_for_nothing(store: Store) -> None:
    take(
        store,
        mention("1", author="acme"),
        mention("2", "other", author="x"),
        mention("3", "other", author="x"),
        own=["@Acme"],
    )
    with store.read() as tx:
        assert [one.mention_id for one in tx.verdicts.pending(10)] == [2]
    with store.write() as tx:
        assert tx.verdicts.put([(1, verdict()), (3, verdict())], NOW) == 0


def test_new_counts_bring_an_alert_back_to_triage(store: Store) -> None:
    alert_for(store)
    counts = Engagement(source="s", native_id="1", at=NOW, likes=5)
    take(store, counts)
    with store.read() as tx:
        (scored,) = tx.alerts.pending(10)
    assert scored.history[-1] == counts
    with store.write() as tx:
        tx.alerts.mark_triaged([1], NOW)
    take(store, Engagement(source="s", native_id="1", at=NOW + timedelta(hours=1), likes=5))
    with store.read() as tx:
        assert tx.alerts.pending(10) == []  # nothing new was said
        assert tx.engagements.series(1) == (counts,)


def test_another_model_scores_all_again(store: Store) -> None:
    take(store, mention("1"), mention("2", "other", author="x"), mention("3", "other", author="x"))
    score_all(store, model="old@1")
    open_all(store)
    with store.write() as tx:
        assert tx.verdicts.rescore("old@1") == 0
        assert tx.verdicts.rescore("new@2") == 2
        assert len(tx.verdicts.pending(10)) == 2


def test_stored_texts_stream_newest_first(store: Store) -> None:
    take(store, *(mention(str(n), f"text {n}", author=f"a{n}", brands=("Acme",) if n % 2 else ()) for n in range(25)))
    with store.read() as tx:
        assert [one.text for one in tx.mentions.texts(2)] == ["text 24", "text 23"]
        assert [one.text for one in tx.mentions.texts(2, before_id=24)] == ["text 22", "text 21"]
        texts = list(tx.mentions.iterate(chunk=10))
    assert [one.text for one in texts] == [f"text {n}" for n in range(24, -1, -1)]
    assert texts[1].brands == ("Acme",)


def test_evidence_keeps_no_words(store: Store) -> None:
    take(store, mention("1", "late"))
    score_all(store)
    with store.read() as tx:
        assert tx.verdicts.spans(1) == (Span(start=0, end=4, weight=1.5),)
        stored = tx._connection.exec_driver_sql("SELECT evidence FROM verdicts").scalar_one()
    assert "some" not in stored


def test_mention_ids_are_never_used_twice(store: Store) -> None:
    take(store, mention("1"))
    with store.write() as tx:
        tx._connection.exec_driver_sql("DELETE FROM mentions")
    take(store, mention("2"))
    assert found(store, "2").id == 2


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.text(alphabet="ab返\n", max_size=8) | st.none(),
    st.text(alphabet="xy金\n", max_size=20),
    st.integers(0, 20),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=5),
)
def test_spans_are_split_exactly(title: str | None, text: str, length: int, pairs: list[tuple[int, int]]) -> None:
    """Every marked character of the composed text is marked in the title or in the excerpt, and no other one."""
    whole = compose(title, text)
    marked = {i for start, end in pairs for i in range(start, min(end, len(whole)))}
    in_title, in_body = split_spans([(start, end, 1.0) for start, end in pairs], title, min(length, len(text)))
    shift = len(title) + 1 if title else 0
    again = {i for span in in_title for i in range(span.start, span.end)}
    again |= {i + shift for span in in_body for i in range(span.start, span.end)}
    shown = {*range(len(title or "")), *range(shift, shift + min(length, len(text)))}
    assert again == marked & shown
