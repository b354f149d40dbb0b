"""The API written down: `/openapi.json` for programs, `/docs` for people."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from core.access import PUBLIC
from core.files import Folder, to_file
from core.routes import Answer, Call, Route
from hub.apidocs.page import render
from hub.openapi import document

if TYPE_CHECKING:
    from hub.app import Hub

HERE = Path(__file__).parent / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


def routes(hub: Hub) -> list[Route]:
    """The document, the page and its two files."""
    pages = Pages(hub)
    return [
        Route("GET", "/openapi.json", pages.document, PUBLIC, hidden=True, rate="page"),
        Route("GET", "/docs", pages.page, PUBLIC, hidden=True, rate="page"),
        Route("GET", "/docs/{file}", pages.file, PUBLIC, hidden=True, rate="page"),
    ]


class Pages:
    """The API of one hub, written down once, when somebody first asks."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._files = Folder(HERE)

    @cached_property
    def _both(self) -> tuple[bytes, bytes]:
        said = document(self._hub.routes, self._hub.settings.public_url)
        return json.dumps(said, ensure_ascii=False, indent=1).encode(), render(said).encode()

    async def document(self, call: Call) -> Answer:
        """The OpenAPI document; any page may read it."""
        return to_file(self._both[0], "openapi.json").answer(
            call.headers, cache="no-cache", headers={"access-control-allow-origin": "*"}
        )

    async def page(self, call: Call) -> Answer:
        """The document as a page."""
        return to_file(self._both[1], "docs.html").answer(
            call.headers, cache="no-cache", headers={"content-security-policy": POLICY}
        )

    async def file(self, call: Call) -> Answer:
        """The page's style or script."""
        return self._files.file(call.path["file"]).answer(call.headers, cache="no-cache")
