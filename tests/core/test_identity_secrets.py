"""Whether a shop signed a user id: exactly right, or not at all."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import time

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.audit import audit_entries
from core.crypto import CannotOpen, Vault
from core.errors import Unauthenticated
from core.identity_secrets import (
    HOUR_MS,
    IdentitySecret,
    check_user_hash,
    create_secret,
    diagnose,
    reveal_secret,
    rotate_secret,
    secret_rows,
    sign_user_id,
    valid_secrets,
)
from core.user_tokens import check_user_token
from tests.people import open_shop

SECRET = "wedget_identity_secret"
USER = "42"
HASH = "19fbcc1c718f6ff35c52c9a1374a9e250b7ce3fbc7aa88db9496dabd569bdf08"
LONG = "s" * 48
APP = "icw_abcdefghijklmnopqrstuvwx"
vault = Vault("k" * 32)


def test_I3_the_published_vector_verifies():
    assert sign_user_id(SECRET, USER) == HASH
    assert check_user_hash([SECRET], USER, HASH)
    assert check_user_hash(["another", SECRET], 42, HASH)  # a page may send its id as a number


@pytest.mark.parametrize(
    "user_hash",
    [
        None,
        "",
        HASH[:-1],
        HASH + "0",
        HASH.upper(),
        HASH.replace("f", "F", 1),
        f" {HASH}",
        f"{HASH}\n",
        base64.b64encode(bytes.fromhex(HASH)).decode(),
        bytes.fromhex(HASH),
        [HASH],
        {"hash": HASH},
        0,
        int(HASH, 16),
        True,
        1.5,
        "0" * 64,
        "g" * 64,
        "é" * 64,
        "\ud800" * 64,
        "１" * 64,  # digits, but not these
        "0x" + HASH[2:],
    ],
)
def test_V1_any_other_hash_is_not_verified(user_hash):
    assert check_user_hash([SECRET], USER, user_hash) is False


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(anything, anything)
def test_V1_nothing_json_can_say_verifies_or_raises(user_id, user_hash):
    assert check_user_hash([SECRET], user_id, user_hash) is False
    assert check_user_hash([SECRET], user_id, HASH) is (
        user_id in ("42", 42) and not isinstance(user_id, float)
    )


@pytest.mark.parametrize("user_id", [None, "", True, 42.0, ["42"], "43", " 42", "\ud800"])
def test_V1_the_hash_of_one_user_is_not_anothers(user_id):
    assert check_user_hash([SECRET], user_id, HASH) is False
    assert check_user_hash([SECRET], user_id, sign_user_id(SECRET, "")) is False
    assert check_user_hash([SECRET], user_id, sign_user_id(SECRET, str(user_id))) is (
        isinstance(user_id, str) and user_id != ""
    )


def test_V4_a_secret_of_another_workspace_does_not_verify():
    assert check_user_hash(["the other workspace's"], USER, HASH) is False
    assert check_user_hash([], USER, HASH) is False


# Rotation ---------------------------------------------------------------------------------


@pytest.fixture
async def nadia(db):
    owner = await db.write(open_shop)
    await db.write(create_secret, vault, owner.workspace_id)
    return owner


async def valid(db, owner, ms=0):
    def look(work):
        work.now += ms
        return valid_secrets(work, vault, owner.workspace_id)

    return await db.read(look)


async def test_V4_a_rotated_secret_works_in_its_window_and_not_after(db, nadia):
    (old,) = await valid(db, nadia)
    new = await db.write(rotate_secret, vault, nadia, 24)
    assert await valid(db, nadia) == [new, old]
    assert await valid(db, nadia, 24 * HOUR_MS - 1000) == [new, old]
    assert await valid(db, nadia, 24 * HOUR_MS) == [new]


async def test_V4_rotating_with_no_hours_ends_all_earlier_secrets_at_once(db, nadia):
    await db.write(rotate_secret, vault, nadia, 24)
    newest = await db.write(rotate_secret, vault, nadia, 0)
    assert await valid(db, nadia) == [newest]


async def test_two_rotations_at_once_leave_one_current_secret(db, nadia):
    await asyncio.gather(*(db.write(rotate_secret, vault, nadia, 24) for _ in range(5)))
    rows = await db.read(secret_rows, nadia.workspace_id)
    assert sum(row.expires_at is None for row in rows) == 1
    assert len(rows) == 6


async def test_D_4_a_secret_is_sealed_and_does_not_open_in_another_row(db, nadia):
    (secret,) = await valid(db, nadia)
    (row,) = await db.read(secret_rows, nadia.workspace_id)
    assert secret not in row.sealed
    other = await db.write(open_shop, "Northfold", "ruben@northfold.example")

    def copy(work):
        work.add(
            IdentitySecret(
                workspace_id=other.workspace_id, id=row.id, sealed=row.sealed, created_at=0
            )
        )

    await db.write(copy)
    with pytest.raises(CannotOpen):
        await valid(db, other)


async def test_R6_revealing_and_rotating_are_in_the_audit_log_without_the_secret(db, nadia):
    secret = await db.write(reveal_secret, vault, nadia)
    assert await valid(db, nadia) == [secret]
    new = await db.write(rotate_secret, vault, nadia, 2)
    entries = (await db.read(audit_entries, nadia.workspace_id))[:2]
    assert {entry.action for entry in entries} == {
        "identity_secret.revealed",
        "identity_secret.rotated",
    }
    written = str([entry.model_dump() for entry in entries])
    assert secret not in written
    assert new not in written


# user_token -------------------------------------------------------------------------------


def make_token(secret=LONG, algorithm="HS256", headers=None, **changes):
    claims = {"sub": USER, "aud": APP, "exp": int(time.time()) + 300} | changes
    claims = {name: value for name, value in claims.items() if value is not ...}
    return jwt.encode(claims, secret, algorithm, headers)


def test_I5_a_token_says_who_and_the_email_only_if_verified():
    signed = check_user_token([LONG], APP, make_token(email="a@b.example", email_verified=True))
    assert (signed.user_id, signed.email) == (USER, "a@b.example")
    for unproven in (..., False, "true", 1, None):
        token = make_token(email="a@b.example", email_verified=unproven)
        assert check_user_token([LONG], APP, token).email is None


def test_V4_a_token_of_the_retiring_secret_is_good_too():
    assert check_user_token(["n" * 48, LONG], APP, make_token()).user_id == USER


def now_plus(seconds):
    return int(time.time()) + seconds


def handmade(header, payload):
    """A token whose parts are these bytes, rightly signed."""

    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    signed = part(header) + b"." + part(payload)
    mac = hmac.new(LONG.encode(), signed, hashlib.sha256).digest()
    return (signed + b"." + part(mac)).decode()


HEADER = b'{"alg":"HS256","typ":"JWT"}'
BAD_TOKENS = {
    "alg none": lambda: make_token(secret="", algorithm="none"),
    "HS512": lambda: make_token(secret=LONG * 2, algorithm="HS512"),
    "HS384": lambda: make_token(algorithm="HS384"),
    "no exp": lambda: make_token(exp=...),
    "expired": lambda: make_token(exp=now_plus(-1)),
    "exp too far": lambda: make_token(exp=now_plus(660)),
    "exp in 1e300": lambda: handmade(HEADER, b'{"sub":"42","aud":"%s","exp":1e300}' % APP.encode()),
    "exp infinite": lambda: handmade(HEADER, b'{"sub":"42","aud":"%s","exp":1e999}' % APP.encode()),
    "exp NaN": lambda: handmade(HEADER, b'{"sub":"42","aud":"%s","exp":NaN}' % APP.encode()),
    "exp a list": lambda: make_token(exp=[now_plus(60)]),
    "exp null": lambda: handmade(HEADER, b'{"sub":"42","aud":"%s","exp":null}' % APP.encode()),
    "no aud": lambda: make_token(aud=...),
    "wrong aud": lambda: make_token(aud="icw_another"),
    "empty aud": lambda: make_token(aud=[]),
    "no sub": lambda: make_token(sub=...),
    "empty sub": lambda: make_token(sub=""),
    "sub a number": lambda: handmade(
        HEADER, b'{"sub":42,"aud":"%s","exp":%d}' % (APP.encode(), now_plus(60))
    ),
    "not yet": lambda: make_token(nbf=now_plus(120)),
    "another secret": lambda: make_token(secret="o" * 48),
    "200 kB of claims": lambda: make_token(junk="x" * 200_000),
    "claims not an object": lambda: handmade(HEADER, b"[1]"),
    "claims too deep": lambda: handmade(HEADER, b'{"a":' * 900 + b"1" + b"}" * 900),
    "header too deep": lambda: handmade(b'{"a":' * 900 + b"1" + b"}" * 900, b"{}"),
    "header not UTF-8": lambda: handmade(b'{"alg":"\xff"}', b"{}"),
    "crit": lambda: make_token(headers={"crit": ["x"], "x": 1}),
    "detached": lambda: make_token(headers={"crit": ["b64"], "b64": False}),
    "kid a list": lambda: handmade(b'{"alg":"HS256","kid":[1]}', b"{}"),
    "alg a list": lambda: handmade(b'{"alg":["HS256"]}', b"{}"),
    "no signature": lambda: make_token().rpartition(".")[0] + ".",
    "two parts": lambda: make_token().rpartition(".")[0],
    "a surrogate": lambda: "\ud800.a.b",
    "spaces": lambda: f" {make_token()} ",
    "empty": lambda: "",
    "a number": lambda: 5,
    "null": lambda: None,
    "a list": lambda: [make_token()],
}


@pytest.mark.parametrize("name", BAD_TOKENS)
def test_V5_every_bad_token_is_refused(name):
    token = BAD_TOKENS[name]()
    with pytest.raises(Unauthenticated) as refusal:
        check_user_token([LONG], APP, token)
    assert (refusal.value.code, refusal.value.field) == ("bad_user_token", "user_token")
    assert len(refusal.value.message) < 300


def test_V5_a_well_made_handmade_token_passes_so_the_bad_ones_fail_for_their_reason():
    token = handmade(HEADER, b'{"sub":"42","aud":"%s","exp":%d}' % (APP.encode(), now_plus(60)))
    assert check_user_token([LONG], APP, token).user_id == USER


@given(anything)
def test_V5_nothing_json_can_say_is_a_token(token):
    with pytest.raises(Unauthenticated):
        check_user_token([LONG], APP, token)


# Saying what is wrong ---------------------------------------------------------------------


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("problem", "user_hash", "words"),
    [
        ("no_hash", "", "sends no user_hash"),
        ("no_hash", None, "sends no user_hash"),
        ("not_hex", "YOUR_HASH", "not hexadecimal"),
        ("not_hex", "$user_hash", "not hexadecimal"),
        ("upper_case", HASH.upper(), "lower case"),
        ("base64", base64.b64encode(bytes.fromhex(HASH)).decode(), "base64"),
        ("base64", base64.urlsafe_b64encode(bytes.fromhex(HASH)).decode().rstrip("="), "base64"),
        ("wrong_length", HASH[:40], "SHA-1"),
        ("wrong_length", HASH * 2, "SHA-512"),
        ("wrong_length", HASH[:63], "63 digits"),
        ("wrong_length", f"{HASH}\n", "line break"),
        ("other_user", sign_user_id(SECRET, "42\n"), "“42⏎”"),
        ("other_user", sign_user_id(SECRET, '"42"'), '“"42"”'),
        ("other_user", sign_user_id(SECRET, ""), "an empty user id"),
        ("other_user", sign_user_id(SECRET, "cust_43"), "“cust_43”"),
        ("wrong_secret", sign_user_id("old", "42"), "rotated away"),
        ("wrong_secret", sign_user_id("foreign", "42"), "another secret"),
        ("wrong_secret", sha("42"), "without the secret"),
        ("wrong_secret", sha(SECRET + "42"), "plain SHA-256"),
        ("wrong_secret", sign_user_id("42", SECRET), "wrong way round"),
        ("wrong_secret", sign_user_id(SECRET + "\n", "42"), "line break"),
    ],
)
def test_I3_a_wrong_hash_is_told_which_side_is_wrong(problem, user_hash, words):
    told = diagnose([SECRET], "42", user_hash, expired=["old"], known_ids=["cust_43"])
    assert (told.ok, told.problem) == (False, problem)
    assert words in told.hint
    assert SECRET not in told.hint


def test_I3_a_right_hash_is_told_so():
    assert diagnose([SECRET], "42", HASH).hint == (
        "Both sides agree. User 42 will be shown as verified."
    )


@pytest.mark.parametrize("user_id", [None, "", []])
def test_I3_a_page_without_a_user_id_is_told_so(user_id):
    assert "sends no user_id" in diagnose([SECRET], user_id, HASH).hint


@given(anything, anything)
def test_I3_the_diagnosis_bears_any_input(user_id, user_hash):
    assert diagnose([SECRET], user_id, user_hash, expired=["old"]).ok is False
