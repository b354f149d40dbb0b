"""Which core serves and which core loads: they must not be the same one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

SERVER, LOAD = 0, 1


def problem() -> str | None:
    """Why this machine cannot keep server and load apart, or None."""
    if not hasattr(os, "sched_setaffinity"):
        return "this system cannot pin a process to a core (Linux can)"
    if not {SERVER, LOAD} <= os.sched_getaffinity(0):
        return "two cores are needed, 0 for the server and 1 for the load"
    return None


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """Run on `core`; a process started meanwhile stays there, with all its threads."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
