"""Step-up: a visitor proves an e-mail address by a code sent to it, and sees its orders only.

A code has six digits and lives for ten minutes and three tries. An address gets three an hour,
whoever asks, and the answer is the same whether a shop knows the address or not.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from unicodedata import normalize

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, delete, func, select, true, update
from sqlmodel import Field, SQLModel

from core.access import Assurance, Principal
from core.agents import to_email
from core.crypto import Vault
from core.customers import Customer, Facts
from core.db import Work, table_of
from core.errors import Conflict, Invalid, TooMany
from core.identity import tell_identified
from core.ids import new_id
from core.visitors import Claims, Visitor, visitor
from core.workspaces import Workspace

LIFE = 10 * 60_000  # milliseconds
TRIES = 3
SENDS = 3  # to one address within WINDOW
SENDS_BY_VISITOR = 5  # to any address
SENDS_OF_WORKSPACE = 300  # by all its visitors: a hub is no tool for flooding mailboxes
WINDOW = 3_600_000
CUSTOMERS = 20  # that may share one address
# In ASCII, and nothing in which a mail server reads several addresses, a comment or a route: an
# address has one spelling, which its three codes an hour are counted by.
_ADDRESS = re.compile(
    r"[a-z0-9#$&'*+/=?^_`{|}~-]+(?:\.[a-z0-9#$&'*+/=?^_`{|}~-]+)*@[a-z0-9-]+(?:\.[a-z0-9-]+)+"
)


class EmailCode(SQLModel, table=True):
    """A code on its way to an address; only a keyed hash of it is kept."""

    __tablename__ = "email_codes"
    __table_args__ = (
        ForeignKeyConstraint(
            ["workspace_id", "visitor_id"], ["visitors.workspace_id", "visitors.id"]
        ),
        Index("email_codes_of_address", "workspace_id", "address", "created_at"),
        Index("email_codes_of_visitor", "workspace_id", "visitor_id", "created_at"),
        Index("email_codes_by_age", "created_at"),
    )

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    id: str = Field(primary_key=True)
    visitor_id: str
    address: str
    code_hash: str
    tries: int = 0
    created_at: int = Field(sa_type=BigInteger)
    over: bool = False  # used, or another one was sent since


_codes = table_of(EmailCode)
_customers = table_of(Customer)
_workspaces = table_of(Workspace)


def start(work: Work, vault: Vault, asker: Principal, address: str) -> tuple[str, str]:
    """A new code for the address, and the address as it is written to; older codes are dead.

    Invalid for what is no address, TooMany when it has had three within the hour, Conflict where
    this browser has proven another one.
    """
    address = to_email(address)
    if not _ADDRESS.fullmatch(address):
        raise Invalid("This is not an e-mail address.", field="email")
    if visitor(work, asker.workspace_id, asker.id).proven_email not in ("", address):
        # What was told to one address stays in this conversation: it is not for another's eyes.
        raise Conflict(
            "This chat belongs to another address. Sign out first.", code="other_address"
        )
    trim(work)
    _wait_in_line(work, asker.workspace_id)
    _check_sends(work, asker, address)
    own = (_codes.c.workspace_id == asker.workspace_id) & (_codes.c.visitor_id == asker.id)
    work.execute(update(_codes).where(own).values(over=True))
    code = f"{secrets.randbelow(1_000_000):06d}"
    work.add(
        EmailCode(
            workspace_id=asker.workspace_id,
            id=new_id("emc"),
            visitor_id=asker.id,
            address=address,
            code_hash=_hash(vault, asker.id, address, code),
            created_at=work.now,
        )
    )
    return code, address


def trim(work: Work) -> int:
    """Forget the codes that are counted no more; how many."""
    return work.execute(delete(_codes).where(_codes.c.created_at <= work.now - WINDOW)).rowcount


def _wait_in_line(work: Work, workspace_id: str) -> None:
    """Lock the workspace's row, so that those who ask at the same moment count one another."""
    query = select(_workspaces.c.id).where(_workspaces.c.id == workspace_id)
    work.execute(query.with_for_update(key_share=True))


def _check_sends(work: Work, asker: Principal, address: str) -> None:
    for condition, most in (
        (_codes.c.address == address, SENDS),
        (_codes.c.visitor_id == asker.id, SENDS_BY_VISITOR),
        (true(), SENDS_OF_WORKSPACE),
    ):
        query = select(func.count(), func.min(_codes.c.created_at)).where(
            _codes.c.workspace_id == asker.workspace_id, condition
        )
        sent, first = work.execute(query).one()
        if sent >= most:
            raise TooMany(
                "Too many codes were sent. Try again later, or ask for a person.",
                retry_after=max(1, (first + WINDOW - work.now) // 1000),
            )


def check(work: Work, vault: Vault, asker: Principal, code: str) -> Visitor | Invalid:
    """The visitor with the address as their proven one; Invalid for a wrong code.

    Invalid is returned, not raised, so that the try is counted. Conflict `code_over` when there is
    no code (any more): ask for a new one.
    """
    row = work.session.scalars(
        select(EmailCode)
        .where(
            _codes.c.workspace_id == asker.workspace_id,
            _codes.c.visitor_id == asker.id,
            _codes.c.over.is_(False),
            _codes.c.created_at > work.now - LIFE,
            _codes.c.tries < TRIES,
        )
        .order_by(_codes.c.created_at.desc())
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise Conflict("This code is over. Ask for a new one.", code="code_over")
    row.tries += 1
    work.add(row)
    if not hmac.compare_digest(_hash(vault, asker.id, row.address, code), row.code_hash):
        left = TRIES - row.tries
        return Invalid(
            f"This is not the code. {left} more {'try' if left == 1 else 'tries'}."
            if left
            else "This is not the code. Ask for a new one.",
            field="code",
            code="wrong_code",
        )
    row.over = True
    return _prove(work, asker, row.address)


def _prove(work: Work, asker: Principal, address: str) -> Visitor:
    person = visitor(work, asker.workspace_id, asker.id)
    person.proven_email = address
    person.assurance = max(person.assurance, Assurance.EMAIL)
    person.claim(Claims(email=address))
    work.add(person)
    tell_identified(work, person)
    return person


def proven_customers(work: Work, person: Visitor) -> tuple[str, ...]:
    """The customers a visitor has proven to be: the signed one, else those with their address.

    The address of a customer counts only as its source has said it, never as a browser did.
    """
    if person.assurance >= Assurance.HMAC and person.customer_id is not None:
        return (person.customer_id,)
    if person.assurance < Assurance.EMAIL or not person.proven_email:
        return ()
    query = (
        select(_customers.c.id, _customers.c.profile)
        .where(
            _customers.c.workspace_id == person.workspace_id,
            _customers.c.email_key == person.proven_email.casefold(),
        )
        .order_by(_customers.c.id)
        .limit(CUSTOMERS)
    )
    found = work.execute(query).all()
    proven = _composed(person.proven_email)
    return tuple(row.id for row in found if address_of(row.profile) == proven)


def address_of(profile: Facts) -> str:
    """A profile's address as a proven one is written; searches compare it more loosely, and ß
    and ss are two domains."""
    return _composed(str(profile["email"]["value"])) if "email" in profile else ""


def _composed(address: str) -> str:
    return normalize("NFC", address.strip()).lower()


def masked(address: str) -> str:
    """`a•••r@posteo.example`: enough to recognise one's own address."""
    name, _, host = address.partition("@")
    return f"{name[0]}•••{name[-1] if len(name) > 1 else ''}@{host}"


def _hash(vault: Vault, visitor_id: str, address: str, code: str) -> str:
    """Bound to the browser and the address: no code works for anybody else."""
    bound = "\n".join((visitor_id, address, code.strip())).encode()
    return hmac.new(vault.subkey("email code"), bound, hashlib.sha256).hexdigest()
