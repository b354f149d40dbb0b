"""The discount codes of a shop: issued once, redeemed at the checkout, stopped on request."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connectors.shopify.standin.values import Node, gid, iso, moment_of

FIRST_DISCOUNT = 950_000_000_000_000_001
LONGEST_CODE = 255


class Refused(Exception):
    """A code that cannot be made or redeemed, in Shopify's words."""

    def __init__(self, message: str, code: str = "INVALID", field: str = "code") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field


class Discounts:
    """Every code discount of one shop."""

    def __init__(self, shop: Any) -> None:
        self.shop = shop
        self.nodes: dict[int, Node] = {}

    def create(self, asked: Node) -> Node:
        """The new discount; `Refused` with TAKEN if the code is used, as Shopify compares them."""
        self._check(asked)
        identity = FIRST_DISCOUNT + len(self.nodes)
        now = iso(self.shop.clock.now())
        gets = asked["customerGets"]
        node: Node = {
            "__typename": "DiscountCodeNode",
            "id": gid("DiscountCodeNode", identity),
            "_asked": asked,
            "_code": asked["code"],
            "_used": 0,
            "_users": set(),
            "_stopped": False,
            "_deleted": False,
            "_created": now,
            "_starts": asked["startsAt"],
            "_ends": asked.get("endsAt"),
            "_value": gets["value"],
            "_redeem_id": self.shop.orders.new_id(),
        }
        self.nodes[identity] = node
        return node

    def by_code(self, code: str) -> Node | None:
        """The discount of this code, upper or lower case; not one that was deleted."""
        alive = (one for one in self.nodes.values() if not one["_deleted"])
        return next((one for one in alive if one["_code"].casefold() == code.casefold()), None)

    def by_id(self, number: int) -> Node | None:
        node = self.nodes.get(number)
        return node if node and not node["_deleted"] else None

    def status(self, node: Node) -> str:
        now = self.shop.clock.now()
        if node["_stopped"] or (node["_ends"] and moment_of(node["_ends"]) <= now):
            return "EXPIRED"
        return "SCHEDULED" if moment_of(node["_starts"]) > now else "ACTIVE"

    def stop(self, node: Node) -> None:
        node["_stopped"] = True

    def delete(self, node: Node) -> None:
        node["_deleted"] = True

    def redeem(self, code: str, subtotal: Decimal, customer: Node | None) -> Decimal:
        """What the code takes off this subtotal, counted as used; `Refused` says why not."""
        node = self.by_code(code)
        if node is None or self.status(node) != "ACTIVE":
            raise Refused("Enter a valid discount code")
        asked, who = node["_asked"], customer and customer["id"]
        if asked.get("usageLimit") and node["_used"] >= asked["usageLimit"]:
            raise Refused("Discount code usage limit has been reached")
        if asked.get("appliesOncePerCustomer") and who in node["_users"]:
            raise Refused("You already used this discount code")
        named = (asked.get("context", {}).get("customers") or {}).get("add")
        if named and who not in named:
            raise Refused("Discount code isn’t available to you right now")
        lowest = (asked.get("minimumRequirement") or {}).get("subtotal") or {}
        if subtotal < Decimal(str(lowest.get("greaterThanOrEqualToSubtotal", 0))):
            raise Refused("Discount code isn’t valid for the items in your cart")
        node["_used"] += 1
        node["_users"].add(who)
        return _taken_off(node["_value"], subtotal)

    def _check(self, asked: Node) -> None:
        code = asked.get("code") or ""
        for name in ("title", "code", "startsAt", "customerGets", "context"):
            if not asked.get(name):
                raise Refused(f"{name} can't be blank", "BLANK", name)
        if len(code) > LONGEST_CODE:
            raise Refused(f"Code is too long (maximum is {LONGEST_CODE})", "TOO_LONG")
        if asked.get("endsAt") and moment_of(asked["endsAt"]) <= moment_of(asked["startsAt"]):
            raise Refused("Ends at needs to be after starts_at", "INVALID", "endsAt")
        percent = asked["customerGets"].get("value", {}).get("percentage")
        if percent is not None and not 0 < percent <= 1:
            raise Refused(
                "Value must be between 0.0 and 1.0", "VALUE_OUTSIDE_RANGE", "customerGets"
            )
        if self.by_code(code):
            raise Refused("Code must be unique. Please try a different code.", "TAKEN")


def _taken_off(value: Node, subtotal: Decimal) -> Decimal:
    if (percent := value.get("percentage")) is not None:
        return (subtotal * Decimal(str(percent))).quantize(Decimal("0.01"))
    return min(subtotal, Decimal(str(value["discountAmount"]["amount"])))
