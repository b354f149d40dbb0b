"""Embedded: the app inside the shop's admin, where opening it is the merchant's approval.

Shopify opens `/shopify` with an id_token: a short-lived proof of the shop and of who is looking.
It is exchanged for the shop's keys. A shop that no workspace has yet gets an offer to claim.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec
from shopify.session_token import SessionTokenError, decode_from_header

from connectors.shopify import install
from connectors.shopify.oauth import PAGE
from connectors.shopify.pages import patch_id_token, status
from connectors.shopify.settings import NAME, App, ShopSettings, is_shop, short_name
from connectors.shopify.signatures import plain_query, signed_query
from core.access import PUBLIC
from core.connections import (
    ConnectionRow,
    active_by_shop,
    note_check,
    note_details,
    open_connection,
    store_settings,
)
from core.connector import Check, Connection
from core.db import Work
from core.errors import Forbidden, HubError, Unauthenticated
from core.offers import make_offer
from core.routes import Answer, Call, Route

if TYPE_CHECKING:
    from connectors.shopify.plugin import Shopify

HOME = "/shopify"
FETCH_TOKEN = "/shopify/session"  # noqa: S105 -- a path
RETRY = "X-Shopify-Retry-Invalid-Session-Request"
RELOAD = "shopify-reload"
KEPT: tuple[str, ...] = ("shop", "host", "locale")  # of an address, when it is asked for again
MENDS = ("refused", "reapprove", "missing_permission")  # problems that opening the app solves


class Found(msgspec.Struct):
    """Whose admin the app was opened in, and what the hub has of that shop."""

    shop: str
    app: App
    id_token: str
    connection: Connection | None
    row: ConnectionRow | None


class Embedded:
    """The app's pages in the admin."""

    def __init__(self, shopify: Shopify) -> None:
        self._shopify = shopify

    async def home(self, call: Call) -> Answer:
        """The app's page: connects the shop, or says how its connection is."""
        said = plain_query(call.query_string)
        shop = said.get("shop", "")
        if not is_shop(shop):
            raise Unauthenticated("Open the app in your shop's admin.", code="bad_shop")
        row = await self._shopify.services.db.read(active_by_shop, NAME, shop)
        connection = None if row is None else self._opened(row)
        app = self._app(connection)
        if "hmac" in said:
            signed_query(call.query_string, app.secrets)
        token = said.get("id_token", "")
        if not token and said.get("embedded") != "1":
            return _to_admin(shop, app)
        if not is_of(token, app, shop):
            return self._fresh_token(call, said, shop)
        return await self._welcome(Found(shop, app, token, connection, row))

    async def fetch_token(self, call: Call) -> Answer:
        """Shopify's script alone, which reloads the page with a fresh id_token.

        It goes wherever `shopify-reload` says, token in hand: only ever to our own page.
        """
        said = plain_query(call.query_string)
        shop, target = said.get("shop", ""), said.get(RELOAD, "")
        if not is_shop(shop) or not target.startswith(f"{self._home()}?"):
            raise Forbidden("This address leads nowhere of ours.")
        row = await self._shopify.services.db.read(active_by_shop, NAME, shop)
        app = self._app(None if row is None else self._opened(row))
        return patch_id_token(shop, app.client_id)

    def _opened(self, row: ConnectionRow) -> Connection:
        return open_connection(row, self._shopify.services.vault, ShopSettings)

    def _app(self, connection: Connection | None) -> App:
        options = self._shopify.options
        app = options.app if connection is None else options.app_of(connection)
        if app is None:
            raise Unauthenticated("This hub has no Shopify app.", code="no_app")
        return app

    def _home(self) -> str:
        return self._shopify.services.public_url + HOME

    def _fresh_token(self, call: Call, said: dict[str, str], shop: str) -> Answer:
        """The way to a token of this minute: a page for a person, a header for a program."""
        if call.headers.get("sec-fetch-dest", "document") not in ("document", "iframe"):
            error = {"code": "unauthenticated", "message": "Fetch a fresh session token."}
            return Answer({"error": error}, 401, {RETRY: "1"})
        kept = {**{name: said[name] for name in KEPT if name in said}, "embedded": "1"}
        again = {**kept, RELOAD: f"{self._home()}?{urlencode(kept)}"}
        return Answer(b"", 302, {"location": f"{FETCH_TOKEN}?{urlencode(again)}"}, "text/plain")

    async def _welcome(self, found: Found) -> Answer:
        if found.connection is None or found.row is None:
            return await self._offer(found)
        problem = (found.row.problem or {}).get("code", "")
        if problem in MENDS:
            await self._mend(found, found.connection)
            problem = ""
        console = f"{self._shopify.services.public_url}/console"
        said = "Everything is in order."
        if problem:
            said = (found.row.problem or {}).get("text", "")
        facts = {"Shop": found.row.title, "Address": found.shop}
        heading = "Your shop is connected" if not problem else "Something needs a look"
        return status(
            found.shop, found.app.client_id, heading, said, facts, ("Open Parley", console)
        )

    async def _offer(self, found: Found) -> Answer:
        """Keys for a shop that nobody has yet, sealed until an admin claims it."""
        services = self._shopify.services
        keys = await self._shopify.grants.by_id_token(found.app, found.shop, found.id_token)
        draft = await install.draft(self._shopify, found.shop, keys)
        offer = await services.db.write(make_offer, services.vault, NAME, draft)
        said = urlencode({"shop": found.shop}) + "#" + urlencode({"offer": offer})
        return status(
            found.shop,
            found.app.client_id,
            "One step left",
            "Sign in to Parley as an admin and choose the workspace this shop belongs to. The "
            "link is good for a day.",
            {"Shop": draft.title, "Address": found.shop},
            ("Finish in Parley", f"{services.public_url}{PAGE}?{said}"),
        )

    async def _mend(self, found: Found, connection: Connection) -> None:
        """New keys for a connection whose old ones lapsed; the merchant has come back."""
        services = self._shopify.services
        try:
            keys = await self._shopify.grants.by_id_token(found.app, found.shop, found.id_token)
            draft = await install.draft(self._shopify, found.shop, keys)
        except HubError:
            return  # the page shows the problem there is
        own = connection.settings
        assert isinstance(own, ShopSettings)
        kept = {"client_id": own.client_id, "client_secret": own.client_secret}
        settings = draft.settings.model_copy(update=kept)
        left = install.scopes_problem(found.shop, draft.details["missing_scopes"])

        def store(work: Work) -> None:
            store_settings(work, services.vault, connection, settings)
            note_details(work, connection, draft.details)
            note_check(work, connection, left or Check(ok=True))

        await services.db.write(store)


def is_of(id_token: str, app: App, shop: str) -> bool:
    """Whether an id_token is Shopify's, for this app and this shop, and of this minute."""
    for secret in app.secrets:
        try:
            said = decode_from_header(f"Bearer {id_token}", app.client_id, secret)
        except (SessionTokenError, ValueError, TypeError, AttributeError):
            continue
        if said.get("dest") == f"https://{shop}" and "exp" in said:
            return True
    return False


def _to_admin(shop: str, app: App) -> Answer:
    """Opened outside the admin: the admin opens it again, inside."""
    address = f"https://admin.shopify.com/store/{short_name(shop)}/apps/{app.client_id}"
    return Answer(b"", 302, {"location": address}, "text/plain")


def routes(shopify: Shopify) -> list[Route]:
    """The app's addresses, as `application_url` in its TOML."""
    embedded = Embedded(shopify)
    return [
        Route("GET", HOME, embedded.home, PUBLIC, "The app in the shop's admin.", hidden=True),
        Route(
            "GET", FETCH_TOKEN, embedded.fetch_token, PUBLIC, "A fresh session token.", hidden=True
        ),
    ]
