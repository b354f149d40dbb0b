"""People: the shop's customers, saved when it tells of them or when somebody buys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from connectors.woocommerce.mapping import Node, is_shopper, number, to_customer
from core import tombstones
from core.connector import Connection
from core.customers import CustomerDraft, customer_by_external_id, save_customer
from core.db import Work

CUSTOMER: Literal["customer"] = "customer"


def save_people(work: Work, connection: Connection, found: Iterable[Node]) -> list[str]:
    """Save accounts that were read or told of; the ids of those that changed here.

    Who writes the shop's blog is no customer, unless they have bought something.
    """
    where, changed = (connection.workspace_id, connection.source), []
    for node in found:
        draft = to_customer(node)
        if draft is None or _is_gone(work, connection, draft):
            continue
        if is_shopper(node) or customer_by_external_id(work, *where, draft.external_id):
            _, news = save_customer(work, *where, draft)
            changed += [draft.external_id] if news is not None else []
    return changed


def _is_gone(work: Work, connection: Connection, draft: CustomerDraft) -> bool:
    """Whether it was said before the customer was deleted or erased."""
    names = [draft.external_id]
    where = (connection.workspace_id, connection.source)
    gone = tombstones.buried_by_now(work, *where, CUSTOMER, names)
    until = gone.get(draft.external_id)
    return until is not None and (draft.updated_at or 0) <= until


def forget_person(work: Work, connection: Connection, node: Node) -> None:
    """Forget what the shop said of somebody; orders and conversations stay the merchant's."""
    where, external_id = (connection.workspace_id, connection.source), number(node.get("id"))
    row = customer_by_external_id(work, *where, external_id)
    tombstones.bury(work, *where, CUSTOMER, [external_id])
    if row is not None:
        nothing = CustomerDraft(
            external_id, dict.fromkeys(row.profile), dict.fromkeys(row.attributes)
        )
        save_customer(work, *where, nothing)
