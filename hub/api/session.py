"""The agent's own session: who I am, signing in and out, my browsers, a ticket for the socket."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from core.access import AGENT, PUBLIC, ROLE_NAMES, Principal
from core.agents import agent_of
from core.db import Work
from core.errors import Forbidden
from core.ids import moment
from core.routes import Answer, Call, Route
from core.sessions import Opened, end_session, make_ticket, sessions_of, sign_in_by_link
from core.workspaces import workspace
from hub.auth import is_foreign
from hub.signin import SignIn

if TYPE_CHECKING:
    from hub.app import Hub


class Credentials(msgspec.Struct):
    """An e-mail address and a password."""

    email: Annotated[str, Meta(max_length=320)]
    password: Annotated[str, Meta(max_length=1024)]


class Link(msgspec.Struct):
    """The token of a one-time sign-in link."""

    token: Annotated[str, Meta(max_length=100)]


class Myself(msgspec.Struct):
    """The agent who is signed in."""

    id: str
    name: str
    email: str
    avatar_url: str
    role: str


class MyWorkspace(msgspec.Struct):
    """The workspace they are signed in to."""

    id: str
    name: str
    app_id: str


class Me(msgspec.Struct):
    """Who is signed in, and where."""

    agent: Myself
    workspace: MyWorkspace
    session_id: str


class Browser(msgspec.Struct):
    """A browser the agent is signed in with."""

    id: str
    current: bool
    user_agent: str
    address: str
    created_at: datetime
    last_seen_at: datetime


class Browsers(msgspec.Struct):
    items: list[Browser]


class Ticket(msgspec.Struct):
    """A one-time ticket for the socket's hello, good for 30 seconds."""

    ticket: str


def routes(hub: Hub) -> list[Route]:
    """The routes of the agent's session."""
    door = Door(hub)
    base = "/console/api/session"
    return [
        Route("GET", "/console/api/me", me, AGENT, "Who is signed in", answer=Me, tag="Session"),
        Route(
            "POST",
            base,
            door.sign_in,
            PUBLIC,
            "Sign in with a password",
            body=Credentials,
            answer=Me,
            rate="signin",
            limit=16 * 1024,
            tag="Session",
        ),
        Route(
            "POST",
            f"{base}/link",
            door.follow_link,
            PUBLIC,
            "Sign in with a one-time link",
            body=Link,
            answer=Me,
            rate="signin",
            limit=16 * 1024,
            tag="Session",
        ),
        Route("DELETE", base, door.sign_out, AGENT, "Sign out", status=204, tag="Session"),
        Route(
            "GET",
            "/console/api/sessions",
            list_sessions,
            AGENT,
            "List your browsers",
            answer=Browsers,
            tag="Session",
        ),
        Route(
            "DELETE",
            "/console/api/sessions/{id}",
            door.end_one,
            AGENT,
            "Sign a browser out",
            status=204,
            tag="Session",
        ),
        Route(
            "POST",
            "/console/api/ticket",
            make_socket_ticket,
            AGENT,
            "Get a ticket for the socket",
            answer=Ticket,
            tag="Session",
        ),
    ]


class Door:
    """What opens and ends sessions, and so sets the cookie."""

    def __init__(self, hub: Hub) -> None:
        self._authenticator = hub.authenticator
        self._sign_in = SignIn(hub.services)

    async def sign_in(self, call: Call) -> Answer:
        """Sign in with e-mail and password."""
        _refuse_foreign(call)
        opened = await self._sign_in.with_password(
            call.body.email, call.body.password, call.address, call.headers.get("user-agent", "")
        )
        return await self._welcome(call, opened)

    async def follow_link(self, call: Call) -> Answer:
        """Sign in with the token of a link that works once."""
        _refuse_foreign(call)
        agent = call.headers.get("user-agent", "")
        opened = await call.services.db.write(sign_in_by_link, call.body.token, call.address, agent)
        return await self._welcome(call, opened)

    async def _welcome(self, call: Call, opened: Opened) -> Answer:
        if call.principal.kind == "agent":  # the browser forgets its old session, so do we
            await call.services.db.write(
                end_session, call.principal, call.principal.session_id, call.address
            )
        cookie = self._authenticator.cookie(opened.token, call.headers)
        body = await call.services.db.read(to_me, opened.principal)
        return Answer(body, headers={"set-cookie": cookie})

    async def sign_out(self, call: Call) -> Answer:
        """End the session this was asked with."""
        return await self._end(call, call.principal.session_id)

    async def end_one(self, call: Call) -> Answer:
        """End one of the agent's sessions, perhaps this one."""
        return await self._end(call, call.path["id"])

    async def _end(self, call: Call, session_id: str) -> Answer:
        await call.services.db.write(end_session, call.principal, session_id, call.address)
        if session_id != call.principal.session_id:
            return Answer(status=204)
        return Answer(
            status=204, headers={"set-cookie": self._authenticator.no_cookie(call.headers)}
        )


def _refuse_foreign(call: Call) -> None:
    """No other site may sign a browser in, to an account of theirs for instance."""
    if is_foreign(call.headers, call.services.public_url):
        raise Forbidden("This came from another site's page.", code="foreign_origin")


async def me(call: Call) -> Me:
    """Who is signed in."""
    return await call.services.db.read(to_me, call.principal)


def to_me(work: Work, principal: Principal) -> Me:
    """An agent as their own console knows them."""
    member = agent_of(work, principal.workspace_id, principal.id)
    place = workspace(work, principal.workspace_id)
    return Me(
        agent=Myself(
            id=member.agent.id,
            name=member.account.name,
            email=member.account.email,
            avatar_url=member.account.avatar_url,
            role=ROLE_NAMES[member.role],
        ),
        workspace=MyWorkspace(id=place.id, name=place.name, app_id=place.app_id),
        session_id=principal.session_id,
    )


async def list_sessions(call: Call) -> Browsers:
    """The browsers the agent is signed in with, last used first."""
    rows = await call.services.db.read(sessions_of, call.workspace_id, call.principal.id)
    return Browsers(
        [
            Browser(
                id=row.id,
                current=row.id == call.principal.session_id,
                user_agent=row.user_agent,
                address=row.address,
                created_at=moment(row.created_at),
                last_seen_at=moment(row.last_seen_at),
            )
            for row in rows
        ]
    )


async def make_socket_ticket(call: Call) -> Ticket:
    """A ticket for the socket, which has no cookie to trust."""
    return Ticket(await call.services.db.write(make_ticket, call.principal))
