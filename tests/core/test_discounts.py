"""X1, X2, X3, A-2: codes are given inside the policy, once, and the ledger knows of each."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from core import discount_requests as requests
from core.access import Principal
from core.audit import assistant, audit_entries, operator
from core.customers import Customer
from core.db import Database, Work, open_database, table_of
from core.discount_codes import ALPHABET, code_of
from core.discount_issuing import JOBS
from core.discount_ledger import Discount, discounts_of, note_redeemed
from core.discount_policy import Verdict, policy_of, save_policy, stop
from core.discounts import Offered, approve, offer_discount, offer_for, revoke
from core.errors import Conflict, HubError, Invalid, NotFound, Refused, Unavailable
from core.events import DiscountChanged, Event
from core.jobs import JobRun
from core.messages import messages_of
from core.privacy import erase_customer
from core.services import Services
from core.views import DiscountCard, DiscountView, Message
from tests.people import hire, open_shop
from tests.tills import Tills, World, connect_till, eur, services_for, start_talk

pytestmark = pytest.mark.anyio
TALK = "talk-0001"
DAY = 86_400_000
ISSUE, TEND = (job.run for job in JOBS)


class Desk:
    """A workspace with a till, an owner, an agent and a customer who writes."""

    def __init__(self, services: Services, tills: Tills, owner: Principal) -> None:
        self.services = services
        self.db = services.db
        self.world: World = tills.world
        self.owner = owner
        self.agent = owner
        self.connection = ""

    async def open(self) -> Desk:
        def start(work: Work) -> tuple[Principal, str]:
            agent = hire(work, operator(self.owner.workspace_id), "ruben@kestrel.example")
            start_talk(work, self.owner, TALK, "7")
            return agent, connect_till(work, self.services.vault, self.owner)

        self.agent, self.connection = await self.db.write(start)
        return self

    async def policy(self, **values: Any) -> None:
        loose = {"highest_percent": 2500, "approval_percent": 1500, "currency": "EUR"}
        loose |= {"per_customer": 1000, "per_conversation": 1000, **values}
        await self.db.write(save_policy, self.owner, loose)

    async def offer(self, id_: str = "offer-001", percent: str | None = "10", **more: Any):
        by = more.pop("by", self.agent)
        asked = {"conversation": TALK, **more}
        size = Decimal(percent) if percent is not None else None
        return await offer_discount(self.services, by, Offered(id=id_, percent=size, **asked))

    async def talk(self, name: str, external_id: str | None = None, source: str = "") -> str:
        await self.db.write(start_talk, self.owner, name, external_id, source)
        return name

    async def row(self, id_: str = "offer-001") -> DiscountView:
        found, _ = await self.db.read(discounts_of, self.owner.workspace_id)
        return next(one for one in found if one.id == id_)

    async def said(self) -> list[Message]:
        page, _ = await self.db.read(messages_of, self.agent, TALK)
        return [message for message in page if message.cards]

    async def later(self, ms: int) -> None:
        """As if every discount were this much older."""
        table = table_of(Discount)
        moved = {name: table.c[name] - ms for name in ("updated_at", "expires_at")}
        await self.db.write(lambda work: work.execute(update(table).values(moved)))

    async def actions(self) -> list[str]:
        entries = await self.db.read(audit_entries, self.owner.workspace_id)
        return [one.action for one in reversed(entries) if one.action.startswith("discount")]


@pytest.fixture
async def desk(db: Database) -> Desk:
    tills = Tills()
    return await Desk(services_for(db, tills), tills, await db.write(open_shop)).open()


async def refused(offering: Any) -> HubError:
    with pytest.raises(HubError) as caught:
        await offering
    return caught.value


# Giving ----------------------------------------------------------------------------------


async def test_X1_a_code_is_made_told_and_bound_to_its_customer(
    desk: Desk, heard: list[Event]
) -> None:
    view = await desk.offer(reason="Parcel is late.")
    assert (view.state, view.title, view.percent) == ("issued", "10% off", "10")
    (terms,) = desk.world.codes.values()
    assert (terms.code, terms.percent, terms.customer) == (view.code, "10", "7")
    (message,) = await desk.said()
    assert message.text == f"10% off: {view.code}"
    assert message.author.name == desk.agent.name
    (card,) = message.cards
    assert isinstance(card, DiscountCard)
    assert (card.code, card.url, card.state) == (view.code, view.url, "issued")
    states = [one.discount.state for one in heard if isinstance(one, DiscountChanged)]
    assert states == ["reserved", "issued"]
    assert await desk.actions() == ["discount.reserved", "discount.issued"]


async def test_X3_asking_twice_gives_one_code_and_one_message(desk: Desk) -> None:
    first = await desk.offer()
    again = await desk.offer()
    assert (again.id, again.code) == (first.id, first.code)
    both = await asyncio.gather(*(desk.offer() for _ in range(5)))
    assert {one.code for one in both} == {first.code}
    assert desk.world.asked == ["issue"]
    assert len(await desk.said()) == 1


async def test_X3_an_id_used_for_other_terms_is_a_conflict(desk: Desk) -> None:
    await desk.offer()
    for more in ({"percent": "9"}, {"by": desk.owner}):
        problem = await refused(desk.offer(**more))
        assert (problem.status, problem.code) == (409, "id_reused")


async def test_X1_an_unproven_visitors_code_is_for_whoever_has_it(desk: Desk) -> None:
    await desk.offer(conversation=await desk.talk("talk-anon"))
    (terms,) = desk.world.codes.values()
    assert (terms.customer, terms.email) == ("", "")


async def test_S9_the_customers_own_shop_issues_else_the_agent_chooses(desk: Desk) -> None:
    await desk.policy()
    other = await desk.db.write(
        lambda work: connect_till(work, desk.services.vault, desk.owner, "northfold")
    )
    assert (await desk.offer()).connection == desk.connection
    talk = await desk.talk("talk-anon")
    problem = await refused(desk.offer("offer-002", conversation=talk))
    assert (problem.status, problem.field) == (422, "connection")
    view = await desk.offer("offer-002", conversation=talk, connection=other)
    assert (view.connection, view.store) == (other, "The northfold")
    problem = await refused(desk.offer("offer-003", connection=other))  # not the customer's
    assert problem.field == "connection"


async def test_a_code_the_shop_has_already_becomes_another(desk: Desk) -> None:
    from core.connector import DiscountTerms

    workspace = desk.owner.workspace_id
    first, second = (code_of(desk.services.vault, workspace, "offer-001", n) for n in (0, 1))
    desk.world.codes[first] = DiscountTerms(first, "Summer sale")
    view = await desk.offer()
    assert (view.state, view.code) == ("issued", second)


def test_a_code_is_unguessable_unambiguous_and_always_the_same() -> None:
    from core.crypto import Vault

    vault = Vault("k" * 40)
    code = code_of(vault, "wsp_1", "offer-001")
    assert code == code_of(vault, "wsp_1", "offer-001")
    assert code.startswith("CHAT-") and set(code[5:].replace("-", "")) <= set(ALPHABET)
    others = {
        code_of(Vault("j" * 40), "wsp_1", "offer-001"),
        code_of(vault, "wsp_2", "offer-001"),
        code_of(vault, "wsp_1", "offer-002"),
        code_of(vault, "wsp_1", "offer-001", 1),
    }
    assert len(others | {code}) == 5
    assert not set("01IO") & set(ALPHABET)


# The policy ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"percent": "25.01"}, "percent"),
        ({"percent": "101"}, "percent"),
        ({"percent": "-1"}, "percent"),
        ({"percent": "NaN"}, "percent"),
        ({"percent": "10.001"}, "percent"),
        ({"percent": None}, "percent"),
        ({"percent": "10", "amount": eur(100)}, "percent"),
        ({"percent": None, "amount": eur(5001)}, "amount"),
        ({"valid_days": 8}, "valid_days"),
        ({"valid_days": -1}, "valid_days"),
    ],
)
async def test_X2_nobody_passes_the_ceiling_not_even_an_owner(
    desk: Desk, wish: dict[str, Any], field: str
) -> None:
    await desk.policy(highest_amount=5000, approval_amount=2500)
    for by in (desk.agent, desk.owner):
        problem = await refused(desk.offer(**{"percent": "10", **wish, "by": by}))
        assert isinstance(problem, Invalid)
        assert problem.field == field
    assert desk.world.asked == []


async def test_X2_the_default_policy_lets_agents_give_ten_per_cent(desk: Desk) -> None:
    assert (await refused(desk.offer(percent="10.01"))).field == "percent"
    assert (await refused(desk.offer(percent=None, amount=eur(1)))).field == "amount"
    assert (await desk.offer()).state == "issued"


async def test_X2_each_conversation_and_each_customer_has_their_share(desk: Desk) -> None:
    await desk.policy(per_conversation=1, per_customer=2, per_customer_days=30)
    await desk.offer("offer-001")
    assert (await refused(desk.offer("offer-002"))).code == "share_given"
    second = await desk.talk("talk-0002", "7")
    third = await desk.talk("talk-0003", "7")
    await desk.offer("offer-002", conversation=second)
    assert (await refused(desk.offer("offer-003", conversation=third))).code == "share_given"
    stranger = await desk.talk("talk-0004", "8")
    assert (await desk.offer("offer-004", conversation=stranger)).state == "issued"


async def test_X2_a_stopped_policy_gives_nothing_to_anyone(desk: Desk) -> None:
    await desk.db.write(stop, desk.owner)
    for by in (desk.agent, desk.owner):
        assert (await refused(desk.offer(by=by))).code == "discounts_stopped"
    await desk.db.write(stop, desk.owner, False)
    assert (await desk.offer()).state == "issued"


async def test_X2_a_code_reserved_before_the_stop_is_not_issued_after_it(desk: Desk) -> None:
    desk.world.before.append(Unavailable("The till is busy."))
    assert (await desk.offer()).state == "reserved"
    await desk.db.write(stop, desk.owner)
    await ISSUE(desk.services, desk.owner.workspace_id, "offer-001")
    assert (await desk.row()).state == "failed"
    assert desk.world.codes == {}


async def test_X2_a_shop_of_another_currency_gets_no_amount_of_ours(desk: Desk) -> None:
    await desk.policy(highest_amount=5000, minimum=4000)

    def move(work: Work) -> str:
        return connect_till(work, desk.services.vault, desk.owner, "kestrel", currency="USD")

    await desk.db.write(move)
    for wish in ({"percent": None, "amount": eur(100)}, {}):
        assert (await refused(desk.offer(**wish))).code == "other_currency"


async def test_X2_the_smallest_order_travels_with_the_code(desk: Desk) -> None:
    await desk.policy(minimum=4000, highest_amount=5000)
    view = await desk.offer(percent=None, amount=eur(500), valid_days=3)
    (terms,) = desk.world.codes.values()
    assert (terms.amount, terms.minimum, terms.percent) == (eur(500), eur(4000), "")
    assert view.amount == eur(500)
    assert terms.starts_at is not None and terms.expires_at is not None
    assert (terms.expires_at - terms.starts_at).days == 3


# Approval --------------------------------------------------------------------------------


async def test_X2_above_the_threshold_an_admin_decides(desk: Desk) -> None:
    await desk.policy()
    view = await desk.offer(percent="20")
    assert (view.state, view.code, view.verdict) == (
        "waiting",
        "",
        "Above 15%, below the ceiling of 25%.",
    )
    assert desk.world.asked == []
    approved = await approve(desk.services, desk.owner, "offer-001")
    assert (approved.state, approved.approval and approved.approval.by) == (
        "issued",
        desk.owner.name,
    )
    again = await approve(desk.services, desk.owner, "offer-001")
    assert again.code == approved.code
    assert desk.world.asked == ["issue"]
    (message,) = await desk.said()
    assert message.author.id == desk.agent.id  # who promised it, not who approved it


async def test_X2_an_admin_needs_no_approval_below_the_ceiling(desk: Desk) -> None:
    await desk.policy()
    assert (await desk.offer(percent="25", by=desk.owner)).state == "issued"


async def test_X2_what_was_declined_stays_declined(desk: Desk) -> None:
    await desk.policy()
    await desk.offer(percent="20")
    view = await desk.db.write(requests.decline, desk.owner, "offer-001", "Too much.")
    assert (view.state, view.approval and view.approval.reason) == ("declined", "Too much.")
    assert (await refused(approve(desk.services, desk.owner, "offer-001"))).code == "not_waiting"
    assert desk.world.asked == []


async def test_X2_an_approver_cannot_pass_a_ceiling_that_came_down(desk: Desk) -> None:
    await desk.policy()
    await desk.offer(percent="20")
    await desk.policy(highest_percent=1800)
    assert (await refused(approve(desk.services, desk.owner, "offer-001"))).field == "percent"
    assert (await desk.row()).state == "waiting"


async def test_D_3_nobody_gets_a_code_that_was_for_a_customer_who_is_erased(desk: Desk) -> None:
    await desk.policy()
    assert (await desk.offer(percent="20")).state == "waiting"
    desk.world.before = [Unavailable("Slow.")]
    assert (await desk.offer("offer-002")).state == "reserved"
    workspace = desk.owner.workspace_id
    customer = table_of(Customer)
    (id_,) = await desk.db.read(lambda work: work.execute(select(customer.c.id)).scalars().all())
    await desk.db.write(erase_customer, workspace, id_)
    assert (await refused(approve(desk.services, desk.owner, "offer-001"))).code == "no_customer"
    await ISSUE(desk.services, workspace, "offer-002")
    assert (await desk.row("offer-002")).state == "failed"
    assert desk.world.codes == {}


async def test_X2_the_budget_is_asked_again_at_approval(desk: Desk) -> None:
    await desk.policy(codes_a_day=1)
    await desk.offer(percent="20")
    await desk.offer("offer-002")
    assert (await refused(approve(desk.services, desk.owner, "offer-001"))).code == "budget_spent"


async def test_T2_another_workspaces_discount_is_not_there(desk: Desk) -> None:
    await desk.policy()
    await desk.offer(percent="20")
    foreign = await desk.db.write(open_shop, "Northfold", "ida@northfold.example")
    for attempt in (
        approve(desk.services, foreign, "offer-001"),
        revoke(desk.services, foreign, "offer-001"),
        desk.db.write(requests.decline, foreign, "offer-001", ""),
        desk.offer("offer-002", by=foreign),
    ):
        assert isinstance(await refused(attempt), NotFound)


# Plugins' policies -----------------------------------------------------------------------


async def test_X2_of_all_verdicts_the_most_restrictive_holds(desk: Desk) -> None:
    await desk.policy()
    desk.world.verdicts = [Verdict("allow"), None, Verdict("approve", "We do not know them.")]
    view = await desk.offer()
    assert (view.state, view.verdict) == ("waiting", "We do not know them.")
    desk.world.verdicts.append(Verdict("refuse", "They were refunded twice."))
    problem = await refused(desk.offer("offer-002"))
    assert (problem.code, problem.message) == ("discount_refused", "They were refunded twice.")
    desk.world.verdicts = [Verdict("allow", max_percent=Decimal(9))]
    assert (await refused(desk.offer("offer-003"))).field == "percent"
    problem = await refused(approve(desk.services, desk.owner, "offer-001"))
    assert problem.field == "percent"  # also for those who approve


async def test_X2_a_plugin_that_cannot_decide_lets_nothing_pass(desk: Desk) -> None:
    for answer in (RuntimeError("boom"), "yes", True):
        desk.world.verdicts = [answer]
        assert isinstance(await refused(desk.offer()), Refused)
    assert desk.world.asked == []


# The assistant ---------------------------------------------------------------------------


async def test_A9_the_assistant_gives_codes_only_where_it_may(desk: Desk) -> None:
    itself = assistant(desk.owner.workspace_id)
    assert (await refused(desk.offer(by=itself))).status == 403
    await desk.policy(assistant=True)
    anonymous = await desk.talk("talk-anon")
    assert (await refused(desk.offer(by=itself, conversation=anonymous))).code == "not_verified"
    assert (await refused(desk.offer(by=itself, percent="26"))).field == "percent"
    assert (await desk.offer("offer-002", by=itself, percent="20")).state == "waiting"
    view = await desk.offer(by=itself)
    assert (view.state, view.by.kind) == ("issued", "assistant")
    (message,) = await desk.said()
    assert message.author.kind == "assistant"


# Budgets ---------------------------------------------------------------------------------


@pytest.mark.timeout(240)
async def test_A_2_two_hundred_at_once_on_a_budget_of_ten_give_exactly_ten(
    desk: Desk, database_url: str
) -> None:
    await desk.policy(codes_a_day=10, highest_amount=1000, value_a_day=100_000)
    other = open_database(database_url)
    await other.start()
    halves = [desk.services, services_for(other, Tills())]
    try:
        outcomes = await asyncio.gather(
            *(
                offer_discount(
                    halves[n % 2], desk.agent, Offered(f"offer-{n:03}", TALK, Decimal(10))
                )
                for n in range(200)
            ),
            return_exceptions=True,
        )
    finally:
        await other.stop()
    issued = [one for one in outcomes if isinstance(one, DiscountView)]
    spent = [one for one in outcomes if isinstance(one, Conflict) and one.code == "budget_spent"]
    assert (len(issued), len(spent)) == (10, 190)
    assert len({one.code for one in issued}) == 10
    found, _ = await desk.db.read(discounts_of, desk.owner.workspace_id)
    assert len(found) == 10


async def test_A_2_the_days_value_is_never_passed(desk: Desk) -> None:
    await desk.policy(highest_amount=1000, value_a_day=2500, codes_a_day=100)
    outcomes = await asyncio.gather(
        *(desk.offer(f"offer-{n:03}", None, amount=eur(700)) for n in range(20)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, DiscountView) for one in outcomes) == 3
    used = await desk.db.read(requests.spent, desk.owner.workspace_id)
    assert (used.codes, used.value) == (3, 2100)


async def test_X2_a_percentage_counts_as_the_highest_amount_until_its_order_is_known(
    desk: Desk,
) -> None:
    await desk.policy(highest_amount=1000, value_a_day=2500, codes_a_day=100)
    first = await desk.offer("offer-001")
    await desk.offer("offer-002")
    assert (await refused(desk.offer("offer-003"))).code == "budget_spent"
    workspace = desk.owner.workspace_id
    sold = (workspace, "tills:kestrel", first.code, "1001", 1, eur(120))
    assert await desk.db.write(note_redeemed, *sold)
    assert (await desk.db.read(requests.spent, workspace)).value == 1120
    assert (await desk.offer("offer-003")).state == "issued"


async def test_X2_the_budget_begins_anew_at_midnight(desk: Desk) -> None:
    await desk.policy(codes_a_day=1)
    await desk.offer()
    table = table_of(Discount)
    await desk.db.write(lambda work: work.execute(update(table).values(day=table.c.day - 1)))
    assert (await desk.offer("offer-002")).state == "issued"
    assert (await refused(desk.offer("offer-003"))).code == "budget_spent"


async def test_X2_a_day_without_codes_gives_none(desk: Desk) -> None:
    await desk.policy(codes_a_day=0)
    assert (await refused(desk.offer())).code == "budget_spent"


# A shop that fails -----------------------------------------------------------------------


async def test_X3_what_the_shop_refuses_gives_its_budget_back(desk: Desk) -> None:
    await desk.policy(codes_a_day=1)
    desk.world.before.append(Refused("Discounts are switched off in this till."))
    view = await desk.offer()
    assert (view.state, view.verdict) == ("failed", "Discounts are switched off in this till.")
    assert (await desk.db.read(requests.spent, desk.owner.workspace_id)).codes == 0
    assert (await desk.offer("offer-002")).state == "issued"


@pytest.mark.parametrize("error", [Unavailable("No answer."), TimeoutError(), RuntimeError("?")])
async def test_X3_nobody_knows_and_the_code_is_looked_up_before_it_is_made_again(
    desk: Desk, error: Exception
) -> None:
    await desk.policy(codes_a_day=1)
    desk.world.after.append(error)  # the till made it, and we did not hear
    view = await desk.offer()
    assert (view.state, view.code) == ("reserved", "")
    assert await desk.said() == []
    assert (await refused(desk.offer("offer-002"))).code == "budget_spent"
    await ISSUE(desk.services, desk.owner.workspace_id, "offer-001")
    assert desk.world.asked == ["issue", "find"]
    assert (await desk.row()).state == "issued"
    assert len(desk.world.codes) == 1 and len(await desk.said()) == 1


async def test_X3_a_code_that_was_not_made_is_made_after_all(desk: Desk) -> None:
    desk.world.before.append(Unavailable("No answer."))
    assert (await desk.offer()).state == "reserved"
    desk.world.blind.append(Unavailable("Still none."))
    with pytest.raises(Unavailable):  # so that the job comes again
        await ISSUE(desk.services, desk.owner.workspace_id, "offer-001")
    await ISSUE(desk.services, desk.owner.workspace_id, "offer-001")
    assert desk.world.asked == ["issue", "find", "find", "issue"]
    assert (await desk.row()).state == "issued"


async def test_X3_what_every_job_forgot_is_looked_after_all_the_same(desk: Desk) -> None:
    jobs = table_of(JobRun)
    desk.world.before.append(Unavailable("No answer."))
    await desk.offer()
    await desk.db.write(lambda work: work.execute(delete(jobs)))
    await TEND(desk.services)
    assert await desk.db.read(lambda work: work.execute(select(jobs.c.name)).all()) == []
    await desk.later(120_000)
    await TEND(desk.services)
    (run,) = await desk.db.read(lambda work: work.execute(select(jobs)).all())
    assert (run.name, run.args) == ("hub.issue_discount", {"discount": "offer-001"})


# What becomes of it ----------------------------------------------------------------------


async def test_X3_an_order_that_carries_the_code_redeems_it_whenever_it_comes(
    desk: Desk, heard: list[Event]
) -> None:
    workspace = desk.owner.workspace_id
    view = await desk.offer()
    sold = (workspace, "tills:kestrel", view.code.lower(), "1001", 17)
    assert await desk.db.write(note_redeemed, *sold)
    assert not await desk.db.write(note_redeemed, *sold)
    for stranger in (
        (workspace, "tills:northfold", view.code, "1001", 1),
        (workspace, "tills:kestrel", "SUMMER", "1001", 1),
        (workspace, "tills:kestrel", "", "1001", 1),
    ):
        assert not await desk.db.write(note_redeemed, *stranger)
    row = await desk.row()
    assert (row.state, row.order) == ("redeemed", "1001")
    (message,) = await desk.said()
    assert [card.state for card in message.cards if isinstance(card, DiscountCard)] == ["redeemed"]
    assert [one.discount.state for one in heard if isinstance(one, DiscountChanged)][-1] == (
        "redeemed"
    )


async def test_X3_an_order_faster_than_the_shops_answer_redeems_it_too(desk: Desk) -> None:
    desk.world.after.append(Unavailable("No answer."))
    await desk.offer()
    (code,) = desk.world.codes
    workspace = desk.owner.workspace_id
    assert await desk.db.write(note_redeemed, workspace, "tills:kestrel", code, "1001", 1)
    await ISSUE(desk.services, workspace, "offer-001")
    assert (await desk.row()).state == "redeemed"


async def test_X3_a_code_ends_with_its_time_and_a_late_order_is_believed(desk: Desk) -> None:
    view = await desk.offer()
    await TEND(desk.services)
    assert (await desk.row()).state == "issued"
    await desk.later(8 * DAY)
    await TEND(desk.services)
    assert (await desk.row()).state == "expired"
    sold = (desk.owner.workspace_id, "tills:kestrel", view.code, "1001", 1)
    assert await desk.db.write(note_redeemed, *sold)
    assert (await desk.row()).state == "redeemed"
    assert await desk.actions() == [
        "discount.reserved",
        "discount.issued",
        "discount.expired",
        "discount.redeemed",
    ]


async def test_X3_a_revoked_code_is_worthless_and_frees_its_budget(desk: Desk) -> None:
    await desk.policy(codes_a_day=1)
    await desk.offer()
    assert (await revoke(desk.services, desk.agent, "offer-001")).state == "revoked"
    assert desk.world.codes == {}
    assert (await revoke(desk.services, desk.agent, "offer-001")).state == "revoked"
    assert desk.world.asked == ["issue", "revoke"]
    assert (await desk.offer("offer-002")).state == "issued"


async def test_X3_a_used_code_cannot_be_revoked(desk: Desk) -> None:
    view = await desk.offer()
    sold = (desk.owner.workspace_id, "tills:kestrel", view.code, "1001", 1)
    await desk.db.write(note_redeemed, *sold)
    assert (await refused(revoke(desk.services, desk.agent, "offer-001"))).code == "not_issued"


async def test_an_offer_says_what_is_left_and_why_nothing_is(desk: Desk) -> None:
    await desk.policy(codes_a_day=1)

    async def look() -> Any:
        return await desk.db.read(offer_for, desk.services, desk.agent, TALK)

    seen = await look()
    assert ([one.id for one in seen.stores], seen.bound, seen.refused) == (
        [desk.connection],
        True,
        "",
    )
    await desk.offer()
    assert "All 1 codes of today" in (await look()).refused
    await desk.db.write(stop, desk.owner)
    assert (await look()).refused == "Discounts are stopped."


async def test_R6_who_changed_the_policy_is_in_the_audit_log(desk: Desk) -> None:
    await desk.policy(codes_a_day=3)
    entries = await desk.db.read(audit_entries, desk.owner.workspace_id)
    (entry,) = [one for one in entries if one.action == "discounts.policy_changed"]
    assert (entry.before["codes_a_day"], entry.after["codes_a_day"]) == (10, 3)
    assert entry.actor_name == desk.owner.name
    policy = await desk.db.read(policy_of, desk.owner.workspace_id)
    assert policy.codes_a_day == 3


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"highest_percent": 10_001}, "highest_percent"),
        ({"valid_days": 0}, "valid_days"),
        ({"codes_a_day": -1}, "codes_a_day"),
        ({"highest_amount": -1}, "highest_amount"),
        ({"highest_amount": 2**60}, "highest_amount"),
        ({"currency": "", "minimum": 100}, "currency"),
        ({"currency": "EURO"}, "currency"),
        ({"value_a_day": 100, "highest_amount": None}, "highest_amount"),
    ],
)
async def test_X2_a_policy_without_sense_is_refused_by_the_name_of_its_field(
    desk: Desk, values: dict[str, Any], field: str
) -> None:
    assert (await refused(desk.policy(**values))).field == field
