"""`hub worker`: jobs and stored webhooks in a process of their own, without serving anything."""

from __future__ import annotations

import asyncio
import signal

import click

from hub.app import Hub
from hub.logs import configure_logs
from hub.settings import load_settings


@click.command()
def command() -> None:
    """Run jobs and stored webhooks, beside the processes that serve.

    For PostgreSQL; with SQLite `hub serve` does this work itself. Stop it with SIGTERM: what is
    at work ends or is given back.
    """
    settings = load_settings()
    configure_logs(settings)
    if settings.database_url.startswith("sqlite"):
        raise click.ClickException(
            "With SQLite the server runs the jobs itself. Workers are for PostgreSQL."
        )
    asyncio.run(_work(Hub(settings)))


async def _work(hub: Hub) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    await hub.start()
    click.echo("Working. Stop with Ctrl+C.")
    try:
        await ended.wait()
    finally:
        await hub.stop()
