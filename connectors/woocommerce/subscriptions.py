"""Subscriptions: the webhooks a shop is asked for, and whether it still sends them.

A shop takes any address for a webhook, tells nobody when it switches one off after seven
failures, and replays nothing. So they are looked at hourly; the only proof that the way is open
is something that arrived.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from connectors.woocommerce.hearing import deaf
from connectors.woocommerce.settings import keys_of
from connectors.woocommerce.topics import TOPICS
from core.connections import connection_row, note_details
from core.connector import Check, Connection
from core.db import Work
from core.errors import Conflict, Refused
from core.ids import now_ms

if TYPE_CHECKING:
    from connectors.woocommerce.plugin import WooCommerce

PATH = "/woocommerce/webhooks"
FIELDS = "id,topic,status,delivery_url"
MOST_PAGES = 5  # of a hundred webhooks; other people's are in the list, too
EVERY = int(timedelta(hours=1).total_seconds() * 1000)  # milliseconds between two looks
KEPT = "webhooks"  # the detail of a connection that holds what is known of them

SILENT = (
    "Nothing the shop sends arrives here, so changes are seen every few minutes instead of at "
    "once. Often a firewall before this server, or one at the shop's host, keeps it out."
)
SWITCHED_OFF = (
    "The shop had switched webhooks of ours off, as it does after failures, or lost them. They are "
    "on again, and what changed meanwhile is being read."
)
PAUSED = (
    "Somebody has paused our webhooks in the shop: WooCommerce, Settings, Advanced, Webhooks. "
    "Until they are active, changes are seen every few minutes."
)


@dataclass(frozen=True, slots=True)
class Heard:
    """How it is with a shop's webhooks."""

    check: Check
    since: int | None = None  # milliseconds: from when on changes may have gone untold


@dataclass(slots=True)
class Plan:
    """What is to be changed at the shop, as its batch takes it."""

    create: list[dict[str, str]] = field(default_factory=list)
    update: list[dict[str, Any]] = field(default_factory=list)
    delete: list[int] = field(default_factory=list)
    paused: int = 0

    def to_body(self) -> dict[str, list[Any]]:
        """Only what there is to do."""
        all_: dict[str, list[Any]] = {
            "create": self.create,
            "update": self.update,
            "delete": self.delete,
        }
        return {name: items for name, items in all_.items() if items}


def address(shop: WooCommerce, connection: Connection) -> str:
    """Where this connection's webhooks go; the last part is a secret."""
    key = keys_of(connection).hook_key.get_secret_value()
    return f"{shop.services.public_url}{PATH}/{connection.id}/{key}"


def secret_of(connection: Connection, topic: str) -> str:
    """What the shop signs this topic with: hexadecimal, for it decodes entities in secrets."""
    whole = keys_of(connection).webhook_secret.get_secret_value()
    return hmac.digest(whole.encode(), topic.encode(), "sha256").hex()


async def look_after(shop: WooCommerce, connection: Connection, *, at_once: bool = False) -> Heard:
    """Have the shop send everything we understand; asks it hourly, or `at_once`."""
    known, began = await _known(shop, connection), now_ms()
    before = int(known.get("looked_at") or 0)
    if not at_once and began - before < EVERY:
        return Heard(_health(known))
    told: dict[str, Any] = {"looked_at": began, "problem": None}
    if why := deaf(shop.services.public_url, keys_of(connection).url):
        return await _note(shop, connection, {**told, "problem": why})
    try:
        plan = await _plan(shop, connection)
        problem = await _carry_out(shop, connection, plan)
    except Refused as error:
        if error.code != "missing_permission":
            raise
        return await _note(shop, connection, {**told, "problem": _refused(error.message)})
    if len(plan.create) == len(TOPICS):  # a new beginning: its pings prove the way
        told["made_at"] = began
    heard = await _note(shop, connection, {**told, "problem": problem})
    if before and (plan.update or plan.create):
        return Heard(Check(False, SWITCHED_OFF, "webhooks_off"), since=before)
    return heard


async def _plan(shop: WooCommerce, connection: Connection) -> Plan:
    """What is to be done that each topic has one webhook that works."""
    url, plan = address(shop, connection), Plan()
    mine = f"{PATH}/{connection.id}/"
    there: set[str] = set()
    async for one in _listed(shop, connection):
        target, topic, id_ = str(one.get("delivery_url")), str(one.get("topic")), one.get("id")
        if mine not in target or not isinstance(id_, int):
            continue
        if target != url or topic in there or topic not in TOPICS:
            plan.delete.append(id_)  # of an earlier approval or address, or one too many
            continue
        there.add(topic)
        plan.paused += one.get("status") == "paused"  # by somebody: theirs to switch on
        if one.get("status") == "disabled":
            again = {"id": id_, "status": "active", "secret": secret_of(connection, topic)}
            plan.update.append(again)
    plan.create = [
        {
            "name": f"Parley {topic}",
            "topic": topic,
            "delivery_url": url,
            "secret": secret_of(connection, topic),
        }
        for topic in TOPICS
        if topic not in there
    ]
    return plan


async def _listed(shop: WooCommerce, connection: Connection) -> Any:
    for number in range(1, MOST_PAGES + 1):
        params = {"per_page": "100", "page": str(number), "_fields": FIELDS}
        page = await shop.api.get(connection, "webhooks", params, "background")
        for one in page.items:
            yield one
        if number >= page.pages:
            return


async def _carry_out(shop: WooCommerce, connection: Connection, plan: Plan) -> str | None:
    """Do what is planned; what stays wrong, in plain words."""
    wrong = 0
    if body := plan.to_body():
        done = await shop.api.post(connection, "webhooks/batch", body, "background")
        wrong = sum(_errors(done.get(name)) for name in ("create", "update"))
    if wrong:
        return _refused(f"It refuses {wrong} of them.")
    return PAUSED if plan.paused else None


def _errors(items: Any) -> int:
    found = items if isinstance(items, list) else []
    return sum(not isinstance(one, dict) or "error" in one for one in found)


def _refused(why: str) -> str:
    return f"The shop does not let us add webhooks, so changes are seen every few minutes. {why}"


# What is known ---------------------------------------------------------------------------


async def heard(shop: WooCommerce, connection: Connection, version: str) -> None:
    """Note that the shop has reached us; hourly, for it is written down and told to consoles."""
    known = _of(connection.details)
    last = int(known.get("heard_at") or 0)
    if last >= max(int(known.get("made_at") or 0), now_ms() - EVERY):
        return

    def note(work: Work) -> None:
        row = connection_row(work, connection.workspace_id, connection.id, lock=True)
        news: dict[str, Any] = {KEPT: {**_of(row.details), "heard_at": work.now}}
        note_details(work, connection, news | ({"wc_version": version} if version else {}))

    try:
        await shop.services.db.write(note)
    except Conflict:
        return  # disconnected or connected anew meanwhile


async def health(shop: WooCommerce, connection: Connection) -> Check:
    """What is known of the webhooks, without asking the shop."""
    return _health(await _known(shop, connection))


def _health(known: dict[str, Any]) -> Check:
    if problem := known.get("problem"):
        return Check(False, str(problem), "webhooks_off")
    made = known.get("made_at")
    if made is not None and int(known.get("heard_at") or 0) < int(made):
        return Check(False, SILENT, "webhooks_off")
    return Check(ok=True, detail="The shop answers.")


async def _known(shop: WooCommerce, connection: Connection) -> dict[str, Any]:
    def read(work: Work) -> dict[str, Any]:
        return _of(connection_row(work, connection.workspace_id, connection.id).details)

    return await shop.services.db.read(read)


async def _note(shop: WooCommerce, connection: Connection, news: dict[str, Any]) -> Heard:
    def note(work: Work) -> dict[str, Any]:
        row = connection_row(work, connection.workspace_id, connection.id, lock=True)
        merged = {**_of(row.details), **news}
        kept = {name: value for name, value in merged.items() if value is not None}
        note_details(work, connection, {KEPT: kept})
        return kept

    return Heard(_health(await shop.services.db.write(note)))


def _of(details: Any) -> dict[str, Any]:
    found = details.get(KEPT)
    return found if isinstance(found, dict) else {}


# Its end ---------------------------------------------------------------------------------


async def take_back(shop: WooCommerce, connection: Connection) -> None:
    """Delete this connection's webhooks at the shop."""
    mine = f"{PATH}/{connection.id}/"
    ids = [
        one["id"]
        async for one in _listed(shop, connection)
        if mine in str(one.get("delivery_url")) and isinstance(one.get("id"), int)
    ]
    if ids:
        await shop.api.post(connection, "webhooks/batch", {"delete": ids}, "background")
