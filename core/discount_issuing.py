"""Issuing: a reserved discount becomes a code at its shop, once, whatever happens on the way.

A shop that does not answer leaves its discount reserved: the job asks whether the code is there
before it has it made again.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import structlog

from core.access import Principal
from core.audit import assistant, itself
from core.connections import connection_row, open_connection
from core.connector import Connection, DiscountTerms, IssuedCode, IssuesDiscounts
from core.db import Work
from core.discount_codes import TRIES, code_of
from core.discount_ledger import ISSUE, Discount, expire, fail, locked, look_after_all, move
from core.discount_policy import policy_of, to_percent
from core.discount_views import title
from core.errors import Conflict, HubError, NotFound, Refused, Unavailable
from core.ids import moment
from core.jobs import Job
from core.messages import Draft, say
from core.money import to_money
from core.services import Services

log = structlog.get_logger("hub.discounts")

WITHIN = 40.0  # seconds a shop has for making a code
TURN = 90_000  # milliseconds nobody else asks the shop meanwhile


@dataclass(frozen=True, slots=True)
class _Turn:
    """The right to ask the shop for one code."""

    row: Discount
    connection: Connection
    connector: IssuesDiscounts
    look_first: bool  # it may have been made already
    stopped: str  # why it is not to be made any more; "": it is


async def issue(services: Services, workspace_id: str, discount_id: str) -> Discount:
    """Have the shop make a reserved code, once; the discount as it stands afterwards.

    It stays reserved while nobody knows whether the shop has made it.
    """
    turn = await services.db.write(_begin, services, workspace_id, discount_id)
    if isinstance(turn, Discount):
        return turn
    try:
        async with asyncio.timeout(WITHIN):
            issued = await _ask(services, turn)
    except (Unavailable, TimeoutError) as error:
        log.info("discount_delayed", discount=discount_id, reason=repr(error))
        return await services.db.write(_unsettled, turn.row)
    except HubError as refusal:
        return await services.db.write(_failed, turn.row, refusal.message)
    except Exception:  # the connector's fault; the shop may have done it all the same
        log.exception("discount_failed", discount=discount_id)
        return await services.db.write(_unsettled, turn.row)
    return await services.db.write(_issued, turn.row, issued)


def _begin(work: Work, services: Services, workspace_id: str, discount_id: str) -> _Turn | Discount:
    row = locked(work, workspace_id, discount_id)
    if row.state != "reserved" or row.locked_until > work.now:
        return row
    stopped = "Discounts were stopped." if policy_of(work, workspace_id).stopped else ""
    if row.conversation_id is None:  # bound to nobody, it would be anybody's
        stopped = "The customer was erased."
    if stopped and not row.asked_shop:
        fail(work, row, stopped)
        return row
    if row.expires_at is not None and row.expires_at <= work.now:
        fail(work, row, "Its time was over before the shop answered.")
        return row
    try:
        connection, connector = opened(work, services, row)
    except (NotFound, Conflict) as gone:
        fail(work, row, gone.message)
        return row
    turn = _Turn(row, connection, connector, look_first=row.asked_shop, stopped=stopped)
    row.locked_until, row.asked_shop = work.now + TURN, True
    row.code = code_of(services.vault, workspace_id, discount_id, row.attempt)
    work.add(row)
    return turn


def opened(work: Work, services: Services, row: Discount) -> tuple[Connection, IssuesDiscounts]:
    """The connection a discount is of, ready to use; Conflict if it issues codes no more."""
    stored = connection_row(work, row.workspace_id, row.connection_id)
    connector = services.connectors.get(stored.connector)
    if connector is None or not isinstance(connector, IssuesDiscounts):
        raise Conflict("This shop issues no codes any more.", code="no_shop")
    return open_connection(stored, services.vault, connector.settings), connector


async def _ask(services: Services, turn: _Turn) -> IssuedCode:
    """The code as the shop has it: found, or made, under another name if that one is taken."""
    row, look_first = turn.row, turn.look_first
    while True:
        if look_first:
            found = await turn.connector.find_code(services, turn.connection, row.code)
            if found is not None:
                return found
        if turn.stopped:
            raise Refused(turn.stopped)
        try:
            return await turn.connector.issue(services, turn.connection, _terms(row))
        except Conflict as taken:
            if taken.code != "code_taken":
                raise
        row = await services.db.write(_another_code, services, row)
        look_first = False


def _another_code(work: Work, services: Services, taken: Discount) -> Discount:
    row = locked(work, taken.workspace_id, taken.id)
    if row.attempt + 1 >= TRIES:
        raise Refused("The shop has had every code we could think of.")
    row.attempt += 1
    row.code = code_of(services.vault, row.workspace_id, row.id, row.attempt)
    return work.add(row)


def _terms(row: Discount) -> DiscountTerms:
    return DiscountTerms(
        code=row.code,
        title=f"Chat: {title(row)} ({row.id[:8]})",
        percent="" if row.amount is not None else to_percent(row.percent),
        amount=None if row.amount is None else to_money(row.amount, row.currency),
        minimum=None if row.minimum is None else to_money(row.minimum, row.currency),
        starts_at=moment(row.reserved_at or row.created_at),
        expires_at=None if row.expires_at is None else moment(row.expires_at),
        customer=row.shop_customer,
        email=row.shop_email,
    )


def _issued(work: Work, asked: Discount, issued: IssuedCode) -> Discount:
    """Note what the shop has made, and say it in the conversation."""
    row = locked(work, asked.workspace_id, asked.id)
    row.reference, row.url, row.locked_until = issued.reference, issued.url, 0
    if row.state == "reserved":  # an order may have been faster
        row.issued_at, row.verdict = work.now, ""
        move(work, itself(row.workspace_id), row, "issued")
        _tell(work, row)
    return work.add(row)


def _tell(work: Work, row: Discount) -> None:
    if row.conversation_id is None:
        return
    draft = Draft(
        author=_author(row),
        conversation_id=row.conversation_id,
        id=f"discount-{row.id}",
        text=f"{title(row)}: {row.code}",
        discount_ids=(row.id,),
    )
    for outcome in say(work, [draft]):
        if isinstance(outcome, HubError):  # the code holds all the same
            log.warning("discount_untold", discount=row.id, reason=outcome.message)


def _author(row: Discount) -> Principal:
    if row.by_kind == "assistant":
        return assistant(row.workspace_id)
    return Principal(
        "agent",
        workspace_id=row.workspace_id,
        id=row.by_id,
        name=row.by_name,
        avatar_url=row.by_avatar,
    )


def _unsettled(work: Work, asked: Discount) -> Discount:
    row = locked(work, asked.workspace_id, asked.id)
    row.locked_until = 0
    if row.state == "reserved":
        row.verdict = "The shop has not answered yet. We look again by ourselves."
    return work.add(row)


def _failed(work: Work, asked: Discount, reason: str) -> Discount:
    row = locked(work, asked.workspace_id, asked.id)
    if row.state == "reserved":
        fail(work, row, reason)
    return row


# By itself -------------------------------------------------------------------------------


async def _look_after(services: Services, workspace_id: str, discount: str) -> None:
    row = await issue(services, workspace_id, discount)
    if row.state == "reserved":
        raise Unavailable("The shop has not said whether it made the code.")


async def _tend(services: Services) -> None:
    """End what is over, and look after what nobody has settled."""
    await services.db.write(look_after_all)
    while await services.db.write(expire):
        pass


JOBS = [Job(ISSUE, _look_after), Job("hub.discounts", _tend, timedelta(minutes=5))]
