"""A platform that exists only in tests: a shop of numbered teapots that may fail in many ways."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

import click
from pydantic import BaseModel, SecretStr

from core import (
    Approval,
    Check,
    Connection,
    ConnectionDraft,
    Connector,
    Invalid,
    Manifest,
    Plugin,
    Principal,
    ProductBatch,
    ProductDraft,
    Progress,
    Services,
    SetupField,
    hookimpl,
    save_products,
)


@dataclass
class World:
    """What the teapot shop has and how it behaves; a test changes it."""

    teapots: int = 5
    page: int = 2
    errors: list[Exception] = field(default_factory=list)  # raised by the next pages
    health: Check = field(default_factory=lambda: Check(True, "The kettle is on."))
    pages: list[str] = field(default_factory=list)  # the cursors that were asked for
    let_go: list[str] = field(default_factory=list)


class ShopSettings(BaseModel):
    token: SecretStr


class Teapots(Connector):
    manifest = Manifest("teapots", "Teapots", "1.0", "Teapots.", permissions=(("Teapots", "read"),))
    settings = ShopSettings
    fields = (
        SetupField("shop", "Shop address"),
        SetupField("token", "Token", secret=True, required=False),
    )

    def __init__(self) -> None:
        self.world = World()

    async def connect(
        self, services: Services, principal: Principal, values: Mapping[str, str]
    ) -> ConnectionDraft | Approval:
        shop = values["shop"]
        if not shop.isalpha():
            raise Invalid("Not a teapot shop's address.", field="values.shop")
        if "token" not in values:
            return Approval(f"https://{shop}.teapots.example/approve")
        settings = ShopSettings(token=SecretStr(values["token"]))
        return ConnectionDraft(shop, f"The {shop}", shop, settings, {"currency": "EUR"})

    async def disconnect(self, services: Services, connection: Connection) -> None:
        self.world.let_go.append(connection.shop)

    async def check(self, services: Services, connection: Connection) -> Check:
        return self.world.health

    async def backfill(
        self, services: Services, connection: Connection, cursor: str
    ) -> AsyncIterator[Progress]:
        world, first, changed = self.world, int(cursor or 0), 0
        for start in range(first, world.teapots, world.page):
            self.world.pages.append(str(start))
            if world.errors:
                raise world.errors.pop(0)
            end = min(start + world.page, world.teapots)
            drafts = [ProductDraft(str(n), title=f"Teapot {n}") for n in range(start, end)]
            batch = ProductBatch(connection.workspace_id, connection.source, drafts)
            saved = await services.db.batch(save_products, batch)
            changed += sum(one.outcome != "unchanged" for one in saved)
            yield Progress(end - first, world.teapots, str(end), changed=changed)

    async def reconcile(
        self, services: Services, connection: Connection, cursor: str
    ) -> AsyncIterator[Progress]:
        self.world.pages.append(f"since {cursor}")
        yield Progress(0, cursor=cursor)


class Hooks:
    def __init__(self) -> None:
        self.teapots = Teapots()

    @hookimpl
    def register_connectors(self) -> list[Connector]:
        return [self.teapots]

    @hookimpl
    def register_commands(self) -> list[click.Command]:
        whistle = click.Command("whistle", callback=lambda: click.echo("Fweee"), help="Whistle.")
        return [click.Group("teapots", [whistle], help="Teapots.")]


plugin = Plugin(name="teapots", version="1.0", hooks=Hooks)
