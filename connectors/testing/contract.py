"""The contract: what every connector keeps, tested on its platform's stand-in.

A connector's own tests inherit all of it by saying how its platform is driven::

    class TestTeaShop(ConnectorContract):
        @pytest.fixture
        async def platform(self, hub):
            async with TeaShopStandin() as standin:
                yield TeaShopPlatform(standin, hub)

A connector connects and hears webhooks of orders; what else it cannot do is left out and said so.
The fixtures `hub` and `shop` are those of `connectors.testing.fixtures`, or your own: a running
hub with the connector's plugin on, and a workspace on it.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal
from uuid import uuid4

import pytest
from sqlalchemy import text

from connectors.testing.hubs import Agent, RunningHub, Shop
from connectors.testing.patience import until
from core import connector as protocols
from core import privacy
from core.connector import Connector
from core.customers import Customer, customer_by_external_id
from core.db import Work
from core.migrations.models import metadata
from core.views import Record

Ailment = Literal["refused", "unreachable", "forbidden", "busy"]
PROVIDES: dict[str, type[Any]] = {
    "products": protocols.Backfills,
    "discounts": protocols.IssuesDiscounts,
    "actions": protocols.ActsOnOrders,
}
PATIENCE = 20.0  # seconds a test waits for a sync


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook as the platform sends it."""

    path: str
    headers: Mapping[str, str]
    body: bytes


class Platform(ABC):
    """How a connector's stand-in is driven; shops are named by a short word such as "kettle"."""

    connector: ClassVar[str]  # its manifest's name

    def source(self, shop: str) -> str:
        """What the shop's rows carry here."""
        return f"{self.connector}:{shop}"

    @abstractmethod
    def values(self, shop: str) -> dict[str, str]:
        """What connects this shop without a browser."""

    @abstractmethod
    def secrets(self, shop: str) -> list[str]:
        """Texts that no page, event, log or row may show: keys, tokens, signing secrets."""

    @abstractmethod
    async def add_products(self, shop: str, count: int) -> list[str]:
        """So many products, the same ones in every shop; their ids."""

    @abstractmethod
    async def rename_product(self, shop: str, product: str, title: str) -> None:
        """Change a product, telling the hub as the platform does."""

    @abstractmethod
    async def delete_product(self, shop: str, product: str) -> None:
        """Take a product away, telling the hub as the platform does."""

    @abstractmethod
    async def add_customer(self, shop: str, name: str, email: str) -> str:
        """A buyer; the platform's id."""

    @abstractmethod
    async def add_order(self, shop: str, customer: str | None, amount: str, currency: str) -> str:
        """An order of a buyer or a guest, without telling the hub; its reference."""

    @abstractmethod
    async def pay_order(self, shop: str, order: str) -> None:
        """Change an order's status, without telling the hub."""

    @abstractmethod
    async def hook_of(self, shop: str, order: str) -> Hook:
        """A genuine webhook with the order as it is now; a new delivery each time."""

    @abstractmethod
    def forge(self, hook: Hook) -> list[Hook]:
        """The same webhook with a wrong, an empty and no signature."""

    @abstractmethod
    def ail(self, shop: str, ailment: Ailment, *, times: int | None = 1, skip: int = 0) -> None:
        """Make the shop's next answers fail (None: until `recover`), after letting some pass."""

    @abstractmethod
    def recover(self) -> None:
        """Be well again."""

    async def codes(self, shop: str) -> list[str]:
        """The discount codes the shop has; for a connector that issues some."""
        return []


class ConnectorContract:
    """Inherit it, and give it a `platform`."""

    pytestmark: ClassVar[list[Any]] = [pytest.mark.anyio]

    # Declared -----------------------------------------------------------------------------

    async def test_E4_the_manifest_is_true_to_the_code(
        self, hub: RunningHub, platform: Platform
    ) -> None:
        connector = connector_of(hub, platform)
        for promise, protocol in PROVIDES.items():
            assert (promise in connector.manifest.provides) == isinstance(connector, protocol)
        assert isinstance(connector, protocols.Connects)
        assert connector.manifest.name == platform.connector
        assert all(step.title and step.text for step in connector.setup_steps(hub.url))
        assert {one.name for one in connector.fields} >= platform.values("kettle").keys()

    async def test_D_4_no_page_event_log_or_row_shows_a_secret(
        self, hub: RunningHub, shop: Shop, platform: Platform, capfd: pytest.CaptureFixture[str]
    ) -> None:
        agent = await shop.agent()
        await platform.add_products("kettle", 3)
        async with agent.socket() as console:
            connection = await connect(agent, platform)
            heard = json.dumps(await console.silence())
        pages = [
            await agent.get("/console/api/integrations"),
            await agent.get(f"/console/api/integrations/{connection}"),
        ]
        platform.ail("kettle", "refused", times=None)
        await agent.request("POST", f"/console/api/integrations/{connection}/check")
        rows = await hub.hub.db.read(_all_rows)
        printed = "".join(capfd.readouterr())
        for secret in platform.secrets("kettle"):
            for place, said in (
                ("a frame", heard),
                ("a page", json.dumps(pages)),
                ("a row", rows),
                ("the log", printed),
            ):
                assert secret not in said, f"{place} shows a secret"

    @pytest.mark.parametrize(
        ("ailment", "level"),
        [
            (None, "connected"),
            ("refused", "failed"),
            ("unreachable", "degraded"),
            ("forbidden", "attention"),
        ],
    )
    async def test_S9_a_check_has_four_outcomes(
        self, shop: Shop, platform: Platform, ailment: Ailment | None, level: str
    ) -> None:
        agent = await shop.agent()
        connection = await connect(agent, platform)
        if ailment is not None:
            platform.ail("kettle", ailment, times=None)
        answer = await agent.request("POST", f"/console/api/integrations/{connection}/check")
        assert answer.status_code == 200, answer.text
        assert answer.json()["ok"] is (ailment is None)
        page = await agent.get(f"/console/api/integrations/{connection}")
        shown = page["card"]["connection"]
        assert shown["level"] == level
        assert ailment is None or len(shown["problem"]["text"]) > 10

    # Webhooks -----------------------------------------------------------------------------

    async def test_O4_a_webhook_with_a_bad_signature_is_refused_and_nothing_stored(
        self, hub: RunningHub, shop: Shop, platform: Platform
    ) -> None:
        agent = await shop.agent()
        await connect(agent, platform)
        order = await platform.add_order("kettle", None, "10.00", "EUR")
        before = await hub.hub.db.read(_inbox_rows)
        for forged in platform.forge(await platform.hook_of("kettle", order)):
            assert await deliver(hub, forged) == 401
        assert await hub.hub.db.read(_inbox_rows) == before

    async def test_S8_the_same_webhook_twice_is_one_order(
        self, hub: RunningHub, shop: Shop, platform: Platform
    ) -> None:
        agent = await shop.agent()
        await connect(agent, platform)
        buyer = await platform.add_customer("kettle", "Rosa Meyer", "rosa@kettle.example")
        order = await platform.add_order("kettle", buyer, "19.99", "EUR")
        hook = await platform.hook_of("kettle", order)
        assert [await deliver(hub, hook) for _ in range(3)] == [200, 200, 200]
        await order_seen(hub, shop, platform, buyer, order)
        await until(lambda: _none_waits(hub), PATIENCE)
        assert len(await records_of(hub, shop, platform, buyer)) == 1

    async def test_S8_an_old_webhook_after_a_newer_one_changes_nothing(
        self, hub: RunningHub, shop: Shop, platform: Platform
    ) -> None:
        agent = await shop.agent()
        await connect(agent, platform)
        buyer = await platform.add_customer("kettle", "Rosa Meyer", "rosa@kettle.example")
        order = await platform.add_order("kettle", buyer, "19.99", "EUR")
        old = await platform.hook_of("kettle", order)
        await platform.pay_order("kettle", order)
        await deliver(hub, await platform.hook_of("kettle", order))
        paid = (await order_seen(hub, shop, platform, buyer, order)).status
        await deliver(hub, old)
        await until(lambda: _none_waits(hub), PATIENCE)
        assert (await order_seen(hub, shop, platform, buyer, order)).status == paid

    @pytest.mark.parametrize(
        ("amount", "currency", "minor"),
        [
            ("19.99", "EUR", 1999),
            ("0.10", "EUR", 10),
            ("1500", "JPY", 1500),
            ("1.234", "KWD", 1234),
        ],
    )
    async def test_D8_money_is_exact_in_every_currency(
        self,
        hub: RunningHub,
        shop: Shop,
        platform: Platform,
        amount: str,
        currency: str,
        minor: int,
    ) -> None:
        agent = await shop.agent()
        await connect(agent, platform)
        buyer = await platform.add_customer("kettle", "Rosa Meyer", "rosa@kettle.example")
        order = await platform.add_order("kettle", buyer, amount, currency)
        await deliver(hub, await platform.hook_of("kettle", order))
        seen = (await order_seen(hub, shop, platform, buyer, order)).amount
        assert seen is not None
        assert (seen.minor, seen.currency) == (minor, currency)

    async def test_C3_a_guests_order_belongs_to_nobody(
        self, hub: RunningHub, shop: Shop, platform: Platform
    ) -> None:
        agent = await shop.agent()
        await connect(agent, platform)
        for _ in range(2):
            order = await platform.add_order("kettle", None, "10.00", "EUR")
            await deliver(hub, await platform.hook_of("kettle", order))
        await until(lambda: _orders(hub, shop, 2), PATIENCE)
        assert await hub.hub.db.read(_customers, shop.workspace_id) == 0

    # Reading everything -------------------------------------------------------------------

    async def test_P1_products_of_a_connected_shop_are_found(
        self, hub: RunningHub, shop: Shop, platform: Platform
    ) -> None:
        needs(hub, platform, protocols.Backfills)
        agent = await shop.agent()
        products = await platform.add_products("kettle", 3)
        await connect(agent, platform)
        await platform.rename_product("kettle", products[0], "Vermilion samovar")
        await until(lambda: found(agent, "vermilion samovar"), PATIENCE)

    async def test_S2_an_interrupted_read_ends_like_an_uninterrupted_one(
        self, hub: RunningHub, shop: Shop, platform: Platform
    ) -> None:
        needs(hub, platform, protocols.Backfills)
        agent = await shop.agent()
        for name in ("kettle", "samovar"):
            await platform.add_products(name, 120)
        await connect(agent, platform, "kettle")
        platform.ail("samovar", "unreachable", times=8, skip=3)
        connection = await connect(agent, platform, "samovar", ends=None)
        await ended(agent, connection)
        platform.recover()
        await sync(agent, connection, "full")
        assert await catalog(hub, shop, platform, "samovar") == await catalog(
            hub, shop, platform, "kettle"
        )

    async def test_a_busy_shop_is_asked_again(
        self, hub: RunningHub, shop: Shop, platform: Platform
    ) -> None:
        needs(hub, platform, protocols.Backfills)
        agent = await shop.agent()
        await platform.add_products("kettle", 3)
        platform.ail("kettle", "busy", times=2, skip=2)
        connection = await connect(agent, platform)
        assert (await last_run(agent, connection))["state"] == "done"

    async def test_S2_a_product_that_is_gone_there_goes_here(
        self, hub: RunningHub, shop: Shop, platform: Platform
    ) -> None:
        needs(hub, platform, protocols.Backfills, protocols.Sweeps)
        agent = await shop.agent()
        products = await platform.add_products("kettle", 3)
        connection = await connect(agent, platform)
        await platform.delete_product("kettle", products[1])
        await sync(agent, connection, "sweep")
        here = await catalog(hub, shop, platform, "kettle")
        assert [row[0] for row in here] == sorted([products[0], products[2]])

    async def test_S9_two_shops_never_mix(
        self, hub: RunningHub, shop: Shop, platform: Platform
    ) -> None:
        agent = await shop.agent()
        for name in ("kettle", "samovar"):
            products = await platform.add_products(name, 3)
            await platform.rename_product(name, products[0], f"Only in {name}")
            await connect(agent, platform, name)
        buyers = {
            name: await platform.add_customer(name, f"Rosa of {name}", "rosa@kettle.example")
            for name in ("kettle", "samovar")
        }
        for name, buyer in buyers.items():
            order = await platform.add_order(name, buyer, "19.99", "EUR")
            await deliver(hub, await platform.hook_of(name, order))
        for name, buyer in buyers.items():
            seen = await until(partial(records_of, hub, shop, platform, buyer, name), PATIENCE)
            assert {one.source for one in seen} == {platform.source(name)}
            titles = {row[1] for row in await catalog(hub, shop, platform, name)}
            assert [title for title in titles if title.startswith("Only")] == [f"Only in {name}"]

    # People and money ---------------------------------------------------------------------

    async def test_D_3_a_customer_is_exported_whole_and_erased_without_a_trace(
        self, hub: RunningHub, shop: Shop, platform: Platform
    ) -> None:
        agent = await shop.agent()
        await connect(agent, platform)
        canary = f"rosa.{uuid4().hex[:8]}@kettle.example"
        buyer = await platform.add_customer("kettle", "Rosa Canary-Meyer", canary)
        order = await platform.add_order("kettle", buyer, "19.99", "EUR")
        await deliver(hub, await platform.hook_of("kettle", order))
        record = await order_seen(hub, shop, platform, buyer, order)
        await until(lambda: _none_waits(hub), PATIENCE)
        customer = await customer_of(hub, shop, platform, buyer)
        assert customer is not None
        exported = await hub.hub.db.read(privacy.export_customer, shop.workspace_id, customer.id)
        assert record.reference in json.dumps(exported, default=str)
        await hub.hub.db.write(privacy.erase_customer, shop.workspace_id, customer.id)
        words = [canary, "Canary-Meyer"]
        assert await hub.hub.db.read(privacy.find_remains, shop.workspace_id, words) == []

    async def test_X3_a_discount_asked_for_twice_is_one_code(
        self, hub: RunningHub, shop: Shop, platform: Platform
    ) -> None:
        needs(hub, platform, protocols.IssuesDiscounts)
        agent = await shop.agent()
        connection = await connect(agent, platform)
        visitor = await shop.visitor()
        async with visitor.socket() as widget:
            await widget.say("Is there a discount?", "talk-about-money")
        wish = {
            "id": f"discount-{uuid4().hex}",
            "conversation": "talk-about-money",
            "connection": connection,
            "percent": "5",
        }
        answers = [await agent.request("POST", "/console/api/discounts", wish) for _ in range(2)]
        assert {one.status_code for one in answers} <= {200, 201}, answers[0].text
        (code,) = {one.json()["code"] for one in answers}
        assert [one.upper() for one in await platform.codes("kettle")] == [code.upper()]


# Steps ------------------------------------------------------------------------------------


def needs(hub: RunningHub, platform: Platform, *abilities: type[Any]) -> None:
    """Leave the test out for a connector that lacks one of these."""
    for ability in abilities:
        if not isinstance(connector_of(hub, platform), ability):
            pytest.skip(f"{platform.connector} has no {ability.__name__}")


def connector_of(hub: RunningHub, platform: Platform) -> Connector:
    """The connector under test, as the running hub has it."""
    return hub.hub.services.connectors[platform.connector]


async def connect(
    agent: Agent, platform: Platform, shop: str = "kettle", *, ends: str | None = "done"
) -> str:
    """Connect a shop as an admin does, and wait for the end of its first sync; its id."""
    wish = {"connector": platform.connector, "values": platform.values(shop)}
    answer = await agent.request("POST", "/console/api/integrations/connect", wish)
    assert answer.status_code == 200, answer.text
    connection = str(answer.json()["connection"])
    if ends is not None and isinstance(connector_of(agent.hub, platform), protocols.Backfills):
        assert (await ended(agent, connection))["state"] == ends
    return connection


async def last_run(agent: Agent, connection: str) -> dict[str, Any]:
    """The newest run of a connection."""
    runs = (await agent.get(f"/console/api/integrations/{connection}"))["runs"]
    return dict(runs[0]) if runs else {"state": "none", "id": ""}


async def ended(agent: Agent, connection: str, after: str = "") -> dict[str, Any]:
    """The newest run once it is over; `after` names one that does not count."""

    async def over() -> dict[str, Any] | None:
        run = await last_run(agent, connection)
        return run if run["state"] in ("done", "failed") and run["id"] != after else None

    return dict(await until(over, PATIENCE))


async def sync(agent: Agent, connection: str, kind: str) -> dict[str, Any]:
    """Have a sync run, and wait for its end."""
    before = (await last_run(agent, connection))["id"]
    path = f"/console/api/integrations/{connection}/sync"
    assert (await agent.request("POST", path, {"kind": kind})).status_code == 202
    run = await ended(agent, connection, after=before)
    assert run["state"] == "done", run
    return run


async def deliver(hub: RunningHub, hook: Hook) -> int:
    """Send a webhook to the hub; the status of its answer."""
    answer = await hub.http.post(hook.path, content=hook.body, headers=dict(hook.headers))
    return answer.status_code


async def found(agent: Agent, words: str) -> list[Any]:
    """The product cards that a search gives."""
    items = (await agent.get(f"/console/api/products?q={words}"))["items"]
    return [item for item in items if item["title"].lower() == words]


async def customer_of(
    hub: RunningHub, shop: Shop, platform: Platform, buyer: str, name: str = "kettle"
) -> Customer | None:
    """The customer a buyer has become."""
    source = platform.source(name)
    return await hub.hub.db.read(customer_by_external_id, shop.workspace_id, source, buyer)


async def records_of(
    hub: RunningHub, shop: Shop, platform: Platform, buyer: str, name: str = "kettle"
) -> list[Record]:
    """A buyer's records."""
    from core import records

    customer = await customer_of(hub, shop, platform, buyer, name)
    if customer is None:
        return []
    return await hub.hub.db.read(records.records_of, shop.workspace_id, customer.id)


async def order_seen(
    hub: RunningHub, shop: Shop, platform: Platform, buyer: str, order: str
) -> Record:
    """An order's record, once it is on its buyer's timeline."""

    async def there() -> Record | None:
        seen = await records_of(hub, shop, platform, buyer)
        return next((one for one in seen if one.reference == order), None)

    record = await until(there, PATIENCE)
    assert isinstance(record, Record)
    return record


async def catalog(
    hub: RunningHub, shop: Shop, platform: Platform, name: str
) -> list[tuple[Any, ...]]:
    """A shop's products as they are stored here, without our own ids and times."""

    def read(work: Work) -> list[tuple[Any, ...]]:
        columns = "external_id, title, description, price, currency, available"
        where = "workspace_id = :workspace AND source = :source"
        rows = work.execute(
            text(f"SELECT {columns} FROM products WHERE {where} ORDER BY external_id"),
            {"workspace": shop.workspace_id, "source": platform.source(name)},
        )
        return [tuple(row) for row in rows]

    return await hub.hub.db.read(read)


async def _none_waits(hub: RunningHub) -> bool:
    def count(work: Work) -> int:
        open_ones = "SELECT count(*) FROM inbox WHERE state IN ('waiting', 'working')"
        return int(work.execute(text(open_ones)).scalar_one())

    return await hub.hub.db.read(count) == 0


async def _orders(hub: RunningHub, shop: Shop, count: int) -> bool:
    def read(work: Work) -> int:
        where = "workspace_id = :workspace AND kind = 'order'"
        statement = text(f"SELECT count(*) FROM records WHERE {where}")
        return int(work.execute(statement, {"workspace": shop.workspace_id}).scalar_one())

    return await hub.hub.db.read(read) == count


def _customers(work: Work, workspace_id: str) -> int:
    statement = text("SELECT count(*) FROM customers WHERE workspace_id = :workspace")
    return int(work.execute(statement, {"workspace": workspace_id}).scalar_one())


def _inbox_rows(work: Work) -> int:
    return int(work.execute(text("SELECT count(*) FROM inbox")).scalar_one())


def _all_rows(work: Work) -> str:
    return str(
        [[tuple(row) for row in work.execute(table.select())] for table in metadata().sorted_tables]
    )
