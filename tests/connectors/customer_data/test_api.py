"""The Customer-Data API, one promise (D3–D13, I9, I10, C3) at a time."""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.customer_data import routes
from core import products
from core.events import ProductsChanged, RecordChanged, RecordRemoved
from core.workspaces import create_workspace
from tests.connectors.customer_data.conftest import Api

FIXTURES = Path(routes.__file__).parent / "fixtures"
DEPOSIT = {
    "kind": "deposit",
    "reference": "DEP-77",
    "amount": 50,
    "currency": "USD",
    "status": "completed",
}


def order(reference: Any = "380", **said: Any) -> dict[str, Any]:
    return {"kind": "order", "reference": reference, **said}


# Identify ----------------------------------------------------------------------------------


async def test_D3_D4_the_references_own_example_makes_a_customer(api: Api) -> None:
    reply = await api.identify(
        "cust_42",
        name="Jordan Lee",
        email="jordan@example.com",
        username="jlee",
        avatar_url="https://cdn.you.com/u/42.png",
        phone="+44 7700 900123",
        address="12 King St, London",
        attributes={"vip_tier": "Gold", "lifetime_spend": "2480"},
    )
    customer = await api.customer("cust_42")
    assert reply.status == 200
    assert reply.body == {"id": customer.id, "external_id": "cust_42", "status": "created"}
    assert {name: fact["value"] for name, fact in customer.attributes.items()} == {
        "vip_tier": "Gold",
        "lifetime_spend": "2480",
    }
    assert customer.profile["address"]["value"] == "12 King St, London"


async def test_D3_everything_but_the_external_id_is_optional(api: Api) -> None:
    assert (await api.identify("42")).body["status"] == "created"
    assert (await api.identify(42)).body["status"] == "unchanged"  # PHP and JavaScript differ
    assert (await api.identify("42", name="Jo")).body["status"] == "updated"


async def test_D5_attributes_merge_null_removes_and_numbers_become_their_text(api: Api) -> None:
    await api.identify(attributes={"tier": "Gold", "plan": "Pro"})
    body = (
        b'{"external_id":"42","attributes":{"plan":null,"ltv":2480.10,"vip":true,"visits":17,'
        b'"big":12345678901234.123}}'
    )
    assert (await api.call("POST", "identify", body)).status == 200
    customer = await api.customer()
    assert {name: fact["value"] for name, fact in customer.attributes.items()} == {
        "tier": "Gold",
        "ltv": "2480.10",
        "vip": "true",
        "visits": "17",
        "big": "12345678901234.123",
    }


async def test_D5_an_empty_array_is_how_php_writes_no_attributes(api: Api) -> None:
    assert (await api.identify(attributes=[])).status == 200
    assert (await api.identify(attributes=["Gold"])).error["field"] == "attributes"


WRONG_PROFILES = [
    ({"name": {"first": "Jo"}}, "name"),
    ({"email": ["a@example.com"]}, "email"),
    ({"name": True}, "name"),
    ({"avatar_url": "javascript:alert(1)"}, "avatar_url"),
    ({"attributes": {"tier": {"name": "Gold"}}}, "attributes.tier"),
    ({"attributes": {"tier": ["Gold"]}}, "attributes.tier"),
    ({"attributes": "Gold"}, "attributes"),
    ({"external_id": "x" * 256}, "external_id"),
    ({"external_id": 4.2}, "external_id"),
    ({"external_id": {"$ne": 1}}, "external_id"),
]


async def test_D13_a_wrong_profile_is_refused_by_the_name_of_its_field(api: Api) -> None:
    for said, field in WRONG_PROFILES:
        reply = await api.call("POST", "identify", {"external_id": "42", **said})
        assert (reply.status, reply.error["field"]) == (422, field), said
        assert field.partition(".")[0] in reply.error["message"]


async def test_D13_a_missing_external_id_is_said_so(api: Api) -> None:
    for path, body in (("identify", {}), ("records", {"records": [order()]})):
        reply = await api.call("POST", path, body)
        assert (reply.status, reply.error["field"]) == (422, "external_id")


GUESTS = ["", "0", 0, "null", "undefined", "guest", "anonymous", "-1", -1, " GUEST ", None]


async def test_I9_a_guests_id_makes_no_customer_and_owns_no_record(api: Api) -> None:
    for number, guest in enumerate(GUESTS):
        reply = await api.identify(guest, name="Everyone")
        assert (reply.status, reply.error["field"]) == (422, "external_id"), guest
        assert (await api.records(order(number), of=guest)).outcomes == ["created"], guest
        assert await api.customer(str(guest)) is None
    assert [type(event) for event in api.heard] == [RecordChanged] * len(GUESTS)
    assert {event.customer for event in api.heard} == {None}


async def test_I10_the_same_id_from_another_source_is_another_customer(api: Api) -> None:
    await api.identify(name="Anna")
    other = await api.db.write(
        lambda work: products_of_another_source(work, api.workspace_id)  # a shop's connector
    )
    assert (await api.customer()).id != other
    await api.records(order())
    assert len(await api.timeline()) == 1


def products_of_another_source(work: Any, workspace_id: str) -> str:
    from core.customers import CustomerDraft, save_customer

    row, _ = save_customer(work, workspace_id, "shopify", CustomerDraft("42", {"name": "Ben"}))
    return row.id


# Records -----------------------------------------------------------------------------------


async def test_D6_the_references_own_example_fills_the_timeline(api: Api) -> None:
    withdrawal = {
        "kind": "withdrawal",
        "reference": "WD-9",
        "amount": 20,
        "currency": "USD",
        "status": "pending",
    }
    reply = await api.records(DEPOSIT, withdrawal, of="cust_42")
    assert reply.status == 200
    timeline = {record.reference: record for record in await api.timeline("cust_42")}
    assert reply.body == {
        "accepted": 2,
        "rejected": 0,
        "results": [
            {
                "index": 0,
                "status": "created",
                "id": timeline["DEP-77"].id,
                "reference": "DEP-77",
            },
            {"index": 1, "status": "created", "id": timeline["WD-9"].id, "reference": "WD-9"},
        ],
    }
    assert (timeline["DEP-77"].amount.text, timeline["DEP-77"].tone) == ("50.00", "positive")
    assert (timeline["WD-9"].amount.text, timeline["WD-9"].tone) == ("20.00", "warning")


@pytest.mark.parametrize("kind", ["order", "deposit", "withdrawal", "payment", "custom"])
async def test_D6_every_kind_is_taken(api: Api, kind: str) -> None:
    assert (await api.records({"kind": kind, "reference": "1"})).outcomes == ["created"]


async def test_D7_posting_again_updates_and_older_never_wins(api: Api) -> None:
    first = order(status="pending", updated_at="2026-01-01T10:00:00Z", title="Order #380")
    assert (await api.records(first)).outcomes == ["created"]
    assert (await api.records(first)).outcomes == ["unchanged"]
    paid = order(status="paid", updated_at="2026-01-01T12:00:00+01:00")
    assert (await api.records(paid)).outcomes == ["updated"]
    assert (await api.records(first)).outcomes == ["older"]
    (record,) = await api.timeline()
    assert (record.status, record.title) == ("paid", "Order #380")


async def test_D7_the_same_record_twice_in_one_request_the_later_wins(api: Api) -> None:
    reply = await api.records(order(status="pending"), order(status="paid"))
    assert reply.outcomes == ["created", "updated"]
    assert reply.body["results"][0]["id"] == reply.body["results"][1]["id"]
    assert [record.status for record in await api.timeline()] == ["paid"]


AMOUNTS = [
    ('"amount":19.99,"currency":"EUR"', "19.99"),
    ('"amount":19.989999999999998,"currency":"EUR"', "19.99"),
    ('"amount":"19.99","currency":"eur"', "19.99"),
    ('"amount_cents":1999,"currency":"EUR"', "19.99"),
    ('"amount_cents":"1999","currency":"EUR"', "19.99"),
    ('"amount_cents":1999.0,"currency":"EUR"', "19.99"),
    ('"amount":19.99,"amount_cents":1999,"currency":"EUR"', "19.99"),
    ('"amount":1500,"currency":"JPY"', "1500"),
    ('"amount_cents":1500,"currency":"JPY"', "1500"),
    ('"amount":1.234,"currency":"KWD"', "1.234"),
    ('"amount_cents":1234,"currency":"KWD"', "1.234"),
    ('"amount":0,"currency":"EUR"', "0.00"),
    ('"amount":-5,"currency":"EUR"', "-5.00"),
    ('"amount":0.1,"currency":"EUR"', "0.10"),
    ('"amount":90071992547409.92,"currency":"EUR"', "90071992547409.92"),
]


async def test_D8_amounts_are_exact_in_the_currencys_own_digits(api: Api) -> None:
    for amount, text in AMOUNTS:
        body = '{"external_id":"42","records":[{"kind":"order","reference":"1",%s}]}' % amount  # noqa: UP031
        assert (await api.call("POST", "records", body.encode())).status == 200
        (record,) = await api.timeline()
        assert record.amount is not None
        assert record.amount.text == text


WRONG_RECORDS = [
    ('"amount":19.99,"amount_cents":1998,"currency":"EUR"', "amount_cents"),
    ('"amount":19.99,"amount_cents":1999,"currency":"JPY"', "amount_cents"),
    ('"amount_cents":19.5,"currency":"EUR"', "amount_cents"),
    ('"amount_cents":1e400,"currency":"EUR"', "amount_cents"),
    ('"amount_cents":"NaN","currency":"EUR"', "amount_cents"),
    ('"amount":19.99', "currency"),
    ('"amount_cents":1999,"currency":null', "currency"),
    ('"amount":19.99,"currency":"EURO"', "currency"),
    ('"amount":19.99,"currency":""', "currency"),
    ('"amount":19.99,"currency":7', "currency"),
    ('"currency":"XXX"', "currency"),
    ('"amount":"NaN","currency":"EUR"', "amount"),
    ('"amount":"Infinity","currency":"EUR"', "amount"),
    ('"amount":"ten","currency":"EUR"', "amount"),
    ('"amount":"","currency":"EUR"', "amount"),
    ('"amount":true,"currency":"EUR"', "amount"),
    ('"amount":[1],"currency":"EUR"', "amount"),
    ('"amount":1e400,"currency":"EUR"', "amount"),
    ('"amount":90071992547409.93,"currency":"EUR"', "amount"),
    ('"occurred_at":"yesterday"', "occurred_at"),
    ('"occurred_at":1700000000', "occurred_at"),
    ('"occurred_at":"2026-02-30"', "occurred_at"),
    ('"occurred_at":"0001-01-01T00:00:00+14:00"', "occurred_at"),
    ('"occurred_at":"9999-12-31T23:59:59-14:00"', "occurred_at"),
    ('"updated_at":"2199-01-01"', "updated_at"),
    ('"status":{"name":"paid"}', "status"),
    ('"url":"javascript:alert(1)"', "url"),
    ('"url":"//evil.example"', "url"),
    ('"url":"data:text/html,x"', "url"),
    ('"title":["a"]', "title"),
    ('"kind":"invoice"', "kind"),
    ('"kind":null', "kind"),
    ('"reference":""', "reference"),
    ('"reference":null', "reference"),
]


async def test_D8_D12_D13_a_wrong_record_is_refused_by_the_name_of_its_field(api: Api) -> None:
    for said, field in WRONG_RECORDS:
        body = '{"external_id":"42","records":[{"kind":"order","reference":"1",%s}]}' % said  # noqa: UP031
        reply = await api.call("POST", "records", body.encode())
        assert (reply.status, reply.outcomes) == (422, ["rejected"]), said
        assert reply.body["results"][0]["error"]["field"] == field, said
        assert (reply.error["code"], reply.error["index"]) == ("invalid", 0)
        assert reply.error["field"] == f"records[0].{field}"
    assert await api.customer() is None
    assert api.heard == []


TIMES = [
    ("2026-01-12", datetime(2026, 1, 12, tzinfo=UTC)),
    ("2026-01-12T10:30:00Z", datetime(2026, 1, 12, 10, 30, tzinfo=UTC)),
    ("2026-01-12T10:30:00+02:00", datetime(2026, 1, 12, 8, 30, tzinfo=UTC)),
    ("2026-01-12T10:30:00.123Z", datetime(2026, 1, 12, 10, 30, 0, 123000, tzinfo=UTC)),
    ("2026-01-12 10:30:00", datetime(2026, 1, 12, 10, 30, tzinfo=UTC)),
]


async def test_D8_occurred_at_is_an_iso_date(api: Api) -> None:
    for number, (given, meant) in enumerate(TIMES):
        await api.records(order(number, occurred_at=given), of=f"c{number}")
        assert (await api.timeline(f"c{number}"))[0].occurred_at == meant


async def test_D8_occurred_at_is_now_if_it_was_never_given(api: Api) -> None:
    await api.records(order())
    (record,) = await api.timeline()
    assert abs(datetime.now(UTC) - record.occurred_at) < timedelta(minutes=1)


async def test_D7_a_clock_that_is_a_little_fast_is_believed_and_a_wrong_one_refused(
    api: Api,
) -> None:
    now = datetime.now(UTC)
    soon = (now + timedelta(hours=23)).isoformat()
    later = (now + timedelta(hours=25)).isoformat()
    assert (await api.records(order(updated_at=soon))).outcomes == ["created"]
    assert (await api.records(order(updated_at=later))).outcomes == ["rejected"]


async def test_D9_a_status_is_free_text_with_a_colour(api: Api) -> None:
    statuses = {"paid": "positive", "on-hold": "warning", "refunded": "negative", "zzz": "neutral"}
    await api.records(*(order(status, status=status) for status in statuses))
    assert {record.status: record.tone for record in await api.timeline()} == statuses


async def test_D12_a_deep_link_is_kept(api: Api) -> None:
    url = "https://shop.example/wp-admin/post.php?post=380&action=edit#notes"
    await api.records(order(url=url))
    assert (await api.timeline())[0].url == url


async def test_D13_one_bad_item_does_not_spoil_the_others(api: Api) -> None:
    reply = await api.records(order("1"), order("2", kind="x"), 7, {}, order("3"))
    assert reply.status == 207
    assert reply.outcomes == ["created", "rejected", "rejected", "rejected", "created"]
    assert (reply.body["accepted"], reply.body["rejected"]) == (2, 3)
    assert [result["index"] for result in reply.body["results"]] == [0, 1, 2, 3, 4]
    assert reply.body["results"][1]["error"] == {
        "code": "invalid",
        "message": "kind must be one of custom, deposit, order, payment, withdrawal.",
        "field": "kind",
    }
    assert "error" not in reply.body
    assert len(await api.timeline()) == 2


@pytest.mark.parametrize("path", ["records", "products"])
async def test_D13_none_and_too_many_are_refused(api: Api, path: str) -> None:
    for body, status in (
        ({path: []}, 422),
        ({path: {}}, 422),
        ({path: None}, 422),
        ({}, 422),
        ({path: [{}] * 1001}, 413),
    ):
        reply = await api.call("POST", path, {"external_id": "42", **body})
        assert (reply.status, reply.error["field"]) == (status, path)


async def test_an_operator_can_take_fewer_at_once(api: Api) -> None:
    small = Api(api.db, api.workspace_id, items=2)
    assert (await small.records(*(order(n) for n in range(3)))).status == 413
    assert (await small.records(*(order(n) for n in range(2)))).status == 200


@pytest.mark.parametrize("path", ["identify", "records", "products"])
async def test_N1_what_is_not_sound_json_is_malformed(api: Api, path: str) -> None:
    for body in (b"", b"{", b"kind=order", b'{"external_id":"\xff"}', b'{"external_id":NaN}'):
        assert (await api.call("POST", path, body)).status == 400


async def test_V3_fields_that_are_not_the_senders_take_no_effect(api: Api) -> None:
    other = (await api.db.write(create_workspace, "Coffee shop")).id
    extra = {"workspace_id": other, "id": "rec_chosen", "source": "shopify", "verified": True}
    assert (await api.identify(name="Jo", **extra)).status == 200
    reply = await api.call(
        "POST", "records", {"external_id": "42", "records": [order(**extra)], **extra}
    )
    assert reply.status == 200
    (record,) = await api.timeline()
    assert record.id != "rec_chosen"
    assert record.source == "customer_data"
    assert await Api(api.db, other).timeline() == []


async def test_O1_every_change_is_told_with_the_record_and_its_customer(api: Api) -> None:
    await api.records(DEPOSIT, DEPOSIT, order())
    changed = [event for event in api.heard if isinstance(event, RecordChanged)]
    assert [event.record.reference for event in changed] == ["DEP-77", "380"]
    assert {event.customer for event in changed} == {(await api.customer()).id}


# What WordPress really sent (C3) -------------------------------------------------------------


def captured(name: str) -> list[bytes]:
    capture = json.loads((FIXTURES / f"snippet_{name}.json").read_text())
    return [base64.b64decode(request["body_base64"]) for request in capture["requests"]]


async def test_C3_each_order_of_the_snippet_is_on_the_customers_timeline(api: Api) -> None:
    for body in captured("customer_statuses"):
        assert (await api.call("POST", "records", body)).status == 200
    (record,) = await api.timeline("2")
    assert (record.reference, record.title, record.amount.text) == ("380", "Order #380", "96.64")
    from core.records import history

    steps = await api.db.read(history, api.workspace_id, record.id)
    sent = [json.loads(body)["records"][0]["status"] for body in captured("customer_statuses")]
    assert [step.after for step in steps] == sent


@pytest.mark.parametrize(
    ("name", "reference", "text", "tone"),
    [
        ("full_refund", "382", "48.32", "negative"),
        ("created_directly_processing", "382", "48.32", "warning"),
        ("amount_jpy", "390", "1500", "warning"),
    ],
)
async def test_C3_amounts_and_states_are_those_of_the_shop(
    api: Api, name: str, reference: str, text: str, tone: str
) -> None:
    for body in captured(name):
        assert (await api.call("POST", "records", body)).status == 200
    (record,) = await api.timeline("2")
    assert (record.reference, record.amount.text, record.tone) == (reference, text, tone)


async def test_C3_guests_orders_are_kept_and_never_merged_into_one_customer(api: Api) -> None:
    for body in [*captured("guest"), *captured("checkout_guest")]:
        assert (await api.call("POST", "records", body)).status == 200
    assert await api.customer("0") is None
    assert await api.timeline("0") == []
    told = [event for event in api.heard if isinstance(event, RecordChanged)]
    assert [(event.customer, event.record.reference) for event in told] == [
        (None, "383"),
        (None, "391"),
        (None, "391"),
    ]


# Removing ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ({"kind": "order", "reference": "380"}, None),
        ({}, {"kind": "order", "reference": "380"}),
        ({}, {"kind": "order", "reference": 380}),
        ({"kind": "order"}, {"reference": "380"}),
        ({"kind": "order", "reference": "380"}, {"kind": "order", "reference": "380"}),
    ],
)
async def test_D10_a_record_is_removed_by_query_or_body(
    api: Api, query: dict[str, str], body: Any
) -> None:
    await api.records(order(), order("381"))
    reply = await api.call("DELETE", "records", body, **query)
    assert reply.status == 200
    assert reply.body == {"kind": "order", "reference": "380", "status": "removed"}
    assert [record.reference for record in await api.timeline()] == ["381"]
    assert isinstance(api.heard[-1], RecordRemoved)
    assert (await api.call("DELETE", "records", body, **query)).status == 404


@pytest.mark.parametrize(
    ("query", "body", "status", "field"),
    [
        ({}, None, 422, "kind"),
        ({"kind": "order"}, None, 422, "reference"),
        ({"kind": "order", "reference": "1"}, {"reference": "2"}, 422, "reference"),
        ({"kind": "order", "reference": "1"}, {"kind": "payment"}, 422, "kind"),
        ({"kind": "invoice", "reference": "1"}, None, 422, "kind"),
        ({"kind": "order", "reference": ""}, None, 422, "reference"),
        ({"kind": "payment", "reference": "380"}, None, 404, None),
        ({"kind": "order", "reference": "380'--"}, None, 404, None),
    ],
)
async def test_D10_what_cannot_be_removed_is_said(
    api: Api, query: dict[str, str], body: Any, status: int, field: str | None
) -> None:
    await api.records(order())
    reply = await api.call("DELETE", "records", body, **query)
    assert (reply.status, reply.error.get("field")) == (status, field)
    assert len(await api.timeline()) == 1


# Products ------------------------------------------------------------------------------------


async def test_D11_the_references_own_example_is_found_as_a_card(api: Api) -> None:
    reply = await api.products(
        {
            "external_id": "sku1",
            "title": "Pro Plan",
            "price": 199,
            "currency": "USD",
            "url": "https://you.com/pro",
            "image_url": "https://you.com/pro.png",
        }
    )
    assert (reply.status, reply.outcomes) == (200, ["created"])
    assert reply.body["results"][0]["external_id"] == "sku1"
    (found,) = await api.db.read(products.search_products, api.workspace_id, "pro pl")
    card = products.card(found)
    assert (card.title, card.price.text, card.url) == ("Pro Plan", "199.00", "https://you.com/pro")
    assert card.id == reply.body["results"][0]["id"]
    assert api.heard == [ProductsChanged(source="customer_data", ids=(card.id,))]


WRONG_PRODUCTS = [
    ({"external_id": ""}, "external_id"),
    ({"external_id": None}, "external_id"),
    ({"title": ""}, "title"),
    ({"title": "x" * 501}, "title"),
    ({"price": 1}, "currency"),
    ({"price": "free", "currency": "EUR"}, "price"),
    ({"price": True, "currency": "EUR"}, "price"),
    ({"price": "NaN", "currency": "EUR"}, "price"),
    ({"price": 1, "currency": "E"}, "currency"),
    ({"url": "javascript:alert(1)"}, "url"),
    ({"image_url": "data:image/svg+xml,x"}, "image_url"),
    ({"description": "x" * 20_001}, "description"),
    ({"tags": ["x"] * 51}, "tags"),
    ({"tags": "tea"}, "tags"),
    ({"sku": "x" * 256}, "sku"),
    ({"available": "yes"}, "available"),
]


async def test_D11_D13_a_wrong_product_is_refused_by_the_name_of_its_field(api: Api) -> None:
    for said, field in WRONG_PRODUCTS:
        reply = await api.products({"external_id": "1", "title": "Tea", **said})
        assert (reply.status, reply.error["field"]) == (422, f"products[0].{field}"), said
    assert api.heard == []


async def test_D11_a_product_without_a_title_must_be_known(api: Api) -> None:
    price = {"external_id": "1", "price": "", "currency": "EUR"}
    reply = await api.products(price)
    assert (reply.status, reply.error["field"]) == (422, "products[0].title")
    await api.products({"external_id": "1", "title": "Tea", "price": 3, "currency": "EUR"})
    assert (await api.products({**price, "price": "2.50"})).outcomes == ["updated"]
    (found,) = await api.db.read(products.search_products, api.workspace_id, "tea")
    assert products.card(found).price.text == "2.50"


# Idempotency-Key -----------------------------------------------------------------------------


async def test_D13_the_same_key_replays_the_first_answer_byte_for_byte(api: Api) -> None:
    first = await api.records(order(status="new"), order("2", kind="x"), key="k1")
    heard = len(api.heard)
    again = await api.records(order(status="new"), order("2", kind="x"), key="k1")
    assert (again.status, again.raw) == (first.status, first.raw) == (207, first.raw)
    assert again.headers == {"Idempotency-Replayed": "true"}
    assert first.headers == {}
    assert len(api.heard) == heard


async def test_D13_the_same_key_for_another_request_is_a_conflict(api: Api) -> None:
    await api.records(order(status="new"), key="k1")
    reply = await api.records(order(status="paid"), key="k1")
    assert (reply.status, reply.error["code"]) == (409, "idempotency_key_reused")
    assert (await api.timeline())[0].status == "new"
    assert (await api.identify(key="k1")).status == 200  # another route, another request


async def test_D13_every_route_remembers_its_answers(api: Api) -> None:
    product = {"external_id": "1", "title": "Tea"}
    await api.records(order())
    for send in (
        lambda: api.identify(name="Jo", key="k"),
        lambda: api.products(product, key="k"),
        lambda: api.call("DELETE", "records", key="k", kind="order", reference="380"),
    ):
        first, again = await send(), await send()
        assert first.status == again.status == 200
        assert first.raw == again.raw
        assert "Idempotency-Replayed" in again.headers


async def test_D13_a_refused_request_leaves_its_key_free(api: Api) -> None:
    assert (await api.identify("0", key="k")).status == 422
    assert (await api.identify("1", key="k")).status == 200
    assert (await api.call("DELETE", "records", key="k", kind="order", reference="9")).status == 404
    await api.records(order("9"))
    assert (await api.call("DELETE", "records", key="k", kind="order", reference="9")).status == 200


async def test_D13_keys_are_each_workspaces_own(api: Api) -> None:
    other = Api(api.db, (await api.db.write(create_workspace, "Coffee shop")).id)
    await api.records(order(status="new"), key="k")
    reply = await other.records(order(status="paid"), key="k")
    assert (reply.outcomes, reply.headers) == (["created"], {})


async def test_D13_a_key_is_forgotten_after_a_day(api: Api) -> None:
    from sqlalchemy import update

    from core.idempotency import KEPT, IdempotencyKey

    await api.records(order(status="new"), key="k")

    def age(work: Any) -> None:
        column = IdempotencyKey.__table__.c.created_at
        work.execute(update(IdempotencyKey).values(created_at=column - KEPT - 1))

    await api.db.write(age)
    assert (await api.records(order(status="paid"), key="k")).outcomes == ["updated"]


@pytest.mark.parametrize("key", ["", "k" * 256])
async def test_D13_a_key_has_a_sensible_length(api: Api, key: str) -> None:
    assert (await api.records(order(), key=key)).error["field"] == "Idempotency-Key"
    assert (await api.records(order(), key="k" * 255)).status == 200


async def test_D13_requests_at_once_with_one_key_run_once(api: Api) -> None:
    replies = await asyncio.gather(*(api.records(order(), key="k") for _ in range(20)))
    assert {reply.raw for reply in replies} == {replies[0].raw}
    assert sum("Idempotency-Replayed" in reply.headers for reply in replies) == 19
    assert len([event for event in api.heard if isinstance(event, RecordChanged)]) == 1


async def test_requests_at_once_keep_their_own_answers(api: Api) -> None:
    replies = await asyncio.gather(
        *(api.records(order(str(n % 10), status=f"s{n}"), of=str(n % 3)) for n in range(60))
    )
    assert {reply.status for reply in replies} == {200}
    ids = {
        reply.body["results"][0]["reference"]: reply.body["results"][0]["id"] for reply in replies
    }
    assert len(set(ids.values())) == 10
    for reply in replies:
        (result,) = reply.body["results"]
        assert ids[result["reference"]] == result["id"]
