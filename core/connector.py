"""Connector: what a plugin that speaks for one platform declares and can do.

A connector is a class with a manifest, returned by the hook `register_connectors`. What every
connector has is in `Connector`; what only some can do is a protocol of its own (`Connects`,
`Backfills`, `ShowsOrders`, …) that the hub looks for, so nothing has to be stubbed out::

    class TeaShop(Connector):
        manifest = Manifest("teashop", "Tea Shop", "1.0.0", "Orders and teas from Tea Shop.")
        settings = TeaShopSettings  # what a connection needs: an address, a key

        def setup_steps(self, hub):
            return [SetupStep("Create a key", "In Tea Shop, open Settings → API.")]

        async def check(self, services, connection):
            return Check(ok=True, detail="Tea Shop answers.")
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, runtime_checkable

from pydantic import BaseModel

from core.access import Principal
from core.plugin import NoSettings
from core.views import Money, OrderDetails

if TYPE_CHECKING:
    from core.services import Services

Level = Literal["connected", "attention", "degraded", "failed"]


@dataclass(frozen=True, slots=True)
class Manifest:
    """How a connector introduces itself on Settings → Integrations."""

    name: str  # the first half of its rows' `source`, as in `teashop:kettle`; never changes
    title: str
    version: str
    summary: str  # one sentence for a merchant
    # Any of customers, records, products, discounts, actions: what the merchant gets from it.
    provides: frozenset[str] = frozenset()
    documentation: str = ""  # an address, or a path below the hub's own
    permissions: tuple[tuple[str, str], ...] = ()  # what is allowed: ("Customers", "read")
    check_every: timedelta = timedelta(minutes=15)  # how often changes are looked for


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One thing a merchant does to connect, in the order they do it."""

    title: str
    text: str
    snippet: str = ""  # something to copy
    link: str = ""  # where in the console, or at the vendor's, it is done


@dataclass(frozen=True, slots=True)
class SetupField:
    """One thing a merchant types to connect, and `hub connect --set name=value` takes."""

    name: str
    label: str
    help: str = ""
    placeholder: str = ""
    secret: bool = False
    required: bool = True


@dataclass(frozen=True, slots=True)
class Connection:
    """One shop of one workspace, connected, as a connector gets it; never kept for long."""

    workspace_id: str
    id: str
    connector: str  # its manifest's name
    shop: str  # the vendor's name for the shop, such as its host; unique on the whole hub
    title: str  # as people call the shop
    source: str  # what its rows carry: the connector's name, ":", and the shop's short name
    generation: int  # counts approvals: what was begun under an older one must stop
    settings: BaseModel  # the connector's own model; secrets opened
    details: Mapping[str, Any] = field(default_factory=dict)  # known of the shop; no secrets
    cursors: Mapping[str, str] = field(default_factory=dict)  # by kind of sync


@dataclass(frozen=True, slots=True)
class ConnectionDraft:
    """A shop that has been proven to be the asker's, about to be stored."""

    shop: str
    title: str
    short_name: str  # the shop's part of `source`: lower-case letters, digits, "-" and "."
    settings: BaseModel
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Approval:
    """Where the merchant approves; the connector's own route takes them back."""

    url: str


_LEVELS: dict[str, Level] = {
    "missing_permission": "attention",
    "protected_data": "attention",  # names and addresses are hidden from the app
    "unreachable": "degraded",
    "webhooks_off": "degraded",
}


@dataclass(frozen=True, slots=True)
class Check:
    """Whether a connection works; `detail` says in plain words what is wrong and what to do."""

    ok: bool
    detail: str = ""
    # For programs, where `ok` is false: "refused" (the key), "unreachable" (the shop),
    # "missing_permission", "webhooks_off", or one of the connector's own.
    code: str = ""
    link: str = ""  # where it is mended

    @property
    def level(self) -> Level:
        """How bad it is."""
        return "connected" if self.ok else _LEVELS.get(self.code, "failed")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sync is, counted from where this call of it began.

    Everything up to `cursor` is saved: from there it goes on after a restart, and from the last
    one the next sync of its kind begins ("": from the beginning).
    """

    done: int  # items read
    total: int | None = None
    cursor: str = ""
    changed: int = 0  # of them new or different here
    drift: int = 0  # of these, changes that a webhook should have told
    fixed: int = 0  # of the drift, how much is mended
    problem: Check | None = None  # something to tell the merchant although the sync goes on


class Connector:
    """What speaks for one platform."""

    manifest: Manifest  # the class's; an operator's settings may tune an object's
    settings: ClassVar[type[BaseModel]] = NoSettings

    def setup_steps(self, hub: str) -> Sequence[SetupStep]:
        """What a merchant does to connect; `hub` is this hub's public address."""
        return ()

    async def check(self, services: Services, connection: Connection) -> Check:
        """Whether the connection works. Called on demand and now and then; seconds at most."""
        return Check(ok=True)


@runtime_checkable
class Connects(Protocol):
    """It has connections: a merchant connects their shops to it."""

    fields: Sequence[SetupField]

    async def connect(
        self, services: Services, principal: Principal, values: Mapping[str, str]
    ) -> ConnectionDraft | Approval:
        """Prove the shop by what was typed, or say where it is approved.

        Invalid names the field that is wrong; Refused and Unavailable say in plain words what
        the shop answered. With all the secrets a shop needs there is no approval.
        """
        ...


@runtime_checkable
class Disconnects(Protocol):
    """It has something to take back when a merchant disconnects a shop."""

    async def disconnect(self, services: Services, connection: Connection) -> None:
        """Take webhooks and keys back at the shop; what fails there stops nothing here."""
        ...


@runtime_checkable
class Backfills(Protocol):
    """It can fetch everything a shop has."""

    def backfill(
        self, services: Services, connection: Connection, cursor: str
    ) -> AsyncIterator[Progress]:
        """Save everything from `cursor` on ("": from the beginning), page by page."""
        ...


@runtime_checkable
class Reconciles(Protocol):
    """It can find and mend what webhooks have missed, a few minutes' changes at a time."""

    def reconcile(
        self, services: Services, connection: Connection, cursor: str
    ) -> AsyncIterator[Progress]:
        """Save what changed since `cursor`.

        After a backfill the cursor is the time it began, in milliseconds since 1970.
        """
        ...


@runtime_checkable
class Sweeps(Protocol):
    """It can compare everything, every night: what is gone there goes here, too."""

    def sweep(self, services: Services, connection: Connection) -> AsyncIterator[Progress]:
        """Compare all, and mend what differs."""
        ...


@runtime_checkable
class HearsWebhooks(Protocol):
    """Its platform calls the hub when something changes.

    The route is the connector's own: it finds the connection, asks `is_genuine`, stores the body
    in `services.inbox`, and answers. The handler it gave to the inbox opens the connection again
    and calls `handle`; docs/plugins.md shows both.
    """

    def is_genuine(self, connection: Connection, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the signature over the raw bytes is the platform's; one that is missing is not.

        Names of headers are in lower case, as a route gets them.
        """
        ...

    async def handle(
        self, services: Services, connection: Connection, topic: str, body: bytes
    ) -> None:
        """Save what a stored webhook says. It may come twice, late, and out of order."""
        ...


@runtime_checkable
class ShowsOrders(Protocol):
    """It reads orders as they are now. Answers may be up to a minute old."""

    async def orders_of(
        self, services: Services, connection: Connection, external_id: str, limit: int
    ) -> list[OrderDetails]:
        """A customer's newest orders, by the shop's id of the customer."""
        ...

    async def order(
        self, services: Services, connection: Connection, reference: str
    ) -> OrderDetails:
        """One order by the reference its record carries; NotFound if the shop has none."""
        ...


@dataclass(frozen=True, slots=True)
class RefundWish:
    """What an agent wants to give back of an order."""

    reference: str  # the order's
    lines: Mapping[str, int] = field(default_factory=dict)  # line id → quantity; empty: none
    shipping: bool = False
    restock: bool = False
    notify: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CancelWish:
    """An order that is not to be sent."""

    reference: str
    refund: bool = True  # give the money back in the way it was paid
    restock: bool = True
    notify: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RefundPreview:
    """What a refund would come to, as the shop computes it; nothing has happened."""

    amount: Money
    shipping: Money
    maximum: Money  # what is left to give back, and what cancelling the order would


@dataclass(frozen=True, slots=True)
class Done:
    """What the shop did; `pending` while it is still at it."""

    detail: str  # one sentence for the agent
    amount: Money | None = None
    pending: bool = False


@runtime_checkable
class ActsOnOrders(Protocol):
    """It cancels and refunds. `key` is the hub's name for the deed: the same key acts once."""

    async def preview_refund(
        self, services: Services, connection: Connection, wish: RefundWish
    ) -> RefundPreview:
        """What the refund would be; Refused if the shop would not."""
        ...

    async def refund(
        self,
        services: Services,
        connection: Connection,
        wish: RefundWish,
        amount: Money,
        key: str,
    ) -> Done:
        """Give back exactly `amount`, or Conflict if the shop computes another by now."""
        ...

    async def cancel(
        self, services: Services, connection: Connection, wish: CancelWish, key: str
    ) -> Done:
        """Cancel the order; an order that is cancelled already is done."""
        ...


@runtime_checkable
class RereadsOrders(Protocol):
    """It saves an order's record anew when the hub has had something done to it."""

    async def reread_order(
        self, services: Services, connection: Connection, reference: str
    ) -> None:
        """Read the order past any cache and save its record."""
        ...


@dataclass(frozen=True, slots=True)
class DiscountTerms:
    """The code a shop is asked to accept: within policy, decided, and reserved in the ledger."""

    code: str  # made by the hub from the discount's id; another if the shop has it already
    title: str
    percent: str = ""  # exact, such as "12.5"; or
    amount: Money | None = None
    minimum: Money | None = None  # smallest order it holds for
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    customer: str = ""  # the shop's id of the one who may use it; "": whoever has the code
    email: str = ""  # the same, for shops that go by address


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A code as the shop knows it."""

    code: str
    reference: str  # the shop's id of it, for revoking
    url: str = ""  # a link that applies it


@runtime_checkable
class IssuesDiscounts(Protocol):
    """It makes single-use discount codes."""

    async def issue(
        self, services: Services, connection: Connection, terms: DiscountTerms
    ) -> IssuedCode:
        """Make the code. Conflict `code_taken` if it exists with other terms; asking again with
        the same terms gives the same code. Unavailable when nobody knows whether it was made."""
        ...

    async def find_code(
        self, services: Services, connection: Connection, code: str
    ) -> IssuedCode | None:
        """The code, if the shop has it: asked after a time-out, before trying again."""
        ...

    async def revoke_code(
        self, services: Services, connection: Connection, issued: IssuedCode
    ) -> None:
        """Make the code worthless; one that is gone already is done."""
        ...
