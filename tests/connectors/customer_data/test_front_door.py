"""The Customer-Data API through the front door: a real server, keys, agents and visitors."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

from connectors.customer_data import routes
from connectors.testing.hubs import RunningHub, Shop

FOLDER = Path(routes.__file__).parent
INGEST = "/v1/chat/ingest"
DEPOSIT = {
    "kind": "deposit",
    "reference": "DEP-77",
    "amount": 50,
    "currency": "USD",
    "status": "completed",
}


def of(external_id: Any, *records: Any) -> dict[str, Any]:
    return {"external_id": external_id, "records": list(records)}


async def test_D6_O1_a_deposit_moves_the_agents_timeline_and_the_customers_card(
    shop: Shop,
) -> None:
    agent = await shop.agent()
    async with agent.socket() as console:
        posted = await shop.post(f"{INGEST}/records", of("cust_42", DEPOSIT))
        assert posted.status_code == 200
        heard = await console.hear("RecordChanged")
    assert heard["record"]["reference"] == "DEP-77"
    assert (heard["record"]["amount"]["text"], heard["record"]["tone"]) == ("50.00", "positive")
    page = await agent.get(f"/console/api/customers/{heard['customer']}")
    assert [record["reference"] for record in page["records"]] == ["DEP-77"]
    jordan = await shop.visitor(user_id="cust_42", user_hash=shop.sign("cust_42"))
    activity = (await jordan.request("GET", "/v1/chat/activity")).json()
    assert [record["reference"] for record in activity["items"]] == ["DEP-77"]


async def test_I6_nobody_else_sees_it(shop: Shop) -> None:
    await shop.post(f"{INGEST}/records", of("cust_42", DEPOSIT))
    await shop.post(f"{INGEST}/records", of("0", {**DEPOSIT, "reference": "GUEST"}))
    other = await shop.visitor(user_id="cust_43", user_hash=shop.sign("cust_43"))
    assert (await other.request("GET", "/v1/chat/activity")).json()["items"] == []
    for claim in ({}, {"user_id": "cust_42"}, {"email": "jordan@example.com"}):
        claimed = await shop.visitor(**claim)
        assert (await claimed.request("GET", "/v1/chat/activity")).status_code == 403


async def test_D2_a_key_does_what_its_scopes_say_in_its_own_workspace(
    hub: RunningHub, shop: Shop
) -> None:
    bodies: dict[str, Any] = {
        "identify": {"external_id": "42"},
        "records": of("42", DEPOSIT),
        "products": {"products": [{"external_id": "1", "title": "Tea"}]},
    }
    for scope in bodies:
        key = await shop.key(scope)
        for path, body in bodies.items():
            posted = await shop.post(f"{INGEST}/{path}", body, key=key)
            assert posted.status_code == (200 if path == scope else 403), (scope, path)
    for path, body in bodies.items():
        nobody = await hub.http.post(f"{INGEST}/{path}", json=body)
        assert nobody.status_code == 401
        wrong = await shop.post(f"{INGEST}/{path}", body, key="wgk_" + "x" * 32)
        assert wrong.status_code == 401
    other = await hub.shop("Other")
    gone = {"Authorization": f"Bearer {other.made.api_key}"}
    query = f"{INGEST}/records?kind=deposit&reference=DEP-77"
    assert (await hub.http.delete(query, headers=gone)).status_code == 404
    own = {"Authorization": f"Bearer {shop.made.api_key}"}
    assert (await hub.http.delete(query, headers=own)).status_code == 200
    assert (await hub.http.delete(query, headers=own)).status_code == 404


async def test_C3_the_snippets_posts_arrive_as_wordpress_sends_them(
    hub: RunningHub, shop: Shop
) -> None:
    capture = json.loads((FOLDER / "fixtures/snippet_customer_statuses.json").read_text())
    for request in capture["requests"]:
        headers = {name: value for name, value in request["headers"] if name != "Host"}
        headers["Authorization"] = f"Bearer {shop.made.api_key}"
        body = base64.b64decode(request["body_base64"])
        sent = await hub.http.request(
            request["method"], request["path"], content=body, headers=headers
        )
        assert sent.status_code == 200
    anna = await shop.visitor(user_id="2", user_hash=shop.sign("2"))
    (order,) = (await anna.request("GET", "/v1/chat/activity")).json()["items"]
    assert (order["title"], order["amount"]["text"]) == ("Order #380", "96.64")


async def test_N1_N2_hostile_bodies_are_refused(hub: RunningHub, shop: Shop) -> None:
    headers = {"Authorization": f"Bearer {shop.made.api_key}"}
    deep = b'{"external_id":"1","records":' + b"[" * 5000 + b"]" * 5000 + b"}"
    for content, status in (
        (b"", 400),
        (b"\xff\xfe", 400),
        (deep, 400),
        (b'{"external_id":"\\u0000","records":[]}', 400),
        (b'{"external_id":"1","records":[{}]}', 422),
        (b'{"a":"' + b"x" * (1 << 20) + b'"}', 413),
    ):
        sent = await hub.http.post(f"{INGEST}/records", content=content, headers=headers)
        assert sent.status_code == status, sent.text
        assert sent.json()["error"]["message"]


async def test_D13_an_idempotency_key_replays_the_answer(shop: Shop) -> None:
    body = of("42", DEPOSIT)
    header = {"Idempotency-Key": "3f1c"}
    first = await shop.post(f"{INGEST}/records", body, **header)
    again = await shop.post(f"{INGEST}/records", body, **header)
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    other = await shop.post(f"{INGEST}/records", of("43", DEPOSIT), **header)
    assert other.status_code == 409


async def test_the_readmes_examples_work(shop: Shop) -> None:
    readme = (FOLDER / "README.md").read_text()
    sent = re.findall(r'curl "\$PARLEY(\S+)" \\\n.*?-d \'(.*?)\'', readme, re.DOTALL)
    assert len(sent) == 2
    for path, body in sent:
        assert (await shop.post(path, json.loads(body))).status_code == 200
