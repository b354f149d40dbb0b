"""Endpoints: a declared route as a bare ASGI callable that proves, limits, decodes and answers."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import structlog

from core.decode import decode
from core.errors import HubError, Malformed, TooLarge
from core.ids import random_text
from core.routes import Answer, Call, Route
from hub import metrics
from hub.auth import check_origin

if TYPE_CHECKING:
    from hub.app import Hub

log = structlog.get_logger("hub.http")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


class Endpoint:
    """One route, served. Nothing an outsider sends makes it answer 5xx."""

    def __init__(self, hub: Hub, route: Route) -> None:
        self.hub = hub
        self.route = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        request_id = random_text(12)
        structlog.contextvars.bind_contextvars(request=request_id)
        try:
            answer = await self._answer(scope, receive)
        except HubError as refusal:
            answer = to_answer(refusal)
        except Exception:
            log.exception("request_failed", route=self.route.path)
            answer = broken(request_id)
        await respond(send, answer, request_id, body_too=scope["method"] != "HEAD")
        seconds = time.perf_counter() - started
        metrics.request(self.route.method, self.route.path, answer.status, seconds)
        log.debug(
            "request",
            method=scope["method"],
            route=self.route.path,
            status=answer.status,
            ms=round(seconds * 1000, 1),
            request=request_id,
        )

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        route, hub = self.route, self.hub
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        client = scope.get("client")
        address = client[0] if client else ""
        principal = await hub.authenticator.principal(headers, address)
        limits = hub.limiter.check(route.rate, principal, address)
        route.access.check(principal)
        if not route.access.public:
            check_origin(route.method, headers, hub.settings, principal)
        body = await self._body(headers, receive)
        outcome = await route.endpoint(
            Call(
                services=hub.services,
                principal=principal,
                body=body,
                path=without_nul(scope.get("path_params", {})),
                query=without_nul(dict(parse_qsl(scope["query_string"].decode("latin-1")))),
                headers=headers,
                address=address,
                query_string=scope["query_string"].decode("latin-1"),
            )
        )
        answer = outcome if isinstance(outcome, Answer) else Answer(outcome, route.status)
        answer.headers.update(limits)
        return answer

    async def _body(self, headers: Mapping[str, str], receive: Receive) -> Any:
        """The body as the route wants it, never more than its limit in memory."""
        route = self.route
        if route.body is None and not route.raw:
            return None
        raw = await read_body(headers, receive, route.limit)
        if route.raw or route.body is None:
            return raw
        return decode(raw, route.body, limit=route.limit)


def without_nul(values: Mapping[str, str]) -> Mapping[str, str]:
    """The same values; Malformed for a NUL character, which no database takes as text."""
    for name, value in values.items():
        if "\0" in value or "\0" in name:
            raise Malformed("There is a NUL character in the address.")
    return values


async def read_body(headers: Mapping[str, str], receive: Receive, limit: int) -> bytes:
    """The whole body; TooLarge as soon as it is known to exceed `limit` bytes."""
    too_large = TooLarge(f"The body may have at most {limit:,} bytes.")
    if (announced := headers.get("content-length", "")).isdigit() and int(announced) > limit:
        raise too_large
    message = await _next(receive)
    if not message.get("more_body"):
        body: bytes = message.get("body", b"")
        if len(body) > limit:
            raise too_large
        return body
    chunks = [message.get("body", b"")]
    size = len(chunks[0])
    while message.get("more_body"):
        message = await _next(receive)
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > limit:
            raise too_large
    return b"".join(chunks)


async def _next(receive: Receive) -> MutableMapping[str, Any]:
    """The next part of a body; Malformed if its sender is gone: half of one means nothing."""
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Malformed("The request broke off.")
    return message


def to_answer(refusal: HubError) -> Answer:
    """A refusal in the one error shape."""
    headers = {}
    if refusal.retry_after is not None:
        headers["retry-after"] = str(refusal.retry_after)
    if refusal.status == 401:
        headers["www-authenticate"] = "Bearer"
    return Answer({"error": refusal.describe()}, refusal.status, headers)


def broken(request_id: str) -> Answer:
    """What a caller hears of a fault of ours: enough to report it, nothing else."""
    message = f"Something broke on our side. Report it with the request id {request_id}."
    return Answer({"error": {"code": "internal", "message": message}}, 500)


async def respond(send: Send, answer: Answer, request_id: str, *, body_too: bool = True) -> None:
    """Send an answer with the headers every answer has."""
    body = answer.encode()
    headers = {**ALWAYS, "x-request-id": request_id}
    if answer.status != 204:
        headers["content-type"] = answer.content_type
        headers["content-length"] = str(len(body))
    headers.update((name.lower(), value) for name, value in answer.headers.items())
    raw = [
        (name.encode("latin-1"), line.encode("latin-1"))
        for name, value in headers.items()
        for line in value.split("\n")  # several cookies
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    await send({"type": "http.response.body", "body": body if body_too else b""})
