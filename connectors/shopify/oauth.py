"""OAuth: a merchant approves the app in their shop and comes back with a code for its keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec

from connectors.shopify import install
from connectors.shopify.pages import bounce
from connectors.shopify.settings import (
    NAME,
    OPTIONAL_SCOPES,
    SCOPES,
    App,
    Settings,
    ShopSettings,
    is_shop,
    to_shop,
)
from connectors.shopify.signatures import plain_query, signed_query
from core.access import PUBLIC, Principal, Role
from core.connections import active_by_shop
from core.connector import Approval, ConnectionDraft, SetupField, SetupStep
from core.db import Work
from core.errors import Conflict, HubError, Invalid, NotFound, Unauthenticated
from core.one_time import issue_token, redeem_token
from core.routes import Answer, Call, Route

if TYPE_CHECKING:
    from connectors.shopify.plugin import Shopify

AUTHORIZE = "/admin/oauth/authorize"
CALLBACK = "/shopify/callback"
RETURN = f"{CALLBACK}/return"  # the same, asked for by our own page
PAGE = "/console/settings/integrations/connect/shopify"
TAKEN = "This shop belongs to another workspace. Disconnect it there first."

PERMISSIONS = (  # the scopes, as a merchant reads them
    ("Products and stock", "read"),
    ("Orders, fulfilments and tracking", "read"),
    ("Customers", "read"),
    ("Discounts", "read and write"),
    ("Cancel and refund, only if you switch it on", "off"),
)
FIELDS = (
    SetupField("shop", "Shop address", placeholder="your-shop.myshopify.com"),
    SetupField(
        "client_id",
        "Client ID",
        help="Of your own app, from the Dev Dashboard. Not needed where the hub has an app.",
        required=False,
    ),
    SetupField("client_secret", "Client secret", secret=True, required=False),
    SetupField(
        "access_token",
        "Admin API access token",
        help="Of an app made in the shop's admin before 2026, instead of the two above.",
        secret=True,
        required=False,
    ),
    SetupField(
        "permissions",
        "More permissions",
        help="write_orders to cancel and refund; read_all_orders for orders older than 60 days.",
        placeholder="write_orders",
        required=False,
    ),
)


class State(msgspec.Struct):
    """What a `state` stands for: who left for which shop, in which browser session."""

    session: str
    shop: str
    scopes: list[str]


def steps(hub: str, settings: Settings) -> Sequence[SetupStep]:
    """What a merchant does to connect."""
    if settings.app is not None:
        return (
            SetupStep("Type the shop's address", "As in Shopify: your-shop.myshopify.com."),
            SetupStep("Approve in Shopify", "Shopify shows what Parley may read, and asks once."),
            SetupStep("Switch the widget on", "One Save in the theme editor; we show you where."),
        )
    return (
        SetupStep(
            "Make an app",
            "In Shopify's Dev Dashboard create an app for your shop and install it there.",
            snippet=f"App URL: {hub}/shopify\nRedirect URL: {hub}{CALLBACK}",
            link="https://dev.shopify.com/dashboard",
        ),
        SetupStep("Copy its client ID and secret", "Paste them here with the shop's address."),
    )


# Leaving ---------------------------------------------------------------------------------


async def connect(
    shopify: Shopify, principal: Principal, values: Mapping[str, str]
) -> ConnectionDraft | Approval:
    """A shop proven by the secrets that were typed, or where the merchant approves."""
    shop = to_shop(values.get("shop", ""), "values.shop")
    extra = _extra(values.get("permissions", ""))
    if token := values.get("access_token", ""):
        keys = _fixed(token)
    elif values.get("client_id") or values.get("client_secret"):
        app = _own_app(values)
        keys = await shopify.grants.by_credentials(app, shop)
        own = {"client_id": app.client_id, "client_secret": app.client_secret}
        keys = keys.model_copy(update=own)
    else:
        return await _leave(shopify, principal, shop, extra)
    return await install.draft(shopify, shop, keys, extra)


def _extra(typed: str) -> tuple[str, ...]:
    names = tuple(sorted({name for name in typed.replace(",", " ").split() if name}))
    for name in names:
        if name not in OPTIONAL_SCOPES:
            raise Invalid(
                f"There is no such permission to add. There are: {', '.join(OPTIONAL_SCOPES)}.",
                field="values.permissions",
            )
    return names


def _fixed(token: str) -> ShopSettings:
    if not token.isascii() or not token.isprintable() or " " in token:
        raise Invalid("This is no access token.", field="values.access_token")
    return ShopSettings.model_validate({"source": "fixed", "access_token": token})


def _own_app(values: Mapping[str, str]) -> App:
    for name, label in (("client_id", "Client ID"), ("client_secret", "Client secret")):
        if not values.get(name):
            raise Invalid(f"{label} is missing.", field=f"values.{name}")
    return App.model_validate({name: values[name] for name in ("client_id", "client_secret")})


async def _leave(
    shopify: Shopify, principal: Principal, shop: str, extra: Sequence[str]
) -> Approval:
    app = shopify.options.app
    if app is None:
        raise Invalid(
            "This hub has no Shopify app of its own: type your app's client ID and secret.",
            field="values.client_id",
        )
    if principal.kind != "agent" or not principal.session_id:
        raise Invalid(
            "Approving needs a browser: connect from Settings → Integrations, or give client_id "
            "and client_secret.",
            field="values.client_id",
        )

    def note(work: Work) -> tuple[str, list[str]]:
        known = active_by_shop(work, NAME, shop)
        if known is not None and known.workspace_id != principal.workspace_id:
            raise Conflict(TAKEN, code="shop_taken")
        before = () if known is None else known.details.get("asked_scopes", ())
        scopes = [*SCOPES, *(one for one in OPTIONAL_SCOPES if one in {*extra, *before})]
        subject = msgspec.json.encode(State(principal.session_id, shop, scopes)).decode()
        return issue_token(work, principal.workspace_id, "state", subject), scopes

    await _is_there(shopify, shop)
    token, scopes = await shopify.services.db.write(note)
    return Approval(_approval_url(shopify, app, shop, scopes, token))


async def _is_there(shopify: Shopify, shop: str) -> None:
    """Invalid if no shop answers at this address; any other answer will do."""
    url = shopify.options.url(shop, AUTHORIZE)
    try:
        reply = await shopify.http.request("GET", url, headers={"Host": shop}, within=5)
    except HubError:
        return  # Shopify's own page will say what is wrong
    if reply.status == 404:
        raise Invalid("There is no shop at this address.", field="values.shop", code="not_found")


def _approval_url(shopify: Shopify, app: App, shop: str, scopes: Sequence[str], state: str) -> str:
    query = {
        "client_id": app.client_id,
        "scope": ",".join(scopes),
        "redirect_uri": shopify.services.public_url + CALLBACK,
        "state": state,
    }
    if shopify.options.trusted:
        query["shop"] = shop  # a browser cannot tell a stand-in by the host
    return shopify.options.url(shop, f"{AUTHORIZE}?{urlencode(query)}")


# Coming back -----------------------------------------------------------------------------


class Callback:
    """Where Shopify sends the merchant back to."""

    def __init__(self, shopify: Shopify) -> None:
        self._shopify = shopify

    async def arrive(self, call: Call) -> Answer:
        """The merchant is back; their session's cookie is not, on the way from another site.

        The cookie is SameSite=Strict, so a page of ours asks for the rest: then it is there.
        """
        if call.principal.kind == "agent" or "error" in call.query:
            return await self.finish(call)
        self._genuine(call)
        return bounce(f"{RETURN}?{call.query_string}")

    async def finish(self, call: Call) -> Answer:
        """Connect the shop, or say on the console's page why not."""
        said = plain_query(call.query_string)
        shop = said.get("shop", "")
        shop = shop if is_shop(shop) else ""
        if error := said.get("error", ""):
            return to_page(problem=_denial(error), shop=shop)
        said = self._genuine(call)
        try:
            state = await self._redeem(call, said.get("state", ""), said.get("shop", ""))
            return await self._connect(call, state, said.get("code", ""))
        except Unauthenticated as refusal:
            old = refusal.code in ("ticket_used", "ticket_expired")
            return to_page(problem="expired" if old else "cancelled", shop=shop)
        except HubError as refusal:
            return to_page(problem=refusal.code, shop=shop, detail=refusal.message)

    def _genuine(self, call: Call) -> dict[str, str]:
        app = self._shopify.options.app
        if app is None:
            raise NotFound("This hub has no Shopify app.")
        said = signed_query(call.query_string, app.secrets)
        if not is_shop(said.get("shop", "")):
            raise Unauthenticated("This is no shop's address.", code="bad_shop")
        return said

    async def _redeem(self, call: Call, token: str, shop: str) -> State:
        """The state this very browser session left with; Unauthenticated for any other."""

        def redeem(work: Work) -> tuple[str, str]:
            return redeem_token(work, "state", token)

        workspace_id, subject = await self._shopify.services.db.write(redeem)
        state = msgspec.json.decode(subject, type=State)
        who = call.principal
        same = who.kind == "agent" and who.workspace_id == workspace_id
        if not same or who.session_id != state.session or (who.role or 0) < Role.ADMIN:
            raise Unauthenticated("This approval was begun elsewhere.", code="other_session")
        if shop != state.shop:
            raise Unauthenticated("This approval was begun for another shop.", code="other_shop")
        return state

    async def _connect(self, call: Call, state: State, code: str) -> Answer:
        shopify, app = self._shopify, self._shopify.options.app
        assert app is not None
        keys = await shopify.grants.by_code(app, state.shop, code)
        extra = [scope for scope in state.scopes if scope not in SCOPES]
        draft = await install.draft(shopify, state.shop, keys, extra)
        row = await install.join(shopify, call.principal, draft)
        missing: list[Any] = draft.details.get("missing_scopes") or []
        return to_page(connection=row, problem="scope_missing" if missing else "")


def to_page(**query: str) -> Answer:
    """The console's page for connecting a shop, told how it went."""
    said = {name: value for name, value in query.items() if value}
    return Answer(b"", 302, {"location": f"{PAGE}?{urlencode(said)}"}, "text/plain")


def _denial(error: str) -> str:
    """The problem page for what Shopify said instead of a code."""
    return "cancelled" if error in ("access_denied", "cancelled") else "staff_denied"


def routes(shopify: Shopify) -> list[Route]:
    """Where the merchant comes back."""
    callback = Callback(shopify)
    return [
        Route("GET", CALLBACK, callback.arrive, PUBLIC, "Back from Shopify.", hidden=True),
        Route("GET", RETURN, callback.finish, PUBLIC, "Back from Shopify.", hidden=True),
    ]
