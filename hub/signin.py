"""Signing in: a slow check, few tries, and nothing that tells a known address from another."""

from __future__ import annotations

import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from core.agents import account_by_email, memberships, renew_hash
from core.audit import audit, itself
from core.db import Work
from core.errors import Invalid, TooMany, Unauthenticated
from core.services import Services
from core.sessions import Opened, sign_in
from hub.limits import to_network
from hub.passwords import hash_password, needs_rehash, verify_password

MINUTES = 15
BY_ACCOUNT = RateLimitItemPerMinute(5, MINUTES, namespace="account")
BY_ADDRESS = RateLimitItemPerMinute(20, MINUTES, namespace="address")


class Tries:
    """Failed sign-ins, counted before the check so that a hundred at once do not slip through."""

    def __init__(self) -> None:
        self._storage = MemoryStorage()
        self._limiter = FixedWindowRateLimiter(self._storage)

    def take(self, email: str, address: str) -> int:
        """Count a try; how many are left, or TooMany."""
        if not self._limiter.test(BY_ADDRESS, address):
            raise self._too_many(BY_ADDRESS, address, "from your network")
        if not self._limiter.hit(BY_ACCOUNT, email):
            raise self._too_many(BY_ACCOUNT, email, "for this address")
        self._limiter.hit(BY_ADDRESS, address)
        return min(
            self._limiter.get_window_stats(BY_ACCOUNT, email).remaining,
            self._limiter.get_window_stats(BY_ADDRESS, address).remaining,
        )

    def give_back(self, email: str, address: str) -> None:
        """It was the right password: an office of thirty may sign in behind one address."""
        self._limiter.clear(BY_ACCOUNT, email)
        self._storage.decr(BY_ADDRESS.key_for(address))

    def _too_many(self, limit: RateLimitItemPerMinute, who: str, where: str) -> TooMany:
        resets = self._limiter.get_window_stats(limit, who).reset_time
        wait = max(1, round(resets - time.time()))
        minutes = -(-wait // 60)
        return TooMany(
            f"Too many tries {where}. Wait {minutes} minute{'s' * (minutes > 1)}, then try again.",
            retry_after=wait,
        )


class SignIn:
    """Sign-in by password."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._tries = Tries()

    async def with_password(
        self, email: str, password: str, address: str, user_agent: str
    ) -> Opened:
        """A new session, or Unauthenticated `bad_credentials`, or TooMany."""
        key, network = email.strip().lower(), to_network(address)
        left = self._tries.take(key, network) if self._services.rate_limits else None
        found = await self._services.db.read(_find, email)
        account_id, password_hash = found or (None, None)
        if not await verify_password(password_hash, password) or account_id is None:
            if account_id is not None:
                refused = self._services.db.write(_note_refusal, account_id, address)
                self._services.spawn(refused, "audit.signin")  # afterwards: no slower than unknown
            raise Unauthenticated(_mismatch(left), code="bad_credentials")
        if self._services.rate_limits:
            self._tries.give_back(key, network)
        if password_hash and needs_rehash(password_hash):
            newer = await hash_password(password)
            await self._services.db.write(renew_hash, account_id, password_hash, newer)
        return await self._services.db.write(sign_in, account_id, address, user_agent)


def _find(work: Work, email: str) -> tuple[str, str] | None:
    try:
        account = account_by_email(work, email)
    except Invalid:
        return None
    return (account.id, account.password_hash) if account else None


def _note_refusal(work: Work, account_id: str, address: str) -> None:
    for agent in memberships(work, account_id):
        hub = itself(agent.workspace_id)
        audit(work, hub, "session.refused", agent.id, address=address)


def _mismatch(left: int | None) -> str:
    if left is None:
        return "Email and password do not match."
    if left == 0:
        return f"Email and password do not match. Wait {MINUTES} minutes before you try again."
    tries = f"{left} more {'try' if left == 1 else 'tries'}"
    return (
        "Email and password do not match. Nothing is locked yet. "
        f"After {tries}, wait {MINUTES} minutes."
    )
