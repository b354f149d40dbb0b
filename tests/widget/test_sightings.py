"""Sightings: the widget says once a page where it has loaded, and hears whether anyone is there."""

from __future__ import annotations

import pytest

import widget.routes
from connectors.testing.hubs import RunningHub, Shop


async def seen(shop: Shop, url: str, public_id: str = "", **headers: str):
    path = f"/api/v1/widget/{public_id or shop.made.app_id}/seen"
    body = f'{{"url": "{url}"}}'.encode()
    plain = {"Content-Type": "text/plain;charset=UTF-8"}
    return await shop.hub.http.post(path, content=body, headers={**plain, **headers})


async def listed(shop: Shop) -> list[tuple[str, str]]:
    agent = await shop.agent()
    install = await agent.get("/console/api/install")
    return [(one["host"], one["path"]) for one in install["sightings"]]


async def test_W3_a_page_that_loads_the_widget_shows_in_the_settings(shop: Shop):
    answer = await seen(shop, "https://kestrel.example/products/fern-mug")
    assert answer.status_code == 200
    assert answer.json() == {"online": False}
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "no-store"
    assert await listed(shop) == [("kestrel.example", "/products/fern-mug")]


async def test_W3_the_agents_hear_of_it_at_once(shop: Shop):
    agent = await shop.agent()
    async with agent.socket() as console:
        await seen(shop, "https://kestrel.example/cart")
        told = await console.hear("WidgetSeen")
        assert (told["host"], told["path"]) == ("kestrel.example", "/cart")


async def test_W18_it_hears_whether_an_agent_is_online(shop: Shop):
    agent = await shop.agent()
    async with agent.socket():
        assert (await seen(shop, "https://kestrel.example/")).json() == {"online": True}


async def test_W3_a_busy_shop_is_one_write_every_few_seconds(shop: Shop, monkeypatch):
    for number in range(30):
        assert (await seen(shop, f"https://kestrel.example/{number}")).status_code == 200
    await seen(shop, "https://other.example/")
    assert sorted(await listed(shop)) == [("kestrel.example", "/0"), ("other.example", "/")]
    monkeypatch.setattr(widget.routes, "SEEN_EVERY", 0.0)
    await seen(shop, "https://kestrel.example/later")
    assert ("kestrel.example", "/later") in await listed(shop)


async def test_V7_queries_and_fragments_are_never_kept(shop: Shop):
    await seen(shop, "https://kestrel.example/reset?token=abc#secret")
    assert await listed(shop) == [("kestrel.example", "/reset")]


async def test_W3_a_browsers_origin_must_agree_with_what_its_script_says(shop: Shop):
    url = "https://kestrel.example/"
    for origin in ("https://evil.example", "null", "http://[", "https://kestrel.example.evil"):
        answer = await seen(shop, url, Origin=origin)
        assert (answer.status_code, answer.json()["error"]["field"]) == (422, "url"), origin
    assert await listed(shop) == []
    for origin in ("https://kestrel.example", "https://kestrel.example:8443"):
        assert (await seen(shop, url, Origin=origin)).status_code == 200


@pytest.mark.parametrize(
    "url",
    [
        "",
        "kestrel.example",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://",
        "http://[",
        "https://" + "x" * 300 + ".example/",
        "https://kestrel.example/" + "x" * 3000,
    ],
)
async def test_B4_what_is_not_the_address_of_a_page_is_refused(shop: Shop, url):
    answer = await seen(shop, url)
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "url"
    assert await listed(shop) == []


async def test_N1_a_body_that_is_none_is_refused(shop: Shop):
    path = f"/api/v1/widget/{shop.made.app_id}/seen"
    for body, status in ((b"", 400), (b"[]", 422), (b"{", 400), (b'{"url": 1}', 422)):
        answer = await shop.hub.http.post(path, content=body)
        assert answer.status_code == status, body
    large = await shop.hub.http.post(path, content=b" " * 5000)
    assert large.status_code == 413


async def test_an_unknown_widget_is_a_404(hub: RunningHub, shop: Shop):
    answer = await seen(shop, "https://kestrel.example/", public_id="icw_" + "x" * 24)
    assert answer.status_code == 404


async def test_B7_an_agents_cookie_is_no_obstacle_and_gives_no_rights(shop: Shop):
    """The shop may be a neighbour of the hub, so that the browser sends the cookie along."""
    agent = await shop.agent()
    answer = await seen(
        shop,
        "https://kestrel.example/",
        Cookie=agent.cookie,
        Origin="https://kestrel.example",
        **{"Sec-Fetch-Site": "same-site"},
    )
    assert answer.status_code == 200
