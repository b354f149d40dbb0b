"""Tea Shop's webhook: is it genuine, what does it say, hand it over."""

from __future__ import annotations

import hashlib
import hmac

from core import (
    PUBLIC,
    Answer,
    Call,
    Delivery,
    Received,
    RecordBatch,
    Route,
    Services,
    Unauthenticated,
    save_customer,
    save_records,
)
from core.decode import decode
from plugins.teashop.mapping import Order, to_customer, to_record
from plugins.teashop.settings import Settings

SOURCE = "teashop"
LARGEST = 256 * 1024


class Webhooks:
    """Takes webhooks in, and works on them afterwards."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def receive(self, call: Call) -> Answer:
        """Store a genuine webhook and answer; the worker does the rest."""
        wanted = hmac.new(self._settings.secret.encode(), call.body, hashlib.sha256).hexdigest()
        signature = call.headers.get("x-teashop-signature", "")
        if not hmac.compare_digest(wanted.encode(), signature.encode()):
            raise Unauthenticated("The signature is not Tea Shop's.")
        await call.services.inbox.store(
            Received(self._settings.workspace, SOURCE, "", "order", call.body)
        )
        return Answer(status=200)

    async def take_in(self, services: Services, delivery: Delivery) -> None:
        """Save what a stored webhook says; it may come twice and out of order."""
        order = decode(delivery.body, Order, limit=LARGEST)
        workspace_id = delivery.workspace_id
        if (customer := to_customer(order)) is not None:
            await services.db.write(save_customer, workspace_id, SOURCE, customer)
        batch = RecordBatch(workspace_id, SOURCE, order.customer_id, [to_record(order)])
        await services.db.batch(save_records, batch)


def routes(webhooks: Webhooks) -> list[Route]:
    """PUBLIC, because the signature is the proof."""
    path = "/v1/teashop/webhook"
    return [Route("POST", path, webhooks.receive, PUBLIC, "A webhook of Tea Shop", raw=True)]
