"""The REST API's rules, one by one, as they were observed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from connectors.woocommerce.standin import WooStore
from connectors.woocommerce.standin.coupons import NotRedeemed
from connectors.woocommerce.standin.values import local, utc
from tests.connectors.woocommerce.callers import Caller, calling

pytestmark = pytest.mark.anyio


@pytest.fixture
async def store() -> AsyncIterator[WooStore]:
    async with WooStore() as store:
        yield store


@pytest.fixture
async def caller(store: WooStore) -> AsyncIterator[Caller]:
    async with calling(store) as caller:
        yield caller


# Pages


async def test_a_page_past_the_end_is_empty_and_counts_nothing(
    store: WooStore, caller: Caller
) -> None:
    store.add_products(5)
    first = await caller.get("products", per_page=2)
    assert (first.headers["X-WP-Total"], first.headers["X-WP-TotalPages"]) == ("5", "3")
    beyond = await caller.get("products", per_page=2, page=4)
    assert (beyond.status, beyond.body) == (200, [])
    assert (beyond.headers["X-WP-Total"], beyond.headers["X-WP-TotalPages"]) == ("0", "0")


async def test_more_than_100_a_page_is_refused(caller: Caller) -> None:
    answer = await caller.get("products", per_page=101)
    assert (answer.status, answer.code) == (400, "rest_invalid_param")
    assert "between 1 (inclusive) and 100" in answer.body["data"]["params"]["per_page"]


async def test_unknown_parameters_are_ignored_and_bad_words_are_not(caller: Caller) -> None:
    assert (await caller.get("orders", nonsense="1")).status == 200
    answer = await caller.get("orders", status="paid")
    assert (answer.status, answer.code) == (400, "rest_invalid_param")
    assert (await caller.get("products", orderby="colour")).status == 400


async def test_fields_reach_inside(store: WooStore, caller: Caller) -> None:
    store.add_order([store.add_product("Mug", "12").id], email="a@example.net")
    [order] = (await caller.get("orders", _fields="id,billing.email,line_items")).body
    assert list(order) == ["id", "billing", "line_items"]
    assert order["billing"] == {"email": "a@example.net"}


# Changed since


async def test_modified_after_is_strictly_after_the_second(store: WooStore, caller: Caller) -> None:
    product = store.add_product("Mug", "12")
    at = utc(product.modified)
    before = utc(product.modified - 1)
    assert (await caller.get("products", modified_after=f"{at}Z")).body == []
    assert len((await caller.get("products", modified_after=f"{before}Z")).body) == 1


@pytest.mark.parametrize("path", ["products", "orders", "coupons"])
async def test_a_time_without_a_zone_is_the_sites_and_with_both_is_shifted_twice(
    path: str, store: WooStore, caller: Caller
) -> None:
    mug = store.add_product("Mug", "12")
    store.add_order([mug])
    store.add_coupon("abc")
    changed = mug.modified - 60

    async def found(text: str | None, **more: str) -> int:
        return len((await caller.get(path, modified_after=text, **more)).body)

    assert await found(f"{utc(changed)}Z") == 1
    assert await found(utc(changed), dates_are_gmt="true") == 1
    assert await found(local(changed)) == 1, "the site's own time"
    assert await found(local(changed), dates_are_gmt="true") == 0, "an hour ahead"
    assert await found(f"{utc(changed)}Z", dates_are_gmt="true") == 0, "shifted twice"


async def test_a_bare_day_is_no_date(caller: Caller) -> None:
    answer = await caller.get("orders", modified_after="2026-11-22")
    assert (answer.status, answer.code) == (400, "rest_invalid_param")


async def test_customers_do_not_know_modified_after(store: WooStore, caller: Caller) -> None:
    store.add_customer("anna@example.com")
    assert len((await caller.get("customers", modified_after="2099-01-01T00:00:00Z")).body) == 1


# Products


async def test_the_list_of_products_has_drafts_and_hidden_ones_but_no_variations(
    store: WooStore, caller: Caller
) -> None:
    store.add_product("Shirt", variations=[{"options": {"Size": "M"}, "price": "9"}])
    store.add_product("Draft", "1", status="draft")
    store.add_product("Private", "1", status="private")
    store.add_product("Hidden", "1", catalog_visibility="hidden")
    everything = {one["name"]: one for one in (await caller.get("products")).body}
    assert set(everything) == {"Shirt", "Draft", "Private", "Hidden"}
    assert everything["Shirt"]["price"] == "9" and everything["Shirt"]["regular_price"] == ""
    published = (await caller.get("products", status="publish")).body
    assert {one["name"] for one in published} == {"Shirt", "Hidden"}


async def test_variations_have_lists_of_their_own_and_touch_their_parent(
    store: WooStore, caller: Caller
) -> None:
    sizes = [{"options": {"Size": size}, "price": "9"} for size in "SML"]
    shirt = store.add_product("Shirt", variations=sizes)
    number = shirt.variations[0]
    of_one = (await caller.get(f"products/{shirt.id}/variations")).body
    of_all = (await caller.get("variations")).body
    assert len(of_one) == len(of_all) == 3
    alone = (await caller.get(f"products/{number}")).body
    assert alone["type"] == "variation" and alone["parent_id"] == shirt.id
    store.clock.advance(60)
    before = shirt.modified
    await caller.put(f"products/{shirt.id}/variations/{number}", {"regular_price": "11"})
    assert shirt.modified > before


async def test_stock_may_be_nothing_or_negative_and_a_price_may_be_missing(
    store: WooStore, caller: Caller
) -> None:
    store.add_product("Unmanaged")
    store.add_product("Oversold", "3", stock=-2)
    shown = {one["name"]: one for one in (await caller.get("products")).body}
    assert shown["Unmanaged"]["stock_quantity"] is None and shown["Unmanaged"]["price"] == ""
    assert shown["Oversold"]["stock_quantity"] == -2
    assert shown["Oversold"]["stock_status"] == "outofstock"


async def test_dates_are_local_without_a_zone_and_images_an_hour_further(
    store: WooStore, caller: Caller
) -> None:
    mug = store.add_product("Mug", "3", image=5, created=1_795_323_582)
    shown = (await caller.get(f"products/{mug.id}")).body
    assert shown["date_created"] == "2026-11-22T05:59:42"
    assert shown["date_created_gmt"] == "2026-11-22T04:59:42"
    assert shown["images"][0]["date_created"] == "2026-11-22T06:59:42"


async def test_the_trash_still_answers_and_what_is_gone_does_not(
    store: WooStore, caller: Caller
) -> None:
    mug = store.add_product("Mug", "3")
    order = store.add_order([mug])
    for path, number, code in (
        ("products", mug.id, "woocommerce_rest_product_invalid_id"),
        ("orders", order.id, "woocommerce_rest_shop_order_invalid_id"),
    ):
        assert (await caller.delete(f"{path}/{number}")).body["status"] == "trash"
        assert (await caller.get(f"{path}/{number}")).body["status"] == "trash"
        assert (await caller.get(path)).body == []
        await caller.delete(f"{path}/{number}", force="true")
        answer = await caller.get(f"{path}/{number}")
        assert (answer.status, answer.code) == (404, code)


# Orders


async def test_the_list_of_orders_has_drafts_of_checkouts(store: WooStore, caller: Caller) -> None:
    store.open_checkout([store.add_product("Mug", "3")], email="not-yet@example.net")
    [order] = (await caller.get("orders")).body
    assert order["status"] == "checkout-draft"
    assert order["billing"]["email"] == "not-yet@example.net"


async def test_a_search_finds_parts_of_words_and_names_of_items(
    store: WooStore, caller: Caller
) -> None:
    mug = store.add_product("Blue Mug", "3")
    for email in ("guest6@example.net", "guest60@example.net"):
        store.add_order([mug], email=email)
    assert len((await caller.get("orders", search="GUEST6@")).body) == 1
    assert len((await caller.get("orders", search="guest6")).body) == 2
    assert len((await caller.get("orders", search="blue mug")).body) == 2
    store.orders.migrated |= set(store.orders.all)
    assert (await caller.get("orders", search="blue mug")).body == []


async def test_amounts_are_text_and_dp_rounds_them(store: WooStore, caller: Caller) -> None:
    order = store.add_order([store.add_product("Mug", "131.14")], freight=Decimal(0))
    shown = (await caller.get(f"orders/{order.id}")).body
    assert shown["total"] == "131.14" and shown["line_items"][0]["price"] == 110.201681
    assert (await caller.get(f"orders/{order.id}", dp=0)).body["total"] == "131"


async def test_an_order_takes_stock_and_a_cancelled_one_gives_it_back(
    store: WooStore, caller: Caller
) -> None:
    mug = store.add_product("Mug", "3", stock=5)
    body = {"line_items": [{"product_id": mug.id, "quantity": 2}], "set_paid": True}
    order = (await caller.post("orders", body)).body
    assert order["status"] == "processing" and order["date_paid"] and mug.stock == 3
    await caller.put(f"orders/{order['id']}", {"status": "cancelled"})
    assert mug.stock == 5


async def test_a_partial_refund_changes_neither_status_nor_total(
    store: WooStore, caller: Caller
) -> None:
    order = store.add_order([store.add_product("Mug", "30")], status="completed")
    total = (await caller.get(f"orders/{order.id}")).body["total"]
    await caller.post(f"orders/{order.id}/refunds", {"amount": "2.50", "reason": "Teil"})
    shown = (await caller.get(f"orders/{order.id}")).body
    assert (shown["status"], shown["total"]) == ("completed", total)
    assert shown["refunds"][0]["total"] == "-2.50"
    store.set_status(order, "refunded")
    shown = (await caller.get(f"orders/{order.id}")).body
    assert (shown["status"], shown["total"]) == ("refunded", total)


async def test_numbers_need_not_be_ids(store: WooStore, caller: Caller) -> None:
    store.orders.number_format = "2026-{count}"
    order = store.add_order([store.add_product("Mug", "3")])
    assert (await caller.get(f"orders/{order.id}")).body["number"] == "2026-1"


# Coupons


async def test_a_code_is_lower_case_and_there_is_one_of_it(store: WooStore, caller: Caller) -> None:
    made = await caller.post(
        "coupons", {"code": "CHAT-X", "amount": 10, "discount_type": "percent"}
    )
    assert (made.status, made.body["code"], made.body["amount"]) == (201, "chat-x", "10.00")
    assert len((await caller.get("coupons", code="Chat-X")).body) == 1
    again = await caller.post("coupons", {"code": "chat-x"})
    assert (again.status, again.code) == (400, "woocommerce_rest_coupon_code_already_exists")
    body = {"code": "much", "amount": "101", "discount_type": "percent"}
    answer = await caller.post("coupons", body)
    assert (answer.status, answer.code) == (400, "coupon_invalid_amount")
    assert (await caller.delete(f"coupons/{made.body['id']}")).body["status"] == "trash"


async def test_an_order_redeems_a_coupon_for_whom_it_is_meant(store: WooStore) -> None:
    mug = store.add_product("Mug", "20")
    anna = store.add_customer("anna@example.com")
    store.add_coupon(
        "once", "10", "percent", usage_limit=1, email_restrictions=["anna@example.com"]
    )
    coupon = store.coupons.by_code("ONCE")
    assert coupon is not None
    before = coupon.modified
    with pytest.raises(NotRedeemed):
        store.checkout([mug], email="bob@example.com", coupons=["once"])
    store.clock.advance(60)
    order = store.checkout([mug], customer=anna, coupons=["Once"])
    assert order.discount[0] > 0 and coupon.used_by == [str(anna.id)]
    assert coupon.modified == before, "a use does not change when it was modified"
    with pytest.raises(NotRedeemed):
        store.checkout([mug], customer=anna, coupons=["once"])
    store.set_status(order, "cancelled")
    assert coupon.used_by == []


async def test_a_coupon_can_be_used_once_by_each(store: WooStore) -> None:
    mug = store.add_product("Mug", "20")
    store.add_coupon("each", "5", usage_limit_per_user=1)
    store.checkout([mug], email="a@example.net", coupons=["each"])
    store.checkout([mug], email="b@example.net", coupons=["each"])
    with pytest.raises(NotRedeemed):
        store.checkout([mug], email="a@example.net", coupons=["each"])


# Batches, and what is too large


async def test_a_batch_answers_each_item_for_itself(store: WooStore, caller: Caller) -> None:
    body = {"create": [{"code": "one"}, {"code": "ONE"}], "update": [{"id": 999}]}
    answer = await caller.post("coupons/batch", body)
    assert answer.status == 200
    good, bad = answer.body["create"]
    assert good["code"] == "one"
    assert bad["id"] == 0 and bad["error"]["data"] == {"status": 400}
    assert answer.body["update"][0]["error"]["code"].endswith("invalid_id")
    many = {"create": [{"code": f"c{turn}"} for turn in range(101)]}
    answer = await caller.post("coupons/batch", many)
    assert (answer.status, answer.code) == (413, "woocommerce_rest_request_entity_too_large")


async def test_asking_for_everything_is_expensive_and_the_currency_is_cheap(
    caller: Caller, store: WooStore
) -> None:
    async with caller.session.get(f"{store.url}/wp-json/") as index:
        assert len(await index.read()) > 1_000_000
    async with caller.session.get(f"{store.url}/wp-json/wc/v3") as namespace:
        assert len(await namespace.read()) > 200_000
    assert (await caller.get("data/currencies/current")).body["code"] == "EUR"


@pytest.mark.parametrize("body", ["", "{", "[]", '"a"', "null"])
async def test_no_body_breaks_it(body: str, store: WooStore, caller: Caller) -> None:
    for path in ("coupons", "orders", "products", "customers", "webhooks", "coupons/batch"):
        answer = await caller.raw(
            "POST",
            caller.signed("POST", path),
            data=body,
            headers={"Content-Type": "application/json"},
        )
        assert answer.status < 500


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("orders", {"line_items": "abc"}),
        ("orders", {"line_items": [{"product_id": "x"}]}),
        ("orders", {"billing": 5}),
        ("coupons", {"code": "a", "minimum_amount": "x"}),
        ("coupons", {"code": "a", "date_expires": "tomorrow"}),
        ("products", {"name": "a", "stock_quantity": "many"}),
        ("coupons/batch", {"create": ["abc"]}),
    ],
)
async def test_a_body_of_wrong_types_is_refused(
    path: str, body: dict[str, object], caller: Caller
) -> None:
    assert (await caller.post(path, body)).status == 400
