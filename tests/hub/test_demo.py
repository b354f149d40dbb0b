"""The demo: an invented shop whose past is told through the functions of production."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlmodel import SQLModel

from core import desk, log, records
from core.access import SCOPES, Principal, Role
from core.agents import agent_by_email
from core.api_keys import keys, principal_by_key, revoke_key
from core.audit import operator
from core.crypto import Vault, hash_token
from core.customers import OWN_SOURCE, customer_by_external_id
from core.db import Database, Work
from core.errors import Unauthenticated
from core.ids import moment
from core.messages import messages_of
from core.products import search_products
from core.sessions import sign_in_by_link
from core.widgets import appearance, default_widget
from core.workspaces import create_workspace, workspace, workspaces
from hub.app import App, create_app
from hub.commands.demo import DemoHub
from hub.demo import data
from hub.demo.routes import fill
from hub.demo.seed import find_demo, has_demo, open_demo, shown_key, sign_in_link
from hub.settings import Settings
from tests.people import open_shop

ORIGIN = "http://127.0.0.1:8000"
VAULT = Vault("k" * 40)


@pytest.fixture
async def shop(db: Database) -> str:
    """The demo's workspace id, freshly opened."""
    await db.write(open_demo, VAULT, ORIGIN)
    demo = await db.read(find_demo, VAULT)
    assert demo is not None
    return demo.workspace_id


def counted(work: Work) -> dict[str, int]:
    """How many rows each table has."""
    return {
        table.name: work.execute(select(func.count()).select_from(table)).scalar_one()
        for table in SQLModel.metadata.sorted_tables
    }


def owner(work: Work, workspace_id: str) -> Principal:
    member = agent_by_email(work, workspace_id, data.AGENTS[0].email)
    return Principal("agent", workspace_id, member.agent.id, role=Role.OWNER)


# What happened there --------------------------------------------------------------------------


async def test_G8_the_past_is_told_once(db: Database, shop: str):
    before, head = await db.read(counted), await db.read(log.head, shop)
    await db.write(open_demo, VAULT, ORIGIN)
    assert await db.read(counted) == before
    assert await db.read(log.head, shop) == head
    assert before["customers"] == len(data.CUSTOMERS)
    assert before["products"] == len(data.PRODUCTS)
    assert before["records"] == len(data.RECORDS)
    assert before["conversations"] == len(data.TALKS)
    assert before["messages"] == sum(len(talk.lines) for talk in data.TALKS)
    assert before["workspaces"] == 1


async def test_O4_every_record_went_through_its_steps_at_their_times(db: Database, shop: str):
    def told(work: Work) -> dict[tuple[str, str], Any]:
        found = {}
        for customer in data.CUSTOMERS:
            row = customer_by_external_id(work, shop, OWN_SOURCE, customer.external_id)
            assert row is not None
            for record in records.records_of(work, shop, row.id):
                steps = records.history(work, shop, record.id)
                found[record.kind, record.reference] = (customer.external_id, record, steps)
        return found

    opened_at = moment((await db.read(workspace, shop)).created_at)
    found = await db.read(told)
    assert len(found) == len(data.RECORDS)
    for record in data.RECORDS:
        customer, shown, steps = found[record.kind, record.reference]
        assert customer == record.customer
        assert (shown.title, shown.status) == (record.title, record.steps[-1].status)
        assert shown.amount is None if not record.amount else shown.amount.text == record.amount
        assert bool(shown.url) == record.link
        assert [step.after for step in steps] == [step.status for step in record.steps]
        spans = [(step.at - steps[0].at) for step in steps]
        wanted = [(record.steps[0].ago - step.ago) for step in record.steps]
        for span, want in zip(spans, wanted, strict=True):
            assert abs(span - want) < timedelta(seconds=2)
        assert steps[0].at > opened_at


async def test_G1_every_conversation_stands_as_it_was_left(db: Database, shop: str):
    def told(work: Work) -> tuple[Principal, dict[str, Any]]:
        agent = owner(work, shop)
        rows, following = desk.list_conversations(work, agent, desk.Asked(status="any"))
        assert following is None
        return agent, {row.id: row for row in rows}

    agent, rows = await db.read(told)
    names = {one.key: one.name for one in data.AGENTS}
    for talk in data.TALKS:
        row = rows[f"demo-{talk.key}"]
        assert row.status == talk.status, talk.key
        assert row.unread == talk.unread, talk.key
        assert (row.assignee and row.assignee.name) == (talk.assignee and names[talk.assignee])
        assert row.verified == (talk.customer is not None), talk.key
        said, _ = await db.read(_all_of, agent, row.id)
        assert [message.text for message in said] == [line.text for line in talk.lines]
        assert [message.kind for message in said] == [line.kind for line in talk.lines]
        assert [message.author.name or None for message in said] == [
            line.agent and names[line.agent] for line in talk.lines
        ]
        assert [len(message.cards) for message in said] == [
            len(line.products) for line in talk.lines
        ]
        for message, line in zip(said, talk.lines, strict=True):
            span = said[-1].at - message.at - (line.ago - talk.lines[-1].ago)
            assert abs(span) < timedelta(seconds=1)
        ours = [m.seq for m in said if m.author.kind == "agent" and m.kind == "text"]
        unseen = [seq for seq in ours if seq > row.visitor_read_seq]
        assert len(unseen) == talk.unseen, talk.key


def _all_of(work: Work, agent: Principal, conversation: str):
    return messages_of(work, agent, conversation, limit=200)


async def test_G2_customers_are_known_by_what_the_shops_server_said(db: Database, shop: str):
    def opened(work: Work) -> desk.Opened:
        return desk.open_conversation(work, owner(work, shop), "demo-amara-parcel")

    seen = await db.read(opened)
    customer = seen.customer
    assert (customer.name, customer.assurance, customer.verified) == (data.AMARA.name, "hmac", True)
    assert customer.profile["email"].value == data.AMARA.email
    assert {fact.source for fact in customer.profile.values()} == {OWN_SOURCE}
    assert {name: fact.value for name, fact in customer.attributes.items()} == dict(
        data.AMARA.attributes
    )
    assert [row.id for row in seen.earlier] == [
        "demo-amara-chip",
        "demo-amara-plate",
        "demo-amara-glaze",
    ]


async def test_P1_the_products_are_there_in_the_shops_order(db: Database, shop: str):
    found = await db.read(search_products, shop, "")
    assert [row.external_id for row in found] == [one.external_id for one in data.PRODUCTS[:20]]
    (mug, *_) = await db.read(search_products, shop, "fern mug")
    assert mug.external_id == "fern-mug"
    assert mug.image_url == f"{ORIGIN}/demo/static/products/fern-mug.svg"


async def test_W16_the_widget_wears_the_shops_colours(db: Database, shop: str):
    looks = appearance(await db.read(default_widget, shop))
    wanted = data.WORKSPACE.appearance(ORIGIN)
    assert {name: getattr(looks, name) for name in wanted} == wanted


# Later starts ---------------------------------------------------------------------------------


async def test_pictures_and_links_follow_the_hub_to_another_address(db: Database, shop: str):
    other = "http://127.0.0.1:9000"
    before = await db.read(counted)
    await db.write(open_demo, VAULT, other)
    after = await db.read(counted)
    grown = {table for table in before if after[table] != before[table]}
    assert grown <= {"events"}

    def addresses(work: Work) -> list[str]:
        found = [row.url + row.image_url for row in search_products(work, shop, "", 100)]
        found.append(default_widget(work, shop).logo_url or "")
        for customer in data.CUSTOMERS:
            row = customer_by_external_id(work, shop, OWN_SOURCE, customer.external_id)
            assert row is not None
            found.append(row.avatar_url)
            found += [record.url for record in records.records_of(work, shop, row.id)]
        return [address for address in found if address]

    assert all(address.startswith(other) for address in await db.read(addresses))
    head = await db.read(log.head, shop)
    await db.write(open_demo, VAULT, other)
    assert await db.read(log.head, shop) == head


async def test_D1_the_key_shown_is_the_same_until_it_is_revoked(db: Database, shop: str):
    key = await db.write(shown_key, VAULT, shop)
    assert await db.write(shown_key, VAULT, shop) == key
    principal = await db.read(principal_by_key, hash_token(key))
    assert (principal.workspace_id, principal.scopes) == (shop, frozenset(SCOPES))
    stored = str((await db.read(workspace, shop)).settings)
    assert key not in stored
    (listed,) = await db.read(keys, shop)
    await db.write(revoke_key, operator(shop), listed.key.id)
    newer = await db.write(shown_key, VAULT, shop)
    assert newer != key
    assert await db.read(principal_by_key, hash_token(newer)) is not None


async def test_every_start_has_a_link_of_its_own_that_works_once(db: Database, shop: str):
    first, second = await db.write(sign_in_link, shop), await db.write(sign_in_link, shop)
    assert first != second
    opened = await db.write(sign_in_by_link, first, "127.0.0.1", "a test")
    assert (opened.principal.workspace_id, opened.principal.role) == (shop, Role.OWNER)
    with pytest.raises(Unauthenticated):
        await db.write(sign_in_by_link, first, "127.0.0.1", "a test")


async def test_T1_somebody_elses_workspace_is_never_taken_for_the_demo(db: Database):
    def marked_by_another(work: Work) -> str:
        made = create_workspace(work, data.WORKSPACE.name)
        made.settings = {"demo": {"origin": ORIGIN}}
        return work.add(made).id

    others = {
        await db.write(marked_by_another),
        (await db.write(open_shop, "Nadia's own", data.AGENTS[0].email)).workspace_id,
    }
    assert not await db.read(has_demo)
    await db.write(open_demo, VAULT, ORIGIN)
    demo = await db.read(find_demo, VAULT)
    assert demo.workspace_id not in others
    assert len(await db.read(workspaces)) == 3


async def test_a_start_that_is_interrupted_leaves_nothing(db: Database, monkeypatch):
    before = await db.read(counted)
    spoilt = (*data.TALKS[:-1], msgspec.structs.replace(data.TALKS[-1], assignee="nobody"))
    monkeypatch.setattr(data, "TALKS", spoilt)
    with pytest.raises(KeyError):
        await db.write(open_demo, VAULT, ORIGIN)
    assert await db.read(counted) == before


# Its page -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    """A hub with the demo on it; these tests only look."""
    folder = tmp_path_factory.mktemp("demo")
    hub = DemoHub(Settings(data_dir=folder, public_url=ORIGIN, rate_limits=False))
    await hub.start()
    transport = httpx.ASGITransport(App(hub))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        yield client
    await hub.stop()


@pytest.fixture
async def empty(sqlite_url: str, tmp_path) -> AsyncIterator[httpx.AsyncClient]:
    """A hub without the demo."""
    app = create_app(Settings(data_dir=tmp_path, database_url=sqlite_url, public_url=ORIGIN))
    await app.hub.start()
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        yield client
    await app.hub.stop()


async def test_a_hub_without_the_demo_has_no_demo_shop(empty: httpx.AsyncClient):
    for path in ("/demo", "/demo?as=amara", "/demo/static/shop.css"):
        answer = await empty.get(path)
        assert answer.status_code == 404
        assert answer.json()["error"]["message"] == (
            "There is no demo shop on this hub. Start one with: hub demo"
        )
    door = await empty.get("/")
    assert (door.status_code, door.headers["location"]) == (302, "/console")


async def test_the_front_door_leads_to_the_shop(demo: httpx.AsyncClient):
    door = await demo.get("/")
    assert (door.status_code, door.headers["location"]) == (302, "/demo")


async def shown(demo: httpx.AsyncClient, address: str = "/demo", cookie: str = "") -> str:
    answer = await demo.get(address, headers={"Cookie": cookie} if cookie else {})
    demo.cookies.clear()
    assert answer.status_code == 200
    found = re.search(r'<html lang="en" data-customer="([^"]*)">', answer.text)
    assert found
    return found[1]


async def test_G8_amara_is_signed_in_until_a_guest_is_chosen_and_remembered(demo):
    amara = data.AMARA.external_id
    assert await shown(demo) == amara
    assert await shown(demo, "/demo?as=guest") == ""
    assert await shown(demo, "/demo", "parley_demo=guest") == ""
    assert await shown(demo, "/demo?as=amara", "parley_demo=guest") == amara
    for nonsense in ("as=owner", "as=", "as=guest%00", "x=1"):
        answer = await demo.get(f"/demo?{nonsense}")
        assert "set-cookie" not in answer.headers
    for cookie in ("parley_demo=admin", "parley_demo", "parley_demo=\x01guest", "=;;parley_demo=;"):
        assert await shown(demo, "/demo", cookie) == amara


async def test_V7_the_cookie_holds_nothing_but_the_word(demo: httpx.AsyncClient):
    answer = await demo.get("/demo?as=guest")
    cookie = answer.headers["set-cookie"]
    demo.cookies.clear()
    assert cookie == "parley_demo=guest; Path=/demo; Max-Age=604800; HttpOnly; SameSite=Lax"
    assert "set-cookie" not in (await demo.get("/demo")).headers


async def test_W24_only_the_pages_own_script_runs_and_its_nonce_is_used_once(demo):
    nonces = set()
    for _ in range(3):
        answer = await demo.get("/demo")
        policy = answer.headers["content-security-policy"]
        (nonce,) = re.findall(r"'nonce-(\w+)'", policy)
        nonces.add(nonce)
        assert "unsafe" not in policy
        for directive in ("default-src 'none'", "style-src 'self'", "frame-src 'self'"):
            assert directive in policy
        scripts = re.findall(r"<script([^>]*)>", answer.text)
        assert len(scripts) == 3
        assert all(f'nonce="{nonce}"' in script for script in scripts)
        assert answer.headers["cache-control"] == "no-store"
        assert " style=" not in answer.text
        assert not re.search(r"<\w[^>]* on\w+=", answer.text)
        assert "{{" not in answer.text
    assert len(nonces) == 3


async def test_I3_what_the_page_signs_opens_a_verified_session(demo: httpx.AsyncClient):
    page = (await demo.get("/demo")).text
    said = {
        name: msgspec.json.decode(value)
        for name, value in re.findall(r'^  (user_id|user_hash|name|email): (".*?"),?$', page, re.M)
    }
    assert set(said) == {"user_id", "user_hash", "name", "email"}
    app_id = re.search(r'data-app-id="(icw_\w{24})"', page)[1]
    body = {"widget": app_id, "identity": said}
    session = (await demo.post("/v1/chat/session", json=body)).json()
    assert session["assurance"] == "hmac"
    bearer = {"Authorization": f"Bearer {session['token']}"}
    activity = (await demo.get("/v1/chat/activity", headers=bearer)).json()["items"]
    assert {item["reference"] for item in activity} >= {"KC-10482", "WD-9", "DEP-77"}
    talks = (await demo.get("/v1/chat/conversations", headers=bearer)).json()["items"]
    assert Counter(talk["status"] for talk in talks) == {"open": 1, "resolved": 3}


async def test_I1_a_guests_page_says_nothing_of_amara(demo: httpx.AsyncClient):
    page = (await demo.get("/demo?as=guest")).text
    demo.cookies.clear()
    assert 'if ("") SoftbetChat' in page
    script = page[page.index("<script nonce") :]
    assert data.AMARA.external_id not in page
    assert "Okafor" not in page
    assert not re.search(r"[0-9a-f]{64}", script)


async def test_the_shops_files_are_served_and_nothing_else(demo: httpx.AsyncClient):
    for file in (data.HERE / "static").rglob("*.*"):
        path = f"/demo/static/{file.relative_to(data.HERE / 'static')}"
        answer = await demo.get(path)
        assert (answer.status_code, answer.content) == (200, file.read_bytes())
        assert answer.headers["x-content-type-options"] == "nosniff"
    etag = answer.headers["etag"]
    again = await demo.get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    for path in ("shop.html", "../shop.html", "%2e%2e/data.py", "..%2fseed.py", "products", ""):
        assert (await demo.get(f"/demo/static/{path}")).status_code == 404


# Filling the page -----------------------------------------------------------------------------


@given(st.text())
def test_B4_no_value_breaks_out_of_the_page(value):
    attribute = fill('<a title="{{x}}">', {"x": value})[len('<a title="') : -len('">')]
    assert not set(attribute) & set("<>\"'")
    script = fill("{{x:json}}", {"x": value})
    assert not set(script) & set("<>&\u2028\u2029")
    assert msgspec.json.decode(script) == value


def test_a_placeholder_nobody_fills_is_noticed():
    with pytest.raises(KeyError):
        fill("{{unknown}}", {})
