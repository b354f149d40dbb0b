"""Identity secrets: what a shop signs its user ids with, and whether it did.

`user_hash` is the hexadecimal HMAC-SHA256 of the user id.
While a secret is being rotated, the new one and the old one are both good.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

import msgspec
from sqlalchemy import BigInteger, bindparam, delete, or_, select
from sqlmodel import Field, SQLModel

from core.access import Principal
from core.audit import audit
from core.crypto import Place, Vault
from core.customers import OWN_SOURCE, Customer
from core.db import Work, table_of
from core.errors import NotFound
from core.ids import new_id, random_text

HOUR_MS = 3_600_000
KEPT_MS = 30 * 24 * HOUR_MS  # an expired secret, so that we can say "signed with the old one"
KNOWN_IDS = 500  # customers a wrong hash is compared with
HASH = re.compile(r"[0-9a-f]{64}")


class IdentitySecret(SQLModel, table=True):
    """A secret of a workspace, sealed. Without `expires_at` it is the current one."""

    __tablename__ = "identity_secrets"

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    id: str = Field(primary_key=True)
    sealed: str
    created_at: int = Field(sa_type=BigInteger)
    expires_at: int | None = Field(default=None, sa_type=BigInteger)

    def open(self, vault: Vault) -> str:
        """The secret itself."""
        return vault.open(self.sealed, _place(self.workspace_id, self.id))


_secrets = table_of(IdentitySecret)
_customers = table_of(Customer)
_lock = (
    select(_secrets.c.id)
    .where(_secrets.c.workspace_id == bindparam("workspace"))
    .order_by(_secrets.c.id)
    .with_for_update()
)


def _place(workspace_id: str, secret_id: str) -> Place:
    return Place(workspace_id, "identity_secrets", "sealed", secret_id)


# Keeping them -----------------------------------------------------------------------------


def create_secret(work: Work, vault: Vault, workspace_id: str) -> str:
    """A new current secret."""
    secret, secret_id = random_text(48), new_id("ids")
    work.add(
        IdentitySecret(
            workspace_id=workspace_id,
            id=secret_id,
            sealed=vault.seal(secret, _place(workspace_id, secret_id)),
            created_at=work.now,
        )
    )
    return secret


def secret_rows(work: Work, workspace_id: str, *, expired: bool = False) -> list[IdentitySecret]:
    """The current secret and those that still work beside it; or those that no longer do."""
    good = or_(
        _secrets.c.expires_at.is_(None),
        _secrets.c.expires_at > work.now,
    )
    return list(
        work.session.scalars(
            select(IdentitySecret)
            .where(_secrets.c.workspace_id == workspace_id, ~good if expired else good)
            .order_by(
                _secrets.c.expires_at.is_not(None),
                _secrets.c.created_at.desc(),
            )
        )
    )


def valid_secrets(work: Work, vault: Vault, workspace_id: str) -> list[str]:
    """The secrets a signature may be made with now, the current one first."""
    return [row.open(vault) for row in secret_rows(work, workspace_id)]


def reveal_secret(work: Work, vault: Vault, by: Principal) -> str:
    """The current secret, noted in the audit log."""
    row = current_secret(work, by.workspace_id)
    audit(work, by, "identity_secret.revealed", row.id)
    return row.open(vault)


def rotate_secret(work: Work, vault: Vault, by: Principal, keep_hours: int) -> str:
    """A new secret; those before it work for `keep_hours` more, at most, or end now with 0."""
    work.execute(_lock, {"workspace": by.workspace_id})  # of two rotations, one follows the other
    until = work.now + keep_hours * HOUR_MS
    for row in secret_rows(work, by.workspace_id):
        row.expires_at = until if row.expires_at is None else min(row.expires_at, until)
        work.add(row)
    work.execute(
        delete(_secrets).where(
            _secrets.c.workspace_id == by.workspace_id,
            _secrets.c.expires_at < work.now - KEPT_MS,
        )
    )
    secret = create_secret(work, vault, by.workspace_id)
    new = current_secret(work, by.workspace_id)
    audit(work, by, "identity_secret.rotated", new.id, after={"old_works_for_hours": keep_hours})
    return secret


def current_secret(work: Work, workspace_id: str) -> IdentitySecret:
    """The row of the current secret."""
    for row in secret_rows(work, workspace_id):
        if row.expires_at is None:
            return row
    raise NotFound("This workspace has no Identity secret. Make one by rotating it.")


# Checking a user_hash ---------------------------------------------------------------------


def sign_user_id(secret: str, user_id: str) -> str:
    """The `user_hash` of a user id, as the merchant's server computes it."""
    return hmac.new(_bytes(secret), _bytes(user_id), hashlib.sha256).hexdigest()


def check_user_hash(secrets: Iterable[str], user_id: Any, user_hash: Any) -> bool:
    """Whether one of `secrets` signed `user_id`; False for anything else one may send.

    Only 64 lower-case hexadecimal digits count. Every secret is tried and bytes are compared in
    constant time, so the answer's delay tells nothing.
    """
    user_id = _to_user_id(user_id)
    if not user_id or not isinstance(user_hash, str) or not HASH.fullmatch(user_hash):
        return False
    said = bytes.fromhex(user_hash)
    matches = [
        hmac.compare_digest(bytes.fromhex(sign_user_id(secret, user_id)), said)
        for secret in secrets
    ]
    return any(matches)


def _to_user_id(value: Any) -> str:
    """A user id as text; a page may send a number where the server signed its digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


# Saying what is wrong with one ------------------------------------------------------------

Problem = Literal[
    "",
    "no_hash",
    "not_hex",
    "upper_case",
    "base64",
    "wrong_length",
    "other_user",
    "wrong_secret",
]


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """What is the matter with a hash, which side is wrong, and what to do."""

    ok: bool
    problem: Problem
    hint: str
    expected_length: int = 64


def check_identity(
    work: Work, vault: Vault, workspace_id: str, user_id: Any, user_hash: Any
) -> Diagnosis:
    """What is the matter with a page's hash, also compared with the users we know."""
    known = work.execute(
        select(_customers.c.external_id)
        .where(_customers.c.workspace_id == workspace_id, _customers.c.source == OWN_SOURCE)
        .order_by(_customers.c.updated_at.desc())
        .limit(KNOWN_IDS)
    )
    expired = secret_rows(work, workspace_id, expired=True)
    return diagnose(
        valid_secrets(work, vault, workspace_id),
        user_id,
        user_hash,
        expired=[row.open(vault) for row in expired],
        known_ids=list(known.scalars()),
    )


def diagnose(
    secrets: Sequence[str],
    user_id: Any,
    user_hash: Any,
    *,
    expired: Sequence[str] = (),
    known_ids: Sequence[str] = (),
) -> Diagnosis:
    """Compare a page's hash with what we would have signed, and with the usual mistakes.

    `expired` are secrets that were rotated away, `known_ids` users it may have been meant for.
    """
    user, said = _to_user_id(user_id), user_hash if isinstance(user_hash, str) else ""
    if check_user_hash(secrets, user, said):
        return Diagnosis(
            ok=True, problem="", hint=f"Both sides agree. User {user} will be shown as verified."
        )
    return _malformed(said) or _mismatch(secrets, user, said, expired, known_ids)


def _malformed(said: str) -> Diagnosis | None:
    if not said.strip():
        return _wrong("no_hash", "Your page sends no user_hash. Compute it on your server.")
    if said != said.strip():
        return _wrong(
            "wrong_length",
            "There is a space or a line break around the hash. Remove it before you send it.",
        )
    if re.fullmatch(r"[0-9a-fA-F]{64}", said) and said != said.lower():
        return _wrong(
            "upper_case",
            "Your server writes the hash in upper case. Send it in lower case.",
        )
    if re.fullmatch(r"[A-Za-z0-9+/_-]{43}=?", said) and not re.fullmatch(r"[0-9a-f]+", said):
        return _wrong(
            "base64",
            "Your server sends the hash as base64. Send it as 64 hexadecimal digits: "
            "digest('hex'), hexdigest(), or hash_hmac without its fourth argument.",
        )
    if not re.fullmatch(r"[0-9a-fA-F]+", said):
        return _wrong(
            "not_hex",
            "Your page sends something else than a hash: it has characters that are not "
            "hexadecimal digits.",
        )
    if len(said) != 64:
        return _wrong("wrong_length", _about_length(len(said)))
    return None


def _about_length(length: int) -> str:
    made_by = {32: "MD5", 40: "SHA-1", 56: "SHA-224", 96: "SHA-384", 128: "SHA-512"}.get(length)
    if made_by:
        return f"Your server uses {made_by} ({length} digits). Use HMAC with SHA-256: 64 digits."
    return f"The hash has {length} digits instead of 64. It was cut or joined with something."


def _mismatch(
    secrets: Sequence[str],
    user: str,
    said: str,
    expired: Sequence[str],
    known_ids: Sequence[str],
) -> Diagnosis:
    if not user:
        return _wrong("other_user", "Your page sends no user_id. Send the one your server signed.")
    for other in (*_spellings(user), *known_ids):
        if other != user and _signed(secrets, other, said):
            return _wrong(
                "other_user",
                f"The secret is right, but your server signed {_shown(other)} and your page "
                f"sends {_shown(user)}. Use the same user id in both places.",
            )
    if _signed(expired, user, said):
        return _wrong(
            "wrong_secret",
            "Your server still signs with an Identity secret that has been rotated away. Give it "
            "the current one from Settings → Install.",
        )
    for name, compute in MISTAKES.items():
        if any(hmac.compare_digest(compute(secret, user), said) for secret in secrets):
            return _wrong("wrong_secret", f"Your server {name}.")
    return _wrong(
        "wrong_secret",
        "Your server signs with another secret than this workspace's, or signs another user id "
        f"than {_shown(user)}. Copy the Identity secret from Settings → Install to your server "
        "again.",
    )


def _signed(secrets: Sequence[str], user: str, said: str) -> bool:
    return any(hmac.compare_digest(sign_user_id(secret, user), said) for secret in secrets)


def _spellings(user: str) -> tuple[str, ...]:
    """What a server signs by mistake instead of `user`."""
    return (
        "",  # nobody was logged in there
        user.strip(),
        f"{user}\n",
        f'"{user}"',
        f"{user}.0",
        user.lower(),
        user.upper(),
        "0",
        "null",
        "undefined",
    )


def _plain(text: str) -> str:
    return hashlib.sha256(_bytes(text)).hexdigest()


MISTAKES: dict[str, Callable[[str, str], str]] = {
    "hashes the user id without the secret: use HMAC-SHA256 with the Identity secret as its key": (
        lambda secret, user: _plain(user)
    ),
    "joins secret and user id in a plain SHA-256: use HMAC-SHA256": (
        lambda secret, user: _plain(secret + user)
    ),
    "joins user id and secret in a plain SHA-256: use HMAC-SHA256": (
        lambda secret, user: _plain(user + secret)
    ),
    "has key and message the wrong way round: the Identity secret is the key": (
        lambda secret, user: sign_user_id(user, secret)
    ),
    "has a line break at the end of the secret: remove it": (
        lambda secret, user: sign_user_id(f"{secret}\n", user)
    ),
    "has a space at the end of the secret: remove it": (
        lambda secret, user: sign_user_id(f"{secret} ", user)
    ),
}


def _shown(user: str) -> str:
    return f"“{user}”".replace("\n", "⏎") if user else "an empty user id"


def _wrong(problem: Problem, hint: str) -> Diagnosis:
    return Diagnosis(ok=False, problem=problem, hint=hint)
