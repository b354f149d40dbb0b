"""What fuzzing and attacks by hand have found, so that it stays mended."""

from __future__ import annotations

import asyncio
import logging
from contextlib import closing
from typing import Any

import pytest
from structlog.testing import capture_logs
from websockets.exceptions import ConnectionClosed

from chat.dialogue import Dialogue
from connectors.testing.hubs import RunningHub, Shop
from hub.commands.serve import NONSENSE, is_news
from tests.fuzz.wire import WebSocket, frame

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("cursor", ["²", "².cnv_1", "٣.cnv_1", "1e3.cnv_1", "9" * 20 + ".x", "."])
async def test_N1_a_cursor_that_only_looks_like_a_number_is_refused(
    shop: Shop, cursor: str
) -> None:
    owner = await shop.agent()
    answer = await owner.request("GET", f"/console/api/conversations?before={cursor}")
    assert answer.status_code == 422


@pytest.mark.parametrize("place", [2**53 + 1, 2**63, 2**64, -1, 10**30])
async def test_N1_a_place_beyond_what_a_database_counts_to_is_refused(
    shop: Shop, place: int
) -> None:
    visitor = await shop.visitor()
    async with visitor.socket() as widget:
        await widget.say("Hello", "a-long-talk")
    for side in ("before", "after"):
        path = f"/v1/chat/conversations/a-long-talk/messages?{side}={place}"
        assert (await visitor.request("GET", path)).status_code == 422


async def test_N1_a_fault_of_ours_in_a_socket_is_logged_and_told(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Dialogue, "hear", fail)
    visitor = await shop.visitor()
    with capture_logs() as logs, pytest.raises((ConnectionClosed, TimeoutError)):
        async with visitor.socket() as widget:
            await widget.say("Hello", "a-long-talk")
    assert ("socket_failed", "ZeroDivisionError()") in [(e["event"], e.get("error")) for e in logs]


async def test_N1_a_socket_that_ends_while_it_is_refused_is_no_fault(
    hub: RunningHub, caplog: pytest.LogCaptureFixture
) -> None:
    port = int(hub.url.rpartition(":")[2])

    def talk() -> int | None:
        with closing(WebSocket(port, {})) as socket:
            # Not a hello, so it is refused; and not UTF-8, over which the server closes.
            socket.send(frame(b'{"type":"ping"}'), frame(b"\xff\xfe"))
            return socket.hear(b"\0never")

    for _ in range(20):
        assert await asyncio.to_thread(talk) in (4400, 1007)
    assert [record.getMessage() for record in caplog.records if is_news(record)] == []


def test_N2_strangers_cannot_fill_the_log_with_nonsense() -> None:
    for message in NONSENSE:
        record = logging.makeLogRecord({"msg": message, "levelno": logging.ERROR})
        assert not is_news(record)
    gone = RuntimeError("unable to perform operation on <TCPTransport>; the handler is closed")
    for error, news in ((gone, False), (RuntimeError("out of tea"), True)):
        known = {"exc_info": (type(error), error, None), "msg": "Exception in ASGI application\n"}
        assert is_news(logging.makeLogRecord(known)) is news
    assert is_news(logging.makeLogRecord({"msg": "Exception in ASGI application\n"}))
