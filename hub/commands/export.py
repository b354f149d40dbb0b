"""`hub export`: everything that is known of a customer, as JSON."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click
import msgspec

from core.db import Work
from core.errors import NotFound
from core.privacy import export_customer, people_named
from hub.commands.tools import Tools, pick_workspace, with_tools, workspace_option


@click.command()
@click.option("--customer", required=True, metavar="ID|EMAIL", help="Whose data to write down.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A new file, readable by you alone. Otherwise standard output.",
)
@workspace_option
@with_tools()
async def command(tools: Tools, customer: str, output: Path | None, workspace: str | None) -> None:
    """Write down everything that is known of a customer, as JSON.

    Profile, records, conversations with all messages and private notes, discounts. Several
    customers with the same e-mail address, from several shops, are all in it. What somebody only
    claims in the chat, without a proof, is in nobody's export.
    """
    found = await tools.db.read(_export, workspace, customer)
    text = msgspec.json.format(msgspec.json.encode({"customers": found}), indent=2)
    if output is None:
        click.echo(text.decode())
        return
    with os.fdopen(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text + b"\n")
    click.echo(f"{output}: {len(found)} customers, {len(text):,} bytes.")


def _export(work: Work, workspace: str | None, named: str) -> list[dict[str, Any]]:
    workspace_id = pick_workspace(work, workspace).id
    people = people_named(work, workspace_id, named)
    if not people:
        raise NotFound(f"There is no customer “{named}”.")
    return [export_customer(work, workspace_id, person.id) for person in people]
