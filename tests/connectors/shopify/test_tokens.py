"""Tokens (O7): renewed early and on 401, by one at a time, and never lost in between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

import connectors.shopify as package
from connectors.http import Http, Reply
from connectors.shopify import tokens as tokens_module
from connectors.shopify.client import Api
from connectors.shopify.grants import Grants
from connectors.shopify.settings import NAME, App, Settings, ShopSettings
from connectors.shopify.standin import CLIENT_ID, CLIENT_SECRET, Standin
from connectors.shopify.tokens import EARLY, Tokens
from core.audit import operator
from core.connections import connect, connection_row, disconnect, open_connection
from core.connector import Connection, ConnectionDraft
from core.crypto import Vault
from core.db import Database, Work
from core.errors import Conflict, HubError, Refused, Unavailable
from core.ids import now_ms
from core.workspaces import create_workspace

pytestmark = pytest.mark.anyio
DAY = 24 * 3_600_000
SHOP = "kestrel.myshopify.com"


class Process:
    """What one process of a hub has: its own memory, over the one database."""

    def __init__(self, db: Database, vault: Vault, standin: Standin) -> None:
        self.settings = Settings.model_validate(
            {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "origin": standin.url}
        )
        self.http = Http(trusted=self.settings.trusted)
        self.grants = Grants(self.http, self.settings)
        services: Any = SimpleNamespace(db=db, vault=vault)
        self.tokens = Tokens(services, self.settings, self.grants)
        self.api = Api(self.http, self.settings, self.tokens)


class Store:
    """A connected shop, and the processes that speak for it."""

    def __init__(self, db: Database, standin: Standin) -> None:
        self.db = db
        self.standin = standin
        self.vault = Vault("a secret key of at least 32 characters")
        self.processes: list[Process] = []
        self.workspace_id = ""
        self.connection_id = ""

    def process(self) -> Process:
        made = Process(self.db, self.vault, self.standin)
        self.processes.append(made)
        return made

    @property
    def installation(self) -> Any:
        return self.standin.shop().installation()

    @property
    def app(self) -> App:
        app = self.process().settings.app
        assert app is not None
        return app

    async def connect(self, keys: ShopSettings | None = None) -> Connection:
        if keys is None:
            code = self.installation.code(frozenset(self.standin.app_of_hub.scopes))
            keys = await self.process().grants.by_code(self.app, SHOP, code)
        draft = ConnectionDraft(SHOP, "Kestrel", "kestrel", keys)

        def store(work: Work) -> str:
            if not self.workspace_id:
                self.workspace_id = create_workspace(work, "Kestrel").id
            by = operator(self.workspace_id)
            return connect(work, self.vault, by, NAME, draft).id

        self.connection_id = await self.db.write(store)
        return await self.stored()

    async def stored(self) -> Connection:
        row = await self.db.read(connection_row, self.workspace_id, self.connection_id)
        return open_connection(row, self.vault, ShopSettings)

    async def row(self) -> Any:
        return await self.db.read(connection_row, self.workspace_id, self.connection_id)

    def refreshes(self) -> int:
        asked = self.standin.asked("/admin/oauth/access_token")
        return sum(b"refresh_token" in one.body for one in asked)


@pytest.fixture
async def standin() -> AsyncIterator[Standin]:
    async with Standin() as running:
        yield running


@pytest.fixture
async def store(db: Database, standin: Standin) -> AsyncIterator[Store]:
    made = Store(db, standin)
    yield made
    for process in made.processes:
        await process.http.close()


def keys_of(connection: Connection) -> ShopSettings:
    assert isinstance(connection.settings, ShopSettings)
    return connection.settings


def aged(connection: Connection, **changes: Any) -> ShopSettings:
    return keys_of(connection).model_copy(update=changes)


async def test_O7_a_token_is_renewed_before_it_ends_and_both_are_kept(store):
    before = await store.connect()
    ending = await store.connect(aged(before, expires_at=now_ms() + EARLY - 1000))
    process = store.process()
    await process.api.run(ending, "shop")
    after = keys_of(await store.stored())
    assert after.access_token != keys_of(before).access_token
    assert after.refresh_token != keys_of(before).refresh_token
    assert after.expires_at > now_ms() + 50 * 60_000
    (asked,) = store.standin.asked("Shop")
    assert asked.headers["X-Shopify-Access-Token"] == after.access_token.get_secret_value()
    # a connection that is still held from before goes on with the new keys
    await process.api.run(ending, "shop")
    assert store.refreshes() == 1


async def test_O7_a_token_that_is_refused_is_renewed_once(store):
    connection = await store.connect()
    store.installation.expire()
    process = store.process()
    data = await process.api.run(connection, "shop")
    assert data["shop"]["myshopifyDomain"] == SHOP
    assert store.refreshes() == 1
    store.standin.fail("Shop", "bad_token", times=None)
    with pytest.raises(Refused):
        await process.api.run(connection, "shop")
    assert store.refreshes() == 2


async def test_O7_of_many_calls_in_many_processes_one_renews(store):
    connection = await store.connect()
    store.installation.expire()
    processes = [store.process() for _ in range(4)]
    answers = await asyncio.gather(
        *(process.api.run(connection, "shop") for process in processes for _ in range(5))
    )
    assert {answer["shop"]["myshopifyDomain"] for answer in answers} == {SHOP}
    assert store.refreshes() == 1
    assert len(store.installation.refreshes) == 2
    assert (await store.row()).locked_until == 0


async def test_O7_a_crash_between_answer_and_commit_does_not_lose_the_shop(store, monkeypatch):
    monkeypatch.setattr(tokens_module, "TURN", 300)
    connection = await store.connect()
    store.installation.expire()
    doomed = store.process()
    answered = asyncio.Event()
    real = doomed.grants.again

    async def answer_and_die(*given: Any) -> ShopSettings:
        new = await real(*given)
        answered.set()
        await asyncio.sleep(60)  # killed here: the answer is in memory and nowhere else
        return new

    monkeypatch.setattr(doomed.grants, "again", answer_and_die)
    task = asyncio.create_task(doomed.api.run(connection, "shop"))
    await answered.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert keys_of(await store.stored()) == keys_of(connection)

    another = store.process()
    data = await another.api.run(await store.stored(), "shop")
    assert data["shop"]["myshopifyDomain"] == SHOP
    assert keys_of(await store.stored()).refresh_token != keys_of(connection).refresh_token


async def test_O7_a_commit_that_fails_does_not_lose_the_shop(store, monkeypatch):
    connection = await store.connect()
    store.installation.expire()
    process = store.process()

    def full(*_: Any) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(tokens_module, "TURN", 100)
        broken.setattr(tokens_module, "store_settings", full)
        with pytest.raises((OSError, Unavailable)):
            await process.api.run(connection, "shop")
    data = await process.api.run(await store.stored(), "shop")
    assert data["shop"]["myshopifyDomain"] == SHOP


async def test_O7_whose_refresh_token_is_dead_is_asked_to_approve_again(store):
    connection = await store.connect()
    store.installation.expire(refresh=True)
    with pytest.raises(Refused) as refusal:
        await store.process().api.run(connection, "shop")
    assert refusal.value.code == "reapprove"
    row = await store.row()
    assert (row.level, row.problem["code"]) == ("failed", "reapprove")
    assert row.problem["link"]
    assert row.locked_until == 0
    assert keys_of(await store.stored()) == keys_of(connection)


async def test_O7_a_shop_that_cannot_renew_now_is_asked_with_the_token_there_is(store):
    before = await store.connect()
    ending = await store.connect(aged(before, expires_at=now_ms() + EARLY - 1000))
    store.standin.fail("/admin/oauth/access_token", "503", times=None)
    data = await store.process().api.run(ending, "shop")
    assert data["shop"]["myshopifyDomain"] == SHOP
    gone = await store.connect(aged(before, expires_at=now_ms() - 1))
    with pytest.raises(Unavailable):
        await store.process().api.run(gone, "shop")
    assert (await store.row()).locked_until == 0
    assert (await store.row()).level == "connected"  # nothing for the merchant to do


async def test_S1_client_credentials_are_asked_for_again(store):
    store.standin.shop().install()
    keys = await store.process().grants.by_credentials(store.app, SHOP)
    own = {"client_id": CLIENT_ID, "client_secret": store.app.client_secret}
    connection = await store.connect(keys.model_copy(update=own))
    store.installation.expire()
    data = await store.process().api.run(connection, "shop")
    assert data["shop"]["myshopifyDomain"] == SHOP
    after = keys_of(await store.stored())
    assert after.access_token != keys.access_token
    assert (after.source, after.app.client_id) == ("credentials", CLIENT_ID)
    assert store.refreshes() == 0


async def test_S1_a_fixed_token_that_is_refused_is_the_merchants_to_mend(store):
    store.standin.app_of_hub.public = False
    token = store.standin.shop().install().grant(expires_in=None).token
    fixed = ShopSettings.model_validate({"source": "fixed", "access_token": token})
    connection = await store.connect(fixed)
    await store.process().api.run(connection, "shop")
    store.installation.uninstall()
    with pytest.raises(Refused) as refusal:
        await store.process().api.run(connection, "shop")
    assert refusal.value.code == "refused"
    assert (await store.row()).level == "failed"


@pytest.mark.parametrize(("days", "renewed"), [(59, False), (61, True)])
async def test_O7_a_quiet_shops_keys_are_renewed_before_they_lapse(store, days, renewed):
    before = await store.connect()
    await store.connect(aged(before, obtained_at=now_ms() - days * DAY))
    await store.process().tokens.keep()
    assert store.refreshes() == int(renewed)
    assert (keys_of(await store.stored()).obtained_at > now_ms() - DAY) == renewed


async def test_O7_one_shops_trouble_does_not_keep_the_others_from_their_keys(store):
    before = await store.connect()
    await store.connect(aged(before, obtained_at=now_ms() - 70 * DAY))
    store.installation.uninstall()
    await store.process().tokens.keep()
    assert (await store.row()).level == "failed"

    def end(work: Work) -> None:
        disconnect(work, operator(store.workspace_id), store.connection_id)

    await store.db.write(end)
    asked = store.refreshes()
    await store.process().tokens.keep()
    assert store.refreshes() == asked


async def test_O7_keys_that_cannot_be_read_do_not_keep_the_others_from_theirs(store):
    before = await store.connect()
    old = aged(before, obtained_at=now_ms() - 70 * DAY)
    await store.connect(old)

    def beside(work: Work) -> None:
        for name in ("aaa", "zzz"):
            draft = ConnectionDraft(f"{name}.myshopify.com", name, name, old)
            row = connect(work, store.vault, operator(store.workspace_id), NAME, draft)
            row.sealed = "of another key"
            work.add(row)

    await store.db.write(beside)
    await store.process().tokens.keep()
    assert store.refreshes() == 1


async def test_O7_keys_of_an_older_approval_are_not_renewed(store):
    old = await store.connect()
    await store.connect(keys_of(old))
    store.installation.expire()
    with pytest.raises(Conflict) as refusal:
        await store.process().api.run(old, "shop")
    assert refusal.value.code == "superseded"
    assert store.refreshes() == 0


async def test_D_4_keys_are_sealed_in_the_database(store):
    connection = await store.connect()

    def whole(work: Work) -> str:
        return str(work.execute(text("SELECT * FROM connections")).all())

    rows = await store.db.read(whole)
    keys = keys_of(connection)
    for secret in (keys.access_token, keys.refresh_token):
        assert secret.get_secret_value() not in rows
        assert secret.get_secret_value() not in repr(connection)


# The requests, as Shopify's own library makes them ---------------------------------------

VECTORS = json.loads(
    (Path(package.__file__).parent / "fixtures" / "signature_vectors.json").read_text()
)


class Recorder:
    """Stands for Http: keeps what was asked and answers as the shop did."""

    def __init__(self, reply: dict[str, Any], status: int = 200) -> None:
        self.asked: list[dict[str, Any]] = []
        self.reply = Reply(status, {}, json.dumps(reply).encode())

    async def request(self, method: str, url: str, **more: Any) -> Reply:
        self.asked.append({"method": method, "url": url, **more})
        return self.reply


@pytest.mark.parametrize(
    "vector",
    [one for one in VECTORS["token_requests"] if not one["name"].startswith("migrate")],
    ids=lambda one: one["name"],
)
async def test_S1_token_requests_are_those_of_shopifys_own_library(vector):
    http: Any = Recorder(vector["reply"])
    body = vector["request"]["body"]
    app = App.model_validate(
        {"client_id": body["client_id"], "client_secret": body["client_secret"]}
    )
    grants = Grants(http, Settings())
    shop = VECTORS["shop"]
    match vector["name"]:
        case "token_exchange_offline_expiring":
            keys = await grants.by_id_token(app, shop, body["subject_token"])
        case "refresh":
            old = ShopSettings.model_validate(
                {"source": "code", "access_token": "x", "refresh_token": body["refresh_token"]}
            )
            keys = await grants.again(app, shop, old)
        case "client_credentials":
            keys = await grants.by_credentials(app, shop)
    (asked,) = http.asked
    assert (asked["method"], asked["url"]) == ("POST", vector["request"]["url"])
    assert asked["json"] == body
    assert asked["headers"]["Accept"] == "application/json"
    assert keys.access_token.get_secret_value() == vector["reply"]["access_token"]
    assert keys.refresh_token.get_secret_value() == vector["reply"]["refresh_token"]
    assert keys.scopes == ("read_products", "write_discounts")


@pytest.mark.parametrize(
    "reply",
    [{}, {"access_token": None}, {"access_token": ""}, {"access_token": ["x"]},
     {"access_token": "two words"}, {"access_token": "a\r\nX-Evil: 1"},
     {"access_token": "x" * 5000}, {"access_token": "ok", "refresh_token": 7}],
    ids=range(8),
)  # fmt: skip
async def test_S1_an_answer_that_is_no_token_is_none(reply):
    http: Any = Recorder(reply)
    app = App.model_validate({"client_id": "a", "client_secret": "b"})
    with pytest.raises(Unavailable):
        await Grants(http, Settings()).by_credentials(app, SHOP)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "fault",
    ["429", "500", "503", "502", "cut_before", "html_200", "malformed_json", "empty_body",
     "json_list", "404", "401", "402", "403", "423", "redirected", "huge_body", "json_deep",
     "not_utf8", "invalid_grant", "invalid_client", "null_data"],
)  # fmt: skip
async def test_O7_every_fault_of_the_token_endpoint_is_a_clear_state(store, fault):
    connection = await store.connect()
    store.installation.expire()
    store.standin.fail("/admin/oauth/access_token", fault, times=None)
    with pytest.raises(HubError) as failure:
        await store.process().api.run(connection, "shop")
    assert isinstance(failure.value, Refused | Unavailable)
    assert keys_of(await store.stored()) == keys_of(connection)
    assert (await store.row()).locked_until == 0
    store.standin.recover()
    await store.process().api.run(await store.stored(), "shop")
