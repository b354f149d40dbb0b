"""Privacy's routes: a customer's data handed out, and taken away for good."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from core.access import ADMIN
from core.audit import audit
from core.customers import customer_for
from core.db import Work
from core.privacy import erase_customer, export_customer
from core.remains import scrub
from core.routes import Answer, Call, Route

TAG = "Privacy"


class Erased(msgspec.Struct):
    """How many rows of each kind are gone."""

    counts: dict[str, int]


async def export(call: Call) -> Answer:
    """Everything there is of a customer, as a file; that it was handed out is noted."""

    def unit(work: Work) -> dict[str, Any]:
        found = export_customer(work, call.workspace_id, call.path["id"])
        audit(work, call.principal, "customer.exported", call.path["id"], address=call.address)
        return found

    name = f'attachment; filename="{call.path["id"]}.json"'
    exported = await call.services.db.write(unit)
    return Answer(exported, headers={"content-disposition": name, "cache-control": "no-store"})


async def erase(call: Call) -> Erased:
    """Take a customer away, with records, conversations and every copy of them."""

    def unit(work: Work) -> dict[str, int]:
        customer_for(work, call.workspace_id, call.path["id"])  # or NotFound
        gone = erase_customer(work, call.workspace_id, call.path["id"], by=call.principal)
        return dict(gone.counts)

    counts = await call.services.db.write(unit)
    await asyncio.to_thread(scrub, call.services.db.url)  # if it is busy, it empties itself later
    return Erased(counts)


ROUTES = [
    Route(
        "POST",
        "/console/api/customers/{id}/export",
        export,
        ADMIN,
        "Hand out a customer's data",
        tag=TAG,
    ),
    Route(
        "POST",
        "/console/api/customers/{id}/erase",
        erase,
        ADMIN,
        "Erase a customer",
        answer=Erased,
        tag=TAG,
    ),
]
