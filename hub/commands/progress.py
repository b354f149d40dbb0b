"""Progress: one line on standard error that says how far something is, once it takes a while."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
PATIENCE = 1.0  # seconds before anything is said
EVERY = {True: 0.2, False: 10.0}  # seconds between two lines, on a terminal and in a log


async def with_progress(work: Coroutine[Any, Any, T], how_far: Callable[[], str]) -> T:
    """The outcome of `work`; while it goes on, `how_far()` is shown."""
    task, began = asyncio.ensure_future(work), time.monotonic()
    on_terminal = sys.stderr.isatty()
    await asyncio.wait({task}, timeout=PATIENCE)
    while not task.done():
        line = f"{how_far()}, {time.monotonic() - began:.0f} s"
        sys.stderr.write(f"\r\033[K{line}" if on_terminal else f"{line}\n")
        sys.stderr.flush()
        await asyncio.wait({task}, timeout=EVERY[on_terminal])
    if on_terminal:
        sys.stderr.write("\r\033[K")
    return await task


def size(count: float) -> str:
    """Bytes as people read them: 12.3 MB."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
