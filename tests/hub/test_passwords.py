"""Passwords: slow to check, the same for everyone, and not the usual ones."""

from __future__ import annotations

import asyncio
import time

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from core.errors import Invalid, Unavailable
from hub import passwords
from hub.passwords import hash_password, needs_rehash, refuse_guessable, verify_password

REAL = passwords._hasher  # the other tests' hashes are cheap


@pytest.fixture(autouse=True)
def real_hashes(monkeypatch):
    monkeypatch.setattr(passwords, "_hasher", REAL)


async def test_R6_a_password_is_kept_as_argon2id_with_19_mib():
    kept = await hash_password("twelve blue herons")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await verify_password(kept, "twelve blue herons")
    assert not await verify_password(kept, "twelve blue heron")
    assert not needs_rehash(kept)
    assert needs_rehash(PasswordHasher(time_cost=1, memory_cost=1024).hash("x"))


async def test_the_same_letters_typed_on_another_keyboard_are_the_same_password():
    assert await verify_password(await hash_password("café crème 12"), "cafe\u0301 cre\u0300me 12")


async def test_R6_an_unknown_person_takes_as_long_as_a_wrong_password(monkeypatch):
    with pytest.raises(VerifyMismatchError):  # the stand-in is a real hash, of our profile
        passwords._hasher.verify(passwords._nobody, "guess")
    assert not needs_rehash(passwords._nobody)
    verified = []
    verify = passwords._verify
    monkeypatch.setattr(passwords, "_verify", lambda *args: verified.append(args) or verify(*args))
    assert await verify_password(None, "guess") is False
    assert verified == [(passwords._nobody, "guess")]


async def test_R6_nobodys_password_signs_nobody_in(monkeypatch):
    monkeypatch.setattr(passwords, "_nobody", await hash_password("guess"))
    assert await verify_password(None, "guess") is False


async def test_a_broken_hash_is_not_a_fault():
    assert await verify_password("not a hash", "x") is False


async def test_no_more_than_two_are_hashed_at_once(monkeypatch):
    running, most = 0, 0

    def slow(password):
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.02)
        running -= 1
        return password

    monkeypatch.setattr(passwords, "_hash", slow)
    await asyncio.gather(*(hash_password("x") for _ in range(8)))
    assert most == 2


async def test_N2_a_flood_of_sign_ins_is_turned_away_instead_of_queued(monkeypatch):
    monkeypatch.setattr(passwords, "_hash", lambda password: time.sleep(0.001))
    outcomes = await asyncio.gather(
        *(hash_password("x") for _ in range(300)), return_exceptions=True
    )
    turned_away = [outcome for outcome in outcomes if isinstance(outcome, Unavailable)]
    assert 100 <= len(turned_away) <= 200
    assert turned_away[0].retry_after == 3


@pytest.mark.parametrize(
    "password",
    [
        "",
        "eleven chars"[:11],
        "password1234",
        "P@ssw0rd1234",
        "Password123!",
        "123456789012",
        "210987654321",
        "314159265358",
        "qwertyuiop12",
        "letmeinletmein",
        "aaaaaaaaaaaa",
        "abababababab",
        "welcome2026!!",
        "Nadia-2026-Nadia",
        "kestrel12345",
        "x" * 257,
    ],
)
def test_R6_a_guessable_password_is_refused(password):
    with pytest.raises(Invalid) as refusal:
        refuse_guessable(password, "nadia", "kestrel")
    assert refusal.value.field == "password"


@pytest.mark.parametrize(
    "password", ["correct horse battery", "G7h!k2Lp9qZx", "twelve blue herons", "7!4#9$1%2&8*ab"]
)
def test_R6_a_good_password_is_taken(password):
    refuse_guessable(password, "nadia", "kestrel")
