"""The shop's webhooks, and what waits for the Action Scheduler to send it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connectors.woocommerce.standin.errors import WooError, invalid
from connectors.woocommerce.standin.product_json import links
from connectors.woocommerce.standin.values import Clock, Json, dates

if TYPE_CHECKING:
    from connectors.woocommerce.standin.shop import Shop

STATUSES = ("active", "paused", "disabled")
FAILURES = 7  # in a row, and the webhook is disabled
HOOKS = {
    "order.created": ["woocommerce_new_order"],
    "order.updated": ["woocommerce_update_order", "woocommerce_order_refunded"],
    "order.deleted": ["wp_trash_post", "woocommerce_trash_order"],
    "order.restored": ["untrashed_post", "woocommerce_untrash_order"],
    "product.created": ["woocommerce_new_product", "woocommerce_new_product_variation"],
    "product.updated": ["woocommerce_update_product", "woocommerce_update_product_variation"],
    "product.deleted": ["wp_trash_post"],
    "product.restored": ["untrashed_post"],
    "coupon.created": ["woocommerce_new_coupon"],
    "coupon.updated": ["woocommerce_coupon_options_save", "woocommerce_update_coupon"],
    "coupon.deleted": ["wp_trash_post"],
    "coupon.restored": ["untrashed_post"],
    "customer.created": ["user_register", "woocommerce_created_customer"],
    "customer.updated": ["profile_update", "woocommerce_update_customer"],
    "customer.deleted": ["delete_user"],
}


@dataclass(slots=True)
class Webhook:
    """Whom to tell of what, and how that has been going."""

    id: int
    name: str
    topic: str
    url: str
    secret: str
    created: int
    modified: int
    status: str = "active"
    failures: int = 0

    @property
    def slug(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Pending:
    """Something to be told: not what it says, for that is made when it is sent."""

    webhook: int
    resource: int


@dataclass(slots=True)
class Webhooks:
    """All webhooks by id, and the queue."""

    clock: Clock
    all: dict[int, Webhook] = field(default_factory=dict)
    queue: dict[Pending, None] = field(default_factory=dict)  # one of each, in order
    _next: int = 1

    def add(self, topic: str, url: str, secret: str = "", name: str = "") -> Webhook:
        """A new webhook, active whatever its address is."""
        check_topic(topic)
        check_url(url)
        now = self.clock.second()
        title = name or "Webhook created"
        webhook = Webhook(self._next, title, topic, url, secret, now, now)
        self._next += 1
        self.all[webhook.id] = webhook
        return webhook

    def change(self, webhook: Webhook, body: Json) -> None:
        """What PUT does; an active one begins to count its failures anew."""
        if "topic" in body:
            check_topic(str(body["topic"]))
        if "delivery_url" in body:
            check_url(str(body["delivery_url"]))
        if body.get("status", "active") not in STATUSES:
            why = "status is not one of active, paused, and disabled."
            raise invalid("status", why, "rest_not_in_enum")
        webhook.topic = str(body.get("topic", webhook.topic))
        webhook.url = str(body.get("delivery_url", webhook.url))
        webhook.secret = str(body.get("secret", webhook.secret))
        webhook.name = str(body.get("name", webhook.name))
        webhook.status = str(body.get("status", webhook.status))
        webhook.modified = self.clock.second()
        if body.get("status") == "active":
            webhook.failures = 0

    def announce(self, topic: str, resource: int) -> None:
        """Queue it for every active webhook of this topic; what waits already is not doubled."""
        for webhook in self.all.values():
            if webhook.topic == topic and webhook.status == "active":
                self.queue.setdefault(Pending(webhook.id, resource))

    def failed(self, webhook: Webhook) -> None:
        """One failure more; the seventh in a row disables it and tells nobody."""
        webhook.failures += 1
        if webhook.failures >= FAILURES:
            webhook.status = "disabled"
            webhook.modified = self.clock.second()


def check_topic(topic: str) -> None:
    if topic not in HOOKS:
        raise WooError(
            400,
            "woocommerce_rest_shop_webhook_invalid_topic",
            "Webhook topic is required and must be valid.",
        )


def check_url(url: str) -> None:
    if not url.startswith(("http://", "https://")):
        raise WooError(
            400,
            "woocommerce_rest_shop_webhook_invalid_delivery_url",
            "Webhook delivery URL must be a valid URL starting with http:// or https://.",
        )


def shown(store: Shop, one: Webhook) -> Json:
    """A webhook as `/webhooks` shows it: never with its secret."""
    resource, _, event = one.topic.partition(".")
    return {
        "id": one.id,
        "name": one.name,
        "status": one.status,
        "topic": one.topic,
        "resource": resource,
        "event": event,
        "hooks": HOOKS[one.topic],
        "delivery_url": one.url,
        **dates("date_created", one.created),
        **dates("date_modified", one.modified),
        "_links": links(store, f"webhooks/{one.id}", "webhooks"),
    }
