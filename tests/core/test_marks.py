"""Marks: what is to be read again, once, and not forgotten while it is read."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from core import marks
from core.audit import operator
from core.connections import connect, open_connection
from core.connector import Connection, ConnectionDraft
from core.crypto import Vault
from core.db import Database, Work


class TeaSettings(BaseModel):
    """What the tea shop's connection needs."""

    key: str = "invented"


@pytest.fixture
async def connection(db: Database, shop: str) -> Connection:
    """A connected tea shop."""
    vault = Vault("k" * 48)

    def make(work: Work) -> Connection:
        draft = ConnectionDraft("tea.example", "Tea", "tea", TeaSettings())
        row = connect(work, vault, operator(shop), "teashop", draft)
        return open_connection(row, vault, TeaSettings)

    return await db.write(make)


async def test_S2_a_thing_that_changed_ten_times_is_read_once(
    db: Database, connection: Connection
) -> None:
    for _ in range(10):
        await db.write(marks.mark, connection, "product", ["1", "2", "1"])
    await db.write(marks.mark, connection, "order", ["1"])
    assert await db.read(marks.waiting, connection) == 3
    taken = await db.read(marks.take, connection, "product", 50)
    assert taken == {"1": 10, "2": 10}
    await db.write(marks.clear, connection, "product", taken)
    assert await db.read(marks.take, connection, "product", 50) == {}
    assert await db.read(marks.waiting, connection) == 1


async def test_S2_what_changes_while_it_is_read_is_read_again(
    db: Database, connection: Connection
) -> None:
    await db.write(marks.mark, connection, "product", ["1", "2"])
    taken = await db.read(marks.take, connection, "product", 50)
    await db.write(marks.mark, connection, "product", ["2"])  # meanwhile
    await db.write(marks.clear, connection, "product", taken)
    assert await db.read(marks.take, connection, "product", 50) == {"2": 2}


async def test_S2_the_longest_marked_are_read_first_and_all_can_be_dropped(
    db: Database, connection: Connection
) -> None:
    for name in ("1", "2", "3"):
        await db.write(marks.mark, connection, "product", [name])
    assert list(await db.read(marks.take, connection, "product", 2)) == ["1", "2"]
    await db.write(marks.forget, connection.workspace_id, connection.id)
    assert await db.read(marks.waiting, connection) == 0
