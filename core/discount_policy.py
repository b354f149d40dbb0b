"""Discount policy: the ceiling no agent, approver or assistant can pass.

A workspace without a policy of its own lets agents give up to ten per cent. All amounts are of
the policy's currency. A code for a percentage may be used on an order of any size, so against
the day's value it counts as the highest amount, until its order says what it was worth.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import BigInteger, select
from sqlmodel import Field, SQLModel

from core.access import Principal, Role
from core.audit import audit
from core.db import Work, table_of
from core.errors import Conflict, Forbidden, HubError, Invalid
from core.money import to_currency, to_money, to_text, within_bounds
from core.views import Money

HUNDRED = 10_000  # per cent, in the hundredths that are stored
LONGEST = 366  # days
MOST = 1_000_000


class DiscountPolicy(SQLModel, table=True):
    """What one workspace lets be given away. Percentages are stored in hundredths of one."""

    __tablename__ = "discount_policies"

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    highest_percent: int = 1_000  # 0: no percentages
    approval_percent: int = 1_000  # above it an admin decides
    currency: str = ""  # of every amount below
    highest_amount: int | None = Field(default=None, sa_type=BigInteger)  # None: no amounts
    approval_amount: int | None = Field(default=None, sa_type=BigInteger)
    minimum: int | None = Field(default=None, sa_type=BigInteger)  # the smallest order
    valid_days: int = 7
    per_customer: int = 1
    per_customer_days: int = 30
    per_conversation: int = 1
    codes_a_day: int = 10
    value_a_day: int | None = Field(default=None, sa_type=BigInteger)  # None: no such limit
    assistant: bool = False  # may issue codes, to verified customers
    refund_limit: int = Field(default=0, sa_type=BigInteger)  # above it an admin decides
    stopped: bool = False
    updated_at: int = Field(default=0, sa_type=BigInteger)
    updated_by: str = ""


_policies = table_of(DiscountPolicy)
AMOUNTS = ("highest_amount", "approval_amount", "minimum", "value_a_day", "refund_limit")
_BOUNDS = {
    "highest_percent": (0, HUNDRED),
    "approval_percent": (0, HUNDRED),
    "valid_days": (1, LONGEST),
    "per_customer": (0, MOST),
    "per_customer_days": (1, LONGEST),
    "per_conversation": (0, MOST),
    "codes_a_day": (0, MOST),
}


@dataclass(frozen=True, slots=True)
class DiscountWish:
    """A discount somebody wants to give: what the hook `discount_policy` judges."""

    workspace_id: str
    id: str
    by: Principal
    conversation: str
    customer: str | None  # the proven customer's id
    connection: str  # the id of the shop that is to make the code
    source: str
    percent: Decimal | None  # one of the two
    amount: Money | None
    valid_days: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a policy says of a wish; of several the most restrictive holds."""

    decision: Literal["allow", "approve", "refuse"]
    reason: str = ""
    max_percent: Decimal | None = None  # more is refused, also to those who approve
    refusal: HubError | None = None  # how a refusal is told, if not by its reason


# Keeping it ------------------------------------------------------------------------------


def policy_of(work: Work, workspace_id: str) -> DiscountPolicy:
    """The workspace's policy, or what holds until it has one."""
    found = work.session.get(DiscountPolicy, workspace_id)
    return found or DiscountPolicy(workspace_id=workspace_id)


def lock_policy(work: Work, workspace_id: str) -> DiscountPolicy:
    """The policy, held until the commit: whoever spends of a budget waits here for the others."""
    fresh = DiscountPolicy(workspace_id=workspace_id).model_dump()
    work.execute(work.insert(DiscountPolicy).on_conflict_do_nothing(), fresh)
    query = select(DiscountPolicy).where(_policies.c.workspace_id == workspace_id)
    query = query.with_for_update().execution_options(populate_existing=True)
    return work.session.scalars(query).one()


def save_policy(work: Work, by: Principal, values: dict[str, Any]) -> DiscountPolicy:
    """Change the policy; Invalid names the value that makes no sense."""
    policy = lock_policy(work, by.workspace_id)
    before = policy.model_dump()
    after = {**before, **values}
    after["currency"] = to_currency(after["currency"]) if after["currency"] else ""
    _check(after)
    _change(work, by, policy, after, "discounts.policy_changed")
    return policy


def stop(work: Work, by: Principal, stopped: bool = True) -> DiscountPolicy:
    """Let no code be issued any more, from this moment on; or again."""
    policy = lock_policy(work, by.workspace_id)
    if policy.stopped != stopped:
        after = {**policy.model_dump(), "stopped": stopped}
        _change(work, by, policy, after, "discounts.stopped" if stopped else "discounts.resumed")
    return policy


def _change(
    work: Work, by: Principal, policy: DiscountPolicy, after: dict[str, Any], action: str
) -> None:
    changed = {name: value for name, value in after.items() if getattr(policy, name) != value}
    audit(work, by, action, by.workspace_id, {n: getattr(policy, n) for n in changed}, changed)
    for name, value in changed.items():
        setattr(policy, name, value)
    policy.updated_at, policy.updated_by = work.now, by.name
    work.add(policy)


def _check(values: dict[str, Any]) -> None:
    for name, (least, most) in _BOUNDS.items():
        if not least <= values[name] <= most:
            raise Invalid(f"{name} is out of bounds.", field=name)
    for name in AMOUNTS:
        if values[name] is not None:
            if values[name] < 0:
                raise Invalid(f"{name} must not be negative.", field=name)
            within_bounds(values[name], field=name)
        if values[name] and not values["currency"]:
            raise Invalid("Amounts need a currency.", field="currency")
    if values["value_a_day"] is not None and not values["highest_amount"]:
        raise Invalid(
            "A value a day needs a highest amount: a percentage counts as that much.",
            field="highest_amount",
        )


# Judging ---------------------------------------------------------------------------------


def to_hundredths(percent: Decimal, field: str = "percent") -> int:
    """A percentage as it is stored; Invalid if it is none, or finer than two decimals."""
    if not percent.is_finite() or not 0 <= percent <= 100:
        raise Invalid(f"{field} must be between 0 and 100.", field=field)
    hundredths = percent * 100
    if hundredths != hundredths.to_integral_value():
        raise Invalid(f"{field} has at most two decimals.", field=field)
    return int(hundredths)


def to_percent(hundredths: int) -> str:
    """The exact decimal, such as `12.5`."""
    text = f"{hundredths // 100}.{hundredths % 100:02d}"
    return text.rstrip("0").rstrip(".")


def judge(policy: DiscountPolicy, wish: DiscountWish, currency: str) -> Verdict:
    """What the policy says of a wish for a shop that sells in `currency` ("": not known)."""
    if policy.stopped:
        return _no("Discounts are stopped.", "discounts_stopped")
    if wish.by.kind != "agent" and not policy.assistant:
        return Verdict("refuse", refusal=Forbidden("The assistant may not issue codes."))
    if wish.by.kind != "agent" and wish.customer is None:
        return _no("The assistant gives codes to verified customers alone.", "not_verified")
    if wish.valid_days > policy.valid_days:
        return _bad(f"A code is valid for {policy.valid_days} days at most.", "valid_days")
    verdict = _sized(policy, wish)
    counted = wish.amount is not None or bool(policy.minimum)
    if verdict.decision != "refuse" and counted and currency not in ("", policy.currency):
        return _no(
            f"This shop sells in {currency}, the policy counts in {policy.currency}.",
            "other_currency",
        )
    return verdict


def _sized(policy: DiscountPolicy, wish: DiscountWish) -> Verdict:
    """By the size of the discount alone."""
    if wish.percent is not None:
        asked, highest = to_hundredths(wish.percent), policy.highest_percent
        limit, field = policy.approval_percent, "percent"
        words = [f"{to_percent(size)}%" for size in (limit, highest)]
    else:
        assert wish.amount is not None
        asked, highest = wish.amount.minor, policy.highest_amount or 0
        limit, field = policy.approval_amount or 0, "amount"
        if policy.approval_amount is None:
            limit = highest
        words = [f"{to_text(size, wish.amount.currency)} {wish.amount.currency}"
                 for size in (limit, highest)]  # fmt: skip
        if highest and wish.amount.currency != policy.currency:
            return _bad(f"Amounts are in {policy.currency}.", "currency")
    if asked > highest:
        text = f"The ceiling is {words[1]}." if highest else f"The policy allows no {field}."
        return _bad(text, field)
    if asked > limit and (wish.by.role or 0) < Role.ADMIN:
        return Verdict("approve", f"Above {words[0]}, below the ceiling of {words[1]}.")
    return Verdict("allow")


def strictest(verdicts: Iterable[Verdict], wish: DiscountWish) -> Verdict:
    """The most restrictive of them all."""
    worst = Verdict("allow")
    order = ("allow", "approve", "refuse")
    for verdict in verdicts:
        if verdict.max_percent is not None and (wish.percent or 0) > verdict.max_percent:
            verdict = _bad(verdict.reason or f"The ceiling is {verdict.max_percent}%.", "percent")
        if order.index(verdict.decision) > order.index(worst.decision):
            worst = verdict
    return worst


def refuse(verdict: Verdict) -> HubError:
    """A refusal as the caller hears it."""
    reason = verdict.reason or "The policy does not allow this discount."
    return verdict.refusal or Conflict(reason, code="discount_refused")


def _no(reason: str, code: str) -> Verdict:
    return Verdict("refuse", reason, refusal=Conflict(reason, code=code))


def _bad(reason: str, field: str) -> Verdict:
    return Verdict("refuse", reason, refusal=Invalid(reason, field=field, code="above_policy"))


def worth(policy: DiscountPolicy, wish: DiscountWish) -> int:
    """What a wish counts for in the day's value, in minor units of the policy's currency."""
    return wish.amount.minor if wish.amount is not None else policy.highest_amount or 0


def money(policy: DiscountPolicy, minor: int | None) -> Money | None:
    """One of the policy's amounts."""
    return None if minor is None or not policy.currency else to_money(minor, policy.currency)
