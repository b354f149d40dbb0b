"""`hub plugins`: which plugins are on, and what each of them adds."""

from __future__ import annotations

import click

from core.routes import Route, SocketRoute
from hub.app import Hub
from hub.plugins import HOOKS
from hub.settings import load_settings


@click.command()
def command() -> None:
    """List plugins, and what each of them adds: hooks, routes, connectors, tools and jobs."""
    hub = Hub(load_settings())
    for one in hub.plugins:
        click.secho(f"{one.name} {one.plugin.version}", bold=True, nl=False)
        click.echo(f"  {one.module}")
        _line("hooks", [hook for hook in HOOKS if one.name in hub.plugins.implements(hook)])
        _line("routes", [_described(route) for route in hub.routes_of(one.name)])
        _line("connectors", [connector.manifest.title for connector in hub.connectors_of(one.name)])
        _line("tools", [tool.name for tool in hub.tools_of(one.name)])
        _line("jobs", [job.name for job in hub.jobs_of(one.name)])


def _described(route: Route | SocketRoute) -> str:
    if isinstance(route, SocketRoute):
        return f"WEBSOCKET {route.path}"
    return f"{route.method} {route.path}"


def _line(title: str, items: list[str]) -> None:
    for place, item in enumerate(items):
        click.echo(f"  {title if place == 0 else '':<11} {item}")
