"""A platform that exists only in tests: a till that makes codes, refunds and cancels."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, SecretStr

from core.access import Principal
from core.connections import connect
from core.connector import (
    CancelWish,
    Connection,
    ConnectionDraft,
    Connector,
    DiscountTerms,
    Done,
    IssuedCode,
    Manifest,
    RefundPreview,
    RefundWish,
)
from core.crypto import Vault
from core.customers import CustomerDraft, save_customer
from core.db import Database, Work
from core.discount_policy import Verdict
from core.errors import Conflict, NotFound, Refused
from core.hookspecs import hookimpl
from core.ids import moment
from core.messages import Draft, say
from core.money import to_money
from core.plugin import Plugin
from core.records import RecordBatch, RecordDraft, save_records
from core.services import Services
from core.views import Money, OrderDetails, OrderLine
from core.visitors import start_visitor, to_principal

AT = moment(1_790_000_000_000)


def eur(minor: int) -> Money:
    return to_money(minor, "EUR")


@dataclass
class World:
    """What the till holds and how it behaves; a test changes it."""

    codes: dict[str, DiscountTerms] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)  # what was called, in order
    before: list[Exception] = field(default_factory=list)  # raised instead of doing it
    after: list[Exception] = field(default_factory=list)  # raised once it is done
    blind: list[Exception] = field(default_factory=list)  # raised when a code is looked up
    price: int = 5200
    refunds: dict[str, int] = field(default_factory=dict)  # by key
    cancelled: dict[str, int] = field(default_factory=dict)  # by key: how often it was asked
    pending: int = 0  # answers that say "still at it"
    verdicts: list[Any] = field(default_factory=list)  # what the guard answers, or raises
    pause: float = 0.0

    async def do(self, name: str) -> None:
        self.asked.append(name)
        await asyncio.sleep(self.pause)
        if self.before:
            raise self.before.pop(0)

    def done(self) -> None:
        if self.after:
            raise self.after.pop(0)


class TillSettings(BaseModel):
    token: SecretStr


class Tills(Connector):
    manifest = Manifest("tills", "Tills", "1.0", "A till.", provides=frozenset({"discounts"}))
    settings = TillSettings

    def __init__(self) -> None:
        self.world = World()

    async def issue(
        self, services: Services, connection: Connection, terms: DiscountTerms
    ) -> IssuedCode:
        await self.world.do("issue")
        known = self.world.codes.setdefault(terms.code, terms)
        if known != terms:
            raise Conflict("There is such a code.", code="code_taken")
        self.world.done()
        return self._issued(terms.code)

    async def find_code(
        self, services: Services, connection: Connection, code: str
    ) -> IssuedCode | None:
        self.world.asked.append("find")
        if self.world.blind:
            raise self.world.blind.pop(0)
        return self._issued(code) if code in self.world.codes else None

    async def revoke_code(
        self, services: Services, connection: Connection, issued: IssuedCode
    ) -> None:
        await self.world.do("revoke")
        self.world.codes.pop(issued.code, None)

    def _issued(self, code: str) -> IssuedCode:
        return IssuedCode(code, f"ref-{code}", f"https://till.example/discount/{code}")

    async def preview_refund(
        self, services: Services, connection: Connection, wish: RefundWish
    ) -> RefundPreview:
        await self.world.do("preview")
        price = self.world.price
        return RefundPreview(eur(price), eur(0), eur(price))

    async def refund(
        self,
        services: Services,
        connection: Connection,
        wish: RefundWish,
        amount: Money,
        key: str,
    ) -> Done:
        await self.world.do("refund")
        if key not in self.world.refunds:
            if amount.minor != self.world.price:
                raise Conflict("The shop computes another amount.", code="amount_changed")
            self.world.refunds[key] = amount.minor
        self.world.done()
        return Done("Refunded.", amount)

    async def cancel(
        self, services: Services, connection: Connection, wish: CancelWish, key: str
    ) -> Done:
        await self.world.do("cancel")
        self.world.cancelled[key] = self.world.cancelled.get(key, 0) + 1
        self.world.done()
        if self.world.pending:
            self.world.pending -= 1
            return Done("The shop is at it.", pending=True)
        return Done("Cancelled.", eur(self.world.price))

    async def orders_of(
        self, services: Services, connection: Connection, external_id: str, limit: int
    ) -> list[OrderDetails]:
        await self.world.do("orders")
        return [self._order("1001", external_id), self._order("1002", "another's")]

    async def order(
        self, services: Services, connection: Connection, reference: str
    ) -> OrderDetails:
        await self.world.do("order")
        if reference != "1001":
            raise NotFound("There is no such order.")
        return self._order(reference, "7")

    async def reread_order(
        self, services: Services, connection: Connection, reference: str
    ) -> None:
        self.world.asked.append("reread")

    def _order(self, reference: str, customer: str) -> OrderDetails:
        given = sum(self.world.refunds.values())
        return OrderDetails(
            reference=reference,
            number=f"#{reference}",
            payment="refunded" if given else "paid",
            payment_tone="positive",
            fulfilment="unfulfilled",
            fulfilment_tone="warning",
            total=eur(8640),
            refunded=eur(given),
            lines=(OrderLine(id="l1", title="Bowl", quantity=1, refundable=1, total=eur(5200)),),
            placed_at=AT,
            updated_at=AT,
            actions=("refund", "cancel"),
            customer=customer,
        )


class Hooks:
    """The plugin around it, with a guard whose answer a test gives."""

    def __init__(self) -> None:
        self.tills = Tills()

    @hookimpl
    def register_connectors(self) -> list[Connector]:
        return [self.tills]

    @hookimpl
    async def discount_policy(self, wish: Any) -> Verdict | None:
        answer = self.tills.world.verdicts.pop(0) if self.tills.world.verdicts else None
        if isinstance(answer, Exception):
            raise answer
        found: Verdict | None = answer
        return found


plugin = Plugin(name="tills", version="1.0", hooks=Hooks)


# A shop with a till ----------------------------------------------------------------------


def services_for(db: Database, tills: Tills) -> Services:
    """What core's functions need, with one connector and a guard of its world."""

    async def guards(hook: str, **arguments: Any) -> list[Any]:
        answers = list(tills.world.verdicts)
        for answer in answers:
            if isinstance(answer, Exception):
                raise Refused("The plugin tills could not decide.", code="guard_failed")
        return answers

    return Services(
        db=db,
        vault=Vault("k" * 40),
        public_url="https://hub.example",
        rate_limits=False,
        signal=lambda workspace, payload: None,
        on_signal=lambda listener: None,
        subscribe=lambda listener: None,
        connectors={"tills": tills},
        guards=guards,
    )


def connect_till(
    work: Work, vault: Vault, by: Principal, name: str = "kestrel", **details: Any
) -> str:
    """A connected till; the id of its connection."""
    settings = TillSettings(token=SecretStr("till-s3cret"))
    known: Mapping[str, Any] = {"currency": "EUR", **details}
    draft = ConnectionDraft(name, f"The {name}", name, settings, known)
    return connect(work, vault, by, "tills", draft).id


def start_talk(
    work: Work, by: Principal, talk: str, external_id: str | None = None, source: str = ""
) -> Principal:
    """A visitor who has said hello; with `external_id`, proven to be that customer."""
    visitor = to_principal(start_visitor(work, by.workspace_id)[0])
    if external_id is not None:
        customer, _ = save_customer(
            work,
            by.workspace_id,
            source or "tills:kestrel",
            CustomerDraft(external_id, {"name": "Amara Okafor", "email": "amara@posteo.example"}),
        )
        visitor = proven(visitor, customer.id)
    (said,) = say(work, [Draft(visitor, talk, f"hello-{talk}", "Hello!")])
    assert not isinstance(said, Exception), said
    return visitor


def proven(visitor: Principal, customer_id: str) -> Principal:
    from dataclasses import replace

    from core.access import Assurance

    return replace(visitor, customer_id=customer_id, assurance=Assurance.HMAC)


def keep_order(work: Work, workspace_id: str, external_id: str = "7") -> str:
    """The record of order 1001; its id."""
    draft = RecordDraft("order", "1001", title="Order #1001", amount=8640, currency="EUR")
    batch = RecordBatch(workspace_id, "tills:kestrel", external_id, [draft])
    ((saved,),) = save_records(work, [batch])
    return saved.id
