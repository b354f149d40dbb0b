"""Connecting: shops joined to a workspace, checked and let go, whatever platform they are of."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from core import connections, syncs
from core.access import Principal
from core.connections import connection_row, open_connection
from core.connector import Approval, Check, Connection, Connector, Connects, Disconnects
from core.db import Work
from core.errors import HubError, Invalid, NotFound, Refused, Unavailable
from core.services import Services

log = structlog.get_logger("hub.connecting")


async def open_by_id(
    services: Services, workspace_id: str, connection_id: str
) -> tuple[Connector, Connection]:
    """A connection with what speaks for it; NotFound if it is gone or its plugin is off."""
    row = await services.db.read(connection_row, workspace_id, connection_id)
    connector = services.connectors.get(row.connector)
    if connector is None:
        raise NotFound(f"The plugin for {row.connector} is not on.")
    return connector, open_connection(row, services.vault, connector.settings)


async def connect_shop(
    services: Services, principal: Principal, name: str, values: Mapping[str, str]
) -> str | Approval:
    """Connect a shop by what was typed and ask for its first sync: the connection's id.

    Or an Approval, where the merchant goes on; the connector's own route takes them back.
    """
    connector = services.connectors.get(name)
    if connector is None or not isinstance(connector, Connects):
        known = [key for key, one in services.connectors.items() if isinstance(one, Connects)]
        raise Invalid(
            f"There is no connector {name!r}. There are: {', '.join(known)}.", field="connector"
        )
    made = await connector.connect(services, principal, _checked(connector, values))
    if isinstance(made, Approval):
        return made

    def store(work: Work) -> str:
        row = connections.connect(work, services.vault, principal, name, made)
        syncs.ask_for_sync(work, row.workspace_id, row.id, "full")
        return row.id

    return await services.db.write(store)


def _checked(connector: Connects, values: Mapping[str, str]) -> dict[str, str]:
    """What was typed, without blanks; Invalid names what is missing or unknown."""
    if unknown := sorted(values.keys() - {one.name for one in connector.fields}):
        names = ", ".join(one.name for one in connector.fields)
        raise Invalid(
            f"There is no setting {unknown[0]}. There are: {names}.", field=f"values.{unknown[0]}"
        )
    given = {name: value.strip() for name, value in values.items() if value.strip()}
    for one in connector.fields:
        if one.required and one.name not in given:
            raise Invalid(f"{one.label} is missing.", field=f"values.{one.name}")
    return given


async def check_now(services: Services, connector: Connector, connection: Connection) -> Check:
    """Whether a connection works, whatever way its connector says so."""
    try:
        return await connector.check(services, connection)
    except Unavailable as error:
        return Check(False, error.message, "unreachable")
    except Refused as error:
        return Check(False, error.message, error.code)


async def disconnect_shop(services: Services, principal: Principal, connection_id: str) -> None:
    """Stop using a shop: its keys are taken back there and forgotten here, its data stay."""
    workspace_id = principal.workspace_id
    await services.db.read(connection_row, workspace_id, connection_id)
    try:
        connector, connection = await open_by_id(services, workspace_id, connection_id)
        if isinstance(connector, Disconnects):
            await connector.disconnect(services, connection)
    except HubError as error:  # the shop is closed, or the key dead: often why one lets it go
        log.info("disconnect_unheard", connection=connection_id, reason=error.message)
    except Exception:  # the connector's fault, and no reason to keep the shop
        log.exception("disconnect_broke", connection=connection_id)
    await services.db.write(connections.disconnect, principal, connection_id)
