"""`hub user`: add, list and change agents."""

from __future__ import annotations

import click

from core.access import ROLE_NAMES
from core.agents import (
    Account,
    Member,
    account_by_email,
    add_agent,
    agent_by_email,
    agents,
    change_role,
    create_account,
    remove_agent,
    to_role,
)
from core.audit import operator
from core.db import Work
from core.errors import NotFound
from core.sessions import make_link, set_password
from hub.commands.tools import (
    Tools,
    ask,
    json_option,
    pick_workspace,
    print_json,
    print_table,
    with_tools,
    workspace_option,
)
from hub.passwords import hash_password, refuse_guessable

role_names = click.Choice(list(ROLE_NAMES.values()))


@click.group()
def command() -> None:
    """Add, list and change agents."""


@command.command()
@click.argument("email")
@click.option("--name", default="", help="As customers and colleagues see it.")
@click.option("--role", type=role_names, default="agent", show_default=True)
@click.option("--password", help="Asked for if not given and the person has no account yet.")
@workspace_option
@json_option
@with_tools()
async def add(
    tools: Tools,
    email: str,
    name: str,
    role: str,
    password: str | None,
    workspace: str | None,
    as_json: bool,
) -> None:
    """Let a person into a workspace and print their sign-in link.

    Who has an account already keeps its password.
    """
    new_hash = ""
    if await tools.db.read(account_by_email, email) is None:
        new_hash = await _ask_password(password, email, name)

    def unit(work: Work) -> tuple[Member, str]:
        place = pick_workspace(work, workspace)
        person = account_by_email(work, email) or create_account(work, email, name, new_hash)
        member = add_agent(work, operator(place.id), person, to_role(role))
        return member, make_link(work, place.id, member.agent.id)

    member, link = await tools.db.write(unit)
    url = f"{tools.settings.public_url}/console#signin={link}"
    if as_json:
        print_json({**_described(member), "signin_url": url})
    else:
        click.echo(f"Added {member.account.name} as {role}. Sign in within 24 hours, once:\n{url}")


@command.command("list")
@workspace_option
@json_option
@with_tools()
async def list_users(tools: Tools, workspace: str | None, as_json: bool) -> None:
    """List who answers in a workspace."""
    members = await tools.db.read(lambda work: agents(work, pick_workspace(work, workspace).id))
    if as_json:
        print_json([_described(member) for member in members])
        return
    rows = [(m.account.email, m.account.name, ROLE_NAMES[m.role], m.agent.id) for m in members]
    print_table([("E-mail", "Name", "Role", "Id"), *rows])


@command.command()
@click.argument("email")
@click.option("--password", help="Asked for if not given.")
@with_tools()
async def password(tools: Tools, email: str, password: str | None) -> None:
    """Give a person another password and sign them out everywhere."""
    account = await tools.db.read(_account, email)
    new_hash = await _ask_password(password, email, account.name)
    await tools.db.write(lambda work: set_password(work, _account(work, email), new_hash))
    click.echo(f"{account.email} has a new password and is signed out everywhere.")


@command.command()
@click.argument("email")
@click.argument("role", type=role_names)
@workspace_option
@with_tools()
async def role(tools: Tools, email: str, role: str, workspace: str | None) -> None:
    """Give an agent another role."""

    def unit(work: Work) -> None:
        place = pick_workspace(work, workspace)
        member = agent_by_email(work, place.id, email)
        change_role(work, operator(place.id), member.agent.id, to_role(role))

    await tools.db.write(unit)
    click.echo(f"{email} is now {role}.")


@command.command()
@click.argument("email")
@workspace_option
@with_tools()
async def remove(tools: Tools, email: str, workspace: str | None) -> None:
    """End a person's access to a workspace."""

    def unit(work: Work) -> None:
        place = pick_workspace(work, workspace)
        remove_agent(work, operator(place.id), agent_by_email(work, place.id, email).agent.id)

    await tools.db.write(unit)
    click.echo(f"{email} is no longer in the workspace.")


@command.command()
@click.argument("email")
@workspace_option
@with_tools()
async def link(tools: Tools, email: str, workspace: str | None) -> None:
    """Print a sign-in link that works once, for 24 hours."""

    def unit(work: Work) -> str:
        place = pick_workspace(work, workspace)
        return make_link(work, place.id, agent_by_email(work, place.id, email).agent.id)

    click.echo(f"{tools.settings.public_url}/console#signin={await tools.db.write(unit)}")


def _account(work: Work, email: str) -> Account:
    account = account_by_email(work, email)
    if account is None:
        raise NotFound(f"There is no account for {email}.")
    return account


async def _ask_password(given: str | None, email: str, name: str) -> str:
    chosen = given or ask("Password", hide=True, twice=True)
    refuse_guessable(chosen, email.partition("@")[0], *name.split())
    return await hash_password(chosen)


def _described(member: Member) -> dict[str, str]:
    return {
        "id": member.agent.id,
        "email": member.account.email,
        "name": member.account.name,
        "role": ROLE_NAMES[member.role],
    }
