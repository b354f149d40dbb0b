"""What agents list, search and open."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.testing.hubs import Agent, RunningHub, Shop
from core.access import Role
from core.agents import remove_agent
from core.audit import operator
from core.conversations import let_answer

pytestmark = pytest.mark.anyio


async def talk(shop: Shop, conversation: str, *texts: str, **identity: Any) -> None:
    visitor = await shop.visitor(**identity)
    async with visitor.socket() as widget:
        for text in texts:
            await widget.say(text, conversation)


async def listed(agent: Agent, query: str = "") -> list[str]:
    page = await agent.get(f"/console/api/conversations?{query}")
    return [row["id"] for row in page["items"]]


async def test_G1_the_inbox_lists_the_newest_first_with_counts(shop: Shop) -> None:
    agent = await shop.agent()
    await talk(shop, "talk-0001", "one")
    await talk(shop, "talk-0002", "two", "three", name="Jane")
    page = await agent.get("/console/api/conversations")
    first, second = page["items"]
    assert (first["id"], first["customer_name"], first["unread"]) == ("talk-0002", "Jane", 2)
    assert (second["customer_name"], second["last"]["text"]) == ("Visitor", "one")
    assert page["counts"] == {"mine": 0, "unassigned": 2, "assistant": 0, "all": 2}


async def test_G1_who_answers_first_has_it_among_theirs(shop: Shop) -> None:
    agent = await shop.agent()
    await talk(shop, "talk-0001", "one")
    async with agent.socket() as console:
        await console.say("hello", "talk-0001")
    assert await listed(agent, "tab=mine") == ["talk-0001"]
    assert await listed(agent, "tab=unassigned") == []


async def test_A8_what_the_assistant_answers_has_a_tab_of_its_own(shop: Shop) -> None:
    agent = await shop.agent()
    await talk(shop, "talk-0001", "one")
    await talk(shop, "talk-0002", "two")
    await shop.hub.hub.db.write(let_answer, shop.workspace_id, "talk-0001", "assistant")
    assert await listed(agent, "tab=assistant") == ["talk-0001"]
    assert await listed(agent, "tab=unassigned") == ["talk-0002"]
    counts = (await agent.get("/console/api/conversations"))["counts"]
    assert counts == {"mine": 0, "unassigned": 1, "assistant": 1, "all": 2}


async def test_G5_status_and_words_filter_the_list(shop: Shop) -> None:
    agent = await shop.agent()
    await talk(shop, "talk-0001", "the blue teapot", name="Amara")
    await talk(shop, "talk-0002", "100% cotton_bag")
    async with agent.socket() as console:
        frame = {"type": "set_status", "id": "frame-001", "conversation": "talk-0001"}
        await console.send({**frame, "status": "resolved"})
        await console.hear("ack", id="frame-001")
    assert await listed(agent) == ["talk-0002"]
    assert await listed(agent, "status=resolved") == ["talk-0001"]
    assert await listed(agent, "status=any&q=TEAPOT") == ["talk-0001"]
    assert await listed(agent, "status=any&q=amara") == ["talk-0001"]
    assert await listed(agent, "status=any&q=%25") == ["talk-0002"]  # no wildcard
    assert await listed(agent, "status=any&q=n_b") == ["talk-0002"]
    assert await listed(agent, "status=any&q=zzz") == []


async def test_G5_pages_follow_each_other_without_a_gap(shop: Shop) -> None:
    agent = await shop.agent()
    visitor = await shop.visitor()
    async with visitor.socket() as widget:
        for number in range(55):
            await widget.say("hello", f"talk-{number:04}")
    first = await agent.get("/console/api/conversations")
    second = await agent.get(f"/console/api/conversations?before={first['next']}")
    ids = [row["id"] for row in (*first["items"], *second["items"])]
    assert ids == [f"talk-{number:04}" for number in range(54, -1, -1)]
    assert second["next"] is None


@pytest.mark.parametrize("query", ["before=x", "status=gone", "tab=theirs", "before=9.%00"])
async def test_D13_a_query_that_makes_no_sense_is_refused(shop: Shop, query: str) -> None:
    answer = await (await shop.agent()).request("GET", f"/console/api/conversations?{query}")
    assert answer.status_code in (400, 422)


async def test_G2_G4_I8_the_panel_tells_facts_from_claims(shop: Shop) -> None:
    agent = await shop.agent()
    profile = {"external_id": "42", "name": "Jane Doe", "attributes": {"tier": "Gold"}}
    await shop.post("/v1/chat/ingest/identify", profile)
    await talk(
        shop,
        "talk-0001",
        "hi",
        user_id="42",
        user_hash=shop.sign("42"),
        name="Mallory",
        email="jane@claims.example",
    )
    opened = await agent.get("/console/api/conversations/talk-0001")
    customer = opened["customer"]
    assert customer["verified"] and customer["assurance"] == "hmac"
    assert customer["profile"]["name"]["value"] == "Jane Doe"
    assert customer["profile"]["email"]["source"] == "browser"
    assert customer["profile"]["email"]["verified"] is False
    assert customer["attributes"]["tier"]["source"] == "customer_data"


async def test_G3_O4_records_come_with_colour_link_and_history(shop: Shop) -> None:
    agent = await shop.agent()
    await talk(shop, "talk-0001", "hi", user_id="42", user_hash=shop.sign("42"))
    record = {"kind": "order", "reference": "1", "amount": 5, "currency": "EUR"}
    for status in ("pending", "paid"):
        body = {**record, "status": status, "url": "https://shop.example/1"}
        await shop.post("/v1/chat/ingest/records", {"external_id": "42", "records": [body]})
    (shown,) = (await agent.get("/console/api/conversations/talk-0001"))["records"]
    assert (shown["tone"], shown["url"]) == ("positive", "https://shop.example/1")
    steps = (await agent.get(f"/console/api/records/{shown['id']}/history"))["items"]
    assert [(step["before"], step["after"]) for step in steps] == [
        (None, "pending"),
        ("pending", "paid"),
    ]


async def test_T2_search_counts_and_panels_are_of_one_workspace(
    hub: RunningHub, shop: Shop
) -> None:
    await talk(shop, "talk-0001", "canary", name="canary")
    product = {"external_id": "1", "title": "canary"}
    await shop.post("/v1/chat/ingest/products", {"products": [product]})
    stranger = await (await hub.shop("Northfold")).agent()
    page = await stranger.get("/console/api/conversations?status=any&q=canary")
    assert (page["items"], page["counts"]["all"]) == ([], 0)
    assert (await stranger.get("/console/api/products?q=canary"))["items"] == []
    answer = await stranger.request("GET", "/console/api/conversations/talk-0001")
    assert answer.status_code == 404


async def test_G5_a_removed_agent_gets_nothing_assigned(shop: Shop) -> None:
    agent, gone = await shop.agent(), await shop.agent(Role.AGENT)
    await talk(shop, "talk-0001", "hi")
    await shop.hub.hub.db.write(remove_agent, operator(shop.workspace_id), gone.principal.id)
    async with agent.socket() as console:
        frame = {"type": "assign", "id": "frame-001", "conversation": "talk-0001"}
        await console.send({**frame, "assignee": gone.principal.id})
        refused = await console.hear("error", id="frame-001")
        assert (refused["code"], refused["field"]) == ("invalid", "assignee")
