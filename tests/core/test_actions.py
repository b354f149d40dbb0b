"""S10, A9: a shop refunds and cancels once, what was previewed, with approval, and it is noted."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from core import actions
from core.access import Principal
from core.action_runs import JOBS
from core.actions import Wanted, act, approve, preview
from core.audit import AuditEntry, audit_entries, operator
from core.connections import disconnect
from core.customers import customer_by_external_id
from core.db import Database, Work, table_of
from core.discount_policy import save_policy
from core.errors import Conflict, HubError, Invalid, NotFound, Refused, Unavailable
from core.events import ActionChanged, Event
from core.jobs import JobRun
from core.order_actions import OrderAction, actions_of
from core.orders import order, orders_of
from core.services import Services
from core.views import ActionView
from tests.people import hire, open_shop
from tests.tills import Tills, World, connect_till, keep_order, services_for

pytestmark = pytest.mark.anyio
RUN, TEND = (job.run for job in JOBS)


class Desk:
    """A workspace with a till, an order, an owner and an agent."""

    def __init__(self, services: Services, tills: Tills, owner: Principal) -> None:
        self.services = services
        self.db = services.db
        self.world: World = tills.world
        self.owner = owner
        self.agent = owner
        self.record = self.connection = ""

    async def open(self) -> Desk:
        def start(work: Work) -> tuple[Principal, str, str]:
            by = operator(self.owner.workspace_id)
            agent = hire(work, by, "ruben@kestrel.example")
            connection = connect_till(work, self.services.vault, self.owner)
            return agent, connection, keep_order(work, self.owner.workspace_id)

        self.agent, self.connection, self.record = await self.db.write(start)
        return self

    async def limit(self, minor: int) -> None:
        values = {"currency": "EUR", "refund_limit": minor}
        await self.db.write(save_policy, self.owner, values)

    def wanted(self, id_: str = "action-01", **more: Any) -> Wanted:
        said = {"kind": "refund", "lines": {"l1": 1}, "amount": (5200, "EUR"), **more}
        if said["kind"] == "cancel":
            said |= {"lines": {}, "amount": None}
        return Wanted(id=id_, record=said.pop("record", self.record), **said)

    async def act(self, id_: str = "action-01", **more: Any) -> ActionView:
        by = more.pop("by", self.owner)
        return await act(self.services, by, self.wanted(id_, **more))

    async def go_on(self, id_: str = "action-01") -> None:
        await RUN(self.services, self.owner.workspace_id, id_)

    async def now(self) -> ActionView:
        (found,), _ = await self.db.read(actions_of, self.owner.workspace_id)
        return found

    async def audited(self) -> list[AuditEntry]:
        entries = await self.db.read(audit_entries, self.owner.workspace_id)
        return [one for one in reversed(entries) if one.action.startswith("order.")]

    async def later(self, ms: int) -> None:
        table = table_of(OrderAction)
        moved = {name: table.c[name] - ms for name in ("updated_at", "locked_until")}
        await self.db.write(lambda work: work.execute(update(table).values(moved)))

    @property
    def done(self) -> list[str]:
        """What the till was asked to change."""
        return [name for name in self.world.asked if name in ("refund", "cancel")]


@pytest.fixture
async def desk(db: Database) -> Desk:
    tills = Tills()
    return await Desk(services_for(db, tills), tills, await db.write(open_shop)).open()


async def refused(doing: Any) -> HubError:
    with pytest.raises(HubError) as caught:
        await doing
    return caught.value


# Acting ----------------------------------------------------------------------------------


async def test_S10_an_admins_refund_is_done_noted_and_read_again(
    desk: Desk, heard: list[Event]
) -> None:
    view = await desk.act(reason="Arrived late")
    assert (view.state, view.detail, view.order) == ("done", "Refunded.", "Order #1001")
    assert view.amount is not None and view.amount.text == "52.00"
    assert desk.world.refunds == {"action-01": 5200}
    assert desk.world.asked == ["order", "preview", "refund", "reread", "order"]
    states = [one.action.state for one in heard if isinstance(one, ActionChanged)]
    assert states == ["running", "done"]
    asked, refund = await desk.audited()
    assert [asked.action, refund.action] == ["order.refund_asked", "order.refunded"]
    assert (refund.target, refund.actor_id) == (desk.record, desk.owner.id)
    assert (refund.before["payment"], refund.after["payment"]) == ("paid", "refunded")
    assert (refund.before["refunded"], refund.after["refunded"]) == ("0.00", "52.00")


async def test_S10_asking_twice_refunds_once(desk: Desk) -> None:
    first = await desk.act()
    assert (await desk.act()).id == first.id
    await asyncio.gather(*(desk.act() for _ in range(5)))
    assert desk.done == ["refund"]


async def test_S10_ten_at_once_with_one_id_refund_once(desk: Desk) -> None:
    desk.world.pause = 0.05
    outcomes = await asyncio.gather(*(desk.act() for _ in range(10)), return_exceptions=True)
    assert all(isinstance(one, ActionView) for one in outcomes), outcomes
    assert desk.done == ["refund"]


async def test_S10_an_id_used_for_another_action_is_a_conflict(desk: Desk) -> None:
    await desk.act()
    for more in ({"lines": {"l1": 2}}, {"kind": "cancel"}, {"by": desk.agent}):
        problem = await refused(desk.act(**more))
        assert (problem.status, problem.code) == (409, "id_reused")


async def test_S10_only_what_was_previewed_is_given_back(desk: Desk) -> None:
    for amount in ((5201, "EUR"), (5200, "USD")):
        problem = await refused(desk.act(amount=amount))
        assert (problem.status, problem.code) == (409, "amount_changed")
    assert desk.done == []


@pytest.mark.parametrize(
    ("wish", "field"),
    [({"amount": None}, "amount"), ({"amount": (0, "EUR")}, "amount"), ({"lines": {}}, "lines"),
     ({"lines": {"l1": 0}}, "lines")],
)  # fmt: skip
async def test_S10_a_refund_of_nothing_names_the_field(
    desk: Desk, wish: dict[str, Any], field: str
) -> None:
    problem = await refused(desk.act(**wish))
    assert isinstance(problem, Invalid) and problem.field == field


async def test_S10_a_cancellation_says_what_it_gave_back(desk: Desk) -> None:
    view = await desk.act(kind="cancel")
    assert (view.state, view.detail) == ("done", "Cancelled.")
    assert view.amount is not None and view.amount.text == "52.00"
    assert [one.action for one in await desk.audited()] == ["order.cancel_asked", "order.cancelled"]


async def test_S10_a_cancellation_the_shop_is_still_at_goes_on(desk: Desk) -> None:
    desk.world.pending = 2
    view = await desk.act(kind="cancel")
    assert (view.state, view.detail) == ("running", "The shop is at it.")
    with pytest.raises(Unavailable):
        await desk.go_on()
    await desk.go_on()
    assert (await desk.now()).state == "done"
    assert desk.world.cancelled == {"action-01": 3}


# Approval --------------------------------------------------------------------------------


async def test_A9_a_plain_agents_refund_waits_for_an_admin(desk: Desk) -> None:
    view = await desk.act(by=desk.agent)
    assert (view.state, view.detail) == ("waiting", "An admin confirms every refund.")
    assert desk.done == []
    approved = await approve(desk.services, desk.owner, "action-01")
    assert approved.state == "done"
    assert approved.decision is not None and approved.decision.by == desk.owner.name
    assert (await approve(desk.services, desk.owner, "action-01")).state == "done"
    assert desk.done == ["refund"]
    done = (await desk.audited())[-1]
    assert (done.actor_id, done.after["approved_by"]) == (desk.agent.id, desk.owner.name)


async def test_A9_the_limit_lets_agents_refund_small_sums_and_never_cancel(desk: Desk) -> None:
    await desk.limit(5200)
    assert (await desk.act("action-01", by=desk.agent)).state == "done"
    await desk.limit(5199)
    view = await desk.act("action-02", by=desk.agent)
    assert (view.state, view.detail) == ("waiting", "Above the limit of 51.99 EUR.")
    view = await desk.act("action-03", by=desk.agent, kind="cancel")
    assert (view.state, view.detail) == ("waiting", "An admin confirms every cancellation.")


async def test_A9_a_refund_in_parts_waits_where_the_whole_would(desk: Desk) -> None:
    await desk.limit(6000)
    offers = (desk.act(f"action-0{n}", by=desk.agent) for n in range(4))
    states = sorted([view.state for view in await asyncio.gather(*offers)])
    assert states == ["done", "waiting", "waiting", "waiting"]
    assert desk.done == ["refund"]
    assert (await preview(desk.services, desk.agent, desk.wanted(""))).needs_approval


async def test_A9_what_was_declined_never_happens(desk: Desk) -> None:
    await desk.act(by=desk.agent)
    view = await desk.db.write(actions.decline, desk.owner, "action-01", "Not yet sent back.")
    assert (view.state, view.decision and view.decision.reason) == (
        "declined",
        "Not yet sent back.",
    )
    assert (await refused(approve(desk.services, desk.owner, "action-01"))).code == "not_waiting"
    await desk.go_on()
    assert desk.done == []


async def test_S10_a_price_that_moved_before_the_approval_fails_it(desk: Desk) -> None:
    await desk.act(by=desk.agent)
    desk.world.price = 4000
    view = await approve(desk.services, desk.owner, "action-01")
    assert (view.state, view.detail) == ("failed", "The shop computes another amount.")
    assert desk.world.refunds == {}


async def test_S10_a_preview_says_who_has_to_agree(desk: Desk) -> None:
    await desk.limit(5000)
    wanted = desk.wanted("")
    seen = await preview(desk.services, desk.agent, wanted)
    assert (seen.preview.amount.minor, seen.needs_approval) == (5200, True)
    assert seen.limit is not None and seen.limit.text == "50.00"
    assert seen.approvers == [desk.owner.name]
    assert not (await preview(desk.services, desk.owner, wanted)).needs_approval
    assert desk.done == []


# A shop that fails -----------------------------------------------------------------------


@pytest.mark.parametrize("error", [Unavailable("No answer."), TimeoutError(), RuntimeError("?")])
async def test_S10_an_answer_that_was_lost_is_found_under_the_same_key(
    desk: Desk, error: Exception
) -> None:
    desk.world.after.append(error)  # the till gave the money back, and we did not hear
    assert (await desk.act()).state == "running"
    desk.world.price = 0  # what it computes from now on
    await desk.go_on()
    assert (await desk.now()).state == "done"
    assert (desk.done, desk.world.refunds) == (["refund", "refund"], {"action-01": 5200})


async def test_S10_a_crash_in_the_middle_is_made_up_for(desk: Desk) -> None:
    """The process dies between the shop's deed and our note of it."""
    desk.world.after.append(asyncio.CancelledError())  # type: ignore[arg-type]
    with pytest.raises(asyncio.CancelledError):
        await desk.act()
    assert (await desk.now()).state == "running"
    with pytest.raises(Unavailable):  # its turn is not over: somebody may still be at it
        await desk.go_on()
    assert desk.done == ["refund"]
    await desk.later(120_000)
    await desk.go_on()
    assert (await desk.now()).state == "done"
    assert desk.world.refunds == {"action-01": 5200}


async def test_S10_what_every_job_forgot_is_looked_after_all_the_same(desk: Desk) -> None:
    jobs = table_of(JobRun)
    desk.world.after.append(Unavailable("No answer."))
    await desk.act()
    await desk.db.write(lambda work: work.execute(delete(jobs)))
    await desk.later(120_000)
    await TEND(desk.services)
    (run,) = await desk.db.read(lambda work: work.execute(select(jobs)).all())
    assert (run.name, run.args) == ("hub.act_on_order", {"action": "action-01"})


async def test_S10_what_the_shop_refuses_ends_with_its_words(desk: Desk) -> None:
    await desk.act(by=desk.agent)
    desk.world.before.append(Refused("The permission write_orders is missing."))
    view = await approve(desk.services, desk.owner, "action-01")
    assert (view.state, view.detail) == ("failed", "The permission write_orders is missing.")
    await desk.go_on()
    assert desk.done == ["refund"]


# Whose it is -----------------------------------------------------------------------------


async def test_T2_another_workspaces_order_and_action_are_not_there(desk: Desk) -> None:
    await desk.act(by=desk.agent)
    foreign = await desk.db.write(open_shop, "Northfold", "ida@northfold.example")
    for attempt in (
        desk.act(by=foreign),
        approve(desk.services, foreign, "action-01"),
        desk.db.write(actions.decline, foreign, "action-01", ""),
        preview(desk.services, foreign, desk.wanted()),
        order(desk.services, foreign.workspace_id, desk.record),
    ):
        assert isinstance(await refused(attempt), NotFound)
    assert desk.done == []


async def test_S10_a_shop_that_is_not_connected_says_so(desk: Desk) -> None:
    await desk.act(by=desk.agent)
    await desk.db.write(disconnect, desk.owner, desk.connection)
    assert isinstance(await refused(desk.act("action-02")), Conflict)
    view = await approve(desk.services, desk.owner, "action-01")
    assert (view.state, view.detail) == ("failed", "The kestrel is not connected any more.")


async def test_S7_a_customers_orders_are_read_live_and_only_theirs(desk: Desk) -> None:
    workspace = desk.owner.workspace_id

    def whose(work: Work) -> str:
        found = customer_by_external_id(work, workspace, "tills:kestrel", "7")
        assert found is not None
        return found.id

    customer = await desk.db.read(whose)
    found = await orders_of(desk.services, workspace, customer)
    assert [(one.reference, one.record, one.store) for one in found.items] == [
        ("1001", desk.record, "The kestrel")
    ]
    desk.world.before.append(Unavailable("The till is asleep."))
    found = await orders_of(desk.services, workspace, customer)
    assert (found.items, found.problem) == ([], "The till is asleep.")
