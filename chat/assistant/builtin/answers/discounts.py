"""Discounts: a wish for one goes through the shop's policy; the ledger says the code itself."""

from __future__ import annotations

import re
from decimal import Decimal

from chat.assistant.builtin.prices import to_decimal
from chat.assistant.builtin.turn import Turn
from chat.assistant.engine import Reply

_PERCENT = re.compile(
    r"(?<![\d.,])(\d{1,3}(?:[.,]\d{1,2})?)\s?"
    r"(?:%|percent|per cent|prozent|pour ?cents?|por ?ciento|por ?cento"
    r"|بالمئة|بالمائة|في المئة|في المية)"
)


async def discount(turn: Turn) -> Reply:
    """A code, a colleague's decision, or no."""
    wish = _percent(turn.message.text)
    result = await turn.tools.use("offer_discount", {"percent": wish} if wish else {})
    if result.status == "refused":
        return turn.reply(turn.say("discount_none"))
    if result.status == "waiting":
        waiting = getattr(result.data, "id", "")
        reply = turn.reply(turn.say("waiting"))
        return Reply(text=reply.text, locale=reply.locale, waiting=waiting, memory=reply.memory)
    if reply_ := turn.unanswered(result):
        return reply_
    given = getattr(result.data, "percent", "")
    is_less = bool(given) and wish is not None and Decimal(given) < Decimal(wish)
    key = "discount_most" if is_less else "discount"
    return turn.reply(turn.say(key), cards=result.cards, sources=result.sources)


def _percent(text: str) -> str | None:
    """The percentage they wish for, as the tool takes it."""
    found = _PERCENT.search(text)
    wish = to_decimal(found[1]) if found else None
    return f"{wish:f}" if wish is not None and 0 < wish <= 100 else None
