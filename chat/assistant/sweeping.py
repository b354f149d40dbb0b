"""Sweeping: what no process answers, because it crashed or is overrun, goes to a person.

Each process looks by itself: it needs no other one to be alive, and no queue to be empty.
"""

from __future__ import annotations

import asyncio
from random import SystemRandom

import structlog

from chat.assistant.turns import Turns
from core.conversations import Key
from core.handovers import left_alone, left_behind
from core.views import Why

log = structlog.get_logger("assistant")

LATE = "The assistant did not answer in time."
OFF = "The assistant was turned off."
_DICE = SystemRandom()


async def sweep_forever(turns: Turns) -> None:
    """Look every few seconds."""
    pause = turns.engines.limits.look
    while True:
        await asyncio.sleep(pause * _DICE.uniform(0.8, 1.2))  # not all at once
        try:
            await sweep(turns)
        except Exception:  # the database is away: the next look finds the same
            log.exception("sweep_failed")


async def sweep(turns: Turns) -> int:
    """Pass on what waits too long; how many conversations."""
    patience = round(turns.engines.limits.unanswered * 1000)
    db = turns.services.db
    late = await _pass_on(turns, await db.read(left_alone, patience), "failed", LATE)
    return late + await _pass_on(turns, await db.read(left_behind), "stopped", OFF)


async def _pass_on(turns: Turns, found: list[Key], why: Why, reason: str) -> int:
    outcomes = await asyncio.gather(
        *(turns.pass_on(key, why, reason) for key in found), return_exceptions=True
    )
    for key, outcome in zip(found, outcomes, strict=True):
        if isinstance(outcome, BaseException):  # the others are passed on all the same
            log.error("not_passed_on", conversation=key[1], error=repr(outcome))
    return outcomes.count(True)
