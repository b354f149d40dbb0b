"""Agents: the people who answer, each a person's account joined to a workspace in a role."""

from __future__ import annotations

import re
from dataclasses import dataclass
from unicodedata import normalize

from sqlalchemy import BigInteger, Select, UniqueConstraint, select, update
from sqlmodel import Field, SQLModel

from core.access import ROLE_NAMES, Principal, Role
from core.audit import audit
from core.db import Work, table_of
from core.errors import Conflict, Invalid, NotFound
from core.events import AgentAccessChanged
from core.ids import new_id
from core.views import Person

EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,253}")


class Account(SQLModel, table=True):
    """A person, whatever the number of workspaces; `email` is kept in lower case."""

    __tablename__ = "accounts"

    id: str = Field(primary_key=True)
    email: str = Field(unique=True)
    name: str
    password_hash: str
    avatar_url: str = ""
    created_at: int = Field(sa_type=BigInteger)


class Agent(SQLModel, table=True):
    """A person's place in one workspace. A removed agent stays: their messages bear the name."""

    __tablename__ = "agents"
    __table_args__ = (UniqueConstraint("workspace_id", "account_id"),)

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    id: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="accounts.id", index=True)
    role: int  # a core.access.Role
    created_at: int = Field(sa_type=BigInteger)
    removed_at: int | None = Field(default=None, sa_type=BigInteger)


_accounts = table_of(Account)
_agents = table_of(Agent)


@dataclass(frozen=True, slots=True)
class Member:
    """An agent together with the person."""

    agent: Agent
    account: Account

    @property
    def role(self) -> Role:
        """What they may do in this workspace."""
        return Role(self.agent.role)

    def person(self) -> Person:
        """The agent as others see them."""
        return Person(id=self.agent.id, name=self.account.name, avatar_url=self.account.avatar_url)


def to_email(text: str) -> str:
    """An address as accounts keep it: trimmed, composed, in lower case."""
    email = normalize("NFC", text.strip()).lower()
    if not EMAIL.fullmatch(email):
        raise Invalid("This is not an e-mail address.", field="email")
    return email


def to_role(text: str) -> Role:
    """A role by its name."""
    try:
        return Role[text.upper()]
    except KeyError:
        known = ", ".join(ROLE_NAMES.values())
        raise Invalid(f"There is no such role; there are {known}.", field="role") from None


# Accounts ---------------------------------------------------------------------------------


def account_by_email(work: Work, email: str) -> Account | None:
    """The person with this address, however it is spelt in upper and lower case."""
    return work.session.scalars(select(Account).where(_accounts.c.email == to_email(email))).first()


def create_account(work: Work, email: str, name: str, password_hash: str) -> Account:
    """A new person, in no workspace yet."""
    if account_by_email(work, email):
        raise Conflict("There is already an account with this e-mail address.", field="email")
    return work.add(
        Account(
            id=new_id("acc"),
            email=to_email(email),
            name=name.strip() or to_email(email).partition("@")[0],
            password_hash=password_hash,
            created_at=work.now,
        )
    )


def renew_hash(work: Work, account_id: str, before: str, after: str) -> None:
    """Keep a stronger hash of the same password, unless it was changed meanwhile."""
    work.execute(
        update(_accounts)
        .where(_accounts.c.id == account_id, _accounts.c.password_hash == before)
        .values(password_hash=after)
    )


def memberships(work: Work, account_id: str) -> list[Agent]:
    """Where a person works now, oldest first."""
    return list(
        work.session.scalars(
            select(Agent)
            .where(_agents.c.account_id == account_id, _agents.c.removed_at.is_(None))
            .order_by(_agents.c.created_at, _agents.c.id)
        )
    )


# Agents -----------------------------------------------------------------------------------


def add_agent(work: Work, by: Principal, account: Account, role: Role) -> Member:
    """Let a person into `by`'s workspace; someone removed earlier comes back as who they were."""
    workspace_id = by.workspace_id
    agent = work.session.scalars(
        select(Agent)
        .where(_agents.c.workspace_id == workspace_id, _agents.c.account_id == account.id)
        .with_for_update()
    ).first()
    if agent is None:
        agent = Agent(
            workspace_id=workspace_id,
            id=new_id("agt"),
            account_id=account.id,
            role=role,
            created_at=work.now,
        )
    elif agent.removed_at is None:
        raise Conflict(f"{account.email} is already in this workspace.", field="email")
    agent.role, agent.removed_at = role, None
    work.add(agent)
    told = {"email": account.email, "role": ROLE_NAMES[role]}
    audit(work, by, "agent.added", agent.id, after=told)
    return Member(agent, account)


def agents(work: Work, workspace_id: str) -> list[Member]:
    """Who works here now, by name."""
    rows = work.session.execute(
        _members(workspace_id)
        .where(_agents.c.removed_at.is_(None))
        .order_by(_accounts.c.name, _agents.c.id)
    )
    return [Member(agent, account) for agent, account in rows]


def agent_of(work: Work, workspace_id: str, agent_id: str) -> Member:
    """The agent, also a removed one: for names on what they once wrote. Otherwise NotFound."""
    row = work.session.execute(_members(workspace_id).where(_agents.c.id == agent_id)).first()
    if row is None:
        raise NotFound("There is no such agent.")
    return Member(*row)


def person(work: Work, workspace_id: str, agent_id: str, *, present: bool = False) -> Person | None:
    """The agent as others see them, also a removed one unless they must be `present`."""
    row = work.session.execute(_members(workspace_id).where(_agents.c.id == agent_id)).first()
    if row is None or (present and row[0].removed_at is not None):
        return None
    return Member(*row).person()


def agent_by_email(work: Work, workspace_id: str, email: str) -> Member:
    """Who works here under this address, or NotFound."""
    row = work.session.execute(
        _members(workspace_id).where(
            _accounts.c.email == to_email(email),
            _agents.c.removed_at.is_(None),
        )
    ).first()
    if row is None:
        raise NotFound(f"Nobody with the address {email} is in this workspace.")
    return Member(*row)


def change_role(work: Work, by: Principal, agent_id: str, role: Role) -> Member:
    """Give an agent another role; their sockets prove themselves anew."""
    member = _present(work, by.workspace_id, agent_id)
    before = member.role
    if before == role:
        return member
    if before == Role.OWNER:
        _leave_an_owner(work, by.workspace_id, agent_id)
    member.agent.role = role
    was, becomes = ROLE_NAMES[before], ROLE_NAMES[role]
    audit(work, by, "agent.role_changed", agent_id, {"role": was}, {"role": becomes})
    work.announce(by.workspace_id, AgentAccessChanged(agent=agent_id))
    return member


def remove_agent(work: Work, by: Principal, agent_id: str) -> None:
    """End an agent's access: their sessions no longer open anything."""
    member = _present(work, by.workspace_id, agent_id)
    if member.role == Role.OWNER:
        _leave_an_owner(work, by.workspace_id, agent_id)
    member.agent.removed_at = work.now
    audit(work, by, "agent.removed", agent_id, before={"email": member.account.email})
    work.announce(by.workspace_id, AgentAccessChanged(agent=agent_id))


def _members(workspace_id: str) -> Select[Agent, Account]:
    return (
        select(Agent, Account)
        .join(Account, _accounts.c.id == _agents.c.account_id)
        .where(_agents.c.workspace_id == workspace_id)
    )


def _present(work: Work, workspace_id: str, agent_id: str) -> Member:
    row = work.session.execute(
        _members(workspace_id)
        .where(_agents.c.id == agent_id, _agents.c.removed_at.is_(None))
        .with_for_update(of=Agent)
    ).first()
    if row is None:
        raise NotFound("There is no such agent.")
    return Member(*row)


def _leave_an_owner(work: Work, workspace_id: str, leaving: str) -> None:
    """Refuse to take the last owner away; the owners' rows are locked until the commit."""
    owners = work.session.scalars(
        select(Agent)
        .where(
            _agents.c.workspace_id == workspace_id,
            _agents.c.role == Role.OWNER,
            _agents.c.removed_at.is_(None),
        )
        .order_by(_agents.c.id)
        .with_for_update()
    )
    if all(owner.id == leaving for owner in owners):
        raise Conflict("A workspace needs an owner. Make someone else an owner first.")
