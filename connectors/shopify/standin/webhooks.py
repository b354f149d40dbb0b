"""Deliveries to the app: signed, at least once, in any order, tried again for four hours."""

from __future__ import annotations

import asyncio
import json
import random
import uuid
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from connectors.shopify.standin.apps import App, Installation, Subscription
from connectors.shopify.standin.examples import example
from connectors.shopify.standin.payloads import without_personal
from connectors.shopify.standin.schema import VERSION
from connectors.shopify.standin.signing import webhook_hmac
from connectors.shopify.standin.values import Node

FOUR_HOURS = 4 * 3_600
RETRIES = 8
DELAYS = tuple(FOUR_HOURS * 2**turn / (2**RETRIES - 1) for turn in range(RETRIES))
PATIENCE = aiohttp.ClientTimeout(total=5, sock_connect=1)
KEPT = 500
ALL_PERSONAL = 2  # the level of protected customer data that includes names and addresses
COMPLIANCE = ("customers/data_request", "customers/redact", "shop/redact")


@dataclass(slots=True)
class Delivery:
    """One webhook on its way to one address, with every attempt's outcome."""

    topic: str
    address: str
    body: bytes
    headers: dict[str, str]
    subscription: Subscription | None = None
    attempts: list[str] = field(default_factory=list)  # "200", "503", "no connection"

    @property
    def id(self) -> str:
        return self.headers["X-Shopify-Webhook-Id"]

    @property
    def arrived(self) -> bool:
        return bool(self.attempts) and self.attempts[-1].startswith("2")


class Webhooks:
    """Everything one shop sends. Change the attributes to make it misbehave."""

    def __init__(self, shop: Any) -> None:
        self.shop = shop
        self.deliveries: deque[Delivery] = deque(maxlen=KEPT)
        self.copies = 1  # 2: everything arrives twice
        self.delay = 0.0
        self.lose = False
        self.bad_signature = False
        self.retry_scale = 0.0  # 1.0 is Shopify's four hours; 0: no second attempt
        self.held: list[Delivery] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None
        self._next_id = 0

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(timeout=PATIENCE)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._session:
            await self._session.close()
            self._session = None

    def announce(self, topic: str, payload: Node, *, app: App | None = None) -> list[Delivery]:
        """Tell every subscriber of a change, in the background; nothing if nobody listens yet."""
        if self._session is None or self.lose:
            return []
        event = str(uuid.uuid4())
        going = [
            self.prepare(one, topic, payload, subscription, event=event)
            for one, subscription in self._subscribers(topic)
            if app is None or one.app is app
        ]
        for delivery in going:
            if self.held is not None:
                self.held.append(delivery)
            else:
                self._later(delivery)
        return going

    async def send(
        self,
        topic: str,
        payload: Node | bytes | None = None,
        *,
        to: str | None = None,
        times: int = 1,
        bad_signature: bool = False,
        **headers: str,
    ) -> list[Delivery]:
        """Deliver now and wait for the answers, subscribed or not; what arrived and how.

        Without a payload it is about something the shop has. `to` replaces the app's address.
        `X_Shopify_Webhook_Id="…"` and the like replace headers.
        """
        installation = self.shop.installation()
        found = next((one for _, one in self._subscribers(topic)), None)
        where = Subscription(topic, to or (found.uri if found else "/shopify/webhooks"))
        told = example(self.shop, topic) if payload is None else payload
        delivery = self.prepare(installation, topic, told, where, bad_signature=bad_signature)
        delivery.headers |= {name.replace("_", "-"): value for name, value in headers.items()}
        for _ in range(times):
            await self.attempt(delivery)
        return [delivery]

    def prepare(
        self,
        installation: Installation,
        topic: str,
        payload: Node | bytes,
        subscription: Subscription,
        *,
        event: str = "",
        bad_signature: bool = False,
    ) -> Delivery:
        """A signed delivery, not yet on its way."""
        app = installation.app
        if isinstance(payload, dict) and app.protected_data < ALL_PERSONAL:
            payload = without_personal(topic, payload)
        if isinstance(payload, dict) and subscription.fields:
            payload = {name: payload[name] for name in subscription.fields if name in payload}
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        secret = "wrong" if bad_signature or self.bad_signature else app.signs_with or app.secret
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Shopify-Captain-Hook",
            "X-Shopify-Topic": topic,
            "X-Shopify-Hmac-Sha256": webhook_hmac(body, secret),
            "X-Shopify-Shop-Domain": self.shop.domain,
            "X-Shopify-API-Version": VERSION,
            "X-Shopify-Webhook-Id": str(uuid.uuid4()),
            "X-Shopify-Event-Id": event or str(uuid.uuid4()),
            "X-Shopify-Triggered-At": f"{self.shop.clock.now():%Y-%m-%dT%H:%M:%S.%f}000Z",
        }
        if subscription.name:
            headers["X-Shopify-Name"] = subscription.name
        delivery = Delivery(topic, app.absolute(subscription.uri), body, headers, subscription)
        self.deliveries.append(delivery)
        return delivery

    async def attempt(self, delivery: Delivery) -> bool:
        """Post it once; whether it was taken."""
        assert self._session is not None, "the stand-in is not running"
        try:
            async with self._session.post(
                delivery.address,
                data=delivery.body,
                headers=delivery.headers,
                allow_redirects=False,
            ) as answer:
                delivery.attempts.append(str(answer.status))
        except (aiohttp.ClientError, TimeoutError) as error:
            slow = isinstance(error, TimeoutError)
            delivery.attempts.append("no answer in 5 s" if slow else "no connection")
        return delivery.arrived

    def again(self, delivery: Delivery) -> None:
        """Send it once more, as it was."""
        self._later(delivery)

    def hold(self) -> None:
        """Keep what is announced from now on until `release`."""
        self.held = []

    def release(self, order: str = "reverse") -> list[Delivery]:
        """Send what was held: in "order", in "reverse" or at "random"; one after the other."""
        going, self.held = self.held or [], None
        if order == "reverse":
            going.reverse()
        elif order == "random":
            random.Random(len(going)).shuffle(going)
        self._keep(self._one_by_one(going))
        return going

    async def settled(self) -> None:
        """Return when nothing is on its way any more."""
        while pending := [task for task in self._tasks if not task.done()]:
            await asyncio.wait(pending)

    def subscribe(self, installation: Installation, subscription: Subscription) -> Subscription:
        self._next_id += 1
        subscription.number = self._next_id
        installation.subscriptions[subscription.number] = subscription
        return subscription

    def _subscribers(self, topic: str) -> Iterable[tuple[Installation, Subscription]]:
        for installation in self.shop.installations.values():
            private = topic in COMPLIANCE or topic == "app/uninstalled"
            if not installation.installed and not private:
                continue
            known = [*installation.app.webhooks, *installation.subscriptions.values()]
            yield from ((installation, one) for one in known if one.topic == topic)

    def _later(self, delivery: Delivery) -> None:
        for _ in range(self.copies):
            self._keep(self._persist(delivery))

    def _keep(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _one_by_one(self, going: list[Delivery]) -> None:
        for delivery in going:
            for _ in range(self.copies):
                await self._persist(delivery)

    async def _persist(self, delivery: Delivery) -> None:
        await asyncio.sleep(self.delay)
        for wait in (*DELAYS, None):
            if await self.attempt(delivery):
                if delivery.subscription:
                    delivery.subscription.failures = 0
                return
            if wait is None or not self.retry_scale:
                break
            await asyncio.sleep(wait * self.retry_scale)
        self._given_up(delivery)

    def _given_up(self, delivery: Delivery) -> None:
        """Shopify deletes subscriptions made by the API after so many failures."""
        subscription = delivery.subscription
        if subscription is None or not subscription.number or not self.retry_scale:
            return
        for installation in self.shop.installations.values():
            if installation.subscriptions.get(subscription.number) is subscription:
                del installation.subscriptions[subscription.number]
