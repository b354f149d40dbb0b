"""A clock that rings at an exact rate: the loop's own timers are a millisecond coarse."""

from __future__ import annotations

import asyncio
import ctypes
import os
import time
from collections.abc import Callable

CLOCK_MONOTONIC = 1


class _Spec(ctypes.Structure):
    _fields_ = [(name, ctypes.c_long) for name in ("every_s", "every_ns", "first_s", "first_ns")]


class Ticker:
    """`with Ticker(1000, ring):` calls `ring(due)` a thousand times a second.

    `due` is when it should have rung; a late ring is made up for, never left out.
    """

    def __init__(self, rate: int, ring: Callable[[float], None]) -> None:
        self._every, self._ring, self._rung = 1 / rate, ring, 0

    def __enter__(self) -> Ticker:
        libc = ctypes.CDLL(None, use_errno=True)
        self._fd = libc.timerfd_create(CLOCK_MONOTONIC, os.O_NONBLOCK)
        every = round(self._every * 1e9)
        spec = _Spec(0, every, 0, every)
        if self._fd < 0 or libc.timerfd_settime(self._fd, 0, ctypes.byref(spec), None):
            raise OSError(ctypes.get_errno(), "timerfd")
        self._start = time.perf_counter()
        asyncio.get_running_loop().add_reader(self._fd, self._rang)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self._fd)
        os.close(self._fd)

    def _rang(self) -> None:
        for _ in range(int.from_bytes(os.read(self._fd, 8), "little")):
            self._rung += 1
            self._ring(self._start + self._rung * self._every)
