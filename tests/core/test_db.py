"""The database: what is acknowledged is saved, what fails undoes itself alone."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections import Counter

import pytest
from sqlalchemy import event, make_url, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from core.db import open_database
from core.errors import Conflict, Invalid, NotFound, Unavailable
from core.events import WidgetSeen
from core.log import events_after
from core.workspaces import Workspace, create_workspace, workspace, workspaces
from tests.databases import on

TABLES = (
    "CREATE TABLE parents (id BIGINT PRIMARY KEY)",
    "CREATE TABLE children (id BIGINT PRIMARY KEY, parent BIGINT REFERENCES parents (id) "
    "DEFERRABLE INITIALLY DEFERRED)",
)
ONE_PARENT = text("INSERT INTO parents VALUES (:id)")
ONE_CHILD = text("INSERT INTO children VALUES (:id, :parent)")


def make_tables(work):
    for statement in TABLES:
        work.connection.exec_driver_sql(statement)


def add_parent(work, number):
    work.execute(ONE_PARENT, {"id": number})
    return number


def add_parents(work, numbers):
    work.execute(ONE_PARENT, [{"id": number} for number in numbers])
    return numbers


def add_child(work, number, parent):
    """Nothing is wrong until the commit, if there is no such parent."""
    work.execute(ONE_CHILD, {"id": number, "parent": parent})


def parents(work):
    return list(work.execute(text("SELECT id FROM parents ORDER BY id")).scalars())


def seen(path):
    return WidgetSeen(widget="w", host="tea.example", path=path)


def see(work, workspace_id, path):
    work.announce(workspace_id, seen(path))


@pytest.fixture
async def tables(db):
    await db.write(make_tables)


@pytest.fixture
async def shop(db) -> Workspace:
    return await db.write(create_workspace, "Tea shop")


async def outcomes_of(*calls):
    return await asyncio.gather(*calls, return_exceptions=True)


# What is saved


async def test_a_unit_is_answered_with_what_its_function_returned(db):
    made = await db.write(create_workspace, "Tea shop")
    assert made.app_id.startswith("icw_")
    assert [each.id for each in await db.read(workspaces)] == [made.id]
    assert (await db.read(workspace, made.id)).name == "Tea shop"


async def test_what_a_unit_raises_reaches_its_caller_and_undoes_it_alone(db, tables):
    def add_then_refuse(work, number):
        add_parent(work, number)
        raise Conflict("No.")

    outcomes = await outcomes_of(
        db.write(add_parent, 1), db.write(add_then_refuse, 2), db.write(add_parent, 3)
    )
    assert outcomes[0] == 1
    assert isinstance(outcomes[1], Conflict)
    assert outcomes[2] == 3
    assert await db.read(parents) == [1, 3]


async def test_a_unit_that_breaks_a_rule_of_the_database_undoes_itself_alone(db, tables):
    outcomes = await outcomes_of(*(db.write(add_parent, number) for number in (1, 2, 2, 3)))
    assert Counter(type(outcome) for outcome in outcomes) == {int: 3, IntegrityError: 1}
    assert await db.read(parents) == [1, 2, 3]


async def test_a_failed_flush_of_the_orm_undoes_only_its_own_unit(db, tables):
    first = await db.write(create_workspace, "Tea shop")

    def take_the_same_id(work):
        add_parent(work, 99)
        work.add(Workspace(id=first.id, name="", app_id="x", epoch="e", created_at=0))

    def swallow_it(work):
        add_parent(work, 2)
        try:
            take_the_same_id(work)
        except IntegrityError:
            raise Invalid("Taken.") from None

    outcomes = await outcomes_of(
        db.write(add_parent, 1),
        db.write(take_the_same_id),
        db.write(swallow_it),
        db.write(create_workspace, "Coffee shop"),
        db.write(add_parent, 3),
    )
    assert isinstance(outcomes[1], IntegrityError)
    assert isinstance(outcomes[2], Invalid)
    assert await db.read(parents) == [1, 3]
    assert {each.name for each in await db.read(workspaces)} == {"Tea shop", "Coffee shop"}


async def test_what_spoils_the_commit_itself_fails_alone(db, tables):
    """A deferred rule speaks only at the commit, which others share on SQLite."""
    outcomes = await outcomes_of(
        db.write(add_parent, 1), db.write(add_child, 1, 77), db.write(add_parent, 2)
    )
    assert outcomes[0] == 1
    assert isinstance(outcomes[1], DBAPIError)
    assert outcomes[2] == 2
    assert await db.read(parents) == [1, 2]


async def test_an_announcement_for_no_workspace_fails_alone(db, shop, tables):
    outcomes = await outcomes_of(
        db.write(see, shop.id, "/1"), db.write(see, "wsp_none", "/2"), db.write(add_parent, 1)
    )
    assert outcomes[0] is None
    assert isinstance(outcomes[1], Exception)
    assert outcomes[2] == 1
    assert [entry.event.path for entry in await db.read(events_after, shop.id, 0)] == ["/1"]


async def test_reading_never_writes(db, tables):
    with pytest.raises((DBAPIError, Unavailable)):
        await db.read(add_parent, 1)
    assert await db.read(parents) == []


async def test_a_reader_sees_one_moment(db, tables):
    """A snapshot: what is committed meanwhile is not half seen."""
    loop = asyncio.get_running_loop()

    def twice(work):
        before = parents(work)
        if db.dialect == "sqlite":  # its readers are threads
            asyncio.run_coroutine_threadsafe(db.write(add_parent, 1), loop).result(5)
        else:
            from sqlalchemy.util import await_only

            await_only(asyncio.wait_for(db.write(add_parent, 1), 5))
        return before, parents(work)

    assert await db.read(twice) == ([], [])
    assert await db.read(parents) == [1]


async def test_an_error_of_the_database_repeats_no_value(db, tables):
    await db.write(add_parent, 4242)
    with pytest.raises(IntegrityError) as caught:
        await db.write(add_parent, 4242)
    assert "4242" not in str(caught.value).partition("DETAIL")[0]  # which hub/logs.py hides


# Batches


async def test_items_that_wait_together_are_one_call_of_the_batch_function(db, tables):
    calls = []

    def put(work, numbers):
        calls.append(len(numbers))
        return add_parents(work, numbers)

    numbers = list(range(300))
    assert await asyncio.gather(*(db.batch(put, number) for number in numbers)) == numbers
    assert await db.read(parents) == numbers
    assert len(calls) < 20


async def test_a_batch_spoilt_by_one_item_refuses_only_that_one(db, tables):
    await db.write(add_parent, 5)
    outcomes = await outcomes_of(*(db.batch(add_parents, number) for number in range(10)))
    assert [type(outcome) for outcome in outcomes] == [
        IntegrityError if number == 5 else int for number in range(10)
    ]
    assert await db.read(parents) == list(range(10))


async def test_a_batch_function_refuses_an_item_by_returning_the_reason(db, tables):
    def put_even(work, numbers):
        add_parents(work, [number for number in numbers if number % 2 == 0])
        return [number if number % 2 == 0 else Invalid("odd") for number in numbers]

    outcomes = await outcomes_of(*(db.batch(put_even, number) for number in range(6)))
    assert [type(outcome) for outcome in outcomes] == [int, Invalid] * 3
    assert await db.read(parents) == [0, 2, 4]


async def test_different_batch_functions_do_not_break_up_each_others_batches(db, tables):
    calls = []

    def put(work, numbers):
        calls.append(len(numbers))
        return add_parents(work, numbers)

    def put_too(work, numbers):
        return put(work, numbers)

    await asyncio.gather(*(db.batch((put, put_too)[n % 2], n) for n in range(200)))
    assert len(calls) < 20
    assert len(await db.read(parents)) == 200


async def test_a_batch_function_that_miscounts_saves_nothing(db, tables):
    def lose_one(work, numbers):
        return add_parents(work, numbers)[1:]

    outcomes = await outcomes_of(*(db.batch(lose_one, number) for number in range(3)))
    assert all(isinstance(outcome, ValueError) for outcome in outcomes)
    assert await db.read(parents) == []


# Events


async def test_events_are_numbered_densely_and_in_order(db, shop):
    heard = []
    db.listen(heard.extend)
    await asyncio.gather(*(db.write(see, shop.id, f"/{number}") for number in range(50)))
    logged = await db.read(events_after, shop.id, 0)
    assert [entry.seq for entry in logged] == list(range(1, 51))
    assert {entry.event.path for entry in logged} == {f"/{number}" for number in range(50)}
    assert sorted(entry.seq for entry in heard) == list(range(1, 51))
    assert {entry.seq: entry.body for entry in heard} == {entry.seq: entry.body for entry in logged}


async def test_workspaces_count_on_their_own(db, shop):
    other = await db.write(create_workspace, "Coffee shop")

    def both(work):
        see(work, shop.id, "/a")
        see(work, other.id, "/b")
        see(work, shop.id, "/c")

    await db.write(both)
    await db.write(both)
    assert [e.seq for e in await db.read(events_after, shop.id, 0)] == [1, 2, 3, 4]
    assert [e.seq for e in await db.read(events_after, other.id, 1)] == [2]


async def test_nothing_is_announced_when_the_unit_or_the_commit_fails(db, shop, tables):
    heard = []
    db.listen(heard.extend)

    def see_then_refuse(work):
        see(work, shop.id, "/never")
        raise NotFound("No.")

    def see_then_break_the_commit(work):
        see(work, shop.id, "/never")
        add_child(work, 1, 77)

    outcomes = await outcomes_of(
        db.write(see_then_refuse), db.write(see_then_break_the_commit), db.write(see, shop.id, "/1")
    )
    assert [isinstance(outcome, Exception) for outcome in outcomes] == [True, True, False]
    assert [(entry.seq, entry.event.path) for entry in heard] == [(1, "/1")]
    assert [entry.seq for entry in await db.read(events_after, shop.id, 0)] == [1]


async def test_an_event_is_told_only_after_its_commit(db, database_url, shop):
    """When the listener runs, another connection can already see the row."""
    other = open_database(database_url)
    await other.start()
    told = asyncio.Queue()
    db.listen(told.put_nowait)
    await db.write(see, shop.id, "/1")
    entries = await asyncio.wait_for(told.get(), 5)
    assert [entry.seq for entry in entries] == [1]
    assert [entry.seq for entry in await other.read(events_after, shop.id, 0)] == [1]
    await other.stop()


# What goes wrong


async def test_stopping_finishes_what_was_taken_and_takes_no_more(db, tables, database_url):
    taken = [asyncio.ensure_future(db.batch(add_parents, number)) for number in range(50)]
    taken += [asyncio.ensure_future(db.write(add_parent, number)) for number in range(50, 60)]
    await asyncio.sleep(0)
    await db.stop()
    assert await asyncio.wait_for(asyncio.gather(*taken), 5) == list(range(60))
    for call in (db.write(add_parent, 99), db.batch(add_parents, 99), db.read(parents)):
        with pytest.raises(Unavailable):
            await asyncio.wait_for(call, 5)
    again = open_database(database_url)
    await again.start()
    assert await again.read(parents) == list(range(60))
    await again.stop()


@pytest.mark.parametrize("bad", [StopIteration, SystemExit, KeyboardInterrupt])
async def test_no_exception_of_a_unit_stops_the_writer(sqlite_url, bad):
    database = open_database(sqlite_url)
    await database.start()

    def spoil(work):
        raise bad

    spoilt = database._submit(spoil, (), batched=False)
    await asyncio.wait([spoilt], timeout=5)
    assert spoilt.done()
    assert spoilt.exception() is not None
    assert (await asyncio.wait_for(database.write(create_workspace, "Still here"), 5)).id
    await database.stop()


async def test_a_caller_that_goes_away_harms_nobody(db, tables):
    gone = [asyncio.ensure_future(db.batch(add_parents, number)) for number in range(20)]
    gone += [asyncio.ensure_future(db.write(add_parent, number)) for number in range(20, 40)]
    await asyncio.sleep(0)
    for future in gone[::2]:
        future.cancel()
    outcomes = await outcomes_of(*gone)
    assert all(outcome == number for number, outcome in enumerate(outcomes) if number % 2)
    assert await asyncio.wait_for(db.write(add_parent, 100), 5) == 100


async def test_D_6_a_locked_database_says_so_and_comes_back(db, database_url, tables):
    if db.dialect == "sqlite":
        await db.write(lambda work: work.connection.exec_driver_sql("PRAGMA busy_timeout=100"))
        holder = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked"):
            await db.write(add_parent, 1)
        assert await db.read(parents) == []  # readers go on
        holder.execute("ROLLBACK")
        holder.close()
    else:
        locked, release = asyncio.Event(), asyncio.Event()

        def hold(work):
            from sqlalchemy.util import await_only

            work.execute(text("LOCK TABLE parents"))
            locked.set()
            await_only(release.wait())

        def impatient(work):
            work.execute(text("SET LOCAL lock_timeout = '100ms'"))
            add_parent(work, 1)

        holding = asyncio.create_task(db.write(hold))
        await locked.wait()
        with pytest.raises(Unavailable):
            await db.write(impatient)
        release.set()
        await holding
    assert await db.write(add_parent, 1) == 1
    assert await db.read(parents) == [1]


async def test_D_6_a_full_database_says_so_and_nothing_acknowledged_is_lost(db, tables):
    if db.dialect == "sqlite":

        def no_more_pages(work):
            pages = work.connection.exec_driver_sql("PRAGMA page_count").scalar()
            work.connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

        def fill(work, number):
            add_parent(work, number)
            work.execute(text("UPDATE workspaces SET name = :long"), {"long": "x" * 100_000})

        await db.write(create_workspace, "Tea shop")
        await db.write(no_more_pages)
        outcomes = await outcomes_of(
            db.write(add_parent, 1), db.write(fill, 2), db.write(add_parent, 3)
        )
        assert isinstance(outcomes[1], Unavailable)
        await db.write(lambda work: work.connection.exec_driver_sql("PRAGMA max_page_count=99999"))
    else:
        full = "DO $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$"

        def fill(work, number):
            add_parent(work, number)
            work.execute(text(full))

        outcomes = await outcomes_of(
            db.write(add_parent, 1), db.write(fill, 2), db.write(add_parent, 3)
        )
        assert isinstance(outcomes[1], Unavailable)
    acknowledged = [outcome for outcome in outcomes if isinstance(outcome, int)]
    assert await db.read(parents) == acknowledged
    assert await db.write(add_parent, 4) == 4


def run_python(code, *args, **more):
    """`code` in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *args],
        stdout=subprocess.PIPE,
        text=True,
        **more,
    )


def test_D_6_a_disk_that_is_full_for_a_while_loses_nothing_acknowledged(sqlite_url):
    """The system really refuses to write: the process may not make files longer than this."""
    process = run_python(
        """
        import asyncio, os, resource, signal, sys
        from core.db import open_database
        from core.errors import Unavailable
        from core.workspaces import create_workspace, workspaces

        async def main(url):
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            db = open_database(url)
            await db.start()
            acknowledged, refused = set(), 0
            async def one():
                nonlocal refused
                try:
                    acknowledged.add((await db.write(create_workspace, "x" * 2000)).id)
                except Unavailable:
                    refused += 1
            _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
            size = os.path.getsize(url.removeprefix("sqlite:///") + "-wal")
            resource.setrlimit(resource.RLIMIT_FSIZE, (size + 200_000, hard))
            await asyncio.gather(*(one() for _ in range(40)))
            for _ in range(20):
                await asyncio.gather(*(one() for _ in range(10)))
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
            before = len(acknowledged)
            await asyncio.gather(*(one() for _ in range(10)))
            saved = {each.id for each in await db.read(workspaces)}
            print(before > 0, refused > 0, len(acknowledged) - before, saved == acknowledged)
            await db.stop()

        asyncio.run(main(sys.argv[1]))
        """,
        sqlite_url,
    )
    assert process.communicate(timeout=30)[0].split() == ["True", "True", "10", "True"]


def test_eight_processes_write_one_sqlite_file_and_none_is_refused(sqlite_url):
    """SQLite's deferred BEGIN fails seven in eight of these with “database is locked”."""
    code = """
        import asyncio, sys
        from core.db import open_database
        from core.events import WidgetSeen
        from core.workspaces import create_workspace, workspace

        def see(work, workspace_id, path):
            assert workspace(work, workspace_id)  # reads before it writes
            work.announce(workspace_id, WidgetSeen(widget="w", host="h", path=path))

        async def main(url, shop, name):
            db = open_database(url)
            await db.start()
            print("ready", flush=True)
            sys.stdin.readline()
            for number in range(10):
                paths = [f"{name}/{number}/{n}" for n in range(5)]
                await asyncio.gather(*(db.write(see, shop, path) for path in paths))
            await db.stop()

        asyncio.run(main(*sys.argv[1:]))
        """
    shop = on(sqlite_url, lambda db: db.write(create_workspace, "Tea shop"))
    processes = [
        run_python(code, sqlite_url, shop.id, str(n), stdin=subprocess.PIPE) for n in range(8)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=50)
        assert process.returncode == 0
    entries = on(sqlite_url, lambda db: db.read(events_after, shop.id, 0, 1000))
    assert [entry.seq for entry in entries] == list(range(1, 401))
    assert len({entry.event.path for entry in entries}) == 400


# SQLite's own


async def test_units_that_wait_together_share_one_commit(sqlite_url):
    database = open_database(sqlite_url)
    await database.start()
    commits, hold, started = [], threading.Event(), threading.Event()
    event.listen(database._writing, "commit", lambda connection: commits.append(1))

    def wait(work):
        started.set()
        hold.wait(5)

    first = asyncio.ensure_future(database.write(wait))
    await asyncio.to_thread(started.wait, 5)
    rest = [asyncio.ensure_future(database.write(create_workspace, str(n))) for n in range(50)]
    await asyncio.sleep(0.01)
    hold.set()
    await asyncio.gather(first, *rest)
    assert len(commits) == 2
    await database.stop()


async def test_a_sqlite_commit_is_durable(sqlite_url, monkeypatch):
    database = open_database(sqlite_url)
    await database.start()
    pragmas = await database.write(
        lambda work: [
            work.connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    )
    assert pragmas == ["wal", 2, 1]
    await database.stop()


async def test_the_start_is_refused_where_commits_would_not_be_durable(sqlite_url, monkeypatch):
    monkeypatch.setattr("core.sqlite.PRAGMAS", ("journal_mode=WAL", "synchronous=NORMAL"))
    database = open_database(sqlite_url)
    with pytest.raises(RuntimeError, match="synchronous=1"):
        await database.start()
    await database.stop()


# PostgreSQL's own


@pytest.mark.postgres
async def test_the_start_is_refused_where_postgresql_answers_before_it_has_saved(
    postgres, postgres_url
):
    postgres.sql(f"ALTER DATABASE {make_url(postgres_url).database} SET synchronous_commit = off")
    database = open_database(postgres_url)
    with pytest.raises(RuntimeError, match="synchronous_commit"):
        await database.start()
    await database.stop()


@pytest.mark.postgres
async def test_units_that_deadlock_are_run_again_until_they_pass(postgres_url):
    database = open_database(postgres_url)
    await database.start()
    await database.write(make_tables)
    await database.write(add_parents, [1, 2])
    lock = text("SELECT id FROM parents WHERE id = :id FOR UPDATE")
    attempts, both = [], asyncio.Barrier(2)

    def lock_both(work, first, second):
        from sqlalchemy.util import await_only

        attempts.append(first)
        work.execute(lock, {"id": first})
        if len(attempts) <= 2:  # each holds one and wants the other's
            await_only(both.wait())
        work.execute(lock, {"id": second})
        work.execute(ONE_PARENT, {"id": 10 + first})

    await asyncio.gather(database.write(lock_both, 1, 2), database.write(lock_both, 2, 1))
    assert len(attempts) > 2
    assert await database.read(parents) == [1, 2, 11, 12]
    await database.stop()


@pytest.mark.postgres
async def test_a_restart_of_postgresql_is_survived(postgres, postgres_url):
    database = open_database(postgres_url)
    await database.start()
    await database.write(make_tables)
    await asyncio.gather(*(database.write(add_parent, number) for number in range(10)))
    postgres.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
        f"'{make_url(postgres_url).database}'"
    )
    await asyncio.gather(*(database.write(add_parent, number) for number in range(10, 20)))
    assert await database.read(parents) == list(range(20))
    await database.stop()


@pytest.mark.postgres
async def test_a_server_out_of_reach_is_unavailable(postgres_url):
    database = open_database("postgresql://postgres@127.0.0.1:1/nowhere")
    with pytest.raises(Unavailable):
        await database.write(workspaces)
    with pytest.raises(Unavailable):
        await database.read(workspaces)
    await database.stop()
