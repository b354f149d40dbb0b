"""Webhooks: proven over their raw bytes, stored, answered; what they mean is in `topics.py`.

Shopify waits five seconds and sends again what was not answered; a name of its own on every
delivery lets us store each once. Whoever cannot sign with an app's secret hears 401, whether or
not the shop exists.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
from base64 import b64decode
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import structlog

from connectors.shopify import topics
from connectors.shopify.senders import Owner, Sender
from connectors.shopify.settings import NAME, is_shop
from core.access import PUBLIC
from core.connector import Connection
from core.errors import Unauthenticated
from core.inbox import Received
from core.routes import MEBIBYTE, Answer, Call, Route

if TYPE_CHECKING:
    from connectors.shopify.plugin import Shopify

log = structlog.get_logger("shopify")

LIMIT = 4 * MEBIBYTE  # an order of hundreds of lines
LONGEST_NAME = 255
NOT_GENUINE = "This was not sent by Shopify."


class Named(NamedTuple):
    """What the headers say; nothing of it is believed before the signature is."""

    topic: str
    shop: str
    delivery: str  # Shopify's name for it: sent again under the same
    signature: str
    event: str  # shared by all that one change sets off
    triggered_at: str


def routes(shopify: Shopify) -> list[Route]:
    """Where Shopify sends everything."""

    async def receive(call: Call) -> Answer:
        return await take(shopify, call.headers, call.body)

    return [
        Route(
            "POST",
            "/shopify/webhooks",
            receive,
            PUBLIC,
            summary="Take a webhook of Shopify.",
            raw=True,
            limit=LIMIT,
            rate="webhook",
            hidden=True,
        )
    ]


async def take(shopify: Shopify, headers: Mapping[str, str], body: bytes) -> Answer:
    """Store a genuine webhook and say 200; Unauthenticated if it is not, or of no shop of ours.

    A privacy request is accepted of any shop: 48 hours after we are uninstalled Shopify asks
    for the erasure of a shop that is connected no more.
    """
    named = _named(headers)
    sender = await shopify.senders.find(named.shop)
    owners = _addressees(named, sender, body, shopify.senders.secrets)
    for owner in owners:
        await shopify.services.inbox.store(
            Received(
                workspace_id=owner.workspace_id,
                source=NAME,
                connection=owner.connection_id,
                topic=named.topic,
                body=body,
                headers={"event": named.event, "triggered_at": named.triggered_at},
                dedupe=named.delivery,
            )
        )
    return Answer({"stored": bool(owners)})


def _addressees(named: Named, sender: Sender, body: bytes, operators: Sequence[str]) -> list[Owner]:
    """For whom a genuine webhook is; Unauthenticated if it is not genuine.

    A connection with an app of its own believes that app only, and nobody else believes it:
    whoever has the shop now could have the data of whoever had it before erased.
    """
    own = is_signed(body, named.signature, sender.secrets)
    hubs = is_signed(body, named.signature, operators)
    if not own and not hubs:
        raise _not_genuine()
    heard = [owner for owner in sender.owners if (own if owner.active and sender.secrets else hubs)]
    if named.topic in topics.PRIVACY:
        return heard
    active = [owner for owner in heard if owner.active]
    if not active:
        raise _not_genuine()
    return active


def is_genuine(
    shopify: Shopify, connection: Connection, headers: Mapping[str, str], body: bytes
) -> bool:
    """Whether a webhook is of this connection's shop, signed by the app it was approved for."""
    app = shopify.options.app_of(connection)
    try:
        named = _named({name.lower(): value for name, value in headers.items()})
    except Unauthenticated:
        return False
    return named.shop == connection.shop and is_signed(
        body, named.signature, app.secrets if app else ()
    )


def is_signed(body: bytes, given: str, secrets: Iterable[str]) -> bool:
    """Whether `given` is the base64 HMAC-SHA256 of the body by any of the secrets."""
    try:
        signature = b64decode(given.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        return False
    if len(signature) != hashlib.sha256().digest_size or not body:
        return False
    made = [hmac.digest(secret.encode(), body, "sha256") for secret in secrets if secret]
    return any([hmac.compare_digest(one, signature) for one in made])  # all of them, in one time


def _named(headers: Mapping[str, str]) -> Named:
    """The headers, in Shopify's old spelling or its new one; Unauthenticated if one is missing."""

    def said(name: str) -> str:
        return headers.get(f"x-shopify-{name}") or headers.get(f"shopify-{name}") or ""

    named = Named(
        topic=said("topic"),
        shop=said("shop-domain"),
        delivery=said("webhook-id"),
        signature=said("hmac-sha256"),
        event=said("event-id")[:LONGEST_NAME],
        triggered_at=said("triggered-at")[:LONGEST_NAME],
    )
    short = (named.topic, named.delivery)
    if not all(0 < len(one) <= LONGEST_NAME and one.isascii() for one in short):
        raise _not_genuine()
    if not is_shop(named.shop):
        raise _not_genuine()
    return named


def _not_genuine() -> Unauthenticated:
    return Unauthenticated(NOT_GENUINE, code="bad_signature")
