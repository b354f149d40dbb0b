"""`python -m benchmarks ingest`: batches of records over HTTP, hub and peers in one run."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from benchmarks import ingest_report, machine, node, orders
from benchmarks.hub_peer import Shops
from benchmarks.ingest_peers import EACH, SINK, TURN, HubPeer, Peer
from benchmarks.limits import sqlite_limit
from benchmarks.numbers import Figures, Round
from benchmarks.plan import Plan
from benchmarks.post import Posted, closed, requests
from benchmarks.report import Report
from benchmarks.server import Server, free_port
from benchmarks.talk import Wrong

BATCH, CONNECTIONS, MANY = 100, 8, 64
KNOWN = 100  # batches posted again and again
SQLITE = {
    "sqlite_100": ("limit: sqlite3 executemany alone, 100 rows a commit", "new", 100),
    "sqlite_1": ("limit: sqlite3 alone, a commit per row", "single", 1),
}


async def run(plan: Plan, say: Callable[[str], None]) -> tuple[Report, str]:
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as name:
        folder = Path(name)
        facts = machine.facts(folder)
        peers = entrants(Shops.made(folder / "shops", 1), say)
        rounds = [await one_round(plan, folder, peers, say) for _ in range(plan.rounds)]
    labels = {peer.name: peer.label for peer in peers}
    labels |= {name: label for name, (label, _, _) in SQLITE.items()}
    columns, ratios, notes = ingest_report.COLUMNS, ingest_report.RATIOS, ingest_report.NOTES
    report = Report("ingest", facts, asdict(plan), labels, columns, ratios, rounds, notes)
    return report, ingest_report.picture(report)


def entrants(shops: Shops, say: Callable[[str], None]) -> list[Peer]:
    peers: list[Peer] = [SINK, HubPeer("hub", "Parley: the whole hub", shops)]
    try:
        node.ready()
        peers += [EACH, TURN]
    except node.NoNode as missing:
        say(f"!! {missing}")
    return peers


async def one_round(
    plan: Plan, folder: Path, peers: list[Peer], say: Callable[[str], None]
) -> Round:
    figures = {
        name: {phase: sqlite_limit(folder, "record", size, plan.phase / 2)}
        for name, (_, phase, size) in SQLITE.items()
    }
    for peer in peers:
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            figures[peer.name] = await Trial(plan, peer, Path(scratch)).run()
        say(f"{peer.name:20} {figures[peer.name]['new']:9,.0f} new rows/s")
    return figures


@dataclass(frozen=True, slots=True)
class Trial:
    """One peer in one round: started afresh, measured, and its database counted."""

    plan: Plan
    peer: Peer
    folder: Path

    async def run(self) -> Figures:
        port = free_port()
        command, env = self.peer.command(self.folder, port), self.peer.env(self.folder, port)
        with Server(command, port, env=env) as server:
            await server.answers()
            key = await self.peer.key(port, self.folder)
            figures, posted = await self._phases(server, key)
        stored = self.peer.stored(self.folder)
        if stored is not None and stored < posted:
            raise Wrong(f"{self.peer.label} took {posted} records and stored {stored}")
        return figures

    async def _phases(self, server: Server, key: str) -> tuple[Figures, int]:
        async def post(bodies: Iterator[bytes], connections: int, seconds: float) -> Posted:
            asking = requests(orders.PATH, key, bodies)
            return await closed(server.port, asking, connections, seconds)

        plan = self.plan
        await post(islice(orders.fresh(0, BATCH), KNOWN), CONNECTIONS, 20)
        await post(orders.again(KNOWN, BATCH), CONNECTIONS, plan.warm)
        served, loaded = server.cpu(), machine.own_cpu()
        new = await post(orders.fresh(KNOWN, BATCH), CONNECTIONS, plan.phase)
        served, loaded = server.cpu() - served, machine.own_cpu() - loaded
        unchanged = await post(orders.again(KNOWN, BATCH), CONNECTIONS, plan.phase)
        changed = await post(orders.changed(KNOWN, BATCH), CONNECTIONS, plan.phase)
        single = await post(orders.fresh(0, 1), MANY, plan.phase)
        figures = {
            "new": new.rate * BATCH,
            "unchanged": unchanged.rate * BATCH,
            "changed": changed.rate * BATCH,
            "single": single.rate,
            "new_p99": new.percentile(0.99),
            "single_p99": single.percentile(0.99),
            "new_requests": new.rate,
            "new_server_busy": served / new.seconds,
            "new_load_busy": loaded / new.seconds,
            "memory_mib": server.memory(),
        }
        return figures, (KNOWN + new.requests) * BATCH + single.requests
