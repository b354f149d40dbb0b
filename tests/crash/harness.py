"""The harness: a hub that is killed at random under load, and the verdict afterwards."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import sqlite3
import sys
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import msgspec

from tests.crash.clients import Poster, Talker

PAIRS = 3
STARTING = 20.0  # seconds a start may take


@dataclass
class Verdict:
    """What was found wrong; nothing, for a sound hub."""

    kills: int = 0
    acked: int = 0
    recorded: int = 0
    problems: list[str] = field(default_factory=list)


class Crash:
    """One hub on one data folder, with clients that talk to it through every crash."""

    def __init__(self, folder: Path, launcher: str = "tests.crash.nursery") -> None:
        self.folder = folder
        self._launcher = launcher
        self._port = _free_port()
        self._base = f"http://127.0.0.1:{self._port}"
        self._console = httpx.AsyncClient(base_url=self._base, timeout=5, verify=False)
        self._nursery: asyncio.subprocess.Process | None = None
        self._server = 0  # the hub's process id
        self._ended: asyncio.Task[bytes] | None = None  # done when the hub is gone
        self._tasks: list[asyncio.Task[None]] = []
        self.talkers: list[Talker] = []
        self.posters: list[Poster] = []

    async def run(self, kills: int, seed: int) -> Verdict:
        """Kill the hub `kills` times under load, then say what is lost, twice or missing."""
        chance = random.Random(seed)  # the same moments in every run
        await self._prepare()
        try:
            await self._start()
            await self._open_clients()
            for _ in range(kills):
                await self._talk(chance)
                await self._kill()
                await self._start()
            await self._settle()
        finally:
            await self._close()
        return self._judge(kills)

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DATA_DIR": str(self.folder),
            "PORT": str(self._port),
            "RATE_LIMITS": "off",
            "LOG_LEVEL": "error",
        }

    async def _python(self, *arguments: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", *arguments),
            env=self._environment(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )

    async def _prepare(self) -> None:
        process = await self._python(
            "hub", "init", "--workspace", "Crash", "--email", "c@crash.example",
            "--password", "never-the-same-again", "--json", "--no-assistant",
        )  # fmt: skip
        out, _ = await process.communicate()
        self.shop: dict[str, Any] = msgspec.json.decode(out)
        self._nursery = await self._python(self._launcher)

    async def _start(self) -> None:
        assert self._nursery and self._nursery.stdin and self._nursery.stdout
        self._nursery.stdin.write(b"another\n")
        async with asyncio.timeout(STARTING):
            self._server = int(await self._nursery.stdout.readline())
            self._ended = asyncio.create_task(self._nursery.stdout.readline())
            while (await self._probe()) != 200:
                assert not self._ended.done(), "the hub did not come back"
                await asyncio.sleep(0.01)

    async def _probe(self) -> int:
        with suppress(httpx.TransportError):
            return (await self._console.get("/healthz")).status_code
        return 0

    async def _talk(self, chance: random.Random) -> None:
        """Let everyone talk until a few more messages are acknowledged, and then a moment."""
        enough = self._acked() + chance.randint(2, 40)
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                while self._acked() < enough:  # noqa: ASYNC110 (clients count, nobody signals)
                    await asyncio.sleep(0.005)
        await asyncio.sleep(chance.uniform(0, 0.02))

    def _acked(self) -> int:
        return sum(len(talker.acked) for talker in self.talkers)

    async def _kill(self) -> None:
        await self._end(signal.SIGKILL)

    async def _end(self, how: signal.Signals) -> None:
        assert self._ended is not None
        os.kill(self._server, how)
        await self._ended

    async def _open_clients(self) -> None:
        token = self.shop["console_url"].partition("signin=")[2]
        answer = await self._console.post(
            "/console/api/session/link", json={"token": token}, headers={"Origin": self._base}
        )
        assert answer.status_code == 200, answer.text
        self._cookie = answer.headers["set-cookie"].partition(";")[0]
        for _ in range(PAIRS):
            await self._open_pair()
        self.posters = [Poster(self._base, self.shop["api_key"], f"shop-{n}") for n in range(2)]
        self._tasks += [asyncio.create_task(one.run()) for one in (*self.talkers, *self.posters)]

    async def _open_pair(self) -> None:
        answer = await self._console.post("/v1/chat/session", json={"widget": self.shop["app_id"]})
        token = answer.json()["token"]
        conversation = str(uuid.uuid4())

        async def visitor() -> dict[str, Any]:
            return {"token": token}

        async def agent() -> dict[str, Any]:
            answer = await self._console.post(
                "/console/api/ticket", headers={"Cookie": self._cookie, "Origin": self._base}
            )
            answer.raise_for_status()
            return {"ticket": answer.json()["ticket"]}

        url = f"ws://127.0.0.1:{self._port}/v1/chat/socket"
        self.talkers.append(Talker(url, visitor, conversation))
        self.talkers.append(Talker(url, agent, conversation, origin=self._base))

    async def _settle(self) -> None:
        """Let everyone finish their sentence and hear the last ones."""
        for talker in self.talkers:
            talker.speaking = False
        await asyncio.sleep(1.5)

    async def _close(self) -> None:
        for task in self._tasks:
            task.cancel()
        outcomes = await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._ended is not None and not self._ended.done():
            await self._end(signal.SIGTERM)
        if self._nursery is not None:
            await self._nursery.communicate(b"")  # it ends where its input does
        await self._console.aclose()
        for outcome in outcomes:
            if isinstance(outcome, Exception) and not isinstance(outcome, asyncio.CancelledError):
                raise outcome

    # The verdict --------------------------------------------------------------------------

    def _judge(self, kills: int) -> Verdict:
        verdict = Verdict(kills=kills)
        with sqlite3.connect(self.folder / "parley.db") as kept:
            for talker in self.talkers:
                self._judge_talker(kept, talker, verdict)
            references = [row[0] for row in kept.execute("SELECT reference FROM records")]
            self._judge_events(kept, verdict)
        for poster in self.posters:
            verdict.recorded += len(poster.answered)
            if lost := poster.answered - set(references):
                verdict.problems.append(f"{len(lost)} acknowledged records lost")
        if len(references) != len(set(references)):
            verdict.problems.append("a record is kept twice")
        return verdict

    def _judge_talker(self, kept: sqlite3.Connection, talker: Talker, verdict: Verdict) -> None:
        rows = kept.execute(
            "SELECT id, seq, text FROM messages WHERE conversation_id = ? ORDER BY seq",
            (talker.conversation,),
        ).fetchall()
        seqs = {id_: seq for id_, seq, _ in rows}
        texts = [text for _, _, text in rows]
        verdict.acked += len(talker.acked)
        problems = verdict.problems
        lost = [id_ for id_, seq in talker.acked.items() if seqs.get(id_) != seq]
        if lost:
            problems.append(f"{len(lost)} acknowledged messages lost or moved")
        if len(texts) != len(set(texts)):
            problems.append("a message is kept twice")
        if [seq for _, seq, _ in rows] != list(range(1, len(rows) + 1)):
            problems.append("a conversation's numbers have a gap")
        if talker.fresh:
            problems.append(f"{talker.fresh} times a client could not resume")
        if any(times > 1 for times in talker.heard.values()):
            problems.append("an event was heard twice")
        heard = [seq for _, seq in talker.messages]
        if heard and heard != list(range(heard[0], len(rows) + 1)):
            problems.append("a client missed a message, or heard one out of order")

    def _judge_events(self, kept: sqlite3.Connection, verdict: Verdict) -> None:
        seqs = [row[0] for row in kept.execute("SELECT seq FROM events ORDER BY seq")]
        if seqs != list(range(1, len(seqs) + 1)):
            verdict.problems.append("the event log has a gap")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
