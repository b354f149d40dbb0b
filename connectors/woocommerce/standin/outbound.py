"""The requests the shop makes itself: WordPress's HTTP client and its odd habits."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

WORDPRESS = "WordPress/6.9.1"
HOOKSHOT = "WooCommerce/10.5.0 Hookshot (WordPress/6.9.1)"
PORTS = (80, 443, 8080)
MOST_REDIRECTS = 5
HEADERS = {"Accept": "*/*", "Accept-Encoding": "deflate, gzip, br", "Connection": "close"}


class CannotSend(Exception):
    """WordPress could not or would not make this request."""


class Outbound:
    """Sends what the shop sends. `patience` is WordPress's time limit of 60 s."""

    def __init__(self) -> None:
        self.patience = 60.0
        self.guarded = False  # True: an ordinary shop, without the filters of a test site
        self.home = ""  # the shop itself may be called anywhere
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        # No cookies: PHP begins anew with every request.
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())

    async def stop(self) -> None:
        if self._session:
            await self._session.close()
            self._session = None

    async def send(
        self,
        method: str,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        follow: bool = False,
        patience: float | None = None,
    ) -> int:
        """The status of the answer, `CannotSend` if there is none.

        A redirect is followed as a GET, without the body, if it is followed at all.
        """
        for _ in range(MOST_REDIRECTS + 1):
            status, onward = await self._once(method, url, body, headers, patience)
            if not (follow and onward):
                return status
            method, url, body = "GET", onward, b""
        raise CannotSend("Too many redirects")

    async def _once(
        self, method: str, url: str, body: bytes, headers: Mapping[str, str], patience: float | None
    ) -> tuple[int, str]:
        if self._session is None:
            raise CannotSend("the shop is closed")
        if self.guarded and not is_safe(url, self.home):
            raise CannotSend("A valid URL was not provided.")
        limit = aiohttp.ClientTimeout(total=patience or self.patience)
        own = HEADERS | dict(headers)
        if method == "GET":
            own.pop("Content-Type", None)
        try:
            async with self._session.request(
                method, url, data=body or None, headers=own, timeout=limit, allow_redirects=False
            ) as reply:
                await reply.read()
                location = reply.headers.get("Location", "")
                moved = reply.status in (301, 302, 303, 307, 308) and location
                return reply.status, str(reply.url.join(URL(location))) if moved else ""
        except (aiohttp.ClientError, TimeoutError, ValueError, OSError) as error:
            raise CannotSend(type(error).__name__) from None


def is_safe(url: str, home: str = "") -> bool:
    """Whether `wp_safe_remote_post` would go there: a public host on port 80, 443 or 8080."""
    try:
        if home and urlsplit(url).netloc == urlsplit(home).netloc:
            return True
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return False
    if parts.username or ":" in (parts.hostname or ":") or port not in PORTS:
        return False
    return _is_public(parts.hostname or "")


def _is_public(host: str) -> bool:
    if host == "localhost":
        return False
    try:
        address = ip_address(host)
    except ValueError:
        return True  # a name; the stand-in asks no name server
    return address.is_global
