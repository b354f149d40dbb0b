"""Opens the demo's workspace: all that happened in the invented shop, each thing at its own time.

Everything goes through the functions that production uses; only the clock is told which moment
it is. It is one transaction: the shop is there with its whole past, or not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from operator import itemgetter
from typing import Any, TypeVar

from core import visitors
from core.access import SCOPES, Principal, Role
from core.agents import account_by_email, add_agent, agent_by_email, create_account, memberships
from core.api_keys import create_key, principal_by_key
from core.assistants import save_assistant
from core.audit import operator
from core.conversations import assign, mark_read, set_status
from core.crypto import Place, Vault, hash_token
from core.customers import OWN_SOURCE, CustomerDraft, save_customer
from core.db import Work
from core.errors import HubError
from core.identity import Identity, open_session
from core.identity_secrets import create_secret, sign_user_id, valid_secrets
from core.ids import moment, to_ms
from core.messages import Draft, say
from core.money import to_minor
from core.products import ProductBatch, ProductDraft, save_products
from core.records import RecordBatch, RecordDraft, save_records
from core.sessions import make_link
from core.widgets import create_widget, default_widget, update_widget
from core.workspaces import Workspace, create_workspace, workspace
from hub.demo import data
from hub.demo.help import open_help

MARK = "demo"  # in the settings of the demo's own workspace
NO_PASSWORD = "none"  # noqa: S105 (no password has this hash: agents sign in by link)
EVENING_BEFORE = timedelta(days=1)  # the hub was set up a day before anything happened

T = TypeVar("T")
Said = list[tuple[int, data.Line]]  # the lines of a talk, by their number in it


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo's workspace as its page shows it."""

    workspace_id: str
    app_id: str
    amara: dict[str, str]  # what the shop passes to `identify` when she is signed in


def find_demo(work: Work, vault: Vault) -> Demo | None:
    """The demo, if this database has one."""
    found = _find(work)
    if found is None:
        return None
    secret = valid_secrets(work, vault, found.id)[0]
    amara = {
        "user_id": data.AMARA.external_id,
        "user_hash": sign_user_id(secret, data.AMARA.external_id),
        "name": data.AMARA.name,
        "email": data.AMARA.email,
    }
    return Demo(found.id, found.app_id, amara)


def has_demo(work: Work) -> bool:
    """Whether this database has a demo."""
    return _find(work) is not None


def _find(work: Work) -> Workspace | None:
    account = account_by_email(work, data.AGENTS[0].email)
    for agent in memberships(work, account.id) if account else ():
        found = workspace(work, agent.workspace_id)
        if MARK in found.settings:
            return found
    return None


def open_demo(work: Work, vault: Vault, origin: str) -> None:
    """Make the demo's workspace, once; later its addresses follow the hub's."""
    found = _find(work)
    if found is None:
        _Opening(work, vault, origin).run()
        return
    open_help(work, operator(found.id))  # a demo of before had no help centre
    if found.settings[MARK]["origin"] != origin:
        _move(work, found, origin)


def sign_in_link(work: Work, workspace_id: str) -> str:
    """A fresh one-time token that signs the shop's owner in."""
    owner = agent_by_email(work, workspace_id, data.AGENTS[0].email)
    return make_link(work, workspace_id, owner.agent.id)


def shown_key(work: Work, vault: Vault, workspace_id: str) -> str:
    """The text of the demo's API key: the same at every start, so that a copied command goes on
    working; a new one after it was revoked or rotated away.

    Keys are otherwise kept as hashes only. This one opens an invented shop, and is sealed.
    """
    row = workspace(work, workspace_id)
    place = Place(workspace_id, "workspaces", "settings", workspace_id)
    sealed = row.settings[MARK].get("key")
    text = vault.open(sealed, place) if sealed else ""
    if principal_by_key(work, hash_token(text)) is None:
        text = create_key(work, operator(workspace_id), "The shop’s server", SCOPES).text
        _note(work, row, key=vault.seal(text, place))
    return text


def _note(work: Work, row: Workspace, **values: str) -> None:
    row.settings = {**row.settings, MARK: {**row.settings.get(MARK, {}), **values}}
    work.add(row)


class _Opening:
    """The shop's past on its way into the tables: planned first, then lived through in order."""

    workspace_id: str
    secret: str  # its Identity secret

    def __init__(self, work: Work, vault: Vault, origin: str) -> None:
        self.work = work
        self.vault = vault
        self.origin = origin
        self.today = moment(work.now)
        self.plan: list[tuple[datetime, Callable[[], object]]] = []
        self.agents: dict[str, Principal] = {}  # by the key the talks call them
        self.visitors: dict[str, Principal] = {}  # by customer, or by talk
        self.products: dict[str, str] = {}  # our ids by the shop's

    def run(self) -> None:
        for update in data.updates(self.today, self.origin):
            self._at(update.at, partial(self._record, update.body))
        for talk in data.TALKS:
            self._plan_talk(talk)
        first = min(at for at, _ in self.plan) - EVENING_BEFORE
        self._at(first, self._set_up)
        for place, product in enumerate(reversed(data.PRODUCTS)):  # the first is the newest
            self._at(first + timedelta(minutes=place), partial(self._sell, product))
        self._live_through()
        open_help(self.work, self.agents[data.AGENTS[0].key])
        save_assistant(self.work, operator(self.workspace_id), {"on": True})

    def _at(self, at: datetime, happen: Callable[[], object]) -> None:
        self.plan.append((at, happen))

    def _live_through(self) -> None:
        present = self.work.now
        for at, happen in sorted(self.plan, key=itemgetter(0)):
            self.work.now = to_ms(at)
            happen()
        self.work.now = present

    # The shop and its server ------------------------------------------------------------------

    def _set_up(self) -> None:
        shop = create_workspace(self.work, data.WORKSPACE.name)
        self.workspace_id = shop.id
        _note(self.work, shop, origin=self.origin)
        looks = data.WORKSPACE.appearance(self.origin)
        create_widget(self.work, shop.id, looks, is_default=True)
        self.secret = create_secret(self.work, self.vault, shop.id)
        for agent in data.AGENTS:
            self._hire(agent)
        for customer in data.CUSTOMERS:
            draft = to_customer(customer.body(self.origin))
            save_customer(self.work, shop.id, OWN_SOURCE, draft)

    def _hire(self, agent: data.Agent) -> None:
        role = Role[agent.role.upper()]
        account = account_by_email(self.work, agent.email)
        account = account or create_account(self.work, agent.email, agent.name, NO_PASSWORD)
        member = add_agent(self.work, operator(self.workspace_id), account, role)
        self.agents[agent.key] = Principal(
            "agent",
            workspace_id=self.workspace_id,
            id=member.agent.id,
            name=agent.name,
            role=role,
        )

    def _sell(self, product: data.Product) -> None:
        draft = to_product(product.body(self.origin))
        batch = ProductBatch(self.workspace_id, OWN_SOURCE, [draft])
        ((saved,),) = save_products(self.work, [batch])
        self.products[product.external_id] = _unless_refused(saved).id

    def _record(self, body: dict[str, Any]) -> None:
        drafts = [to_record(record).checked(self.work.now) for record in body["records"]]
        batch = RecordBatch(self.workspace_id, OWN_SOURCE, body["external_id"], drafts)
        save_records(self.work, [batch])

    # What was said ----------------------------------------------------------------------------

    def _plan_talk(self, talk: data.Talk) -> None:
        said: Said = []
        for line in talk.lines:
            self._at(self.today - line.ago, partial(self._say, talk, line, said))
        left = self.today - talk.lines[-1].ago
        self._at(left, partial(self._leave_as_it_stands, talk, said))

    def _say(self, talk: data.Talk, line: data.Line, said: Said) -> None:
        draft = Draft(
            author=self.agents[line.agent] if line.agent else self._visitor(talk),
            conversation_id=f"demo-{talk.key}",
            id=f"demo-{talk.key}-{len(said)}",
            text=line.text,
            kind=line.kind,
            product_ids=tuple(self.products[product] for product in line.products),
        )
        (outcome,) = say(self.work, [draft])
        said.append((_unless_refused(outcome).seq, line))

    def _visitor(self, talk: data.Talk) -> Principal:
        """Who writes in this talk, from the browser that somebody proven always uses."""
        key = talk.customer or talk.key
        if key not in self.visitors:
            identity = self._identity(talk)
            session = open_session(self.work, self.vault, self.workspace_id, identity, talk.locale)
            row = visitors.visitor(self.work, self.workspace_id, session.visitor)
            self.visitors[key] = visitors.to_principal(row)
        return self.visitors[key]

    def _identity(self, talk: data.Talk) -> Identity | None:
        """What the shop's page passed to `identify`."""
        if talk.customer is None:
            if talk.assurance == "anonymous":
                return None
            return Identity(name=talk.name, email=talk.email)
        customer = next(one for one in data.CUSTOMERS if one.external_id == talk.customer)
        user_hash = sign_user_id(self.secret, customer.external_id)
        return Identity(
            user_id=customer.external_id,
            user_hash=user_hash,
            name=customer.name,
            email=customer.email,
        )

    def _leave_as_it_stands(self, talk: data.Talk, said: Said) -> None:
        conversation, visitor = f"demo-{talk.key}", self._visitor(talk)
        agent = self.agents[talk.assignee or data.AGENTS[0].key]
        assignee = self.agents[talk.assignee].id if talk.assignee else None
        theirs = [seq for seq, line in said if line.agent is None]
        ours = [seq for seq, line in said if line.agent and line.kind == "text"]
        mark_read(self.work, agent, conversation, _read_up_to(theirs, talk.unread))
        mark_read(self.work, visitor, conversation, _read_up_to(ours, talk.unseen))
        assign(self.work, agent, conversation, assignee)
        set_status(self.work, agent, conversation, talk.status)
        if talk.page is not None:
            path, title = talk.page
            visitors.note_page(
                self.work, self.workspace_id, visitor.id, f"{data.SITE}{path}", title
            )


def _read_up_to(seqs: list[int], left: int) -> int:
    """The mark that leaves the last `left` of these messages unread."""
    return seqs[-left] - 1 if left else max(seqs, default=0)


def _unless_refused(outcome: T | HubError) -> T:
    if isinstance(outcome, HubError):
        raise outcome
    return outcome


def _move(work: Work, shop: Workspace, origin: str) -> None:
    """Bring the pictures and links to the hub's new address; nothing else changes."""
    for customer in data.CUSTOMERS:
        picture = to_customer(customer.body(origin)).profile.get("avatar_url")
        draft = CustomerDraft(customer.external_id, {"avatar_url": picture} if picture else {})
        save_customer(work, shop.id, OWN_SOURCE, draft)
    bodies = [product.body(origin) for product in data.PRODUCTS]
    products = [
        ProductDraft(body["external_id"], url=body["url"], image_url=body["image_url"])
        for body in bodies
    ]
    save_products(work, [ProductBatch(shop.id, OWN_SOURCE, products)])
    for record in data.RECORDS:
        body = record.body(record.steps[-1], moment(work.now), origin)
        if "url" in body:
            linked = RecordDraft(record.kind, record.reference, url=body["url"])
            save_records(work, [RecordBatch(shop.id, OWN_SOURCE, record.customer, [linked])])
    looks = data.WORKSPACE.appearance(origin)
    own = default_widget(work, shop.id)
    update_widget(work, shop.id, own.id, {"logo_url": looks["logo_url"]})
    _note(work, shop, origin=origin)


# The bodies of the Customer-Data API, in the core's words ---------------------------------------


def to_customer(body: dict[str, Any]) -> CustomerDraft:
    """What `POST /v1/chat/ingest/identify` says."""
    profile = {
        name: value for name, value in body.items() if name not in ("external_id", "attributes")
    }
    return CustomerDraft(body["external_id"], profile, body["attributes"])


def to_product(body: dict[str, Any]) -> ProductDraft:
    """One of the `products` of `POST /v1/chat/ingest/products`."""
    return ProductDraft(
        external_id=body["external_id"],
        title=body["title"],
        description=body["description"],
        price=to_minor(Decimal(str(body["price"])), body["currency"]),
        currency=body["currency"],
        url=body["url"],
        image_url=body["image_url"],
        available=body["available"],
    ).checked()


def to_record(body: dict[str, Any]) -> RecordDraft:
    """One of the `records` of `POST /v1/chat/ingest/records`."""
    currency = body.get("currency")
    return RecordDraft(
        kind=body["kind"],
        reference=body["reference"],
        title=body["title"],
        amount=to_minor(Decimal(str(body["amount"])), currency) if currency else None,
        currency=currency,
        status=body["status"],
        url=body.get("url"),
        occurred_at=to_ms(datetime.fromisoformat(body["occurred_at"])),
    )
