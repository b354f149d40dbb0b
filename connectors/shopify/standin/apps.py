"""Apps, where they are installed, and the tokens they hold."""

from __future__ import annotations

import secrets
import tomllib
from dataclasses import dataclass, field
from typing import Any

from connectors.shopify.standin.values import Clock, Node

HOUR = 3_600
DAY = 24 * HOUR
ACCESS_LASTS = HOUR
REFRESH_LASTS = 90 * DAY
REUSE_LASTS = 30 * DAY  # of a refresh token whose successor nobody has used yet
CODE_LASTS = 600

CLIENT_ID = "0123456789abcdef0123456789abcdef"
CLIENT_SECRET = "shpss_sandbox_secret_not_a_real_one"
SCOPES = (
    "read_products",
    "read_inventory",
    "read_orders",
    "read_customers",
    "read_fulfillments",
    "write_discounts",
    "write_app_proxy",
)
OPTIONAL = ("read_all_orders", "write_orders", "write_draft_orders", "read_themes")
WEBHOOKS = [
    "app/uninstalled",
    "app/scopes_update",
    "bulk_operations/finish",
    "shop/update",
    "products/create",
    "products/update",
    "products/delete",
    "inventory_levels/update",
    "orders/create",
    "orders/updated",
    "orders/cancelled",
    "orders/fulfilled",
    "orders/paid",
    "orders/delete",
    "fulfillments/create",
    "fulfillments/update",
    "refunds/create",
    "customers/create",
    "customers/update",
    "customers/delete",
    "discounts/create",
    "discounts/update",
    "discounts/delete",
    "customers/data_request",
    "customers/redact",
    "shop/redact",
]


@dataclass(slots=True)
class Subscription:
    """Where deliveries of a topic go."""

    topic: str
    uri: str
    fields: tuple[str, ...] = ()
    name: str = ""
    number: int = 0  # of those made by the API; 0: from the app's TOML
    failures: int = 0
    created: str = ""
    filter: str | None = None


@dataclass(slots=True)
class App:
    """An app as its TOML describes it."""

    client_id: str = CLIENT_ID
    secret: str = CLIENT_SECRET
    url: str = "http://127.0.0.1:8000"
    number: int = 1
    title: str = "Parley"
    handle: str = "parley"
    public: bool = True  # a custom app may use tokens that never expire
    scopes: tuple[str, ...] = SCOPES
    optional_scopes: tuple[str, ...] = OPTIONAL
    webhooks: list[Subscription] = field(default_factory=list)
    proxy_url: str = "/shopify/proxy"
    proxy_prefix: str = "apps"
    proxy_subpath: str = "parley"
    redirect_urls: tuple[str, ...] = ()  # empty: any address below `url`
    protected_data: int = 2  # level of protected customer data it is approved for
    signs_with: str | None = None  # an old secret still signing after a rotation

    def absolute(self, address: str) -> str:
        """A TOML address: relative ones are below the app's."""
        return address if "://" in address else self.url.rstrip("/") + address

    @classmethod
    def from_toml(cls, text: str, secret: str = CLIENT_SECRET, **more: Any) -> App:
        """The app a `shopify.app.toml` describes; `more` replaces what it says."""
        toml = tomllib.loads(text)
        scopes, proxy = toml.get("access_scopes", {}), toml.get("app_proxy", {})
        asked = scopes.get("scopes") or ",".join(scopes.get("required_scopes", ()))
        facts: Node = {
            "client_id": toml["client_id"],
            "secret": secret,
            "url": _root(toml["application_url"]),
            "title": toml["name"],
            "scopes": tuple(one.strip() for one in asked.split(",") if one.strip()),
            "optional_scopes": tuple(scopes.get("optional_scopes", ())),
            "redirect_urls": tuple(toml["auth"]["redirect_urls"]),
            "webhooks": [
                Subscription(topic, one["uri"], tuple(one.get("include_fields", ())))
                for one in toml.get("webhooks", {}).get("subscriptions", ())
                for topic in (*one.get("topics", ()), *one.get("compliance_topics", ()))
            ],
        }
        if proxy:
            facts |= {
                "proxy_url": proxy["url"],
                "proxy_prefix": proxy["prefix"],
                "proxy_subpath": proxy["subpath"],
            }
        return cls(**facts | more)


def _root(address: str) -> str:
    return "/".join(address.split("/")[:3])


@dataclass(slots=True)
class Grant:
    """An access token and what it may do."""

    app: App
    token: str
    scopes: frozenset[str]
    expires_at: float | None
    kind: str = "offline"
    issued_at: float = 0

    def allows(self, scope: str) -> bool:
        """`write_x` implies `read_x`, as at Shopify."""
        return scope in self.scopes or (
            scope.startswith("read_") and f"write_{scope[5:]}" in self.scopes
        )


@dataclass(slots=True)
class Refresh:
    """A refresh token; used ones live on until their successor is used."""

    token: str
    scopes: frozenset[str]
    expires_at: float
    predecessor: Refresh | None = None
    first_used_at: float | None = None
    dead: bool = False


class TokenError(Exception):
    """What the token endpoint refuses, by OAuth's error code."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


class Installation:
    """One app in one shop."""

    def __init__(self, app: App, number: int, clock: Clock) -> None:
        self.app = app
        self.number = number
        self.clock = clock
        self.installed = False
        self.scopes: frozenset[str] = frozenset()
        self.grants: dict[str, Grant] = {}
        self.refreshes: dict[str, Refresh] = {}
        self.codes: dict[str, tuple[frozenset[str], float]] = {}
        self.subscriptions: dict[int, Subscription] = {}
        self.metafields: dict[tuple[str, str], Node] = {}
        self.pixel: Node | None = None

    def install(self, scopes: frozenset[str]) -> None:
        self.installed = True
        self.scopes = scopes

    def uninstall(self) -> None:
        """Every token, code, API subscription and app-data metafield goes."""
        self.installed = False
        for held in (self.grants, self.refreshes, self.codes, self.subscriptions, self.metafields):
            held.clear()
        self.pixel = None

    def code(self, scopes: frozenset[str]) -> str:
        """An authorization code, good once, for ten minutes."""
        code = secrets.token_hex(16)
        self.codes[code] = (scopes, self.clock.stamp() + CODE_LASTS)
        return code

    def redeem_code(self, code: str, *, expiring: bool) -> Node:
        scopes, until = self.codes.pop(code, (frozenset(), 0.0))
        if until < self.clock.stamp():
            raise TokenError(
                "invalid_request", "The authorization code was not found or was already used"
            )
        self.install(scopes)
        return self.issue(expiring=expiring)

    def issue(
        self, *, expiring: bool, predecessor: Refresh | None = None, kind: str = "offline"
    ) -> Node:
        """A token reply: with expiry and refresh token if it is an expiring one."""
        now = self.clock.stamp()
        access = self.grant(expires_in=ACCESS_LASTS if expiring else None, kind=kind)
        reply: Node = {"access_token": access.token, "scope": ",".join(sorted(self.scopes))}
        if expiring:
            refresh = Refresh(
                f"shprt_{secrets.token_hex(16)}", self.scopes, now + REFRESH_LASTS, predecessor
            )
            self.refreshes[refresh.token] = refresh
            reply |= {
                "expires_in": ACCESS_LASTS,
                "refresh_token": refresh.token,
                "refresh_token_expires_in": REFRESH_LASTS,
            }
        return reply

    def grant(self, *, expires_in: float | None, kind: str = "offline") -> Grant:
        """An access token with the scopes of the installation."""
        now = self.clock.stamp()
        token = f"shpat_{secrets.token_hex(16)}"
        until = None if expires_in is None else now + expires_in
        self.grants[token] = Grant(self.app, token, self.scopes, until, kind, now)
        return self.grants[token]

    def refresh(self, token: str) -> Node:
        """A new pair; the old refresh token stays good until the new one is used."""
        now = self.clock.stamp()
        held = self.refreshes.get(token)
        if held is None or held.dead or held.expires_at < now:
            raise TokenError("invalid_grant", "This refresh token is invalid or has expired")
        if held.first_used_at is not None and now - held.first_used_at > REUSE_LASTS:
            raise TokenError("invalid_grant", "This refresh token was used too long ago")
        held.first_used_at = held.first_used_at or now
        if held.predecessor:
            held.predecessor.dead = True
        return self.issue(expiring=True, predecessor=held)

    def expire(self, *, refresh: bool = False) -> None:
        """Let every access token, or also every refresh token, have expired just now."""
        now = self.clock.stamp()
        for grant in self.grants.values():
            grant.expires_at = now - 1
        if refresh:
            for one in self.refreshes.values():
                one.expires_at = now - 1
