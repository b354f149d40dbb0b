"""The customers of a shop."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connectors.shopify.standin.orders import Orders
from connectors.shopify.standin.values import Node, gid, iso, money

FIRST_CUSTOMER = 940_000_000_000_000_001
FIRST_NAMES = [
    "Ann",
    "Ben",
    "Chloe",
    "Dara",
    "Emil",
    "Fatima",
    "Goran",
    "Hana",
    "Ines",
    "Jonas",
    "Kofi",
    "Lucia",
]
LAST_NAMES = [
    "Archer",
    "Blom",
    "Castro",
    "Diallo",
    "Evans",
    "Fischer",
    "Greco",
    "Hughes",
    "Ito",
    "Jensen",
]


class People:
    """Every customer of one shop."""

    def __init__(self, shop: Any, orders: Orders) -> None:
        self.shop = shop
        self.orders = orders
        self.nodes: dict[int, Node] = {}

    def add(
        self,
        *,
        id: int | None = None,
        email: str | None = "",
        phone: str | None = None,
        first_name: str | None = "",
        last_name: str | None = "",
        **facts: Any,
    ) -> Node:
        """A new customer; names and e-mail are made up unless given, None leaves them out."""
        place = len(self.nodes)
        identity = id or FIRST_CUSTOMER + place
        first = FIRST_NAMES[place % len(FIRST_NAMES)] if first_name == "" else first_name
        last = LAST_NAMES[place % len(LAST_NAMES)] if last_name == "" else last_name
        mail = f"{first}.{last}{place}@example.com".lower() if email == "" else email
        now = iso(self.shop.clock.now())
        customer: Node = {
            "__typename": "Customer",
            "id": gid("Customer", identity),
            "legacyResourceId": str(identity),
            "locale": "en",
            "state": "DISABLED",
            "verifiedEmail": True,
            "taxExempt": False,
            "tags": [],
            "note": None,
            "createdAt": now,
            "updatedAt": now,
            "_first": first,
            "_last": last,
            "_email": mail,
            "_phone": phone,
            "defaultAddress": _address(first, last, place),
        }
        self.nodes[identity] = _named(customer | facts)
        return self.nodes[identity]

    def edit(self, customer: Node, **facts: Any) -> None:
        """Change it: `email`, `phone`, `first_name`, `last_name`, or GraphQL's names."""
        ours = {"email": "_email", "phone": "_phone", "first_name": "_first", "last_name": "_last"}
        customer |= {ours.get(name, name): value for name, value in facts.items()}
        customer["updatedAt"] = iso(self.shop.clock.now())
        _named(customer)

    def orders_of(self, customer: Node) -> list[Node]:
        number = int(customer["legacyResourceId"])
        return [one for one in self.orders.nodes.values() if one["_customer"] == number]

    def find(self, *, email: str | None = None, phone: str | None = None) -> Node | None:
        """The customer with exactly this e-mail or phone number."""
        for customer in self.nodes.values():
            if email and (customer["_email"] or "").casefold() == email.casefold():
                return customer
            if phone and customer["_phone"] == phone:
                return customer
        return None

    def spent(self, customer: Node) -> Node:
        paid = sum(
            (one["_paid"] - one["_refunded"] for one in self.orders_of(customer)), Decimal(0)
        )
        return money(paid, self.shop.currency)


def _named(customer: Node) -> Node:
    first, last, email = customer["_first"], customer["_last"], customer["_email"]
    phone = customer["_phone"]
    customer |= {
        "firstName": first,
        "lastName": last,
        "displayName": " ".join(filter(None, (first, last))) or email or phone or "",
        "email": email,
        "phone": phone,
        "defaultEmailAddress": email
        and {
            "__typename": "CustomerEmailAddress",
            "emailAddress": email,
            "marketingState": "NOT_SUBSCRIBED",
            "validFormat": True,
        },
        "defaultPhoneNumber": phone
        and {
            "__typename": "CustomerPhoneNumber",
            "phoneNumber": phone,
            "marketingState": "NOT_SUBSCRIBED",
        },
    }
    return customer


def _address(first: str | None, last: str | None, place: int) -> Node:
    return {
        "__typename": "MailingAddress",
        "id": gid("MailingAddress", place + 1),
        "name": " ".join(filter(None, (first, last))),
        "firstName": first,
        "lastName": last,
        "address1": f"{place + 1} Harbour Lane",
        "address2": None,
        "city": "Bristol",
        "province": "England",
        "provinceCode": "ENG",
        "zip": "BS1 4DJ",
        "country": "United Kingdom",
        "countryCodeV2": "GB",
        "phone": None,
    }
