"""Who is asking: an API key, an agent's cookie or a visitor's token, proven on every request."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping, Sequence

from core.access import NOBODY, Principal
from core.api_keys import note_key_uses, principal_by_key
from core.crypto import hash_token
from core.errors import Forbidden, Unauthenticated
from core.events import KeyRevoked, Logged
from core.ids import now_ms
from core.origins import is_own_origin
from core.services import Services
from core.sessions import LIFE_MS, SEEN_EVERY_MS, note_use, session_by_token
from core.visitors import principal_by_token
from hub.limits import Limiter
from hub.settings import Settings, is_loopback

BEARER = re.compile(r"bearer +((wgk|vst)_[0-9A-Za-z]{24,64})", re.IGNORECASE)
SAFE = ("GET", "HEAD", "OPTIONS")

SECURE_COOKIE = "__Host-parley_session"
PLAIN_COOKIE = "parley_session"

# A key that was looked up is believed for a second: its revocation is announced to every
# process, and should that get lost, holds a second later all the same (T3).
BELIEVED = 1.0
REMEMBERED = 10_000  # keys, and sessions
NOTED_EVERY = 60.0  # seconds between two writes of a last use
NOTED_AFTER = 0.5  # so that the uses of many keys are one write


class Authenticator:
    """Turns the headers of a request into who is asking."""

    def __init__(self, services: Services, settings: Settings) -> None:
        self._services = services
        self._limiter = Limiter(settings)
        self._cookies = _cookie_names(settings)
        self._keys: dict[str, tuple[float, Principal]] = {}
        self._uses = KeyUses(services)
        self._seen: dict[str, float] = {}  # session → when its use was last written

    async def start(self) -> None:
        """Listen for revoked keys."""
        self._services.subscribe(self._hear)

    async def stop(self) -> None:
        """Write the last uses that still wait."""
        await self._uses.write()

    async def principal(self, headers: Mapping[str, str], address: str = "") -> Principal:
        """Who is asking; NOBODY without proof, Unauthenticated for a bearer that is none.

        An `Authorization` header counts before a cookie: a page on our own host sends both.
        """
        authorization = headers.get("authorization")
        if authorization is not None:
            return await self._bearer(authorization, address)
        token = self._session_token(headers.get("cookie", ""))
        return await self._agent(token) if token else NOBODY

    async def _bearer(self, authorization: str, address: str) -> Principal:
        bearer = BEARER.fullmatch(authorization.strip())
        if bearer is None:
            raise Unauthenticated("Send the key as “Authorization: Bearer wgk_…”.")
        token_hash = hash_token(bearer[1])
        if bearer[2] == "wgk":
            principal = await self._key(token_hash)
        else:
            principal = await self._services.db.read(principal_by_token, token_hash)
        if principal is None:
            self._limiter.check("bad_token", NOBODY, address)  # guessing is not worth our reads
            raise Unauthenticated(
                "This API key does not exist, or was revoked."
                if bearer[2] == "wgk"
                else "This chat session has ended. Start a new one."
            )
        return principal

    # API keys -----------------------------------------------------------------------------

    async def _key(self, key_hash: str) -> Principal | None:
        now = time.monotonic()
        until, principal = self._keys.get(key_hash, (0.0, None))
        if principal is None or until <= now:
            principal = await self._services.db.read(principal_by_key, key_hash)
            if principal is None:
                self._keys.pop(key_hash, None)
                return None
            self._remember(key_hash, principal, now + BELIEVED)
        self._uses.note(principal)
        return principal

    def _remember(self, key_hash: str, principal: Principal, until: float) -> None:
        if len(self._keys) >= REMEMBERED:
            self._keys.clear()
        self._keys[key_hash] = (until, principal)

    def _hear(self, logged: Sequence[Logged]) -> None:
        revoked = {entry.event.key for entry in logged if isinstance(entry.event, KeyRevoked)}
        if revoked:
            self._keys = {
                key_hash: known
                for key_hash, known in self._keys.items()
                if known[1].id not in revoked
            }

    # Agents -------------------------------------------------------------------------------

    async def _agent(self, token: str) -> Principal:
        live = await self._services.db.read(session_by_token, hash_token(token))
        if live is None:
            return NOBODY
        principal = live.principal
        if now_ms() - live.last_seen_at > SEEN_EVERY_MS:
            self._note_use(principal)
        return principal

    def _note_use(self, principal: Principal) -> None:
        # Requests at the same moment have all read the old time: one of them writes.
        now = time.monotonic()
        if now - self._seen.get(principal.session_id, -NOTED_EVERY) < NOTED_EVERY:
            return
        if len(self._seen) >= REMEMBERED:
            self._seen.clear()
        self._seen[principal.session_id] = now
        write = self._services.db.write(note_use, principal.workspace_id, principal.session_id)
        self._services.spawn(write, "sessions.note_use")

    def _session_token(self, cookies: str) -> str | None:
        """The session's token among the cookies; a `__Host-` one counts first."""
        found: dict[str, str] = {}
        for pair in cookies.split(";"):
            name, _, value = pair.partition("=")
            found.setdefault(name.strip(), value.strip())
        return next((found[name] for name in self._cookies if found.get(name)), None)

    # Cookies ------------------------------------------------------------------------------

    def cookie(self, token: str, headers: Mapping[str, str]) -> str:
        """The `Set-Cookie` line that keeps `token` in the browser that sent these headers."""
        return self._set_cookie(token, LIFE_MS // 1000, headers)

    def no_cookie(self, headers: Mapping[str, str]) -> str:
        """The `Set-Cookie` line that makes the browser forget."""
        return self._set_cookie("", 0, headers)

    def _set_cookie(self, value: str, seconds: int, headers: Mapping[str, str]) -> str:
        name = self._cookies[0]
        if PLAIN_COOKIE in self._cookies and not _keeps_secure_cookies(headers):
            name = PLAIN_COOKIE
        secure = "; Secure" if name == SECURE_COOKIE else ""
        attributes = f"Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"
        return f"{name}={value}; {attributes}"


class KeyUses:
    """When keys were last used: gathered, and written at most once a minute for each."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._noted: dict[tuple[str, str], float] = {}
        self._waiting: dict[tuple[str, str], int] = {}

    def note(self, key: Principal) -> None:
        """Remember a use; never waits for the database."""
        which = (key.workspace_id, key.id)
        now = time.monotonic()
        if now - self._noted.get(which, -NOTED_EVERY) < NOTED_EVERY:
            return
        self._noted[which] = now
        if not self._waiting:
            self._services.spawn(self._write_soon(), "keys.note_uses")
        self._waiting[which] = now_ms()

    async def _write_soon(self) -> None:
        await asyncio.sleep(NOTED_AFTER)
        await self.write()

    async def write(self) -> None:
        """Write what waits."""
        uses, self._waiting = self._waiting, {}
        if uses:
            await self._services.db.write(note_key_uses, uses)


def check_origin(
    method: str, headers: Mapping[str, str], settings: Settings, principal: Principal
) -> None:
    """Forbidden if a cookie may have been sent along by another site's page (B7)."""
    if method in SAFE or principal.kind != "agent":
        return
    if not comes_from_us(headers, settings.public_url):
        raise Forbidden("This came from another site's page.", code="foreign_origin")


def comes_from_us(headers: Mapping[str, str], public_url: str) -> bool:
    """Whether the browser says that one of our own pages sent this; no proof means no."""
    site = headers.get("sec-fetch-site")
    return site == "same-origin" if site is not None else is_own_origin(headers, public_url)


def is_foreign(headers: Mapping[str, str], public_url: str) -> bool:
    """Whether a browser says that another site's page sent this; a program says nothing."""
    said = "sec-fetch-site" in headers or "origin" in headers
    return said and not comes_from_us(headers, public_url)


def _cookie_names(settings: Settings) -> tuple[str, ...]:
    """The names we read, the one we set first.

    Beside https only the `__Host-` one: no neighbour on a subdomain can set that.
    """
    if settings.public_url.startswith("https:"):
        return (SECURE_COOKIE,)
    return (SECURE_COOKIE, PLAIN_COOKIE) if settings.is_secure else (PLAIN_COOKIE,)


def _keeps_secure_cookies(headers: Mapping[str, str]) -> bool:
    """Whether this browser keeps a Secure cookie without https: on this machine, but not Safari."""
    user_agent = headers.get("user-agent", "")
    safari = "Safari/" in user_agent and not re.search(r"Chrom|Android", user_agent)
    return is_loopback(f"http://{headers.get('host', '')}") and not safari
