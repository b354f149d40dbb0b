"""What each tool tells, to whom, and what it keeps to itself."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from chat.assistant.tools import TOOLS
from chat.assistant.tools.order_status import NOTHING
from chat.assistant.tools.plain import plain
from core.access import Assurance
from core.assistants import save_assistant
from core.customers import CustomerDraft, save_customer
from core.db import Database
from core.discount_policy import save_policy, stop
from core.errors import Refused, Unavailable
from core.money import to_money
from core.tools import Result
from core.views import OrderCard
from core.visitors import Claims, visitor
from tests.chat.assistant.shops import (
    AT,
    CANARY,
    Shop,
    as_operator,
    fill_with_canaries,
    jacket,
    open_with_tools,
    sell,
)
from tests.people import open_shop
from tests.tills import keep_order

pytestmark = pytest.mark.anyio
OURS = {tool.name: tool for tool in TOOLS}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "search_products": {"words": "red jacket"},
    "my_orders": {},
    "order_status": {"number": "1001"},
    "my_activity": {},
    "my_profile": {},
    "search_articles": {"words": "canary"},
    "offer_discount": {},
    "hand_over": {"reason": "x"},
}


@pytest.fixture
async def shop(db: Database) -> Shop:
    return await open_with_tools(db, OURS)


def told(result: Result) -> str:
    return msgspec.json.encode(result).decode()


# Everything -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("extra", ["customer_id", "workspace_id", "visitor", "shop", "percentage"])
async def test_A7_no_tool_takes_a_customer_or_a_shop(shop: Shop, name: str, extra: str) -> None:
    result = await shop.use(name, **ARGUMENTS[name], **{extra: "7"})
    assert result.status == "refused"
    assert extra in result.note


@pytest.mark.parametrize("name", OURS)
async def test_T2_no_tool_finds_what_is_another_workspaces(
    shop: Shop, db: Database, name: str
) -> None:
    def open_northfold(work: Any) -> None:
        fill_with_canaries(work, open_shop(work, "Northfold", "ida@northfold.example"))

    await db.write(open_northfold)
    assert CANARY not in told(await shop.use(name, **ARGUMENTS[name]))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("search_products", {"limit": 7}),
        ("search_products", {"limit": 0}),
        ("search_products", {"max_price": "1e9"}),
        ("search_products", {"max_price": "-1"}),
        ("search_products", {"currency": "euro"}),
        ("search_products", {"words": "x" * 201}),
        ("my_orders", {"limit": 10**30}),
        ("order_status", {"number": ""}),
        ("order_status", {"number": "x" * 65}),
        ("order_status", {"number": 1001}),
        ("my_activity", {"kind": "salary"}),
        ("my_activity", {"limit": "5"}),
        ("offer_discount", {"percent": "-5"}),
        ("offer_discount", {"percent": "NaN"}),
        ("offer_discount", {"percent": 50}),
        ("hand_over", {"reason": "x" * 201}),
    ],
)
async def test_A_1_wrong_arguments_are_refused(
    shop: Shop, name: str, arguments: dict[str, Any]
) -> None:
    assert (await shop.use(name, **arguments)).status == "refused"


@pytest.mark.parametrize(
    ("name", "needs"),
    [
        ("my_orders", Assurance.EMAIL),
        ("order_status", Assurance.EMAIL),
        ("my_activity", Assurance.HMAC),
        ("my_profile", Assurance.HMAC),
        ("offer_discount", Assurance.HMAC),
    ],
)
async def test_A7_below_its_assurance_a_tool_asks_for_a_proof(
    shop: Shop, name: str, needs: Assurance
) -> None:
    await shop.become(Assurance(needs - 1), "amara@posteo.example")
    result = await shop.use(name, **ARGUMENTS[name])
    assert (result.status, result.needs) == ("verify", needs.name.lower())
    assert result.data is None


# Products ---------------------------------------------------------------------------------


async def test_S3_products_are_found_within_a_price_and_what_can_be_bought_comes_first(
    shop: Shop, db: Database
) -> None:
    await db.write(
        sell,
        shop.workspace_id,
        jacket("Red jacket sold out", 4_000, available=False),
        jacket("Red jacket", 7_900, description="Warm.<br>See https://evil.example/x now"),
        jacket("Red jacket de luxe", 19_900),
        jacket("Red jacket for export", 5_000, currency="USD"),
        jacket("Kettle", 2_000),
    )
    found = await shop.use(
        "search_products", words="red jacket", max_price="80", currency="EUR", limit=6
    )
    assert [one.title for one in found.data] == ["Red jacket", "Red jacket sold out"]
    assert found.data[0].description == "Warm. See now"
    assert found.sources[0].kind == "product"
    dear = await shop.use("search_products", words="red jacket", min_price="100", currency="EUR")
    assert [one.title for one in dear.data] == ["Red jacket de luxe"]
    none = await shop.use("search_products", words="red jacket", currency="GBP")
    assert none.status == "nothing"
    assert "EUR, USD" in none.note


async def test_S3_a_price_limit_looks_behind_the_best_matches(shop: Shop, db: Database) -> None:
    dear = [jacket(f"Red jacket {n}", 90_000 + n) for n in range(70)]
    cheap = jacket("A very plain garment, red, some would say a jacket", 1_500)
    await db.write(sell, shop.workspace_id, *dear, cheap)
    found = await shop.use("search_products", words="red jacket", max_price="20")
    assert [one.title for one in found.data] == [cheap.title]


# Orders -----------------------------------------------------------------------------------


async def test_S4_an_order_is_told_as_its_shop_has_it_now(shop: Shop, db: Database) -> None:
    await db.write(as_customer_of_the_till, shop)
    await db.write(keep_order, shop.workspace_id)
    found = await shop.use("order_status", number="#1001")
    card = found.data
    assert isinstance(card, OrderCard)
    assert (card.number, card.status, card.items) == ("#1001", "unfulfilled", 1)
    assert card.total == to_money(8640, "EUR")
    assert [(step.name, step.done) for step in card.steps] == [
        ("placed", True), ("paid", True), ("shipped", False), ("delivered", False),
    ]  # fmt: skip
    assert found.cards == (card,)
    assert shop.tills.world.asked == ["order"]


@pytest.mark.parametrize("trouble", [Unavailable("Down."), Refused("No."), RuntimeError("Boom")])
async def test_S4_what_is_known_is_told_when_the_shop_cannot_say(
    shop: Shop, db: Database, trouble: Exception
) -> None:
    await db.write(as_customer_of_the_till, shop)
    await db.write(keep_order, shop.workspace_id)
    shop.tills.world.before = [trouble]
    found = await shop.use("order_status", number="1001")
    assert found.data.number == "#1001"
    assert found.data.items == 0


async def test_A_4_an_order_that_is_not_theirs_reads_like_one_that_is_not_there(
    shop: Shop, db: Database
) -> None:
    await shop.note("order", "2002", customer="8", title="Order #2002")
    await shop.note("order", "2003", customer="guest")
    theirs = [await shop.use("order_status", number=number) for number in ("2002", "2003")]
    absent = await shop.use("order_status", number="4711")
    assert theirs == [absent, absent] == [NOTHING, NOTHING]


async def test_A_4_an_order_the_shop_gives_to_somebody_else_is_not_there(
    shop: Shop, db: Database
) -> None:
    await db.write(as_customer_of_the_till, shop, "8")
    await db.write(keep_order, shop.workspace_id, "8")  # the till says it is customer 7's
    assert await shop.use("order_status", number="1001") == NOTHING


async def test_A_4_a_shops_own_address_of_an_order_is_not_told(shop: Shop, db: Database) -> None:
    await db.write(as_customer_of_the_till, shop)
    link = "https://kestrel.example/admin/orders/9"
    await shop.note("order", "9", url=link, source="tills:kestrel")
    for name, arguments in (
        ("my_orders", {}),
        ("my_activity", {}),
        ("order_status", {"number": "9"}),
    ):
        shop.tills.world.before = [Unavailable("Down.")]
        assert "admin" not in told(await shop.use(name, **arguments)), name


async def test_A2_their_orders_are_listed_newest_first_and_nobody_elses(
    shop: Shop, db: Database
) -> None:
    for n in range(4):
        await shop.note("order", f"10{n}",
            title=f"Order #10{n}", occurred_at=AT + n, status="shipped",
        )  # fmt: skip
    await shop.note("order", "200", customer="8")
    found = await shop.use("my_orders")
    assert [one.number for one in found.data] == ["#103", "#102", "#101"]
    assert [step.done for step in found.data[0].steps] == [True, True, True, False]


async def test_W6_an_address_proven_by_a_code_sees_its_orders_and_no_deposits(
    shop: Shop, db: Database
) -> None:
    draft = CustomerDraft("7", {"email": "Amara@posteo.example"})
    await db.write(save_customer, shop.workspace_id, "customer_data", draft)
    await shop.note("order", "1001")
    await shop.become(Assurance.EMAIL, "amara@POSTEO.example")
    assert (await shop.use("my_orders")).data[0].number == "1001"
    assert (await shop.use("my_activity")).status == "verify"


def as_customer_of_the_till(work: Any, shop: Shop, external_id: str = "7") -> None:
    """Have the visitor be the till's own customer."""
    row, _ = save_customer(work, shop.workspace_id, "tills:kestrel", CustomerDraft(external_id))
    person = visitor(work, shop.workspace_id, shop.visitor.id)
    person.customer_id = row.id
    work.add(person)


# Activity and profile ---------------------------------------------------------------------


async def test_A3_the_last_deposit_is_told_with_amount_and_status(shop: Shop, db: Database) -> None:
    await shop.note("deposit", "D-1", status="pending", amount=5_000,
        currency="EUR",
    )  # fmt: skip
    await shop.note("deposit", "D-2", status="completed", amount=12_000,
        currency="EUR", occurred_at=AT + 5, title="Deposit\u202e https://evil.example/?x",
    )  # fmt: skip
    await shop.note("withdrawal", "W-1", occurred_at=AT + 9)
    found = await shop.use("my_activity", kind="deposit", limit=1)
    (record,) = found.data
    assert (record.reference, record.status, record.amount) == (
        "D-2", "completed", to_money(12_000, "EUR"),
    )  # fmt: skip
    assert record.title == "Deposit"
    assert found.cards[0].id == found.sources[0].id == record.id  # type: ignore[union-attr]
    assert (await shop.use("my_activity", kind="payment")).status == "nothing"


async def test_A4_the_profile_is_what_the_shops_server_said_never_a_browsers_claim(
    shop: Shop, db: Database
) -> None:
    def claim(work: Any) -> None:
        person = visitor(work, shop.workspace_id, shop.visitor.id)
        person.claim(Claims(name="Mallory", attributes={"level": "diamond"}))
        work.add(person)

    await db.write(claim)
    draft = CustomerDraft("7", {"name": "Amara"}, {"level": "gold", "note": "<b>x</b>\n y"})
    await db.write(save_customer, shop.workspace_id, "customer_data", draft)
    profile = (await shop.use("my_profile")).data
    assert (profile.name, profile.attributes) == ("Amara", {"level": "gold", "note": "x y"})


# Discounts --------------------------------------------------------------------------------


async def test_S5_a_code_is_given_inside_the_policy_whatever_is_wished(
    shop: Shop, db: Database
) -> None:
    await db.write(save_policy, shop.owner, {"highest_percent": 800})
    found = await shop.use("offer_discount", percent="100")
    assert (found.status, found.data.percent, found.data.state) == ("found", "8", "issued")
    assert found.cards == ()  # the ledger says it in the conversation
    (terms,) = shop.tills.world.codes.values()
    assert terms.percent == "8"


async def test_S5_the_assistants_own_limit_binds_it_too(shop: Shop, db: Database) -> None:
    await db.write(save_assistant, as_operator(shop), {"discount_percent": 500})
    assert (await shop.use("offer_discount", percent="9.5")).data.percent == "5"


async def test_S5_the_same_use_twice_gives_one_code(shop: Shop) -> None:
    first, second = [await shop.use("offer_discount", percent="5") for _ in range(2)]
    assert first == second
    assert len(shop.tills.world.codes) == 1


async def test_A9_what_needs_approval_waits(shop: Shop, db: Database) -> None:
    await db.write(save_policy, shop.owner, {"approval_percent": 200})
    result = await shop.use("offer_discount", percent="5")
    assert result.status == "waiting"
    assert result.data.id == "turn-1-offer_discount-0"
    assert shop.tills.world.codes == {}


async def test_A9_a_draft_gives_no_code(shop: Shop) -> None:
    box = shop.toolbox(dry=True)
    assert (await box.use("offer_discount")).status == "waiting"
    assert shop.tills.world.asked == []


@pytest.mark.parametrize("how", ["stopped", "not the assistant", "nothing to give"])
async def test_A_1_no_code_where_the_policy_says_no(shop: Shop, db: Database, how: str) -> None:
    if how == "stopped":
        await db.write(stop, shop.owner)
    elif how == "not the assistant":
        await db.write(save_policy, shop.owner, {"assistant": False})
    else:
        await db.write(save_assistant, as_operator(shop), {"discount_percent": 0})
    assert (await shop.use("offer_discount")).status == "refused"
    assert shop.tills.world.codes == {}


# Texts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("A <b>bold</b> claim", "A bold claim"),
        ("Go to https://evil.example/x and www.evil.example", "Go to and"),
        ("javascript://x data:text", "data:text"),
        ("one\x00two\nthree\u2028four", "one two three four"),
        ("\u202eevil\u200b", "evil"),
        ("x" * 400, "x" * 299 + "…"),
        ("دلة قهوة", "دلة قهوة"),
        ("<" * 100_000, "<" * 299 + "…"),
    ],
)
def test_A_3_a_shops_text_is_one_plain_line(text: str, shown: str) -> None:
    assert plain(text) == shown
