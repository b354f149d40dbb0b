"""`hub migrate`: the schema of this version, before anything else uses the database."""

from __future__ import annotations

import asyncio

import click

from core import migrations
from hub.settings import load_settings


@click.command()
def command() -> None:
    """Bring the database to this version's schema.

    `hub serve` does it too; run it yourself where starting and migrating are separate steps. Of
    several at once, one migrates and the others wait.
    """
    url = load_settings().database_url
    if asyncio.run(migrations.is_current(url)):
        click.echo("The schema is up to date.")
        return
    asyncio.run(migrations.upgrade(url, click.echo))
