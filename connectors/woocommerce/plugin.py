"""WooCommerce as a plugin: the connector, and what it adds to the hub."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import click

from connectors.http import Http
from connectors.woocommerce import (
    compare,
    connect,
    coupons,
    install,
    marking,
    rereading,
    sync,
    topics,
    webhooks,
)
from connectors.woocommerce.client import Api
from connectors.woocommerce.orders import Orders
from connectors.woocommerce.routes import routes
from connectors.woocommerce.senders import Senders
from connectors.woocommerce.settings import NAME, Settings, ShopSettings
from core.access import Principal
from core.connector import (
    Approval,
    Check,
    Connection,
    ConnectionDraft,
    Connector,
    DiscountTerms,
    IssuedCode,
    Manifest,
    Progress,
    SetupField,
    SetupStep,
)
from core.hookspecs import hookimpl
from core.inbox import Delivery
from core.jobs import Job
from core.plugin import Plugin
from core.routes import Route, SocketRoute
from core.services import Services
from core.views import OrderDetails


class WooCommerce(Connector):
    """Shops on WooCommerce: one object per hub, nothing of one shop in it."""

    manifest = Manifest(
        name=NAME,
        title="WooCommerce",
        version="0.1.0",
        summary="Products, orders, customers and coupons of a WooCommerce shop.",
        provides=frozenset({"customers", "records", "products", "discounts"}),
        documentation="https://github.com/parley-hub/parley/tree/main/connectors/woocommerce",
        permissions=connect.PERMISSIONS,
        check_every=timedelta(minutes=5),
    )
    settings = ShopSettings
    fields: Sequence[SetupField] = connect.FIELDS

    def __init__(self, services: Services, settings: Settings) -> None:
        self.services = services
        self.options = settings
        every = timedelta(minutes=settings.poll_minutes)
        self.manifest = replace(type(self).manifest, check_every=every)
        self.http = Http(services.outbound_allow)
        self.api = Api(self.http)
        self.senders = Senders(self)
        self.orders = Orders(self)

    def setup_steps(self, hub: str) -> Sequence[SetupStep]:
        return connect.steps(hub)

    async def connect(
        self, services: Services, principal: Principal, values: Mapping[str, str]
    ) -> ConnectionDraft | Approval:
        return await connect.connect(self, principal, values)

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
        given = {name.lower(): value for name, value in headers.items()}
        return webhooks.is_genuine(connection, given, body)

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
        return await coupons.issue(self, connection, terms)

    async def find_code(
        self, services: Services, connection: Connection, code: str
    ) -> IssuedCode | None:
        return await coupons.find_code(self, connection, code)

    async def revoke_code(
        self, services: Services, connection: Connection, issued: IssuedCode
    ) -> None:
        await coupons.revoke_code(self, connection, issued)


class Hooks:
    """What the hub calls; it makes the one `WooCommerce` of this hub."""

    def __init__(self) -> None:
        self._made: WooCommerce | None = None

    def _woocommerce(self, services: Services, settings: Settings) -> WooCommerce:
        if self._made is None:
            self._made = WooCommerce(services, settings)
        return self._made

    @hookimpl
    def register_connectors(self, services: Services, settings: Settings) -> list[Connector]:
        return [self._woocommerce(services, settings)]

    @hookimpl
    def register_routes(self, services: Services, settings: Settings) -> list[Route | SocketRoute]:
        return routes(self._woocommerce(services, settings))

    @hookimpl
    def register_commands(self) -> list[click.Command]:
        from connectors.woocommerce import plugin_zip
        from connectors.woocommerce.standin.command import woocommerce as sandbox

        group = click.Group("sandbox", [sandbox], help="Pretend to be a platform, to try it out.")
        return [plugin_zip.command, group]

    @hookimpl
    def register_jobs(self, services: Services, settings: Settings) -> list[Job]:
        shop = self._woocommerce(services, settings)

        async def reread(services: Services, workspace_id: str, connection_id: str) -> None:
            await rereading.run(shop, workspace_id, connection_id)

        return [Job(marking.JOB, reread)]

    @hookimpl
    async def startup(self, services: Services, settings: Settings) -> None:
        shop = self._woocommerce(services, settings)

        async def take_in(services: Services, delivery: Delivery) -> None:
            await topics.take_in(shop, delivery)

        services.inbox.handler(NAME, take_in)

    @hookimpl
    async def shutdown(self, services: Services) -> None:
        if self._made is not None:
            await self._made.http.close()


plugin = Plugin(name=NAME, version="0.1.0", settings=Settings, hooks=Hooks)
