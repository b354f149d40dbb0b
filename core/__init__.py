"""Core: what the hub knows and does, and the names a plugin author imports.

A plugin is a module with a `plugin` object and some hooks::

    from core import AGENT, Call, Plugin, RecordChanged, Route, hookimpl

    plugin = Plugin(name="teashop", version="1.0.0")

    async def kettles(call: Call) -> dict[str, int]:
        return {"kettles": 3}

    @hookimpl
    def register_routes():
        return [Route("GET", "/v1/teashop/kettles", kettles, AGENT, "Count the kettles")]

    @hookimpl
    async def on_event(services, event):
        match event.event:
            case RecordChanged(record=record) if record.status == "paid":
                await brew(record.reference)

Name its module in `plugins.toml`, and it is on. Four things to know:

- **Data** is read and changed by plain functions over a `Work`:
  `await services.db.write(save_customer, workspace_id, source, draft)`. What they change and what
  they announce is committed together; you hear of it after.
- **The tenant** is `call.workspace_id`, from whoever proved themselves, never from the request.
- **Everything from outside** may come twice, late and out of order: upsert, newest wins.
- **Two ways to fail**: raise `Unavailable` for what might work in a minute, `Refused` for what
  will not. Raise `Invalid(message, field=…)` for a caller's mistake.

`core/hookspecs.py` has every hook with an example, `hub new-plugin NAME` writes a first one, and
docs/plugins.md takes you through it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

# Where each public name lives. They load when first asked for: a command such as
# `hub --version` need not wait for the database library.
_PUBLIC = {
    "access": "ADMIN AGENT OWNER PUBLIC VERIFIED VISITOR Access Assurance Principal Role key",
    "catalog": "external_ids",
    "connections": "active_by_id active_by_shop current note_check note_details "
    "open_connection store_settings",
    "connector": "ActsOnOrders Approval Backfills CancelWish Check Connection ConnectionDraft "
    "Connector Connects DiscountTerms Disconnects Done HearsWebhooks IssuedCode IssuesDiscounts "
    "Manifest Progress Reconciles RefundPreview RefundWish RereadsOrders SetupField SetupStep "
    "ShowsOrders Sweeps",
    "customers": "CustomerDraft customer_by_external_id save_customer",
    "db": "Database Work",
    "discount_policy": "DiscountWish Verdict",
    "errors": "Conflict Forbidden HubError Invalid Malformed NotFound Refused TooLarge TooMany "
    "Unauthenticated Unavailable",
    "events": "AppearanceChanged ConversationChanged ConversationStarted CustomerChanged Event "
    "Logged MessageAdded MessagesRead NoteAdded ProductsChanged RecordChanged RecordRemoved "
    "VisitorIdentified VisitorSignedOut WidgetSeen",
    "health": "Health",
    "hookspecs": "hookimpl",
    "ids": "moment to_ms",
    "inbox": "Delivery Received",
    "jobs": "Job enqueue",
    "money": "to_minor to_money",
    "plugin": "Plugin",
    "products": "ProductBatch ProductDraft remove_products save_products search_products",
    "records": "RecordBatch RecordDraft remove_record save_records records_of",
    "routes": "Answer Call Route SocketRoute",
    "services": "Services",
    "tools": "Result Source Tool Use",
    "views": "Money OrderDetails OrderLine",
}
_HOME = {name: module for module, names in _PUBLIC.items() for name in names.split()}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'core' has no attribute {name!r}")
    return getattr(import_module(f"core.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
