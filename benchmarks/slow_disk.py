"""The slow disk: a shim, compiled on the spot, that makes every fsync take 2 ms."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("slow_disk.c")


class NoCompiler(Exception):
    """There is no C compiler here, so the slow disk is left out."""


def built(folder: Path) -> dict[str, str]:
    """The environment that puts a process on the slow disk."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise NoCompiler("no gcc or cc: the runs on a slow disk are LEFT OUT")
    library = folder / "slow_disk.so"
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"], check=True)
    return {"LD_PRELOAD": str(library)}
