"""The stand-in's signatures agree with Shopify's, and its tokens live and die as Shopify's do."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest

from connectors.shopify.standin import CLIENT_ID, CLIENT_SECRET, Standin, signing
from connectors.shopify.standin.oauth import EXCHANGE, ID_TOKEN, OFFLINE, ONLINE
from connectors.shopify.standin.proxy import signed_query
from tests.connectors.shopify.standin_calls import EVERY_SCOPE, GRAPHQL, Caller, caller

VECTORS: dict[str, Any] = json.loads(
    (Path(signing.__file__).parents[1] / "fixtures" / "signature_vectors.json").read_text()
)
SECRET, SHOP = VECTORS["secret"], VECTORS["shop"]
DAY = 86_400
ASKED = {"query": "{ shop { name } }"}
CALLBACK = "http://127.0.0.1:8000/shopify/callback"


def named(vectors: list[dict[str, Any]]) -> Any:
    return pytest.mark.parametrize("vector", vectors, ids=[one["name"] for one in vectors])


@named([one for one in VECTORS["oauth_callback"] if "hmac" in one])
def test_a_callback_is_signed_as_shopify_signs_it(vector: dict[str, Any]) -> None:
    assert signing.query_hmac(vector["query"], SECRET) == vector["hmac"]


@named([one for one in VECTORS["app_proxy"] if "signature" in one])
def test_a_proxy_request_is_signed_as_shopify_signs_it(vector: dict[str, Any]) -> None:
    secret = vector.get("secret", SECRET)
    assert signing.proxy_signature(vector["params"], secret) == vector["signature"]


@named([one for one in VECTORS["webhook"] if "X-Shopify-Hmac-Sha256" in one["headers"]])
def test_a_webhook_is_signed_as_shopify_signs_it(vector: dict[str, Any]) -> None:
    ours = signing.webhook_hmac(vector["raw_body"].encode(), SECRET)
    theirs = vector["headers"]["X-Shopify-Hmac-Sha256"]
    assert (ours == theirs) == (vector["js_result"].get("reason") != "invalid_hmac")


@named([one for one in VECTORS["session_token"] if "token" in one])
def test_a_session_token_is_believed_when_shopify_believes_it(vector: dict[str, Any]) -> None:
    key, clock = VECTORS["api_key"], VECTORS["clock_unix"]
    believed = signing.is_id_token(vector["token"], SHOP, key, SECRET, now=clock)
    strict = "dest_mismatch" in vector["name"]  # Shopify's library leaves that to the app
    assert believed == (bool(vector["js_decoded"]) and not strict)


def test_a_session_token_of_ours_has_shopifys_claims() -> None:
    (vector,) = [one for one in VECTORS["session_token"] if one["name"] == "valid_far_future"]
    token = signing.id_token(SHOP, VECTORS["api_key"], SECRET, now=1)
    _, claims, _ = token.split(".")
    ours = json.loads(base64.urlsafe_b64decode(claims + "=="))
    assert ours.keys() == vector["payload"].keys()
    assert ours["iss"] == vector["payload"]["iss"] and ours["exp"] == 61


@pytest.fixture
async def call() -> AsyncIterator[Caller]:
    async with caller() as one:
        one.shop.uninstall()
        yield one


async def approve(call: Caller, **query: str) -> tuple[int, str]:
    told = {
        "client_id": CLIENT_ID,
        "redirect_uri": CALLBACK,
        "scope": "read_products,write_discounts",
        "state": "a state & more",
        "auto": "1",
    }
    address = f"{call.store.url}/admin/oauth/authorize?{urlencode(told | query)}"
    headers = {"Host": call.shop.domain}
    async with call.session.get(address, headers=headers, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location") or await answer.text()


async def a_code(call: Caller) -> str:
    _, location = await approve(call)
    return parse_qs(urlsplit(location).query)["code"][0]


async def works(call: Caller, token: str) -> bool:
    call.token = token
    return (await call.post(GRAPHQL, ASKED))[0] == 200


async def test_saying_yes_sends_the_merchant_back_with_a_signed_address(call: Caller) -> None:
    status, location = await approve(call)
    assert status == 302 and location.startswith(CALLBACK + "?")
    query = dict(parse_qsl(urlsplit(location).query))
    assert query["state"] == "a state & more" and query["shop"] == call.shop.domain
    assert query.pop("hmac") == signing.query_hmac(query, CLIENT_SECRET)
    assert abs(int(query["timestamp"]) - call.shop.clock.stamp()) < 5


async def test_nothing_is_granted_before_somebody_clicks(call: Caller) -> None:
    status, page = await approve(call, auto="0")
    assert status == 200 and "write_discounts" in page and "Install" in page
    address = f"{call.store.url}/admin/oauth/authorize?" + urlencode(
        {"client_id": CLIENT_ID, "redirect_uri": CALLBACK, "state": "s"}
    )
    no = call.session.post(address, data={"answer": "cancel"}, allow_redirects=False)
    async with no as answer:
        assert "code=" not in answer.headers["Location"]
    yes = call.session.post(address, data={"answer": "install"}, allow_redirects=False)
    async with yes as answer:
        assert answer.headers["Location"].startswith(CALLBACK)
    assert call.shop.installation().installed is False  # the code is not redeemed yet


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "someone"},
        {"redirect_uri": "http://evil.example/shopify/callback"},
        {"redirect_uri": "http://127.0.0.1:8000.evil.example/"},
        {"scope": "write_everything"},
    ],
)
async def test_a_wrong_approval_goes_nowhere(call: Caller, wrong: dict[str, str]) -> None:
    status, _ = await approve(call, **wrong)
    assert status == 400


async def test_a_code_is_good_once_and_for_ten_minutes(call: Caller) -> None:
    code = await a_code(call)
    status, reply = await call.tokens(code=code, expiring="1")
    assert status == 200 and reply["scope"] == "read_products,write_discounts"
    assert reply["expires_in"] == 3_600 and reply["refresh_token_expires_in"] == 90 * DAY
    assert await works(call, reply["access_token"])
    assert (await call.tokens(code=code, expiring="1"))[0] == 400
    late = await a_code(call)
    call.store.clock.advance(601)
    assert (await call.tokens(code=late, expiring="1"))[0] == 400


async def test_a_code_without_expiring_gives_a_token_that_opens_nothing(call: Caller) -> None:
    _, reply = await call.tokens(code=await a_code(call))
    assert reply.keys() == {"access_token", "scope"}
    call.token = reply["access_token"]
    assert (await call.post(GRAPHQL, ASKED))[0] == 403
    _, migrated = await call.tokens(
        grant_type=EXCHANGE,
        subject_token=reply["access_token"],
        subject_token_type=OFFLINE,
        requested_token_type=OFFLINE,
        expiring="1",
    )
    assert await works(call, migrated["access_token"])


async def test_O7_an_old_refresh_token_is_good_until_the_new_one_is_used(call: Caller) -> None:
    async def refresh(token: str) -> tuple[int, Any]:
        return await call.tokens(grant_type="refresh_token", refresh_token=token)

    _, first = await call.tokens(code=await a_code(call), expiring="1")
    _, second = await refresh(first["refresh_token"])
    assert second["refresh_token"] != first["refresh_token"]
    status, third = await refresh(first["refresh_token"])  # the answer was lost on the way
    assert status == 200
    assert (await refresh(third["refresh_token"]))[0] == 200
    gone = await refresh(first["refresh_token"])
    assert gone[0] == 400 and gone[1]["error"] == "invalid_grant"


async def test_refresh_tokens_end_after_90_days_and_reused_ones_after_30(call: Caller) -> None:
    _, first = await call.tokens(code=await a_code(call), expiring="1")
    asked = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    assert (await call.tokens(**asked))[0] == 200
    call.store.clock.advance(31 * DAY)
    assert (await call.tokens(**asked))[0] == 400
    _, other = await call.tokens(code=await a_code(call), expiring="1")
    call.store.clock.advance(91 * DAY)
    asked["refresh_token"] = other["refresh_token"]
    assert (await call.tokens(**asked))[1]["error"] == "invalid_grant"


async def test_an_access_token_ends_after_an_hour(call: Caller) -> None:
    _, reply = await call.tokens(code=await a_code(call), expiring="1")
    call.store.clock.advance(3_590)
    assert await works(call, reply["access_token"])
    call.store.clock.advance(20)
    assert not await works(call, reply["access_token"])


def exchange(call: Caller, **claims: Any) -> dict[str, str]:
    return {
        "grant_type": EXCHANGE,
        "subject_token": call.shop.id_token(**claims),
        "subject_token_type": ID_TOKEN,
        "requested_token_type": OFFLINE,
        "expiring": "1",
    }


async def test_a_session_token_is_exchanged_once_the_app_is_installed(call: Caller) -> None:
    assert (await call.tokens(**exchange(call)))[1]["error"] == "invalid_client"
    call.shop.install()
    status, reply = await call.tokens(**exchange(call))
    assert status == 200 and "refresh_token" in reply
    assert await works(call, reply["access_token"])
    _, online = await call.tokens(**exchange(call) | {"requested_token_type": ONLINE})
    assert online["associated_user"]["id"] == 42


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "someone-else"},
        {"dest": "https://northlight.myshopify.com"},
        {"exp": 1},
        {"nbf": 4_102_444_800},
    ],
)
async def test_a_session_token_that_is_not_for_this_shop_is_refused(
    call: Caller, claims: Any
) -> None:
    call.shop.install()
    status, reply = await call.tokens(**exchange(call, **claims))
    assert status == 400 and reply["error"] == "invalid_subject_token"


async def test_client_credentials_are_for_the_own_organisations_shops(call: Caller) -> None:
    asked = {"grant_type": "client_credentials"}
    assert (await call.tokens(**asked))[0] == 400
    call.shop.install()
    status, reply = await call.tokens(**asked)
    assert status == 200 and "refresh_token" not in reply
    assert await works(call, reply["access_token"])
    call.shop.own_organisation = False
    assert (await call.tokens(**asked))[0] == 400


async def test_a_wrong_secret_gets_nothing(call: Caller) -> None:
    call.shop.install()
    asked = {"grant_type": "client_credentials", "client_secret": "wrong"}
    assert (await call.tokens(**asked))[1]["error"] == "invalid_client"
    assert (await call.tokens(grant_type="password"))[1]["error"] == "unsupported_grant_type"


async def test_uninstalling_ends_every_token(call: Caller) -> None:
    _, reply = await call.tokens(code=await a_code(call), expiring="1")
    call.shop.uninstall()
    assert not await works(call, reply["access_token"])
    asked = {"grant_type": "refresh_token", "refresh_token": reply["refresh_token"]}
    assert (await call.tokens(**asked))[1]["error"] == "invalid_client"


async def test_scopes_changed_by_the_merchant_hold_for_the_tokens_she_gave(call: Caller) -> None:
    call.token = call.shop.token(*EVERY_SCOPE)
    call.shop.change_scopes("read_products")
    answer = await call.ask("{ orders(first: 1) { nodes { id } } }")
    assert answer["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"


def test_an_embedded_app_is_opened_with_a_signed_address_and_a_session_token() -> None:
    shop = Standin().shop()
    query = dict(parse_qsl(urlsplit(shop.load_url()).query))
    assert {"embedded", "host", "id_token", "locale", "session", "shop", "timestamp"} < query.keys()
    assert query.pop("hmac") == signing.query_hmac(query, CLIENT_SECRET)
    proxied = dict(parse_qsl(signed_query(shop, shop.apps[0], "7"), keep_blank_values=True))
    assert proxied.pop("signature") == signing.proxy_signature(proxied, CLIENT_SECRET)
