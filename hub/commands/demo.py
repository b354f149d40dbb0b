"""`hub demo`: a hub with an invented shop on it, to look at and to try things out."""

from __future__ import annotations

import os
from pathlib import Path

import click

from hub.app import App, Hub
from hub.commands.serve import open_door, run
from hub.demo import seed
from hub.demo.data import AGENTS, AMARA, WORKSPACE

DATA_DIR = Path(".data/demo")

WELCOME = """
  {shop}, the demo shop, is open.

  Shop      {url}/demo
  Console   {url}/console#signin={token}
            signs you in as {owner}, once; the next start prints a new link
  API       {url}/docs

  An order from the shop’s server, seen at once beside Amara’s conversation:

  curl {url}/v1/chat/ingest/records \\
    -H 'Authorization: Bearer {key}' \\
    -H 'Content-Type: application/json' \\
    -d '{{"external_id": "{customer}", "records": [{{"kind": "order", "reference": "KC-10511",
         "title": "Two Fern mugs", "amount": 28.40, "currency": "EUR", "status": "Paid"}}]}}'

  Data is kept in {data}. Stop with Ctrl+C.
"""


@click.command()
def demo() -> None:
    """Run a hub with a demo shop.

    The first start makes the shop, its customers and its conversations; later ones find them as
    they were left. Its API key is the same at every start.
    """
    given = {} if "DATA_DIR" in os.environ else {"data_dir": DATA_DIR}
    settings, listener = open_door(**given)
    hub = DemoHub(settings)
    run(App(hub), listener, lambda: click.echo(hub.welcome))


class DemoHub(Hub):
    """A hub that has the demo before it takes requests."""

    welcome = ""

    async def start(self) -> None:
        await super().start()
        db, vault, url = self.services.db, self.services.vault, self.services.public_url
        await db.write(seed.open_demo, vault, url)
        shop = await db.read(seed.find_demo, vault)
        assert shop is not None
        self.welcome = WELCOME.format(
            url=url,
            token=await db.write(seed.sign_in_link, shop.workspace_id),
            key=await db.write(seed.shown_key, vault, shop.workspace_id),
            owner=AGENTS[0].name,
            customer=AMARA.external_id,
            data=self.settings.data_dir,
            shop=click.style(WORKSPACE.name, bold=True),
        )
