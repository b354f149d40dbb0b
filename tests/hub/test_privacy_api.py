"""R5: an admin hands out what there is of a customer, or takes it away, in the console."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.testing.hubs import RunningHub, Shop, serve
from core.access import Role
from core.audit import audit_entries
from core.privacy import find_remains

pytestmark = pytest.mark.anyio


async def known(shop: Shop, name: str = "Rosa Canary") -> str:
    body = {"external_id": "42", "name": name, "email": "rosa.canary@shop.example"}
    await shop.post("/v1/chat/ingest/identify", body)
    record = {"kind": "order", "reference": "R-1", "title": "Order of Rosa Canary"}
    await shop.post("/v1/chat/ingest/records", {"external_id": "42", "records": [record]})
    return str((await shop.post("/v1/chat/ingest/identify", body)).json()["id"])


async def test_R5_an_admin_downloads_everything_and_it_is_noted(
    hub: RunningHub, shop: Shop
) -> None:
    customer, admin = await known(shop), await shop.agent(Role.ADMIN)
    answer = await admin.request("POST", f"/console/api/customers/{customer}/export")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["cache-control"] == "no-store"
    exported = answer.json()
    assert exported["customer"]["name"] == "Rosa Canary"
    assert [one["reference"] for one in exported["records"]] == ["R-1"]
    noted = await hub.hub.db.read(audit_entries, shop.workspace_id)
    assert ("customer.exported", customer) in [(one.action, one.target) for one in noted]


async def test_R5_D_3_an_admin_erases_a_customer_and_nothing_is_left(
    hub: RunningHub, shop: Shop
) -> None:
    customer, admin = await known(shop), await shop.agent(Role.ADMIN)
    answer = await admin.request("POST", f"/console/api/customers/{customer}/erase")
    assert answer.json()["counts"]["records"] == 1
    words = ["rosa.canary@shop.example", "Rosa Canary"]
    assert await hub.hub.db.read(find_remains, shop.workspace_id, words) == []
    again = await admin.request("POST", f"/console/api/customers/{customer}/erase")
    assert again.status_code == 404


async def test_R5_T2_an_agent_may_not_and_another_workspace_cannot(hub: RunningHub) -> None:
    mine, other = await hub.shop("Kestrel"), await hub.shop("Northfold")
    customer = await known(mine)
    agent, stranger = await mine.agent(Role.AGENT), await other.agent()
    for deed in ("export", "erase"):
        path = f"/console/api/customers/{customer}/{deed}"
        assert (await agent.request("POST", path)).status_code == 403
        assert (await stranger.request("POST", path)).status_code == 404


def is_in_log(url: str) -> bool:
    log = Path(url.removeprefix("sqlite:///") + "-wal")
    return b"rosa.canary@shop.example" in log.read_bytes()


async def test_D_3_an_erased_customer_is_not_in_the_databases_log_either(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with serve(tmp_path, sqlite_url) as hub:
        shop = await hub.shop("Kestrel")
        customer, admin = await known(shop), await shop.agent(Role.ADMIN)
        assert is_in_log(sqlite_url)
        answer = await admin.request("POST", f"/console/api/customers/{customer}/erase")
        assert answer.status_code == 200
        assert not is_in_log(sqlite_url)
