"""A hub beside a shop of the stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connectors.testing.hubs import RunningHub, serve
from connectors.woocommerce.standin import WooStore


@pytest.fixture
async def store() -> AsyncIterator[WooStore]:
    async with WooStore() as store:
        yield store


@pytest.fixture
async def hub(store: WooStore, sqlite_url: str, tmp_path: Path) -> AsyncIterator[RunningHub]:
    async with serve(tmp_path, sqlite_url, outbound_allow="127.0.0.0/8") as running:
        running.hub.services.public_url = running.url
        yield running
