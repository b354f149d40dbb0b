"""A workspace with an owner, as most tests need one."""

from __future__ import annotations

from core.access import Principal, Role
from core.agents import Account, add_agent, create_account
from core.audit import operator
from core.db import Work
from core.workspaces import create_workspace


def open_shop(work: Work, name: str = "Kestrel", email: str = "nadia@kestrel.example") -> Principal:
    """A new workspace, and its owner without a session."""
    workspace = create_workspace(work, name)
    return hire(work, operator(workspace.id), email, Role.OWNER)


def hire(work: Work, by: Principal, email: str, role: Role = Role.AGENT) -> Principal:
    """Another agent of the same workspace."""
    account = create_account(work, email, email.partition("@")[0].title(), "not a hash")
    return to_principal(by.workspace_id, add_agent(work, by, account, role).agent.id, account, role)


def to_principal(workspace_id: str, agent_id: str, account: Account, role: Role) -> Principal:
    return Principal("agent", workspace_id=workspace_id, id=agent_id, name=account.name, role=role)
