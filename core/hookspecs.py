"""Every hook a plugin may implement: when it is called, what to return, and an example.

Hooks that register are plain functions, called once at the start. Hooks that act are `async`
and observers: one plugin's failure or delay is contained, named in the log, and never stops
another. None is `firstresult`: pluggy would take the first coroutine, even one that will
return nothing. Take the arguments you need, by name; `settings` are your own, as plugins.toml
gives them.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    import click
    from pydantic import BaseModel

    from core.connector import Connector
    from core.discount_policy import DiscountWish, Verdict
    from core.events import Logged
    from core.health import Health
    from core.jobs import Job
    from core.routes import Route, SocketRoute
    from core.services import Services
    from core.tools import Tool

PROJECT = "parley"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def register_routes(services: Services, settings: BaseModel) -> list[Route | SocketRoute]:
    """Add HTTP routes and sockets.

    Called once, before the server listens. Every route declares its access; a path that
    another plugin has already taken stops the start.

    Example::

        @hookimpl
        def register_routes(services):
            return [Route("GET", "/v1/hello", hello, access=AGENT, summary="Say hello.")]
    """


@hookspec
def register_connectors(services: Services, settings: BaseModel) -> list[Connector]:
    """Add connectors: typed classes that speak for one platform.

    Called once, before the server listens.

    Example::

        @hookimpl
        def register_connectors(services):
            return [TeaShop()]
    """


@hookspec
def register_tools(services: Services, settings: BaseModel) -> list[Tool]:
    """Add tools: what the assistant may look up or do for whoever is writing.

    Called once, before the server listens. A tool never takes a customer or a workspace: the
    server puts in who is asking, and refuses below the assurance the tool declares.

    Example::

        @hookimpl
        def register_tools(services):
            about = "How long a blend steeps, and how hot."
            return [Tool("steeping_time", "Say how to brew", about, Blend, steeping_time)]
    """


@hookspec
def register_jobs(services: Services, settings: BaseModel) -> list[Job]:
    """Add work that runs later or on a schedule.

    Called once. A scheduled job runs once per tick however many hub processes there are; it
    may run twice after a crash, so make running it again harmless.

    Example::

        @hookimpl
        def register_jobs(services):
            return [Job("tea.restock", restock, every=timedelta(hours=1))]
    """


@hookspec
def register_commands(settings: BaseModel) -> list[click.Command]:
    """Add commands to `hub`.

    Called when a command is asked for that the hub does not have itself. Groups of the same
    name become one: two plugins may both add to `hub sandbox`.

    Example::

        @hookimpl
        def register_commands():
            return [click.Group("sandbox", [pretend_to_be_a_tea_shop])]
    """


@hookspec
def startup(services: Services, settings: BaseModel) -> Awaitable[None]:
    """Get ready: open what you keep open.

    Called once after the database is up and before the first request. Failing here stops the
    start with your plugin's name.

    Example::

        @hookimpl
        async def startup(services):
            services.subscribe(print_events)
    """


@hookspec
def shutdown(services: Services) -> Awaitable[None]:
    """Close what you opened.

    Called once, after the last request, with a few seconds of time.

    Example::

        @hookimpl
        async def shutdown(services):
            await till.close()
    """


@hookspec
def on_event(services: Services, event: Logged) -> Awaitable[None]:
    """React to something that happened.

    Called after the change has been saved, in the order of each workspace's log. Return soon:
    hand slow work to ``services.spawn``.

    Example::

        @hookimpl
        async def on_event(services, event):
            match event.event:
                case RecordChanged(record=record) if record.status == "paid":
                    await print_packing_slip(record.reference)
    """


@hookspec
def discount_policy(services: Services, wish: DiscountWish) -> Awaitable[Verdict | None]:
    """Say whether a discount may be given: a guard beside the workspace's own policy.

    Called before a code is reserved, and again when an admin approves one; of all verdicts the
    most restrictive holds, None has no opinion. While this fails or hangs no code is given. A
    verdict is "allow", "approve" (an admin decides) or "refuse", with the reason that agents
    read; `max_percent` lowers the ceiling.

    Example::

        @hookimpl
        async def discount_policy(services, wish):
            if wish.customer is None:
                return Verdict("approve", "We do not know who this is.")
            return Verdict("allow", max_percent=Decimal(15))
    """


@hookspec
def check_health(services: Services) -> Awaitable[Health]:
    """Say whether you can do your work, for `/readyz` and `hub doctor`.

    Called at most every few seconds. Answer from what you know; do not call a vendor.

    Example::

        @hookimpl
        async def check_health(services):
            return Health("till", ok=till.is_open, detail="The drawer is stuck.")
    """
