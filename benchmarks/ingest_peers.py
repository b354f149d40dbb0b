"""Who takes part in the ingest run, and how each is started."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks import node
from benchmarks.chat_peers import rows_in
from benchmarks.hub_peer import Shops

KEY = "wgk_benchbenchbenchbenchbench"


@dataclass(frozen=True, slots=True)
class Peer:
    """A server that takes batches of records; each start gets an empty folder of its own."""

    name: str
    label: str

    def command(self, folder: Path, port: int) -> list[str]:
        raise NotImplementedError

    def env(self, folder: Path, port: int) -> dict[str, str]:
        return {}

    async def key(self, port: int, folder: Path) -> str:
        """The bearer key with the scope `records`."""
        return KEY

    def stored(self, folder: Path) -> int | None:
        """How many records are in its database; None if it keeps none."""
        return None


class Sink(Peer):
    def command(self, folder: Path, port: int) -> list[str]:
        return [sys.executable, "-m", "benchmarks.sink", str(port)]


@dataclass(frozen=True, slots=True)
class Fastify(Peer):
    committing: str  # each, turn: see peers/ingest.mjs

    def command(self, folder: Path, port: int) -> list[str]:
        database = str(folder / "ingest.db")
        return node.command("ingest.mjs", str(port), self.committing, database, KEY)

    def env(self, folder: Path, port: int) -> dict[str, str]:
        return {"NODE_ENV": "production"}

    def stored(self, folder: Path) -> int | None:
        return rows_in(folder / "ingest.db", "record")


@dataclass(frozen=True, slots=True)
class HubPeer(Peer):
    shops: Shops

    def command(self, folder: Path, port: int) -> list[str]:
        return [sys.executable, "-m", "hub", "serve"]

    def env(self, folder: Path, port: int) -> dict[str, str]:
        return self.shops.env(folder, port)

    async def key(self, port: int, folder: Path) -> str:
        return self.shops.shops[0]["key"]

    def stored(self, folder: Path) -> int | None:
        return rows_in(folder / "data" / "parley.db", "records")


SINK = Sink("sink", "limit: bare uvloop server, reads and forgets")
EACH = Fastify("fastify_each", "fastify + better-sqlite3, a commit per request", "each")
TURN = Fastify("fastify_turn", "fastify + better-sqlite3, group commit", "turn")
