"""Settings: what a shop's address may be, one connection's keys, and what the operator tunes."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, SecretStr, field_validator

from core.connector import Connection
from core.errors import Invalid

NAME = "woocommerce"
REST = "/wp-json/wc/v3/"
WRONG_ADDRESS = "Type the shop's address as in your browser: https://shop.example."
# What WordPress serves itself; whoever copies such an address means the shop above it.
_INSIDE = re.compile(r"/(?:wp-admin|wp-login\.php|wp-json|wc-auth|index\.php)(?:/.*)?$")
_HOST = re.compile(r"(?!-)[a-z0-9.-]{1,253}(?<![.-])")
_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+){0,8}")
_KEY = re.compile(r"ck_[A-Za-z0-9]{8,128}")
_SECRET = re.compile(r"cs_[A-Za-z0-9]{8,128}")

# How keys are shown to the shop: OAuth1 on http, Basic on https, and in the address (https only)
# for hosts that drop the Authorization header.
Auth = Literal["oauth", "basic", "query"]


class Settings(BaseModel, extra="forbid", frozen=True):
    """The operator's: how often shops are asked for changes."""

    poll_minutes: int = Field(5, ge=1, le=1440)

    @field_validator("poll_minutes", mode="before")
    @classmethod
    def _usual(cls, value: object) -> object:
        return 5 if value is None else value


class Keys(BaseModel, frozen=True):
    """A consumer key of a shop and how it is shown; enough to call it."""

    url: str  # with the scheme, without a slash at the end
    consumer_key: SecretStr
    consumer_secret: SecretStr
    auth: Auth = "basic"

    @property
    def host(self) -> str:
        """The shop's host, for people."""
        return urlsplit(self.url).hostname or "the shop"


class ShopSettings(Keys, frozen=True):
    """One connection's keys; stored sealed."""

    permissions: str = "read_write"
    webhook_secret: SecretStr = SecretStr("")  # what the webhooks' own secrets are made of
    hook_key: SecretStr = SecretStr("")  # the secret part of where they are sent


def keys_of(connection: Connection) -> ShopSettings:
    """The connection's own settings."""
    assert isinstance(connection.settings, ShopSettings)
    return connection.settings


def to_url(typed: str, field: str = "values.url") -> str:
    """The shop's address from what a merchant typed or pasted; Invalid if it is none.

    Without a scheme it is https: a shop that has only http is named with it.
    """
    plain = typed.strip()
    if "://" not in plain:
        plain = f"https://{plain}"
    try:
        parts = urlsplit(plain)
        port = parts.port
    except ValueError:
        raise Invalid(WRONG_ADDRESS, field=field) from None
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    path = _INSIDE.sub("", parts.path.rstrip("/")).rstrip("/")
    if scheme not in ("http", "https") or parts.username is not None or not _is_host(host):
        raise Invalid(WRONG_ADDRESS, field=field)
    if not _PATH.fullmatch(path) or "/../" in f"{path}/" or "/./" in f"{path}/":
        raise Invalid(WRONG_ADDRESS, field=field)
    usual = {"http": 80, "https": 443}[scheme]
    where = host if port in (None, usual) else f"{host}:{port}"
    return f"{scheme}://{where}{path}"


def _is_host(host: str) -> bool:
    """A name in ASCII, or digits; an IPv6 address no shop has."""
    return _HOST.fullmatch(host) is not None and ".." not in host


def shop_of(url: str) -> str:
    """The shop's name on the hub: its address without the scheme."""
    return url.partition("://")[2]


def short_name(shop: str) -> str:
    """The shop's part of `source`: `shop.example-store`."""
    return re.sub(r"[^a-z0-9.]+", "-", shop.lower()).strip("-.")


def checked_key(value: str) -> SecretStr:
    """A consumer key; Invalid says what was pasted instead."""
    if value.startswith("cs_"):
        raise Invalid("That is the secret. The key starts with ck_.", field="values.consumer_key")
    if not _KEY.fullmatch(value):
        raise Invalid("A consumer key starts with ck_.", field="values.consumer_key")
    return SecretStr(value)


def checked_secret(value: str) -> SecretStr:
    """A consumer secret; Invalid says what was pasted instead."""
    if value.startswith("ck_"):
        raise Invalid(
            "That is the key again. The secret starts with cs_.", field="values.consumer_secret"
        )
    if not _SECRET.fullmatch(value):
        raise Invalid("A consumer secret starts with cs_.", field="values.consumer_secret")
    return SecretStr(value)
