"""How an app gets keys: it asks, the administrator approves, the shop posts them to the app."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from aiohttp import web
from yarl import URL

from connectors.woocommerce.standin.access import PERMISSIONS
from connectors.woocommerce.standin.outbound import WORDPRESS, CannotSend
from connectors.woocommerce.standin.pages import escape, page
from connectors.woocommerce.standin.values import php_json

if TYPE_CHECKING:
    from connectors.woocommerce.standin.shop import Shop

PATH = "/wc-auth/v1"
NEEDED = ("app_name", "user_id", "return_url", "callback_url", "scope")
WHAT = {
    "read": ("View coupons", "View customers", "View orders and sales reports", "View products"),
    "write": ("Create webhooks", "Create coupons", "Create customers", "Create orders", "products"),
}
WHAT["read_write"] = (
    "Create webhooks",
    "View and manage coupons",
    "View and manage customers",
    "View and manage orders and sales reports",
    "View and manage products",
)
NOT_SENT = "An error occurred in the request and at the time were unable to send the consumer data"


class AuthError(Exception):
    """What the page "Access denied" says."""


class KeyFlow:
    """Answers under /wc-auth/v1."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.approves_at_once = False  # True: nobody needs to log in or click
        self.nonce = "5f3a9c1b7e"  # of the approve link; valid again and again

    async def answer(self, request: web.Request, user: int) -> web.Response:
        """The page, or the way back to the app."""
        step = request.path.removeprefix(PATH).strip("/")
        query = dict(request.query)
        try:
            query = self.checked(query)
            if step == "login":
                return _login(query)
            if user == 0 and not self.approves_at_once:
                raise web.HTTPFound(f"{self.shop.home}{PATH}/login/?{urlencode(query)}")
            self._check_role(user)
            if step == "access_granted" or self.approves_at_once:
                return await self._granted(query)
            if step == "authorize":
                return self._asks(query)
            raise AuthError("Invalid path")
        except AuthError as error:
            text = f"<section><p>Error: {escape(error)}.</p></section>"
            return page("Access denied", text, kind="narrow", status=401)

    def checked(self, query: dict[str, str]) -> dict[str, str]:
        """The query with a proper callback; `AuthError` for what is missing or not allowed."""
        for name in NEEDED:
            if query.get(name, "") in ("", "0"):  # PHP's `empty`
                raise AuthError(f"Missing parameter {name}")
        if query["scope"] not in PERMISSIONS:
            raise AuthError(f"Invalid scope {query['scope']}")
        callback = query["callback_url"]
        if "://" not in callback:
            callback = f"https://{callback}"
        if not self._may_call(callback):
            raise AuthError("The callback_url needs to be over SSL")
        if not urlsplit(query["return_url"]).scheme:
            raise AuthError("The return_url is not a valid URL")
        return query | {"callback_url": callback}

    def _may_call(self, url: str) -> bool:
        """https only; a test site, which has no certificates, also calls itself over http."""
        parts = urlsplit(url)
        at_home = parts.hostname in ("127.0.0.1", "localhost") and not self.shop.outbound.guarded
        return bool(parts.hostname) and (parts.scheme == "https" or at_home)

    def _check_role(self, user: int) -> None:
        person = self.shop.people.all.get(user or 1)
        if person is None or person.role not in ("administrator", "shop_manager"):
            raise AuthError("You do not have permission to access this page")

    def _asks(self, query: dict[str, str]) -> web.Response:
        granted = urlencode(query | {"wc_auth_nonce": self.nonce})
        wanted = "".join(f"<li>{escape(one)}</li>" for one in WHAT[query["scope"]])
        deny = self.back(query, success=0)
        name = escape(query["app_name"])
        body = f"""<section><p>This will give "{name}" {escape(query["scope"])} access which will
allow it to:</p><ul>{wanted}</ul><p>Approving will share your store with {name}.</p>
<p><a class="button" id="approve" href="{escape(f"{PATH}/access_granted/?{granted}")}">Approve</a>
<a class="button quiet" id="deny" href="{escape(deny)}">Deny</a></p></section>"""
        return page(f"{query['app_name']} would like to connect to your store", body, kind="narrow")

    async def _granted(self, query: dict[str, str]) -> web.Response:
        """Make a key and post it; it is deleted again unless the answer is exactly 200."""
        key = self.shop.keys.add(query["scope"], f"{query['app_name']} - API")
        told = {
            "key_id": key.id,
            "user_id": query["user_id"],
            "consumer_key": key.consumer_key,
            "consumer_secret": key.consumer_secret,
            "key_permissions": key.permissions,
        }
        headers = {
            "User-Agent": f"{WORDPRESS}; {self.shop.home}",
            "Content-Type": "application/json;charset=UTF-8",
        }
        try:
            status = await self.shop.outbound.send(
                "POST", query["callback_url"], php_json(told).encode(), headers, follow=True
            )
        except CannotSend as error:
            self.shop.keys.revoke(key)
            raise AuthError(str(error).rstrip(".")) from None
        if status != 200:
            self.shop.keys.revoke(key)
            raise AuthError(NOT_SENT)
        raise web.HTTPFound(self.back(query, success=1))

    def back(self, query: dict[str, str], *, success: int) -> str:
        """The return address; some characters of the state do not survive the way."""
        user = re.sub(r"[^A-Za-z0-9_.~%-]", "", query["user_id"])
        url = URL(query["return_url"])
        return str(url.update_query({"success": str(success), "user_id": user}))


def _login(query: dict[str, str]) -> web.Response:
    onward = escape(f"{PATH}/authorize?{urlencode(query)}")
    name = escape(query["app_name"])
    body = f"""<section><p>To connect to {name} you need to be logged in. Log in below,
or <a href="{escape(query["return_url"])}">cancel and return to {name}</a>.</p>
<form method="post" action="/wp-login.php"><input type="hidden" name="redirect_to" value="{onward}">
<input type="hidden" name="user" value="1"><button>Log in as the administrator</button></form>
</section>"""
    return page("Connect", body, kind="narrow")
