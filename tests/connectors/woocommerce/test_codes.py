"""C5, X1: the shop's own coupons are here, and those of ours that its staff threw away are over."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from connectors.testing.hubs import Agent, RunningHub, Shop
from connectors.testing.patience import until
from connectors.woocommerce import compare, marking, subscriptions
from connectors.woocommerce import sync as syncing
from connectors.woocommerce.code_mapping import is_gone, to_shop_code
from connectors.woocommerce.slim import slim_body
from connectors.woocommerce.standin import WooStore
from connectors.woocommerce.standin.coupons import Coupon
from core import marks
from core.audit import audit_entries
from core.connections import connection_row, note_details
from core.connector import Connection
from core.db import Work
from core.discount_ledger import discounts_of
from core.errors import HubError, Invalid
from core.ids import moment, now_ms
from core.privacy import find_remains
from core.shop_code_views import ShopCodeView
from core.shop_codes import external_ids, shop_codes_of
from core.views import DiscountView
from tests.connectors.woocommerce.connected import (
    TOPICS,
    connected,
    hear,
    hear_all,
    read_all,
)

pytestmark = pytest.mark.anyio
FIXTURES = Path(__file__).parents[3] / "connectors/woocommerce/fixtures"
HOUR = 3600


@pytest.fixture(autouse=True)
def only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is marked is read by the syncs of these tests, not by a job meanwhile."""
    monkeypatch.setattr(marking, "PAUSE", 3_600_000)


@pytest.fixture
async def connection(hub: RunningHub, shop: Shop, store: WooStore) -> Connection:
    return await connected(hub, shop, store)


def captured(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


def subscribe(store: WooStore) -> None:
    """Webhooks that are kept in the stand-in: the tests hand them on as they like."""
    store.webhooks.all.clear()  # the hub's own
    for topic in TOPICS:
        store.webhooks.add(topic, "http://127.0.0.1:9/nowhere", "secret")


async def sent(store: WooStore) -> list[Any]:
    """What the shop has to tell; nobody was there to hear it."""
    for webhook in store.webhooks.all.values():
        webhook.status, webhook.failures = "active", 0
    return await store.tick()


async def codes(
    hub: RunningHub, connection: Connection, begins: str = ""
) -> dict[str, ShopCodeView]:
    """The first of the shop's own codes here, as an agent sees them."""
    views, _ = await hub.hub.db.read(shop_codes_of, connection.workspace_id, begins)
    return {view.code: view for view in views}


async def reconcile(hub: RunningHub, connection: Connection, cursor: str = "") -> Any:
    return (await read_all(hub, connection, cursor or str(now_ms()), "reconcile"))[-1]


# In the words of the hub -----------------------------------------------------------------


def test_every_captured_coupon_is_mapped_to_what_it_is() -> None:
    found = {node["code"]: to_shop_code(node, "EUR") for node in captured("rest_coupons")}
    said = {code: (one.kind, one.percent, one.amount) for code, one in found.items()}
    assert said["welcome10"] == ("percent", 1000, None)
    assert said["five"] == ("cart", None, 500)
    assert said["beanie3"] == ("product", None, 300)
    assert said["freeship"] == ("shipping", None, None)
    assert (found["five"].minimum, found["five"].currency) == (2000, "EUR")
    assert (found["once"].usage_limit, found["once"].personal) == (1, True)
    ended = found["expired"].expires_at
    assert ended is not None and moment(ended).isoformat() == "2026-11-19T04:59:45+00:00"
    assert all(one.active for one in found.values())
    assert {code for code, one in found.items() if one.used} == {"welcome10"}
    assert {one.personal for code, one in found.items() if code != "once"} == {False}
    assert {code for code, one in found.items() if one.restricted} == {"beanie3"}
    assert "cust1@example.com" not in repr(found)


def test_captured_webhooks_show_that_another_amount_moves_no_time() -> None:
    bodies = [base64.b64decode(captured(f"coupon.{one}")["body_base64"]) for one in TOLD]
    made, changed, gone = (json.loads(body) for body in bodies)
    first, second = to_shop_code(made, "EUR"), to_shop_code(changed, "EUR")
    assert (first.external_id, first.amount, second.amount) == ("374", 750, 800)
    assert first.updated_at == second.updated_at
    assert gone == {"id": 374}
    with pytest.raises(Invalid):
        to_shop_code(gone, "EUR")


TOLD = ("created", "updated", "deleted")


@pytest.mark.parametrize("status", ["draft", "pending", "private", "auto-draft", None, 7])
def test_a_coupon_that_is_not_published_is_inactive(status: Any) -> None:
    node = {"id": 5, "code": "soon", "status": status, "date_created_gmt": "2026-01-01T00:00:00"}
    found = to_shop_code(node, "EUR")
    assert (found.active, found.starts_at) == (False, None)
    assert not is_gone(node) and is_gone({**node, "status": "trash"})


def test_a_coupon_for_a_day_to_come_says_when_it_begins() -> None:
    node = {"id": 5, "code": "xmas", "status": "future", "date_created_gmt": "2026-12-24T00:00:00"}
    found = to_shop_code(node, "EUR")
    assert found.active and found.starts_at is not None
    assert moment(found.starts_at).isoformat() == "2026-12-24T00:00:00+00:00"


@pytest.mark.parametrize(
    "odd",
    [
        {"amount": "lots"},
        {"amount": "1e99"},
        {"amount": None, "minimum_amount": []},
        {"amount": "-5", "discount_type": "percent"},
        {"amount": "NaN", "discount_type": "percent"},
        {"amount": "Infinity", "discount_type": "percent"},
        {"amount": "101", "discount_type": "percent"},
        {"usage_limit": 10**30, "usage_count": -1},
        {"usage_limit": "5", "usage_count": True},
        {"date_expires_gmt": "never", "date_modified_gmt": 5},
        {"discount_type": {"x": 1}, "status": ["publish"], "email_restrictions": "x"},
        {"description": "<script>x</script>" + "y" * 9_000},
    ],
)
async def test_O6_a_coupon_of_nonsense_is_kept_as_far_as_it_makes_sense(
    hub: RunningHub, connection: Connection, odd: dict[str, Any]
) -> None:
    node = {"id": 5, "code": "odd", "status": "publish", "discount_type": "fixed_cart", **odd}
    await hear(hub, connection, "coupon.updated", json.dumps(node).encode())
    view = (await codes(hub, connection))["odd"]
    assert (view.percent, view.amount, view.used) == ("", None, 0) or "amount" not in odd
    assert len(view.title) <= 500


def test_of_a_percentage_with_many_digits_two_stay() -> None:
    node = {"id": 5, "code": "x", "amount": "33.333333", "discount_type": "percent"}
    assert to_shop_code(node, None).percent == 3333


# Everything ------------------------------------------------------------------------------


async def test_C5_a_full_sync_brings_the_shops_coupons(
    hub: RunningHub, store: WooStore, connection: Connection
) -> None:
    store.add_coupon("welcome10", "10", "percent", description="For everyone")
    store.add_coupon("anna", "5", email_restrictions=["anna.canary@example.com"])
    for one in range(240):
        store.add_coupon(f"many-{one:03}", "5")
    await read_all(hub, connection)
    assert store.counts()["GET coupons"] == 3
    ten = (await codes(hub, connection, "welcome"))["welcome10"]
    assert (ten.percent, ten.title, ten.store) == ("10", "For everyone", "Kettle")
    assert (await codes(hub, connection, "anna"))["anna"].personal
    words = ["anna.canary@example.com", "canary"]
    assert await hub.hub.db.read(find_remains, connection.workspace_id, words) == []
    assert (await read_all(hub, connection))[-1].changed == 0


async def test_requests_are_counted_with_more_coupons_than_there_is_room_for(
    hub: RunningHub, store: WooStore, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syncing, "REQUESTS", 4)  # as if a large catalog had used up the others
    monkeypatch.setattr(compare, "COUPONS_EVERY", 3_600_000)
    store.clock.advance(-HOUR)
    for one in range(240):
        store.add_coupon(f"many-{one:03}", "5")
    store.clock.advance(HOUR)
    cursor = str(now_ms())
    await read_all(hub, connection)
    assert store.counts()["GET coupons"] == 1
    drift = 0
    for _ in range(4):  # a page a check, and then no more
        step = await reconcile(hub, connection, cursor)
        cursor, drift = step.cursor, drift + step.drift
    assert len(await _ids(hub, connection)) == 240
    assert drift == 0
    assert store.counts()["GET coupons"] == 1 + 1 + 3  # the full sync's, what changed, the rest


async def _ids(hub: RunningHub, connection: Connection) -> list[str]:
    where = (connection.workspace_id, connection.source)
    return [name for name, _ in await hub.hub.db.read(external_ids, *where)]


async def test_an_interrupted_sync_goes_on_among_the_coupons(
    hub: RunningHub, store: WooStore, connection: Connection
) -> None:
    for one in range(150):
        store.add_coupon(f"many-{one:03}", "5")
    place = syncing.to_cursor(syncing.Stage("coupons", last=0, seen=0, pages=3))
    await read_all(hub, connection, place)
    assert len(await _ids(hub, connection)) == 150
    assert store.counts()["GET products"] == 0


# What changed ----------------------------------------------------------------------------


async def test_coupons_are_looked_at_every_half_hour_and_what_nobody_told_is_drift(
    hub: RunningHub, store: WooStore, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await read_all(hub, connection)
    store.clock.advance(-600)  # it happened ten minutes ago
    store.add_coupon("spring", "15", "percent")
    store.clock.advance(600)
    first = await reconcile(hub, connection)
    assert (first.changed, first.drift, first.fixed) == (1, 1, 1)
    assert (await codes(hub, connection))["spring"].percent == "15"
    before = store.counts()["GET coupons"]
    second = await reconcile(hub, connection, first.cursor)
    third = await reconcile(hub, connection, second.cursor)
    assert store.counts()["GET coupons"] == before
    monkeypatch.setattr(compare, "COUPONS_EVERY", 0)
    assert (await reconcile(hub, connection, third.cursor)).drift == 0
    assert store.counts()["GET coupons"] == before + 1
    queries = [str(one.query) for one in store.requests if one.path.endswith("/coupons")]
    assert "modified_after" in queries[-1] and "dates_are_gmt" not in queries[-1]


async def test_a_cursor_of_before_there_were_coupons_brings_them_all(
    hub: RunningHub, store: WooStore, connection: Connection
) -> None:
    store.clock.advance(-48 * HOUR)
    store.add_coupon("spring", "15", "percent")
    store.clock.advance(48 * HOUR)
    now = now_ms()
    old = json.dumps({"orders": now, "products": now, "newcomers": now, "last": -1})
    step = await reconcile(hub, connection, old)
    assert list(await codes(hub, connection)) == ["spring"]
    assert step.drift == 0


async def test_a_use_is_seen_at_the_next_check_and_is_no_drift(
    hub: RunningHub, store: WooStore, connection: Connection
) -> None:
    subscribe(store)
    store.add_coupon("ten", "10", "percent", usage_limit=50)
    await read_all(hub, connection)
    cursor = (await reconcile(hub, connection)).cursor
    await sent(store)
    mug = store.add_product("Mug", "20")
    store.checkout([(mug, 1)], email="guest@example.net", coupons=["ten"])
    told = [one for one in await sent(store) if one.topic.startswith("order")]
    await hear_all(hub, connection, told)
    assert (await codes(hub, connection))["ten"].used == 0
    step = await reconcile(hub, connection, cursor)
    view = (await codes(hub, connection))["ten"]
    assert (view.used, view.usage_limit, step.drift) == (1, 50, 0)


# At night --------------------------------------------------------------------------------


async def test_the_night_finds_what_left_no_time_and_what_was_deleted_for_good(
    hub: RunningHub, store: WooStore, connection: Connection
) -> None:
    store.clock.advance(-HOUR)
    kept, other, gone, trashed, draft = (
        store.add_coupon(code, "5") for code in ("kept", "other", "gone", "trashed", "draft")
    )
    store.clock.advance(HOUR)
    await read_all(hub, connection)
    store.edit_coupon(kept, amount="7")
    store.delete_coupon(gone)
    store.trash_coupon(trashed)
    store.edit_coupon(draft, status="draft")
    other.used_by.append("guest@example.net")
    step = (await read_all(hub, connection, way="sweep"))[-1]
    found = await codes(hub, connection)
    assert set(found) == {"kept", "other", "draft"}
    assert found["kept"].amount is not None and found["kept"].amount.text == "7.00"
    assert (found["draft"].state, found["other"].used) == ("off", 1)
    assert (step.changed, step.drift, step.fixed) == (4, 4, 4)  # a use is none
    again = (await read_all(hub, connection, way="sweep"))[-1]
    assert (again.changed, again.drift) == (0, 0)


async def test_a_draft_costs_a_request_of_its_own_once_a_week(
    hub: RunningHub, store: WooStore, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    coupon = store.add_coupon("soon", "5", status="draft")
    body = json.dumps({"id": coupon.id, "code": "soon", "status": "draft"}).encode()
    await hear(hub, connection, "coupon.created", body)
    await _a_week(hub, connection, monkeypatch)
    asked = [one for one in store.requests if one.path.endswith(f"/coupons/{coupon.id}")]
    assert len(asked) == 1
    store.delete_coupon(coupon)
    await _a_week(hub, connection, monkeypatch)
    assert await codes(hub, connection) == {}


async def _a_week(hub: RunningHub, connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    for night in range(compare.NIGHTS):
        moved = now_ms() + night * 86_400_000
        monkeypatch.setattr(compare, "now_ms", lambda moved=moved: moved)
        await read_all(hub, connection, way="sweep")


async def test_no_code_goes_because_it_is_not_on_a_list(
    hub: RunningHub, store: WooStore, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add_coupon("kept", "5")
    await read_all(hub, connection)
    monkeypatch.setitem(syncing.COUPONS, "search", "nothing")  # a plugin filters lists
    assert (await read_all(hub, connection, way="sweep"))[-1].changed == 0
    assert set(await codes(hub, connection)) == {"kept"}


# Webhooks --------------------------------------------------------------------------------


async def test_C5_a_coupon_told_of_is_here_and_in_the_trash_it_is_not(
    hub: RunningHub, store: WooStore, connection: Connection
) -> None:
    cursor = await quiet(hub, connection)
    subscribe(store)
    coupon = store.add_coupon("spring", "15", "percent")
    first = await sent(store)
    await hear_all(hub, connection, first)
    assert set(await codes(hub, connection)) == {"spring"}
    store.trash_coupon(coupon)
    await hear_all(hub, connection, await sent(store))
    assert await codes(hub, connection) == {}
    await hear_all(hub, connection, first)  # late: asked for, and not believed
    assert await codes(hub, connection) == {}
    cursor = (await reconcile(hub, connection, cursor)).cursor
    assert await codes(hub, connection) == {}
    store.restore_coupon(coupon)
    told = [one for one in await sent(store) if one.topic == "coupon.restored"]
    await hear_all(hub, connection, told)
    await reconcile(hub, connection, cursor)
    assert set(await codes(hub, connection)) == {"spring"}


async def quiet(hub: RunningHub, connection: Connection) -> str:
    """The cursor of a check after which the next ones read only what is marked of coupons."""
    return str((await reconcile(hub, connection)).cursor)


async def test_two_amounts_of_one_time_end_as_the_shop_has_it(
    hub: RunningHub, store: WooStore, connection: Connection
) -> None:
    cursor = await quiet(hub, connection)
    subscribe(store)
    coupon = store.add_coupon("spring", "7.50")
    first = await sent(store)
    store.edit_coupon(coupon, amount="8")
    second = await sent(store)
    await hear_all(hub, connection, [*second, *first])
    await reconcile(hub, connection, cursor)
    found = (await codes(hub, connection))["spring"].amount
    assert found is not None and found.minor == 800


async def test_O6_of_a_webhook_no_address_is_kept(
    hub: RunningHub, store: WooStore, connection: Connection
) -> None:
    subscribe(store)
    store.add_coupon("anna", "5", email_restrictions=["anna@example.com"])
    (told,) = await sent(store)
    kept = json.loads(slim_body(told.topic, told.body))
    assert kept["email_restrictions"] == ["set"] and "used_by" not in kept
    await hear_all(hub, connection, [told])
    assert (await codes(hub, connection))["anna"].personal


async def test_what_the_webhooks_did_not_tell_is_looked_for_when_they_are_on_again(
    hub: RunningHub, store: WooStore, connection: Connection
) -> None:
    coupon = store.add_coupon("spring", "5")
    await read_all(hub, connection)
    cursor = (await reconcile(hub, connection)).cursor
    store.delete_coupon(coupon)
    for webhook in store.webhooks.all.values():
        webhook.status = "disabled"
    await _looked_long_ago(hub, connection)
    await reconcile(hub, connection, cursor)
    assert await codes(hub, connection) == {}


async def _looked_long_ago(hub: RunningHub, connection: Connection) -> None:
    def age(work: Work) -> None:
        row = connection_row(work, connection.workspace_id, connection.id)
        known = {**row.details[subscriptions.KEPT], "looked_at": work.now - 2 * HOUR * 1000}
        note_details(work, connection, {subscriptions.KEPT: known})

    await hub.hub.db.write(age)


# Codes of ours ---------------------------------------------------------------------------


@pytest.fixture
async def agent(shop: Shop) -> Agent:
    return await shop.agent()


@pytest.fixture
async def issued(
    hub: RunningHub, shop: Shop, agent: Agent, store: WooStore, connection: Connection
) -> Coupon:
    """A code of ours, as the shop has it."""
    visitor = await shop.visitor()
    async with visitor.socket() as widget:
        await widget.say("Is there a discount?", "talk-0001")
    body = {"id": "offer-0001", "conversation": "talk-0001", "percent": "10"}
    answer = await agent.request("POST", "/console/api/discounts", body)
    assert answer.json()["state"] == "issued", answer.text
    coupon = store.coupons.by_code(answer.json()["code"])
    assert coupon is not None
    return coupon


async def ledger(hub: RunningHub, connection: Connection) -> DiscountView:
    (row,), _ = await hub.hub.db.read(discounts_of, connection.workspace_id)
    return row


async def test_X3_a_code_of_ours_is_in_the_ledger_and_not_among_the_shops_own(
    hub: RunningHub, store: WooStore, connection: Connection, issued: Coupon
) -> None:
    subscribe(store)
    store.add_coupon("theirs", "5")
    await read_all(hub, connection)
    assert set(await codes(hub, connection)) == {"theirs"}
    store.edit_coupon(issued, code="renamed")  # by the staff
    await hear_all(hub, connection, await sent(store))
    await reconcile(hub, connection)
    assert set(await codes(hub, connection)) == {"theirs"}


@pytest.mark.parametrize("how", ["trash_coupon", "delete_coupon"])
@pytest.mark.parametrize("read_before", [True, False])
async def test_X3_a_code_of_ours_that_was_thrown_away_is_revoked_by_the_shop(
    hub: RunningHub,
    store: WooStore,
    connection: Connection,
    issued: Coupon,
    how: str,
    read_before: bool,
) -> None:
    if read_before:
        await read_all(hub, connection)
    getattr(store, how)(issued)
    step = (await read_all(hub, connection, way="sweep"))[-1]
    assert (await ledger(hub, connection)).state == "revoked"
    assert (step.changed, step.drift) == (1, 1)
    entries = await hub.hub.db.read(audit_entries, connection.workspace_id)
    (entry,) = [one for one in entries if one.action == "discount.revoked"]
    assert (entry.actor_kind, entry.actor_name, entry.target) == ("shop", "Kettle", "offer-0001")


async def test_X3_the_webhook_of_a_deletion_names_only_our_reference(
    hub: RunningHub,
    store: WooStore,
    connection: Connection,
    issued: Coupon,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(marking, "PAUSE", 0)
    store.trash_coupon(issued)
    body = json.dumps({"id": issued.id}).encode()
    await hear(hub, connection, "coupon.deleted", body)

    async def revoked() -> bool:
        return (await ledger(hub, connection)).state == "revoked"

    await until(revoked, 20)


async def test_X3_a_code_of_ours_that_is_back_from_the_trash_stays_issued(
    hub: RunningHub, store: WooStore, connection: Connection, issued: Coupon
) -> None:
    subscribe(store)
    store.trash_coupon(issued)
    told = await sent(store)
    store.restore_coupon(issued)
    await hear_all(hub, connection, told)  # late
    await reconcile(hub, connection)
    assert (await ledger(hub, connection)).state == "issued"


async def test_X3_a_shop_that_answers_nonsense_revokes_nothing(
    hub: RunningHub, store: WooStore, connection: Connection, issued: Coupon
) -> None:
    for fault in ("503", "truncated_json"):
        store.fail("GET coupons", fault)
        await hear(hub, connection, "coupon.deleted", json.dumps({"id": issued.id}).encode())
        with suppress(HubError):
            await reconcile(hub, connection)
        store.recover()
    assert (await ledger(hub, connection)).state == "issued"


async def test_X3_an_order_redeems_a_code_the_staff_threw_away(
    hub: RunningHub, store: WooStore, connection: Connection, issued: Coupon
) -> None:
    subscribe(store)
    mug = store.add_product("Mug", "200")
    store.checkout([(mug, 1)], email="guest@example.net", coupons=[issued.code])
    told = [one for one in await sent(store) if one.topic.startswith("order")]
    store.trash_coupon(issued)
    await read_all(hub, connection, way="sweep")
    assert (await ledger(hub, connection)).state == "revoked"
    await hear_all(hub, connection, told)
    assert (await ledger(hub, connection)).state == "redeemed"


async def test_T1_another_shop_cannot_revoke_our_code(
    hub: RunningHub, shop: Shop, store: WooStore, connection: Connection, issued: Coupon
) -> None:
    async with WooStore() as elsewhere:
        other = await connected(hub, shop, elsewhere)
        await hear(hub, other, "coupon.deleted", json.dumps({"id": issued.id}).encode())
        await reconcile(hub, other)
        assert await hub.hub.db.read(marks.waiting, other) == 0
    assert (await ledger(hub, connection)).state == "issued"
