"""X1, X2, X3: the console gives discounts, decides about them, and keeps the books."""

from __future__ import annotations

import asyncio
import csv
import io
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from connectors.testing.hubs import Agent, RunningHub, Shop
from core.access import Role
from core.audit import operator
from core.connections import connections_of
from core.db import Work
from core.discount_policy import Verdict
from core.shop_codes import ShopCodeDraft, save_shop_codes
from core.tables import to_csv
from tests.tills import Tills, World, connect_till

pytestmark = pytest.mark.anyio
BASE = "/console/api/discounts"
TALK = "talk-0001"
LOOSE = {"highest_percent": "25", "approval_percent": "15", "per_customer": 99}
LOOSE |= {"per_conversation": 99}


@pytest.fixture(autouse=True)
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "plugins.toml"
    names = ("chat.plugin", "widget.plugin", "connectors.customer_data.plugin", "tests.tills")
    path.write_text("\n".join(f'[[plugin]]\nmodule = "{name}"' for name in names))
    monkeypatch.setenv("PLUGINS", str(path))


class Desk:
    """An owner, an agent and a visitor of a shop with a till."""

    def __init__(self, hub: RunningHub, shop: Shop, owner: Agent, agent: Agent) -> None:
        self.hub, self.shop, self.owner, self.agent = hub, shop, owner, agent
        connector = hub.hub.services.connectors["tills"]
        assert isinstance(connector, Tills)
        self.world: World = connector.world

    async def policy(self, **values: Any) -> dict[str, Any]:
        answer = await self.owner.request("PUT", f"{BASE}/policy", {**LOOSE, **values})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def offer(self, id_: str = "offer-0001", by: Agent | None = None, **more: Any) -> Any:
        body = {"id": id_, "conversation": TALK, "percent": "10", **more}
        return await (by or self.agent).request("POST", BASE, body)

    async def decide(self, id_: str, verb: str, body: Any = None, by: Agent | None = None) -> Any:
        return await (by or self.owner).request("POST", f"{BASE}/{id_}/{verb}", body)


@pytest.fixture
async def desk(hub: RunningHub, shop: Shop) -> Desk:
    made = Desk(hub, shop, await shop.agent(), await shop.agent(Role.AGENT, name="ruben"))
    visitor = await shop.visitor(name="Amara")
    async with visitor.socket() as widget:
        await widget.say("Hello!", TALK)

    def connect(work: Work) -> str:
        return connect_till(work, hub.hub.services.vault, operator(shop.workspace_id))

    await hub.hub.db.write(connect)
    return made


# Giving ----------------------------------------------------------------------------------


async def test_X1_an_agent_gives_a_code_and_the_visitor_sees_it_at_once(
    hub: RunningHub, shop: Shop
) -> None:
    def connect(work: Work) -> str:
        return connect_till(work, hub.hub.services.vault, operator(shop.workspace_id))

    await hub.hub.db.write(connect)
    agent, visitor = await shop.agent(Role.AGENT), await shop.visitor()
    async with visitor.socket() as widget, agent.socket() as console:
        await widget.say("Any discount?", TALK)
        body = {"id": "offer-0001", "conversation": TALK, "percent": 10, "reason": "Asked."}
        answer = await agent.request("POST", BASE, body)
        assert answer.status_code == 201, answer.text
        code = answer.json()["code"]
        heard = await widget.hear("MessageAdded")
        while not heard["message"]["cards"]:
            heard = await widget.hear("MessageAdded")
        told = await console.hear("DiscountChanged")
        assert not [one for one in await widget.silence() if one["type"] == "DiscountChanged"]
    (card,) = heard["message"]["cards"]
    assert (card["type"], card["code"], card["percent"]) == ("discount", code, "10")
    assert card["url"].endswith(code)
    assert "reason" not in card and "Asked." not in str(heard)
    assert told["discount"]["reason"] == "Asked."


async def test_X3_asking_again_answers_the_same_and_another_wish_is_409(desk: Desk) -> None:
    first = (await desk.offer()).json()
    assert (await desk.offer()).json()["code"] == first["code"]
    other = await desk.offer(percent="9")
    assert (other.status_code, other.json()["error"]["code"]) == (409, "id_reused")


@pytest.mark.parametrize(
    ("more", "status", "field"),
    [
        ({"percent": "25.01"}, 422, "percent"),
        ({"percent": "1e9"}, 422, "percent"),
        ({"percent": "0"}, 422, "percent"),
        ({"percent": "1e-999999999"}, 422, "percent"),
        ({"percent": None}, 422, "percent"),
        ({"percent": "ten"}, 422, "percent"),
        ({"amount": "5.00"}, 422, "currency"),
        ({"percent": None, "amount": "5.00", "currency": "XXX"}, 422, "currency"),
        ({"percent": None, "amount": "0", "currency": "EUR"}, 422, "amount"),
        ({"percent": None, "amount": "-5", "currency": "EUR"}, 422, "amount"),
        ({"percent": None, "amount": "1e40", "currency": "EUR"}, 422, "amount"),
        ({"valid_days": 100_000}, 422, "valid_days"),
        ({"id": "short"}, 422, "id"),
        ({"connection": "con_nowhere"}, 422, "connection"),
        ({"conversation": "talk-nowhere"}, 404, "conversation"),
    ],
)
async def test_X2_what_cannot_be_given_names_the_field(
    desk: Desk, more: dict[str, Any], status: int, field: str
) -> None:
    await desk.policy()
    answer = await desk.offer(**more)
    assert (answer.status_code, answer.json()["error"]["field"]) == (status, field), answer.text
    assert desk.world.codes == {}


@pytest.mark.timeout(240)
async def test_A_2_two_hundred_requests_on_a_budget_of_ten_give_exactly_ten(desk: Desk) -> None:
    await desk.policy(codes_a_day=10)
    desk.hub.http.timeout = 120  # on a slow machine the last in the line waits for long
    answers = await asyncio.gather(*(desk.offer(f"offer-{n:04}") for n in range(200)))
    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(201), statuses.count(409)) == (10, 190)
    assert len(desk.world.codes) == 10
    today = await desk.agent.get(f"{BASE}/today")
    assert (today["codes"], today["codes_limit"]) == (10, 10)


# Deciding --------------------------------------------------------------------------------


async def test_X2_a_large_discount_waits_for_an_admin(desk: Desk) -> None:
    await desk.policy()
    asked = await desk.offer(percent="20")
    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    assert (await desk.agent.get(f"{BASE}/today"))["waiting"] == 1
    for verb, body in (("approve", None), ("decline", {})):
        answer = await desk.decide("offer-0001", verb, body, by=desk.agent)
        assert answer.status_code == 403
    assert desk.world.codes == {}
    answer = await desk.decide("offer-0001", "approve")
    assert (answer.status_code, answer.json()["state"]) == (200, "issued")
    ledger = await desk.agent.get(f"{BASE}?state=issued")
    assert [one["id"] for one in ledger["items"]] == ["offer-0001"]
    assert ledger["items"][0]["customer_name"] == "Amara"
    assert (await desk.agent.get(f"{BASE}?state=waiting"))["items"] == []


async def test_X2_a_declined_discount_says_why(desk: Desk) -> None:
    await desk.policy()
    await desk.offer(percent="20")
    answer = await desk.decide("offer-0001", "decline", {"reason": "Too much."})
    assert (answer.json()["state"], answer.json()["approval"]["reason"]) == (
        "declined",
        "Too much.",
    )
    assert (await desk.decide("offer-0001", "approve")).status_code == 409


async def test_X3_a_revoked_code_is_worthless(desk: Desk) -> None:
    await desk.offer()
    answer = await desk.decide("offer-0001", "revoke", by=desk.agent)
    assert (answer.status_code, answer.json()["state"]) == (200, "revoked")
    assert desk.world.codes == {}
    assert (await desk.decide("offer-9999", "revoke")).status_code == 404


async def test_X2_stop_takes_effect_at_once_for_everyone(desk: Desk) -> None:
    assert (await desk.agent.request("POST", f"{BASE}/stop")).status_code == 403
    assert (await desk.owner.request("POST", f"{BASE}/stop")).json()["stopped"]
    for by in (desk.agent, desk.owner):
        answer = await desk.offer(by=by)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "discounts_stopped")
    seen = await desk.agent.get(f"{BASE}/offer?conversation={TALK}")
    assert seen["refused"] == "Discounts are stopped."
    assert not (await desk.owner.request("POST", f"{BASE}/resume")).json()["stopped"]
    assert (await desk.offer()).status_code == 201


async def test_X2_the_composer_learns_what_it_may_offer(desk: Desk) -> None:
    await desk.policy(currency="EUR", minimum="40", highest_amount="50", approval_amount="25.00")
    seen = await desk.agent.get(f"{BASE}/offer?conversation={TALK}")
    assert seen["ceiling_percent"] == "25" and seen["approval_above_percent"] == "15"
    assert seen["minimum"]["text"] == "40.00" and seen["ceiling_amount"]["minor"] == 5000
    assert (seen["left_today"], seen["refused"], seen["bound"]) == (10, "", False)
    assert [one["title"] for one in seen["connections"]] == ["The kestrel"]
    assert seen["needs_approval"]
    assert not (await desk.owner.get(f"{BASE}/offer?conversation={TALK}"))["needs_approval"]


# The policy ------------------------------------------------------------------------------


async def test_X2_the_policy_is_saved_and_what_is_left_out_stays(desk: Desk) -> None:
    known = await desk.agent.get(f"{BASE}/policy")
    assert (known["highest_percent"], known["currency"], known["updated_at"]) == ("10", "", None)
    saved = await desk.policy(currency="eur", highest_amount="50.00", value_a_day=200)
    assert saved["value_a_day"] == {"minor": 20_000, "currency": "EUR", "text": "200.00"}
    saved = await desk.policy(codes_a_day=3, value_a_day=None)
    assert (saved["codes_a_day"], saved["value_a_day"]) == (3, None)
    assert saved["highest_amount"]["text"] == "50.00"
    assert await desk.agent.get(f"{BASE}/policy") == saved
    answer = await desk.agent.request("PUT", f"{BASE}/policy", {"highest_percent": "99"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"highest_percent": "100.01"}, "highest_percent"),
        ({"highest_percent": -1}, "highest_percent"),
        ({"approval_percent": "NaN"}, "approval_percent"),
        ({"highest_amount": "5"}, "currency"),
        ({"currency": "EUR", "highest_amount": "-5"}, "highest_amount"),
        ({"currency": "EUR", "refund_limit": "1e99"}, "refund_limit"),
        ({"currency": "QQQ"}, "currency"),
        ({"valid_days": 0}, "valid_days"),
        ({"codes_a_day": 10**12}, "codes_a_day"),
        ({"assistant": "yes"}, "assistant"),
    ],
)
async def test_X2_a_policy_without_sense_names_the_field(
    desk: Desk, body: dict[str, Any], field: str
) -> None:
    answer = await desk.owner.request("PUT", f"{BASE}/policy", body)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field), answer.text


async def test_E5_a_plugins_policy_that_fails_lets_no_code_pass_and_is_named(desk: Desk) -> None:
    desk.world.verdicts = [RuntimeError("boom")]
    answer = await desk.offer()
    assert answer.status_code == 502
    assert "tills" in answer.json()["error"]["message"]
    desk.world.verdicts = [Verdict("refuse", "Refunded twice this year.")]
    answer = await desk.offer()
    assert (answer.status_code, answer.json()["error"]["message"]) == (
        409,
        "Refunded twice this year.",
    )
    assert desk.world.codes == {}
    assert (await desk.offer()).status_code == 201


# The ledger ------------------------------------------------------------------------------


async def test_X3_the_ledger_goes_on_page_by_page(desk: Desk) -> None:
    await desk.policy(codes_a_day=200)
    for number in range(52):
        assert (await desk.offer(f"offer-{number:04}")).status_code == 201
    first = await desk.agent.get(BASE)
    rest = await desk.agent.get(f"{BASE}?before={first['next']}")
    ids = [one["id"] for one in first["items"] + rest["items"]]
    assert ids == [f"offer-{number:04}" for number in reversed(range(52))]
    assert rest["next"] is None
    answer = await desk.agent.request("GET", f"{BASE}?before=junk")
    assert answer.status_code == 422


async def test_B6_a_cell_that_begins_a_formula_is_escaped(desk: Desk) -> None:
    for number, reason in enumerate(("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "plain")):
        desk.world.verdicts = []
        await desk.policy()
        await desk.offer(f"offer-{number:04}", reason=reason)
    assert (await desk.agent.request("GET", f"{BASE}.csv")).status_code == 403
    answer = await desk.owner.request("GET", f"{BASE}.csv")
    assert answer.headers["content-disposition"].startswith("attachment")
    header, *rows = csv.reader(io.StringIO(answer.text))
    said = {row[header.index("reason")] for row in rows}
    assert said == {"'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\t=1", "' =1", "plain"}
    assert {row[header.index("discount")] for row in rows} == {"10% off"}


def test_B6_a_table_quotes_what_would_break_it() -> None:
    text = to_csv(["a", "b"], [['x,"y"', None], ["line\nbreak", 7]])
    assert list(csv.reader(io.StringIO(text))) == [["a", "b"], ['x,"y"', ""], ["line\nbreak", "7"]]


async def test_T2_another_workspaces_books_are_not_there(desk: Desk, hub: RunningHub) -> None:
    await desk.policy()
    await desk.offer(percent="20")
    foreign = await (await hub.shop("Northfold")).agent()
    assert (await foreign.get(BASE))["items"] == []
    for verb, body in (("approve", None), ("decline", {}), ("revoke", None)):
        answer = await desk.decide("offer-0001", verb, body, by=foreign)
        assert answer.status_code == 404
    answer = await desk.offer("offer-0002", by=foreign)
    assert answer.status_code == 404
    answer = await foreign.request("GET", f"{BASE}/offer?conversation={TALK}")
    assert answer.status_code == 404


# The shop's own codes --------------------------------------------------------------------

SHOP_CODES = "/console/api/shop-codes"


async def staff_made(desk: Desk, *codes: str, source: str, personal: str = "") -> None:
    drafts = [
        ShopCodeDraft(
            external_id=code, code=code, kind="percent", percent=1250, personal=code == personal
        )
        for code in codes
    ]
    await desk.hub.hub.db.write(save_shop_codes, desk.shop.workspace_id, source, drafts)


async def test_X1_an_agent_looks_up_the_shops_own_codes(desk: Desk) -> None:
    await desk.policy()
    given = (await desk.offer()).json()
    (till,) = await desk.hub.hub.db.read(connections_of, desk.shop.workspace_id)
    await staff_made(desk, "Welcome10", "summer", given["code"], source=till.source)
    await staff_made(desk, "elsewhere", source="tills:other")
    page = await desk.agent.get(SHOP_CODES)
    assert [one["code"] for one in page["items"]] == ["elsewhere", "summer", "Welcome10"]
    assert page["next"] is None
    (found,) = (await desk.agent.get(f"{SHOP_CODES}?q=WEL"))["items"]
    assert (found["percent"], found["state"], found["store"]) == ("12.5", "active", till.title)
    assert (found["amount"], found["usage_limit"], found["expires_at"]) == (None, None, None)
    of_till = await desk.agent.get(f"{SHOP_CODES}?connection={till.id}")
    assert [one["code"] for one in of_till["items"]] == ["summer", "Welcome10"]


async def test_X1_the_shops_own_codes_go_on_page_by_page(desk: Desk) -> None:
    codes = [f"code {number:03d} & more" for number in range(120)]
    await staff_made(desk, *codes, source="tills:other")
    read: list[str] = []
    after: str | None = ""
    while after is not None:
        page = await desk.agent.get(f"{SHOP_CODES}?{urlencode({'q': 'code', 'after': after})}")
        read += [one["code"] for one in page["items"]]
        after = page["next"]
    assert read == codes


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("q=" + "x" * 401, 422, "q"),
        ("after=nonsense", 422, "after"),
        ("after=" + "x" * 401, 422, "after"),
        ("connection=con_nobody", 404, None),
    ],
)
async def test_X1_what_cannot_be_looked_up_names_the_field(
    desk: Desk, query: str, status: int, field: str | None
) -> None:
    answer = await desk.agent.request("GET", f"{SHOP_CODES}?{query}")
    assert answer.status_code == status, answer.text
    assert answer.json()["error"].get("field") == field


async def test_T2_another_workspaces_shop_codes_are_not_there(desk: Desk, hub: RunningHub) -> None:
    await staff_made(desk, "ours", source="tills:other")
    (till,) = await hub.hub.db.read(connections_of, desk.shop.workspace_id)
    stranger = await (await hub.shop("Northfold")).agent()
    assert (await stranger.get(SHOP_CODES))["items"] == []
    answer = await stranger.request("GET", f"{SHOP_CODES}?connection={till.id}")
    assert answer.status_code == 404
    visitor = await desk.shop.visitor()
    assert (await hub.http.get(SHOP_CODES, headers=visitor.headers)).status_code in (401, 403)
