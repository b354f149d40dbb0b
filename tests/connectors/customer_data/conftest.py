"""The API's endpoints over a real database of each kind, without the server around them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from connectors.customer_data.routes import routes
from connectors.customer_data.settings import Settings
from core import records
from core.access import Principal
from core.customers import OWN_SOURCE, customer_by_external_id
from core.db import Database
from core.errors import HubError
from core.events import Event
from core.routes import Answer, Call
from core.views import Record
from core.workspaces import create_workspace


@dataclass
class Reply:
    status: int
    raw: bytes
    headers: dict[str, str]

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def error(self) -> Any:
        return self.body["error"]

    @property
    def outcomes(self) -> list[str]:
        return [result["status"] for result in self.body["results"]]


class Api:
    """One workspace's API as its key reaches it."""

    def __init__(self, db: Database, workspace_id: str, items: int = 1000) -> None:
        self.db = db
        self.workspace_id = workspace_id
        self.heard: list[Event] = []
        self._routes = {
            (route.method, route.path.rpartition("/")[2]): route
            for route in routes(Settings(items=items))
        }
        db.listen(lambda logged: self.heard.extend(entry.event for entry in logged))

    async def call(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, **query: str
    ) -> Reply:
        route = self._routes[method, path]
        if not isinstance(body, bytes):
            body = b"" if body is None else json.dumps(body).encode()
        call = Call(
            services=SimpleNamespace(db=self.db),
            principal=Principal("key", workspace_id=self.workspace_id, id="key_1"),
            body=body,
            path={},
            query=query,
            headers={} if key is None else {"idempotency-key": key},
            address="127.0.0.1",
        )
        try:
            answer = await route.endpoint(call)
        except HubError as refusal:
            answer = Answer({"error": refusal.describe()}, refusal.status)
        return Reply(answer.status, answer.encode(), answer.headers)

    async def records(self, *items: Any, of: Any = "42", key: str | None = None) -> Reply:
        body = {"external_id": of, "records": list(items)}
        return await self.call("POST", "records", body, key=key)

    async def products(self, *items: Any, key: str | None = None) -> Reply:
        return await self.call("POST", "products", {"products": list(items)}, key=key)

    async def identify(
        self, external_id: Any = "42", *, key: str | None = None, **said: Any
    ) -> Reply:
        body = {"external_id": external_id, **said}
        return await self.call("POST", "identify", body, key=key)

    async def customer(self, external_id: str = "42") -> Any:
        return await self.db.read(
            customer_by_external_id, self.workspace_id, OWN_SOURCE, external_id
        )

    async def timeline(self, external_id: str = "42") -> list[Record]:
        customer = await self.customer(external_id)
        if customer is None:
            return []
        return await self.db.read(records.records_of, self.workspace_id, customer.id)


@pytest.fixture
async def api(db: Database) -> Api:
    return Api(db, (await db.write(create_workspace, "Tea shop")).id)
