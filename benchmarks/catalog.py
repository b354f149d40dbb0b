"""`python -m benchmarks catalog`: whole shops read, saved and searched."""

from __future__ import annotations

import asyncio
import json
import os
import re
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
    "shop": "a Shopify shop: one bulk operation, mapped, saved, indexed",
    "woo": "a WooCommerce shop of a tenth of the size: page by page",
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
    "The shops are the stand-ins on the other core; the time of their own work (the bulk "
    "operation's file, each page of WooCommerce) is in the hub's figure. Memory is what was "
    "resident at once, of the hub's process.",
)


async def run(plan: Plan, say: Callable[[str], None]) -> tuple[Report, str | None]:
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as name:
        folder = Path(name)
        facts = machine.facts(folder)
        rounds = [await one_round(plan, made(folder, n), say) for n in range(plan.rounds)]
    return Report("catalog", facts, asdict(plan), LABELS, COLUMNS, RATIOS, rounds, NOTES), None


def made(folder: Path, name: object) -> Path:
    """A folder of one's own in there."""
    own = folder / str(name)
    own.mkdir()
    return own


async def one_round(plan: Plan, folder: Path, say: Callable[[str], None]) -> Round:
    figures: Round = _limits(folder, plan.products)
    say(f"core alone {figures['core']['new']:,.0f} rows/s")
    for name, platform in PLATFORMS.items():
        own = made(folder, name)
        trial = Trial(plan, own, Shops.made(own / "shops", 1), say, platform)
        figures[name] = await trial.run()
    return figures


def _limits(folder: Path, products: int) -> Round:
    command = [sys.executable, "-m", "benchmarks.catalog_core", str(folder), str(products)]
    with cores.pinned(cores.SERVER):
        said = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=PATIENCE)
    limits: Round = json.loads(said.stdout)
    return limits


class Platform:
    """Shopify's stand-in: how it is started, and what connects a hub to it."""

    name = "shopify"
    share = 1  # of the plan's products

    def command(self, port: int, products: int) -> list[str]:
        """What starts it."""
        id_, secret = KEYS.values()
        keys = ["--client-id", id_, "--client-secret", secret]
        return ["--port", str(port), "--shop", SHOP, "--products", str(products), *keys]

    def env(self, port: int) -> dict[str, str]:
        """What the hub is told of it."""
        return KEYS | {"SHOPIFY_ORIGIN": f"http://{HOST}:{port}"}

    def proof(self, port: int, said: str) -> dict[str, str]:
        """What proves the shop to `hub connect`; `said` is what it printed."""
        id_, secret = KEYS.values()
        return {"shop": f"{SHOP}.myshopify.com", "client_id": id_, "client_secret": secret}


class WooCommerce(Platform):
    """The same of WooCommerce's, whose keys are its own and printed."""

    name = "woocommerce"
    share = 10

    def command(self, port: int, products: int) -> list[str]:
        return ["--port", str(port), "--products", str(products)]

    def env(self, port: int) -> dict[str, str]:
        return {"OUTBOUND_ALLOW": f"{HOST}/32"}

    def proof(self, port: int, said: str) -> dict[str, str]:
        key, secret = re.findall(r"(ck_\w+|cs_\w+)", said)[:2]
        url = f"http://{HOST}:{port}"
        return {"url": url, "consumer_key": key, "consumer_secret": secret}


SHOPIFY = Platform()
PLATFORMS = {"shop": SHOPIFY, "woo": WooCommerce()}


@dataclass(frozen=True, slots=True)
class Trial:
    """A hub and a shop, each on its core: everything read once, and once more."""

    plan: Plan
    folder: Path
    shops: Shops
    say: Callable[[str], None]
    platform: Platform = SHOPIFY

    @property
    def products(self) -> int:
        """How many the shop has."""
        return self.plan.products // self.platform.share

    async def run(self) -> Figures:
        shop_port, port = free_port(), free_port()
        env = self.env(port, shop_port)
        with Server(self.shop(shop_port), shop_port, core=cores.LOAD) as shop:
            await self.connect(env, shop)
            with Server([sys.executable, "-m", "hub", "serve"], port, env=env) as hub:
                await hub.answers()
                before = hub.memory()
                first = await self._first_product()
                new = await self.read(1)
                peak = hub.peak()
            self.hub(env, "sync", "--full")
            with Server([sys.executable, "-m", "hub", "serve"], port, env=env) as hub:
                again = await self.read(2)
        self.say(
            f"{self.platform.name} {new:,.0f} rows/s, again {again:,.0f}, {peak:.0f} MiB at most"
        )
        return {
            "new": new,
            "unchanged": again,
            "first_s": first,
            "before_mib": before,
            "peak_mib": peak,
        }

    def shop(self, port: int) -> list[str]:
        """The command that is the shop."""
        asked = self.platform.command(port, self.products)
        return [sys.executable, "-u", "-m", "hub", "sandbox", self.platform.name, *asked]

    def env(self, port: int, shop_port: int) -> dict[str, str]:
        """The hub's settings."""
        return self.shops.env(self.folder, port) | self.platform.env(shop_port)

    async def connect(self, env: dict[str, str], shop: Server) -> None:
        """Connect the hub to the shop, once that answers."""
        await shop.answers()
        await asyncio.sleep(0.5)  # and has said how
        values = self.platform.proof(shop.port, shop.last_words())
        given = [part for name, value in values.items() for part in ("--set", f"{name}={value}")]
        self.hub(env, "connect", self.platform.name, *given)

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
        if state != "done" or done < 0.9 * self.products:  # some shops keep a few to themselves
            raise Wrong(f"the read ended {state} after {done} of {self.products} products")
        return float(done / ((ended - began) / 1000))

    def _asked(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.folder / "data" / "parley.db", timeout=5)) as db:
            return db.execute(query).fetchall()

    def _within(self, started: float) -> None:
        if time.perf_counter() - started > PATIENCE:
            raise Wrong("the shop was not read in time")
