"""Settings → Integrations: connected shops, how they are, and connecting more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta
from sqlalchemy import func, select

from core import api_keys, connections, inbox, offers, syncs
from core.access import ADMIN, AGENT
from core.connections import ConnectionView, connection_row, connections_of, note_check
from core.connector import Approval, Connector, Connects
from core.customers import OWN_SOURCE, Customer
from core.db import Work, table_of
from core.errors import NotFound
from core.ids import moment
from core.offers import OfferView
from core.products import Product
from core.records import RecordRow
from core.routes import Answer, Call, Route
from core.services import Services
from core.syncs import Kind, RunView
from hub.connecting import check_now, connect_shop, disconnect_shop, open_by_id

Shape = TypeVar("Shape")

TAG = "Integrations"
STRIP = 30  # runs a card shows
DEAD = 50  # deliveries that were given up, on one page


class Field(msgspec.Struct, kw_only=True):
    """Something a merchant types to connect."""

    name: str
    label: str
    help: str
    placeholder: str
    secret: bool
    required: bool


class Step(msgspec.Struct, kw_only=True):
    """Something a merchant does to connect."""

    title: str
    text: str
    snippet: str
    link: str


class Permission(msgspec.Struct, kw_only=True):
    """Something a merchant allows by connecting."""

    label: str
    access: str


class ConnectorCard(msgspec.Struct, kw_only=True):
    """A platform that can be connected."""

    name: str
    title: str
    summary: str
    provides: list[str]
    documentation: str
    connects: bool  # false: it has no connections, its steps are all there is
    fields: list[Field]
    steps: list[Step]
    permissions: list[Permission]


class Counts(msgspec.Struct, kw_only=True):
    """What is here of a source."""

    products: int
    records: int
    customers: int


class ConnectionCard(msgspec.Struct, kw_only=True):
    """A connected shop with what its card shows."""

    connection: ConnectionView
    counts: Counts
    runs: list[RunView]  # oldest first
    next_sync_at: datetime | None


class OwnServer(msgspec.Struct, kw_only=True):
    """What the merchant's own server has pushed."""

    keys: int
    counts: Counts
    last_push_at: datetime | None


class Integrations(msgspec.Struct, kw_only=True):
    """Everything the page shows."""

    connections: list[ConnectionCard]
    connectors: list[ConnectorCard]
    customer_data: OwnServer


class DeadLetter(msgspec.Struct, kw_only=True):
    """A webhook that was given up."""

    id: str
    topic: str
    error: str
    attempts: int
    at: datetime


class ConnectionPage(msgspec.Struct, kw_only=True):
    """One connected shop with its sync log."""

    card: ConnectionCard
    runs: list[RunView]  # newest first
    dead: list[DeadLetter]
    waiting: int  # webhooks that are not worked on yet


class ToConnect(msgspec.Struct):
    """Which platform, and what the merchant typed."""

    connector: Annotated[str, Meta(max_length=40)]
    values: dict[str, Annotated[str, Meta(max_length=2000)]]


class Connected(msgspec.Struct, kw_only=True):
    """Either the address where the merchant approves, or the connection that was made."""

    redirect: str | None = None
    connection: str | None = None


class ToSync(msgspec.Struct):
    kind: Kind = "check"


class ToReplay(msgspec.Struct):
    """One delivery, or without it every one that was given up."""

    delivery: Annotated[str, Meta(max_length=60)] | None = None


class Replayed(msgspec.Struct):
    count: int


class ToClaim(msgspec.Struct):
    """The offer a shop's staff was given when they opened the app there."""

    offer: Annotated[str, Meta(max_length=100)]


class Checked(msgspec.Struct, kw_only=True):
    ok: bool
    code: str
    detail: str


async def list_integrations(call: Call) -> Integrations:
    """Every connection with its health, and what else can be connected."""
    services = call.services
    cards, own = await services.db.read(_list, services, call.workspace_id)
    return Integrations(
        connections=cards,
        connectors=[_card(one, services.public_url) for one in services.connectors.values()],
        customer_data=own,
    )


def _list(
    work: Work, services: Services, workspace_id: str
) -> tuple[list[ConnectionCard], OwnServer]:
    cards = [_connection(work, services, row) for row in connections_of(work, workspace_id)]
    own = OwnServer(
        keys=sum(one.key.revoked_at is None for one in api_keys.keys(work, workspace_id)),
        counts=_counts(work, workspace_id, OWN_SOURCE),
        last_push_at=_last_push(work, workspace_id),
    )
    return cards, own


def _connection(work: Work, services: Services, row: connections.ConnectionRow) -> ConnectionCard:
    runs = syncs.runs_of(work, row.workspace_id, row.id, STRIP)
    return ConnectionCard(
        connection=connections.to_view(row),
        counts=_counts(work, row.workspace_id, row.source),
        runs=runs[::-1],
        next_sync_at=_next_sync(services, row, runs),
    )


def _next_sync(
    services: Services, row: connections.ConnectionRow, runs: Sequence[RunView]
) -> datetime | None:
    connector = services.connectors.get(row.connector)
    if connector is None or row.state != "active" or not runs:
        return None
    return runs[0].started_at + connector.manifest.check_every


def _counts(work: Work, workspace_id: str, source: str) -> Counts:
    counted = {
        name: work.execute(
            select(func.count()).where(
                table.c.workspace_id == workspace_id, table.c.source == source
            )
        ).scalar_one()
        for name, table in (
            ("products", table_of(Product)),
            ("records", table_of(RecordRow)),
            ("customers", table_of(Customer)),
        )
    }
    return Counts(**counted)


def _last_push(work: Work, workspace_id: str) -> datetime | None:
    used = [
        one.key.last_used_at
        for one in api_keys.keys(work, workspace_id)
        if one.key.last_used_at is not None
    ]
    return moment(max(used)) if used else None


def _card(connector: Connector, hub: str) -> ConnectorCard:
    manifest = connector.manifest
    fields = connector.fields if isinstance(connector, Connects) else ()
    return ConnectorCard(
        name=manifest.name,
        title=manifest.title,
        summary=manifest.summary,
        provides=sorted(manifest.provides),
        documentation=manifest.documentation,
        connects=isinstance(connector, Connects),
        fields=[_convert(one, Field) for one in fields],
        steps=[_convert(one, Step) for one in connector.setup_steps(hub)],
        permissions=[
            Permission(label=label, access=access) for label, access in manifest.permissions
        ],
    )


def _convert(value: object, shape: type[Shape]) -> Shape:
    return msgspec.convert(value, shape, from_attributes=True)


async def show_connection(call: Call) -> ConnectionPage:
    """One connected shop: its runs, and the webhooks that were given up."""
    return await call.services.db.read(_show, call.services, call.workspace_id, call.path["id"])


def _show(work: Work, services: Services, workspace_id: str, connection_id: str) -> ConnectionPage:
    row = connection_row(work, workspace_id, connection_id)
    return ConnectionPage(
        card=_connection(work, services, row),
        runs=syncs.runs_of(work, workspace_id, connection_id, syncs.KEPT),
        dead=[
            DeadLetter(
                id=one["id"],
                topic=one["topic"],
                error=one["error"],
                attempts=one["attempts"],
                at=moment(one["ended_at"]),
            )
            for one in inbox.dead_of(work, workspace_id, connection_id, DEAD)
        ],
        waiting=inbox.waiting_of(work, workspace_id, connection_id),
    )


async def connect(call: Call) -> Connected:
    """Connect a shop by what was typed, or say where the merchant approves."""
    made = await connect_shop(call.services, call.principal, call.body.connector, call.body.values)
    if isinstance(made, Approval):
        return Connected(redirect=made.url)
    return Connected(connection=made)


async def sync(call: Call) -> Answer:
    """Have a sync run now; how far it is, is told as SyncProgressed."""

    def ask(work: Work) -> None:
        row = connection_row(work, call.workspace_id, call.path["id"])
        if row.state != "active":
            raise NotFound("This shop is disconnected.")
        syncs.ask_for_sync(work, row.workspace_id, row.id, call.body.kind)

    await call.services.db.write(ask)
    return Answer(status=202)


async def check(call: Call) -> Checked:
    """Ask the shop now whether the connection works."""
    services = call.services
    connector, connection = await open_by_id(services, call.workspace_id, call.path["id"])
    found = await check_now(services, connector, connection)
    await services.db.write(note_check, connection, found)
    return Checked(ok=found.ok, code=found.code, detail=found.detail)


async def disconnect(call: Call) -> Answer:
    """Stop using a shop: its keys are forgotten here and taken back there, its data stay."""
    await disconnect_shop(call.services, call.principal, call.path["id"])
    return Answer(status=204)


async def show_offer(call: Call) -> OfferView:
    """Which shop an offer is of, before it is claimed."""
    return await call.services.db.read(offers.offered, call.body.offer)


async def claim(call: Call) -> Connected:
    """Connect the shop of an offer to this workspace."""
    services = call.services

    def take(work: Work) -> str:
        connectors = services.connectors
        return offers.claim(work, services.vault, call.principal, connectors, call.body.offer).id

    return Connected(connection=await services.db.write(take))


async def replay(call: Call) -> Replayed:
    """Put webhooks that were given up back in line."""

    def again(work: Work) -> int:
        connection_row(work, call.workspace_id, call.path["id"])
        return inbox.replay_of(work, call.workspace_id, call.path["id"], call.body.delivery)

    return Replayed(await call.services.db.write(again))


ROUTES = [
    Route(
        "GET",
        "/console/api/integrations",
        list_integrations,
        AGENT,
        "Connected shops",
        answer=Integrations,
        tag=TAG,
    ),
    Route(
        "GET",
        "/console/api/integrations/{id}",
        show_connection,
        AGENT,
        "A connected shop",
        answer=ConnectionPage,
        tag=TAG,
    ),
    Route(
        "POST",
        "/console/api/integrations/connect",
        connect,
        ADMIN,
        "Connect a shop",
        body=ToConnect,
        answer=Connected,
        tag=TAG,
    ),
    Route(
        "POST",
        "/console/api/integrations/offer",
        show_offer,
        ADMIN,
        "A shop that waits to be claimed",
        body=ToClaim,
        answer=OfferView,
        tag=TAG,
    ),
    Route(
        "POST",
        "/console/api/integrations/claim",
        claim,
        ADMIN,
        "Claim a shop",
        body=ToClaim,
        answer=Connected,
        tag=TAG,
    ),
    Route(
        "POST",
        "/console/api/integrations/{id}/sync",
        sync,
        ADMIN,
        "Sync now",
        body=ToSync,
        status=202,
        tag=TAG,
    ),
    Route(
        "POST",
        "/console/api/integrations/{id}/check",
        check,
        ADMIN,
        "Check a connection",
        answer=Checked,
        tag=TAG,
    ),
    Route(
        "POST",
        "/console/api/integrations/{id}/disconnect",
        disconnect,
        ADMIN,
        "Disconnect a shop",
        status=204,
        tag=TAG,
    ),
    Route(
        "POST",
        "/console/api/integrations/{id}/replay",
        replay,
        ADMIN,
        "Replay webhooks that were given up",
        body=ToReplay,
        answer=Replayed,
        tag=TAG,
    ),
]
