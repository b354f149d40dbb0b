"""`hub backup`: all data in one file, while the hub goes on working."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import click

from core import backup as backups
from hub.commands.progress import size, with_progress
from hub.settings import KEY_FILE, Settings, load_settings


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--yes", is_flag=True, help="Replace FILE if it is there already.")
def backup(file: Path, yes: bool) -> None:
    """Copy all data into FILE.

    The hub may go on working; what is saved after the start of the copy is not in it. FILE
    appears only when it is complete, and is checked before.
    """
    settings = load_settings()
    if file.exists() and not yes:
        raise click.ClickException(f"{file} is there already. Choose another name, or say --yes.")
    if not file.parent.is_dir():
        raise click.ClickException(f"There is no folder {file.parent}.")
    began = time.monotonic()
    asyncio.run(with_progress(backups.back_up(settings.database_url, file), lambda: _grown(file)))
    click.echo(f"{file}: {size(file.stat().st_size)}, {time.monotonic() - began:.1f} s.")
    click.echo(keep_the_key(settings))


def _grown(file: Path) -> str:
    drafts = file.parent.glob(f"{file.name}.*.part")
    return f"Copying, {size(sum(draft.stat().st_size for draft in drafts))} so far"


def keep_the_key(settings: Settings) -> str:
    """What an operator must keep beside a backup."""
    where = f" ({settings.data_dir / KEY_FILE})" if settings.key_is_in_file else ""
    return (
        f"Keep the SECRET_KEY{where} as well, at another place: without it the secrets sealed in "
        "the backup cannot be opened, and with both anyone can."
    )
