"""Hand over: a person answers from here on."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from chat.assistant.tools.arguments import Arguments
from chat.assistant.tools.plain import plain
from core.tools import Result, Tool, Use


class HandOver(Arguments):
    """Why, in a sentence for the agents."""

    reason: Annotated[str, Meta(max_length=200)] = ""


async def hand_over(_: Use, wanted: HandOver) -> Result:
    """That a person is due; the turn passes the conversation on."""
    return Result(status="person", note=plain(wanted.reason, 200) or "Asked for a person.")


tool = Tool(
    name="hand_over",
    title="Hand over to a person",
    description=(
        "Pass the conversation on to a person: the visitor asks for one, is upset, or needs "
        "what no other tool can do. Give the reason in one English sentence."
    ),
    arguments=HandOver,
    run=hand_over,
    limit="Always allowed",
)
