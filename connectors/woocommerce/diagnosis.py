"""Diagnosis: what answers at an address, and which of the known troubles a shop has.

The API's refusals mislead: the same 401 means no key, an unknown one, or one that was not heard.
What is really wrong is found by asking once more in another way.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from connectors.http import MEBIBYTE, NotSent, Reply
from connectors.woocommerce.answers import CLOCK, WRONG_PAIR, KeyRefused, data_of, plain
from connectors.woocommerce.settings import REST, Keys, shop_of, to_url
from connectors.woocommerce.signing import signed
from core.errors import HubError, Invalid, Refused, Unavailable

if TYPE_CHECKING:
    from connectors.woocommerce.plugin import WooCommerce

FIELD = "values.url"
INDEX = "/wp-json/?_fields=name,home,url,timezone_string,gmt_offset,namespaces"
PLAIN_INDEX = "/?rest_route=/&_fields=name,home,namespaces"
CHEAP = "data/currencies/current"  # 260 bytes, and it needs a key that may read
WITHIN = 15.0  # seconds
LIMIT = 4 * MEBIBYTE  # of the index: 1.2 MB where `_fields` is not heard

UNREACHABLE = (
    "{host} cannot be reached. It may be down, its certificate may not be valid, or a firewall or "
    "a closed port keeps us out."
)
MAINTENANCE = "{host} is in maintenance (503). Try again when it is back."
NOT_HTTPS = (
    "{host} is called by https only. Type the address with https://, or let your operator allow "
    "the shop's network (OUTBOUND_ALLOW) for a shop in your own."
)
TO_HTTPS = "The shop moves visitors to {url}, and a key does not survive the move. Type {url}."
ELSEWHERE = "The address leads to {url}. Type that one."
SOMEWHERE = "The address leads somewhere else. Type the one your shop's pages have."
PLAIN = (
    "The shop's API answers with its home page: WordPress uses plain permalinks. In WordPress "
    "open Settings, Permalinks, choose Post name and save. Old links keep working."
)
NO_WORDPRESS = "There is no WordPress shop at this address."
NO_WOOCOMMERCE = "This is WordPress without WooCommerce. Is the plugin WooCommerce active there?"
WEB_PAGE = (
    "A security plugin or firewall answers in the shop's place. Allow the user agent Parley for "
    "/wp-json/ there."
)
OTHER_NAME = "The shop calls itself {url}, and its signatures hold for that name only. Type {url}."
PROXY = (
    "The shop does not know that it is reached by https: a proxy before it ends the encryption and "
    "WordPress is not told, so it refuses every key. Add to wp-config.php, above “That’s all”: "
    "if (($_SERVER['HTTP_X_FORWARDED_PROTO'] ?? '') === 'https') $_SERVER['HTTPS'] = 'on';"
)
UNKNOWN_KEY = (
    "The shop does not know this key. It was deleted, belongs to another shop, or was not copied "
    "whole."
)
READ_ONLY = (
    "This key may only read. In WooCommerce open Settings, Advanced, REST API, and give the key "
    "Read/Write: webhooks and coupons need it."
)


@dataclass(frozen=True, slots=True)
class Site:
    """What a shop tells everyone of itself; it may be anything."""

    name: str
    home: str  # "" if it tells only those who are signed in
    timezone: str


# What answers there -----------------------------------------------------------------------


async def look(shop: WooCommerce, url: str) -> Site:
    """The site at an address; Invalid, Refused or Unavailable say what is there instead."""
    host = urlsplit(url).hostname or ""
    try:
        reply = await _fetch(shop, url + INDEX)
    except NotSent:
        raise Unavailable(UNREACHABLE.format(host=host), code="unreachable") from None
    except Unavailable as error:
        if "503" in error.message:
            raise Unavailable(MAINTENANCE.format(host=host), code="maintenance") from None
        raise
    except Refused as error:
        if error.code == "bad_address" and url.startswith("http://"):
            raise Invalid(NOT_HTTPS.format(host=host), field=FIELD, code="bad_address") from None
        raise
    if 300 <= reply.status < 400:
        raise _moved(url, reply)
    index = _object(reply)
    if reply.status in (401, 403) and not index:
        raise Refused(WEB_PAGE, code="blocked")
    if reply.status in (401, 403):
        return Site("", "", "")  # only for those who are signed in; the keys will tell
    if not reply.ok or not index:
        raise await _no_api(shop, url)
    return _site(url, index)


async def _fetch(shop: WooCommerce, url: str) -> Reply:
    headers = {"Accept": "application/json"}
    return await shop.http.request("GET", url, headers=headers, within=WITHIN, limit=LIMIT)


def _moved(url: str, reply: Reply) -> Invalid:
    """A redirect; its target is the shop's word, and shown only if it is an address."""
    try:
        target = to_url(reply.headers.get("location", ""))
    except Invalid:
        return Invalid(SOMEWHERE, field=FIELD, code="redirect")
    text = TO_HTTPS if target == url.replace("http://", "https://", 1) else ELSEWHERE
    if target == url:
        text = SOMEWHERE
    return Invalid(text.format(url=target), field=FIELD, code="redirect")


async def _no_api(shop: WooCommerce, url: str) -> Refused:
    """Why there is no API: plain permalinks leave a way for those who know it."""
    try:
        reply = await _fetch(shop, url + PLAIN_INDEX)
    except HubError:
        return Refused(NO_WORDPRESS, code="not_wordpress")
    if reply.ok and "namespaces" in _object(reply):
        return Refused(PLAIN, code="plain_permalinks")
    return Refused(NO_WORDPRESS, code="not_wordpress")


def _site(url: str, index: dict[str, Any]) -> Site:
    """The site, if it is the one that was meant and sells something."""
    namespaces = index.get("namespaces")
    if not isinstance(namespaces, list):
        raise Refused(NO_WORDPRESS, code="not_wordpress")
    if "wc/v3" not in namespaces:
        raise Refused(NO_WOOCOMMERCE, code="no_woocommerce")
    zone = str(index.get("timezone_string") or "")
    if not re.fullmatch(r"[A-Za-z0-9_+/-]{1,64}", zone):
        zone = ""
    return Site(plain(index.get("name")), _home(url, index.get("home")), zone)


def _home(url: str, told: Any) -> str:
    """What the shop calls itself, which must be what it is called by; Invalid otherwise.

    A home of http is well at an address of https: many a proxy's shop has never been told.
    """
    try:
        home = to_url(str(told or ""))
    except Invalid:
        raise Refused(NO_WORDPRESS, code="not_wordpress") from None
    if shop_of(home) != shop_of(url):
        raise Invalid(OTHER_NAME.format(url=home), field=FIELD, code="wrong_host")
    if home.startswith("https://") and url.startswith("http://"):
        raise Invalid(TO_HTTPS.format(url=home), field=FIELD, code="wrong_scheme")
    return home


def _object(reply: Reply) -> dict[str, Any]:
    try:
        found = data_of(Reply(200, {}, reply.body), "")
    except HubError:
        return {}
    return found if isinstance(found, dict) else {}


# What the keys open -----------------------------------------------------------------------


async def opened(shop: WooCommerce, keys: Keys) -> tuple[Keys, str]:
    """The keys in the way the shop hears them, and its currency; Refused says what is wrong."""
    try:
        return keys, await _currency(shop, keys)
    except Refused as error:
        keys = await _heard(shop, keys, error)
    return keys, await _currency(shop, keys)


async def may_write(shop: WooCommerce, keys: Keys) -> None:
    """Return if the keys may change something, by changing nothing; Refused otherwise."""
    try:
        await shop.api.ask(keys, "POST", "coupons/batch", body={})
    except Refused as error:
        if error.code != "missing_permission":
            raise
        raise Refused(READ_ONLY, code="read_only") from None


async def explained(shop: WooCommerce, keys: Keys, error: Refused) -> Refused:
    """The same refusal in words that help, after another look."""
    try:
        await look(shop, keys.url)
        await _heard(shop, keys, error)
    except Unavailable:
        return error
    except (Refused, Invalid) as found:
        return found if isinstance(found, Refused) else Refused(found.message, code=found.code)
    return error


async def _currency(shop: WooCommerce, keys: Keys) -> str:
    _, found = await shop.api.ask(keys, "GET", CHEAP, {"_fields": "code"})
    code = found.get("code") if isinstance(found, dict) else None
    if not isinstance(code, str) or not re.fullmatch(r"[A-Z]{3}", code):
        raise Unavailable("The shop does not tell its currency.", code="bad_answer")
    return code


async def _heard(shop: WooCommerce, keys: Keys, error: Refused) -> Keys:
    """The keys shown in another way that works; or Refused with what is really wrong."""
    if error.code == "clock":
        raise Refused(await _clock(shop, keys), code="clock")
    if error.code in ("signature", "wrong_secret"):  # its name was compared before
        raise Refused(WRONG_PAIR, code="wrong_secret")
    if not isinstance(error, KeyRefused):
        raise error
    if keys.url.startswith("http://"):
        raise Refused(UNKNOWN_KEY, code="unknown_key")
    other = keys.model_copy(update={"auth": "query"})
    try:
        await _currency(shop, other)
    except KeyRefused:
        raise await _unheard(shop, keys) from None
    return other


async def _unheard(shop: WooCommerce, keys: Keys) -> Refused:
    """Of a key that https does not open: whether the shop takes https for http."""
    key, secret = keys.consumer_key.get_secret_value(), keys.consumer_secret.get_secret_value()
    inside = keys.url.replace("https://", "http://", 1) + REST + CHEAP
    url = signed(inside, "GET", {"_fields": "code"}, key, secret)
    try:
        data_of(await _fetch(shop, url.replace("http://", "https://", 1)), keys.host)
    except KeyRefused:
        return Refused(UNKNOWN_KEY, code="unknown_key")
    except (Refused, Unavailable) as error:
        if error.code not in ("signature", "clock"):  # who complains of those has read it
            return Refused(UNKNOWN_KEY, code="unknown_key")
    return Refused(PROXY, code="proxy_https")


async def _clock(shop: WooCommerce, keys: Keys) -> str:
    """How far the shop's clock is from ours, by the date of its answers."""
    try:
        reply = await _fetch(shop, keys.url + INDEX)
        theirs = parsedate_to_datetime(reply.headers.get("date", "")).timestamp()
    except (HubError, ValueError):
        return CLOCK
    minutes = round(abs(time.time() - theirs) / 60)
    return f"{CLOCK} They are {minutes} minutes apart." if minutes > 14 else CLOCK
