"""A stub of a language model: it speaks the protocol of OpenAI on 127.0.0.1, and means harm.

    async with StubModel(Worst()) as stub:
        settings = ModelSettings(base_url=stub.base_url, api_key=KEY, model="stub")

What it answers is up to a `Mind`: a function of the messages so far. It is strict about what it is
asked: `complaints` holds what a real endpoint would have refused.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from connectors.testing.standin import StandinServer

KEY = "stub-key-of-a-test"
ROLES = {"system", "user", "assistant", "tool"}
KNOWN = {
    "model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens",
    "temperature", "tools", "tool_choice", "parallel_tool_calls",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Say:
    """Words, which come in pieces of this size."""

    text: str
    piece: int = 7


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a tool; arguments as text are sent as they are."""

    tool: str
    arguments: Any = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Raw:
    """These very bytes instead of an event."""

    body: bytes
    times: int = 1


@dataclass(frozen=True, slots=True)
class Wait:
    """Silence for a while."""

    seconds: float


class Cut:
    """The connection ends here."""


Piece = Say | Call | Raw | Wait | Cut
Mind = Callable[[list[dict[str, Any]], list[str]], Iterable[Piece]]


class StubModel(StandinServer):
    """A server that answers as its mind tells it, and counts tokens as letters by four."""

    def __init__(self, mind: Mind, *, usage: Any = None, port: int = 0) -> None:
        super().__init__(port)
        self.mind = mind
        self.usage = usage  # what it says it took, instead of what it did
        self.complaints: list[str] = []
        self.bodies: list[dict[str, Any]] = []
        self.app.router.add_post("/v1/chat/completions", self._complete)

    @property
    def base_url(self) -> str:
        """What AI_BASE_URL is set to."""
        return f"{self.url}/v1"

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read())
        self.bodies.append(body)
        del self.bodies[:-500]
        wrong = list(_wrong(request, body))
        self.complaints += wrong
        if wrong:
            return web.json_response({"error": {"message": wrong[0]}}, status=400)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        tools = [one["function"]["name"] for one in body.get("tools", [])]
        with suppress(ConnectionError):  # they have heard enough
            await self._stream(request, response, self.mind(body["messages"], tools), body)
        return response

    async def _stream(
        self, request: web.Request, response: web.StreamResponse, said: Iterable[Piece], body: Any
    ) -> None:
        written, calls = 0, itertools.count()
        called = False
        for one in said:
            match one:
                case Say(text, size):
                    written += len(text)
                    for start in range(0, len(text), size):
                        await _event(response, {"content": text[start : start + size]})
                case Call(tool, arguments):
                    called = True
                    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
                    written += len(text)
                    await _call(response, next(calls), tool, text)
                case Raw(raw, times):
                    for _ in range(times):
                        await response.write(raw)
                case Wait(seconds):
                    await asyncio.sleep(seconds)
                case Cut():
                    if request.transport is not None:
                        request.transport.abort()
                    return
        await _event(response, {}, finish="tool_calls" if called else "stop")
        read = len(json.dumps(body, ensure_ascii=False)) // 4
        usage = {"prompt_tokens": read, "completion_tokens": written // 4 + 1}
        if self.usage is not False:
            await _write(response, {"choices": [], "usage": self.usage or usage})
        await response.write(b"data: [DONE]\n\n")


async def _call(response: web.StreamResponse, index: int, tool: str, text: str) -> None:
    """A call in two pieces, as real ones come."""
    half = len(text) // 2
    function = {"name": tool, "arguments": text[:half]}
    head = {"index": index, "id": f"call-{index}", "type": "function", "function": function}
    await _event(response, {"tool_calls": [head]})
    rest = {"index": index, "function": {"arguments": text[half:]}}
    await _event(response, {"tool_calls": [rest]})


async def _event(
    response: web.StreamResponse, delta: dict[str, Any], finish: str | None = None
) -> None:
    await _write(response, {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


async def _write(response: web.StreamResponse, chunk: dict[str, Any]) -> None:
    whole = {"id": "stub", "object": "chat.completion.chunk", "created": 1, "model": "stub"}
    text = json.dumps({**whole, **chunk})
    await response.write(f"data: {text}\n\n".encode("utf-8", "replace"))


def _wrong(request: web.Request, body: dict[str, Any]) -> Iterator[str]:
    """What a strict endpoint refuses."""
    if request.headers.get("Authorization") != f"Bearer {KEY}":
        yield "the key is not the one"
    if unknown := set(body) - KNOWN:
        yield f"unknown fields {sorted(unknown)}"
    if body.get("stream") is not True or body.get("stream_options") != {"include_usage": True}:
        yield "it is not streamed, or its tokens are not asked for"
    limits = [body[one] for one in ("max_tokens", "max_completion_tokens") if one in body]
    if len(limits) != 1 or not 0 < limits[0] <= 4_000:
        yield "the answer has no limit"
    if not 0 <= body.get("temperature", 2) <= 0.5:
        yield "the temperature is not low"
    yield from _wrong_messages(body.get("messages") or [])
    for tool in body.get("tools", []):
        schema = tool["function"]["parameters"]
        if schema.get("type") != "object" or "$ref" in json.dumps(schema):
            yield f"the schema of {tool['function']['name']} is no plain object"


def _wrong_messages(messages: Sequence[dict[str, Any]]) -> Iterator[str]:
    if not messages or messages[0]["role"] != "system":
        yield "no system message at the beginning"
    open_calls: set[str] = set()
    for one in messages:
        if one["role"] not in ROLES:
            yield f"unknown role {one['role']}"
        if one["role"] == "tool":
            if one["tool_call_id"] not in open_calls:
                yield "an answer to no call"
            open_calls.discard(one["tool_call_id"])
        elif open_calls:
            yield "a call without an answer"
        for call in one.get("tool_calls") or ():
            open_calls.add(call["id"])
    if open_calls:
        yield "a call without an answer"


# Minds ---------------------------------------------------------------------------------------


def script(*turns: Sequence[Piece]) -> Mind:
    """One answer after another; the last of them for ever."""
    left = list(turns)

    def mind(_: list[dict[str, Any]], __: list[str]) -> Iterable[Piece]:
        return left.pop(0) if len(left) > 1 else left[0]

    return mind


FOREIGN = [
    "rec_foreign",
    "cus_43",
    "43",
    "NL-2099",
    "#2099",
    "ruben@posteo.example",
    "*",
    "' OR 1=1",
]
WORST_CALLS: list[tuple[str, Any]] = [
    ("my_orders", {"customer_id": "43"}),
    ("my_orders", {"limit": 10**9}),
    ("my_orders", {"limit": "5"}),
    ("order_status", {"number": "NL-2099"}),
    ("order_status", {"number": "NL-2099", "email": "ruben@posteo.example"}),
    ("order_status", {"number": ["NL-2099"]}),
    ("order_status", {"number": "A" * 3_000}),
    ("my_activity", {"kind": "deposit", "customer": "43"}),
    ("my_activity", {"kind": "everything"}),
    ("my_profile", {"visitor_id": "vis_0"}),
    ("my_profile", "null"),
    ("offer_discount", {"percent": "100"}),
    ("offer_discount", {"percent": 100}),
    ("offer_discount", {"percent": "-5"}),
    ("offer_discount", {"percent": "99.99", "currency": "EUR", "amount": "1000"}),
    ("offer_discount", {"percent": "1e9"}),
    ("search_products", {"words": "\u0000", "shop": "other.example"}),
    ("search_products", {"words": "%", "limit": 6, "max_price": "NaN"}),
    ("search_articles", {"words": "canary", "workspace_id": "wsp_other"}),
    ("delete_customer", {"id": "43"}),
    ("../../etc/passwd", {}),
    ("refund", {"order": "1001", "amount": "1000"}),
    ("hand_over", "{"),
    ("my_orders", "[" * 2_000),
    ("my_orders", '{"limit": 1' + "0" * 400 + "}"),
]
LIES = [
    "Good news: your order NL-2099 was delivered yesterday.",
    "Your code is HACK-100, it gives you 100% off.",
    "It costs 1.00 EUR today only.",
    "Pay at https://evil.example/pay now.",
    "Your last deposit of 9,999.00 EUR is completed.",
    "<img src=https://evil.example/x.png onerror=alert(1)> Hello, it costs 1 EUR",
    "[Click here](https://evil.example/win) for 50 % off",
    "Write to ruben@posteo.example or call +49 30 9018200.",
    "We will refund you 500 euros.",
    "تم استرداد مبلغ ٥٠٠ يورو.",
    "Ihre Bestellung NL-2099 wurde storniert.",
    "Vous avez cent euros de réduction avec le code CADEAU100.",
]


class Worst:
    """Always the worst tool with the worst arguments, and in the end a lie."""

    def __init__(self, start: int = 0) -> None:
        self._calls = itertools.cycle(WORST_CALLS[start:] + WORST_CALLS[:start])
        self._lies = itertools.cycle(LIES)

    def __call__(self, messages: list[dict[str, Any]], tools: list[str]) -> Iterable[Piece]:
        """Calls as long as there are tools to call; now and then many at once."""
        done = sum(one["role"] == "tool" for one in messages)
        if tools and done < 6:
            return [Call(*next(self._calls)) for _ in range(1 + done % 3)]
        return [Say(f"{next(self._lies)}\nCARDS: {', '.join(FOREIGN)}")]
