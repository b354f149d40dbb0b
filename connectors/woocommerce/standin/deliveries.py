"""The pretend Action Scheduler: sends what is queued, one after the other, and never again."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import html
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.woocommerce.standin.errors import WooError
from connectors.woocommerce.standin.outbound import HOOKSHOT, CannotSend
from connectors.woocommerce.standin.values import Json, php_json
from connectors.woocommerce.standin.webhooks import Pending, Webhook

if TYPE_CHECKING:
    from connectors.woocommerce.standin.shop import Shop

KEPT = 1_000
WP_CRON = 60.0  # seconds
SUCCESS = range(200, 303)  # a redirect is a success, and is not followed


@dataclass(slots=True)
class Delivery:
    """One request of a webhook, and what came of it."""

    webhook: int
    topic: str
    url: str
    headers: dict[str, str]
    body: bytes
    at: float
    outcome: str = ""  # "200", "500", "ClientConnectorError"

    @property
    def arrived(self) -> bool:
        """What WooCommerce takes for success."""
        return self.outcome.isdecimal() and int(self.outcome) in SUCCESS


class Deliveries:
    """What was sent. Attributes make it misbehave in ways the real one does."""

    def __init__(self, store: Shop) -> None:
        self.store = store
        self.sent: deque[Delivery] = deque(maxlen=KEPT)
        self.every = 0.0  # seconds between ticks; 0: only when a test calls `tick`
        self.lose = False  # no traffic, so no WP-Cron: nothing is ever sent
        self.copies = 1
        self.by_traffic = False  # True: as WP-Cron, at most once a minute and if someone visits
        self._last = 0.0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._busy = asyncio.Lock()

    async def start(self) -> None:
        if self.every:
            self._later(self._run())

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self.every)
            await self.tick()

    def visited(self) -> None:
        """Someone asked for something: that is what makes WP-Cron run."""
        now = self.store.clock.now()
        if self.by_traffic and now - self._last >= WP_CRON:
            self._last = now
            self._later(self.tick())

    def _later(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def tick(self) -> list[Delivery]:
        """Send all that is queued, serially; what was sent."""
        done: list[Delivery] = []
        if self.lose:
            return done
        async with self._busy:
            queue = self.store.webhooks.queue
            while queue:
                pending = next(iter(queue))
                del queue[pending]
                if delivery := self.prepare(pending):
                    done += [await self.send(delivery) for _ in range(self.copies)]
        return done

    def prepare(self, pending: Pending) -> Delivery | None:
        """The request as it would go out now; None if the webhook is gone or not active."""
        webhook = self.store.webhooks.all.get(pending.webhook)
        if webhook is None or webhook.status != "active":
            return None
        body = php_json(self.payload(webhook.topic, pending.resource)).encode()
        return self.build(webhook, body)

    def payload(self, topic: str, resource: int) -> Json:
        """What the REST API would show at this moment, or only the id."""
        kind, _, event = topic.partition(".")
        if event == "deleted":
            return {"id": resource}
        try:
            return dict(self.store.rest.read(f"{kind}s", resource))
        except WooError as error:  # gone meanwhile: a WP_Error, turned to JSON all the same
            return {
                "errors": {error.code: [error.message]},
                "error_data": {error.code: {"status": error.status}},
            }

    def build(self, webhook: Webhook, body: bytes) -> Delivery:
        """A signed request with these very bytes."""
        resource, _, event = webhook.topic.partition(".")
        headers = {
            "User-Agent": HOOKSHOT,
            "Content-Type": "application/json",
            "X-WC-Webhook-Source": f"{self.store.home}/",
            "X-WC-Webhook-Topic": webhook.topic,
            "X-WC-Webhook-Resource": resource,
            "X-WC-Webhook-Event": event,
            "X-WC-Webhook-Signature": signature(webhook.secret, body),
            "X-WC-Webhook-ID": str(webhook.id),
            "X-WC-Webhook-Delivery-ID": self.delivery_id(webhook),
        }
        now = self.store.clock.now()
        return Delivery(webhook.id, webhook.topic, webhook.url, headers, body, now)

    def delivery_id(self, webhook: Webhook) -> str:
        """Made of the webhook and the second: not unique at all."""
        seed = f"{webhook.id}{self.store.clock.second()}".encode()
        return hmac.new(b"wp_hash", seed, hashlib.md5).hexdigest()

    async def send(self, delivery: Delivery) -> Delivery:
        """Send it and count a failure; there is no second attempt, ever."""
        try:
            status = await self.store.outbound.send(
                "POST", delivery.url, delivery.body, delivery.headers
            )
            delivery.outcome = str(status)
        except CannotSend as error:
            delivery.outcome = str(error)
        self.sent.append(delivery)
        if webhook := self.store.webhooks.all.get(delivery.webhook):
            if delivery.arrived:
                webhook.failures = 0
            else:
                self.store.webhooks.failed(webhook)
        return delivery

    async def ping(self, webhook: Webhook) -> Delivery:
        """The greeting to a new webhook: a form, unsigned, and its answer is ignored."""
        kind = "application/x-www-form-urlencoded"
        headers = {"User-Agent": HOOKSHOT, "Content-Type": kind}
        body = f"webhook_id={webhook.id}".encode()
        now = self.store.clock.now()
        delivery = Delivery(webhook.id, "ping", webhook.url, headers, body, now)
        try:
            status = await self.store.outbound.send("POST", webhook.url, body, headers)
            delivery.outcome = str(status)
        except CannotSend as error:
            delivery.outcome = str(error)
        self.sent.append(delivery)
        return delivery


def signature(secret: str, body: bytes) -> str:
    """Over the raw bytes; entities in the secret are decoded before it is used."""
    key = html.unescape(secret).encode()
    return base64.b64encode(hmac.new(key, body, hashlib.sha256).digest()).decode()
