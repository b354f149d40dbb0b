"""The assistant goes on by itself: after a proof of who somebody is, and after a decision."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from chat.assistant.engine import Question, Reply, Tell
from chat.assistant.phrases import say
from connectors.testing.hubs import Agent, RunningHub, Shop, Socket, Visitor
from core.audit import operator
from core.db import Work
from core.discount_policy import save_policy
from hub.mail import sender
from tests.chat.assistant.parrots import TALK, Parrot, answer_to, assistants, turn_on
from tests.mailbox import Mailbox, open_mailbox
from tests.tills import Tills, World, connect_till

pytestmark = pytest.mark.anyio
AMARA = "amara@posteo.example"


@pytest.fixture
async def mail(hub: RunningHub) -> AsyncIterator[Mailbox]:
    async with open_mailbox() as box:
        hub.hub.services.send_mail = sender(box.url, "")
        yield box


@pytest.fixture
async def parrot(hub: RunningHub, shop: Shop) -> Parrot:
    """An engine that looks for orders, and asks for a proof where it must."""
    parrot = await turn_on(hub, shop)
    parrot.replies = [look_for_orders, look_for_orders]
    await shop.post("/v1/chat/ingest/identify", {"external_id": "42", "email": AMARA})
    record = {"kind": "order", "reference": "KC-1", "status": "shipped"}
    await shop.post("/v1/chat/ingest/records", {"external_id": "42", "records": [record]})
    return parrot


async def look_for_orders(question: Question, tell: Tell) -> Reply:
    found = await question.tools.use("my_orders", {})
    if found.status == "verify":
        return Reply(text="", locale="es", verify=found.needs)
    return Reply(text=f"{question.text}: here.", locale="es", cards=found.cards)


# A proof ----------------------------------------------------------------------------------


async def test_A7_after_a_code_the_question_is_taken_up_again(
    shop: Shop, parrot: Parrot, mail: Mailbox
) -> None:
    visitor = await shop.visitor()
    async with visitor.socket() as widget:
        asked = await answer_to(widget, "My orders?")
        assert asked["text"] == say("es", "verify_code")
        assert asked["cards"] == [{"type": "verify", "needs": "email", "by_code": True}]
        await prove_by_code(visitor, mail)
        told = await assistants(widget)
    assert (told["text"], told["id"]) == ("My orders?: here.", "assistant-1-1")
    assert told["cards"][0]["number"] == "KC-1"


async def prove_by_code(visitor: Visitor, mail: Mailbox, email: str = AMARA) -> None:
    body = {"email": email, "locale": "es"}
    answer = await visitor.request("POST", "/v1/chat/email-code", body)
    assert answer.status_code == 202, answer.text
    (code,) = mail.codes()
    answer = await visitor.request("POST", "/v1/chat/email-code/check", {"code": code})
    assert answer.status_code == 200, answer.text


async def test_A7_another_address_sees_none_of_it(
    shop: Shop, parrot: Parrot, mail: Mailbox
) -> None:
    visitor = await shop.visitor()
    async with visitor.socket() as widget:
        await answer_to(widget, "My orders?")
        await prove_by_code(visitor, mail, "mallory@posteo.example")
        assert (await assistants(widget))["cards"] == []


async def test_A7_after_a_sign_in_the_question_is_taken_up_again(
    shop: Shop, parrot: Parrot
) -> None:
    visitor = await shop.visitor()
    async with visitor.socket() as widget:
        asked = await answer_to(widget, "My orders?")
        assert asked["text"] == say("es", "verify_sign_in")  # this hub sends no e-mail
        assert asked["cards"][0]["by_code"] is False
        claim = await visitor.request("POST", "/v1/chat/identify", {"name": "Amara"})
        assert claim.json()["assurance"] == "claimed"
        await widget.silence()
        assert len(parrot.questions) == 1  # a claim proves nothing
        await identify(visitor, shop)
        assert (await assistants(widget))["cards"][0]["number"] == "KC-1"


async def identify(visitor: Visitor, shop: Shop) -> None:
    body = {"user_id": "42", "user_hash": shop.sign("42")}
    answer = await visitor.request("POST", "/v1/chat/identify", body)
    assert answer.status_code == 200, answer.text


async def test_A7_what_is_asked_meanwhile_is_answered_and_the_question_waits_on(
    shop: Shop, parrot: Parrot
) -> None:
    parrot.replies.insert(1, Reply(text="Jackets.", locale="es"))
    visitor = await shop.visitor()
    async with visitor.socket() as widget:
        await answer_to(widget, "My orders?")
        assert (await answer_to(widget, "Jackets?"))["text"] == "Jackets."
        await identify(visitor, shop)
        assert (await assistants(widget))["text"] == "My orders?: here."
        await identify(visitor, shop)  # twice changes nothing
        await widget.silence()
    assert len(parrot.questions) == 3


async def test_A7_nothing_is_taken_up_again_once_people_answer(shop: Shop, parrot: Parrot) -> None:
    visitor, agent = await shop.visitor(), await shop.agent()
    async with visitor.socket() as widget, agent.socket() as console:
        await answer_to(widget, "My orders?")
        await console.say("I will look.", TALK)
        await identify(visitor, shop)
        await widget.silence()
    assert len(parrot.questions) == 1


# A decision -------------------------------------------------------------------------------


class Desk:
    def __init__(self, owner: Agent, world: World, visitor: Visitor) -> None:
        self.owner, self.world, self.visitor = owner, world, visitor

    async def decide(self, verb: str, body: Any = None) -> None:
        (waiting,) = (await self.owner.get("/console/api/discounts?state=waiting"))["items"]
        path = f"/console/api/discounts/{waiting['id']}/{verb}"
        answer = await self.owner.request("POST", path, body)
        assert answer.status_code == 200, answer.text


async def open_desk(hub: RunningHub, shop: Shop) -> Desk:
    """A till, and a policy by which every code of the assistant's waits for an agent."""

    def prepare(work: Work) -> None:
        by = operator(shop.workspace_id)
        connect_till(work, hub.hub.services.vault, by)
        save_policy(work, by, {"assistant": True, "approval_percent": 0})

    await hub.hub.db.write(prepare)
    connector = hub.hub.services.connectors["tills"]
    assert isinstance(connector, Tills)
    visitor = await shop.visitor(user_id="42", user_hash=shop.sign("42"))
    return Desk(await shop.agent(), connector.world, visitor)


async def ask_for_a_discount(question: Question, tell: Tell) -> Reply:
    result = await question.tools.use("offer_discount", {"percent": "10"})
    return Reply(text="", locale="fr", waiting=result.data.id)


async def test_A9_a_code_that_an_agent_approves_is_told_by_itself(
    with_tills: None, hub: RunningHub, shop: Shop
) -> None:
    parrot, desk = await turn_on(hub, shop), await open_desk(hub, shop)
    parrot.replies = [ask_for_a_discount]
    async with desk.visitor.socket() as widget:
        assert (await answer_to(widget, "A discount?"))["text"] == say("fr", "waiting")
        await desk.decide("approve")
        told = await assistants(widget)
        assert (told["cards"][0]["type"], told["cards"][0]["percent"]) == ("discount", "10")
        assert await words_after(widget) == []
        assert (await answer_to(widget, "Thanks"))["text"] == "Thanks"


async def test_A9_a_declined_wish_is_said_kindly_and_once(
    with_tills: None, hub: RunningHub, shop: Shop
) -> None:
    parrot, desk = await turn_on(hub, shop), await open_desk(hub, shop)
    parrot.replies = [ask_for_a_discount]
    async with desk.visitor.socket() as widget:
        await answer_to(widget, "A discount?")
        await desk.decide("decline", {"reason": "Not today."})
        assert (await assistants(widget))["text"] == say("fr", "declined")
        assert await words_after(widget) == []
    assert desk.world.codes == {}


async def test_A9_a_decision_about_a_talk_that_people_have_taken_over_is_theirs_to_tell(
    with_tills: None, hub: RunningHub, shop: Shop
) -> None:
    parrot, desk = await turn_on(hub, shop), await open_desk(hub, shop)
    parrot.replies = [ask_for_a_discount]
    async with desk.visitor.socket() as widget, desk.owner.socket() as console:
        await answer_to(widget, "A discount?")
        await console.say("Let me see.", TALK)
        await desk.decide("decline", {"reason": "Not today."})
        assert await words_after(widget) == []


async def words_after(widget: Socket) -> list[str]:
    heard = [one for one in await widget.silence() if one["type"] == "MessageAdded"]
    return [
        one["message"]["text"] for one in heard if one["message"]["author"]["kind"] == "assistant"
    ]
