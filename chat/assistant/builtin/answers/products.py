"""Products: wishes and what follows them, as cards of what the shop sells."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from msgspec import structs

from chat.assistant.builtin.answers.help import from_articles
from chat.assistant.builtin.turn import Turn, plain_sentence
from chat.assistant.builtin.wishes import Wish, to_wish
from chat.assistant.engine import Reply
from core.tools import Result
from core.views import ProductCard

SHOWN = 3
REMEMBERED = 12


async def products(turn: Turn) -> Reply:
    """What fits a wish; an article if it was rather a question."""
    wish = to_wish(turn.message)
    if not (wish.words or wish.least or wish.most):
        return turn.reply(turn.say("products_what"))
    by_price = turn.message.has("cheaper", "dearer")
    result = await _search(turn, wish, 6 if by_price else SHOWN)
    if reply := turn.unanswered(result):
        return reply
    if result.data:
        return _shown(turn, _key(result), wish, _by_price(turn, result))
    if (wish.least or wish.most or wish.currency) and (reply := await _beyond(turn, wish)):
        return reply
    is_gift = [one.concept.name for one in turn.message.matters] == ["gift"]
    if not is_gift and (reply := await from_articles(turn)):
        return reply
    return _nothing(turn, wish)


def _by_price(turn: Turn, result: Result) -> Result:
    """The cheapest or the dearest first, where that is wanted, and no more than are shown."""
    if not turn.message.has("cheaper", "dearer"):
        return result
    sign = -1 if turn.message.has("dearer") else 1
    priced = [one for one in range(len(result.data)) if result.data[one].price]
    best = sorted(priced, key=lambda one: sign * result.data[one].price.minor)[:SHOWN]
    return structs.replace(
        result,
        data=[result.data[one] for one in best],
        cards=tuple(result.cards[one] for one in best),
        sources=tuple(result.sources[one] for one in best),
    )


async def help_(turn: Turn) -> Reply:
    """What an article says, else a product's own text; or that nobody but a person knows."""
    return await from_articles(turn) or await _from_product(turn) or turn.unknown()


async def _from_product(turn: Turn) -> Reply | None:
    """The product that is asked about, with what the shop writes of it."""
    wish = to_wish(turn.message)
    if not turn.message.goods or turn.message.has("policy"):
        return None
    result = await _search(turn, wish, 2)
    if not result.data or not all(getattr(one, "fits", False) for one in result.data):
        return None
    card = _kept(result.cards[0])
    return turn.reply(
        *told(turn, result.data[0]),
        cards=result.cards[:1],
        sources=result.sources[:1],
        memory=_remembered(wish, [card]),
    )


def _key(result: Result) -> str:
    return (
        "products" if all(getattr(one, "fits", True) for one in result.data) else "products_close"
    )


def _nothing(turn: Turn, wish: Wish, key: str = "products_none") -> Reply:
    taps = (turn.say("tap_person"),)
    if key != "products_none":  # what was shown before is still what they talk about
        return turn.reply(turn.say(key), choices=taps)
    memory = {**_remembered(wish, []), "offered": "person"}
    return turn.reply(turn.say(key), choices=taps, unsure=True, memory=memory)


async def _beyond(turn: Turn, wish: Wish) -> Reply | None:
    """The same at another price, said as such."""
    result = await _search(turn, wish.at_any_price())
    return _shown(turn, "products_price", wish, result) if result.data else None


async def follow(turn: Turn) -> Reply:
    """More, cheaper, another colour, or one of what was shown."""
    wish = Wish.from_memory(turn.memory["wish"])
    shown: list[dict[str, Any]] = turn.memory.get("shown", [])
    message = turn.message
    if message.goods or message.price.spans:
        return await _again(turn, "products", wish.changed(message))
    if message.has("cheaper"):
        return await _again(
            turn, "products_cheaper", wish.below(_prices(shown)), "products_cheapest"
        )
    if message.has("dearer"):
        dearer = wish.above(_prices(shown))
        return await _again(turn, "products_dearer", dearer, "products_dearest")
    place = _place(turn, len(shown))
    if place is not None and shown:
        return await _one(turn, wish, shown[place])
    return await _more(turn, wish, shown)


async def _search(turn: Turn, wish: Wish, limit: int = SHOWN) -> Result:
    return await turn.tools.use("search_products", wish.arguments(limit))


async def _again(turn: Turn, key: str, wish: Wish, none: str = "products_none") -> Reply:
    result = await _search(turn, wish)
    if reply := turn.unanswered(result):
        return reply
    if not result.data:
        return _nothing(turn, wish, none)
    return _shown(turn, key, wish, result)


async def _more(turn: Turn, wish: Wish, shown: list[dict[str, Any]]) -> Reply:
    """What was found besides, in one longer search."""
    result = await _search(turn, wish, 6)
    if reply := turn.unanswered(result):
        return reply
    known = {one["id"] for one in shown}
    cards = [card for card in result.cards if getattr(card, "id", "") not in known]
    if not cards:
        return turn.reply(turn.say("products_no_more"))
    return turn.reply(
        turn.say("products", count=len(cards)),
        cards=cards,
        sources=[one for one in result.sources if one.id not in known],
        memory=_remembered(wish, [*shown, *map(_kept, cards)]),
    )


def _place(turn: Turn, count: int) -> int | None:
    """Which of those shown last is meant; None if none is named."""
    for place, name in enumerate(("first", "second", "third")):
        if turn.message.has(name) and place < count:
            return place
    if turn.message.has("final"):
        return count - 1
    return 0 if turn.message.has("that") and not turn.message.has("more") else None


async def _one(turn: Turn, wish: Wish, chosen: Mapping[str, Any]) -> Reply:
    result = await turn.tools.use("search_products", {"words": chosen["title"][:200], "limit": 3})
    if reply := turn.unanswered(result):
        return reply
    for place, product in enumerate(result.data or ()):
        if product.id == chosen["id"]:
            card, source = result.cards[place], result.sources[place]
            return turn.reply(*told(turn, product), cards=(card,), sources=(source,))
    return turn.reply(turn.say("products_none"), choices=(turn.say("tap_person"),))


def told(turn: Turn, product: Any) -> list[str]:
    """One product in a few sentences."""
    said = [
        turn.say("product", title=product.title, amount=turn.money(product.price))
        if product.price
        else turn.say("product_bare", title=product.title)
    ]
    if product.description:
        said.append(turn.say("product_says", text=plain_sentence(product.description)))
    if not product.available:
        said.append(turn.say("product_gone"))
    return said


def _shown(turn: Turn, key: str, wish: Wish, result: Result) -> Reply:
    more = (turn.say("tap_cheaper"), turn.say("tap_more")) if len(result.cards) > 1 else ()
    currency = _other_currency(turn, result)
    said = turn.say("products_currency", currency=currency) if currency else ""
    return turn.reply(
        said or turn.say(key, count=len(result.cards)),
        cards=result.cards,
        sources=result.sources,
        choices=more,
        memory=_remembered(wish, [_kept(card) for card in result.cards]),
    )


def _other_currency(turn: Turn, result: Result) -> str:
    """What things are priced in, if that is none of the currencies they named."""
    named = turn.message.price.currencies
    priced = [one.price.currency for one in result.data if one.price]
    return priced[0] if named and priced and not set(priced) & set(named) else ""


def _remembered(wish: Wish, shown: list[dict[str, Any]]) -> dict[str, Any]:
    return {"wish": wish.to_memory(), "shown": shown[-REMEMBERED:]}


def _kept(card: Any) -> dict[str, Any]:
    assert isinstance(card, ProductCard)
    price = {"price": card.price.text, "currency": card.price.currency} if card.price else {}
    return {"id": card.id, "title": card.title[:200], **price}


def _prices(shown: list[dict[str, Any]]) -> list[tuple[Decimal, str]]:
    return [(Decimal(one["price"]), one["currency"]) for one in shown if "price" in one]
