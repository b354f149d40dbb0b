"""Door: uvicorn's HTTP connection, with a bound on a request's head and on how slowly it comes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD = 64 * 1024  # bytes of a request line and its headers; many times what a browser sends
COMES_WITHIN = 60.0  # seconds from a request's first byte to its last, or to the first of all

TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"connection: close\r\ncontent-length: 0\r\n\r\n"
)


class Door(HttpToolsProtocol):
    """One connection.

    Without these bounds uvicorn keeps whatever headers a stranger sends (60 MB of them were 1.2 GB
    of memory), before a body or after it, and waits for ever for a request that never ends.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._got_on = False
        self._head = 0  # bytes in a row that brought neither a new request nor some of its body
        self._coming_since: float | None = self.loop.time()

    def data_received(self, data: bytes) -> None:
        if self._coming_since is None and self._is_idle():
            self._coming_since = self.loop.time()
        self._got_on = False
        super().data_received(data)
        # A read that gets on is not counted: what a head takes of it is at most one read's size.
        self._head = 0 if self._got_on else self._head + len(data)
        if self._head > HEAD and not self.transport.is_closing():
            if self._is_idle():
                self.transport.write(TOO_LARGE)
            self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._got_on = True
        if self._coming_since is None:  # it came together with the end of another
            self._coming_since = self.loop.time()

    def on_headers_complete(self) -> None:
        self._got_on = True
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._got_on = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._got_on = True
        self._coming_since = None
        super().on_message_complete()

    def close_if_late(self, now: float) -> None:
        """Hang up on a request that has been coming for too long."""
        if self._coming_since is not None and now - self._coming_since > COMES_WITHIN:
            self.transport.abort()  # a close would wait for whoever reads nothing

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete


def close_late(connections: Iterable[Any], now: float) -> None:
    """Hang up on every connection whose request has been coming for too long."""
    for connection in list(connections):
        if isinstance(connection, Door):
            connection.close_if_late(now)
