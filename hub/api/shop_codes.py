"""Settings → Discounts: the codes that the shops' own staff made."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from core.access import AGENT
from core.connections import connection_row
from core.db import Work
from core.routes import Call, Route
from core.shop_code_views import ShopCodeView
from core.shop_codes import shop_codes_of

Text = Annotated[str, Meta(max_length=400)]


class Asked(msgspec.Struct, kw_only=True):
    """Query parameters: how the code begins, whose it is, and where the last page ended."""

    q: Text = ""
    connection: Text = ""
    after: Text = ""


class Page(msgspec.Struct):
    """A page of codes by name; `next` is the `after` of the following one."""

    items: list[ShopCodeView]
    next: str | None


async def list_shop_codes(call: Call) -> Page:
    """The shops' own codes; those the hub made are in the ledger."""
    return await call.services.db.read(_page, call.workspace_id, call.ask(Asked))


def _page(work: Work, workspace_id: str, asked: Asked) -> Page:
    source = None
    if asked.connection:
        source = connection_row(work, workspace_id, asked.connection).source
    return Page(*shop_codes_of(work, workspace_id, asked.q, asked.after, source))


ROUTES = [
    Route(
        "GET",
        "/console/api/shop-codes",
        list_shop_codes,
        AGENT,
        "The shops' own discount codes",
        answer=Page,
        query=Asked,
        tag="Discounts",
    )
]
