"""E4: a new plugin works from the first minute."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from connectors.testing.hubs import RunningHub, serve
from core.events import Logged, RecordChanged
from hub.cli import main
from hub.plugins import load_plugins

pytestmark = pytest.mark.anyio
SECRET = "what the bakery signs with"


@pytest.fixture
def bakery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a plugin made by `hub new-plugin bakery`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    made = CliRunner().invoke(main, ["new-plugin", "bakery"])
    assert made.exit_code == 0, made.output
    yield tmp_path / "plugins" / "bakery"
    for name in [name for name in sys.modules if name.startswith("plugins")]:
        del sys.modules[name]


def test_E4_its_own_tests_pass(bakery: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(bakery)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=bakery.parents[1],
        env={"PYTHONPATH": f"{bakery.parents[1]}:{Path(__file__).parents[2]}", "PATH": ""},
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "1 passed" in ran.stdout


def test_E4_a_name_that_is_none_or_taken_is_refused(bakery: Path) -> None:
    for name in ("Bakery", "../up", "bakery"):
        assert CliRunner().invoke(main, ["new-plugin", name]).exit_code != 0


async def test_E4_its_signed_webhook_ends_on_the_customers_timeline(
    bakery: Path, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BAKERY_SECRET", SECRET)
    async with serve(tmp_path / "first", sqlite_url) as running:
        workspace_id = (await running.shop()).workspace_id
    settings = f'{{ workspace = "{workspace_id}", secret = {{ env = "BAKERY_SECRET" }} }}'
    (tmp_path / "plugins.toml").write_text(
        '[[plugin]]\nmodule = "chat.plugin"\n'
        f'[[plugin]]\nmodule = "plugins.bakery.plugin"\nsettings = {settings}\n'
    )
    assert [one.name for one in load_plugins(tmp_path / "plugins.toml")] == ["chat", "bakery"]
    monkeypatch.setenv("PLUGINS", str(tmp_path / "plugins.toml"))
    async with serve(tmp_path / "second", sqlite_url) as running:
        await tell_of_an_order(running, bakery)


async def tell_of_an_order(running: RunningHub, bakery: Path) -> None:
    body = (bakery / "fixtures/order.json").read_bytes()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    path = "/v1/bakery/webhook"
    refused = await running.http.post(path, content=body, headers={"X-Bakery-Signature": "no"})
    assert refused.status_code == 401
    heard: asyncio.Queue[RecordChanged] = asyncio.Queue()

    def hear(entries: Sequence[Logged]) -> None:
        for entry in entries:
            if isinstance(entry.event, RecordChanged):
                heard.put_nowait(entry.event)

    running.hub.bus.subscribe(hear)
    for _ in range(2):  # webhooks come twice
        answer = await running.http.post(
            path, content=body, headers={"X-Bakery-Signature": signature}
        )
        assert answer.status_code == 200, answer.text
    async with asyncio.timeout(5):
        changed = await heard.get()
    assert changed.record.amount is not None
    assert changed.record.amount.text == "19.90"
    await asyncio.sleep(0.3)
    assert heard.empty()  # the second one said nothing new
