"""Budgets: what a model may still take today, for a visitor and for a whole workspace.

A call holds the most it can take before it is made, and is settled for what it took. Calls at
the same time wait for one another here, so together they never take more than is left.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import BigInteger, ColumnElement, Index, delete, func, or_, select
from sqlmodel import Field, SQLModel

from core.assistants import MOST, Assistant, assistant_of
from core.db import Work, table_of
from core.errors import Unavailable
from core.ids import new_id
from core.usages import DAY, Usage, count_usage, usage_of

LIFE = 5 * 60_000  # milliseconds until what a process held that died is free again
MILLION = 1_000_000


class Hold(SQLModel, table=True):
    """The most a call that is under way can take."""

    __tablename__ = "assistant_holds"
    __table_args__ = (Index("assistant_holds_of_visitor", "workspace_id", "visitor_id"),)

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    id: str = Field(primary_key=True)
    visitor_id: str = ""  # "": nobody's own, such as a summary for agents
    tokens: int = Field(sa_type=BigInteger)
    cost: int = Field(sa_type=BigInteger)  # millionths of the assistant's currency
    until: int = Field(sa_type=BigInteger)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a model reads and writes."""

    read: int
    written: int

    @property
    def together(self) -> int:
        return self.read + self.written


class Spent(Unavailable):
    """Today's budget does not hold for another call."""

    code = "budget"


_holds = table_of(Hold)
_usage = table_of(Usage)


def reserve(work: Work, workspace_id: str, visitor_id: str, most: Tokens) -> str:
    """Hold what a call can take at most, and name the hold; Spent if it is not there any more."""
    _wait_in_line(work, workspace_id)
    work.execute(delete(_holds).where(_holds.c.workspace_id == workspace_id, _ended(work)))
    assistant = assistant_of(work, workspace_id)
    cost = cost_of(assistant, most)
    held, held_cost = _held(work, workspace_id)
    used = usage_of(work, workspace_id)
    if used.tokens_in + used.tokens_out + held + most.together > assistant.tokens_a_day:
        raise Spent("Today's tokens are spent.")
    if assistant.cost_a_day is not None and used.cost + held_cost + cost > assistant.cost_a_day:
        raise Spent("Today's money is spent.")
    if visitor_id:
        _check_visitor(work, assistant, visitor_id, most)
    hold = Hold(
        workspace_id=workspace_id,
        id=new_id("hld"),
        visitor_id=visitor_id,
        tokens=most.together,
        cost=cost,
        until=work.now + LIFE,
    )
    return work.add(hold).id


def settle(work: Work, workspace_id: str, visitor_id: str, hold: str, took: Tokens) -> None:
    """Count what a call took, and let go of what was held for it."""
    assistant = assistant_of(work, workspace_id)
    more = {"tokens_in": took.read, "tokens_out": took.written, "cost": cost_of(assistant, took)}
    count_usage(work, workspace_id, visitor_id, **more)
    own = (_holds.c.workspace_id == workspace_id) & (_holds.c.id == hold)
    work.execute(delete(_holds).where(own))


def cost_of(assistant: Assistant, tokens: Tokens) -> int:
    """What tokens cost in millionths of the assistant's currency, rounded up."""
    exact = tokens.read * assistant.price_in + tokens.written * assistant.price_out
    return min(-(-exact // MILLION), MOST)


def _wait_in_line(work: Work, workspace_id: str) -> None:
    """Lock today's row of the workspace, which every call counts on."""
    today = Usage(workspace_id=workspace_id, day=work.now // DAY)
    work.execute(work.insert(Usage).on_conflict_do_nothing(), today.model_dump())
    mine = (_usage.c.workspace_id == workspace_id, _usage.c.day == today.day)
    query = select(_usage.c.day).where(*mine, _usage.c.visitor_id == "")
    work.execute(query.with_for_update())


def _check_visitor(work: Work, assistant: Assistant, visitor_id: str, most: Tokens) -> None:
    held, _ = _held(work, assistant.workspace_id, _holds.c.visitor_id == visitor_id)
    used = usage_of(work, assistant.workspace_id, visitor_id)
    if used.tokens_in + used.tokens_out + held + most.together > assistant.tokens_a_visitor:
        raise Spent("Today's tokens of this visitor are spent.")


def _held(work: Work, workspace_id: str, *which: ColumnElement[bool]) -> tuple[int, int]:
    """Tokens and cost of the calls under way."""
    query = select(
        func.coalesce(func.sum(_holds.c.tokens), 0), func.coalesce(func.sum(_holds.c.cost), 0)
    ).where(_holds.c.workspace_id == workspace_id, *which)
    tokens, cost = work.execute(query).one()
    return int(tokens), int(cost)


def _ended(work: Work) -> ColumnElement[bool]:
    """Of processes that died, and of another day: yesterday's budget is not today's."""
    today = work.now - work.now % DAY
    return or_(_holds.c.until <= work.now, _holds.c.until <= today + LIFE)
