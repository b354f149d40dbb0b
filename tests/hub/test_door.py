"""The door: what a stranger may keep the server busy with before a request has come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from hub.app import create_app
from hub.commands import door, serve
from hub.settings import Settings

PATIENCE = 20.0
GET = b"GET /version HTTP/1.1\r\nHost: a.example\r\n"
POST = b"POST /v1/chat/session HTTP/1.1\r\nHost: a.example\r\n"
LINE = b"X-More: " + b"x" * 4000 + b"\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


class Wire:
    """One TCP connection to the hub."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, sent: bytes) -> None:
        self._writer.write(sent)
        await self._writer.drain()

    async def pour(self, part: bytes, times: int = 1000) -> tuple[int, bytes]:
        """Send `part` until the hub hangs up: how often it took it, and what it said."""
        listening = asyncio.create_task(self.rest())
        for sent in range(times):
            if listening.done():
                return sent, await listening
            with suppress(OSError):
                await self.send(part)
            await asyncio.sleep(0.005)
        listening.cancel()
        return times, b""

    async def answer(self) -> bytes:
        """The next answer, with its body."""
        async with asyncio.timeout(PATIENCE):
            head = await self._reader.readuntil(b"\r\n\r\n")
            size = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            return head + await self._reader.readexactly(int(size))

    async def rest(self) -> bytes:
        """What else is said until the hub hangs up."""
        said = b""
        async with asyncio.timeout(PATIENCE):
            with suppress(OSError):
                while part := await self._reader.read(65_536):
                    said += part
        return said

    async def hang_up(self) -> None:
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()


Dial = Callable[[], Awaitable[Wire]]


@pytest.fixture
async def dial(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Dial]:
    """Connects to a server such as `hub serve` starts."""
    app = create_app(Settings(data_dir=tmp_path, database_url=sqlite_url, rate_limits=False))
    ready, wires = asyncio.Event(), []
    listener = serve.listen("127.0.0.1", 0)
    server = serve.Server(app, ready.set)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    await asyncio.wait_for(ready.wait(), PATIENCE)

    async def connect() -> Wire:
        wires.append(Wire(*await asyncio.open_connection(*listener.getsockname())))
        return wires[-1]

    yield connect
    for wire in wires:
        await wire.hang_up()
    server.should_exit = True
    await running


async def test_N2_a_head_without_end_is_refused_and_hung_up_on(dial: Dial) -> None:
    wire = await dial()
    await wire.send(GET)
    taken, said = await wire.pour(LINE)
    assert taken < 100
    assert said.startswith(b"HTTP/1.1 431 ")


async def test_N2_nor_does_one_endless_header_or_address_fit(dial: Dial) -> None:
    for begun in (GET + b"X-More: ", b"GET /"):
        wire = await dial()
        await wire.send(begun)
        assert (await wire.pour(b"x" * 4000))[0] < 100


async def test_N2_nor_do_headers_after_a_body(dial: Dial) -> None:
    wire = await dial()
    await wire.send(CHUNKED + b"2\r\n{}\r\n0\r\n")
    assert (await wire.pour(LINE))[0] < 100


async def test_N2_a_second_request_on_a_connection_is_bounded_too(dial: Dial) -> None:
    wire = await dial()
    for _ in range(3):
        await wire.send(GET + b"\r\n")
        assert (await wire.answer()).startswith(b"HTTP/1.1 200 ")
    await wire.send(GET)
    taken, said = await wire.pour(LINE)
    assert taken < 100
    assert said.startswith(b"HTTP/1.1 431 ")


async def test_N2_ordinary_requests_pass_in_whatever_pieces_they_come(dial: Dial) -> None:
    wire = await dial()
    for head in (b"X-Long: " + b"x" * 30_000 + b"\r\n", b""):
        for byte in GET:
            await wire.send(bytes([byte]))
        await wire.send(head + b"\r\n")
        assert (await wire.answer()).startswith(b"HTTP/1.1 200 ")
    await wire.send((GET + b"\r\n") * 3)  # three at once
    for _ in range(3):
        assert (await wire.answer()).startswith(b"HTTP/1.1 200 ")
    await wire.send(CHUNKED)
    for _ in range(200):  # much body is no head
        await wire.send(b"3e8\r\n" + b" " * 1000 + b"\r\n")
    await wire.send(b"0\r\n\r\n")
    assert (await wire.answer()).startswith(b"HTTP/1.1 400 ")


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits a minute for a test."""
    monkeypatch.setattr(door, "COMES_WITHIN", 0.4)
    monkeypatch.setattr(serve, "TICKS", 1)


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        GET,
        GET + b"\r\n" + GET,
        POST + b"Content-Length: 50\r\n\r\n{",
        CHUNKED + b"1\r\n",
        POST + b"Content-Length: 99999999\r\n\r\n{",  # refused for its size, and not ended
    ],
)
async def test_N2_a_request_that_never_ends_is_hung_up_on(
    dial: Dial, soon: None, begun: bytes
) -> None:
    wire = await dial()
    await wire.send(begun)
    await wire.rest()


async def test_N2_a_slow_drip_does_not_buy_more_time(dial: Dial, soon: None) -> None:
    wire = await dial()
    await wire.send(GET)
    taken, _ = await wire.pour(b"x", 4000)
    assert taken < 4000


async def test_N2_empty_lines_do_not_keep_a_connection(dial: Dial, soon: None) -> None:
    wire = await dial()
    await wire.send(GET + b"\r\n")
    await wire.answer()
    taken, _ = await wire.pour(b"\r\n", 4000)
    assert taken < 4000


async def test_N2_a_connection_between_two_requests_is_left_alone(dial: Dial, soon: None) -> None:
    wire = await dial()
    for pause in (1.0, 0.0):
        await wire.send(GET + b"\r\n")
        assert (await wire.answer()).startswith(b"HTTP/1.1 200 ")
        await asyncio.sleep(pause)


async def test_N2_half_a_body_is_not_taken_for_a_body(dial: Dial) -> None:
    half = b'{"widget": "icw_none"}'
    with capture_logs() as logs:
        for head in (b"Content-Length: 50\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n16\r\n"):
            wire = await dial()
            await wire.send(POST + head + half)
            await asyncio.sleep(0.1)
            await wire.hang_up()
        wire = await dial()
        await wire.send(POST + b"Content-Length: 22\r\n\r\n" + half)
        await wire.answer()
        await asyncio.sleep(0.1)
    assert [line["status"] for line in logs if line["event"] == "request"] == [400, 400, 404]
