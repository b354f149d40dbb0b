"""Http: the one way out, to addresses that may be called, with limits on time and size.

What goes wrong is `Unavailable` (it might work in a minute) or `Refused` (it will not). Neither
their text nor anything logged here holds more of an address than its host.
"""

from __future__ import annotations

import math
import socket
import zlib
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal
from urllib.parse import urlsplit

import aiohttp
import msgspec
from yarl import URL

from connectors.addresses import Network, NotAllowed, guarded_socket
from core.errors import Refused, Unavailable

MEBIBYTE = 1 << 20
LIMIT = 16 * MEBIBYTE  # bytes of an unpacked body
LONGEST_LINE = 8 * MEBIBYTE
CHUNK = 256 * 1024
AT_ONCE = 100  # connections
AT_ONCE_THERE = 20  # of them to one host
CONNECT = 5.0  # seconds
READ = 15.0  # seconds without a byte
TOTAL = 30.0
LONGEST_WAIT = 3600  # seconds anyone's Retry-After is believed
USER_AGENT = "Parley/0.1 (+https://github.com/parley-hub/parley)"


# By which door a request leaves: each has its own connections, so that none is reused by another.
Way = Literal["trusted", "https", "http"]


class NotSent(Unavailable):
    """Nobody heard us: the request had no effect, and sending it again is safe."""


class Busy(Unavailable):
    """429: the other side did not do it and says when to come back."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered, unpacked and read to its end."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether it is a 2xx."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON; Unavailable for what is none, such as a proxy's page."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Unavailable("The answer is no valid JSON.", code="bad_answer") from error


class Http:
    """Kept-alive connections to any number of hosts, shared by everyone who calls out.

    It calls public addresses by https, and the networks of `allow` also by http. An origin in
    `trusted`, such as `http://127.0.0.1:9100`, is the operator's own word: called wherever it is.
    """

    def __init__(self, allow: Sequence[Network] = (), *, trusted: Iterable[str] = ()) -> None:
        self._allow = tuple(allow)
        self._trusted = frozenset(to_origin(origin) for origin in trusted)
        self._sessions: dict[Way, aiohttp.ClientSession] = {}
        self.opened = 0  # TCP connections so far

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        data: bytes | Mapping[str, str] | None = None,
        within: float = TOTAL,
        limit: int = LIMIT,
    ) -> Reply:
        """The answer, whatever its status below 500 but 429; redirects are not followed.

        Raises NotSent if it did not arrive, Busy for 429, Unavailable if nobody knows or the
        other side failed, Refused for an address that may not be called or an answer of more
        than `limit` bytes.
        """
        sent = dict(headers or {})
        if json is not None:
            data = msgspec.json.encode(json)
            sent.setdefault("Content-Type", "application/json")
        async with self._answer(method, url, sent, data, within) as response:
            body = b"".join([part async for part in _unpacked(response, limit)])
            found = {name.lower(): value for name, value in response.headers.items()}
            return Reply(response.status, found, body)

    async def lines(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        within: float = 24 * 3600,
        limit: int = 1 << 40,
    ) -> AsyncIterator[bytes]:
        """The lines of a file, never held whole; Unavailable if it breaks off."""
        async with self._answer("GET", url, dict(headers or {}), None, within) as response:
            if response.status != 200:
                raise Refused(f"{_host(url)} answered {response.status}.", code="no_file")
            rest = b""
            async for part in _unpacked(response, limit):
                *whole, rest = (rest + part).split(b"\n")
                if len(rest) > LONGEST_LINE:
                    raise Refused(f"{_host(url)} sent an endless line.", code="too_large")
                for line in whole:
                    if line.strip():
                        yield line
            if rest.strip():
                yield rest

    async def close(self) -> None:
        """Let go of every connection."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    @asynccontextmanager
    async def _answer(
        self, method: str, url: str, headers: Mapping[str, str], data: Any, within: float
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        session = self._session(self._way(url))
        host = _host(url)
        limits = aiohttp.ClientTimeout(
            total=within,
            connect=within / 2,  # with the wait for a free connection: nothing has been sent
            sock_connect=min(CONNECT, within / 2),
            sock_read=READ if within > READ else None,
        )
        with _plainly(host):
            async with session.request(
                method,
                URL(url, encoded=True),
                headers={"Accept-Encoding": "gzip", **headers},
                data=data,
                timeout=limits,
                allow_redirects=False,
            ) as response:
                _check_status(response, host)
                yield response

    def _way(self, url: str) -> Way:
        """By which door this address is reached; Refused if it is none to call."""
        try:
            origin, parts = to_origin(url), urlsplit(url)
        except ValueError as error:
            raise Refused("This is no web address.", code="bad_address") from error
        if parts.username is not None or parts.password is not None:
            raise Refused("An address must not carry a password.", code="bad_address")
        if origin in self._trusted:
            return "trusted"
        if parts.scheme == "https":
            return "https"
        if not self._allow:
            raise Refused(f"{_host(url)}: only https is called.", code="bad_address")
        return "http"

    def _session(self, way: Way) -> aiohttp.ClientSession:
        if way not in self._sessions:
            self._sessions[way] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=AT_ONCE,
                    # A slow shop takes its own share; the trusted origin stands for all shops.
                    limit_per_host=0 if way == "trusted" else AT_ONCE_THERE,
                    keepalive_timeout=60,
                    socket_factory=partial(self._socket, way),
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                auto_decompress=False,  # unpacked here, piece by piece and within the limit
                headers={"User-Agent": USER_AGENT},
            )
        return self._sessions[way]

    def _socket(self, way: Way, info: Any) -> socket.socket:
        """A socket for the very address a connection is about to use."""
        self.opened += 1
        if way == "trusted":
            return socket.socket(*info[:3])
        return guarded_socket(info, self._allow, public=way == "https")


def to_origin(url: str) -> str:
    """Scheme, host and port of an http(s) address; ValueError if it is none."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("not an http(s) address")
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{parts.hostname}:{port}"


def _host(url: str) -> str:
    return urlsplit(url).hostname or "the shop"


@contextmanager
def _plainly(host: str) -> Iterator[None]:
    """What the library raises, as our two ways to fail; its texts may hold a whole address."""
    try:
        yield
    except aiohttp.ClientConnectorError as error:
        if isinstance(error.os_error, NotAllowed):
            raise Refused(f"{host} is not a public address.", code="bad_address") from None
        raise NotSent(f"{host} cannot be reached.", code="unreachable") from None
    except (aiohttp.ConnectionTimeoutError, aiohttp.ServerFingerprintMismatch):
        raise NotSent(f"{host} cannot be reached.", code="unreachable") from None
    except TimeoutError:
        raise Unavailable(f"{host} takes too long to answer.", code="timeout") from None
    except aiohttp.InvalidURL:
        raise Refused("This is no web address.", code="bad_address") from None
    except (aiohttp.ClientError, OSError) as error:
        what = type(error).__name__
        raise Unavailable(f"{host} broke off ({what}).", code="broken_off") from None


def _check_status(response: aiohttp.ClientResponse, host: str) -> None:
    status = response.status
    wait = _retry_after(response.headers.get("Retry-After", ""))
    if status == 429:
        raise Busy(f"{host} is busy.", code="busy", retry_after=wait)
    if status >= 500:
        raise Unavailable(f"{host} answered {status}.", code="vendor_error", retry_after=wait)


def _retry_after(header: str) -> int | None:
    """Whole seconds to wait, rounded up; None if the header says nothing we understand."""
    try:
        seconds = float(header)
    except ValueError:
        return None
    return min(math.ceil(seconds), LONGEST_WAIT) if 0 <= seconds < math.inf else None


async def _unpacked(response: aiohttp.ClientResponse, limit: int) -> AsyncIterator[bytes]:
    """The body in pieces of at most `CHUNK` bytes, unpacked; Refused once there are too many."""
    packing = response.headers.get("Content-Encoding", "identity").lower()
    if packing not in ("identity", "gzip", "x-gzip", "deflate"):
        raise Unavailable("The answer is packed in an unknown way.", code="bad_answer")
    unpacker = None if packing == "identity" else _Unpacker()
    came, size = 0, 0
    async for packed in response.content.iter_chunked(CHUNK):
        came += len(packed)
        for part in [packed] if unpacker is None else unpacker.unpack(packed):
            size += len(part)
            if max(came, size) > limit:
                raise Refused(f"The answer has more than {limit:,} bytes.", code="too_large")
            yield part
    if unpacker is not None and came and not unpacker.is_whole:
        raise Unavailable("The answer broke off.", code="broken_off")


class _Unpacker:
    """A packed body, which may be several packed ones in a row, piece by piece."""

    def __init__(self) -> None:
        self._part = zlib.decompressobj(zlib.MAX_WBITS | 32)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return bool(self._part.eof)

    def unpack(self, packed: bytes) -> Iterator[bytes]:
        """What a piece holds, as many small ones: it may be a bomb."""
        while packed:
            if self._part.eof:
                self._part = zlib.decompressobj(zlib.MAX_WBITS | 32)
            try:
                part = self._part.decompress(packed, CHUNK)
            except zlib.error as error:
                raise Unavailable("The answer does not unpack.", code="bad_answer") from error
            packed = self._part.unconsumed_tail or self._part.unused_data
            yield part
