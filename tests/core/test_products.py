"""Products: kept cheaply, found by their words, shown from the stored row."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from core import full_text, products
from core.customers import OWN_SOURCE
from core.db import Database, Work, open_database
from core.errors import Invalid, NotFound
from core.events import Event, ProductsChanged
from core.full_text import to_words
from core.products import ProductBatch, ProductDraft, save_products
from core.workspaces import create_workspace

CATALOG = {
    "1": ("Grüner Tee – Sencha", "Ein frischer Tee aus Japan."),
    "2": ("Green Tea Set", "A pot and two cups for green tea."),
    "3": ("Teapot", "Cast iron, for any tea. Made in Japan."),
    "4": ("緑茶セット", "日本のお茶"),
    "5": ("T-Shirt “Größe XL”", "100% cotton & no <b>tags</b>"),
    "6": ("Coffee grinder", "Grinds beans."),
    "7": ("हिन्दी चाय", "मसाला चाय"),
    "8": ("Crème brûlée candle", "Smells of crème brûlée."),
}


async def push(
    db: Database, shop: str, *drafts: ProductDraft, source: str = OWN_SOURCE
) -> list[Any]:
    saved = await db.batch(save_products, ProductBatch(shop, source, drafts))
    return [one if isinstance(one, Invalid) else one.outcome for one in saved]


async def find(db: Database, shop: str, words: str) -> list[str]:
    found = await db.read(products.search_products, shop, words)
    return [product.external_id for product in found]


async def fill(db: Database, shop: str) -> None:
    await push(
        db,
        shop,
        *(
            ProductDraft(external_id, title, description)
            for external_id, (title, description) in CATALOG.items()
        ),
    )


async def test_D11_products_are_created_updated_and_left_alone(
    db: Database, shop: str, heard: list[Event]
) -> None:
    tea = ProductDraft("1", "Tea", price=399, currency="EUR", url="https://t.example/1")
    pot = ProductDraft("2", "Pot", price=1500, currency="JPY", available=False)
    assert await push(db, shop, tea, pot) == ["created", "created"]
    assert await push(db, shop, tea, pot) == ["unchanged", "unchanged"]
    cheaper = ProductDraft("1", price=299, currency="EUR")
    assert await push(db, shop, cheaper, pot) == ["updated", "unchanged"]
    assert await push(db, shop, cheaper) == ["unchanged"]
    (found,) = await db.read(products.search_products, shop, "tea")
    card = products.card(found)
    assert (card.title, card.price.text, card.url) == ("Tea", "2.99", "https://t.example/1")
    (other,) = await db.read(products.search_products, shop, "pot")
    assert products.card(other).price.text == "1500"
    assert not products.card(other).available
    assert [len(event.ids) for event in heard if isinstance(event, ProductsChanged)] == [2, 1]


async def test_D11_going_back_to_an_earlier_state_is_a_change(db: Database, shop: str) -> None:
    dear = ProductDraft("1", "Tea", price=399, currency="EUR")
    cheap = ProductDraft("1", "Tea", price=299, currency="EUR")
    outcomes = [(await push(db, shop, draft))[0] for draft in (dear, cheap, dear, dear)]
    assert outcomes == ["created", "updated", "updated", "unchanged"]


async def test_D11_the_same_product_twice_in_a_batch_the_later_wins(
    db: Database, shop: str, heard: list[Event]
) -> None:
    drafts = [
        ProductDraft("1", "Tea"),
        ProductDraft("1", "Green tea"),
        ProductDraft("1", "Green tea"),
    ]
    assert await push(db, shop, *drafts) == ["created", "updated", "unchanged"]
    assert await find(db, shop, "green") == ["1"]
    (event,) = heard
    assert len(event.ids) == 1


async def test_D11_a_new_product_needs_a_title_and_does_not_spoil_the_others(
    db: Database, shop: str
) -> None:
    untitled, saved = await push(db, shop, ProductDraft("1"), ProductDraft("2", "Pot"))
    assert (untitled.field, saved) == ("title", "created")


async def test_D11_details_are_merged_and_searchable(db: Database, shop: str) -> None:
    await push(db, shop, ProductDraft("1", "Tea", data={"sku": "TG-100", "tags": ["loose leaf"]}))
    await push(db, shop, ProductDraft("1", data={"brand": "Kestrel"}))
    (found,) = await db.read(products.search_products, shop, "kestrel")
    assert found.data == {"sku": "TG-100", "tags": ["loose leaf"], "brand": "Kestrel"}
    for words in ("tg-100", "tg 100", "loose", "leaf", "kes"):
        assert await find(db, shop, words) == ["1"], words


async def test_P1_products_are_found_by_every_word_the_last_as_a_beginning(
    db: Database, shop: str
) -> None:
    await fill(db, shop)
    assert await find(db, shop, "green tea") == ["2"]
    assert await find(db, shop, "green te") == ["2"]
    assert sorted(await find(db, shop, "japan tea")) == ["3"]
    assert await find(db, shop, "sench") == ["1"]
    assert await find(db, shop, "TEAPOT") == ["3"]
    assert await find(db, shop, "xl") == ["5"]
    assert await find(db, shop, "tee gruner") == ["1"]
    assert await find(db, shop, "grüner") == ["1"]
    assert await find(db, shop, "creme brulee") == ["8"]
    assert await find(db, shop, "grosse") == ["5"]


async def test_P1_other_scripts_are_found_too(db: Database, shop: str) -> None:
    await fill(db, shop)
    assert await find(db, shop, "緑茶") == ["4"]
    assert await find(db, shop, "茶") == ["4"]
    assert await find(db, shop, "セット") == ["4"]
    assert await find(db, shop, "茶緑") == []
    assert await find(db, shop, "हिन्दी") == ["7"]
    assert await find(db, shop, "मसाला चाय") == ["7"]


async def test_P1_a_match_in_the_title_comes_first(db: Database, shop: str) -> None:
    await push(
        db,
        shop,
        ProductDraft("a", "Cup", "Holds tea, green tea, black tea and any other tea."),
        ProductDraft("b", "Tea", "A drink."),
    )
    assert await find(db, shop, "tea") == ["b", "a"]


async def test_P1_any_of_the_words_only_when_nothing_has_them_all(db: Database, shop: str) -> None:
    await fill(db, shop)
    assert await find(db, shop, "do you have a grinder for sencha") != []
    found = await find(db, shop, "sencha grinder")
    assert set(found) == {"1", "6"}
    assert await find(db, shop, "unobtainium") == []


HOSTILE = [
    '"',
    '""',
    "'",
    "tea'",
    "tea OR 1=1",
    "NEAR(tea pot)",
    "title:tea",
    "tea*",
    "*",
    "-tea",
    "^tea",
    "tea AND",
    "NOT",
    "(",
    ")",
    "{title}: tea",
    "tea:*",
    "tea:A",
    "tea & !pot | (",
    "\\",
    "tea\\",
    "%",
    "_",
    "😀",
    "tea <-> pot",
    "; DROP TABLE products; --",
    "tea" * 2000,
    " ".join(["tea"] * 500),
    "\u0301",
    "İ",
    "ﬁ",
]


async def test_P1_hostile_characters_in_a_search_are_harmless(db: Database, shop: str) -> None:
    await fill(db, shop)
    for words in HOSTILE:
        assert isinstance(await find(db, shop, words), list), words
    assert set(await find(db, shop, "tea OR 1=1")) >= {"2", "3"}
    assert await find(db, shop, 'tea*"') == await find(db, shop, "tea")


async def test_T2_a_search_finds_nothing_of_another_workspace(db: Database, shop: str) -> None:
    other = (await db.write(create_workspace, "Coffee shop")).id
    await fill(db, shop)
    assert await find(db, other, "tea") == []
    assert await find(db, other, shop) == []  # the workspace's id is a word of the index
    assert await find(db, shop, shop) == []
    assert await find(db, other, "") == []
    ids = [product.id for product in await db.read(products.search_products, shop, "tea")]
    assert await db.read(products.cards_for, other, ids) == []


async def test_W12_cards_come_in_the_order_asked_for_without_unknown_ones(
    db: Database, shop: str
) -> None:
    await fill(db, shop)
    newest = [product.id for product in await db.read(products.search_products, shop, "")]
    assert len(newest) == len(CATALOG)
    asked = [newest[3], "prd_unknown", newest[0], newest[5]]
    cards = await db.read(products.cards_for, shop, asked)
    assert [card.id for card in cards] == [newest[3], newest[0], newest[5]]
    assert cards[0].price is None


async def test_a_renamed_or_removed_product_is_found_no_more(db: Database, shop: str) -> None:
    await fill(db, shop)
    await push(db, shop, ProductDraft("6", "Kettle"))
    assert await find(db, shop, "coffee") == []
    assert await find(db, shop, "kettle") == ["6"]
    await db.write(products.remove_product, shop, OWN_SOURCE, "6")
    assert await find(db, shop, "kettle") == []
    with pytest.raises(NotFound):
        await db.write(products.remove_product, shop, OWN_SOURCE, "6")
    await fill(db, shop)
    assert await find(db, shop, "coffee") == ["6"]


async def test_the_index_agrees_with_the_table(sqlite_url: str) -> None:
    """SQLite's own check of an external-content index, after every kind of change."""
    db = open_database(sqlite_url)
    await db.start()
    shop = (await db.write(create_workspace, "Tea shop")).id
    await fill(db, shop)
    for _ in range(3):
        await push(db, shop, ProductDraft("2", "Kettle"), ProductDraft("9", "Mug"))
        await push(db, shop, ProductDraft("2", "Samovar"), ProductDraft("9", "Mug 2"))
        await db.write(products.remove_product, shop, OWN_SOURCE, "9")
    await db.write(check_index)
    await db.stop()


def check_index(work: Work) -> None:
    check = "INSERT INTO product_search (product_search, rank) VALUES ('integrity-check', 1)"
    work.execute(text(check))


async def test_a_thousand_products_at_once(db: Database, shop: str) -> None:
    drafts = [ProductDraft(str(number), f"Tea number {number}") for number in range(1000)]
    assert await push(db, shop, *drafts) == ["created"] * 1000
    assert await push(db, shop, *drafts) == ["unchanged"] * 1000
    assert await find(db, shop, "tea 777") == ["777"]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("", ""),
        ("Grüner  Tee!", "gruner tee"),
        ("GRÖẞE", "grosse"),
        ("100%-cotton (XL)", "100 cotton xl"),
        ("under_score", "under score"),
        ("緑茶set", "緑 茶 set"),
        ("ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
        ("한국어", "한국어"),
        ("हिन्दी", "हिन्दी"),
        ("<b>bold</b>", "b bold b"),
        ("x" * 100, "x" * 64),
    ],
)
def test_words_are_compared_without_case_accents_and_punctuation(written: str, words: str) -> None:
    assert to_words(written) == words


@given(st.text())
def test_words_are_nothing_but_words(written: str) -> None:
    words = to_words(written)
    assert words == " ".join(words.split())
    assert to_words(words) == words
    assert not set(words) & set("\"'*()^:{}&|!<>-\\\0")


@given(st.text(max_size=50))
def test_a_query_has_no_operator_but_ours(written: str) -> None:
    phrases = full_text.to_phrases(written)
    if not phrases:
        return
    inside = full_text.to_fts5(full_text.as_typed(phrases), True).split('"')[1::2]
    assert all(set(part) <= set(" ".join(map(" ".join, phrases)) + " ") for part in inside)
    assert "''" not in full_text.to_tsquery(full_text.as_typed(phrases), True)


async def test_D_2_an_older_product_never_overwrites_a_newer_one(
    db: Database, shop: str, heard: list[Event]
) -> None:
    first = ProductDraft("1", "Tea", price=399, currency="EUR", updated_at=1_000)
    sale = ProductDraft("1", "Tea", price=299, currency="EUR", updated_at=2_000)
    over = ProductDraft("1", "Tea", price=399, currency="EUR", updated_at=3_000)
    assert await push(db, shop, first) == ["created"]
    assert await push(db, shop, over) == ["unchanged"]
    assert await push(db, shop, sale) == ["older"]  # it came last, and is not the newest
    assert await push(db, shop, over, over) == ["unchanged", "unchanged"]
    assert len([event for event in heard if isinstance(event, ProductsChanged)]) == 1
    (found,) = await db.read(products.search_products, shop, "tea")
    assert (found.price, found.vendor_at) == (399, 3_000)


async def test_D_2_the_newest_of_a_batch_wins_in_whatever_order(db: Database, shop: str) -> None:
    drafts = [ProductDraft("1", f"Tea {at}", updated_at=at) for at in (3, 1, 4, 1, 5, 2)]
    assert (await push(db, shop, *drafts)).count("older") == 3
    (found,) = await db.read(products.search_products, shop, "")
    assert (found.title, found.vendor_at) == ("Tea 5", 5)


async def test_D11_many_products_are_removed_and_found_no_more(
    db: Database, shop: str, heard: list[Event]
) -> None:
    await fill(db, shop)
    await push(db, shop, ProductDraft("1", "Same id"), source="other")
    gone = await db.write(products.remove_products, shop, OWN_SOURCE, ["1", "2", "77", "2"])
    assert sorted(gone) == ["1", "2"]
    assert await find(db, shop, "sencha") == []
    assert await find(db, shop, "same id") == ["1"]
    assert len(heard[-1].ids) == 2
    assert await db.write(products.remove_products, shop, OWN_SOURCE, ["1"]) == []
