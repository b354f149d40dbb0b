"""What the figures were measured on: no host name, no path, nothing that names anyone."""

from __future__ import annotations

import os
import platform
import resource
import sqlite3
import statistics
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import node


def cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def fsync_ms(folder: Path, times: int = 50) -> float:
    """The median milliseconds one fsync takes on the disk the servers write to."""
    took = []
    with (folder / "fsync").open("wb", buffering=0) as file:
        for _ in range(times):
            file.write(b"x" * 4096)
            start = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - start)
    return round(statistics.median(took) * 1000, 3)


def own_cpu() -> float:
    """Seconds of processor time this process has used: the load's cost."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def others_busy(seconds: float = 1.0) -> float:
    """The share of all cores someone else uses now; above a few percent, figures are noise."""
    if not Path("/proc/stat").exists():
        return 0.0
    before = _ticks()
    time.sleep(seconds)
    idle, total = (now - then for now, then in zip(_ticks(), before, strict=True))
    return round(1 - idle / total, 3)


def _ticks() -> tuple[int, int]:
    fields = [int(x) for x in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return fields[3] + fields[4], sum(fields)


def facts(folder: Path) -> dict[str, Any]:
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "kernel": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "uvloop": version("uvloop"),
        "sqlite": sqlite3.sqlite_version,
        "node": node.version(),
        "fsync_ms": fsync_ms(folder),
        "others_busy": others_busy(),
    }
