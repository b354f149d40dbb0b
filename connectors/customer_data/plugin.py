"""The Customer-Data API as a plugin: its routes, and its card in Settings → Integrations."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.customer_data.routes import routes
from connectors.customer_data.settings import Settings
from core.connector import Connector, Manifest, SetupStep
from core.customers import OWN_SOURCE
from core.hookspecs import hookimpl
from core.plugin import Plugin
from core.routes import Route

plugin = Plugin(name=OWN_SOURCE, version="0.1.0", settings=Settings)

FIRST_CALL = """curl {hub}/v1/chat/ingest/records \\
  -H "Authorization: Bearer wgk_YOUR_KEY" -H "Content-Type: application/json" \\
  -d '{{"external_id": "cust_42", "records": [{{"kind": "deposit", "reference": "DEP-77",
       "amount": 50, "currency": "USD", "status": "completed"}}]}}'"""


class CustomerData(Connector):
    """A merchant's own server: it calls us, we never call it."""

    manifest = Manifest(
        name=plugin.name,
        title="Customer-Data API",
        version=plugin.version,
        summary="Your own server pushes customers, orders, deposits, payments and products.",
        provides=frozenset({"customers", "records", "products"}),
    )

    def setup_steps(self, hub: str) -> Sequence[SetupStep]:
        return [
            SetupStep(
                "Create a key",
                "Give it the scopes your server needs. You see it once: keep it on the server.",
                link="/console/settings/developers",
            ),
            SetupStep(
                "Send something",
                "The record appears on the customer's timeline at once.",
                snippet=FIRST_CALL.format(hub=hub),
            ),
        ]


@hookimpl
def register_routes(settings: Settings) -> list[Route]:
    return routes(settings)


@hookimpl
def register_connectors() -> list[Connector]:
    return [CustomerData()]
