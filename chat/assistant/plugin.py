"""The assistant plugin: its tools, its turns, and what agents see of them."""

from __future__ import annotations

from typing import Any

from chat.assistant import model
from chat.assistant.builtin import BuiltIn
from chat.assistant.engines import Engines
from chat.assistant.hearing import Hearing
from chat.assistant.routes import routes
from chat.assistant.sweeping import sweep_forever
from chat.assistant.tools import TOOLS
from chat.assistant.turns import Turns
from core.hookspecs import hookimpl
from core.plugin import Plugin
from core.routes import Route, SocketRoute
from core.services import Services
from core.tools import Tool


class Hooks:
    """The hooks, which share one hub's turns."""

    turns: Turns
    services: Services
    settings: model.ModelSettings

    @property
    def engines(self) -> Engines:
        """What answers."""
        return self.turns.engines

    @hookimpl
    def register_routes(
        self, services: Services, settings: model.ModelSettings
    ) -> list[Route | SocketRoute]:
        self.services, self.settings = services, settings
        engines = Engines(BuiltIn(), model.model_engine(services, settings))
        self.turns = Turns(services, engines)
        return [*routes(self)]

    @hookimpl
    def register_tools(self) -> list[Tool]:
        return list(TOOLS)

    @hookimpl
    async def startup(self, services: Services) -> None:
        services.subscribe(Hearing(self.turns).hear)
        services.spawn(sweep_forever(self.turns), "assistant.sweep")

    def describe_model(self) -> dict[str, Any]:
        """Which model the operator has set up."""
        return model.describe(self.settings)

    async def check_model(self) -> tuple[bool, str]:
        """Whether it answers, and what it says."""
        return await model.check(self.services, self.settings)


plugin = Plugin(name="assistant", version="0.1.0", settings=model.ModelSettings, hooks=Hooks)
