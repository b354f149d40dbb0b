"""`hub sandbox shopify`: a shop to connect a hub to, on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import signal

import click

from connectors.shopify import privacy, topics
from connectors.shopify.app_config import allowed, to_toml
from connectors.shopify.standin.apps import CLIENT_ID, CLIENT_SECRET, App
from connectors.shopify.standin.server import Standin

WELCOME = """
  {titles} open for business on {url}

  Admin        {url}/admin        products, orders, webhooks, faults
  Storefront   {url}/             the app embed, log-in, checkout

  Start the hub with

    export SHOPIFY_ORIGIN={url}
    export SHOPIFY_CLIENT_ID={client_id}
    export SHOPIFY_CLIENT_SECRET={client_secret}

  and connect {short} under Settings > Integrations, or:

    hub connect shopify --set shop={domain} \\
      --set client_id={client_id} --set client_secret={client_secret}

  In place of the theme editor, switch the chat on at {url}/admin/standin/app
  Webhooks and the app proxy go to {app_url}. Stop with Ctrl+C.
"""


@click.command()
@click.option("--port", default=9100, show_default=True, help="Where it listens, on 127.0.0.1.")
@click.option("--products", default=50, show_default=True, help="How many products it sells.")
@click.option("--shop", "shops", multiple=True, default=["kestrel"], help="A shop's name; again.")
@click.option(
    "--app-url", default="http://127.0.0.1:8000", show_default=True, help="The hub's address."
)
@click.option("--client-id", default=CLIENT_ID, show_default=True, help="The app's.")
@click.option("--client-secret", default=CLIENT_SECRET, show_default=True, help="The app's.")
def shopify(
    port: int,
    products: int,
    shops: tuple[str, ...],
    app_url: str,
    client_id: str,
    client_secret: str,
) -> None:
    """Pretend to be Shopify, strictly, until Ctrl+C.

    Everything is in memory and gone afterwards. Nothing here is a real shop's.
    """
    toml = to_toml(client_id, app_url, allowed(topics.TOPICS), privacy.TOPICS)
    store = Standin(shops, port=port, apps=[App.from_toml(toml, client_secret)])
    for shop in store.shops.values():
        shop.webhooks.retry_scale = 1 / 240  # four hours in a minute
        shop.add_products(products)
        for _ in range(3):
            shop.add_customer()
        shop.install()  # as one does in the Dev Dashboard before asking for client credentials
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(store))


async def _serve(store: Standin) -> None:
    try:
        await store.start()
    except OSError as error:
        raise click.ClickException(f"Port {store.port} cannot be used: {error.strerror}.") from None
    for shop in store.shops.values():
        shop.catalog.pictures = f"{store.url}/cdn"
    app = store.apps[0]
    told = WELCOME.format(
        titles=" and ".join(one.title for one in store.shops.values()),
        url=store.url,
        client_id=app.client_id,
        client_secret=app.secret,
        domain=store.shop().domain,
        short=store.shop().domain.partition(".")[0],
        app_url=app.url,
    )
    click.echo(told)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    await stop.wait()
    await store.stop()
