"""`python -m benchmarks webhooks`: signed webhooks taken, stored and answered by the whole hub."""

from __future__ import annotations

import base64
import hmac
import json
import sqlite3
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict
from itertools import count
from pathlib import Path

from benchmarks import cores, machine
from benchmarks.catalog import KEYS, SHOP, Trial, made
from benchmarks.hub_peer import Shops
from benchmarks.numbers import Figures, Ratio, Round
from benchmarks.plan import Plan
from benchmarks.post import closed, paced
from benchmarks.report import Report, column
from benchmarks.server import HOST, Server, free_port
from benchmarks.talk import Wrong

SECRET = KEYS["SHOPIFY_CLIENT_SECRET"]
PATH = "/shopify/webhooks"
CONNECTIONS, RATE = 32, 500
LABELS = {"hub": "Parley: verified, stored, answered", "verify": "limit: verified and answered"}
COLUMNS = {
    "as fast as answered, webhooks/s": column("rate"),
    "p99 ms then": column("closed_p99", "{:.1f}".format),
    "p50 ms at 500/s": column("p50", "{:.1f}".format),
    "p99 ms at 500/s": column("p99", "{:.1f}".format),
}
RATIOS = (
    Ratio("webhooks/s ÷ verify only", "hub", "verify", "≥ 0.5"),
    Ratio("p99 at 500/s ÷ 15 ms", "hub", "target", "≤ 1", "p99"),
)
NOTES = (
    "Orders of 4 kB, each signed and under a name of its own, on 32 connections; the answer "
    "follows the commit (`synchronous=FULL`), while the worker turns them into records beside it. "
    "What was answered must be in the database.",
)


async def run(plan: Plan, say: Callable[[str], None]) -> tuple[Report, str | None]:
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as name:
        folder = Path(name)
        facts = machine.facts(folder)
        rounds = [await one_round(plan, made(folder, n), say) for n in range(plan.rounds)]
    return Report("webhooks", facts, asdict(plan), LABELS, COLUMNS, RATIOS, rounds, NOTES), None


async def one_round(plan: Plan, folder: Path, say: Callable[[str], None]) -> Round:
    figures: Round = {"target": {"p99": 15.0}}
    figures["verify"] = await _verify_only(plan)
    figures["hub"] = await _hub(plan, folder, say)
    say(f"{figures['hub']['rate']:,.0f} webhooks/s, verify only {figures['verify']['rate']:,.0f}")
    return figures


async def _verify_only(plan: Plan) -> Figures:
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.verify_only", str(port), SECRET]
    with Server(command, port) as server:
        await server.answers()
        figures, _ = await _measure(plan, port)
        return figures


async def _hub(plan: Plan, folder: Path, say: Callable[[str], None]) -> Figures:
    small = Plan(1, plan.warm, plan.phase, plan.drain, products=10)
    trial = Trial(small, folder, Shops.made(folder / "shops", 1), say)
    shop_port, port = free_port(), free_port()
    env = trial.env(port, shop_port)
    with Server(trial.shop(shop_port), shop_port, core=cores.LOAD) as shop:
        await trial.connect(env, shop)
        with Server([sys.executable, "-m", "hub", "serve"], port, env=env) as server:
            await server.answers()
            await trial.read(1)
            figures, answered = await _measure(plan, port)
        stored = _stored(folder)
        if stored < answered:
            raise Wrong(f"the hub answered {answered} webhooks and stored {stored}")
        return figures


async def _measure(plan: Plan, port: int) -> tuple[Figures, int]:
    asking = webhooks()
    warm = await closed(port, asking, CONNECTIONS, max(plan.warm, 0.3))
    fast = await closed(port, asking, CONNECTIONS, plan.phase)
    even = await paced(port, asking, CONNECTIONS, RATE, plan.phase)
    figures = {
        "rate": fast.rate,
        "closed_p99": fast.percentile(0.99),
        "p50": even.percentile(0.5),
        "p99": even.percentile(0.99),
    }
    return figures, warm.requests + fast.requests + even.requests


def webhooks() -> Iterator[bytes]:
    """Whole requests: orders that change all the time, each delivery with its own name."""
    for number in count():
        body = json.dumps(_order(number)).encode()
        signature = base64.b64encode(hmac.digest(SECRET.encode(), body, "sha256")).decode()
        yield (
            f"POST {PATH} HTTP/1.1\r\nHost: {HOST}\r\nX-Shopify-Topic: orders/updated\r\n"
            f"X-Shopify-Shop-Domain: {SHOP}.myshopify.com\r\nX-Shopify-API-Version: 2026-10\r\n"
            f"X-Shopify-Webhook-Id: {uuid.uuid4()}\r\nX-Shopify-Event-Id: {uuid.uuid4()}\r\n"
            f"X-Shopify-Hmac-Sha256: {signature}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body


def _order(number: int) -> dict[str, object]:
    price = f"{10 + number % 90}.{number % 100:02}"
    money = {"amount": price, "currency_code": "EUR"}
    line = {"id": 1, "title": "Fern mug, sage", "quantity": 1, "price": price, "note": "x" * 700}
    return {
        "id": 5_500_000_000_000 + number % 2_000,
        "name": f"#{1001 + number % 2_000}",
        "created_at": "2026-11-20T09:00:00+01:00",
        "processed_at": "2026-11-20T09:00:00+01:00",
        "updated_at": f"2026-11-{21 + number // 86_400 % 9:02}T{number // 3_600 % 24:02}:"
        f"{number // 60 % 60:02}:{number % 60:02}+01:00",
        "currency": "EUR",
        "financial_status": "paid" if number % 3 else "pending",
        "fulfillment_status": None,
        "cancelled_at": None,
        "current_total_price": price,
        "current_total_price_set": {"shop_money": money, "presentment_money": money},
        "total_price": price,
        "customer": {"id": 7_400_000_000_000 + number % 500, "first_name": "Rosa"},
        "line_items": [{**line, "id": place} for place in range(4)],
    }


def _stored(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "data" / "parley.db", timeout=5)) as db:
        return int(db.execute("SELECT count(*) FROM inbox").fetchone()[0])
