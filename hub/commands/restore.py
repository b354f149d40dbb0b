"""`hub restore`: a backup in place of what is there."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import click

from core import backup as backups
from core import migrations
from hub.commands.progress import size, with_progress
from hub.settings import load_settings


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--yes", is_flag=True, help="Do not ask before the present data are replaced.")
def restore(file: Path, yes: bool) -> None:
    """Replace all data by those in FILE, a backup.

    Stop every hub first. The backup is checked before anything is touched, and it is brought
    back wholly or not at all. Browsers that were connected fetch everything afresh.
    """
    settings = load_settings()
    url, began = settings.database_url, time.monotonic()
    inside = asyncio.run(backups.look_into(url, file))
    now = asyncio.run(backups.contents(url))
    click.echo(f"In {file}: {inside or size(file.stat().st_size)}.", err=True)
    click.echo(f"In the database now: {now}.", err=True)
    if now.revision is not None and not yes:
        click.confirm("Replace what is there now?", abort=True, err=True)
    asyncio.run(with_progress(backups.restore(url, file), lambda: "Restoring"))
    asyncio.run(migrations.upgrade(url, lambda line: click.echo(line, err=True)))
    click.echo(f"Restored from {file}, {time.monotonic() - began:.1f} s. Start the hub again.")
    click.echo(
        "API keys, agents and sessions are those of the backup: revoke again what was revoked "
        "since. Its secrets open only with the SECRET_KEY it was made with: check with hub doctor."
    )
