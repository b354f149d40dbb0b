"""Shopify as a plugin: the connector, and what it adds to the hub."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta

import click

from connectors.http import Http
from connectors.shopify import (
    actions,
    compare,
    dirty,
    discounts,
    install,
    marking,
    oauth,
    sync,
    topics,
    webhooks,
)
from connectors.shopify.client import Api
from connectors.shopify.grants import Grants
from connectors.shopify.orders import Orders
from connectors.shopify.routes import routes
from connectors.shopify.senders import Senders
from connectors.shopify.settings import NAME, Settings, ShopSettings
from connectors.shopify.tokens import Tokens
from core.access import Principal
from core.connector import (
    Approval,
    CancelWish,
    Check,
    Connection,
    ConnectionDraft,
    Connector,
    DiscountTerms,
    Done,
    IssuedCode,
    Manifest,
    Progress,
    RefundPreview,
    RefundWish,
    SetupField,
    SetupStep,
)
from core.hookspecs import hookimpl
from core.inbox import Delivery
from core.jobs import Job
from core.plugin import Plugin
from core.routes import Route, SocketRoute
from core.services import Services
from core.views import Money, OrderDetails


class Shopify(Connector):
    """Shops on Shopify: one object per hub, nothing of one shop in it."""

    manifest = Manifest(
        name=NAME,
        title="Shopify",
        version="0.1.0",
        summary="Products, orders, customers and discount codes of a Shopify shop.",
        provides=frozenset({"customers", "records", "products", "discounts", "actions"}),
        documentation="https://github.com/parley-hub/parley/tree/main/connectors/shopify",
        permissions=oauth.PERMISSIONS,
    )
    settings = ShopSettings
    fields: Sequence[SetupField] = oauth.FIELDS

    def __init__(self, services: Services, settings: Settings) -> None:
        self.services = services
        self.options = settings
        self.http = Http(services.outbound_allow, trusted=settings.trusted)
        self.grants = Grants(self.http, settings)
        self.tokens = Tokens(services, settings, self.grants)
        self.api = Api(self.http, settings, self.tokens)
        self.senders = Senders(self)
        self.orders = Orders(self)

    def setup_steps(self, hub: str) -> Sequence[SetupStep]:
        return oauth.steps(hub, self.options)

    async def connect(
        self, services: Services, principal: Principal, values: Mapping[str, str]
    ) -> ConnectionDraft | Approval:
        return await oauth.connect(self, principal, values)

    async def check(self, services: Services, connection: Connection) -> Check:
        return await install.check(self, connection)

    async def disconnect(self, services: Services, connection: Connection) -> None:
        await install.disconnect(self, connection)

    def backfill(
        self, services: Services, connection: Connection, cursor: str
    ) -> AsyncIterator[Progress]:
        return sync.backfill(self, connection, cursor)

    def reconcile(
        self, services: Services, connection: Connection, cursor: str
    ) -> AsyncIterator[Progress]:
        return compare.reconcile(self, connection, cursor)

    def sweep(self, services: Services, connection: Connection) -> AsyncIterator[Progress]:
        return compare.sweep(self, connection)

    def is_genuine(self, connection: Connection, headers: Mapping[str, str], body: bytes) -> bool:
        return webhooks.is_genuine(self, connection, headers, body)

    async def handle(
        self, services: Services, connection: Connection, topic: str, body: bytes
    ) -> None:
        await topics.handle(self, connection, topic, body)

    async def orders_of(
        self, services: Services, connection: Connection, external_id: str, limit: int
    ) -> list[OrderDetails]:
        return await self.orders.of_customer(connection, external_id, limit)

    async def order(
        self, services: Services, connection: Connection, reference: str
    ) -> OrderDetails:
        return await self.orders.one(connection, reference)

    async def issue(
        self, services: Services, connection: Connection, terms: DiscountTerms
    ) -> IssuedCode:
        return await discounts.issue(self, connection, terms)

    async def find_code(
        self, services: Services, connection: Connection, code: str
    ) -> IssuedCode | None:
        return await discounts.find_code(self, connection, code)

    async def revoke_code(
        self, services: Services, connection: Connection, issued: IssuedCode
    ) -> None:
        await discounts.revoke_code(self, connection, issued)

    async def preview_refund(
        self, services: Services, connection: Connection, wish: RefundWish
    ) -> RefundPreview:
        return await actions.preview_refund(self, connection, wish)

    async def refund(
        self,
        services: Services,
        connection: Connection,
        wish: RefundWish,
        amount: Money,
        key: str,
    ) -> Done:
        return await actions.refund(self, connection, wish, amount, key)

    async def cancel(
        self, services: Services, connection: Connection, wish: CancelWish, key: str
    ) -> Done:
        return await actions.cancel(self, connection, wish, key)

    async def reread_order(
        self, services: Services, connection: Connection, reference: str
    ) -> None:
        await actions.reread_order(self, connection, reference)


class Hooks:
    """What the hub calls; it makes the one `Shopify` of this hub."""

    def __init__(self) -> None:
        self._made: Shopify | None = None

    def _shopify(self, services: Services, settings: Settings) -> Shopify:
        if self._made is None:
            self._made = Shopify(services, settings)
        return self._made

    @hookimpl
    def register_connectors(self, services: Services, settings: Settings) -> list[Connector]:
        return [self._shopify(services, settings)]

    @hookimpl
    def register_routes(self, services: Services, settings: Settings) -> list[Route | SocketRoute]:
        return routes(self._shopify(services, settings))

    @hookimpl
    def register_commands(self) -> list[click.Command]:
        from connectors.shopify import app_config
        from connectors.shopify.standin.command import shopify as sandbox

        group = click.Group("sandbox", [sandbox], help="Pretend to be a platform, to try it out.")
        return [app_config.command, group]

    @hookimpl
    def register_jobs(self, services: Services, settings: Settings) -> list[Job]:
        shopify = self._shopify(services, settings)

        async def keep_keys(services: Services) -> None:
            await shopify.tokens.keep()

        async def reread(services: Services, workspace_id: str, connection_id: str) -> None:
            await dirty.run(shopify, workspace_id, connection_id)

        return [
            Job(f"{NAME}.keep_keys", keep_keys, every=timedelta(days=1)),
            Job(marking.JOB, reread),
        ]

    @hookimpl
    async def startup(self, services: Services, settings: Settings) -> None:
        shopify = self._shopify(services, settings)

        async def take_in(services: Services, delivery: Delivery) -> None:
            await topics.take_in(shopify, delivery)

        services.inbox.handler(NAME, take_in)

    @hookimpl
    async def shutdown(self, services: Services) -> None:
        if self._made is not None:
            await self._made.http.close()


plugin = Plugin(name=NAME, version="0.1.0", settings=Settings, hooks=Hooks)
