"""The hub under attack: one for all of these tests, in a thread of its own, with what it logs."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

import msgspec
import structlog

from connectors.testing.hubs import Agent, RunningHub, Shop, Visitor, serve
from core.access import Role
from core.identity_secrets import sign_user_id, valid_secrets
from core.routes import Route
from hub import endpoint
from hub.commands.serve import is_news
from tests.fuzz.wire import frame
from tests.test_tenants import Caller, Stranger, callers, settle

T = TypeVar("T")
PATIENCE = 8.0  # seconds until an answer is overdue

# Who loses what proves them when these succeed.
ENDING = {"DELETE /v1/chat/session", "DELETE /console/api/session", "POST /v1/chat/identify"}


@dataclass
class Said:
    """An answer."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""


@dataclass(frozen=True)
class Asked:
    """A request as a server would hand it over."""

    method: str
    path: str  # as it is written in the request line
    query: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""

    def scope(self, proof: dict[str, str]) -> dict[str, Any]:
        own = [(name.lower().encode(), value.encode()) for name, value in proof.items()]
        said = {name for name, _ in self.headers}
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": self.method,
            "scheme": "http",
            "path": unquote(self.path),
            "raw_path": self.path.encode(),
            "root_path": "",
            "query_string": self.query,
            "headers": [*(pair for pair in own if pair[0] not in said), *self.headers],
            "client": ("127.0.0.1", 4711),
            "server": ("127.0.0.1", 80),
        }


class Target:
    """A hub with two workspaces: one is the attacker's, nothing of the other may change."""

    hub: RunningHub
    shop: Shop
    stranger: Stranger
    before: dict[str, list[Any]]

    def __init__(self) -> None:
        self.sent: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.closes: Counter[int | None] = Counter()  # of sockets; None: it stayed open
        self.passed: set[tuple[str, str]] = set()  # routes that have taken something
        self.faults: list[str] = []
        self.broken: dict[str, str] = {}  # what went wrong, each once, with what had been sent
        self.callers: dict[str, Caller] = {}
        self.names: tuple[str, ...] = ()
        self._loop = asyncio.new_event_loop()
        self._ended = asyncio.Event()

    # Running it ---------------------------------------------------------------------------

    def run(self, work: Coroutine[Any, Any, T], patience: float = 60) -> T:
        """Run something on the hub's own loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(patience)

    @contextmanager
    def up(self, folder: Path, url: str) -> Iterator[None]:
        ready = threading.Event()
        thread = threading.Thread(target=self._serve, args=(folder, url, ready))
        with self._listening():
            thread.start()
            try:
                assert ready.wait(30), "the hub did not start"
                self.run(self._prepare())
                yield
            finally:
                self._loop.call_soon_threadsafe(self._ended.set)
                thread.join(30)

    def _serve(self, folder: Path, url: str, ready: threading.Event) -> None:
        async def main() -> None:
            async with serve(folder, url) as self.hub:
                ready.set()
                await self._ended.wait()

        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(main())
        self._loop.close()

    @contextmanager
    def _listening(self) -> Iterator[None]:
        """Keep every complaint of the hub, its libraries and its tasks."""
        before = structlog.get_config()
        structlog.configure(processors=[self._note], cache_logger_on_first_use=False)
        handler = _ToList(self.faults)
        logging.getLogger().addHandler(handler)
        try:
            yield
        finally:
            logging.getLogger().removeHandler(handler)
            structlog.configure(**before)

    def _note(self, _: Any, method: str, event: dict[str, Any]) -> str:
        if method not in ("debug", "info"):
            self.faults.append(f"{event} {sys.exc_info()[1]!r}")
        raise structlog.DropEvent

    async def _prepare(self) -> None:
        self.shop = await self.hub.shop()
        self.stranger = await settle(self.hub, await self.hub.shop("Northfold"))
        self.callers = {caller.name: caller for caller in await callers(self.shop)}
        self.own = await self._own_ids()
        self.names = ("7", "K-1", "k-1", "order", *self.own.values(), *self.stranger.ids.values())
        self.before = await self.stranger.rows()
        endpoint.log.error("canary")  # whoever cannot hear this hears nothing
        assert "canary" in self.faults.pop()

    async def _own_ids(self) -> dict[str, str]:
        """What the attacker's own workspace has, by what it is called in addresses."""
        shop = self.shop
        visitor = await shop.visitor(user_id="7", user_hash=shop.sign("7"))
        async with visitor.socket() as widget:
            await widget.say("Hello", "kestrel-talk")
        record = {"kind": "order", "reference": "K-1", "title": "Order", "status": "paid"}
        await shop.post("/v1/chat/ingest/records", {"external_id": "7", "records": [record]})
        product = {"external_id": "k-1", "title": "Tea", "price": 4, "currency": "EUR"}
        await shop.post("/v1/chat/ingest/products", {"products": [product]})
        agent = await shop.agent()
        spare = {"name": "spare", "scopes": ["records"]}
        opened = await agent.get("/console/api/conversations/kestrel-talk")
        return {
            "conversation": "kestrel-talk",
            "customer": opened["customer"]["id"],
            "record": opened["records"][0]["id"],
            "product": (await agent.get("/console/api/products"))["items"][0]["id"],
            "key": (await agent.request("POST", "/console/api/keys", spare)).json()["id"],
            "agent": agent.principal.id,
            "app": shop.made.app_id,
            "widget": shop.made.widget_id,
        }

    @property
    def port(self) -> int:
        return int(self.hub.url.rpartition(":")[2])

    def right_id(self, route: Route) -> str:
        """An id of the attacker's own that this route knows."""
        nouns = route.path.partition("{")[0]
        return next((id_ for noun, id_ in self.own.items() if f"/{noun}" in nouns), "index.html")

    async def renew(self, name: str) -> None:
        """A new proof for somebody, after the last one was ended."""
        caller = self.callers[name]
        who: Visitor | Agent
        if caller.principal.kind == "visitor":
            services = self.hub.hub.services  # the secret may have been rotated
            secrets = await services.db.read(valid_secrets, services.vault, self.shop.workspace_id)
            signed = {"user_id": "1", "user_hash": sign_user_id(secrets[0], "1")}
            who = await self.shop.visitor(**(signed if name != "visitor" else {}))
        else:
            who = await self.shop.agent(caller.principal.role or Role.OWNER)
        self.callers[name] = Caller(name, caller.principal, who.headers)

    # Asking -------------------------------------------------------------------------------

    def those_who_may(self, route: Route) -> list[str]:
        return [name for name, caller in self.callers.items() if caller.may(route) is None]

    async def ask(self, asked: Asked, caller: str) -> Said:
        """One request, past the network."""
        said = Said()
        chunks = [asked.body] if len(asked.body) < 3 else [asked.body[:2], asked.body[2:]]

        async def receive() -> dict[str, Any]:
            if not chunks:
                await asyncio.sleep(PATIENCE)  # a browser that waits
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                said.status, said.headers = message["status"], message["headers"]
            else:
                said.body += message.get("body", b"")

        host = self.hub.url.partition("//")[2]
        scope = asked.scope({"Host": host, **self.callers[caller].headers})
        async with asyncio.timeout(PATIENCE):
            await self.hub.app(scope, receive, send)
        return said

    def hello(self, who: str) -> list[bytes]:
        """The frame that opens a socket for somebody; none for nobody."""
        caller = self.callers[who]
        if caller.principal.kind == "public":
            return []
        said = {"type": "hello", "token": caller.headers.get("Authorization", "")[7:]}
        if caller.principal.kind == "agent":
            asked = self.hub.http.post("/console/api/ticket", headers=caller.headers)
            said = {"type": "hello", "ticket": self.run(asked).json()["ticket"]}
        return [frame(msgspec.json.encode(said))]

    # Judging ------------------------------------------------------------------------------

    def blame(self, sent: object, wrong: str = "") -> None:
        """Keep what was sent if it was answered wrongly or the hub has complained since."""
        faults, self.faults[:] = [*self.faults], []
        if wrong or faults:
            self.broken.setdefault(
                wrong or faults[0], f"{wrong} {faults[:2]} after {repr(sent)[:1500]}"
            )

    def verdict(self) -> None:
        """Nothing broke, the hub still answers, and the other workspace is as it was."""
        self.blame("everything")
        broken, self.broken = self.broken, {}
        assert not broken, "\n".join(broken.values())
        answer = self.run(self.hub.http.get("/readyz"))
        assert answer.status_code == 200, answer.text
        assert self.run(self.stranger.rows()) == self.before


class _ToList(logging.Handler):
    def __init__(self, faults: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._faults = faults
        self.addFilter(is_news)

    def emit(self, record: logging.LogRecord) -> None:
        if record.name == "asyncio" and record.levelno < logging.ERROR:
            return  # that a browser is gone
        error = repr(record.exc_info[1]) if record.exc_info else ""
        self._faults.append(f"{record.name}: {record.getMessage()} {error}"[:1000])
