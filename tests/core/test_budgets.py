"""What a model may take in a day is never passed, however many ask at once."""

from __future__ import annotations

import asyncio

import pytest

from core import budgets
from core.assistants import save_assistant
from core.audit import operator
from core.budgets import Spent, Tokens, reserve, settle
from core.db import Database, Work, open_database
from core.usages import DAY, Usage, usage_of

pytestmark = pytest.mark.anyio
CALL = Tokens(900, 100)
MIA, NOA = "vis_mia", "vis_noa"


async def allow(db: Database, shop: str, **values: int) -> None:
    await db.write(save_assistant, operator(shop), {"tokens_a_day": 10_000, **values})


async def call(db: Database, shop: str, visitor: str, took: Tokens = CALL) -> bool:
    """One call of a model, as the engine makes it; whether there was a budget for it."""
    try:
        hold = await db.write(reserve, shop, visitor, CALL)
    except Spent:
        return False
    await asyncio.sleep(0)
    await db.write(settle, shop, visitor, hold, took)
    return True


@pytest.mark.timeout(240)
async def test_A_2_two_hundred_turns_at_once_never_pass_a_budget_of_ten(
    db: Database, database_url: str, shop: str
) -> None:
    await allow(db, shop)
    other = open_database(database_url)
    await other.start()
    try:
        made = await asyncio.gather(
            *(call((db, other)[n % 2], shop, f"vis_{n % 7}") for n in range(200))
        )
    finally:
        await other.stop()
    used = await db.read(usage_of, shop)
    assert sum(made) == 10
    assert used.tokens_in + used.tokens_out == 10_000


async def test_A10_what_a_call_did_not_take_is_there_for_the_next(db: Database, shop: str) -> None:
    await allow(db, shop)
    made = [await call(db, shop, MIA, Tokens(90, 10)) for _ in range(100)]
    assert sum(made) == 91  # the last of them could have taken too much
    used = await db.read(usage_of, shop)
    assert used.tokens_in + used.tokens_out == 9_100


async def test_A10_a_visitor_has_a_budget_of_their_own(db: Database, shop: str) -> None:
    await allow(db, shop, tokens_a_visitor=2_000)
    assert [await call(db, shop, MIA) for _ in range(3)] == [True, True, False]
    assert await call(db, shop, NOA)
    assert await call(db, shop, "")  # a summary for agents


async def test_A10_money_is_a_limit_too(db: Database, shop: str) -> None:
    prices = {"price_in": 1_000_000, "price_out": 10_000_000}
    await allow(db, shop, **prices, cost_a_day=3_800)
    assert [await call(db, shop, MIA) for _ in range(3)] == [True, True, False]
    assert (await db.read(usage_of, shop)).cost == 2 * (900 + 1_000)


async def test_A10_costs_are_rounded_up(db: Database, shop: str) -> None:
    await allow(db, shop, price_in=150_000, price_out=600_000)
    await call(db, shop, MIA, Tokens(1, 0))
    assert (await db.read(usage_of, shop)).cost == 1


@pytest.mark.parametrize("later", [budgets.LIFE + 1, DAY])
async def test_A_6_what_a_dead_process_held_is_free_again(
    db: Database, shop: str, later: int
) -> None:
    await allow(db, shop)
    for _ in range(10):
        await db.write(reserve, shop, MIA, CALL)
    assert not await call(db, shop, MIA)

    def reserve_later(work: Work) -> str:
        work.now += later
        return reserve(work, shop, MIA, CALL)

    assert await db.write(reserve_later)


async def test_A10_tomorrow_has_a_budget_of_its_own(db: Database, shop: str) -> None:
    await allow(db, shop)

    def spend_yesterday(work: Work) -> None:
        day = work.now // DAY - 1
        work.add(Usage(workspace_id=shop, day=day, tokens_in=10_000))

    await db.write(spend_yesterday)
    assert await call(db, shop, MIA)
