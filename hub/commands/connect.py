"""`hub connect`: a shop connected without a browser, by its keys."""

from __future__ import annotations

import click

from core.audit import operator
from core.connector import Approval
from hub.commands.tools import (
    json_option,
    open_hub,
    pick_workspace,
    print_json,
    run_async,
    workspace_option,
)
from hub.connecting import connect_shop, open_by_id


@click.command()
@click.argument("connector")
@click.option(
    "--set",
    "settings",
    metavar="NAME=VALUE",
    multiple=True,
    help="What the connector needs, such as shop=… and access_token=…; repeat it.",
)
@workspace_option
@json_option
@run_async
async def command(
    connector: str, settings: tuple[str, ...], workspace: str | None, as_json: bool
) -> None:
    """Connect a shop: CONNECTOR is a platform's name, as `hub plugins` lists it.

    Its first sync begins as soon as a hub runs; `hub sync` waits for it.
    """
    values = dict(_pair(text) for text in settings)
    async with open_hub() as hub:
        services = hub.services
        found = await services.db.read(pick_workspace, workspace)
        made = await connect_shop(services, operator(found.id), connector, values)
        if isinstance(made, Approval):
            raise click.ClickException(
                "These settings need an approval in the browser: connect in Settings → "
                "Integrations, or give the keys with --set."
            )
        _, connection = await open_by_id(services, found.id, made)
    if as_json:
        about = {"connection": made, "shop": connection.shop, "source": connection.source}
        print_json({**about, "workspace": found.id})
    else:
        click.echo(f"{connection.title} is connected: {made}. Fetch its data with: hub sync {made}")


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE.", param_hint="--set")
    return name.strip(), value
