"""A whole hub for a test: a real server on a free port, with browsers, agents and shops."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from core.access import SCOPES, Principal, Role
from core.agents import add_agent, agent_of, create_account
from core.api_keys import create_key
from core.audit import operator
from core.db import Work
from core.sessions import make_link, sign_in_by_link
from hub import setup
from hub.app import App, Hub, create_app
from hub.settings import Settings

PASSWORD = "a long enough password"
PATIENCE = 30.0  # seconds a test waits for a frame or an answer: the machine may be busy


class RunningHub:
    """A hub that is served on a real port of this machine."""

    def __init__(self, app: App, port: int) -> None:
        self.app = app
        self.hub: Hub = app.hub
        self.url = f"http://127.0.0.1:{port}"
        # It speaks http: to load all the certificates costs as much as the rest of the hub's start.
        self.http = httpx.AsyncClient(base_url=self.url, timeout=PATIENCE, verify=False)

    async def shop(self, name: str = "Kestrel") -> Shop:
        """A new workspace, complete as `hub init` makes it."""
        made = await setup.init(
            self.hub.db,
            self.hub.services.vault,
            public_url=self.url,
            name=name,
            email=f"{name.lower()}@shop.example",
            password=PASSWORD,
        )
        return Shop(self, made)


class Shop:
    """One workspace and its people."""

    def __init__(self, hub: RunningHub, made: setup.Made) -> None:
        self.hub = hub
        self.made = made
        self.workspace_id = made.workspace_id

    def sign(self, user_id: str) -> str:
        """What the shop's server computes for a signed-in customer."""
        return hmac.new(
            self.made.identity_secret.encode(), user_id.encode(), hashlib.sha256
        ).hexdigest()

    async def agent(self, role: Role = Role.OWNER, name: str = "") -> Agent:
        """A signed-in agent: the owner, or somebody new in a lower role."""
        email = f"{name or uuid.uuid4().hex}@shop.example"

        def enter(work: Work) -> tuple[Principal, str]:
            by = operator(self.workspace_id)
            account = create_account(work, email, name or "Nadia", "no password")
            member = add_agent(work, by, account, role)
            link = make_link(work, self.workspace_id, member.agent.id)
            opened = sign_in_by_link(work, link, "127.0.0.1", "a test")
            assert agent_of(work, self.workspace_id, member.agent.id)
            return opened.principal, opened.token

        principal, token = await self.hub.hub.db.write(enter)
        return Agent(self.hub, principal, token)

    async def key(self, *scopes: str) -> str:
        """A new API key's text."""

        def make(work: Work) -> str:
            return create_key(work, operator(self.workspace_id), "test", scopes or SCOPES).text

        return await self.hub.hub.db.write(make)

    async def post(self, path: str, body: Any, *, key: str = "", **headers: str) -> httpx.Response:
        """A request of the shop's server with its API key."""
        bearer = {"Authorization": f"Bearer {key or self.made.api_key}"}
        return await self.hub.http.post(path, json=body, headers={**bearer, **headers})

    async def visitor(self, **identity: Any) -> Visitor:
        """A browser on the shop's page, identified as the page says."""
        body: dict[str, Any] = {"widget": self.made.app_id}
        if identity:
            body["identity"] = identity
        answer = await self.hub.http.post("/v1/chat/session", json=body)
        assert answer.status_code == 200, answer.text
        return Visitor(self.hub, answer.json())


class Agent:
    """Somebody signed in to the console."""

    def __init__(self, hub: RunningHub, principal: Principal, token: str) -> None:
        self.hub = hub
        self.principal = principal
        names = ("__Host-parley_session", "parley_session")
        self.cookie = "; ".join(f"{name}={token}" for name in names)
        self.headers = {"Cookie": self.cookie, "Origin": hub.url}

    async def request(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """A request as the console's page makes it."""
        return await self.hub.http.request(method, path, json=body, headers=self.headers)

    async def get(self, path: str) -> Any:
        """The JSON of a page the agent may see."""
        answer = await self.request("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    @asynccontextmanager
    async def socket(self, **resume: Any) -> AsyncIterator[Socket]:
        """The console's socket, welcomed."""
        ticket = (await self.request("POST", "/console/api/ticket")).json()["ticket"]
        async with open_socket(
            self.hub, {"ticket": ticket, **resume}, origin=self.hub.url
        ) as socket:
            yield socket


class Visitor:
    """A browser with a chat session."""

    def __init__(self, hub: RunningHub, session: dict[str, Any]) -> None:
        self._hub = hub
        self.session = session
        self.id: str = session["visitor"]
        self.token: str = session["token"]
        self.headers = {"Authorization": f"Bearer {self.token}"}

    async def request(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """A request as the widget makes it."""
        return await self._hub.http.request(method, path, json=body, headers=self.headers)

    @asynccontextmanager
    async def socket(self, **resume: Any) -> AsyncIterator[Socket]:
        """The widget's socket, welcomed."""
        async with open_socket(self._hub, {"token": self.token, **resume}) as socket:
            yield socket


class Socket:
    """One side of `/v1/chat/socket`, with patience for the frames it waits for."""

    def __init__(self, connection: ClientConnection, welcome: dict[str, Any]) -> None:
        self._connection = connection
        self.welcome = welcome
        self.heard: list[dict[str, Any]] = []

    async def say(self, text: str, conversation: str, **more: Any) -> str:
        """Send a message and wait until it is saved; its id."""
        id_ = more.pop("id", None) or str(uuid.uuid4())
        await self.send(
            {"type": "send", "id": id_, "conversation": conversation, "text": text, **more}
        )
        await self.hear("ack", id=id_)
        return id_

    async def send(self, frame: dict[str, Any] | str) -> None:
        """Send a frame as it is."""
        await self._connection.send(frame if isinstance(frame, str) else json.dumps(frame))

    async def hear(self, type_: str, **fields: Any) -> dict[str, Any]:
        """The next frame of this type with these fields, out of all that was heard."""
        async with asyncio.timeout(PATIENCE):
            for place in count():
                if place == len(self.heard):
                    self.heard.append(json.loads(await self._connection.recv()))
                frame = self.heard[place]
                if frame["type"] == type_ and fields.items() <= frame.items():
                    break
        return self.heard.pop(place)

    async def silence(self, seconds: float = 0.3) -> list[dict[str, Any]]:
        """Everything that was heard and not asked for, after a while of listening."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    self.heard.append(json.loads(await self._connection.recv()))
        return self.heard

    async def closed(self) -> int:
        """The code the hub closes this socket with."""
        async with asyncio.timeout(PATIENCE):
            with suppress(ConnectionClosed):
                while True:
                    await self._connection.recv()
        assert self._connection.close_code is not None
        return self._connection.close_code


@asynccontextmanager
async def open_socket(
    hub: RunningHub, hello: dict[str, Any], origin: str = ""
) -> AsyncIterator[Socket]:
    """A socket that has said hello and was welcomed."""
    headers = {"Origin": origin} if origin else {}
    url = hub.url.replace("http", "ws", 1) + "/v1/chat/socket"
    async with connect(url, additional_headers=headers, compression=None) as connection:
        await connection.send(json.dumps({"type": "hello", **hello}))
        async with asyncio.timeout(PATIENCE):
            welcome = json.loads(await connection.recv())
        assert welcome["type"] == "welcome", welcome
        yield Socket(connection, welcome)


@asynccontextmanager
async def serve(folder: Path, database_url: str, **settings: Any) -> AsyncIterator[RunningHub]:
    """Start a hub as `hub serve` does, on a free port, and stop it afterwards."""
    given = {"rate_limits": False, **settings}
    app = create_app(Settings(data_dir=folder, database_url=database_url, **given))
    config = uvicorn.Config(
        app,
        port=0,
        log_config=None,
        ws="websockets-sansio",
        ws_max_size=70_000,
        timeout_graceful_shutdown=2,
        lifespan="on",
    )
    async with _listening(uvicorn.Server(config)) as port:
        running = RunningHub(app, port)
        try:
            yield running
        finally:  # also when the test fails: a server left open hides why
            await running.http.aclose()


@asynccontextmanager
async def _listening(server: uvicorn.Server) -> AsyncIterator[int]:
    """What `server.serve()` does, without its wait for the next tick; the port it has found."""
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup()
    assert not server.should_exit, "the hub did not start"
    ticking = asyncio.create_task(server.main_loop())
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        ticking.cancel()
        await server.shutdown()
