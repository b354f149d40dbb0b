"""Fixtures for the tests of a plugin: a hub on a real port with the plugin on, and a shop on it.

They are used from any repository that has `parley[testing]` installed::

    pytest_plugins = ["connectors.testing.fixtures"]  # in the test's module

    @pytest.fixture
    def plugins() -> str:
        return '[[plugin]]\\nmodule = "plugins.teashop.plugin"'

A test, or a class of tests, that uses `hub` or `shop` is marked with `pytest.mark.anyio`.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connectors.testing.hubs import RunningHub, Shop, serve
from core import migrations

CHAT = '[[plugin]]\nmodule = "chat.plugin"\n'  # conversations, which discounts are given in


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """What async tests run on."""
    return "asyncio"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "parley.db"
    asyncio.run(migrations.upgrade(f"sqlite:///{path}"))
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a migrated, empty database."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'parley.db')}"


@pytest.fixture
def plugins() -> str:
    """What `plugins.toml` says beside the chat; a plugin's tests override it with their own."""
    return ""


@pytest.fixture
async def hub(
    plugins: str, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[RunningHub]:
    """A whole hub with the chat and `plugins` on; it may call stand-ins on 127.0.0.1."""
    named = tmp_path / "plugins.toml"
    named.write_text(CHAT + plugins)
    monkeypatch.setenv("PLUGINS", str(named))
    async with serve(tmp_path / "data", sqlite_url, outbound_allow="127.0.0.0/8") as running:
        running.hub.services.public_url = running.url  # known once it listens
        yield running


@pytest.fixture
async def shop(hub: RunningHub) -> Shop:
    """A workspace on that hub."""
    return await hub.shop()
