"""Tombstones: what is deleted stays deleted, whatever comes late."""

from __future__ import annotations

import asyncio

from sqlalchemy import func, select, text
from sqlalchemy.util import await_only

from core import tombstones
from core.customers import Customer, CustomerDraft, customer_by_external_id, save_customer
from core.db import Database, Work, table_of
from core.ids import now_ms
from core.privacy import erase_customer, erase_records
from core.records import RecordBatch, RecordDraft, RecordRow, save_records
from core.tombstones import buried_by_now, bury
from core.workspaces import create_workspace
from tests.conftest import PostgresServer
from tests.databases import started

SOURCE = "tea:a"


async def test_D_3_what_is_older_than_the_deletion_is_known_as_such(
    db: Database, shop: str
) -> None:
    await db.write(tombstones.bury, shop, "tea:a", "order", ["1", "2", "1"], 5_000)
    found = await db.read(tombstones.buried, shop, "tea:a", "order", ["1", "3"])
    assert found == {"1": 5_000}
    assert await db.read(tombstones.buried, shop, "tea:b", "order", ["1"]) == {}
    assert await db.read(tombstones.buried, shop, "tea:a", "customer", ["1"]) == {}
    await db.write(tombstones.bury, shop, "tea:a", "order", ["1"], 4_000)
    assert await db.read(tombstones.buried, shop, "tea:a", "order", ["1"]) == {"1": 5_000}
    await db.write(tombstones.bury, shop, "tea:a", "order", ["1"], 6_000)
    assert await db.read(tombstones.buried, shop, "tea:a", "order", ["1"]) == {"1": 6_000}


async def test_D_3_a_tombstone_does_not_name_what_is_gone(db: Database, shop: str) -> None:
    await db.write(tombstones.bury, shop, "tea:a", "customer", ["7412345678901"])

    def everything(work: Work) -> str:
        return repr(work.execute(text("SELECT * FROM tombstones")).all())

    assert "7412345678901" not in await db.read(everything)


async def test_D_3_old_tombstones_go(db: Database, shop: str) -> None:
    await db.write(tombstones.bury, shop, "tea:a", "order", ["1"])
    assert await db.write(tombstones.trim) == 0

    def age(work: Work) -> None:
        old = now_ms() - tombstones.KEPT - 1
        work.execute(text("UPDATE tombstones SET buried_at = :old"), {"old": old})

    await db.write(age)
    assert await db.write(tombstones.trim) == 1
    assert await db.read(tombstones.buried, shop, "tea:a", "order", ["1"]) == {}


async def test_D_3_a_webhook_worked_on_during_an_erasure_brings_nobody_back(
    postgres: PostgresServer,
) -> None:
    rosa = CustomerDraft("7412", {"name": "Rosa"}, {})
    pot = RecordDraft(kind="order", reference="1001", title="Order #1001")

    def save(work: Work, shop: str) -> None:
        if not buried_by_now(work, shop, SOURCE, "customer", ["7412"]):
            save_customer(work, shop, SOURCE, rosa)
        if not buried_by_now(work, shop, SOURCE, "order", ["1001"]):
            save_records(work, [RecordBatch(shop, SOURCE, "", [pot])])

    def left(work: Work, shop: str) -> tuple[int, int]:
        tables = (table_of(Customer), table_of(RecordRow))
        customers, orders = (
            work.execute(select(func.count()).select_from(one)).scalar_one() for one in tables
        )
        return int(customers), int(orders)

    with postgres.database() as url:
        async with started(url) as db:
            shop = (await db.write(create_workspace, "Tea shop")).id
            await db.write(save, shop)
            assert await db.read(left, shop) == (1, 1)
            late: list[asyncio.Task[None]] = []

            def erase(work: Work) -> None:
                row = customer_by_external_id(work, shop, SOURCE, "7412")
                assert row is not None
                erase_customer(work, shop, row.id)
                erase_records(work, shop, SOURCE, ["1001"])
                bury(work, shop, SOURCE, "order", ["1001"])
                late.append(asyncio.create_task(db.write(save, shop)))
                await_only(asyncio.sleep(0.5))  # it has looked, and waits for our commit

            await db.write(erase)
            await late[0]
            assert await db.read(left, shop) == (0, 0)
