"""`/customers`, `/coupons` and `/webhooks`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connectors.woocommerce.standin import coupons, people, webhooks
from connectors.woocommerce.standin.coupons import KINDS, Coupon
from connectors.woocommerce.standin.errors import WooError, invalid, missing, no_trash
from connectors.woocommerce.standin.params import Params, choice, chosen, words
from connectors.woocommerce.standin.people import ROLES, Person
from connectors.woocommerce.standin.resource import Resource, trashed
from connectors.woocommerce.standin.values import Json, moment_of
from connectors.woocommerce.standin.webhooks import Webhook

_PLAIN = ("first_name", "last_name", "username", "role")
_COUPON = {"discount_type": "kind", "minimum_amount": "minimum", "maximum_amount": "maximum"}


class Customers(Resource):
    path = "customers"
    invalid_id = "woocommerce_rest_invalid_id"
    invalid_text = "Invalid resource ID."

    def select(self, params: Params) -> list[Person]:
        """`modified_after` is not among what this list knows, so it is ignored."""
        role = choice(params, "role", "customer", ("all", *ROLES))
        email = str(params.get("email", "")).lower()
        sought = str(params.get("search", "")).lower()
        include = {int(one) for one in words(params.get("include", "")) if one.isdecimal()}
        found = [
            one
            for one in self.shop.people.all.values()
            if role in ("all", one.role)
            and (not email or one.email.lower() == email)
            and (not sought or sought in f"{one.email} {one.name} {one.username}".lower())
            and (not include or one.id in include)
        ]
        names = ("id", "include", "name", "registered_date")
        by = choice(params, "orderby", "name", names)
        keys: dict[str, Any] = {
            "name": lambda one: (one.name.lower(), one.id),
            "registered_date": lambda one: (one.created, one.id),
        }
        descending = choice(params, "order", "asc", ("asc", "desc")) == "desc"
        return sorted(found, key=keys.get(by, lambda one: one.id), reverse=descending)

    def find(self, number: int) -> Person:
        return self.shop.people.all[number]

    def show(self, item: Person, params: Params) -> Json:
        return people.customer(self.shop, item)

    async def create(self, body: Json) -> Person:
        if not body.get("email"):
            raise missing("email")
        email = str(body["email"])
        if "@" not in email:
            raise invalid("email", "Invalid email address.", "rest_invalid_email")
        if self.shop.people.by_email(email):
            text = (
                "An account is already registered with your email address. "
                "Please log in or use a different email address."
            )
            raise WooError(400, "registration-error-email-exists", text)
        return self.shop.add_customer(email, **_person(body))

    async def update(self, item: Person, body: Json) -> None:
        email = {"email": str(body["email"])} if "email" in body else {}
        self.shop.edit_customer(item, **email, **_person(body))

    async def delete(self, item: Person, *, force: bool) -> None:
        if not force:
            raise no_trash("Customers")
        self.shop.delete_customer(item)


def _person(body: Json) -> Json:
    facts: Json = {name: str(body[name]) for name in _PLAIN if name in body}
    return facts | {name: dict(body[name]) for name in ("billing", "shipping") if name in body}


class Coupons(Resource):
    path = "coupons"
    invalid_id = "woocommerce_rest_shop_coupon_invalid_id"

    def select(self, params: Params) -> list[Coupon]:
        """`status` is not among what this list knows: there are no drafts in it, and no trash."""
        code = str(params.get("code", "")).lower()
        sought = str(params.get("search", "")).lower()
        found = (
            one
            for one in self.shop.coupons.all.values()
            if one.status in ("publish", "private")
            and (not code or one.code == code)
            and sought in one.code
        )
        return chosen(found, params, ["date", "modified", "id", "include", "title", "slug"], "date")

    def find(self, number: int) -> Coupon:
        return self.shop.coupons.all[number]

    def show(self, item: Coupon, params: Params) -> Json:
        return coupons.shown(self.shop, item)

    async def create(self, body: Json) -> Coupon:
        if not body.get("code"):
            raise missing("code")
        facts = _coupon(body)
        return self.shop.add_coupon(str(facts.pop("code")), **facts)

    async def update(self, item: Coupon, body: Json) -> None:
        facts = _coupon(body)
        if "code" in facts:
            other = self.shop.coupons.by_code(facts["code"])
            if other not in (None, item):
                raise coupons.taken()
        self.shop.edit_coupon(item, **facts)

    async def delete(self, item: Coupon, *, force: bool) -> None:
        if force:
            self.shop.delete_coupon(item)
        elif item.status == "trash":
            raise trashed("coupon")
        else:
            self.shop.trash_coupon(item)


def _coupon(body: Json) -> Json:
    known = ("code", "amount", "status", *coupons.FACTS)
    facts: Json = {name: body[name] for name in known if name in body}
    facts |= {new: body[old] for old, new in _COUPON.items() if old in body}
    if facts.get("kind", "percent") not in KINDS:
        why = "discount_type is not one of percent, fixed_cart, and fixed_product."
        raise invalid("discount_type", why, "rest_not_in_enum")
    for name in ("minimum", "maximum"):
        if name in facts:
            facts[name] = Decimal(str(facts[name] or 0))
    if "code" in facts:
        facts["code"] = str(facts["code"]).lower()
    for name, are_gmt in (("date_expires", False), ("date_expires_gmt", True)):
        if name in body:
            facts["expires"] = _moment(name, str(body[name]), are_gmt) if body[name] else None
    return facts


def _moment(name: str, text: str, are_gmt: bool) -> int:
    try:
        return moment_of(text, are_gmt=are_gmt and not text.endswith("Z"))
    except ValueError:
        raise invalid(name, "Invalid date.", "rest_invalid_date") from None


class WebhookList(Resource):
    path = "webhooks"
    invalid_id = "woocommerce_rest_shop_webhook_invalid_id"

    def select(self, params: Params) -> list[Webhook]:
        names = ("all", *webhooks.STATUSES)
        status = choice(params, "status", "all", names)
        found = (one for one in self.shop.webhooks.all.values() if status in ("all", one.status))
        return chosen(found, params, ("date", "id", "include", "title"), "date")

    def find(self, number: int) -> Webhook:
        return self.shop.webhooks.all[number]

    def show(self, item: Webhook, params: Params) -> Json:
        return webhooks.shown(self.shop, item)

    async def create(self, body: Json) -> Webhook:
        """Active at once, whatever `status` was sent and whatever the ping is answered."""
        webhook = self.shop.webhooks.add(
            str(body.get("topic", "")),
            str(body.get("delivery_url", "")),
            str(body.get("secret", "")),
            str(body.get("name", "")),
        )
        await self.shop.deliveries.ping(webhook)
        return webhook

    async def update(self, item: Webhook, body: Json) -> None:
        self.shop.webhooks.change(item, body)

    async def delete(self, item: Webhook, *, force: bool) -> None:
        if not force:
            raise no_trash("Webhooks")
        del self.shop.webhooks.all[item.id]
