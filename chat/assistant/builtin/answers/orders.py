"""Orders: where one is, or the newest of the visitor's own."""

from __future__ import annotations

from chat.assistant.builtin.spelling import fold
from chat.assistant.builtin.turn import Turn
from chat.assistant.engine import Reply
from core.views import OrderCard

OVER = ("positive", "negative")  # tones of an order nobody waits for any more


async def one_order(turn: Turn) -> Reply:
    """The order with the number they name, or the one they most likely wait for."""
    if number := turn.message.numbers[0] if turn.message.numbers else _picked(turn):
        return await _numbered(turn, number)
    result = await turn.tools.use("my_orders", {"limit": 4})
    if reply := turn.unanswered(result):
        return reply
    if not result.data:
        return _none(turn)
    orders: list[OrderCard] = list(result.data)
    likely = next((one for one in orders if one.tone not in OVER), orders[0])
    if turn.message.has("last"):
        likely = orders[0]
    shown = await _live(turn, likely)
    others = [one.number for one in orders if one.number != shown.number]
    sources = [one for one in result.sources if one.id == shown.id]
    orders.sort(key=lambda one: one.number != shown.number)
    return turn.reply(
        *described(turn, shown),
        cards=(shown,),
        sources=sources,
        choices=others[:3],
        memory=_told_of(orders),
    )


async def own_orders(turn: Turn) -> Reply:
    """The newest orders, as cards."""
    result = await turn.tools.use("my_orders", {"limit": 5})
    if reply := turn.unanswered(result):
        return reply
    if not result.data:
        return _none(turn)
    return turn.reply(
        turn.say("orders", count=len(result.cards)),
        cards=result.cards,
        sources=result.sources,
        memory=_told_of(list(result.data)),
    )


def _picked(turn: Turn) -> str:
    """The number of the order that is meant among those shown; "" for none."""
    shown: list[str] = turn.memory.get("orders", [])
    if turn.message.has("order") or not shown:
        return ""
    for place, name in enumerate(("first", "second", "third")):
        if turn.message.has(name) and place < len(shown):
            return shown[place]
    return shown[-1] if turn.message.has("final") else shown[min(1, len(shown) - 1)]


def _told_of(orders: list[OrderCard]) -> dict[str, list[str]]:
    return {"orders": [one.number for one in orders]}


async def _numbered(turn: Turn, number: str) -> Reply:
    result = await turn.tools.use("order_status", {"number": number[:64]})
    if reply := turn.unanswered(result):
        return reply
    if not isinstance(result.data, OrderCard) or not _is_called(result.data.number, number):
        taps = (turn.say("tap_orders"), turn.say("tap_person"))
        return turn.reply(turn.say("order_unknown_bare"), choices=taps, unsure=True)
    order = result.data
    said = [*described(turn, order), *_total(turn, order)]
    return turn.reply(*said, cards=result.cards, sources=result.sources)


def _total(turn: Turn, order: OrderCard) -> list[str]:
    """What it comes to, if they ask for that."""
    asked = {one.concept.name for one in turn.message.matters} & {"pay", "cost", "invoice"}
    if not asked or order.total is None:
        return []
    return [turn.say("order_total", amount=turn.money(order.total))]


def _is_called(name: str, number: str) -> bool:
    """Whether this is the order they mean, and not one that only mentions its number."""
    return fold(number).strip("# ") in fold(name)


async def _live(turn: Turn, known: OrderCard) -> OrderCard:
    """The order as its shop has it now, or as it is known if the shop does not say."""
    result = await turn.tools.use("order_status", {"number": known.number[:64]})
    return result.data if isinstance(result.data, OrderCard) else known


def _none(turn: Turn) -> Reply:
    return turn.reply(turn.say("orders_none"), choices=(turn.say("tap_person"),))


def described(turn: Turn, order: OrderCard) -> list[str]:
    """An order in a few sentences."""
    return [_status(turn, order), *_way(turn, order)]


def _status(turn: Turn, order: OrderCard) -> str:
    if not order.status:
        return turn.say("order_bare", number=order.number)
    meaning = turn.meaning(order.status, order.tone)
    key = "order_meaning" if meaning else "order"
    return turn.say(key, number=order.number, status=order.status, meaning=meaning)


def _way(turn: Turn, order: OrderCard) -> list[str]:
    """Who brings it, and when; when it was placed where nothing of that is known."""
    said = []
    if order.parcel and order.tracking:
        said.append(turn.say("order_parcel", parcel=order.parcel, tracking=order.tracking))
    elif order.parcel:
        said.append(turn.say("order_parcel_only", parcel=order.parcel))
    elif order.tracking:
        said.append(turn.say("order_tracking", tracking=order.tracking))
    arrived = next((one.at for one in order.steps if one.name == "delivered" and one.done), None)
    if arrived is not None:
        said.append(turn.say("order_delivered", date=turn.date(arrived)))
    elif order.expected_at is not None and order.tone != "negative":
        said.append(turn.say("order_expected", date=turn.date(order.expected_at)))
    return said or [turn.say("order_placed", date=turn.date(order.placed_at))]
