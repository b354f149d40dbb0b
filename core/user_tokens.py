"""User tokens: the short-lived JWT with which a shop signs in its customer (I5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import jwt

from core.errors import Unauthenticated
from core.ids import now_ms

TOKEN_LIFE = int(timedelta(minutes=10).total_seconds())
TOKEN_LIMIT = 8 * 1024


@dataclass(frozen=True, slots=True)
class SignedUser:
    """Whom a `user_token` names; the e-mail only if the shop says it has verified it."""

    user_id: str
    email: str | None = None


def check_user_token(secrets: Iterable[str], app_id: str, token: Any) -> SignedUser:
    """Whom the token names; Unauthenticated for any token that is not exactly right."""
    if not isinstance(token, str) or not 0 < len(token) <= TOKEN_LIMIT:
        raise _bad_token("It is not a JWT of at most 8 kB")
    reason = "It is not signed with this workspace's Identity secret"
    for secret in secrets:
        try:
            return _to_signed_user(_claims(secret, app_id, token))
        except jwt.InvalidSignatureError:
            continue  # another secret may have signed it
        except jwt.PyJWTError as error:
            reason = str(error).rstrip(".")
            break
        except (ValueError, TypeError, OverflowError, RecursionError):
            reason = "It is not a JWT as we know them"
            break
    raise _bad_token(reason)


def _claims(secret: str, app_id: str, token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(
        token,
        secret,
        algorithms=["HS256"],
        audience=app_id,
        # A shop's clock may be a little ahead of ours, and "issued at" proves nothing.
        options={"require": ["exp", "sub", "aud"], "verify_iat": False},
    )
    if int(claims["exp"]) - now_ms() / 1000 > TOKEN_LIFE:
        raise jwt.InvalidTokenError("It is valid for more than ten minutes")
    return claims


def _to_signed_user(claims: dict[str, Any]) -> SignedUser:
    if not claims["sub"]:
        raise jwt.InvalidTokenError("Its sub is empty")
    email = claims.get("email")
    proven = claims.get("email_verified") is True and isinstance(email, str)
    return SignedUser(claims["sub"], email if proven else None)


def _bad_token(reason: str) -> Unauthenticated:
    return Unauthenticated(
        f"The user_token is not valid: {reason}.", code="bad_user_token", field="user_token"
    )
