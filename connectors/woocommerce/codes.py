"""Codes: the coupons the shop's own staff made, and those of ours that they threw away.

When a coupon was changed its time may stay: over REST WordPress moves it for another code, text or
state, not for another amount or end, and never for a use. So where a webhook's time is known
already the shop is asked, and the night compares everything.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from connectors.woocommerce.code_mapping import is_gone, to_shop_code
from connectors.woocommerce.mapping import Node, number
from connectors.woocommerce.marking import mark
from core import marks, shop_codes, tombstones
from core.connector import Connection
from core.db import Work
from core.discount_ledger import note_withdrawn
from core.errors import Invalid
from core.shop_codes import ShopCodeDraft, save_shop_codes

CODE: Literal["coupon"] = "coupon"


class Shelf(NamedTuple):
    """Coupons that were read: what they say, and which are in the trash or gone from it."""

    drafts: list[ShopCodeDraft]
    gone: list[str]


def to_shelf(found: Iterable[Node], connection: Connection) -> Shelf:
    """What the nodes of a page mean; a coupon that makes no sense is left as it is."""
    shelf = Shelf([], [])
    for node in found:
        external_id = number(node.get("id"))
        if external_id and is_gone(node):
            shelf.gone.append(external_id)
            continue
        try:
            shelf.drafts.append(to_shop_code(node, connection.details.get("currency")))
        except Invalid:
            continue
    return shelf


# Saving what was read --------------------------------------------------------------------


def save_shelf(work: Work, connection: Connection, shelf: Shelf) -> list[str]:
    """Save what was read, which is the truth; the external ids of what is news here."""
    where = (connection.workspace_id, connection.source)
    buried = tombstones.buried(work, *where, CODE, [one.external_id for one in shelf.drafts])
    drafts = [one for one in shelf.drafts if not _is_old(one, buried.get(one.external_id))]
    return save_shop_codes(work, *where, drafts) + take_away(work, connection, shelf.gone)


def _is_old(draft: ShopCodeDraft, until: int | None) -> bool:
    return until is not None and (draft.updated_at is None or draft.updated_at < until)


def take_away(work: Work, connection: Connection, gone: Iterable[str]) -> list[str]:
    """Remove coupons the shop has no more, and revoke those of ours; what was news here."""
    names, where = sorted(set(gone)), (connection.workspace_id, connection.source)
    ours = note_withdrawn(work, *where, names)
    return sorted({*ours, *_bury(work, connection, names)})


def _bury(work: Work, connection: Connection, names: list[str]) -> list[str]:
    """The graves close at the last we heard of each: it may be taken out of the trash again."""
    where = (connection.workspace_id, connection.source)
    for name, known in shop_codes.drafts_of(work, *where, names).items():
        tombstones.bury(work, *where, CODE, [name], known.updated_at or 0)
    tombstones.bury(work, *where, CODE, names, 0)
    return shop_codes.remove_shop_codes(work, *where, names)


# Saving what a webhook says --------------------------------------------------------------


def hear(work: Work, connection: Connection, node: Node) -> None:
    """Save a coupon a webhook tells of; where that may not be the newest, have it read."""
    external_id, shelf = number(node.get("id")), to_shelf([node], connection)
    if not shelf.drafts or _is_doubtful(work, connection, shelf.drafts[0]):
        mark(work, connection, CODE, [external_id])
    else:
        save_shelf(work, connection, shelf)


def _is_doubtful(work: Work, connection: Connection, draft: ShopCodeDraft) -> bool:
    """Whether it went before, or something else is known of the same time."""
    where, names = (connection.workspace_id, connection.source), [draft.external_id]
    if tombstones.buried(work, *where, CODE, names):
        return True
    known = shop_codes.drafts_of(work, *where, names).get(draft.external_id)
    return known is not None and known.updated_at == draft.updated_at and known != draft


def forget(work: Work, connection: Connection, external_id: str) -> None:
    """A coupon went to the trash, says a webhook without a time: it may be back by now.

    So it leaves the list, and is read before one of ours is revoked: that is for good.
    """
    _bury(work, connection, [external_id])
    mark(work, connection, CODE, [external_id])


def count_again(work: Work, connection: Connection, used: Iterable[str]) -> None:
    """An order used these codes: the next check reads how often each was, no job of its own."""
    where = (connection.workspace_id, connection.source)
    marks.mark(work, connection, CODE, shop_codes.ids_of_codes(work, *where, used))
