"""The widget API from outside: public looks, and the PingBack-compatible administration."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from connectors.testing.hubs import RunningHub, Shop
from connectors.testing.patience import until
from core.access import Role
from core.assistants import save_assistant
from core.audit import audit_entries, operator
from widget import routes

NEW = {
    "name": "Support Widget",
    "domain": "https://example.com",
    "welcome_heading": "Hi there!",
    "welcome_tagline": "Ask us anything — we are here to help.",
    "primary_color": "#7650FF",
    "show_online_badge": True,
    "logo_url": "https://example.com/logo.png",
}
LOOKS = {
    "id",
    "name",
    "welcome_heading",
    "welcome_tagline",
    "primary_color",
    "on_primary",
    "fill",
    "show_online_badge",
    "logo_url",
    "position",
    "offset_x",
    "offset_y",
    "launcher_size",
    "own_button",
    "assistant",
}


async def create(shop: Shop, **given):
    return await shop.post("/api/v1/widget/create", {**NEW, **given})


async def put(shop: Shop, path: str, body, *, key: str = ""):
    headers = {"Authorization": f"Bearer {key or shop.made.api_key}"}
    return await shop.hub.http.put(path, json=body, headers=headers)


async def update(shop: Shop, widget_id: str, body, **more):
    return await put(shop, f"/api/v1/widget/update/{widget_id}", body, **more)


async def looks(hub: RunningHub, public_id: str):
    answer = await hub.http.get(f"/api/v1/widget/{public_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()


# Administration (R1 to R3) --------------------------------------------------------------------


async def test_R1_the_documented_request_makes_a_widget(shop: Shop):
    answer = await create(shop)
    assert answer.status_code == 201
    made = answer.json()
    assert uuid.UUID(made.pop("id")).version == 4
    assert made == NEW


async def test_R1_only_name_and_domain_are_needed_the_rest_has_its_default(shop: Shop):
    body = {"name": "Bare", "domain": "bare.example"}
    made = (await shop.post("/api/v1/widget/create", body)).json()
    assert made["welcome_heading"] == "Hi there!"
    assert made["welcome_tagline"].startswith("We make it simple to connect with us.")
    assert (made["primary_color"], made["show_online_badge"]) == ("#7650FF", True)
    assert made["logo_url"] is None


async def test_R2_the_documented_update_keeps_what_it_omits(shop: Shop):
    made = (await create(shop)).json()
    answer = await update(shop, made["id"], {"welcome_heading": "How can we help?"})
    assert answer.status_code == 200
    assert answer.json() == {**made, "welcome_heading": "How can we help?"}
    shouted = await update(shop, made["id"].upper(), {"logo_url": None})
    assert shouted.json() == {**answer.json(), "logo_url": None}
    assert (await update(shop, made["id"], {})).json() == shouted.json()


async def test_R3_a_second_widget_for_a_domain_is_a_400_that_says_so(shop: Shop):
    await create(shop)
    answer = await create(shop, domain="http://www.EXAMPLE.com/shop")
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["field"]) == ("domain_taken", "domain")
    assert error["message"].startswith("There is already a widget for https://example.com.")


async def test_R1_a_key_needs_the_scope_and_nobody_passes_without_one(shop: Shop):
    made = (await create(shop)).json()
    records_only = await shop.key("records")
    agent = await shop.agent(Role.OWNER)
    visitor = await shop.visitor()
    for status, headers in (
        (401, {}),
        (401, {"Authorization": "Bearer wgk_" + "x" * 32}),
        (403, {"Authorization": f"Bearer {records_only}"}),
        (403, visitor.headers),
        (403, agent.headers),
    ):
        for method, path in (("POST", "create"), ("PUT", f"update/{made['id']}")):
            body = {**NEW, "domain": "b.example"}
            answer = await shop.hub.http.request(
                method, f"/api/v1/widget/{path}", json=body, headers=headers
            )
            assert answer.status_code == status, (method, headers)
    assert (await looks(shop.hub, made["id"]))["name"] == NEW["name"]


async def test_T1_another_workspaces_key_cannot_tell_a_foreign_widget_from_none(
    hub: RunningHub, shop: Shop
):
    other = await hub.shop("Other")
    made = (await create(shop)).json()
    foreign = await update(shop, made["id"], {"name": "x"}, key=other.made.api_key)
    absent = await update(shop, str(uuid.uuid4()), {"name": "x"}, key=other.made.api_key)
    assert foreign.status_code == absent.status_code == 404
    assert foreign.json() == absent.json()
    assert (await looks(hub, made["id"]))["name"] == NEW["name"]
    assert (await create(other)).status_code == 201  # the same domain, in its own workspace


async def test_V3_fields_nobody_may_set_are_ignored_in_every_body(hub: RunningHub, shop: Shop):
    other = await hub.shop("Other")
    hostile = {
        "id": "11111111-1111-4111-8111-111111111111",
        "workspace_id": other.workspace_id,
        "is_default": True,
        "domain_key": "taken.example",
        "created_at": "1970-01-01T00:00:00Z",
        "verified": True,
        "role": "owner",
        "position": "left",  # a look, but not one of this API
    }
    made = (await create(shop, **hostile)).json()
    assert made["id"] != hostile["id"]
    assert (await update(shop, made["id"], hostile)).json() == made
    assert (await looks(hub, made["id"]))["position"] == "right"
    own = await looks(hub, shop.made.app_id)
    assert own["id"] == shop.made.widget_id  # it did not become the workspace's own
    agent = await shop.agent()
    changed = await agent.request("PUT", "/console/api/appearance", {**hostile, "offset_x": 7})
    assert changed.json()["id"] == shop.made.widget_id
    assert changed.json()["offset_x"] == 7


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("primary_color", "red", 422),
        ("primary_color", 7650, 422),
        ("logo_url", "javascript:alert(1)", 422),
        ("logo_url", "x" * 3000, 422),
        ("name", None, 422),
        ("name", "", 422),
        ("show_online_badge", "true", 422),
        ("domain", "not a domain", 422),
        ("domain", ["https://example.com"], 422),
    ],
)
async def test_B4_a_wrong_field_is_refused_by_name(shop: Shop, field, value, status):
    answer = await create(shop, **{field: value})
    assert answer.status_code == status
    assert answer.json()["error"]["field"] == field


async def test_R6_who_made_and_changed_a_widget_is_in_the_audit_log(shop: Shop):
    made = (await create(shop)).json()
    await update(shop, made["id"], {"name": "Renamed"})
    entries = await shop.hub.hub.db.read(audit_entries, shop.workspace_id)
    noted = {entry.action: entry for entry in entries if entry.target == made["id"]}
    assert set(noted) == {"widget.created", "widget.updated"}
    assert {entry.actor_kind for entry in noted.values()} == {"key"}


# Public looks (W15 to W19) --------------------------------------------------------------------


async def test_W15_the_looks_are_public_and_say_nothing_else(hub: RunningHub, shop: Shop):
    made = (await create(shop)).json()
    shown = await looks(hub, made["id"])
    assert set(shown) == LOOKS
    private = (shop.workspace_id, shop.made.app_id, shop.made.api_key, "example.com/shop")
    text = str(shown)
    assert not any(secret in text for secret in private)
    assert {name: shown[name] for name in NEW if name != "domain"} == {
        name: value for name, value in NEW.items() if name != "domain"
    }


async def test_W15_a_widget_is_found_by_uuid_and_the_workspaces_own_by_its_app_id(
    hub: RunningHub, shop: Shop
):
    own = await looks(hub, shop.made.app_id)
    assert own == await looks(hub, shop.made.widget_id)
    assert own == await looks(hub, shop.made.widget_id.upper())


@pytest.mark.parametrize(
    "public_id", ["icw_" + "x" * 24, "84cc1a25-b05c-43c8-ad39-ba451bf235eb", "1", "%00", "%2e%2e"]
)
async def test_W15_an_unknown_id_is_a_404_that_a_page_may_read(hub: RunningHub, public_id):
    answer = await hub.http.get(f"/api/v1/widget/{public_id}")
    assert answer.status_code in (400, 404)
    assert answer.json()["error"]["code"] in ("not_found", "malformed")


async def test_W15_it_is_cacheable_and_every_page_may_ask(hub: RunningHub, shop: Shop):
    path = f"/api/v1/widget/{shop.made.app_id}"
    first = await hub.http.get(path, headers={"Origin": "https://kestrel.example"})
    assert first.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in first.headers
    assert first.headers["cache-control"].startswith("public, max-age=60")
    assert "set-cookie" not in first.headers
    etag = first.headers["etag"]
    for header in (etag, f'"other", {etag}', f"W/{etag}"):
        again = await hub.http.get(path, headers={"If-None-Match": header})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
        assert again.headers["access-control-allow-origin"] == "*"
    other = await hub.http.get(path, headers={"If-None-Match": '"other"'})
    assert other.status_code == 200


async def test_W16_W17_W18_W19_a_change_in_the_console_shows_within_a_moment(
    hub: RunningHub, shop: Shop
):
    agent = await shop.agent(Role.ADMIN)
    path = f"/api/v1/widget/{shop.made.app_id}"
    before = await hub.http.get(path)  # now in the cache
    given = {
        "welcome_heading": "Hej!",
        "welcome_tagline": "Vi svarar.",
        "primary_color": "#ffd400",
        "show_online_badge": False,
        "logo_url": "https://kestrel.example/logo.svg",
        "position": "left",
        "offset_x": 8,
        "launcher_size": "large",
        "own_button": True,
        "domain": "kestrel.example",
    }
    changed = await agent.request("PUT", "/console/api/appearance", given)
    assert changed.status_code == 200, changed.text
    assert changed.json()["domain"] == "kestrel.example"
    assert (await agent.get("/console/api/appearance")) == changed.json()
    for _ in range(100):
        after = await hub.http.get(path)
        if after.headers["etag"] != before.headers["etag"]:
            break
        await asyncio.sleep(0.01)
    shown = after.json()
    assert "domain" not in shown
    assert {name: shown[name] for name in given if name != "domain"} == {
        name: value for name, value in given.items() if name != "domain"
    }
    assert shown["on_primary"] == "#000000"


async def test_T1_an_agent_sees_the_looks_and_only_an_admin_changes_them(shop: Shop):
    agent = await shop.agent(Role.AGENT)
    assert (await agent.get("/console/api/appearance"))["id"] == shop.made.widget_id
    refused = await agent.request("PUT", "/console/api/appearance", {"name": "Mine"})
    assert refused.status_code == 403


async def test_W15_a_widgets_looks_are_kept_once_however_its_id_is_written(
    hub: RunningHub, shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    made = (await create(shop)).json()
    first = await looks(hub, made["id"])

    def refuse(*_):
        raise AssertionError("the database was asked again")

    monkeypatch.setattr(hub.hub.db, "read", refuse)
    assert await looks(hub, made["id"].upper()) == first
    assert await looks(hub, made["id"].title()) == first


async def test_W15_looks_read_before_a_change_are_not_kept_after_it(
    hub: RunningHub, shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    made = (await create(shop)).json()
    read, has_read, go_on = hub.hub.db.read, asyncio.Event(), asyncio.Event()

    async def read_slowly(fn, *given):
        found = await read(fn, *given)
        if fn is routes._appearance_of:
            has_read.set()
            await go_on.wait()
        return found

    monkeypatch.setattr(hub.hub.db, "read", read_slowly)
    slow = asyncio.create_task(looks(hub, made["id"]))
    await has_read.wait()
    await update(shop, made["id"], {"welcome_heading": "Changed"})
    go_on.set()
    assert (await slow)["welcome_heading"] == "Hi there!"
    assert (await looks(hub, made["id"]))["welcome_heading"] == "Changed"


async def test_A5_the_looks_say_at_once_whether_the_assistant_answers(
    hub: RunningHub, shop: Shop
) -> None:
    assert (await looks(hub, shop.made.app_id))["assistant"] is False

    for on in (True, False):
        await hub.hub.db.write(save_assistant, operator(shop.workspace_id), {"on": on})

        async def is_shown(on: bool = on) -> bool:
            return (await looks(hub, shop.made.app_id))["assistant"] is on

        await until(is_shown)
