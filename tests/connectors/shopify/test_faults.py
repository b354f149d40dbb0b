"""Whatever goes wrong between a shop and us ends in a retry or a clear state, never wrong.

Each call that a connector makes meets each of the stand-in's faults: first once, then for good.
What it answers is the truth or a HubError; once the shop is well again, it is the truth.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from connectors.shopify import actions, client
from connectors.shopify.settings import SCOPES
from connectors.shopify.standin import CLIENT_ID, CLIENT_SECRET, FAULTS, Shop, Standin
from connectors.testing import faults
from connectors.testing.hubs import RunningHub
from core import kept
from core.audit import operator
from core.connector import (
    CancelWish,
    Connection,
    DiscountTerms,
    Progress,
    RefundWish,
)
from core.errors import HubError
from core.ids import random_text
from core.services import Services
from core.views import OrderDetails
from hub.connecting import connect_shop, open_by_id

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]


@dataclass
class Case:
    """A connected shop with something in it."""

    services: Services
    connector: Any
    connection: Connection
    store: Standin
    shop: Shop
    order: str
    customer: str


LASTING = ("timeout", "cut_before", "503", "401", "404", "malformed_json", "access_denied")
SILENT = ("timeout", "timeout_after", "stalls_in_the_middle")
Call = Callable[[Case], Awaitable[Any]]


async def check(case: Case) -> Any:
    found = await case.connector.check(case.services, case.connection)
    return found if found.ok else HubError(found.detail)


async def live_order(case: Case) -> Any:
    return await case.connector.order(case.services, case.connection, case.order)


async def orders_of(case: Case) -> Any:
    return await case.connector.orders_of(case.services, case.connection, case.customer, 3)


async def preview(case: Case) -> Any:
    wish = RefundWish(case.order, shipping=True)
    return await case.connector.preview_refund(case.services, case.connection, wish)


async def changes(case: Case) -> Any:
    return await done(case.connector.reconcile(case.services, case.connection, "0"))


async def everything(case: Case) -> Any:
    return await done(case.connector.backfill(case.services, case.connection, ""))


async def sweep(case: Case) -> Any:
    return await done(case.connector.sweep(case.services, case.connection))


async def done(steps: AsyncIterator[Progress]) -> int:
    return [one async for one in steps][-1].done


READS: dict[str, Call] = {
    call.__name__: call
    for call in (check, live_order, orders_of, preview, changes, everything, sweep)
}


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long between two tries, and nothing is remembered."""
    monkeypatch.setattr(faults, "SLOW", 0.02)
    monkeypatch.setattr(faults, "HUGE", 20 * 1024 * 1024)
    monkeypatch.setattr(client, "TRIES", {"live": 2, "background": 2})
    monkeypatch.setattr(client, "PATIENCE", {"live": 1.0, "background": 1.0})
    monkeypatch.setattr(client, "FIRST_WAIT", 0.001)
    monkeypatch.setattr(kept, "SECONDS", 0.0)
    monkeypatch.setattr(actions, "PAUSE", 0.0)


@contextmanager
def meeting(case: Case, match: str, fault: str, times: int | None) -> Iterator[None]:
    """The shop fails in this way; a shop that says nothing is waited for only shortly."""
    with pytest.MonkeyPatch.context() as patch:
        if fault in SILENT:
            patch.setattr(client, "WITHIN", {"live": 0.2, "background": 0.2})
        case.store.fail(match, fault, times)
        yield
        case.store.recover()


@pytest.fixture
async def case(hub: RunningHub, store: Standin) -> Case:
    services = hub.hub.services
    workspace = await hub.shop()
    shop = store.shop("kettle")
    shop.install(scopes=(*SCOPES, "write_orders"))
    shop.bucket.size = shop.bucket.rate = 100_000  # hundreds of reads, and nobody waits for points
    shop.add_products(5)
    buyer = shop.add_customer(first_name="Rosa", last_name="Meyer", email="rosa@kettle.example")
    order = shop.add_order(customer=buyer, lines=[{"title": "Tea", "price": "19.99"}], paid=True)
    values = {"shop": shop.domain, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    made = await connect_shop(services, operator(workspace.workspace_id), "shopify", values)
    assert isinstance(made, str)
    connector, connection = await open_by_id(services, workspace.workspace_id, made)
    await hub.hub.schedule.stop()  # nobody else asks the shop
    return Case(
        services,
        connector,
        connection,
        store,
        shop,
        str(order["legacyResourceId"]),
        str(buyer["legacyResourceId"]),
    )


async def read(call: Call, case: Case) -> Any:
    """What a call answers, or its HubError."""
    return await outcome(call(case))


def essence(answer: Any) -> Any:
    """An answer without what a shop that hides personal data keeps back for a while."""
    if isinstance(answer, list):
        return [essence(one) for one in answer]
    if isinstance(answer, OrderDetails):
        return msgspec.structs.replace(answer, status_url="")
    return answer


async def outcome(doing: Awaitable[Any]) -> Any:
    """The answer, or the HubError; anything else fails the test."""
    try:
        return await doing
    except HubError as error:
        assert len(error.message) > 10, repr(error)
        return error


@pytest.mark.parametrize("name", READS)
async def test_every_fault_of_a_read_is_the_truth_or_a_clear_state(case: Case, name: str) -> None:
    call = READS[name]
    truth = essence(await read(call, case))
    assert not isinstance(truth, HubError), truth
    wrong = []
    for fault in FAULTS:
        for times in (1, None) if fault in LASTING or call is live_order else (1,):
            with meeting(case, "*", fault, times):
                answer = essence(await read(call, case))
            if not isinstance(answer, HubError) and answer != truth:
                wrong.append((fault, times, answer))
        after = essence(await read(call, case))
        if after != truth:
            wrong.append((fault, "after it", after))
    assert wrong == []


async def test_X3_every_fault_of_issuing_a_code_leaves_one_code_when_asked_again(
    case: Case,
) -> None:
    wrong = []
    for fault in FAULTS:
        code = f"CHAT-{random_text(8).upper()}"
        wish = (case.services, case.connection, DiscountTerms(code, "Five percent", percent="5"))
        with meeting(case, "discountCodeBasicCreate", fault, 1):
            first = await outcome(case.connector.issue(*wish))
        again = await case.connector.find_code(case.services, case.connection, code)
        again = again or await outcome(case.connector.issue(*wish))
        made = [one for one in case.shop.discounts.nodes.values() if one["_code"] == code]
        if len(made) != 1 or isinstance(again, HubError) or again.code != code:
            wrong.append((fault, first, again, len(made)))
    assert wrong == []


async def test_S10_every_fault_of_a_refund_gives_the_money_back_once(case: Case) -> None:
    wrong = []
    for fault in FAULTS:
        order = case.shop.add_order(lines=[{"title": "Tea", "price": "10.00"}], paid=True)
        reference, ours = str(order["legacyResourceId"]), (case.services, case.connection)
        (line,) = (await case.connector.order(*ours, reference)).lines
        wish = RefundWish(reference, {line.id: 1})
        preview = await case.connector.preview_refund(*ours, wish)
        deed = (*ours, wish, preview.amount, random_text(20))
        with meeting(case, "refundCreate", fault, 1):
            first = await outcome(case.connector.refund(*deed))
        again = await outcome(case.connector.refund(*deed))
        count = len(case.shop.orders.nodes[int(reference)]["refunds"])
        if count != 1 or isinstance(again, HubError):
            wrong.append((fault, first, again, count))
    assert wrong == []


async def test_S10_every_fault_of_a_cancellation_ends_cancelled_when_asked_again(
    case: Case,
) -> None:
    wrong = []
    for fault in FAULTS:
        order = case.shop.add_order(lines=[{"title": "Tea", "price": "10.00"}], paid=True)
        reference = str(order["legacyResourceId"])
        deed = (case.services, case.connection, CancelWish(reference), reference)
        with meeting(case, "orderCancel", fault, 1):
            first = await outcome(case.connector.cancel(*deed))
        again = await outcome(case.connector.cancel(*deed))
        cancelled = case.shop.orders.nodes[int(reference)]["cancelledAt"]
        if isinstance(again, HubError) or not cancelled:
            wrong.append((fault, first, again))
    assert wrong == []


def test_there_are_forty_faults_and_more() -> None:
    assert len(FAULTS) >= 40
