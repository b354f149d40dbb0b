"""T1: every route and every frame, asked by everyone, gives what it declares and crosses nothing.

The matrix is generated from the hub's own route table. Every caller belongs to one workspace
and names the ids of another: whoever may not pass gets 401 or 403, whoever may changes and
learns nothing of the other workspace.
"""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import SQLModel

from chat.protocol import WHO_MAY
from connectors.testing.hubs import RunningHub, Shop
from core.access import NOBODY, SCOPES, Assurance, Principal, Role
from core.agents import remove_agent
from core.audit import operator
from core.db import Work
from core.errors import HubError
from core.routes import Route

pytestmark = pytest.mark.anyio
CANARY = "canary-of-northfold"

# A body for every route that takes one, naming the other shop's ids wherever it can.
BODIES: dict[str, dict[str, Any]] = {
    "POST /v1/chat/session": {"widget": "{app_id}"},
    "POST /v1/chat/identify": {"user_id": "{external_id}", "email": "x@northfold.example"},
    "POST /v1/chat/email-code": {"email": "x@northfold.example"},
    "POST /v1/chat/email-code/check": {"code": "000000"},
    "POST /v1/chat/poll": {
        "frames": [
            {"type": "send", "id": "frame-001", "conversation": "{conversation}", "text": "x"},
            {"type": "set_status", "id": "frame-002", "conversation": "{conversation}",
             "status": "resolved"},
        ]
    },
    "POST /v1/chat/ingest/identify": {"external_id": "{external_id}", "name": "Mallory"},
    "POST /v1/chat/ingest/records": {
        "external_id": "{external_id}",
        "records": [{"kind": "order", "reference": "{reference}", "status": "cancelled"}],
    },
    "DELETE /v1/chat/ingest/records": {"kind": "order", "reference": "{reference}"},
    "POST /v1/chat/ingest/products": {
        "products": [{"external_id": "{product}", "title": "Mallory's"}]
    },
    "POST /api/v1/widget/create": {"name": "Mine", "domain": "https://northfold.example"},
    "PUT /api/v1/widget/update/{id}": {"name": "Mallory's"},
    "POST /api/v1/widget/{id}/seen": {"url": "https://shop.example/"},
    "PUT /console/api/appearance": {"name": "Mine"},
    "POST /console/api/session": {"email": "nobody@shop.example", "password": "wrong one"},
    "POST /console/api/session/link": {"token": "x" * 40},
    "POST /console/api/keys": {"name": "Mine", "scopes": ["records"]},
    "POST /console/api/keys/{id}/rotate": {"now": True},
    "POST /console/api/identity-secret/rotate": {"keep_hours": 1},
    "POST /console/api/integrations/offer": {"offer": "x" * 40},
    "POST /console/api/integrations/claim": {"offer": "x" * 40},
    "POST /console/api/integrations/connect": {"connector": "customer_data", "values": {}},
    "POST /console/api/integrations/{id}/sync": {"kind": "full"},
    "POST /console/api/integrations/{id}/replay": {},
    "POST /console/api/identity-check": {"user_id": "42", "user_hash": "0" * 64},
    "POST /console/api/articles": {"title": "Mine", "collection": "{collection}"},
    "POST /console/api/articles/preview": {"body": "{{product: p-1}}"},
    "PUT /console/api/articles/{id}": {"slug": "mine"},
    "PUT /console/api/articles/{id}/{locale}": {"title": "Mallory's", "body": "x"},
    "POST /console/api/collections": {"names": {"en": "Mine"}},
    "PUT /console/api/collections/{id}": {"names": {"en": "Mallory's"}},
    "POST /api/v1/widget/{id}/help/articles/{slug}/helpful": {"helpful": True},
    "PUT /console/api/discounts/policy": {"highest_percent": "20"},
    "POST /console/api/discounts": {
        "id": "offer-0001", "conversation": "{conversation}", "percent": "10",
    },
    "POST /console/api/discounts/{id}/decline": {"reason": "Mine"},
    "POST /console/api/orders/{id}/preview": {"lines": {"1": 1}},
    "POST /console/api/actions": {"id": "action-01", "record": "{record}", "kind": "cancel"},
    "POST /console/api/actions/{id}/decline": {"reason": "Mine"},
    "PUT /console/api/assistant": {"discount_percent": "5"},
    "POST /console/api/assistant/try": {"text": "canary", "customer": "{customer}"},
    "POST /console/api/conversations/{id}/answering": {"who": "people"},
    "POST /shopify/webhooks": {},
    "POST /woocommerce/keys": {"user_id": "x" * 40},
    "POST /woocommerce/session": {
        "app_id": "icw_x",
        "shop": "https://shop.example",
        "user_id": "2",
        "at": 1,
        "signature": "x",
    },
    "POST /woocommerce/webhooks/{connection}/{key}": {},
    "POST /shopify/proxy/session": {"url": "https://shop.example/"},
    "POST /shopify/proxy/seen": {"url": "https://shop.example/"},
}  # fmt: skip
FRAMES: dict[str, dict[str, Any]] = {
    "hello": {},
    "ping": {},
    "page": {"url": "https://shop.example/"},
    "send": {"id": "frame-001", "conversation": "{conversation}", "text": "x"},
    "typing": {"conversation": "{conversation}"},
    "read": {"conversation": "{conversation}", "upto": 1},
    "look": {"conversation": "{conversation}"},
    "set_status": {"id": "frame-002", "conversation": "{conversation}", "status": "resolved"},
    "assign": {"id": "frame-003", "conversation": "{conversation}", "assignee": None},
    "ask_person": {"id": "frame-004", "conversation": "{conversation}"},
}
LEARNS_ITS_OWN = {"POST /v1/chat/session"}  # a public id names the shop: that is its purpose


class Stranger:
    """The other workspace, filled with rows whose every text is a canary."""

    def __init__(self, shop: Shop, ids: dict[str, str]) -> None:
        self.shop = shop
        self.ids = ids

    def fill(self, template: Any) -> Any:
        """A template with the other shop's ids."""
        written = json.dumps(template)
        for name, value in self.ids.items():
            written = written.replace(f"{{{name}}}", value)
        return json.loads(written)

    async def rows(self) -> dict[str, list[Any]]:
        """Every row of the other workspace, but for what the public may add to any."""

        await self.shop.hub.hub.authenticator.stop()  # writes when its key was last used

        def read(work: Work) -> dict[str, list[Any]]:
            return {
                table.name: sorted(
                    map(str, work.execute(
                        text(f"SELECT * FROM {table.name} WHERE workspace_id = :id"),
                        {"id": self.shop.workspace_id},
                    ))
                )
                for table in SQLModel.metadata.sorted_tables
                if "workspace_id" in table.c and table.name not in PUBLIC_TABLES
            }  # fmt: skip

        return await self.shop.hub.hub.db.read(read)


# Anyone may start a session in a shop or be seen on its page, as its visitors do.
PUBLIC_TABLES = {"visitors", "widget_sightings", "events"}


async def settle(hub: RunningHub, shop: Shop) -> Stranger:
    agent, visitor = await shop.agent(name="ida"), await shop.visitor(name=CANARY)
    async with visitor.socket() as widget:
        await widget.say(CANARY, "northfold-talk")
    record = {"kind": "order", "reference": "N-1", "title": CANARY, "status": "paid"}
    await shop.post("/v1/chat/ingest/records", {"external_id": "9", "records": [record]})
    await shop.post("/v1/chat/ingest/identify", {"external_id": "9", "name": CANARY})
    product = {"external_id": "p-1", "title": CANARY}
    await shop.post("/v1/chat/ingest/products", {"products": [product]})
    draft = await agent.request("POST", "/console/api/articles", {"title": CANARY})
    (key,) = (await agent.get("/console/api/keys"))["items"]
    ids = {
        "app_id": shop.made.app_id,
        "widget": shop.made.widget_id,
        "conversation": "northfold-talk",
        "external_id": "9",
        "reference": "N-1",
        "product": "p-1",
        "key": key["id"],
        "article": draft.json()["id"],
        "collection": draft.json()["collection"],
        "slug": draft.json()["slug"],
        "session": agent.principal.session_id,
        "agent": agent.principal.id,
    }

    def find(work: Work) -> dict[str, str]:
        where = {"id": shop.workspace_id}
        return {
            name: str(
                work.execute(
                    text(f"SELECT id FROM {name}s WHERE workspace_id = :id"), where
                ).scalar()
            )
            for name in ("customer", "record")
        }

    return Stranger(shop, {**ids, **await hub.hub.db.read(find)})


class Caller:
    """Somebody of the first workspace, and the headers that prove it."""

    def __init__(self, name: str, principal: Principal, headers: dict[str, str]) -> None:
        self.name = name
        self.principal = principal
        self.headers = headers

    def may(self, route: Route) -> int | None:
        """None if the route's declaration lets them pass, else the status they get."""
        try:
            route.access.check(self.principal)
        except HubError as refusal:
            return refusal.status
        return None


async def callers(shop: Shop) -> list[Caller]:
    anonymous = await shop.visitor()
    verified = await shop.visitor(user_id="1", user_hash=shop.sign("1"))
    found = [
        Caller("nobody", NOBODY, {}),
        Caller("visitor", visitor_of(anonymous, Assurance.ANONYMOUS), anonymous.headers),
        Caller("verified visitor", visitor_of(verified, Assurance.HMAC), verified.headers),
    ]
    for scope in SCOPES:
        key = await shop.key(scope)
        principal = Principal("key", shop.workspace_id, scopes=frozenset({scope}))
        found.append(Caller(f"key {scope}", principal, {"Authorization": f"Bearer {key}"}))
    for role in Role:
        agent = await shop.agent(role)
        found.append(Caller(role.name.lower(), agent.principal, agent.headers))
    removed = await shop.agent(Role.ADMIN)
    await shop.hub.hub.db.write(remove_agent, operator(shop.workspace_id), removed.principal.id)
    found.append(Caller("removed agent", NOBODY, removed.headers))
    return found


def visitor_of(visitor: Any, assurance: Assurance) -> Principal:
    return Principal("visitor", "", visitor.id, assurance=assurance)


def address(route: Route, stranger: Stranger) -> str:
    """The route's path with the other shop's ids."""
    noun = next(
        (n for n in ("widget", "conversation", "customer", "record", "key", "session", "agent",
                     "article", "collection")
         if n in route.path),
        "widget",
    )  # fmt: skip
    noun = "record" if "/orders/" in route.path else noun
    path = route.path.replace("{id}", stranger.ids[noun]).replace("{locale}", "en")
    path = path.replace("{slug}", stranger.ids["slug"])
    return path.replace("{file}", "x.js").replace("{path:path}", "x").replace("{file:path}", "x.js")


@pytest.mark.timeout(240)
async def test_T1_every_route_admits_whom_it_declares_and_nothing_crosses(
    hub: RunningHub, shop: Shop
) -> None:
    stranger = await settle(hub, await hub.shop("Northfold"))
    routes = [route for route in hub.hub.routes if isinstance(route, Route)]
    before = await stranger.rows()
    wrong = []
    for route in routes:
        name = f"{route.method} {route.path}"
        assert not (route.body or route.raw) or name in BODIES, (
            f"the matrix needs a body for {name}"
        )
        body = stranger.fill(BODIES.get(name)) if name in BODIES else None
        for caller in await callers(shop):  # new ones: some routes end what proves them
            answer = await hub.http.request(
                route.method, address(route, stranger), json=body, headers=caller.headers
            )
            wrong += judged(route, name, caller, answer)
    assert wrong == []
    assert await stranger.rows() == before


def judged(route: Route, name: str, caller: Caller, answer: httpx.Response) -> list[str]:
    refused = caller.may(route)
    status = answer.status_code
    if refused is not None and status != refused:
        return [f"{name} as {caller.name}: {status}, declared {refused}"]
    proves_itself = name.startswith(
        ("POST /console/api/session", "POST /shopify/", "GET /shopify", "POST /woocommerce/")
    )
    if refused is None and status in (401, 403) and not proves_itself:
        return [f"{name} as {caller.name}: {status}, although declared"]
    if status >= 500 and not (status == 503 and route.hidden):
        return [f"{name} as {caller.name}: {status}"]
    if CANARY in answer.text and name not in LEARNS_ITS_OWN:
        return [f"{name} as {caller.name} tells the other shop's data"]
    return []


async def test_T1_every_frame_admits_whom_it_declares_and_nothing_crosses(
    hub: RunningHub, shop: Shop
) -> None:
    stranger = await settle(hub, await hub.shop("Northfold"))
    before = await stranger.rows()
    agent, visitor = await shop.agent(), await shop.visitor()
    speakers = [(agent, agent.principal), (visitor, Principal("visitor", id=visitor.id))]
    assert {str(frame.__struct_config__.tag) for frame in WHO_MAY} == set(FRAMES)
    for who, principal in speakers:
        async with who.socket() as socket:
            for frame, access in WHO_MAY.items():
                tag = str(frame.__struct_config__.tag)
                await socket.send({"type": tag, **stranger.fill(FRAMES[tag])})
                await socket.send({"type": "ping"})
                await socket.hear("pong")
                if tag == "ping":
                    await socket.hear("pong")
                    continue
                codes = [f["code"] for f in socket.heard if f["type"] == "error"]
                socket.heard.clear()
                assert codes == expected(access, principal, tag), (tag, principal.kind)
    assert await stranger.rows() == before


def expected(access: Any, principal: Principal, tag: str) -> list[str]:
    try:
        access.check(principal)
    except HubError:
        return ["forbidden"]
    if tag == "hello":
        return ["forbidden"]  # a second one
    # A visitor's `send` starts a conversation of this id in their own workspace, which the
    # frames after it then mean: ids are unique only within a workspace.
    foreign = principal.kind == "agent" and "{conversation}" in str(FRAMES[tag])
    return ["not_found"] if foreign else []
