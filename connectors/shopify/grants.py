"""Grants: the ways to get a shop's access token, one request each to its token endpoint."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random

from connectors.http import Busy, Http, NotSent, Reply
from connectors.shopify.settings import App, Settings, ShopSettings, Source, checked
from core.errors import HubError, Refused, Unavailable
from core.ids import now_ms

TOKEN = "/admin/oauth/access_token"  # noqa: S105 -- a path
WITHIN = 10.0  # seconds
TRIES = 3
LIMIT = 65_536  # bytes of an answer
_OAUTH = "urn:ietf:params:oauth"
OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token"
EXCHANGE = f"{_OAUTH}:grant-type:token-exchange"
ID_TOKEN = f"{_OAUTH}:token-type:id_token"
HARMLESS: tuple[type[HubError], ...] = (NotSent, Busy)  # to repeat what works once


class Grants:
    """Asks shops for tokens. The secret goes to the shop's own host and nowhere else."""

    def __init__(self, http: Http, settings: Settings) -> None:
        self._http = http
        self._settings = settings

    async def by_code(self, app: App, shop: str, code: str) -> ShopSettings:
        """For the code a merchant came back with; it works once."""
        body = {"code": code, "expiring": "1"}
        return await self._keys("code", app, shop, body, again=HARMLESS)

    async def by_id_token(self, app: App, shop: str, id_token: str) -> ShopSettings:
        """For a session token of the embedded app, which the caller has verified."""
        body = {
            "grant_type": EXCHANGE,
            "subject_token": id_token,
            "subject_token_type": ID_TOKEN,
            "requested_token_type": OFFLINE,
            "expiring": "1",
        }
        return await self._keys("exchange", app, shop, body)

    async def by_credentials(self, app: App, shop: str) -> ShopSettings:
        """For the app's own credentials: shops of the organisation that owns the app."""
        return await self._keys("credentials", app, shop, {"grant_type": "client_credentials"})

    async def again(self, app: App, shop: str, keys: ShopSettings) -> ShopSettings:
        """New keys in place of old ones, in the way these were got.

        Asking twice with one refresh token is safe: it holds until its successor is used.
        """
        if keys.source == "credentials":
            new = await self.by_credentials(app, shop)
        elif keys.refresh_token.get_secret_value():
            body = {
                "grant_type": "refresh_token",
                "refresh_token": keys.refresh_token.get_secret_value(),
            }
            new = await self._keys(keys.source, app, shop, body)
        else:
            raise Refused("The shop's key cannot be renewed. Connect it again.", code="refused")
        kept = {"client_id": keys.client_id, "client_secret": keys.client_secret}
        return new.model_copy(update={**kept, "scopes": new.scopes or keys.scopes})

    async def _keys(
        self,
        source: Source,
        app: App,
        shop: str,
        body: Mapping[str, str],
        again: tuple[type[HubError], ...] = (Unavailable,),
    ) -> ShopSettings:
        secret = app.client_secret.get_secret_value()
        whole = {"client_id": app.client_id, "client_secret": secret, **body}
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(again),
            stop=stop_after_attempt(TRIES),
            wait=wait_random(0.2, 0.6),
            reraise=True,
        ):
            with attempt:
                reply = await self._http.request(
                    "POST",
                    self._settings.url(shop, TOKEN),
                    headers={"Accept": "application/json", "Host": checked(shop)},
                    json=whole,
                    within=WITHIN,
                    limit=LIMIT,
                )
                return _to_keys(source, _answer(reply, shop))
        raise AssertionError("tenacity raises the last failure")


def _answer(reply: Reply, shop: str) -> dict[str, Any]:
    if reply.ok:
        answer = reply.json()
        if not isinstance(answer, dict):
            raise Unavailable("The shop's answer is no token.", code="bad_answer")
        return answer
    raise _refusal(reply, shop)


def _refusal(reply: Reply, shop: str) -> HubError:
    said = _error(reply)
    if reply.status == 404:
        return Refused(f"There is no shop at {shop}.", code="not_found")
    if reply.status in (402, 423):
        return Refused(f"{shop} is frozen or locked by Shopify.", code="shop_unavailable")
    if said in ("invalid_grant", "invalid_subject_token"):
        return Refused("Shopify asks for the merchant's approval again.", code="reapprove")
    if said == "invalid_request":
        return Refused("This approval was used already or is too old.", code="expired")
    if said in ("invalid_client", "application_cannot_be_found", "shop_not_permitted"):
        return Refused(
            "Shopify does not know the app's client id and secret in this shop: it was "
            "uninstalled, or they are wrong.",
            code="refused",
        )
    if reply.status in (400, 401, 403):
        return Refused(f"{shop} refused the app ({said or reply.status}).", code="refused")
    return Unavailable(f"{shop} answered {reply.status}.", code="vendor_error")


def _error(reply: Reply) -> str:
    """The OAuth error's name; anything else a shop may say is not repeated."""
    try:
        answer = reply.json()
    except Unavailable:
        return ""
    said = answer.get("error") if isinstance(answer, dict) else None
    return said[:60] if isinstance(said, str) and said.replace("_", "").isalpha() else ""


def _to_keys(source: Source, answer: Mapping[str, Any]) -> ShopSettings:
    now = now_ms()
    token, refresh = answer.get("access_token"), answer.get("refresh_token")
    if not isinstance(token, str) or not _is_token(token):
        raise Unavailable("The shop's answer is no token.", code="bad_answer")
    if refresh is not None and (not isinstance(refresh, str) or not _is_token(refresh)):
        raise Unavailable("The shop's answer is no token.", code="bad_answer")
    return ShopSettings.model_validate(
        {
            "source": source,
            "access_token": token,
            "refresh_token": refresh or "",
            "scopes": to_scopes(answer.get("scope")),
            "expires_at": _in(now, answer.get("expires_in")),
            "refresh_expires_at": _in(now, answer.get("refresh_token_expires_in")),
            "obtained_at": now,
        }
    )


def _is_token(text: str) -> bool:
    """Whether it can be sent as a header."""
    return 0 < len(text) <= 4096 and text.isascii() and text.isprintable() and " " not in text


def _in(now: int, seconds: Any) -> int | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    return now + int(min(seconds, 10**9) * 1000) if math.isfinite(seconds) else None


def to_scopes(text: Any) -> tuple[str, ...]:
    """`read_products,write_discounts` as names."""
    if not isinstance(text, str):
        return ()
    return tuple(sorted({one.strip() for one in text.split(",") if one.strip()}))
