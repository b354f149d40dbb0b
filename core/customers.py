"""Customers: whom a shop knows, what is known of them and who said so.

A customer belongs to one source. The same external id from two sources is two customers, and an
id such as `0` or `guest`, which shops send for everyone who is not signed in, is none at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, overload

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Index,
    UniqueConstraint,
    or_,
    select,
    tuple_,
)
from sqlmodel import Field, SQLModel

from core import views
from core.bulk import ByKeys
from core.db import Work, table_of
from core.drafts import short
from core.errors import Invalid, NotFound
from core.events import CustomerChanged
from core.ids import moment, new_id
from core.links import to_link
from core.views import AssuranceName, Fact

if TYPE_CHECKING:
    from core.visitors import Claims

OWN_SOURCE = "customer_data"  # of the Customer-Data API and of the user ids a shop signs
BROWSER = "browser"  # the source of claims
GUESTS = frozenset({"", "0", "-1", "null", "undefined", "guest", "anonymous"})
ID_LENGTH = 255
PROFILE = {  # fields and how long they may be
    "name": 255,
    "email": 320,
    "username": 255,
    "avatar_url": 2048,
    "phone": 64,
    "address": 1000,
}
ATTRIBUTES = 100
KEY_LENGTH = 64
VALUE_LENGTH = 2000
FOUND = 20  # customers on one page of a search

Facts = dict[str, dict[str, Any]]  # name of a field → {"value", "source", "at"}
Key = tuple[str, str, str]  # workspace, source, external id


class Customer(SQLModel, table=True):
    """Somebody a source knows by an id of its own."""

    __tablename__ = "customers"
    __table_args__ = (
        UniqueConstraint("workspace_id", "source", "external_id"),
        Index("customers_by_name", "workspace_id", "name_key", "id"),
        Index("customers_by_email", "workspace_id", "email_key"),
    )

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    id: str = Field(primary_key=True)
    source: str
    external_id: str
    name: str = ""  # the best we have, for lists and headings
    avatar_url: str = ""
    name_key: str = ""  # name and e-mail as a search compares them
    email_key: str = ""
    profile: Facts = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    attributes: Facts = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    created_at: int = Field(sa_type=BigInteger)
    updated_at: int = Field(sa_type=BigInteger)


@dataclass(frozen=True, slots=True)
class CustomerDraft:
    """What a source says of a customer: only what is named changes, None or "" removes."""

    external_id: str
    profile: dict[str, str | None] = field(default_factory=dict)
    attributes: dict[str, str | None] = field(default_factory=dict)
    updated_at: int | None = None  # by the source's clock: what it said later stays


_customers = table_of(Customer)
_NAME = (_customers.c.workspace_id, _customers.c.source, _customers.c.external_id)
_ids = ByKeys((*_NAME, _customers.c.id), _NAME)


def is_guest(external_id: str) -> bool:
    """Whether an id names nobody: shops send these for everyone who is not signed in."""
    return external_id.strip().lower() in GUESTS


def to_external_id(value: str | int) -> str:
    """A source's id as text, as it is stored and signed; it may still be a guest's."""
    return short(str(value), "external_id", ID_LENGTH)


def save_customer(
    work: Work, workspace_id: str, source: str, draft: CustomerDraft
) -> tuple[Customer, bool | None]:
    """Create or enrich a customer; the second value is True if created, False if changed.

    It is None when all of it was known already: then nobody hears of it either.
    """
    row, created = _ensure(work, (workspace_id, source, draft.external_id))
    said = _Said(source, draft.updated_at, work.now)
    profile = _merged(row.profile, _checked_profile(draft.profile), said)
    attributes = _merged(row.attributes, _checked_attributes(draft.attributes), said)
    if len(attributes) > ATTRIBUTES:
        raise Invalid(f"A customer has at most {ATTRIBUTES} attributes.", field="attributes")
    changed = _differ(profile, row.profile) or _differ(attributes, row.attributes)
    if (profile, attributes) != (row.profile, row.attributes):  # or only the source's clock
        row.profile, row.attributes = profile, attributes
        work.add(row)
    if changed:
        row.updated_at = work.now
        row.avatar_url = _value(profile, "avatar_url")
        row.name = _value(profile, "name") or _value(profile, "username")
        row.name = row.name or _value(profile, "email")
        row.name_key = _value(profile, "name").casefold()
        row.email_key = _value(profile, "email").casefold()
        work.add(row)
    if created or changed:
        work.announce(workspace_id, CustomerChanged(customer=row.id, name=row.name))
    return row, created or (False if changed else None)


def _checked_profile(given: dict[str, str | None]) -> dict[str, str]:
    known = {
        name: short(given[name] or "", name, length)
        for name, length in PROFILE.items()
        if name in given
    }
    if known.get("avatar_url"):
        known["avatar_url"] = to_link(known["avatar_url"], field="avatar_url")
    return known


def _checked_attributes(given: dict[str, str | None]) -> dict[str, str]:
    for key, value in given.items():
        where = f"attributes.{key[:KEY_LENGTH]}"
        if not key.strip() or len(key) > KEY_LENGTH:
            raise Invalid(
                f"An attribute's name has 1 to {KEY_LENGTH} characters: {where}.", field=where
            )
        if value is not None and len(value) > VALUE_LENGTH:
            raise Invalid(f"{where} is longer than {VALUE_LENGTH} characters.", field=where)
    return {key: value or "" for key, value in given.items()}


class _Said(NamedTuple):
    """Who says something, and when: by their own clock, if they have one."""

    source: str
    clock: int | None
    now: int

    def is_older(self, fact: dict[str, Any]) -> bool:
        """Whether the same source has said this fact later."""
        return self.clock is not None and fact["source"] == self.source and self.clock < fact["at"]


def _merged(known: Facts, given: dict[str, str], said: _Said) -> Facts:
    """The facts after `given`; one that says the same keeps who said it first, and when.

    Unless its source has a clock: then it keeps when that was last true.
    """
    merged = dict(known)
    for name, value in given.items():
        if name in known and said.is_older(known[name]):
            continue
        if not value:
            merged.pop(name, None)
        elif _value(known, name) != value:
            at = said.now if said.clock is None else said.clock
            merged[name] = {"value": value, "source": said.source, "at": at}
        elif said.clock is not None and known[name]["source"] == said.source:
            merged[name] = {**known[name], "at": said.clock}
    return merged


def _differ(facts: Facts, before: Facts) -> bool:
    return facts.keys() != before.keys() or any(
        facts[name]["value"] != before[name]["value"] for name in facts
    )


def _value(facts: Facts, name: str) -> str:
    return str(facts[name]["value"]) if name in facts else ""


# Finding them ----------------------------------------------------------------------------


@overload
def customer_by_external_id(
    work: Work, workspace_id: str, source: str, external_id: str, *, create: Literal[True]
) -> Customer: ...
@overload
def customer_by_external_id(
    work: Work, workspace_id: str, source: str, external_id: str, *, create: bool = False
) -> Customer | None: ...
def customer_by_external_id(
    work: Work, workspace_id: str, source: str, external_id: str, *, create: bool = False
) -> Customer | None:
    """The customer a source knows by this id; with `create`, a bare one if there is none yet."""
    if not create:
        return _find(work, (workspace_id, source, external_id.strip()))
    row, created = _ensure(work, (workspace_id, source, external_id.strip()))
    if created:
        work.announce(workspace_id, CustomerChanged(customer=row.id, name=row.name))
    return row


def customer_for(work: Work, workspace_id: str, customer_id: str) -> Customer:
    """The customer, or NotFound."""
    found = work.session.get(Customer, (workspace_id, customer_id))
    if found is None:
        raise NotFound("There is no such customer.")
    return found


def customer_ids(work: Work, wanted: Iterable[Key]) -> dict[Key, str]:
    """The ids of many customers by what their sources call them, bare ones made as needed.

    For hot paths: two statements for any number, one when all are known. Never for guests.
    """
    keys = sorted(set(wanted))
    known = _known_ids(work, keys)
    missing = [key for key in keys if key not in known]
    if not missing:
        return known
    fresh = [_bare(key, work.now) for key in missing]
    work.execute(work.insert(Customer).on_conflict_do_nothing(), fresh)
    known |= _known_ids(work, missing)
    for row in fresh:
        if known[row["workspace_id"], row["source"], row["external_id"]] == row["id"]:
            work.announce(row["workspace_id"], CustomerChanged(customer=row["id"], name=""))
    return known


def _known_ids(work: Work, keys: list[Key]) -> dict[Key, str]:
    found = _ids.rows(work.connection, keys)
    return {(row["workspace_id"], row["source"], row["external_id"]): row["id"] for row in found}


def _find(work: Work, key: Key, *, lock: bool = False) -> Customer | None:
    workspace_id, source, external_id = key
    query = select(Customer).where(
        _customers.c.workspace_id == workspace_id,
        _customers.c.source == source,
        _customers.c.external_id == external_id,
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return work.session.scalars(query).first()


def _ensure(work: Work, key: Key) -> tuple[Customer, bool]:
    if is_guest(key[2]):
        raise Invalid(
            f"external_id “{key[2]}” is what shops send for guests; it names no customer.",
            field="external_id",
        )
    if found := _find(work, key, lock=True):
        return found, False
    bare = _bare(key, work.now)
    work.execute(work.insert(Customer).on_conflict_do_nothing(), bare)
    row = _find(work, key, lock=True)
    assert row is not None  # ours, or that of somebody who was faster
    return row, row.id == bare["id"]


def _bare(key: Key, now: int) -> dict[str, Any]:
    workspace_id, source, external_id = key
    return {
        "workspace_id": workspace_id,
        "id": new_id("cus"),
        "source": source,
        "external_id": external_id,
        "name": "",
        "avatar_url": "",
        "name_key": "",
        "email_key": "",
        "profile": {},
        "attributes": {},
        "created_at": now,
        "updated_at": now,
    }


def search_customers(
    work: Work, workspace_id: str, words: str, *, after: str = "", limit: int = FOUND
) -> list[Customer]:
    """Customers whose name, or a word of it, or e-mail or id begins with `words`, by name.

    The next page begins `after` the id of the last one shown.
    """
    folded = words.strip().casefold()
    query = select(Customer).where(_customers.c.workspace_id == workspace_id)
    if folded:
        query = query.where(
            or_(
                _customers.c.name_key.startswith(folded, autoescape=True),
                _customers.c.name_key.contains(f" {folded}", autoescape=True),
                _customers.c.email_key.startswith(folded, autoescape=True),
                _customers.c.external_id == words.strip(),
            )
        )
    order = tuple_(_customers.c.name_key, _customers.c.id)
    if after:
        last = customer_for(work, workspace_id, after)
        query = query.where(order > tuple_(last.name_key, last.id))
    query = query.order_by(_customers.c.name_key, _customers.c.id).limit(limit)
    return list(work.session.scalars(query))


# Showing them ----------------------------------------------------------------------------


def to_view(
    customer: Customer | None,
    *,
    assurance: AssuranceName,
    claims: Claims | None = None,
    claimed_at: int = 0,
) -> views.Customer:
    """What an agent's panel shows: what servers pushed, and beside it what the browser claims.

    A claim is marked as unverified and never stands in for something a server has said.
    """
    profile, attributes = _claimed(claims, claimed_at)
    if customer is not None:
        profile |= _facts(customer.profile)
        attributes |= _facts(customer.attributes)
    pushed = customer.name if customer else ""
    claimed = claims.name or claims.email if claims else ""
    external_id = customer.external_id if customer else ""
    return views.Customer(
        id=customer.id if customer else None,
        external_id=external_id,
        source=customer.source if customer else BROWSER,
        name=pushed or claimed or external_id,
        assurance=assurance,
        verified=assurance in ("hmac", "token"),
        profile=profile,
        attributes=attributes,
        created_at=moment(customer.created_at) if customer else None,
    )


def _facts(facts: Facts) -> dict[str, Fact]:
    return {
        name: Fact(value=fact["value"], source=fact["source"], verified=True, at=moment(fact["at"]))
        for name, fact in facts.items()
    }


def _claimed(claims: Claims | None, at: int) -> tuple[dict[str, Fact], dict[str, Fact]]:
    if claims is None:
        return {}, {}
    said = {"name": claims.name, "email": claims.email}
    return _as_claims(said, at), _as_claims(claims.attributes, at)


def _as_claims(said: dict[str, str], at: int) -> dict[str, Fact]:
    return {
        name: Fact(value=value, source=BROWSER, verified=False, at=moment(at))
        for name, value in said.items()
        if value
    }
