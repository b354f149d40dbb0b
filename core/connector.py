"""Connector: what a plugin that speaks for one platform declares and can do.

A connector is a class with a manifest, returned by the hook `register_connectors`. What every
connector has is in `Connector`; what only some can do is a protocol of its own (`Backfills`,
`Reconciles`, `HearsWebhooks`) that the hub looks for, so nothing has to be stubbed out::

    class TeaShop(Connector):
        manifest = Manifest("teashop", "Tea Shop", "1.0.0", "Orders and teas from Tea Shop.")
        settings = TeaShopSettings  # what a connection needs: an address, a key

        def setup_steps(self, hub):
            return [SetupStep("Create a key", "In Tea Shop, open Settings → API.")]

        async def check(self, services, connection):
            return Check(ok=True, detail="Tea Shop answers.")
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

from pydantic import BaseModel

from core.plugin import NoSettings
from core.services import Services


@dataclass(frozen=True, slots=True)
class Manifest:
    """How a connector introduces itself on Settings → Integrations."""

    name: str  # the `source` of everything it saves; never changes
    title: str
    version: str
    summary: str  # one sentence for a merchant
    # Any of customers, records, products, discounts, actions: what the merchant gets from it.
    provides: frozenset[str] = frozenset()
    documentation: str = ""  # an address, or a path below the hub's own


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One thing a merchant does to connect, in the order they do it."""

    title: str
    text: str
    snippet: str = ""  # something to copy
    link: str = ""  # where in the console, or at the vendor's, it is done


@dataclass(frozen=True, slots=True)
class Connection:
    """One shop of one workspace, connected."""

    workspace_id: str
    id: str
    source: str  # what its rows carry: the connector's name, with the shop's if there may be many
    settings: BaseModel  # the connector's own model; secrets opened


@dataclass(frozen=True, slots=True)
class Check:
    """Whether a connection works; `detail` says in plain words what to do if not."""

    ok: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sync is; `cursor` goes on from here after a restart."""

    done: int
    total: int | None = None
    cursor: str = ""


class Connector:
    """What speaks for one platform."""

    manifest: ClassVar[Manifest]
    settings: ClassVar[type[BaseModel]] = NoSettings

    def setup_steps(self, hub: str) -> Sequence[SetupStep]:
        """What a merchant does to connect; `hub` is this hub's public address."""
        return ()

    async def check(self, services: Services, connection: Connection) -> Check:
        """Whether the connection works. Called on demand and now and then; seconds at most."""
        return Check(ok=True)


@runtime_checkable
class Backfills(Protocol):
    """It can fetch everything a shop has."""

    def backfill(
        self, services: Services, connection: Connection, cursor: str
    ) -> AsyncIterator[Progress]:
        """Save everything from `cursor` on ("": from the beginning), page by page."""
        ...


@runtime_checkable
class Reconciles(Protocol):
    """It can find and mend what webhooks have missed."""

    def reconcile(
        self, services: Services, connection: Connection, since: int
    ) -> AsyncIterator[Progress]:
        """Save what changed since the time `since` in milliseconds."""
        ...


@runtime_checkable
class HearsWebhooks(Protocol):
    """Its platform calls the hub when something changes."""

    def is_genuine(self, connection: Connection, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the signature over the raw bytes is the platform's."""
        ...

    async def handle(
        self, services: Services, connection: Connection, topic: str, body: bytes
    ) -> None:
        """Save what a stored webhook says. It may come twice, late, and out of order."""
        ...
