"""The storefront: only the shop's own signed word says who is logged in (O5, S6)."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
from pydantic import SecretStr

from connectors.shopify import storefront
from connectors.shopify.app_proxy import PATH, ProxyQuery, read_query
from connectors.shopify.settings import NAME, ShopSettings, short_name
from connectors.testing.hubs import RunningHub, Shop, serve
from core.audit import operator
from core.connections import connect, connection_row, disconnect, open_connection
from core.connector import Connection, ConnectionDraft
from core.customers import customer_by_external_id
from core.db import Work
from core.errors import Refused, Unavailable

pytestmark = pytest.mark.anyio

SECRET = "shpss_dummy_0123456789abcdef0123456789abcdef"
CLIENT_ID = "a61950a2cbd5f32876b0b55587ec7a27"
KESTREL = "kestrel-clay.myshopify.com"
CUSTOMER = "7412345678901"
FIXTURES = Path(storefront.__file__).parent / "fixtures"
VECTORS: dict[str, Any] = json.loads((FIXTURES / "signature_vectors.json").read_text())


def sign(given: Mapping[str, Any], secret: str = SECRET) -> str:
    """What Shopify computes; written anew, so that no mistake is made twice."""
    joined = {k: ",".join(v) if isinstance(v, list) else v for k, v in given.items()}
    text = "".join(f"{key}={joined[key]}" for key in sorted(joined))
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def query(customer: str = CUSTOMER, *, secret: str = SECRET, **changed: Any) -> str:
    """The query Shopify adds, signed after what is `changed`; None leaves a parameter out."""
    given: dict[str, Any] = {
        "shop": KESTREL,
        "logged_in_customer_id": customer,
        "path_prefix": PATH,
        "timestamp": str(int(time.time())),
        **changed,
    }
    given = {name: value for name, value in given.items() if value is not None}
    return urlencode({**given, "signature": sign(given, secret)}, doseq=True)


class Store:
    """A shop on Shopify that this workspace has connected."""

    def __init__(self, hub: RunningHub, shop: Shop, connection: Connection) -> None:
        self.hub, self.shop, self.connection = hub, shop, connection

    async def ask(self, asked: str, path: str = "session", body: Any = None) -> httpx.Response:
        content = b"" if body is None else json.dumps(body).encode()
        return await self.hub.http.post(f"/shopify/proxy/{path}?{asked}", content=content)

    async def details(self) -> dict[str, Any]:
        db, ids = self.hub.hub.db, (self.connection.workspace_id, self.connection.id)
        return (await db.read(connection_row, *ids)).details


async def connected(hub: RunningHub, shop: Shop, host: str = KESTREL, **keys: Any) -> Store:
    settings = {"client_id": CLIENT_ID, "client_secret": SecretStr(SECRET), **keys}
    kept = ShopSettings(source="credentials", access_token=SecretStr("shpat_x"), **settings)
    draft = ConnectionDraft(host, "Kestrel", short_name(host), kept)
    vault = hub.hub.services.vault

    def store(work: Work) -> Connection:
        row = connect(work, vault, operator(shop.workspace_id), NAME, draft)
        return open_connection(row, vault, ShopSettings)

    return Store(hub, shop, await hub.hub.db.write(store))


@pytest.fixture
async def hub(database_url: str, tmp_path: Path) -> AsyncIterator[RunningHub]:
    """A hub of each kind of database; no stand-in is needed here."""
    async with serve(tmp_path, database_url) as running:
        yield running


@pytest.fixture
async def store(hub: RunningHub, shop: Shop) -> Store:
    return await connected(hub, shop)


# The signature -------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", VECTORS["app_proxy"], ids=lambda vector: vector["name"])
def test_O5_every_vector_is_judged_as_shopify_does_or_stricter(vector: dict[str, Any]) -> None:
    secret = vector.get("secret", VECTORS["secret"])
    params = vector.get("params", {})
    plain = {k: v for k, v in params.items() if isinstance(v, str)}
    if plain and plain.keys() == params.keys():  # the recipe itself, whatever the parameters
        assert ProxyQuery("", "", plain | {"signature": vector["signature"]}).is_signed_by([secret])
    raw = vector.get("query_string") or urlencode({**params, "signature": "0" * 64}, doseq=True)
    prefix = params.get("path_prefix", "/apps/hub")
    found = read_query(raw, VECTORS["clock_unix"], prefix)
    if vector["name"] in ("logged_in", "anonymous"):
        assert found is not None and found.is_signed_by([secret])
        assert found.customer_id == params["logged_in_customer_id"]
        assert not found.is_signed_by([]) and not found.is_signed_by(["another"])
    else:
        assert found is None  # more than the five, or one of them twice


@pytest.mark.parametrize(
    ("late", "good"), [(0, True), (90, True), (91, False), (-90, True), (-91, False)]
)
def test_O5_ninety_seconds_either_way(late: int, good: bool) -> None:
    vector = VECTORS["app_proxy"][0]
    now = VECTORS["clock_unix"] + late
    assert (read_query(vector["query_string"], now, "/apps/hub") is not None) == good


def test_O5_the_order_of_the_parameters_does_not_matter() -> None:
    parts = query().split("&")
    for turn in range(5):
        turned = "&".join(parts[turn:] + parts[:turn])
        found = read_query(turned, time.time())
        assert found is not None and found.is_signed_by([SECRET])


def test_O5_no_single_change_of_a_signed_query_passes() -> None:
    good = query()
    changed = {
        good[:at] + new + good[at + 1 :] for at in range(len(good)) for new in ("", *"0x%&=")
    }
    for one in changed - {good}:
        found = read_query(one, time.time())
        assert found is None or not found.is_signed_by([SECRET]), one


GENUINE = {
    "an extra parameter": {"page": "1"},
    "an extra parameter of another language": {"q": "café au lait"},
    "an array": {"ids[]": ["1", "2"]},
    "two customers": {"logged_in_customer_id": ["1", CUSTOMER]},
    "two shops": {"shop": [KESTREL, KESTREL]},
    "no customer parameter": {"logged_in_customer_id": None},
    "no time": {"timestamp": None},
    "another prefix": {"path_prefix": "/apps/hub"},
    "a longer prefix": {"path_prefix": f"{PATH}/session"},
    "a name for a customer": {"logged_in_customer_id": "gid://shopify/Customer/1"},
    "customer 0": {"logged_in_customer_id": "0"},
    "a customer with a line break": {"logged_in_customer_id": f"{CUSTOMER}\n"},
    "other digits": {"logged_in_customer_id": "٧٤١٢"},
    "a customer of 21 digits": {"logged_in_customer_id": "1" * 21},
    "a shop in capitals": {"shop": KESTREL.upper()},
    "a shop that goes on": {"shop": f"{KESTREL}.evil.example"},
    "a shop with a line break": {"shop": f"{KESTREL}\n"},
    "a shop nobody has connected": {"shop": "northfold.myshopify.com"},
    "yesterday": {"timestamp": str(int(time.time()) - 86_400)},
    "tomorrow": {"timestamp": str(int(time.time()) + 86_400)},
    "a time with a sign": {"timestamp": f"+{int(time.time())}"},
    "a time in words": {"timestamp": "now"},
    "a very long time": {"timestamp": "9" * 400},
}


async def test_O5_even_signed_only_the_five_are_taken_once_and_of_their_shape(store: Store) -> None:
    before = await store.details()
    for what, changed in GENUINE.items():
        for path in ("session", "seen"):
            answer = await store.ask(query(**changed), path)
            assert answer.status_code == 401, what
            assert answer.json()["error"]["message"] == "This is not signed by a connected shop."
    assert await store.details() == before


async def test_O5_unsigned_is_nobody_and_hears_nothing_of_what_it_sent(store: Store) -> None:
    good = query()
    stem, _, said = good.rpartition("signature=")
    forged = {
        "no query": "",
        "no signature": stem.rstrip("&"),
        "an empty signature": f"{stem}signature=",
        "another's signature": f"{stem}signature={'0' * 64}",
        "capitals": f"{stem}signature={said.upper()}",
        "two signatures": f"{good}&signature={said}",
        "signed with another secret": query(secret="shpss_of_another_app"),
        "signed with nothing": query(secret=""),
        "the customer changed": good.replace(CUSTOMER, "7412345678902"),
        "a second customer": f"{good}&logged_in_customer_id=1",
        "a second shop": f"{good}&shop=evil.myshopify.com",
        "a semicolon": good.replace("&", ";", 1),
        "a byte that is no text": good.replace(CUSTOMER, "%ff"),
        "a NUL": good.replace(CUSTOMER, "%00"),
        "a stray &": good + "&",
        "8 kB": f"{good}&x={'y' * 8000}",
        "a script": urlencode({"shop": "<script>alert(1)</script>"}),
    }
    for what, asked in forged.items():
        answer = await store.ask(asked)
        assert answer.status_code in (400, 401), what
        assert "script" not in answer.text and CUSTOMER not in answer.text, what
    for method in ("GET", "PUT", "DELETE"):
        answer = await store.hub.http.request(method, f"/shopify/proxy/session?{good}")
        assert answer.status_code in (404, 405)


async def test_O5_the_body_is_believed_in_nothing(store: Store) -> None:
    lie = {"logged_in_customer_id": "1", "shop": "evil.myshopify.com", "user_id": "cus_1"}
    answer = await store.ask(query(customer=""), body=lie)
    assert answer.json() == {"app_id": store.shop.made.app_id}


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'{"url": 7}', b'{"url": "\xff"}', b"\0"])
async def test_N1_a_wrong_body_is_told_so(store: Store, body: bytes) -> None:
    answer = await store.hub.http.post(f"/shopify/proxy/seen?{query()}", content=body)
    assert answer.status_code in (400, 422)


async def test_N2_a_body_has_a_limit(store: Store) -> None:
    answer = await store.ask(query(), body={"url": "https://shop.example/" + "x" * 5000})
    assert answer.status_code == 413


# Whose secret it is --------------------------------------------------------------------------


async def test_O5_after_a_rotation_the_old_secret_still_signs(hub: RunningHub, shop: Shop) -> None:
    store = await connected(hub, shop, client_id="", client_secret=SecretStr(""))
    assert (await store.ask(query())).status_code == 401  # this hub has no app of its own
    await give_app(hub, "shpss_new", SECRET)
    for secret, status in {"shpss_new": 200, SECRET: 200, "shpss_older": 401}.items():
        assert (await store.ask(query(secret=secret))).status_code == status


async def test_O5_a_shop_with_its_own_app_is_not_believed_by_the_hubs(
    hub: RunningHub, shop: Shop
) -> None:
    store = await connected(hub, shop)
    await give_app(hub, "shpss_new", "")
    assert (await store.ask(query(secret="shpss_new"))).status_code == 401
    assert (await store.ask(query())).status_code == 200


async def give_app(hub: RunningHub, secret: str, previous: str) -> None:
    connector: Any = hub.hub.services.connectors[NAME]
    connector.options = connector.options.model_copy(
        update={
            "client_id": CLIENT_ID,
            "client_secret": SecretStr(secret),
            "previous_client_secret": SecretStr(previous),
        }
    )


async def test_O5_a_disconnected_shop_is_no_longer_heard(store: Store) -> None:
    by = operator(store.shop.workspace_id)
    assert (await store.ask(query())).status_code == 200
    await store.hub.hub.db.write(disconnect, by, store.connection.id)
    assert (await store.ask(query())).status_code == 401


# Who is logged in ----------------------------------------------------------------------------


async def test_S6_the_logged_in_customer_is_proven_in_the_chat(store: Store) -> None:
    told = (await store.ask(query())).json()
    assert told["app_id"] == store.shop.made.app_id
    visitor = await store.shop.visitor(user_id=told["user_id"], user_token=told["user_token"])
    assert (visitor.session["assurance"], visitor.session["customer"]) == ("token", told["user_id"])
    known = await store.hub.hub.db.read(
        customer_by_external_id, store.shop.workspace_id, "shopify:kestrel-clay", CUSTOMER
    )
    assert known is not None and known.id == told["user_id"]
    again = await store.shop.visitor(name="Mallory")
    answer = await again.request("POST", "/v1/chat/identify", {"user_token": told["user_token"]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "bad_user_token")


async def test_S6_a_guest_is_told_to_be_nobody(store: Store) -> None:
    answer = await store.ask(query(customer=""))
    assert answer.json() == {"app_id": store.shop.made.app_id}
    assert answer.headers["cache-control"] == "no-store"


async def test_S6_the_same_request_again_makes_no_second_customer(store: Store) -> None:
    asked = query()
    told = [(await store.ask(asked)).json() for _ in range(3)]
    assert len({one["user_id"] for one in told}) == 1
    assert len({one["user_token"] for one in told}) == 3


async def test_N2_one_customer_cannot_ask_for_tickets_without_end(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.hub.hub.services.rate_limits = True
    still = SimpleNamespace(time=time.time, monotonic=lambda: 1000.0)  # however slow this machine
    monkeypatch.setattr(storefront, "time", still)
    told = [(await store.ask(query())).status_code for _ in range(31)]
    assert told[:30] == [200] * 30 and told[30] == 429
    late = await store.ask(query())
    assert late.headers["retry-after"] == "2"
    assert (await store.ask(query(customer="2"))).status_code == 200  # others are served


async def test_V6_another_customer_gets_another_session(store: Store) -> None:
    first = (await store.ask(query(customer="1"))).json()
    visitor = await store.shop.visitor(user_id=first["user_id"], user_token=first["user_token"])
    second = (await store.ask(query(customer="2"))).json()
    said = {name: second[name] for name in ("user_id", "user_token")}
    answer = await visitor.request("POST", "/v1/chat/identify", said)
    assert answer.json()["token"] != visitor.token
    gone = await visitor.request("GET", "/v1/chat/conversations")
    assert gone.status_code == 401


async def test_S9_two_shops_with_the_same_customer_id_never_mix(
    hub: RunningHub, store: Store
) -> None:
    other = await hub.shop("Northfold")
    theirs = await connected(hub, other, "northfold.myshopify.com")
    mine = (await store.ask(query())).json()
    told = (await theirs.ask(query(shop="northfold.myshopify.com"))).json()
    assert told["app_id"] == other.made.app_id and told["user_id"] != mine["user_id"]
    visitor = await other.visitor()
    answer = await visitor.request("POST", "/v1/chat/identify", {"user_token": mine["user_token"]})
    assert answer.status_code == 401


# The heartbeat -------------------------------------------------------------------------------


async def test_S6_the_embed_says_that_it_runs_every_few_minutes_at_most(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = {"url": "https://kestrel-clay.example/products/mug?code=secret#part"}
    assert (await store.ask(query(customer=""), "seen", first)).json() == {"seen": True}
    seen = await store.details()
    assert seen["embed_page"] == "kestrel-clay.example/products/mug"
    assert seen["embed_host"] == "kestrel-clay.example"
    await store.ask(query(customer=""), "seen", {"url": "https://kestrel-clay.example/cart"})
    assert await store.details() == seen
    later = time.time() + 301
    passed = time.monotonic() + 301
    clock = SimpleNamespace(time=lambda: later, monotonic=lambda: passed)
    monkeypatch.setattr(storefront, "time", clock)
    monkeypatch.setattr("core.db.now_ms", lambda: int(later * 1000))
    asked = query(timestamp=str(int(later)))
    await store.ask(asked, "session", {"url": "https://kestrel-clay.example/cart"})
    now = await store.details()
    assert now["embed_page"] == "kestrel-clay.example/cart"
    assert now["embed_seen_at"] > seen["embed_seen_at"]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "//x", "https://", "https://a b/", "http://[::1", "ftp://x.y/"]
)
async def test_S6_only_the_address_of_a_page_is_noted(store: Store, url: str) -> None:
    answer = await store.ask(query(), "seen", {"url": url})
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "url")
    assert "embed_page" not in await store.details()


# Setting it up -------------------------------------------------------------------------------


class StubApi:
    """Shopify's answers, and what it was asked."""

    def __init__(self, **answers: Any) -> None:
        self.asked: list[tuple[str, Any]] = []
        self._answers = answers

    async def run(self, _: Any, name: str, variables: Any = None, share: str = "live") -> Any:
        self.asked.append((name, variables))
        if isinstance(self._answers[name], Exception):
            raise self._answers[name]
        return self._answers[name]


INSTALLED = {
    "currentAppInstallation": {
        "id": "gid://shopify/AppInstallation/7",
        "app": {"apiKey": CLIENT_ID},
    }
}
WRITTEN = {"metafieldsSet": {"metafields": [], "userErrors": []}}


async def test_S6_the_embed_is_told_its_hub_and_where_to_switch_it_on(store: Store) -> None:
    api: Any = StubApi(shop=INSTALLED, app_metafields_set=WRITTEN)
    services = store.hub.hub.services
    assert await storefront.prepare(api, services, store.connection) is None
    ((_, written),) = api.asked[1:]
    fields = {one["key"]: one for one in written["metafields"]}
    assert {key: one["value"] for key, one in fields.items()} == {
        "app_id": store.shop.made.app_id,
        "hub": services.public_url,
    }
    assert {one["ownerId"] for one in fields.values()} == {"gid://shopify/AppInstallation/7"}
    details = await store.details()
    assert details["theme_editor_url"] == (
        f"https://{KESTREL}/admin/themes/current/editor?context=apps&template=index"
        f"&activateAppId={CLIENT_ID}/parley-chat"
    )


@pytest.mark.parametrize(
    "answers",
    [
        {"shop": Unavailable("The shop does not answer.")},
        {"shop": {"currentAppInstallation": None}, "app_metafields_set": Refused("Wrong owner.")},
        {"shop": {}, "app_metafields_set": Refused("Wrong owner.")},
        {
            "shop": INSTALLED,
            "app_metafields_set": {"metafieldsSet": {"userErrors": [{"message": "Too long."}]}},
        },
    ],
)
async def test_S6_a_refusal_is_a_problem_to_show_and_stops_no_sync(
    store: Store, answers: dict[str, Any]
) -> None:
    api: Any = StubApi(**answers)
    found = await storefront.prepare(api, store.hub.hub.services, store.connection)
    assert found is not None and (found.ok, found.code) == (False, "storefront")
    assert "theme_editor_url" not in await store.details()


def test_S6_a_page_is_host_and_path_alone() -> None:
    address = "https://user:pass@Shop.example:8443/a/b?token=1#x"
    assert storefront.to_page(address) == "shop.example/a/b"
    assert storefront.to_page(f"https://shop.example/{quote('ü')}") == "shop.example/%C3%BC"
