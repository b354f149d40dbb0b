"""Connecting a shop (C5): approval, pasted keys, what is wrong in plain words, its end (O6)."""

from __future__ import annotations

import asyncio
import ssl
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import httpx
import pytest
from aiohttp import web
from sqlalchemy import text

from connectors.testing.faults import Fault
from connectors.testing.hubs import Agent, RunningHub, Shop, serve
from connectors.woocommerce import hearing, install
from connectors.woocommerce.plugin import WooCommerce
from connectors.woocommerce.settings import ShopSettings, shop_of, short_name, to_url
from connectors.woocommerce.standin import WooStore
from core.access import Role
from core.audit import operator
from core.connections import connections_of, open_connection
from core.connector import Connection
from core.db import Work
from core.errors import Invalid
from tests.connectors.woocommerce.callers import calling
from tests.connectors.woocommerce.connected import again, woo_of

pytestmark = pytest.mark.anyio
CONNECT = "/console/api/integrations/connect"
PAGE = "/console/settings/integrations/connect/woocommerce"
CALLBACK = "/woocommerce/keys"


@pytest.fixture
async def shop(hub: RunningHub) -> Shop:
    return await hub.shop()


@pytest.fixture
async def secure(store: WooStore, monkeypatch: pytest.MonkeyPatch) -> WooStore:
    """The shop at an address of https, with a certificate the hub believes."""
    await store.serve_https()
    believes = ssl.create_default_context(cadata=store.certificate)
    monkeypatch.setattr(aiohttp.connector, "_SSL_CONTEXT_VERIFIED", believes)
    return store


async def connect(agent: Agent, **values: str) -> httpx.Response:
    body = {"connector": "woocommerce", "values": values}
    return await agent.request("POST", CONNECT, body)


def pasted(store: WooStore, **others: str) -> dict[str, str]:
    keys = {
        "consumer_key": store.key.consumer_key,
        "consumer_secret": store.key.consumer_secret,
    }
    return {"url": store.home, **keys, **others}


async def leave(agent: Agent, store: WooStore) -> str:
    """The shop's page where its administrator approves."""
    answer = await connect(agent, url=store.home)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["redirect"])


async def come_back(hub: RunningHub, agent: Agent | None, address: str) -> httpx.Response:
    headers = {"Cookie": agent.cookie} if agent else {}
    return await hub.http.get(address, headers=headers)


def told(answer: httpx.Response) -> dict[str, str]:
    """What the console's page is told after the approval."""
    assert answer.status_code == 302, answer.text
    where = urlsplit(answer.headers["location"])
    assert where.path == PAGE
    return {name: values[0] for name, values in parse_qs(where.query).items()}


async def all_of(hub: RunningHub, shop: Shop) -> list[Connection]:
    rows = await hub.hub.db.read(connections_of, shop.workspace_id)
    return [
        open_connection(row, hub.hub.services.vault, ShopSettings)
        for row in rows
        if row.state == "active"
    ]


def keys(page: str, store: WooStore, **others: Any) -> dict[str, Any]:
    """What a shop posts after an approval."""
    nonce = parse_qs(urlsplit(page).query)["user_id"][0]
    return {
        "key_id": 3,
        "user_id": nonce,
        "consumer_key": store.key.consumer_key,
        "consumer_secret": store.key.consumer_secret,
        "key_permissions": "read_write",
        **others,
    }


async def age(hub: RunningHub, by: timedelta) -> None:
    def change(work: Work) -> None:
        work.execute(
            text("UPDATE one_time_tokens SET expires_at = expires_at - :ms"),
            {"ms": int(by.total_seconds() * 1000)},
        )

    await hub.hub.db.write(change)


def wrong(answer: httpx.Response) -> tuple[str, str, str]:
    """Code, field and words of a refusal."""
    assert answer.status_code in (409, 422, 502, 503), answer.text
    error = answer.json()["error"]
    return error["code"], error.get("field", ""), error["message"]


# The address -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("shop.example", "https://shop.example"),
        (" HTTPS://Shop.Example/ ", "https://shop.example"),
        ("shop.example/store", "https://shop.example/store"),
        ("http://shop.example:8080/store/", "http://shop.example:8080/store"),
        ("https://shop.example:443", "https://shop.example"),
        ("https://shop.example/wp-admin/admin.php?page=wc-settings", "https://shop.example"),
        ("https://shop.example/store/wp-admin/", "https://shop.example/store"),
        ("shop.example/wp-login.php", "https://shop.example"),
        ("shop.example/wp-json/wc/v3/orders?x=1#a", "https://shop.example"),
    ],
)
def test_C5_the_address_is_understood_however_it_is_pasted(typed: str, url: str) -> None:
    assert to_url(typed) == url


@pytest.mark.parametrize(
    "typed",
    ["", "ftp://shop.example", "https://a:b@shop.example", "https://[::1]", "https://sh op.example",
     "shop.example/../x", "https://shop.example:x", "javascript:alert(1)", "https://-a.example",
     "https://a..example", "shop.example/%2e%2e", "https://shop.example\\@evil.example", "[",
     "https://shöp.example", "shop.example/" + "x/" * 9],
)  # fmt: skip
def test_C5_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        to_url(typed)
    assert refused.value.field == "values.url"


def test_the_source_is_the_shops_address() -> None:
    assert short_name(shop_of(to_url("Shop.example/Store"))) == "shop.example-store"
    assert short_name(shop_of(to_url("http://127.0.0.1:8089"))) == "127.0.0.1-8089"


# Pasted keys -----------------------------------------------------------------------------


async def test_C5_pasted_keys_connect_a_shop(hub, shop, store):
    agent = await shop.agent()
    answer = await connect(agent, **pasted(store))
    assert answer.status_code == 200, answer.text
    (made,) = await all_of(hub, shop)
    assert made.id == answer.json()["connection"]
    assert made.shop == store.home.removeprefix("http://")
    assert made.source == "woocommerce:" + made.shop.replace(":", "-")
    assert (made.title, made.details["currency"]) == ("Stand-in shop", "EUR")
    assert made.details["timezone"] == "Europe/Berlin"
    assert made.details["admin_url"] == f"{store.home}/wp-admin/"
    assert isinstance(made.settings, ShopSettings)
    assert store.key.consumer_secret not in repr(made)


async def test_C5_over_https_the_keys_travel_in_a_header(hub, shop, secure):
    agent = await shop.agent()
    answer = await connect(agent, **pasted(secure))
    assert answer.status_code == 200, answer.text
    (made,) = await all_of(hub, shop)
    assert isinstance(made.settings, ShopSettings)
    assert made.settings.auth == "basic"
    asked = [one for one in secure.requests if "/wc/v3/" in one.path]
    assert all(one.headers["Authorization"].startswith("Basic ") for one in asked)
    assert not any("consumer_secret" in one.query for one in asked)


async def test_C5_a_host_that_drops_the_header_is_shown_the_keys_in_the_address(hub, shop, secure):
    async def drop(request, answer):
        if "Authorization" in request.headers:
            body = {"code": "woocommerce_rest_cannot_view", "message": "Sorry, …", "data": {}}
            return web.json_response(body, status=401)
        return await answer(request)

    secure.fail("rest", Fault("no_header", drop), None)
    agent = await shop.agent()
    answer = await connect(agent, **pasted(secure))
    assert answer.status_code == 200, answer.text
    (made,) = await all_of(hub, shop)
    assert isinstance(made.settings, ShopSettings)
    assert made.settings.auth == "query"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("consumer_secret", "ck_" + "a" * 40, "That is the key again. The secret starts with cs_."),
        ("consumer_key", "cs_" + "a" * 40, "That is the secret. The key starts with ck_."),
        ("consumer_key", "admin", "A consumer key starts with ck_."),
        ("consumer_secret", "", "Consumer secret is missing."),
    ],
)
async def test_C5_a_wrong_paste_is_told_at_its_field(shop, store, field, value, said):
    agent = await shop.agent()
    answer = await connect(agent, **pasted(store, **{field: value}))
    assert wrong(answer)[1:] == (f"values.{field}", said)
    assert store.counts() == {}


# What can be wrong -----------------------------------------------------------------------


async def test_C5_a_wrong_secret_is_told_from_an_unknown_key(shop, store, secure):
    agent = await shop.agent()
    for _ in ("https", "http"):
        other_secret = pasted(store, consumer_secret="cs_" + "0" * 40)
        assert wrong(await connect(agent, **other_secret))[0] == "wrong_secret"
        other_key = pasted(store, consumer_key="ck_" + "0" * 40)
        assert wrong(await connect(agent, **other_key))[0] == "unknown_key"
        store.home = store.url


async def test_C5_a_key_that_may_only_read_is_refused(hub, shop, store):
    agent, key = await shop.agent(), store.keys.add("read")
    given = pasted(store, consumer_key=key.consumer_key, consumer_secret=key.consumer_secret)
    code, _, said = wrong(await connect(agent, **given))
    assert code == "read_only"
    assert "Read/Write" in said
    assert await all_of(hub, shop) == []


async def test_C5_a_proxy_that_keeps_https_to_itself_is_named(shop, secure):
    secure.hide_https()
    agent = await shop.agent()
    code, _, said = wrong(await connect(agent, **pasted(secure)))
    assert code == "proxy_https"
    assert "HTTP_X_FORWARDED_PROTO" in said


async def test_C5_another_host_name_is_named(shop, store):
    agent = await shop.agent()
    url = store.home.replace("127.0.0.1", "localhost")
    code, field, said = wrong(await connect(agent, **pasted(store, url=url)))
    assert (code, field) == ("wrong_host", "values.url")
    assert store.home in said


async def test_C5_http_for_a_shop_at_https_is_named(shop, store):
    agent, url = await shop.agent(), store.home
    store.believe_https()
    code, field, said = wrong(await connect(agent, **pasted(store, url=url)))
    assert (code, field) == ("wrong_scheme", "values.url")
    assert store.home in said


async def test_C5_a_redirect_is_not_followed_but_named(shop, store):
    store.fail("GET", "to_https", None)
    agent = await shop.agent()
    code, field, said = wrong(await connect(agent, **pasted(store)))
    assert (code, field) == ("redirect", "values.url")
    assert store.home.replace("http:", "https:") in said


async def test_C5_clocks_that_differ_are_named(shop, store):
    store.clock.advance(-1000)
    agent = await shop.agent()
    code, _, said = wrong(await connect(agent, **pasted(store)))
    assert code == "clock"
    assert "15 minutes" in said


async def test_C5_plain_permalinks_are_named(shop, store):
    store.plain_permalinks = True
    agent = await shop.agent()
    code, _, said = wrong(await connect(agent, **pasted(store)))
    assert code == "plain_permalinks"
    assert "Post name" in said


@pytest.mark.parametrize(
    ("fault", "code"),
    [("maintenance", "maintenance"), ("waf_403", "blocked"), ("critical_error", "vendor_error")],
)
async def test_C5_a_shop_that_keeps_us_out_is_named(shop, store, fault, code):
    store.fail("GET", fault, None)
    agent = await shop.agent()
    assert wrong(await connect(agent, **pasted(store)))[0] == code


async def test_C5_what_cannot_be_reached_is_named(shop, store):
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    agent = await shop.agent()
    answer = await connect(agent, **pasted(store, url=f"http://127.0.0.1:{port}"))
    code, _, said = wrong(answer)
    assert code == "unreachable"
    assert "firewall" in said


async def test_O1_addresses_the_hub_may_not_call_are_refused(shop, store):
    agent = await shop.agent()
    for url in ("https://169.254.169.254", "http://10.1.2.3", "https://192.168.1.1/shop"):
        code, _, said = wrong(await connect(agent, **pasted(store, url=url)))
        assert code == "bad_address"
        assert "cs_" not in said


async def test_O6_a_site_that_answers_nonsense_is_refused_and_shows_no_markup(shop, store):
    agent = await shop.agent()
    store.name = "<script>alert(1)</script>Tea & Co"
    assert (await connect(agent, **pasted(store))).status_code == 200
    page = await agent.get("/console/api/integrations")
    assert page["connections"][0]["connection"]["title"] == "alert(1)Tea & Co"

    async def nonsense(request, answer):
        return web.json_response(
            [{"namespaces": 7}, None] if "wc" not in request.path else {"code": {"a": 1}}
        )

    store.fail("GET", Fault("nonsense", nonsense), None)
    assert wrong(await connect(agent, **pasted(store)))[0] == "not_wordpress"


# Approval --------------------------------------------------------------------------------


async def test_C5_one_approval_connects_a_shop(hub, shop, store):
    agent = await shop.agent()
    page = await leave(agent, store)
    asked = parse_qs(urlsplit(page).query)
    assert asked["scope"] == ["read_write"]
    assert asked["callback_url"] == [f"{hub.url}{CALLBACK}"]
    address = await store.approve(page)
    assert "success=1" in address
    assert await all_of(hub, shop) == []  # until the browser that left is back
    said = told(await come_back(hub, agent, address))
    (made,) = await all_of(hub, shop)
    assert said == {"connection": made.id}
    check = await woo_of(hub).check(hub.hub.services, made)
    assert check.ok, check
    rows = await hub.hub.db.read(
        lambda work: str(work.execute(text("SELECT subject FROM one_time_tokens")).all())
    )
    for key in store.keys.all.values():
        assert key.consumer_secret not in rows


async def test_C5_the_strict_cookie_survives_the_way_back_through_a_page_of_ours(hub, shop, store):
    agent = await shop.agent()
    address = await store.approve(await leave(agent, store))
    page = await come_back(hub, None, address)  # a browser keeps a Strict cookie to itself here
    assert page.status_code == 200
    assert "/woocommerce/return/here?" in page.text
    query = urlsplit(address).query
    said = told(await come_back(hub, agent, f"/woocommerce/return/here?{query}"))
    assert "connection" in said


async def test_C5_a_denied_approval_says_so(hub, shop, store):
    agent = await shop.agent()
    address = store.deny(await leave(agent, store))
    assert told(await come_back(hub, agent, address))["problem"] == "denied"
    assert await all_of(hub, shop) == []


async def test_C5_an_approval_whose_keys_never_came_says_so(hub, shop, store):
    agent = await shop.agent()
    page = await leave(agent, store)
    nonce = parse_qs(urlsplit(page).query)["user_id"][0]
    said = told(await come_back(hub, agent, f"/woocommerce/return?success=1&user_id={nonce}"))
    assert said["problem"] == "no_callback"


async def test_C5_the_approve_link_works_again_after_a_failure(hub, shop, store):
    agent = await shop.agent()
    page = await leave(agent, store)
    first = await hub.http.post(CALLBACK, json=keys(page, store))
    assert first.status_code == 200
    address = await store.approve(page)  # the shop has made another key
    assert "connection" in told(await come_back(hub, agent, address))
    (made,) = await all_of(hub, shop)
    assert isinstance(made.settings, ShopSettings)
    assert made.settings.consumer_key.get_secret_value() != store.key.consumer_key


async def test_O6_a_nonce_brings_one_connection(hub, shop, store):
    agent = await shop.agent()
    page = await leave(agent, store)
    address = await store.approve(page)
    assert "connection" in told(await come_back(hub, agent, address))
    assert told(await come_back(hub, agent, address))["problem"] == "expired"
    assert (await hub.http.post(CALLBACK, json=keys(page, store))).status_code == 401
    assert len(await all_of(hub, shop)) == 1


async def test_O6_a_nonce_ends_after_ten_minutes(hub, shop, store):
    agent = await shop.agent()
    page = await leave(agent, store)
    await age(hub, timedelta(minutes=10))
    before = set(store.keys.all)
    assert await store.approve(page) == ""
    assert set(store.keys.all) == before  # the shop has deleted what we did not take


@pytest.mark.parametrize("role", [Role.OWNER, Role.AGENT])
async def test_O6_keys_are_given_to_the_session_that_left_only(hub, shop, store, role):
    agent = await shop.agent()
    address = await store.approve(await leave(agent, store))
    other = await shop.agent(role, "other")
    assert told(await come_back(hub, other, address))["problem"] == "denied"
    assert await all_of(hub, shop) == []
    assert told(await come_back(hub, agent, address))["problem"] == "expired"


async def test_O6_keys_are_given_to_no_other_workspace(hub, shop, store):
    agent, elsewhere = await shop.agent(), await hub.shop("Northfold")
    address = await store.approve(await leave(agent, store))
    foreign = await elsewhere.agent()
    assert told(await come_back(hub, foreign, address))["problem"] == "denied"
    assert await all_of(hub, elsewhere) == []


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"user_id": "0" * 40}, 401),
        ({"user_id": ""}, 401),
        ({"user_id": 7}, 422),
        ({"user_id": None}, 422),
        ({"consumer_key": "ck_" + "0" * 40}, 422),
        ({"consumer_secret": "cs_" + "0" * 40}, 422),
        ({"consumer_key": ["ck_"]}, 422),
        ({"consumer_secret": "x" * 20_000}, 413),
        ({"consumer_key": "ck_../../x"}, 422),
        ({"key_permissions": "read"}, 422),
    ],
)
async def test_O6_a_callback_with_anything_wrong_is_refused_and_kept_nowhere(
    hub, shop, store, changes, status
):
    agent = await shop.agent()
    page = await leave(agent, store)
    answer = await hub.http.post(CALLBACK, json=keys(page, store, **changes))
    assert answer.status_code == status, answer.text
    nonce = parse_qs(urlsplit(page).query)["user_id"][0]
    said = told(await come_back(hub, agent, f"/woocommerce/return?success=1&user_id={nonce}"))
    assert said["problem"] == "no_callback"


async def test_O6_keys_of_another_shop_are_not_taken(hub, shop, store):
    agent = await shop.agent()
    page = await leave(agent, store)
    async with WooStore() as other:
        answer = await hub.http.post(CALLBACK, json=keys(page, other))
    assert answer.status_code == 422
    assert await all_of(hub, shop) == []


async def test_C5_a_shop_that_cannot_answer_while_it_waits_is_asked_when_the_merchant_is_back(
    hub, shop, store, monkeypatch
):
    agent = await shop.agent()
    page = await leave(agent, store)
    store.fail("rest", "cut_before", None)  # as a shop with a single worker
    monkeypatch.setattr("connectors.woocommerce.client.FIRST_WAIT", 0.01)
    address = await store.approve(page)
    assert "success=1" in address
    store.recover()
    assert "connection" in told(await come_back(hub, agent, address))


async def test_C5_approving_needs_a_browser(hub, shop, store):
    woo = woo_of(hub)
    with pytest.raises(Invalid, match="browser") as refused:
        await woo.connect(hub.hub.services, operator(shop.workspace_id), {"url": store.home})
    assert refused.value.field == "values.consumer_key"


async def test_O6_a_shop_of_another_workspace_is_not_left_for(hub, shop, store):
    agent, elsewhere = await shop.agent(), await hub.shop("Northfold")
    assert (await connect(agent, **pasted(store))).status_code == 200
    foreign = await elsewhere.agent()
    assert wrong(await connect(foreign, url=store.home))[0] == "shop_taken"
    assert wrong(await connect(foreign, **pasted(store)))[0] == "shop_taken"


@pytest.mark.parametrize(
    ("hub_at", "says"),
    [
        ("https://chat.example", ""),
        ("https://chat.example:8443", "port 8443"),
        ("https://192.168.1.5", "private address"),
        ("https://127.0.0.1", "private address"),
        ("https://hub", "private address"),
        ("http://chat.example", "only over https"),
        ("http://chat.example:8080", "only over https"),
    ],
)
def test_C5_a_hub_the_shop_cannot_call_says_so_and_offers_pasted_keys(hub_at, says):
    why = hearing.unapprovable(hub_at, "https://shop.example")
    assert (says in why) if says else why == ""
    assert not says or "Paste a consumer key" in why


async def test_C5_a_hub_the_shop_cannot_call_does_not_send_merchants_there(hub, shop, store):
    agent = await shop.agent()
    hub.hub.services.public_url = "https://chat.example:8443"
    code, field, said = wrong(await connect(agent, url=store.home))
    assert (code, field) == ("no_callback", "values.consumer_key")
    assert "8443" in said


# How it is, and its end ------------------------------------------------------------------


async def test_C5_a_check_explains_what_became_of_the_keys(hub, shop, store):
    agent = await shop.agent()
    await connect(agent, **pasted(store))
    (made,) = await all_of(hub, shop)
    store.keys.revoke(store.key)
    found = await install.check(woo_of(hub), made)
    assert (found.code, found.level) == ("unknown_key", "failed")
    assert found.link.startswith(PAGE)


@pytest.mark.parametrize(
    ("fault", "code", "level"),
    [
        ("maintenance", "unreachable", "degraded"),
        ("waf_403", "blocked", "failed"),
        ("to_https", "redirect", "failed"),
    ],
)
async def test_C5_a_check_tells_a_shop_that_is_away_from_one_that_refuses(
    hub, shop, store, fault, code, level
):
    agent = await shop.agent()
    await connect(agent, **pasted(store))
    (made,) = await all_of(hub, shop)
    store.fail("GET", fault, None)
    found = await install.check(woo_of(hub), made)
    assert (found.code, found.level) == (code, level)


async def test_C5_several_shops_of_one_workspace_stand_side_by_side(hub, shop, store):
    agent = await shop.agent()
    async with WooStore(name="Samovar") as other:
        assert (await connect(agent, **pasted(store))).status_code == 200
        assert (await connect(agent, **pasted(other))).status_code == 200
        made = await all_of(hub, shop)
    assert {one.title for one in made} == {"Stand-in shop", "Samovar"}
    assert len({one.source for one in made}) == 2


async def test_C5_connecting_again_takes_the_new_keys(hub, shop, store):
    agent = await shop.agent()
    await connect(agent, **pasted(store))
    (before,) = await all_of(hub, shop)
    key = store.keys.add()
    again_ = pasted(store, consumer_key=key.consumer_key, consumer_secret=key.consumer_secret)
    assert (await connect(agent, **again_)).status_code == 200
    after = await again(hub, before)
    assert after.generation == before.generation + 1
    assert isinstance(after.settings, ShopSettings)
    assert after.settings.consumer_key.get_secret_value() == key.consumer_key


async def test_the_reference_client_signs_the_same(store):
    async with calling(store) as caller:  # the published signer, unmodified
        assert (await caller.get("data/currencies/current")).status == 200


async def test_C5_how_often_a_shop_is_asked_is_the_operators(monkeypatch, sqlite_url, tmp_path):
    monkeypatch.setenv("WOOCOMMERCE_POLL_MINUTES", "15")
    async with serve(tmp_path, sqlite_url, worker=False) as hub:
        assert woo_of(hub).manifest.check_every == timedelta(minutes=15)
    assert WooCommerce.manifest.check_every == timedelta(minutes=5)
