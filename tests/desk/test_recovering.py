"""The playbooks, their steps in order and with evidence, and the words that an answer begins with."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from listener import desk
from listener.desk import Actor, playbooks, recovering, turning
from listener.desk.playbooks import BLANK, playbook
from listener.desk.recovering import opening_words, pass_step, recovery
from listener.errors import NotAllowedError, NotHolderError, SettingsError, UsageError
from listener.settings import Settings, parse, shipped
from listener.store import Store
from listener.triage.recovery import STEPS, Passed, Step, missing, progress
from listener.types import CAUSES
from tests.store.seed import NOW, alert_for, mention, open_all, score_all, take

AIKO, KEN, MEI = Actor("Aiko"), Actor("Ken"), Actor("Mei", "manager")
HOUR = timedelta(hours=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    playbooks._read.cache_clear()
    return parse({}, home=tmp_path)


@pytest.fixture
def held(store: Store) -> int:
    alert = alert_for(store)
    desk.claim(store, alert, AIKO, NOW)
    return alert


# ------------------------------------------------------------------ the files


@pytest.mark.parametrize("cause", [*CAUSES, "none"])
def test_every_cause_has_a_playbook_in_three_languages(settings: Settings, cause: str) -> None:
    book = playbook(settings, cause)
    assert [one.step for one in book.steps] == list(STEPS)
    for lang in ("en", "ja", "zh"):
        assert book.title.of(lang)
        assert all(one.title.of(lang) and one.do.of(lang) for one in book.steps)
        first = book.steps[0].say
        assert first is not None
        assert "{deadline}" in first.of(lang) or cause == "safety"
    assert book.steps[0].needs == "reply"


def test_the_same_blanks_in_every_language(settings: Settings) -> None:
    for cause in CAUSES:
        for step in playbook(settings, cause).steps:
            if step.say is not None:
                found = {lang: set(BLANK.findall(step.say.of(lang))) for lang in ("en", "ja", "zh")}
                assert found["en"] == found["ja"] == found["zh"], (cause, step.step)


def test_nothing_is_shipped_that_no_cause_uses() -> None:
    assert {path.stem for path in shipped("data/playbooks").glob("*.toml")} <= {*CAUSES, "default"}


def test_a_house_changes_what_it_names(settings: Settings) -> None:
    own = settings.home / "playbooks"
    own.mkdir()
    (own / "refund.toml").write_text('[[steps]]\nstep = "acknowledge"\nwithin = "10min"\nowner = "manager"\n', "utf-8")
    first = playbook(settings, "refund").steps[0]
    assert (first.within, first.owner, first.needs) == (timedelta(minutes=10), "manager", "reply")
    assert first.say is not None
    assert playbook(settings, "delivery").steps[0].owner == "holder"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("steps = 3", "steps: must be"),
        ("[[steps]]\ndo = 3", "steps: must be"),
        ("[[steps]]\nstep = 'dance'", "steps"),
        ("[[steps", "cannot be read as TOML"),
    ],
)
def test_a_wrong_file_is_named(settings: Settings, content: str, why: str) -> None:
    own = settings.home / "playbooks"
    own.mkdir()
    (own / "price.toml").write_text(content, "utf-8")
    with pytest.raises(SettingsError, match=why):
        playbook(settings, "price")


# ------------------------------------------------------------------ the machine


def test_one_step_after_the_other_each_due_after_the_last() -> None:
    steps = [Step(step=name, within=hours * HOUR, needs="note") for name, hours in (("acknowledge", 1), ("listen", 4))]
    found = progress(steps, [], NOW, None)
    assert found.current is not None
    assert (found.current.step, found.due_at) == ("acknowledge", NOW + HOUR)
    found = progress(steps, [Passed("acknowledge", "done", NOW + 2 * HOUR), Passed("gone", "done", NOW)], NOW, None)
    assert found.current is not None
    assert (found.current.step, found.due_at) == ("listen", NOW + 6 * HOUR)
    done = [Passed("acknowledge", "done", NOW), Passed("listen", "skipped", NOW)]
    assert progress(steps, done, NOW, None).current is None


@pytest.mark.parametrize(
    ("needs", "optional", "note", "replies", "skip", "lacks"),
    [
        ("reply", False, "", 0, False, "reply"),
        ("reply", False, "a note is no answer", 0, False, "reply"),
        ("reply", False, "", 1, False, None),
        ("note", False, " ", 3, False, "note"),
        ("note", False, "found it", 0, False, None),
        ("nothing", False, "", 0, False, None),
        ("note", True, "", 0, True, None),
        ("note", False, "", 0, True, "note"),
    ],
)
def test_a_step_needs_its_evidence(
    needs: Any, optional: bool, note: str, replies: int, skip: bool, lacks: str | None
) -> None:
    step = Step(step="x", within=HOUR, needs=needs, optional=optional)
    assert missing(step, note=note, replies=replies, skip=skip) == lacks


# ------------------------------------------------------------------ at the desk


def now_due(store: Store, settings: Settings, alert: int) -> str | None:
    current = recovery(store, settings, alert).progress.current
    return current.step if current else None


def test_a_case_goes_through_its_playbook(store: Store, settings: Settings, held: int) -> None:
    def go(step: str, minutes: int, **more: Any) -> None:
        pass_step(store, settings, held, AIKO, NOW + timedelta(minutes=minutes), step=step, **more)

    with pytest.raises(UsageError, match="an answer must have been sent"):
        go("acknowledge", 1)
    with pytest.raises(UsageError, match="not the one that is due"):
        go("listen", 1, note="skipped ahead")
    turning.replied(store, held, AIKO, NOW + timedelta(minutes=2), text="Sorry.")
    go("acknowledge", 3)
    with pytest.raises(UsageError, match="write down"):
        go("listen", 4)
    go("listen", 4, note="she needs it by Friday")
    with pytest.raises(UsageError, match="an answer must have been sent"):
        go("remedy", 5)
    with pytest.raises(UsageError, match="cannot be skipped"):
        go("remedy", 5, skip=True)
    turning.replied(store, held, AIKO, NOW + timedelta(minutes=6), text="Would a new one do?")
    go("remedy", 7)
    go("act", 8, note="sent again")
    go("extra", 9, skip=True)
    desk.resolve(store, held, AIKO, NOW + timedelta(minutes=10), outcome="kept", cause_fixed=True)
    go("learn", 11, note="told the depot")
    assert now_due(store, settings, held) is None
    assert {note.text for note in desk.case(store, held).notes} == {
        "she needs it by Friday",
        "sent again",
        "told the depot",
    }
    history = desk.case(store, held).history
    assert [event.data["step"] for event in history if event.kind == "step"] == list(STEPS)
    assert "Friday" not in str([event.data for event in history])


def test_a_reopened_case_begins_anew(store: Store, settings: Settings, held: int) -> None:
    turning.replied(store, held, AIKO, NOW)
    pass_step(store, settings, held, AIKO, NOW, step="acknowledge")
    desk.resolve(store, held, AIKO, NOW, outcome="kept")
    desk.reopen(store, held, AIKO, NOW + HOUR)
    assert now_due(store, settings, held) == "acknowledge"


def test_only_its_holder_or_a_manager_goes_on(store: Store, settings: Settings, held: int) -> None:
    turning.replied(store, held, AIKO, NOW)
    with pytest.raises(NotHolderError):
        pass_step(store, settings, held, KEN, NOW, step="acknowledge")
    pass_step(store, settings, held, MEI, NOW, step="acknowledge")


def test_where_people_may_be_hurt_a_manager_decides(store: Store, settings: Settings) -> None:
    take(store, mention("9", "it caught fire"))
    score_all(store, cause="safety", severity=4)
    (alert,) = open_all(store).values()
    desk.claim(store, alert, AIKO, NOW)
    turning.replied(store, alert, AIKO, NOW)
    assert recovery(store, settings, alert).playbook.advice is not None
    with pytest.raises(NotAllowedError, match="manager"):
        pass_step(store, settings, alert, AIKO, NOW, step="acknowledge")
    pass_step(store, settings, alert, MEI, NOW, step="acknowledge")


def test_an_answer_begins_in_the_customers_language_and_leaves_no_blank(
    store: Store, settings: Settings, held: int
) -> None:
    words = opening_words(store, settings, held)
    assert words.startswith("{first_name}, I am sorry")
    with pytest.raises(UsageError, match=r"fill in \{first_name\}"):
        turning.replied(store, held, AIKO, NOW, text=words)
    filled = words.replace("{first_name}", "Jo").replace("{deadline}", "six")
    assert turning.replied(store, held, AIKO, NOW, text=filled).first_response_at == NOW
    assert recovering.opening_words(store, settings, held) == words  # the step is not passed yet
