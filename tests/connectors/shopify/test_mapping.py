"""What Shopify says, in the words of the core: exact, complete, and calm about what is missing."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.shopify import mapping
from connectors.shopify.mapping import gid, in_catalog, number, to_customer, to_product, to_time
from connectors.shopify.order_mapping import Order, to_details, to_order
from core.errors import Invalid
from core.tones import tone
from tests.connectors.shopify.hooks import payload

SHOP = "kestrel.myshopify.com"
NOW = to_time("2026-11-22T12:00:00Z") or 0
TEAPOT: dict[str, Any] = {
    "id": "gid://shopify/Product/8812345678901234567",
    "handle": "cast-iron-teapot",
    "title": "Cast-iron teapot",
    "description": "Keeps tea warm.",
    "vendor": "Kestrel Clay",
    "productType": "Teapots",
    "tags": ["iron", "tea"],
    "status": "ACTIVE",
    "onlineStoreUrl": "https://kestrel.example/products/cast-iron-teapot",
    "publishedAt": "2026-01-01T00:00:00Z",
    "updatedAt": "2026-11-21T09:00:00Z",
    "totalInventory": 3,
    "tracksInventory": True,
    "featuredMedia": {"preview": {"image": {"url": "https://cdn.example/teapot.jpg"}}},
    "priceRangeV2": {"minVariantPrice": {"amount": "39.0", "currencyCode": "EUR"}},
    "options": [{"name": "Colour", "values": ["Black", "Red"]}],
    "variants": {
        "pageInfo": {"hasNextPage": False},
        "nodes": [
            {"sku": "POT-B", "availableForSale": False},
            {"sku": "POT-R", "availableForSale": True},
        ],
    },
}


def product(**changes: Any) -> Any:
    return to_product({**TEAPOT, **changes}, "kestrel.example")


def order(topic: str = "orders/create", **changes: Any) -> Order:
    return to_order(payload(topic, **changes), SHOP, NOW)


# Ids and money ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("gid://shopify/Order/820982911946154508", "820982911946154508"),
        (820982911946154508, "820982911946154508"),
        ("7", "7"),
        ("gid://shopify/InventoryLevel/12?inventory_item_id=4", "12"),
        (None, ""),
        (True, ""),
        ("", ""),
        ("guest", ""),
        ("gid://shopify/Order/", ""),
        ("1 OR 1=1", ""),
        ({"id": 1}, ""),
    ],
)
def test_an_id_is_its_number_as_text(said: Any, found: str) -> None:
    assert number(said) == found


def test_an_id_for_graphql_names_its_kind() -> None:
    assert gid("Order", "12") == "gid://shopify/Order/12"
    assert number(gid("Order", "12")) == "12"


@pytest.mark.parametrize(
    ("amount", "currency", "found"),
    [
        ("19.99", "EUR", (1999, "EUR")),
        ("39.0", "EUR", (3900, "EUR")),
        ("1500.0", "JPY", (1500, "JPY")),
        ("1.234", "KWD", (1234, "KWD")),
        ("0.1", "USD", (10, "USD")),
        ("-5.00", "USD", (-500, "USD")),
        ("19.99", "XXX", None),
        ("much", "EUR", None),
        (None, "EUR", None),
        ("9" * 30, "EUR", None),
    ],
)
def test_D8_money_is_exact_or_not_there(amount: Any, currency: str, found: Any) -> None:
    assert mapping.minor(amount, currency) == found


# Products --------------------------------------------------------------------------------


def test_P1_a_product_is_found_by_everything_it_says() -> None:
    found = product()
    assert found.external_id == "8812345678901234567"
    assert (found.title, found.price, found.currency) == ("Cast-iron teapot", 3900, "EUR")
    assert found.available is True
    assert found.url == "https://kestrel.example/products/cast-iron-teapot"
    assert found.image_url == "https://cdn.example/teapot.jpg"
    assert found.updated_at == to_time("2026-11-21T09:00:00Z")
    assert found.data == {
        "sku": ["POT-B", "POT-R"],
        "brand": "Kestrel Clay",
        "category": "Teapots",
        "options": ["Black", "Red"],
        "tags": ["iron", "tea"],
    }


def test_P1_what_a_product_lacks_is_empty_and_takes_old_words_away() -> None:
    bare = {"vendor": None, "productType": "", "tags": [], "options": [], "featuredMedia": None}
    found = product(**bare, description=None, variants=None)
    assert found.data == {"sku": [], "brand": "", "category": "", "options": [], "tags": []}
    assert (found.image_url, found.description) == ("", "")
    assert found.available is True  # there is stock


def test_P1_the_only_variants_name_is_no_option() -> None:
    assert product(options=[{"name": "Title", "values": ["Default Title"]}]).data["options"] == []


@pytest.mark.parametrize(
    ("more", "sale", "available"),
    [
        (False, [False, False], False),
        (False, [False, True], True),
        (True, [False, False], None),
        (True, [True, False], True),
    ],
)
def test_P1_availability_is_said_only_of_all_variants(
    more: bool, sale: list[bool], available: bool | None
) -> None:
    variants = {
        "pageInfo": {"hasNextPage": more},
        "nodes": [{"sku": "", "availableForSale": one} for one in sale],
    }
    assert product(variants=variants).available is available


def test_P1_a_product_without_a_page_of_its_own_gets_the_usual_address() -> None:
    found = product(onlineStoreUrl=None, handle="größe xl")
    assert found.url == "https://kestrel.example/products/gr%C3%B6%C3%9Fe%20xl"
    assert product(onlineStoreUrl="javascript:alert(1)", handle="").url == ""


def test_P1_hostile_and_huge_texts_are_cut_and_cleaned() -> None:
    found = product(
        title="T" * 900 + "\0",
        description="\ud800 half \0 a character" * 900,
        tags=["x" * 400, *(f"tag {one}" for one in range(200)), "", "tag 1"],
        featuredMedia={"preview": {"image": {"url": "data:text/html,<script>"}}},
    )
    assert len(found.title) == 500
    assert "\0" not in found.description
    found.description.encode()
    assert len(found.description) <= mapping.DESCRIPTION
    assert len(found.data["tags"]) == 50
    assert max(map(len, found.data["tags"])) == 255
    assert found.image_url == ""


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, True),
        ({"onlineStoreUrl": None}, True),
        ({"onlineStoreUrl": None, "publishedAt": None}, False),
        ({"status": "DRAFT"}, False),
        ({"status": "ARCHIVED"}, False),
        ({"status": "UNLISTED"}, False),
        ({"status": "SUSPENDED"}, False),
        ({"status": None}, False),
    ],
)
def test_P1_only_what_shoppers_can_find_is_in_the_catalog(
    changes: dict[str, Any], shown: bool
) -> None:
    assert in_catalog({**TEAPOT, **changes}) is shown


# Orders ----------------------------------------------------------------------------------


def test_S4_an_order_becomes_a_record_of_its_buyer() -> None:
    found = order()
    record = found.record
    assert (record.kind, record.reference, record.title) == (
        "order",
        "5512345678901234567",
        "Order #1001",
    )
    assert (record.amount, record.currency, record.status) == (5990, "EUR", "paid")
    assert record.url == "https://kestrel.myshopify.com/admin/orders/5512345678901234567"
    assert record.occurred_at == to_time("2026-11-21T09:00:00Z")
    assert record.updated_at == to_time("2026-11-21T09:00:02Z")
    assert found.customer == "7412345678901234567"
    assert found.buyer is not None
    assert found.buyer.profile["name"] == "Rosa Meyer"


def test_S4_both_of_shopifys_languages_give_the_same_record() -> None:
    bag = {"presentmentMoney": {"amount": "59.9", "currencyCode": "EUR"}}
    node = {
        "id": "gid://shopify/Order/5512345678901234567",
        "name": "#1001",
        "createdAt": "2026-11-21T09:00:00Z",
        "processedAt": "2026-11-21T09:00:00Z",
        "updatedAt": "2026-11-21T09:00:02Z",
        "cancelledAt": None,
        "displayFinancialStatus": "PAID",
        "displayFulfillmentStatus": "UNFULFILLED",
        "discountCodes": ["CHAT-1"],
        "currentTotalPriceSet": bag,
        "customer": {"id": "gid://shopify/Customer/7412345678901234567"},
    }
    read = to_order(node, SHOP, NOW)
    told = order(discount_codes=[{"code": "CHAT-1", "amount": "5.00", "type": "percentage"}])
    assert read.record == told.record
    assert read.customer == told.customer
    assert [code.code for code in read.codes] == [code.code for code in told.codes] == ["CHAT-1"]
    assert told.codes[0].saved is not None
    assert (told.codes[0].saved.minor, told.codes[0].saved.currency) == (500, "EUR")


@pytest.mark.parametrize(
    ("rest", "graphql", "status", "colour"),
    [
        (("paid", None), ("PAID", "UNFULFILLED"), "paid", "positive"),
        (("paid", "fulfilled"), ("PAID", "FULFILLED"), "fulfilled", "positive"),
        (
            ("paid", "partial"),
            ("PAID", "PARTIALLY_FULFILLED"),
            "partially fulfilled",
            "positive",
        ),
        (("paid", None), ("PAID", "ON_HOLD"), "paid", "positive"),
        (("pending", None), ("PENDING", "UNFULFILLED"), "pending", "warning"),
        (("authorized", None), ("AUTHORIZED", "UNFULFILLED"), "authorized", "warning"),
        (
            ("partially_paid", None),
            ("PARTIALLY_PAID", "UNFULFILLED"),
            "partially paid",
            "warning",
        ),
        (
            ("partially_refunded", "fulfilled"),
            ("PARTIALLY_REFUNDED", "FULFILLED"),
            "partially refunded",
            "warning",
        ),
        (("refunded", "fulfilled"), ("REFUNDED", "FULFILLED"), "refunded", "negative"),
        (("voided", None), ("VOIDED", "UNFULFILLED"), "voided", "negative"),
        ((None, None), (None, "UNFULFILLED"), "open", "warning"),
    ],
)
def test_S4_a_status_is_one_word_and_has_its_colour(
    rest: tuple[Any, Any], graphql: tuple[Any, Any], status: str, colour: str
) -> None:
    told = order(financial_status=rest[0], fulfillment_status=rest[1]).record
    node = {
        "id": "1",
        "displayFinancialStatus": graphql[0],
        "displayFulfillmentStatus": graphql[1],
        "updatedAt": "2026-11-21T09:00:02Z",
    }
    read = to_order(node, SHOP, NOW).record
    assert (told.status, read.status, tone(status)) == (status, status, colour)


def test_S4_a_cancelled_order_is_cancelled_whatever_was_paid() -> None:
    assert order("orders/cancelled").record.status == "cancelled"
    assert order("orders/cancelled").record.amount == 0


def test_C3_an_order_of_a_guest_or_at_the_till_has_no_customer() -> None:
    for customer in (None, {}, {"id": None}, {"id": 0}):
        found = order(customer=customer)
        assert (found.customer, found.buyer) == ("", None)


def test_D8_an_order_is_counted_in_what_the_buyer_pays_in() -> None:
    both = {
        "shop_money": {"amount": "10.00", "currency_code": "EUR"},
        "presentment_money": {"amount": "1650", "currency_code": "JPY"},
    }
    record = order(current_total_price_set=both).record
    assert (record.amount, record.currency) == (1650, "JPY")
    record = order(current_total_price_set=None, total_price_set=None).record
    assert (record.amount, record.currency) == (5990, "EUR")


def test_an_order_without_an_id_is_refused_by_name() -> None:
    with pytest.raises(Invalid) as refusal:
        order(id=None)
    assert refusal.value.field == "id"


# Customers -------------------------------------------------------------------------------


def test_S4_a_customer_is_told_on_a_few_lines() -> None:
    found = to_customer(payload("customers/update"))
    assert found is not None
    assert found.external_id == "7412345678901234567"
    assert found.profile == {
        "name": "Rosa Meyer",
        "email": "rosa.meyer@example.com",
        "phone": "+49 151 23456789",
        "address": "Hafenstraße 7, 2. Stock, 20457 Hamburg, Germany",
    }
    assert found.attributes == {
        "orders": "3",
        "spent": "179.70 EUR",
        "tags": "wholesale, newsletter",
    }
    assert found.updated_at == to_time("2026-11-20T17:30:00Z")


def test_S4_hidden_personal_data_erases_nothing() -> None:
    hidden = dict.fromkeys(("first_name", "last_name", "email", "phone", "default_address"))
    found = to_customer(payload("customers/update", **hidden))
    assert found is not None
    assert found.profile == {}
    only_a_name = to_customer({"id": 7, "firstName": "Rosa", "defaultEmailAddress": None})
    assert only_a_name is not None
    assert only_a_name.profile == {"name": "Rosa"}


def test_a_customer_inside_an_order_is_as_old_as_the_order() -> None:
    customer = {**payload("customers/update"), "updated_at": None}
    found = order(customer=customer)
    assert found.buyer is not None
    assert found.buyer.updated_at == found.record.updated_at


# In detail -------------------------------------------------------------------------------


DETAILS: dict[str, Any] = {
    "id": "gid://shopify/Order/5512345678901234567",
    "name": "#1001",
    "processedAt": "2026-11-21T09:00:00Z",
    "updatedAt": "2026-11-21T09:00:02Z",
    "cancelledAt": None,
    "displayFinancialStatus": "PARTIALLY_REFUNDED",
    "displayFulfillmentStatus": "PARTIALLY_FULFILLED",
    "refundable": True,
    "paymentGatewayNames": ["shopify_payments"],
    "statusPageUrl": "https://kestrel.example/orders/abc",
    "currentTotalPriceSet": {"presentmentMoney": {"amount": "54.9", "currencyCode": "EUR"}},
    "totalPriceSet": {"presentmentMoney": {"amount": "59.9", "currencyCode": "EUR"}},
    "totalRefundedSet": {"presentmentMoney": {"amount": "5.0", "currencyCode": "EUR"}},
    "customer": {"id": "gid://shopify/Customer/7"},
    "lineItems": {
        "pageInfo": {"hasNextPage": True},
        "nodes": [
            {
                "id": "gid://shopify/LineItem/66",
                "title": "Cup",
                "variantTitle": "Blue",
                "quantity": 3,
                "refundableQuantity": 2,
                "image": {"url": "https://cdn.example/cup.jpg"},
                "discountedUnitPriceSet": {
                    "presentmentMoney": {"amount": "6.33", "currencyCode": "EUR"}
                },
            },
            {"id": "gid://shopify/LineItem/67", "title": "Pot", "variantTitle": "Default Title"},
        ],
    },
    "fulfillments": [
        {
            "status": "SUCCESS",
            "displayStatus": "OUT_FOR_DELIVERY",
            "estimatedDeliveryAt": "2026-11-23T09:00:00Z",
            "deliveredAt": None,
            "trackingInfo": [{"company": "DHL", "number": "JJD1", "url": "https://dhl.example/1"}],
        },
        {"status": "SUCCESS", "displayStatus": "FULFILLED", "trackingInfo": []},
        {"status": "CANCELLED", "displayStatus": "CANCELED", "trackingInfo": []},
    ],
}


def test_S5_an_order_in_detail_has_its_whole_total_lines_parcels_and_links() -> None:
    found = to_details(DETAILS, SHOP, may_act=True)
    assert (found.number, found.payment, found.fulfilment) == (
        "#1001",
        "partially refunded",
        "partially fulfilled",
    )
    assert (found.payment_tone, found.fulfilment_tone) == ("warning", "positive")
    assert found.total is not None
    assert found.refunded is not None
    assert (found.total.text, found.refunded.text) == ("59.90", "5.00")
    cup, pot = found.lines
    assert (cup.id, cup.detail, cup.quantity, cup.refundable) == ("66", "Blue", 3, 2)
    assert cup.total is not None
    assert cup.total.text == "18.99"
    assert (pot.detail, pot.total) == ("", None)
    assert found.more_lines
    assert [(one.status, one.number) for one in found.parcels] == [
        ("out for delivery", "JJD1"),
        ("fulfilled", ""),
    ]
    assert found.status_url == "https://kestrel.example/orders/abc"
    assert found.customer == "7"
    assert found.actions == ("refund",)


def test_S5_an_order_whose_personal_fields_are_hidden_is_still_an_order() -> None:
    hidden = {"statusPageUrl": None, "customer": None, "lineItems": None, "fulfillments": None}
    found = to_details({**DETAILS, **hidden}, SHOP)
    assert (found.status_url, found.customer, found.lines, found.parcels) == ("", "", (), ())
    assert found.actions == ()


def test_X4_only_an_order_that_was_not_sent_can_be_cancelled() -> None:
    unsent = {**DETAILS, "displayFulfillmentStatus": "UNFULFILLED", "refundable": False}
    assert to_details(unsent, SHOP, may_act=True).actions == ("cancel",)
    done = {**unsent, "cancelledAt": "2026-11-21T10:00:00Z"}
    assert to_details(done, SHOP, may_act=True).actions == ()
