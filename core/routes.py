"""Routes: what a plugin serves over HTTP, declared with who may use it and what it takes.

The hub authenticates, limits, decodes strictly and encodes; an endpoint gets a `Call` and
returns what to say. It never sees the server's own request type, so it is easily tested.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from core.access import Access, Principal
from core.decode import decode_query

if TYPE_CHECKING:
    from core.services import Services

T = TypeVar("T")

MEBIBYTE = 1 << 20


@dataclass(slots=True)
class Call:
    """One request, already proven and decoded."""

    services: Services
    principal: Principal
    body: Any  # the route's `body` struct, the raw bytes if `raw`, else None
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    address: str  # of the caller, behind trusted proxies
    query_string: str = ""  # as it came: what a vendor has signed

    @property
    def workspace_id(self) -> str:
        """The tenant: always the principal's, never the request's."""
        return self.principal.workspace_id

    def ask(self, shape: type[T]) -> T:
        """The query parameters as a struct; Invalid names the one that does not fit."""
        return decode_query(self.query, shape)


@dataclass(slots=True)
class Answer:
    """What to send back when a plain struct (200, JSON) is not enough."""

    body: Any = None  # a struct or plain data as JSON; bytes are sent as they are
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"

    def encode(self) -> bytes:
        """The bytes of the body; empty for 204."""
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else msgspec.json.encode(self.body)


Endpoint = Callable[[Call], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Route:
    """One method and path: who may use it, what it takes, what it answers."""

    method: str
    path: str  # Starlette's form: `/v1/things/{id}`
    endpoint: Endpoint
    access: Access
    summary: str = ""
    body: type[msgspec.Struct] | None = None
    answer: type | None = None  # for the OpenAPI document
    status: int = 200
    query: type[msgspec.Struct] | None = None  # query parameters, for the OpenAPI document
    raw: bool = False  # hand over the bytes: the endpoint verifies a signature over them
    limit: int = MEBIBYTE  # bytes of body
    rate: str = "default"  # the limiter's bucket, see hub/limits.py
    tag: str = ""  # the OpenAPI group
    example: Any = None  # a body, for the OpenAPI document
    shows: Any = None  # an answer, for the OpenAPI document
    headers: type[msgspec.Struct] | None = None  # request headers, for the OpenAPI document
    also: tuple[int, ...] = ()  # further statuses that carry `answer`
    hidden: bool = False  # left out of the OpenAPI document: pages and files


@dataclass(frozen=True, slots=True)
class SocketRoute:
    """A websocket: a bare ASGI callable, and who may send each type of frame over it."""

    path: str
    app: Callable[..., Awaitable[None]]
    frames: Mapping[type[Any], Access]  # structs; a Mapping's keys cannot be of a subclass
