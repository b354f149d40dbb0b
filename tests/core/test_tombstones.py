"""Tombstones: what is deleted stays deleted, whatever comes late."""

from __future__ import annotations

from sqlalchemy import text

from core import tombstones
from core.db import Database, Work
from core.ids import now_ms


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
