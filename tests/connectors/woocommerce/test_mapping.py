"""What WooCommerce sends, in the words of the hub: every capture of a real shop (C2, C3, D-8)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.woocommerce.mapping import (
    in_catalog,
    is_shopper,
    packed,
    to_customer,
    to_product,
    to_time,
    unpacked,
)
from connectors.woocommerce.order_mapping import to_details, to_order
from connectors.woocommerce.plain import to_plain
from connectors.woocommerce.slim import slim_body
from core.errors import HubError, Invalid

CAPTURES = Path(__file__).parents[3] / "connectors/woocommerce/fixtures"
ADMIN = "http://127.0.0.1:8089/wp-admin/"
NOW = round(datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp() * 1000)


def capture(name: str) -> Any:
    return json.loads((CAPTURES / f"{name}.json").read_text(encoding="utf-8"))


def webhooks() -> Iterator[tuple[str, str, bytes]]:
    """Name, topic and body of every captured webhook, the six of one second too."""
    for path in sorted(CAPTURES.glob("*.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(found, list):
            continue
        for place, one in enumerate(found.get("deliveries", [found])):
            headers = {name.lower(): value for name, value in _pairs(one.get("headers", {}))}
            if topic := headers.get("x-wc-webhook-topic"):
                yield f"{path.stem}-{place}", topic, base64.b64decode(one["body_base64"])


def _pairs(headers: Any) -> list[tuple[str, str]]:
    return list(headers.items()) if isinstance(headers, dict) else [tuple(one) for one in headers]


HOOKS = list(webhooks())


def hook(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.b64decode(capture(name)["body_base64"]))
    return found


def order(node: dict[str, Any]) -> Any:
    found = to_order(node, ADMIN, NOW)
    assert found is not None
    return found


# Every capture ---------------------------------------------------------------------------


def test_there_are_captures_of_every_topic() -> None:
    assert len(HOOKS) == 26
    assert {topic.partition(".")[0] for _, topic, _ in HOOKS} == {
        "order",
        "product",
        "customer",
        "coupon",
    }


@pytest.mark.parametrize(("name", "topic", "body"), HOOKS, ids=[one[0] for one in HOOKS])
def test_C2_every_captured_webhook_says_the_same_without_what_is_never_stored(
    name: str, topic: str, body: bytes
) -> None:
    payload, stored = json.loads(body), json.loads(slim_body(topic, body))
    assert stored["id"] == payload["id"]
    if topic.endswith("deleted"):
        return
    match topic.partition(".")[0]:
        case "order":
            assert to_order(stored, ADMIN, NOW) == to_order(payload, ADMIN, NOW)
        case "product" if payload["type"] != "variation":
            assert to_product(stored, "EUR") == to_product(payload, "EUR")
        case "customer":
            assert to_customer(stored) == to_customer(payload)


@pytest.mark.parametrize(("name", "topic", "body"), HOOKS, ids=[one[0] for one in HOOKS])
def test_O6_nothing_that_opens_an_order_or_watches_its_buyer_is_stored(
    name: str, topic: str, body: bytes
) -> None:
    stored = slim_body(topic, body).decode()
    for word in ("order_key", "wc_order_", "payment_url", "pay_for_order", "ip_address", "_links"):
        assert word not in stored
    assert "user_agent" not in stored and "meta_data" not in stored
    if topic.startswith("order."):
        assert "@" not in stored and "billing" not in stored


def test_a_body_that_is_no_object_is_refused() -> None:
    for body in (b"webhook_id=20", b"", b"[]", b'{"id": 1', b'"x"', b'{"id": "\\ud800"}'):
        with pytest.raises(HubError):
            slim_body("order.updated", body)


def test_C2_all_orders_of_a_page_become_records() -> None:
    nodes = capture("rest_orders")
    found = [order(node) for node in nodes]
    assert len(found) == 62
    for node, one in zip(nodes, found, strict=True):
        record = one.record
        assert record.reference == str(node["id"])
        assert record.title == f"Order #{node['number']}"
        assert (record.amount, record.currency) == (round(float(node["total"]) * 100), "EUR")
        assert record.occurred_at == to_time(node["date_created_gmt"])
        assert one.customer == ("" if node["customer_id"] == 0 else str(node["customer_id"]))
        assert record.url == f"{ADMIN}post.php?post={node['id']}&action=edit"
    assert {one.record.status for one in found} == {
        "processing",
        "pending",
        "failed",
        "refunded",
        "cancelled",
        "completed",
        "on-hold",
        "partially refunded",
    }
    assert sum(one.customer == "" for one in found) == 11


def test_C2_all_products_of_a_page_become_products_or_are_hidden() -> None:
    nodes = capture("rest_products")
    shown = {node["id"]: to_product(node, "EUR") for node in nodes if in_catalog(node)}
    assert len(shown) == 48
    assert {node["name"] for node in nodes if not in_catalog(node)} == {"Speaker", "Board Game"}
    assert all(one.price and one.currency == "EUR" for one in shown.values())
    assert all("<" not in str(one.title) + str(one.description) for one in shown.values())
    assert shown[38].title == "Kettle “Größe XL” & Deluxe"
    assert shown[38].available is True
    assert shown[90].available is False  # a stock of -3
    assert shown[32].available is False  # 0
    assert (shown[175].price, shown[175].available) == (5300, True)  # null: by variation
    assert (shown[88].price, shown[186].price) == (3998, 1105)  # a sale, and sold elsewhere


def test_C2_a_variable_product_is_found_by_what_its_variations_are() -> None:
    (shirt,) = (one for one in capture("rest_products") if one["name"] == "Shirt")
    skus = packed(one["sku"] for one in capture("rest_variations"))
    draft = to_product(shirt, "EUR", skus)
    assert draft.data["options"] == ["Blue", "Green", "Red", "L", "M", "S"]
    assert len(unpacked(draft.data["variants"])) == 9
    assert "VAR-8-green-l" in draft.data["variants"][0]
    assert draft.data["sku"] == ["VAR-8"]


def test_C2_all_customers_of_a_page() -> None:
    found = [to_customer(node) for node in capture("rest_customers")]
    assert len(found) == 20
    anna = found[-1] if found[-1] and found[-1].external_id == "2" else found[0]
    assert anna is not None
    assert anna.external_id == "2"
    assert anna.profile == {
        "name": "Anna Müller",
        "email": "cust1@example.com",
        "username": "cust1",
        "phone": "+49 30 555 0100",
        "address": "Straße 1, 10115 Stadt, DE",
    }


# Orders ----------------------------------------------------------------------------------


def test_a_checkout_that_was_only_opened_is_no_order() -> None:
    assert to_order(hook("checkout_draft_order.updated"), ADMIN, NOW) is None
    assert to_order({"id": 5, "status": "trash"}, ADMIN, NOW) is None


def test_C3_a_guests_order_names_nobody() -> None:
    assert order(hook("order.created.guest")).customer == ""
    assert order(hook("checkout_guest_order.created")).customer == ""
    assert order(hook("checkout_customer_order.created")).customer == "2"


def test_a_refund_in_part_is_said_and_how_much_it_was() -> None:
    node = hook("order.updated.refund")
    record = order(node).record
    assert (record.status, record.amount) == ("partially refunded", 13114)
    details = to_details(node, ADMIN)
    assert details.refunded is not None and details.total is not None
    assert (details.refunded.text, details.total.text) == ("3.00", "131.14")
    assert (details.payment, details.fulfilment) == ("partially refunded", "processing")


def test_a_refund_in_full_keeps_the_total() -> None:
    node = next(one for one in capture("rest_orders") if one["id"] == 257)
    assert (order(node).record.status, order(node).record.amount) == ("refunded", 9627)
    refunded = to_details(node, ADMIN).refunded
    assert refunded is not None and refunded.text == "96.27"


@pytest.mark.parametrize(
    ("total", "currency", "minor"),
    [
        ("131.14", "EUR", 13114),
        ("18", "EUR", 1800),
        ("0.10", "EUR", 10),
        ("1500", "JPY", 1500),
        ("131", "JPY", 131),
        ("1.234", "KWD", 1234),
        ("19.989999999999998", "EUR", 1999),
        ("", "EUR", None),
        ("0.1", "BTC", None),
        ("many", "EUR", None),
    ],
)
def test_D8_an_amount_is_exact_in_the_orders_own_currency(
    total: str, currency: str, minor: int | None
) -> None:
    node = {**hook("order.created"), "total": total, "currency": currency}
    record = order(node).record
    assert (record.amount, record.currency) == (minor, currency if minor is not None else None)


def test_an_order_is_called_by_its_number_and_known_by_its_id() -> None:
    node = {**hook("order.created"), "number": "2026-17"}
    assert order(node).record.title == "Order #2026-17"
    assert order(node).reference == str(node["id"])
    assert to_details(node, ADMIN).number == "#2026-17"


def test_X1_an_orders_coupons_and_what_they_saved() -> None:
    node = next(one for one in capture("rest_orders") if one["id"] == 250)
    (code,) = order(node).codes
    saved = sum(
        round(100 * float(one[name]))
        for one in node["coupon_lines"]
        for name in ("discount", "discount_tax")
    )
    assert code.code == "welcome10"
    assert code.saved is not None and code.saved.minor == saved
    for status in ("pending", "failed", "cancelled"):  # the shop has not counted it
        assert order({**node, "status": status}).codes == ()


@pytest.mark.parametrize(
    ("changes", "payment"),
    [
        ({"status": "completed", "date_paid_gmt": "2026-11-22T04:00:00"}, "paid"),
        ({"status": "on-hold", "date_paid_gmt": None}, "unpaid"),
        ({"status": "failed", "date_paid_gmt": None}, "failed"),
        ({"status": "refunded"}, "refunded"),
    ],
)
def test_whether_an_order_was_paid(changes: dict[str, Any], payment: str) -> None:
    assert to_details({**hook("order.created"), **changes}, ADMIN).payment == payment


def test_the_lines_of_an_order_with_tax_and_the_chosen_size() -> None:
    nodes = [
        one for one in capture("rest_orders") for line in one["line_items"] if line["variation_id"]
    ]
    lines = to_details(nodes[0], ADMIN).lines
    (line,) = (one for one in lines if one.detail)
    assert (line.title, line.detail) == ("Jacket", "Red, S")
    (plain,) = to_details(hook("checkout_customer_order.created"), ADMIN).lines
    assert plain.total is not None
    assert (plain.title, plain.detail, plain.quantity) == ("Headphones", "", 1)
    assert plain.total.text == "48.32"
    assert plain.image_url.endswith("headphones-38.jpg")


def test_C1_times_are_utc_though_they_do_not_say_so() -> None:
    record = order(hook("checkout_customer_order.created")).record
    assert record.occurred_at == to_time("2026-11-22T04:45:46Z")
    for value in (None, "", "yesterday", 5, "0000-00-00T00:00:00"):
        assert to_time(value) is None


@pytest.mark.parametrize("junk", [None, 0, -1, "", "x", [], {}, True, 1.5, "1e5"])
def test_O6_an_order_without_an_id_is_refused(junk: Any) -> None:
    with pytest.raises(Invalid):
        to_order({**hook("order.created"), "id": junk}, ADMIN, NOW)


@pytest.mark.parametrize("junk", [None, 5, "x", [5], {"a": 1}, [None], [[]], [{}], True])
def test_O6_a_hostile_shop_breaks_no_mapping(junk: Any) -> None:
    for name in hook("order.created"):
        if name != "id":
            node = {**hook("order.updated.refund"), name: junk}
            to_details(node, ADMIN)
            to_order(node, ADMIN, NOW)
    for name in hook("product.created"):
        if name != "id":
            node = {**hook("product.created"), name: junk}
            in_catalog(node)
            to_product(node, "EUR")
    for name in hook("customer.created"):
        node = {**hook("customer.created"), name: junk}
        is_shopper(node)
        to_customer(node)


# Products and customers ------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "draft"},
        {"status": "private"},
        {"status": "trash"},
        {"catalog_visibility": "hidden"},
        {"post_password": "sesame"},
        {"type": "variation"},
    ],
)
def test_P1_what_visitors_cannot_find_is_not_in_the_catalog(changes: dict[str, str]) -> None:
    node = hook("product.created")
    assert in_catalog(node)
    assert not in_catalog({**node, **changes})


def test_O6_a_products_password_is_not_stored() -> None:
    body = json.dumps({**hook("product.created"), "post_password": "sesame"}).encode()
    stored = slim_body("product.updated", body)
    assert b"sesame" not in stored
    assert not in_catalog(json.loads(stored))


def test_P1_a_product_without_a_price_cannot_be_bought() -> None:
    draft = to_product({**hook("product.created"), "price": ""}, "EUR")
    assert (draft.price, draft.available) == (None, False)


def test_P1_names_are_raw_or_escaped_and_become_plain() -> None:
    assert to_product(hook("product.created"), "EUR").title == "Webhook Product “ä” & co"
    assert to_plain("Kettle & <b>Deluxe</b>", 100) == "Kettle & Deluxe"
    assert to_plain("a < b &amp; c > d", 100) == "a < b & c > d"
    assert to_plain("<p>One</p>\n<p>Two<br>three</p><script>x()</script>", 100) == "One Two three"
    assert to_plain("帆布袋 <img src=x onerror=alert(1)>", 100) == "帆布袋"


def test_P1_hundreds_of_skus_fit() -> None:
    skus = [f"SKU-{one:04}-green-l" for one in range(500)]
    texts = packed(skus)
    assert len(texts) <= 50 and max(len(text) for text in texts) <= 255
    assert unpacked(texts) == skus


def test_an_editor_is_no_customer() -> None:
    assert is_shopper(hook("customer.created"))
    assert not is_shopper({**hook("customer.created"), "role": "editor"})
