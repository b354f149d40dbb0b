"""My activity: the visitor's own deposits, withdrawals, payments and other records."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from chat.assistant.tools.arguments import Arguments
from chat.assistant.tools.plain import plain
from core.access import Assurance
from core.order_cards import customers_link
from core.records import own_records
from core.tools import Result, Source, Tool, Use
from core.views import Record, RecordCard, RecordKind


class MyActivity(Arguments):
    """Of which kind, and how many."""

    kind: RecordKind | None = None
    limit: Annotated[int, Meta(ge=1, le=5)] = 3


async def my_activity(use: Use, wanted: MyActivity) -> Result:
    """The newest records of whoever asks."""
    found = await use.services.db.read(
        own_records, use.workspace_id, use.customers, wanted.kind, wanted.limit
    )
    if not found:
        return Result(status="nothing", note=f"No {wanted.kind or 'activity'}.")
    records = [_as_told(record) for record in found]
    return Result(
        status="found",
        data=records,
        cards=tuple(_card(record) for record in records),
        sources=tuple(
            Source(kind="record", id=one.id, title=one.title or one.reference, url=one.url)
            for one in records
        ),
        note=_named(records, wanted.kind or "record"),
    )


def _named(records: list[Record], kind: str) -> str:
    if len(records) == 1:
        return f"Their last {kind} ({plain(records[0].status, 40) or 'no status'})."
    return f"Their last {len(records)} {kind}s."


def _as_told(record: Record) -> Record:
    """The record with its texts as plain ones, and no address that is for the shop's staff."""
    return msgspec.structs.replace(
        record,
        title=plain(record.title),
        reference=plain(record.reference),
        status=plain(record.status),
        url=customers_link(record),
    )


def _card(record: Record) -> RecordCard:
    return RecordCard(
        id=record.id,
        kind=record.kind,
        reference=record.reference,
        title=record.title,
        amount=record.amount,
        status=record.status,
        tone=record.tone,
        occurred_at=record.occurred_at,
        url=record.url,
    )


tool = Tool(
    name="my_activity",
    title="Tell deposits, withdrawals and payments",
    description=(
        "The newest deposits, withdrawals, payments or other records of the visitor who is "
        "writing, newest first: amount, status and time. Name the kind if they do."
    ),
    arguments=MyActivity,
    run=my_activity,
    assurance=Assurance.HMAC,
    limit="Their own records",
)
