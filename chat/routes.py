"""Chat over HTTP: sessions and identity of visitors, history, and the long-poll fallback."""

from __future__ import annotations

import asyncio
from math import ceil
from typing import Annotated

import msgspec
from msgspec import Meta

from chat.dialogue import BURST, REFILL, Dialogue, Lobby
from chat.protocol import ANYONE, CLOSE_TOO_MANY, ShortText
from chat.rooms import Screen
from core import identity, messages, records, visitors, widgets
from core.access import PUBLIC, VERIFIED, VISITOR, Principal
from core.conversations import conversations_of
from core.crypto import Vault
from core.db import Work
from core.errors import NotFound, TooMany
from core.identity import Identity, Session
from core.routes import Answer, Call, Route
from core.views import Conversation, Message, Record

POLL_FRAMES = BURST  # frames one poll may carry
LONGEST_WAIT = 25.0
LONGEST_PAGE = 200


class PageSeen(msgspec.Struct):
    """Where the visitor is, as the browser says."""

    url: ShortText
    title: Annotated[str, Meta(max_length=300)] = ""


class NewSession(msgspec.Struct):
    """`widget` is a widget's UUID or the workspace's app id."""

    widget: Annotated[str, Meta(max_length=64)]
    locale: Annotated[str, Meta(max_length=35)] = ""
    page: PageSeen | None = None
    identity: Identity | None = None


class Conversations(msgspec.Struct):
    items: list[Conversation]


class Messages(msgspec.Struct):
    """A page in order; `more` says whether there is more in the direction asked."""

    items: list[Message]
    more: bool


class Activity(msgspec.Struct):
    items: list[Record]


class Poll(msgspec.Struct):
    """Frames to say, the place to resume at, and how many seconds to wait for an answer."""

    epoch: str | None = None
    seq: int | None = None
    frames: Annotated[list[msgspec.Raw], Meta(max_length=POLL_FRAMES)] = []
    wait: Annotated[float, Meta(ge=0, le=LONGEST_WAIT)] = 0


class Polled(msgspec.Struct):
    """What a socket would have sent; the first is always `welcome`."""

    frames: list[msgspec.Raw]


Place = Annotated[int, Meta(ge=0, le=2**53)]


class PageOf(msgspec.Struct):
    """Query parameters of a page of messages."""

    before: Place | None = None
    after: Place | None = None
    limit: Annotated[int, Meta(ge=1, le=LONGEST_PAGE)] = messages.PAGE


async def open_session(call: Call) -> Session:
    """Start a visitor's session in the workspace of the widget."""
    body: NewSession = call.body
    return await call.services.db.write(_open_session, call.services.vault, body)


def _open_session(work: Work, vault: Vault, body: NewSession) -> Session:
    workspace_id = widgets.workspace_of(work, body.widget)
    if workspace_id is None:
        raise NotFound("There is no such widget.", field="widget")
    session = identity.open_session(work, vault, workspace_id, body.identity, body.locale)
    if body.page is not None:
        visitors.note_page(work, workspace_id, session.visitor, body.page.url, body.page.title)
    return session


async def identify(call: Call) -> Session:
    """Say or prove who the visitor is; another customer gets a new session and token."""
    token = call.headers.get("authorization", "").partition(" ")[2].strip()
    return await call.services.db.write(
        _identify, call.services.vault, call.principal, token, call.body
    )


def _identify(
    work: Work, vault: Vault, principal: Principal, token: str, said: Identity
) -> Session:
    row = visitors.visitor(work, principal.workspace_id, principal.id)
    return identity.identify(work, vault, row, token, said)


async def close_session(call: Call) -> Answer:
    """Sign the visitor out: the token is dead at once."""
    await call.services.db.write(visitors.sign_out, call.workspace_id, call.principal.id)
    return Answer(status=204)


async def list_conversations(call: Call) -> Conversations:
    """The visitor's own conversations, newest first."""
    return Conversations(await call.services.db.read(conversations_of, call.principal))


async def list_messages(call: Call) -> Messages:
    """A page of a conversation: the newest, or those before or after a `seq`."""
    asked = call.ask(PageOf)
    items, more = await call.services.db.read(_messages_of, call.principal, call.path["id"], asked)
    return Messages(items, more)


def _messages_of(
    work: Work, asker: Principal, conversation_id: str, asked: PageOf
) -> tuple[list[Message], bool]:
    return messages.messages_of(
        work,
        asker,
        conversation_id,
        before=asked.before,
        after=asked.after,
        limit=asked.limit,
    )


async def list_activity(call: Call) -> Activity:
    """The records of the customer this visitor has proven to be."""
    customer_id = call.principal.customer_id
    assert customer_id is not None  # VERIFIED admits nobody else
    items = await call.services.db.read(records.records_of, call.workspace_id, customer_id)
    return Activity(items)


class Polling:
    """The fallback where websockets are blocked: the same frames, one request at a time."""

    def __init__(self, lobby: Lobby) -> None:
        self.lobby = lobby

    async def poll(self, call: Call) -> Polled:
        """Say `frames`, then hear what was missed, waiting for something to hear."""
        body: Poll = call.body
        screen = Screen(call.principal)
        await self.lobby.welcome(screen, body.epoch, body.seq)
        try:
            dialogue = Dialogue(self.lobby, screen)
            for raw in body.frames:
                await dialogue.hear(bytes(raw))
            if screen.closing == CLOSE_TOO_MANY:
                raise TooMany("Too many frames.", retry_after=ceil(BURST / REFILL))
            return Polled(await self._hear(screen, body.wait))
        finally:
            self.lobby.leave(screen)

    async def _hear(self, screen: Screen, wait: float) -> list[msgspec.Raw]:
        frames = await screen.take()
        if len(frames) == 1 and wait > 0:  # nothing but the welcome
            try:
                async with asyncio.timeout(wait):
                    frames += await screen.take()
            except TimeoutError:
                pass
        return [msgspec.Raw(frame.encode()) for frame in frames]


def routes(lobby: Lobby) -> list[Route]:
    """The routes of chat."""
    polling = Polling(lobby)
    return [
        Route(
            "POST",
            "/v1/chat/session",
            open_session,
            PUBLIC,
            "Start a visitor's session",
            body=NewSession,
            answer=Session,
            rate="session",
            tag="Chat",
        ),
        Route(
            "POST",
            "/v1/chat/identify",
            identify,
            VISITOR,
            "Say or prove who the visitor is",
            body=Identity,
            answer=Session,
            rate="session",
            tag="Chat",
        ),
        Route(
            "DELETE",
            "/v1/chat/session",
            close_session,
            VISITOR,
            "Sign the visitor out",
            status=204,
            tag="Chat",
        ),
        Route(
            "GET",
            "/v1/chat/conversations",
            list_conversations,
            VISITOR,
            "The visitor's conversations",
            answer=Conversations,
            tag="Chat",
        ),
        Route(
            "GET",
            "/v1/chat/conversations/{id}/messages",
            list_messages,
            ANYONE,
            "A page of messages",
            answer=Messages,
            query=PageOf,
            tag="Chat",
        ),
        Route(
            "GET",
            "/v1/chat/activity",
            list_activity,
            VERIFIED,
            "The verified visitor's own records",
            answer=Activity,
            tag="Chat",
        ),
        Route(
            "POST",
            "/v1/chat/poll",
            polling.poll,
            ANYONE,
            "Say and hear frames without a websocket",
            body=Poll,
            answer=Polled,
            rate="poll",
            tag="Chat",
        ),
    ]
