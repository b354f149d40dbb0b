"""The limit of disk and database, measured on the server's core: see `raw_sqlite.py`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import cores


def sqlite_limit(folder: Path, kind: str, size: int, seconds: float) -> float:
    """Rows a second through Python's sqlite3, `size` of them a commit."""
    with tempfile.TemporaryDirectory(dir=folder) as name, cores.pinned(cores.SERVER):
        asked = [kind, f"{name}/limit.db", str(seconds), str(size)]
        command = [sys.executable, "-m", "benchmarks.raw_sqlite", *asked]
        said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return float(said.stdout)
