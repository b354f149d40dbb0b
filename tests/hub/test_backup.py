"""Backup and restore, as an operator runs them: beside a hub that works, and after a loss."""

from __future__ import annotations

import asyncio
import functools
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from core import inbox
from core.events import WidgetSeen
from core.inbox import Received
from core.log import events_after, head
from core.workspaces import create_workspace, workspaces
from tests.databases import on

ROOT = Path(__file__).parents[2]


@pytest.fixture
def command(tmp_path, postgres):
    """The `hub` command over a database."""

    def run(database_url, *arguments, say="", **environment):
        return subprocess.run(
            [sys.executable, "-m", "hub", *arguments],
            input=say,
            capture_output=True,
            text=True,
            timeout=50,
            cwd=tmp_path,
            env={
                "PATH": f"{postgres.bin}:{os.environ['PATH']}",
                "PYTHONPATH": str(ROOT),
                "DATA_DIR": str(tmp_path / "data"),
                "DATABASE_URL": database_url,
                **environment,
            },
        )

    return run


@pytest.fixture
def run(command, database_url):
    return functools.partial(command, database_url)


async def open_shop(database, name="Tea shop"):
    made = await database.write(create_workspace, name)

    def see(work):
        for path in ("/1", "/2"):
            work.announce(made.id, WidgetSeen(widget="w", host="tea.example", path=path))

    await database.write(see)
    await database.batch(inbox.store, Received(made.id, "teashop", "c", "orders/paid", b"\x00{}"))
    await database.write(inbox.queue.claim, "somebody who is gone", ["teashop"])
    return made


def names(url):
    return sorted(each.name for each in on(url, lambda database: database.read(workspaces)))


def test_R7_a_backup_brings_everything_back(run, database_url, tmp_path):
    file = tmp_path / "parley.backup"
    shop = on(database_url, open_shop)
    epoch, seq = on(database_url, lambda database: database.read(head, shop.id))
    made = run("backup", str(file))
    assert made.returncode == 0, made.stderr
    assert "SECRET_KEY" in made.stdout
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not list(tmp_path.glob("*.part*"))

    on(database_url, lambda database: database.write(create_workspace, "After the backup"))
    restored = run("restore", str(file), "--yes")
    assert restored.returncode == 0, restored.stderr
    assert names(database_url) == ["Tea shop"]
    logged = on(database_url, lambda database: database.read(events_after, shop.id, 0))
    assert [entry.event.path for entry in logged] == ["/1", "/2"]
    # Who resumes with the old epoch is told to fetch afresh.
    new_epoch, new_seq = on(database_url, lambda database: database.read(head, shop.id))
    assert new_epoch != epoch
    assert new_seq == seq
    depths = on(database_url, lambda database: database.read(inbox.queue.depths))
    assert (depths["waiting"], depths["working"]) == (1, 0)
    (row,) = on(
        database_url, lambda database: database.write(inbox.queue.claim, "new", ["teashop"])
    )
    assert (row["body"], row["attempts"]) == (b"\x00{}", 1)


def test_R7_a_backup_is_taken_while_the_hub_writes_and_is_of_one_moment(
    run, database_url, tmp_path
):
    file = tmp_path / "parley.backup"
    shop = on(database_url, open_shop)

    def see_twice(work):
        for path in ("/a", "/b"):
            work.announce(shop.id, WidgetSeen(widget="w", host="tea.example", path=path))

    async def write_meanwhile(database):
        taking = asyncio.create_task(asyncio.to_thread(run, "backup", str(file)))
        count = 0
        while not taking.done():
            await database.write(see_twice)
            count += 2
        assert taking.result().returncode == 0, taking.result().stderr
        return count

    assert on(database_url, write_meanwhile) > 10
    assert run("restore", str(file), "--yes").returncode == 0
    _, seq = on(database_url, lambda database: database.read(head, shop.id))
    logged = on(database_url, lambda database: database.read(events_after, shop.id, 0, 100_000))
    assert [entry.seq for entry in logged] == list(range(1, seq + 1))
    assert seq % 2 == 0


def test_R7_nothing_is_restored_while_a_hub_uses_the_database(run, database_url, tmp_path):
    file = tmp_path / "parley.backup"
    on(database_url, open_shop)
    run("backup", str(file))

    async def beside(database):
        await database.write(create_workspace, "Newer")
        return await asyncio.to_thread(run, "restore", str(file), "--yes")

    refused = on(database_url, beside)
    assert refused.returncode == 1
    assert "Stop" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert names(database_url) == ["Newer", "Tea shop"]
    assert run("restore", str(file), "--yes").returncode == 0
    assert names(database_url) == ["Tea shop"]


def test_R7_restore_asks_before_it_replaces(run, database_url, tmp_path):
    file = tmp_path / "parley.backup"
    on(database_url, open_shop)
    run("backup", str(file))
    on(database_url, lambda database: database.write(create_workspace, "Newer"))
    kept = run("restore", str(file), say="n\n")
    assert kept.returncode == 1
    assert "2 workspaces" in kept.stderr
    assert names(database_url) == ["Newer", "Tea shop"]
    assert run("restore", str(file), say="y\n").returncode == 0
    assert names(database_url) == ["Tea shop"]


def test_R7_a_file_that_is_no_backup_is_refused_and_nothing_is_touched(run, database_url, tmp_path):
    on(database_url, open_shop)
    good = tmp_path / "good"
    run("backup", str(good))
    whole = good.read_bytes()
    bad = {
        "empty": b"",
        "text": b"-- a dump of something else\n" * 10,
        "cut off": whole[: len(whole) // 2],
        "scribbled over": whole[:300] + b"\xff" * 60_000 + whole[60_300:],
    }
    for name, content in bad.items():
        file = tmp_path / "bad"
        file.write_bytes(content)
        refused = run("restore", str(file), "--yes")
        assert refused.returncode == 1, (name, refused.stdout)
        assert "Traceback" not in refused.stderr, name
        assert names(database_url) == ["Tea shop"], name


def test_a_backup_never_replaces_another_file_unasked(run, database_url, tmp_path):
    file = tmp_path / "parley.backup"
    on(database_url, open_shop)
    run("backup", str(file))
    before = file.read_bytes()
    refused = run("backup", str(file))
    assert refused.returncode == 1
    assert "--yes" in refused.stderr
    assert file.read_bytes() == before
    assert run("backup", str(file), "--yes").returncode == 0


def test_R7_a_lost_database_comes_back_from_its_backup(command, sqlite_url, tmp_path):
    run = functools.partial(command, sqlite_url)
    file = tmp_path / "parley.backup"
    on(sqlite_url, open_shop)
    run("backup", str(file))
    for left in tmp_path.glob("parley.db*"):
        left.unlink()
    restored = run("restore", str(file))  # there is nothing to ask about
    assert restored.returncode == 0, restored.stderr
    assert names(sqlite_url) == ["Tea shop"]


def test_another_programs_database_is_not_taken_for_a_backup(command, sqlite_url, tmp_path):
    run = functools.partial(command, sqlite_url)
    file = tmp_path / "other.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE recipes (id INTEGER)")
    refused = run("restore", str(file), "--yes")
    assert refused.returncode == 1
    assert "not one of Parley's" in refused.stderr


@pytest.mark.postgres
def test_without_pg_dump_the_error_says_what_to_install(command, postgres_url, tmp_path):
    refused = command(postgres_url, "backup", str(tmp_path / "file"), PATH="/nonexistent")
    assert refused.returncode == 1
    assert "postgresql-client" in refused.stderr
