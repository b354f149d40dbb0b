"""The assistant plugin: its tools, its turns, and what agents see of them."""

from __future__ import annotations

from importlib import import_module

from chat.assistant.engine import Engine, Passing, Question, Reply, Tell
from chat.assistant.engines import Engines
from chat.assistant.hearing import Hearing
from chat.assistant.sweeping import sweep_forever
from chat.assistant.tools import TOOLS
from chat.assistant.turns import Turns
from core.hookspecs import hookimpl
from core.plugin import Plugin
from core.services import Services
from core.tools import Tool


class Hooks:
    """The hooks, which share one hub's turns."""

    turns: Turns

    @hookimpl
    def register_tools(self, services: Services) -> list[Tool]:
        self.turns = Turns(services, Engines(_built_in()))
        return list(TOOLS)

    @hookimpl
    async def startup(self, services: Services) -> None:
        services.subscribe(Hearing(self.turns).hear)
        services.spawn(sweep_forever(self.turns), "assistant.sweep")


class _Nobody:
    name = "built-in"

    async def answer(self, question: Question, tell: Tell) -> Reply:
        return Reply(text="", locale=question.locale, passing=Passing("unsure", "No engine."))


def _built_in() -> Engine:
    try:
        built_in: Engine = import_module("chat.assistant.builtin").BuiltIn()
    except (ImportError, AttributeError):
        return _Nobody()
    return built_in


plugin = Plugin(name="assistant", version="0.1.0", hooks=Hooks)
