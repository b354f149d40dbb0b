"""The samples developers copy, run as they stand but for host and key, against a started hub.

Ours are those of the READMEs. Where the documentation of the products we follow lies beside the
checkout, its own text is run as well.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
from asyncio import to_thread
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from connectors.testing.hubs import RunningHub, Shop, serve
from core.db import Work

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(90)]

ROOT = Path(__file__).parents[2]
API = ROOT / "connectors/customer_data"
DATA_README, WIDGET_README = API / "README.md", ROOT / "widget/README.md"
REFERENCE = ROOT.parent / "shared/reference"
WEDGET, PINGBACK = "wedget-developer-docs.txt", "pingback-widget-docs.txt"
WORDPRESS = Path(__file__).with_name("wordpress.php")
# What the samples do not say: print the status as well.
CURLRC = 'silent\nshow-error\nwrite-out = "\\n%{http_code}"\n'
# A secret, a user's id, and what every language must make of them (I3).
SECRET, USER = "wedget_identity_secret", "42"
HASH = "19fbcc1c718f6ff35c52c9a1374a9e250b7ce3fbc7aa88db9496dabd569bdf08"

both = pytest.mark.parametrize("whose", ["ours", "the reference's"])


# Where the samples are ------------------------------------------------------------------------


def fence(path: Path, holding: str) -> str:
    """The code block of a README that holds these words."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", path.read_text(), re.MULTILINE | re.DOTALL)
    (found,) = [block for block in blocks if holding in block]
    return found


def quoted(path: Path, holding: str) -> str:
    """The piece of code within a README's line that holds these words."""
    (found,) = [code for code in re.findall(r"`([^`\n]+)`", path.read_text()) if holding in code]
    return found


def passage(name: str, begins: str, ends: str) -> str:
    """A sample of the reference, from its first words to its last."""
    path = REFERENCE / name
    if not path.exists():
        pytest.skip(f"{name} is not beside this checkout (../shared/reference)")
    said = path.read_text()
    start = said.index(begins)
    return said[start : said.index(ends, start) + len(ends)]


def php_of(*blocks: str) -> str:
    """A PHP file of these blocks."""
    return "<?php\n" + "\n".join(block.removeprefix("<?php\n") for block in blocks)


# Running them ---------------------------------------------------------------------------------


def tool(name: str, package: str = "") -> str:
    """The program, or a loud skip; on CI nothing is left out."""
    found = shutil.which(name)
    if found is None:
        why = f"NOT TESTED: no {name} on this machine (Debian: apt install {package or name})"
        pytest.fail(why) if os.environ.get("CI") == "true" else pytest.skip(why)
    return found


class Desk:
    """A developer at a shell, with a hub and a key."""

    def __init__(self, shop: Shop, folder: Path) -> None:
        self.shop = shop
        self.folder = folder
        (folder / ".curlrc").write_text(CURLRC)
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "CURL_HOME": str(folder),
            "no_proxy": "*",
            "PARLEY": shop.hub.url,
            "PARLEY_KEY": shop.made.api_key,
        }

    def adapted(self, sample: str) -> str:
        """A sample of the reference with our host and key."""
        for host in ("https://api.wedget.app", "https://api.pingback.live"):
            sample = sample.replace(host, self.shop.hub.url)
        for key in ("wgk_YOUR_KEY", "<your_token>"):
            sample = sample.replace(key, self.shop.made.api_key)
        return sample.replace("YOUR_IDENTITY_SECRET", self.shop.made.identity_secret)

    async def run(self, *command: str, **environment: str) -> str:
        """What a program prints."""
        done = await to_thread(
            subprocess.run,
            command,
            env={**self.environment, **environment},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    async def shell(self, sample: str, **environment: str) -> tuple[int, Any]:
        """The status and the JSON a sample with curl gets."""
        tool("curl")
        said = await self.run(tool("sh"), "-eu", "-c", sample, **environment)
        body, _, status = said.rpartition("\n")
        return int(status), json.loads(body)

    async def node(self, sample: str, *, module: bool) -> str:
        kind = "module" if module else "commonjs"
        return await self.run(tool("node", "nodejs"), f"--input-type={kind}", "-e", sample)

    async def php(self, *arguments: str) -> str:
        return await self.run(tool("php", "php-cli"), *arguments)

    async def wordpress(self, functions: str, happening: dict[str, Any]) -> dict[str, Any]:
        """What WordPress prints and posts with this functions.php."""
        path = self.folder / "functions.php"
        path.write_text(functions)
        return json.loads(await self.php(str(WORDPRESS), str(path), json.dumps(happening)))

    # What arrived ---------------------------------------------------------------------------

    async def customer(self, external_id: str) -> dict[str, Any]:
        """The console's page of a customer."""
        owner = await self.shop.agent()
        (id_,) = await self.select(
            "SELECT id FROM customers WHERE external_id = :what", external_id
        )
        return await owner.get(f"/console/api/customers/{id_}")

    async def select(self, statement: str, what: str = "") -> list[Any]:
        """The first column of some rows of this workspace."""

        def read(work: Work) -> list[Any]:
            where = {"what": what} if what else {}
            return list(work.execute(text(statement), where).scalars())

        return await self.shop.hub.hub.db.read(read)

    async def activity(self, user_id: str) -> list[dict[str, Any]]:
        """What a verified customer sees in the widget."""
        visitor = await self.shop.visitor(user_id=user_id, user_hash=self.shop.sign(user_id))
        return (await visitor.request("GET", "/v1/chat/activity")).json()["items"]


@pytest.fixture
async def hub(sqlite_url: str, tmp_path: Path) -> AsyncIterator[RunningHub]:
    """A hub; what a sample means does not depend on the database."""
    async with serve(tmp_path / "hub", sqlite_url) as running:
        yield running


@pytest.fixture
async def desk(hub: RunningHub, shop: Shop, tmp_path: Path) -> Desk:
    return Desk(shop, tmp_path)


# The Customer-Data API ------------------------------------------------------------------------


@both
async def test_D3_D4_D5_the_curl_sample_makes_a_customer(desk: Desk, whose: str) -> None:
    if whose == "ours":
        sample = fence(DATA_README, "ingest/identify")
    else:
        begins = "curl https://api.wedget.app/v1/chat/ingest/identify"
        sample = desk.adapted(passage(WEDGET, begins, "}'"))
    status, body = await desk.shell(sample)
    assert (status, body["external_id"], body["status"]) == (200, "cust_42", "created")
    customer = (await desk.customer("cust_42"))["customer"]
    assert {name: fact["value"] for name, fact in customer["profile"].items()} == {
        "name": "Jordan Lee",
        "email": "jordan@example.com",
        "username": "jlee",
        "avatar_url": "https://cdn.you.com/u/42.png",
        "phone": "+44 7700 900123",
        "address": "12 King St, London",
    }
    facts = customer["attributes"]
    assert {name: fact["value"] for name, fact in facts.items()} == {
        "vip_tier": "Gold",
        "lifetime_spend": "2480",
    }
    assert all(fact["verified"] for fact in facts.values())
    assert (await desk.shell(sample))[1]["status"] == "unchanged"


@both
async def test_D6_D8_the_node_sample_puts_activity_on_the_timeline(desk: Desk, whose: str) -> None:
    if whose == "ours":
        sample = fence(DATA_README, "await fetch(")
    else:
        begins = "await fetch('https://api.wedget.app/v1/chat/ingest/records'"
        sample = desk.adapted(passage(WEDGET, begins, "})\n});"))
    await desk.node(sample, module=True)
    shown = {(r["kind"], r["reference"]): r for r in await desk.activity("cust_42")}
    deposit, withdrawal = shown["deposit", "DEP-77"], shown["withdrawal", "WD-9"]
    assert deposit["amount"] == {"minor": 5000, "currency": "USD", "text": "50.00"}
    assert withdrawal["amount"] == {"minor": 2000, "currency": "USD", "text": "20.00"}
    assert (deposit["tone"], withdrawal["tone"]) == ("positive", "warning")
    assert len((await desk.customer("cust_42"))["records"]) == len(shown) == 2


@both
async def test_D11_P1_the_curl_sample_fills_the_catalog(desk: Desk, whose: str) -> None:
    if whose == "ours":
        sample = fence(DATA_README, "ingest/products")
    else:
        begins = "curl https://api.wedget.app/v1/chat/ingest/products"
        sample = desk.adapted(passage(WEDGET, begins, "] }'"))
    status, body = await desk.shell(sample)
    assert (status, body["accepted"]) == (200, 1)
    owner = await desk.shop.agent()
    (product,) = (await owner.get("/console/api/products?q=pro"))["items"]
    assert (product["title"], product["url"]) == ("Pro Plan", "https://you.com/pro")
    assert product["image_url"] == "https://you.com/pro.png"
    assert product["price"] == {"minor": 19900, "currency": "USD", "text": "199.00"}


async def test_D10_the_curl_sample_removes_a_record(desk: Desk) -> None:
    order = {"kind": "order", "reference": "380", "status": "paid"}
    await desk.shop.post("/v1/chat/ingest/records", {"external_id": "7", "records": [order]})
    status, body = await desk.shell(fence(DATA_README, "curl -X DELETE"))
    assert (status, body["status"]) == (200, "removed")
    assert await desk.activity("7") == []


# Widgets --------------------------------------------------------------------------------------


@both
async def test_R1_R2_R3_the_curl_samples_make_and_change_a_widget(desk: Desk, whose: str) -> None:
    if whose == "ours":
        create = fence(WIDGET_README, "/api/v1/widget/create")
        create = create.partition("\n\n")[2]  # after the exports
        update, show = fence(WIDGET_README, "-X PUT"), fence(WIDGET_README, 'widget/$WIDGET"\n')
    else:
        create = passage(PINGBACK, "curl -X POST https://api.pingback.live", "}'")
        update = passage(PINGBACK, "curl -X PUT https://api.pingback.live", "}'")
        (address,) = re.findall(r"^GET (\S+)", (REFERENCE / PINGBACK).read_text(), re.MULTILINE)
        show = f'curl "{address}"'.replace("{widget_id}", "$WIDGET")
        update = re.sub(r"/update/[0-9a-f-]{36}", "/update/$WIDGET", update)
        create, update, show = map(desk.adapted, (create, update, show))
    status, made = await desk.shell(create)
    assert (status, made["primary_color"]) == (201, "#7650FF")
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", made["id"])
    status, again = await desk.shell(create)
    assert (status, again["error"]["code"]) == (400, "domain_taken")
    status, changed = await desk.shell(update, WIDGET=made["id"])
    assert (status, changed["welcome_heading"]) == (200, "How can we help?")
    assert changed["domain"] == made["domain"]
    if whose == "ours":  # it leaves the rest out
        kept = ("name", "welcome_tagline", "show_online_badge", "logo_url")
        assert [changed[name] for name in kept] == [made[name] for name in kept]
    status, shown = await desk.shell(show, WIDGET=made["id"])
    assert (status, shown["primary_color"]) == (200, "#5B3FCC")
    assert "domain" not in shown


# Identity -------------------------------------------------------------------------------------


@both
async def test_I3_the_node_sample_signs_as_the_hub_does(desk: Desk, whose: str) -> None:
    names = f"const IDENTITY_SECRET = {SECRET!r}, secret = {SECRET!r}, user = {{ id: {USER} }};"
    if whose == "ours":
        sample = "const crypto = require('crypto'); const user_hash = "
        sample += quoted(WIDGET_README, "createHmac")
    else:
        sample = passage(WEDGET, "const crypto = require", ".digest('hex');")
    printed = await desk.node(f"{names}\n{sample}\n;console.log(user_hash)", module=False)
    assert printed.strip() == HASH


@both
async def test_I3_the_php_sample_signs_as_the_hub_does(desk: Desk, whose: str) -> None:
    names = f"$IDENTITY_SECRET = $secret = '{SECRET}'; $user = (object) ['id' => {USER}];"
    if whose == "ours":
        sample = f"$user_hash = {quoted(WIDGET_README, 'hash_hmac')};"
    else:
        sample = passage(WEDGET, "$user_hash = hash_hmac", ";")
    assert await desk.php("-r", f"{names} {sample} echo $user_hash;") == HASH


async def test_I3_what_was_signed_so_proves_the_customer(desk: Desk) -> None:
    secret = desk.shop.made.identity_secret
    code = quoted(WIDGET_README, "createHmac")
    names = f"const crypto = require('crypto'), secret = {secret!r}, user = {{ id: {USER} }};"
    signed = (await desk.node(f"{names} console.log({code})", module=False)).strip()
    visitor = await desk.shop.visitor(user_id=USER, user_hash=signed)
    assert visitor.session["assurance"] == "hmac"


# WordPress ------------------------------------------------------------------------------------


def snippet(desk: Desk, whose: str) -> str:
    """The functions.php."""
    if whose == "ours":
        return php_of(fence(DATA_README, "add_action('wp_footer'"))
    footer = passage(WEDGET, "// 1) Identify the logged-in customer", "// 2) ")
    return php_of(desk.adapted(footer + passage(WEDGET, "Push each order", "  ]);\n});")))


def constants(desk: Desk, secret: str = "") -> dict[str, str]:
    """What our wp-config.php defines."""
    shop = desk.shop
    return {
        "PARLEY": shop.hub.url,
        "PARLEY_KEY": shop.made.api_key,
        "PARLEY_SECRET": secret or shop.made.identity_secret,
    }


def recorded(name: str) -> dict[str, Any]:
    """What a real WordPress with the reference's snippet has said."""
    return json.loads((API / f"fixtures/snippet_{name}.json").read_text())


def orders_of(capture: dict[str, Any]) -> list[dict[str, Any]]:
    """The changes of orders that made WordPress post this."""
    bodies = [json.loads(request["body_text"]) for request in capture["requests"]]
    return [
        {
            "reference": record["reference"],
            "customer": body["external_id"],
            "total": str(record["amount"]),
            "currency": record["currency"],
            "status": record["status"],
        }
        for body in bodies
        for record in body["records"]
    ]


ANNA = {"ID": 2, "display_name": "Anna Müller", "user_email": "cust1@example.com"}
POSTS = ["customer_statuses", "created_directly_processing", "full_refund", "amount_jpy"]
GUESTS = ["guest", "checkout_guest"]


@pytest.mark.php
@both
async def test_C2_C4_the_footer_proves_the_signed_in_customer(desk: Desk, whose: str) -> None:
    happening = {"user": ANNA, "events": [], "constants": constants(desk)}
    printed = (await desk.wordpress(snippet(desk, whose), happening))["footer"]
    said = json.loads(
        re.fullmatch(r"<script>SoftbetChat\('identify', (.*)\);</script>", printed)[1]
    )  # type: ignore[index]
    assert said == {
        "user_id": "2",
        "user_hash": desk.shop.sign("2"),
        "name": "Anna Müller",
        "email": "cust1@example.com",
    }
    visitor = await desk.shop.visitor(**said)
    assert visitor.session["assurance"] == "hmac"
    nobody = {**happening, "user": None}
    assert (await desk.wordpress(snippet(desk, whose), nobody))["footer"] == ""


@pytest.mark.php
async def test_C2_the_footer_is_what_a_real_wordpress_has_printed(desk: Desk) -> None:
    capture = recorded("wp_footer")
    happening = {
        "user": ANNA,
        "events": [],
        "constants": constants(desk, capture["identity_secret"]),
    }
    done = await desk.wordpress(snippet(desk, "ours"), happening)
    assert [done["footer"]] == capture["script"]


@pytest.mark.php
async def test_B4_the_footer_holds_a_hostile_name(desk: Desk) -> None:
    mallory = {**ANNA, "display_name": "<!--<script></script><script>alert(1)</script>"}
    happening = {"user": mallory, "events": [], "constants": constants(desk)}
    printed = (await desk.wordpress(snippet(desk, "ours"), happening))["footer"]
    assert printed.count("<") == 2


@pytest.mark.php
@both
async def test_C3_I9_the_snippet_run_by_php_posts_every_order(desk: Desk, whose: str) -> None:
    captures = [recorded(name) for name in (*POSTS, *GUESTS)]
    events = [order for capture in captures for order in orders_of(capture)]
    happening = {"user": None, "events": events, "constants": constants(desk)}
    done = await desk.wordpress(snippet(desk, whose), happening)
    assert {post["status"] for post in done["posted"]} == {"HTTP/1.1 200 OK"}
    if whose != "ours":  # the very bytes a real WordPress has posted
        requests = [request for capture in captures for request in capture["requests"]]
        assert [post["body"] for post in done["posted"]] == [r["body_text"] for r in requests]
    await check_orders(desk)


async def test_C3_I9_what_a_real_wordpress_has_posted_arrives(desk: Desk) -> None:
    for name in (*POSTS, *GUESTS):
        for request in recorded(name)["requests"]:
            headers = {name: value for name, value in request["headers"] if name != "Host"}
            answer = await desk.shop.hub.http.request(
                request["method"],
                request["path"],
                content=base64.b64decode(request["body_base64"]),
                headers={**headers, "Authorization": f"Bearer {desk.shop.made.api_key}"},
            )
            assert answer.status_code == 200, answer.text
    await check_orders(desk)


async def check_orders(desk: Desk) -> None:
    """Anna's orders are hers, with exact amounts; the guests' are nobody's and not lost."""
    shown = {order["reference"]: order for order in await desk.activity("2")}
    assert {number: order["amount"] for number, order in shown.items()} == {
        "380": {"minor": 9664, "currency": "EUR", "text": "96.64"},
        "382": {"minor": 4832, "currency": "EUR", "text": "48.32"},
        "390": {"minor": 1500, "currency": "JPY", "text": "1500"},
    }
    assert {number: order["status"] for number, order in shown.items()} == {
        "380": "pending",
        "382": "refunded",
        "390": "processing",
    }
    assert [order["reference"] for order in (await desk.customer("2"))["records"]]
    ours = "SELECT reference FROM records WHERE customer_id IS NULL ORDER BY reference"
    assert await desk.select(ours) == ["383", "391"]
    assert await desk.select("SELECT external_id FROM customers") == ["2"]
    owner = await desk.shop.agent()
    (order,) = await desk.select("SELECT id FROM records WHERE reference = '380'")
    steps = (await owner.get(f"/console/api/records/{order}/history"))["items"]
    assert [step["after"] for step in steps] == [
        order["status"] for order in orders_of(recorded("customer_statuses"))
    ]
