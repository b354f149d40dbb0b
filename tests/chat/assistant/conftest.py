"""What the assistant's tests share: a hub with a till beside the plugins that are always on."""

from __future__ import annotations

from pathlib import Path

import pytest

PLUGINS = (
    "chat.plugin",
    "chat.assistant.plugin",
    "widget.plugin",
    "connectors.customer_data.plugin",
    "tests.tills",
)


@pytest.fixture
def with_tills(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the hub of this test speak to a till; ask for it before the hub."""
    path = tmp_path / "plugins.toml"
    path.write_text("\n".join(f'[[plugin]]\nmodule = "{name}"' for name in PLUGINS))
    monkeypatch.setenv("PLUGINS", str(path))
