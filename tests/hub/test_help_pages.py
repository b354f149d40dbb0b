"""The public help centre: pages for everybody, in six languages, without a script (W13, B3)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.testing.hubs import RunningHub, Shop
from connectors.testing.patience import until
from core import article_drafts as drafts
from core.access import Role
from core.article_collections import change_collection
from core.colors import contrast
from core.db import Work
from core.locales import LOCALES
from core.views import Money
from hub.help.markup import fill, said
from hub.help.style import accent, style_file, style_name
from hub.help.words import words
from tests.core.test_article_text import PAYLOADS

HOME = "/help/kestrel"
MUG = {"external_id": "mug-1", "title": "Fern <mug>", "price": 1234.5, "currency": "EUR"}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


async def publish(shop: Shop, title: str, body: str, locale: str = "en", article: str = "") -> str:
    by = (await shop.agent(Role.AGENT)).principal

    def write(work: Work) -> str:
        made = article or drafts.create_article(work, by, title, locale).id
        drafts.save_draft(work, by, made, locale, title, body)
        drafts.publish(work, by, made, locale)
        return made

    return await shop.hub.hub.db.write(write)


async def page(hub: RunningHub, path: str = HOME, status: int = 200) -> str:
    answer = await hub.http.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer.text


@pytest.fixture
async def care(shop: Shop) -> str:
    """The id of an article in three languages, beside two others."""
    await shop.post("/v1/chat/ingest/products", {"products": [MUG]})
    made = await publish(shop, "Dishwasher?", "Yes, on the **top rack**.\n\n{{product: mug-1}}")
    await publish(shop, "Spülmaschine?", "Ja, oben.", "de", made)
    await publish(shop, "غسالة الصحون؟", "نعم، على الرف العلوي.", "ar", made)
    await publish(shop, "Returns", "Within 30 days.\n\n| To | Cost |\n|-|-:|\n| Oslo | €5 |")
    await publish(shop, "Gift wrapping", "In seed paper.")
    return made


async def test_W13_the_first_page_has_every_collection_and_article(hub: RunningHub, care: str):
    html = await page(hub)
    assert "<title>Kestrel Help centre</title>" in html
    assert "3 articles" in html
    for path, title in (("dishwasher", "Dishwasher?"), ("gift-wrapping", "Gift wrapping")):
        assert f'href="{HOME}/{path}"' in html
        assert title in html
    assert 'hreflang="de"' in html and 'hreflang="x-default"' in html
    arabic = await page(hub, f"{HOME}?lang=ar")
    assert '<html lang="ar" dir="rtl">' in arabic
    assert "كيف يمكننا مساعدتك؟" in arabic
    assert "3 مقالات" in arabic
    assert '<bdi lang="en">Returns</bdi>' in arabic, "what is not translated is shown as it is"


async def test_W13_an_article_has_its_own_page(hub: RunningHub, care: str):
    url = hub.hub.services.public_url
    html = await page(hub, f"{HOME}/dishwasher")
    assert "<h1" in html and "Dishwasher?</h1>" in html
    assert "<strong>top rack</strong>" in html
    assert "Fern &lt;mug&gt;" in html and "€1,234.50" in html
    assert f'<link rel="canonical" href="{url}{HOME}/dishwasher">' in html
    assert f'hreflang="de" href="{url}{HOME}/dishwasher?lang=de"' in html
    assert '<meta property="og:title" content="Dishwasher?">' in html
    assert '<meta name="description" content="Yes, on the top rack.">' in html
    assert f'href="{HOME}/returns"' in html, "others of the collection are beside it"
    german = await page(hub, f"{HOME}/dishwasher?lang=de")
    assert "Spülmaschine?</h1>" in german and "Minute Lesezeit" in german
    assert f'<link rel="canonical" href="{url}{HOME}/dishwasher?lang=de">' in german
    wide = await page(hub, f"{HOME}/returns")
    assert '<div class="table" tabindex="0"><table>' in wide


async def test_W13_an_article_that_is_not_translated_says_so(hub: RunningHub, care: str):
    html = await page(hub, f"{HOME}/returns?lang=de")
    assert "Diesen Artikel gibt es nur auf Englisch." in html
    assert 'class="article" lang="en" dir="ltr"' in html
    url = hub.hub.services.public_url
    assert f'<link rel="canonical" href="{url}{HOME}/returns">' in html


async def test_W13_a_search_marks_what_it_found(hub: RunningHub, care: str):
    html = await page(hub, f"{HOME}?q=the+top+racks")
    assert "<mark>rack</mark>" in html
    assert '<meta name="robots" content="noindex">' in html
    nothing = await page(hub, f"{HOME}?q=unicorns&lang=fr")
    assert "Aucun résultat pour « unicorns »" in nothing
    assert f'href="{HOME}/returns?lang=fr"' in nothing, "there is more to look at"


async def test_B4_no_field_makes_markup(hub: RunningHub, shop: Shop):
    by = (await shop.agent(Role.ADMIN)).principal
    for number, payload in enumerate(PAYLOADS):
        article = await publish(shop, f"T {payload}"[:200], f"Text {payload}")

        def rename(work: Work, article: str = article, number: int = number) -> None:
            row = drafts.place_article(work, by, article, f"payload-{number}")
            names = {"en": f"C {PAYLOADS[number]}"[:80]}
            change_collection(work, by, row.collection_id, names)

        await hub.hub.db.write(rename)
        assert_quiet(await page(hub, f"{HOME}/payload-{number}"))
        answer = await hub.http.get(HOME, params={"q": f"text {payload}", "lang": payload})
        assert answer.status_code == 200
        assert_quiet(answer.text)
    assert_quiet(await page(hub))


def assert_quiet(html: str) -> None:
    lower = re.sub(r"<(meta|title|input)[^>]*>", "", html.lower())
    for tag in ("<script", "<iframe", "<style", "<object", "<embed", "<base", "<math", "<noscript"):
        assert tag not in lower
    for found in re.findall(r"<[a-z][^>]*>", html):
        assert not re.search(r"\son\w+\s*=", re.sub(r'"[^"]*"', '""', found)), found
        assert not re.search(r'(href|src|action)="(?!https?://|/|#|mailto:)', found), found
    assert " style=" not in re.sub(r'"[^"]*"', '""', html)


async def test_B3_pages_run_nothing_and_are_framed_by_nobody(hub: RunningHub, care: str):
    for path in (HOME, f"{HOME}/dishwasher", f"{HOME}/nothing", "/help/nobody"):
        headers = (await hub.http.get(path)).headers
        policy = headers["content-security-policy"].split("; ")
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert not any("script" in line or "unsafe" in line for line in policy)
        assert headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in headers


async def test_W13_pages_are_cached_and_change_when_they_change(
    hub: RunningHub, shop: Shop, care: str
):
    first = await hub.http.get(f"{HOME}/dishwasher")
    assert first.headers["cache-control"].startswith("public, max-age=60")
    again = await hub.http.get(
        f"{HOME}/dishwasher", headers={"If-None-Match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    await publish(shop, "Dishwasher?", "No longer.", "en", care)

    async def changed() -> bool:
        return "No longer." in await page(hub, f"{HOME}/dishwasher")

    await until(changed)
    agent = await shop.agent(Role.ADMIN)
    await agent.request("PUT", "/console/api/appearance", {"primary_color": "#ffe600"})

    async def recolored() -> bool:
        return "/help/static/ffe600-" in await page(hub)

    await until(recolored)


async def test_W13_the_way_back_to_the_shop_is_shown_where_it_is_known(
    hub: RunningHub, shop: Shop, care: str
):
    assert "Back to the shop" not in await page(hub)
    agent = await shop.agent(Role.ADMIN)
    await agent.request("PUT", "/console/api/appearance", {"domain": "www.kestrel.example"})

    async def shown() -> bool:
        return 'href="https://kestrel.example"' in await page(hub, f"{HOME}/returns")

    await until(shown)


async def test_J7_what_is_not_there_is_said_kindly(hub: RunningHub, shop: Shop, care: str):
    html = await page(hub, f"{HOME}/nothing?lang=de", 404)
    assert "Diese Seite gibt es nicht" in html and "Zum Hilfe-Center" in html
    assert "noindex" in html and "nothing" not in html.replace("noindex", "")
    assert "This page is not here" in await page(hub, "/help/nobody", 404)
    assert "There is nothing here yet" in await page(hub, f"/help/{(await other_shop(hub))}", 404)
    moved = await hub.http.get(f"{HOME}/")
    assert (moved.status_code, moved.headers["location"]) == (301, HOME)


async def other_shop(hub: RunningHub) -> str:
    await hub.shop("Northfold")
    return "northfold"


async def test_J7_an_old_address_leads_to_the_new_one(hub: RunningHub, shop: Shop, care: str):
    agent = await shop.agent(Role.AGENT)
    await agent.request("PUT", f"/console/api/articles/{care}", {"slug": "غسالة"})
    answer = await hub.http.get(f"{HOME}/dishwasher?lang=de")
    assert answer.status_code == 301
    assert answer.headers["location"].isascii()
    followed = await hub.http.get(answer.headers["location"])
    assert followed.status_code == 200
    assert "Ja, oben." in followed.text


async def test_T2_a_page_shows_one_shop_only(hub: RunningHub, shop: Shop, care: str):
    other = await hub.shop("Northfold")
    await publish(other, "Canary", "The canary of Northfold.")
    for path in (HOME, f"{HOME}?q=canary+northfold", f"{HOME}/returns"):
        html = re.sub(
            r'value="[^"]*"|<title>.*|“.*”|\?q=\S+|og:\S+ content="[^"]*"',
            "",
            await page(hub, path),
        )
        assert "Canary" not in html and "canary of" not in html.lower()
    await page(hub, f"{HOME}/canary", 404)
    assert "Canary" in await page(hub, "/help/northfold")


# Looks and words --------------------------------------------------------------------------


async def test_W23_the_style_is_kept_for_good_and_only_for_colours(hub: RunningHub):
    answer = await hub.http.get(f"/help/static/{style_name('#2F5D50')}")
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert answer.text.startswith(":root{--brand:#2f5d50;--on-brand:#ffffff;")
    for name in ("x.css", "zzzzzz-0123456789.css", "..%2fpage.html", "2f5d50-0123456789.css.map"):
        assert (await hub.http.get(f"/help/static/{name}")).status_code == 404


@given(st.integers(min_value=0, max_value=0xFFFFFF))
def test_W23_text_in_any_brand_colour_can_be_read(number: int):
    color = f"#{number:06x}"
    light, dark = accent(color, "#000000", ("#ffffff",)), accent(color, "#ffffff", ("#19181f",))
    assert contrast(light, "#ffffff") >= 4.5
    assert contrast(dark, "#19181f") >= 4.5
    css = style_file(style_name(color)).content.decode()
    fill_, on = re.findall(r"--(?:on-)?brand:(#\w+)", css)[:2]
    assert contrast(fill_, on) >= 4.5


@pytest.mark.parametrize("locale", LOCALES)
def test_W18_every_language_has_every_word_and_its_own_numbers(locale: str):
    own = words(locale)
    for n in (0, 1, 2, 3, 10, 11, 100, 103):
        assert own.articles.of(n) and own.minutes.of(n)
        assert "{" not in own.articles.of(n)
    assert list(own.languages) == list(LOCALES)
    for text in (own.found, own.nothing_found):
        assert "{words}" in text
    price = own.written_money(Money(minor=123456, currency="EUR", text="1234.56"))
    assert "€" in price and "1" in price and len(price) >= 9


def test_W18_arabic_counts_as_arabic_does():
    own = words("ar").articles
    assert [own.of(n) for n in (1, 2, 3, 11, 103)] == [
        *("مقالة واحدة", "مقالتان", "3 مقالات", "11 مقالة", "103 مقالات")
    ]


@given(st.text(), st.text())
def test_B4_a_template_takes_nothing_as_html_that_is_not(one: str, other: str):
    html = fill('<a title="{{one}}">{{other}}</a>', one=one, other=other)
    inner = html.removeprefix('<a title="').removesuffix("</a>")
    assert "<" not in inner and inner.count('"') == 1
    assert said("x {words} y", words=one) == f"x {one} y"


async def test_W13_a_page_survives_any_question(hub: RunningHub, care: str):
    odd: list[Any] = [
        "{{main}}",
        "{words}",
        "%",
        "\u202e",
        "'" * 400,
        "🥪" * 90,
        "a" * 9000,
    ]
    for q in odd:
        answer = await hub.http.get(HOME, params={"q": q, "lang": q[:50]})
        assert answer.status_code == 200, q
    assert (await hub.http.get(f"{HOME}?q=%00")).status_code == 400
