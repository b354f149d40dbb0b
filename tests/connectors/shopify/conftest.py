"""A hub beside two shops of the stand-in, kettle and samovar."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connectors.shopify.standin import (
    CLIENT_ID,
    CLIENT_SECRET,
    WEBHOOKS,
    App,
    Standin,
    Subscription,
    standin,
)
from connectors.testing.hubs import RunningHub, serve

ADDRESS = "/shopify/webhooks"


@pytest.fixture
async def store(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Standin]:
    app = App(webhooks=[Subscription(topic, ADDRESS) for topic in WEBHOOKS])
    async with standin(["kettle", "samovar"], apps=[app]) as store:
        monkeypatch.setenv("SHOPIFY_ORIGIN", store.url)
        monkeypatch.setenv("SHOPIFY_CLIENT_ID", CLIENT_ID)
        monkeypatch.setenv("SHOPIFY_CLIENT_SECRET", CLIENT_SECRET)
        yield store


@pytest.fixture
async def hub(store: Standin, sqlite_url: str, tmp_path: Path) -> AsyncIterator[RunningHub]:
    async with serve(tmp_path, sqlite_url) as running:
        store.app_of_hub.url = running.url
        yield running
