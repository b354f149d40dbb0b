"""Users of the site: customers, and others whom WooCommerce also calls customers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors.woocommerce.standin.orders import ADDRESS
from connectors.woocommerce.standin.product_json import links
from connectors.woocommerce.standin.values import Clock, Json, dates

if TYPE_CHECKING:
    from connectors.woocommerce.standin.shop import Shop

# The order of a customer's address differs from an order's.
_ADDRESS = (*(name for name in ADDRESS if name not in ("state", "email", "phone")), "state")
ROLES = ("customer", "editor", "shop_manager", "administrator", "subscriber", "author")


@dataclass(slots=True)
class Person:
    """A WordPress user."""

    id: int
    email: str
    created: int
    modified: int
    first_name: str = ""
    last_name: str = ""
    role: str = "customer"
    username: str = ""
    billing: dict[str, str] = field(default_factory=dict)
    shipping: dict[str, str] = field(default_factory=dict)
    paying: bool = False

    @property
    def name(self) -> str:
        """As `display_name`: the full name, or the user name."""
        return f"{self.first_name} {self.last_name}".strip() or self.username


class People:
    """All users by id; number 1 is the administrator."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.all: dict[int, Person] = {}
        self._next = 1
        self.add("admin@shop.example", role="administrator", username="admin")

    def add(self, email: str, **facts: Any) -> Person:
        """A new user."""
        now = facts.pop("created", None) or self.clock.second()
        facts.setdefault("username", email.partition("@")[0])
        person = Person(self._next, email, now, now, **facts)
        self._next += 1
        self.all[person.id] = person
        return person

    def by_email(self, email: str) -> Person | None:
        found = (one for one in self.all.values() if one.email.lower() == email.lower())
        return next(found, None)


def customer(store: Shop, one: Person) -> Json:
    """A user as `/customers` shows it."""
    mark = hashlib.sha256(one.email.lower().encode()).hexdigest()
    return {
        "id": one.id,
        **dates("date_created", one.created),
        **dates("date_modified", one.modified),
        "email": one.email,
        "first_name": one.first_name,
        "last_name": one.last_name,
        "role": one.role,
        "username": one.username,
        "billing": _address(one.billing, "email", "phone"),
        "shipping": _address(one.shipping, "phone"),
        "is_paying_customer": one.paying,
        "avatar_url": f"https://secure.gravatar.com/avatar/{mark}?s=96&d=mm&r=g",
        "meta_data": [],
        "_links": links(store, f"customers/{one.id}", "customers"),
    }


def _address(given: dict[str, str], *more: str) -> Json:
    return {name: given.get(name, "") for name in (*_ADDRESS, *more)}
