"""What the fuzzing shares: one hub on SQLite, and how much of it there is."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz.target import Target

# FUZZ=10 sends ten times as much, each time something else (for a nightly run).
TIMES = int(os.environ.get("FUZZ", "1"))
SEED = os.environ.get("FUZZ_SEED") or (str(random.randrange(10**9)) if TIMES > 1 else "parley")


@pytest.fixture(scope="module")
def target(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    folder = tmp_path_factory.mktemp("fuzz")
    copy = shutil.copy(sqlite_template, folder / "parley.db")
    found = Target()
    with found.up(folder, f"sqlite:///{copy}"):
        yield found
