"""The app: wires settings, database, bus and plugins into one server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.routing import Route as StarletteRoute

from core import action_runs, discount_issuing, migrations
from core.access import Access
from core.connector import Connector
from core.crypto import Vault
from core.db import Database, open_database
from core.ids import random_text
from core.jobs import Job
from core.routes import Answer, Route, SocketRoute
from core.services import Services
from core.tools import Tool
from hub import api, apidocs, console_pages, help_pages, mail, operations, syncing
from hub.auth import Authenticator
from hub.bus import Bus
from hub.demo import routes as demo
from hub.endpoint import ALWAYS, Endpoint, Receive, Scope, Send
from hub.limits import RATES, Limiter
from hub.observers import Observers
from hub.plugins import PluginError, Plugins, load_plugins, plugins_file
from hub.schedule import Schedule
from hub.settings import Settings

log = structlog.get_logger("hub")

OWN_JOBS = (*syncing.JOBS, *discount_issuing.JOBS, *action_runs.JOBS)


class Hub:
    """One hub process: what is on, what is served, and its start and stop."""

    def __init__(
        self,
        settings: Settings,
        *,
        database: Database | None = None,
        plugins: Plugins | None = None,
    ) -> None:
        self.settings = settings
        self.db = database or open_database(settings.database_url)
        self.bus = Bus(self.db)
        self.plugins = plugins or load_plugins(plugins_file())
        self.services = Services(
            db=self.db,
            vault=Vault(settings.secret_key),
            public_url=settings.public_url,
            rate_limits=settings.rate_limits,
            signal=self.bus.signal,
            on_signal=self.bus.on_signal,
            subscribe=self.bus.subscribe,
            outbound_allow=settings.outbound_allow,
            send_mail=mail.sender(settings.smtp_url, settings.mail_from),
            guards=self.plugins.guard,
        )
        self.authenticator = Authenticator(self.services, settings)
        self.limiter = Limiter(settings)
        own = (*api.routes(self), *console_pages.routes(self), *help_pages.routes(self))
        own += (*operations.routes(self), *apidocs.routes(self), *demo.routes())
        self._routes = [
            *(("hub", route) for route in own),
            *self._collect("register_routes"),
        ]
        self.routes = checked_routes(self._routes)
        self._connectors: list[tuple[str, Connector]] = self._collect("register_connectors")
        self.services.connectors = checked_connectors(self._connectors)
        self._tools: list[tuple[str, Tool]] = self._collect("register_tools")
        self.services.tools = checked_tools(self._tools)
        self._jobs: list[tuple[str, Job]] = self._collect("register_jobs")
        self.schedule = Schedule(self.services, [*OWN_JOBS, *(job for _, job in self._jobs)])
        self.observers = Observers(self.services, self.plugins)

    def _collect(self, hook: str) -> list[tuple[str, Any]]:
        return self.plugins.collect(hook, services=self.services)

    def routes_of(self, plugin: str) -> list[Route | SocketRoute]:
        """What a plugin serves."""
        return [route for name, route in self._routes if name == plugin]

    def connectors_of(self, plugin: str) -> list[Connector]:
        """The platforms a plugin speaks for."""
        return [connector for name, connector in self._connectors if name == plugin]

    def tools_of(self, plugin: str) -> list[Tool]:
        """What a plugin lets the assistant do."""
        return [tool for name, tool in self._tools if name == plugin]

    def jobs_of(self, plugin: str) -> list[Job]:
        """What a plugin runs later or on a schedule."""
        return [job for name, job in self._jobs if name == plugin]

    async def start(self) -> None:
        """Bring the database up to date, then the bus, the plugins and the jobs."""
        await migrations.upgrade(self.settings.database_url, log.info)
        await self.db.start()
        await self.bus.start()
        await self.authenticator.start()
        await self.plugins.call("startup", strict=True, services=self.services)
        self.observers.start()
        if self.settings.worker:
            await self.schedule.start()

    async def stop(self) -> None:
        """Stop in the opposite order; what was acknowledged is committed before the end."""
        await self.schedule.stop()
        await self.plugins.call("shutdown", services=self.services)
        await self.authenticator.stop()
        await self.services.settle()
        await self.bus.stop()
        await self.db.stop()


class App:
    """The ASGI application: fixed paths go straight to their endpoint, the rest to Starlette.

    Starlette's routing costs more than half of a small request (21.5 k requests/s against
    8.8 k), so the paths without a variable part are looked up in a dictionary first.
    """

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self._direct: dict[tuple[str, str], Endpoint] = {}
        served: list[BaseRoute] = []
        for route in sorted(hub.routes, key=_is_greedy):
            if isinstance(route, SocketRoute):
                served.append(WebSocketRoute(route.path, route.app))
                continue
            endpoint = Endpoint(hub, route)
            served.append(StarletteRoute(route.path, endpoint, methods=[route.method]))
            if "{" not in route.path:
                self._direct[route.method, route.path] = endpoint
        self._starlette = Starlette(
            routes=served, lifespan=self._lifespan, exception_handlers={HTTPException: _not_here}
        )
        self._starlette.router.redirect_slashes = False

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        await self.hub.start()
        try:
            yield
        finally:
            await self.hub.stop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            direct = self._direct.get((scope["method"], scope["path"]))
            if direct is not None:
                await direct(scope, receive, send)
                return
        await self._starlette(scope, receive, send)


def create_app(settings: Settings | None = None) -> App:
    """The whole hub, ready to be served."""
    return App(Hub(settings or Settings()))


def checked_connectors(registered: Iterable[tuple[str, Connector]]) -> dict[str, Connector]:
    """The connectors by their names, or PluginError: no name is taken twice."""
    by_name: dict[str, Connector] = {}
    for plugin, connector in registered:
        name = connector.manifest.name
        if name in by_name:
            raise PluginError(f"plugin {plugin}: there is a connector {name!r} already")
        by_name[name] = connector
    return by_name


def checked_tools(registered: Iterable[tuple[str, Tool]]) -> dict[str, Tool]:
    """The tools by their names, or PluginError: no name is taken twice."""
    by_name: dict[str, Tool] = {}
    for plugin, tool in registered:
        if tool.name in by_name:
            raise PluginError(f"plugin {plugin}: there is a tool {tool.name!r} already")
        by_name[tool.name] = tool
    return by_name


def checked_routes(
    registered: Iterable[tuple[str, Route | SocketRoute]],
) -> list[Route | SocketRoute]:
    """The routes, or PluginError: each declares its access, and no path is taken twice."""
    taken: dict[tuple[str, str], str] = {}
    routes = []
    for name, route in registered:
        where = (getattr(route, "method", "WEBSOCKET"), route.path)
        accesses = route.frames.values() if isinstance(route, SocketRoute) else [route.access]
        if not all(isinstance(access, Access) for access in accesses) or not accesses:
            raise PluginError(f"plugin {name}: {' '.join(where)} does not declare who may use it")
        if isinstance(route, Route) and route.rate not in RATES:
            raise PluginError(f"plugin {name}: {' '.join(where)} has no such rate: {route.rate}")
        if where in taken:
            raise PluginError(f"plugins {taken[where]} and {name} both serve {' '.join(where)}")
        taken[where] = name
        routes.append(route)
    return routes


def _is_greedy(route: Route | SocketRoute) -> bool:
    """Whether a path takes in all that is below it: such routes are asked last."""
    return ":path}" in route.path


async def _not_here(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = "method_not_allowed" if error.status_code == 405 else "not_found"
    message = "This address takes another method." if error.status_code == 405 else "Not found."
    answer = Answer({"error": {"code": code, "message": message}}, error.status_code)
    headers = {**ALWAYS, **(error.headers or {}), "x-request-id": random_text(12)}
    return Response(answer.encode(), answer.status, headers, answer.content_type)
