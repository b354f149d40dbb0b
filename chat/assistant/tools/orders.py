"""My orders: the visitor's own newest orders, as their records have them."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from chat.assistant.tools.arguments import Arguments
from chat.assistant.tools.plain import plain
from core.access import Assurance
from core.db import Work
from core.order_cards import card_of_record
from core.records import own_records
from core.tools import Result, Source, Tool, Use
from core.views import OrderCard


class MyOrders(Arguments):
    """How many."""

    limit: Annotated[int, Meta(ge=1, le=5)] = 3


async def my_orders(use: Use, wanted: MyOrders) -> Result:
    """The newest orders of whoever asks."""

    def find(work: Work) -> list[OrderCard]:
        records = own_records(work, use.workspace_id, use.customers, "order", wanted.limit)
        return [card_of_record(record) for record in records]

    cards = await use.services.db.read(find)
    if not cards:
        return Result(status="nothing", note="No order.")
    return Result(
        status="found",
        data=cards,
        cards=tuple(cards),
        sources=tuple(source_of(one) for one in cards),
        note=told(cards[0], "last ") if len(cards) == 1 else f"Their last {len(cards)} orders.",
    )


def told(shown: OrderCard, which: str = "") -> str:
    """An order in a few words, for agents."""
    return f"Their {which}order {plain(shown.number, 40)} ({plain(shown.status, 40)})."


def source_of(shown: OrderCard) -> Source:
    """An order as the place a fact comes from."""
    return Source(kind="record", id=shown.id, title=f"Order {shown.number}", url=shown.url)


tool = Tool(
    name="my_orders",
    title="List their own orders",
    description=(
        "The newest orders of the visitor who is writing, newest first. Use it when they ask "
        "for their orders without naming one."
    ),
    arguments=MyOrders,
    run=my_orders,
    assurance=Assurance.EMAIL,
    limit="Their own orders",
)
