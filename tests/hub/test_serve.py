"""`hub serve` and `hub demo` as processes: how they start, what they say, and how they end."""

from __future__ import annotations

import asyncio
import json
import os
import re
import resource
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

ROOT = Path(__file__).parents[2]
READY = re.compile(r"http://127\.0\.0\.1:(\d+)")
PATIENCE = 40.0  # seconds; a busy machine starts slowly
ENDING = 4.0  # seconds; two are promised, the rest is for a busy machine


class Process:
    """A hub command that runs."""

    def __init__(self, process: asyncio.subprocess.Process, errors: Path) -> None:
        self._process = process
        self._errors = errors
        self.said = ""
        self.url = ""

    async def ready(self) -> None:
        """Wait for the address and what is printed with it."""
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while not READY.search(self.said):
                part = await self._process.stdout.read(10_000)
                assert part, self.errors()
                self.said += part.decode()
        self.url = READY.search(self.said)[0]

    @property
    def pid(self) -> int:
        return self._process.pid

    def errors(self) -> str:
        return self._errors.read_text()

    async def ended(self) -> int:
        async with asyncio.timeout(PATIENCE):
            return await self._process.wait()

    async def stop(self) -> float:
        """How many seconds it took to end after SIGTERM."""
        began = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        await self.ended()
        return time.monotonic() - began

    def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()


@asynccontextmanager
async def hub(command: str, folder: Path, **environment: str) -> AsyncIterator[Process]:
    """A hub command in a process of its own, on a port the system chooses."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    given = {"DATA_DIR": str(folder), "PORT": "0", "PYTHONPATH": str(ROOT), **environment}
    errors = folder / "stderr.txt"
    with errors.open("w") as file:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            "from hub.cli import main; main(prog_name='hub')",
            command,
            env={**kept, **given},
            cwd=folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=file,
        )
    running = Process(process, errors)
    try:
        yield running
    finally:
        running.kill()
        await process.wait()
        assert process._transport is not None  # type: ignore[attr-defined]
        process._transport.close()  # type: ignore[attr-defined]


async def sign_in(http: httpx.AsyncClient, said: str) -> dict[str, str]:
    """The headers of the console's page after its link was opened."""
    origin = {"Origin": str(http.base_url)}
    answer = await http.post(
        "/console/api/session/link", json={"token": link_in(said)}, headers=origin
    )
    assert answer.status_code == 200, answer.text
    http.cookies.clear()
    return {**origin, "Cookie": answer.headers["set-cookie"].partition(";")[0]}


async def say_hello(url: str, hello: dict[str, str]) -> ClientConnection:
    connection = await connect(
        url.replace("http", "ws", 1) + "/v1/chat/socket",
        additional_headers={"Origin": url},
        compression=None,
    )
    await connection.send(json.dumps({"type": "hello", **hello}))
    welcome = json.loads(await connection.recv())
    assert welcome["type"] == "welcome", welcome
    return connection


async def how_it_closes(connection: ClientConnection) -> int | None:
    try:
        while True:
            await connection.recv()
    except ConnectionClosed:
        return connection.close_code


# The demo -------------------------------------------------------------------------------------


async def test_G8_one_command_opens_the_shop_and_what_it_prints_works(tmp_path: Path):
    async with hub("demo", tmp_path) as demo:
        await demo.ready()
        first = demo.said
        async with httpx.AsyncClient(base_url=demo.url) as http:
            assert (await http.get("/healthz")).status_code == 200
            assert f"{demo.url}/demo\n" in first
            assert "Kestrel &amp; Clay, demo shop" in (await http.get("/demo")).text
            agent = await sign_in(http, first)
            me = (await http.get("/console/api/me", headers=agent)).json()
            assert me["agent"]["name"] == "Nadia Osei"
            await post_the_printed_order(http, first)
        assert await demo.stop() < ENDING
    async with hub("demo", tmp_path) as demo:
        await demo.ready()
        assert key_in(demo.said) == key_in(first)
        assert link_in(demo.said) != link_in(first)
        async with httpx.AsyncClient(base_url=demo.url) as http:
            agent = await sign_in(http, demo.said)
            asked = {"tab": "all", "status": "any"}
            answer = await http.get("/console/api/conversations", params=asked, headers=agent)
            assert answer.json()["counts"]["all"] == 22
    assert "Traceback" not in demo.errors()
    assert key_in(first) not in demo.errors()


async def post_the_printed_order(http: httpx.AsyncClient, said: str) -> None:
    body = re.search(r"-d '(\{.*\})'", said, re.S)[1]
    headers = dict(line.split(": ") for line in re.findall(r"-H '(.*)'", said))
    answer = await http.post("/v1/chat/ingest/records", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["accepted"] == 1


def key_in(said: str) -> str:
    return re.search(r"wgk_\w+", said)[0]


def link_in(said: str) -> str:
    return re.search(r"#signin=(\w+)", said)[1]


# The end --------------------------------------------------------------------------------------


async def test_W20_sigterm_asks_every_socket_to_come_back_and_ends_at_once(tmp_path: Path):
    async with hub("demo", tmp_path) as demo:
        await demo.ready()
        async with httpx.AsyncClient(base_url=demo.url, timeout=PATIENCE) as http:
            app_id = re.search(r"icw_\w{24}", (await http.get("/demo")).text)[0]
            signed_in = await sign_in(http, demo.said)
            made = await http.post("/console/api/ticket", headers=signed_in)
            agent = await say_hello(demo.url, {"ticket": made.json()["ticket"]})
            session = (await http.post("/v1/chat/session", json={"widget": app_id})).json()
            visitor = await say_hello(demo.url, {"token": session["token"]})
            silent = await connect(demo.url.replace("http", "ws") + "/v1/chat/socket")
            poll = asyncio.create_task(
                http.post(
                    "/v1/chat/poll",
                    json={"wait": 25},
                    headers={"Authorization": f"Bearer {session['token']}"},
                )
            )
            half_a_request = socket.create_connection(("127.0.0.1", http.base_url.port))
            half_a_request.sendall(b"POST /v1/chat/session HTTP/1.1\r\nContent-Length: 50\r\n\r\n{")
            await asyncio.sleep(0.3)
            closing = [asyncio.create_task(how_it_closes(one)) for one in (agent, visitor, silent)]
            assert await demo.stop() < ENDING
            assert [await one for one in closing] == [1012, 1012, 1012]
            assert (await poll).status_code == 200
            half_a_request.close()
    assert "Traceback" not in demo.errors()


async def test_a_browser_that_reads_nothing_does_not_hold_up_the_end(tmp_path: Path):
    async with hub("demo", tmp_path) as demo:
        await demo.ready()
        async with httpx.AsyncClient(base_url=demo.url) as http:
            app_id = re.search(r"icw_\w{24}", (await http.get("/demo")).text)[0]
            session = (await http.post("/v1/chat/session", json={"widget": app_id})).json()
        deaf = await say_hello(demo.url, {"token": session["token"]})
        deaf.transport.pause_reading()
        talk = {"type": "send", "conversation": "talk-0001", "text": "x" * 4000}
        for number in range(20):
            await deaf.send(json.dumps({**talk, "id": f"message-{number}"}))
        await asyncio.sleep(0.3)
        assert await demo.stop() < ENDING
        deaf.transport.abort()


# What cannot start ----------------------------------------------------------------------------


async def test_a_taken_port_is_one_plain_sentence(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with hub("serve", tmp_path, PORT=str(port)) as second:
            assert await second.ended() == 1
    assert second.errors() == (
        f"Error: Port {port} is taken by another program. "
        f"Choose another one, for example PORT={port + 1}.\n"
    )


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"HOST": "203.0.113.7"}, "HOST: 203.0.113.7 is not an address of this machine."),
        ({"HOST": "no.such.host.invalid"}, "HOST: cannot listen on “no.such.host.invalid”: "),
        ({"SECRET_KEY": "changeme"}, "SECRET_KEY"),
        ({"PORT": "70000"}, "PORT"),
        ({"PLUGINS": "broken.toml"}, "plugin no_such_module: cannot be imported"),
        ({"PLUGINS": "failing.toml"}, "plugin failing: startup failed"),
    ],
)
async def test_a_start_that_cannot_be_is_told_in_a_sentence_and_ends(
    tmp_path: Path, environment, sentence
):
    (tmp_path / "broken.toml").write_text('[[plugin]]\nmodule = "no_such_module"\n')
    (tmp_path / "failing.toml").write_text('[[plugin]]\nmodule = "failing"\n')
    (tmp_path / "failing.py").write_text(
        "from core.hookspecs import hookimpl\n"
        "from core.plugin import Plugin\n"
        "@hookimpl\n"
        "async def startup(services):\n"
        "    raise RuntimeError('no till')\n"
        "plugin = Plugin('failing', '1')\n"
    )
    path = {"PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}
    async with hub("serve", tmp_path, **path, **environment) as refused:
        assert await refused.ended() == 1
    errors = refused.errors()
    assert sentence in errors
    assert "Traceback" not in errors
    assert errors.splitlines()[-1].startswith("Error: ")


# What it says and believes --------------------------------------------------------------------


async def test_V7_logs_are_lines_of_json_without_queries_keys_or_tokens(tmp_path: Path):
    secret = "wgk_" + "s" * 32
    settings = {"LOG_FORMAT": "json", "LOG_LEVEL": "debug"}
    async with hub("serve", tmp_path, **settings) as running:
        await running.ready()
        assert running.said == f"Parley 0.1.0: {running.url}\n"
        async with httpx.AsyncClient(base_url=running.url) as http:
            answer = await http.get("/version", params={"token": "vst_" + "t" * 32})
            assert answer.json() == {"version": "0.1.0"}
            assert "server" not in answer.headers
            await http.get("/v1/chat/activity", headers={"Authorization": f"Bearer {secret}"})
        socket_url = running.url.replace("http", "ws") + "/v1/chat/socket?token=abc123"
        async with connect(socket_url):
            pass
        await running.stop()
    lines = [json.loads(line) for line in running.errors().splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    assert [(line["route"], line["status"]) for line in requests] == [
        ("/version", 200),
        ("/v1/chat/activity", 401),
    ]
    for word in ("token", "abc123", secret, "sssss", "ttttt"):
        assert word not in running.errors()


async def test_N2_a_frame_beyond_64_kib_closes_the_socket(tmp_path: Path):
    async with hub("serve", tmp_path) as running:
        await running.ready()
        url = running.url.replace("http", "ws") + "/v1/chat/socket"
        async with connect(url) as large:
            await large.send('{"type": "ping", "x": "' + "x" * 70_000 + '"}')
            assert await how_it_closes(large) == 1009
        async with connect(url, compression="deflate") as plain:
            assert plain.protocol.extensions == []


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux tells a child's limits")
async def test_B2_as_many_browsers_may_come_as_the_system_has_files_for(tmp_path: Path):
    few, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(few, 512), most))  # which a child inherits
    try:
        async with hub("serve", tmp_path) as running:
            await running.ready()
            assert resource.prlimit(running.pid, resource.RLIMIT_NOFILE) == (most, most)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (few, most))
