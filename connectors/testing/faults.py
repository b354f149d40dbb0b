"""What can go wrong between us and any platform, by name: `FAULTS`.

A fault is given the request and the handler that would have answered, and does worse. Those named
`…_after` let the request take effect first: what an idempotency key is for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
HANGS = 3_600.0  # seconds; any client gives up before
SLOW = 2.0
HUGE = 64 * 1024 * 1024
_HTML = "<!doctype html><title>Oops</title><h1>Something went wrong</h1><p>Please try again."


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail, and whether the request took effect all the same."""

    name: str
    act: Callable[[web.Request, Answer], Awaitable[web.StreamResponse]]
    took_effect: bool = False


def status(code: int, **headers: str) -> Fault:
    """A fault that answers with this status and an HTML page, as proxies do."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}

    async def act(request: web.Request, answer: Answer) -> web.StreamResponse:
        text = _HTML if code != 204 else None
        return web.Response(status=code, text=text, content_type="text/html", headers=sent)

    suffix = "_retry_after" if "Retry_After" in headers else ""
    return Fault(f"{code}{suffix}", act)


def json_text(name: str, text: str, *, code: int = 200, kind: str = "application/json") -> Fault:
    """A fault that answers with these very characters."""

    async def act(request: web.Request, answer: Answer) -> web.StreamResponse:
        return web.Response(status=code, text=text, content_type=kind)

    return Fault(name, act)


def raw(name: str, body: bytes) -> Fault:
    """A fault that answers with these very bytes, said to be JSON."""

    async def act(request: web.Request, answer: Answer) -> web.StreamResponse:
        return web.Response(body=body, content_type="application/json")

    return Fault(name, act)


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


async def _no_answer(request: web.Request) -> web.StreamResponse:
    _cut(request)
    return web.Response(status=500)  # never reaches anyone


async def timeout(request: web.Request, answer: Answer) -> web.StreamResponse:
    """Say nothing until the other side gives up."""
    await asyncio.sleep(HANGS)
    return await _no_answer(request)


async def slow(request: web.Request, answer: Answer) -> web.StreamResponse:
    """Answer, but take a while."""
    await asyncio.sleep(SLOW)
    return await answer(request)


async def cut_before(request: web.Request, answer: Answer) -> web.StreamResponse:
    """The connection dies before the first byte; nothing happened."""
    return await _no_answer(request)


async def cut_after(request: web.Request, answer: Answer) -> web.StreamResponse:
    """The request took effect, and then the connection died."""
    await answer(request)
    return await _no_answer(request)


async def timeout_after(request: web.Request, answer: Answer) -> web.StreamResponse:
    """The request took effect, and then nobody answered."""
    await answer(request)
    return await timeout(request, answer)


async def answered_502_after(request: web.Request, answer: Answer) -> web.StreamResponse:
    """The request took effect, and a proxy on the way said 502."""
    await answer(request)
    return web.Response(status=502, text=_HTML, content_type="text/html")


async def _body_of(request: web.Request, answer: Answer) -> bytes:
    response = await answer(request)
    if isinstance(response, web.FileResponse):
        return await asyncio.to_thread(Path(response._path).read_bytes)
    body = response.body if isinstance(response, web.Response) else b""
    return body if isinstance(body, bytes) else b""


async def cut_in_the_middle(request: web.Request, answer: Answer) -> web.StreamResponse:
    """Half of the announced body, then the connection dies."""
    return await _half(request, await _body_of(request, answer), announced=True)


async def truncated_json(request: web.Request, answer: Answer) -> web.StreamResponse:
    """Half of the body, neatly closed, as if that were all."""
    body = await _body_of(request, answer)
    return web.Response(body=body[: len(body) // 2], content_type="application/json")


async def stalls_in_the_middle(request: web.Request, answer: Answer) -> web.StreamResponse:
    """Half of the announced body, then silence."""
    response = await _half(request, await _body_of(request, answer), announced=True, cut=False)
    await asyncio.sleep(HANGS)
    return response


async def _half(
    request: web.Request, body: bytes, *, announced: bool, cut: bool = True
) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    if announced:
        response.content_length = max(len(body), 2)
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if cut:
        _cut(request)
    return response


async def huge_body(request: web.Request, answer: Answer) -> web.StreamResponse:
    """Far more than anyone asked for."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    chunk = b" " * 65_536
    for _ in range(HUGE // len(chunk)):
        await response.write(chunk)
    return response


async def redirected(request: web.Request, answer: Answer) -> web.StreamResponse:
    """A redirect to a host that must not be given our token."""
    raise web.HTTPFound("http://evil.example/")


async def header_flood(request: web.Request, answer: Answer) -> web.StreamResponse:
    """A header longer than any client reads."""
    return web.Response(headers={"X-Flood": "a" * 100_000}, text="{}")


async def no_http(request: web.Request, answer: Answer) -> web.StreamResponse:
    """Garbage where HTTP should be."""
    if request.transport is not None:
        request.transport.write(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
    return await _no_answer(request)


def _named(*faults: Fault) -> dict[str, Fault]:
    return {fault.name: fault for fault in faults}


_BROKEN = _named(
    Fault("timeout", timeout),
    Fault("timeout_after", timeout_after, took_effect=True),
    Fault("slow", slow, took_effect=True),
    Fault("cut_before", cut_before),
    Fault("cut_in_the_middle", cut_in_the_middle, took_effect=True),
    Fault("cut_after", cut_after, took_effect=True),
    Fault("stalls_in_the_middle", stalls_in_the_middle, took_effect=True),
    Fault("truncated_json", truncated_json, took_effect=True),
    Fault("502_after", answered_502_after, took_effect=True),
    Fault("huge_body", huge_body),
    Fault("redirected", redirected),
    Fault("header_flood", header_flood),
    Fault("no_http", no_http),
)
_STATUSES = _named(
    status(429, Retry_After="1"),
    status(429),
    status(503, Retry_After="1"),
    *(status(code) for code in (400, 401, 402, 403, 404, 406, 408, 409, 410, 415, 422, 423, 430)),
    *(status(code) for code in (500, 501, 502, 503, 504, 520, 522, 530)),
    status(204),
)
_TEXTS = _named(
    json_text("malformed_json", '{"data": {"shop": '),
    json_text("html_200", _HTML, kind="text/html"),
    raw("not_utf8", b'{"data": "\xff\xfe"}'),
    json_text("empty_body", ""),
    json_text("json_null", "null"),
    json_text("json_list", "[]"),
    json_text("json_string", '"ok"'),
    json_text("json_number", "1e999"),
    json_text("json_deep", "[" * 50_000 + "]" * 50_000),
    json_text("wrong_content_type", '{"data":{}}', kind="text/plain"),
)
FAULTS: dict[str, Fault] = _BROKEN | _STATUSES | _TEXTS
