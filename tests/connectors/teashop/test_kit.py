"""E4: the kit works outside of this repository's own tests, and asks only what a connector can."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from connectors.testing.contract import needs
from core import Backfills, Connector, IssuesDiscounts
from tests.connectors.teashop.plugin import TeaShop

HERE = Path(__file__).parent
FILES = ("plugin.py", "standin.py", "test_contract.py")
OURS = 'pytest_plugins = ["connectors.testing.fixtures"]\n'


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """Tea Shop as its author's own package, with tests beside it and no conftest."""
    folder = tmp_path / "tea_for_parley"
    folder.mkdir()
    for name in FILES:
        text = (HERE / name).read_text().replace("tests.connectors.teashop", "tea_for_parley")
        (folder / name).write_text(text)
    with (folder / "test_contract.py").open("a") as tests:
        tests.write(OURS)
    return folder


def pytest_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    own = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    path = f"{folder.parent}:{HERE.parents[2]}"
    return subprocess.run(
        own,
        capture_output=True,
        text=True,
        timeout=50,
        cwd=folder.parent,
        env={"PYTHONPATH": path, "PATH": ""},
    )


def test_E4_an_author_inherits_the_contract_with_one_line(outside: Path) -> None:
    ran = pytest_in(outside, "-W", "error", "-k", "manifest or signature", str(outside))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "2 passed" in ran.stdout


def test_E4_the_contracts_assertions_say_what_differed(outside: Path) -> None:
    plugin = outside / "plugin.py"
    genuine = "return hmac.compare_digest(wanted.hexdigest().encode(), given.encode())"
    assert genuine in plugin.read_text()
    plugin.write_text(plugin.read_text().replace(genuine, "return True"))
    ran = pytest_in(outside, "-k", "signature", str(outside))
    assert ran.returncode == 1
    assert "assert 200 == 401" in ran.stdout


def test_E4_a_stand_in_runs_without_pytest() -> None:
    code = "import sys, connectors.testing.standin; sys.exit('pytest' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=HERE.parents[2]).returncode == 0


def test_E4_what_a_connector_cannot_do_is_left_out() -> None:
    connectors = {"bare": Connector(), "teashop": object.__new__(TeaShop)}
    hub: Any = SimpleNamespace(hub=SimpleNamespace(services=SimpleNamespace(connectors=connectors)))
    bare: Any = SimpleNamespace(connector="bare")
    teashop: Any = SimpleNamespace(connector="teashop")
    needs(hub, teashop, Backfills, IssuesDiscounts)
    with pytest.raises(pytest.skip.Exception, match="bare has no IssuesDiscounts"):
        needs(hub, bare, IssuesDiscounts)
