"""The hub under test: the whole product, reached only the way browsers and shops reach it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from benchmarks.chat_peers import Pairs, Peer, rows_in
from benchmarks.dialects import Credentials
from benchmarks.server import HOST

SETTINGS = {"HOST": HOST, "RATE_LIMITS": "off", "LOG_LEVEL": "warning"}
OURS = ("DATA_DIR", "DATABASE_URL", "PORT", "PUBLIC_URL", "REDIS_URL", "SECRET_KEY")


@dataclass(frozen=True, slots=True)
class Shops:
    """A hub's data with one shop per pair, made once and copied for every start."""

    folder: Path
    shops: list[dict[str, str]]

    @classmethod
    def made(cls, folder: Path, count: int) -> Shops:
        folder.mkdir()
        command = [sys.executable, "-m", "benchmarks.seed", str(count)]
        env = clean(os.environ) | {"DATA_DIR": str(folder)}
        said = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, timeout=120)
        return cls(folder, json.loads(said.stdout))

    def env(self, folder: Path, port: int) -> dict[str, str]:
        """Settings for a hub on a fresh copy of this data in `folder`."""
        data = folder / "data"
        shutil.copytree(self.folder, data)
        unset = dict.fromkeys(OURS, "")
        return unset | SETTINGS | {"DATA_DIR": str(data), "PORT": str(port)}


def clean(env: os._Environ[str]) -> dict[str, str]:
    """Without what the caller's own hub is set up with."""
    return {name: value for name, value in env.items() if name not in OURS}


@dataclass(frozen=True, slots=True)
class HubPeer(Peer):
    shops: Shops
    module: tuple[str, ...] = ("hub", "serve")

    def command(self, folder: Path, port: int) -> list[str]:
        return [sys.executable, "-m", *self.module]

    def env(self, folder: Path, port: int) -> dict[str, str]:
        return self.shops.env(folder, port)

    async def credentials(self, port: int, pairs: int) -> Pairs:
        """Each agent signs in by link and gets a ticket; each visitor starts a session."""
        origin = f"http://{HOST}:{port}"
        async with aiohttp.ClientSession(origin, raise_for_status=True) as http:
            entering = [_enter(http, n, self.shops.shops[n], origin) for n in range(pairs)]
            return await asyncio.gather(*entering)

    def stored(self, folder: Path) -> int | None:
        return rows_in(folder / "data" / "parley.db", "messages")


@dataclass(frozen=True, slots=True)
class HubWithoutStore(HubPeer):
    module: tuple[str, ...] = ("benchmarks.no_store",)

    def stored(self, folder: Path) -> int | None:
        return None


async def _enter(
    http: aiohttp.ClientSession, pair: int, shop: dict[str, str], origin: str
) -> tuple[Credentials, Credentials]:
    ours = {"Origin": origin}
    async with http.post(
        "/console/api/session/link", json={"token": shop["link"]}, headers=ours
    ) as answer:
        cookies = {name: morsel.value for name, morsel in answer.cookies.items()}
    async with http.post("/console/api/ticket", headers=ours, cookies=cookies) as answer:
        ticket = (await answer.json())["ticket"]
    async with http.post("/v1/chat/session", json={"widget": shop["app_id"]}) as answer:
        token = (await answer.json())["token"]
    return Credentials("visitor", pair, token), Credentials("agent", pair, ticket)
