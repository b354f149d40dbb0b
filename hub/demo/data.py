"""The demo's invented shop: who works there, who buys there, what they bought and what was said.

Pure data. The TOML files beside this one hold the words; here are their shapes, and the bodies
of the Customer-Data API made from them. Times are kept as how long ago, so the shop's day is
always today.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

HERE = Path(__file__).parent
SITE = "https://kestrelandclay.example"  # where the invented visitors were; nobody answers there


class Shape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the TOML files; a misspelt key stops the start."""


class Workspace(Shape, frozen=True):
    """The shop and what its widget looks like."""

    name: str
    welcome_heading: str
    welcome_tagline: str
    primary_color: str
    logo: str

    def appearance(self, origin: str) -> dict[str, str]:
        """The widget's editable fields, as `PUT /console/api/appearance` takes them."""
        return {
            "name": self.name,
            "welcome_heading": self.welcome_heading,
            "welcome_tagline": self.welcome_tagline,
            "primary_color": self.primary_color,
            "logo_url": static(origin, self.logo),
        }


class Agent(Shape, frozen=True):
    """Someone who answers. Without a password: whoever seeds makes sign-in links."""

    key: str  # what the conversations call them
    name: str
    email: str
    role: Literal["owner", "admin", "agent"]


class Customer(Shape, frozen=True):
    """Someone the shop's server has told us of."""

    external_id: str
    name: str
    email: str
    phone: str
    address: str
    username: str = ""
    picture: str = ""
    attributes: dict[str, str] = {}

    def body(self, origin: str) -> dict[str, Any]:
        """The body of `POST /v1/chat/ingest/identify`."""
        known = {
            "name": self.name,
            "email": self.email,
            "username": self.username,
            "avatar_url": static(origin, f"people/{self.picture}") if self.picture else "",
            "phone": self.phone,
            "address": self.address,
        }
        sent = {field: value for field, value in known.items() if value}
        return {"external_id": self.external_id, **sent, "attributes": dict(self.attributes)}


class Product(Shape, frozen=True):
    """A piece in the shop; `detail`, `was` and `group` are for the demo's page alone."""

    external_id: str
    title: str
    description: str
    price: str
    currency: str
    group: Literal["tea", "table", "home", "gifts"]
    detail: str
    was: str = ""
    available: bool = True

    def body(self, origin: str) -> dict[str, Any]:
        """One of the `products` of `POST /v1/chat/ingest/products`."""
        return {
            "external_id": self.external_id,
            "title": self.title,
            "description": self.description,
            "price": number(self.price),
            "currency": self.currency,
            "url": f"{origin}/demo#{self.external_id}",
            "image_url": static(origin, f"products/{self.external_id}.svg"),
            "available": self.available,
        }


class Step(msgspec.Struct, frozen=True, array_like=True):
    """A status a record took."""

    ago: timedelta
    status: str


class Record(Shape, frozen=True):
    """An order, deposit, withdrawal, payment or other record, and the statuses it went through."""

    customer: str  # external_id
    kind: Literal["order", "deposit", "withdrawal", "payment", "custom"]
    reference: str
    title: str
    steps: tuple[Step, ...]  # oldest first; the first is when it occurred
    amount: str = ""
    currency: str = ""
    link: bool = False  # agents get a deep link

    def body(self, step: Step, now: datetime, origin: str) -> dict[str, Any]:
        """One of the `records` of `POST /v1/chat/ingest/records`, as it was sent at `step`."""
        body: dict[str, Any] = {
            "kind": self.kind,
            "reference": self.reference,
            "title": self.title,
            "status": step.status,
            "occurred_at": (now - self.steps[0].ago).isoformat(timespec="seconds"),
        }
        if self.amount:
            body |= {"amount": number(self.amount), "currency": self.currency}
        if self.link:
            body["url"] = f"{origin}/demo#order-{self.reference}"
        return body


class Line(msgspec.Struct, frozen=True, array_like=True):
    """Something said: `who` is "visitor", an agent's key, or "key/note" for a private note."""

    ago: timedelta
    who: str
    text: str
    products: tuple[str, ...] = ()  # external ids of the cards shown

    @property
    def kind(self) -> Literal["text", "note"]:
        """What `send` calls it."""
        return "note" if self.who.endswith("/note") else "text"

    @property
    def agent(self) -> str | None:
        """The key of the agent who wrote it; None when the visitor did."""
        return None if self.who == "visitor" else self.who.removesuffix("/note")


class Talk(Shape, frozen=True):
    """A conversation, from its first line to how it stands now."""

    key: str  # unique; a loader makes the ids of conversation and messages from it
    assurance: Literal["anonymous", "claimed", "hmac"]
    locale: str
    status: Literal["open", "pending", "snoozed", "resolved"]
    lines: tuple[Line, ...]  # oldest first
    customer: str | None = None  # external_id, when proven; their talks share one visitor
    name: str = ""  # what an unproven visitor typed
    email: str = ""
    page: tuple[str, str] | None = None  # path and title
    assignee: str | None = None  # an agent's key
    unread: int = 0  # the visitor's last lines that no agent has read
    unseen: int = 0  # the agents' last lines that the visitor has not read


class Update(NamedTuple):
    """What the shop's server said of one record at one moment."""

    at: datetime
    body: dict[str, Any]  # of `POST /v1/chat/ingest/records`


def static(origin: str, path: str) -> str:
    """The address of one of the demo's own files."""
    return f"{origin}/demo/static/{path}"


def number(amount: str) -> int | float:
    """An amount in major units as JSON carries it; these few digits survive a float exactly."""
    exact = Decimal(amount)
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def read(name: str) -> dict[str, Any]:
    """One of the TOML files beside this module."""
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


_shop = read("shop.toml")

WORKSPACE = msgspec.convert(_shop["workspace"], Workspace)
AGENTS = msgspec.convert(_shop["agents"], tuple[Agent, ...])
CUSTOMERS = msgspec.convert(_shop["customers"], tuple[Customer, ...])
PRODUCTS = msgspec.convert(_shop["products"], tuple[Product, ...])
RECORDS = msgspec.convert(read("activity.toml")["records"], tuple[Record, ...])
TALKS = msgspec.convert(read("talks.toml")["talks"], tuple[Talk, ...])

AMARA = CUSTOMERS[0]  # whom the demo's page shows as signed in


def updates(now: datetime, origin: str) -> Iterator[Update]:
    """Every status of every record, in the order the shop would have posted them."""
    said = sorted(
        ((step, record) for record in RECORDS for step in record.steps),
        key=lambda pair: pair[0].ago,
        reverse=True,
    )
    for step, record in said:
        body = {"external_id": record.customer, "records": [record.body(step, now, origin)]}
        yield Update(now - step.ago, body)
