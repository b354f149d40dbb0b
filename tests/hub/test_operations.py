"""What a load balancer and a monitor ask: alive, ready, how much, which version."""

from __future__ import annotations

import re
import sqlite3
import time
from contextlib import closing

from connectors.testing.hubs import serve
from core import inbox
from core.inbox import Received
from hub import __version__


async def test_R7_a_hub_that_is_well_says_so(tmp_path, database_url):
    async with serve(tmp_path, database_url) as hub:
        assert (await hub.http.get("/healthz")).json() == {"ok": True}
        ready = await hub.http.get("/readyz")
        assert ready.status_code == 200
        assert ready.json()["parts"][0] == {"part": "database", "ok": True, "detail": ""}
        assert (await hub.http.get("/version")).json() == {"version": __version__}


async def test_R7_a_database_that_cannot_be_written_makes_the_hub_unready_but_alive(
    tmp_path, sqlite_url
):
    async with serve(tmp_path, sqlite_url) as hub:
        path = sqlite_url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            began = time.monotonic()
            ready = await hub.http.get("/readyz")
            assert ready.status_code == 503
            assert time.monotonic() - began < 4
            (part,) = [part for part in ready.json()["parts"] if not part["ok"]]
            assert part["part"] == "database"
            assert (await hub.http.get("/healthz")).status_code == 200
            assert (await hub.http.get("/metrics")).status_code == 200
            holder.execute("ROLLBACK")
        assert (await hub.http.get("/readyz")).status_code == 200


async def test_R7_metrics_count_by_declared_route_and_name_no_tenant(tmp_path, sqlite_url):
    async with serve(tmp_path, sqlite_url) as hub:
        shop = await hub.shop()
        await shop.post("/v1/chat/ingest/identify", {"external_id": "rosa-42"})
        visitor = await shop.visitor()
        await visitor.request("GET", "/v1/chat/conversations/cnv_12345678/messages?whisper=yes")
        await hub.hub.db.batch(inbox.store, Received(shop.workspace_id, "off", "c", "t", b""))
        said = (await hub.http.get("/metrics")).text
    assert re.search(
        r'parley_requests_total{method="POST",route="/v1/chat/ingest/identify",status="200"} \d',
        said,
    )
    assert 'route="/v1/chat/conversations/{id}/messages"' in said
    assert 'parley_work{queue="webhooks",state="waiting"} 1.0' in said
    assert re.search(r"parley_events_total [1-9]", said)
    for private in (shop.workspace_id, "rosa-42", "Kestrel", "cnv_12345678", "whisper", visitor.id):
        assert private not in said
