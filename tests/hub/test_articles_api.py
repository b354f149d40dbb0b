"""Settings → Articles: written by agents, published in a language at a time (W13)."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.testing.hubs import Agent, RunningHub, Shop
from core.access import Role

BASE = "/console/api/articles"
SHELVES = "/console/api/collections"


@pytest.fixture
async def ida(shop: Shop) -> Agent:
    return await shop.agent(Role.AGENT)


async def put(agent: Agent, path: str, body: Any) -> Any:
    return await agent.request("PUT", path, body)


async def delete(agent: Agent, path: str) -> int:
    return (await agent.request("DELETE", path)).status_code


async def begin(agent: Agent, title: str, **more: str) -> Any:
    made = await agent.request("POST", BASE, {"title": title, **more})
    assert made.status_code == 201, made.text
    return made.json()


async def test_W13_an_article_is_written_published_and_changed(ida: Agent, hub: RunningHub):
    made = await begin(ida, "Gift wrapping", locale="en")
    assert made["slug"] == "gift-wrapping"
    assert made["url"] == f"{hub.hub.services.public_url}/help/kestrel/gift-wrapping"
    one = f"{BASE}/{made['id']}"
    assert (await ida.request("POST", f"{one}/en/publish")).json()["error"]["field"] == "body"
    draft = {"title": "Gift wrapping", "body": "We wrap in **linen**."}
    saved = (await put(ida, f"{one}/en", draft)).json()
    assert (saved["state"], saved["changed"], saved["published_at"]) == ("draft", False, None)
    assert (saved["title"], saved["body"]) == ("Gift wrapping", "We wrap in **linen**.")
    public = (await ida.request("POST", f"{one}/en/publish")).json()
    assert (public["state"], public["changed"]) == ("published", False)
    again = (await put(ida, f"{one}/en", {**draft, "body": "In silk."})).json()
    assert (again["state"], again["changed"]) == ("published", True)
    await put(ida, f"{one}/ar", {"title": "تغليف الهدايا", "body": "نغلفها."})
    shown = await ida.get(one)
    assert list(shown["texts"]) == ["en", "ar"]
    assert shown["helpful"] == {"yes": 0, "no": 0}
    (shelf,) = (await ida.get(BASE))["collections"]
    (line,) = shelf["articles"]
    assert line == {
        "id": made["id"],
        "slug": "gift-wrapping",
        "title": "Gift wrapping",
        "state": "published",
        "locales": ["en", "ar"],
        "changed": True,
    }
    assert (await ida.request("POST", f"{one}/en/unpublish")).json()["state"] == "draft"
    assert await delete(ida, f"{one}/ar") == 204
    assert await delete(ida, one) == 204
    assert await delete(ida, one) == 404


async def test_W13_an_article_moves_and_keeps_its_old_address(ida: Agent):
    first, second = await begin(ida, "One"), await begin(ida, "Two")
    moved = await put(ida, f"{BASE}/{second['id']}", {"position": 0, "slug": "zwei"})
    assert (moved.json()["position"], moved.json()["slug"]) == (0, "zwei")
    (shelf,) = (await ida.get(BASE))["collections"]
    assert [one["slug"] for one in shelf["articles"]] == ["zwei", "one"]
    taken = await put(ida, f"{BASE}/{first['id']}", {"slug": "zwei"})
    assert (taken.status_code, taken.json()["error"]["field"]) == (409, "slug")
    wrong = await put(ida, f"{BASE}/{first['id']}", {"slug": "Zwei Wörter"})
    assert wrong.status_code == 422
    assert "zwei-worter" in wrong.json()["error"]["message"]


async def test_W13_collections_are_made_renamed_and_deleted_by_an_admin(ida: Agent, shop: Shop):
    admin = await shop.agent(Role.ADMIN)
    body = {"names": {"en": "Gifts", "de": "Geschenke"}, "icon": "gift"}
    made = await ida.request("POST", SHELVES, body)
    assert made.status_code == 201
    path = f"{SHELVES}/{made.json()['id']}"
    changed = await put(ida, path, {"names": {"en": "Presents"}})
    assert changed.json()["names"] == {"en": "Presents"}
    assert changed.json()["icon"] == "gift"
    article = await begin(ida, "Wrapping", collection=made.json()["id"])
    assert await delete(ida, path) == 403
    assert await delete(admin, path) == 409
    await delete(ida, f"{BASE}/{article['id']}")
    assert await delete(admin, path) == 204


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", BASE, {"title": "x", "locale": "tlh"}, "locale"),
        ("POST", BASE, {"title": "  "}, "title"),
        ("POST", BASE, {"title": "x", "collection": "col_nowhere"}, "collection"),
        ("POST", BASE, {"title": 1}, "title"),
        ("POST", SHELVES, {"names": {}}, "names"),
        ("POST", SHELVES, {"names": {"en": "x"}, "icon": "skull"}, "icon"),
        ("POST", f"{BASE}/preview", {"body": "é" * 60_000}, "body"),
        ("PUT", f"{BASE}/{{id}}/tlh", {"title": "x", "body": "x"}, "locale"),
        ("PUT", f"{BASE}/{{id}}/en", {"title": "x", "body": "x" * 100_001}, "body"),
        ("PUT", f"{BASE}/{{id}}", {"position": -1}, "position"),
        ("PUT", f"{BASE}/{{id}}", {"collection": "col_nowhere"}, "collection"),
        ("PUT", f"{BASE}/{{id}}", {"collection": ""}, "collection"),
    ],
)
async def test_W13_what_makes_no_sense_is_refused_by_name(
    ida: Agent, hub: RunningHub, method: str, path: str, body: Any, field: str
):
    made = await begin(ida, "Tea")
    path = path.replace("{id}", made["id"])
    answer = await hub.http.request(method, path, json=body, headers=ida.headers)
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["field"].startswith(field)


async def test_B4_a_preview_is_clean_and_shows_the_shops_own_products(ida: Agent, shop: Shop):
    mug = {"external_id": "mug-1", "title": "Fern <mug>", "price": 34, "currency": "EUR"}
    await shop.post("/v1/chat/ingest/products", {"products": [mug]})
    other = await shop.hub.shop("Northfold")
    await other.post("/v1/chat/ingest/products", {"products": [{**mug, "external_id": "n-1"}]})
    body = "<script>alert(1)</script>\n\n{{product: mug-1}}\n\n{{product: n-1}}"
    shown = (await ida.request("POST", f"{BASE}/preview", {"body": body})).json()
    (card,) = shown["products"]
    assert card["title"] == "Fern <mug>"
    assert shown["html"].endswith(f'<div data-product="{card["id"]}"></div>')
    assert "<script" not in shown["html"]


async def test_T2_another_shops_articles_are_not_there(ida: Agent, hub: RunningHub):
    other = await (await hub.shop("Northfold")).agent()
    theirs = await begin(other, "Canary")
    path = f"{BASE}/{theirs['id']}"
    assert (await hub.http.get(path, headers=ida.headers)).status_code == 404
    assert (await put(ida, path, {"slug": "mine"})).status_code == 404
    assert (await put(ida, f"{path}/en", {"title": "x", "body": "x"})).status_code == 404
    assert (await ida.request("POST", f"{path}/en/publish")).status_code == 404
    assert await delete(ida, path) == 404
    assert (await ida.get(BASE))["collections"] == []
    mine = await begin(ida, "Tea", collection="")
    moved = await put(ida, f"{BASE}/{mine['id']}", {"collection": theirs["collection"]})
    assert moved.status_code == 422


async def test_W13_what_somebody_else_has_saved_is_not_lost(ida: Agent):
    made = await begin(ida, "Tea")
    path, began = f"{BASE}/{made['id']}/en", made["texts"]["en"]["updated_at"]
    first = await put(ida, path, {"title": "Tea", "body": "Mine.", "since": began})
    assert first.status_code == 200
    late = await put(ida, path, {"title": "Tea", "body": "Theirs.", "since": began})
    assert (late.status_code, late.json()["error"]["code"]) == (409, "newer")
    now = first.json()["updated_at"]
    assert (
        await put(ida, path, {"title": "Tea", "body": "Both.", "since": now})
    ).status_code == 200
