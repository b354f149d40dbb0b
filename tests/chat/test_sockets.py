"""Visitors and agents talk over sockets: both ways, in order, and over every interruption."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from chat.dialogue import BURST, REFILL, SCREENS, SWEEP, Allowances
from connectors.testing.hubs import Agent, RunningHub, Shop, Visitor, open_socket, serve
from core.access import Role

pytestmark = pytest.mark.anyio
TALK = "talk-0001"


async def test_W20_a_visitor_and_an_agent_hear_each_other(shop: Shop) -> None:
    agent, visitor = await shop.agent(name="nadia"), await shop.visitor()
    async with agent.socket() as console, visitor.socket() as widget:
        await widget.say("Is the teapot still there?", TALK)
        heard = await console.hear("MessageAdded", conversation=TALK)
        assert heard["message"]["text"] == "Is the teapot still there?"
        await console.say("It is.", TALK)
        answer = await widget.hear("MessageAdded", visitor=visitor.id)
        answer = answer if answer["message"]["seq"] == 2 else await widget.hear("MessageAdded")
        assert (answer["message"]["text"], answer["message"]["author"]["name"]) == (
            "It is.",
            "nadia",
        )


async def test_W20_who_reconnects_hears_exactly_what_was_missed(shop: Shop) -> None:
    agent, visitor = await shop.agent(), await shop.visitor()
    async with visitor.socket() as widget:
        await widget.say("hello", TALK)
        seq = (await widget.hear("MessageAdded"))["seq"]
        epoch = widget.welcome["epoch"]
    async with agent.socket() as console:
        for number in range(5):
            await console.say(f"line {number}", TALK)
        await console.say("for us only", TALK, kind="note")
    async with visitor.socket(epoch=epoch, seq=seq) as widget:
        assert widget.welcome["resumed"]
        missed = [await widget.hear("MessageAdded") for _ in range(5)]
        assert [one["message"]["text"] for one in missed] == [f"line {n}" for n in range(5)]
        assert [frame for frame in await widget.silence() if frame["type"] == "NoteAdded"] == []
    async with visitor.socket(epoch="another", seq=seq) as widget:
        assert not widget.welcome["resumed"]


async def test_W20_without_websockets_polling_says_and_hears_the_same(shop: Shop) -> None:
    agent, visitor = await shop.agent(), await shop.visitor()
    frame = {"type": "send", "id": "poll-0001", "conversation": TALK, "text": "by post"}
    place = await poll(visitor, [], frames=[frame])
    heard: list[str] = []
    async with agent.socket() as console:
        waiting = asyncio.create_task(poll(visitor, heard, **place, wait=5))
        await console.say("answered", TALK)
        place = await waiting
        while "answered" not in heard:  # presence may have come first
            place = await poll(visitor, heard, **place, wait=5)
    assert heard == ["answered"]


async def poll(visitor: Visitor, heard: list[str], **body: Any) -> dict[str, Any]:
    """Poll once: adds the texts that were heard and gives the next place to resume at."""
    answer = await visitor.request("POST", "/v1/chat/poll", body)
    frames = answer.json()["frames"]
    assert frames[0]["type"] == "welcome"
    heard += [frame["message"]["text"] for frame in frames if frame["type"] == "MessageAdded"]
    seqs = [frame["seq"] for frame in frames if "seq" in frame and frame["type"][0].isupper()]
    return {"epoch": frames[0]["epoch"], "seq": max(seqs, default=frames[0]["seq"])}


async def test_W21_typing_and_reading_go_both_ways(shop: Shop) -> None:
    agent, visitor = await shop.agent(name="ruben"), await shop.visitor()
    async with agent.socket() as console, visitor.socket() as widget:
        await widget.say("hello", TALK)
        await console.send({"type": "typing", "conversation": TALK, "on": True})
        typing = await widget.hear("typing", who="agent", on=True)
        assert typing["person"]["name"] == "ruben"
        await widget.send({"type": "typing", "conversation": TALK, "on": True})
        await console.hear("typing", who="visitor")
        await console.send({"type": "read", "conversation": TALK, "upto": 1})
        await widget.hear("MessagesRead", reader="agent", upto=1)


async def test_W19_the_badge_follows_the_agents(shop: Shop) -> None:
    agent, visitor = await shop.agent(), await shop.visitor()
    async with visitor.socket() as widget:
        assert widget.welcome["online"] is False
        async with agent.socket():
            assert (await widget.hear("presence"))["online"] is True


async def test_G5_agents_see_who_else_has_a_conversation_open(shop: Shop) -> None:
    first, second, visitor = await shop.agent(), await shop.agent(), await shop.visitor()
    async with visitor.socket() as widget:
        await widget.say("hello", TALK)
    async with first.socket() as one, second.socket() as other:
        await one.send({"type": "look", "conversation": TALK})
        looking = await other.hear("looking", conversation=TALK)
        assert [person["id"] for person in looking["agents"]] == [first.principal.id]


async def test_T1_a_visitor_may_not_send_an_agents_frames(shop: Shop) -> None:
    visitor = await shop.visitor()
    async with visitor.socket() as widget:
        await widget.say("hello", TALK)
        for frame in (
            {"type": "set_status", "id": "frame-001", "conversation": TALK, "status": "resolved"},
            {"type": "assign", "id": "frame-002", "conversation": TALK, "assignee": None},
            {"type": "look", "conversation": TALK},
            {"type": "send", "id": "frame-003", "conversation": TALK, "text": "x", "kind": "note"},
        ):
            await widget.send(frame)
            assert (await widget.hear("error"))["code"] == "forbidden"


async def test_T2_another_workspaces_conversation_is_not_there(hub: RunningHub, shop: Shop) -> None:
    visitor = await shop.visitor()
    async with visitor.socket() as widget:
        await widget.say("private", TALK)
    stranger = await (await hub.shop("Northfold")).agent()
    async with stranger.socket() as console:
        for frame in (
            {"type": "send", "id": "frame-001", "conversation": TALK, "text": "x"},
            {"type": "typing", "conversation": TALK},
            {"type": "read", "conversation": TALK, "upto": 1},
            {"type": "set_status", "id": "frame-002", "conversation": TALK, "status": "pending"},
            {"type": "assign", "id": "frame-003", "conversation": TALK, "assignee": None},
            {"type": "look", "conversation": TALK},
        ):
            await console.send(frame)
            assert (await console.hear("error"))["code"] == "not_found"


async def test_B1_the_consoles_socket_wants_our_origin_and_a_fresh_ticket(
    hub: RunningHub, shop: Shop
) -> None:
    agent = await shop.agent()

    async def ticket() -> str:
        return (await agent.request("POST", "/console/api/ticket")).json()["ticket"]

    assert await refused(hub, {"ticket": await ticket()}, "https://evil.example") == 4403
    assert await refused(hub, {"ticket": await ticket()}, "null") == 4403
    once = await ticket()
    async with open_socket(hub, {"ticket": once}, origin=hub.url):
        pass
    assert await refused(hub, {"ticket": once}, hub.url) == 4401
    assert await refused(hub, {"token": "vst_" + "x" * 32}, "") == 4401
    assert await refused(hub, {}, "") == 4401


async def refused(hub: RunningHub, hello: dict[str, str], origin: str) -> int:
    headers = {"Origin": origin} if origin else {}
    url = hub.url.replace("http", "ws", 1) + "/v1/chat/socket"
    async with connect(url, additional_headers=headers) as connection:
        await connection.send(json.dumps({"type": "hello", **hello}))
        assert json.loads(await connection.recv())["type"] == "error"
        await connection.wait_closed()
        return connection.close_code or 0


async def test_V6_signing_out_closes_the_visitors_sockets(shop: Shop) -> None:
    visitor = await shop.visitor()
    async with visitor.socket() as widget:
        assert (await visitor.request("DELETE", "/v1/chat/session")).status_code == 204
        assert await widget.closed() == 4409


async def test_T3_revoking_a_session_closes_its_sockets(shop: Shop) -> None:
    agent = await shop.agent(Role.AGENT)
    async with agent.socket() as console:
        session = agent.principal.session_id
        gone = await agent.request("DELETE", f"/console/api/sessions/{session}")
        assert gone.status_code == 204, gone.text
        assert await console.closed() == 4401


async def test_O1_a_new_record_reaches_agents_and_the_verified_customer_alone(shop: Shop) -> None:
    agent = await shop.agent()
    owner = await shop.visitor(user_id="42", user_hash=shop.sign("42"))
    other = await shop.visitor(user_id="43", user_hash=shop.sign("43"))
    claimed = await shop.visitor(user_id="42")
    async with (
        agent.socket() as console,
        owner.socket() as mine,
        other.socket() as foreign,
        claimed.socket() as unproven,
    ):
        record = {"kind": "deposit", "reference": "DEP-77", "amount": 50, "currency": "USD"}
        body = {"external_id": "42", "records": [{**record, "status": "completed"}]}
        assert (await shop.post("/v1/chat/ingest/records", body)).status_code == 200
        for screen in (console, mine):
            heard = await screen.hear("RecordChanged")
            assert heard["record"]["amount"]["text"] == "50.00"
        for screen in (foreign, unproven):
            assert [f for f in await screen.silence() if f["type"] == "RecordChanged"] == []


async def test_B2_a_socket_that_reads_nothing_holds_up_nobody(shop: Shop) -> None:
    agent, visitor = await shop.agent(), await shop.visitor()
    async with visitor.socket() as widget, agent.socket() as console, agent.socket() as stuck:
        stuck._connection.transport.pause_reading()
        frame = {"type": "send", "conversation": TALK, "text": "x" * 9_000}
        for number in range(900):  # more than any buffer on the way holds
            await widget.send({**frame, "id": f"flood-{number:04}"})
        await widget.hear("ack", id="flood-0899")
        heard = await console.hear("MessageAdded")
        assert heard["message"]["seq"] == 1
        stuck._connection.transport.resume_reading()
        assert await stuck.closed() in (4408, 1006)


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "{",
        "[]",
        "null",
        '{"type":"nope"}',
        '{"type":"send"}',
        '{"type":"send","id":7}',
        '"\\ud800"',
    ],
)
async def test_N1_a_malformed_frame_is_answered_and_changes_nothing(shop: Shop, frame: str) -> None:
    visitor = await shop.visitor()
    async with visitor.socket() as widget:
        await widget.send(frame)
        assert (await widget.hear("error"))["code"] in ("malformed", "invalid")
        await widget.send({"type": "ping"})
        await widget.hear("pong")


async def test_N2_a_frame_of_more_than_64_kib_closes_the_socket(shop: Shop) -> None:
    visitor = await shop.visitor()
    async with visitor.socket() as widget:
        await widget.send("x" * 80_000)
        assert await widget.closed() == 1009


# Limits of one person (N2, B2) ----------------------------------------------------------------


@pytest.fixture
async def limited(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Shop]:
    """A workspace on a hub that limits, as one in use does."""
    async with serve(tmp_path, sqlite_url, rate_limits=True) as hub:
        yield await hub.shop()


async def test_N2_a_visitor_may_say_no_more_over_many_sockets_than_over_one(limited: Shop) -> None:
    visitor, other = await limited.visitor(), await limited.visitor()
    ping = {"type": "ping"}
    async with AsyncExitStack() as stack:
        open_sockets = [await stack.enter_async_context(visitor.socket()) for _ in range(5)]
        for socket in open_sockets[:-1]:
            for _ in range(BURST // 4):
                await socket.send(ping)
                await socket.hear("pong")
        for _ in range(BURST):  # some have come back meanwhile
            with suppress(ConnectionClosed):
                await open_sockets[-1].send(ping)
        assert await open_sockets[-1].closed() == 4429
        bystander = await stack.enter_async_context(other.socket())
        await bystander.send(ping)
        await bystander.hear("pong")


async def test_N2_nor_over_many_polls(limited: Shop) -> None:
    visitor = await limited.visitor()
    frames = [{"type": "ping"}] * BURST
    first = await visitor.request("POST", "/v1/chat/poll", {"frames": frames})
    assert [frame["type"] for frame in first.json()["frames"][1:]] == ["pong"] * BURST
    again = await visitor.request("POST", "/v1/chat/poll", {"frames": frames})
    assert again.status_code == 429
    assert int(again.headers["retry-after"]) == BURST / REFILL
    more = await visitor.request("POST", "/v1/chat/poll", {"frames": [*frames, {"type": "ping"}]})
    assert more.status_code == 422


def test_N2_allowances_of_quiet_visitors_are_forgotten() -> None:
    clock = [1000.0]
    allowances = Allowances(lambda: clock[0])
    assert [allowances.take("vis_1") for _ in range(BURST + 1)] == [True] * BURST + [False]
    clock[0] += 1
    assert [allowances.take("vis_1") for _ in range(5)] == [True] * 4 + [False]
    for number in range(SWEEP - 1):
        allowances.take(f"vis_of_{number}")
    clock[0] += 60
    allowances.take("vis_2")
    assert set(allowances._full_at) == {"vis_2"}


async def test_B2_a_person_may_have_fifty_screens_open_and_no_more(limited: Shop) -> None:
    visitor, agent = await limited.visitor(), await limited.agent()
    async with AsyncExitStack() as stack:
        for person in (visitor, agent):
            screens = [await stack.enter_async_context(person.socket()) for _ in range(SCREENS)]
            assert await closed_at_hello(limited.hub, person) == 4429
            async with (await limited.visitor()).socket(), (await limited.agent()).socket():
                pass  # others are not counted with them
            await screens[0]._connection.close()
            for _ in range(100):  # until the hub has seen that it is gone
                if await closed_at_hello(limited.hub, person) is None:
                    break
            else:
                pytest.fail("a screen that is gone is still counted")


async def closed_at_hello(hub: RunningHub, person: Visitor | Agent) -> int | None:
    """The code a new socket is closed with at once; None if it is welcomed."""
    headers, hello = {}, {"type": "hello"}
    if isinstance(person, Visitor):
        hello["token"] = person.token
    else:
        headers["Origin"] = hub.url
        answer = await person.request("POST", "/console/api/ticket")
        hello["ticket"] = answer.json()["ticket"]
    url = hub.url.replace("http", "ws", 1) + "/v1/chat/socket"
    async with connect(url, additional_headers=headers, compression=None) as connection:
        await connection.send(json.dumps(hello))
        try:
            assert json.loads(await connection.recv())["type"] == "welcome"
        except ConnectionClosed:
            return connection.close_code
    return None
