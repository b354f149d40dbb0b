"""The widget plugin: serves the embeddable chat widget."""

from __future__ import annotations

from core.events import AppearanceChanged, AssistantChanged, Event, Logged
from core.hookspecs import hookimpl
from core.plugin import Plugin
from core.routes import Route
from core.shown import CHANGES
from widget import help_routes, pages
from widget.help_routes import HelpRoutes
from widget.routes import WidgetRoutes, routes


class WidgetHooks:
    """The hooks of the widget, which share what its routes remember."""

    def __init__(self) -> None:
        self._routes = WidgetRoutes()
        self._help = HelpRoutes()

    @hookimpl
    def register_routes(self) -> list[Route]:
        return [*routes(self._routes), *help_routes.routes(self._help), *pages.ROUTES]

    @hookimpl
    async def on_event(self, event: Logged) -> None:
        if isinstance(event.event, CHANGES):
            self._help.forget(event.workspace_id)
        match event.event:
            case AppearanceChanged(widget=widget_id):
                self._routes.forget(widget_id)
            case AssistantChanged():
                self._routes.forget_all()


HEARD: tuple[type[Event], ...] = (AssistantChanged, *CHANGES)
plugin = Plugin(name="widget", version="0.1.0", hooks=WidgetHooks, hears=HEARD)
