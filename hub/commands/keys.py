"""`hub keys`: make, list and revoke API keys."""

from __future__ import annotations

from typing import Any

import click

from core.access import SCOPES
from core.api_keys import ApiKey, create_key, keys, revoke_key
from core.audit import operator
from core.db import Work
from core.ids import moment
from hub.commands.tools import (
    Tools,
    json_option,
    pick_workspace,
    print_json,
    print_table,
    with_tools,
    workspace_option,
)


@click.group()
def command() -> None:
    """Make, list and revoke API keys."""


@command.command()
@click.option("--name", default="Command line", show_default=True, help="What it is for.")
@click.option(
    "--scopes",
    default=",".join(SCOPES),
    show_default=True,
    help="What it may do, separated by commas.",
)
@workspace_option
@json_option
@with_tools()
async def create(
    tools: Tools, name: str, scopes: str, workspace: str | None, as_json: bool
) -> None:
    """Make a key and print it; it is not shown again."""
    wanted = [scope.strip() for scope in scopes.split(",") if scope.strip()]
    made = await tools.db.write(
        lambda work: create_key(work, operator(pick_workspace(work, workspace).id), name, wanted)
    )
    if as_json:
        print_json({**_described(made.key), "key": made.text})
    else:
        click.echo(f"{made.text}\nFor {', '.join(made.key.scopes)}. It is not shown again.")


@command.command("list")
@workspace_option
@json_option
@with_tools()
async def list_keys(tools: Tools, workspace: str | None, as_json: bool) -> None:
    """List a workspace's keys, newest first."""
    listed = await tools.db.read(lambda work: keys(work, pick_workspace(work, workspace).id))
    if as_json:
        print_json([_described(row.key) for row in listed])
        return
    rows = [
        (
            row.key.id,
            row.key.hint,
            row.key.name,
            ",".join(row.key.scopes),
            "revoked" if row.key.revoked_at else _when(row.key.last_used_at),
        )
        for row in listed
    ]
    print_table([("Id", "Key", "Name", "Scopes", "Last used"), *rows])


@command.command()
@click.argument("key_id")
@workspace_option
@with_tools()
async def revoke(tools: Tools, key_id: str, workspace: str | None) -> None:
    """End a key at once; KEY_ID as `hub keys list` shows it."""

    def unit(work: Work) -> None:
        revoke_key(work, operator(pick_workspace(work, workspace).id), key_id)

    await tools.db.write(unit)
    click.echo(f"{key_id} is revoked.")


def _described(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "workspace_id": key.workspace_id,
        "name": key.name,
        "hint": key.hint,
        "scopes": key.scopes,
        "created_at": moment(key.created_at),
        "last_used_at": None if key.last_used_at is None else moment(key.last_used_at),
        "revoked_at": None if key.revoked_at is None else moment(key.revoked_at),
    }


def _when(ms: int | None) -> str:
    return "never" if ms is None else f"{moment(ms):%Y-%m-%d %H:%M} UTC"
