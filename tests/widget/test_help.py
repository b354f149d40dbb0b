"""The help centre in the widget: what is published, found and read, by anybody (W13, J7)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from connectors.testing.hubs import RunningHub, Shop, serve
from connectors.testing.patience import until
from core import article_drafts as drafts
from core.access import Role
from core.db import Work

DISHES = """
Our glazed stoneware is **dishwasher safe**.

> A raw rim is better washed by hand.

{{product: mug-1}}
"""


async def publish(shop: Shop, title: str, body: str, locale: str = "en", article: str = "") -> str:
    """A published article's id."""
    by = (await shop.agent(Role.AGENT)).principal

    def write(work: Work) -> str:
        made = article or drafts.create_article(work, by, title, locale).id
        drafts.save_draft(work, by, made, locale, title, body)
        drafts.publish(work, by, made, locale)
        return made

    return await shop.hub.hub.db.write(write)


def at(shop: Shop, path: str = "") -> str:
    return f"/api/v1/widget/{shop.made.app_id}/help{path}"


async def get(shop: Shop, path: str = "", **headers: str) -> Any:
    answer = await shop.hub.http.get(at(shop, path), headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_W13_the_overview_has_what_is_published_in_the_visitors_language(shop: Shop):
    empty = await get(shop)
    assert (empty["total"], empty["collections"]) == (0, [])
    care = await publish(shop, "Dishwasher?", DISHES)
    await publish(shop, "Spülmaschine?", "Ja, sie darf hinein.", "de", care)
    await publish(shop, "Wholesale", "From 20 pieces on.")

    async def lines(locale: str) -> list[tuple[str, str]]:
        shelves = (await get(shop, f"?locale={locale}"))["collections"]
        return [(one["title"], one["excerpt"]) for shelf in shelves for one in shelf["articles"]]

    async def both() -> bool:
        return (await get(shop))["total"] == 2

    await until(both)  # every process forgets what it kept
    assert await lines("de-AT") == [
        ("Spülmaschine?", "Ja, sie darf hinein."),
        ("Wholesale", "From 20 pieces on."),
    ]
    german = await get(shop, "?locale=de")
    assert german["locale"] == "de"
    assert german["url"].endswith("/help/kestrel")
    assert german["collections"][0]["icon"] == "book"


async def test_W13_an_article_is_read_with_its_products(shop: Shop):
    mug = {"external_id": "mug-1", "title": "Fern mug", "price": 34, "currency": "EUR"}
    await shop.post("/v1/chat/ingest/products", {"products": [mug]})
    await publish(shop, "Dishwasher?", DISHES)
    shown = await get(shop, "/articles/dishwasher?locale=fr")
    (card,) = shown["products"]
    assert card["price"]["text"] == "34.00"
    assert f'<div data-product="{card["id"]}"></div>' in shown["html"]
    assert "<strong>dishwasher safe</strong>" in shown["html"]
    assert "<blockquote>" in shown["html"]
    assert (shown["locale"], shown["locales"], shown["minutes"]) == ("en", ["en"], 1)
    assert shown["collection"] == "General"
    assert shown["url"].endswith("/help/kestrel/dishwasher")


async def test_W13_a_price_in_an_article_follows_the_catalog(shop: Shop):
    mug = {"external_id": "mug-1", "title": "Fern mug", "price": 34, "currency": "EUR"}
    await shop.post("/v1/chat/ingest/products", {"products": [mug]})
    await publish(shop, "Dishwasher?", DISHES)
    await get(shop, "/articles/dishwasher")
    await shop.post("/v1/chat/ingest/products", {"products": [{**mug, "price": 29}]})

    async def cheaper() -> bool:
        shown = await get(shop, "/articles/dishwasher")
        return shown["products"][0]["price"]["text"] == "29.00"

    await until(cheaper)


async def test_J7_an_address_that_is_none_is_not_found(shop: Shop, hub: RunningHub):
    await publish(shop, "Dishwasher?", DISHES)
    for path in (
        "/articles/nothing",
        "/articles/%00",
        "/articles/%2e%2e%2fx",
        "/articles/" + "x" * 5000,
    ):
        answer = await hub.http.get(at(shop, path))
        assert answer.status_code in (400, 404), path
    for path in ("/api/v1/widget/icw_nobody/help", "/api/v1/widget/icw_nobody/help/search?q=x"):
        assert (await hub.http.get(path)).status_code == 404
    assert (await hub.http.get(at(shop, f"?locale={'x' * 99}"))).status_code == 422


async def test_W13_a_search_finds_the_passage(shop: Shop):
    before = "Pieces cool down in the kiln for two days before anybody touches them. " * 5
    await publish(shop, "Dishwasher?", f"{before}\n\n{DISHES}")
    (hit,) = (await get(shop, "/search?q=raw+rims&locale=de"))["items"]
    assert hit["slug"] == "dishwasher"
    assert "A raw rim is better washed by hand." in hit["excerpt"]
    assert len(hit["excerpt"]) <= 240
    assert hit["collection"] == "General"
    assert (await get(shop, "/search"))["items"] == []
    assert (await get(shop, "/search?q=unicorns"))["items"] == []


async def test_W13_answers_are_cached_and_open_to_every_site(shop: Shop, hub: RunningHub):
    await publish(shop, "Dishwasher?", DISHES)
    for path in ("", "/search?q=rim", "/articles/dishwasher"):
        first = await hub.http.get(at(shop, path))
        assert first.headers["cache-control"].startswith("public, max-age=60")
        assert first.headers["access-control-allow-origin"] == "*"
        again = await hub.http.get(at(shop, path), headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


async def test_W13_a_vote_is_counted_and_nothing_else_is_known(shop: Shop, hub: RunningHub):
    article = await publish(shop, "Dishwasher?", DISHES)
    for helpful in (True, True, False):
        said = {"helpful": helpful, "locale": "en"}
        answer = await hub.http.post(at(shop, "/articles/dishwasher/helpful"), json=said)
        assert answer.status_code == 204
    agent = await shop.agent(Role.AGENT)
    shown = await agent.get(f"/console/api/articles/{article}")
    assert shown["helpful"] == {"yes": 2, "no": 1}
    for path, body, status in (
        ("/articles/nothing/helpful", {"helpful": True}, 404),
        ("/articles/dishwasher/helpful", {"helpful": "yes"}, 422),
        ("/articles/dishwasher/helpful", {"helpful": True, "locale": "x" * 2000}, 413),
    ):
        answer = await hub.http.post(at(shop, path), json=body)
        assert answer.status_code == status, (path, body)


async def test_W13_votes_of_one_address_are_bounded(tmp_path: Any, database_url: str):
    async with serve(tmp_path, database_url, rate_limits=True) as hub:
        shop = await hub.shop()
        await publish(shop, "Dishwasher?", DISHES)
        path = at(shop, "/articles/dishwasher/helpful")
        votes = [hub.http.post(path, json={"helpful": True}) for _ in range(30)]
        answers = await asyncio.gather(*votes)
        assert sorted({answer.status_code for answer in answers}) == [204, 429]


async def test_T2_a_widget_shows_its_own_shops_articles_only(shop: Shop, hub: RunningHub):
    other = await hub.shop("Northfold")
    await publish(other, "Canary", "Canary of Northfold.")
    assert (await get(shop))["total"] == 0
    assert (await get(shop, "/search?q=canary"))["items"] == []
    answer = await hub.http.get(at(shop, "/articles/canary"))
    assert answer.status_code == 404
    vote = await hub.http.post(at(shop, "/articles/canary/helpful"), json={"helpful": True})
    assert vote.status_code == 404
    assert (await get(other))["total"] == 1


@pytest.mark.parametrize("unpublished", ["draft", "gone"])
async def test_W13_what_is_not_public_is_not_shown(shop: Shop, unpublished: str):
    article = await publish(shop, "Dishwasher?", DISHES)
    await get(shop, "/articles/dishwasher")
    agent = await shop.agent()
    path = f"/console/api/articles/{article}"
    if unpublished == "draft":
        await agent.request("POST", f"{path}/en/unpublish")
    else:
        await agent.request("DELETE", path)

    async def nothing() -> bool:
        answer = await shop.hub.http.get(at(shop, "/articles/dishwasher"))
        return answer.status_code == 404

    await until(nothing)

    async def empty() -> bool:
        return (await get(shop))["total"] == 0

    await until(empty)
