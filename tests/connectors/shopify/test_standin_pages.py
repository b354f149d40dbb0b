"""The stand-in for people and for trouble: its admin, its storefront, and faults on request."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sys
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from click.testing import CliRunner

from connectors.shopify.standin import FAULTS
from connectors.shopify.standin.command import shopify
from connectors.shopify.standin.discounts import Refused
from connectors.shopify.standin.liquid import Block
from connectors.testing import faults
from tests.connectors.shopify.standin_calls import GRAPHQL, Caller, caller

CREATE = """mutation HubDiscountCreate($input: DiscountCodeBasicInput!) {
  discountCodeBasicCreate(basicCodeDiscount: $input) {
    codeDiscountNode { id } userErrors { code message } } }"""
INPUT = {
    "title": "Chat",
    "code": "CHAT-1",
    "startsAt": "2026-01-01T00:00:00Z",
    "usageLimit": 1,
    "context": {"all": "ALL"},
    "customerGets": {"value": {"percentage": 0.1}, "items": {"all": True}},
}
HANGS = {"timeout", "timeout_after", "stalls_in_the_middle"}


@pytest.fixture
async def call() -> AsyncIterator[Caller]:
    async with caller() as one:
        one.shop.add_products(3)
        yield one


@pytest.fixture(autouse=True)
def briefly(monkeypatch: Any) -> None:
    monkeypatch.setattr(faults, "SLOW", 0.01)
    monkeypatch.setattr(faults, "HUGE", 1_000_000)


def test_there_are_more_than_forty_ways_to_fail() -> None:
    assert len(FAULTS) >= 40
    assert all(name == fault.name for name, fault in FAULTS.items())


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_strikes_once_and_takes_effect_only_if_it_says_so(
    call: Caller, name: str
) -> None:
    call.store.fail("HubDiscountCreate", name)
    body = {"query": CREATE, "variables": {"input": INPUT}}
    headers = {"X-Shopify-Access-Token": call.token}
    patience = aiohttp.ClientTimeout(total=0.3 if name in HANGS else 5)
    plain: Any = None
    try:
        async with call.session.post(
            call.store.url + GRAPHQL,
            json=body,
            headers=headers,
            timeout=patience,
            allow_redirects=False,
        ) as answer:
            text = await answer.read()
            if answer.status == 200:
                plain = json.loads(text)["data"]["discountCodeBasicCreate"]["codeDiscountNode"]
    except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError, RecursionError):
        plain = None
    fault = FAULTS[name]
    assert (call.shop.discounts.by_code("CHAT-1") is not None) == fault.took_effect
    assert plain is None or fault.took_effect
    assert call.store.asked("HubDiscountCreate")[-1].fault == name
    assert await call.data("{ shop { name } }")


async def test_faults_are_matched_counted_skipped_and_forgotten(call: Caller) -> None:
    asked = {"query": "query HubShop { shop { name } }"}
    trouble = call.store.fail("HubShop", "503", times=2, skip=1)
    assert [(await call.post(GRAPHQL, asked))[0] for _ in range(2)] == [200, 503]
    assert trouble.struck == 1
    call.store.fail("shop", "throttled", times=None)
    call.store.recover()
    assert (await call.post(GRAPHQL, asked))[0] == 200
    call.store.fail(lambda request: request.method == "DELETE", "500")
    assert (await call.post(GRAPHQL, asked))[0] == 200


async def page(call: Caller, path: str, **form: str) -> str:
    """A page as a browser shows it, after posting the form if there is one."""
    address = call.store.url + path
    request = call.session.post(address, data=form) if form else call.session.get(address)
    async with request as answer:
        assert answer.status == 200, await answer.text()
        return await answer.text()


VIEWS = ["products", "orders", "customers", "discounts", "app", "webhooks", "requests", "faults"]


@pytest.mark.parametrize("view", VIEWS)
async def test_the_admin_shows_what_the_shop_has_and_nothing_from_elsewhere(
    call: Caller, view: str
) -> None:
    order = call.shop.add_order(customer=call.shop.add_customer(first_name="<b>Ann"))
    call.shop.fulfil(order)
    call.store.fail("*", "503", times=0)
    text = await page(call, f"/admin/standin/{view}")
    assert "<b>Ann" not in text
    assert call.token not in text
    assert not re.search(r'(src|href)="https?:', text)


async def test_the_admins_buttons_do_what_they_say(call: Caller) -> None:
    do = "/admin/standin/do/"
    await page(call, do + "add-product", title="Fern mug", price="12.5", stock="4")
    node = call.shop.read(list(call.shop.catalog.products.values())[-1])
    assert node["variants"][0]["price"] == "12.50" and node["totalInventory"] == 4
    number = node["legacyResourceId"]
    form = {"id": number, "title": "Moss mug", "price": "12.50", "stock": "9", "status": "DRAFT"}
    await page(call, do + "edit-product", **form)
    node = call.shop.read(call.shop.product(int(number)))
    assert (node["title"], node["totalInventory"], node["status"]) == ("Moss mug", 9, "DRAFT")
    await page(call, do + "add-customer", name="Ann Archer", email="ann@example.com")
    (customer,) = call.shop.people.nodes
    await page(call, do + "add-order", product=number, customer=str(customer), quantity="2")
    (order,) = call.shop.orders.nodes.values()
    for button in ("pay", "fulfil", "deliver", "refund", "cancel"):
        await page(call, do + button, id=order["legacyResourceId"])
    assert order["displayFinancialStatus"] == "REFUNDED" and order["cancelledAt"]
    await page(call, do + "add-code", code="HELLO", percent="10")
    await page(call, do + "redeem-code", code="HELLO")
    assert call.shop.discounts.by_code("HELLO")["_used"] == 1  # type: ignore[index]
    await page(call, do + "embed", x="1")
    assert call.shop.embed_on
    await page(call, do + "fail", match="HubShop", fault="503", times="1")
    assert call.store.troubles[0].fault.name == "503"
    await page(call, do + "uninstall", x="1")
    assert not call.shop.installation().installed
    await page(call, do + "delete-product", id=number)
    assert int(number) not in call.shop.catalog.products


async def test_another_sites_form_moves_nothing(call: Caller) -> None:
    async with call.session.post(
        f"{call.store.url}/admin/standin/do/uninstall", headers={"Sec-Fetch-Site": "cross-site"}
    ) as answer:
        assert answer.status == 403
    assert call.shop.installation().installed


async def test_nonsense_in_the_admin_is_an_error_in_words(call: Caller) -> None:
    async with call.session.post(
        f"{call.store.url}/admin/standin/do/add-product", data={"title": "x", "price": "dear"}
    ) as answer:
        assert answer.status == 400 and "That did not work" in await answer.text()


async def test_a_shared_code_is_redeemed_once_at_the_checkout(call: Caller) -> None:
    assert not (await call.data(CREATE, input=INPUT))["discountCodeBasicCreate"]["userErrors"]
    variant = call.shop.any_variant()
    await page(call, "/discount/CHAT-1?redirect=/products/linen-throw")
    path = f"/checkout?variant={variant['legacyResourceId']}&quantity=2"
    assert 'value="CHAT-1"' in await page(call, path)
    thanks = await page(call, path, code="CHAT-1", email="ann@example.com")
    assert "Discount CHAT-1 was used" in thanks
    (order,) = call.shop.orders.nodes.values()
    assert order["discountCodes"] == ["CHAT-1"] and order["_discount"] == Decimal("0.99")
    with pytest.raises(Refused, match="usage limit"):
        call.shop.checkout([{"variant": variant}], code="CHAT-1")
    async with call.session.post(call.store.url + path, data={"code": "CHAT-1"}) as answer:
        assert answer.status == 422 and "usage limit" in await answer.text()


async def test_a_code_does_not_lead_away_from_the_shop(call: Caller) -> None:
    address = f"{call.store.url}/discount/X?redirect=//evil.example/"
    async with call.session.get(address, allow_redirects=False) as answer:
        assert answer.headers["Location"] == "/"


@pytest.fixture
def extension(tmp_path: Path) -> Path:
    """A theme app extension that uses all the Liquid the stand-in knows."""
    for name in ("blocks", "assets", "locales"):
        (tmp_path / name).mkdir()
    (tmp_path / "assets" / "chat.js").write_text("window.chat = 1")
    (tmp_path / "locales" / "en.default.json").write_text('{"none": "Not connected"}')
    (tmp_path / "blocks" / "chat.liquid").write_text(
        """{%- comment -%} words {%- endcomment -%}
{%- liquid
  assign key = app.metafields.hub.key.value
-%}
{%- if key != blank and shop.name == 'Kestrel' -%}
  <div data-key="{{ key | escape }}" data-in="{% if customer %}1{% endif %}"></div>
{%- elsif request.design_mode -%}editing{%- else -%}{{ 'none' | t }}{%- endif -%}
{% schema %}{"name": "x", "javascript": "chat.js", "settings": []}{% endschema %}"""
    )
    return tmp_path


async def test_the_storefront_runs_the_embed_only_while_it_is_on(extension: Path) -> None:
    async with caller(extension=extension) as call:
        ann = call.shop.add_customer()
        fields = call.shop.installation().metafields
        fields["hub", "key"] = {"value": '"><script>', "namespace": "hub", "key": "key"}
        assert "data-key" not in await page(call, "/")
        call.shop.embed_on = True
        text = await page(call, "/")
        assert 'data-key="&quot;&gt;&lt;script&gt;" data-in=""' in text
        assert await page(call, "/extensions/chat.js") == "window.chat = 1"
        await page(call, "/account/login", customer=ann["legacyResourceId"])
        assert 'data-in="1"' in await page(call, "/")
        fields.clear()
        assert "Not connected" in await page(call, "/")
        call.shop.uninstall()
        assert "Not connected" not in await page(call, "/")


def test_liquid_that_the_stand_in_does_not_know_is_refused(extension: Path) -> None:
    (extension / "blocks" / "chat.liquid").write_text("{% render 'snippet' %}")
    with pytest.raises(ValueError, match="render"):
        Block(extension).render({})


def test_the_command_says_what_it_is_for() -> None:
    told = CliRunner().invoke(shopify, ["--help"])
    assert told.exit_code == 0 and "strictly" in told.output
    for option in ("--port", "--products", "--app-url", "--client-id", "--client-secret"):
        assert option in told.output


async def test_the_command_opens_a_shop_until_it_is_interrupted() -> None:
    serving = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "connectors.shopify.standin", "--port", "0", "--products", "3"),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    assert serving.stdout
    told = (await serving.stdout.readuntil(b"Ctrl+C")).decode()
    (origin,) = re.findall(r"SHOPIFY_ORIGIN=(\S+)", told)
    async with aiohttp.ClientSession() as session, session.get(f"{origin}/admin") as answer:
        assert "Products: 3" in await answer.text()
    serving.send_signal(signal.SIGINT)
    assert await serving.wait() == 0


async def test_with_several_shops_a_browser_is_asked_which() -> None:
    async with caller("kestrel", "northlight") as call:
        headers = {"Accept": "text/html"}
        async with call.session.get(f"{call.store.url}/admin", headers=headers) as answer:
            assert answer.status == 300 and "Northlight" in await answer.text()
        assert "Northlight" in await page(call, "/admin?shop=northlight.myshopify.com")
