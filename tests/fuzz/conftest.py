"""What the fuzzing shares: one hub on SQLite, and how much of it there is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.fuzz.target import Target

# FUZZ=10 sends ten times as much, each time something else (for a nightly run).
TIMES = int(os.environ.get("FUZZ", "1"))


def fuzzed(examples: int) -> settings:
    """How a property is tried: this often, the same each time unless FUZZ asks for more."""
    return settings(
        max_examples=examples * TIMES,
        derandomize=TIMES == 1,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )


@pytest.fixture(scope="module")
def target(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    folder = tmp_path_factory.mktemp("fuzz")
    copy = shutil.copy(sqlite_template, folder / "parley.db")
    found = Target()
    with found.up(folder, f"sqlite:///{copy}"):
        yield found
