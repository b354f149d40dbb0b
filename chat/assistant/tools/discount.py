"""Offer a discount: one code for the visitor, inside the workspace's policy and ledger."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from chat.assistant.tools.arguments import Arguments
from core import discounts
from core.access import Assurance
from core.assistants import assistant_of
from core.audit import assistant
from core.db import Work
from core.discount_policy import policy_of
from core.discounts import Offered
from core.tools import Result, Source, Tool, Use, need_customer
from core.views import DiscountState, DiscountView, View

Percent = Annotated[str, Meta(pattern=r"^\d{1,3}(\.\d{1,2})?$")]


class OfferDiscount(Arguments):
    """What they would like; the server decides."""

    percent: Percent | None = None


class Given(View):
    """A discount as it stands. The ledger says the code in the conversation by itself."""

    id: str
    state: DiscountState
    title: str  # such as "10% off"
    percent: str
    code: str = ""
    url: str = ""
    expires_at: datetime | None = None


async def offer(use: Use, wanted: OfferDiscount) -> Result:
    """A code, or one that waits for an agent; never more than assistant and policy allow."""
    need_customer(use)
    percent = await use.services.db.read(_percent, use.workspace_id, wanted.percent)
    if not percent:
        return Result(status="refused", note="There are no discounts to give.")
    offered = Offered(use.id, use.conversation_id, percent=percent, reason="Asked for a discount.")
    view = await discounts.offer_discount(use.services, assistant(use.workspace_id), offered)
    return _told(view)


def _percent(work: Work, workspace_id: str, wish: str | None) -> Decimal:
    """The wish, cut down to what the assistant may give and what anybody may."""
    highest = min(
        assistant_of(work, workspace_id).discount_percent,
        policy_of(work, workspace_id).highest_percent,
    )
    asked = min(int(Decimal(wish) * 100), highest) if wish is not None else highest
    return Decimal(asked) / 100


def _told(view: DiscountView) -> Result:
    given = Given(
        id=view.id,
        state=view.state,
        title=view.title,
        percent=view.percent,
        code=view.code,
        url=view.url,
        expires_at=view.expires_at,
    )
    if view.state in ("waiting", "reserved"):
        who = "an agent" if view.state == "waiting" else "the shop"
        return Result(status="waiting", data=given, note=f"{view.title} waits for {who}.")
    if view.state != "issued":
        return Result(status="refused", note=f"It is {view.state}. {view.verdict}"[:200])
    source = Source(kind="discount", id=view.id, title=view.title, url=view.url)
    return Result(status="found", data=given, sources=(source,), note=f"Gave {view.title}.")


tool = Tool(
    name="offer_discount",
    title="Offer a discount",
    description=(
        "Give the visitor who is writing a single-use discount code, when they ask for one. The "
        "percentage is a wish: the shop's policy decides. The code appears in the conversation "
        "by itself; do not repeat it."
    ),
    arguments=OfferDiscount,
    run=offer,
    assurance=Assurance.HMAC,
    writes=True,
    limit="Your discount policy",
)
