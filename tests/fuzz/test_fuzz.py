"""N1: whatever is sent, by whomever: no 5xx, no fault in the log, nothing of anyone else's."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Any

import pytest
import requests as http
import schemathesis
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from chat.protocol import CLIENT_FRAMES
from core.routes import Route
from hub.openapi import document
from tests.fuzz import bodies
from tests.fuzz.conftest import TIMES, fuzzed
from tests.fuzz.target import ENDING, Asked, Target
from tests.fuzz.wire import BINARY, CLOSE, CONTINUED, PING, WebSocket, frame, speak, statuses
from widget.routes import Seen

pytestmark = pytest.mark.timeout(90 * TIMES)

SHAPES = {"POST /api/v1/widget/{id}/seen": Seen}  # of routes that decode by themselves


@st.composite
def requests(draw: Callable[..., Any], target: Target, routes: list[Route]) -> tuple[Route, Asked]:
    """A request for one of the routes."""
    route = draw(st.sampled_from(routes))
    name = f"{route.method} {route.path}"
    path = re.sub(
        r"{[^}]+}",
        lambda _: draw(bodies.segments(target.right_id(route), target.names)),
        route.path,
    )
    shape = SHAPES.get(name) or route.body
    body = draw(bodies.body_of(shape, target.names)) if shape or route.raw else b""
    query = draw(bodies.queries(route.query, target.names))
    return route, Asked(route.method, path, query, draw(bodies.headers), body)


def attack(target: Target, route: Route, asked: Asked, others: list[str]) -> None:
    """Send it as everyone who may, and as some who may not."""

    async def send() -> None:
        for caller in others:
            said = await target.ask(asked, caller)
            target.sent["requests"] += 1
            target.statuses[said.status] += 1
            failed = said.status >= 500 and not (said.status == 503 and route.hidden)
            target.blame((caller, asked), f"{route.path} {said.status}" if failed else "")
            if said.status < 400 and f"{route.method} {route.path}" in ENDING:
                await target.renew(caller)

    target.run(send())


def test_N1_no_body_query_path_or_header_breaks_a_route(target: Target) -> None:
    routes = [
        route
        for route in target.hub.hub.routes
        if isinstance(route, Route)
        for _ in range(4 if route.body or route.query or "{" in route.path else 1)
    ]

    @fuzzed(2_400)
    @given(data=st.data())
    def run(data: st.DataObject) -> None:
        route, asked = data.draw(requests(target, routes))
        may, everyone = target.those_who_may(route), list(target.callers)
        callers = data.draw(st.tuples(*map(st.sampled_from, (may, may, everyone))))
        attack(target, route, asked, list(callers))

    run()
    target.verdict()


# Bytes that are hardly HTTP -----------------------------------------------------------------

METHODS = (
    b"GET", b"POST", b"PUT", b"DELETE", b"HEAD", b"OPTIONS", b"TRACE", b"CONNECT", b"PATCH",
    b"PROPFIND", b"get", b"G\0T", b"", b"M" * 300, b"\xff", b"PRI",
)  # fmt: skip
TARGETS = (
    b"/", b"/healthz", b"/v1/chat/ingest/records", b"/v1/chat/session", b"/v1/chat/socket", b"*",
    b"//", b"/%", b"/%00", b"/\xff", b"/a b", b"http://evil.example/console", b"?", b"#",
    b"/console/static/..%2f..%2fapp.py", b"/console/static/../../app.py",
    b"/widget/static/%2e%2e", b"/demo/static//etc/passwd", b"/" + b"a" * 70_000,
    b"/?" + b"a=b&" * 20_000, b"evil:80",
)  # fmt: skip
VERSIONS = (b" HTTP/1.1",) * 6 + (
    b" HTTP/1.0",
    b" HTTP/9.9",
    b" HTTP/0.9",
    b"",
    b" http/1.1",
    b" HTTP/2.0",
)
LINES = (
    b"Content-Length: 0", b"Content-Length: 2", b"Content-Length: 5000", b"Content-Length: 1",
    b"Content-Length: -1", b"Content-Length: +2", b"Content-Length: 2, 2", b"Content-Length: 0x2",
    b"Content-Length: 99999999999999999999999", b"Content-Length: 2097152",
    b"Content-Length: \xb2", b"Content-Length: 2\r\nContent-Length: 3", b"Content-Length:",
    b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked\r\nContent-Length: 2",
    b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding: xchunked",
    b"Transfer-Encoding : chunked", b"Transfer-Encoding:\tchunked, chunked",
    b"Expect: 100-continue", b"Expect: 417", b"Connection: close",
    b"Connection: Upgrade\r\nUpgrade: h2c", b"Connection: Upgrade\r\nUpgrade: websocket",
    b"no colon", b": no name", b" folded: x", b"a: b\r\n c", b"X: a\0b", b"X: \xff\xfe",
    b"X\xff: x", b"Host: a\r\nHost: b", b"Host:", b"X: " + b"y" * 70_000,
    b"\r\n".join(b"X-%d: y" % number for number in range(500)), b"Sec-WebSocket-Version: 99",
    b"Sec-WebSocket-Key: short\r\nUpgrade: websocket\r\nConnection: upgrade",
    b"X-Forwarded-For: 127.0.0.1", b"Cookie: parley_session=\xff", b"Content-Encoding: gzip",
)  # fmt: skip
BODIES = (
    b"", b"{}", b'{"widget":"x"}', b"2\r\n{}\r\n0\r\n\r\n", b"2\r\n{}\r\n",
    b"ffffffffffffffffff\r\n{}", b"-1\r\n{}", b"2;x=y\r\n{}\r\n0\r\nTrailer: x\r\n\r\n",
    b"zz\r\n", b"\0" * 100, b"x" * 5000, b"GET / HTTP/1.1\r\n\r\n", b"\r\n" * 1000,
)  # fmt: skip


@st.composite
def wires(draw: Callable[..., Any]) -> bytes:
    """Something like a request, or two."""
    line = draw(st.sampled_from(METHODS)) + b" " + draw(st.sampled_from(TARGETS))
    lines = [line + draw(st.sampled_from(VERSIONS)), b"Host: 127.0.0.1"]
    lines += draw(st.lists(st.sampled_from(LINES), max_size=3))
    request = b"\r\n".join([*lines, b"", draw(st.sampled_from(BODIES))])
    match draw(st.integers(0, 9)):
        case 0:
            return request * 2  # pipelined
        case 1:
            return request[: draw(st.integers(0, len(request)))]
        case 2:
            return request.replace(b"\r\n", b"\n")
        case 3:
            return draw(st.binary(max_size=200))
    return request


def test_N2_no_bytes_on_the_wire_break_the_server(target: Target) -> None:
    port = int(target.hub.url.rpartition(":")[2])

    @fuzzed(700)
    @given(sent=wires(), rudely=st.sampled_from((False, False, False, True)))
    def run(sent: bytes, rudely: bool) -> None:
        said = speak(port, sent, rudely=rudely)
        target.sent["raw requests"] += 1
        target.statuses.update(statuses(said))
        wrong = [status for status in statuses(said) if status >= 500]
        target.blame(sent, f"raw request {wrong}" if wrong else "")

    run()
    target.verdict()


# Frames ---------------------------------------------------------------------------------------

EDGES = tuple(  # of the 64 KiB a frame may have, and of what the server takes at all
    b'{"type":"ping","x":"' + b"x" * (size - 22) + b'"}'
    for size in (65_535, 65_536, 65_537, 66_560, 66_561, 70_000)
)
HOW = ("whole",) * 150 + ("split",) * 15 + ("binary", "reserved", "unknown", "unmasked", "close")
OUR_FAULT = (1006, 1011, 1012)  # close codes that say so


@st.composite
def talks(draw: Callable[..., Any], names: tuple[str, ...]) -> list[bytes]:
    """A few frames, most of them as a browser would send them."""
    said = st.one_of(*[bodies.frames(CLIENT_FRAMES, names)] * 12, st.sampled_from(EDGES))
    sent = []
    for payload in draw(st.lists(said, min_size=6, max_size=12)):
        match draw(st.sampled_from(HOW)):
            case "split":  # anywhere, within a character as well; a ping may come between
                cut = draw(st.integers(0, len(payload)))
                between = frame(b"between", PING) if cut % 2 else b""
                first, rest = frame(payload[:cut], last=False), frame(payload[cut:], CONTINUED)
                sent.append(first + between + rest)
            case "binary":
                sent.append(frame(payload, BINARY))
            case "reserved":
                sent.append(frame(payload, odd=draw(st.integers(1, 7))))
            case "unknown":
                sent.append(frame(payload, draw(st.integers(0, 15)), draw(st.booleans())))
            case "unmasked":
                sent.append(frame(payload, masked=False))
            case "close":
                reasons = (b"", b"\x03", b"\x03\xe8\xff", b"\0\0", payload)
                sent.append(frame(draw(st.sampled_from(reasons)), CLOSE))
            case _:
                sent.append(frame(payload))
    return sent


SPEAKERS = ("visitor", "verified visitor", "agent", "owner", "nobody")


def test_N1_no_frame_breaks_the_socket(target: Target) -> None:
    port = int(target.hub.url.rpartition(":")[2])

    def converse(hello: list[bytes], talk: list[bytes]) -> int | None:
        with closing(WebSocket(port, {"Origin": target.hub.url})) as socket:
            try:
                for said in [*hello, *talk, frame(b'{"type":"ping"}')]:
                    socket.send(said)
            except ConnectionError:
                pass  # it closes
            return socket.hear(b'"pong"')

    @fuzzed(350)
    @given(talk=talks(target.names), who=st.sampled_from(SPEAKERS))
    def run(talk: list[bytes], who: str) -> None:
        code = converse(target.hello(who), talk)
        target.sent["frames"] += len(talk)
        target.closes[code] += 1
        target.blame((who, talk), f"socket closed with {code}" if code in OUR_FAULT else "")

    run()
    target.verdict()
    assert target.closes[None] > 100  # enough of them stayed open to the end


# By the OpenAPI document ----------------------------------------------------------------------


def follow(
    target: Target,
    operation: schemathesis.APIOperation[Any, Any, Any, Any],
    mode: GenerationMode,
    session: http.Session,
    proof: dict[str, str],
) -> None:
    """Send what the document allows for an operation, or does not."""

    @fuzzed(8)
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: schemathesis.Case) -> None:
        if isinstance(case.body, dict) and "wait" in case.body:
            case.body["wait"] = 0  # of a poll
        said = case.call(target.hub.url, session=session, headers=proof, timeout=10)
        target.sent["from the document"] += 1
        target.statuses[said.status_code] += 1
        wrong = f"{operation.label} {said.status_code}" if said.status_code >= 500 else ""
        target.blame(case.as_curl_command() if wrong else operation.label, wrong)

    run()


def test_N1_what_the_openapi_document_suggests_breaks_nothing(target: Target) -> None:
    """Schemathesis: for every operation what the document allows, and what it does not."""
    schema = schemathesis.openapi.from_dict(document(target.hub.hub.routes, target.hub.url))
    session = http.Session()
    session.trust_env = False
    for result in schema.get_all_operations():
        operation = result.ok()
        route = next(
            r
            for r in target.hub.hub.routes
            if (r.path, getattr(r, "method", "")) == (operation.path, operation.method.upper())
        )
        proof = target.callers[target.those_who_may(route)[-1]].headers

        for mode in GenerationMode:
            with suppress(Unsatisfiable):  # of some operations nothing can be wrong
                follow(target, operation, mode, session, dict(proof))
    target.verdict()


def test_N1_ten_thousand_were_sent(
    target: Target, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    if len(target.sent) < 4:
        pytest.skip("counts what the tests above have sent: run them all")
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in target.sent.items())
    with capsys.disabled():
        screen = request.config.get_terminal_writer()
        screen.line(f"\n  fuzzed: {target.sent.total():,} sent ({kinds})")
        screen.line(f"  answers: {dict(sorted(target.statuses.items()))}")
        screen.line(f"  sockets closed with (None: still open): {dict(target.closes)}")
    assert target.sent.total() >= 10_000 * TIMES
