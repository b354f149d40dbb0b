"""What was given up is listed with its reason, and runs again when it is put back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from connectors.testing.hubs import serve
from connectors.testing.patience import until
from core.errors import Refused
from core.inbox import Delivery, Received
from core.services import Services
from hub.cli import main

pytestmark = pytest.mark.anyio


async def test_S8_a_refused_webhook_is_listed_and_runs_again_when_put_back(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    reason = Refused("The kettle is not ours.")
    seen: asyncio.Queue[str] = asyncio.Queue()

    async def take_in(_: Services, delivery: Delivery) -> None:
        seen.put_nowait(delivery.topic)
        if seen.qsize() == 1:
            raise reason

    async with serve(tmp_path, sqlite_url) as running, asyncio.timeout(20):
        shop = await running.shop()
        inbox = running.hub.services.inbox
        inbox.handler("teashop", take_in)
        await inbox.store(Received(shop.workspace_id, "teashop", "", "order", b"{}"))
        await until(given_up)
        assert (await hub("replay", "--source", "other")).output.startswith("0 put back")
        assert (await hub("replay", "--source", "teashop")).output.startswith("1 put back")
        await until(lambda: seen.qsize() == 2)
        assert (await hub("replay", "--list")).output == "Nothing was given up.\n"


async def given_up() -> bool:
    """Whether the list names the reason."""
    return "kettle is not ours" in (await hub("replay", "--list")).output


async def hub(*arguments: str) -> Result:
    """The command, beside the running server."""
    result = await asyncio.to_thread(CliRunner().invoke, main, arguments)
    assert result.exit_code == 0, result.output
    return result
