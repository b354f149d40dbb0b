"""Order mapping: WooCommerce's orders as records of a timeline, and in detail for a panel. Pure.

An order is worth what it was sold for; what was given back is beside it. Its status is the
shop's own word, but for one: of a refund in part the shop's word says nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from connectors.woocommerce.mapping import (
    Node,
    each,
    link,
    minor,
    number,
    of,
    to_moment,
    to_time,
    word,
)
from connectors.woocommerce.plain import to_plain
from core.errors import Invalid
from core.money import to_money
from core.records import STATUS_LENGTH, TITLE_LENGTH, RecordDraft
from core.tones import tone
from core.views import Money, OrderDetails, OrderLine

KIND: Literal["order"] = "order"
DRAFTS = frozenset({"checkout-draft", "auto-draft", "draft", "new"})  # nobody has bought anything
TRASH = "trash"
PARTLY = "partially refunded"
# Where the shop has counted no use of a coupon, or has given it back.
_UNUSED = frozenset({"pending", "failed", "cancelled", TRASH, *DRAFTS})
_UNPAID = frozenset({"pending", "on-hold", "failed", "cancelled"})
_NEVER = datetime.fromtimestamp(0, UTC)
LINES = 100  # of an order that a panel shows


class Code(NamedTuple):
    """A coupon that an order used."""

    code: str
    saved: Money | None  # what the order saved by it, tax included


class Order(NamedTuple):
    """An order in the words of the core."""

    record: RecordDraft
    customer: str  # the shop's id of the buyer; empty for a guest's
    codes: tuple[Code, ...]

    @property
    def reference(self) -> str:
        """The shop's id of the order."""
        return self.record.reference


def to_order(node: Node, admin: str, now: int) -> Order | None:
    """An order of a webhook or of the list; Invalid if it has no id.

    None for what is none: a checkout somebody has opened, an order in the trash.
    """
    reference = number(node.get("id"))
    if not reference:
        raise Invalid("The order has no id.", field="id")
    if not is_order(node):
        return None
    amount = minor(node.get("total"), node.get("currency"))
    record = RecordDraft(
        kind=KIND,
        reference=reference,
        title=to_plain(f"Order {called(node)}", TITLE_LENGTH),
        amount=amount[0] if amount else None,
        currency=amount[1] if amount else None,
        status=status(node),
        url=admin_url(admin, reference),
        occurred_at=to_time(node.get("date_created_gmt")),
        updated_at=to_time(node.get("date_modified_gmt")),
    )
    return Order(record.checked(now), number(node.get("customer_id")), tuple(_codes(node)))


def is_order(node: Node) -> bool:
    """Whether somebody has bought something, and nobody has thrown it away."""
    return word(node.get("status")) not in DRAFTS and node.get("status") != TRASH


def called(node: Node) -> str:
    """What people call the order. Its number is its id, unless a plugin numbers them anew."""
    return f"#{to_plain(node.get('number'), 100) or number(node.get('id'))}"


def status(node: Node) -> str:
    """The shop's word for it, or that a part of it was refunded."""
    said = to_plain(node.get("status"), STATUS_LENGTH).removeprefix("wc-") or "pending"
    return PARTLY if refunded(node) and said != "refunded" else said


def refunded(node: Node) -> tuple[int, str] | None:
    """What was given back; refunds are negative there. None if nothing was."""
    given = [minor(one.get("total"), node.get("currency")) for one in each(node.get("refunds"))]
    known = [one for one in given if one is not None]
    total = sum(-one[0] for one in known)
    return (total, known[0][1]) if total > 0 else None


def admin_url(admin: str, reference: str) -> str:
    """Where agents open an order, wherever the shop keeps its orders."""
    return link(f"{admin.rstrip('/')}/post.php?post={reference}&action=edit") if admin else ""


def _codes(node: Node) -> list[Code]:
    if to_plain(node.get("status"), STATUS_LENGTH) in _UNUSED:
        return []
    codes = []
    for one in each(node.get("coupon_lines")):
        parts = [minor(one.get(name) or 0, node.get("currency")) for name in _SAVED]
        known = [part for part in parts if part is not None]
        saved = to_money(sum(part[0] for part in known), known[0][1]) if known else None
        if code := to_plain(one.get("code"), 255):
            codes.append(Code(code, saved))
    return codes


_SAVED = ("discount", "discount_tax")


# In detail -------------------------------------------------------------------------------


def to_details(node: Node, admin: str) -> OrderDetails:
    """Everything a panel shows of an order."""
    reference, given = number(node.get("id")), refunded(node)
    lines = each(node.get("line_items"))
    payment, fulfilment = _payment(node), _words(node.get("status"))
    placed_at = to_moment(node.get("date_created_gmt")) or _NEVER
    updated_at = to_moment(node.get("date_modified_gmt")) or placed_at
    total = minor(node.get("total"), node.get("currency"))
    return OrderDetails(
        reference=reference,
        number=called(node),
        payment=payment,
        payment_tone=tone(payment),
        fulfilment=fulfilment,
        fulfilment_tone=tone(fulfilment),
        total=to_money(*total) if total else None,
        refunded=to_money(*given) if given else None,
        lines=tuple(_line(line, node.get("currency")) for line in lines[:LINES]),
        more_lines=len(lines) > LINES,
        paid_with=to_plain(node.get("payment_method_title"), 100),
        placed_at=placed_at,
        updated_at=updated_at,
        cancelled_at=updated_at if node.get("status") == "cancelled" else None,
        admin_url=admin_url(admin, reference),
        customer=number(node.get("customer_id")),
    )


def _payment(node: Node) -> str:
    if node.get("status") == "refunded":
        return "refunded"
    if refunded(node):
        return PARTLY
    if node.get("status") == "failed":
        return "failed"
    if node.get("date_paid_gmt"):
        return "paid"
    return "unpaid" if word(node.get("status")) in _UNPAID or node.get("needs_payment") else "open"


def _words(value: Any) -> str:
    """A slug as people read it: on-hold is `on hold`."""
    return to_plain(value, STATUS_LENGTH).removeprefix("wc-").replace("-", " ")


def _line(line: Node, currency: Any) -> OrderLine:
    parts = [minor(line.get(name) or 0, currency) for name in ("total", "total_tax")]
    known = [part for part in parts if part is not None]
    quantity = line.get("quantity")
    return OrderLine(
        id=number(line.get("id")),
        title=to_plain(line.get("parent_name") or line.get("name"), TITLE_LENGTH),
        detail=_options(line),
        quantity=quantity if isinstance(quantity, int) else 0,
        total=to_money(sum(part[0] for part in known), known[0][1]) if known else None,
        image_url=link(of(line.get("image")).get("src")),
    )


def _options(line: Node) -> str:
    """The chosen size and colour; what begins with `_` is the shop's own business."""
    chosen = (
        to_plain(one.get("display_value"), 100)
        for one in each(line.get("meta_data"))
        if not str(one.get("key", "_")).startswith("_")
    )
    return ", ".join(text for text in chosen if text)[:255] if line.get("variation_id") else ""
