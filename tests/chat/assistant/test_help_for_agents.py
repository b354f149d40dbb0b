"""What agents get from the assistant: settings, a test chat, drafts, summaries and transcripts."""

from __future__ import annotations

from typing import Any

import pytest

from chat.assistant.engine import Passing, Question, Reply, Tell
from chat.assistant.engines import Engines
from connectors.testing.hubs import Agent, RunningHub, Shop
from core.access import Role
from core.article_drafts import create_article, publish, save_draft
from core.customers import OWN_SOURCE, customer_by_external_id
from core.db import Work
from core.usages import Usage
from tests.chat.assistant.parrots import TALK, Parrot, answer_to, assistants, turn_on, turns_of

pytestmark = pytest.mark.anyio
PAGE = "/console/api/assistant"
IN_TALK = f"/console/api/conversations/{TALK}"


async def put(agent: Agent, **body: Any) -> Any:
    answer = await agent.request("PUT", PAGE, body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def post(agent: Agent, path: str, body: Any = None) -> Any:
    answer = await agent.request("POST", path, body)
    assert answer.status_code == 200, answer.text
    return answer.json()


# Settings ---------------------------------------------------------------------------------


async def test_A10_the_assistant_is_off_until_an_admin_turns_it_on(
    hub: RunningHub, shop: Shop
) -> None:
    admin, agent = await shop.agent(Role.ADMIN), await shop.agent(Role.AGENT)
    before = await agent.get(PAGE)
    assert (before["on"], before["engine"], before["discount_percent"]) == (False, "built-in", "10")
    assert before["model"]["configured"] is False
    tools = {tool["name"]: tool for tool in before["tools"]}
    assert len(tools) == 8
    assert (tools["my_activity"]["needs"], tools["my_activity"]["rule"]) == ("hmac", "answers")
    assert (await agent.request("PUT", PAGE, {"on": True})).status_code == 403
    after = await put(
        admin,
        on=True, discount_percent="7.5", price_in="0.40", cost_a_day="12.345678", currency="eur",
        rules={"offer_discount": "asks"}, words=[" lawyer ", "lawyer"],
    )  # fmt: skip
    assert (after["on"], after["discount_percent"], after["words"]) == (True, "7.5", ["lawyer"])
    assert (after["price_in"], after["cost_a_day"], after["currency"]) == (
        "0.40", "12.345678", "EUR",
    )  # fmt: skip
    assert {tool["name"]: tool["rule"] for tool in after["tools"]}["offer_discount"] == "asks"
    assert (await put(admin, cost_a_day=None))["cost_a_day"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"discount_percent": "101"}, "discount_percent"),
        ({"discount_percent": "1.234"}, "discount_percent"),
        ({"engine": "model"}, "engine"),
        ({"engine": "oracle"}, "engine"),
        ({"answers": 0}, "answers"),
        ({"tokens_a_day": -1}, "tokens_a_day"),
        ({"price_in": "0.0000001", "currency": "EUR"}, "price_in"),
        ({"price_out": "1e40", "currency": "EUR"}, "price_out"),
        ({"cost_a_day": "1"}, "currency"),
        ({"currency": "EURO"}, "currency"),
        ({"currency": "XXX"}, "currency"),
        ({"rules": {"drop_tables": "answers"}}, "rules"),
        ({"rules": {"my_orders": "perhaps"}}, "rules.my_orders"),
        ({"words": ["x"]}, "words"),
        ({"words": ["x" * 61]}, "words[0]"),
    ],
)
async def test_A10_a_setting_that_makes_no_sense_is_named(
    hub: RunningHub, shop: Shop, body: dict[str, Any], field: str
) -> None:
    admin = await shop.agent(Role.ADMIN)
    before = await admin.get(PAGE)
    answer = await admin.request("PUT", PAGE, body)
    assert answer.status_code == 422, answer.text
    named = answer.json()["error"].get("field", "")
    assert named.startswith(field.partition(".")[0].partition("[")[0])
    assert await admin.get(PAGE) == before


async def test_A10_the_page_counts_todays_answers(hub: RunningHub, shop: Shop) -> None:
    parrot = await turn_on(hub, shop, currency="EUR")
    visitor, agent = await shop.visitor(), await shop.agent()
    async with visitor.socket() as widget:
        await answer_to(widget, "one")
        assert (await agent.get(PAGE))["answering_now"] == 1
        await answer_to(widget, "two")
        parrot.replies = [Reply(text="", locale="en", passing=Passing("unsure", "Hm."))]
        await answer_to(widget, "three")

    def spend(work: Work) -> None:
        today = work.session.get(Usage, (shop.workspace_id, work.now // 86_400_000, ""))
        assert today is not None
        today.tokens_in, today.tokens_out, today.cost = 100, 20, 1_500_000
        work.add(today)

    await hub.hub.db.write(spend)
    page = await agent.get(PAGE)
    used = page["usage"]
    assert (used["answers"], used["handovers"], used["tokens"], used["cost"]) == (2, 1, 120, "1.50")
    assert used["median_ms"] >= 0
    assert page["answering_now"] == 0


async def test_A10_a_check_of_no_model_says_so(hub: RunningHub, shop: Shop) -> None:
    admin = await shop.agent(Role.ADMIN)
    checked = await post(admin, f"{PAGE}/check")
    assert checked["ok"] is False
    assert checked["detail"]


async def test_A10_the_kill_switch_is_a_button(hub: RunningHub, shop: Shop) -> None:
    await turn_on(hub, shop)
    admin, visitor = await shop.agent(), await shop.visitor()
    async with visitor.socket() as widget:
        await answer_to(widget, "Hello?")
        await put(admin, on=False)
        assert (await assistants(widget))["cards"][0]["type"] == "handover"
    aid = await admin.get(f"{IN_TALK}/assistant")
    assert (aid["answering"], aid["handover"]["why"]) == ("people", "stopped")


# Trying it out ----------------------------------------------------------------------------


async def test_A10_a_test_chat_knows_a_customer_and_changes_nothing(
    hub: RunningHub, shop: Shop
) -> None:
    parrot = await turn_on(hub, shop)
    agent = await shop.agent(Role.AGENT)
    record = {"kind": "deposit", "reference": "D-1", "status": "completed"}
    await shop.post("/v1/chat/ingest/records", {"external_id": "42", "records": [record]})
    customer = await customer_id(hub, shop, "42")

    async def look(question: Question, tell: Tell) -> Reply:
        found = await question.tools.use("my_activity", {})
        await question.tools.use("offer_discount", {})
        return Reply(text="Done.", locale="en", cards=found.cards, choices=("Thanks",))

    parrot.replies = [look, look]
    asked = {"text": "My deposit?", "history": [{"author": "assistant", "text": "Hi"}]}
    known = await post(agent, f"{PAGE}/try", {**asked, "customer": customer})
    assert [card["reference"] for card in known["cards"]] == ["D-1"]
    assert [step["outcome"] for step in known["steps"]] == ["found", "waiting"]
    assert (known["choices"], known["passing"]) == (["Thanks"], None)
    unknown = await post(agent, f"{PAGE}/try", {**asked, "customer": None})
    assert [step["outcome"] for step in unknown["steps"]] == ["verify", "waiting"]
    assert [one.text for one in parrot.questions[0].history] == ["Hi"]
    assert (await agent.get("/console/api/discounts"))["items"] == []
    assert (await agent.get(PAGE))["usage"]["answers"] == 0


async def customer_id(hub: RunningHub, shop: Shop, external_id: str) -> str:
    found = await hub.hub.db.read(
        customer_by_external_id, shop.workspace_id, OWN_SOURCE, external_id
    )
    assert found is not None
    return found.id


async def test_T2_a_test_chat_is_no_way_to_another_shops_customer(
    hub: RunningHub, shop: Shop
) -> None:
    await turn_on(hub, shop)
    northfold = await hub.shop("Northfold")
    await northfold.post("/v1/chat/ingest/identify", {"external_id": "9", "name": "canary"})
    customer = await customer_id(hub, northfold, "9")
    agent = await shop.agent()
    body = {"text": "Who am I?", "customer": customer}
    assert (await agent.request("POST", f"{PAGE}/try", body)).status_code == 404


async def test_A10_an_engine_that_fails_in_a_test_chat_is_said_to(
    hub: RunningHub, shop: Shop
) -> None:
    parrot = await turn_on(hub, shop)
    parrot.replies = [RuntimeError("Boom")]
    agent = await shop.agent()
    answer = await agent.request("POST", f"{PAGE}/try", {"text": "Hello?"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")


# In a conversation ------------------------------------------------------------------------


async def test_A10_an_agent_sees_how_each_answer_came_about(hub: RunningHub, shop: Shop) -> None:
    parrot = await turn_on(hub, shop)

    async def look(question: Question, tell: Tell) -> Reply:
        await question.tools.use("search_products", {"words": "kettle"})
        return Reply(text="None.", locale="en")

    parrot.replies = [look]
    visitor, agent = await shop.visitor(), await shop.agent(Role.AGENT)
    async with visitor.socket() as widget:
        await answer_to(widget, "A kettle?")
    aid = await agent.get(f"{IN_TALK}/assistant")
    assert (aid["answering"], aid["handover"]) == ("assistant", None)
    (transcript,) = aid["transcripts"]
    (step,) = transcript["steps"]
    assert (transcript["message"], step["tool"], step["outcome"], step["arguments"]) == (
        "assistant-1", "search_products", "nothing", {"words": "kettle"},
    )  # fmt: skip


async def test_A8_an_agent_takes_over_and_gives_back(hub: RunningHub, shop: Shop) -> None:
    parrot = await turn_on(hub, shop)
    visitor, agent = await shop.visitor(), await shop.agent(Role.AGENT)
    async with visitor.socket() as widget:
        await answer_to(widget, "Hello?")
        taken = await post(agent, f"{IN_TALK}/answering", {"who": "people"})
        assert taken["answering"] == "people"
        await widget.say("Anybody?", TALK)
        await widget.silence()
        assert len(parrot.questions) == 1
        given = await post(agent, f"{IN_TALK}/answering", {"who": "assistant"})
        assert (given["answering"], given["handover"]) == ("assistant", None)
        assert (await assistants(widget))["text"] == "Anybody?"


async def test_A8_nobody_gives_back_to_an_assistant_that_is_off(
    hub: RunningHub, shop: Shop
) -> None:
    visitor, agent = await shop.visitor(), await shop.agent()
    async with visitor.socket() as widget:
        await widget.say("Hello?", TALK)
    answer = await agent.request("POST", f"{IN_TALK}/answering", {"who": "assistant"})
    assert answer.status_code == 409


async def test_A10_a_draft_says_what_the_visitor_may_know_and_changes_nothing(
    hub: RunningHub, shop: Shop
) -> None:
    parrot = Parrot()
    turns_of(hub).engines = Engines(parrot)

    async def look(question: Question, tell: Tell) -> Reply:
        found = await question.tools.use("my_activity", {"kind": "deposit"})
        await question.tools.use("offer_discount", {})
        sources = found.sources
        return Reply(text=question.text, locale="en", cards=found.cards, sources=sources)

    parrot.replies = [look]
    record = {"kind": "deposit", "reference": "D-1", "status": "completed"}
    await shop.post("/v1/chat/ingest/records", {"external_id": "42", "records": [record]})
    visitor = await shop.visitor(user_id="42", user_hash=shop.sign("42"))
    agent = await shop.agent(Role.AGENT)
    async with visitor.socket() as widget:
        await widget.say("Hello", TALK)
        await widget.say("My deposit?", TALK)
        draft = await post(agent, f"{IN_TALK}/draft")
        assert draft["text"] == "Hello\nMy deposit?"
        assert draft["cards"][0]["reference"] == draft["sources"][0]["title"] == "D-1"
        assert [step["outcome"] for step in draft["steps"]] == ["found", "waiting"]
        assert len(await widget.silence()) == 0 or "assistant" not in str(widget.heard)


async def test_A10_there_is_no_draft_before_anything_was_asked(hub: RunningHub, shop: Shop) -> None:
    visitor, agent = await shop.visitor(), await shop.agent()
    async with visitor.socket() as widget:
        await widget.say("  ", TALK, products=[await product_id(shop, agent)])
    answer = await agent.request("POST", f"{IN_TALK}/draft")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "nothing_asked")


async def product_id(shop: Shop, agent: Agent) -> str:
    await shop.post(
        "/v1/chat/ingest/products", {"products": [{"external_id": "p", "title": "Jug"}]}
    )
    (found,) = (await agent.get("/console/api/products?q=jug"))["items"]
    return str(found["id"])


async def test_A10_a_summary_says_who_writes_what_they_want_and_what_is_open(
    hub: RunningHub, shop: Shop
) -> None:
    parrot = await turn_on(hub, shop)

    async def look(question: Question, tell: Tell) -> Reply:
        await question.tools.use("order_status", {"number": "1001"})
        return Reply(text="There is none.", locale="en")

    parrot.replies = [look]
    await shop.post("/v1/chat/ingest/identify", {"external_id": "42", "name": "Amara Okafor"})
    visitor = await shop.visitor(user_id="42", user_hash=shop.sign("42"))
    agent = await shop.agent(Role.AGENT)
    async with visitor.socket() as widget:
        await answer_to(widget, "Where is\nmy order 1001? https://evil.example")
        await answer_to(widget, "x" * 3_000)
    summary = (await post(agent, f"{IN_TALK}/summary"))["text"]
    assert summary.startswith(
        "Amara Okafor, verified by the shop. Wrote: “Where is my order 1001?” "
        "Looked up: no such order of theirs. Last: “xxx"
    )
    assert len(summary) <= 600


async def test_A5_a_models_summary_falls_back_to_the_built_in_one(
    hub: RunningHub, shop: Shop
) -> None:
    await turn_on(hub, shop)
    model = Writer()
    turns_of(hub).engines.model = model
    visitor, agent = await shop.visitor(), await shop.agent()
    await hub.hub.db.write(_choose_model, shop.workspace_id)
    async with visitor.socket() as widget:
        await answer_to(widget, "Hello?")
    assert (await post(agent, f"{IN_TALK}/summary"))["text"] == "Somebody said hello."
    model.fails = True
    built_in = (await post(agent, f"{IN_TALK}/summary"))["text"]
    assert built_in == "A visitor, not verified. Last: “Hello?”"


class Writer(Parrot):
    fails = False

    async def summarise(self, assistant: Any, workspace_id: str, facts: str) -> str:
        if self.fails:
            raise RuntimeError("Boom")
        return "Somebody said\nhello."


def _choose_model(work: Work, workspace_id: str) -> None:
    from core.assistants import assistant_of

    row = assistant_of(work, workspace_id)
    row.engine = "model"
    work.add(row)


async def test_A10_articles_are_suggested_for_what_was_asked(hub: RunningHub, shop: Shop) -> None:
    agent = await shop.agent()

    def write(work: Work) -> None:
        article = create_article(work, agent.principal, "Returns", "en")
        body = "You may return anything within 30 days."
        save_draft(work, agent.principal, article.id, "en", "Returns", body)
        publish(work, agent.principal, article.id, "en")

    await hub.hub.db.write(write)
    visitor = await shop.visitor()
    async with visitor.socket() as widget:
        await widget.say("How can I return a kettle?", TALK)
    (found,) = (await agent.get(f"{IN_TALK}/articles"))["items"]
    assert (found["title"], found["url"].endswith("/help/kestrel/returns")) == ("Returns", True)
    assert "30 days" in found["excerpt"]
