"""`python -m benchmarks start`: how soon the hub answers, and what it and idle sockets take."""

from __future__ import annotations

import asyncio
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

import aiohttp

from benchmarks import chat_peers, machine, node
from benchmarks.chat_peers import Peer
from benchmarks.dialects import Credentials
from benchmarks.hub_peer import HubPeer, Shops
from benchmarks.numbers import Figures, Ratio, Round
from benchmarks.plan import Plan
from benchmarks.report import Report, column, medians
from benchmarks.server import HOST, Server, free_port
from benchmarks.talk import Talk, Wrong

SESSIONS_AT_ONCE = 32
SETTLE = 1.0  # seconds after connecting until memory is read
CALM = 1.0  # and after the start, until it is idle

COLUMNS = {
    "first start to /healthz, s": column("first_s", "{:.2f}".format),
    "start to /healthz, s": column("again_s", "{:.2f}".format),
    "MiB then": column("memory_mib"),
    "KiB per idle socket": column("idle_kib", "{:.1f}".format),
    "sockets": medians("sockets", write="{:,.0f}"),
    "connects/s": column("connects"),
}
RATIOS = (
    Ratio("idle socket ÷ 25 KiB", "hub", "target", "≤ 1", "idle_kib"),
    Ratio("start to /healthz ÷ 2 s", "hub", "target", "≤ 1", "again_s"),
    Ratio("memory after the start ÷ 120 MiB", "hub", "target", "≤ 1", "memory_mib"),
)
TARGET: Figures = {"idle_kib": 25.0, "again_s": 2.0, "memory_mib": 120.0}
NOTES = (
    "Memory is the proportional set size. An idle socket is a visitor who has said hello and "
    "waits. The first start also makes the database.",
)


async def run(plan: Plan, say: Callable[[str], None]) -> tuple[Report, str | None]:
    allow_many_files()
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as name:
        folder = Path(name)
        facts = machine.facts(folder)
        peers: list[Peer] = [HubPeer("hub", "Parley", Shops.made(folder / "shops", 1))]
        try:
            node.ready()
            peers.append(chat_peers.NO_STORE)
        except node.NoNode as missing:
            say(f"!! {missing}")
        rounds = [await one_round(plan, folder, peers, say) for _ in range(plan.rounds)]
    labels = {peer.name: peer.label for peer in peers}
    return Report("start", facts, asdict(plan), labels, COLUMNS, RATIOS, rounds, NOTES), None


def allow_many_files() -> None:
    """As many open sockets as the system lets us have; servers inherit it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def one_round(
    plan: Plan, folder: Path, peers: list[Peer], say: Callable[[str], None]
) -> Round:
    figures: Round = {"target": TARGET}
    for peer in peers:
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            figures[peer.name] = await Trial(plan, peer, Path(scratch)).run()
        told = figures[peer.name]
        say(f"{peer.name:20} {told['again_s']:.2f} s, {told['idle_kib']:.1f} KiB a socket")
    return figures


@dataclass(frozen=True, slots=True)
class Trial:
    """One peer in one round."""

    plan: Plan
    peer: Peer
    folder: Path

    async def run(self) -> Figures:
        port = free_port()
        command, env = self.peer.command(self.folder, port), self.peer.env(self.folder, port)
        figures: Figures = {}
        if isinstance(self.peer, HubPeer):
            empty = {"DATA_DIR": str(self.folder / "empty")}
            with Server(command, port, env=env | empty) as server:
                figures["first_s"] = await healthy(server)
        with Server(command, port, env=env) as server:
            figures["again_s"] = await healthy(server)
            await asyncio.sleep(CALM)
            figures["memory_mib"] = server.memory()
            return figures | await self._idle(server)

    async def _idle(self, server: Server) -> Figures:
        """Open the sockets, let them be, and see what they take."""
        who = await self._credentials(server.port)
        before = server.memory()
        talk = Talk(self.peer.dialect, server.port)
        started = time.perf_counter()
        try:
            sockets = await talk.join(who)
            took = time.perf_counter() - started
            await asyncio.sleep(SETTLE)
            if lost := [socket.lost for socket in sockets if socket.lost]:
                raise Wrong(f"{self.peer.label} lost {len(lost)} idle sockets: {lost[:3]}")
            grown = (server.memory() - before) * 1024
        finally:
            talk.close()
        return {"idle_kib": grown / len(who), "sockets": len(who), "connects": len(who) / took}

    async def _credentials(self, port: int) -> list[Credentials]:
        sockets = self.plan.sockets
        if not isinstance(self.peer, HubPeer):
            return [visitor for visitor, _ in await self.peer.credentials(port, sockets)]
        widget = {"widget": self.peer.shops.shops[0]["app_id"]}
        tokens: list[Credentials] = []
        numbers = count()
        async with aiohttp.ClientSession(f"http://{HOST}:{port}", raise_for_status=True) as http:

            async def start() -> None:
                while (number := next(numbers)) < sockets:
                    async with http.post("/v1/chat/session", json=widget) as answer:
                        token = (await answer.json())["token"]
                    tokens.append(Credentials("visitor", number, token))

            await asyncio.gather(*[start() for _ in range(SESSIONS_AT_ONCE)])
        return tokens


async def healthy(server: Server) -> float:
    """The seconds from the start to a 200 from /healthz."""
    async with aiohttp.ClientSession() as http:
        while True:
            await server.answers()
            try:
                async with http.get(f"http://{HOST}:{server.port}/healthz") as answer:
                    if answer.status == 200:
                        return time.perf_counter() - server.started
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.005)
