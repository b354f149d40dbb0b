"""The widget plugin: serves the embeddable chat widget."""

from __future__ import annotations

from core.events import AppearanceChanged, AssistantChanged, Logged
from core.hookspecs import hookimpl
from core.plugin import Plugin
from core.routes import Route
from widget import pages
from widget.routes import WidgetRoutes, routes


class WidgetHooks:
    """The hooks of the widget, which share one cache."""

    def __init__(self) -> None:
        self._routes = WidgetRoutes()

    @hookimpl
    def register_routes(self) -> list[Route]:
        return [*routes(self._routes), *pages.ROUTES]

    @hookimpl
    async def on_event(self, event: Logged) -> None:
        match event.event:
            case AppearanceChanged(widget=widget_id):
                self._routes.forget(widget_id)
            case AssistantChanged():
                self._routes.forget_all()


HEARD = (AppearanceChanged, AssistantChanged)
plugin = Plugin(name="widget", version="0.1.0", hooks=WidgetHooks, hears=HEARD)
