"""Saves and searches products through the hub's core, and the same through bare SQLite.

`python -m benchmarks.catalog_core FOLDER PRODUCTS` prints the figures as JSON.
"""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.raw_sqlite import opened
from core import migrations
from core.db import Database, open_database
from core.full_text import to_words
from core.products import ProductBatch, ProductDraft, save_products, search_products
from core.workspaces import create_workspace

BATCH = 200
SEARCHES = 1_000
COLOURS = [
    "red",
    "green",
    "blue",
    "amber",
    "ivory",
    "black",
    "rust",
    "moss",
    "sage",
    "plum",
    "sand",
    "slate",
]
THINGS = [
    "mug",
    "bowl",
    "teapot",
    "plate",
    "jacket",
    "apron",
    "socks",
    "candle",
    "vase",
    "lamp",
    "blanket",
    "cushion",
]
MATERIALS = [
    "stoneware",
    "porcelain",
    "linen",
    "wool",
    "cotton",
    "oak",
    "brass",
    "glass",
    "cork",
    "leather",
]

BARE = """CREATE VIRTUAL TABLE product USING fts5(title, more, tokenize = 'ascii')"""
FIND = "SELECT rowid FROM product WHERE product MATCH ? ORDER BY bm25(product, 8.0, 1.0) LIMIT 20"


def drafts(count: int, price: int = 0) -> Iterator[ProductDraft]:
    """The same products every time; another price makes every one of them changed."""
    dice = random.Random(7)
    for number in range(count):
        colour, thing, of = dice.choice(COLOURS), dice.choice(THINGS), dice.choice(MATERIALS)
        yield ProductDraft(
            str(9_000_000_000_000 + number),
            title=f"{colour.title()} {of} {thing} {number % 997}",
            description=f"A {thing} of {of}, {colour} and made to be used every day. " * 3,
            price=1_999 + price + number % 5_000,
            currency="EUR",
            url=f"https://shop.example/products/{number}",
            image_url=f"https://cdn.example/{number}.jpg",
            available=number % 9 != 0,
            data={"sku": f"SKU-{number:06}", "tags": [colour, of, thing], "vendor": "Kestrel"},
        )


def queries() -> list[str]:
    dice = random.Random(11)
    return [f"{dice.choice(COLOURS)} {dice.choice(THINGS)}" for _ in range(SEARCHES)]


async def save(db: Database, workspace_id: str, products: Iterator[ProductDraft]) -> float:
    """Rows a second; making the drafts is not counted."""
    took, rows = 0.0, 0
    for some in batched_of(products):
        started = time.perf_counter()
        await db.batch(save_products, ProductBatch(workspace_id, "bench:shop", some))
        took += time.perf_counter() - started
        rows += len(some)
    return rows / took


def batched_of(products: Iterator[ProductDraft]) -> Iterator[list[ProductDraft]]:
    some: list[ProductDraft] = []
    for product in products:
        some.append(product)
        if len(some) == BATCH:
            yield some
            some = []
    if some:
        yield some


async def core_figures(folder: Path, count: int) -> dict[str, float]:
    url = f"sqlite:///{folder / 'core.db'}"
    await migrations.upgrade(url)
    db = open_database(url)
    await db.start()
    shop = (await db.write(create_workspace, "Bench")).id
    figures = {
        "new": await save(db, shop, drafts(count)),
        "unchanged": await save(db, shop, drafts(count)),
        "changed": await save(db, shop, drafts(count, price=1)),
    }
    delays = []
    for words in queries():
        started = time.perf_counter()
        await db.read(search_products, shop, words)
        delays.append(time.perf_counter() - started)
    await db.stop()
    return figures | {"search_p99": p99(delays)}


def bare_figures(folder: Path, count: int) -> dict[str, float]:
    """The least that keeping and finding these words takes: FTS5 alone."""
    db = opened(str(folder / "bare.db"), BARE)
    took = 0.0
    for some in batched_of(drafts(count)):
        rows = [(to_words(one.title or ""), to_words(one.description or "")) for one in some]
        started = time.perf_counter()
        db.execute("BEGIN IMMEDIATE")
        db.executemany("INSERT INTO product VALUES (?, ?)", rows)
        db.execute("COMMIT")
        took += time.perf_counter() - started
    return {
        "new": count / took,
        "search_p99": p99(timed(lambda words: found(db, words), queries())),
    }


def found(db: sqlite3.Connection, words: str) -> list[tuple[int]]:
    return db.execute(FIND, (" ".join(f'"{word}"' for word in words.split()),)).fetchall()


def timed(act: Callable[[str], object], inputs: list[str]) -> list[float]:
    delays = []
    for one in inputs:
        started = time.perf_counter()
        act(one)
        delays.append(time.perf_counter() - started)
    return delays


def p99(delays: list[float]) -> float:
    return sorted(delays)[int(len(delays) * 0.99)] * 1000


def main(folder: str, count: str) -> None:
    where = Path(folder)
    core = asyncio.run(core_figures(where, int(count)))
    print(json.dumps({"core": core, "bare": bare_figures(where, int(count))}))


if __name__ == "__main__":
    main(*sys.argv[1:])
