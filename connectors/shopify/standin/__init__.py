"""A strict local Shopify: its schema, its rules, its signatures, and its faults on request.

Example::

    async with standin(["kestrel"], apps=[App(url=hub.url)]) as store:
        shop = store.shop("kestrel")
        shop.add_products(5_000)
        token = shop.token("read_products")         # or through OAuth, as a merchant would
        store.fail("HubRefund", "cut_after")        # the next refund happens, unanswered
        shop.fulfil(shop.add_order(customer=shop.add_customer()))
        await store.settled()                       # every webhook has arrived

A call comes in at `admin_api`, is checked by `rules` and paid for by `cost`, and is answered by
`resolvers` and `mutations` from the state below `shop`. `webhooks` tells the app, `oauth` hands
out tokens, `proxy` and `storefront` are the shopper's side, `admin` the merchant's.
"""

from connectors.shopify.standin.apps import (
    CLIENT_ID,
    CLIENT_SECRET,
    WEBHOOKS,
    App,
    Subscription,
)
from connectors.shopify.standin.faults import FAULTS
from connectors.shopify.standin.server import Standin, standin
from connectors.shopify.standin.shop import Shop

__all__ = [
    "CLIENT_ID",
    "CLIENT_SECRET",
    "FAULTS",
    "WEBHOOKS",
    "App",
    "Shop",
    "Standin",
    "Subscription",
    "standin",
]
