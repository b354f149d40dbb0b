"""`hub replay`: webhooks and jobs that were given up, listed and put back."""

from __future__ import annotations

import click

from core import inbox, jobs
from core.db import Work
from core.ids import moment
from hub.commands.tools import Tools, with_tools

QUEUES = {"webhook": inbox.queue, "job": jobs.queue}


@click.command()
@click.option("--source", help="Put back the webhooks of this source only.")
@click.option("--list", "only_list", is_flag=True, help="Only show what was given up, and why.")
@with_tools()
async def command(tools: Tools, source: str | None, only_list: bool) -> None:
    """Run webhooks and jobs again that were given up.

    A webhook is given up after repeated failures, or at once when its handler refuses it. Mend
    the reason first: `--list` shows it.
    """
    if only_list:
        lines = await tools.db.read(_dead)
        click.echo("\n".join(lines) or "Nothing was given up.")
        return
    count = await tools.db.write(_put_back, source)
    click.echo(f"{count} put back; a running hub takes them within seconds.")


def _dead(work: Work) -> list[str]:
    return [
        f"{moment(row['created_at']):%Y-%m-%d %H:%M}  {name:<8} "
        f"{row['source'] if name == 'webhook' else row['name']:<24} {row['error']}"
        for name, queue in QUEUES.items()
        for row in queue.dead(work)
    ]


def _put_back(work: Work, source: str | None) -> int:
    if source is not None:
        of_source = inbox.table.c.source == source
        return inbox.queue.replay(work, inbox.table.c.state == "dead", of_source)
    return sum(queue.replay(work) for queue in QUEUES.values())
