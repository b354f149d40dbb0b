"""Connections: the shops a workspace has connected, with their keys, their health and cursors.

A shop belongs to one workspace of the hub. What a connector needs to speak for it, keys and all,
is its `settings`: sealed, and bound to the row. Connecting the same shop again keeps its data
and begins a new generation: what was begun under the old one stops.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Literal

import msgspec
from pydantic import BaseModel, SecretStr, ValidationError
from sqlalchemy import JSON, BigInteger, Column, Index, Text, UniqueConstraint, select, text
from sqlmodel import Field, SQLModel

from core.access import Principal
from core.audit import audit
from core.connector import Check, Connection, ConnectionDraft, Level
from core.crypto import CannotOpen, Place, Vault
from core.db import Work, table_of
from core.drafts import short
from core.errors import Conflict, Invalid, NotFound
from core.events import ConnectionChanged
from core.ids import moment, new_id
from core.views import View

State = Literal["active", "disconnected"]
ACTIVE = "state = 'active'"
SHOP_LENGTH = 255
_SHORT_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,98}[a-z0-9])?")


class ConnectionRow(SQLModel, table=True):
    """One connected shop. A disconnected one stays for its data and its history."""

    __tablename__ = "connections"
    __table_args__ = (
        UniqueConstraint("workspace_id", "source"),
        # On the whole hub: nobody connects a shop that another workspace has.
        Index(
            "connections_one_owner",
            "connector",
            "shop",
            unique=True,
            sqlite_where=text(ACTIVE),
            postgresql_where=text(ACTIVE),
        ),
    )

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    id: str = Field(primary_key=True)
    connector: str
    shop: str
    title: str
    source: str
    state: str = "active"
    generation: int = 1
    sealed: str = Field(sa_type=Text)  # the connector's settings
    details: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    cursors: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    level: str = "connected"
    problem: dict[str, str] | None = Field(default=None, sa_column=Column(JSON))
    drift: int | None = None  # items that differed at the last comparison
    locked_until: int = Field(default=0, sa_type=BigInteger)  # see `take_turn`
    checked_at: int | None = Field(default=None, sa_type=BigInteger)
    synced_at: int | None = Field(default=None, sa_type=BigInteger)
    created_at: int = Field(sa_type=BigInteger)
    updated_at: int = Field(sa_type=BigInteger)


class Problem(View):
    """What is wrong with a connection, in plain words."""

    code: str
    text: str
    link: str = ""  # where it is mended


class ConnectionView(View):
    """A connection as the console shows it; nothing secret."""

    id: str
    connector: str
    shop: str
    title: str
    source: str
    state: State
    level: Level
    problem: Problem | None
    drift: int | None
    details: dict[str, Any]
    synced_at: datetime | None
    checked_at: datetime | None
    created_at: datetime


_connections = table_of(ConnectionRow)


# Connecting ------------------------------------------------------------------------------


def connect(
    work: Work, vault: Vault, by: Principal, connector: str, draft: ConnectionDraft
) -> ConnectionRow:
    """Store a shop that was proven to be the asker's: new, or the same shop once more.

    Conflict `shop_taken` if another workspace has it. The caller asks for the first sync.
    """
    if not _SHORT_NAME.fullmatch(draft.short_name):
        raise Invalid("The shop's name makes no source.", field="shop")
    row = _owned(work, by.workspace_id, connector, draft.shop)
    if row is None:
        row = _new(work, by.workspace_id, connector, draft)
    else:
        row.generation += 1
        row.cursors = {}  # all is read again: nobody knows what was missed
    row.title = short(draft.title or draft.shop, "title", SHOP_LENGTH)
    row.sealed = _seal(vault, row, draft.settings)
    row.details = {**row.details, **draft.details}
    row.state, row.level, row.problem, row.updated_at = "active", "connected", None, work.now
    work.add(row)
    after = {"shop": row.shop, "connector": connector, "generation": row.generation}
    audit(work, by, "connection.made", row.id, after=after)
    announce(work, row)
    return row


def _owned(work: Work, workspace_id: str, connector: str, shop: str) -> ConnectionRow | None:
    query = select(ConnectionRow).where(
        _connections.c.connector == connector, _connections.c.shop == shop
    )
    rows = work.session.scalars(query.with_for_update()).all()
    if any(row.state == "active" and row.workspace_id != workspace_id for row in rows):
        raise Conflict(
            "This shop belongs to another workspace. Disconnect it there first.", code="shop_taken"
        )
    return next((row for row in rows if row.workspace_id == workspace_id), None)


def _new(work: Work, workspace_id: str, connector: str, draft: ConnectionDraft) -> ConnectionRow:
    return ConnectionRow(
        workspace_id=workspace_id,
        id=new_id("con"),
        connector=connector,
        shop=short(draft.shop, "shop", SHOP_LENGTH),
        title="",
        source=f"{connector}:{draft.short_name}",
        sealed="",
        details={},
        cursors={},
        created_at=work.now,
        updated_at=work.now,
    )


def disconnect(work: Work, by: Principal, connection_id: str) -> ConnectionRow:
    """Stop using a shop: its keys are forgotten, its data stay until they are erased."""
    row = connection_row(work, by.workspace_id, connection_id, lock=True)
    if row.state == "active":
        row.state, row.level, row.problem = "disconnected", "connected", None
        row.sealed, row.cursors = "", {}
        row.generation += 1
        row.updated_at = work.now
        work.add(row)
        audit(work, by, "connection.ended", row.id, before={"shop": row.shop})
        announce(work, row)
    return row


# Finding ---------------------------------------------------------------------------------


def connection_row(
    work: Work, workspace_id: str, connection_id: str, *, lock: bool = False
) -> ConnectionRow:
    """The connection's row, or NotFound; with `lock` nobody else changes it until the commit."""
    query = select(ConnectionRow).where(
        _connections.c.workspace_id == workspace_id, _connections.c.id == connection_id
    )
    if lock:  # as it is once the others are done, also where this unit has read it before
        query = query.with_for_update().execution_options(populate_existing=True)
    found = work.session.scalars(query).first()
    if found is None:
        raise NotFound("There is no such connection.")
    return found


def connections_of(work: Work, workspace_id: str) -> list[ConnectionRow]:
    """A workspace's connections, active ones first, oldest first."""
    return list(
        work.session.scalars(
            select(ConnectionRow)
            .where(_connections.c.workspace_id == workspace_id)
            .order_by(_connections.c.state, _connections.c.created_at)
        )
    )


def active_connections(work: Work) -> list[tuple[str, str]]:
    """Workspace and id of every active connection of the hub; for the schedule, not tenants."""
    rows = work.execute(select(_connections.c.workspace_id, _connections.c.id).where(text(ACTIVE)))
    return [(row.workspace_id, row.id) for row in rows]


def active_by_shop(work: Work, connector: str, shop: str) -> ConnectionRow | None:
    """The active connection of a shop, whoever has it: for what the vendor's side sends."""
    return work.session.scalars(
        select(ConnectionRow).where(
            text(ACTIVE), _connections.c.connector == connector, _connections.c.shop == shop
        )
    ).first()


def active_by_id(work: Work, connector: str, connection_id: str) -> ConnectionRow | None:
    """An active connection by its id alone, whosever: for what the vendor's side sends."""
    return work.session.scalars(
        select(ConnectionRow).where(
            text(ACTIVE),
            _connections.c.connector == connector,
            _connections.c.id == connection_id,
        )
    ).first()


def rows_of_shop(work: Work, connector: str, shop: str) -> list[ConnectionRow]:
    """Every connection a shop has or had, whosever: for what the vendor's side sends."""
    of_shop = (_connections.c.connector == connector, _connections.c.shop == shop)
    return list(work.session.scalars(select(ConnectionRow).where(*of_shop)))


def active_by_source(work: Work, workspace_id: str, source: str) -> ConnectionRow | None:
    """The active connection whose rows carry `source`."""
    return work.session.scalars(
        select(ConnectionRow).where(
            text(ACTIVE),
            _connections.c.workspace_id == workspace_id,
            _connections.c.source == source,
        )
    ).first()


def open_connection(row: ConnectionRow, vault: Vault, model: type[BaseModel]) -> Connection:
    """The connection as its connector gets it, secrets opened.

    NotFound once disconnected, Conflict if the secrets cannot be opened, or if a new version of
    the plugin does not know them.
    """
    if row.state != "active":
        raise NotFound("This shop is disconnected.")
    try:
        opened = msgspec.json.decode(vault.open(row.sealed, _place(row)))
    except CannotOpen as error:
        text = "The shop's keys were sealed under another SECRET_KEY. Connect it again."
        raise Conflict(text, code="keys_lost") from error
    return Connection(
        workspace_id=row.workspace_id,
        id=row.id,
        connector=row.connector,
        shop=row.shop,
        title=row.title,
        source=row.source,
        generation=row.generation,
        settings=to_settings(model, opened),
        details=row.details,
        cursors=row.cursors,
    )


# Changing --------------------------------------------------------------------------------


def current(work: Work, connection: Connection) -> ConnectionRow:
    """The row of a connection one has in hand, locked; Conflict if it is of an older generation."""
    row = connection_row(work, connection.workspace_id, connection.id, lock=True)
    if row.state != "active" or row.generation != connection.generation:
        raise Conflict("The shop was disconnected or connected anew.", code="superseded")
    return row


def store_settings(
    work: Work, vault: Vault, connection: Connection, settings: BaseModel
) -> Connection:
    """Keep changed settings, such as a new pair of tokens; the connection with them."""
    row = current(work, connection)
    row.sealed, row.locked_until, row.updated_at = _seal(vault, row, settings), 0, work.now
    work.add(row)
    return open_connection(row, vault, type(settings))


def note_details(work: Work, connection: Connection, details: Mapping[str, Any]) -> None:
    """Add to what is known of a shop; None takes a detail away."""
    row = current(work, connection)
    merged = {**row.details, **details}
    row.details = {name: value for name, value in merged.items() if value is not None}
    row.updated_at = work.now
    work.add(row)
    announce(work, row)


def note_check(work: Work, connection: Connection, found: Check) -> None:
    """Keep what a check found; the console hears of it when it changed."""
    row = current(work, connection)
    before = (row.level, row.problem)
    row.checked_at, row.level = work.now, found.level
    row.problem = (
        None
        if found.ok
        else {"code": found.code or "refused", "text": found.detail, "link": found.link}
    )
    work.add(row)
    if (row.level, row.problem) != before:
        announce(work, row)


def take_turn(work: Work, connection: Connection, for_ms: int) -> bool:
    """Whether the caller alone may now renew this connection's keys.

    The turn ends with `store_settings`, or by itself after `for_ms` milliseconds: whoever
    crashed in the middle does not hold up the others.
    """
    row = current(work, connection)
    if row.locked_until > work.now:
        return False
    row.locked_until = work.now + for_ms
    work.add(row)
    return True


# Showing ---------------------------------------------------------------------------------


def announce(work: Work, row: ConnectionRow) -> None:
    """Tell the consoles how a connection is."""
    work.announce(row.workspace_id, ConnectionChanged(connection=row.id, level=row.level))


def to_view(row: ConnectionRow) -> ConnectionView:
    """The row as the console shows it."""
    return ConnectionView(
        id=row.id,
        connector=row.connector,
        shop=row.shop,
        title=row.title,
        source=row.source,
        state=msgspec.convert(row.state, State),
        level=msgspec.convert(row.level, Level),
        problem=None if row.problem is None else msgspec.convert(row.problem, Problem),
        drift=row.drift,
        details=row.details,
        synced_at=None if row.synced_at is None else moment(row.synced_at),
        checked_at=None if row.checked_at is None else moment(row.checked_at),
        created_at=moment(row.created_at),
    )


def _seal(vault: Vault, row: ConnectionRow, settings: BaseModel) -> str:
    return vault.seal(msgspec.json.encode(revealed(settings)).decode(), _place(row))


def revealed(settings: BaseModel) -> dict[str, Any]:
    """A connector's settings as plain data, secrets and all: for sealing, and nothing else."""
    return {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value
        for name, value in settings.model_dump(mode="python").items()
    }


def to_settings(model: type[BaseModel], known: dict[str, Any]) -> BaseModel:
    """What `revealed` was made of; Conflict if the connector's settings are others by now."""
    with suppress(ValidationError):  # its text repeats what it was given
        return model.model_validate(known)
    raise Conflict(
        "The plugin has changed since this shop was connected. Connect it again.",
        code="unknown_settings",
    )


def _place(row: ConnectionRow) -> Place:
    return Place(row.workspace_id, "connections", "sealed", row.id)
