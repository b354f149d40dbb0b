"""Settings: the app's credentials, one connection's keys, and what a shop may be called."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, SecretStr, field_validator
from shopify.utils.shop_url import sanitize_shop_domain

from core.connector import Connection
from core.errors import Invalid

NAME = "shopify"
API_VERSION = "2026-10"
DOMAIN = ".myshopify.com"
# The one pattern of a shop's host: everything that is called or believed has passed it.
SHOP = re.compile(r"[a-z0-9][a-z0-9-]{0,59}\.myshopify\.com")

SCOPES = (
    "read_products",
    "read_inventory",
    "read_orders",
    "read_customers",
    "read_fulfillments",
    "write_discounts",
    "write_app_proxy",
)
# Asked for when the merchant switches on what needs them.
OPTIONAL_SCOPES = ("write_orders", "read_all_orders")

Source = Literal["code", "exchange", "credentials", "fixed"]


class App(BaseModel, frozen=True):
    """The credentials of a Shopify app; they live here and never on a class of the library."""

    client_id: str
    client_secret: SecretStr
    previous_client_secret: SecretStr = SecretStr("")  # signs for an hour after a rotation

    @property
    def secrets(self) -> tuple[str, ...]:
        """What may have signed a message, newest first."""
        both = (self.client_secret, self.previous_client_secret)
        return tuple(one.get_secret_value() for one in both if one.get_secret_value())


class Settings(BaseModel, extra="forbid", frozen=True):
    """The operator's: the app everyone on this hub connects with, if there is one."""

    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    previous_client_secret: SecretStr = SecretStr("")
    origin: str = "https://{shop}"  # lets a stand-in answer

    @field_validator("client_id", "client_secret", "previous_client_secret", mode="before")
    @classmethod
    def _unset(cls, value: object) -> object:
        return "" if value is None else value

    @field_validator("origin", mode="before")
    @classmethod
    def _usual(cls, value: object) -> object:
        return str(value).rstrip("/") if value else "https://{shop}"

    @property
    def app(self) -> App | None:
        """The operator's app; None where every connection brings its own."""
        if not self.client_id or not self.client_secret.get_secret_value():
            return None
        return App(
            client_id=self.client_id,
            client_secret=self.client_secret,
            previous_client_secret=self.previous_client_secret,
        )

    @property
    def trusted(self) -> tuple[str, ...]:
        """The stand-in's origin, if there is one: it may be called wherever it is."""
        return () if "{shop}" in self.origin else (self.origin,)

    def url(self, shop: str, path: str) -> str:
        """Where a shop answers; never a host that is no shop's."""
        return self.origin.replace("{shop}", checked(shop)) + path

    def app_of(self, connection: Connection) -> App | None:
        """The app a connection was approved for: its own, or the operator's."""
        own = connection.settings
        assert isinstance(own, ShopSettings)
        return own.app or self.app


class ShopSettings(BaseModel, frozen=True):
    """One connection's keys; stored sealed. Times are in milliseconds."""

    source: Source
    access_token: SecretStr
    client_id: str = ""  # of the connection's own app
    client_secret: SecretStr = SecretStr("")
    refresh_token: SecretStr = SecretStr("")
    scopes: tuple[str, ...] = ()
    expires_at: int | None = None  # None: the access token holds until it is revoked
    refresh_expires_at: int | None = None
    obtained_at: int = 0

    @property
    def app(self) -> App | None:
        """The connection's own app, typed by a self-hoster."""
        if not self.client_id or not self.client_secret.get_secret_value():
            return None
        return App(client_id=self.client_id, client_secret=self.client_secret)


def checked(shop: str) -> str:
    """The same host; ValueError if it is none of a shop, before any secret is sent there."""
    if not SHOP.fullmatch(shop):
        raise ValueError("not a shop's host")
    return shop


def is_shop(host: str) -> bool:
    """Whether a host is a shop's."""
    return SHOP.fullmatch(host) is not None


def to_shop(typed: str, field: str = "shop") -> str:
    """The shop's host from what a merchant typed or pasted; Invalid if it is none."""
    plain = typed.strip().lower()
    admin = re.fullmatch(r"(?:https://)?admin\.shopify\.com/store/([a-z0-9-]+)(?:/.*)?", plain)
    try:
        found = sanitize_shop_domain(admin[1] if admin else plain)
    except ValueError:  # "[" begins an IPv6 address
        found = None
    if not found or not SHOP.fullmatch(found):
        raise Invalid(
            "Type the shop's address as in Shopify: your-shop.myshopify.com.", field=field
        )
    return str(found)


def reconnect_link(shop: str) -> str:
    """The console's page where a merchant approves the app in their shop again."""
    return f"/console/settings/integrations/connect/{NAME}?shop={checked(shop)}"


def short_name(shop: str) -> str:
    """The shop's name without the domain: `kestrel-clay`."""
    return shop.removesuffix(DOMAIN)
