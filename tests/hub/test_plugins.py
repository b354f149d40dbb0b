"""Plugins are switched on by name, called in one way, and never take the hub with them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from hub import plugins as hub_plugins
from hub.app import checked_routes
from hub.cli import main
from hub.plugins import PluginError, load_plugins

pytestmark = pytest.mark.anyio

GOOD = """
from core import Plugin, hookimpl
from pydantic import BaseModel

class Settings(BaseModel, extra="forbid"):
    kettles: int = 1
    token: str | None = None

plugin = Plugin(name="{name}", version="1.0", settings=Settings)
heard = []

@hookimpl
async def on_event(services, event):
    heard.append(event)
"""


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Write a plugin module, or plugins.toml."""
    monkeypatch.syspath_prepend(tmp_path)
    written = []

    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text)
        written.append(path.stem)
        return path

    yield write
    for name in written:
        sys.modules.pop(name, None)


def load(write: Any, *modules: str, settings: str = "") -> hub_plugins.Plugins:
    lines = [f'[[plugin]]\nmodule = "{module}"\n{settings}' for module in modules]
    return load_plugins(write("plugins.toml", "\n".join(lines)))


def test_E1_a_module_named_in_plugins_toml_is_on(
    write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEA_TOKEN", "s3cret")
    write("teashop.py", GOOD.format(name="teashop"))
    settings = 'settings = { kettles = 3, token = { env = "TEA_TOKEN" } }'
    (one,) = load(write, "teashop", settings=settings)
    assert (one.name, one.settings.kettles, one.settings.token) == ("teashop", 3, "s3cret")


def test_E1_an_installed_package_is_found_by_its_entry_point(
    write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("packaged.py", GOOD.format(name="packaged"))
    point = SimpleNamespace(module="packaged")
    monkeypatch.setattr(hub_plugins, "entry_points", lambda group: [point])
    assert [one.name for one in load(write)] == ["packaged"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has no `plugin"),
        ("import nowhere_to_be_found", "cannot be imported"),
        (GOOD.replace("on_event", "on_evnet"), "on_evnet"),
        (GOOD.replace("services, event", "services, evnt"), "evnt"),
        (GOOD.replace('version="1.0"', 'version="1.0", requires_hub=">=9"'), "needs hub >=9"),
        (GOOD.replace("int = 1", "int"), "kettles: Field required"),
    ],
    ids=["no plugin", "no import", "misspelt hook", "misspelt argument", "too new", "setting"],
)
def test_E1_a_plugin_that_cannot_be_on_stops_the_start_and_says_why(
    write: Any, text: str, reason: str
) -> None:
    write("broken.py", text.replace("{name}", "broken"))
    with pytest.raises(PluginError, match="broken") as refused:
        load(write, "broken")
    assert reason in str(refused.value)


def test_T1_a_route_without_a_declaration_stops_the_start() -> None:
    route = SimpleNamespace(method="GET", path="/v1/open", access=None)
    with pytest.raises(PluginError, match="GET /v1/open does not declare who may use it"):
        checked_routes([("teashop", route)])


class Faulty:
    """A plugin whose hook does something unkind."""

    def __init__(self, write: Any, body: str) -> None:
        text = GOOD.replace("    heard.append(event)", f"    heard.append(event)\n    {body}")
        write("faulty.py", "import asyncio\n" + text.format(name="faulty"))
        write("steady.py", GOOD.format(name="steady"))
        self.plugins = load(write, "faulty", "steady")

    async def tell(self, event: object = "an event") -> list[str]:
        """Tell both plugins; the names of those that answered."""
        answers = await self.plugins.call("on_event", services=None, event=event)
        return [name for name, _ in answers]

    def heard(self, name: str) -> int:
        return len(sys.modules[name].heard)


@pytest.mark.parametrize("body", ["raise ValueError('burnt')", "raise SystemExit", "1 / 0"])
async def test_E5_D_5_a_plugin_that_raises_is_named_and_the_others_go_on(
    write: Any, body: str
) -> None:
    both = Faulty(write, body)
    with capture_logs() as logs:
        assert await both.tell() == ["steady"]
    assert logs[0]["plugin"] == "faulty" and logs[0]["hook"] == "on_event"


async def test_E5_D_5_a_plugin_that_hangs_is_cut_off(
    write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_plugins, "DEADLINE", 0.05)
    both = Faulty(write, "await asyncio.sleep(60)")
    async with asyncio.timeout(1):
        assert await both.tell() == ["steady"]


async def test_E5_D_5_after_repeated_faults_a_plugin_rests_and_then_gets_another_chance(
    write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_plugins, "QUARANTINE", 0.2)
    both = Faulty(write, "raise ValueError")
    for _ in range(hub_plugins.FAULTS + 3):
        await both.tell()
    assert both.heard("faulty") == hub_plugins.FAULTS
    assert both.heard("steady") == hub_plugins.FAULTS + 3
    await asyncio.sleep(0.25)
    await both.tell()
    assert both.heard("faulty") == hub_plugins.FAULTS + 1


@pytest.mark.parametrize("answer", ["None", "'nonsense'", "{}"])
def test_E5_a_registering_hook_that_returns_nonsense_stops_the_start(
    write: Any, answer: str
) -> None:
    write(
        "odd.py",
        "from core import Plugin, hookimpl\nplugin = Plugin(name='odd', version='1')\n"
        f"@hookimpl\ndef register_routes():\n    return {answer}\n",
    )
    with pytest.raises(PluginError, match="plugin odd: register_routes must return a list"):
        load(write, "odd").collect("register_routes", services=None)


async def test_E2_a_trace_shows_who_ran_how_long_and_what_failed(write: Any) -> None:
    both = Faulty(write, "raise ValueError('burnt')")
    both.plugins._trace = True
    with capture_logs() as logs:
        await both.tell()
    traced = {entry["plugin"]: entry["outcome"] for entry in logs if entry["event"] == "trace"}
    assert traced == {"faulty": "ValueError('burnt')", "steady": "ok"}


def test_E2_hub_plugins_lists_what_each_adds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    shown = CliRunner().invoke(main, ["plugins"])
    assert shown.exit_code == 0, shown.output
    for line in (
        "customer_data 0.1.0",
        "POST /v1/chat/ingest/records",
        "WEBSOCKET /v1/chat/socket",
        "tools       search_products",
    ):
        assert line in shown.output
