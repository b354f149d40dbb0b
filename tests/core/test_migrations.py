"""Migrations: what they leave is what the models say, made once and wholly."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import text

from core import migrations
from core.articles import search_articles
from core.db import open_database
from core.migrations import models
from core.workspaces import create_workspace, workspaces
from tests.core.test_articles import written
from tests.databases import on


def sqlite_schema(connection):
    rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    return {  # the order of columns and constraints is of no account
        name: sorted(re.sub(r"\s+", " ", sql).removesuffix(")").strip().split(", "))
        for name, sql in rows
        if name != "alembic_version"
    }


async def test_the_migrated_schema_is_the_models_on_sqlite(sqlite_url, tmp_path):
    by_models = f"sqlite:///{tmp_path / 'models.db'}"
    await migrations.transact(by_models, models.create)
    assert await migrations.transact(sqlite_url, sqlite_schema) == (
        await migrations.transact(by_models, sqlite_schema)
    ), "The models changed: python -m core.migrations.new TITLE"


@pytest.mark.postgres
def test_the_migrated_schema_is_the_models_on_postgresql(postgres, postgres_url):
    with postgres.database("template0") as by_models:
        asyncio.run(migrations.transact(by_models, models.create))
        dumps = [
            subprocess.check_output(
                [
                    postgres.bin / "pg_dump",
                    "--schema-only",
                    "--no-owner",
                    "-T",
                    "alembic_version",
                    url,
                ],
                text=True,
            )
            for url in (postgres_url, by_models)
        ]
    # pg_dump writes a random word around what it wrote.
    migrated, modelled = (
        sorted(line.strip(" ,") for line in re.sub(r"\\(un)?restrict \w+", "", dump).splitlines())
        for dump in dumps
    )
    assert migrated == modelled, "The models changed: python -m core.migrations.new TITLE"


def test_the_newest_version_is_the_one_the_code_asks_for():
    scripts = ScriptDirectory.from_config(migrations.alembic_config())
    assert scripts.get_heads() == [migrations.HEAD]
    assert {script.revision for script in scripts.walk_revisions()} == migrations.known()


async def test_a_new_database_is_brought_up_to_date_with_a_line_for_each_version(tmp_path):
    url = f"sqlite:///{tmp_path / 'new' / 'parley.db'}"
    lines = []
    assert not await migrations.is_current(url)
    await migrations.upgrade(url, lines.append)
    assert await migrations.is_current(url)
    assert len(lines) == len(migrations.known())
    assert migrations.HEAD in lines[-1]
    await migrations.upgrade(url, lines.append)
    assert len(lines) == len(migrations.known())


def test_processes_that_start_at_once_migrate_once(postgres, tmp_path):
    code = """if True:
        import asyncio, sys
        from core import migrations
        asyncio.run(migrations.upgrade(sys.argv[1], print))
        assert asyncio.run(migrations.is_current(sys.argv[1]))
        """
    with postgres.database("template0") as postgres_url:
        for url in (f"sqlite:///{tmp_path / 'parley.db'}", postgres_url):
            starting = [
                subprocess.Popen(
                    [sys.executable, "-c", code, url], stdout=subprocess.PIPE, text=True
                )
                for _ in range(3)
            ]
            said = [process.communicate(timeout=50)[0] for process in starting]
            assert [process.returncode for process in starting] == [0, 0, 0]
            assert sorted(len(lines.splitlines()) for lines in said) == [
                0,
                0,
                len(migrations.known()),
            ]


async def test_a_version_that_fails_leaves_nothing_behind(database_url):
    def fail_half_way(connection):
        connection.execute(text("CREATE TABLE half (id INTEGER)"))
        connection.execute(text("INSERT INTO workspaces (id) VALUES ('x')"))

    with pytest.raises(Exception, match="workspaces"):
        await migrations.transact(database_url, fail_half_way, begin="BEGIN IMMEDIATE")
    exists = await migrations.transact(
        database_url, lambda connection: connection.dialect.has_table(connection, "half")
    )
    assert not exists
    assert await migrations.is_current(database_url)


async def test_data_survive_an_upgrade_that_has_nothing_to_do(database_url):
    database = open_database(database_url)
    await database.start()
    made = await database.write(create_workspace, "Tea shop")
    await migrations.upgrade(database_url)  # beside a hub that runs
    assert [each.id for each in await database.read(workspaces)] == [made.id]
    await database.stop()


async def test_a_database_of_a_newer_parley_is_left_alone(database_url):
    def pretend(connection):
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_future'"))

    await migrations.transact(database_url, pretend)
    assert not await migrations.is_current(database_url)
    with pytest.raises(migrations.NewerSchema, match="9999_future"):
        await migrations.upgrade(database_url)


def test_looking_at_the_version_does_not_load_alembic(sqlite_url):
    code = """if True:
        import asyncio, sys
        from core import migrations
        assert asyncio.run(migrations.is_current(sys.argv[1]))
        assert "alembic" not in sys.modules
        """
    subprocess.run([sys.executable, "-c", code, sqlite_url], check=True)


def test_W13_a_database_of_before_gets_names_for_its_workspaces_and_a_search(postgres, tmp_path):
    names = ["Tea shop", "Tea Shop!", "Static", "متجر الشاي", "🫖", "🫖"]

    def before(connection):
        config = migrations.alembic_config()
        config.attributes.update(connection=connection)
        command.upgrade(config, "0002_connections")
        for number, name in enumerate(names):
            connection.execute(
                text(
                    "INSERT INTO workspaces "
                    "(id, name, app_id, epoch, event_seq, settings, created_at) "
                    "VALUES (:id, :name, :id, 'e', 0, '{}', :number)"
                ),
                {"id": f"wsp_{number}", "name": name, "number": number},
            )

    with postgres.database("template0") as postgres_url:
        for url in (f"sqlite:///{tmp_path / 'parley.db'}", postgres_url):
            asyncio.run(migrations.transact(url, before, begin="BEGIN IMMEDIATE"))
            asyncio.run(migrations.upgrade(url))
            handles = asyncio.run(
                migrations.transact(
                    url,
                    lambda connection: [
                        row.handle
                        for row in connection.execute(
                            text("SELECT handle FROM workspaces ORDER BY id")
                        )
                    ],
                )
            )
            assert handles == [
                *("tea-shop", "tea-shop-2", "static-2", "متجر-الشاي", "shop", "shop-2")
            ]

            async def find(database):
                article = await database.write(written, "wsp_1", "Returns", "Within 30 days.")
                found = await database.read(search_articles, "wsp_1", "return")
                return article and found[0].path

            assert on(url, find) == "/help/tea-shop-2/returns"
