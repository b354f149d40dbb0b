"""`python -m benchmarks chat`: messages a second and their delay, hub and peers in one run."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import chat_report, machine, node, slow_disk
from benchmarks.chat_peers import EACH, NO_STORE, RELAY, TURN, Peer
from benchmarks.chat_report import SLOW, SLOW_LABEL
from benchmarks.hub_peer import HubPeer, HubWithoutStore, Shops
from benchmarks.limits import sqlite_limit
from benchmarks.numbers import Figures, Round
from benchmarks.plan import Plan
from benchmarks.report import Report
from benchmarks.server import Server, free_port
from benchmarks.talk import Heard, Talk, Wrong

ON_SLOW_DISK = ("hub", EACH.name, TURN.name)
SQLITE = {  # the limit of the disk: rows per commit
    "sqlite_1": ("limit: sqlite3 alone, a commit per message", 1),
    "sqlite_100": ("limit: sqlite3 alone, 100 messages a commit", 100),
}

Everyone = dict[str, tuple[Peer, dict[str, str]]]  # and what is added to the environment


async def run(plan: Plan, say: Callable[[str], None]) -> tuple[Report, str]:
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as name:
        folder = Path(name)
        facts = machine.facts(folder)
        say("making a hub with a shop per pair …")
        shops = Shops.made(folder / "shops", plan.pairs)
        everyone = entrants(folder, shops, say)
        rounds = [await one_round(plan, folder, everyone, say) for _ in range(plan.rounds)]
    labels = {
        name: (SLOW_LABEL if name.startswith(SLOW) else "") + peer.label
        for name, (peer, _) in everyone.items()
    }
    labels |= {name: label for name, (label, _) in SQLITE.items()}
    columns, ratios = chat_report.COLUMNS, chat_report.RATIOS
    notes = (f"{plan.pairs} pairs: {chat_report.NOTES[0]}", *chat_report.NOTES[1:])
    report = Report("chat", facts, asdict(plan), labels, columns, ratios, rounds, notes)
    return report, chat_report.picture(report)


def entrants(folder: Path, shops: Shops, say: Callable[[str], None]) -> Everyone:
    """Everyone this machine can run, by name; what is left out is said, loudly."""
    peers: list[Peer] = [
        RELAY,
        HubPeer("hub", "Parley: the whole hub", shops),
        HubWithoutStore(
            "hub_no_store", "Parley without its store", shops, ("benchmarks.no_store",)
        ),
    ]
    try:
        node.ready()
        peers += [NO_STORE, EACH, TURN]
    except node.NoNode as missing:
        say(f"!! {missing}")
    everyone: Everyone = {peer.name: (peer, {}) for peer in peers}
    try:
        slow = slow_disk.built(folder)
        everyone |= {SLOW + p.name: (p, slow) for p in peers if p.name in ON_SLOW_DISK}
    except slow_disk.NoCompiler as missing:
        say(f"!! {missing}")
    return everyone


async def one_round(
    plan: Plan, folder: Path, everyone: Everyone, say: Callable[[str], None]
) -> Round:
    figures = {
        name: {"rate": sqlite_limit(folder, "message", size, plan.phase / 2)}
        for name, (_, size) in SQLITE.items()
    }
    for name, (peer, extra) in everyone.items():
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            figures[name] = await Trial(plan, peer, Path(scratch)).run(extra)
        say(f"{name:20} {figures[name]['rate']:9,.0f} messages/s")
    return figures


@dataclass(frozen=True, slots=True)
class Trial:
    """One peer in one round: started afresh, checked, measured, and its database counted."""

    plan: Plan
    peer: Peer
    folder: Path

    async def run(self, extra: dict[str, str]) -> Figures:
        port = free_port()
        command, env = self.peer.command(self.folder, port), self.peer.env(self.folder, port)
        with Server(command, port, env=env | extra) as server:
            await server.answers()
            talk = Talk(self.peer.dialect, port)
            try:
                await talk.connect(await self.peer.credentials(port, self.plan.pairs))
                figures = await self._phases(talk, server)
                if problems := talk.lost():
                    raise Wrong(f"{self.peer.label}: {problems[:3]}")
            finally:
                talk.close()
        stored = self.peer.stored(self.folder)
        if stored is not None and stored < len(talk.finished):
            raise Wrong(f"{self.peer.label} acknowledged {len(talk.finished)}, stored {stored}")
        return figures

    async def _phases(self, talk: Talk, server: Server) -> Figures:
        plan = self.plan
        sizes = await talk.check()
        await talk.closed(plan.warm, plan.drain)
        served, loaded = server.cpu(), machine.own_cpu()
        closed = await talk.closed(plan.phase, plan.drain)
        served, loaded = server.cpu() - served, machine.own_cpu() - loaded
        paced = await talk.open(plan.phase, plan.rate, plan.drain)
        return {
            "rate": closed.rate,
            "per_cpu_second": closed.messages / served if served else 0.0,
            "server_busy": served / closed.seconds,
            "load_busy": loaded / closed.seconds,
            **delays("", closed),
            **delays("open_", paced),
            "open_rate": paced.rate,
            "open_unfinished": paced.unfinished,
            "memory_mib": server.memory(),
            **{f"{kind}_bytes": size for kind, size in sizes.items()},
        }


def delays(prefix: str, heard: Heard) -> Figures:
    return {f"{prefix}p50": heard.percentile(0.50), f"{prefix}p99": heard.percentile(0.99)}
