"""The console's page and files: one document for every address, the rest by hashed name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from core.access import PUBLIC
from core.errors import NotFound
from core.files import IMMUTABLE, Folder
from core.routes import Answer, Call, Route

if TYPE_CHECKING:
    from hub.app import Hub

HERE = Path(__file__).parent / "console" / "static"
NOT_PAGES = ("api", "static")  # below /console: what is not there is a 404, not the console
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def routes(hub: Hub) -> list[Route]:
    """The console, and where `/` leads."""
    pages = _Pages()
    return [
        Route("GET", "/", front_door, PUBLIC, hidden=True, rate="page"),
        Route("GET", "/console", pages.console, PUBLIC, hidden=True, rate="page"),
        Route("GET", "/console/static/{file:path}", pages.static, PUBLIC, hidden=True, rate="page"),
        Route("GET", "/console/{path:path}", pages.console, PUBLIC, hidden=True, rate="page"),
    ]


async def front_door(call: Call) -> Answer:
    """To the demo where there is one, else to the console."""
    from hub.demo.seed import has_demo

    has_shop = await call.services.db.read(has_demo)
    return Answer(b"", 302, {"location": "/demo" if has_shop else "/console"}, "text/plain")


class _Pages:
    def __init__(self) -> None:
        self._files = Folder(HERE)

    async def console(self, call: Call) -> Answer:
        """The app; it reads the rest of the address itself."""
        if call.path.get("path", "").partition("/")[0] in NOT_PAGES:
            raise NotFound("There is nothing at this address.")
        return self._files.built("index.html").answer(
            call.headers,
            cache="no-cache",
            headers={
                "content-security-policy": console_policy(call.services.public_url),
                "permissions-policy": PERMISSIONS,
                "referrer-policy": "same-origin",
                "cross-origin-opener-policy": "same-origin",
            },
        )

    async def static(self, call: Call) -> Answer:
        """A built file; its name carries a hash, so browsers keep it for good."""
        return self._files.file(call.path["file"]).answer(call.headers, cache=IMMUTABLE)


def console_policy(public_url: str) -> str:
    """The console's Content-Security-Policy: nothing inline, nobody may frame it (B3)."""
    parts = urlsplit(public_url)
    socket = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}"
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"connect-src 'self' {socket}",  # older Safari does not take 'self' for sockets
            "img-src 'self' https: http:",
            "font-src 'none'",
            "frame-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
