"""Manners: greetings, thanks, yes and no, and what the assistant is."""

from __future__ import annotations

from chat.assistant.builtin.turn import Turn
from chat.assistant.engine import Reply


def _first_steps(turn: Turn) -> tuple[str, ...]:
    return tuple(turn.say(key) for key in ("tap_order", "tap_product", "tap_person"))


async def hello(turn: Turn) -> Reply:
    """Who answers, and what it can do."""
    text = turn.say("hello", shop=turn.question.shop)
    return turn.reply(text, choices=_first_steps(turn))


async def who(turn: Turn) -> Reply:
    """That it is a program."""
    text = turn.say("who", shop=turn.question.shop)
    return turn.reply(text, choices=(turn.say("tap_person"),))


async def thanks(turn: Turn) -> Reply:
    """You are welcome."""
    return turn.reply(turn.say("thanks"))


async def bye(turn: Turn) -> Reply:
    """Goodbye."""
    return turn.reply(turn.say("bye"))


async def no(turn: Turn) -> Reply:
    """Nothing more is wanted."""
    return turn.reply(turn.say("fine"))


async def yes(turn: Turn) -> Reply:
    """Yes to what was offered last: a person, or nothing in particular."""
    if turn.memory.get("offered") == "person":
        return await person(turn)
    return turn.reply(turn.say("how_can_i_help"), choices=_first_steps(turn))


async def ask(turn: Turn) -> Reply:
    """They want something and have not said what."""
    key = "products_what" if turn.message.has("want") else "how_can_i_help"
    return turn.reply(turn.say(key), choices=_first_steps(turn))


async def person(turn: Turn) -> Reply:
    """A person takes over, because they want one."""
    await turn.tools.use("hand_over", {"reason": "Asked for a person."})
    return turn.passing("asked", "Asked for a person.")


async def words(turn: Turn) -> Reply:
    """A person takes over, because of what they write."""
    await turn.tools.use("hand_over", {"reason": "Used words a person should hear."})
    return turn.passing("words", "Used words a person should hear.")


async def unhelpful(turn: Turn) -> Reply:
    """Sorry; after the second time a person takes over."""
    return turn.reply(turn.say("sorry"), choices=(turn.say("tap_person"),), unsure=True)
