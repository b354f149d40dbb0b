"""S7, S10: the console sees orders as their shop has them, and has it refund and cancel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.testing.hubs import Agent, RunningHub, Shop
from core.access import Role
from core.audit import operator
from core.customers import customer_by_external_id
from core.db import Work
from core.errors import Refused, Unavailable
from tests.tills import Tills, World, connect_till, keep_order

pytestmark = pytest.mark.anyio
ACTIONS = "/console/api/actions"


@pytest.fixture(autouse=True)
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "plugins.toml"
    names = ("chat.plugin", "widget.plugin", "connectors.customer_data.plugin", "tests.tills")
    path.write_text("\n".join(f'[[plugin]]\nmodule = "{name}"' for name in names))
    monkeypatch.setenv("PLUGINS", str(path))


class Desk:
    """An owner and an agent of a shop with a till and one order."""

    def __init__(self, hub: RunningHub, owner: Agent, agent: Agent) -> None:
        self.hub, self.owner, self.agent = hub, owner, agent
        connector = hub.hub.services.connectors["tills"]
        assert isinstance(connector, Tills)
        self.world: World = connector.world
        self.record = self.customer = ""

    async def act(self, id_: str = "action-01", by: Agent | None = None, **more: Any) -> Any:
        body = {
            "id": id_,
            "record": self.record,
            "kind": "refund",
            "lines": {"l1": 1},
            "amount": {"minor": 5200, "currency": "EUR", "text": "52.00"},
            "reason": "Arrived late",
            **more,
        }
        return await (by or self.owner).request("POST", ACTIONS, body)


@pytest.fixture
async def desk(hub: RunningHub, shop: Shop) -> Desk:
    made = Desk(hub, await shop.agent(name="ines"), await shop.agent(Role.AGENT, name="ruben"))

    def start(work: Work) -> tuple[str, str]:
        connect_till(work, hub.hub.services.vault, operator(shop.workspace_id))
        record = keep_order(work, shop.workspace_id)
        found = customer_by_external_id(work, shop.workspace_id, "tills:kestrel", "7")
        assert found is not None
        return record, found.id

    made.record, made.customer = await hub.hub.db.write(start)
    return made


async def test_S7_a_customers_orders_are_shown_as_the_shop_has_them(desk: Desk) -> None:
    found = await desk.agent.get(f"/console/api/customers/{desk.customer}/orders")
    (order,) = found["items"]
    assert (order["number"], order["record"], order["store"]) == (
        "#1001",
        desk.record,
        "The kestrel",
    )
    assert order["lines"][0]["refundable"] == 1
    assert found["problem"] == ""
    assert (await desk.agent.get(f"/console/api/orders/{desk.record}"))["total"]["minor"] == 8640


async def test_S7_a_shop_that_fails_is_a_sentence_and_no_error(desk: Desk) -> None:
    for trouble in (Unavailable("The till is asleep."), Refused("The key is refused.")):
        desk.world.before.append(trouble)
        found = await desk.agent.get(f"/console/api/customers/{desk.customer}/orders")
        assert (found["items"], found["problem"]) == ([], trouble.message)
    answer = await desk.agent.request("GET", "/console/api/customers/cus_nowhere/orders")
    assert answer.status_code == 404
    assert (await desk.agent.request("GET", "/console/api/orders/rec_nowhere")).status_code == 404


async def test_S10_an_agents_refund_is_previewed_asked_for_and_approved(desk: Desk) -> None:
    path = f"/console/api/orders/{desk.record}/preview"
    seen = (await desk.agent.request("POST", path, {"lines": {"l1": 1}})).json()
    assert (seen["amount"]["text"], seen["needs_approval"]) == ("52.00", True)
    assert "ines" in seen["approvers"] and "ruben" not in seen["approvers"]
    async with desk.owner.socket() as console:
        asked = await desk.act(by=desk.agent, amount=seen["amount"])
        assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
        told = await console.hear("ActionChanged")
    assert told["action"]["id"] == "action-01"
    waiting = await desk.owner.get(f"{ACTIONS}?state=waiting")
    assert [one["by"]["name"] for one in waiting["items"]] == ["ruben"]
    assert desk.world.refunds == {}
    answer = await desk.agent.request("POST", f"{ACTIONS}/action-01/approve")
    assert answer.status_code == 403
    done = (await desk.owner.request("POST", f"{ACTIONS}/action-01/approve")).json()
    assert (done["state"], done["decision"]["by"]) == ("done", "ines")
    assert desk.world.refunds == {"action-01": 5200}
    listed = await desk.agent.get(f"{ACTIONS}?record={desk.record}")
    assert [one["state"] for one in listed["items"]] == ["done"]


async def test_S10_an_admin_acts_directly_and_twice_is_once(desk: Desk) -> None:
    for _ in range(2):
        answer = await desk.act()
        assert (answer.status_code, answer.json()["state"]) == (201, "done")
    assert list(desk.world.refunds) == ["action-01"]
    other = await desk.act(lines={"l1": 2})
    assert (other.status_code, other.json()["error"]["code"]) == (409, "id_reused")


async def test_S10_a_declined_cancellation_never_reaches_the_shop(desk: Desk) -> None:
    asked = await desk.act(by=desk.agent, kind="cancel", amount=None)
    assert asked.json()["detail"] == "An admin confirms every cancellation."
    answer = await desk.owner.request("POST", f"{ACTIONS}/action-01/decline", {"reason": "Sent."})
    assert (answer.json()["state"], answer.json()["decision"]["reason"]) == ("declined", "Sent.")
    assert desk.world.cancelled == {}


@pytest.mark.parametrize(
    ("more", "status", "field"),
    [
        ({"amount": {"minor": 1, "currency": "EUR"}}, 409, "amount"),
        ({"amount": None}, 422, "amount"),
        ({"amount": {"minor": -5, "currency": "EUR"}}, 422, "amount"),
        ({"lines": {}}, 422, "lines"),
        ({"lines": {"l1": -1}}, 422, "lines.*"),
        ({"kind": "destroy"}, 422, "kind"),
        ({"id": "x"}, 422, "id"),
        ({"record": "rec_nowhere"}, 404, None),
    ],
)
async def test_S10_what_makes_no_sense_is_refused_and_nothing_happens(
    desk: Desk, more: dict[str, Any], status: int, field: str | None
) -> None:
    answer = await desk.act(**more)
    error = answer.json()["error"]
    assert (answer.status_code, error.get("field")) == (status, field), answer.text
    assert desk.world.refunds == {}


async def test_T2_another_workspaces_order_is_not_there(desk: Desk, hub: RunningHub) -> None:
    await desk.act(by=desk.agent)
    foreign = await (await hub.shop("Northfold")).agent()
    assert (await desk.act("action-02", by=foreign)).status_code == 404
    for path, body in (
        (f"/console/api/orders/{desk.record}/preview", {"lines": {"l1": 1}}),
        (f"{ACTIONS}/action-01/approve", None),
        (f"{ACTIONS}/action-01/decline", {}),
    ):
        assert (await foreign.request("POST", path, body)).status_code == 404
    for path in (
        f"/console/api/orders/{desk.record}",
        f"/console/api/customers/{desk.customer}/orders",
    ):
        assert (await foreign.request("GET", path)).status_code == 404
    assert (await foreign.get(ACTIONS))["items"] == []
    assert desk.world.refunds == {}
