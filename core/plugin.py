"""Plugin: how a module introduces itself to the hub."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import BaseModel

from core.events import Event

NAME = re.compile(r"[a-z][a-z0-9_]{1,30}")


class NoSettings(BaseModel, extra="forbid"):
    """A plugin without settings."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """A module's `plugin` object.

    Its hooks are the functions marked `@hookimpl` in the module, or, for a plugin that keeps
    something between calls, the methods of what `hooks` makes once per hub.
    """

    name: str  # a short lower-case word, also the `source` of what it knows
    version: str
    requires_hub: str = ">=0.1,<1"
    # Checked against plugins.toml at the start; what a method `concerns` lists, `hub doctor` says.
    settings: type[BaseModel] = NoSettings
    hooks: Callable[[], object] | None = None
    hears: tuple[type[Event], ...] = ()  # events its `on_event` is for; none named: every event

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(f"plugin name {self.name!r}: use lower-case letters, digits and _")
