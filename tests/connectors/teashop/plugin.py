"""Tea Shop as a plugin: an invented platform, and all a connector needs, in one file."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import msgspec
from pydantic import BaseModel, SecretStr

from connectors.http import Http, Reply
from core import (
    PUBLIC,
    Answer,
    Approval,
    Call,
    Check,
    Conflict,
    Connection,
    ConnectionDraft,
    Connector,
    CustomerDraft,
    Delivery,
    DiscountTerms,
    HubError,
    Invalid,
    IssuedCode,
    Manifest,
    NotFound,
    Plugin,
    Principal,
    ProductBatch,
    ProductDraft,
    Progress,
    Received,
    RecordBatch,
    RecordDraft,
    Refused,
    Route,
    Services,
    SetupField,
    Unauthenticated,
    Unavailable,
    Work,
    active_by_id,
    active_by_shop,
    current,
    external_ids,
    hookimpl,
    open_connection,
    remove_products,
    save_customer,
    save_products,
    save_records,
    to_minor,
    to_ms,
)
from core.decode import decode

NAME = "teashop"
PAGE = 50
LARGEST = 256 * 1024

# What the platform says ------------------------------------------------------------------


class Tea(msgspec.Struct):
    id: str
    title: str
    price: Decimal
    currency: str
    changed_at: datetime


class Page(msgspec.Struct):
    teas: list[Tea]
    total: int


class Order(msgspec.Struct):
    number: str
    total: Decimal
    currency: str
    state: str
    changed_at: datetime
    buyer: str = ""
    buyer_name: str = ""
    buyer_email: str = ""


class Gone(msgspec.Struct):
    id: str


def to_product(tea: Tea) -> ProductDraft:
    return ProductDraft(
        tea.id,
        title=tea.title,
        price=to_minor(tea.price, tea.currency),
        currency=tea.currency,
        updated_at=to_ms(tea.changed_at),
    )


def to_record(order: Order) -> RecordDraft:
    return RecordDraft(
        kind="order",
        reference=order.number,
        title=f"Order {order.number}",
        amount=to_minor(order.total, order.currency),
        currency=order.currency,
        status=order.state,
        updated_at=to_ms(order.changed_at),
    )


def to_customer(order: Order) -> CustomerDraft:
    profile: dict[str, str | None] = {"name": order.buyer_name, "email": order.buyer_email}
    return CustomerDraft(order.buyer, profile, updated_at=to_ms(order.changed_at))


# The connector ---------------------------------------------------------------------------


class ShopSettings(BaseModel):
    url: str
    key: SecretStr
    secret: SecretStr  # what webhooks are signed with


class TeaShop(Connector):
    """Shops on Tea Shop: one object per hub, nothing of one shop in it."""

    manifest = Manifest(
        NAME,
        "Tea Shop",
        "0.1.0",
        "Teas, orders and codes of a Tea Shop.",
        provides=frozenset({"customers", "records", "products", "discounts"}),
    )
    settings = ShopSettings
    fields = (
        SetupField("url", "Shop address"),
        SetupField("key", "API key", secret=True),
        SetupField("secret", "Webhook secret", secret=True),
    )

    def __init__(self, services: Services) -> None:
        self.services = services
        self.http = Http(services.outbound_allow)

    async def connect(
        self, services: Services, principal: Principal, values: Mapping[str, str]
    ) -> ConnectionDraft | Approval:
        for name in ("url", "key", "secret"):
            if not values.get(name):
                raise Invalid(f"{name} is missing.", field=f"values.{name}")
        settings = ShopSettings.model_validate(dict(values))
        said = (await self._call(settings, "GET", "shop")).json()
        # Its address is proven by its answer; a name it gives itself might be another's.
        shop = urlsplit(settings.url).netloc
        return ConnectionDraft(shop, said["title"], shop.replace(":", "-"), settings)

    async def check(self, services: Services, connection: Connection) -> Check:
        try:
            await self._call(settings_of(connection), "GET", "shop")
        except Unavailable as error:
            return Check(False, f"{error.message} We try again by ourselves.", "unreachable")
        except HubError as error:
            return Check(False, error.message, error.code)
        return Check(True, "Tea Shop answers.")

    async def backfill(
        self, services: Services, connection: Connection, cursor: str
    ) -> AsyncIterator[Progress]:
        done, changed = 0, 0
        while True:
            page = await self._page(connection, cursor)
            changed += await services.db.write(_save_teas, connection, page.teas)
            done += len(page.teas)
            whole = len(page.teas) < PAGE
            cursor = "" if whole else page.teas[-1].id
            yield Progress(done, page.total, cursor, changed)
            if whole:
                return

    async def sweep(self, services: Services, connection: Connection) -> AsyncIterator[Progress]:
        there: set[str] = set()
        after, whole = "", False
        while not whole:
            page = await self._page(connection, after)
            fixed = await services.db.write(_save_teas, connection, page.teas)
            there |= {tea.id for tea in page.teas}
            whole = len(page.teas) < PAGE
            after = "" if whole else page.teas[-1].id
            yield Progress(len(there), page.total, changed=fixed, drift=fixed, fixed=fixed)
        gone = await services.db.write(_remove_others, connection, there)
        yield Progress(len(there), len(there), changed=gone, drift=gone, fixed=gone)

    def is_genuine(self, connection: Connection, headers: Mapping[str, str], body: bytes) -> bool:
        topic = headers.get("x-teashop-topic", "")
        secret = settings_of(connection).secret.get_secret_value()
        wanted = hmac.new(secret.encode(), topic.encode() + b"\n" + body, hashlib.sha256)
        given = headers.get("x-teashop-signature", "")
        return hmac.compare_digest(wanted.hexdigest().encode(), given.encode())

    async def handle(
        self, services: Services, connection: Connection, topic: str, body: bytes
    ) -> None:
        if topic == "order":
            order = decode(body, Order, limit=LARGEST)
            await services.db.write(_save_order, connection, order)
        elif topic == "tea":
            tea = decode(body, Tea, limit=LARGEST)
            await services.db.write(_save_teas, connection, [tea])
        elif topic == "tea.gone":
            gone = decode(body, Gone, limit=LARGEST)
            await services.db.write(_remove, connection, gone.id)

    async def issue(
        self, services: Services, connection: Connection, terms: DiscountTerms
    ) -> IssuedCode:
        body = {
            "title": terms.title,
            "percent": terms.percent,
            "amount": terms.amount.text if terms.amount else "",
            "minimum": terms.minimum.text if terms.minimum else "",
            "expires_at": terms.expires_at.isoformat() if terms.expires_at else "",
            "buyer": terms.customer,
        }
        settings = settings_of(connection)
        await self._call(settings, "PUT", f"codes/{terms.code}", json=body)
        return IssuedCode(terms.code, terms.code)

    async def find_code(
        self, services: Services, connection: Connection, code: str
    ) -> IssuedCode | None:
        try:
            await self._call(settings_of(connection), "GET", f"codes/{code}")
        except NotFound:
            return None
        return IssuedCode(code, code)

    async def revoke_code(
        self, services: Services, connection: Connection, issued: IssuedCode
    ) -> None:
        await self._call(settings_of(connection), "DELETE", f"codes/{issued.code}")

    async def _page(self, connection: Connection, after: str) -> Page:
        path = f"teas?after={after}&limit={PAGE}"
        reply = await self._call(settings_of(connection), "GET", path)
        return decode(reply.body, Page, limit=LARGEST)

    async def _call(
        self, settings: ShopSettings, method: str, path: str, json: Any = None
    ) -> Reply:
        headers = {"Authorization": f"Bearer {settings.key.get_secret_value()}"}
        url = f"{settings.url}/api/{path}"
        reply = await self.http.request(method, url, headers=headers, json=json)
        if reply.ok:
            return reply
        if reply.status == 404:
            raise NotFound("Tea Shop has no such thing.")
        if reply.status == 409:
            raise Conflict("There is such a code.", code="code_taken")
        if reply.status == 403:
            text = "The key may not read teas. Allow it in Tea Shop."
            raise Refused(text, code="missing_permission")
        raise Refused("Tea Shop does not accept the key. Make a new one.", code="refused")


def settings_of(connection: Connection) -> ShopSettings:
    """A connection's settings, as what they are."""
    assert isinstance(connection.settings, ShopSettings)
    return connection.settings


def _save_teas(work: Work, connection: Connection, teas: list[Tea]) -> int:
    current(work, connection)  # Conflict once the shop was disconnected
    drafts = [to_product(tea) for tea in teas]
    batch = ProductBatch(connection.workspace_id, connection.source, drafts)
    (saved,) = save_products(work, [batch])
    return sum(not isinstance(one, Invalid) and one.outcome != "unchanged" for one in saved)


def _save_order(work: Work, connection: Connection, order: Order) -> None:
    current(work, connection)
    workspace_id, source = connection.workspace_id, connection.source
    if order.buyer:
        save_customer(work, workspace_id, source, to_customer(order))
    save_records(work, [RecordBatch(workspace_id, source, order.buyer, [to_record(order)])])


def _remove(work: Work, connection: Connection, tea: str) -> None:
    current(work, connection)
    remove_products(work, connection.workspace_id, connection.source, [tea])


def _remove_others(work: Work, connection: Connection, there: set[str]) -> int:
    current(work, connection)
    here, after = set[str](), ""
    while found := external_ids(work, connection.workspace_id, connection.source, after):
        here |= {one.external_id for one in found}
        after = found[-1].external_id
    return len(remove_products(work, connection.workspace_id, connection.source, here - there))


# Webhooks --------------------------------------------------------------------------------


def routes(tea: TeaShop) -> list[Route]:
    """Where shops send what changed; PUBLIC, because the signature is the proof."""

    async def receive(call: Call) -> Answer:
        connection = await tea.services.db.read(_by_shop, tea, call.path["shop"])
        if connection is None or not tea.is_genuine(connection, call.headers, call.body):
            raise Unauthenticated("This was not sent by a connected shop.")
        await tea.services.inbox.store(
            Received(
                workspace_id=connection.workspace_id,
                source=NAME,
                connection=connection.id,
                topic=call.headers.get("x-teashop-topic", ""),
                body=call.body,
                dedupe=f"{connection.id} {call.headers.get('x-teashop-delivery', '')}",
            )
        )
        return Answer(status=200)

    path = "/v1/teashop/webhook/{shop}"
    return [Route("POST", path, receive, PUBLIC, "A webhook of Tea Shop", raw=True, hidden=True)]


async def take_in(tea: TeaShop, delivery: Delivery) -> None:
    """Work on a stored webhook, if its shop is still connected."""
    connection = await tea.services.db.read(_by_delivery, tea, delivery)
    if connection is not None:
        await tea.handle(tea.services, connection, delivery.topic, delivery.body)


def _by_shop(work: Work, tea: TeaShop, shop: str) -> Connection | None:
    row = active_by_shop(work, NAME, shop)
    return None if row is None else open_connection(row, tea.services.vault, ShopSettings)


def _by_delivery(work: Work, tea: TeaShop, delivery: Delivery) -> Connection | None:
    row = active_by_id(work, NAME, delivery.connection)
    return None if row is None else open_connection(row, tea.services.vault, ShopSettings)


class Hooks:
    """What the hub calls; it makes the one `TeaShop` of this hub."""

    def __init__(self) -> None:
        self._made: TeaShop | None = None

    def _tea(self, services: Services) -> TeaShop:
        if self._made is None:
            self._made = TeaShop(services)
        return self._made

    @hookimpl
    def register_connectors(self, services: Services) -> list[Connector]:
        return [self._tea(services)]

    @hookimpl
    def register_routes(self, services: Services) -> list[Route]:
        tea = self._tea(services)

        async def work_on(services: Services, delivery: Delivery) -> None:
            await take_in(tea, delivery)

        services.inbox.handler(NAME, work_on)
        return routes(tea)

    @hookimpl
    async def shutdown(self) -> None:
        if self._made is not None:
            await self._made.http.close()


plugin = Plugin(name=NAME, version="0.1.0", hooks=Hooks)
