"""The limit of the disk and of SQLite: the same rows through Python's sqlite3, and nothing else.

`python -m benchmarks.raw_sqlite message|record-… DATABASE SECONDS ROWS_PER_COMMIT` prints rows/s.
"""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from itertools import count

from benchmarks.dialects import TEXT

MESSAGE = """CREATE TABLE message (
    id TEXT NOT NULL, conversation TEXT NOT NULL, seq INTEGER NOT NULL, author_kind TEXT NOT NULL,
    author_id TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (conversation, id), UNIQUE (conversation, seq)) WITHOUT ROWID"""
SAY = "INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
RECORD = """CREATE TABLE record (
    customer_id INTEGER NOT NULL, kind TEXT NOT NULL, reference TEXT NOT NULL,
    title TEXT NOT NULL, amount_minor INTEGER, currency TEXT, status TEXT NOT NULL,
    tone TEXT NOT NULL, url TEXT NOT NULL, occurred_at TEXT NOT NULL, updated_at TEXT NOT NULL,
    UNIQUE (customer_id, kind, reference))"""
UPSERT = """INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (customer_id, kind, reference) DO UPDATE SET title = excluded.title,
        amount_minor = excluded.amount_minor, currency = excluded.currency,
        status = excluded.status, tone = excluded.tone, url = excluded.url,
        occurred_at = excluded.occurred_at, updated_at = excluded.updated_at"""

Rows = Sequence[tuple[object, ...]]
AT = "2026-01-01T00:00:00.000000Z"


def opened(path: str, schema: str) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute(schema)
    return db


def messages(first: int, size: int) -> Rows:
    return [
        (f"bm-{n:09d}", f"bench-{n % 100:04d}", n, "visitor", "vis_1", "text", TEXT, AT)
        for n in range(first, first + size)
    ]


def records(first: int, size: int) -> Rows:
    return [
        (
            first // 100 % 1000,
            "order",
            f"ORD-{n:08d}",
            f"Order #{n:08d}",
            9664,
            "EUR",
            "processing",
            "info",
            f"https://shop.example/account/orders/{n:08d}",
            AT,
            AT,
        )
        for n in range(first, first + size)
    ]


Maker = Callable[[int, int], Rows]


def rate(db: sqlite3.Connection, insert: str, rows: Maker, seconds: float, size: int) -> float:
    """Rows a second, `size` of them per commit; making the rows is not counted."""
    took, done = 0.0, 0
    for turn in count():
        batch = rows(turn * size, size)
        start = time.perf_counter()
        db.execute("BEGIN IMMEDIATE")
        db.executemany(insert, batch)
        db.execute("COMMIT")
        took += time.perf_counter() - start
        done += size
        if took >= seconds:
            break
    return done / took


KINDS = {"message": (MESSAGE, SAY, messages), "record": (RECORD, UPSERT, records)}


def main(kind: str, path: str, seconds: str, size: str) -> None:
    schema, statement, rows = KINDS[kind]
    print(rate(opened(path, schema), statement, rows, float(seconds), int(size)))


if __name__ == "__main__":
    main(*sys.argv[1:])
