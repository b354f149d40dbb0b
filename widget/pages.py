"""The widget's files: the loader, the app in its frame, and what the frame may do."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from core import widgets
from core.access import PUBLIC
from core.db import Work
from core.errors import NotFound
from core.files import IMMUTABLE, Folder
from core.routes import Answer, Call, Route
from widget.routes import OPEN_TO_ALL

STATIC = Folder(Path(__file__).parent / "static")
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


async def loader(call: Call) -> Answer:
    """`widget.js`: small, cached for minutes, allowed on every page."""
    return STATIC.built("widget.js").answer(
        call.headers,
        cache="public, max-age=300, stale-while-revalidate=86400",
        headers=OPEN_TO_ALL,
    )


async def app(call: Call) -> Answer:
    """The document in the frame; only the widget's own site may frame it (B3)."""
    public_id = call.query.get("id", "")
    domain = await call.services.db.read(_domain_of, public_id)
    return STATIC.built("app.html").answer(
        {},
        cache="no-store",
        headers={
            "content-security-policy": app_policy(call.services.public_url, domain),
            "permissions-policy": PERMISSIONS,
            "referrer-policy": "no-referrer",
        },
    )


def _domain_of(work: Work, public_id: str) -> str | None:
    widget = widgets.widget_by_public_id(work, public_id)
    if widget is None:
        raise NotFound("There is no such widget.")
    return widget.domain_key


def app_policy(public_url: str, domain: str | None) -> str:
    """The frame's Content-Security-Policy for a widget of `domain`, or of any site."""
    parts = urlsplit(public_url)
    socket = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}"
    framers = "'self' http: https:"
    if domain:
        hosts = (domain, f"www.{domain}")
        sites = (f"{scheme}://{host}:*" for scheme in ("https", "http") for host in hosts)
        framers = f"'self' {' '.join(sites)}"
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"connect-src 'self' {socket}",
            "img-src 'self' https: http: data:",
            "base-uri 'none'",
            "form-action 'none'",
            f"frame-ancestors {framers}",
        )
    )


async def static(call: Call) -> Answer:
    """A built file; its name carries a hash, so browsers keep it for good."""
    return STATIC.file(call.path["file"]).answer(call.headers, cache=IMMUTABLE)


ROUTES = [
    Route("GET", "/widget.js", loader, PUBLIC, hidden=True, rate="page"),
    Route("GET", "/widget/app", app, PUBLIC, hidden=True, rate="page"),
    Route("GET", "/widget/static/{file}", static, PUBLIC, hidden=True, rate="page"),
]
