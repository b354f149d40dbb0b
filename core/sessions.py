"""Sessions: the browsers an agent is signed in with, each listed and each revocable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import (
    BigInteger,
    Executable,
    ForeignKeyConstraint,
    and_,
    bindparam,
    delete,
    select,
    update,
)
from sqlmodel import Field, SQLModel

from core.access import Principal, Role
from core.agents import Account, Agent, Member, agent_of, memberships
from core.audit import audit
from core.crypto import hash_token
from core.db import Work, table_of
from core.errors import Forbidden, NotFound, Unauthenticated
from core.events import AgentAccessChanged
from core.ids import new_id, random_text
from core.one_time import issue_token, redeem_token

IDLE_MS = int(timedelta(days=30).total_seconds() * 1000)
LIFE_MS = int(timedelta(days=90).total_seconds() * 1000)
SEEN_EVERY_MS = 60_000  # a busy console writes its last use this often, not on every request


class AgentSession(SQLModel, table=True):
    """A browser that is signed in; the token itself is only in its cookie."""

    __tablename__ = "agent_sessions"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "agent_id"], ["agents.workspace_id", "agents.id"]),
    )

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    id: str = Field(primary_key=True)
    agent_id: str = Field(index=True)
    token_hash: str = Field(unique=True)
    user_agent: str
    address: str
    created_at: int = Field(sa_type=BigInteger)
    last_seen_at: int = Field(sa_type=BigInteger)


_sessions = table_of(AgentSession)
_agents = table_of(Agent)
_accounts = table_of(Account)
_alive = and_(
    _agents.c.removed_at.is_(None),
    _sessions.c.created_at > bindparam("now") - LIFE_MS,
    _sessions.c.last_seen_at > bindparam("now") - IDLE_MS,
)
_who = (
    select(
        _sessions.c.workspace_id,
        _sessions.c.id.label("session_id"),
        _sessions.c.last_seen_at,
        _agents.c.id.label("agent_id"),
        _agents.c.role,
        _accounts.c.name,
        _accounts.c.avatar_url,
    )
    .join(
        _agents,
        and_(
            _agents.c.workspace_id == _sessions.c.workspace_id,
            _agents.c.id == _sessions.c.agent_id,
        ),
    )
    .join(_accounts, _accounts.c.id == _agents.c.account_id)
    .where(_alive)
)
_by_token = _who.where(_sessions.c.token_hash == bindparam("token_hash"))
_by_id = _who.where(
    _sessions.c.workspace_id == bindparam("workspace_id"), _sessions.c.id == bindparam("id")
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session: who it is, and the token for its cookie."""

    principal: Principal
    token: str


@dataclass(frozen=True, slots=True)
class Live:
    """A session that is still good, and when it was last noted as used."""

    principal: Principal
    last_seen_at: int


def session_by_token(work: Work, token_hash: str) -> Live | None:
    """Whose session a cookie is; None when it ended, idled out, or its agent was removed."""
    return _to_live(work, _by_token, token_hash=token_hash)


def session_by_id(work: Work, workspace_id: str, session_id: str) -> Live | None:
    """The session if it is still good: sockets ask, to prove themselves anew."""
    return _to_live(work, _by_id, workspace_id=workspace_id, id=session_id)


def _to_live(work: Work, query: Executable, **values: str) -> Live | None:
    row = work.execute(query, {"now": work.now, **values}).one_or_none()
    if row is None:
        return None
    principal = Principal(
        "agent",
        workspace_id=row.workspace_id,
        id=row.agent_id,
        name=row.name,
        avatar_url=row.avatar_url,
        session_id=row.session_id,
        role=Role(row.role),
    )
    return Live(principal, row.last_seen_at)


def note_use(work: Work, workspace_id: str, session_id: str) -> None:
    """Remember that a session was used just now; it keeps a used session from idling out."""
    work.execute(
        update(_sessions)
        .where(_sessions.c.workspace_id == workspace_id, _sessions.c.id == session_id)
        .values(last_seen_at=work.now)
    )


def trim(work: Work) -> int:
    """Forget sessions that nobody can use any more; how many."""
    over = (_sessions.c.created_at <= work.now - LIFE_MS) | (
        _sessions.c.last_seen_at <= work.now - IDLE_MS
    )
    return work.execute(delete(_sessions).where(over)).rowcount


# Signing in -------------------------------------------------------------------------------


def sign_in(work: Work, account_id: str, address: str, user_agent: str) -> Opened:
    """Open a session for a person whose password was right, in the workspace they used last."""
    places = memberships(work, account_id)
    if not places:
        raise Forbidden("You are no longer in any workspace. Ask its owner to invite you again.")
    last_used = work.execute(
        select(_sessions.c.agent_id)
        .where(_sessions.c.agent_id.in_([agent.id for agent in places]))
        .order_by(_sessions.c.last_seen_at.desc())
    ).scalar()
    agent = next((agent for agent in places if agent.id == last_used), places[0])
    return _open(work, agent_of(work, agent.workspace_id, agent.id), address, user_agent)


def make_link(work: Work, workspace_id: str, agent_id: str) -> str:
    """A one-time token that signs this agent in, good for a day."""
    return issue_token(work, workspace_id, "signin", agent_id)


def sign_in_by_link(work: Work, token: str, address: str, user_agent: str) -> Opened:
    """Open a session for whom the link was made, if they are still in the workspace."""
    workspace_id, agent_id = redeem_token(work, "signin", token)
    member = agent_of(work, workspace_id, agent_id)
    if member.agent.removed_at is not None:
        raise Unauthenticated("This link has expired.", code="link_expired")
    return _open(work, member, address, user_agent)


def _open(work: Work, member: Member, address: str, user_agent: str) -> Opened:
    token = random_text(43)
    agent = member.agent
    work.execute(  # what can no longer sign anyone in need not be kept
        delete(_sessions).where(
            _sessions.c.workspace_id == agent.workspace_id,
            _sessions.c.agent_id == agent.id,
            (_sessions.c.created_at <= work.now - LIFE_MS)
            | (_sessions.c.last_seen_at <= work.now - IDLE_MS),
        )
    )
    session = work.add(
        AgentSession(
            workspace_id=agent.workspace_id,
            id=new_id("ses"),
            agent_id=agent.id,
            token_hash=hash_token(token),
            user_agent=user_agent[:300],
            address=address,
            created_at=work.now,
            last_seen_at=work.now,
        )
    )
    live = session_by_id(work, agent.workspace_id, session.id)
    assert live is not None
    audit(work, live.principal, "session.opened", session.id, address=address)
    return Opened(live.principal, token)


# Sockets ----------------------------------------------------------------------------------


def make_ticket(work: Work, principal: Principal) -> str:
    """A one-time ticket for the console's socket, good for 30 seconds."""
    return issue_token(work, principal.workspace_id, "ticket", principal.session_id)


def redeem_ticket(work: Work, ticket: str) -> Principal:
    """The agent a ticket was made for, if their session is still good; else Unauthenticated."""
    workspace_id, session_id = redeem_token(work, "ticket", ticket)
    live = session_by_id(work, workspace_id, session_id)
    if live is None:
        raise Unauthenticated("Sign in first.")
    return live.principal


# Listing and ending -----------------------------------------------------------------------


def sessions_of(work: Work, workspace_id: str, agent_id: str) -> list[AgentSession]:
    """The browsers an agent is signed in with, last used first."""
    return list(
        work.session.scalars(
            select(AgentSession)
            .where(
                _sessions.c.workspace_id == workspace_id,
                _sessions.c.agent_id == agent_id,
                _sessions.c.created_at > work.now - LIFE_MS,
                _sessions.c.last_seen_at > work.now - IDLE_MS,
            )
            .order_by(_sessions.c.last_seen_at.desc(), _sessions.c.id)
        )
    )


def end_session(work: Work, by: Principal, session_id: str, address: str = "") -> None:
    """Sign one of the agent's own browsers out; its sockets close. Otherwise NotFound."""
    ended = work.execute(
        delete(_sessions)
        .where(
            _sessions.c.workspace_id == by.workspace_id,
            _sessions.c.id == session_id,
            _sessions.c.agent_id == by.id,
        )
        .returning(_sessions.c.id)
    ).scalar()
    if ended is None:
        raise NotFound("There is no such session.")
    audit(work, by, "session.ended", session_id, address=address)
    work.announce(by.workspace_id, AgentAccessChanged(agent=by.id, session=session_id))


def set_password(work: Work, account: Account, password_hash: str) -> None:
    """Give a person a new password and sign them out everywhere: the old one may have leaked."""
    account.password_hash = password_hash
    work.add(account)
    for agent in memberships(work, account.id):
        work.execute(
            delete(_sessions).where(
                _sessions.c.workspace_id == agent.workspace_id, _sessions.c.agent_id == agent.id
            )
        )
        by = Principal("agent", workspace_id=agent.workspace_id, id=agent.id, name=account.name)
        audit(work, by, "account.password_changed", agent.id)
        work.announce(agent.workspace_id, AgentAccessChanged(agent=agent.id))
