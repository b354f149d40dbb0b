"""Install: what a shop's approval gives us, whether it still holds, and its end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import structlog
from shopify.api_access import ApiAccess, ApiAccessError

from connectors.shopify.answers import TokenRefused
from connectors.shopify.settings import (
    NAME,
    OPTIONAL_SCOPES,
    SCOPES,
    ShopSettings,
    reconnect_link,
    short_name,
)
from core import connections
from core.access import Principal
from core.audit import itself
from core.connections import note_check, note_details
from core.connector import Check, Connection, ConnectionDraft
from core.db import Work
from core.errors import Conflict, Refused, Unavailable
from core.services import Services
from core.syncs import ask_for_sync

if TYPE_CHECKING:
    from connectors.shopify.plugin import Shopify

log = structlog.get_logger("shopify")

APPROVED = ("code", "exchange")  # sources of keys that come with the hub's own app


async def draft(
    shopify: Shopify, shop: str, keys: ShopSettings, extra: Sequence[str] = ()
) -> ConnectionDraft:
    """The shop behind these keys, as it describes itself; Refused if they are another's."""
    try:
        data = await shopify.api.ask(shop, keys.access_token.get_secret_value(), "shop")
    except TokenRefused as error:
        raise Refused(f"{shop} does not accept this key.", code="refused") from error
    known = _dict(data, "shop")
    if known.get("myshopifyDomain") != shop:
        raise Refused(f"This key is not of {shop}.", code="other_shop")
    details = to_details(shop, data, extra)
    return ConnectionDraft(
        shop=shop,
        title=str(known.get("name") or shop),
        short_name=short_name(shop),
        settings=keys.model_copy(update={"scopes": tuple(details["scopes"])}),
        details=details,
    )


def to_details(shop: str, data: Mapping[str, Any], extra: Sequence[str] = ()) -> dict[str, Any]:
    """What is known of a shop, for people and for the connector; nothing secret or personal."""
    known, installed = _dict(data, "shop"), _dict(data, "currentAppInstallation")
    listed = installed.get("accessScopes")
    handles = [one.get("handle") for one in listed or () if isinstance(one, dict)]
    granted = sorted({name for name in handles if isinstance(name, str)})
    return {
        "admin_url": f"https://admin.shopify.com/store/{short_name(shop)}",
        "currency": known.get("currencyCode"),
        "timezone": known.get("ianaTimezone"),
        "taxes_included": known.get("taxesIncluded"),
        "plan": _dict(known, "plan").get("publicDisplayName"),
        "domain": _dict(known, "primaryDomain").get("host"),
        "url": _dict(known, "primaryDomain").get("url"),
        "installation": installed.get("id"),
        "app_client_id": _dict(installed, "app").get("apiKey"),
        "scopes": granted,
        "asked_scopes": [*SCOPES, *extra],
        "missing_scopes": missing(granted, (*SCOPES, *extra)),
    }


def missing(granted: Sequence[str], asked: Sequence[str]) -> list[str]:
    """The asked scopes that nothing granted covers; `write_x` covers `read_x`."""
    try:
        has = ApiAccess(granted)
        return [scope for scope in asked if not has.covers(ApiAccess([scope]))]
    except ApiAccessError:  # a scope of a new kind
        return [scope for scope in asked if scope not in granted]


async def join(shopify: Shopify, by: Principal, found: ConnectionDraft) -> str:
    """Store a proven shop and ask for its first sync; the connection's id."""
    services = shopify.services

    def store(work: Work) -> str:
        row = connections.connect(work, services.vault, by, NAME, found)
        if problem := scopes_problem(found.shop, found.details.get("missing_scopes") or ()):
            opened = connections.open_connection(row, services.vault, ShopSettings)
            note_check(work, opened, problem)
        ask_for_sync(work, row.workspace_id, row.id, "full")
        return row.id

    return await services.db.write(store)


# How it is -------------------------------------------------------------------------------


async def check(shopify: Shopify, connection: Connection) -> Check:
    """Whether keys, permissions and personal data are as they should be."""
    link = reconnect_link(connection.shop)
    try:
        shop, personal = await asyncio.gather(
            shopify.api.run(connection, "shop"), _personal_data(shopify, connection)
        )
    except Unavailable as error:
        return Check(
            False,
            f"{connection.shop} cannot be reached at the moment. We go on trying. {error.message}",
            "unreachable",
        )
    except Refused as error:
        return Check(False, error.message, error.code, link)
    details = await _note(shopify, connection, shop)
    if problem := scopes_problem(connection.shop, details["missing_scopes"]):
        return problem
    return personal or Check(ok=True, detail=f"{connection.shop} answers.")


async def _personal_data(shopify: Shopify, connection: Connection) -> Check | None:
    """What is wrong if Shopify hides names and addresses from the app."""
    try:
        await shopify.api.run(connection, "personal_data", whole=True)
    except Refused as error:
        if error.code == "missing_permission":
            return None  # said already by the list of permissions
        if error.code != "protected_data":
            raise
        return Check(
            False,
            "Shopify hides customers' names and addresses from the app, so orders show without "
            "them. Ask for protected customer data in the Partner Dashboard.",
            "protected_data",
            "https://partners.shopify.com",
        )
    return None


async def _note(
    shopify: Shopify, connection: Connection, data: Mapping[str, Any]
) -> dict[str, Any]:
    asked = connection.details.get("asked_scopes") or ()
    extra = [scope for scope in asked if scope in OPTIONAL_SCOPES]
    found = to_details(connection.shop, data, extra)
    changed = {
        name: value
        for name, value in found.items()
        if value is not None and connection.details.get(name) != value
    }
    if changed:
        await shopify.services.db.write(note_details, connection, changed)
    return found


def scopes_problem(shop: str, scopes: Sequence[str]) -> Check | None:
    """What to tell a merchant whose shop has not given every permission."""
    if not scopes:
        return None
    named = ", ".join(scopes)
    return Check(
        False,
        f"Shopify did not give us {named}. Approve once more to add it.",
        "missing_permission",
        reconnect_link(shop),
    )


# Its end ---------------------------------------------------------------------------------


async def disconnect(shopify: Shopify, connection: Connection) -> None:
    """Uninstall the hub's own app in the shop; a self-hoster's stays theirs to remove."""
    keys = connection.settings
    assert isinstance(keys, ShopSettings)
    if keys.source in APPROVED:
        await shopify.api.run(connection, "uninstall")


async def uninstalled(services: Services, connection: Connection) -> bool:
    """Let go of a shop whose app was uninstalled; whether it was.

    The word may come late, after the merchant has installed the app again: a shop whose keys
    still work stays. Unavailable if that cannot be told now.
    """
    from connectors.shopify.plugin import Shopify

    shopify = services.connectors[NAME]
    assert isinstance(shopify, Shopify)
    try:
        await shopify.api.run(connection, "shop", share="background")
    except Refused as error:
        log.info("uninstalled", connection=connection.id, reason=error.code)
    except Conflict:
        return False  # connected anew or disconnected meanwhile
    else:
        return False

    def end(work: Work) -> None:
        row = connections.connection_row(work, connection.workspace_id, connection.id, lock=True)
        if row.state == "active" and row.generation == connection.generation:
            connections.disconnect(work, itself(connection.workspace_id), connection.id)

    await services.db.write(end)
    return True


def _dict(value: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}
