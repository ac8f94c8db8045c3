"""Opening, upgrading, transactions, errors, turns, backup."""

import multiprocessing
import os
import sqlite3
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from listener.errors import SchemaError, StoreBusyError, StoreError, StoreFullError
from listener.store import Store, engine, schema
from listener.store.columns import from_micros, to_micros
from listener.store.tables import metadata
from listener.store.turns import Turns
from tests.store.seed import NOW, mention, take


def put(store: Store, name: str, value: object) -> None:
    with store.write() as tx:
        tx.state.put(name, value, NOW)


def get(store: Store, name: str) -> object:
    with store.read() as tx:
        return tx.state.get(name)


# ------------------------------------------------------------------ schema


def test_opening_creates_it_in_wal_mode_for_this_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "listener.db"
    with Store.open(path) as store:
        store.ping()
        mode = sqlite3.connect(path).execute("PRAGMA journal_mode").fetchone()[0]
    assert mode == "wal"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_opening_again_keeps_everything(tmp_path: Path) -> None:
    path = tmp_path / "listener.db"
    with Store.open(path) as store:
        put(store, "x", {"a": [1, "二"]})
    with Store.open(path, migrate=False) as store:
        assert get(store, "x") == {"a": [1, "二"]}


def test_migrations_make_the_tables_that_we_use(tmp_path: Path) -> None:
    Store.open(tmp_path / "listener.db").close()
    with sa.create_engine(f"sqlite:///{tmp_path / 'listener.db'}").connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_object": lambda _object, name, kind, *_: not (kind == "table" and name.startswith("search"))
            },
        )
        assert compare_metadata(context, metadata) == []


def test_the_known_versions_are_those_of_the_migrations() -> None:
    scripts = ScriptDirectory(str(Path(schema.__file__).parent / "migrations"))
    assert scripts.get_current_head() == schema.HEAD
    assert {script.revision for script in scripts.walk_revisions()} == set(schema.KNOWN)


def test_an_interrupted_first_open_leaves_nothing_half_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "listener.db"
    original = schema._upgrade

    def fails(connection: sa.Connection) -> None:
        original(connection)
        raise KeyboardInterrupt

    monkeypatch.setattr(schema, "_upgrade", fails)
    with pytest.raises(KeyboardInterrupt):
        Store.open(path)
    assert sqlite3.connect(path).execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    monkeypatch.undo()
    Store.open(path).close()


def open_and_write(path: str, number: int) -> None:
    with Store.open(path) as store:
        put(store, f"process {number}", number)


def test_processes_may_open_a_new_one_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    path = tmp_path / "listener.db"
    processes = [context.Process(target=open_and_write, args=(str(path), number)) for number in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    with Store.open(path) as store:
        assert [get(store, f"process {number}") for number in range(3)] == [0, 1, 2]


def test_a_newer_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "listener.db"
    Store.open(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaError, match="newer") as caught:
        Store.open(path)
    assert caught.value.permanent
    assert sqlite3.connect(path).execute("SELECT version_num FROM alembic_version").fetchone()[0] == "9999"


def test_a_foreign_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE mentions (id INTEGER)")
    before = path.read_bytes()
    with pytest.raises(SchemaError, match="not a listener database"):
        Store.open(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database " * 1000)
    with pytest.raises(SchemaError, match="not a listener database"):
        Store.open(path)
    assert path.read_text().startswith("not a database")


def test_without_migrating_a_missing_or_empty_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="not there"):
        Store.open(tmp_path / "none.db", migrate=False)
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "empty.db").touch()
    with pytest.raises(SchemaError, match="older"):
        Store.open(tmp_path / "empty.db", migrate=False)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_rights_is_a_store_error(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(folder / "listener.db")


def test_a_path_that_is_a_folder_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(tmp_path)


# ------------------------------------------------------------------ transactions


def test_an_exception_leaves_nothing(store: Store) -> None:
    def half(name: str) -> None:
        with store.write() as tx:
            tx.state.put(name, 1, NOW)
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        half("x")
    assert get(store, "x") is None
    put(store, "x", 2)  # and the next one may write
    assert get(store, "x") == 2


def test_a_reader_sees_one_moment(store: Store) -> None:
    put(store, "x", 1)
    with store.read() as tx:
        assert tx.state.get("x") == 1
        put(store, "x", 2)
        assert tx.state.get("x") == 1
    assert get(store, "x") == 2


def test_a_reader_may_not_write(store: Store) -> None:
    with pytest.raises(StoreError), store.read() as tx:
        tx.state.put("x", 1, NOW)
    put(store, "x", 2)
    assert get(store, "x") == 2


def test_another_process_that_writes_too_long_is_busy(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.1)
    with Store.open(store.path) as impatient, sqlite3.connect(store.path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusyError) as caught, impatient.write() as tx:
            tx.state.put("x", 1, NOW)
        assert not caught.value.permanent
        other.execute("ROLLBACK")
        put(impatient, "x", 2)
    assert get(store, "x") == 2


def test_a_full_disk_keeps_nothing_of_the_transaction(store: Store) -> None:
    put(store, "x", 1)
    with store.write() as tx:
        pages = tx._connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        tx._connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")  # stays with this connection
    with pytest.raises(StoreFullError) as caught:
        take(store, *(mention(str(n), "many words " * 500) for n in range(20)))
    assert not caught.value.permanent
    assert get(store, "x") == 1
    with store.read() as tx:
        assert tx.mentions.count() == 0


def test_errors_tell_no_values(store: Store) -> None:
    """A statement's values are posts; neither the error nor what it came from may show them."""
    secret = "the words of a post"
    with pytest.raises(StoreError) as caught, store.write() as tx:
        tx._connection.exec_driver_sql("INSERT INTO nowhere VALUES (?)", (secret,))
    error: BaseException | None = caught.value
    while error is not None:
        assert secret not in str(error)
        assert secret not in repr(error)
        error = error.__cause__


def test_threads_of_one_process_lose_no_write(store: Store) -> None:
    put(store, "count", 0)

    def add() -> None:
        for _ in range(10):
            with store.write() as tx:
                tx.state.put("count", tx.state.get("count") + 1, NOW)

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert get(store, "count") == 80


def test_turns_come_in_order_of_asking() -> None:
    turns = Turns()
    order: list[int] = []
    assert turns.take(1)
    threads = []
    for number in range(5):

        def wait(number: int = number) -> None:
            assert turns.take(10)
            order.append(number)
            turns.give()

        threads.append(threading.Thread(target=wait))
        threads[-1].start()
        while len(turns._queue) <= number:
            pass
    turns.give()
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


def test_a_turn_that_does_not_come_is_given_up() -> None:
    turns = Turns()
    assert turns.take(0)
    assert not turns.take(0.01)
    turns.give()
    assert turns.take(0)


# ------------------------------------------------------------------ times, backup


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
    ],
)
def test_times_come_back_to_the_microsecond(moment: datetime) -> None:
    assert from_micros(to_micros(moment)) == moment


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        to_micros(datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_backup_is_whole_and_opens(store: Store, tmp_path: Path) -> None:
    take(store, mention("1", "つながらない"), mention("2"))
    with store.write() as tx:
        tx.state.put("unfinished", 1, NOW)
        store.backup(tmp_path / "copy.db")  # while a writer is at work
    with Store.open(tmp_path / "copy.db") as copy, copy.read() as tx:
        assert tx.mentions.count() == 2
        assert tx.search.find("つな") == [1]
        assert tx.state.get("unfinished") is None
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600


def test_a_backup_onto_something_else_is_refused(store: Store, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine " * 2000)
    with pytest.raises(StoreError):
        store.backup(tmp_path / "notes.txt")
    assert (tmp_path / "notes.txt").read_text().startswith("mine")


def test_ping_says_when_the_file_is_gone_bad(store: Store) -> None:
    store.ping()
    store.close()
    store.path.write_bytes(b"broken" * 1000)
    with pytest.raises(StoreError):
        store.ping()


# ------------------------------------------------------------------ sources, state


def test_a_source_is_blind_since_its_first_failure_in_a_row(store: Store) -> None:
    later = NOW + timedelta(minutes=5)
    with store.write() as tx:
        tx.sources.register("s", "feeds")
        tx.sources.failed("s", NOW, code="auth", error="refused", hint="New key.", next_poll_at=later)
        tx.sources.failed("s", later, code="unreachable", error="no answer")
        row = tx.sources.get("s")
    assert row is not None
    assert (row.state, row.blind_since, row.failures, row.error_code, row.hint) == (
        "blind",
        NOW,
        2,
        "unreachable",
        None,
    )
    with store.write() as tx:
        tx.sources.ok("s", later, next_poll_at=later)
        row = tx.sources.get("s")
    assert row is not None
    assert (row.state, row.blind_since, row.failures, row.error, row.last_ok_at) == ("listening", None, 0, None, later)
    assert row.kind == "feeds"


def test_a_source_that_was_off_is_new_again_when_registered(store: Store) -> None:
    with store.write() as tx:
        tx.sources.register("s", "feeds")
        tx.sources.ok("s", NOW)
        tx.sources.register("s", "feeds")
        assert [row.state for row in tx.sources.all()] == ["listening"]
        tx.sources.register("s", "feeds", "off")
        assert [row.state for row in tx.sources.all()] == ["off"]
        tx.sources.register("s", "feeds")
        assert [row.state for row in tx.sources.all()] == ["new"]


def test_counts_add_up_and_the_last_item_only_moves_forward(store: Store) -> None:
    with store.write() as tx:
        tx.sources.count("s", {"new": 2}, last_item_at=NOW, lag_s=3.0)
        tx.sources.count("s", {"new": 1, "rejected": 4}, last_item_at=NOW - timedelta(days=1))
        row = tx.sources.get("s")
    assert row is not None
    assert (row.new, row.rejected, row.last_item_at, row.lag_s) == (3, 4, NOW, 3.0)
