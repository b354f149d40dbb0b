"""Wire: the connection to a model, which believes nothing of what answers there.

Everything of pydantic-ai is imported here and when it is needed: the hub starts without it.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from chat.assistant.providers import Endpoint
from core.errors import Unavailable

if TYPE_CHECKING:
    import httpx2
    from pydantic_ai.models.openai import OpenAIChatModel

CONNECT = 4.0  # seconds
FIRST = 8.0  # until the first word of an answer
WHOLE = 11.5  # for a whole turn: the built-in engine takes over at twelve
BYTES = 1 << 20  # of one answer: a thousand times what is needed
_TALKATIVE = ("openai", "httpx2", "httpcore2", "pydantic_ai")


def warm_up() -> None:
    """Import in the background what takes seconds to import."""
    threading.Thread(target=_import, name="assistant-imports", daemon=True).start()


async def imported() -> None:
    """Wait until it is imported; other requests are served meanwhile."""
    await asyncio.to_thread(_import)


@cache
def _import() -> None:
    for name in ("direct", "models.openai", "providers.openai"):
        importlib.import_module(f"pydantic_ai.{name}")
    for name in _TALKATIVE:  # their debug lines hold what people said
        logging.getLogger(name).setLevel(logging.WARNING)


@asynccontextmanager
async def connected(endpoint: Endpoint) -> AsyncIterator[OpenAIChatModel]:
    """The model at an endpoint, with a connection of its own for a turn."""
    await imported()
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.profiles import merge_profile
    from pydantic_ai.profiles.openai import OpenAIModelProfile
    from pydantic_ai.providers.openai import OpenAIProvider

    async with _client() as client:
        provider = OpenAIProvider(
            base_url=endpoint.base_url,
            api_key=endpoint.api_key or "none",  # or the library takes OPENAI_API_KEY
            http_client=client,
        )
        limit = OpenAIModelProfile(openai_chat_supports_max_completion_tokens=endpoint.new_limit)
        yield OpenAIChatModel(
            endpoint.model, provider=provider, profile=lambda usual: merge_profile(usual, limit)
        )


def _client() -> httpx2.AsyncClient:
    import httpx2

    class Limited(httpx2.AsyncBaseTransport):
        """Answers of at most `BYTES`, unpacked as they come."""

        def __init__(self) -> None:
            self._inner = httpx2.AsyncHTTPTransport(trust_env=False)

        async def handle_async_request(self, request: Any) -> Any:
            answer = await self._inner.handle_async_request(request)
            if answer.headers.get("content-encoding", "identity") != "identity":
                await answer.aclose()
                raise Unavailable("The model's answer is packed.", code="bad_answer")
            answer.stream = _Counted(answer.stream)
            return answer

        async def aclose(self) -> None:
            await self._inner.aclose()

    class _Counted(httpx2.AsyncByteStream):
        def __init__(self, stream: Any) -> None:
            self._stream, self._left = stream, BYTES

        async def __aiter__(self) -> AsyncIterator[bytes]:
            async for part in self._stream:
                self._left -= len(part)
                if self._left < 0:
                    raise Unavailable("The model's answer does not end.", code="too_large")
                yield part

        async def aclose(self) -> None:
            await self._stream.aclose()

    return httpx2.AsyncClient(
        transport=Limited(),
        trust_env=False,
        follow_redirects=False,
        timeout=httpx2.Timeout(WHOLE, connect=CONNECT),
        headers={"Accept-Encoding": "identity"},
    )
