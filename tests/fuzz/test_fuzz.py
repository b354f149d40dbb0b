"""N1: whatever is sent, by whomever: no 5xx, no fault in the log, nothing of anyone else's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any

import pytest
import requests as http
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from chat.protocol import CLIENT_FRAMES
from core.routes import Route
from hub.openapi import document
from tests.fuzz.bodies import USUAL, Chance
from tests.fuzz.conftest import SEED, TIMES
from tests.fuzz.target import ENDING, Asked, Target
from tests.fuzz.wire import (
    BINARY,
    BROKEN,
    CLOSE,
    CONTINUED,
    LOST,
    PING,
    RESTART,
    WebSocket,
    frame,
    speak,
    statuses,
)
from widget.routes import Seen

pytestmark = pytest.mark.timeout(90 * TIMES)

SHAPES = {"POST /api/v1/widget/{id}/seen": Seen}  # of routes that decode by themselves


def chances(target: Target, kind: str, count: int) -> Iterator[Chance]:
    """One for each thing to send: each of them can be drawn again by itself."""
    for number in range(count * TIMES):
        chance = Chance(f"{SEED} {kind} {number}")
        chance.names = target.names
        chance.usual = {**USUAL, "widget": (target.shop.made.app_id,)}
        yield chance


# Requests -------------------------------------------------------------------------------------


def a_request(chance: Chance, target: Target, route: Route) -> Asked:
    shape = SHAPES.get(f"{route.method} {route.path}") or route.body
    right = target.right_id(route)
    return Asked(
        route.method,
        re.sub(r"{[^}]+}", lambda _: chance.segment(right), route.path),
        chance.query(route.query),
        chance.headers(),
        chance.body(shape) if shape or route.raw else b"",
    )


async def attack(target: Target, route: Route, asked: Asked, callers: list[str]) -> None:
    """Send it as each of them."""
    for caller in callers:
        said = await target.ask(asked, caller)
        target.sent["requests"] += 1
        target.statuses[said.status] += 1
        failed = said.status >= 500 and not (said.status == 503 and route.hidden)
        target.blame((caller, asked), f"{route.path} {said.status}" if failed else "")
        if said.status < 300:
            target.passed.add((route.method, route.path))
            if f"{route.method} {route.path}" in ENDING:
                await target.renew(caller)


def test_N1_no_body_query_path_or_header_breaks_a_route(target: Target) -> None:
    routes = [
        route
        for route in target.hub.hub.routes
        if isinstance(route, Route)
        for _ in range(6 if route.body or route.query or "{" in route.path else 1)
    ]
    for number, chance in enumerate(chances(target, "request", 8_000)):
        route = routes[number % len(routes)]
        asked = a_request(chance, target, route)
        may = chance.choice(target.those_who_may(route))
        target.run(attack(target, route, asked, [may, chance.choice(list(target.callers))]))
    target.verdict()
    behind = {r.path for r in routes if r.body and (r.method, r.path) not in target.passed}
    behind = {path for path in behind if not path.startswith(HARD)}
    assert behind == set(), "nothing that was sent came past the decoder there"


HARD = (
    # Nobody here knows a password, a one-time link, or the signature of another's id,
    "/console/api/session",
    "/woocommerce/session",
    # nor a code that was sent by e-mail, which this hub sends none of;
    "/v1/chat/email-code",
    # nor has this hub a connected shop to sync, to order from or to give codes of.
    "/console/api/integrations",
    "/console/api/discounts",
    "/console/api/orders",
    "/console/api/actions",
    # And what these would change is not there (any more): somebody else has erased it.
    "/console/api/articles/{id}",
    "/console/api/collections/{id}",
    "/console/api/conversations/{id}/answering",
)


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


def bytes_on_a_wire(chance: Chance) -> bytes:
    """Something like a request, or two."""
    line = chance.choice(METHODS) + b" " + chance.choice(TARGETS) + chance.choice(VERSIONS)
    lines = [line, b"Host: 127.0.0.1", *chance.sample(LINES, chance.randrange(4))]
    request = b"\r\n".join([*lines, b"", chance.choice(BODIES)])
    match chance.randrange(10):
        case 0:
            return request * 2  # pipelined
        case 1:
            return request[: chance.randint(0, len(request))]
        case 2:
            return request.replace(b"\r\n", b"\n")
        case 3:
            return chance.randbytes(chance.randrange(200))
    return request


def test_N2_no_bytes_on_the_wire_break_the_server(target: Target) -> None:
    for chance in chances(target, "wire", 800):
        sent = bytes_on_a_wire(chance)
        said = statuses(speak(target.port, sent, rudely=chance.one_in(4)))
        target.sent["raw requests"] += 1
        target.statuses.update(said)
        wrong = [status for status in said if status >= 500]
        target.blame(sent, f"raw request {wrong}" if wrong else "")
    target.verdict()


# Frames ---------------------------------------------------------------------------------------

EDGES = tuple(  # of the 64 KiB a frame may have, and of what the server takes at all
    b'{"type":"ping","x":"' + b"x" * (size - 22) + b'"}'
    for size in (65_535, 65_536, 65_537, 66_560, 66_561, 70_000)
)
HONEST = ("whole",) * 8 + ("split",)
RUDE = (*HONEST * 5, "binary", "reserved", "unknown", "unmasked", "close")
SPEAKERS = ("visitor", "verified visitor", "agent", "owner", "nobody")


def a_frame(chance: Chance, how: tuple[str, ...]) -> bytes:
    payload = chance.body(chance.choice(CLIENT_FRAMES))
    if chance.one_in(100):
        payload = chance.choice(EDGES)
    if not chance.one_in(30):  # the server closes over bad UTF-8: not each time
        payload = payload.decode("utf-8", "replace").encode()
    match chance.choice(how):
        case "split":  # anywhere, within a character as well; a ping may come between
            cut = chance.randint(0, len(payload))
            between = frame(b"between", PING) if cut % 2 else b""
            return frame(payload[:cut], last=False) + between + frame(payload[cut:], CONTINUED)
        case "binary":
            return frame(payload, BINARY)
        case "reserved":
            return frame(payload, odd=chance.randint(1, 7))
        case "unknown":
            return frame(payload, chance.randrange(16), chance.one_in(2))
        case "unmasked":
            return frame(payload, masked=False)
        case "close":
            return frame(chance.choice((b"", b"\x03", b"\x03\xe8\xff", b"\0\0", payload)), CLOSE)
    return frame(payload)


def converse(target: Target, who: str, talk: list[bytes]) -> int | None:
    """The code a socket is closed with over a talk; None if it is still open after it."""
    hello = target.hello(who)
    with closing(WebSocket(target.port, {"Origin": target.hub.url})) as socket:
        with suppress(ConnectionError):  # closed before the end
            for said in [*hello, *talk, frame(b'{"type":"ping"}')]:
                socket.send(said)
        return socket.hear(b'"pong"')


def test_N1_no_frame_breaks_the_socket(target: Target) -> None:
    for chance in chances(target, "talk", 350):
        who, how = chance.choice(SPEAKERS), HONEST if chance.one_in(2) else RUDE
        talk = [a_frame(chance, how) for _ in range(chance.randint(6, 12))]
        code = converse(target, who, talk)
        target.sent["frames"] += len(talk)
        target.closes[code] += 1
        broken = code in (BROKEN, RESTART) or (code == LOST and how is HONEST)
        target.blame((who, talk), f"socket closed with {code}" if broken else "")
    target.verdict()
    assert target.closes[None] > 100 * TIMES  # enough of them stayed open to the end


# By the OpenAPI document ----------------------------------------------------------------------


def follow(
    target: Target,
    operation: schemathesis.APIOperation[Any, Any, Any, Any],
    mode: GenerationMode,
    session: http.Session,
    proof: dict[str, str],
) -> None:
    """Send what the document allows for an operation, or does not."""

    @settings(
        max_examples=8 * TIMES,
        derandomize=TIMES == 1,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
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
        screen.line(f"\n  fuzzed: {target.sent.total():,} sent ({kinds}), seed {SEED}")
        screen.line(f"  answers: {dict(sorted(target.statuses.items()))}")
        screen.line(f"  sockets closed with (None: still open): {dict(target.closes)}")
    assert target.sent.total() >= 10_000 * TIMES
