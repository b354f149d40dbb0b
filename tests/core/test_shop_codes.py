"""X1: codes of the shops' own staff, saved as shops tell of them and found by their beginning."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from core import shop_codes
from core.audit import audit_entries
from core.connections import ConnectionRow
from core.db import Database, Work, table_of
from core.discount_ledger import Discount, issued_references, note_redeemed, note_withdrawn
from core.errors import Invalid
from core.ids import moment
from core.money import to_money
from core.privacy import erase_source, find_remains
from core.shop_code_views import ShopCodeView, state_of
from core.shop_codes import (
    ShopCode,
    ShopCodeDraft,
    remove_shop_codes,
    save_shop_codes,
    shop_codes_of,
)
from core.workspaces import create_workspace

pytestmark = pytest.mark.anyio
SOURCE, OTHER = "woocommerce:kettle", "woocommerce:samovar"
NOW = 1_795_322_531_000
DAY = 86_400_000


def draft(code: str = "welcome10", id_: str = "", **more: Any) -> ShopCodeDraft:
    facts: dict[str, Any] = {"kind": "percent", "percent": 1000, "updated_at": NOW, **more}
    return ShopCodeDraft(external_id=id_ or f"id-{code}", code=code, **facts)


async def save(db: Database, shop: str, *drafts: ShopCodeDraft, source: str = SOURCE) -> list[str]:
    return await db.write(save_shop_codes, shop, source, [one.checked() for one in drafts])


async def listed(db: Database, shop: str, *args: Any) -> list[ShopCodeView]:
    views, _ = await db.read(shop_codes_of, shop, *args)
    return views


async def names(db: Database, shop: str, *args: Any) -> list[str]:
    return [view.code for view in await listed(db, shop, *args)]


# Saving ----------------------------------------------------------------------------------


async def test_X1_a_code_is_shown_as_the_shop_has_it(db: Database, shop: str) -> None:
    told = draft(
        "five",
        kind="cart",
        percent=None,
        amount=500,
        currency="EUR",
        minimum=2000,
        title="For the fair",
        expires_at=NOW + 400 * DAY,
        usage_limit=50,
        used=7,
    )
    assert await save(db, shop, told) == ["id-five"]
    (view,) = await listed(db, shop)
    assert (view.code, view.title, view.kind, view.percent) == ("five", "For the fair", "cart", "")
    assert (view.amount, view.minimum) == (to_money(500, "EUR"), to_money(2000, "EUR"))
    assert (view.used, view.usage_limit, view.expires_at) == (7, 50, moment(NOW + 400 * DAY))
    assert (view.state, view.personal, view.free_shipping) == ("active", False, False)


async def test_X1_the_same_again_is_no_news_and_neither_is_a_use(db: Database, shop: str) -> None:
    await save(db, shop, draft())
    assert await save(db, shop, draft()) == []
    assert await save(db, shop, draft(used=3, updated_at=NOW + 5)) == []
    assert (await listed(db, shop))[0].used == 3
    assert await save(db, shop, draft(percent=1500, used=3, updated_at=NOW + 5)) == ["id-welcome10"]
    assert (await listed(db, shop))[0].percent == "15"


async def test_X1_what_the_shop_said_later_stays(db: Database, shop: str) -> None:
    await save(db, shop, draft(percent=2000))
    assert await save(db, shop, draft(percent=1000, updated_at=NOW - 1)) == []
    assert (await listed(db, shop))[0].percent == "20"
    assert await save(db, shop, draft(percent=500)) == ["id-welcome10"]  # of one time: arrival
    assert await save(db, shop, draft(percent=700, updated_at=None)) == ["id-welcome10"]
    assert await save(db, shop, draft(percent=1000, updated_at=NOW - 1)) == []
    assert (await listed(db, shop))[0].percent == "7"


async def test_X1_a_slow_writer_puts_nothing_older_over_what_came_meanwhile(
    db: Database, shop: str
) -> None:
    await save(db, shop, draft(percent=2000))
    old = draft(percent=1000, updated_at=NOW - 1)

    def late(work: Work) -> None:  # as if it had looked before the newer one was there
        shop_codes._put(work, shop, SOURCE, old)

    await db.write(late)
    assert (await listed(db, shop))[0].percent == "20"


async def test_D_3_of_a_personal_code_nobodys_name_is_kept(db: Database, shop: str) -> None:
    await save(db, shop, draft(personal=True, title="Sorry, Wrenna Canary"))
    (view,) = await listed(db, shop)
    assert (view.personal, view.title) == (True, "")
    assert await db.read(find_remains, shop, ["canary"]) == []


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"code": ""}, "code"),
        ({"code": " "}, "code"),
        ({"code": "x" * 256, "id_": "1"}, "code"),
        ({"id_": " "}, "external_id"),
        ({"title": "x" * 501}, "title"),
    ],
)
def test_X1_a_code_that_is_none_names_the_field(more: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        draft(**more).checked()
    assert caught.value.field == field


async def test_X1_removed_codes_go_and_only_those_of_this_shop(db: Database, shop: str) -> None:
    await save(db, shop, draft("a"), draft("b"))
    await save(db, shop, draft("a"), source=OTHER)
    assert await db.write(remove_shop_codes, shop, SOURCE, ["id-a", "id-z"]) == ["id-a"]
    assert await db.write(remove_shop_codes, shop, SOURCE, []) == []
    assert await names(db, shop) == ["a", "b"]


async def test_D_4_a_source_that_is_erased_takes_its_codes_along(db: Database, shop: str) -> None:
    await save(db, shop, draft("a"), draft("b"))
    await save(db, shop, draft("c"), source=OTHER)
    while await db.write(erase_source, shop, SOURCE):
        pass
    assert await names(db, shop) == ["c"]


# Finding ---------------------------------------------------------------------------------


async def test_X1_codes_are_found_by_their_beginning_in_any_letters(
    db: Database, shop: str
) -> None:
    await save(db, shop, *map(draft, ("Spring", "spring-25", "summer", "50%off", "50x", "Über")))
    assert await names(db, shop, "SPR") == ["Spring", "spring-25"]
    assert await names(db, shop, " 50% ") == ["50%off"]  # no wildcard of theirs
    assert await names(db, shop, "_") == []
    assert await names(db, shop, "über") == ["Über"]
    assert await names(db, shop, "pring") == []


async def test_X1_pages_go_on_where_the_last_one_ended(db: Database, shop: str) -> None:
    codes = [f"code-{number:03d}" for number in range(2 * shop_codes.PAGE + 7)]
    await save(db, shop, *map(draft, codes))
    await save(db, shop, draft("code-000"), source=OTHER)  # two shops, one name
    read: list[str] = []
    after: str | None = ""
    while after is not None:
        views, after = await db.read(shop_codes_of, shop, "code", after)
        read += [view.code for view in views]
    assert read == ["code-000", *codes]


@pytest.mark.parametrize("after", ["x", ".", ".CODE"])
async def test_X1_a_cursor_that_is_none_names_the_field(
    db: Database, shop: str, after: str
) -> None:
    with pytest.raises(Invalid) as caught:
        await db.read(shop_codes_of, shop, "", after)
    assert caught.value.field == "after"


async def test_T1_another_workspaces_codes_are_not_there(db: Database, shop: str) -> None:
    elsewhere = (await db.write(create_workspace, "Northfold")).id
    await save(db, elsewhere, draft("theirs"))
    await save(db, shop, draft("ours"))
    assert await names(db, shop) == ["ours"]
    assert await db.write(remove_shop_codes, shop, SOURCE, ["id-theirs"]) == []
    assert await db.read(shop_codes.ids_of_codes, shop, SOURCE, ["theirs"]) == []


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, "active"),
        ({"active": False}, "off"),
        ({"expires_at": NOW}, "expired"),
        ({"expires_at": NOW + 1}, "active"),
        ({"usage_limit": 3, "used": 3}, "used_up"),
        ({"usage_limit": 3, "used": 2}, "active"),
        ({"starts_at": NOW + 1}, "scheduled"),
        ({"starts_at": NOW}, "active"),
        ({"active": False, "expires_at": NOW}, "off"),
    ],
)
async def test_X1_a_code_says_whether_it_can_be_used(
    db: Database, shop: str, more: dict[str, Any], state: str
) -> None:
    await save(db, shop, draft(**more))

    def look(work: Work) -> str:
        row = work.execute(select(table_of(ShopCode))).mappings().one()
        return state_of(row, NOW)

    assert await db.read(look) == state


# Codes of ours ---------------------------------------------------------------------------


async def given(db: Database, shop: str, code: str, reference: str, state: str = "issued") -> None:
    """A code in the ledger."""

    def add(work: Work) -> None:
        if work.session.get(ConnectionRow, (shop, "con_1")) is None:
            work.add(
                ConnectionRow(
                    **{"workspace_id": shop, "id": "con_1", "connector": "woocommerce"},
                    **{"shop": "kettle", "title": "Kettle", "source": SOURCE, "sealed": ""},
                    **{"details": {}, "cursors": {}, "created_at": NOW, "updated_at": NOW},
                )
            )
            work.session.flush()
        work.add(
            Discount(
                **{"workspace_id": shop, "id": code, "state": state, "connection_id": "con_1"},
                **{"source": SOURCE, "store": "Kettle", "conversation_id": None},
                **{"visitor_id": None, "percent": 1000, "valid_days": 7, "code": code},
                **{"reference": reference, "by_kind": "agent", "by_id": "a", "by_name": "A"},
                **{"created_at": NOW, "updated_at": NOW},
            )
        )

    await db.write(add)


async def test_X3_codes_of_the_ledger_are_not_listed_twice(db: Database, shop: str) -> None:
    await given(db, shop, "CHAT-7K2M", "")  # the shop made it; we have not heard its id
    await given(db, shop, "CHAT-9QXD", "77")
    await save(db, shop, draft("chat-7k2m"), draft("renamed", "77"), draft("theirs"))
    await save(db, shop, draft("chat-7k2m"), source=OTHER)  # another shop's, with our letters
    assert await names(db, shop) == ["chat-7k2m", "theirs"]
    assert await names(db, shop, "", "", SOURCE) == ["theirs"]


async def test_X3_a_code_the_shop_threw_away_is_revoked_by_the_shop(
    db: Database, shop: str
) -> None:
    await given(db, shop, "CHAT-A", "1")
    await given(db, shop, "CHAT-B", "2", state="expired")
    await given(db, shop, "CHAT-C", "3")
    assert await db.read(issued_references, shop, SOURCE) == ["1", "3"]
    assert await db.write(note_withdrawn, shop, SOURCE, ["1", "2", "9", ""]) == ["1"]
    assert await db.write(note_withdrawn, shop, SOURCE, ["1"]) == []
    assert await db.write(note_withdrawn, shop, OTHER, ["3"]) == []
    (entry,) = await db.read(audit_entries, shop)
    assert (entry.action, entry.target) == ("discount.revoked", "CHAT-A")
    assert (entry.actor_kind, entry.actor_name) == ("shop", "Kettle")
    assert (entry.before["state"], entry.after["state"]) == ("issued", "revoked")


async def test_X3_an_order_redeems_a_code_that_was_thrown_away(db: Database, shop: str) -> None:
    await given(db, shop, "CHAT-A", "1")
    await db.write(note_withdrawn, shop, SOURCE, ["1"])
    assert await db.write(note_redeemed, shop, SOURCE, "chat-a", "500", NOW)
    assert await db.write(note_withdrawn, shop, SOURCE, ["1"]) == []

    def state(work: Work) -> str:
        return str(work.execute(select(table_of(Discount).c.state)).scalar_one())

    assert await db.read(state) == "redeemed"


async def test_X1_the_ids_of_codes_that_an_order_used(db: Database, shop: str) -> None:
    await save(db, shop, draft("Spring"), draft("summer"))
    found = await db.read(shop_codes.ids_of_codes, shop, SOURCE, ["SPRING", "other"])
    assert found == ["id-Spring"]
    await db.write(lambda work: work.execute(update(table_of(ShopCode)).values(active=False)))
    rows = await db.read(shop_codes.external_ids, shop, SOURCE)
    assert rows == [("id-Spring", False), ("id-summer", False)]
