"""Who calls the REST API: keys, and the three ways of proving that one has them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

from connectors.woocommerce.standin.errors import nobody, unauthenticated
from connectors.woocommerce.standin.params import Params, flat
from connectors.woocommerce.standin.values import Clock

WRITING = ("POST", "PUT", "PATCH", "DELETE")
CLOCK_SKEW = 15 * 60
OAUTH = ("consumer_key", "timestamp", "nonce", "signature", "signature_method")
PERMISSIONS = ("read", "write", "read_write")


@dataclass(slots=True)
class Key:
    """A consumer key of the shop, as under Settings → Advanced → REST API."""

    id: int
    description: str
    permissions: str
    consumer_key: str
    consumer_secret: str
    uses: int = 0

    def __repr__(self) -> str:
        return f"<Key {self.id}: {self.permissions}>"

    def may(self, method: str) -> bool:
        """Whether the permissions cover this method."""
        needed = "write" if method in WRITING else "read"
        return needed in self.permissions.split("_")


@dataclass(frozen=True, slots=True)
class Call:
    """What authentication looks at."""

    method: str
    path: str
    address: str  # the shop's own idea of this URL, without the query
    query: Params
    headers: Mapping[str, str]
    is_https: bool  # what PHP believes, whatever the browser shows


class Keys:
    """The shop's keys, and the nonces they have used."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.all: dict[str, Key] = {}
        self._nonces: dict[tuple[str, str], float] = {}
        self._next_id = 1

    def add(self, permissions: str = "read_write", description: str = "API") -> Key:
        """A new key."""
        key = Key(
            self._next_id,
            description,
            permissions,
            f"ck_{secrets.token_hex(20)}",
            f"cs_{secrets.token_hex(20)}",
        )
        self._next_id += 1
        self.all[key.consumer_key] = key
        return key

    def add_application_password(self, user: str = "admin") -> Key:
        """WordPress's own way: Basic with a user's name, on https only."""
        password = secrets.token_hex(12)
        key = Key(0, "Application password", "read_write", user, password)
        self.all[user] = key
        return key

    def revoke(self, key: Key) -> None:
        self.all.pop(key.consumer_key, None)

    def check(self, call: Call, action: str) -> Key:
        """The key that may do this; `WooError` 401 otherwise, as misleading as the real one."""
        if "/wp-json/wc/" not in call.path:
            raise nobody(action)  # ?rest_route= is never authenticated
        key = self._plain(call) if call.is_https else self._signed(call)
        if key is None:
            key = self._signed(call) if call.is_https else None
        if key is None:
            raise nobody(action)
        if not key.may(call.method):
            what = "write" if call.method in WRITING else "read"
            raise unauthenticated(f"The API key provided does not have {what} permissions.")
        key.uses += 1
        return key

    def _plain(self, call: Call) -> Key | None:
        name, secret = _basic(call.headers.get("Authorization", "")) or _in_query(call.query)
        key = self.all.get(name)
        if key is None:
            return None
        if not hmac.compare_digest(key.consumer_secret.encode(), secret.encode()):
            raise unauthenticated("Consumer secret is invalid.")
        return key

    def _signed(self, call: Call) -> Key | None:
        given = {name: str(call.query.get(f"oauth_{name}", "")) for name in OAUTH}
        if not any(given.values()):
            return None
        if absent := [f"oauth_{name}" for name in OAUTH if not given[name]]:
            raise unauthenticated(f"Missing OAuth parameters {', '.join(absent)}")
        key = self.all.get(given["consumer_key"])
        if key is None:
            return None
        _check_signature(call, given, key)
        self._check_freshness(given)
        return key

    def _check_freshness(self, given: Mapping[str, str]) -> None:
        now = self.clock.now()
        stamp = given["timestamp"]
        if not stamp.isdecimal() or abs(now - int(stamp)) > CLOCK_SKEW:
            raise unauthenticated("Invalid timestamp.")
        used = (given["consumer_key"], given["nonce"])
        if used in self._nonces:
            raise unauthenticated("Invalid nonce - nonce has already been used.")
        self._nonces[used] = now
        if len(self._nonces) > 10_000:
            self._nonces = {one: at for one, at in self._nonces.items() if now - at < CLOCK_SKEW}


def _basic(header: str) -> tuple[str, str] | None:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, secret = base64.b64decode(token, validate=True).decode().partition(":")
    except ValueError:
        return None
    return (name, secret) if colon else None


def _in_query(query: Params) -> tuple[str, str]:
    name = str(query.get("consumer_key", ""))
    return name if name.startswith("ck_") else "", str(query.get("consumer_secret", ""))


def _check_signature(call: Call, given: Mapping[str, str], key: Key) -> None:
    hashes = {"HMAC-SHA1": "sha1", "HMAC-SHA256": "sha256"}
    if given["signature_method"] not in hashes:
        raise unauthenticated("Invalid signature - signature method is invalid.")
    digest = hashes[given["signature_method"]]
    expected = signature(call.method, call.address, call.query, key.consumer_secret, digest)
    received = unquote(given["signature"].replace(" ", "+"))
    if not hmac.compare_digest(expected.encode(), received.encode()):
        raise unauthenticated("Invalid signature - provided signature does not match.")


def signature(method: str, address: str, query: Params, secret: str, digest: str = "sha256") -> str:
    """OAuth 1.0a's signature as the shop computes it; `status[]` counts as `status[0]`."""
    signed = {name: query[name] for name in sorted(query) if name != "oauth_signature"}
    pairs = "&".join(f"{quote(name, '')}={quote(value, '')}" for name, value in flat(signed))
    base = f"{method}&{quote(address, '')}&{quote(pairs, '')}"
    made = hmac.new(f"{secret}&".encode(), base.encode(), getattr(hashlib, digest)).digest()
    return base64.b64encode(made).decode()
