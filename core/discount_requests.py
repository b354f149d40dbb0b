"""Discount requests: a wish judged, a budget reserved, an admin's decision.

A reservation holds its part of the day's budget from the moment it is made. Whoever reserves
holds the policy's row, so however many ask at once, the last code is given once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, func, or_, select

from core.access import Principal, Role
from core.db import Work, table_of
from core.discount_ledger import PATIENCE, Discount, find, locked, look_after, move, note
from core.discount_policy import (
    DiscountPolicy,
    DiscountWish,
    Verdict,
    judge,
    lock_policy,
    refuse,
    strictest,
    to_hundredths,
    worth,
)
from core.discount_views import to_view
from core.errors import Conflict, Invalid
from core.money import to_money, to_text
from core.views import DiscountView, Money

DAY = 86_400_000
_COUNTED = ("reserved", "issued", "redeemed", "expired")  # these have used their budget
_GIVEN = ("waiting", *_COUNTED)  # and these the customer's and the conversation's share


@dataclass(frozen=True, slots=True)
class Store:
    """The shop that is to make a code, and for whom it makes it."""

    id: str
    title: str
    source: str
    currency: str  # it sells in; "" if we do not know
    customer: str = ""  # its id of the only one who may use the code
    email: str = ""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who is given a discount."""

    visitor_id: str
    customer_id: str | None  # once proven
    name: str


@dataclass(frozen=True, slots=True)
class Spent:
    """How much of a day's budget is used."""

    codes: int
    value: int  # minor units of the policy's currency


_discounts = table_of(Discount)


def request(
    work: Work, wish: DiscountWish, store: Store, holder: Holder, said: Sequence[Verdict]
) -> Discount:
    """Reserve the wished discount, or have it wait for an admin; `said` by plugins' policies.

    The same id gives the same discount, Conflict if it was another wish. Whatever the policy
    or the budget refuses is raised.
    """
    policy = lock_policy(work, wish.workspace_id)
    if before := find(work, wish.workspace_id, wish.id):
        return same(before, wish, store)
    verdict = check(work, policy, wish, store, holder, said)
    row = _new(work, policy, wish, store, holder)
    if verdict.decision == "approve" and (wish.by.role or 0) < Role.ADMIN:
        row.verdict = verdict.reason
        work.add(row)
        note(work, wish.by, row, "", "discount.requested")
    else:
        _reserve(work, policy, row, wish.by, "")
    return row


def check(
    work: Work,
    policy: DiscountPolicy,
    wish: DiscountWish,
    store: Store,
    holder: Holder,
    said: Sequence[Verdict] = (),
) -> Verdict:
    """The verdict on a wish that may be granted; what policy, shares or budget refuse is raised.

    Without the policy's lock it is a foresight, which spares the others the wait.
    """
    verdict = strictest([judge(policy, wish, store.currency), *said], wish)
    if verdict.decision == "refuse":
        raise refuse(verdict)
    check_shares(work, policy, wish.conversation, holder)
    check_budget(work, policy, worth(policy, wish))
    return verdict


def same(row: Discount, wish: DiscountWish, store: Store | None = None) -> Discount:
    """The row if it is of this very wish, otherwise Conflict."""
    percent = to_hundredths(wish.percent) if wish.percent is not None else 0
    amount = (wish.amount.minor, wish.amount.currency) if wish.amount else (None, row.currency)
    asked = (percent, amount, wish.conversation, wish.by.id)
    kept = (row.percent, (row.amount, row.currency), row.conversation_id, row.by_id)
    if asked != kept or (store is not None and store.id != row.connection_id):
        raise Conflict(
            "This id was used for another discount. Use a new one for each.",
            code="id_reused",
            field="id",
        )
    return row


def _new(
    work: Work, policy: DiscountPolicy, wish: DiscountWish, store: Store, holder: Holder
) -> Discount:
    minimum = policy.minimum or None
    return Discount(
        workspace_id=wish.workspace_id,
        id=wish.id,
        connection_id=store.id,
        source=store.source,
        store=store.title,
        shop_customer=store.customer,
        shop_email=store.email,
        conversation_id=wish.conversation,
        visitor_id=holder.visitor_id,
        customer_id=holder.customer_id,
        customer_name=holder.name,
        percent=to_hundredths(wish.percent) if wish.percent is not None else 0,
        amount=wish.amount.minor if wish.amount else None,
        currency=wish.amount.currency if wish.amount else (policy.currency if minimum else ""),
        minimum=minimum,
        valid_days=wish.valid_days,
        reason=wish.reason,
        value=worth(policy, wish),
        value_currency=policy.currency,
        by_kind="agent" if wish.by.kind == "agent" else "assistant",
        by_id=wish.by.id,
        by_name=wish.by.name,
        by_avatar=wish.by.avatar_url,
        created_at=work.now,
        updated_at=work.now,
    )


def _reserve(work: Work, policy: DiscountPolicy, row: Discount, by: Principal, before: str) -> None:
    check_budget(work, policy, row.value)
    row.day, row.reserved_at = work.now // DAY, work.now
    row.expires_at = work.now + row.valid_days * DAY
    row.state = "reserved"
    work.add(row)
    note(work, by, row, before, "discount.reserved")
    look_after(work, row, work.now + PATIENCE)


def approve(work: Work, by: Principal, discount_id: str, said: Sequence[Verdict]) -> Discount:
    """Reserve a waiting discount, if policy and budget still allow it; once approved, it stays."""
    policy = lock_policy(work, by.workspace_id)
    row = locked(work, by.workspace_id, discount_id)
    if row.state != "waiting":
        if row.decided_by and row.state != "declined":
            return row  # the same click twice
        raise Conflict("This discount does not wait for anyone any more.", code="not_waiting")
    if row.conversation_id is None:
        raise Conflict("The customer was erased: nobody is there to get it.", code="no_customer")
    verdict = strictest([judge(policy, wish_of(row, by), row.currency), *said], wish_of(row, by))
    if verdict.decision == "refuse":
        raise refuse(verdict)
    row.decided_by, row.decided_at = by.name, work.now
    _reserve(work, policy, row, by, "waiting")
    return row


def decline(work: Work, by: Principal, discount_id: str, reason: str) -> DiscountView:
    """Refuse a waiting discount; the shop never hears of it."""
    row = locked(work, by.workspace_id, discount_id)
    if row.state == "declined":
        return to_view(row)
    if row.state != "waiting":
        raise Conflict("This discount does not wait for anyone any more.", code="not_waiting")
    row.decided_by, row.decided_at, row.decision = by.name, work.now, reason
    move(work, by, row, "declined")
    return to_view(row)


def wish_of(row: Discount, by: Principal) -> DiscountWish:
    """A stored discount as the wish it came from, as if `by` had it."""
    return DiscountWish(
        workspace_id=row.workspace_id,
        id=row.id,
        by=by,
        conversation=row.conversation_id or "",
        customer=row.customer_id,
        connection=row.connection_id,
        source=row.source,
        percent=Decimal(row.percent) / 100 if row.amount is None else None,
        amount=None if row.amount is None else to_money(row.amount, row.currency),
        valid_days=row.valid_days,
        reason=row.reason,
    )


# Budgets ---------------------------------------------------------------------------------


def spent(work: Work, workspace_id: str, day: int | None = None) -> Spent:
    """What a day's budget has given: today's."""
    query = select(func.count(), func.coalesce(func.sum(_discounts.c.value), 0)).where(
        _discounts.c.workspace_id == workspace_id,
        _discounts.c.day == (work.now // DAY if day is None else day),
        _discounts.c.state.in_(_COUNTED),
    )
    codes, value = work.execute(query).one()
    return Spent(int(codes), int(value))


def check_budget(work: Work, policy: DiscountPolicy, value: int) -> None:
    """Conflict if the day has no code, or not this value, left."""
    used = spent(work, policy.workspace_id)
    if used.codes >= policy.codes_a_day:
        raise Conflict(
            f"All {policy.codes_a_day} codes of today are used. New ones after midnight, UTC.",
            code="budget_spent",
        )
    if policy.value_a_day is not None and used.value + value > policy.value_a_day:
        left = to_text(max(0, policy.value_a_day - used.value), policy.currency)
        raise Conflict(
            f"Of today's value {left} {policy.currency} are left. More after midnight, UTC.",
            code="budget_spent",
        )


def check_shares(work: Work, policy: DiscountPolicy, conversation_id: str, holder: Holder) -> None:
    """Conflict if the conversation or the customer has had their share."""
    if _count(work, policy, _discounts.c.conversation_id == conversation_id) >= (
        policy.per_conversation
    ):
        raise Conflict(
            f"This conversation had its share: {policy.per_conversation}.", code="share_given"
        )
    own: ColumnElement[bool] = _discounts.c.visitor_id == holder.visitor_id
    if holder.customer_id is not None:
        own = or_(own, _discounts.c.customer_id == holder.customer_id)
    since = work.now - policy.per_customer_days * DAY
    if _count(work, policy, own, _discounts.c.created_at > since) >= policy.per_customer:
        raise Conflict(
            f"This customer had their share: {policy.per_customer} in "
            f"{policy.per_customer_days} days.",
            code="share_given",
        )


def _count(work: Work, policy: DiscountPolicy, *conditions: ColumnElement[bool]) -> int:
    query = select(func.count()).where(
        _discounts.c.workspace_id == policy.workspace_id,
        _discounts.c.state.in_(_GIVEN),
        *conditions,
    )
    return int(work.execute(query).scalar_one())


def positive(minor: int, currency: str) -> Money:
    """The amount of a discount, or Invalid if it gives nothing."""
    if minor <= 0:
        raise Invalid("amount must be more than nothing.", field="amount")
    return to_money(minor, currency)
