"""The desk's routes: conversations, customers and products for the console."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from core import customers, desk, products, records
from core.access import AGENT, Principal
from core.db import Work
from core.routes import Call, Route
from core.views import Customer, InboxRow, ProductCard, Record, Status, StatusChange

FOUND = 20  # products a search shows


class Asked(msgspec.Struct, kw_only=True):
    """Query parameters of the list."""

    tab: desk.Tab = "all"
    status: Status | Literal["any"] = "open"
    q: Annotated[str, Meta(max_length=200)] = ""
    before: Annotated[str, Meta(max_length=120)] = ""


class Listed(msgspec.Struct, kw_only=True):
    """A page of conversations; `next` is the `before` of the following page."""

    items: list[InboxRow]
    next: str | None
    counts: dict[desk.Tab, int]


class VisitedPage(msgspec.Struct, kw_only=True):
    """Where the visitor was last, as their browser says."""

    url: str
    title: str
    at: datetime


class Opened(msgspec.Struct, kw_only=True):
    """A conversation and who is writing."""

    row: InboxRow
    visitor: str
    customer: Customer
    records: list[Record]
    earlier: list[InboxRow]
    page: VisitedPage | None


class CustomerOpened(msgspec.Struct, kw_only=True):
    customer: Customer
    records: list[Record]


class History(msgspec.Struct):
    """A record's steps, oldest first."""

    items: list[StatusChange]


class Products(msgspec.Struct):
    items: list[ProductCard]


class Words(msgspec.Struct):
    """Query parameter of a search."""

    q: Annotated[str, Meta(max_length=200)] = ""


async def list_conversations(call: Call) -> Listed:
    """A page of the inbox, and how many each tab has."""
    asked = call.ask(Asked)
    return await call.services.db.read(_list, call.principal, asked)


def _list(work: Work, agent: Principal, asked: Asked) -> Listed:
    wanted = desk.Asked(asked.tab, asked.status, asked.q.strip(), asked.before)
    items, following = desk.list_conversations(work, agent, wanted)
    counts = desk.count_conversations(work, agent, asked.status)
    return Listed(items=items, next=following, counts=counts)


async def open_conversation(call: Call) -> Opened:
    """Everything beside the messages."""
    opened = await call.services.db.read(desk.open_conversation, call.principal, call.path["id"])
    return Opened(
        row=opened.row,
        visitor=opened.visitor_id,
        customer=opened.customer,
        records=opened.records,
        earlier=opened.earlier,
        page=VisitedPage(**opened.page) if opened.page else None,
    )


async def open_customer(call: Call) -> CustomerOpened:
    """What servers have said of a customer, and their records."""
    return await call.services.db.read(_open_customer, call.workspace_id, call.path["id"])


def _open_customer(work: Work, workspace_id: str, customer_id: str) -> CustomerOpened:
    row = customers.customer_for(work, workspace_id, customer_id)
    return CustomerOpened(
        customer=customers.to_view(row, assurance="anonymous"),
        records=records.records_of(work, workspace_id, customer_id),
    )


async def record_history(call: Call) -> History:
    """How a record's status changed, when, and which source said so (O4)."""
    return History(await call.services.db.read(records.history, call.workspace_id, call.path["id"]))


async def search_products(call: Call) -> Products:
    """Products for the picker: those that match, or the newest."""
    words = call.ask(Words).q
    found = await call.services.db.read(products.search_products, call.workspace_id, words, FOUND)
    return Products([products.card(row) for row in found])


ROUTES = [
    Route(
        "GET",
        "/console/api/conversations",
        list_conversations,
        AGENT,
        "List conversations",
        answer=Listed,
        query=Asked,
        tag="Console",
    ),
    Route(
        "GET",
        "/console/api/conversations/{id}",
        open_conversation,
        AGENT,
        "Open a conversation",
        answer=Opened,
        tag="Console",
    ),
    Route(
        "GET",
        "/console/api/customers/{id}",
        open_customer,
        AGENT,
        "Open a customer",
        answer=CustomerOpened,
        tag="Console",
    ),
    Route(
        "GET",
        "/console/api/records/{id}/history",
        record_history,
        AGENT,
        "A record's status history",
        answer=History,
        tag="Console",
    ),
    Route(
        "GET",
        "/console/api/products",
        search_products,
        AGENT,
        "Search products",
        answer=Products,
        query=Words,
        tag="Console",
    ),
]
