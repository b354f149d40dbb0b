"""What merchants paste into functions.php: the reference's as shops send it, and ours."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from connectors.testing.hubs import RunningHub, Shop, Visitor, serve
from connectors.woocommerce.standin import WooStore
from connectors.woocommerce.standin.orders import Order
from connectors.woocommerce.standin.people import Person
from core.db import Work
from tests.connectors.woocommerce.stage import ANNA, APP_ID, HUB, SECRET, order, play

pytestmark = pytest.mark.anyio

CONNECTOR = Path(__file__).parents[3] / "connectors/woocommerce"
CAPTURED = {
    path.stem: json.loads(path.read_text())["requests"]
    for path in sorted((CONNECTOR / "fixtures").glob("snippet_*.json"))
    if path.stem != "snippet_wp_footer"
}
TONES = {
    "pending": "warning",
    "processing": "warning",
    "on-hold": "warning",
    "completed": "positive",
    "refunded": "negative",
    "cancelled": "negative",
    "failed": "negative",
}


@pytest.fixture
async def hub(sqlite_url: str, tmp_path: Path) -> AsyncIterator[RunningHub]:
    async with serve(tmp_path / "hub", sqlite_url) as running:
        yield running


# The reference's, in a shop


class Pasted:
    """A shop with the reference's functions.php, and the hub that it posts to."""

    def __init__(self, store: WooStore, shop: Shop) -> None:
        self.store, self.shop = store, shop
        store.snippet.install(shop.hub.url, shop.made.api_key, shop.made.identity_secret)

    async def arrive(self) -> list[str]:
        """Let everything be posted; the hub's answers."""
        await self.store.snippet.flush()
        return self.store.snippet.outcomes

    async def visitor(self, person: Person) -> Visitor:
        """A browser that runs what the footer prints for this customer."""
        printed = self.store.snippet.footer(person)
        said = re.fullmatch(r"<script>SoftbetChat\('identify', (.*)\);</script>", printed)
        assert said
        return await self.shop.visitor(**json.loads(said[1]))

    async def activity(self, person: Person) -> dict[str, dict[str, Any]]:
        """The customer's own orders, as the widget shows them."""
        visitor = await self.visitor(person)
        assert visitor.session["assurance"] == "hmac"
        items = (await visitor.request("GET", "/v1/chat/activity")).json()["items"]
        return {one["reference"]: one for one in items}

    async def nobodys(self) -> list[str]:
        """The orders that are kept with no customer."""

        def read(work: Work) -> list[str]:
            ours = "SELECT reference FROM records WHERE customer_id IS NULL ORDER BY reference"
            return list(work.execute(text(ours)).scalars())

        return await self.shop.hub.hub.db.read(read)


@pytest.fixture
async def pasted(hub: RunningHub, shop: Shop) -> AsyncIterator[Pasted]:
    async with WooStore() as store:
        store.add_product("Mug", "19.99", sku="MUG", stock=100)
        yield Pasted(store, shop)


def bought(pasted: Pasted, **more: Any) -> Order:
    """An order of one mug, 19.99 altogether, that makes the snippet post."""
    return pasted.store.add_order(["MUG"], freight=Decimal(0), **more)


async def test_C2_C3_C4_an_order_stands_with_the_customer_whom_the_footer_proves(
    pasted: Pasted,
) -> None:
    anna, ben = (pasted.store.add_customer(f"{name}@shop.example") for name in ("anna", "ben"))
    one, two = bought(pasted, customer=anna), bought(pasted, customer=ben)
    assert await pasted.arrive() == ["200", "200"]
    assert list(await pasted.activity(anna)) == [str(one.id)]
    assert list(await pasted.activity(ben)) == [str(two.id)]


async def test_C3_all_guests_are_0_and_never_one_customer(pasted: Pasted) -> None:
    guests = [bought(pasted, email=f"guest{n}@mail.example") for n in range(3)]
    assert set(await pasted.arrive()) == {"200"}
    assert await pasted.nobodys() == sorted(str(one.id) for one in guests)
    sign = pasted.shop.sign("0")
    answer = await pasted.shop.hub.http.post(
        "/v1/chat/session",
        json={
            "widget": pasted.shop.made.app_id,
            "identity": {"user_id": "0", "user_hash": sign},
        },
    )
    assert answer.status_code == 401, "nobody is proven to be every guest"


async def test_C3_a_guest_who_gets_an_account_gets_the_order(pasted: Pasted) -> None:
    made = bought(pasted, email="anna@shop.example")
    await pasted.arrive()
    anna = pasted.store.add_customer("anna@shop.example")
    made.customer = anna.id
    pasted.store.set_status(made, "completed")
    await pasted.arrive()
    assert list(await pasted.activity(anna)) == [str(made.id)] and await pasted.nobodys() == []


async def test_C3_amounts_are_exact_also_from_an_old_php(pasted: Pasted) -> None:
    anna = pasted.store.add_customer("anna@shop.example")
    pasted.store.snippet.precision = 17  # 19.99 is sent as 19.989999999999998
    euros, yen = bought(pasted, customer=anna), bought(pasted, customer=anna, currency="JPY")
    assert set(await pasted.arrive()) == {"200"}
    shown = await pasted.activity(anna)
    assert shown[str(euros.id)]["amount"] == {"minor": 1999, "currency": "EUR", "text": "19.99"}
    assert shown[str(yen.id)]["amount"] == {"minor": 20, "currency": "JPY", "text": "20"}


async def test_C3_D9_every_status_of_woocommerce_has_its_colour(pasted: Pasted) -> None:
    anna = pasted.store.add_customer("anna@shop.example")
    made = bought(pasted, customer=anna)
    for status, tone in TONES.items():
        pasted.store.set_status(made, status)
        await pasted.arrive()
        shown = (await pasted.activity(anna))[str(made.id)]
        assert (shown["status"], shown["tone"]) == (status, tone)
        assert shown["amount"]["minor"] == 1999, "a refund leaves the total"


async def test_C3_one_checkout_is_two_posts_and_one_order(pasted: Pasted) -> None:
    anna = pasted.store.add_customer("anna@shop.example")
    made = pasted.store.checkout(["MUG"], customer=anna)
    assert await pasted.arrive() == ["200", "200"]
    shown = await pasted.activity(anna)
    assert list(shown) == [str(made.id)] and shown[str(made.id)]["status"] == "on-hold"


@pytest.mark.parametrize("name", CAPTURED)
async def test_C3_every_captured_post_means_what_the_shop_meant(
    hub: RunningHub, shop: Shop, name: str
) -> None:
    for one in CAPTURED[name]:
        body = base64.b64decode(one["body_base64"])
        headers = {key: value for key, value in one["headers"] if key != "Host"}
        headers["Authorization"] = f"Bearer {shop.made.api_key}"
        answer = await hub.http.request("POST", one["path"], content=body, headers=headers)
        said = json.loads(body, parse_float=Decimal, parse_int=Decimal)
        (record,), owner = said["records"], await shop.agent()
        assert answer.status_code == 200 and answer.json()["accepted"] == 1
        (id_,) = [result["id"] for result in answer.json()["results"]]
        shown = await stored(hub, id_)
        digits = 0 if record["currency"] == "JPY" else 2
        minor = int((record["amount"] * 10**digits).to_integral_value())
        assert (shown["amount"], shown["currency"]) == (minor, record["currency"])
        assert (shown["status"], shown["title"]) == (record["status"], record["title"])
        assert (shown["external_id"] or "0") == said["external_id"]
        steps = (await owner.get(f"/console/api/records/{id_}/history"))["items"]
        assert steps[-1]["after"] == record["status"]


async def stored(hub: RunningHub, record_id: str) -> Any:
    """A record with the id its source has for its customer."""

    def read(work: Work) -> Any:
        query = (
            "SELECT r.*, c.external_id FROM records r LEFT JOIN customers c"
            " ON c.id = r.customer_id AND c.workspace_id = r.workspace_id WHERE r.id = :id"
        )
        return dict(work.execute(text(query), {"id": record_id}).mappings().one())

    return await hub.hub.db.read(read)


# Ours, that caches and checkouts stand


ASK = ["rest", "POST", "shop-chat/v1/identity"]
SAME = {"sec_fetch_site": "same-origin"}
CHANGED = "woocommerce_order_status_changed"


def ours() -> str:
    """The README's functions.php."""
    blocks = re.findall(r"^```php\n(.*?)^```", (CONNECTOR / "README.md").read_text(), re.M | re.S)
    (found,) = [block for block in blocks if "rest_api_init" in block]
    return f"<?php\n{found}"


class Theme:
    """A child theme with our functions.php."""

    def __init__(
        self, folder: Path, hub: str = HUB, key: str = "wgk_x", secret: str = SECRET
    ) -> None:
        self.path = folder / "functions.php"
        self.path.write_text(ours())
        names = ("PARLEY", "PARLEY_APP", "PARLEY_KEY", "PARLEY_SECRET")
        self.constants = dict(zip(names, (hub, APP_ID, key, secret), strict=True))

    def play(self, *scene: list[Any], **site: Any) -> Any:
        return play(*scene, file=self.path, constants=self.constants, options={}, **site)


@pytest.fixture
def theme(tmp_path: Path) -> Theme:
    return Theme(tmp_path)


@pytest.mark.php
def test_C1_C7_our_page_is_the_same_for_everyone_and_calls_wait_for_the_script(
    theme: Theme,
) -> None:
    (guests,) = theme.play(["page"])["said"]
    (annas,) = theme.play(["page"], logged_in=2)["said"]
    assert guests == annas and SECRET not in annas and "Anna" not in annas
    stub, script = annas.index("SoftbetChat.q"), annas.index(f'src="{HUB}/widget.js"')
    assert stub < script < annas.index("SoftbetChat('on'") and f'data-app-id="{APP_ID}"' in annas


@pytest.mark.php
def test_C7_our_endpoint_proves_who_is_logged_in_and_is_kept_by_no_cache(theme: Theme) -> None:
    ((status, said, headers),) = theme.play([*ASK, SAME], logged_in=2)["said"]
    assert (status, said["user_id"], said["name"]) == (200, "2", ANNA["display_name"])
    assert headers == {"Cache-Control": "no-store, private"}
    assert theme.play([*ASK, SAME])["said"][0] == [204, None, headers]
    for foreign in ({}, {"sec_fetch_site": "cross-site"}, {"sec_fetch_site": "none"}):
        assert theme.play([*ASK, foreign], logged_in=2)["said"][0][:2] == [401, None]


@pytest.mark.php
def test_B4_the_address_in_our_page_cannot_end_the_script(theme: Theme) -> None:
    (page,) = theme.play(["page"], rest="/</script><script>alert('1')//\"&amp;<!--/")["said"]
    assert page.count("<script") == page.count("</script>") == 3 and "<!--" not in page


@pytest.mark.php
def test_C3_our_checkout_never_waits_and_a_failure_is_seen(theme: Theme) -> None:
    changed = ["order", CHANGED, order(status="pending"), "a", "pending"]
    site = theme.play(changed)
    assert site["posted"] == [] and site["queued"] == [[0, "shop_chat_order", [380], ""]]
    site = theme.play(changed, ["run"], answers=[{"status": 503, "headers": {}, "body": ""}])
    assert site["failed"] == ["Order 380 did not arrive."]
    site = theme.play(changed, ["run"], answers=["Operation timed out"])
    assert site["failed"] == ["Order 380 did not arrive."]


@pytest.mark.php
async def test_C3_C4_C7_D7_our_snippet_through_a_hub(
    hub: RunningHub, shop: Shop, tmp_path: Path
) -> None:
    theme = Theme(tmp_path, hub.url, shop.made.api_key, shop.made.identity_secret)
    at = 1_790_000_000
    scene: list[list[Any]] = [
        ["order", CHANGED, order(status="completed", modified=at + 60), "a", "b"],
        ["run"],
        ["order", CHANGED, order(status="pending", modified=at), "a", "b"],  # late
        ["order", CHANGED, order("381", customer="0"), "a", "b"],
        ["run"],
        [*ASK, SAME],
    ]
    site = await asyncio.to_thread(theme.play, *scene, logged_in=2)
    assert len(site["posted"]) == 3 and site["failed"] == []
    visitor = await shop.visitor(**site["said"][-1][1])
    assert visitor.session["assurance"] == "hmac"
    (shown,) = (await visitor.request("GET", "/v1/chat/activity")).json()["items"]
    assert (shown["reference"], shown["status"]) == ("380", "completed")
    assert shown["amount"] == {"minor": 9664, "currency": "EUR", "text": "96.64"}
