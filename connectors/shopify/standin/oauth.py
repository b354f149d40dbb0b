"""Getting a token: the page where a merchant says yes, and the endpoint that hands tokens out."""

from __future__ import annotations

import html
import json
import secrets
from collections.abc import Callable, Mapping
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from connectors.shopify.standin.apps import DAY, App, Installation, TokenError
from connectors.shopify.standin.pages import page
from connectors.shopify.standin.shop import Shop
from connectors.shopify.standin.signing import is_id_token, query_hmac
from connectors.shopify.standin.values import Node

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"
OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token"
ONLINE = "urn:shopify:params:oauth:token-type:online-access-token"


async def authorize(shop: Shop, request: web.Request) -> web.Response:
    """The page that asks the merchant; `auto=1`, or the shop's setting, answers for her."""
    query = request.query
    app = next((one for one in shop.apps if one.client_id == query.get("client_id")), None)
    if app is None:
        return _oops("Oauth error invalid_request: Could not find Shopify API application.")
    address = query.get("redirect_uri", "")
    if not _is_allowed(app, address):
        return _oops("Oauth error invalid_request: The redirect_uri is not whitelisted")
    scopes = tuple(one.strip() for one in query.get("scope", "").split(",") if one.strip())
    scopes = scopes or app.scopes
    unknown = set(scopes) - {*app.scopes, *app.optional_scopes}
    if unknown:
        return _oops(f"Oauth error invalid_scope: {', '.join(sorted(unknown))}")
    state = query.get("state", "")
    if query.get("auto") == "1" or shop.approves_at_once or request.method == "POST":
        if request.method == "POST" and (await request.post()).get("answer") != "install":
            raise web.HTTPFound(f"/admin?shop={shop.domain}")
        raise web.HTTPFound(callback_url(shop, app, address, state, scopes))
    return _consent(shop, app, scopes)


def callback_url(
    shop: Shop, app: App, address: str, state: str, scopes: tuple[str, ...] | None = None
) -> str:
    """Where the merchant's browser is sent after saying yes, signed."""
    code = shop.installation(app).code(frozenset(scopes or app.scopes))
    query = {
        "code": code,
        "host": shop.host,
        "shop": shop.domain,
        "state": state,
        "timestamp": str(int(shop.clock.stamp())),
    }
    joint = "&" if urlsplit(address).query else "?"
    return f"{address}{joint}{urlencode(query | {'hmac': query_hmac(query, app.secret)})}"


def _is_allowed(app: App, address: str) -> bool:
    if app.redirect_urls:
        return address in map(app.absolute, app.redirect_urls)
    return address.startswith(app.url.rstrip("/") + "/")


def _oops(message: str) -> web.Response:
    body = f"<h1>Something is wrong</h1><p>{html.escape(message)}</p>"
    return web.Response(status=400, text=page("Error", body), content_type="text/html")


def _consent(shop: Shop, app: App, scopes: tuple[str, ...]) -> web.Response:
    asked = "".join(f"<li><code>{html.escape(one)}</code></li>" for one in scopes)
    body = f"""
<section class="card narrow">
  <h1>Install {html.escape(app.title)}?</h1>
  <p>{html.escape(app.title)} asks for access to <b>{html.escape(shop.title)}</b>
    ({html.escape(shop.domain)}):</p>
  <ul>{asked}</ul>
  <form method="post" class="row">
    <button name="answer" value="install" class="primary">Install</button>
    <button name="answer" value="cancel">Cancel</button>
  </form>
</section>"""
    return web.Response(text=page(f"Install {app.title}", body), content_type="text/html")


async def access_token(shop: Shop, request: web.Request) -> web.Response:
    """`POST /admin/oauth/access_token` for every grant there is."""
    try:
        asked = await _fields(request)
        installation = _client(shop, asked)
        grant = GRANTS.get(asked.get("grant_type", "code"))
        if grant is None:
            raise TokenError("unsupported_grant_type", "The grant type is not supported")
        return web.json_response(grant(shop, installation, asked))
    except TokenError as error:
        told = {"error": error.error, "error_description": error.description}
        return web.json_response(told, status=error.status)


async def _fields(request: web.Request) -> Mapping[str, str]:
    if request.content_type == "application/json":
        try:
            asked = json.loads(await request.read())
        except ValueError:
            asked = None
        if not isinstance(asked, dict):
            raise TokenError("invalid_request", "The body is no JSON object")
        return {name: str(value) for name, value in asked.items()}
    return {name: str(value) for name, value in (await request.post()).items()}


def _client(shop: Shop, asked: Mapping[str, str]) -> Installation:
    installation = shop.installations.get(asked.get("client_id", ""))
    wrong = TokenError("invalid_client", "The client id or secret is wrong, or the app is gone")
    if installation is None:
        raise wrong
    if not secrets.compare_digest(asked.get("client_secret", ""), installation.app.secret):
        raise wrong
    return installation


def _must_be_installed(installation: Installation) -> None:
    if not installation.installed:
        raise TokenError("invalid_client", "The app is not installed in this shop")


def by_code(shop: Shop, installation: Installation, asked: Mapping[str, str]) -> Node:
    expiring = asked.get("expiring", "0") in ("1", "true", "True")
    return installation.redeem_code(asked.get("code", ""), expiring=expiring)


def by_exchange(shop: Shop, installation: Installation, asked: Mapping[str, str]) -> Node:
    """Of a session token, or of an old token that never expires."""
    _must_be_installed(installation)
    app, subject = installation.app, asked.get("subject_token", "")
    expiring = asked.get("expiring", "0") in ("1", "true", "True")
    if asked.get("subject_token_type") == OFFLINE:
        if subject not in installation.grants:
            raise TokenError("invalid_subject_token", "This access token is not known")
        del installation.grants[subject]
        return installation.issue(expiring=True)
    now = shop.clock.stamp()
    if asked.get("subject_token_type") != ID_TOKEN or not is_id_token(
        subject, shop.domain, app.client_id, app.secret, now=now
    ):
        raise TokenError("invalid_subject_token", "The session token is invalid or has expired")
    kind = asked.get("requested_token_type")
    if kind not in (OFFLINE, ONLINE):
        raise TokenError("invalid_request", "requested_token_type is not known")
    if kind == OFFLINE:
        return installation.issue(expiring=expiring)
    reply = installation.issue(expiring=False, kind="online")
    installation.grants[reply["access_token"]].expires_at = now + DAY
    return reply | {
        "expires_in": DAY - 1,
        "associated_user_scope": reply["scope"],
        "associated_user": {"id": 42, "first_name": "Kit", "email": shop.email},
    }


def by_refresh(shop: Shop, installation: Installation, asked: Mapping[str, str]) -> Node:
    _must_be_installed(installation)
    return installation.refresh(asked.get("refresh_token", ""))


def by_client(shop: Shop, installation: Installation, asked: Mapping[str, str]) -> Node:
    """Client credentials: a day, no refresh token, shops of one's own organisation only."""
    if not shop.own_organisation:
        raise TokenError("shop_not_permitted", "The app and the shop are of two organisations")
    _must_be_installed(installation)
    grant = installation.grant(expires_in=DAY)
    scope = ",".join(sorted(grant.scopes))
    return {"access_token": grant.token, "scope": scope, "expires_in": DAY - 1}


GRANTS: dict[str, Callable[[Shop, Installation, Mapping[str, str]], Node]] = {
    "code": by_code,
    "authorization_code": by_code,
    EXCHANGE: by_exchange,
    "refresh_token": by_refresh,
    "client_credentials": by_client,
}
