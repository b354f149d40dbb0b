"""The stand-in answers what Shopify answers, and refuses what Shopify refuses."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from connectors.shopify.standin import App
from connectors.shopify.standin.schema import admin_schema
from tests.connectors.shopify.standin_calls import GRAPHQL, Caller, caller

SAMPLES = Path(__file__).parent / "samples"
VARIABLES: dict[str, Any] = json.loads((SAMPLES / "variables.json").read_text())
ANN = 7412345678901


def operation(name: str) -> str:
    return next(SAMPLES.glob(f"{name}*.graphql")).read_text()


def cents(node: Any) -> int:
    return int(Decimal(node["amount"]) * 100)


@pytest.fixture
async def shop() -> AsyncIterator[Caller]:
    """A shop in which the samples' ids mean something."""
    async with caller() as call:
        call.shop.add_product(id=1, title="Fern mug", variants=[{"id": 1, "price": "12.00"}])
        call.shop.add_products(20)
        ann = call.shop.add_customer(id=ANN, email="ann@example.com", phone="+15145550100")
        call.shop.add_customer(id=42)
        line = {"id": 1, "title": "Fern mug", "price": "15.00", "quantity": 2}
        order = call.shop.add_order(id=1, customer=ann, lines=[line])
        order["transactions"][0]["id"] = "gid://shopify/OrderTransaction/1"
        yield call


def of_this_shop(call: Caller, variables: Any) -> Any:
    own = f"AppInstallation/{call.shop.installation().number}"
    return json.loads(json.dumps(variables).replace("AppInstallation/1", own))


SAMPLED = [name for name in VARIABLES if not name.startswith("02_")]


@pytest.mark.parametrize("sample", SAMPLED)
async def test_a_sample_operation_does_what_it_says(shop: Caller, sample: str) -> None:
    told = VARIABLES[sample]
    query = (SAMPLES / told["file"]).read_text()
    data = await shop.data(query, told["operation"], **of_this_shop(shop, told["variables"]))
    (root,) = data.values()
    assert root
    assert not [error for name in root if "rror" in name for error in root[name]]
    assert shop.shop.guessed == set()


FURTHER: dict[str, tuple[str | None, dict[str, Any]]] = {
    "01_shop": (None, {}),
    "02_products": (None, {"first": 2, "query": "status:active"}),
    "03_product": (None, {"id": "gid://shopify/Product/1"}),
    "04_products_ids": (None, {"first": 5}),
    "07_bulk_running": (None, {}),
    "10_order": (None, {"id": "gid://shopify/Order/1"}),
    "11_customer": (None, {"id": f"gid://shopify/Customer/{ANN}", "first": 3}),
    "13_customer": (None, {"query": 'email:"ann@example.com"'}),
    "17_webhook": ("HubWebhooks", {"first": 10}),
    "19_refund": (
        "HubSuggestedRefund",
        {
            "id": "gid://shopify/Order/1",
            "items": [{"lineItemId": "gid://shopify/LineItem/1", "quantity": 1}],
            "shipping": True,
        },
    ),
    "21_order_note": ("HubTagsAdd", {"id": "gid://shopify/Order/1", "tags": ["chat"]}),
    "21_order_note_tags": ("HubOrderUpdate", {"input": {"id": "gid://shopify/Order/1"}}),
    "23_webpixel": (None, {"webPixel": {"settings": "{}"}}),
    "24_theme": (None, {}),
    "25_customer_privacy": (None, {}),
    "26_inventory": (None, {"first": 3}),
    "27_nodes": (None, {"ids": ["gid://shopify/Product/1", "gid://shopify/Product/3"]}),
}


@pytest.mark.parametrize("sample", FURTHER)
async def test_the_other_samples_run_too(shop: Caller, sample: str) -> None:
    name, variables = FURTHER[sample]
    data = await shop.data(operation(sample), name, **variables)
    assert None not in data.values()
    assert shop.shop.guessed == set()


async def test_a_discount_is_found_stopped_and_deleted(shop: Caller) -> None:
    told = VARIABLES["14_discount_create percentage, one use, any buyer, expires"]["variables"]
    made = await shop.data(operation("14"), **told)
    node = made["discountCodeBasicCreate"]["codeDiscountNode"]
    again = await shop.data(operation("14"), **told)
    assert again["discountCodeBasicCreate"]["userErrors"][0]["code"] == "TAKEN"
    found = await shop.data(operation("15"), code="chat-7k2m-9qxd")
    assert found["codeDiscountNodeByCode"]["id"] == node["id"]
    assert found["codeDiscountNodeByCode"]["codeDiscount"]["status"] == "ACTIVE"
    await shop.data(operation("16"), "HubDiscountDeactivate", id=node["id"])
    stopped = await shop.data(operation("15"), code="CHAT-7K2M-9QXD")
    assert stopped["codeDiscountNodeByCode"]["codeDiscount"]["status"] == "EXPIRED"
    await shop.data(operation("16"), "HubDiscountDelete", id=node["id"])
    assert (await shop.data(operation("15"), code="CHAT-7K2M-9QXD")) == {
        "codeDiscountNodeByCode": None
    }


async def test_a_cancellation_is_a_job_and_gives_the_money_back(shop: Caller) -> None:
    shop.shop.job_takes = 5
    told = VARIABLES["18_cancel"]["variables"]
    job = (await shop.data(operation("18"), "HubOrderCancel", **told))["orderCancel"]["job"]
    assert (await shop.data(operation("18"), "HubJob", id=job["id"]))["job"]["done"] is False
    shop.store.clock.advance(5)
    assert (await shop.data(operation("18"), "HubJob", id=job["id"]))["job"]["done"] is True
    order = (await shop.data(operation("10"), id="gid://shopify/Order/1"))["order"]
    assert order["displayFinancialStatus"] == "REFUNDED"
    assert cents(order["currentTotalPriceSet"]["presentmentMoney"]) == 0
    again = await shop.data(operation("18"), "HubOrderCancel", **told)
    assert again["orderCancel"]["orderCancelUserErrors"]


async def test_a_refund_is_made_once_for_each_key(shop: Caller) -> None:
    told = VARIABLES["19_refund"]["variables"]
    first = await shop.data(operation("19"), "HubRefund", **told)
    assert await shop.data(operation("19"), "HubRefund", **told) == first
    assert len(shop.shop.orders.nodes[1]["refunds"]) == 1
    other = told["input"] | {"note": "something else"}
    error = (await shop.ask(operation("19"), "HubRefund", key=told["key"], input=other))["errors"]
    assert error[0]["extensions"]["code"] == "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"


async def test_a_refund_without_a_key_is_refused(shop: Caller) -> None:
    query = "mutation($i: RefundInput!) { refundCreate(input: $i) { userErrors { message } } }"
    error = await shop.error(query, i=VARIABLES["19_refund"]["variables"]["input"])
    assert "@idempotent" in error["message"]
    assert shop.shop.orders.nodes[1]["refunds"] == []


async def test_a_refund_cannot_be_larger_than_what_was_paid(shop: Caller) -> None:
    told = json.loads(json.dumps(VARIABLES["19_refund"]["variables"]).replace('"10.00"', '"99"'))
    refused = await shop.data(operation("19"), "HubRefund", **told)
    assert refused["refundCreate"]["userErrors"]


REFUSED: dict[str, tuple[str, str]] = {
    "unknown field": ("{ shop { nome } }", "Cannot query field 'nome'"),
    "syntax": ("{ shop { ", "Syntax Error"),
    "no page size": ("{ products { nodes { id } } }", "you must provide one of first or last"),
    "page too large": ("{ orders(first: 251) { nodes { id } } }", "between 0 and 250"),
    "bare number": ('{ order(id: "123") { id } }', "Invalid global id '123'"),
    "gid of another type": ('{ order(id: "gid://shopify/Product/1") { id } }', "Invalid id"),
    "gid in a list": ('{ nodes(ids: ["1"]) { id } }', "Invalid global id"),
    "unknown search key": (
        '{ orders(first: 1, query: "custmer_id:5") { nodes { id } } }',
        "'custmer_id' is no search filter",
    ),
    "search that is none": (
        '{ orders(first: 1, query: "(status:open") { nodes { id } } }',
        "Invalid search query",
    ),
    "no date": (
        '{ products(first: 1, query: "updated_at:>yesterday") { nodes { id } } }',
        "Invalid search query",
    ),
    "bad cursor": ('{ products(first: 1, after: "x") { nodes { id } } }', "Invalid cursor"),
    "bad date": (
        'mutation { discountCodeBasicCreate(basicCodeDiscount: {startsAt: "soon"}) '
        "{ userErrors { message } } }",
        "DateTime cannot represent",
    ),
    "bad amount": (
        "mutation { discountCodeBasicCreate(basicCodeDiscount: {customerGets: {value: "
        '{discountAmount: {amount: "ten"}}}}) { userErrors { message } } }',
        "Decimal cannot represent",
    ),
    "two identifiers": (
        '{ customerByIdentifier(identifier: {emailAddress: "a@b.example", phoneNumber: "+1"}) '
        "{ id } }",
        "exactly one field must be specified",
    ),
    "unfinished mutation": (
        'mutation { productDelete(input: {id: "gid://shopify/Product/1"}) '
        "{ userErrors { message } } }",
        "Access denied for productDelete",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_a_wrong_query_is_refused(shop: Caller, case: str) -> None:
    query, said = REFUSED[case]
    assert said in (await shop.error(query))["message"]


async def test_a_search_finds_what_it_asks_for_and_nothing_else(shop: Caller) -> None:
    async def found(query: str) -> list[str]:
        data = await shop.data(
            "query($q: String) { products(first: 50, query: $q) { nodes { legacyResourceId } } }",
            q=query,
        )
        return [node["legacyResourceId"] for node in data["products"]["nodes"]]

    everything = await found("")
    moment = shop.shop.clock.now().replace(microsecond=0).isoformat()
    shop.shop.edit_product(1, status="DRAFT", title="Moss lamp")
    assert await found("status:draft") == ["1"]
    assert await found("id:1 OR id:2") == ["1"]
    assert await found("status:active AND NOT id:1") == [one for one in everything if one != "1"]
    assert await found("-id:1 status:active") == await found("status:active")
    assert await found("title:'Moss lamp'") == ["1"]
    assert await found("title:moss*") == ["1"]
    assert await found(f"updated_at:>='{moment}' (status:draft OR status:active)") == ["1"]
    assert await found(f"id:>{int(everything[-2])}") == everything[-1:]


async def test_orders_are_searched_by_whole_address_only_when_it_is_quoted(shop: Caller) -> None:
    shop.shop.add_order(email="joe.ann@example.com")
    query = "query($q: String) { orders(first: 9, query: $q) { nodes { email } } }"
    quoted = await shop.data(query, q='email:"ann@example.com"')
    assert [one["email"] for one in quoted["orders"]["nodes"]] == ["ann@example.com"]
    loose = await shop.data(query, q="email:ann@example.com")
    assert len(loose["orders"]["nodes"]) == 2


@pytest.mark.parametrize("sort_key", ["ID", "UPDATED_AT", "TITLE"])
@pytest.mark.parametrize("reverse", [False, True])
async def test_pages_follow_each_other_without_gap_or_repeat(
    shop: Caller, sort_key: str, reverse: bool
) -> None:
    query = """query($after: String, $key: ProductSortKeys, $reverse: Boolean) {
      products(first: 4, after: $after, sortKey: $key, reverse: $reverse) {
        pageInfo { hasNextPage endCursor } edges { cursor node { id } } } }"""
    seen: list[str] = []
    after = None
    while True:
        page = await shop.data(query, after=after, key=sort_key, reverse=reverse)
        seen += [edge["node"]["id"] for edge in page["products"]["edges"]]
        if not page["products"]["pageInfo"]["hasNextPage"]:
            break
        after = page["products"]["pageInfo"]["endCursor"]
        assert after == page["products"]["edges"][-1]["cursor"]
    assert len(seen) == len(set(seen)) == 21


async def test_a_page_can_be_read_from_its_end(shop: Caller) -> None:
    query = "{ products(last: 2) { pageInfo { hasPreviousPage } nodes { id } } }"
    page = (await shop.data(query))["products"]
    everything = (await shop.data("{ products(first: 50) { nodes { id } } }"))["products"]
    assert page["nodes"] == everything["nodes"][-2:]
    assert page["pageInfo"]["hasPreviousPage"]


async def test_pages_end_after_25_000_objects(shop: Caller, monkeypatch: Any) -> None:
    monkeypatch.setattr("connectors.shopify.standin.paging.DEEPEST", 10)
    query = "query($a: String) { products(first: 6, after: $a) { pageInfo { endCursor } } }"
    first = await shop.data(query)
    error = await shop.error(query, a=first["products"]["pageInfo"]["endCursor"])
    assert "limited to 10 objects" in error["message"]


async def test_a_count_says_when_it_is_not_exact(shop: Caller) -> None:
    exact = await shop.data("{ productsCount { count precision } }")
    assert exact["productsCount"] == {"count": 21, "precision": "EXACT"}
    least = await shop.data("{ productsCount(limit: 5) { count precision } }")
    assert least["productsCount"] == {"count": 5, "precision": "AT_LEAST"}


async def test_a_missing_scope_is_named(shop: Caller) -> None:
    shop.token = shop.shop.token("read_products")
    answer = await shop.ask("{ shop { name } orders(first: 1) { nodes { id } } }")
    assert answer["data"] is None
    (error,) = answer["errors"]
    assert error["message"].startswith("Access denied for orders field. Required access: ")
    assert error["path"] == ["orders"]
    assert error["extensions"]["code"] == "ACCESS_DENIED"
    assert error["extensions"]["documentation"] == "https://shopify.dev/api/usage/access-scopes"
    assert "`read_orders` access scope" in error["extensions"]["requiredAccess"]


@pytest.mark.parametrize(
    "change",
    [
        'orderUpdate(input: {id: "gid://shopify/Order/1"}) { userErrors { message } }',
        'refundCreate(input: {orderId: "gid://shopify/Order/1"}) @idempotent(key: "k") '
        "{ userErrors { message } }",
        'tagsAdd(id: "gid://shopify/Order/1", tags: ["a"]) { userErrors { message } }',
    ],
)
async def test_a_change_needs_a_scope_to_write(shop: Caller, change: str) -> None:
    shop.token = shop.shop.token("read_orders")
    error = await shop.error(f"mutation {{ {change} }}")
    assert "`write_orders` access scope" in error["extensions"]["requiredAccess"]


async def test_write_implies_read(shop: Caller) -> None:
    shop.token = shop.shop.token("write_discounts")
    assert await shop.data('{ codeDiscountNodeByCode(code: "x") { id } }')


async def test_old_orders_need_a_scope_of_their_own(shop: Caller) -> None:
    old = shop.shop.add_order(days_ago=61)
    query = "query($id: ID!) { order(id: $id) { id } ordersCount { count } }"
    assert (await shop.data(query, id=old["id"]))["ordersCount"]["count"] == 2
    shop.token = shop.shop.token("read_orders")
    seen = await shop.data(query, id=old["id"])
    assert seen["order"] is None and seen["ordersCount"]["count"] == 1


async def test_protected_customer_data_is_kept_from_an_unapproved_app(shop: Caller) -> None:
    query = "{ orders(first: 1) { nodes { name email shippingAddress { city } customer { id } } } }"
    shop.shop.apps[0].protected_data = 1
    level_1 = await shop.ask(query)
    assert level_1["data"]["orders"]["nodes"][0]["email"] is None
    assert "not approved to use the email field" in level_1["errors"][0]["message"]
    shop.shop.apps[0].protected_data = 0
    level_0 = await shop.ask(query)
    assert "not approved to access the Order object" in level_0["errors"][0]["message"]
    topic = "mutation { webhookSubscriptionCreate(topic: ORDERS_CREATE, webhookSubscription: {uri: "
    topic += '"https://hub.example/w"}) { userErrors { message } } }'
    assert (await shop.data(topic))["webhookSubscriptionCreate"]["userErrors"]


# The costs the reference gives for its own operations under the linear rule.
COSTS = [
    ("02_products", {"first": 1}, 413),
    ("09_orders", {"first": 5, "query": "name:x"}, 917),
    ("04_products", {"first": 250}, 253),
]


@pytest.mark.parametrize(("sample", "variables", "points"), COSTS)
async def test_a_query_costs_what_the_linear_rule_says(
    shop: Caller, sample: str, variables: Any, points: int
) -> None:
    cost = (await shop.ask(operation(sample), **variables))["extensions"]["cost"]
    assert cost["requestedQueryCost"] == points
    assert cost["actualQueryCost"] <= points
    assert cost["throttleStatus"]["maximumAvailable"] == 2000
    assert cost["throttleStatus"]["restoreRate"] == 100


async def test_a_query_that_is_too_dear_is_never_run(shop: Caller) -> None:
    answer = await shop.ask(operation("02"), first=3)
    assert "data" not in answer
    assert answer["errors"][0]["extensions"]["code"] == "MAX_COST_EXCEEDED"
    assert answer["errors"][0]["extensions"]["cost"] == 1235


async def test_an_empty_bucket_throttles_until_it_has_filled(shop: Caller) -> None:
    shop.shop.bucket.drain(10)
    answer = await shop.ask(operation("04"), first=250)
    assert answer["errors"][0]["message"] == "Throttled"
    assert answer["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert answer["extensions"]["cost"]["actualQueryCost"] is None
    assert answer["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] < 253
    shop.store.clock.advance(3)
    assert "errors" not in await shop.ask(operation("04"), first=250)


async def test_a_bad_token_a_bad_version_and_a_bad_body_are_refused(shop: Caller) -> None:
    good, asked = shop.token, {"query": "{ shop { name } }"}
    assert (await shop.post(GRAPHQL.replace("2026-10", "2025-01"), asked))[0] == 404
    assert (await shop.post(GRAPHQL, {"query": 5}))[0] == 400
    assert (await shop.post(GRAPHQL, asked, **{"Content-Type": "text/plain"}))[0] == 400
    shop.token = "shpat_made_up"
    assert await shop.post(GRAPHQL, asked) == (
        401,
        {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"},
    )
    shop.token = good
    assert (await shop.post(GRAPHQL, asked))[0] == 200
    shop.shop.expire_tokens()
    assert (await shop.post(GRAPHQL, asked))[0] == 401


async def test_a_public_app_needs_tokens_that_expire(shop: Caller) -> None:
    shop.token = shop.shop.token(expires_in=None)
    status, body = await shop.post(GRAPHQL, {"query": "{ shop { name } }"})
    assert status == 403 and "Non-expiring access tokens are no longer accepted" in body["errors"]
    shop.shop.apps[0].public = False
    assert (await shop.post(GRAPHQL, {"query": "{ shop { name } }"}))[0] == 200


async def test_S9_a_token_of_one_shop_opens_no_other() -> None:
    async with caller("kestrel", "northlight") as call:
        northlight = call.store.shop("northlight")
        asked = {"query": "{ shop { name } }"}
        assert (await call.post(GRAPHQL, asked))[1]["data"]["shop"]["name"] == "Kestrel"
        assert (await call.post(GRAPHQL, asked, Host=northlight.domain))[0] == 401
        nobody = await call.post(GRAPHQL, asked, Host="nobody.myshopify.com")
        assert nobody == (404, {"errors": "Not Found"})


async def bulk(call: Caller, inner: str) -> Any:
    started = await call.data(operation("05_"), query=inner)
    assert started["bulkOperationRunQuery"]["userErrors"] == []
    identifier = started["bulkOperationRunQuery"]["bulkOperation"]["id"]
    await call.store.settled()
    return (await call.data(operation("06"), id=identifier))["bulkOperation"]


async def lines(call: Caller, url: str) -> list[Any]:
    async with call.session.get(url) as answer:
        return [json.loads(line) for line in (await answer.text()).splitlines()]


INNER = operation("05b")


async def test_a_bulk_operation_writes_every_product_before_its_variants(shop: Caller) -> None:
    done = await bulk(shop, INNER)
    assert done["status"] == "COMPLETED" and done["rootObjectCount"] == "21"
    found = await lines(shop, done["url"])
    assert int(done["objectCount"]) == len(found)
    seen: set[str] = set()
    for line in found:
        assert line.get("__parentId", line["id"]) in {*seen, line["id"]}
        seen.add(line["id"])
    node = (await shop.data(operation("03"), id=found[0]["id"]))["product"]
    assert found[0]["title"] == node["title"] and found[0]["updatedAt"] == node["updatedAt"]


async def test_bulk_children_may_come_late_but_never_before_their_parents(shop: Caller) -> None:
    at_once = await lines(shop, (await bulk(shop, INNER))["url"])
    shop.shop.bulk.late_children = True
    late = await lines(shop, (await bulk(shop, INNER))["url"])
    assert late != at_once
    assert sorted(map(str, late)) == sorted(map(str, at_once))
    parents = [line["id"] for line in late if "__parentId" not in line]
    for place, line in enumerate(late):
        if "__parentId" in line:
            assert late.index(next(one for one in late if one["id"] == line["__parentId"])) < place
    assert parents


async def test_an_empty_bulk_result_has_no_url(shop: Caller) -> None:
    done = await bulk(shop, INNER.replace("status:active", "status:archived"))
    assert (done["status"], done["url"], done["objectCount"]) == ("COMPLETED", None, "0")


async def test_five_bulk_operations_may_run_at_once(shop: Caller) -> None:
    shop.shop.bulk.takes = 3_600
    for _ in range(5):
        started = await shop.data(operation("05_"), query=INNER)
        assert started["bulkOperationRunQuery"]["bulkOperation"]["status"] == "CREATED"
    sixth = (await shop.data(operation("05_"), query=INNER))["bulkOperationRunQuery"]
    assert sixth["userErrors"][0]["code"] == "OPERATION_IN_PROGRESS"
    running = (await shop.data(operation("07")))["bulkOperations"]["nodes"]
    assert len(running) == 5
    canceled = await shop.data(operation("08"), id=running[0]["id"])
    assert canceled["bulkOperationCancel"]["bulkOperation"]["status"] == "CANCELED"
    assert len((await shop.data(operation("07")))["bulkOperations"]["nodes"]) == 4


async def test_a_failed_bulk_operation_leaves_half_of_it(shop: Caller) -> None:
    shop.shop.bulk.fails_with = "TIMEOUT"
    failed = await bulk(shop, INNER)
    assert (failed["status"], failed["errorCode"], failed["url"]) == ("FAILED", "TIMEOUT", None)
    assert await lines(shop, failed["partialDataUrl"])


async def test_a_bulk_query_needs_the_scope_of_what_it_reads(shop: Caller) -> None:
    shop.token = shop.shop.token("read_orders")
    failed = await bulk(shop, INNER)
    assert (failed["status"], failed["errorCode"]) == ("FAILED", "ACCESS_DENIED")


@pytest.mark.parametrize(
    "inner",
    [
        "{ shop { name } }",
        '{ node(id: "gid://shopify/Product/1") { id } }',
        "{ products { edges { node { nope } } } }",
        "{ products { edges { node { id variants { edges { node { id "
        "metafields { edges { node { id } } } } } } } } } }",
    ],
)
async def test_a_bulk_query_that_cannot_be_is_refused(shop: Caller, inner: str) -> None:
    refused = (await shop.data(operation("05_"), query=inner))["bulkOperationRunQuery"]
    assert refused["userErrors"] and refused["bulkOperation"] is None


async def test_the_file_host_must_not_be_given_the_token(shop: Caller) -> None:
    done = await bulk(shop, INNER)
    headers = {"X-Shopify-Access-Token": shop.token}
    async with shop.session.get(done["url"], headers=headers) as answer:
        assert answer.status == 400


async def test_100_000_products_are_cheap_and_the_same_every_time() -> None:
    async with caller() as call, caller() as other:
        call.shop.add_products(100_000)
        other.shop.add_products(60_000)
        query = "query($q: String) { products(first: 2, query: $q, sortKey: ID) "
        query += "{ nodes { id title variants(first: 9) { nodes { id sku price } } } } }"
        first = await call.data(query, q="id:>=9007199254800000")
        assert first["products"]["nodes"][0]["id"] == "gid://shopify/Product/9007199254800000"
        assert first == await other.data(query, q="id:>=9007199254800000")


def test_every_mutation_that_wants_a_key_is_known() -> None:
    assert "refundCreate" in admin_schema().idempotent
    assert len(admin_schema().idempotent) == 16


async def test_an_app_is_read_from_its_toml(tmp_path: Path) -> None:
    app = App.from_toml(
        """client_id = "abc"
name = "Hub Chat"
application_url = "https://hub.example.com/shopify"
[access_scopes]
scopes = "read_products, read_orders"
optional_scopes = ["write_orders"]
[auth]
redirect_urls = ["https://hub.example.com/shopify/callback"]
[app_proxy]
url = "/shopify/proxy"
prefix = "apps"
subpath = "hub"
[[webhooks.subscriptions]]
topics = ["products/update"]
compliance_topics = ["shop/redact"]
uri = "/shopify/webhooks"
include_fields = ["id"]
"""
    )
    assert app.url == "https://hub.example.com"
    assert app.scopes == ("read_products", "read_orders")
    assert [(one.topic, one.fields) for one in app.webhooks] == [
        ("products/update", ("id",)),
        ("shop/redact", ("id",)),
    ]


async def test_the_stand_in_stops_while_a_request_hangs() -> None:
    async with caller() as call:
        call.store.fail("*", "timeout")
        with pytest.raises((aiohttp.ClientError, TimeoutError)):
            await call.session.post(
                call.store.url + GRAPHQL, json={}, timeout=aiohttp.ClientTimeout(total=0.05)
            )


async def test_a_customer_is_searched_by_number_and_never_by_gid(shop: Caller) -> None:
    query = "query($q: String) { orders(first: 1, query: $q) { nodes { id } } }"
    found = await shop.data(query, q=f"customer_id:{ANN}")
    assert found["orders"]["nodes"] == [{"id": "gid://shopify/Order/1"}]
    error = await shop.error(query, q=f"customer_id:gid://shopify/Customer/{ANN}")
    assert "Invalid search query" in error["message"]


async def test_a_file_of_lines_can_break_off_in_the_middle(shop: Caller) -> None:
    done = await bulk(shop, INNER)
    shop.store.fail("/bulk/", "truncated_json")
    async with shop.session.get(done["url"]) as answer:
        assert len(await answer.read()) == int(done["fileSize"]) // 2
    shop.store.fail("/bulk/", "cut_in_the_middle")
    with pytest.raises(aiohttp.ClientPayloadError):
        async with shop.session.get(done["url"]) as answer:
            await answer.read()
