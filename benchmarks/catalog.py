"""`python -m benchmarks catalog`: a whole shop read by one bulk operation, saved and searched."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import cores, machine
from benchmarks.hub_peer import Shops, clean
from benchmarks.numbers import Figures, Ratio, Round
from benchmarks.plan import Plan
from benchmarks.report import Report, column, medians
from benchmarks.server import HOST, Server, free_port
from benchmarks.talk import Wrong

SHOP = "bench"
KEYS = {"SHOPIFY_CLIENT_ID": "bench-client-id", "SHOPIFY_CLIENT_SECRET": "bench-client-secret"}
PATIENCE = 900.0  # seconds for one read of everything
FULL_READ = "SELECT state, started_at, ended_at, done, changed FROM sync_runs WHERE kind = 'full'"
LABELS = {
    "shop": "everything from the shop: bulk operation, mapped, saved, indexed",
    "core": "limit: the hub's core alone, 200 products a commit",
    "bare": "limit: SQLite FTS5 alone, 200 rows a commit",
}
COLUMNS = {
    "new, rows/s": column("new"),
    "again, unchanged: rows/s": column("unchanged"),
    "again, changed: rows/s": column("changed"),
    "first product found after, s": column("first_s", "{:.1f}".format),
    "search p99, ms": column("search_p99", "{:.2f}".format),
    "MiB before / at most": medians("before_mib", "peak_mib", write="{:.0f}"),
}
RATIOS = (
    Ratio("new ÷ FTS5 alone", "shop", "bare", "", "new"),
    Ratio("core: unchanged ÷ changed", "core", "core", "≥ 50", "unchanged", "changed"),
    Ratio("search p99 ÷ FTS5 alone", "core", "bare", "≤ 1.5", "search_p99"),
)
NOTES = (
    "The shop is the stand-in on the other core: it runs the bulk operation, writes the JSON "
    "lines and serves them; the time of its own work is in the hub's figure. Memory is what was "
    "resident at once, of the hub's process.",
)


async def run(plan: Plan, say: Callable[[str], None]) -> tuple[Report, str | None]:
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as name:
        folder = Path(name)
        facts = machine.facts(folder)
        rounds = [await one_round(plan, made(folder, n), say) for n in range(plan.rounds)]
    return Report("catalog", facts, asdict(plan), LABELS, COLUMNS, RATIOS, rounds, NOTES), None


def made(folder: Path, number: int) -> Path:
    """A round's own folder."""
    own = folder / str(number)
    own.mkdir()
    return own


async def one_round(plan: Plan, folder: Path, say: Callable[[str], None]) -> Round:
    figures: Round = _limits(folder, plan.products)
    say(f"core alone {figures['core']['new']:,.0f} rows/s")
    figures["shop"] = await Trial(plan, folder, Shops.made(folder / "shops", 1), say).run()
    return figures


def _limits(folder: Path, products: int) -> Round:
    command = [sys.executable, "-m", "benchmarks.catalog_core", str(folder), str(products)]
    with cores.pinned(cores.SERVER):
        said = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=PATIENCE)
    limits: Round = json.loads(said.stdout)
    return limits


@dataclass(frozen=True, slots=True)
class Trial:
    """A hub and a shop, each on its core: everything read once, and once more."""

    plan: Plan
    folder: Path
    shops: Shops
    say: Callable[[str], None]

    async def run(self) -> Figures:
        shop_port, port = free_port(), free_port()
        env = self.shops.env(self.folder, port) | KEYS
        env["SHOPIFY_ORIGIN"] = f"http://{HOST}:{shop_port}"
        with Server(self.shop(shop_port), shop_port, core=cores.LOAD) as shop:
            await shop.answers()
            self.hub(env, "connect", "shopify", *self.proof())
            with Server([sys.executable, "-m", "hub", "serve"], port, env=env) as hub:
                await hub.answers()
                before = hub.memory()
                first = await self._first_product()
                new = await self.read(1)
                peak = hub.peak()
            self.hub(env, "sync", "--full")
            with Server([sys.executable, "-m", "hub", "serve"], port, env=env) as hub:
                again = await self.read(2)
        self.say(f"shop {new:,.0f} rows/s, again {again:,.0f}, {peak:.0f} MiB at most")
        return {
            "new": new,
            "unchanged": again,
            "first_s": first,
            "before_mib": before,
            "peak_mib": peak,
        }

    def shop(self, port: int) -> list[str]:
        """The command that is the shop."""
        asked = ["--port", str(port), "--shop", SHOP, "--products", str(self.plan.products)]
        id_, secret = KEYS.values()
        keys = ["--client-id", id_, "--client-secret", secret]
        return [sys.executable, "-m", "hub", "sandbox", "shopify", *asked, *keys]

    def proof(self) -> list[str]:
        """What proves the shop to `hub connect`."""
        values = {"shop": f"{SHOP}.myshopify.com", "client_id": KEYS["SHOPIFY_CLIENT_ID"]}
        values["client_secret"] = KEYS["SHOPIFY_CLIENT_SECRET"]
        return [part for name, value in values.items() for part in ("--set", f"{name}={value}")]

    def hub(self, env: dict[str, str], *command: str) -> None:
        """Run a command of the hub to its end."""
        subprocess.run(
            [sys.executable, "-m", "hub", *command],
            env=clean(os.environ) | env,
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=120,
        )

    async def _first_product(self) -> float:
        """The seconds until a first product is there to be found."""
        started = time.perf_counter()
        while not self._asked("SELECT 1 FROM products LIMIT 1"):
            await asyncio.sleep(0.02)
            self._within(started)
        return time.perf_counter() - started

    async def read(self, count: int) -> float:
        """Rows a second of the newest full read, once `count` of them have ended."""
        started = time.perf_counter()
        while True:
            runs = self._asked(f"{FULL_READ} ORDER BY started_at")
            if len(runs) >= count and runs[-1][0] != "running":
                break
            await asyncio.sleep(0.25)
            self._within(started)
        state, began, ended, done, _ = runs[-1]
        if state != "done" or done < self.plan.products:
            raise Wrong(f"the read ended {state} after {done} of {self.plan.products} products")
        return float(self.plan.products / ((ended - began) / 1000))

    def _asked(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.folder / "data" / "parley.db", timeout=5)) as db:
            return db.execute(query).fetchall()

    def _within(self, started: float) -> None:
        if time.perf_counter() - started > PATIENCE:
            raise Wrong("the shop was not read in time")
