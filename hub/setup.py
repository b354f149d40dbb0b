"""Setting up: a workspace that is ready to use, with its owner, widget, secret and a key."""

from __future__ import annotations

import msgspec

from core.access import SCOPES, Role
from core.agents import Account, account_by_email, add_agent, create_account
from core.api_keys import create_key
from core.assistants import save_assistant
from core.audit import operator
from core.crypto import Vault
from core.db import Database, Work
from core.errors import Conflict, Invalid
from core.identity_secrets import create_secret
from core.sessions import make_link
from core.widgets import create_widget
from core.workspaces import create_workspace
from hub.passwords import hash_password, verify_password

SHORTEST = 8  # an operator may know why; what people choose themselves needs more


class Made(msgspec.Struct, kw_only=True):
    """A new workspace, with everything a script needs to use it."""

    workspace_id: str
    app_id: str
    identity_secret: str
    widget_id: str
    api_key: str
    console_url: str


async def init(
    db: Database,
    vault: Vault,
    *,
    public_url: str,
    name: str,
    email: str,
    password: str,
    assistant: bool = False,
) -> Made:
    """A new workspace owned by the person with this e-mail, whose account is made if missing.

    With `assistant` it answers from the first message on.
    """
    if not name.strip():
        raise Invalid("Give the workspace a name.", field="name")
    if len(password) < SHORTEST:
        raise Invalid(f"The password needs at least {SHORTEST} characters.", field="password")
    existing = await db.read(account_by_email, email)
    if existing is None:
        new_hash = await hash_password(password)
    elif await verify_password(existing.password_hash, password):
        new_hash = existing.password_hash
    else:
        raise Conflict(
            f"There is already an account for {email}, with another password. Use that password, "
            "or set a new one with: hub user password",
            field="password",
        )
    return await db.write(_make, vault, public_url, name.strip(), email, new_hash, assistant)


def _make(
    work: Work,
    vault: Vault,
    public_url: str,
    name: str,
    email: str,
    password_hash: str,
    assistant: bool,
) -> Made:
    workspace = create_workspace(work, name)
    by = operator(workspace.id)
    if assistant:
        save_assistant(work, by, {"on": True})
    owner = add_agent(work, by, _account(work, email, password_hash), Role.OWNER)
    link = make_link(work, workspace.id, owner.agent.id)
    return Made(
        workspace_id=workspace.id,
        app_id=workspace.app_id,
        identity_secret=create_secret(work, vault, workspace.id),
        widget_id=create_widget(work, workspace.id, {"name": name[:100]}, is_default=True).id,
        api_key=create_key(work, by, "First key", SCOPES).text,
        console_url=f"{public_url}/console#signin={link}",
    )


def _account(work: Work, email: str, password_hash: str) -> Account:
    return account_by_email(work, email) or create_account(work, email, "", password_hash)
