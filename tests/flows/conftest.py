"""What the flows share: a hub in a process of its own, and a real browser."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page, async_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PICTURES = Path(__file__).parents[2] / "ci-output"
FLAGS = ("--no-sandbox", "--disable-background-networking", "--disable-component-update")
STARTING = 30.0  # seconds a start may take on a busy machine


class DemoHub:
    """`hub demo` as a newcomer starts it, which can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.printed = ""
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it and wait until it has printed its addresses."""
        environment = {
            **os.environ,
            "DATA_DIR": str(self._folder),
            "PORT": str(self.port),
            "LOG_LEVEL": "error",
            "PYTHONUNBUFFERED": "1",
        }
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "hub", "demo", env=environment, stdout=asyncio.subprocess.PIPE
        )
        assert self._process.stdout is not None
        self.printed = ""
        async with asyncio.timeout(STARTING):
            while "Ctrl+C" not in self.printed:
                line = await self._process.stdout.readline()
                assert line, "the demo ended while it started"
                self.printed += line.decode()

    async def stop(self, how: int = signal.SIGTERM) -> None:
        """Stop it, politely or not."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(how)
            await self._process.wait()

    @property
    def console_link(self) -> str:
        """The one-time sign-in link it has printed."""
        return re.search(r"http\S+#signin=\w+", self.printed)[0]  # type: ignore[index]

    @property
    def api_key(self) -> str:
        """The key in the sample it has printed."""
        return re.search(r"wgk_\w+", self.printed)[0]  # type: ignore[index]

    async def post_record(self, **record: object) -> None:
        """What a shop's server does when something happens to Amara's account."""
        async with httpx.AsyncClient() as http:
            answer = await http.post(
                f"{self.url}/v1/chat/ingest/records",
                json={"external_id": "cust_1042", "records": [record]},
                headers={"Authorization": f"Bearer {self.api_key}"},
            )
        assert answer.status_code == 200, answer.text


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[DemoHub]:
    hub = DemoHub(tmp_path)
    await hub.start()
    yield hub
    await hub.stop()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI needs chromium: apt install chromium")
        pytest.skip("no chromium on this machine (Debian: apt install chromium)")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield chromium
        await chromium.close()


async def picture(page: Page, name: str) -> None:
    """Keep a screenshot, to be looked at."""
    PICTURES.mkdir(exist_ok=True)
    await page.screenshot(path=PICTURES / f"{name}.png")
