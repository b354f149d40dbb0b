"""Records: the visitor's own deposits, withdrawals and payments."""

from __future__ import annotations

from chat.assistant.builtin.intents import KINDS, kind_of
from chat.assistant.builtin.turn import Turn
from chat.assistant.engine import Reply
from core.tools import Result
from core.views import Record

LISTED = 5


async def records(turn: Turn) -> Reply:
    """The newest of the kind they name, or which kind they mean."""
    kind = kind_of(turn.message)
    if not kind:
        taps = [turn.say(f"tap_{one}") for one in KINDS]
        return turn.reply(turn.say("unclear"), choices=taps, unsure=True)
    wants_all = turn.message.has("all") and not turn.message.has("last")
    many = wants_all or bool(turn.message.numbers)
    result = await turn.tools.use("my_activity", {"kind": kind, "limit": LISTED if many else 1})
    if reply := turn.unanswered(result):
        return reply
    found: list[Record] = list(result.data or ())
    if not found:
        return turn.reply(turn.say(f"no_{kind}"), choices=(turn.say("tap_person"),))
    named = [one for one in found if one.reference.upper() in turn.message.numbers]
    if wants_all and not named:
        return _listed(turn, f"{kind}s", result)
    return _one(turn, (named or found)[0], result)


async def activity(turn: Turn) -> Reply:
    """Whatever happened last."""
    result = await turn.tools.use("my_activity", {"limit": LISTED})
    if reply := turn.unanswered(result):
        return reply
    if not result.data:
        return turn.reply(turn.say("no_activity"), choices=(turn.say("tap_person"),))
    return _listed(turn, "activity", result)


def _listed(turn: Turn, key: str, result: Result) -> Reply:
    text = turn.say(key, count=len(result.cards))
    return turn.reply(text, cards=result.cards, sources=result.sources)


def _one(turn: Turn, record: Record, result: Result) -> Reply:
    return turn.reply(
        *described(turn, record),
        cards=[one for one in result.cards if getattr(one, "id", "") == record.id],
        sources=[one for one in result.sources if one.id == record.id],
    )


def described(turn: Turn, record: Record) -> list[str]:
    """A record in two sentences: what and when, and its status."""
    amount = record.amount
    said = turn.say(
        f"last_{record.kind}" + ("_amount" if amount else ""),
        title=record.title or record.reference,
        amount=turn.money(amount) if amount else "",
        date=turn.date(record.occurred_at),
    )
    if not record.status:
        return [said]
    meaning = turn.meaning(record.status, record.tone)
    key = "has_status_meaning" if meaning else "has_status"
    return [said, turn.say(key, status=record.status, meaning=meaning)]
