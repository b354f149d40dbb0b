"""Secrets at rest: sealed with AES-GCM and bound to the one row and column they belong to."""

from __future__ import annotations

import hashlib
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import NamedTuple

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = "v1."  # a later format gets another prefix, so that both can be opened
NONCE = 12
SALT = b"parley"


class Place(NamedTuple):
    """Where a sealed value lives; moved anywhere else, it does not open."""

    workspace_id: str
    table: str
    column: str
    row_id: str


class CannotOpen(Exception):
    """A sealed value was moved, damaged, or sealed under another SECRET_KEY."""


class Vault:
    """Seals and opens the secrets of every workspace with keys derived from SECRET_KEY."""

    def __init__(self, secret_key: str) -> None:
        self._secret = secret_key.encode()
        self._cipher = AESGCM(self.subkey("at rest"))

    def subkey(self, purpose: str) -> bytes:
        """32 bytes for one `purpose`; no purpose can compute another's."""
        return HKDF(SHA256(), 32, SALT, purpose.encode()).derive(self._secret)

    def seal(self, secret: str, place: Place) -> str:
        """`secret` as text that opens only at `place`; different each time."""
        nonce = os.urandom(NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, secret.encode(), _bind(place))
        return VERSION + urlsafe_b64encode(sealed).decode()

    def open(self, sealed: str, place: Place) -> str:
        """The secret that was sealed at `place`, or CannotOpen."""
        if not sealed.startswith(VERSION):
            raise CannotOpen(f"{place.table}.{place.column}: not a sealed value.")
        try:
            data = urlsafe_b64decode(sealed[len(VERSION) :])
            return self._cipher.decrypt(data[:NONCE], data[NONCE:], _bind(place)).decode()
        except (InvalidTag, ValueError) as error:
            raise CannotOpen(
                f"{place.table}.{place.column} of {place.row_id} does not open: it was moved or "
                "damaged, or sealed under another SECRET_KEY."
            ) from error


def _bind(place: Place) -> bytes:
    # JSON keeps the parts apart: ("ab", "c") and ("a", "bc") are different places.
    return VERSION.encode() + msgspec.json.encode(place)


def hash_token(token: str) -> str:
    """A random token as it is stored and looked up: SHA-256, hexadecimal.

    Tokens have 119 bits or more, so there is nothing a slow hash would protect.
    """
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
