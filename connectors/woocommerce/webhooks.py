"""Webhooks: proven over their raw bytes, stored, answered; what they mean is in `topics.py`.

WooCommerce sends each once, one after another, and waits for the answer, so it comes at once.
The headers are not signed, and the delivery id is one for all that a second brings. Therefore
every topic has a secret of its own, made from the connection's: a topic that was altered on the
way no longer fits the signature. A delivery is the same again only if topic and bytes are.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import re
from base64 import b64decode
from collections.abc import Mapping
from typing import TYPE_CHECKING

import structlog

from connectors.woocommerce import subscriptions, topics
from connectors.woocommerce.settings import NAME, keys_of
from connectors.woocommerce.slim import slim_body
from core.access import PUBLIC
from core.connector import Connection
from core.errors import HubError, Unauthenticated
from core.inbox import Received
from core.routes import MEBIBYTE, Answer, Call, Route

if TYPE_CHECKING:
    from connectors.woocommerce.plugin import WooCommerce

log = structlog.get_logger(NAME)

LIMIT = 4 * MEBIBYTE  # an order of thousands of lines
NOT_GENUINE = "This was not sent by a connected shop."
_PING = re.compile(rb"webhook_id=\d{1,20}")
_VERSION = re.compile(r"WooCommerce/([0-9][0-9.]{0,15}) Hookshot")


def routes(shop: WooCommerce) -> list[Route]:
    """Where shops send everything."""

    async def receive(call: Call) -> Answer:
        return await take(shop, call.path, call.headers, call.body)

    return [
        Route(
            "POST",
            subscriptions.PATH + "/{connection}/{key}",
            receive,
            PUBLIC,
            summary="Take a webhook of WooCommerce.",
            raw=True,
            limit=LIMIT,
            rate="webhook",
            hidden=True,
        )
    ]


async def take(
    shop: WooCommerce, path: Mapping[str, str], headers: Mapping[str, str], body: bytes
) -> Answer:
    """Store a genuine webhook and say 200; Unauthenticated if it is not, or its path unknown.

    The ping after a webhook was made is signed by nobody: it proves that the way is open.
    """
    connection = await shop.senders.find(path["connection"])
    if connection is None or not _is_key(connection, path["key"]):
        raise Unauthenticated(NOT_GENUINE, code="bad_signature")
    if _PING.fullmatch(body) and "x-wc-webhook-signature" not in headers:
        await subscriptions.heard(shop, connection, _version(headers))
        return Answer({"stored": False})
    if not is_genuine(connection, headers, body):
        raise Unauthenticated(NOT_GENUINE, code="bad_signature")
    topic = headers["x-wc-webhook-topic"]
    try:
        kept = slim_body(topic, body)
    except HubError as error:  # such as a product that was gone when its turn came
        log.info("webhook_without_sense", connection=connection.id, topic=topic, why=error.message)
        return Answer({"stored": False})
    await shop.services.inbox.store(
        Received(
            workspace_id=connection.workspace_id,
            source=NAME,
            connection=connection.id,
            topic=topic,
            body=kept,
            dedupe=_name(connection, topic, body),
        )
    )
    await subscriptions.heard(shop, connection, _version(headers))
    return Answer({"stored": True})


def is_genuine(connection: Connection, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the body is signed with the secret of the topic it claims."""
    topic = headers.get("x-wc-webhook-topic", "")
    if topic not in topics.TOPICS:
        return False
    secret = subscriptions.secret_of(connection, topic)
    return is_signed(body, headers.get("x-wc-webhook-signature", ""), secret)


def is_signed(body: bytes, given: str, secret: str) -> bool:
    """Whether `given` is the base64 HMAC-SHA256 of the body."""
    try:
        signature = b64decode(given.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        return False
    if len(signature) != hashlib.sha256().digest_size or not body or not secret:
        return False
    return hmac.compare_digest(hmac.digest(secret.encode(), body, "sha256"), signature)


def _is_key(connection: Connection, given: str) -> bool:
    key = keys_of(connection).hook_key.get_secret_value()
    return bool(key) and hmac.compare_digest(key.encode(), given.encode())


def _name(connection: Connection, topic: str, body: bytes) -> str | None:
    """The delivery's name: the same topic and bytes are the same news.

    None where the same bytes may be news again: what is deleted has only its id to say, and a
    coupon's use comes and goes without a date.
    """
    if topic.startswith("coupon.") or topic.endswith(".deleted"):
        return None
    said = hashlib.sha256(topic.encode() + b"\n" + body).hexdigest()
    return f"{connection.id} {said}"


def _version(headers: Mapping[str, str]) -> str:
    """The shop's WooCommerce, as its deliveries say; "" if they do not."""
    found = _VERSION.match(headers.get("user-agent", ""))
    return found[1] if found else ""
