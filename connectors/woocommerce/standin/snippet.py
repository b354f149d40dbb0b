"""The reference's functions.php snippet: orders posted to the hub, and who is logged in."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connectors.woocommerce.standin.orders import Order
from connectors.woocommerce.standin.outbound import WORDPRESS, CannotSend
from connectors.woocommerce.standin.people import Person
from connectors.woocommerce.standin.values import Json, number, php_json

if TYPE_CHECKING:
    from connectors.woocommerce.standin.shop import Shop

PATH = "/v1/chat/ingest/records"
PATIENCE = 5.0  # seconds: the default of wp_remote_post, and the checkout waits for it


@dataclass(slots=True)
class Snippet:
    """Does nothing until `install`. `outcomes` are the statuses of its posts, or why none came."""

    shop: Shop
    hub: str = ""
    api_key: str = ""
    identity_secret: str = ""
    outcomes: list[str] = field(default_factory=list)
    waiting: list[Json] = field(default_factory=list)
    precision: int = -1  # 17: an old php.ini, where 19.99 arrives as 19.989999999999998

    def __repr__(self) -> str:
        return f"<Snippet for {self.hub or 'nobody'}>"

    def install(self, hub: str, api_key: str, identity_secret: str) -> None:
        """Paste it into functions.php."""
        self.hub, self.api_key = hub.rstrip("/"), api_key
        self.identity_secret = identity_secret

    def status_changed(self, order: Order) -> None:
        """What `woocommerce_order_status_changed` calls: not for partial refunds, nor the trash."""
        if self.hub:
            self.waiting.append(self.body(order))

    def body(self, order: Order) -> Json:
        """The post as it is: every guest is "0", the amount a float, the reference the id."""
        record = {
            "kind": "order",
            "reference": str(order.id),
            "title": f"Order #{order.number}",
            "amount": number(order.total),
            "currency": order.currency,
            "status": order.status,
        }
        return {"external_id": str(order.customer), "records": [record]}

    def text(self, body: Json) -> str:
        """The body as PHP writes it with its setting of `serialize_precision`."""
        amount = body["records"][0]["amount"]
        if self.precision != 17 or isinstance(amount, int):
            return php_json(body)
        marked = php_json(body).replace(f'"amount":{amount!r}', '"amount":@')
        return marked.replace("@", f"{amount:.17g}", 1)

    async def flush(self) -> None:
        """Post what the actions before have caused; each is tried once, and failures are mute."""
        while self.waiting:
            body = self.text(self.waiting.pop(0)).encode()
            headers = {
                "User-Agent": f"{WORDPRESS}; {self.shop.home}",
                "Authorization": f"Bearer {self.api_key}",
                "Content-Type": "application/json",
            }
            try:
                status = await self.shop.outbound.send(
                    "POST", self.hub + PATH, body, headers, follow=True, patience=PATIENCE
                )
                self.outcomes.append(str(status))
            except CannotSend as error:
                self.outcomes.append(str(error))

    def footer(self, person: Person | None) -> str:
        """What `wp_footer` prints: nothing for someone who is not logged in."""
        if person is None or not self.identity_secret:
            return ""
        key, user = self.identity_secret.encode(), str(person.id)
        identity = {
            "user_id": user,
            "user_hash": hmac.new(key, user.encode(), hashlib.sha256).hexdigest(),
            "name": person.name,
            "email": person.email,
        }
        return f"<script>SoftbetChat('identify', {php_json(identity)});</script>"
