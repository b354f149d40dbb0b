"""An order or a refund as the REST API and the webhooks show it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from connectors.woocommerce.standin.orders import ADDRESS, Line, Order, Refund
from connectors.woocommerce.standin.product_json import image_of, links
from connectors.woocommerce.standin.values import (
    Json,
    bare,
    dates,
    local,
    money,
    number,
    php_json,
    slug,
    symbol,
    utc,
)

if TYPE_CHECKING:
    from connectors.woocommerce.standin.shop import Shop

METHODS = {"bacs": "Direct bank transfer", "cod": "Cash on delivery", "": ""}
_ZERO = Decimal(0)


def order(store: Shop, one: Order, digits: int = 2) -> Json:
    """All fields of an order; `digits` is the parameter `dp`."""
    shown = _head(one) | _amounts(one, digits) | _people(one) | _payment(one)
    shown |= {
        "number": one.number,
        "meta_data": one.meta,
        "line_items": [_line(store, line, digits, one) for line in one.lines],
        "tax_lines": _tax_lines(one),
        "shipping_lines": _shipping_lines(one),
        "fee_lines": [],
        "coupon_lines": _coupon_lines(one),
        "refunds": [
            {"id": each.id, "reason": each.reason, "total": money(-each.amount, digits)}
            for each in one.refunds
        ],
    }
    shown |= _tail(store, one)
    shown["_links"] = _links(store, one)
    return shown


def _head(one: Order) -> Json:
    return {
        "id": one.id,
        "parent_id": 0,
        "status": one.status,
        "currency": one.currency,
        "version": "10.5.0",
        "prices_include_tax": True,
        "date_created": local(one.created),
        "date_modified": local(one.modified),
    }


def _amounts(one: Order, digits: int) -> Json:
    discount, discount_tax = one.discount
    amounts = {
        "discount_total": discount,
        "discount_tax": discount_tax,
        "shipping_total": one.freight,
        "shipping_tax": one.freight_tax,
        "cart_tax": one.line_tax,
        "total": one.total,
        "total_tax": one.line_tax + one.freight_tax,
    }
    return {name: money(amount, digits) for name, amount in amounts.items()}


def _people(one: Order) -> Json:
    return {
        "customer_id": one.customer,
        "order_key": one.key,
        "billing": {name: one.billing.get(name, "") for name in ADDRESS},
        "shipping": {name: one.shipping.get(name, "") for name in ADDRESS if name != "email"},
    }


def _payment(one: Order) -> Json:
    return {
        "payment_method": one.method,
        "payment_method_title": METHODS.get(one.method, one.method),
        "transaction_id": "",
        "customer_ip_address": one.ip,
        "customer_user_agent": one.agent,
        "created_via": one.via,
        "customer_note": one.note,
        "date_completed": local(one.completed),
        "date_paid": local(one.paid),
        "cart_hash": "",
    }


def _tail(store: Shop, one: Order) -> Json:
    unpaid = one.status in ("pending", "failed", "checkout-draft")
    return {
        "payment_url": (
            f"{store.home}/checkout/order-pay/{one.id}/?pay_for_order=true&key={one.key}"
        ),
        "is_editable": one.status in ("pending", "on-hold", "auto-draft"),
        "needs_payment": unpaid and one.total > 0,
        "needs_processing": bool(one.lines),
        "date_created_gmt": utc(one.created),
        "date_modified_gmt": utc(one.modified),
        "date_completed_gmt": utc(one.completed),
        "date_paid_gmt": utc(one.paid),
        "currency_symbol": symbol(one.currency)[0],
    }


def _links(store: Shop, one: Order) -> Json:
    base = f"{store.home}/wp-json/wc/v3"
    templates = f"{base}/orders/{one.id}/actions/email_templates"
    more = {"email_templates": [{"embeddable": True, "href": templates}]}
    if one.customer:
        more["customer"] = [{"href": f"{base}/customers/{one.customer}"}]
    return links(store, f"orders/{one.id}", "orders", **more)


def _meta(owner: int, key: str, value: str, shown: tuple[str, str] | None = None) -> Json:
    display_key, display_value = shown or (key, value)
    return {
        "id": owner * 100 + len(key),  # the same in every answer
        "key": key,
        "value": value,
        "display_key": display_key,
        "display_value": display_value,
    }


def _line(store: Shop, line: Line, digits: int, order: Order) -> Json:
    before, before_tax = line.amounts(discounted=False)
    after, after_tax = line.amounts(discounted=True)
    parent = line.product.parent
    found = image_of(store, line.product)
    taxes = {"id": 1, "total": money(after_tax), "subtotal": money(before_tax)}
    return {
        "id": line.id,
        "name": line.product.name,
        "product_id": parent or line.product.id,
        "variation_id": line.product.id if parent else 0,
        "quantity": line.quantity,
        "tax_class": "",
        "subtotal": money(before, digits),
        "subtotal_tax": money(before_tax, digits),
        "total": money(after, digits),
        "total_tax": money(after_tax, digits),
        "taxes": [taxes] if line.taxed else [],
        "meta_data": _line_meta(line, order),
        "sku": line.product.sku,
        "global_unique_id": "",
        "price": number((line.gross - line.discount) / line.quantity / Decimal("1.19")),
        "image": _image(found, is_number=bool(parent)),
        "parent_name": line.parent_name,
    }


def _image(found: tuple[int, str] | None, *, is_number: bool) -> Json:
    """A product's picture has its id as text, a variation's as a number."""
    number, src = found or ("", "")
    return {"id": number if is_number else str(number), "src": src}


def _line_meta(line: Line, order: Order) -> list[Json]:
    meta = [
        _meta(line.id, f"pa_{slug(title)}", slug(option), (title, option))
        for title, option in line.product.options.items()
    ]
    if order.took_stock and line.product.stock is not None:
        meta.append(_meta(line.id, "_reduced_stock", str(line.quantity)))
    return meta


def _tax_lines(one: Order) -> list[Json]:
    if not one.taxed:
        return []
    return [
        {
            "id": one.id * 10,
            "rate_code": "DE-MWST-1",
            "rate_id": 1,
            "label": "MwSt",
            "compound": False,
            "tax_total": money(one.line_tax),
            "shipping_tax_total": money(one.freight_tax),
            "rate_percent": 19,
            "meta_data": [],
        }
    ]


def _shipping_lines(one: Order) -> list[Json]:
    if not one.freight:
        return []
    taxes = [{"id": 1, "total": money(one.freight_tax), "subtotal": ""}]
    return [
        {
            "id": one.id * 10 + 1,
            "method_title": "Flat rate",
            "method_id": "flat_rate",
            "instance_id": "1",
            "total": money(one.freight),
            "total_tax": money(one.freight_tax),
            "taxes": taxes if one.taxed else [],
            "tax_status": "taxable",
            "meta_data": [],
        }
    ]


def _coupon_lines(one: Order) -> list[Json]:
    shown = []
    for line, coupon, code, kind, amount, discount in one.coupons:
        net = discount / Decimal("1.19")
        info = php_json([coupon, code, kind, number(amount)])
        shown.append(
            {
                "id": line,
                "code": code,
                "discount": bare(net),
                "discount_tax": bare(discount - net if one.taxed else _ZERO),
                "meta_data": [_meta(line, "coupon_info", info)],
                "discount_type": kind,
                "nominal_amount": number(amount),
                "free_shipping": False,
            }
        )
    return shown


def refund(store: Shop, one: Order, each: Refund) -> Json:
    """A refund as `/orders/{id}/refunds` shows it."""
    path = f"orders/{one.id}/refunds"
    up = [{"href": f"{store.home}/wp-json/wc/v3/orders/{one.id}"}]
    return {
        "id": each.id,
        "parent_id": one.id,
        **dates("date_created", each.created),
        "amount": money(each.amount),
        "reason": each.reason,
        "refunded_by": 1,
        "refunded_payment": False,
        "meta_data": [],
        "line_items": each.lines,
        "shipping_lines": [],
        "tax_lines": [],
        "fee_lines": [],
        "_links": links(store, f"{path}/{each.id}", path, up=up),
    }
