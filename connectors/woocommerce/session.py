"""Session: the WordPress plugin asks for a ticket for whoever is logged in at a connected shop.

A user id alone would prove a customer whom the workspace's own servers know. The shop's orders
belong to the customer whom this shop knows, so the shop is signed as well.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from connectors.woocommerce.settings import NAME, shop_of, to_url
from core.access import PUBLIC
from core.connections import active_by_shop
from core.crypto import Vault
from core.customers import is_guest
from core.db import Work
from core.errors import NotFound, Unauthenticated
from core.identity import issue_ticket
from core.identity_secrets import check_user_hash, valid_secrets
from core.routes import Call, Route
from core.workspaces import workspace_by_app_id

if TYPE_CHECKING:
    from connectors.woocommerce.plugin import WooCommerce

PATH = "/woocommerce/session"
LIMIT = 4096  # bytes of body
FRESH = 300  # seconds that a question is good for, either way


class Question(msgspec.Struct, forbid_unknown_fields=True):
    """Who is logged in where, signed with the Identity secret by the shop's server."""

    app_id: Annotated[str, Meta(max_length=64)]
    shop: Annotated[str, Meta(max_length=500)]
    user_id: Annotated[str, Meta(max_length=20, pattern=r"^[0-9]+$")]
    at: int
    signature: Annotated[str, Meta(max_length=64)]

    @property
    def signed(self) -> str:
        """What the signature is over."""
        return f"parley-session|{self.shop}|{self.user_id}|{self.at}"


class Proven(msgspec.Struct):
    """For `SoftbetChat('identify', …)`: works once, soon."""

    user_id: str
    user_token: str


def routes(shop: WooCommerce) -> list[Route]:
    """What the WordPress plugin asks."""

    async def session(call: Call) -> Proven:
        return await shop.services.db.write(_answer, shop.services.vault, call.body)

    return [
        Route(
            "POST",
            PATH,
            session,
            PUBLIC,
            "A ticket for the customer who is logged in at a WordPress shop",
            body=Question,
            answer=Proven,
            limit=LIMIT,
            rate="webhook",
            hidden=True,
        )
    ]


def _answer(work: Work, vault: Vault, question: Question) -> Proven:
    workspace_id = _signer(work, vault, question)
    row = active_by_shop(work, NAME, shop_of(to_url(question.shop, "shop")))
    if row is None or row.workspace_id != workspace_id:
        raise NotFound("This shop is not connected.", code="not_connected")
    ticket = issue_ticket(work, workspace_id, row.source, question.user_id)
    return Proven(ticket.user_id, ticket.user_token)


def _signer(work: Work, vault: Vault, question: Question) -> str:
    """The workspace whose secret has signed this just now."""
    found = workspace_by_app_id(work, question.app_id)
    secrets = valid_secrets(work, vault, found.id) if found else []
    signed = check_user_hash(secrets, question.signed, question.signature)
    if found is None or not signed or is_guest(question.user_id):
        raise Unauthenticated("The signature does not belong to this.", code="bad_signature")
    if abs(time.time() - question.at) > FRESH:
        raise Unauthenticated("This was signed long ago, or by a wrong clock.", code="stale")
    return found.id
