"""Passwords: hashed slowly, two at a time, and refused when anyone would guess them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Semaphore
from typing import TypeVar
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import Invalid, Unavailable

T = TypeVar("T")

SHORTEST = 12
LONGEST = 256
WAITING = 100  # three seconds of work; a flood from many addresses gets no longer line
AT_ONCE = 2  # each takes 19 MiB and 60 ms of a core: a flood must not take the chat's
# argon2id with OWASP's profile of 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Of no password anyone has; verified for unknown addresses, so that they take as long.
_nobody = (
    "$argon2id$v=19$m=19456,t=2,p=1$iTo05fId7BwMH6QUolmBsg$"
    "sBAvJbpnZciDxK4jFd791E9AsoecrbNfYNFeZlbRhLQ"
)
_line = Semaphore(WAITING)
_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords")

COMMON = re.compile(
    r"password|passwort|motdepasse|contraseña|passphrase|qwerty|qwertz|azerty|asdfgh|zxcvbn|"
    r"letmein|welcome|admin|administrator|root|user|login|secret|changeme|default|master|"
    r"monkey|dragon|football|baseball|superman|batman|iloveyou|sunshine|princess|shadow|trustno|"
    r"parley|support|agent|company|summer|winter|spring|autumn|hello|world|test|demo|guest|"
    r"my|the|is|me|its|this|not|new|very|love|you"
)
LEET = str.maketrans("013457@$!", "oleastasi")
RUNS = ("0123456789" * 3, "abcdefghijklmnopqrstuvwxyz" * 2, "qwertyuiopasdfghjklzxcvbnm" * 2)


async def hash_password(password: str) -> str:
    """The hash to keep; made in a thread."""
    return await _in_thread(_hash, password)


async def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether it is the password; None, for nobody's, takes just as long and is never right."""
    right = await _in_thread(_verify, password_hash or _nobody, password)
    return right and password_hash is not None


def needs_rehash(password_hash: str) -> bool:
    """Whether the hash was made with an older profile than today's."""
    return _hasher.check_needs_rehash(password_hash)


def refuse_guessable(password: str, *words: str) -> None:
    """Invalid for a password that is short, common, or made of the person's own `words`."""
    if len(password) < SHORTEST:
        raise Invalid(f"A password needs at least {SHORTEST} characters.", field="password")
    if len(password) > LONGEST:
        raise Invalid(f"A password has at most {LONGEST} characters.", field="password")
    if _is_guessable(normalize("NFKC", password).lower(), words):
        raise Invalid("This password is easy to guess. Choose another.", field="password")


def _is_guessable(password: str, words: tuple[str, ...]) -> bool:
    if len(set(password)) < 5 or any(password in run or password[::-1] in run for run in RUNS):
        return True
    for reading in (password, password.translate(LEET)):
        for word in words:
            if len(word) >= 4:
                reading = reading.replace(word.lower(), "")
        rest = re.sub(r"[\W\d_]", "", COMMON.sub("", reading))
        if len(rest) < 5 and len(re.sub(r"[\W\d_]", "", password)) >= 4:
            return True  # little but common words, with digits and signs around them
    return password.isdigit()


async def _in_thread(fn: Callable[..., T], *args: str) -> T:
    if not _line.acquire(blocking=False):
        raise Unavailable("Many people are signing in. Try again in a moment.", retry_after=3)
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, fn, *args)
    finally:
        _line.release()


def _hash(password: str) -> str:
    return _hasher.hash(_bytes(password))


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, _bytes(password))
    except (VerificationError, InvalidHashError):
        return False


def _bytes(password: str) -> bytes:
    # Keyboards compose the same letter differently; "é" must be "é" on each of them.
    return normalize("NFKC", password).encode("utf-8", "surrogatepass")
