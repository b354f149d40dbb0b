"""Sockets: `/v1/chat/socket`, a screen's dialogue carried over a websocket."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from typing import Any

import msgspec
import structlog

from chat.dialogue import Dialogue, Lobby
from chat.protocol import (
    CLOSE_MALFORMED,
    CLOSE_ORIGIN,
    CLOSE_SLOW,
    CLOSE_TOO_MANY,
    CLOSE_UNPROVEN,
    FRAME_LIMIT,
    Hello,
    Problem,
)
from chat.rooms import Screen
from core import sessions, visitors
from core.access import Principal
from core.crypto import hash_token
from core.decode import decode
from core.errors import Forbidden, HubError, Malformed, Unauthenticated
from core.origins import is_own_origin

log = structlog.get_logger("chat")

HELLO_WITHIN = 10.0  # seconds until a silent socket is closed
CLOSE_WITHIN = 2.0  # seconds a close may wait for a browser that reads nothing
CLOSE_BROKEN = 1011  # the standard's code for a fault of the server

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
SendMessage = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class ChatSocket:
    """The ASGI application of the socket."""

    def __init__(self, lobby: Lobby) -> None:
        self.lobby = lobby

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: SendMessage) -> None:
        await receive()  # websocket.connect
        await send({"type": "websocket.accept"})
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        try:
            async with asyncio.timeout(HELLO_WITHIN):
                hello = await _next_hello(receive)
            if hello is None:
                return  # the browser left before
            principal = await self.prove(hello, headers)
        except TimeoutError:
            await _close(send, CLOSE_UNPROVEN)
        except HubError as refusal:
            await _refuse(send, refusal)
        else:
            if self.lobby.has_room(principal):
                await self._talk(Screen(principal), hello, receive, send)
            else:
                await _close(send, CLOSE_TOO_MANY)

    async def prove(self, hello: Hello, headers: Mapping[str, str]) -> Principal:
        """Who says hello, or HubError.

        An agent's ticket counts only on a page of ours (B1), a visitor's token anywhere: it is
        in no cookie, so no other page can make a browser send it.
        """
        db = self.lobby.services.db
        if hello.ticket is not None:
            if not is_own_origin(headers, self.lobby.services.public_url):
                raise Forbidden("Agents connect from the console's own address.")
            return await db.write(sessions.redeem_ticket, hello.ticket)
        if hello.token is None:
            raise Unauthenticated("Say hello with a token or a ticket.", field="token")
        principal = await db.read(visitors.principal_by_token, hash_token(hello.token))
        if principal is None:
            raise Unauthenticated("This session has ended. Start a new one.", field="token")
        return principal

    async def _talk(
        self, screen: Screen, hello: Hello, receive: Receive, send: SendMessage
    ) -> None:
        await self.lobby.welcome(screen, hello.epoch, hello.seq)
        listening = asyncio.create_task(_listen(Dialogue(self.lobby, screen), receive))
        speaking = asyncio.create_task(_speak(screen, send))
        try:
            await asyncio.wait({listening, speaking}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.lobby.leave(screen)
            for task in (listening, speaking):
                task.cancel()
            await asyncio.gather(listening, speaking, return_exceptions=True)
        if not listening.cancelled() and (error := listening.exception()):
            log.error("socket_failed", error=repr(error))  # a fault of ours: say so, as HTTP does
            screen.close(CLOSE_BROKEN)
        if screen.closing is not None:
            await _close(send, screen.closing)


async def _next_hello(receive: Receive) -> Hello | None:
    message = await receive()
    if message["type"] == "websocket.disconnect":
        return None
    hello = decode(_payload(message), Hello, limit=FRAME_LIMIT)
    return hello


def _payload(message: Mapping[str, Any]) -> bytes:
    text: str | None = message.get("text")
    if text is None:
        raise Malformed("Frames are text, not binary.")
    return text.encode("utf-8", "surrogatepass")


async def _listen(dialogue: Dialogue, receive: Receive) -> None:
    """Hear frames until the browser leaves or the screen is closed."""
    while dialogue.screen.closing is None:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return
        try:
            raw = _payload(message)
        except Malformed:
            dialogue.screen.close(CLOSE_MALFORMED)
            return
        await dialogue.hear(raw)


async def _speak(screen: Screen, send: SendMessage) -> None:
    """Send what is queued until the screen is closed; only this task ever waits for the browser."""
    while screen.closing is None:
        for frame in await screen.take():
            await send({"type": "websocket.send", "text": frame})


async def _refuse(send: SendMessage, refusal: HubError) -> None:
    problem = Problem(code=refusal.code, message=refusal.message, field=refusal.field)
    with suppress(Exception):  # the server may have closed the socket over what came next
        await send({"type": "websocket.send", "text": msgspec.json.encode(problem).decode()})
    await _close(send, _close_code(refusal))


async def _close(send: SendMessage, code: int) -> None:
    with suppress(Exception):  # the browser may be gone already, which is what we want
        async with asyncio.timeout(CLOSE_WITHIN):
            await send({"type": "websocket.close", "code": code})


def _close_code(refusal: HubError) -> int:
    match refusal:
        case Forbidden():
            return CLOSE_ORIGIN
        case Unauthenticated():
            return CLOSE_UNPROVEN
        case Malformed():
            return CLOSE_MALFORMED
    return CLOSE_SLOW if refusal.status >= 500 else CLOSE_MALFORMED
