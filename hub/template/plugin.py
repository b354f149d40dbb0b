"""The Tea Shop plugin: what it adds to the hub."""

from __future__ import annotations

from core import Connector, Manifest, Plugin, Route, Services, SetupStep, hookimpl
from plugins.teashop.routes import SOURCE, Webhooks, routes
from plugins.teashop.settings import Settings


class TeaShop(Connector):
    """How Tea Shop shows in Settings → Integrations."""

    manifest = Manifest(
        name=SOURCE,
        title="Tea Shop",
        version="0.1.0",
        summary="Orders from Tea Shop.",
        provides=frozenset({"customers", "records"}),
    )

    def setup_steps(self, hub: str) -> list[SetupStep]:
        return [
            SetupStep(
                "Add a webhook",
                "In Tea Shop, send orders to this address, signed with your secret.",
                snippet=f"{hub}/v1/teashop/webhook",
            )
        ]


class Hooks:
    """The hooks, which share one object."""

    @hookimpl
    def register_routes(self, services: Services, settings: Settings) -> list[Route]:
        webhooks = Webhooks(settings)
        services.inbox.handler(SOURCE, webhooks.take_in)
        return routes(webhooks)

    @hookimpl
    def register_connectors(self) -> list[Connector]:
        return [TeaShop()]


plugin = Plugin(name=SOURCE, version="0.1.0", settings=Settings, hooks=Hooks)
