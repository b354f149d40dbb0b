"""`hub init`: a workspace that is ready to use, from nothing."""

from __future__ import annotations

import click

from hub.commands.tools import Tools, ask, json_option, print_json, with_tools
from hub.setup import init


@click.command()
@click.option("--workspace", metavar="NAME", help="Its name.")
@click.option("--email", help="Of its owner.")
@click.option("--password", help="Of its owner; of their account, if they have one.")
@click.option(
    "--assistant/--no-assistant", default=True, help="Let the assistant answer from the start."
)
@json_option
@with_tools(migrate=True)
async def command(
    tools: Tools,
    workspace: str | None,
    email: str | None,
    password: str | None,
    assistant: bool,
    as_json: bool,
) -> None:
    """Make a workspace with its owner, widget, Identity secret and first API key.

    Brings the database up to date first. Asks for what is not given. May be run again for
    another workspace.
    """
    workspace = workspace or ask("Name of the workspace")
    email = email or ask("E-mail address of its owner")
    password = password or ask("Their password", hide=True)
    made = await init(
        tools.db,
        tools.vault,
        public_url=tools.settings.public_url,
        name=workspace,
        email=email,
        password=password,
        assistant=assistant,
    )
    if as_json:
        print_json(made)
        return
    click.echo(
        f"“{workspace}” is ready. Sign in within 24 hours, once, at\n\n"
        f"  {made.console_url}\n\n"
        "Shown now and not again:\n\n"
        f"  API key          {made.api_key}\n"
        f"  Identity secret  {made.identity_secret}\n\n"
        f"For the snippet: app id {made.app_id} (widget {made.widget_id})."
    )
