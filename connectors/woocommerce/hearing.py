"""Hearing: whether a shop can call this hub at all; WordPress calls few addresses."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

PORTS = (80, 443, 8080)  # what WordPress calls without a filter of its own
PASTE = "Paste a consumer key and secret instead: WooCommerce, Settings, Advanced, REST API."


def deaf(public_url: str, shop_url: str) -> str:
    """Why a shop's webhooks cannot reach this hub, in plain words; "" if they can."""
    hub, shop = urlsplit(public_url), urlsplit(shop_url)
    if hub.hostname == shop.hostname and _is_local(hub.hostname):
        return ""  # both on this machine, to try it out
    port = hub.port or {"http": 80, "https": 443}.get(hub.scheme, 0)
    if port not in PORTS:
        return (
            f"This hub is at port {port}, and WordPress calls only the ports 80, 443 and 8080. "
            "Ask your operator to change PUBLIC_URL."
        )
    if _is_local(hub.hostname) or not _is_public(hub.hostname or ""):
        return (
            f"This hub is at {hub.hostname}, a private address that WordPress does not call. "
            "Ask your operator to change PUBLIC_URL."
        )
    return ""


def unapprovable(public_url: str, shop_url: str) -> str:
    """Why a shop cannot hand its keys to this hub, and what to do; "" if it can."""
    hub, shop = urlsplit(public_url), urlsplit(shop_url)
    if why := deaf(public_url, shop_url):
        return f"{why} {PASTE}"
    if hub.scheme != "https" and not (_is_local(hub.hostname) and _is_local(shop.hostname)):
        return f"The shop hands out keys only over https, and this hub is at {public_url}. {PASTE}"
    return ""


def _is_local(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def _is_public(host: str) -> bool:
    """A name may be anything; digits are looked at."""
    try:
        address = ip_address(host)
    except ValueError:
        return "." in host  # a bare word is some network's own
    return address.version == 4 and address.is_global
