"""A shop with a catalog, a till and customers, and a stranger's shop full of canaries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from core.access import Assurance, Principal
from core.audit import operator
from core.customers import OWN_SOURCE, CustomerDraft, save_customer
from core.db import Database, Work
from core.discount_policy import save_policy
from core.products import ProductBatch, ProductDraft, save_products
from core.records import RecordBatch, RecordDraft, save_records
from core.services import Services
from core.tools import Result, Tool, Toolbox
from core.visitors import Visitor, visitor
from tests.people import open_shop
from tests.tills import Tills, connect_till, services_for, start_talk

CANARY = "canary"
AT = 1_790_000_000_000


@dataclass
class Shop:
    """One workspace with Amara in it, who is writing."""

    services: Services
    owner: Principal
    tills: Tills
    visitor: Principal
    customer: str
    talk: str

    @property
    def workspace_id(self) -> str:
        return self.owner.workspace_id

    def toolbox(self, *, turn: str = "turn-1", **more: Any) -> Toolbox:
        return Toolbox(
            self.services, self.workspace_id, self.talk, self.visitor.id, turn=turn, **more
        )

    async def use(self, name: str, **arguments: Any) -> Result:
        return await self.toolbox().use(name, arguments)

    async def note(self, kind: str, reference: str, **more: Any) -> str:
        """Keep a record of the shop's; its id."""
        keep = partial(note_record, **more)
        return await self.services.db.write(keep, self.workspace_id, kind, reference)

    async def become(self, assurance: Assurance, email: str = "") -> None:
        """Prove the visitor, as a signature or a code would."""

        def prove(work: Work) -> None:
            row: Visitor = visitor(work, self.workspace_id, self.visitor.id)
            row.assurance = int(assurance)
            row.customer_id = self.customer if assurance >= Assurance.HMAC else None
            row.proven_email = email
            work.add(row)

        await self.services.db.write(prove)


async def open_with_tools(db: Database, tools: Mapping[str, Tool], name: str = "Kestrel") -> Shop:
    """A shop with a till, a policy that lets the assistant give ten per cent, and one talk."""
    tills = Tills()
    services = services_for(db, tills)
    services.tools = dict(tools)

    def open_it(work: Work) -> tuple[Principal, Principal, str]:
        owner = open_shop(work, name, f"owner@{name.lower()}.example")
        connect_till(work, services.vault, owner, name.lower())
        talk = f"talk-of-{name.lower()}"
        amara = start_talk(work, owner, talk, "7", OWN_SOURCE)
        save_policy(work, owner, {"assistant": True, "approval_percent": 1_000})
        assert amara.customer_id is not None
        return owner, amara, amara.customer_id

    owner, amara, customer = await db.write(open_it)
    shop = Shop(services, owner, tills, amara, customer, f"talk-of-{name.lower()}")
    await shop.become(Assurance.HMAC)
    return shop


def sell(work: Work, workspace_id: str, *drafts: ProductDraft) -> list[str]:
    """Put these into the catalog; their ids."""
    ((*saved,),) = save_products(work, [ProductBatch(workspace_id, OWN_SOURCE, drafts)])
    return [one.id for one in saved]  # type: ignore[union-attr]


def jacket(name: str, price: int, **more: Any) -> ProductDraft:
    given = {"currency": "EUR", **more}
    return ProductDraft(name, title=name, price=price, **given)


def note_record(
    work: Work, workspace_id: str, kind: Any, reference: str, customer: str = "7", **more: Any
) -> str:
    """A record from the shop's own server; its id."""
    source = more.pop("source", OWN_SOURCE)
    given: dict[str, Any] = {"title": reference, "occurred_at": AT, **more}
    draft = RecordDraft(kind, reference, **given)
    ((saved,),) = save_records(work, [RecordBatch(workspace_id, source, customer, [draft])])
    return saved.id


def fill_with_canaries(work: Work, owner: Principal) -> None:
    """A stranger's rows, which answer to the same words."""
    sell(work, owner.workspace_id, jacket(f"{CANARY} red jacket", 5_000))
    draft = CustomerDraft("7", {"name": CANARY, "email": "amara@posteo.example"}, {"level": CANARY})
    save_customer(work, owner.workspace_id, OWN_SOURCE, draft)
    for kind in ("order", "deposit"):
        note_record(work, owner.workspace_id, kind, f"{CANARY}-1001", title=f"{CANARY} #1001")


def as_operator(shop: Shop) -> Principal:
    return operator(shop.workspace_id)
