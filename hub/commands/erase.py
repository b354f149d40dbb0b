"""`hub erase`: a customer, or all that a shop brought, taken away for good."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from dataclasses import dataclass

import click

from core.audit import operator
from core.db import Work
from core.errors import Invalid, NotFound
from core.privacy import (
    erase_claimed,
    erase_customer,
    erase_source,
    find_remains,
    people_named,
    words_of,
)
from core.remains import is_in_file, scrub
from core.workspaces import workspaces
from hub.commands.tools import Tools, pick_workspace, with_tools, workspace_option

BACKUPS = "Backups that were made before still have them."


@dataclass(frozen=True, slots=True)
class Found:
    """Who is meant, and what to look for afterwards."""

    workspace_id: str
    workspace: str
    people: dict[str, str]  # customer → as the operator is asked about them
    email: str  # as it was given; browsers that claim it are meant, too
    words: list[str]


@click.command()
@click.option("--customer", metavar="ID|EMAIL", help="Whose data to erase.")
@click.option("--source", metavar="NAME", help="Erase all that this source brought instead.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--verify", is_flag=True, help="Search the whole database for the customer after it.")
@workspace_option
@with_tools()
async def command(
    tools: Tools,
    customer: str | None,
    source: str | None,
    yes: bool,
    verify: bool,
    workspace: str | None,
) -> None:
    """Take a customer away for good, or all that a shop brought.

    Everything goes: profile, records, conversations with all messages, and every copy in the
    event log, webhooks and jobs. All customers with the same e-mail address, and browsers that
    claim it in the chat, are meant. There is no way back. The hub may go on working.
    """
    if (customer is None) == (source is None):
        raise Invalid("Say either --customer or --source.")
    if source is not None:
        await _erase_source(tools, workspace, source, yes)
        return
    found = await tools.db.read(_find, workspace, customer)
    claims = [f"Browsers that claim to be {found.email}"] if found.email else []
    _ask(found.workspace, [*found.people.values(), *claims], yes)
    gone = await _erase(tools, found)
    if not gone:
        raise NotFound(f"There is no customer “{customer}”.")
    click.echo(f"Erased: {', '.join(f'{count} {name}' for name, count in gone.items())}.")
    click.echo(BACKUPS)
    if verify:
        await _verify(tools, found)


def _find(work: Work, workspace: str | None, named: str) -> Found:
    picked = pick_workspace(work, workspace)
    people = people_named(work, picked.id, named)
    email = named.strip() if "@" in named else ""
    if not people and not email:
        raise NotFound(f"There is no customer “{named}”.")
    words = {word for person in people for word in words_of(work, person)}
    return Found(
        workspace_id=picked.id,
        workspace=picked.name,
        people={one.id: f"{one.name or one.external_id} ({one.source})" for one in people},
        email=email,
        words=sorted(words | ({email} - {""})),
    )


def _ask(workspace: str, what: list[str], yes: bool) -> None:
    if not yes:
        click.echo(f"In {workspace}, for good:", err=True)
        for line in what:
            click.echo(f"  {line}", err=True)
        click.confirm("Erase?", abort=True, err=True)


async def _erase(tools: Tools, found: Found) -> Counter[str]:
    by = operator(found.workspace_id)

    def unit(work: Work) -> Counter[str]:
        gone: Counter[str] = Counter()
        for customer_id in found.people:
            gone.update(erase_customer(work, found.workspace_id, customer_id, by=by).counts)
        if found.email:
            gone.update(erase_claimed(work, found.workspace_id, found.email, by=by).counts)
        return gone

    gone: Counter[str] = await tools.db.write(unit)
    await asyncio.to_thread(scrub, tools.db.url)
    return gone


async def _erase_source(tools: Tools, workspace: str | None, source: str, yes: bool) -> None:
    picked = await tools.db.read(pick_workspace, workspace)
    _ask(picked.name, [f"Everything that {source} brought: customers, orders, products"], yes)
    by = operator(picked.id)
    while await tools.db.write(lambda work: erase_source(work, picked.id, source, by=by)):
        pass
    await asyncio.to_thread(scrub, tools.db.url)
    click.echo(f"Everything that {source} brought is erased. {BACKUPS}")


async def _verify(tools: Tools, found: Found) -> None:
    """Say where the customer is still named, or that it is nowhere; exit code 1 if it is."""
    left, others = await tools.db.read(_look, found)
    if not left and not others and await asyncio.to_thread(_is_in_file, tools.db.url, found.words):
        left = ["a page of the database's file that is free"]
    for place in left:
        click.echo(f"Still named in {place}")
    if left:
        click.echo("Somebody else may have the same name or number, or have written of them.")
        sys.exit(1)
    click.echo(f"Nothing is left: none of {len(found.words)} words is in any column.")


def _look(work: Work, found: Found) -> tuple[list[str], bool]:
    """Where the words are, and whether other workspaces have them, and so the file as well."""
    others = (one.id for one in workspaces(work) if one.id != found.workspace_id)
    left = find_remains(work, found.workspace_id, found.words)
    return left, any(find_remains(work, other, found.words) for other in others)


def _is_in_file(url: str, words: list[str]) -> bool:
    """Whether SQLite's file has one of the words; if so, once more after writing it anew."""
    if not url.startswith("sqlite") or not is_in_file(url, words):
        return False
    scrub(url, whole=True)
    return is_in_file(url, words)
