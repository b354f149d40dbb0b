"""E2: the tool that docs/plugins.md shows is one: it is listed, used, and refused what it must."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from connectors.testing.hubs import RunningHub, Shop
from core.tools import Toolbox

pytestmark = pytest.mark.anyio
GUIDE = Path(__file__).parents[3] / "docs" / "plugins.md"


@pytest.fixture(autouse=True)
def brewing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guide's plugin, switched on."""
    _, _, rest = GUIDE.read_text().partition("## A tool")
    found = re.search(r"```python\n(.*?)```", rest, re.S)
    assert found
    module = ModuleType("brewing_from_the_guide")
    exec(compile(found[1], str(GUIDE), "exec"), module.__dict__)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    path = tmp_path / "plugins.toml"
    names = ("chat.plugin", module.__name__)
    path.write_text("\n".join(f'[[plugin]]\nmodule = "{name}"' for name in names))
    monkeypatch.setenv("PLUGINS", str(path))


async def test_E2_the_documented_tool_answers(hub: RunningHub, shop: Shop) -> None:
    visitor = await shop.visitor()
    box = Toolbox(hub.hub.services, shop.workspace_id, "talk-0001", visitor.id, turn="t")
    assert [tool.name for tool in box.offered()] == ["steeping_time"]
    found = await box.use("steeping_time", {"name": "Sencha"})
    assert (found.status, found.data["steeps"]) == ("found", "2 minutes at 70 °C")
    assert (await box.use("steeping_time", {"name": "gravel"})).status == "nothing"
    refused = await box.use("steeping_time", {"name": "Assam", "customer_id": "7"})
    assert refused.status == "refused"
