"""/wp-admin/: made next."""

from __future__ import annotations

from typing import Any

from aiohttp import web


class Admin:
    """Later."""

    def __init__(self, store: Any) -> None:
        self.store = store

    async def answer(self, request: web.Request) -> web.StreamResponse:
        return web.Response(text="soon")
