"""The demo's page: an invented shop that has the widget on it, as a merchant would install it."""

from __future__ import annotations

import html
import re
from functools import cached_property
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Any

import msgspec

from core.access import PUBLIC
from core.errors import NotFound
from core.files import Folder
from core.ids import random_text
from core.routes import Answer, Call, Route

HERE = Path(__file__).parent
COOKIE = "parley_demo"
SHOWN_AS = ("amara", "guest")  # the first unless somebody chooses
WEEK = 7 * 24 * 3600
FILES = "public, max-age=600"
_PLACEHOLDER = re.compile(r"\{\{(\w+)(:json)?\}\}")
_UNSAFE = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def routes() -> list[Route]:
    """The demo's page and its files; both answer 404 where there is no demo."""
    pages = _Pages()
    return [
        Route("GET", "/demo", pages.shop, PUBLIC, hidden=True, rate="page"),
        Route("GET", "/demo/static/{file:path}", pages.static, PUBLIC, hidden=True, rate="page"),
    ]


class _Pages:
    """What is read from the disk only where somebody looks at it: most hubs have no demo."""

    _is_open = False  # once there, a demo stays

    @cached_property
    def _page(self) -> str:
        return (HERE / "shop.html").read_text(encoding="utf-8")

    @cached_property
    def _files(self) -> Folder:
        return Folder(HERE / "static")

    async def shop(self, call: Call) -> Answer:
        """The shop, as Amara sees it signed in, or as a guest: `/demo?as=guest`, remembered."""
        from hub.demo.seed import find_demo

        services = call.services
        demo = await services.db.read(find_demo, services.vault)
        if demo is None:
            raise _no_demo()
        shown_as, nonce = _shown_as(call), random_text(22)
        identity = demo.amara if shown_as == "amara" else dict.fromkeys(demo.amara, "")
        page = fill(self._page, {"nonce": nonce, "app_id": demo.app_id, **identity})
        headers = {"content-security-policy": page_policy(nonce), "referrer-policy": "same-origin"}
        if call.query.get("as") in SHOWN_AS:
            headers["set-cookie"] = _to_cookie(shown_as, services.public_url)
        return Answer(page.encode(), headers=headers, content_type="text/html; charset=utf-8")

    async def static(self, call: Call) -> Answer:
        """A picture, the style or the script of the shop."""
        if not self._is_open:
            from hub.demo.seed import has_demo

            self._is_open = await call.services.db.read(has_demo)
        if not self._is_open:
            raise _no_demo()
        return self._files.file(call.path["file"]).answer(call.headers, cache=FILES)


def _no_demo() -> NotFound:
    return NotFound("There is no demo shop on this hub. Start one with: hub demo")


def _shown_as(call: Call) -> str:
    """Whom the page shows as signed in: the address decides, then the cookie."""
    cookie: SimpleCookie = SimpleCookie()
    try:
        cookie.load(call.headers.get("cookie", ""))
    except CookieError:
        cookie.clear()
    kept = cookie[COOKIE].value if COOKIE in cookie else ""
    chosen = [word for word in (call.query.get("as"), kept) if word in SHOWN_AS]
    return str(chosen[0]) if chosen else SHOWN_AS[0]


def _to_cookie(word: str, public_url: str) -> str:
    secure = "; Secure" if public_url.startswith("https:") else ""
    return f"{COOKIE}={word}; Path=/demo; Max-Age={WEEK}; HttpOnly; SameSite=Lax{secure}"


def page_policy(nonce: str) -> str:
    """A strict shop's Content-Security-Policy; the widget asks only for the nonce and its frame."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "frame-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


def fill(page: str, values: dict[str, Any]) -> str:
    """`{{x}}` as text that HTML cannot misread, `{{x:json}}` as JSON that a script can hold."""

    def written(found: re.Match[str]) -> str:
        value = values[found[1]]
        if not found[2]:
            return html.escape(str(value))
        return msgspec.json.encode(value).decode().translate(_UNSAFE)

    return _PLACEHOLDER.sub(written, page)
