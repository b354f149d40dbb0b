"""Articles: written as drafts, public when published, found by what they say (W13, A6, T2)."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from core import article_drafts as drafts
from core.access import Principal, Role
from core.article_collections import (
    FIRST,
    change_collection,
    collections,
    create_collection,
    delete_collection,
)
from core.article_lists import listed_articles
from core.articles import (
    Found,
    Published,
    count_helpful,
    home_locale,
    published_article,
    search_articles,
)
from core.audit import audit_entries
from core.db import Database, Work
from core.errors import Conflict, Invalid, NotFound
from core.events import ArticlesChanged, Event
from core.passages import LENGTH
from core.workspaces import create_workspace, workspace

RETURNS = """
You may send anything back within **30 days**, as long as it is unused and in its box.

## How to return something
Keep the box and the paper, two layers round every edge survive the belt.
Write to us in the chat, and we send you a label. Refunds reach your card three to five days after
the parcel is back with us.
"""
DISHES = """
Our glazed stoneware is dishwasher safe. Choose a programme below 60 °C.

> Pieces with a raw rim are better washed by hand.
"""
VERSAND = "Der Versand innerhalb Deutschlands dauert zwei bis drei Tage und kostet 4,90 €."


def agent(shop: str) -> Principal:
    return Principal("agent", shop, "agt_1", "Ida", role=Role.ADMIN)


def written(
    work: Work, shop: str, title: str, body: str, locale: str = "en", article: str = ""
) -> str:
    """A published article's id."""
    by = agent(shop)
    article = article or drafts.create_article(work, by, title, locale).id
    drafts.save_draft(work, by, article, locale, title, body)
    drafts.publish(work, by, article, locale)
    return article


async def write(db: Database, shop: str, title: str, body: str, *more: str) -> str:
    return await db.write(written, shop, title, body, *more)


async def search(
    db: Database, shop: str, words: str, locale: str = "en", limit: int = 5
) -> list[Found]:
    return await db.read(search_articles, shop, words, locale, limit)


async def slugs(db: Database, shop: str, words: str, locale: str = "en") -> list[str]:
    return [found.slug for found in await search(db, shop, words, locale)]


@pytest.fixture
async def help_centre(db: Database, shop: str) -> str:
    """A shop with a few articles."""
    await write(db, shop, "Returns and refunds", RETURNS)
    care = await write(db, shop, "Can I put it in the dishwasher?", DISHES)
    german = ("Darf es in die Spülmaschine?", "Glasiertes Steinzeug ist spülmaschinenfest.")
    await write(db, shop, *german, "de", care)
    await write(db, shop, "Versand und Kosten", VERSAND, "de")
    await write(db, shop, "كم يستغرق الشحن؟", "يستغرق الشحن إلى دبي خمسة أيام.", "ar")
    await write(db, shop, "贈り物の包装", "ギフト包装は無料です。メッセージも添えられます。", "en")
    return shop


# Finding ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        ("returns", "returns-and-refunds"),
        ("how do I return my order?", "returns-and-refunds"),
        ("When will I get my refund", "returns-and-refunds"),
        ("refund my money", "returns-and-refunds"),
        ("DISHWASHER", "can-i-put-it-in-the-dishwasher"),
        ("dishwash", "can-i-put-it-in-the-dishwasher"),
        ("dishwashers unicorns", "can-i-put-it-in-the-dishwasher"),
        ("Wie lange dauert der Versand?", "versand-und-kosten"),
        ("spuelmaschine", "can-i-put-it-in-the-dishwasher"),
        ("Spülmaschinen", "can-i-put-it-in-the-dishwasher"),
        ("شحن", "كم-يستغرق-الشحن"),
        ("متى يصل الشحن", "كم-يستغرق-الشحن"),
        ("ギフト包装", "贈り物の包装"),
    ],
)
async def test_W13_an_article_is_found_by_a_question_in_its_language(
    db: Database, help_centre: str, words: str, slug: str
) -> None:
    assert (await slugs(db, help_centre, words))[0] == slug


@pytest.mark.parametrize("words", ["", "?", "the how", '"*(', "' OR 1=1 --", "NEAR(x", "zebra"])
async def test_W13_what_no_article_says_finds_none(
    db: Database, help_centre: str, words: str
) -> None:
    found = await search(db, help_centre, words)
    assert not found or words == "the how"  # nothing but small words: then they count


async def test_A6_an_excerpt_is_the_passage_that_answers(db: Database, help_centre: str) -> None:
    (found,) = await search(db, help_centre, "refund card days", limit=1)
    assert found.excerpt.startswith("Refunds reach your card three to five days after")
    assert len(found.excerpt) <= LENGTH
    assert "**" not in found.excerpt and "#" not in found.excerpt
    assert found.path == "/help/tea-shop/returns-and-refunds"
    assert 0.5 <= found.score <= 1


async def test_A6_an_excerpt_does_not_end_with_the_heading_of_what_no_longer_fits(
    db: Database, shop: str
) -> None:
    steps = "## How to return\n\n1. Tell us which order.\n2. Pack it well.\n\n## Your money\n\n"
    await write(db, shop, "Returns", steps + "It comes back. " * 60)
    (found,) = await search(db, shop, "return order", limit=1)
    assert found.excerpt.startswith("How to return\nTell us which order.\nPack it well.")
    assert not found.excerpt.endswith("Your money")
    (found,) = await db.read(partial(search_articles, length=60), shop, "return order", "en", 1)
    assert found.excerpt == "How to return\nTell us which order.\nPack it well."


async def test_A6_an_excerpt_of_a_sentence_without_end_is_cut_between_words(
    db: Database, shop: str
) -> None:
    await write(db, shop, "Long", "word " * 3000 + "needle " + "hay " * 3000)
    await write(db, shop, "Longer", "x" * 90_000)
    (found,) = await search(db, shop, "hay")
    assert len(found.excerpt) <= LENGTH
    found = (await search(db, shop, "longer"))[0]
    assert found.title == "Longer"
    assert len(found.excerpt) <= LENGTH


async def test_A6_an_article_is_shown_in_the_wanted_language_if_that_has_the_words(
    db: Database, help_centre: str
) -> None:
    await write(db, help_centre, "Pots", "Our clay is from Westerwald.")
    (english,) = await search(db, help_centre, "dishwasher", "de")
    assert english.locale == "en"
    (german,) = await search(db, help_centre, "Spülmaschine", "en")
    assert (german.locale, german.path) == (
        "de",
        "/help/tea-shop/can-i-put-it-in-the-dishwasher?lang=de",
    )
    pots = await db.write(written, help_centre, "Westerwald", "Westerwald, deutsch", "de")
    first, second = await search(db, help_centre, "westerwald", "de-AT")
    assert (first.locale, second.locale) == ("de", "en"), pots
    first, second = await search(db, help_centre, "westerwald", "fr")
    assert (first.locale, second.locale) == ("en", "de"), "the shop's own language comes next"


async def test_A6_a_better_answer_comes_before_a_longer_one(db: Database, shop: str) -> None:
    await write(db, shop, "Everything", "Shipping. " + "Wholesale and returns. " * 200)
    await write(db, shop, "Shipping costs", "What shipping costs to each country.")
    assert (await slugs(db, shop, "shipping costs france"))[0] == "shipping-costs"


async def test_T2_another_shops_articles_are_never_found(db: Database, help_centre: str) -> None:
    other = (await db.write(create_workspace, "Tea shop")).id
    assert other != help_centre
    for words in ("returns", "dishwasher", "Versand", "refund card"):
        assert await search(db, other, words) == []
    await write(db, other, "Canary returns", "The canary of the other shop: returns.")
    assert await slugs(db, other, "returns") == ["canary-returns"]
    assert "canary-returns" not in await slugs(db, help_centre, "canary returns")
    with pytest.raises(NotFound):
        await db.read(published_article, help_centre, "canary-returns", "en", "en")


async def test_W13_a_draft_is_nobodys_business(db: Database, shop: str, heard: list[Event]) -> None:
    by = agent(shop)
    article = (await db.write(drafts.create_article, by, "Secret sale", "en")).id
    await db.write(drafts.save_draft, by, article, "en", "Secret sale", "Half of everything.")
    assert await search(db, shop, "secret") == []
    with pytest.raises(NotFound):
        await db.read(published_article, shop, "secret-sale", "en", "en")
    await db.write(drafts.publish, by, article, "en")
    assert await slugs(db, shop, "secret") == ["secret-sale"]
    await db.write(drafts.save_draft, by, article, "en", "Secret sale", "Over. Unicorns.")
    assert await search(db, shop, "unicorns") == []
    assert (await read(db, shop, "secret-sale")).text.public_body == "Half of everything."
    text = await db.write(drafts.publish, by, article, "en")
    assert not drafts.is_changed(text)
    assert await search(db, shop, "half") == []
    assert await slugs(db, shop, "unicorns") == ["secret-sale"]
    await db.write(drafts.unpublish, by, article, "en")
    assert await search(db, shop, "unicorns") == []
    assert sum(isinstance(event, ArticlesChanged) for event in heard) >= 5
    actions = [entry.action for entry in await db.read(audit_entries, shop)]
    assert actions == [
        *("article.unpublished", "article.published", "article.published", "article.created")
    ]


async def read(db: Database, shop: str, slug: str, locale: str = "en") -> Published:
    home = await db.read(home_locale, shop)
    return await db.read(published_article, shop, slug, locale, home)


async def test_W13_a_deleted_article_is_gone_from_the_search(
    db: Database, help_centre: str
) -> None:
    shown = await read(db, help_centre, "can-i-put-it-in-the-dishwasher", "de")
    assert (shown.text.locale, shown.locales) == ("de", ("en", "de"))
    await db.write(drafts.delete_text, agent(help_centre), shown.article.id, "de")
    assert await search(db, help_centre, "Spülmaschine") == []
    with pytest.raises(Conflict):
        await db.write(drafts.delete_text, agent(help_centre), shown.article.id, "en")
    await db.write(drafts.delete_article, agent(help_centre), shown.article.id)
    assert await search(db, help_centre, "dishwasher") == []
    with pytest.raises(NotFound):
        await db.write(drafts.delete_article, agent(help_centre), shown.article.id)
    if db.dialect == "sqlite":
        check = "INSERT INTO article_search (article_search, rank) VALUES ('integrity-check', 1)"
        await db.write(lambda work: work.execute(text(check)))


# Languages and addresses ------------------------------------------------------------------


async def test_W13_a_shops_own_language_is_the_one_it_writes_in(db: Database, shop: str) -> None:
    assert await db.read(home_locale, shop) == "en"
    await write(db, shop, "Versand", "Drei Tage.", "de")
    assert await db.read(home_locale, shop) == "de"
    found = await search(db, shop, "Versand", "fr")
    assert found[0].path == "/help/tea-shop/versand"


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("How long does it take?", "how-long-does-it-take"),
        ("Übergrößen & Maße", "ubergrossen-masse"),
        ("Où est ma commande ?", "ou-est-ma-commande"),
        ("كَيْفَ أُرجِعُ المُنتَج؟", "كيف-أرجع-المنتج"),
        ("お支払い方法", "お支払い方法"),
        ("100 % – off!", "100-off"),
        ("🎁", "article"),
        ("../../etc/passwd", "etc-passwd"),
        ("word " * 40, ("word-" * 16)[:-1]),
    ],
)
async def test_W13_an_address_is_made_from_the_title(
    db: Database, shop: str, title: str, slug: str
) -> None:
    made = await db.write(drafts.create_article, agent(shop), title, "en")
    again = await db.write(drafts.create_article, agent(shop), title, "en")
    assert made.slug == slug
    assert again.slug.endswith("-2") and len(again.slug) <= 80


@pytest.mark.parametrize(
    "slug", ["", "A b", "../x", "x/y", "x?y", "ä", "-x", "x" * 81, "x_y", "x\n"]
)
async def test_W13_an_address_that_is_none_is_refused(
    db: Database, help_centre: str, slug: str
) -> None:
    article = (await read(db, help_centre, "returns-and-refunds")).article.id
    with pytest.raises(Invalid) as refused:
        await db.write(drafts.place_article, agent(help_centre), article, slug)
    assert refused.value.field == "slug"


async def test_J7_an_old_address_leads_to_the_article_until_another_takes_it(
    db: Database, help_centre: str
) -> None:
    by = agent(help_centre)
    article = (await read(db, help_centre, "returns-and-refunds")).article.id
    await db.write(drafts.place_article, by, article, "refunds")
    await db.write(drafts.place_article, by, article, "send-it-back")
    for slug in ("returns-and-refunds", "refunds", "send-it-back"):
        assert (await read(db, help_centre, slug)).article.slug == "send-it-back"
    care = (await read(db, help_centre, "can-i-put-it-in-the-dishwasher")).article.id
    with pytest.raises(Conflict) as taken:
        await db.write(drafts.place_article, by, care, "send-it-back")
    assert taken.value.field == "slug"
    await db.write(drafts.place_article, by, care, "refunds")
    assert (await read(db, help_centre, "refunds")).article.id == care
    fresh = await db.write(drafts.create_article, by, "Send it back", "en")
    assert fresh.slug == "send-it-back-2"


# Limits and order -------------------------------------------------------------------------


async def test_W13_titles_bodies_and_languages_are_checked(db: Database, shop: str) -> None:
    by = agent(shop)
    article = (await db.write(drafts.create_article, by, "Tea", "en")).id
    for locale, title, body, field in (
        ("en", " ", "x", "title"),
        ("en", "x" * 201, "x", "title"),
        ("en", "Tea", "é" * 50_001, "body"),
        ("xx", "Tea", "x", "locale"),
    ):
        with pytest.raises(Invalid) as refused:
            await db.write(drafts.save_draft, by, article, locale, title, body)
        assert refused.value.field == field
    await db.write(drafts.save_draft, by, article, "en", "Tea", "é" * 50_000)
    await db.write(drafts.publish, by, article, "en")
    with pytest.raises(NotFound):
        await db.write(drafts.publish, by, article, "de")
    await db.write(drafts.save_draft, by, article, "de", "Tee", "  ")
    with pytest.raises(Invalid, match="empty"):
        await db.write(drafts.publish, by, article, "de")


async def test_W13_a_help_centre_has_its_limits(db: Database, shop: str, monkeypatch: Any) -> None:
    monkeypatch.setattr("core.article_drafts.MOST", 2)
    monkeypatch.setattr("core.article_collections.MOST", 2)
    for title in ("One", "Two"):
        await db.write(drafts.create_article, agent(shop), title, "en")
    with pytest.raises(Invalid, match="at most 2 articles"):
        await db.write(drafts.create_article, agent(shop), "Three", "en")
    await db.write(create_collection, agent(shop), {"en": "Second"}, "gift")
    with pytest.raises(Invalid, match="at most 2 collections"):
        await db.write(create_collection, agent(shop), {"en": "Third"}, "gift")


async def test_W13_collections_are_named_ordered_and_not_lost_with_their_articles(
    db: Database, shop: str
) -> None:
    by = agent(shop)
    article = await db.write(drafts.create_article, by, "Tee", "de")
    (first,) = await db.read(collections, shop)
    assert first.names == {"de": FIRST["de"]}
    gifts = await db.write(create_collection, by, {"ar": "هدايا", "en": " Gifts "}, "gift", 0)
    assert [one.id for one in await db.read(collections, shop)] == [gifts.id, first.id]
    assert gifts.names == {"en": "Gifts", "ar": "هدايا"}
    for names, icon, field in (
        ({}, "gift", "names"),
        ({"en": "  "}, "gift", "names"),
        ({"tlh": "nugneH"}, "gift", "names"),
        ({"en": "x" * 81}, "gift", "names"),
        ({"en": "Gifts"}, "<svg>", "icon"),
    ):
        with pytest.raises(Invalid) as refused:
            await db.write(change_collection, by, gifts.id, names, icon)
        assert refused.value.field == field
    with pytest.raises(Conflict):
        await db.write(delete_collection, by, first.id)
    await db.write(drafts.place_article, by, article.id, None, gifts.id)
    await db.write(delete_collection, by, first.id)
    assert [one.id for one in await db.read(collections, shop)] == [gifts.id]


async def test_W13_articles_keep_the_order_they_are_given(db: Database, help_centre: str) -> None:
    def order(work: Work) -> list[str]:
        return [line.slug for line in listed_articles(work, help_centre, "en", "en")]

    before = await db.read(order)
    last = (await read(db, help_centre, before[-1])).article.id
    await db.write(drafts.place_article, agent(help_centre), last, None, None, 1)
    assert await db.read(order) == [before[0], before[-1], *before[1:-1]]
    with pytest.raises(Invalid):
        await db.write(drafts.place_article, agent(help_centre), last, None, "col_nowhere")


async def test_W13_helpful_is_counted(db: Database, help_centre: str) -> None:
    for helpful in (True, True, False):
        count = {"helpful": helpful}
        await db.write(
            lambda work, c=count: count_helpful(work, help_centre, "returns-and-refunds", **c)
        )
    article = (await read(db, help_centre, "returns-and-refunds")).article
    assert (article.helpful_yes, article.helpful_no) == (2, 1)
    with pytest.raises(NotFound):
        await db.write(lambda work: count_helpful(work, help_centre, "nowhere", helpful=True))


async def test_T2_every_shop_has_a_readable_name_of_its_own(db: Database, shop: str) -> None:
    names = ["Tea shop", "Tea  Shop!", "Static", "🫖", "متجر الشاي"]
    made = [(await db.write(create_workspace, name)).handle for name in names]
    assert made == ["tea-shop-2", "tea-shop-3", "static-2", "shop", "متجر-الشاي"]
    assert (await db.read(workspace, shop)).handle == "tea-shop"


async def test_A6_an_assistant_may_ask_for_more_of_an_article(
    db: Database, help_centre: str
) -> None:
    (found,) = await db.read(
        lambda work: search_articles(work, help_centre, "How can I return it?", "en", 1, length=600)
    )
    assert found.excerpt.startswith("You may send anything back within 30 days")
    assert found.excerpt.endswith("after the parcel is back with us."), "a short one is whole"
    await write(db, help_centre, "Parcels", f"## Lost parcels\n\nWe look. {'Filling. ' * 90}")
    (found,) = await search(db, help_centre, "lost parcel", limit=1)
    assert found.excerpt.startswith("Lost parcels\nWe look.")
