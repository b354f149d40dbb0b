"""The one way out (O1): where it may lead, how long and how much, and what it tells of failures."""

from __future__ import annotations

import asyncio
import gzip
import socket
from asyncio.selector_events import BaseSelectorEventLoop
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Any

import pytest
from aiohttp import web

from connectors.addresses import may_call
from connectors.http import AT_ONCE, Busy, Http, NotSent
from core.errors import HubError, Refused, Unavailable

pytestmark = pytest.mark.anyio

PRIVATE = (
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.254",
    "192.168.1.1",
    "169.254.1.1",
    "169.254.169.254",  # most clouds' metadata
    "100.64.0.1",
    "100.100.100.200",  # Alibaba's metadata
    "192.0.0.192",  # Oracle's metadata
    "168.63.129.16",  # Azure's
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",  # Amazon's metadata
    "fec0::1",
    "ff02::1",
)


def spellings_of_v4(address: str) -> list[str]:
    number = int(IPv4Address(address))
    a, b, c, d = (int(part) for part in address.split("."))
    high, low = number >> 16, number & 0xFFFF
    return [
        address,
        str(number),
        hex(number),
        f"{a:#o}.{b:#o}.{c:#o}.{d:#o}".replace("0o", "0"),
        f"{a:#x}.{b:#x}.{c:#x}.{d:#x}",
        f"{a}.{number & 0xFFFFFF}",
        f"{a}.{b}.{low}",
        f"[::ffff:{address}]",
        f"[::ffff:{high:x}:{low:x}]",
        f"[64:ff9b::{address}]",
        f"[2002:{high:x}:{low:x}::1]",
        f"[::{address}]",
    ]


def spellings_of_v6(address: str) -> list[str]:
    parsed = IPv6Address(address)
    whole = parsed.exploded
    short = ":".join(f"{int(part, 16):x}" for part in whole.split(":"))
    high, low = int(parsed) >> 32 & 0xFFFFFFFF, int(parsed) & 0xFFFFFFFF
    tail = f"{low >> 24}.{low >> 16 & 255}.{low >> 8 & 255}.{low & 255}"
    dotted = ":".join(whole.split(":")[:6]) + f":{tail}"
    assert IPv6Address(dotted) == parsed and high >= 0
    return [
        f"[{address}]",
        f"[{whole}]",
        f"[{short}]",
        f"[{whole.upper()}]",
        f"[{dotted}]",
        f"[{dotted.upper()}]",
        f"[{address}]:443",
        f"[{whole}]:8443",
        f"[{short}]:80",
        f"[{address}%251]",
        f"[{address}%25lo]",
        f"[{whole}%251]",
    ]


def spellings(address: str) -> list[str]:
    return spellings_of_v6(address) if ":" in address else spellings_of_v4(address)


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    client = Http()
    yield client
    await client.close()


@pytest.fixture
def connects(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Where sockets were about to connect to; none does."""
    tried: list[Any] = []

    async def connect(loop: Any, sock: socket.socket, address: Any) -> None:
        tried.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(BaseSelectorEventLoop, "sock_connect", connect)
    return tried


@pytest.mark.parametrize("address", PRIVATE)
async def test_O1_no_spelling_of_a_private_address_is_called(http, connects, address):
    assert len(spellings(address)) == 12
    for spelling in spellings(address):
        with pytest.raises(Refused) as refusal:
            await http.request("GET", f"https://{spelling}/secret")
        assert refusal.value.code == "bad_address", spelling
    assert connects == []


async def test_O1_there_are_23_addresses():
    assert len(set(PRIVATE)) == 23


@pytest.mark.parametrize(
    "address", ["23.227.38.32", "2620:127:f00f:e::1", "::ffff:23.227.38.32", "64:ff9b::17e3:2620"]
)
async def test_O1_a_public_address_may_be_called(http, connects, address):
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(NotSent):  # our fake socket refuses
        await http.request("GET", f"https://{host}/")
    assert len(connects) == 1


def resolves(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    """Let names resolve to these addresses, one after the other."""
    left = list(answers)

    def look_up(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        address = left.pop(0) if len(left) > 1 else left[0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        where = (address, port, 0, 0) if ":" in address else (address, port)
        return [(family, socket.SOCK_STREAM, 6, "", where)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.parametrize("address", PRIVATE)
async def test_O1_a_name_of_a_private_address_is_not_called(http, connects, monkeypatch, address):
    resolves(monkeypatch, address)
    with pytest.raises(Refused, match="not a public address"):
        await http.request("GET", "https://innocent.example/")
    assert connects == []


async def test_O1_a_name_that_changes_between_look_ups_is_judged_where_it_connects(
    http, connects, monkeypatch
):
    resolves(monkeypatch, "23.227.38.32", "169.254.169.254")
    with pytest.raises(NotSent):
        await http.request("GET", "https://rebinding.example/")
    assert set(connects) == {"23.227.38.32"}
    monkeypatch.setattr("aiohttp.connector._DNSCacheTable.expired", lambda *_: True)
    with pytest.raises(Refused):
        await http.request("GET", "https://rebinding.example/")
    assert set(connects) == {"23.227.38.32"}


async def test_O1_a_name_with_a_public_and_a_private_address_is_called_at_the_public_one(
    http, connects, monkeypatch
):
    both = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))
        for address in ("127.0.0.1", "23.227.38.32", "10.0.0.1")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(HubError):
        await http.request("GET", "https://both.example/")
    assert set(connects) == {"23.227.38.32"}


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://shop.example/", "gopher://shop.example:70/_x", "//shop.example",
     "shop.example", "", "javascript:alert(1)", "https://", "https://[::1", "https://a:b@c.example",
     "https://a@shop.example/", "http://shop.example/", "https://shop.example:99999/"],
    ids=range(13),
)  # fmt: skip
async def test_O1_only_plain_https_addresses_are_called(http, connects, url):
    with pytest.raises(Refused) as refusal:
        await http.request("GET", url)
    assert refusal.value.code == "bad_address"
    assert connects == []


def test_O1_an_address_in_an_allowed_network_may_be_called():
    allow = [ip_network("192.168.1.0/24")]
    assert may_call("192.168.1.7", allow)
    assert may_call("::ffff:192.168.1.7", allow)
    assert not may_call("192.168.2.7", allow)
    assert not may_call("23.227.38.32", allow, public=False)
    assert not may_call("no address", allow)


# Against a server ------------------------------------------------------------------------


@asynccontextmanager
async def serving(handler: Any) -> AsyncIterator[str]:
    """A server on this machine; its address."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@asynccontextmanager
async def local(handler: Any) -> AsyncIterator[tuple[Http, str]]:
    """A server, and an Http that trusts its origin."""
    async with serving(handler) as url:
        client = Http(trusted=[url])
        yield client, url
        await client.close()


async def hello(request: web.Request) -> web.Response:
    return web.json_response({"path": request.path})


async def test_O1_an_operator_allows_a_network_or_one_origin(http):
    async with serving(hello) as url, serving(hello) as other:
        with pytest.raises(Refused):
            await http.request("GET", url)
        trusting = Http(trusted=[url])
        assert (await trusting.request("GET", f"{url}/x")).json() == {"path": "/x"}
        with pytest.raises(Refused):
            await trusting.request("GET", other)
        allowing = Http([ip_network("127.0.0.0/8")])
        assert (await allowing.request("GET", other)).ok
        await trusting.close()
        await allowing.close()


async def test_O1_redirects_are_not_followed():
    asked = []

    async def elsewhere(request: web.Request) -> web.Response:
        asked.append(request.path)
        raise web.HTTPFound("/secret")

    async with local(elsewhere) as (http, url):
        reply = await http.request("GET", f"{url}/first")
    assert (reply.status, reply.headers["location"], asked) == (302, "/secret", ["/first"])


async def test_O1_the_environments_proxies_are_ignored(monkeypatch):
    async def busybody(request: web.Request) -> web.Response:
        return web.json_response({"path": "by proxy"})

    async with serving(busybody) as proxy, local(hello) as (http, url):
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy)
        assert (await http.request("GET", f"{url}/direct")).json() == {"path": "/direct"}


async def test_O1_no_cookie_is_kept():
    cookies = []

    async def bake(request: web.Request) -> web.Response:
        cookies.append(request.headers.get("Cookie"))
        response = web.json_response({})
        response.set_cookie("shop", "kestrel")
        return response

    async with serving(bake) as url:
        named = url.replace("127.0.0.1", "localhost")  # no jar keeps an address's cookies
        http = Http(trusted=[named])
        await http.request("GET", named)
        await http.request("GET", named)
        await http.close()
    assert cookies == [None, None]


async def test_O1_a_body_is_read_up_to_its_limit_and_not_beyond():
    sent = 0

    async def flood(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(1000):
            await response.write(b"x" * 65_536)
            sent += 65_536
        return response

    async with local(flood) as (http, url):
        with pytest.raises(Refused) as refusal:
            await http.request("GET", url, limit=1_000_000)
    assert refusal.value.code == "too_large"
    assert sent < 20_000_000


async def test_O1_a_packed_bomb_does_not_go_off():
    async def bomb(request: web.Request) -> web.Response:
        body = gzip.compress(b"\0" * 200_000_000, 1)
        return web.Response(body=body, headers={"Content-Encoding": "gzip"})

    async with local(bomb) as (http, url):
        with pytest.raises(Refused) as refusal:
            await http.request("GET", url, limit=1_000_000)
    assert refusal.value.code == "too_large"


async def test_a_packed_body_is_unpacked():
    async def packed(request: web.Request) -> web.Response:
        assert request.headers["Accept-Encoding"] == "gzip"
        body = gzip.compress(b'{"teas": 3}')
        return web.Response(body=body, headers={"Content-Encoding": "gzip"})

    async with local(packed) as (http, url):
        assert (await http.request("GET", url)).json() == {"teas": 3}


@pytest.mark.parametrize(
    "body", [gzip.compress(b"x" * 1000)[:-20], b"no gzip at all"], ids=["cut off", "no gzip"]
)
async def test_a_packed_body_that_does_not_unpack_is_no_answer(body):
    async def packed(request: web.Request) -> web.Response:
        return web.Response(body=body, headers={"Content-Encoding": "gzip"})

    async with local(packed) as (http, url):
        with pytest.raises(Unavailable):
            await http.request("GET", url)


async def test_D_1_a_body_packed_in_several_parts_is_unpacked_to_its_end():
    """Storage services join packed parts into one file; RFC 9110 allows it in an answer, too."""

    async def packed(request: web.Request) -> web.Response:
        body = gzip.compress(b"first\n" * 50_000) + gzip.compress(b"last\n")
        return web.Response(body=body, headers={"Content-Encoding": "gzip"})

    async with local(packed) as (http, url):
        assert (await http.request("GET", url)).body.endswith(b"first\nlast\n")
        assert len([line async for line in http.lines(url)]) == 50_001


async def test_what_follows_a_packed_body_is_no_answer():
    async def packed(request: web.Request) -> web.Response:
        body = gzip.compress(b"tea") + b"pot"
        return web.Response(body=body, headers={"Content-Encoding": "gzip"})

    async with local(packed) as (http, url):
        with pytest.raises(Unavailable) as caught:
            await http.request("GET", url)
    assert caught.value.code == "bad_answer"


async def test_S9_one_slow_shop_holds_up_no_other():
    gate, waiting = asyncio.Event(), asyncio.Event()

    async def slow(request: web.Request) -> web.Response:
        waiting.set()
        await gate.wait()
        return web.Response()

    async with serving(slow) as url, serving(hello) as other:
        http = Http([ip_network("127.0.0.1/32")])
        asked = [asyncio.create_task(http.request("GET", url)) for _ in range(AT_ONCE + 20)]
        await waiting.wait()
        assert (await http.request("GET", other, within=5)).ok
        gate.set()
        await asyncio.gather(*asked)
        await http.close()


async def test_O1_whoever_does_not_answer_is_given_up():
    async def sleep(request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    async with local(sleep) as (http, url):
        with pytest.raises(Unavailable) as failure:
            await http.request("GET", url, within=0.1)
    assert failure.value.code == "timeout"
    assert not isinstance(failure.value, NotSent)  # nobody knows what became of it


async def test_nobody_there_means_it_was_not_sent():
    async with local(hello) as (http, url):
        pass
    http = Http(trusted=[url])
    with pytest.raises(NotSent):
        await http.request("POST", url, json={})
    await http.close()


@pytest.mark.parametrize("status", [500, 502, 503, 504, 530])
async def test_a_failing_server_is_unavailable(status):
    async def fail(request: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Retry-After": "7"})

    async with local(fail) as (http, url):
        with pytest.raises(Unavailable) as failure:
            await http.request("GET", url)
    assert (failure.value.code, failure.value.retry_after) == ("vendor_error", 7)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("2", 2), ("2.0", 2), ("0.4", 1), ("", None), ("soon", None), ("-1", None), ("nan", None),
     ("1e99", 3600), ("Wed, 21 Oct 2026 07:28:00 GMT", None)],
)  # fmt: skip
async def test_a_busy_server_says_when_to_come_back(header, seconds):
    async def busy(request: web.Request) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": header})

    async with local(busy) as (http, url):
        with pytest.raises(Busy) as failure:
            await http.request("GET", url)
    assert failure.value.retry_after == seconds


async def test_V7_no_error_repeats_an_addresss_query():
    async def cut(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    failures: list[HubError] = []
    async with local(cut) as (http, url):
        for address in (
            f"{url}/a?token=hush-hush",
            "https://10.0.0.1/?token=hush-hush",
            "http://shop.example/?token=hush-hush",
            "ftp://x:hush-hush@shop.example",
        ):
            with pytest.raises(HubError) as failure:
                await http.request("GET", address, headers={"X-Token": "hush-hush"})
            failures.append(failure.value)
    for error in failures:
        assert "hush" not in f"{error} {error!r} {error.describe()} {error.__cause__!r}"


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a": ', b"\xff", b"[" * 100_000, b"NaN"],
                         ids=range(6))  # fmt: skip
async def test_what_is_no_json_is_no_answer(body):
    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=body)

    async with local(answer) as (http, url):
        reply = await http.request("GET", url)
        with pytest.raises(Unavailable):
            reply.json()


async def test_connections_are_kept_and_used_again():
    async with local(hello) as (http, url):
        for _ in range(20):
            await asyncio.gather(*(http.request("POST", url, json={}) for _ in range(16)))
    assert http.opened / 320 <= 0.05


# Files -----------------------------------------------------------------------------------


def file_of(*parts: bytes, cut: bool = False) -> Any:
    async def send(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for part in parts:
            await response.write(part)
        if cut:
            assert request.transport is not None
            request.transport.abort()
        return response

    return send


async def test_a_file_comes_line_by_line_however_it_is_cut():
    async with local(file_of(b'{"a"', b": 1}\n\n{", b'"b": 2}\n{"c": 3}')) as (http, url):
        assert [line async for line in http.lines(url)] == [b'{"a": 1}', b'{"b": 2}', b'{"c": 3}']


async def test_a_file_that_breaks_off_is_known():
    async with local(file_of(b"one\ntwo\nthr", cut=True)) as (http, url):
        with pytest.raises(Unavailable):
            [line async for line in http.lines(url)]


def endless() -> Iterator[bytes]:
    for _ in range(200):
        yield b"x" * 65_536


async def test_O1_an_endless_line_is_refused():
    async with local(file_of(*endless())) as (http, url):
        with pytest.raises(Refused, match="endless"):
            [line async for line in http.lines(url)]
