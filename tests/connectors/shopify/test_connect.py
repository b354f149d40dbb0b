"""Connecting a shop: approval and callback (O3), secrets typed, the embedded app, its end."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from connectors.shopify import client, install
from connectors.shopify.plugin import Shopify
from connectors.shopify.settings import NAME, ShopSettings
from connectors.shopify.standin import CLIENT_ID, CLIENT_SECRET, App, Standin
from connectors.shopify.standin.signing import query_hmac
from connectors.testing.hubs import Agent, RunningHub, Shop, serve
from core.access import Role
from core.connections import active_by_shop, connection_row, connections_of, open_connection
from core.connector import Connection
from core.errors import Invalid

pytestmark = pytest.mark.anyio
KESTREL = "kestrel.myshopify.com"
CONNECT = "/console/api/integrations/connect"


@pytest.fixture
async def standin() -> AsyncIterator[Standin]:
    async with Standin(("kestrel", "northfold"), apps=[App(url="http://127.0.0.1:1")]) as running:
        yield running


@pytest.fixture
async def hub(
    sqlite_url: str, tmp_path: Path, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[RunningHub]:
    monkeypatch.setenv("SHOPIFY_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("SHOPIFY_CLIENT_SECRET", CLIENT_SECRET)
    monkeypatch.setenv("SHOPIFY_ORIGIN", standin.url)
    async with serve(tmp_path, sqlite_url, worker=False) as running:
        standin.app_of_hub.url = running.url
        running.hub.services.public_url = running.url
        yield running


@pytest.fixture
async def shop(hub: RunningHub) -> Shop:
    return await hub.shop()


async def connect(agent: Agent, **values: str) -> httpx.Response:
    body = {"connector": "shopify", "values": {"shop": KESTREL, **values}}
    return await agent.request("POST", CONNECT, body)


async def approve(agent: Agent, **values: str) -> str:
    """Where Shopify sends the merchant back to after they said yes."""
    answer = await connect(agent, **values)
    assert answer.status_code == 200, answer.text
    async with httpx.AsyncClient() as browser:
        said_yes = await browser.get(answer.json()["redirect"] + "&auto=1")
    assert said_yes.status_code == 302, said_yes.text
    return said_yes.headers["location"]


async def come_back(hub: RunningHub, agent: Agent | None, address: str) -> httpx.Response:
    headers = {"Cookie": agent.cookie} if agent else {}
    return await hub.http.get(address, headers=headers)


def told(answer: httpx.Response) -> dict[str, str]:
    """What the console's page is told after the callback."""
    assert answer.status_code == 302, answer.text
    where = urlsplit(answer.headers["location"])
    assert where.path == "/console/settings/integrations/connect/shopify"
    return {name: values[0] for name, values in parse_qs(where.query).items()}


async def connected(hub: RunningHub, shop: Shop) -> list[Connection]:
    rows = await hub.hub.db.read(connections_of, shop.workspace_id)
    return [
        open_connection(row, hub.hub.services.vault, ShopSettings)
        for row in rows
        if row.state == "active"
    ]


def keys_of(connection: Connection) -> ShopSettings:
    assert isinstance(connection.settings, ShopSettings)
    return connection.settings


async def test_S1_one_approval_connects_a_shop_and_its_first_sync_is_asked_for(hub, shop, standin):
    agent = await shop.agent()
    address = await approve(agent)
    said = told(await come_back(hub, agent, address))
    (made,) = await connected(hub, shop)
    assert said == {"connection": made.id}
    assert (made.shop, made.source, made.title) == (KESTREL, "shopify:kestrel", "Kestrel")
    assert made.details["currency"] == "EUR"
    assert made.details["missing_scopes"] == []
    keys = keys_of(made)
    assert keys.source == "code"
    assert keys.refresh_token.get_secret_value().startswith("shprt_")
    page = await agent.get("/console/api/integrations")
    (card,) = page["connections"]
    assert card["connection"]["level"] == "connected"
    assert "shpat_" not in str(page) and "shprt_" not in str(page)
    check = await hub.hub.services.connectors[NAME].check(hub.hub.services, made)
    assert check.ok, check


async def test_S1_the_strict_cookie_survives_the_way_back_through_a_page_of_ours(hub, shop):
    agent = await shop.agent()
    address = await approve(agent)
    page = await come_back(hub, None, address)  # a browser keeps a Strict cookie to itself here
    assert page.status_code == 200
    assert "/shopify/callback/return?" in page.text
    assert await connected(hub, shop) == []
    query = urlsplit(address).query
    await come_back(hub, agent, f"/shopify/callback/return?{query}")
    assert len(await connected(hub, shop)) == 1


async def test_O3_a_state_works_once(hub, shop):
    agent = await shop.agent()
    address = await approve(agent)
    assert "connection" in told(await come_back(hub, agent, address))
    assert told(await come_back(hub, agent, address))["problem"] == "expired"
    (made,) = await connected(hub, shop)
    assert made.generation == 1


async def test_O3_a_state_ends_after_ten_minutes(hub, shop, monkeypatch):
    agent = await shop.agent()
    address = await approve(agent)

    def age(work):
        from sqlalchemy import text

        work.execute(text("UPDATE one_time_tokens SET expires_at = expires_at - 600000"))

    await hub.hub.db.write(age)
    assert told(await come_back(hub, agent, address))["problem"] == "expired"
    assert await connected(hub, shop) == []


@pytest.mark.parametrize("who", ["nobody", "another session", "another workspace", "an agent"])
async def test_O3_a_state_is_bound_to_the_browser_session_that_left(hub, shop, who):
    agent = await shop.agent()
    other: Agent | None = None
    if who == "another session":
        other = await shop.agent(Role.ADMIN)
    if who == "another workspace":
        other = await (await hub.shop("Northfold")).agent()
    if who == "an agent":
        other = await shop.agent(Role.AGENT)
    address = (await approve(agent)).replace("/callback?", "/callback/return?")
    assert told(await come_back(hub, other, address))["problem"] == "cancelled"
    assert await connected(hub, shop) == []


def resigned(address: str, **changes: str) -> str:
    """The callback with other values, signed by somebody who has the secret."""
    parts = urlsplit(address)
    said = {name: values[0] for name, values in parse_qs(parts.query).items()} | changes
    said.pop("hmac")
    said["hmac"] = query_hmac(said, CLIENT_SECRET)
    return f"{parts.path}?{urlencode(said)}"


async def test_O3_a_state_is_bound_to_its_shop(hub, shop):
    agent = await shop.agent()
    address = await approve(agent)
    forged = resigned(address, shop="northfold.myshopify.com")
    assert told(await come_back(hub, agent, forged))["problem"] == "cancelled"
    assert await connected(hub, shop) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda query: query.replace("hmac=", "hmac=0"),
        lambda query: "&".join(one for one in query.split("&") if not one.startswith("hmac=")),
        lambda query: query + "&shop=evil.myshopify.com",
        lambda query: query + "&extra=1",
        lambda query: query.replace("state=", "state=x"),
        lambda query: query + "%ff",
        lambda query: query + "&" + query.split("&")[0],
    ],
    ids=[
        "another hmac",
        "no hmac",
        "a name twice",
        "a name more",
        "another state",
        "no UTF-8",
        "the same twice",
    ],
)
async def test_O3_a_callback_that_was_tampered_with_is_refused(hub, shop, standin, spoil):
    agent = await shop.agent()
    parts = urlsplit(await approve(agent))
    asked = len(standin.asked("/admin/oauth/access_token"))
    answer = await come_back(hub, agent, f"{parts.path}?{spoil(parts.query)}")
    assert answer.status_code == 401
    assert len(standin.asked("/admin/oauth/access_token")) == asked
    assert await connected(hub, shop) == []


@pytest.mark.parametrize("seconds", [-100, 100])
async def test_O3_a_callback_of_another_time_is_refused(hub, shop, standin, seconds):
    agent = await shop.agent()
    address = await approve(agent)
    then = str(int(parse_qs(urlsplit(address).query)["timestamp"][0]) + seconds)
    answer = await come_back(hub, agent, resigned(address, timestamp=then))
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "host",
    ["evil.com", "kestrel.myshopify.com.evil.com", "kestrel.myshopify.com\n",
     "KESTREL.myshopify.com", "-k.myshopify.com", "a" * 61 + ".myshopify.com",
     "kestrel.myshopify.com:443", "k_k.myshopify.com"],
    ids=range(8),
)  # fmt: skip
async def test_O2_a_signed_callback_of_no_shop_takes_the_secret_nowhere(hub, shop, standin, host):
    agent = await shop.agent()
    address = await approve(agent)
    answer = await come_back(hub, agent, resigned(address, shop=host))
    assert answer.status_code == 401
    assert standin.asked("/admin/oauth/access_token") == []


async def test_O2_the_client_secret_goes_to_the_shop_alone(hub, shop, standin):
    agent = await shop.agent()
    told(await come_back(hub, agent, await approve(agent)))
    told(await come_back(hub, agent, await approve(agent)))
    with_secret = [one for one in standin.requests if CLIENT_SECRET.encode() in one.body]
    assert {(one.host, one.path) for one in with_secret} == {(KESTREL, "/admin/oauth/access_token")}
    for one in standin.requests:
        assert CLIENT_SECRET not in str(one.headers) + str(one.query)


@pytest.mark.parametrize(
    ("error", "problem"), [("access_denied", "cancelled"), ("staff_not_allowed", "staff_denied")]
)
async def test_S1_a_merchant_who_does_not_approve_is_told_in_plain_words(hub, error, problem):
    answer = await hub.http.get(f"/shopify/callback?error={error}&shop={KESTREL}")
    assert told(answer) == {"problem": problem, "shop": KESTREL}


async def test_O3_a_shop_of_another_workspace_cannot_be_claimed(hub, shop):
    mine, theirs = await shop.agent(), await (await hub.shop("Northfold")).agent()
    address = await approve(theirs)  # both left before either came back
    told(await come_back(hub, mine, await approve(mine)))
    assert told(await come_back(hub, theirs, address))["problem"] == "shop_taken"
    again = await connect(theirs)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "shop_taken")
    row = await hub.hub.db.read(active_by_shop, NAME, KESTREL)
    assert row.workspace_id == shop.workspace_id


async def test_S1_a_shop_that_does_not_exist_is_named(hub, shop):
    answer = await connect(await shop.agent(), shop="nowhere.myshopify.com")
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "values.shop"


@pytest.mark.parametrize(
    "typed",
    ["", "x", "evil.com", "kestrel.myshopify.com/../..", "https://kestrel.myshopify.com@evil.com",
     "kestrel.myshopify.com.evil.com", "ke_strel", "kestrel.myshopify.com#@evil.com", "ｋestrel"],
    ids=range(9),
)  # fmt: skip
async def test_O2_what_is_typed_becomes_a_shops_host_or_an_error(hub, shop, standin, typed):
    answer = await connect(await shop.agent(), shop=typed)
    if answer.status_code == 200:
        assert f"shop={KESTREL}" in answer.json()["redirect"]
    else:
        assert answer.status_code == 422
        assert answer.json()["error"]["field"] == "values.shop"
    assert {one.host for one in standin.requests} <= {KESTREL}


@pytest.mark.parametrize(
    "typed", ["kestrel", "Kestrel.myshopify.com ", "https://kestrel.myshopify.com/admin",
              "https://admin.shopify.com/store/kestrel/products"],
    ids=range(4),
)  # fmt: skip
async def test_S1_a_shop_may_be_typed_as_people_paste_it(hub, shop, typed):
    answer = await connect(await shop.agent(), shop=typed)
    assert answer.status_code == 200, answer.text
    assert f"shop={KESTREL}" in answer.json()["redirect"]


async def test_S1_a_missing_permission_is_told_and_the_shop_connected_all_the_same(
    hub, shop, standin
):
    agent = await shop.agent()
    answer = await connect(agent)
    scopes = "read_products,read_orders,read_customers,write_discounts"
    there = urlsplit(answer.json()["redirect"])
    query = {name: values[0] for name, values in parse_qs(there.query).items()}
    async with httpx.AsyncClient() as browser:
        address = f"{standin.url}{there.path}?{urlencode({**query, 'scope': scopes, 'auto': '1'})}"
        back = (await browser.get(address)).headers["location"]
    said = told(await come_back(hub, agent, back))
    assert said["problem"] == "scope_missing"
    (made,) = await connected(hub, shop)
    assert "read_fulfillments" in made.details["missing_scopes"]
    view = (await agent.get("/console/api/integrations"))["connections"][0]["connection"]
    assert (view["level"], view["problem"]["code"]) == ("attention", "missing_permission")
    check = await hub.hub.services.connectors[NAME].check(hub.hub.services, made)
    assert (check.code, check.level) == ("missing_permission", "attention")


async def test_S1_client_credentials_connect_at_once(hub, shop, standin):
    standin.shop("kestrel").install()
    answer = await connect(await shop.agent(), client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
    assert answer.status_code == 200, answer.text
    (made,) = await connected(hub, shop)
    assert answer.json()["connection"] == made.id
    keys = keys_of(made)
    assert (keys.source, keys.refresh_token.get_secret_value()) == ("credentials", "")
    assert keys.app.client_secret.get_secret_value() == CLIENT_SECRET


async def test_S1_wrong_credentials_are_refused_in_plain_words(hub, shop):
    answer = await connect(await shop.agent(), client_id=CLIENT_ID, client_secret="wrong")
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "refused")
    assert "client id" in answer.json()["error"]["message"]
    half = await connect(await shop.agent(), client_id=CLIENT_ID)
    assert half.json()["error"]["field"] == "values.client_secret"


async def test_S1_a_fixed_token_connects_at_once_and_a_wrong_one_does_not(hub, shop, standin):
    installation = standin.shop("kestrel").install()
    standin.app_of_hub.public = False
    token = installation.grant(expires_in=None).token
    answer = await connect(await shop.agent(), access_token=token)
    assert answer.status_code == 200, answer.text
    wrong = await connect(await shop.agent(), access_token="shpat_wrong")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (502, "refused")


async def test_S1_approving_needs_a_browser(hub, shop):
    from core.audit import operator

    shopify = hub.hub.services.connectors[NAME]
    with pytest.raises(Invalid, match="browser"):
        await shopify.connect(hub.hub.services, operator(shop.workspace_id), {"shop": KESTREL})


async def test_S10_approving_once_more_keeps_what_was_asked_for_besides(hub, shop):
    agent = await shop.agent()
    first = (await connect(agent, permissions="write_orders")).json()["redirect"]
    assert "write_orders" in first and "read_all_orders" not in first
    told(await come_back(hub, agent, await approve(agent, permissions="write_orders")))
    (made,) = await connected(hub, shop)
    assert "write_orders" in made.details["scopes"]
    again = (await connect(agent)).json()["redirect"]
    assert "write_orders" in again
    wrong = await connect(agent, permissions="write_themes")
    assert wrong.json()["error"]["field"] == "values.permissions"


async def test_S9_a_workspace_has_several_stores(hub, shop):
    agent = await shop.agent()
    for name in ("kestrel", "northfold"):
        address = await approve(agent, shop=f"{name}.myshopify.com")
        told(await come_back(hub, agent, address))
    assert {one.source for one in await connected(hub, shop)} == {
        "shopify:kestrel",
        "shopify:northfold",
    }


# Its end ---------------------------------------------------------------------------------


async def test_S9_uninstalling_lets_go_and_reinstalling_begins_a_new_generation(hub, shop, standin):
    agent = await shop.agent()
    told(await come_back(hub, agent, await approve(agent)))
    (made,) = await connected(hub, shop)
    standin.shop("kestrel").installation().uninstall()
    assert await install.uninstalled(hub.hub.services, made)
    row = await hub.hub.db.read(connection_row, shop.workspace_id, made.id)
    assert (row.state, row.sealed) == ("disconnected", "")
    told(await come_back(hub, agent, await approve(agent)))
    (again,) = await connected(hub, shop)
    assert (again.id, again.generation) == (made.id, 3)
    # the word of the first uninstall comes once more, late
    assert not await install.uninstalled(hub.hub.services, made)
    assert not await install.uninstalled(hub.hub.services, again)
    assert len(await connected(hub, shop)) == 1


async def test_S9_disconnecting_uninstalls_the_hubs_own_app(hub, shop, standin):
    agent = await shop.agent()
    told(await come_back(hub, agent, await approve(agent)))
    (made,) = await connected(hub, shop)
    answer = await agent.request("POST", f"/console/api/integrations/{made.id}/disconnect")
    assert answer.status_code < 300, answer.text
    assert await connected(hub, shop) == []
    assert not standin.shop("kestrel").installation().installed


# How it is -------------------------------------------------------------------------------


async def one(hub: RunningHub, shop: Shop) -> tuple[Shopify, Connection, Any]:
    agent = await shop.agent()
    told(await come_back(hub, agent, await approve(agent)))
    (made,) = await connected(hub, shop)
    shopify = hub.hub.services.connectors[NAME]
    assert isinstance(shopify, Shopify)
    return shopify, made, agent


async def test_S9_hidden_personal_data_are_a_state_of_their_own(hub, shop, standin):
    shopify, made, _ = await one(hub, shop)
    standin.shop("kestrel").add_order(email="ann@example.com")
    standin.app_of_hub.protected_data = 1
    check = await shopify.check(hub.hub.services, made)
    assert (check.code, check.level) == ("protected_data", "attention")


async def test_S9_a_shop_out_of_reach_is_degraded_and_a_dead_key_has_failed(
    hub, shop, standin, monkeypatch
):
    shopify, made, _ = await one(hub, shop)
    monkeypatch.setitem(client.TRIES, "live", 1)
    standin.fail("/graphql.json", "503", times=None)
    check = await shopify.check(hub.hub.services, made)
    assert (check.code, check.level) == ("unreachable", "degraded")
    standin.recover()
    standin.shop("kestrel").installation().uninstall()
    check = await shopify.check(hub.hub.services, made)
    assert (check.code, check.level) == ("refused", "failed")


# Inside the shop's admin -----------------------------------------------------------------


def opened(standin: Standin, handle: str = "kestrel", **changes: str | None) -> str:
    """The address Shopify opens the app at, signed; `changes` replace or take away."""
    shop = standin.shop(handle)
    said: dict[str, str | None] = {
        "embedded": "1",
        "host": shop.host,
        "id_token": shop.id_token(),
        "locale": "en",
        "session": "5f1d",
        "shop": shop.domain,
        "timestamp": str(int(shop.clock.stamp())),
    }
    kept = {name: value for name, value in {**said, **changes}.items() if value is not None}
    return f"/shopify?{urlencode({**kept, 'hmac': query_hmac(kept, CLIENT_SECRET)})}"


def offer_in(page: str) -> str:
    return re.split('[&"#]', page.split("#offer=")[1])[0]


@pytest.fixture
def installed(standin: Standin) -> Standin:
    for name in ("kestrel", "northfold"):
        standin.shop(name).install()
    return standin


async def test_S1_a_shop_that_opens_the_app_is_offered_and_claimed_by_an_admin(
    hub, shop, installed
):
    page = await hub.http.get(opened(installed))
    assert page.status_code == 200, page.text
    assert "One step left" in page.text
    offer = offer_in(page.text)
    agent = await shop.agent()
    seen = await agent.request("POST", "/console/api/integrations/offer", {"offer": offer})
    assert seen.json() == {"connector": "shopify", "shop": KESTREL, "title": "Kestrel"}
    claimed = await agent.request("POST", "/console/api/integrations/claim", {"offer": offer})
    (made,) = await connected(hub, shop)
    assert claimed.json()["connection"] == made.id
    assert keys_of(made).source == "exchange"
    check = await hub.hub.services.connectors[NAME].check(hub.hub.services, made)
    assert check.ok
    again = await agent.request("POST", "/console/api/integrations/claim", {"offer": offer})
    assert again.status_code == 404
    page = await hub.http.get(opened(installed))
    assert "Your shop is connected" in page.text


async def test_O3_an_offer_is_for_admins_and_good_for_a_day(hub, shop, installed):
    offer = offer_in((await hub.http.get(opened(installed))).text)
    low = await shop.agent(Role.AGENT)
    path, body = "/console/api/integrations/claim", {"offer": offer}
    assert (await low.request("POST", path, body)).status_code == 403
    assert (await hub.http.post(path, json=body)).status_code == 401

    def age(work):
        from sqlalchemy import text

        work.execute(text("UPDATE connection_offers SET expires_at = expires_at - 86400000"))

    await hub.hub.db.write(age)
    assert (await (await shop.agent()).request("POST", path, body)).status_code == 404
    assert await connected(hub, shop) == []


async def test_O3_of_two_offers_of_a_shop_the_newer_counts(hub, shop, installed):
    first = offer_in((await hub.http.get(opened(installed))).text)
    second = offer_in((await hub.http.get(opened(installed))).text)
    agent = await shop.agent()
    path = "/console/api/integrations/claim"
    assert (await agent.request("POST", path, {"offer": first})).status_code == 404
    assert (await agent.request("POST", path, {"offer": second})).status_code == 200


async def test_O3_an_offered_shop_that_another_workspace_has_is_not_claimed(hub, shop, installed):
    offer = offer_in((await hub.http.get(opened(installed))).text)
    mine = await shop.agent()
    told(await come_back(hub, mine, await approve(mine)))
    theirs = await (await hub.shop("Northfold")).agent()
    answer = await theirs.request("POST", "/console/api/integrations/claim", {"offer": offer})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "shop_taken")


async def test_D_4_an_offers_keys_are_sealed(hub, shop, installed):
    await hub.http.get(opened(installed))

    def whole(work):
        from sqlalchemy import text

        return str(work.execute(text("SELECT * FROM connection_offers")).all())

    rows = await hub.hub.db.read(whole)
    assert KESTREL in rows and "shpat_" not in rows and "shprt_" not in rows


async def test_B3_the_page_is_framed_by_its_own_admin_alone(hub, installed):
    page = await hub.http.get(opened(installed))
    policy = page.headers["content-security-policy"]
    assert f"frame-ancestors https://{KESTREL} https://admin.shopify.com" in policy
    assert "unsafe" not in policy
    assert "https://cdn.shopify.com/shopifycloud/app-bridge.js" in page.text
    assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "changes",
    [{"shop": "evil.com"}, {"shop": None}, {"timestamp": "1"}, {"timestamp": None},
     {"shop": "kestrel.myshopify.com.evil.com"}],
    ids=range(5),
)  # fmt: skip
async def test_O2_an_address_that_is_not_shopifys_is_refused(hub, installed, changes):
    answer = await hub.http.get(opened(installed, **changes))
    assert answer.status_code == 401
    assert installed.asked("/admin/oauth/access_token") == []


async def test_O2_a_forged_signature_is_refused(hub, installed):
    answer = await hub.http.get(opened(installed).replace("hmac=", "hmac=0"))
    assert answer.status_code == 401
    answer = await hub.http.get(opened(installed) + "&shop=northfold.myshopify.com")
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "spoil",
    [
        lambda shop: shop.id_token(exp=int(shop.clock.stamp()) - 60),
        lambda shop: shop.id_token(aud="another app"),
        lambda shop: shop.id_token(dest="https://northfold.myshopify.com"),
        lambda shop: shop.id_token(iss="https://evil.com/admin"),
        lambda shop: shop.id_token()[:-2] + "xx",
        lambda shop: "",
        lambda shop: "a.b.c",
        lambda shop: "x" * 3000,
        lambda shop: (
            "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0." + shop.id_token().split(".")[1] + "."
        ),
    ],
    ids=["stale", "other app", "other shop", "other issuer", "forged", "none", "nonsense",
         "long", "alg none"],
)  # fmt: skip
async def test_V5_without_a_token_of_this_minute_the_page_fetches_one(hub, installed, spoil):
    token = spoil(installed.shop("kestrel"))
    answer = await hub.http.get(opened(installed, id_token=token))
    assert answer.status_code == 302
    where = urlsplit(answer.headers["location"])
    assert where.path == "/shopify/session"
    assert installed.asked("/admin/oauth/access_token") == []
    page = await hub.http.get(answer.headers["location"])
    assert page.status_code == 200
    assert "app-bridge.js" in page.text
    reload = parse_qs(where.query)["shopify-reload"][0]
    assert reload.startswith(f"{hub.url}/shopify?")
    # Shopify's script goes there with a fresh token; the old signature is left behind
    fresh = urlencode({"id_token": installed.shop("kestrel").id_token()})
    back = await hub.http.get(f"{reload}&{fresh}")
    assert "One step left" in back.text


async def test_T2_a_shops_own_token_opens_no_other_shop(hub, installed):
    token = installed.shop("northfold").id_token()
    query = urlencode({"embedded": "1", "shop": KESTREL, "id_token": token})
    answer = await hub.http.get(f"/shopify?{query}")
    assert answer.status_code == 302
    assert urlsplit(answer.headers["location"]).path == "/shopify/session"
    assert installed.asked("/admin/oauth/access_token") == []


async def test_V5_a_program_is_told_to_fetch_a_fresh_token(hub, installed):
    headers = {"Sec-Fetch-Dest": "empty"}
    answer = await hub.http.get(opened(installed, id_token="old"), headers=headers)
    assert answer.status_code == 401
    assert answer.headers["x-shopify-retry-invalid-session-request"] == "1"


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/shopify?x=1", "//evil.example", "javascript:alert(1)",
     "{hub}.evil.example/shopify?", "{hub}@evil.example/shopify?", "{hub}/shopify/../evil?", ""],
    ids=range(7),
)  # fmt: skip
async def test_V7_a_fresh_token_is_taken_to_our_own_page_alone(hub, installed, target):
    query = urlencode({"shop": KESTREL, "shopify-reload": target.replace("{hub}", hub.url)})
    answer = await hub.http.get(f"/shopify/session?{query}")
    assert answer.status_code == 403


async def test_S1_opened_outside_the_admin_the_app_goes_there(hub, installed):
    answer = await hub.http.get(opened(installed, id_token=None, embedded=None))
    assert answer.status_code == 302
    assert answer.headers["location"] == f"https://admin.shopify.com/store/kestrel/apps/{CLIENT_ID}"


async def test_O7_opening_the_app_mends_a_connection_whose_keys_lapsed(hub, shop, installed):
    shopify, made, agent = await one(hub, shop)
    installed.shop("kestrel").installation().expire(refresh=True)
    check = await shopify.check(hub.hub.services, made)
    assert (check.code, check.level) == ("reapprove", "failed")
    page = await hub.http.get(opened(installed))
    assert "Your shop is connected" in page.text
    (mended,) = await connected(hub, shop)
    assert mended.generation == made.generation
    assert (await shopify.check(hub.hub.services, mended)).ok
    view = (await agent.get("/console/api/integrations"))["connections"][0]["connection"]
    assert view["level"] == "connected"


async def test_V5_after_a_rotation_the_old_secret_signs_for_a_while(
    standin, sqlite_url, tmp_path, monkeypatch
):
    monkeypatch.setenv("SHOPIFY_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("SHOPIFY_CLIENT_SECRET", "shpss_the_new_secret")
    monkeypatch.setenv("SHOPIFY_PREVIOUS_CLIENT_SECRET", CLIENT_SECRET)
    monkeypatch.setenv("SHOPIFY_ORIGIN", standin.url)
    standin.shop("kestrel").install()
    async with serve(tmp_path, sqlite_url, worker=False) as hub:
        answer = await hub.http.get(opened(standin, id_token="old"))
        assert answer.status_code == 302
        answer = await hub.http.get(opened(standin).replace("hmac=", "hmac=0"))
        assert answer.status_code == 401


async def test_S1_a_hub_without_an_app_says_so(standin, sqlite_url, tmp_path, monkeypatch):
    for name in ("CLIENT_ID", "CLIENT_SECRET", "ORIGIN"):
        monkeypatch.delenv(f"SHOPIFY_{name}", raising=False)
    async with serve(tmp_path, sqlite_url, worker=False) as hub:
        assert (await hub.http.get(opened(standin))).status_code == 401
        answer = await connect(await (await hub.shop()).agent())
        assert answer.json()["error"]["field"] == "values.client_id"
