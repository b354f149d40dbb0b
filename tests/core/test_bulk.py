"""Finding and writing many rows: every key, each once, through an index and not the whole table."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import bindparam, text, update

from core import bulk, conversations, customers, log, messages, products, records
from core.bulk import ByKeys, execute_many
from core.db import Database, Work, open_database
from core.records import RecordBatch, RecordDraft, save_records
from core.workspaces import create_workspace

ALL = [
    records._known,
    products._digests,
    products._by_ids,
    customers._ids,
    conversations._by_ids,
    messages._already_said,
    log._counters,
]


async def test_a_search_by_keys_reads_an_index_and_not_the_table(sqlite_url: str) -> None:
    """`(a, b) IN (VALUES …)`, the obvious way, reads the whole table on SQLite."""
    db = open_database(sqlite_url)
    await db.start()
    for by_keys in ALL:
        table = by_keys._key[0].table.name
        for size in (1, 2, 1024):
            plan = await db.write(explain, by_keys, size)
            assert not [step for step in plan if step.startswith(f"SCAN {table}")], plan
            assert [step for step in plan if step.startswith(f"SEARCH {table} USING")], plan
    await db.stop()


def explain(work: Work, by_keys: ByKeys, size: int) -> list[str]:
    sql = by_keys._sql(work.connection, size, lock=True)
    nothing = ("",) * (size * len(by_keys._key))
    plan = work.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", nothing)
    return [row.detail for row in plan]


@pytest.fixture
async def shop(db: Database) -> str:
    shop: str = (await db.write(create_workspace, "Tea shop")).id
    drafts = [RecordDraft("order", f"{number:04d}") for number in range(700)]
    await db.batch(save_records, RecordBatch(shop, "api", "42", drafts))
    return shop


def found(work: Work, shop: str, references: Any, *, lock: bool = False) -> list[str]:
    keys = [(shop, "api", "order", reference) for reference in references]
    return [row["reference"] for row in records._known.rows(work.connection, keys, lock=lock)]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 63, 64, 65, 700])
async def test_every_key_is_found_once_and_in_order(db: Database, shop: str, count: int) -> None:
    names = [f"{number:04d}" for number in range(count)]
    asked = [*reversed(names), *names[:2], "none"]
    assert await db.read(found, shop, asked) == names
    assert await db.write(lambda work: found(work, shop, asked, lock=True)) == names


async def test_more_keys_than_one_statement_takes(
    db: Database, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST", 100)
    names = [f"{number:04d}" for number in range(700)]
    assert await db.read(found, shop, names) == names


async def test_hostile_keys_are_only_values(db: Database, shop: str) -> None:
    assert await db.read(found, shop, ["'; DROP TABLE records; --", "%", "?", ":a", "$1"]) == []


async def test_an_update_takes_its_parameters_from_the_row(db: Database, shop: str) -> None:
    table = records._records
    rename = (
        update(table)
        .where(table.c.workspace_id == bindparam("p_workspace_id"))
        .where(table.c.reference == bindparam("p_reference"))
        .values(title=bindparam("p_title"))
    )

    def write(work: Work) -> list[str]:
        rows = [
            {"workspace_id": shop, "reference": "0001", "title": "One", "more": "ignored"},
            {"workspace_id": shop, "reference": "0002", "title": "Two"},
        ]
        execute_many(work.connection, rename, rows)
        execute_many(work.connection, rename, [])
        titles = text("SELECT title FROM records WHERE title <> '' ORDER BY title")
        return list(work.execute(titles).scalars())

    assert await db.write(write) == ["One", "Two"]
