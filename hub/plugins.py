"""Plugins: which are on, what they register, and how their hooks are called."""

from __future__ import annotations

import asyncio
import importlib
import os
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pluggy
import structlog
from packaging.specifiers import SpecifierSet
from pydantic import BaseModel, ValidationError

from core import hookspecs
from core.errors import Refused
from core.plugin import Plugin
from hub import __version__

log = structlog.get_logger("hub.plugins")

GROUP = "parley.plugins"
HOOKS = [name for name, spec in vars(hookspecs).items() if hasattr(spec, "parley_spec")]
DEADLINE = 5.0  # seconds an acting hook may take
FAULTS = 5  # in a row, until a plugin's acting hooks are no longer called
QUARANTINE = 60.0  # seconds


PLUGINS_TOML = Path(__file__).parent.parent / "plugins.toml"


class PluginError(Exception):
    """A plugin that cannot be switched on; the message says which and why."""


@dataclass(slots=True)
class Loaded:
    """A plugin that is on."""

    plugin: Plugin
    module: str
    holder: object  # the module, or what the plugin's `hooks` made
    settings: BaseModel
    faults: int = 0
    quarantined_until: float = 0.0
    calls: Counter[str] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        return self.plugin.name

    @property
    def quarantined(self) -> bool:
        return time.monotonic() < self.quarantined_until


class Plugins:
    """The plugins that are on, and the one way their hooks are called."""

    def __init__(self, loaded: Iterable[Loaded], *, trace: bool = False) -> None:
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self._loaded = {one.name: one for one in loaded}
        self._trace = trace
        for one in self._loaded.values():
            self._register(one)

    def _register(self, one: Loaded) -> None:
        try:
            self._manager.register(one.holder, name=one.name)
            self._manager.check_pending()  # a misspelt hook stops the hub instead of doing nothing
        except pluggy.PluginValidationError as error:
            raise PluginError(f"plugin {one.name}: {error}") from error

    def __iter__(self) -> Iterator[Loaded]:
        return iter(self._loaded.values())

    def implements(self, hook: str) -> list[str]:
        """Names of the plugins with this hook, in the order they are called."""
        return [implementation.plugin_name for implementation in self._implementations(hook)]

    def _implementations(self, hook: str) -> list[Any]:
        return list(getattr(self._manager.hook, hook).get_hookimpls())

    def collect(self, hook: str, **arguments: Any) -> list[tuple[str, Any]]:
        """What a registering hook returned, with the plugin's name; a failure stops the start."""
        collected = []
        for implementation in self._implementations(hook):
            name = implementation.plugin_name
            try:
                answer = implementation.function(*self._picked(implementation, arguments))
            except (Exception, SystemExit) as error:
                raise PluginError(f"plugin {name}: {hook} failed: {error!r}") from error
            if not isinstance(answer, list):
                raise PluginError(f"plugin {name}: {hook} must return a list, not {answer!r}")
            self._report(name, hook, 0.0, f"{len(answer)} registered")
            collected += [(name, item) for item in answer]
        return collected

    async def call(
        self, hook: str, *, strict: bool = False, **arguments: Any
    ) -> list[tuple[str, Any]]:
        """Run an acting hook in every plugin, side by side, each within the deadline.

        A plugin that raises or hangs is named in the log and left out; after repeated faults
        it is not called for a while. With `strict` (startup) the first failure is raised.
        """
        ready = [
            implementation
            for implementation in self._implementations(hook)
            if not self._loaded[implementation.plugin_name].quarantined
        ]
        outcomes = await asyncio.gather(
            *(self._run(hook, implementation, arguments) for implementation in ready)
        )
        answers = []
        for implementation, (answer, error) in zip(ready, outcomes, strict=True):
            if error is None:
                answers.append((implementation.plugin_name, answer))
            elif strict:
                name = implementation.plugin_name
                raise PluginError(f"plugin {name}: {hook} failed: {error!r}") from error
        return answers

    async def guard(self, hook: str, **arguments: Any) -> list[Any]:
        """What every plugin's guard answers; Refused, naming the plugin, if one cannot.

        A plugin in quarantine is asked, too: a guard that is left out would let pass.
        """
        answers = []
        for implementation in self._implementations(hook):
            answer, error = await self._run(hook, implementation, arguments)
            if error is not None:
                raise Refused(
                    f"The plugin {implementation.plugin_name} could not decide. Ask your operator.",
                    code="guard_failed",
                )
            answers.append(answer)
        return answers

    async def _run(
        self, hook: str, implementation: Any, arguments: Mapping[str, Any]
    ) -> tuple[Any, BaseException | None]:
        one = self._loaded[implementation.plugin_name]
        one.calls[hook] += 1
        started = time.perf_counter()
        try:
            async with asyncio.timeout(DEADLINE):
                answer = await implementation.function(*self._picked(implementation, arguments))
        except (Exception, SystemExit) as error:  # contained: the others and the core go on
            self._blame(one, hook, error)
            self._report(one.name, hook, time.perf_counter() - started, repr(error))
            return None, error
        one.faults = 0
        self._report(one.name, hook, time.perf_counter() - started, "ok")
        return answer, None

    def _blame(self, one: Loaded, hook: str, error: BaseException) -> None:
        one.faults += 1
        what = "took too long" if isinstance(error, TimeoutError) else repr(error)
        log.error("plugin_failed", plugin=one.name, hook=hook, error=what, faults=one.faults)
        if one.faults >= FAULTS:
            one.faults = 0
            one.quarantined_until = time.monotonic() + QUARANTINE
            log.error("plugin_quarantined", plugin=one.name, seconds=QUARANTINE)

    def _picked(self, implementation: Any, arguments: Mapping[str, Any]) -> list[Any]:
        """The arguments a hook asked for by name; `settings` are its own plugin's."""
        own = {"settings": self._loaded[implementation.plugin_name].settings}
        return [{**own, **arguments}[name] for name in implementation.argnames]

    def _report(self, name: str, hook: str, seconds: float, outcome: str) -> None:
        if self._trace:
            log.info("trace", plugin=name, hook=hook, ms=round(seconds * 1000, 2), outcome=outcome)


def plugins_file() -> Path:
    """The file that names the plugins that are on."""
    return Path(os.environ.get("PLUGINS", PLUGINS_TOML))


def load_plugins(config: Path, *, trace: bool | None = None) -> Plugins:
    """The plugins named in `plugins.toml`, then those found by their entry point.

    Raises PluginError naming the plugin for a module that is missing, settings that do not
    fit, a hub that is too old, or a misspelt hook.
    """
    entries = tomllib.loads(config.read_text()).get("plugin", []) if config.exists() else []
    loaded = [_load(entry["module"], entry.get("settings", {})) for entry in entries]
    named = {one.module for one in loaded}
    for point in entry_points(group=GROUP):
        if point.module not in named:
            loaded.append(_load(point.module, {}))
    names = Counter(one.name for one in loaded)
    if twice := [name for name, count in names.items() if count > 1]:
        raise PluginError(f"two plugins are called {twice[0]!r}")
    if trace is None:
        trace = os.environ.get("HUB_TRACE") == "1"
    return Plugins(loaded, trace=trace)


def _load(module_name: str, settings: Mapping[str, Any]) -> Loaded:
    try:
        module = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:
        raise PluginError(f"plugin {module_name}: cannot be imported: {error!r}") from error
    plugin = getattr(module, "plugin", None)
    if not isinstance(plugin, Plugin):
        raise PluginError(f"plugin {module_name}: has no `plugin = Plugin(name=…, version=…)`")
    if not SpecifierSet(plugin.requires_hub).contains(__version__):
        raise PluginError(
            f"plugin {plugin.name} needs hub {plugin.requires_hub}; this is {__version__}"
        )
    try:
        parsed = plugin.settings.model_validate(_with_environment(settings))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "settings"
        raise PluginError(f"plugin {plugin.name}: {where}: {first['msg']}") from error
    holder = plugin.hooks() if plugin.hooks is not None else module
    return Loaded(plugin, module_name, holder, parsed)


def _with_environment(settings: Mapping[str, Any]) -> dict[str, Any]:
    """`{ env = "NAME" }` replaced by the environment's value, so that files hold no secret."""
    return {
        name: os.environ.get(value["env"])
        if isinstance(value, dict) and set(value) == {"env"}
        else value
        for name, value in settings.items()
    }
