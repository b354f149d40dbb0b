"""`hub sandbox woocommerce`: a shop to try things with, until Ctrl+C."""

from __future__ import annotations

import asyncio
import contextlib
import signal

import click

from connectors.woocommerce.standin.server import WooStore

EVERY = 2.0  # seconds between two runs of the pretend Action Scheduler


@click.command("woocommerce")
@click.option("--port", default=9200, show_default=True, help="Where it answers.")
@click.option("--products", default=50, show_default=True, help="How many it sells.")
@click.option("--hub", default="http://127.0.0.1:8000", show_default=True, help="Your hub.")
def woocommerce(port: int, products: int, hub: str) -> None:
    """Run a WooCommerce shop on this machine, for trying out."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(port, products, hub))


async def serve(port: int, products: int, hub: str) -> None:
    """Serve until the process is told to end."""
    store = WooStore(port)
    store.deliveries.every = EVERY
    store.add_products(products, variations=4, every=8)
    store.add_customers(12)
    store.add_coupon("welcome10", "10", "percent")
    store.add_orders(24)
    store.webhooks.queue.clear()
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, ended.set)
    async with store:
        click.echo(greeting(store, hub.rstrip("/")))
        await ended.wait()


def greeting(store: WooStore, hub: str) -> str:
    """What someone needs to connect it; the keys are this process's own and open nothing else."""
    return f"""WooCommerce sandbox

  Shop      {store.home}/
  Admin     {store.home}/wp-admin/
  Key       {store.key.consumer_key}
  Secret    {store.key.consumer_secret}

Start the hub with OUTBOUND_ALLOW=127.0.0.1/32, for it calls no private address unasked.
Connect it on {hub}/console under Settings > Integrations, or:

  hub connect woocommerce --set url={store.home} \\
    --set consumer_key={store.key.consumer_key} \\
    --set consumer_secret={store.key.consumer_secret}

Ctrl+C ends it; nothing is kept."""
