"""Who takes part in the chat run, and how each is started."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from benchmarks import node
from benchmarks.dialects import Credentials, Dialect, Hub, SocketIO

Pairs = Sequence[tuple[Credentials, Credentials]]


@dataclass(frozen=True, slots=True)
class Peer:
    """A server; each start gets an empty folder of its own."""

    name: str
    label: str
    dialect: ClassVar[Dialect] = Hub()

    def command(self, folder: Path, port: int) -> list[str]:
        raise NotImplementedError

    def env(self, folder: Path, port: int) -> dict[str, str]:
        """What it needs besides our own environment."""
        return {}

    async def credentials(self, port: int, pairs: int) -> Pairs:
        """What each side of each pair says first; by default, who it claims to be."""
        return [
            (Credentials("visitor", n, f"pair-{n}"), Credentials("agent", n, f"pair-{n}"))
            for n in range(pairs)
        ]

    def stored(self, folder: Path) -> int | None:
        """How many messages are in its database; None if it keeps none."""
        return None


class Relay(Peer):
    """The limit of the load generator."""

    def command(self, folder: Path, port: int) -> list[str]:
        return [sys.executable, "-m", "benchmarks.relay", str(port)]


@dataclass(frozen=True, slots=True)
class SocketIOPeer(Peer):
    keeping: str  # none, each, turn: see peers/chat.mjs
    dialect: ClassVar[Dialect] = SocketIO()

    def command(self, folder: Path, port: int) -> list[str]:
        return node.command("chat.mjs", str(port), self.keeping, str(folder / "chat.db"))

    def env(self, folder: Path, port: int) -> dict[str, str]:
        return {"NODE_ENV": "production"}

    def stored(self, folder: Path) -> int | None:
        return None if self.keeping == "none" else rows_in(folder / "chat.db", "message")


def rows_in(database: Path, table: str) -> int:
    with closing(sqlite3.connect(database)) as db:
        return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


RELAY = Relay("relay", "limit: bare uvloop relay, no checks, no store")
EACH = SocketIOPeer("socketio_each", "socket.io + better-sqlite3, a commit per message", "each")
TURN = SocketIOPeer("socketio_turn", "socket.io + better-sqlite3, group commit", "turn")
NO_STORE = SocketIOPeer("socketio_none", "socket.io, no store", "none")
